"""Looking again until what was written shows: clouds answer reads from copies that lag behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

FIRST_PAUSE = 0.5


@dataclass(frozen=True)
class Clock:
    """How long a write may take to show, and how to wait."""

    read_lag: float
    """Seconds after which what was written surely shows."""
    sleep: Callable[[float], None] = time.sleep


def until_seen(look: Callable[[], T], is_there: Callable[[T], bool], clock: Clock) -> T:
    """What `look` gives once it is there, or at the end of the read lag whatever it gives then."""
    waited, pause = 0.0, FIRST_PAUSE
    while True:
        found = look()
        if is_there(found) or waited > clock.read_lag:
            return found
        clock.sleep(pause)
        waited, pause = waited + pause, min(pause * 2, clock.read_lag / 2)
