"""Tencent Cloud KMS API 2019-01-18: the calls that use keys.

Pages of the actions: https://www.tencentcloud.com/document/api/1030/32174 and following.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.tencent import actions, convert, uses
from kms_resources.clouds.tencent.api import RATES, TencentApi
from kms_resources.clouds.tencent.limits import SEALED_INSTEAD, VALID_TO
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
from kms_resources.errors import CloudError, InputError, KmsError, RejectedError
from kms_resources.model import KeyId, Target

Fields = dict[str, Any]


class TencentCrypto:
    """One method per need of `CryptoClient`; the docstrings say which action and permission it takes."""

    def __init__(self, target: Target, credentials: Credentials, url: str, transport: Transport | None = None) -> None:
        self.target = target
        self._transport = transport or Transport(where=f"target {target.name}", rates=RATES)
        self._api = TencentApi(target, credentials, url, self._transport)
        self._asked: dict[str, str] = {}

    def encrypt(self, key_id: KeyId, plaintext: bytes, context: Context = NO_CONTEXT) -> Ciphertext:
        """Encrypt (kms:Encrypt)."""
        fields = {"KeyId": key_id, "Plaintext": uses.text_of(plaintext), **self._context(context)}
        return self._ciphertext("Encrypt", self._call("Encrypt", fields), key_id)

    def decrypt(self, blob: str, context: Context = NO_CONTEXT) -> Decrypted:
        """Decrypt (kms:Decrypt); the ciphertext names its key."""
        answer = self._call("Decrypt", {"CiphertextBlob": blob, **self._context(context)})
        key_id = KeyId(self._need(answer, "KeyId", "Decrypt"))
        return Decrypted(self._bytes(answer, "Plaintext", "Decrypt"), key_id)

    def re_encrypt(
        self, blob: str, key_id: KeyId, context: Context = NO_CONTEXT, new_context: Context = NO_CONTEXT
    ) -> Ciphertext:
        """ReEncrypt (kms:ReEncrypt)."""
        fields = {
            "CiphertextBlob": blob,
            "DestinationKeyId": key_id,
            **self._context(context, "SourceEncryptionContext"),
            **self._context(new_context, "DestinationEncryptionContext"),
        }
        return self._ciphertext("ReEncrypt", self._call("ReEncrypt", fields), key_id)

    def generate_data_key(
        self, key_id: KeyId, length: int, context: Context = NO_CONTEXT, *, with_plaintext: bool = True
    ) -> DataKey:
        """GenerateDataKey (kms:GenerateDataKey). Without its plaintext: refused, there is no such call."""
        if not with_plaintext:
            self._refuse("a data key without its plaintext cannot be made", SEALED_INSTEAD)
        answer = self._call("GenerateDataKey", {"KeyId": key_id, "NumberOfBytes": length, **self._context(context)})
        ciphertext = self._ciphertext("GenerateDataKey", answer, key_id)
        return DataKey(self._bytes(answer, "Plaintext", "GenerateDataKey"), ciphertext)

    def public_key(self, key_id: KeyId, version: str = "") -> PublicKey:
        """GetPublicKey (kms:GetPublicKey)."""
        self._one_version(version)
        # `PublicKeyPem` holds the Base64 of a Base64 in the vendor's own sample; only `PublicKey` is taken.
        return PublicKey(
            self._bytes(self._call("GetPublicKey", {"KeyId": key_id}), "PublicKey", "GetPublicKey"), key_id
        )

    def asymmetric_encrypt(self, key_id: KeyId, version: str, algorithm: Algorithm, plaintext: bytes) -> bytes:
        """On this machine, with the key that GetPublicKey gives (kms:GetPublicKey)."""
        from kms_resources.crypto.local import encrypt_with_public_key  # noqa: PLC0415  (few callers need it)

        if algorithm not in uses.DECRYPTING and algorithm is not Algorithm.SM2PKE:
            raise uses.refuse_algorithm(algorithm, uses.DECRYPTING, Algorithm.SM2PKE).at(self._where)
        return encrypt_with_public_key(self.public_key(key_id, version).der, algorithm, plaintext)

    def asymmetric_decrypt(self, key_id: KeyId, version: str, algorithm: Algorithm, ciphertext: bytes) -> bytes:
        """AsymmetricRsaDecrypt or AsymmetricSm2Decrypt (kms: the same names)."""
        self._one_version(version)
        fields: Fields = {"KeyId": key_id, "Ciphertext": uses.text_of(ciphertext)}
        action = "AsymmetricSm2Decrypt"
        if algorithm is not Algorithm.SM2PKE:
            action = "AsymmetricRsaDecrypt"
            fields["Algorithm"] = self._word(algorithm, uses.DECRYPTING, Algorithm.SM2PKE)
        return self._bytes(self._call(action, fields), "Plaintext", action)

    def sign(self, key_id: KeyId, version: str, algorithm: Algorithm, digest: bytes) -> bytes:
        """SignByAsymmetricKey of a digest (kms:SignByAsymmetricKey)."""
        fields = self._signing(key_id, version, algorithm, digest)
        return self._bytes(self._call("SignByAsymmetricKey", fields), "Signature", "SignByAsymmetricKey")

    def verify(self, key_id: KeyId, version: str, algorithm: Algorithm, digest: bytes, signature: bytes) -> bool:
        """VerifyByAsymmetricKey of a digest (kms:VerifyByAsymmetricKey)."""
        fields = self._signing(key_id, version, algorithm, digest) | {"SignatureValue": uses.text_of(signature)}
        try:
            return self._call("VerifyByAsymmetricKey", fields).get("SignatureValid") is True
        except RejectedError as error:
            if error.code != uses.BAD_VALUE:
                raise
            return False

    def hmac(self, key_id: KeyId, message: bytes) -> NoReturn:  # noqa: ARG002
        """Refused: there are no keys for it."""
        self._refuse(f"key {key_id} cannot make an HMAC", "Tencent Cloud has no kind of key for it; sign instead")

    def random(self, length: int) -> bytes:
        """GenerateRandom (kms:GenerateRandom)."""
        return self._bytes(self._call("GenerateRandom", {"NumberOfBytes": length}), "Plaintext", "GenerateRandom")

    def secret_value(self, name: str, version: str = "", stage: str = "") -> SecretValue:  # noqa: ARG002
        """Refused: secrets are another product."""
        self._refuse(f"secret {name} cannot be read", "secrets are another product of Tencent Cloud, SSM, not of KMS")

    def list_versions(self, key_id: KeyId) -> Iterable[KeyVersion]:
        """Refused: no call lists them."""
        self._refuse(
            f"the versions of key {key_id} cannot be listed",
            "a rotated key keeps its old versions for decryption, but no call of Tencent Cloud shows them",
        )

    def create_version(self, key_id: KeyId) -> None:
        """RotateKey (kms:RotateKey), once in 24 hours; the cloud does not name the version. Never repeated."""
        self._call("RotateKey", {"KeyId": key_id}, repeatable=False)

    def wrapping_key(self, key_id: KeyId, algorithm: Algorithm) -> WrappingKey:
        """GetParametersForImport (kms:GetParametersForImport)."""
        action = "GetParametersForImport"
        word = self._word(algorithm, uses.DECRYPTING)
        fields = {"KeyId": key_id, "WrappingAlgorithm": word, "WrappingKeySpec": uses.WRAPPING_KEY_SPEC}
        answer = self._call(action, fields)
        return WrappingKey(
            self._bytes(answer, "PublicKey", action),
            self._need(answer, "ImportToken", action),
            algorithm,
            convert.time(answer.get("ParametersValidTo")),
        )

    def import_material(self, key_id: KeyId, wrapped: bytes, token: str, expires: int) -> None:
        """ImportKeyMaterial (kms:ImportKeyMaterial). Never repeated."""
        if expires > VALID_TO:
            raise InputError(
                "the material would expire too late",
                where=self._where,
                why=f"Tencent Cloud takes {convert.time(VALID_TO)} at the latest",
                advice="name an earlier day, or none for material that never expires",
            )
        fields = {
            "KeyId": key_id,
            "EncryptedKeyMaterial": uses.text_of(wrapped),
            "ImportToken": token,
            "ValidTo": expires,
        }
        self._call("ImportKeyMaterial", fields, repeatable=False)

    def delete_material(self, key_id: KeyId) -> None:
        """DeleteImportedKeyMaterial (kms:DeleteImportedKeyMaterial). Never repeated."""
        self._call("DeleteImportedKeyMaterial", {"KeyId": key_id}, repeatable=False)

    def call(self, action: str, fields: Mapping[str, Any], path: str = "") -> Mapping[str, Any]:
        """Any action of KMS; of the tag and CAM services as `tag:Action` and `cam:Action`, unchecked.

        API 3.0 has one path, `/`. Writing it sends a KMS action or field that is newer than our table.
        """
        try:
            service, name, checked = actions.check(action, fields, path)
        except KmsError as error:
            error.at(self._where)
            raise
        return self._api.call(service, name, checked, repeatable=False)

    @property
    def _where(self) -> str:
        return f"target {self.target.name}"

    def _call(self, action: str, fields: Mapping[str, Any], *, repeatable: bool = True) -> Fields:
        return self._api.call("kms", action, fields, repeatable=repeatable)

    def _refuse(self, what: str, why: str) -> NoReturn:
        raise RejectedError(what, where=self._where, why=why)

    def _one_version(self, version: str) -> None:
        if version:
            self._refuse(f"version {version} cannot be chosen", "an asymmetric key of Tencent Cloud has one version")

    def _context(self, context: Context, name: str = "EncryptionContext") -> dict[str, str]:
        try:
            return uses.context_fields(context, name)
        except InputError as error:
            error.at(self._where)
            raise

    def _ciphertext(self, action: str, answer: Fields, key_id: KeyId) -> Ciphertext:
        return Ciphertext(self._need(answer, "CiphertextBlob", action), KeyId(str(answer.get("KeyId") or key_id)))

    def _need(self, answer: Fields, field: str, action: str) -> str:
        try:
            return uses.need(answer, field, action)
        except CloudError as error:
            error.at(self._where)
            raise

    def _bytes(self, answer: Fields, field: str, action: str) -> bytes:
        try:
            return uses.bytes_of(answer, field, action)
        except CloudError as error:
            error.at(self._where)
            raise

    def _word(self, algorithm: Algorithm, words: Mapping[Algorithm, str], *more: Algorithm) -> str:
        if algorithm not in words:
            raise uses.refuse_algorithm(algorithm, words, *more).at(self._where)
        return words[algorithm]

    def _signing(self, key_id: KeyId, version: str, algorithm: Algorithm, digest: bytes) -> Fields:
        self._one_version(version)
        usage = uses.ASK_FOR.get(algorithm)
        word = self._ask(usage) if usage else self._word(algorithm, uses.SIGNING, *uses.ASK_FOR)
        return {"KeyId": key_id, "Algorithm": word, "Message": uses.text_of(digest), "MessageType": "DIGEST"}

    def _ask(self, usage: str) -> str:
        """ListAlgorithms (kms:ListAlgorithms), once: the region's word for the algorithm of a usage."""
        if usage not in self._asked:
            rows = self._call("ListAlgorithms", {}).get("AsymmetricSignVerifyAlgorithms") or []
            found = next((str(row.get("Algorithm") or "") for row in rows if row.get("KeyUsage") == usage), "")
            if not found:
                self._refuse(f"keys of usage {usage} cannot sign here", "ListAlgorithms of the region does not name it")
            self._asked[usage] = found
        return self._asked[usage]
