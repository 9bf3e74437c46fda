"""Operations 36 to 43 and 49: the life of certificates whose private key is here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kms_emulator.ciphers.asymmetric import public_key_der
from kms_emulator.contract import Document
from kms_emulator.ctyun import fields
from kms_emulator.ctyun.certificates import (
    changed_state,
    described,
    find_certificate,
    listed,
    material_of_certificate,
    read,
)
from kms_emulator.ctyun.invocation import Invocation, Payload
from kms_emulator.ctyun.key_actions import chosen_instance
from kms_emulator.ctyun.materials import fresh, keep
from kms_emulator.ctyun.pkcs8 import encrypted_private_key, open_pkcs12
from kms_emulator.ctyun.terms import (
    BAD_CERTIFICATE,
    BAD_PKCS12,
    BAD_VALUE,
    DEFAULT_PROJECT,
    NOT_EXPORTABLE,
    OTHER_PAIR,
    PARAMETER_MISSING,
    Refusal,
)
from kms_emulator.ctyun.uses import CERTIFICATE_SPECS, CertificateState, cipher_kind
from kms_emulator.ctyun.x509 import alternative_names, check_chain, distinguished_name, request

_SOFTWARE = "1"
_FLAGS = (0, 1)


def list_certificates(invocation: Invocation) -> Payload:
    """A page of certificates, oldest first [I?]."""
    number, size = fields.paging(invocation.fields)
    state, spec = invocation.fields.get("status"), invocation.fields.get("keySpec")
    where = None if state is None else ("state", str(state))

    def match(found: Mapping[str, Any]) -> bool:
        return bool(found["spec"] == spec)

    page = invocation.certificates.list(
        where=where, match=match if spec else None, start=(number - 1) * size, limit=size, lagged=True
    )
    return {"totalCount": page.total, "certificates": [listed(found) for found in page.items]}


def create_certificate(invocation: Invocation) -> Payload:
    """Make a key pair and a request for a certificate, signed with it."""
    given = invocation.fields
    spec = fields.one_of("keySpec", given["keySpec"], CERTIFICATE_SPECS)
    names = _names(given["subjectAlternativeNames"])
    try:
        subject = distinguished_name(given["subject"])
    except ValueError:
        raise Refusal(BAD_VALUE, "subject must be like CN=…,C=CN,ST=…,O=…,L=…,OU=…,E=…") from None
    exportable = _exportable(given["exportablePrivateKey"])
    protection = fields.protection_level(given["protectionLevel"])
    document = _document(invocation, spec=spec, exportable=exportable, protection=protection, subject=given["subject"])
    material = fresh(invocation, cipher_kind(spec))
    try:
        csr = request(spec, material, subject, names)
    except ValueError:
        raise Refusal(BAD_VALUE, "subjectAlternativeNames must be DNS names and addresses") from None
    document |= {"state": CertificateState.PENDING, "csr": csr, "names": names}
    _store(invocation, document, material)
    return {"certificateId": document["id"], "csr": csr}


def import_pkcs12_certificate(invocation: Invocation) -> Payload:
    """Take a certificate in with its private key."""
    given = invocation.fields
    content = fields.decoded("pkcs12Blob", given["pkcs12Blob"])
    exportable = _exportable(given.get("exportablePrivateKey", 0))
    protection = fields.protection_level(given.get("protectionLevel", _SOFTWARE))
    try:
        spec, material, certificate, chain = open_pkcs12(content, given["passphrase"])
    except ValueError:
        raise Refusal(BAD_PKCS12, "it needs the right passphrase, and a certificate with an RSA or P-256 key") from None
    if spec not in CERTIFICATE_SPECS:
        raise Refusal(BAD_PKCS12, f"the key must be one of {', '.join(CERTIFICATE_SPECS)}")
    document = _document(invocation, spec=spec, exportable=exportable, protection=protection, subject="")
    document |= {"state": CertificateState.ENABLED, **_signed(spec, material, certificate, chain)}
    _store(invocation, document, material)
    return {"certificateId": document["id"]}


def _document(invocation: Invocation, *, spec: str, exportable: bool, protection: str, subject: str) -> Document:
    return {
        "id": invocation.context.uuid(), "spec": spec, "exportable": exportable, "protection": protection,
        "subject": subject, "names": [], "csr": "", "certificate": "", "chain": "",
        "instance": chosen_instance(invocation), "project": invocation.fields.get("epId", DEFAULT_PROJECT),
        "created": invocation.now, "updated": invocation.now,
    }  # fmt: skip


def _store(invocation: Invocation, document: Document, material: bytes) -> None:
    invocation.certificates.put(document["id"], document)
    keep(invocation, document["id"], material)


def _exportable(flag: int) -> bool:
    if flag not in _FLAGS:
        raise Refusal(BAD_VALUE, "exportablePrivateKey must be 0 or 1")
    return bool(flag)


def _names(text: str) -> list[str]:
    """The list in a text, with either kind of quotes [S5]; neither occurs in a name."""
    try:
        found = json.loads(text.replace("'", '"'))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(name, str) and name for name in found):
        raise Refusal(BAD_VALUE, "subjectAlternativeNames must be a text like ['test1.example.com']")
    return found


def upload_certificate(invocation: Invocation) -> Payload:
    """Bring the signed certificate for a request made here; it must be for that key pair."""
    given = invocation.fields
    found = find_certificate(invocation, CertificateState.PENDING)
    material = material_of_certificate(invocation, found)
    signed = _signed(found["spec"], material, given["certificate"], given.get("certificateChain", ""))
    return _changed(invocation, found, state=CertificateState.ENABLED, **signed)


def _signed(spec: str, material: bytes, certificate: str, chain: str) -> dict[str, object]:
    """What a signed certificate adds to the document."""
    signed = read("certificate", certificate)
    if signed.public_key != public_key_der(cipher_kind(spec), material):
        raise Refusal(OTHER_PAIR)
    if chain:
        try:
            check_chain(chain)
        except ValueError:
            raise Refusal(BAD_CERTIFICATE, "certificateChain must be certificates in PEM") from None
    names = alternative_names(certificate)
    return {"certificate": certificate, "chain": chain, "subject": signed.subject, "names": names}


def describe_certificate(invocation: Invocation) -> Payload:
    """All about a certificate [S3]."""
    return described(invocation, find_certificate(invocation))


def update_certificate_status(invocation: Invocation) -> Payload:
    """Enable, disable, or revoke for ever [S13]."""
    found = find_certificate(invocation)
    return _changed(invocation, found, state=changed_state(found, invocation.fields["status"]))


def get_certificate(invocation: Invocation) -> Payload:
    """The certificate itself, its chain and its request, as far as they are there."""
    found = find_certificate(invocation)
    parts = {"certificate": found["certificate"], "certificateChain": found["chain"], "csr": found["csr"]}
    return {"certificateId": found["id"], **{name: text for name, text in parts.items() if text}}


def export_certificate_private_key(invocation: Invocation) -> Payload:
    """The private key under the caller's passphrase. Without one nothing leaves: better a refusal than a bare key."""
    found = find_certificate(invocation)
    passphrase = invocation.fields.get("passphrase")
    if passphrase is None:
        raise Refusal(PARAMETER_MISSING, "passphrase")
    if not found["exportable"]:
        raise Refusal(NOT_EXPORTABLE)
    material = material_of_certificate(invocation, found)
    return {"privateKey": encrypted_private_key(material, passphrase, invocation.context.random)}


def delete_certificate(invocation: Invocation) -> Payload:
    """Remove a certificate in any state, with its private key [S13][S7]."""
    identifier = find_certificate(invocation)["id"]
    invocation.certificates.delete(identifier)
    invocation.materials.delete(identifier)
    return {}


def _changed(invocation: Invocation, found: Document, **changes: object) -> Payload:
    invocation.certificates.put(found["id"], {**found, **changes, "updated": invocation.now})
    return {}
