"""Key pairs made before a request takes the store's lock: RSA takes up to seconds, and others must not wait for it.

A request does not know its key before it holds the lock. So it is remembered here which versions, among those whose id
was told to a client, still lack their key pair. The store stays the one authority: what is made here counts from the
commit that stores it, and until then is handed out again and never made again. Nothing here needs to survive: a version
that is not remembered gets its key pair under the lock.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kms_emulator.ciphers.material import new_material
from kms_emulator.ctyun.uses import CERTIFICATE_SPECS, WRAPPING_ALGORITHMS, cipher_kind

_Fields = Mapping[str, Any]


class Prepared(NamedTuple):
    """A key pair and its kind; both empty when there is none."""

    kind: str = ""
    material: bytes = b""

    def __repr__(self) -> str:
        return f"Prepared({self.kind!r})"


NOTHING = Prepared()


@dataclass
class _Order:
    kind: str
    lock: threading.Lock = field(default_factory=threading.Lock)
    made: bytes = field(default=b"", repr=False)


class Workshop:
    """Key pairs that versions lack; of all threads and accounts, since ids of versions are unique."""

    def __init__(self) -> None:
        self._orders: dict[str, _Order] = {}
        self._lock = threading.Lock()

    def expect(self, version: str, kind: str) -> None:
        """Remember that a version has no key pair yet."""
        with self._lock:
            # Emulators with the same random seed in one process give the same ids, perhaps to other kinds of keys.
            if version not in self._orders or self._orders[version].kind != kind:
                self._orders[version] = _Order(kind)

    def make(self, version: str) -> Prepared:
        """The key pair for a version that lacks one, made now unless it is there already; else nothing."""
        with self._lock:
            order = self._orders.get(version)
        if order is None:
            return NOTHING
        with order.lock:
            order.made = order.made or new_material(order.kind)
            return Prepared(order.kind, order.made)

    def forget(self, version: str) -> None:
        """The store has the key pair of this version."""
        with self._lock:
            self._orders.pop(version, None)


# What a field alone tells is made for this request, and thrown away when it is refused: the field, its words.
_BY_SPEC: Mapping[str, tuple[str, Collection[str]]] = {
    "createCertificate": ("keySpec", CERTIFICATE_SPECS),
    "getParametersForImport": ("wrappingKeySpec", WRAPPING_ALGORITHMS),
}
# The field that names the version whose key pair is used.
_BY_VERSION: Mapping[str, str] = {
    **dict.fromkeys(
        ("asymmetricSign", "asymmetricVerify", "asymmetricEncrypt", "asymmetricDecrypt", "getPublicKey"), "keyVersionId"
    ),
    "reEncrypt": "sourceKeyVersionId",
}


def prepared(workshop: Workshop, operation: str, fields: _Fields) -> Prepared:
    """What an operation may need that takes long; call it after the signature was checked and before the store."""
    if operation in _BY_SPEC:
        name, specs = _BY_SPEC[operation]
        kind = cipher_kind(fields[name])
        return Prepared(kind, new_material(kind)) if fields[name] in specs else NOTHING
    version = fields.get(_BY_VERSION.get(operation, ""))
    return workshop.make(version) if version else NOTHING
