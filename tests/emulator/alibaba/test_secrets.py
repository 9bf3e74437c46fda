"""Secrets: values, versions, stages, deletion and restoring, policies, tags, quotas; and random passwords."""

import json
import string
from typing import Any

import pytest

from kms_emulator.emulator import Emulator
from kms_emulator.store import Scope
from tests.emulator.alibaba.support import (
    ACCOUNT,
    DAY,
    HARDWARE,
    REGION,
    SOFTWARE,
    Client,
    plant,
    tag_list,
    usual_policy,
)

NOW = 1711360800
INVALID, MISSING = (400, "InvalidParameter"), (400, "MissingParameter")
GONE = (404, "Forbidden.ResourceNotFound")
EXISTS = (409, "Rejected.ResourceExist")
IN_WINDOW = (409, "Rejected.ResourceInDeleteWindow")


def create(client: Client, name: str = "db/app", value: str = "hush", **more: object) -> dict[str, Any]:
    return client.call("CreateSecret", **{"SecretName": name, "VersionId": "v1", "SecretData": value, **more})


def put(client: Client, version: str, value: str, **more: object) -> dict[str, Any]:
    return client.call("PutSecretValue", SecretName="db/app", VersionId=version, SecretData=value, **more)


def stages(client: Client, **more: object) -> dict[str, list[str]]:
    answer = client.call("ListSecretVersionIds", SecretName="db/app", IncludeDeprecated=True, **more)
    return {entry["VersionId"]: entry["VersionStages"]["VersionStage"] for entry in answer["VersionIds"]["VersionId"]}


def value(client: Client, **more: object) -> str:
    return str(client.call("GetSecretValue", SecretName="db/app", **more)["SecretData"])


def test_a_secret_is_made_and_read(client: Client) -> None:
    client.control("clock", {"set": NOW})
    made = create(client, Description="the database", Tags=tag_list(env="prod"))
    arn = f"acs:kms:{REGION}:{ACCOUNT}:secret/db/app"
    assert {**made, "RequestId": ""} == {
        "RequestId": "", "Arn": arn, "SecretName": "db/app", "VersionId": "v1", "SecretType": "Generic",
        "DKMSInstanceId": "",
    }  # fmt: skip
    found = client.call("GetSecretValue", SecretName=arn)
    assert {**found, "RequestId": ""} == {
        "RequestId": "", "SecretName": "db/app", "SecretType": "Generic", "SecretData": "hush",
        "SecretDataType": "text", "VersionId": "v1", "VersionStages": {"VersionStage": ["ACSCurrent"]},
        "CreateTime": "2024-03-25T10:00:00Z",
    }  # fmt: skip
    told = client.call("DescribeSecret", SecretName="db/app", FetchTags="true")
    assert {**told, "RequestId": ""} == {
        "RequestId": "", "Arn": arn, "SecretName": "db/app", "SecretType": "Generic", "Description": "the database",
        "EncryptionKeyId": "", "DKMSInstanceId": "", "CreateTime": "2024-03-25T10:00:00Z",
        "UpdateTime": "2024-03-25T10:00:00Z", "PlannedDeleteTime": "",
        "Tags": {"Tag": [{"TagKey": "env", "TagValue": "prod"}]},
    }  # fmt: skip
    assert "Tags" not in client.call("DescribeSecret", SecretName="db/app")


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("SecretName", "acs/mine"), ("SecretName", "x" * 193), ("SecretName", "a b"), ("VersionId", "v" * 65),
        ("SecretData", "x" * 30721), ("SecretDataType", "json"), ("SecretType", "generic"), ("Policy", "{}"),
        ("Policy", '{"Version":"1","Statement":[],"x":"' + "x" * 32768 + '"}'), ("Description", "x" * 8193),
        ("Tags", "{}"),
    ],
    ids=lambda text: text[:16],
)  # fmt: skip
def test_a_bad_value_is_refused_by_its_name(client: Client, name: str, bad: str) -> None:
    given = {"SecretName": "db/app", "VersionId": "v1", "SecretData": "hush", name: bad}
    response = client.raw("CreateSecret", **given)
    assert (response.status_code, response.json()["Code"]) == INVALID
    assert name in response.json()["Message"]
    assert bad[:100] not in response.json()["Message"] or name != "SecretData"


@pytest.mark.parametrize("name", ["SecretName", "VersionId", "SecretData"])
def test_three_parameters_are_required(client: Client, name: str) -> None:
    assert (
        client.refused("CreateSecret", **{"SecretName": "a", "VersionId": "v", "SecretData": "s", name: ""}) == MISSING
    )


