"""A running emulator with Alibaba Cloud only, and clients for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kms_emulator.alibaba import CLOUD
from kms_emulator.emulator import Emulator
from kms_emulator.seed import load_seed
from kms_emulator.server import EmulatorServer
from tests.emulator.alibaba.gateway_support import GatewayClient, private_key, seeded
from tests.emulator.alibaba.support import Client


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


@pytest.fixture
def gateway(emulator: Emulator, client: Client) -> Iterator[GatewayClient]:
    file, password = seeded(emulator)
    made = GatewayClient(client.url, file["KeyId"], private_key(file["PrivateKeyData"], password))
    yield made
    made.session.close()
