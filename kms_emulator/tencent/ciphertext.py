"""The ciphertext of symmetric keys: three base64 parts joined by ``-k-``, as the vendor's samples show it.

Part 1, 64 bytes, names key and version and is equal for all ciphertexts of one version. Part 2, 16 bytes, is a digest
of the encryption context. Part 3 is nonce, data and tag; parts 1 and 2 are bound to it. The sizes and what the parts
depend on are read from samples [S1][I]; what is inside them is this emulator's own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from dataclasses import dataclass

from kms_emulator.ciphers import CipherError
from kms_emulator.ciphers.symmetric import NONCE_LENGTH, open_sealed, seal
from kms_emulator.contract import Document
from kms_emulator.tencent import uses
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.keyring import KeyRing
from kms_emulator.tencent.vault import Vault, newest

_JOINT = "-k-"
_ID, _REFERENCE, _CHECK, _CONTEXT = 16, 32, 32, 16


def context(text: str, name: str = "EncryptionContext") -> str:
    """A checked encryption context. It is compared as text [S1], so it is kept as it came."""
    if len(text) > uses.LONGEST_CONTEXT:
        raise ApiError(Code.INVALID_PARAMETER, f"`{name}` is longer than {uses.LONGEST_CONTEXT} characters.")
    try:
        well_formed = not text or isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        well_formed = False
    if not well_formed:
        raise ApiError(Code.INVALID_PARAMETER, f"`{name}` is not the text of a JSON object.")
    return text


def sealed(key: Document, vault: Vault, plaintext: bytes, bound: str) -> str:
    """Encrypt under the newest version of a key."""
    version = newest(key)
    reference, digest = _reference(key, version), _context_digest(bound)
    nonce, data = seal(uses.kind(key), vault.material(key, version), plaintext, reference + digest)
    return _JOINT.join(base64.b64encode(part).decode() for part in (reference, digest, nonce + data))


@dataclass(frozen=True)
class Blob:
    """A ciphertext taken apart, not opened yet."""

    reference: bytes
    digest: bytes
    payload: bytes

    @classmethod
    def parse(cls, text: str) -> Blob:
        """Read a ciphertext; anything that was not made by ``sealed`` is refused."""
        parts = [decoded(part) for part in text.split(_JOINT)]
        if len(parts) != 3 or None in parts:
            raise _invalid()
        reference, digest, payload = (part or b"" for part in parts)
        if len(reference) != _REFERENCE + _CHECK or len(digest) != _CONTEXT or len(payload) < NONCE_LENGTH:
            raise _invalid()
        if reference[_REFERENCE:] != _check(reference[:_REFERENCE]):
            raise _invalid()
        return cls(reference, digest, payload)

    def key(self, keys: KeyRing) -> Document:
        """The key that made it."""
        return keys.find(str(uuid.UUID(bytes=self.reference[:_ID])))

    def is_current(self, key: Document, bound: str) -> bool:
        """Whether encrypting again with this context would use the same version."""
        return self.reference == _reference(key, newest(key)) and self.digest == _context_digest(bound)

    def opened(self, key: Document, vault: Vault, bound: str) -> bytes:
        """The plaintext; another context or a changed text is refused."""
        versions = [version["id"] for version in key["versions"]]
        version = next((name for name in versions if _reference(key, name) == self.reference), None)
        if version is None or self.digest != _context_digest(bound):
            raise _invalid()
        nonce, data = self.payload[:NONCE_LENGTH], self.payload[NONCE_LENGTH:]
        try:
            return open_sealed(uses.kind(key), vault.material(key, version), nonce, data, self.reference + self.digest)
        except CipherError:
            raise _invalid() from None


def decoded(text: str) -> bytes | None:
    """Strict base64: one text for each value, so that a changed character never goes unseen."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == text else None


def _reference(key: Document, version: str) -> bytes:
    identifier = uuid.UUID(key["id"]).bytes
    body = identifier + hashlib.sha256(f"version {key['id']} {version}".encode()).digest()[: _REFERENCE - _ID]
    return body + _check(body)


def _check(body: bytes) -> bytes:
    return hashlib.sha256(b"reference " + body).digest()


def _context_digest(bound: str) -> bytes:
    return hashlib.sha256(b"context " + bound.encode()).digest()[:_CONTEXT]


def _invalid() -> ApiError:
    return ApiError(Code.INVALID_CIPHERTEXT, "The ciphertext is not valid.")
