"""CTYun KMS OpenAPI `/v1`: the calls that use keys, and any of its operations by name.

Pages of the operations: https://www.ctyun.cn/document/10014047/10043829 and following [I]; paths, fields and how surely
they are known: `operations.py`. The names of permissions are not published but for the pattern `kms:cmk:list`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.ctyun import convert, operations, payload
from kms_resources.clouds.ctyun.api import RATES, Api
from kms_resources.clouds.ctyun.auth import CtyunAuth
from kms_resources.clouds.ctyun.table import Operation
from kms_resources.clouds.ctyun.words import OPERATIONS, WORDS, WRAPPINGS
from kms_resources.clouds.transport import Transport
from kms_resources.crypto.words import (
    NO_CONTEXT,
    Algorithm,
    Ciphertext,
    Context,
    DataKey,
    Decrypted,
    KeyVersion,
    PublicKey,
    SecretValue,
    WrappingKey,
)
from kms_resources.errors import InputError, KmsError, NotFoundError, RejectedError, UnclearError, WrongStateError
from kms_resources.model import KeyId, Target

Fields = dict[str, Any]
_PATH = re.compile(r"(/[A-Za-z0-9_.-]+)+")


class CtyunCrypto:
    """One method per need of `CryptoClient`; the docstrings say which operation it takes.

    `credentials` and `private` may be the error that says why there are none: it is raised by the first call that needs
    them, so that a target with one door works as far as that reaches.
    """

    def __init__(
        self,
        target: Target,
        credentials: Credentials | KmsError,
        url: str,
        transport: Transport | None = None,
        private: Api | KmsError | None = None,
    ) -> None:
        self.target = target
        self._transport = transport or Transport(where=f"target {target.name}", rates=RATES)
        self._public = (
            credentials
            if isinstance(credentials, KmsError)
            else Api(target, CtyunAuth(credentials), url, self._transport)
        )
        self._private = private
        self._shared = frozenset(name.lower() for name in (target.gateway.shared if target.gateway else ()))

    def encrypt(self, key_id: KeyId, plaintext: bytes, context: Context = NO_CONTEXT) -> Ciphertext:
        """Encrypt, here or through the access point."""
        values = {"plaintext": payload.base64_of(plaintext), "context": _context(context)}
        return self._ciphertext("encrypt", self._use("encrypt", key_id, **values), key_id)

    def decrypt(self, blob: str, context: Context = NO_CONTEXT) -> Decrypted:
        """Decrypt, here or through the access point, which does not tell the key."""
        answer = self._open("decrypt", blob=blob, context=_context(context))
        plaintext = payload.binary(OPERATIONS["decrypt"], answer, "plaintext")
        return Decrypted(plaintext, KeyId(_told(answer, "key_id")), _told(answer, "version"))

    def re_encrypt(
        self, blob: str, key_id: KeyId, context: Context = NO_CONTEXT, new_context: Context = NO_CONTEXT
    ) -> Ciphertext:
        """Operation reEncrypt."""
        values = {"old_context": _context(context), "new_context": _context(new_context)}
        answer = self._open("re_encrypt", key_id, blob=blob, destination=key_id, **values)
        return self._ciphertext("re_encrypt", answer, key_id)

    def generate_data_key(
        self, key_id: KeyId, length: int, context: Context = NO_CONTEXT, *, with_plaintext: bool = True
    ) -> DataKey:
        """Operation generateDataKey or generateDataKeyWithoutPlaintext."""
        name = "generate_data_key" if with_plaintext else "generate_sealed_data_key"
        answer = self._use(name, key_id, length=length, context=_context(context))
        ciphertext = self._ciphertext(name, answer, key_id)
        return DataKey(self._random_bytes(name, answer, "plaintext", length) if with_plaintext else b"", ciphertext)

    def public_key(self, key_id: KeyId, version: str = "") -> PublicKey:
        """Operation getPublicKey; without a version listKeyVersions before."""
        version = version or self._newest(key_id)
        answer = self._use("public_key", key_id, version=version)
        return PublicKey(payload.der(OPERATIONS["public_key"], answer, "public_key"), key_id, version)

    def asymmetric_encrypt(self, key_id: KeyId, version: str, algorithm: Algorithm, plaintext: bytes) -> bytes:
        """Operation asymmetricEncrypt; without a version listKeyVersions before."""
        word = payload.algorithm_word(algorithm, signs=False)
        values = {"algorithm": word, "plaintext": payload.base64_of(plaintext)}
        answer = self._use("asymmetric_encrypt", key_id, version=version or self._newest(key_id), **values)
        return payload.binary(OPERATIONS["asymmetric_encrypt"], answer, "blob")

    def asymmetric_decrypt(self, key_id: KeyId, version: str, algorithm: Algorithm, ciphertext: bytes) -> bytes:
        """Operation asymmetricDecrypt; without a version listKeyVersions before."""
        word = payload.algorithm_word(algorithm, signs=False)
        values = {"algorithm": word, "blob": payload.base64_of(ciphertext)}
        answer = self._use("asymmetric_decrypt", key_id, version=version or self._newest(key_id), **values)
        return payload.binary(OPERATIONS["asymmetric_decrypt"], answer, "plaintext")

    def sign(self, key_id: KeyId, version: str, algorithm: Algorithm, digest: bytes) -> bytes:
        """Operation asymmetricSign; without a version listKeyVersions before. [I?] ECDSA and SM2 come as DER."""
        values = {"algorithm": payload.algorithm_word(algorithm, signs=True), "digest": payload.base64_of(digest)}
        answer = self._use("sign", key_id, version=version or self._newest(key_id), **values)
        return payload.binary(OPERATIONS["sign"], answer, "signature")

    def verify(self, key_id: KeyId, version: str, algorithm: Algorithm, digest: bytes, signature: bytes) -> bool:
        """Operation asymmetricVerify; without a version listKeyVersions before."""
        values = {"algorithm": payload.algorithm_word(algorithm, signs=True), "digest": payload.base64_of(digest)}
        if not payload.is_signature(algorithm, signature):
            return False
        values["signature"] = payload.base64_of(signature)
        answer = self._use("verify", key_id, version=version or self._newest(key_id), **values)
        return payload.truth(OPERATIONS["verify"], answer, "signature")

    def hmac(self, key_id: KeyId, message: bytes) -> bytes:
        """Operation hmaccompute, here or through the access point. It takes text, not bytes."""
        answer = self._use("hmac", key_id, input=_text(message))
        return payload.hexadecimal(OPERATIONS["hmac"], answer, "mac")

    def random(self, length: int) -> bytes:
        """Operation generateRandom."""
        return self._random_bytes("random", self._call("random", length=length), "random", length)

    def message_digest(self, message: bytes) -> bytes:
        """SM3 of a text, through the access point only."""
        operation = operations.SISTER["messageDigest"]
        body = convert.body(operation, {"input": _text(message)})
        return payload.binary(operation, self._gateway(operation).send(operation, body), "sm3")

    def secret_value(self, name: str, version: str = "", stage: str = "") -> SecretValue:  # noqa: ARG002
        """Refused: there are no secrets."""
        self._refuse(
            f"secret {name} cannot be read",
            "CTYun's KMS keeps no secrets; keep an encrypted value (ciphertext) instead",
        )

    def list_versions(self, key_id: KeyId) -> list[KeyVersion]:
        """Operation listKeyVersions, 100 a page."""
        door = self._door()
        try:
            rows = list(door.pages("list_versions", "version", key_id=key_id))
        except NotFoundError as error:
            raise door.explain(error, key_id, RejectedError) from None
        return sorted((KeyVersion(_told(row, "version"), _told(row, "created")) for row in rows), key=_age)

    def create_version(self, key_id: KeyId) -> KeyVersion:
        """Operation createKeyVersion, for asymmetric keys only. Never repeated."""
        answer = self._use("create_version", key_id)
        return KeyVersion(payload.text(OPERATIONS["create_version"], answer, "version"), _told(answer, "created"))

    def wrapping_key(self, key_id: KeyId, algorithm: Algorithm) -> WrappingKey:
        """Operation getParametersForImport."""
        if algorithm not in WRAPPINGS:
            self._refuse(f"{algorithm} cannot wrap key material", f"CTYun offers {', '.join(WRAPPINGS)}")
        operation, (word, spec) = OPERATIONS["wrapping_key"], WRAPPINGS[algorithm]
        answer = self._use("wrapping_key", key_id, wrapping=word, wrapping_spec=spec)
        return WrappingKey(
            payload.der(operation, answer, "public_key"),
            payload.text(operation, answer, "token"),
            algorithm,
            _told(answer, "token_expires"),
        )

    def import_material(self, key_id: KeyId, wrapped: bytes, token: str, expires: int) -> None:
        """Operation importKeyMaterial. Never repeated."""
        self._use("import_material", key_id, material=payload.base64_of(wrapped), token=token, expires=expires)

    def delete_material(self, key_id: KeyId) -> None:
        """Operation deleteKeyMaterial. Never repeated."""
        self._use("delete_material", key_id)

    def call(self, action: str, fields: Mapping[str, Any], path: str = "") -> Mapping[str, Any]:
        """Any of the 80 operations; those that an access point has go through it where the target has one."""
        if path and not _PATH.fullmatch(path):
            raise InputError(
                "the path is not usable", why="it becomes part of a signed URL", advice="write it like /v1/group/action"
            )
        # One that only an access point has is known too, and is refused where there is none.
        operation = operations.find(action, {**operations.SISTER, **operations.OPERATIONS})
        door, operation = self._way(operation)
        return door.send(operation, operations.check(operation, fields), path=path, once=True)

    def _way(self, operation: Operation) -> tuple[Api, Operation]:
        """The door of an operation, and the operation as it is there."""
        sister = operations.SISTER.get(operation.name)
        only_there = operation.name not in operations.OPERATIONS
        if sister and (only_there or (self._private is not None and operation.name.lower() not in self._shared)):
            return self._gateway(sister), sister
        return self._door(), operation

    def _door(self) -> Api:
        if isinstance(self._public, KmsError):
            raise self._public.with_traceback(None)
        return self._public

    def _gateway(self, operation: Operation) -> Api:
        if isinstance(self._private, KmsError):
            raise self._private.with_traceback(None)
        if self._private is None:
            self._refuse(
                f"{operation.name} is not possible here",
                "only an access point (应用接入点) has it; give the target a gateway",
            )
        return self._private

    def _call(self, name: str, **values: object) -> Fields:
        door, operation = self._way(OPERATIONS[name])
        for word, value in values.items():
            if value is not None and WORDS[word] not in operation.request:
                self._refuse(
                    f"{operation.name} through the access point takes no {WORDS[word]}",
                    f"nothing is known of one; name {operation.name} in gateway.shared to take the public door",
                )
        return door.send(operation, convert.body(operation, values))

    def _use(self, name: str, key_id: KeyId, **values: object) -> Fields:
        """A call that names a key; what a 404 means is found out."""
        try:
            return self._call(name, key_id=key_id, **values)
        except NotFoundError as error:
            if isinstance(self._public, KmsError):
                raise
            raise self._public.explain(error, key_id, RejectedError) from None

    def _open(self, name: str, key_id: KeyId | None = None, **values: object) -> Fields:
        """A call that opens a ciphertext, whose key only the cloud knows; `key_id` is a further key of the call.

        A ciphertext that does not open is a 400 [I]; a 404 means a key that cannot be used.
        """
        try:
            return self._call(name, **values)
        except NotFoundError as error:
            further = self._door().explain(error, key_id, RejectedError) if key_id else None
            if isinstance(further, NotFoundError | WrongStateError):
                raise further from None
            raise WrongStateError(
                error.what,
                where=error.where,
                why=f"the key of the ciphertext is not there or cannot be used now; the cloud says: {error.why}",
                code=error.code,
                request_id=error.request_id,
            ) from None

    def _newest(self, key_id: KeyId) -> str:
        versions = self.list_versions(key_id)
        if not versions:
            self._refuse(f"key {key_id} has no version", "the cloud lists none")
        return versions[-1].id

    def _refuse(self, what: str, why: str) -> NoReturn:
        raise RejectedError(what, where=f"target {self.target.name}", why=why)

    def _ciphertext(self, name: str, answer: Fields, key_id: KeyId) -> Ciphertext:
        blob = payload.text(OPERATIONS[name], answer, "blob")
        return Ciphertext(blob, KeyId(_told(answer, "key_id") or key_id), _told(answer, "version"))

    def _random_bytes(self, name: str, answer: Fields, word: str, length: int) -> bytes:
        data = payload.binary(OPERATIONS[name], answer, word)
        if len(data) != length:
            raise UnclearError(
                f"{OPERATIONS[name].name} made something else", why=f"{length} bytes were asked for, {len(data)} came"
            )
        return data


def _context(context: Context) -> Fields | None:
    return dict(context) or None


def _told(answer: Mapping[str, Any], word: str) -> str:
    return str(answer.get(WORDS[word]) or "")


def _age(version: KeyVersion) -> str:
    return version.created


def _text(message: bytes) -> str:
    """The text behind the bytes; refused without a trace of them."""
    text = message.decode(errors="replace")
    if text.encode() != message:
        raise InputError(
            "the message is not text",
            why="CTYun's HMAC-SM3 and digest take UTF-8 text, not bytes",
            advice="encode it first, for instance in Base64, everywhere in the same way",
        )
    return text
