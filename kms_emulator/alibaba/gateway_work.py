"""One verified request of the instance gateway at work: its fields, and the keys that it may reach."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kms_emulator.alibaba import use
from kms_emulator.alibaba.ciphertexts import Sealed, current_version, key_of, kind_of, material_of, version_of
from kms_emulator.alibaba.errors import VendorError, invalid, missing
from kms_emulator.alibaba.facts import Usage
from kms_emulator.alibaba.gateway_messages import Values
from kms_emulator.alibaba.model import Key, Version
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.parameters import Parameters
from kms_emulator.alibaba.point_access import Gate
from kms_emulator.ciphers import CipherError, symmetric

# A plaintext of the shared gateway's size as Base64 text, which is what the vendor's package sends.
PLAINTEXT_BYTES = (use.PLAINTEXT_BYTES + 2) // 3 * 4
AAD_BYTES = 4 * use.CONTEXT_LENGTH  # the old form sends the encryption context as it stands
MESSAGE_BYTES = 65536  # [I?]
HEADER = b"$\x00\x02"  # version 0 and padding 0 in four bits each; 2 is AES_GCM [S5 run]
_GCM = {"Aliyun_SM4": "SM4_GCM"}  # [I?]
_PADDING = ("", "NO_PADDING")  # GCM has none [I]


@dataclass
class Work:
    """A request at work. ``instances`` are those the client key is for, ``wanted_version`` the version a header names.

    ``version`` becomes the version that was used, which a header of the answer tells. ``gate`` is there while access is
    enforced.
    """

    operation: Operation
    fields: Mapping[str, Any] = field(repr=False)
    instances: frozenset[str]
    wanted_version: str = ""
    prepared: bytes = field(default=b"", repr=False)
    version: str = ""
    gate: Gate | None = None

    def text(self, name: str) -> str:
        """A text, empty when absent."""
        return str(self.fields.get(name, ""))

    def data(self, name: str, most: int = use.CIPHERTEXT_BYTES) -> bytes:
        """Bytes that must be there."""
        value = bytes(self.fields.get(name, b""))
        if not value:
            raise missing(name)
        if len(value) > most:
            raise invalid(name, f"at most {most} bytes are allowed")
        return value

    def aad(self) -> bytes:
        """The additional data."""
        value = bytes(self.fields.get("Aad", b""))
        if len(value) > AAD_BYTES:
            raise invalid("Aad", f"at most {AAD_BYTES} bytes are allowed")
        return value

    def size(self, name: str, default: int, least: int, most: int) -> int:
        """A number of bytes."""
        number = int(self.fields.get(name, 0)) or default
        if not least <= number <= most:
            raise invalid(name, f"a whole number from {least} to {most} is expected")
        return number

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """One of the allowed texts."""
        return Parameters({name: self.text(name)}).choice(name, allowed, default)

    def with_parameters(self, **values: str) -> Operation:
        """The operation as if these parameters had come to the shared gateway."""
        self.operation = replace(self.operation, parameters=Parameters(values))
        return self.operation

    def key(self) -> Key:
        """The key that ``KeyId`` names by id, alias or ARN, if it may be used."""
        return self.usable(self.with_parameters(KeyId=self.text("KeyId")).key_or_alias())

    def usable(self, key: Key) -> Key:
        """The key, if it is one of the instance's and in a state to be used. Other keys do not exist here [S21]."""
        if key.instance not in self.instances:
            raise VendorError("Forbidden.KeyNotFound")
        if self.gate is not None:
            self.gate.use_key(key.instance, key.id)
        # Whoever calls the instance's own gateway does not depend on its public access.
        self.operation.host = f"{key.instance}."
        return use.checked(self.operation, key)

    def version_of(self, key: Key) -> Version:
        """The version that a header names, else the current one."""
        context, scope = self.operation.context, self.operation.scope
        version = (
            version_of(context, scope, key, self.wanted_version)
            if self.wanted_version
            else current_version(context, scope, key)
        )
        self.version = version.id
        return version

    def asymmetric(self, key: Key, **values: str) -> Operation:
        """The operation for a call of the shared gateway that names a version of an asymmetric key."""
        return self.with_parameters(KeyId=key.id, KeyVersionId=self.version_of(key).id, **values)

    def seal(self, key: Key, plaintext: bytes) -> Sealed:
        """Seal with the current version of a symmetric key; ``Iv`` is used when it was sent."""
        check_cipher(self, key)
        context, scope = self.operation.context, self.operation.scope
        version = current_version(context, scope, key)
        self.version = version.id
        material = material_of(context, scope, key, version)
        nonce = bytes(self.fields.get("Iv", b"")) or None
        return Sealed(
            version.id, *use.computed("Iv", symmetric.seal, kind_of(key), material, plaintext, self.aad(), nonce)
        )

    def open(self, key: Key, sealed: Sealed) -> bytes:
        """Open what a version of a symmetric key has sealed."""
        check_cipher(self, key)
        context, scope = self.operation.context, self.operation.scope
        material = material_of(context, scope, key, version_of(context, scope, key, sealed.version_id))
        try:
            plaintext = symmetric.open_sealed(kind_of(key), material, sealed.iv, sealed.body, self.aad())
        except CipherError:
            raise invalid("CiphertextBlob", "it cannot be opened with this Iv and Aad") from None
        self.version = sealed.version_id
        return plaintext

    def sealing_key(self, sealed: Sealed) -> Key:
        """The key of a ciphertext; a ``KeyId`` that was sent as well must mean the same one [I?]."""
        key = self.usable(key_of(self.operation.context, self.operation.scope, sealed))
        if self.text("KeyId") and self.key().id != key.id:
            raise invalid("KeyId", "another key has made the ciphertext")
        return key

    def cipher(self, key: Key) -> Values:
        """What an answer tells of a symmetric cipher."""
        return {"Algorithm": cipher_name(key), "PaddingMode": self.text("PaddingMode")}


def cipher_name(key: Key) -> str:
    """The algorithm of a symmetric key."""
    return _GCM.get(key.spec, "AES_GCM")


def check_cipher(work: Work, key: Key) -> None:
    """Refuse keys that do not encrypt symmetrically, and modes other than GCM."""
    use.symmetric(key)
    work.choice("Algorithm", (cipher_name(key),), "")
    if work.text("PaddingMode") not in _PADDING:
        raise invalid("PaddingMode", "NO_PADDING is the only one of this algorithm")


def advanced(sealed: Sealed) -> Values:
    """A ciphertext with its header, and what it holds told beside it."""
    return {"CiphertextBlob": HEADER + sealed.blob, "Iv": sealed.iv, "KeyVersionId": sealed.version_id}


def algorithm_of(work: Work, key: Key, usage: Usage) -> str:
    """The algorithm that was named, else the first of the key's [I?]."""
    usual = use.ALGORITHMS.get(key.spec, {}).get(usage, ("",))[0]
    return use.algorithm(work.with_parameters(KeyId=key.id, Algorithm=work.text("Algorithm") or usual), key, usage)


def decoded(text: object) -> bytes:
    """The bytes of an answer of the shared gateway."""
    return base64.b64decode(str(text))
