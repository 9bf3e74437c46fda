"""The movable clock: real time plus an offset that the store remembers."""

from __future__ import annotations

import time

from kms_emulator.store import Store

_OFFSET = "clock_offset"


class Clock:
    """Emulated time. It always runs; moving it shifts it against real time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._offset = float(store.meta(_OFFSET) or 0)

    @property
    def offset(self) -> float:
        """Seconds by which emulated time is ahead of real time."""
        return self._offset

    def now(self) -> float:
        """Emulated time, seconds since 1970."""
        return self.real() + self._offset

    @staticmethod
    def real() -> float:
        """Real time, seconds since 1970; the clock that clients sign with."""
        return time.time()

    def advance(self, seconds: float) -> None:
        """Move by so many seconds, also backwards."""
        self._move(self._offset + seconds)

    def set(self, moment: float) -> None:
        """Move to a moment."""
        self._move(moment - self.real())

    def reset(self) -> None:
        """Back to real time."""
        self._move(0.0)

    def _move(self, offset: float) -> None:
        self._store.set_meta(_OFFSET, repr(offset))
        self._offset = offset
