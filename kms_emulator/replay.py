"""Remembers nonces, so that a cloud can refuse a request that is sent twice."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable


class ReplayGuard:
    """Values seen within a time, in memory and on the real clock."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._seen: set[tuple[str, str]] = set()
        self._ends: list[tuple[float, tuple[str, str]]] = []

    def first_use(self, pool: str, value: str, seconds: float) -> bool:
        """True the first time; false when the value was used in this pool less than ``seconds`` ago."""
        entry = (pool, value)
        with self._lock:
            now = self._now()
            while self._ends and self._ends[0][0] <= now:
                self._seen.discard(heapq.heappop(self._ends)[1])
            if entry in self._seen:
                return False
            self._seen.add(entry)
            heapq.heappush(self._ends, (now + seconds, entry))
            return True

    def clear(self) -> None:
        """Forget all values."""
        with self._lock:
            self._seen.clear()
            self._ends.clear()