def test_a_value_may_have_30_kilobytes_and_be_binary(client: Client) -> None:
    create(client, value="é" * 15360, SecretDataType="binary")
    found = client.call("GetSecretValue", SecretName="db/app")
    assert (found["SecretData"], found["SecretDataType"]) == ("é" * 15360, "binary")


def test_a_name_is_taken_once(client: Client) -> None:
    create(client)
    assert client.refused("CreateSecret", SecretName="db/app", VersionId="v2", SecretData="x") == EXISTS


def test_a_new_value_becomes_the_current_one(client: Client) -> None:
    create(client)
    answer = put(client, "v2", "hush2")
    assert answer["VersionStages"] == {"VersionStage": ["ACSCurrent"]}
    assert (value(client), value(client, VersionStage="ACSPrevious")) == ("hush2", "hush")
    put(client, "v3", "hush3")
    assert stages(client) == {"v1": [], "v2": ["ACSPrevious"], "v3": ["ACSCurrent"]}
    assert value(client, VersionId="v1") == "hush"
    listed = client.call("ListSecretVersionIds", SecretName="db/app")
    assert [entry["VersionId"] for entry in listed["VersionIds"]["VersionId"]] == ["v2", "v3"]
    assert (listed["TotalCount"], listed["PageSize"], listed["SecretName"]) == (2, 20, "db/app")


def test_the_same_version_again_is_a_success_with_the_same_value_only(client: Client) -> None:
    create(client)
    put(client, "v2", "hush2")
    put(client, "v3", "hush3")
    assert put(client, "v2", "hush2")["VersionStages"] == {"VersionStage": ["ACSPrevious"]}
    given = {"SecretName": "db/app", "VersionId": "v2"}
    assert client.refused("PutSecretValue", **given, SecretData="other") == EXISTS
    assert client.refused("PutSecretValue", **given, SecretData="hush2", SecretDataType="binary") == EXISTS
    assert value(client) == "hush3"


def test_a_version_with_a_stage_of_its_own_leaves_the_current_one_alone(client: Client) -> None:
    create(client)
    put(client, "v2", "beta", VersionStages=["beta"])
    assert (value(client), value(client, VersionStage="beta")) == ("hush", "beta")
    put(client, "v3", "beta3", VersionStages=["beta", "ACSCurrent"])
    assert stages(client) == {"v1": ["ACSPrevious"], "v2": [], "v3": ["beta", "ACSCurrent"]}
    for bad in (["ACSPrevious"], [1], [""], ["x" * 65]):
        assert client.refused(
            "PutSecretValue", SecretName="db/app", VersionId="v4", SecretData="x", VersionStages=bad
        ) == INVALID  # fmt: skip


def test_ten_versions_are_kept_and_eight_stages(client: Client) -> None:
    create(client)
    for number in range(2, 12):
        put(client, f"v{number}", str(number))
    assert list(stages(client)) == [f"v{number}" for number in range(2, 12)]
    assert client.refused("GetSecretValue", SecretName="db/app", VersionId="v1") == GONE
    many = [f"s{number}" for number in range(6)]
    put(client, "v12", "12", VersionStages=many)
    refusal = client.refused(
        "PutSecretValue", SecretName="db/app", VersionId="v13", SecretData="x", VersionStages=["s7"]
    )
    assert refusal == (400, "Rejected.LimitExceeded")


def test_stages_are_moved_by_hand(client: Client) -> None:
    create(client)
    put(client, "v2", "hush2")
    action, given = "UpdateSecretVersionStage", {"SecretName": "db/app"}
    client.call(action, **given, VersionStage="ACSCurrent", MoveToVersion="v1")
    assert (value(client), stages(client)) == ("hush", {"v1": ["ACSCurrent"], "v2": ["ACSPrevious"]})
    client.call(action, **given, VersionStage="mine", MoveToVersion="v1")
    client.call(action, **given, VersionStage="mine", RemoveFromVersion="v1", MoveToVersion="v2")
    assert stages(client)["v2"] == ["ACSPrevious", "mine"]
    client.call(action, **given, VersionStage="mine", RemoveFromVersion="v2")
    assert stages(client)["v2"] == ["ACSPrevious"]
    assert client.refused(action, **given, VersionStage="ACSCurrent", RemoveFromVersion="v1") == MISSING
    assert client.refused(action, **given, VersionStage="mine") == MISSING
    assert client.refused(action, **given, VersionStage="mine", MoveToVersion="v9") == GONE
    assert client.refused(action, **given, VersionStage="mine", RemoveFromVersion="v1") == (
        400, "Rejected.InvalidRequest",
    )  # fmt: skip


