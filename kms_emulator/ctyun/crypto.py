"""Use of keys: which key may do what, and the form of ciphertexts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from kms_emulator.ciphers import CipherError
from kms_emulator.ciphers.symmetric import NONCE_LENGTH, open_sealed, seal
from kms_emulator.contract import Document
from kms_emulator.ctyun import fields
from kms_emulator.ctyun.invocation import Invocation
from kms_emulator.ctyun.materials import current_version, material_of
from kms_emulator.ctyun.terms import (
    BAD_CIPHERTEXT,
    BAD_VALUE,
    NO_KEY,
    NO_VERSION,
    NOT_FOR_THIS_KEY,
    SPECS,
    WRONG_STATE,
    Refusal,
    State,
    Usage,
)
from kms_emulator.ctyun.uses import KEY_RESOURCE, cipher_kind

_ID_LENGTH = 36


@dataclass(frozen=True)
class Opened:
    """What was in a ciphertext, and who opened it."""

    plaintext: bytes = field(repr=False)
    key: str
    version: str

    @property
    def names(self) -> dict[str, object]:
        """The key and its version as answers name them."""
        return {"cmkUuid": self.key, "keyVersionId": self.version}


def key_for_use(invocation: Invocation, usage: Usage | None, name: str = "cmkUuid") -> Document:
    """The key that a field names by its id or an alias [I?], if it may be used now; with no usage, for anything."""
    identifier = invocation.fields[name]
    alias = invocation.aliases.get(identifier) if identifier.startswith("alias") else None
    key = invocation.keys.get(alias["key"] if alias else identifier)
    if key is None:
        raise Refusal(NO_KEY)
    return _usable(invocation, key, usage)


def _usable(invocation: Invocation, key: Document, usage: Usage | None) -> Document:
    if key["state"] != State.ENABLED:
        raise Refusal(WRONG_STATE, f"it is {key['state']}")
    if usage is not None and key["usage"] != usage:
        raise Refusal(NOT_FOR_THIS_KEY, f"it is for {key['usage']}")
    invocation.use(KEY_RESOURCE, key["id"])
    return key


def symmetric_key(invocation: Invocation, name: str = "cmkUuid") -> Document:
    """The key for encryption with a symmetric key."""
    key = key_for_use(invocation, Usage.CRYPT, name)
    if not SPECS[key["spec"]].symmetric:
        raise Refusal(NOT_FOR_THIS_KEY, "a symmetric key is needed")
    return key


def key_pair(
    invocation: Invocation, usage: Usage | None, key: str = "cmkUuid", version: str = "keyVersionId"
) -> tuple[Document, str]:
    """The key pair and the version that two fields name; with no usage, of either."""
    found = key_for_use(invocation, usage, key)
    if not SPECS[found["spec"]].asymmetric:
        raise Refusal(NOT_FOR_THIS_KEY, "a key pair is needed")
    wanted = invocation.versions.get(invocation.fields[version])
    if wanted is None or wanted["key"] != found["id"]:
        raise Refusal(NO_VERSION)
    return found, str(wanted["id"])


def sealed(invocation: Invocation, key: Document, plaintext: bytes, context: Mapping[str, str]) -> dict[str, object]:
    """A ciphertext under the primary version: its id, a nonce, and the sealed bytes, in Base64 [I]."""
    version = current_version(invocation, key)
    nonce = invocation.context.random.randbytes(NONCE_LENGTH)
    _, box = seal(
        cipher_kind(key["spec"]), material_of(invocation, key, version), plaintext, _bound(context), nonce
    )  # fmt: skip
    blob = fields.encoded(version.encode() + nonce + box)
    return {"ciphertextBlob": blob, "cmkUuid": key["id"], "keyVersionId": version}


def opened(invocation: Invocation, context: Mapping[str, str]) -> Opened:
    """The content of ``ciphertextBlob``, which names the version that made it."""
    blob = fields.decoded("ciphertextBlob", invocation.fields["ciphertextBlob"])
    identifier = blob[:_ID_LENGTH].decode("ascii", errors="replace")
    version = invocation.versions.get(identifier)
    key = invocation.keys.get(version["key"]) if version else None
    if key is None or not SPECS[key["spec"]].symmetric:
        raise Refusal(BAD_CIPHERTEXT)
    _usable(invocation, key, Usage.CRYPT)
    nonce, box = blob[_ID_LENGTH : _ID_LENGTH + NONCE_LENGTH], blob[_ID_LENGTH + NONCE_LENGTH :]
    material = material_of(invocation, key, identifier)
    try:
        return Opened(
            open_sealed(cipher_kind(key["spec"]), material, nonce, box, _bound(context)), key["id"], identifier
        )
    except CipherError:
        raise Refusal(BAD_CIPHERTEXT) from None


def context_of(invocation: Invocation, name: str = "encryptionContext") -> Mapping[str, str]:
    """The encryption context in a field; none is the same as an empty one."""
    return fields.texts(name, invocation.fields.get(name, {}))


def _bound(context: Mapping[str, str]) -> bytes:
    if not context:
        return b""
    return json.dumps(context, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def algorithm_for(invocation: Invocation, allowed: tuple[str, ...], name: str = "algorithm") -> str:
    """The algorithm in a field, if the key has it."""
    wanted: str = invocation.fields[name]
    if wanted not in allowed:
        raise Refusal(BAD_VALUE, f"{name} must be one of {', '.join(allowed)} for this key")
    return wanted
