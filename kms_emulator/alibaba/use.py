"""What every cryptographic call checks before it computes: access, state, usage, algorithm; and how it reads values."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar

from kms_emulator.alibaba.ciphertexts import Sealed, key_of, kind_of, version_of
from kms_emulator.alibaba.errors import PUBLIC_ACCESS_OFF, WRONG_USAGE, VendorError, invalid
from kms_emulator.alibaba.facts import State, Usage
from kms_emulator.alibaba.lifecycle import Payload, require
from kms_emulator.alibaba.model import SERVICE, Instance, Key, Version
from kms_emulator.alibaba.operation import Operation
from kms_emulator.ciphers import CipherError

CONTEXT_LENGTH = 8192  # [S1]
PLAINTEXT_BYTES = 6144  # [S1]
CIPHERTEXT_BYTES = 16384  # [I?] room for every ciphertext that is made here
LARGEST_ASYMMETRIC = 6144  # [S9]

_RSA = {
    Usage.ENCRYPT: ("RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1"),
    Usage.SIGN: ("RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"),
}
_EC = {Usage.SIGN: ("ECDSA_SHA_256",)}
ALGORITHMS: Mapping[str, Mapping[Usage, tuple[str, ...]]] = {  # [S9]; RSA_4096 as the others [I]
    "RSA_2048": _RSA, "RSA_3072": _RSA, "RSA_4096": _RSA, "EC_P256": _EC, "EC_P256K": _EC,
    "EC_SM2": {Usage.ENCRYPT: ("SM2PKE",), Usage.SIGN: ("SM2DSA",)},
}  # fmt: skip

P = ParamSpec("P")
T = TypeVar("T")


def checked(operation: Operation, key: Key) -> Key:
    """The key if this request may use it for anything: enabled, and open to the gateway that was called."""
    operation.touched = key.id
    require(key, State.ENABLED)
    if key.creator_type == SERVICE:
        raise VendorError("Forbidden.NoPermission")
    document = operation.instances.get(key.instance) if key.instance else None
    # The instance's own host also takes calls of this kind, whatever the switch for public access says [S21].
    closed = document is not None and not Instance.load(document).public_access
    if closed and not operation.host.startswith(f"{key.instance}."):
        raise VendorError(PUBLIC_ACCESS_OFF, "Public access is switched off for the instance of the key.")
    return key


def sealing_key(operation: Operation, sealed: Sealed) -> Key:
    """The key that sealed a ciphertext."""
    operation.scope = operation.lender(sealed.version_id)
    return key_of(operation.context, operation.scope, sealed)


def symmetric_key(operation: Operation, name: str = "KeyId") -> Key:
    """The key named by a parameter, for encryption with a symmetric key."""
    return symmetric(checked(operation, operation.key_or_alias(name)))


def symmetric(key: Key) -> Key:
    """The key if it encrypts symmetrically."""
    if not key.symmetric or key.usage != Usage.ENCRYPT:
        raise VendorError(WRONG_USAGE, f"A key of the KeySpec {key.spec} does not encrypt symmetrically.")
    kind_of(key)
    return key


def asymmetric_key(operation: Operation, key: str = "KeyId", version: str = "KeyVersionId") -> tuple[Key, Version]:
    """The asymmetric key and the version that two parameters name."""
    wanted = operation.parameters.required(version)
    found = checked(operation, operation.key_or_alias(key))
    if found.symmetric:
        raise VendorError("Rejected.UnsupportedOperation", "The key is not asymmetric.")
    return found, version_of(operation.context, operation.scope, found, wanted)


def algorithm(operation: Operation, key: Key, usage: Usage, name: str = "Algorithm") -> str:
    """The algorithm that a parameter names, if the key is for it."""
    every = tuple(dict.fromkeys(entry for row in ALGORITHMS.values() for entry in row.get(usage, ())))
    chosen = operation.parameters.choice(name, every)
    if key.usage != usage:
        raise VendorError(WRONG_USAGE, f"The KeyUsage of the key is {key.usage}.")
    allowed = ALGORITHMS[key.spec].get(usage, ())
    if chosen not in allowed:
        raise invalid(name, f"a key of the KeySpec {key.spec} has {', '.join(allowed)}")
    return chosen


def encryption_context(operation: Operation, name: str = "EncryptionContext") -> dict[str, str]:
    """The encryption context."""
    if len(operation.parameters.text(name)) > CONTEXT_LENGTH:
        raise invalid(name, f"at most {CONTEXT_LENGTH} characters are allowed")
    return operation.parameters.json_texts(name)


def computed(name: str, compute: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
    """Compute; what the ciphers refuse is the fault of this parameter."""
    try:
        return compute(*args, **more)
    except CipherError:
        raise invalid(name) from None


def encoded(value: bytes) -> str:
    """Bytes as they are answered."""
    return base64.b64encode(value).decode("ascii")


def named(key: Key, version: str) -> Payload:
    """What every answer tells of the key."""
    return {"KeyId": key.id, "KeyVersionId": version}