def test_an_unknown_secret_version_or_stage_is_told(client: Client) -> None:
    create(client)
    assert client.refused("GetSecretValue", SecretName="db/none") == GONE
    assert client.refused("GetSecretValue", SecretName="db/app", VersionId="v9") == GONE
    assert client.refused("GetSecretValue", SecretName="db/app", VersionStage="beta") == GONE
    assert client.refused("GetSecretValue", SecretName="db/app", VersionStage="beta", VersionId="v1") == GONE
    foreign = f"acs:kms:{REGION}:1000000000000009:secret/db/app"
    assert client.refused("GetSecretValue", SecretName=foreign) == (403, "Forbidden.NoPermission")


def test_a_deleted_secret_can_be_described_and_restored_within_its_window(client: Client) -> None:
    client.control("clock", {"set": NOW})
    create(client)
    answer = client.call("DeleteSecret", SecretName="db/app", RecoveryWindowInDays=7)
    assert (answer["SecretName"], answer["PlannedDeleteTime"]) == ("db/app", "2024-04-01T10:00:00Z")
    assert client.call("DescribeSecret", SecretName="db/app")["PlannedDeleteTime"] == "2024-04-01T10:00:00Z"
    assert client.call("ListSecrets")["TotalCount"] == 1
    for action in ("GetSecretValue", "ListSecretVersionIds", "UpdateSecret", "GetSecretPolicy", "DeleteSecret"):
        assert client.refused(action, SecretName="db/app") == IN_WINDOW, action
    given = {"SecretName": "db/app", "VersionId": "v2", "SecretData": "x"}
    assert client.refused("PutSecretValue", **given) == IN_WINDOW
    assert client.refused("CreateSecret", **given) == IN_WINDOW
    assert client.refused("TagResource", SecretName="db/app", Tags=tag_list(a="b")) == IN_WINDOW
    client.advance(7 * DAY - 60)
    client.call("RestoreSecret", SecretName="db/app")
    assert value(client) == "hush"
    client.advance(DAY)
    assert client.refused("RestoreSecret", SecretName="db/app") == (409, "Rejected.ResourceInUse")


def test_a_secret_is_gone_when_its_window_of_30_days_ends(client: Client) -> None:
    create(client)
    client.call("DeleteSecret", SecretName="db/app")
    client.advance(30 * DAY - 60)
    assert client.call("DescribeSecret", SecretName="db/app")
    client.advance(120)
    assert client.refused("DescribeSecret", SecretName="db/app") == GONE
    assert create(client)["VersionId"] == "v1"


def test_a_secret_can_be_deleted_at_once(client: Client) -> None:
    create(client)
    both = {"SecretName": "db/app", "ForceDeleteWithoutRecovery": True}
    assert client.refused("DeleteSecret", **both, RecoveryWindowInDays=7) == INVALID
    for days in (6, 31):
        assert client.refused("DeleteSecret", SecretName="db/app", RecoveryWindowInDays=days) == INVALID
    client.call("DeleteSecret", **both)
    assert client.refused("RestoreSecret", SecretName="db/app") == GONE


def test_the_description_is_changed_and_cleared(client: Client) -> None:
    create(client, Description="old")
    client.call("UpdateSecret", SecretName="db/app", Description="new")
    assert client.call("DescribeSecret", SecretName="db/app")["Description"] == "new"
    client.call("UpdateSecret", SecretName="db/app", Description="")
    assert client.call("DescribeSecret", SecretName="db/app")["Description"] == ""


