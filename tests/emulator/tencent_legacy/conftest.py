"""A running emulator with API 2.0 of Tencent Cloud only, and a client for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kms_emulator.emulator import Emulator
from kms_emulator.seed import load_seed
from kms_emulator.server import EmulatorServer
from kms_emulator.tencent_legacy import CLOUD
from tests.emulator.tencent_legacy.support import Client


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    made = Emulator(tmp_path, [CLOUD], load_seed(None))
    yield made
    made.close()


@pytest.fixture
def client(emulator: Emulator) -> Iterator[Client]:
    with EmulatorServer(emulator) as url:
        made = Client(url)
        yield made
        made.session.close()
