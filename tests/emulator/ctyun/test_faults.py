"""Throttling, outages, lag and lost answers as CTYun's clients meet them; and that nothing answered is lost."""

from pathlib import Path
from typing import Any

import pytest
import requests

from kms_emulator.emulator import Emulator
from kms_emulator.envfile import environment
from kms_emulator.registry import load_clouds
from kms_emulator.seed import load_seed
from kms_emulator.server import EmulatorServer
from tests.emulator.ctyun.support import AK, SK, Client


def test_an_answer_lost_after_the_commit_leaves_one_key(client: Client) -> None:
    client.control("POST", "faults", {"kind": "lost_after_commit", "action": "createKey", "count": 1})
    with pytest.raises(requests.ConnectionError):
        client.make(description="only-once")
    assert [key["description"] for key in client.call("listKeys")["keys"]] == ["only-once"]
    assert client.control("GET", "journal")["entries"][0]["key"] == client.call("listKeys")["keys"][0]["cmkUuid"]


def test_a_request_lost_before_leaves_nothing(client: Client) -> None:
    client.control("POST", "faults", {"kind": "lost_before", "action": "createKey", "count": 1})
    with pytest.raises(requests.ConnectionError):
        client.make()
    assert client.call("listKeys")["totalCount"] == 0


@pytest.mark.parametrize(("kind", "made"), [("error_before", 0), ("error_after", 1)])
def test_an_outage_has_the_form_of_the_gateway(client: Client, kind: str, made: int) -> None:
    client.control("POST", "faults", {"kind": kind, "action": "createKey", "status": 502, "count": 1})
    answer = client.raw("createKey", keySpec="SM4", keyUsage="ENCRYPT/DECRYPT", protectionLevel="1")
    assert (answer.status_code, answer.json()["statusCode"]) == (502, "CTAPI_19012")
    assert client.call("listKeys")["totalCount"] == made


def test_too_many_requests_have_the_form_of_the_gateway(client: Client) -> None:
    client.control("POST", "faults", {"kind": "throttle", "count": 1})
    answer = client.raw("listKeys")
    assert (answer.status_code, answer.json()["error"]) == (429, "19011")
    assert client.raw("listKeys").status_code == 200


def test_listings_lag_and_single_reads_do_not(client: Client) -> None:
    client.set(lag=3600)
    key = client.make(aliasName="alias/new")
    assert client.state(key) == "Enabled"
    assert client.call("listKeys")["keys"] == []
    assert client.call("listAliases")["aliases"] == []
    client.set(lag=0)
    assert client.call("listKeys")["totalCount"] == 1


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    found: list[list[dict[str, Any]]] = []
    for _ in range(2):
        emulator = Emulator(tmp_path, load_clouds(["ctyun"]), load_seed(None))
        with EmulatorServer(emulator) as url:
            client = Client(url)
            if not found:
                key = client.make(aliasName="alias/one", enableAutomaticRotation=True, rotationInterval="7d")
                client.advance(8)
                client.call("scheduleKeyDeletion", cmkUuid=key, pendingWindowInDays=7)
            found.append([client.call(name) for name in ("listKeys", "listAliases")])
            client.session.close()
        emulator.close()
    assert found[0] == found[1]
    assert found[0][0]["totalCount"] == 1


def test_what_was_encrypted_before_a_restart_is_decrypted_after_it(tmp_path: Path) -> None:
    blobs: list[str] = []
    for _ in range(2):
        emulator = Emulator(tmp_path, load_clouds(["ctyun"]), load_seed(None))
        with EmulatorServer(emulator) as url:
            client = Client(url)
            if blobs:
                assert client.call("decrypt", ciphertextBlob=blobs[0])["plaintext"] == "aGVsbG8="
            else:
                blobs.append(client.call("encrypt", cmkUuid=client.make(), plaintext="aGVsbG8=")["ciphertextBlob"])
            client.session.close()
        emulator.close()


def test_a_first_use_whose_answer_is_lost_made_the_one_material(client: Client) -> None:
    key = client.make(keySpec="EC_P256", keyUsage="SIGN/VERIFY")
    names = {"cmkUuid": key, "keyVersionId": client.version(key)}
    client.control("POST", "faults", {"kind": "cut_body", "action": "getPublicKey", "nth": 1})
    with pytest.raises(requests.RequestException):
        client.raw("getPublicKey", **names)
    assert client.call("getPublicKey", **names) == client.call("getPublicKey", **names)


def test_the_environment_names_credentials_as_the_vendors_terraform_provider_does() -> None:
    variables = environment("http://127.0.0.1:1", load_seed(None).directory, None)
    assert (variables["CTYUN_AK"], variables["CTYUN_SK"]) == (AK, SK)