def test_secrets_are_listed_in_pages_and_filtered(client: Client) -> None:
    for number in range(12):
        create(client, f"s{number}", Description=f"d{number}", Tags=tag_list(n=str(number)))
    page = client.call("ListSecrets", PageNumber=2, FetchTags=True)
    assert (page["TotalCount"], page["PageSize"]) == (12, 10)
    assert [entry["SecretName"] for entry in page["SecretList"]["Secret"]] == ["s10", "s11"]
    assert page["SecretList"]["Secret"][0]["Tags"] == {"Tag": [{"TagKey": "n", "TagValue": "10"}]}

    def names(*filters: dict[str, object]) -> list[str]:
        found = client.call("ListSecrets", Filters=list(filters))["SecretList"]["Secret"]
        return [entry["SecretName"] for entry in found]

    assert names({"Key": "SecretName", "Values": ["s1", "s3"]}) == ["s1", "s3"]
    assert names({"Key": "TagKey", "Values": ["n"]}, {"Key": "TagValue", "Values": ["4"]}) == ["s4"]
    assert names({"Key": "Description", "Values": "d5"}) == ["s5"]
    assert names({"Key": "SecretType", "Values": ["RDS"]}) == []
    for bad in ({"Key": "Name", "Values": []}, {"Key": "TagKey", "Values": [1]}, "x"):
        assert client.refused("ListSecrets", Filters=[bad]) == INVALID


def test_a_value_is_encrypted_with_the_key_of_the_secret(client: Client, emulator: Emulator) -> None:
    key = client.key()
    create(client, DKMSInstanceId=SOFTWARE, EncryptionKeyId=key)
    with emulator.store.transaction("alibaba") as transaction:
        document = transaction.collection("secrets", Scope(ACCOUNT, REGION)).get("db/app")
    assert "hush" not in json.dumps(document)
    assert value(client) == "hush"
    client.call("DisableKey", KeyId=key)
    assert client.refused("GetSecretValue", SecretName="db/app") == (409, "Rejected.Disabled")
    client.call("EnableKey", KeyId=key)
    put(client, "v2", "hush2")
    assert put(client, "v1", "hush")["VersionId"] == "v1"
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    client.advance(8 * DAY)
    assert client.refused("GetSecretValue", SecretName="db/app") == (404, "Forbidden.KeyNotFound")


def test_the_key_of_a_secret_is_symmetric_and_of_the_same_instance(client: Client) -> None:
    given = {"SecretName": "a", "VersionId": "v1", "SecretData": "x"}
    refusal = (400, "Rejected.InvalidRequest")
    assert client.refused("CreateSecret", **given, EncryptionKeyId=client.key()) == refusal
    pair = client.key(KeySpec="RSA_2048", KeyUsage="ENCRYPT/DECRYPT")
    assert client.refused("CreateSecret", **given, DKMSInstanceId=SOFTWARE, EncryptionKeyId=pair) == refusal
    unknown = {"DKMSInstanceId": "kst-none"}
    assert client.refused("CreateSecret", **given, **unknown) == (403, "Forbidden.DKMSInstanceNotFound")
    assert create(client, DKMSInstanceId=HARDWARE)["DKMSInstanceId"] == HARDWARE


def test_an_instance_has_room_for_so_many_secrets(client: Client, emulator: Emulator) -> None:
    plant(emulator, "instances", "kst-small", type="software", secret_quota=1)
    create(client, "one", DKMSInstanceId="kst-small")
    given = {"SecretName": "two", "VersionId": "v1", "SecretData": "x", "DKMSInstanceId": "kst-small"}
    assert client.refused("CreateSecret", **given) == (400, "Rejected.LimitExceeded")
    plant(emulator, "instances", "kst-young", type="software", status="Connecting")
    given["DKMSInstanceId"] = "kst-young"
    assert client.refused("CreateSecret", **given) == (403, "Forbidden.DKMSInstanceStateInvalid")


def test_policies_are_kept_and_come_back_in_another_form(client: Client) -> None:
    create(client)
    usual = json.loads(client.call("GetSecretPolicy", SecretName="db/app")["Policy"])
    assert usual["Statement"][0]["Sid"] == "kms default secret policy"
    assert usual["Statement"][0]["Principal"] == {"RAM": [f"acs:ram::{ACCOUNT}:*"]}
    policy = usual_policy("one of ours")
    client.call("SetSecretPolicy", SecretName="db/app", Policy=policy, PolicyName="default")
    text = client.call("GetSecretPolicy", SecretName="db/app", PolicyName="default")["Policy"]
    assert json.loads(text) == policy
    assert text != json.dumps(policy)
    assert client.refused("SetSecretPolicy", SecretName="db/app") == MISSING
    assert client.refused("SetSecretPolicy", SecretName="db/app", Policy='{"Version":"2"}') == INVALID
    assert client.refused("GetSecretPolicy", SecretName="db/app", PolicyName="other") == GONE


