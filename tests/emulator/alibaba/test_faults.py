"""Throttling, outages, lag and lost answers as clients meet them; and that nothing answered is lost."""

from pathlib import Path
from typing import Any

import pytest
import requests

from kms_emulator.alibaba import CLOUD
from kms_emulator.emulator import Emulator
from kms_emulator.seed import load_seed
from kms_emulator.server import EmulatorServer
from tests.emulator.alibaba.support import DAY, REGION, Client, tag_list


def test_an_answer_lost_after_the_commit_leaves_one_key_that_its_tag_finds(client: Client) -> None:
    client.control("faults", {"kind": "lost_after_commit", "action": "CreateKey", "count": 1})
    with pytest.raises(requests.ConnectionError):
        client.key(Tags=tag_list(id="only-once"))
    (key,) = client.ids(("TagKey", ["id"]), ("TagValue", ["only-once"]))
    entries = client.session.get(f"{client.url}/_emulator/journal", timeout=10).json()["entries"]
    assert entries[0]["key"] == key


def test_a_request_lost_before_leaves_nothing(client: Client) -> None:
    client.control("faults", {"kind": "lost_before", "action": "CreateKey", "count": 1})
    with pytest.raises(requests.ConnectionError):
        client.key()
    assert client.ids() == []


@pytest.mark.parametrize(
    ("status", "code"), [(503, "ServiceUnavailableTemporary"), (500, "InternalFailure"), (502, "InternalFailure")]
)
@pytest.mark.parametrize(("kind", "made"), [("error_before", 0), ("error_after", 1)])
def test_an_outage_has_the_form_of_the_vendor(client: Client, kind: str, made: int, status: int, code: str) -> None:
    client.control("faults", {"kind": kind, "action": "CreateKey", "status": status, "count": 1})
    assert client.refused("CreateKey") == (status, code)
    assert len(client.ids()) == made


def test_too_many_requests_are_refused_as_the_vendor_does(client: Client) -> None:
    client.control("faults", {"kind": "throttle", "count": 1})
    response = client.raw("ListKeys")
    assert (response.status_code, response.json()["Code"]) == (429, "Rejected.Throttling")
    assert response.json()["Message"] == "QPS Limit Exceeded"
    assert client.raw("ListKeys").status_code == 200


def test_request_rates_apply_when_throttling_is_on(client: Client) -> None:
    client.control("settings", {"throttle": True})
    statuses = [client.raw("DescribeAccountKmsStatus").status_code for _ in range(3)]
    assert statuses[0] == 200
    assert 429 in statuses
    assert client.raw("DescribeRegions").status_code == 200


def test_listings_lag_and_single_reads_do_not(client: Client) -> None:
    client.control("settings", {"lag": 3600})
    key = client.key(Tags=tag_list(id="new"))
    client.call("CreateAlias", AliasName="alias/new", KeyId=key)
    assert (client.state(key), client.state("alias/new"), client.tags(key)) == ("Enabled", "Enabled", {"id": "new"})
    assert client.ids() == client.ids(("TagValue", ["new"])) == client.ids(("KeyId", [key])) == []
    assert client.call("ListAliases")["TotalCount"] == 0
    listed = client.call("ListTagResources", RegionId=REGION, ResourceType="key", ResourceId__1=key)
    assert listed["TagResources"]["TagResource"] == []
    client.control("settings", {"lag": 0})
    assert client.ids() == [key]


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    found: list[list[dict[str, Any]]] = []
    for _ in range(2):
        emulator = Emulator(tmp_path, [CLOUD], load_seed(None))
        with EmulatorServer(emulator) as url:
            client = Client(url)
            if not found:
                key = client.key(EnableAutomaticRotation=True, RotationInterval="7d", Tags=tag_list(a="b"))
                client.call("CreateAlias", AliasName="alias/one", KeyId=key)
                client.advance(8 * DAY)
                client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
            found.append([client.meta("alias/one"), client.tags(key), client.call("ListKeyVersions", KeyId=key)])
            client.session.close()
        emulator.close()
    for answers in found:
        answers[2].pop("RequestId")
    assert found[0] == found[1]
    assert found[0][2]["TotalCount"] == 2


def test_material_and_values_are_the_same_after_a_restart(tmp_path: Path) -> None:
    found: list[list[object]] = []
    blob = ""
    for _ in range(2):
        emulator = Emulator(tmp_path, [CLOUD], load_seed(None))
        with EmulatorServer(emulator) as url:
            client = Client(url)
            if not found:
                key = client.key()
                client.call("CreateAlias", AliasName="alias/pair", KeyId=client.key(KeySpec="RSA_2048"))
                blob = client.call("Encrypt", KeyId=key, Plaintext="aGVsbG8=")["CiphertextBlob"]
                client.call("CreateSecret", SecretName="s", VersionId="v1", SecretData="hush")
            version = client.call("ListKeyVersions", KeyId="alias/pair")["KeyVersions"]["KeyVersion"][0]["KeyVersionId"]
            found.append([
                client.call("Decrypt", CiphertextBlob=blob)["Plaintext"],
                client.call("GetPublicKey", KeyId="alias/pair", KeyVersionId=version)["PublicKey"],
                client.call("GetSecretValue", SecretName="s")["SecretData"],
            ])  # fmt: skip
            client.session.close()
        emulator.close()
    assert found[0] == found[1]
    assert found[0][0] == "aGVsbG8="


def test_an_answer_lost_after_the_first_use_keeps_the_material(client: Client) -> None:
    key = client.key(KeySpec="EC_P256")
    version = client.call("ListKeyVersions", KeyId=key)["KeyVersions"]["KeyVersion"][0]["KeyVersionId"]
    client.control("faults", {"kind": "lost_after_commit", "action": "GetPublicKey", "count": 1})
    with pytest.raises(requests.ConnectionError):
        client.raw("GetPublicKey", KeyId=key, KeyVersionId=version)
    pems = [client.call("GetPublicKey", KeyId=key, KeyVersionId=version)["PublicKey"] for _ in range(2)]
    assert pems[0] == pems[1]
