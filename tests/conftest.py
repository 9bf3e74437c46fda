"""What holds for every test: no network beyond this machine, no credentials of the person who runs them."""

import os
import socket
from typing import Any

import pytest
from hypothesis import settings

# Reproducible by default, so that a red run means a change of the code; `HYPOTHESIS_PROFILE=search` looks further.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

LONGEST = (
    "crash/",
    "unit/access/test_pairs.py",
    "e2e/test_uses.py",
    "e2e/test_identity.py",
    "e2e/test_typed_access.py",
    "e2e/",
    "test_quality.py",
    "engine/test_end_to_end.py",
    "docs/",
    "examples/",
    "access/",
)
"""What takes minutes, longest first: files and folders here in `tests`. A worker takes whole files."""

_OWN = ("TENCENTCLOUD_", "ALIBABA_", "CTYUN_", "KMS_ENDPOINT_", "KMS_RATE_FACTOR", "KMS_DEBUG")


@pytest.fixture(autouse=True)
def _no_credentials_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(_OWN):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this machine may be reached from the test process."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if self.family in {socket.AF_INET, socket.AF_INET6} and host not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"a test wanted to reach {host}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be written anew; look at their difference before you keep them."""
    parser.addoption("--write-golden", action="store_true", help="write tests/e2e/golden anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: what is short fills up both workers at the end. No test depends on the order."""
    items.sort(key=lambda item: _turn(item.nodeid))


def _turn(node: str) -> int:
    return next((place for place, start in enumerate(LONGEST) if node.startswith(f"tests/{start}")), len(LONGEST))
