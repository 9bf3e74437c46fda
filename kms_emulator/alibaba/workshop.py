"""Key pairs made before a request takes the store's lock: RSA takes up to a second, and others must not wait for it.

Only versions made by this process are known here, as lacking a key pair until it is stored. The store stays the one
authority: a key pair counts from the commit that stores it, and until then the same one is handed out again. Nothing
here needs to survive: a version that is not known gets its key pair under the lock.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from kms_emulator.alibaba.parameters import Parameters
from kms_emulator.ciphers.material import new_material


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
        """Remember that a new version has no key pair yet."""
        with self._lock:
            self._orders[version] = _Order(kind)

    def make(self, version: str) -> None:
        """Make the key pair of a version that is known to lack one; call it without the store's lock."""
        with self._lock:
            order = self._orders.get(version)
        if order is not None:
            with order.lock:
                order.made = order.made or new_material(order.kind)

    def made(self, version: str, kind: str) -> bytes:
        """The key pair that was made for a version of this kind; empty if none was."""
        with self._lock:
            order = self._orders.get(version)
        return order.made if order is not None and order.kind == kind else b""

    def forget(self, version: str) -> None:
        """The store has the key pair of this version."""
        with self._lock:
            self._orders.pop(version, None)


WORKSHOP = Workshop()


def prepare_named_version(parameters: Parameters) -> bytes:
    """Make what the version lacks that a request names; the key pair waits in the workshop."""
    WORKSHOP.make(parameters.text("KeyVersionId") or parameters.text("SourceKeyVersionId"))
    return b""
