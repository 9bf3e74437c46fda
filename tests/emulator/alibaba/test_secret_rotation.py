"""Managed secrets: their forms, and rotation by the clock and by hand."""

import json
from typing import Any

import pytest

from tests.emulator.alibaba.support import DAY, SOFTWARE, Client

NOW = 1711360800
INVALID = (400, "InvalidParameter")
RDS = {
    "SecretType": "Rds", "SecretData": '{"Accounts":[{"AccountName":"app","AccountPassword":"hush"}]}',
    "ExtendedConfig": '{"SecretSubType":"SingleUser","DBInstanceId":"rm-1"}',
}  # fmt: skip
CONFIG = '{"SecretSubType":"Password","AccountName":"app"}'


@pytest.fixture(autouse=True)
def _known_time(client: Client) -> None:
    client.control("clock", {"set": NOW})


def create(client: Client, **more: object) -> dict[str, Any]:
    return client.call("CreateSecret", **{"SecretName": "db", "VersionId": "v1", **RDS, **more})


def read(client: Client, **more: object) -> dict[str, Any]:
    return client.call("GetSecretValue", **{"SecretName": "db", **more})


def password(client: Client, **more: object) -> str:
    return str(json.loads(read(client, **more)["SecretData"])["AccountPassword"])


def test_a_managed_secret_tells_of_its_rotation(client: Client) -> None:
    made = create(client, EnableAutomaticRotation=True, RotationInterval="7d")
    assert (made["AutomaticRotation"], made["RotationInterval"], made["NextRotationDate"]) == (
        "Enabled", "604800s", "2024-04-01T10:00:00Z",
    )  # fmt: skip
    found = read(client, FetchExtendedConfig=True)
    assert json.loads(found["SecretData"]) == {"AccountName": "app", "AccountPassword": "hush"}
    assert json.loads(found["ExtendedConfig"])["DBInstanceId"] == "rm-1"
    assert "LastRotationDate" not in found
    told = client.call("DescribeSecret", SecretName="db")
    assert (told["AutomaticRotation"], told["SecretType"]) == ("Enabled", "Rds")


def test_rotation_happens_by_the_clock(client: Client) -> None:
    create(client, EnableAutomaticRotation=True, RotationInterval="6h")
    client.advance(6 * 3600 + 60)
    found = read(client)
    assert (found["LastRotationDate"], found["NextRotationDate"]) == ("2024-03-25T16:00:00Z", "2024-03-25T22:00:00Z")
    assert found["VersionStages"] == {"VersionStage": ["ACSCurrent"]}
    assert password(client) != "hush" == password(client, VersionStage="ACSPrevious")
    first = found["VersionId"]
    client.advance(5 * DAY)
    assert read(client)["VersionId"] != first
    listed = client.call("ListSecretVersionIds", SecretName="db", IncludeDeprecated=True)
    assert listed["TotalCount"] == 10


def test_rotation_happens_by_hand(client: Client) -> None:
    create(client)
    answer = client.call("RotateSecret", SecretName="db", VersionId="v2")
    assert (answer["VersionId"], answer["SecretName"]) == ("v2", "db")
    found = read(client)
    assert (found["AutomaticRotation"], found["LastRotationDate"]) == ("Disabled", "2024-03-25T10:00:00Z")
    assert password(client) != "hush"
    assert client.refused("RotateSecret", SecretName="db", VersionId="v2") == (409, "Rejected.ResourceExist")


def test_the_plan_of_rotation_is_changed(client: Client) -> None:
    create(client)
    action = "UpdateSecretRotationPolicy"
    client.call(action, SecretName="db", EnableAutomaticRotation=True, RotationInterval="365d")
    assert read(client)["RotationInterval"] == "31536000s"
    for bad in ("5h", "366d", "7"):
        assert client.refused(action, SecretName="db", EnableAutomaticRotation=True, RotationInterval=bad) == INVALID
    client.call(action, SecretName="db", EnableAutomaticRotation=False)
    found = read(client)
    assert found["AutomaticRotation"] == "Disabled"
    assert "NextRotationDate" not in found
    client.advance(400 * DAY)
    assert read(client)["VersionId"] == "v1"


