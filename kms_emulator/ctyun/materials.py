"""The material of a key's version: made at its first use, kept apart from the documents that answers show."""

from __future__ import annotations

from kms_emulator.ciphers.material import material_length, new_material
from kms_emulator.contract import Document
from kms_emulator.ctyun.fields import decoded, encoded
from kms_emulator.ctyun.invocation import Invocation
from kms_emulator.ctyun.keys import add_version
from kms_emulator.ctyun.terms import WRONG_STATE, Origin, Refusal
from kms_emulator.ctyun.uses import cipher_kind


def material_of(invocation: Invocation, key: Document, version: str) -> bytes:
    """The material of a version.

    What the platform makes counts from here on, inside the transaction: a second first use waits for the store's lock
    and finds what the first one kept, and a call that is refused afterwards leaves nothing in the store.
    """
    found = invocation.materials.get(version)
    if found is not None:
        invocation.workshop.forget(version)
        return decoded("material", found["material"])
    if key["origin"] == Origin.EXTERNAL:
        raise Refusal(WRONG_STATE, "its material is gone")
    made = fresh(invocation, cipher_kind(key["spec"]))
    keep(invocation, version, made)
    return made


def current_version(invocation: Invocation, key: Document) -> str:
    """The version that encrypts: the primary one, or that of a MAC key. A key planted by a seed may have none yet."""
    primary = key.get("primary")
    if primary and primary in invocation.versions:
        return str(primary)
    known = invocation.versions.ids(where=("key", key["id"]))
    if known:
        return known[0]
    version = add_version(invocation.context, invocation.scope, key, key["created"])
    invocation.keys.put(key["id"], key)
    return str(version["id"])


def keep(invocation: Invocation, identifier: str, material: bytes) -> None:
    """Store material under the id of its version or certificate."""
    invocation.materials.put(identifier, {"material": encoded(material)})


def fresh(invocation: Invocation, kind: str) -> bytes:
    """New material of a kind: prepared if it takes long; symmetric from the emulator's own source of randomness."""
    length = material_length(kind)
    if length is not None:
        return invocation.context.random.randbytes(length)
    made = invocation.prepared
    return made.material if made.kind == kind else new_material(kind)
