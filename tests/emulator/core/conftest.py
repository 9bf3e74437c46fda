"""A running emulator with the sample cloud, and a client for it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from kms_emulator.emulator import Emulator
from kms_emulator.server import EmulatorServer
from tests.emulator.core.sample import SampleCloud, sample_seed


@dataclass
class Client:
    """Calls the sample cloud and the control paths."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)

    def call(self, action: str, secret: str = "sample-secret", **data: Any) -> requests.Response:
        headers = {"X-Sample-Action": action, "X-Sample-Id": "sample-id", "X-Sample-Secret": secret}
        return self.session.post(self.url, json=data, headers=headers, timeout=10)

    def control(self, method: str, path: str, content: Any = None, **query: str) -> Any:
        response = self.session.request(method, f"{self.url}/_emulator/{path}", json=content, params=query, timeout=10)
        response.raise_for_status()
        return response.json()

    def aliases(self) -> list[str]:
        found: list[str] = self.call("ListKeys").json()["aliases"]
        return found


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    made = Emulator(tmp_path, [SampleCloud()], sample_seed(tmp_path))
    yield made
    made.close()


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    with EmulatorServer(emulator) as url:
        made = Client(url)
        yield made
        made.session.close()