def test_both_families_of_tag_calls_take_secrets(client: Client) -> None:
    create(client)
    create(client, "other")
    client.call("TagResource", SecretName="db/app", Tags=tag_list(a="1", b="2"))
    many = {"RegionId": REGION, "ResourceType": "secret", "ResourceId__1": "db/app", "ResourceId__2": "other"}
    client.call("TagResources", **many, Tag__1__Key="c", Tag__1__Value="3")
    rows = client.call("ListTagResources", **many)["TagResources"]["TagResource"]
    assert [(row["ResourceId"], row["TagKey"]) for row in rows] == [
        ("db/app", "a"), ("db/app", "b"), ("db/app", "c"), ("other", "c"),
    ]  # fmt: skip
    found = client.call("ListTagResources", RegionId=REGION, ResourceType="secret", Tag__1__Key="a")
    assert [row["ResourceId"] for row in found["TagResources"]["TagResource"]] == ["db/app"] * 3
    client.call("UntagResource", SecretName="db/app", TagKeys=["a"])
    client.call("UntagResources", **many, TagKey__1="c")
    tags = client.call("DescribeSecret", SecretName="db/app", FetchTags=True)["Tags"]["Tag"]
    assert tags == [{"TagKey": "b", "TagValue": "2"}]
    client.call("DeleteSecret", SecretName="other")
    assert client.refused("TagResources", **many, Tag__1__Key="d", Tag__1__Value="4") == IN_WINDOW
    many["ResourceId__2"] = "none"
    assert client.refused("TagResources", **many, Tag__1__Key="d", Tag__1__Value="4") == (
        404, "InvalidResourceId.NotFound",
    )  # fmt: skip


def test_many_values_are_read_at_once_and_refusals_are_listed(client: Client) -> None:
    create(client, "one", "1")
    create(client, "two", "2")
    wanted = [{"SecretName": "one"}, {"SecretName": "none"}, {"SecretName": "two", "VersionId": "v1"}]
    answer = client.call("BatchGetSecretValue", SecretsList=wanted)
    assert [entry["SecretData"] for entry in answer["SecretValues"]] == ["1", "2"]
    assert [(entry["SecretName"], entry["Code"], entry["HttpStatus"]) for entry in answer["Errors"]] == [
        ("none", "Forbidden.ResourceNotFound", "404"),
    ]  # fmt: skip
    assert client.refused("BatchGetSecretValue") == MISSING
    refused: list[list[object]] = [
        [{"SecretName": "one"}] * 21, [{}], ["one"], [{"SecretName": "one", "VersionId": 1}],
    ]  # fmt: skip
    for bad in refused:
        assert client.refused("BatchGetSecretValue", SecretsList=bad) == INVALID


def test_a_dry_run_reads_nothing(client: Client) -> None:
    create(client)
    response = client.raw("GetSecretValue", SecretName="db/app", DryRun="True")
    assert (response.status_code, response.json()["Code"]) == (400, "DryRunOperationError")
    assert "hush" not in response.text


def test_values_are_not_in_the_journal_and_names_are(client: Client) -> None:
    create(client, value="canary-value")
    put(client, "v2", "canary-value-2")
    value(client)
    journal = client.session.get(f"{client.url}/_emulator/journal", timeout=10).json()["entries"]
    assert "canary" not in json.dumps(journal)
    assert [entry["key"] for entry in journal] == ["db/app"] * 3


def test_a_random_password_has_what_was_asked_for(client: Client) -> None:
    usual = client.call("GetRandomPassword")["RandomPassword"]
    assert len(usual) == 32
    for characters in (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation):
        assert set(usual) & set(characters)
    given: dict[str, object] = {
        "PasswordLength": 128, "ExcludePunctuation": True, "ExcludeUppercase": True, "ExcludeCharacters": "abc0",
    }  # fmt: skip
    made = client.call("GetRandomPassword", **given)["RandomPassword"]
    assert len(made) == 128
    assert set(made) <= set(string.ascii_lowercase + string.digits) - set("abc0")
    assert client.call("GetRandomPassword")["RandomPassword"] != usual
    plain = client.call("GetRandomPassword", PasswordLength=8, RequireEachIncludedType=False)
    assert len(plain["RandomPassword"]) == 8
    for bad in (7, 129):
        assert client.refused("GetRandomPassword", PasswordLength=bad) == INVALID
    nothing = dict.fromkeys(("ExcludeLowercase", "ExcludeUppercase", "ExcludeNumbers", "ExcludePunctuation"), True)
    assert client.refused("GetRandomPassword", **nothing) == INVALID
