"""One reading of all keys and aliases of a target, shared by everything in the process.

Reading by list instead of by key is what turns thousands of calls into dozens. The first one who asks reads, all
others wait for that reading (single flight), and after our own writes the entry of the key is replaced, so that the
sweep never says less than we know.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from threading import RLock

from kms_resources.clouds.interface import KmsClient
from kms_resources.errors import CloudError
from kms_resources.model import ActualKey, KeyId, Marker

FAILURE_SECONDS = 60.0
"""How long a failed reading answers for all who wait: a thousand keys must not each wait for a cloud that is down."""


class Sweep:
    """All keys and aliases of one target as last seen. May be shared by threads."""

    def __init__(self, client: KmsClient, now: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._now = now
        self._lock = RLock()
        self._keys: dict[KeyId, ActualKey] | None = None
        self._written: dict[KeyId, ActualKey] = {}
        self._aliases: dict[str, KeyId] | None = None
        self._keys_since = self._aliases_since = float("-inf")
        self._failure: tuple[float, CloudError] | None = None

    def keys(self, *, not_before: float = float("-inf")) -> Mapping[KeyId, ActualKey]:
        """Every key by id, read after `not_before` (of the clock `now`)."""
        with self._lock:
            if self._keys is None or self._keys_since <= not_before:
                with self._reading(not_before) as since:
                    listed = {key.id: key for key in self._client.list_keys()}
                # A listing may lag behind our own writes: what we made is there, shown or not.
                self._keys = self._written | listed
                self._keys_since = since
            return dict(self._keys)

    def aliases(self, *, not_before: float = float("-inf")) -> Mapping[str, KeyId]:
        """Every alias by name."""
        with self._lock:
            if self._aliases is None or self._aliases_since <= not_before:
                keys = self.keys(not_before=not_before).values()
                with self._reading(not_before) as since:
                    self._aliases = {alias.name: alias.key_id for alias in self._client.list_aliases(keys)}
                self._aliases_since = since
            return dict(self._aliases)

    @contextmanager
    def _reading(self, not_before: float) -> Iterator[float]:
        """Around one reading; gives the time of its beginning. Who asks for a fresh one never gets an old failure."""
        since = self._now()
        if self._failure and not_before < self._failure[0] and since - self._failure[0] < FAILURE_SECONDS:
            raise copy(self._failure[1])
        try:
            yield since
        except CloudError as error:
            self._failure = (self._now(), error)
            raise
        self._failure = None

    def marked(self, marker: Marker, *, not_before: float = float("-inf")) -> tuple[ActualKey, ...]:
        """The keys that carry a marker. More than one is never right."""
        return tuple(key for key in self.keys(not_before=not_before).values() if key.marker == marker)

    def now(self) -> float:
        """The sweep's clock, for `not_before`."""
        return self._now()

    def put(self, key: ActualKey) -> None:
        """Remember a key as it was read after a write of ours."""
        with self._lock:
            self._written[key.id] = key
            if self._keys is not None:
                self._keys[key.id] = key

    def put_alias(self, name: str, key_id: KeyId | None) -> None:
        """Remember where an alias points after a write of ours; None: nowhere."""
        with self._lock:
            if self._aliases is None:
                return
            if key_id is None:
                self._aliases.pop(name, None)
            else:
                self._aliases[name] = key_id
