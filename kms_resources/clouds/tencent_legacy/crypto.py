"""Tencent Cloud KMS API 2.0: the calls that use keys. All its keys are symmetric.

Pages of the actions: https://cloud.tencent.com/document/product/573/8889 (Encrypt), 8890 (Decrypt), 8895
(GenerateDataKey).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.tencent_legacy import convert
from kms_resources.clouds.tencent_legacy.api import RATES, LegacyApi
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
from kms_resources.errors import CloudError, InputError, RejectedError
from kms_resources.model import KeyId, Target

Fields = dict[str, Any]


class LegacyCrypto:
    """One method per need of `CryptoClient`; the docstrings say which action and permission it takes."""

    def __init__(self, target: Target, credentials: Credentials, url: str, transport: Transport | None = None) -> None:
        self.target = target
        self._transport = transport or Transport(where=f"target {target.name}", rates=RATES)
        self._api = LegacyApi(target, credentials, url, self._transport)

    def encrypt(self, key_id: KeyId, plaintext: bytes, context: Context = NO_CONTEXT) -> Ciphertext:
        """Encrypt (kms:Encrypt)."""
        fields = {"keyId": key_id, "plaintext": convert.text_of(plaintext), **self._context(context)}
        return self._ciphertext("Encrypt", self._api.call("Encrypt", fields), key_id)

    def decrypt(self, blob: str, context: Context = NO_CONTEXT) -> Decrypted:
        """Decrypt (kms:Decrypt); the ciphertext names its key."""
        answer = self._api.call("Decrypt", {"ciphertextBlob": blob, **self._context(context)})
        return Decrypted(self._bytes(answer, "plaintext", "Decrypt"), KeyId(self._need(answer, "keyId", "Decrypt")))

    def re_encrypt(
        self,
        blob: str,  # noqa: ARG002
        key_id: KeyId,  # noqa: ARG002
        context: Context = NO_CONTEXT,  # noqa: ARG002
        new_context: Context = NO_CONTEXT,  # noqa: ARG002
    ) -> Ciphertext:
        """Refused: API 2.0 has no such call."""
        self._refuse("a ciphertext cannot be re-encrypted inside the cloud", "decrypt it and encrypt it again")

    def generate_data_key(
        self, key_id: KeyId, length: int, context: Context = NO_CONTEXT, *, with_plaintext: bool = True
    ) -> DataKey:
        """GenerateDataKey (kms:GenerateDataKey). Without its plaintext: refused, there is no such call."""
        if not with_plaintext:
            self._refuse(
                "a data key without its plaintext cannot be made", "make one with its plaintext and throw that away"
            )
        fields = {"keyId": key_id, "numberOfBytes": length, **self._context(context)}
        answer = self._api.call("GenerateDataKey", fields)
        ciphertext = self._ciphertext("GenerateDataKey", answer, key_id)
        return DataKey(self._bytes(answer, "plaintext", "GenerateDataKey"), ciphertext)

    def public_key(self, key_id: KeyId, version: str = "") -> PublicKey:  # noqa: ARG002
        """Refused: all keys are symmetric."""
        self._symmetric(key_id)

    def asymmetric_encrypt(self, key_id: KeyId, version: str, algorithm: Algorithm, plaintext: bytes) -> bytes:  # noqa: ARG002
        """Refused: all keys are symmetric."""
        self._symmetric(key_id)

    def asymmetric_decrypt(self, key_id: KeyId, version: str, algorithm: Algorithm, ciphertext: bytes) -> bytes:  # noqa: ARG002
        """Refused: all keys are symmetric."""
        self._symmetric(key_id)

    def sign(self, key_id: KeyId, version: str, algorithm: Algorithm, digest: bytes) -> bytes:  # noqa: ARG002
        """Refused: all keys are symmetric."""
        self._symmetric(key_id)

    def verify(self, key_id: KeyId, version: str, algorithm: Algorithm, digest: bytes, signature: bytes) -> bool:  # noqa: ARG002
        """Refused: all keys are symmetric."""
        self._symmetric(key_id)

    def hmac(self, key_id: KeyId, message: bytes) -> bytes:  # noqa: ARG002
        """Refused: there are no keys for it."""
        self._refuse(f"key {key_id} cannot make an HMAC", "API 2.0 has no kind of key for it")

    def random(self, length: int) -> bytes:  # noqa: ARG002
        """Refused: API 2.0 has no such call."""
        self._refuse("random bytes cannot be had", "take the plaintext of a data key, or API 3.0 (cloud: tencent)")

    def secret_value(self, name: str, version: str = "", stage: str = "") -> SecretValue:  # noqa: ARG002
        """Refused: secrets are another product."""
        self._refuse(f"secret {name} cannot be read", "secrets are another product of Tencent Cloud, SSM, not of KMS")

    def list_versions(self, key_id: KeyId) -> Iterable[KeyVersion]:
        """Refused: no call lists them."""
        self._refuse(f"the versions of key {key_id} cannot be listed", "no call shows them")

    def create_version(self, key_id: KeyId) -> KeyVersion | None:
        """Refused: API 2.0 has no rotation."""
        self._refuse(f"key {key_id} cannot be rotated", "API 3.0 (cloud: tencent) can")

    def wrapping_key(self, key_id: KeyId, algorithm: Algorithm) -> WrappingKey:  # noqa: ARG002
        """Refused: API 2.0 has no import."""
        self._no_import(key_id)

    def import_material(self, key_id: KeyId, wrapped: bytes, token: str, expires: int) -> None:  # noqa: ARG002
        """Refused: API 2.0 has no import."""
        self._no_import(key_id)

    def delete_material(self, key_id: KeyId) -> None:
        """Refused: API 2.0 has no import."""
        self._no_import(key_id)

    def call(self, action: str, fields: Mapping[str, Any], path: str = "") -> Mapping[str, Any]:
        """Any action of API 2.0. There is one path; writing it sends what our table does not know."""
        if path not in {"", "/v2/index.php"}:
            raise InputError(
                f"{action} has no path {path}",
                where=self._where,
                why="API 2.0 has one path only",
                advice="write /v2/index.php or none",
            )
        if not path:
            self._check(action, fields)
        return self._api.call(action, fields, repeatable=False)

    def _check(self, action: str, fields: Mapping[str, Any]) -> None:
        if action not in convert.ACTIONS:
            near = difflib.get_close_matches(action[:80], list(convert.ACTIONS), 3, 0.6)
            raise InputError(
                f"API 2.0 has no action {action}" + (f"; did you mean {' or '.join(near)}?" if near else ""),
                where=self._where,
                why=f"there are {', '.join(convert.ACTIONS)}",
            )
        required, more = convert.ACTIONS[action]
        unknown = [name for name in fields if name not in required + more]
        missing = [name for name in required if name not in fields]
        if unknown:
            raise InputError(
                f"{action} has no field {unknown[0]}",
                where=self._where,
                why=f"its fields are {', '.join(required + more)}",
            )
        if missing:
            raise InputError(f"{action} needs {' and '.join(missing)}", where=self._where)

    @property
    def _where(self) -> str:
        return f"target {self.target.name}"

    def _refuse(self, what: str, instead: str) -> NoReturn:
        raise RejectedError(what, where=self._where, why="API 2.0 of Tencent Cloud has no call for it", advice=instead)

    def _symmetric(self, key_id: KeyId) -> NoReturn:
        self._refuse(f"key {key_id} has no public key", "its keys are symmetric; API 3.0 (cloud: tencent) has others")

    def _no_import(self, key_id: KeyId) -> NoReturn:
        self._refuse(f"key {key_id} takes no material from outside", "API 3.0 (cloud: tencent) has keys that do")

    def _context(self, context: Context) -> dict[str, str]:
        try:
            return convert.context_fields(context)
        except InputError as error:
            error.at(self._where)
            raise

    def _ciphertext(self, action: str, answer: Fields, key_id: KeyId) -> Ciphertext:
        return Ciphertext(self._need(answer, "ciphertextBlob", action), KeyId(str(answer.get("keyId") or key_id)))

    def _need(self, answer: Fields, field: str, action: str) -> str:
        try:
            return convert.need(answer, field, action)
        except CloudError as error:
            error.at(self._where)
            raise

    def _bytes(self, answer: Fields, field: str, action: str) -> bytes:
        try:
            return convert.bytes_of(answer, field, action)
        except CloudError as error:
            error.at(self._where)
            raise
