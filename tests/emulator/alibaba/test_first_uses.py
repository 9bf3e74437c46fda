"""Key pairs are made outside the store's lock where a request names the version, and never twice."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kms_emulator.alibaba import CLOUD, ciphertexts, workshop
from kms_emulator.alibaba.workshop import Workshop
from kms_emulator.ciphers import material
from kms_emulator.emulator import Emulator
from kms_emulator.seed import load_seed
from kms_emulator.server import EmulatorServer
from tests.emulator.alibaba.support import SOFTWARE, Client

PATIENCE = 30  # seconds until a test that waits for another thread gives up
MAKE = material.new_material


class Watched:
    """Makes real key pairs, counts them, and can be held up before it does."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.begun, self.go = threading.Event(), threading.Event()
        self.go.set()

    def __call__(self, kind: str) -> bytes:
        self.kinds.append(kind)
        self.begun.set()
        assert self.go.wait(PATIENCE)
        return MAKE(kind)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """What is made before the store is touched."""
    watched = Watched()
    monkeypatch.setattr(workshop, "new_material", watched)
    return watched


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """What is made under the store's lock."""
    watched = Watched()
    monkeypatch.setattr(material, "new_material", watched)
    return watched


@pytest.fixture
def second(client: Client) -> Iterator[Client]:
    made = Client(client.url)
    yield made
    made.session.close()


def pair(client: Client, **parameters: object) -> dict[str, str]:
    """A new RSA key and its version."""
    key = client.key(KeySpec="RSA_2048", **parameters)
    versions = client.call("ListKeyVersions", KeyId=key)["KeyVersions"]["KeyVersion"]
    return {"KeyId": key, "KeyVersionId": versions[0]["KeyVersionId"]}


def public(client: Client, named: dict[str, str]) -> str:
    return str(client.call("GetPublicKey", **named)["PublicKey"])


def test_others_are_served_while_a_key_pair_is_made(
    client: Client, second: Client, outside: Watched, inside: Watched
) -> None:
    named = pair(client)
    outside.go.clear()
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(public, second, named)
        try:
            assert outside.begun.wait(PATIENCE)
            assert client.call("ListKeys")["TotalCount"] == 1
        finally:
            outside.go.set()
        assert pending.result(PATIENCE) == public(client, named)
    assert (outside.kinds, inside.kinds) == (["RSA_2048"], [])


def test_racing_first_uses_get_the_same_key_pair(client: Client, second: Client, outside: Watched, inside: Watched
                                                 ) -> None:  # fmt: skip
    named = pair(client)
    with ThreadPoolExecutor(2) as pool:
        found = {future.result(PATIENCE) for future in [pool.submit(public, who, named) for who in (client, second)]}
    assert len(found) == 1
    assert (outside.kinds, inside.kinds) == (["RSA_2048"], [])


def test_a_version_made_by_rotation_is_known_too(client: Client, outside: Watched, inside: Watched) -> None:
    client.set(many_default_keys=True)
    named = pair(client, DKMSInstanceId="")
    client.advance(8 * 86400)
    version = client.call("CreateKeyVersion", KeyId=named["KeyId"])["KeyVersion"]["KeyVersionId"]
    assert public(client, named) != public(client, {**named, "KeyVersionId": version})
    assert (outside.kinds, inside.kinds) == (["RSA_2048", "RSA_2048"], [])


def test_nothing_is_made_for_a_request_that_is_not_signed_well(client: Client, outside: Watched) -> None:
    named = pair(client)
    forger = Client(client.url, secret="other")
    assert forger.refused("GetPublicKey", **named) == (400, "IncompleteSignature")
    forger.session.close()
    assert outside.kinds == []


def test_after_a_restart_the_key_pair_is_the_same_or_is_made_under_the_lock(
    tmp_path: Path, outside: Watched, inside: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def started() -> Emulator:
        monkeypatch.setattr(workshop, "WORKSHOP", Workshop())
        monkeypatch.setattr(ciphertexts, "WORKSHOP", workshop.WORKSHOP)
        return Emulator(tmp_path, [CLOUD], load_seed(None))

    emulator = started()
    with EmulatorServer(emulator) as url:
        client = Client(url)
        used, unused = pair(client), pair(client)
        before = public(client, used)
        client.session.close()
    emulator.close()
    emulator = started()
    with EmulatorServer(emulator) as url:
        client = Client(url)
        assert public(client, used) == before
        assert public(client, unused) == public(client, unused)
        client.session.close()
    emulator.close()
    assert (outside.kinds, inside.kinds) == (["RSA_2048"], ["RSA_2048"])


def test_a_workshop_hands_out_what_it_made_for_the_right_kind_until_the_store_has_it() -> None:
    shop = Workshop()
    shop.make("unknown")
    shop.expect("v", "EC_P256")
    assert shop.made("v", "EC_P256") == b""
    shop.make("v")
    made = shop.made("v", "EC_P256")
    assert made
    shop.make("v")
    assert (shop.made("v", "EC_P256"), shop.made("v", "RSA_2048"), shop.made("unknown", "EC_P256")) == (made, b"", b"")
    shop.forget("v")
    assert shop.made("v", "EC_P256") == b""


def test_symmetric_keys_have_nothing_to_wait_for(client: Client, outside: Watched) -> None:
    key = client.key(DKMSInstanceId=SOFTWARE)
    client.call("Encrypt", KeyId=key, Plaintext="aGVsbG8=")
    assert outside.kinds == []
