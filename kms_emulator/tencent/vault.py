"""Key material: made when it is first used, kept apart from the keys, erased with them."""

from __future__ import annotations

import base64
import hashlib
from random import Random
from typing import cast

from kms_emulator.ciphers.material import material_length, new_material
from kms_emulator.contract import Collection, Document, Kind
from kms_emulator.tencent import uses
from kms_emulator.tencent.facts import Origin

# One document per version; the id is the key's id and the version's.
MATERIALS = Kind("materials")


class Vault:
    """The material of the keys of one account and region.

    Material comes into being inside the request's transaction: the store's lock makes a second first use wait and then
    find what the first one made, and a request that fails leaves none behind. So a version never has two materials,
    and none that was answered with is lost.
    """

    def __init__(self, collection: Collection, random: Random) -> None:
        self._collection, self._random = collection, random

    def material(self, key: Document, version: str) -> bytes:
        """The material of a version of a key, made now if this is its first use."""
        found = self._collection.get(_place(key, version))
        if found is not None:
            return base64.b64decode(found["material"])
        if key["origin"] == Origin.EXTERNAL:
            raise LookupError(f"the imported material of {key['id']} is not there")
        kind = uses.kind(key)
        length = material_length(kind)
        made = new_material(kind) if length is None else self._random.randbytes(length)
        self.keep(key, version, made)
        return made

    def keep(self, key: Document, version: str, material: bytes) -> None:
        """Keep the material of a version."""
        document: Document = {"key": key["id"], "material": base64.b64encode(material).decode()}
        self._collection.put(_place(key, version), document)

    def erase(self, key: Document) -> None:
        """Destroy all material of a key."""
        for version in key["versions"]:
            self._collection.delete(_place(key, version["id"]))


def newest(key: Document) -> str:
    """The id of the version that encrypts."""
    return cast("str", key["versions"][-1]["id"])


def fingerprint(key: Document, material: bytes) -> str:
    """What stays of imported material when it is erased, to recognise it at the next import."""
    return hashlib.sha256(f"material of {key['id']} ".encode() + material).hexdigest()


def _place(key: Document, version: str) -> str:
    return f"{key['id']}/{version}"
