"""Fixtures for the clients: a server to talk to, and a sleep that only counts."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.unit.clouds.loopback import Loopback


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    loopback = Loopback()
    yield loopback
    loopback.stop()


class Naps:
    """Stands for `time.sleep`: notes the pauses and moves the monotonic clock on instead of waiting."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> Naps:
    taken = Naps()
    real = time.monotonic
    monkeypatch.setattr("tenacity.time.monotonic", lambda: real() + sum(taken.taken))
    return taken
