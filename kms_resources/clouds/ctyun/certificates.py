"""CTYun KMS OpenAPI `/v1`: certificates, from the request to the revocation, and the use of their keys.

Two pages were read: https://www.ctyun.cn/document/10014047/10325274 (delete) and https://www.ctyun.cn/qzdh/143601_60
(describe). USB-key certificates and the export of a private key are reached by `CtyunCrypto.call`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kms_resources.clouds.certificates import (
    ActualCertificate,
    CertificateContent,
    CertificateId,
    CertificateRequest,
    CertificateSettings,
    CertificateState,
)
from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.ctyun import convert, payload
from kms_resources.clouds.ctyun.api import RATES, Api
from kms_resources.clouds.ctyun.auth import CtyunAuth
from kms_resources.clouds.ctyun.words import CERTIFICATE_STATES, OPERATIONS, PROTECTIONS, SPECS, WORDS
from kms_resources.clouds.transport import Transport
from kms_resources.crypto.words import Algorithm, MessageForm
from kms_resources.errors import InputError, NotFoundError, RejectedError, UnclearError, WrongStateError
from kms_resources.model import Protection, Target

_NAME = re.compile(r"[A-Za-z0-9*._:@-]+")
_QUOTED = re.compile(r"""["']([^"']*)["']""")
_DETAILS: Mapping[str, str] = {
    "issuer": "issuer",
    "serial": "serial",
    "not_before": "notBefore",
    "not_after": "notAfter",
    "created": "createdAt",
    "updated": "updatedAt",
    "signature_algorithm": "signatureAlgorithm",
    "public_key": "subjectPublicKey",
    "key_identifier": "subjectKeyIdentifier",
}
_DESCRIPTION = OPERATIONS["describe_certificate"].answer
_IN_EVERY_ROW = [_DESCRIPTION[wire].wire for wire in (*_DETAILS.values(), *map(WORDS.get, ("spec", "status"))) if wire]
"""What a row of the listing must have; otherwise the certificate is asked for by itself."""


class CtyunCertificates:
    """One method per need of `CertificateClient`; the docstrings say which operation it takes."""

    def __init__(self, target: Target, credentials: Credentials, url: str, transport: Transport | None = None) -> None:
        self.target = target
        self._transport = transport or Transport(where=f"target {target.name}", rates=RATES)
        self._api = Api(target, CtyunAuth(credentials), url, self._transport)

    def create_certificate(self, settings: CertificateSettings) -> CertificateRequest:
        """Operation createCertificate. Never repeated: nothing refuses a second one."""
        answer = self._api.call(
            "create_certificate",
            spec=SPECS[settings.spec][0],
            subject=settings.subject,
            names=_list_text(settings.names),
            exportable=int(settings.exportable),
            # As for keys: what should have been in hardware cannot be moved there.
            protection=PROTECTIONS[settings.protection or Protection.HSM][0],
            instance=self.target.instance or None,
        )
        operation = OPERATIONS["create_certificate"]
        certificate_id = CertificateId(payload.text(operation, answer, "certificate_id"))
        return CertificateRequest(certificate_id, payload.text(operation, answer, "csr"))

    def upload_certificate(self, certificate_id: CertificateId, certificate: str, chain: str = "") -> None:
        """Operation uploadCertificate. Never repeated."""
        self._on("upload_certificate", certificate_id, certificate=certificate, chain=chain or None)

    def import_pkcs12(
        self, content: bytes, passphrase: str, *, exportable: bool = False, protection: Protection | None = None
    ) -> CertificateId:
        """Operation importPkcs12Certificate. Never repeated: nothing refuses a second one."""
        answer = self._api.call(
            "import_pkcs12",
            pkcs12=payload.base64_of(content),
            passphrase=passphrase,
            exportable=int(exportable),
            protection=PROTECTIONS[protection or Protection.HSM][0],
            instance=self.target.instance or None,
        )
        return CertificateId(payload.text(OPERATIONS["import_pkcs12"], answer, "certificate_id"))

    def describe_certificate(self, certificate_id: CertificateId) -> ActualCertificate:
        """Operation describeCertificate."""
        row = self._row(certificate_id)
        actual = _certificate(row)
        if actual is None:
            raise RejectedError(
                f"certificate {certificate_id} is of an unknown kind",
                where=self._api.where,
                why=f"spec {row.get(WORDS['spec'])!r}",
            )
        return actual

    def get_certificate(self, certificate_id: CertificateId) -> CertificateContent:
        """Operation getCertificate."""
        answer = self._on("get_certificate", certificate_id)
        texts = (str(answer.get(WORDS[word]) or "") for word in ("certificate", "chain", "csr"))
        return CertificateContent(*texts)

    def list_certificates(self) -> Iterator[ActualCertificate]:
        """Operation listCertificates, 100 a page. Kinds that this product cannot make are left out."""
        for row in self._api.pages("list_certificates", "certificate_id"):
            complete = all(wire in row for wire in _IN_EVERY_ROW)
            actual = _certificate(row if complete else self._row(CertificateId(str(row[WORDS["certificate_id"]]))))
            if actual:
                yield actual

    def enable_certificate(self, certificate_id: CertificateId) -> None:
        """Operation updateCertificateStatus."""
        self._set_state(certificate_id, CertificateState.ENABLED)

    def disable_certificate(self, certificate_id: CertificateId) -> None:
        """Operation updateCertificateStatus."""
        self._set_state(certificate_id, CertificateState.DISABLED)

    def revoke_certificate(self, certificate_id: CertificateId) -> None:
        """Operation updateCertificateStatus. For good."""
        self._set_state(certificate_id, CertificateState.REVOKED)

    def delete_certificate(self, certificate_id: CertificateId) -> None:
        """Operation deleteCertificate. At once and for good; never repeated."""
        self._on("delete_certificate", certificate_id)

    def sign(
        self,
        certificate_id: CertificateId,
        algorithm: Algorithm,
        message: bytes,
        form: MessageForm = MessageForm.RAW,
    ) -> bytes:
        """Operation certificatePrivateKeySign."""
        answer = self._on("certificate_sign", certificate_id, **_message(algorithm, message, form))
        return payload.binary(OPERATIONS["certificate_sign"], answer, "signature_value")

    def verify(
        self,
        certificate_id: CertificateId,
        algorithm: Algorithm,
        message: bytes,
        signature: bytes,
        form: MessageForm = MessageForm.RAW,
    ) -> bool:
        """Operation certificatePublicKeyVerify."""
        values = _message(algorithm, message, form) | {"signature_value": payload.base64_of(signature)}
        if not payload.is_signature(algorithm, signature):
            return False
        answer = self._on("certificate_verify", certificate_id, **values)
        return payload.truth(OPERATIONS["certificate_verify"], answer, "valid")

    def encrypt(self, certificate_id: CertificateId, algorithm: Algorithm, plaintext: bytes) -> bytes:
        """Operation certificatePublicKeyEncrypt."""
        values = {"plaintext": payload.base64_of(plaintext)}
        word = payload.algorithm_word(algorithm, signs=False)
        answer = self._on("certificate_encrypt", certificate_id, algorithm=word, **values)
        return payload.binary(OPERATIONS["certificate_encrypt"], answer, "blob")

    def decrypt(self, certificate_id: CertificateId, algorithm: Algorithm, ciphertext: bytes) -> bytes:
        """Operation certificatePrivateKeyDecrypt."""
        values = {"blob": payload.base64_of(ciphertext)}
        word = payload.algorithm_word(algorithm, signs=False)
        answer = self._on("certificate_decrypt", certificate_id, algorithm=word, **values)
        return payload.binary(OPERATIONS["certificate_decrypt"], answer, "plaintext")

    def _set_state(self, certificate_id: CertificateId, state: CertificateState) -> None:
        self._on("set_certificate_status", certificate_id, status=int(CERTIFICATE_STATES[state][0]))

    def _row(self, certificate_id: CertificateId) -> dict[str, Any]:
        row = self._api.call("describe_certificate", certificate_id=certificate_id)
        if row.get(WORDS["certificate_id"]) != certificate_id:
            raise UnclearError(
                f"describeCertificate did not tell about certificate {certificate_id}",
                where=self._api.where,
                why="the answer names another certificate or none",
            )
        return row

    def _on(self, name: str, certificate_id: CertificateId, **values: object) -> dict[str, Any]:
        """A call that names a certificate. A 404 may mean that it is not there, or that its state forbids the call."""
        try:
            return self._api.call(name, certificate_id=certificate_id, **values)
        except NotFoundError as error:
            try:
                row = self._row(certificate_id)
            except NotFoundError:
                raise error from None
            raise WrongStateError(
                error.what,
                where=self._api.where,
                why=f"certificate {certificate_id} is {_state(row)}; the cloud says: {error.why}",
                code=error.code,
                request_id=error.request_id,
            ) from None


def _message(algorithm: Algorithm, message: bytes, form: MessageForm) -> dict[str, object]:
    word = payload.algorithm_word(algorithm, signs=True)
    return {"algorithm": word, "form": str(form), "message": payload.base64_of(message)}


def _certificate(row: Mapping[str, Any]) -> ActualCertificate | None:
    """A certificate from its row; None for a kind that is not in the tables."""
    spec = convert.find(SPECS, row.get(WORDS["spec"]))
    if spec is None:
        return None
    details = {ours: str(row.get(wire) or "") for ours, wire in _DETAILS.items()}
    return ActualCertificate(
        id=CertificateId(str(row[WORDS["certificate_id"]])),
        settings=CertificateSettings(
            spec=spec,
            subject=str(row.get(WORDS["subject"]) or ""),
            names=_names(row.get(WORDS["names"])),
            exportable=convert.flag(row.get(WORDS["exportable"])),
        ),
        state=_state(row),
        **details,
    )


def _state(row: Mapping[str, Any]) -> CertificateState:
    known: CertificateState | None = convert.find(CERTIFICATE_STATES, row.get(WORDS["status"]))
    if known is None:
        # The number for a request without a certificate is not published; nothing was signed yet, so no serial is told.
        return CertificateState.UNKNOWN if row.get(_DETAILS["serial"]) else CertificateState.PENDING
    return known


def _list_text(names: tuple[str, ...]) -> str:
    """Alternative names as the vendor's sample writes them, a list inside a text: ['a.example.com','b.example.com']."""
    for name in names:
        if not _NAME.fullmatch(name):
            raise InputError(
                "an alternative name is not usable",
                why="the API takes them inside a text of its own grammar",
                advice="use letters, digits and * . _ : @ - only",
            )
    return "[" + ",".join(f"'{name}'" for name in names) + "]"


def _names(value: object) -> tuple[str, ...]:
    """Alternative names, whether the answer has a list or a text that holds one, in either kind of quotes."""
    return tuple(map(str, value)) if isinstance(value, list) else tuple(_QUOTED.findall(str(value or "")))
