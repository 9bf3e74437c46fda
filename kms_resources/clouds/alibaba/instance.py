"""The use of keys through the gateway of a KMS instance, so that results are the same as on the shared gateway.

Which operation becomes which message: the official package alibabacloud-kms-python-sdk 1.1.3, and
https://help.aliyun.com/document_detail/601559.html.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from kms_resources.clouds.alibaba import wire
from kms_resources.clouds.alibaba.gateway import InstanceGateway
from kms_resources.clouds.alibaba.messages import Fields
from kms_resources.clouds.alibaba.shared import secret_value
from kms_resources.crypto.words import Algorithm, Ciphertext, Context, DataKey, Decrypted, PublicKey, SecretValue
from kms_resources.errors import RejectedError, UnclearError
from kms_resources.model import KeyId

T = TypeVar("T")


class InstanceDoor:
    """The ten operations that both doors have, and random bytes, here. May be shared by threads."""

    def __init__(self, gateway: InstanceGateway, encoding: str) -> None:
        self._gateway = gateway
        self._encoding = encoding

    def encrypt(self, key_id: KeyId, plaintext: bytes, context: Context) -> Ciphertext:
        """AdvanceEncrypt. What is encrypted is the Base64 text of the plaintext, as on the shared gateway."""
        text = wire.to_text(plaintext).encode("ascii")
        aad = wire.associated_data(context, self._encoding)
        answer, _ = self._send("AdvanceEncrypt", {"KeyId": key_id, "Plaintext": text, "Aad": aad}, text)
        return _understood(
            "AdvanceEncrypt",
            lambda: Ciphertext(
                wire.from_gateway(answer["CiphertextBlob"]), KeyId(answer["KeyId"]), answer["KeyVersionId"]
            ),
        )

    def decrypt(self, blob: str, context: Context) -> Decrypted:
        """AdvanceDecrypt."""
        ciphertext, nonce = wire.for_gateway(blob)
        aad = wire.associated_data(context, self._encoding)
        answer, _ = self._send("AdvanceDecrypt", {"CiphertextBlob": ciphertext, "Aad": aad, "Iv": nonce})
        return _understood(
            "AdvanceDecrypt",
            lambda: Decrypted(wire.to_bytes(answer["Plaintext"]), KeyId(answer["KeyId"]), answer["KeyVersionId"]),
        )

    def generate_data_key(self, key_id: KeyId, length: int, context: Context, *, with_plaintext: bool) -> DataKey:
        """AdvanceGenerateDataKey for the bytes, then AdvanceEncrypt of their Base64 text: two requests.

        The first answer's own ciphertext holds the raw bytes, which Decrypt of the shared gateway could not give back.
        """
        aad = wire.associated_data(context, self._encoding)
        answer, _ = self._send("AdvanceGenerateDataKey", {"KeyId": key_id, "NumberOfBytes": length, "Aad": aad})
        plaintext: bytes = answer["Plaintext"]
        if len(plaintext) != length:
            raise _unreadable("AdvanceGenerateDataKey")
        ciphertext = self.encrypt(key_id, plaintext, context)
        return DataKey(plaintext if with_plaintext else b"", ciphertext)

    def public_key(self, key_id: KeyId, version: str) -> PublicKey:
        """GetPublicKey."""
        answer, used = self._send_versioned("GetPublicKey", key_id, version, {})
        return _understood(
            "GetPublicKey", lambda: PublicKey(wire.public_key(answer["PublicKey"]), KeyId(answer["KeyId"]), used)
        )

    def asymmetric_encrypt(self, key_id: KeyId, version: str, algorithm: Algorithm, plaintext: bytes) -> bytes:
        """Encrypt, with an algorithm."""
        fields: Fields = {"Plaintext": plaintext, "Algorithm": str(algorithm)}
        answer, _ = self._send_versioned("Encrypt", key_id, version, fields, plaintext)
        return bytes(answer["CiphertextBlob"])

    def asymmetric_decrypt(self, key_id: KeyId, version: str, algorithm: Algorithm, ciphertext: bytes) -> bytes:
        """Decrypt, with key and algorithm."""
        fields: Fields = {"CiphertextBlob": ciphertext, "Algorithm": str(algorithm)}
        answer, _ = self._send_versioned("Decrypt", key_id, version, fields)
        return bytes(answer["Plaintext"])

    def sign(self, key_id: KeyId, version: str, algorithm: Algorithm, digest: bytes) -> bytes:
        """Sign; the digest travels as the message, with a word that says so."""
        fields: Fields = {"Message": digest, "MessageType": "DIGEST", "Algorithm": str(algorithm)}
        answer, _ = self._send_versioned("Sign", key_id, version, fields)
        return bytes(answer["Signature"])

    def verify(self, key_id: KeyId, version: str, algorithm: Algorithm, digest: bytes, signature: bytes) -> bool:
        """Verify."""
        fields: Fields = {
            "Message": digest,
            "MessageType": "DIGEST",
            "Signature": signature,
            "Algorithm": str(algorithm),
        }
        answer, _ = self._send_versioned("Verify", key_id, version, fields)
        return bool(answer["Value"])

    def secret_value(self, name: str, version: str, stage: str) -> SecretValue:
        """GetSecretValue."""
        fields = {"SecretName": name, "VersionId": version, "VersionStage": stage}
        answer, _ = self._send("GetSecretValue", fields)
        return _understood("GetSecretValue", lambda: secret_value(answer, answer["VersionStages"]))

    def random(self, length: int) -> bytes:
        """GenerateRandom: only here, the shared gateway has no such call."""
        answer, _ = self._send("GenerateRandom", {"Length": length})
        found: bytes = answer["Random"]
        if len(found) != length:
            raise _unreadable("GenerateRandom")
        return found

    def _send(self, api: str, fields: Fields, secret: bytes = b"") -> tuple[Mapping[str, Any], str]:
        # Empty fields are not sent: so proto3 has it, and the hash of the vendor's own requests shows it.
        return self._gateway.send(api, {name: value for name, value in fields.items() if value}, secret)

    def _send_versioned(
        self, api: str, key_id: KeyId, version: str, fields: Fields, secret: bytes = b""
    ) -> tuple[Mapping[str, Any], str]:
        """Send, and check that the version used is the one that was asked for, which these messages cannot name."""
        answer, used = self._send(api, {"KeyId": key_id, **fields}, secret)
        if not used:
            raise _unreadable(api, "the header that names the key version is missing")
        if version and used != version:
            raise RejectedError(
                f"{api} used another version of key {key_id}",
                why=f"the instance gateway used {used}, and {version} was asked for; it cannot be told which",
                advice="let the operation go through the shared gateway, which takes a version",
            )
        return answer, used


def _understood(api: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except (ValueError, KeyError, TypeError):
        raise _unreadable(api) from None


def _unreadable(api: str, why: str = "its content is not of the known form") -> UnclearError:
    return UnclearError(f"{api} was answered in a form that is not the vendor's", why=why)
