"""The use of keys through the shared gateway: the vendor's OpenAPI.

Keys without an instance are always reached here, keys of an instance only if it allows public access.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, TypeVar

from kms_resources.clouds.alibaba import wire
from kms_resources.clouds.alibaba.openapi import OpenApi, filled
from kms_resources.crypto.words import (
    Algorithm,
    Ciphertext,
    Context,
    DataKey,
    Decrypted,
    KeyVersion,
    PublicKey,
    SecretValue,
)
from kms_resources.errors import RejectedError
from kms_resources.model import KeyId

T = TypeVar("T")


class SharedDoor:
    """The ten operations that both doors have, here. May be shared by threads."""

    def __init__(self, api: OpenApi) -> None:
        self.api = api
        self._newest: dict[KeyId, str] = {}
        self._lock = Lock()

    def encrypt(self, key_id: KeyId, plaintext: bytes, context: Context) -> Ciphertext:
        """Encrypt (kms:Encrypt)."""
        fields = {"KeyId": key_id, "Plaintext": wire.to_text(plaintext), **context_field(context)}
        return self.api.send("Encrypt", fields, ciphertext)

    def decrypt(self, blob: str, context: Context) -> Decrypted:
        """Decrypt (kms:Decrypt)."""
        fields = {"CiphertextBlob": blob, **context_field(context)}
        return self.api.send(
            "Decrypt",
            fields,
            lambda answer: Decrypted(
                wire.to_bytes(answer["Plaintext"]), KeyId(filled(answer["KeyId"])), _version(answer)
            ),
        )

    def generate_data_key(self, key_id: KeyId, length: int, context: Context, *, with_plaintext: bool) -> DataKey:
        """GenerateDataKey or GenerateDataKeyWithoutPlaintext (kms: the same names)."""
        fields = {"KeyId": key_id, "NumberOfBytes": length, **context_field(context)}
        if not with_plaintext:
            return self.api.send(
                "GenerateDataKeyWithoutPlaintext", fields, lambda answer: DataKey(b"", ciphertext(answer))
            )
        return self.api.send(
            "GenerateDataKey",
            fields,
            lambda answer: DataKey(_of_length(wire.to_bytes(answer["Plaintext"]), length), ciphertext(answer)),
        )

    def public_key(self, key_id: KeyId, version: str) -> PublicKey:
        """GetPublicKey (kms:GetPublicKey), of the newest version unless one is named."""
        return self._with_version(
            key_id,
            version,
            lambda chosen: self.api.send(
                "GetPublicKey",
                {"KeyId": key_id, "KeyVersionId": chosen},
                lambda answer: PublicKey(
                    wire.public_key(filled(answer["PublicKey"])),
                    KeyId(filled(answer["KeyId"])),
                    filled(answer["KeyVersionId"]),
                ),
            ),
        )

    def asymmetric_encrypt(self, key_id: KeyId, version: str, algorithm: Algorithm, plaintext: bytes) -> bytes:
        """AsymmetricEncrypt (kms:AsymmetricEncrypt). [I] An SM2 ciphertext is DER here."""
        return self._asymmetric(
            "AsymmetricEncrypt",
            key_id,
            version,
            {"Algorithm": str(algorithm), "Plaintext": wire.to_text(plaintext)},
            "CiphertextBlob",
        )

    def asymmetric_decrypt(self, key_id: KeyId, version: str, algorithm: Algorithm, ciphertext: bytes) -> bytes:
        """AsymmetricDecrypt (kms:AsymmetricDecrypt)."""
        return self._asymmetric(
            "AsymmetricDecrypt",
            key_id,
            version,
            {"Algorithm": str(algorithm), "CiphertextBlob": wire.to_text(ciphertext)},
            "Plaintext",
        )

    def sign(self, key_id: KeyId, version: str, algorithm: Algorithm, digest: bytes) -> bytes:
        """AsymmetricSign (kms:AsymmetricSign)."""
        return self._asymmetric(
            "AsymmetricSign", key_id, version, {"Algorithm": str(algorithm), "Digest": wire.to_text(digest)}, "Value"
        )

    def verify(self, key_id: KeyId, version: str, algorithm: Algorithm, digest: bytes, signature: bytes) -> bool:
        """AsymmetricVerify (kms:AsymmetricVerify)."""
        fields = {
            "KeyId": key_id,
            "Algorithm": str(algorithm),
            "Digest": wire.to_text(digest),
            "Value": wire.to_text(signature),
        }
        return self._with_version(
            key_id,
            version,
            lambda chosen: self.api.send(
                "AsymmetricVerify", {**fields, "KeyVersionId": chosen}, lambda answer: _flag(answer["Value"])
            ),
        )

    def secret_value(self, name: str, version: str, stage: str) -> SecretValue:
        """GetSecretValue (kms:GetSecretValue, and kms:Decrypt on the key of the secret)."""
        chosen = {"VersionId": version, "VersionStage": stage}
        return self.api.send(
            "GetSecretValue",
            {"SecretName": name, **{field: value for field, value in chosen.items() if value}},
            lambda answer: secret_value(answer, answer["VersionStages"]["VersionStage"]),
        )

    def versions(self, key_id: KeyId) -> list[KeyVersion]:
        """ListKeyVersions (kms:ListKeyVersions), oldest first."""
        rows = self.api.all("ListKeyVersions", {"KeyId": key_id}, ("KeyVersions", "KeyVersion", "KeyVersionId"))
        found = [KeyVersion(str(row["KeyVersionId"]), str(row.get("CreationDate") or "")) for row in rows]
        return sorted(found, key=lambda version: version.created)

    def _with_version(self, key_id: KeyId, version: str, use: Callable[[str], T]) -> T:
        """Use the version that is named, else the newest. Every asymmetric call names one: there is no primary one."""
        return use(version or self._newest_of(key_id))

    def forget_versions(self) -> None:
        """After a further version was made, here or through an alias of the same key."""
        with self._lock:
            self._newest.clear()

    def _newest_of(self, key_id: KeyId) -> str:
        with self._lock:
            if found := self._newest.get(key_id):
                return found
        versions = self.versions(key_id)
        if not versions:
            raise RejectedError(f"key {key_id} has no version", why="ListKeyVersions gave an empty list")
        with self._lock:
            return self._newest.setdefault(key_id, versions[-1].id)

    def _asymmetric(self, action: str, key_id: KeyId, version: str, fields: Mapping[str, Any], result: str) -> bytes:
        return self._with_version(
            key_id,
            version,
            lambda chosen: self.api.send(
                action,
                {"KeyId": key_id, "KeyVersionId": chosen, **fields},
                lambda answer: wire.to_bytes(answer[result]),
            ),
        )


def context_field(context: Context, name: str = "EncryptionContext") -> dict[str, Any]:
    """A context as a parameter; an empty one is left out."""
    return {name: dict(context)} if context else {}


def ciphertext(answer: Mapping[str, Any]) -> Ciphertext:
    """The ciphertext of an answer."""
    return Ciphertext(filled(answer["CiphertextBlob"]), KeyId(filled(answer["KeyId"])), _version(answer))


def secret_value(answer: Mapping[str, Any], stages: Any) -> SecretValue:
    """A secret of an answer of either door. [I] What is binary is Base64 in `SecretData`."""
    binary = answer["SecretDataType"] == "binary"
    data = answer["SecretData"]
    return SecretValue(
        filled(answer["SecretName"]),
        wire.to_bytes(data) if binary else data.encode(),
        filled(answer["VersionId"]),
        binary,
        tuple(str(stage) for stage in stages),
        str(answer["CreateTime"]),
    )


def _version(answer: Mapping[str, Any]) -> str:
    return str(answer.get("KeyVersionId") or "")


def _of_length(data: bytes, length: int) -> bytes:
    if len(data) != length:
        raise ValueError("another length than was asked for")
    return data


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")  # noqa: TRY004  (foreign data)
    return value
