"""Material of key versions, and the ciphertext layout that the shared and the instance gateway have in common.

A symmetric ciphertext is the id of the key version as 36 ASCII bytes, 12 bytes of IV, and the sealed text with its tag
of 16 bytes. What is sealed is the Base64 **text** of the plaintext, not its bytes. Layout and additional data were read
in the vendor's packages [S5][S6]; that the shared gateway binds the additional data in the same way is inferred [I].

Material is made when it is first used. The store's lock is held from the first look at a document until the answer is
committed, so of two racing first uses the second one finds the material of the first. The workshop makes key pairs
beforehand where a request names the version.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kms_emulator.alibaba.errors import VendorError
from kms_emulator.alibaba.facts import HMAC
from kms_emulator.alibaba.model import KEYS, VERSIONS, Key, Version
from kms_emulator.alibaba.names import new_version_id
from kms_emulator.alibaba.workshop import WORKSHOP
from kms_emulator.ciphers import CipherError, material, symmetric
from kms_emulator.contract import Context, Scope

KINDS: Mapping[str, str] = {
    "Aliyun_AES_256": "AES_256", "Aliyun_AES_192": "AES_192", "Aliyun_AES_128": "AES_128", "Aliyun_SM4": "SM4",
    "RSA_2048": "RSA_2048", "RSA_3072": "RSA_3072", "RSA_4096": "RSA_4096", "EC_P256": "EC_P256",
    "EC_P256K": "EC_P256K", "EC_SM2": "SM2", HMAC: "HMAC",
}  # fmt: skip
"""The kind of cipher of each specification. ``Aliyun_DES3_192`` has none: it is in older texts only."""

EXTERNAL = "EXTERNAL"
VERSION_ID_BYTES = 36
_VERSION_ID = re.compile(rb"key-[a-z0-9]{21}-[a-z0-9]{10}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Sealed:
    """A symmetric ciphertext taken apart; ``body`` ends with the tag."""

    version_id: str
    iv: bytes
    body: bytes = field(repr=False)

    @property
    def blob(self) -> bytes:
        """The layout of the shared gateway. The instance gateway puts three bytes before it."""
        return self.version_id.encode("ascii") + self.iv + self.body

    @classmethod
    def parse(cls, blob: bytes) -> Sealed:
        """Take a ciphertext apart; ``CipherError`` when it cannot be one."""
        start, end = VERSION_ID_BYTES, VERSION_ID_BYTES + symmetric.NONCE_LENGTH
        if len(blob) < end + symmetric.TAG_LENGTH or not _VERSION_ID.fullmatch(blob[:start]):
            raise CipherError("the ciphertext does not have the layout of this service")
        return cls(blob[:start].decode("ascii"), blob[start:end], blob[end:])


def additional_data(context: Mapping[str, str]) -> bytes:
    """An encryption context as additional data: hexadecimal SHA-256 of ``k1=v1&k2=v2``, sorted; of none, nothing."""
    if not context:
        return b""
    text = "&".join(f"{name}={context[name]}" for name in sorted(context))
    return hashlib.sha256(text.encode()).hexdigest().encode("ascii")


def kind_of(key: Key) -> str:
    """The kind of cipher of a key."""
    kind = KINDS.get(key.spec)
    if kind is None:
        raise VendorError("UnsupportedOperation", f"Keys of the KeySpec {key.spec} cannot be used here.")
    return kind


def expect_material(key: Key, version: Version) -> None:
    """Let the key pair of a new version be made outside of the store's lock; symmetric material takes no time."""
    if not key.symmetric and key.origin != EXTERNAL:
        WORKSHOP.expect(version.id, KINDS[key.spec])


def version_of(context: Context, scope: Scope, key: Key, version_id: str) -> Version:
    """The version of the key with this id."""
    document = context.store.collection(VERSIONS, scope).get(version_id)
    if document is None or document["key"] != key.id:
        raise VendorError("Forbidden.KeyVersionNotFound")
    return Version.load(document)


def current_version(context: Context, scope: Scope, key: Key) -> Version:
    """The primary version, or the newest one of a key that has no primary version. A seeded key gets its first here."""
    versions = context.store.collection(VERSIONS, scope)
    document = versions.get(key.primary) if key.primary else None
    if document is None:
        newest = versions.list(where=("key", key.id), newest_first=True, limit=1, lagged=False).items
        document = newest[0] if newest else None
    if document is not None:
        return Version.load(document)
    first = Version(new_version_id(context, key.id), key=key.id, created=key.created, instance=key.instance)
    versions.put(first.id, first.document())
    changed = replace(key, primary=first.id if key.symmetric else "")
    context.store.collection(KEYS, scope).put(key.id, changed.document())
    return first


def material_of(context: Context, scope: Scope, key: Key, version: Version) -> bytes:
    """The material of a version, made now if it never was: raw bytes, or PKCS#8 DER for asymmetric keys."""
    versions = context.store.collection(VERSIONS, scope)
    document = versions.get(version.id)
    # The version at hand may be older than the stored one, which another use has given its material.
    stored = Version.load(document) if document is not None else version
    if stored.material:
        WORKSHOP.forget(stored.id)
        return base64.b64decode(stored.material)
    if key.origin == EXTERNAL:
        raise VendorError("Rejected.PendingImport")
    kind = kind_of(key)
    made = WORKSHOP.made(stored.id, kind) or material.new_material(kind)
    versions.put(stored.id, replace(stored, material=base64.b64encode(made).decode("ascii")).document())
    return made


def key_of(context: Context, scope: Scope, sealed: Sealed) -> Key:
    """The key that sealed a ciphertext."""
    version = context.store.collection(VERSIONS, scope).get(sealed.version_id)
    document = context.store.collection(KEYS, scope).get(version["key"]) if version is not None else None
    if document is None:
        raise VendorError("Forbidden.KeyNotFound")
    return Key.load(document)


def seal(context: Context, scope: Scope, key: Key, plaintext_b64: bytes, aad: bytes = b"") -> Sealed:
    """Seal the Base64 text of a plaintext with the current version; state and usage are the caller's matter."""
    version = current_version(context, scope, key)
    nonce, body = symmetric.seal(kind_of(key), material_of(context, scope, key, version), plaintext_b64, aad)
    return Sealed(version.id, nonce, body)


def open_sealed(context: Context, scope: Scope, key: Key, sealed: Sealed, aad: bytes = b"") -> bytes:
    """The Base64 text that was sealed; ``CipherError`` when the additional data or a bit of the ciphertext differ."""
    version = version_of(context, scope, key, sealed.version_id)
    return symmetric.open_sealed(kind_of(key), material_of(context, scope, key, version), sealed.iv, sealed.body, aad)
