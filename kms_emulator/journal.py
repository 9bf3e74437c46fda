"""The journal: what was asked and how it ended, without anything secret; in memory only."""

from __future__ import annotations

import itertools
import threading
from collections import Counter, deque
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. There is no field for bodies, signatures or secrets on purpose."""

    sequence: int
    time: float
    cloud: str
    action: str
    account: str
    region: str
    key: str
    request_id: str
    status: int | None
    error: str
    fault: str


class Journal:
    """The newest entries, and counts of all entries by cloud and action."""

    def __init__(self, capacity: int = 100_000) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=capacity)
        self._counts: Counter[tuple[str, str]] = Counter()
        self._last = 0

    def add(
        self,
        *,
        time: float,
        cloud: str,
        action: str,
        account: str,
        region: str,
        key: str,
        request_id: str,
        status: int | None,
        error: str,
        fault: str,
    ) -> None:
        """Append an entry; ``status`` is empty when no answer was sent."""
        with self._lock:
            self._last += 1
            self._entries.append(
                Entry(self._last, time, cloud, action, account, region, key, request_id, status, error, fault)
            )
            self._counts[cloud, action] += 1

    def entries(self, since: int = 0, cloud: str | None = None, action: str | None = None) -> list[dict[str, object]]:
        """Entries after the sequence number ``since``, oldest first."""
        with self._lock:
            newer = list(itertools.takewhile(lambda entry: entry.sequence > since, reversed(self._entries)))
        newer.reverse()
        return [
            asdict(entry)
            for entry in newer
            if (cloud is None or entry.cloud == cloud) and (action is None or entry.action == action)
        ]

    def summary(self) -> dict[str, dict[str, int]]:
        """How many requests there were, by cloud and action."""
        with self._lock:
            counts = sorted(self._counts.items())
        clouds: dict[str, dict[str, int]] = {}
        for (cloud, action), number in counts:
            clouds.setdefault(cloud, {})[action] = number
        return clouds

    @property
    def last(self) -> int:
        """The newest sequence number; numbers go on after the journal was cleared."""
        return self._last

    def clear(self) -> None:
        """Forget entries and counts."""
        with self._lock:
            self._entries.clear()
            self._counts.clear()