@pytest.mark.parametrize(
    ("kind", "name", "given", "members"),
    [
        ("Redis", "r", "$Auto", {"AccountName", "AccountPassword"}),
        ("PolarDB", "p", "$Auto", {"AccountName", "AccountPassword"}),
        ("ECS", "acs/ecs/e", '{"UserName":"root","Password":"hush"}', {"UserName", "Password"}),
        ("RAMCredentials", "$Auto", '{"AccessKeys":[{"AccessKeyId":"a","AccessKeySecret":"b"}]}',
         {"AccessKeyId", "AccessKeySecret", "GenerateTimestamp"}),
    ],
)  # fmt: skip
def test_every_type_is_taken_in_its_form(client: Client, kind: str, name: str, given: str, members: set[str]) -> None:
    made = create(client, SecretName=name, SecretType=kind, SecretData=given, ExtendedConfig=CONFIG)
    assert made["SecretName"].startswith("acs/ram/user/") if name == "$Auto" else made["SecretName"] == name
    before = read(client, SecretName=made["SecretName"])
    assert set(json.loads(before["SecretData"])) == members
    client.call("RotateSecret", SecretName=made["SecretName"], VersionId="v2")
    assert read(client, SecretName=made["SecretName"])["SecretData"] != before["SecretData"]


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"ExtendedConfig": ""}, (400, "MissingParameter")), ({"ExtendedConfig": "[]"}, INVALID),
        ({"ExtendedConfig": '{"a":"' + "x" * 1024 + '"}'}, INVALID), ({"SecretDataType": "binary"}, INVALID),
        ({"SecretData": "hush"}, INVALID), ({"SecretData": '{"Accounts":[]}'}, INVALID),
        ({"SecretType": "Redis"}, INVALID), ({"SecretType": "ECS"}, INVALID),
        ({"SecretType": "RAMCredentials"}, INVALID),
        ({"EnableAutomaticRotation": True}, (400, "MissingParameter")),
        ({"EnableAutomaticRotation": True, "RotationInterval": "1h"}, INVALID),
    ],
    ids=str,
)  # fmt: skip
def test_a_managed_secret_in_another_form_is_refused(
    client: Client, changed: dict[str, object], refusal: tuple[int, str]
) -> None:
    assert client.refused("CreateSecret", **{"SecretName": "db", "VersionId": "v1", **RDS, **changed}) == refusal


def test_values_and_stages_of_managed_secrets_are_not_set_by_hand(client: Client) -> None:
    create(client)
    refusal = (400, "UnsupportedOperation")
    assert client.refused("PutSecretValue", SecretName="db", VersionId="v2", SecretData="x") == refusal
    given = {"SecretName": "db", "VersionStage": "mine", "MoveToVersion": "v1"}
    assert client.refused("UpdateSecretVersionStage", **given) == refusal
    assert client.refused("GetSecretValue", SecretName="db", VersionStage="mine") == INVALID


def test_generic_secrets_do_not_rotate(client: Client) -> None:
    given = {"SecretName": "g", "VersionId": "v1", "SecretData": "x", "EnableAutomaticRotation": True}
    assert "AutomaticRotation" not in client.call("CreateSecret", **given)
    refusal = (400, "UnsupportedOperation")
    assert client.refused("RotateSecret", SecretName="g", VersionId="v2") == refusal
    assert client.refused("UpdateSecretRotationPolicy", SecretName="g", EnableAutomaticRotation=False) == refusal


def test_custom_data_is_changed(client: Client) -> None:
    create(client)
    client.call("UpdateSecret", SecretName="db", ExtendedConfig__CustomData='{"team":"x"}')
    config = json.loads(client.call("DescribeSecret", SecretName="db")["ExtendedConfig"])
    assert (config["CustomData"], config["DBInstanceId"]) == ({"team": "x"}, "rm-1")
    client.control("settings", {"strict": True})
    client.call(
        "UpdateSecret", SecretName="db", ExtendedConfig__CustomData__team="y", ExtendedConfig__CustomData__a__b=1
    )
    config = json.loads(client.call("DescribeSecret", SecretName="db")["ExtendedConfig"])
    assert config["CustomData"] == {"team": "y", "a": {"b": "1"}}
    twice = {"ExtendedConfig__CustomData__a": "1", "ExtendedConfig__CustomData__a__b": "1"}
    assert client.refused("UpdateSecret", SecretName="db", **twice) == INVALID
    assert client.refused("UpdateSecret", SecretName="db", ExtendedConfig__CustomData="[1]") == INVALID
    long = '{"a":"' + "x" * 1024 + '"}'
    assert client.refused("UpdateSecret", SecretName="db", ExtendedConfig__CustomData=long) == INVALID


def test_a_rotation_that_fails_is_told_and_stops_nobody(client: Client) -> None:
    key = client.key()
    create(client, DKMSInstanceId=SOFTWARE, EncryptionKeyId=key, EnableAutomaticRotation=True, RotationInterval="7d")
    client.call("DisableKey", KeyId=key)
    client.advance(8 * DAY)
    told = client.call("DescribeSecret", SecretName="db")
    assert (told["AutomaticRotation"], told["NextRotationDate"]) == ("Invalid", "2024-04-08T10:00:00Z")
    client.call("EnableKey", KeyId=key)
    assert read(client)["VersionId"] == "v1"
    client.advance(7 * DAY)
    assert read(client)["AutomaticRotation"] == "Enabled"
    assert read(client)["VersionId"] != "v1"
