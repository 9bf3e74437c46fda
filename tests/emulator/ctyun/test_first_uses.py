"""Key pairs are made outside the store's lock, and never twice."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from kms_emulator.ciphers.material import new_material
from kms_emulator.ctyun import materials, workshop
from kms_emulator.ctyun.cloud import CtyunCloud
from kms_emulator.ctyun.workshop import NOTHING, Prepared, Workshop
from kms_emulator.emulator import Emulator
from kms_emulator.seed import load_seed
from kms_emulator.server import EmulatorServer
from tests.emulator.ctyun.support import Client, b64

PATIENCE = 30  # seconds until a test that waits for another thread gives up


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
        return new_material(kind)


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
    monkeypatch.setattr(materials, "new_material", watched)
    return watched


@pytest.fixture
def second(client: Client) -> Iterator[Client]:
    made = Client(client.url)
    yield made
    made.session.close()


def pair(client: Client, spec: str = "RSA_2048", usage: str = "SIGN/VERIFY") -> dict[str, str]:
    key = client.make(keySpec=spec, keyUsage=usage)
    return {"cmkUuid": key, "keyVersionId": client.version(key)}


def call_for(client: Client, operation: str) -> dict[str, Any]:
    """Fields of a good call of an operation that makes a key pair."""
    if operation == "getPublicKey":
        return pair(client)
    if operation == "getParametersForImport":
        wrapping = {"wrappingAlgorithm": "RSAES_OAEP_SHA_256", "wrappingKeySpec": "RSA_2048"}
        return {"cmkUuid": client.make(origin="EXTERNAL"), **wrapping}
    return {
        "keySpec": "RSA_2048", "subject": "CN=test.example.com,C=CN", "exportablePrivateKey": 0, "protectionLevel": "1",
        "subjectAlternativeNames": "['test.example.com']",
    }  # fmt: skip


@pytest.mark.parametrize("operation", ["getPublicKey", "createCertificate", "getParametersForImport"])
def test_others_are_served_while_a_key_pair_is_made(
    client: Client, second: Client, outside: Watched, inside: Watched, operation: str
) -> None:
    fields = call_for(client, operation)
    outside.go.clear()
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(client.call, operation, **fields)
        assert outside.begun.wait(PATIENCE)
        key = second.make()
        assert second.call("encrypt", cmkUuid=key, plaintext="AA==")["cmkUuid"] == key
        assert not under_way.done()
        outside.go.set()
        assert under_way.result(PATIENCE)
    assert (outside.kinds, inside.kinds) == (["RSA_2048"], [])


def test_racing_first_uses_make_one_key_pair(client: Client, outside: Watched, inside: Watched) -> None:
    names = pair(client)
    clients = [Client(client.url) for _ in range(8)]
    with ThreadPoolExecutor(len(clients)) as pool:
        found = set(pool.map(lambda one: one.call("getPublicKey", **names)["publicKey"], clients))
    for one in clients:
        one.session.close()
    assert found == {client.call("getPublicKey", **names)["publicKey"]}
    assert (outside.kinds, inside.kinds) == (["RSA_2048"], [])


def test_a_refused_first_use_makes_the_key_pair_that_the_next_one_gets(
    client: Client, outside: Watched, inside: Watched
) -> None:
    names = pair(client, usage="ENCRYPT/DECRYPT")
    fields = {**names, "algorithm": "RSAES_OAEP_SHA_256"}
    assert client.refused("asymmetricDecrypt", **fields, ciphertextBlob=b64(bytes(256))) == (400, "KMS_9036")
    blob = client.call("asymmetricEncrypt", **fields, plaintext=b64(b"hello"))["ciphertextBlob"]
    assert client.call("asymmetricDecrypt", **fields, ciphertextBlob=blob)["plaintext"] == b64(b"hello")
    assert (outside.kinds, inside.kinds) == (["RSA_2048"], [])


def test_every_version_gets_a_key_pair_of_its_own(client: Client, outside: Watched, inside: Watched) -> None:
    first = pair(client, "EC_P256")
    client.advance(8)
    second = client.call("createKeyVersion", cmkUuid=first["cmkUuid"])
    names = {**first, "keyVersionId": second["keyVersionId"]}
    found = [client.call("getPublicKey", **given)["publicKey"] for given in (first, names, first, names)]
    assert (found[0] != found[1], found[:2]) == (True, found[2:])
    assert (outside.kinds, inside.kinds) == (["EC_P256", "EC_P256"], [])


def test_a_first_use_after_a_restart_needs_no_memory(tmp_path: Path, outside: Watched, inside: Watched) -> None:
    names: dict[str, str] = {}
    for _ in range(2):
        emulator = Emulator(tmp_path, [CtyunCloud()], load_seed(None))
        with EmulatorServer(emulator) as url:
            client = Client(url)
            if names:
                assert client.call("getPublicKey", **names) == client.call("getPublicKey", **names)
            names = names or pair(client)
            client.session.close()
        emulator.close()
    assert (outside.kinds, inside.kinds) == ([], ["RSA_2048"])


def test_unknown_versions_and_bad_specs_make_nothing(client: Client, outside: Watched, inside: Watched) -> None:
    names = pair(client)
    client.refused("getPublicKey", **{**names, "keyVersionId": "unknown"})
    client.refused("createCertificate", **{**call_for(client, "createCertificate"), "keySpec": "RSA_1"})
    fields = call_for(client, "getParametersForImport")
    client.refused("getParametersForImport", **{**fields, "wrappingKeySpec": "RSA_1"})
    assert (outside.kinds, inside.kinds) == ([], [])


def test_the_workshop_keeps_what_it_made_until_the_store_has_it() -> None:
    made = Workshop()
    assert made.make("version") == NOTHING
    made.expect("version", "EC_P256")
    first = made.make("version")
    made.expect("version", "EC_P256")
    assert made.make("version") == first
    made.expect("version", "SM2")  # an id that another emulator gave to another kind of key
    assert made.make("version").kind == "SM2"
    made.forget("version")
    made.forget("version")
    assert made.make("version") == NOTHING


def test_a_prepared_key_pair_does_not_show_itself() -> None:
    assert repr(Prepared("RSA_2048", b"private")) == "Prepared('RSA_2048')"
