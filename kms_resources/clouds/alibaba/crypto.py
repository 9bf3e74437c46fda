"""The use of keys at Alibaba Cloud: which door an operation takes, and what exists on one of them only.

A target with a `gateway` (or with ALIBABA_KMS_GATEWAY in the environment, see `client_key`) has two doors. The ten
operations of `GATEWAY_OPERATIONS` go to the instance, unless `shared` names them or is `*`; `door("shared")` and
`door("instance")` give a view of the client for single calls. Everything else goes through the only door that has it.
Each door has credentials of its own; a call through one whose credentials are missing says so, the other works on.

Pages: https://www.alibabacloud.com/help/en/kms/key-management-service/developer-reference/api-kms-2016-01-20-overview
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from difflib import get_close_matches
from typing import Any

from kms_resources.clouds.alibaba import actions, wire
from kms_resources.clouds.alibaba.doors import Door, Once, opened
from kms_resources.clouds.alibaba.gateway import InstanceGateway
from kms_resources.clouds.alibaba.instance import InstanceDoor
from kms_resources.clouds.alibaba.limits import CRYPTO
from kms_resources.clouds.alibaba.openapi import OpenApi, filled
from kms_resources.clouds.alibaba.shared import SharedDoor, ciphertext, context_field
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
from kms_resources.errors import CredentialsError, InputError, RejectedError
from kms_resources.model import KeyId, Target
from kms_resources.redact import label

SHARED, INSTANCE, ALL = "shared", "instance", "*"


class AlibabaCrypto:
    """One method per need of `CryptoClient`. May be shared by threads, and so may its views.

    `api` and `gateway` open the doors; `gateway` is None for a target that has only the shared one.
    """

    def __init__(
        self,
        target: Target,
        api: Callable[[], OpenApi],
        gateway: Callable[[], InstanceGateway] | None = None,
        *,
        shared_operations: Iterable[str] = (),
        encoding: str = "utf-8",
    ) -> None:
        self.target = target
        self._shared = Once(lambda: SharedDoor(api()))
        self._gateway = Once(gateway) if gateway else None
        self._shared_operations = frozenset(shared_operations)
        self._encoding = wire.text_encoding(encoding)
        self._door = ""
        for name in self._shared_operations - {ALL, *CRYPTO.gateway_operations}:
            near = get_close_matches(name, CRYPTO.gateway_operations, n=1)
            raise InputError(
                f"{label(name)} is no operation of the instance gateway",
                where=f"target {target.name}",
                why=f"allowed in shared: {', '.join([ALL, *CRYPTO.gateway_operations])}",
                advice=f"did you mean {near[0]}?" if near else "",
            )

    def check_credentials(self) -> None:
        """Raise `CredentialsError` when no door has any."""
        if self._gateway is None:
            self._shared()
            return
        problems: list[str] = []
        doors: Mapping[str, Callable[[], object]] = {SHARED: self._shared, INSTANCE: self._gateway}
        for name, door in doors.items():
            try:
                door()
            except CredentialsError as error:
                problems.append(f"{name}: {error.what}, {error.why}")
            else:
                return
        raise CredentialsError(
            "no credentials for either door",
            where=self._where,
            why="; ".join(problems),
            advice="one of the two kinds is enough for what its door can do",
        )

    def __repr__(self) -> str:
        return f"AlibabaCrypto({self.target.name!r}, door={self._door or 'by operation'!r})"

    def door(self, name: str) -> AlibabaCrypto:
        """A view of this client whose calls all take one door: `shared` or `instance`. Raises `InputError`."""
        if name not in {SHARED, INSTANCE}:
            raise InputError(f"{label(name)} is no door", why=f"there are {SHARED} and {INSTANCE}")
        if name == INSTANCE and self._gateway is None:
            raise InputError(
                "there is no instance door",
                where=self._where,
                why="the target has no gateway, and no variable names one",
                advice="write `gateway:` in the target, or export ALIBABA_KMS_GATEWAY",
            )
        view = copy(self)
        view._door = name
        return view

    def encoded(self, encoding: str) -> AlibabaCrypto:
        """A view of this client whose texts become bytes in another way on the instance's door."""
        view = copy(self)
        view._encoding = wire.text_encoding(encoding)
        return view

    def encrypt(self, key_id: KeyId, plaintext: bytes, context: Context = NO_CONTEXT) -> Ciphertext:
        """Encrypt."""
        return self._for("Encrypt").encrypt(key_id, plaintext, context)

    def decrypt(self, blob: str, context: Context = NO_CONTEXT) -> Decrypted:
        """Decrypt."""
        return self._for("Decrypt").decrypt(blob, context)

    def re_encrypt(
        self, blob: str, key_id: KeyId, context: Context = NO_CONTEXT, new_context: Context = NO_CONTEXT
    ) -> Ciphertext:
        """ReEncrypt (kms:ReEncryptFrom on the one key, kms:ReEncryptTo on the other); shared gateway only."""
        fields = {
            "CiphertextBlob": blob,
            "DestinationKeyId": key_id,
            **context_field(context, "SourceEncryptionContext"),
            **context_field(new_context, "DestinationEncryptionContext"),
        }
        return self._api("ReEncrypt").send("ReEncrypt", fields, ciphertext)

    def generate_data_key(
        self, key_id: KeyId, length: int, context: Context = NO_CONTEXT, *, with_plaintext: bool = True
    ) -> DataKey:
        """GenerateDataKey, or GenerateDataKeyWithoutPlaintext."""
        operation = "GenerateDataKey" if with_plaintext else "GenerateDataKeyWithoutPlaintext"
        return self._for(operation).generate_data_key(key_id, length, context, with_plaintext=with_plaintext)

    def public_key(self, key_id: KeyId, version: str = "") -> PublicKey:
        """GetPublicKey."""
        return self._for("GetPublicKey").public_key(key_id, version)

    def asymmetric_encrypt(self, key_id: KeyId, version: str, algorithm: Algorithm, plaintext: bytes) -> bytes:
        """AsymmetricEncrypt."""
        return self._for("AsymmetricEncrypt").asymmetric_encrypt(key_id, version, algorithm, plaintext)

    def asymmetric_decrypt(self, key_id: KeyId, version: str, algorithm: Algorithm, ciphertext: bytes) -> bytes:
        """AsymmetricDecrypt."""
        return self._for("AsymmetricDecrypt").asymmetric_decrypt(key_id, version, algorithm, ciphertext)

    def sign(self, key_id: KeyId, version: str, algorithm: Algorithm, digest: bytes) -> bytes:
        """AsymmetricSign."""
        return self._for("AsymmetricSign").sign(key_id, version, algorithm, digest)

    def verify(self, key_id: KeyId, version: str, algorithm: Algorithm, digest: bytes, signature: bytes) -> bool:
        """AsymmetricVerify; what has not the form of a signature is not sent."""
        door = self._for("AsymmetricVerify")
        return wire.looks_like_signature(algorithm, signature) and door.verify(
            key_id, version, algorithm, digest, signature
        )

    def hmac(self, key_id: KeyId, message: bytes) -> bytes:
        """GenerateMac (kms:GenerateMac [I]) with HMAC_SM3, for a key that was made elsewhere; shared gateway only."""
        return self._api("GenerateMac").send(
            "GenerateMac",
            {"KeyId": key_id, "Algorithm": "HMAC_SM3", "Message": wire.to_text(message)},
            lambda answer: wire.to_bytes(filled(answer["Mac"])),
        )

    def random(self, length: int) -> bytes:
        """GenerateRandom; instance gateway only."""
        if self._gateway is None or self._door == SHARED:
            raise RejectedError(
                "GenerateRandom was not sent",
                where=self._where,
                why="the shared gateway has no random bytes, only the gateway of an instance has",
                advice="let the target have a gateway, or take a data key or this machine's own random bytes",
            )
        return self._open_instance(self._gateway, "GenerateRandom").random(length)

    def secret_value(self, name: str, version: str = "", stage: str = "") -> SecretValue:
        """GetSecretValue."""
        return self._for("GetSecretValue").secret_value(name, version, stage)

    def list_versions(self, key_id: KeyId) -> list[KeyVersion]:
        """ListKeyVersions; shared gateway only."""
        return self._only_shared("ListKeyVersions").versions(key_id)

    def create_version(self, key_id: KeyId) -> KeyVersion:
        """CreateKeyVersion (kms:CreateKeyVersion); shared gateway only. Sent once: versions cannot be deleted.

        A pair of keys gets one after seven days at the earliest; whether an instance's key can, the instance decides.
        """
        door = self._only_shared("CreateKeyVersion")
        try:
            return door.api.send(
                "CreateKeyVersion",
                {"KeyId": key_id},
                lambda answer: KeyVersion(
                    filled(answer["KeyVersion"]["KeyVersionId"]), str(answer["KeyVersion"].get("CreationDate") or "")
                ),
                repeatable=False,
            )
        finally:
            door.forget_versions()

    def wrapping_key(self, key_id: KeyId, algorithm: Algorithm) -> WrappingKey:
        """GetParametersForImport (kms:GetParametersForImport); shared gateway only."""
        spec = "EC_SM2" if algorithm is Algorithm.SM2PKE else "RSA_2048"
        return self._api("GetParametersForImport").send(
            "GetParametersForImport",
            {"KeyId": key_id, "WrappingKeySpec": spec, "WrappingAlgorithm": str(algorithm)},
            lambda answer: WrappingKey(
                wire.to_bytes(filled(answer["PublicKey"])),
                filled(answer["ImportToken"]),
                algorithm,
                str(answer.get("TokenExpireTime") or ""),
            ),
        )

    def import_material(self, key_id: KeyId, wrapped: bytes, token: str, expires: int) -> None:
        """ImportKeyMaterial (kms:ImportKeyMaterial); shared gateway only."""
        self._api("ImportKeyMaterial").change(
            "ImportKeyMaterial",
            {
                "KeyId": key_id,
                "EncryptedKeyMaterial": wire.to_text(wrapped),
                "ImportToken": token,
                "KeyMaterialExpireUnix": expires,
            },
            repeatable=False,
        )

    def delete_material(self, key_id: KeyId) -> None:
        """DeleteKeyMaterial (kms:DeleteKeyMaterial); shared gateway only."""
        self._api("DeleteKeyMaterial").change("DeleteKeyMaterial", {"KeyId": key_id})

    def call(self, action: str, fields: Mapping[str, Any], path: str = "") -> Mapping[str, Any]:
        """Any action of the OpenAPI; shared gateway only. Lists and objects may be given as such or as JSON text."""
        if path:
            raise InputError(
                "--path is not for Alibaba Cloud", why="its API has no paths: the name of the action is enough"
            )
        actions.known_action(action, fields)
        return self._api(action).send(action, fields, lambda answer: answer, repeatable=False)

    def _for(self, operation: str) -> Door:
        """The door that one of the ten operations takes."""
        by_list = not self._door and not self._shared_operations.isdisjoint({ALL, operation})
        if self._gateway is None or self._door == SHARED or by_list:
            return self._open_shared(operation)
        return self._open_instance(self._gateway, operation)

    def _only_shared(self, operation: str) -> SharedDoor:
        """The shared gateway, for what only it has."""
        if self._door == INSTANCE:
            raise RejectedError(
                f"{operation} was not sent",
                where=self._where,
                why="the gateway of an instance does not have it",
                advice="leave the door out, or choose shared",
            )
        return self._open_shared(operation)

    def _api(self, operation: str) -> OpenApi:
        return self._only_shared(operation).api

    def _open_shared(self, operation: str) -> SharedDoor:
        return opened(self._shared, operation, SHARED, self._where)

    def _open_instance(self, gateway: Once[InstanceGateway], operation: str) -> InstanceDoor:
        return InstanceDoor(opened(gateway, operation, INSTANCE, self._where), self._encoding)

    @property
    def _where(self) -> str:
        return f"target {self.target.name}"
