"""The driver of the vendor's packages, one per test process, and its clients for the running emulator."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulator.alibaba.foreign.environment import Driver, Foreign, built_python
from tests.emulator.alibaba.gateway_support import PASSWORD
from tests.emulator.alibaba.support import KEY_ID, REGION, SECRET, Client


@pytest.fixture(scope="session")
def driver() -> Iterator[Driver]:
    made = Driver(built_python())
    yield made
    made.close()


@pytest.fixture
def config(client: Client) -> dict[str, Any]:
    """The packages' settings for a client key that was made through the API."""
    made = client.call("CreateClientKey", AapName="example-application", Password=PASSWORD)
    content = f'{{"KeyId":"{made["ClientKeyId"]}","PrivateKeyData":"{made["PrivateKeyData"]}"}}'
    return {"protocol": "http", "endpoint": client.host, "client_key_content": content, "password": PASSWORD}


@pytest.fixture
def foreign(driver: Driver, config: dict[str, Any], client: Client) -> Foreign:
    shared = {
        "access_key_id": KEY_ID, "access_key_secret": SECRET, "endpoint": client.host, "protocol": "http",
        "region_id": REGION,
    }  # fmt: skip
    return Foreign(driver, config, shared)
