"""Request rates: one token bucket per cloud, account, region and pot, on the real clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """Requests per second, and how many may come at once (the same number unless told)."""

    per_second: float
    burst: float | None = None

    @property
    def capacity(self) -> float:
        """The most tokens a bucket holds."""
        return max(1.0, self.per_second if self.burst is None else self.burst)


class Throttle:
    """The buckets. A bucket starts full."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._buckets: dict[Hashable, tuple[float, float]] = {}

    def admit(self, key: Hashable, rate: Rate) -> bool:
        """Take a token; false when there is none."""
        with self._lock:
            now = self._now()
            tokens, filled = self._buckets.get(key, (rate.capacity, now))
            tokens = min(rate.capacity, tokens + (now - filled) * rate.per_second)
            admitted = tokens >= 1
            self._buckets[key] = (tokens - 1 if admitted else tokens, now)
            return admitted

    def clear(self) -> None:
        """Fill all buckets."""
        with self._lock:
            self._buckets.clear()
