"""Keys: how they are made and shown, their states, deletion and its protection, quotas."""

from dataclasses import replace

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
    in_state,
    plant,
    tag_list,
    usual_policy,
)

STATES = ("Enabled", "Disabled", "PendingDeletion", "PendingImport")
MOVED = "Rejected.StateModifiedFailed"


def test_a_software_key_has_the_metadata_of_the_vendor(client: Client) -> None:
    client.control("clock", {"set": 1711360800})
    made = client.call("CreateKey", DKMSInstanceId=SOFTWARE, Description="payments")["KeyMetadata"]
    key = made["KeyId"]
    version = made["PrimaryKeyVersion"]
    assert (key[:7], len(key), version[:26], len(version)) == ("key-hzz", 25, f"{key}-", 36)
    assert made == {
        "KeyId": key, "Arn": f"acs:kms:{REGION}:{ACCOUNT}:key/{key}", "KeyState": "Enabled",
        "KeySpec": "Aliyun_AES_256", "KeyUsage": "ENCRYPT/DECRYPT", "Origin": "Aliyun_KMS",
        "ProtectionLevel": "SOFTWARE", "Description": "payments", "DKMSInstanceId": SOFTWARE, "Creator": ACCOUNT,
        "CreationDate": "2024-03-25T10:00:00Z", "LastRotationDate": "2024-03-25T10:00:00Z",
        "PrimaryKeyVersion": version, "AutomaticRotation": "Disabled", "DeleteDate": "", "MaterialExpireTime": "",
    }  # fmt: skip
    shown = {"DeletionProtection": "Disabled", "DeletionProtectionDescription": ""}
    assert client.meta(key) == {**made, **shown}
    assert client.meta(made["Arn"])["KeyId"] == key


def test_a_default_key_has_a_uuid_and_the_level_of_its_region(client: Client) -> None:
    abroad = replace(client, region="ap-southeast-1")
    found = client.meta(client.default_key(ProtectionLevel="SOFTWARE"))
    assert (len(found["KeyId"]), found["ProtectionLevel"], found["DKMSInstanceId"]) == (36, "HSM", "")
    assert abroad.meta(abroad.default_key())["ProtectionLevel"] == "SOFTWARE"
    assert replace(client, region="us-east-1").refused("CreateKey", ProtectionLevel="HSM") == (
        400, "Unsupported.ProtectionLevel",
    )  # fmt: skip


def test_a_second_default_key_is_refused_unless_the_switch_allows_it(client: Client) -> None:
    first = client.default_key()
    assert client.refused("CreateKey") == (400, "UnsupportedOperation")
    client.set(many_default_keys=True)
    assert client.default_key() != first
    assert client.call("ListKeys")["TotalCount"] == 2


def test_the_older_product_has_200_keys_outside_of_instances(client: Client) -> None:
    client.set(many_default_keys=True)
    for _ in range(200):
        client.default_key()
    assert client.refused("CreateKey") == (400, "Rejected.LimitExceeded")
    assert client.key(DKMSInstanceId=SOFTWARE)
    client.control("settings", {"quotas": False})
    assert client.default_key()


def test_an_instance_has_room_for_so_many_versions(client: Client, emulator: Emulator) -> None:
    plant(emulator, "instances", "kst-small", type="software", key_quota=2)
    key = client.key(DKMSInstanceId="kst-small", EnableAutomaticRotation=True, RotationInterval="7d")
    client.advance(7 * DAY)
    assert client.refused("CreateKey", DKMSInstanceId="kst-small") == (400, "Rejected.LimitExceeded")
    client.advance(70 * DAY)
    assert client.call("ListKeyVersions", KeyId=key)["TotalCount"] == 2


def test_a_default_instance_takes_keys_that_name_none(client: Client, emulator: Emulator) -> None:
    assert client.call("GetDefaultKmsInstance")["DefaultKmsInstanceId"] == ""
    plant(emulator, "instances", "kst-default", type="software", default=True)
    assert client.call("GetDefaultKmsInstance")["DefaultKmsInstanceId"] == "kst-default"
    assert client.meta(client.default_key())["DKMSInstanceId"] == "kst-default"


def test_an_instance_must_exist_and_be_connected(client: Client, emulator: Emulator) -> None:
    plant(emulator, "instances", "kst-young", type="software", status="Uninitialized")
    assert client.refused("CreateKey", DKMSInstanceId="kst-none") == (403, "Forbidden.DKMSInstanceNotFound")
    assert client.refused("CreateKey", DKMSInstanceId="kst-young") == (403, "Forbidden.DKMSInstanceStateInvalid")


@pytest.mark.parametrize(
    ("spec", "instance", "usage"),
    [
        ("Aliyun_AES_256", SOFTWARE, "ENCRYPT/DECRYPT"), ("Aliyun_SM4", HARDWARE, "ENCRYPT/DECRYPT"),
        ("Aliyun_AES_128", HARDWARE, "ENCRYPT/DECRYPT"), ("RSA_2048", SOFTWARE, "SIGN/VERIFY"),
        ("EC_P256", SOFTWARE, "SIGN/VERIFY"), ("EC_SM2", HARDWARE, "SIGN/VERIFY"),
    ],
)  # fmt: skip
def test_the_usual_usage_follows_the_specification(client: Client, spec: str, instance: str, usage: str) -> None:
    found = client.meta(client.key(KeySpec=spec, DKMSInstanceId=instance))
    assert (found["KeySpec"], found["KeyUsage"]) == (spec, usage)
    assert found["ProtectionLevel"] == ("HSM" if instance == HARDWARE else "SOFTWARE")
    assert bool(found["PrimaryKeyVersion"]) is spec.startswith("Aliyun")


@pytest.mark.parametrize(
    "given",
    [
        {"KeySpec": "Aliyun_SM4"}, {"KeySpec": "RSA_2048", "DKMSInstanceId": ""}, {"Origin": "EXTERNAL"},
        {"KeyUsage": "SIGN/VERIFY"}, {"KeySpec": "EC_P256", "KeyUsage": "ENCRYPT/DECRYPT"},
    ],
    ids=str,
)  # fmt: skip
def test_combinations_that_no_key_has_are_refused(client: Client, given: dict[str, str]) -> None:
    assert client.refused("CreateKey", **{"DKMSInstanceId": SOFTWARE, **given}) == (400, "UnsupportedOperation")


def test_keys_with_chinese_algorithms_exist_in_mainland_regions_only(client: Client, emulator: Emulator) -> None:
    with emulator.store.transaction("alibaba") as transaction:
        entry = {"id": "kst-sg", "type": "hardware"}
        transaction.collection("instances", Scope(ACCOUNT, "ap-southeast-1")).put("kst-sg", entry)
    abroad = replace(client, region="ap-southeast-1")
    refusal = abroad.refused("CreateKey", DKMSInstanceId="kst-sg", KeySpec="Aliyun_SM4")
    assert refusal == (400, "UnsupportedOperation")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KeySpec", "AES"), ("KeyUsage", "encrypt/decrypt"), ("Origin", "external"), ("ProtectionLevel", "hsm"),
        ("KeyStorageMechanism", "HsmEncryptedDatabase"), ("Description", "x" * 8193), ("Tags", "{"), ("Tags", "{}"),
        ("Tags", '[{"Key":"a"}]'), ("EnableAutomaticRotation", "yes"), ("Policy", "[]"),
        ("Policy", '{"a":"' + "x" * 32768 + '"}'),
    ],
    ids=lambda value: value[:24],
)  # fmt: skip
def test_a_bad_value_is_refused_by_the_name_of_its_parameter(client: Client, name: str, value: str) -> None:
    body = b""
    query = {"DKMSInstanceId": SOFTWARE}
    headers = client.headers("CreateKey", {**query, name: value}, body)
    answer = client.send(headers, {**query, name: value}, body).json()
    assert (answer["HttpStatus"], answer["Code"]) == (400, "InvalidParameter")
    assert name in answer["Message"]
    assert client.ids() == []


def test_a_policy_is_taken_for_keys_of_instances_only(client: Client) -> None:
    policy = usual_policy("one of ours")
    assert client.key(Policy=policy)
    assert client.refused("CreateKey", Policy=policy) == (400, "Forbidden.KeyPolicyUnSupported")


def test_a_description_can_be_changed_and_cleared_but_not_left_out(client: Client) -> None:
    key = client.key(Description="old")
    client.call("UpdateKeyDescription", KeyId=key, Description="x" * 8192)
    assert client.meta(key)["Description"] == "x" * 8192
    client.call("UpdateKeyDescription", KeyId=key, Description="")
    assert client.meta(key)["Description"] == ""
    assert client.refused("UpdateKeyDescription", KeyId=key) == (400, "MissingParameter")


@pytest.mark.parametrize(
    ("action", "outcomes"),
    [
        ("EnableKey", ("Enabled", "Enabled", MOVED, MOVED)),
        ("DisableKey", ("Disabled", "Disabled", MOVED, MOVED)),
        ("ScheduleKeyDeletion", ("PendingDeletion", "PendingDeletion", MOVED, "PendingDeletion")),
        ("CancelKeyDeletion", (MOVED, MOVED, "Enabled", MOVED)),
    ],
)
@pytest.mark.parametrize("place", range(4), ids=STATES)
def test_states_change_as_in_the_table(client: Client, action: str, outcomes: tuple[str, ...], place: int) -> None:
    key = in_state(client, STATES[place])
    more = {"PendingWindowInDays": 7} if action == "ScheduleKeyDeletion" else {}
    if outcomes[place] == MOVED:
        assert client.refused(action, KeyId=key, **more) == (409, MOVED)
        assert client.state(key) == STATES[place]
    else:
        client.call(action, KeyId=key, **more)
        assert client.state(key) == outcomes[place]


ROTATES = ("", "Rejected.Disabled", "Rejected.PendingDeletion", "Rejected.PendingImport")
NOT_PENDING_DELETION = ("", "", "Rejected.PendingDeletion", "")


@pytest.mark.parametrize(
    ("action", "given", "outcomes"),
    [
        ("UpdateRotationPolicy", {"EnableAutomaticRotation": True, "RotationInterval": "7d"}, ROTATES),
        ("UpdateKeyDescription", {"Description": "new"}, NOT_PENDING_DELETION),
        ("TagResource", {"Tags": tag_list(a="b")}, NOT_PENDING_DELETION),
        ("UntagResource", {"TagKeys": ["a"]}, NOT_PENDING_DELETION),
        ("CreateAlias", {"AliasName": "alias/new"}, ("", "", MOVED, "")),
        ("UpdateAlias", {"AliasName": "alias/old"}, NOT_PENDING_DELETION),
        ("SetDeletionProtection", {"EnableDeletionProtection": True}, ("", "", MOVED, "")),
        ("DescribeKey", {}, ("", "", "", "")),
        ("ListKeyVersions", {}, ("", "", "", "")),
        ("ListAliasesByKeyId", {}, ("", "", "", "")),
        ("ListResourceTags", {}, ("", "", "", "")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.parametrize("place", range(4), ids=STATES)
def test_calls_are_allowed_as_in_the_table(
    client: Client, action: str, given: dict[str, object], outcomes: tuple[str, ...], place: int
) -> None:
    client.call("CreateAlias", AliasName="alias/old", KeyId=client.key())
    key = in_state(client, STATES[place])
    if outcomes[place]:
        assert client.refused(action, KeyId=key, **given) == (409, outcomes[place])
    else:
        client.call(action, KeyId=key, **given)


@pytest.mark.parametrize("place", range(4), ids=STATES)
def test_a_version_is_made_for_enabled_keys_only(client: Client, place: int) -> None:
    key = in_state(client, STATES[place])
    client.advance(6.9 * DAY)
    expected = (400, "Rejected.UnsupportedOperation") if place == 0 else (409, ROTATES[place])
    assert client.refused("CreateKeyVersion", KeyId=key) == expected


def test_a_key_is_gone_when_its_window_ends_and_its_aliases_and_versions_with_it(client: Client) -> None:
    key = client.key()
    version = client.meta(key)["PrimaryKeyVersion"]
    client.call("CreateAlias", AliasName="alias/app", KeyId=key)
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=30)
    client.advance(30 * DAY - 60)
    assert client.state(key) == "PendingDeletion"
    assert client.state("alias/app") == "PendingDeletion"
    client.advance(120)
    assert client.refused("DescribeKey", KeyId=key) == (404, "Forbidden.KeyNotFound")
    assert client.refused("DescribeKey", KeyId="alias/app") == (404, "Forbidden.AliasNotFound")
    assert client.refused("DescribeKeyVersion", KeyId=key, KeyVersionId=version) == (404, "Forbidden.KeyNotFound")
    assert (client.ids(), client.call("ListAliases")["TotalCount"]) == ([], 0)


def test_the_date_of_deletion_is_shown_until_it_is_cancelled(client: Client) -> None:
    client.control("clock", {"set": 1711360800})
    key = client.key()
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=366)
    assert client.meta(key)["DeleteDate"] == "2025-03-26T10:00:00Z"
    client.call("CancelKeyDeletion", KeyId=key)
    assert client.meta(key)["DeleteDate"] == ""
    client.advance(400 * DAY)
    assert client.state(key) == "Enabled"


def test_a_disabled_key_is_enabled_by_cancelling_its_deletion(client: Client) -> None:
    key = in_state(client, "Disabled")
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    client.call("CancelKeyDeletion", KeyId=key)
    assert client.state(key) == "Enabled"


def test_a_key_without_material_goes_back_to_waiting_for_it(client: Client) -> None:
    key = in_state(client, "PendingImport")
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    client.call("CancelKeyDeletion", KeyId=key)
    assert client.state(key) == "PendingImport"


@pytest.mark.parametrize(
    ("window", "code"), [("6", "InvalidParameter"), ("367", "InvalidParameter"), ("", "MissingParameter")]
)
def test_the_window_of_deletion_has_bounds_and_is_required(client: Client, window: str, code: str) -> None:
    key = client.key()
    assert client.refused("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=window) == (400, code)
    assert client.state(key) == "Enabled"


def test_a_protected_key_cannot_be_scheduled_for_deletion(client: Client) -> None:
    key = client.key()
    arn = client.meta(key)["Arn"]
    client.call(
        "SetDeletionProtection", ProtectedResourceArn=arn, EnableDeletionProtection=True,
        DeletionProtectionDescription="in use",
    )  # fmt: skip
    found = client.meta(key)
    assert (found["DeletionProtection"], found["DeletionProtectionDescription"]) == ("Enabled", "in use")
    refusal = client.refused("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    assert refusal == (400, "Rejected.UnsupportedOperation")
    client.call("SetDeletionProtection", KeyId=key, EnableDeletionProtection=False)
    found = client.meta(key)
    assert (found["DeletionProtection"], found["DeletionProtectionDescription"]) == ("Disabled", "")
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    assert client.state(key) == "PendingDeletion"


def test_an_instance_can_be_protected_too(client: Client) -> None:
    client.call("SetDeletionProtection", KmsInstanceId=SOFTWARE, EnableDeletionProtection=True)
    arn = f"acs:kms:{REGION}:{ACCOUNT}:keystore/{HARDWARE}"
    client.call("SetDeletionProtection", ProtectedResourceArn=arn, EnableDeletionProtection=True)
    for instance in (SOFTWARE, HARDWARE):
        assert client.call("GetKmsInstance", KmsInstanceId=instance)["KmsInstance"]["DeletionProtection"] is True


def test_protection_wants_exactly_one_resource(client: Client) -> None:
    key = client.key()
    action = "SetDeletionProtection"
    assert client.refused(action, EnableDeletionProtection=True) == (400, "MissingParameter")
    assert client.refused(action, KeyId=key) == (400, "MissingParameter")
    assert client.refused(action, KeyId=key, KmsInstanceId=SOFTWARE, EnableDeletionProtection=True) == (
        400, "InvalidParameter",
    )  # fmt: skip
    assert client.refused(action, ProtectedResourceArn=key, EnableDeletionProtection=True) == (400, "InvalidParameter")


def test_a_key_of_a_cloud_product_can_be_looked_at_only(client: Client, emulator: Emulator) -> None:
    plant(emulator, "keys", "11111111-2222-4333-8444-555555555555", creator_type="Service", creator="ecs")
    plant(emulator, "aliases", "alias/acs/ecs", key="11111111-2222-4333-8444-555555555555")
    found = client.meta("alias/acs/ecs")
    key = found["KeyId"]
    assert client.ids(("CreatorType", ["Service"])) == [key]
    calls: list[tuple[str, dict[str, object]]] = [
        ("DisableKey", {}), ("ScheduleKeyDeletion", {"PendingWindowInDays": 7}),
        ("UpdateKeyDescription", {"Description": ""}), ("CreateAlias", {"AliasName": "alias/mine"}),
        ("TagResource", {"Tags": tag_list(a="b")}),
        ("SetDeletionProtection", {"EnableDeletionProtection": True}),
    ]  # fmt: skip
    for action, given in calls:
        assert client.refused(action, KeyId=key, **given) == (400, "UnsupportedOperation"), action
    rotation = client.refused("UpdateRotationPolicy", KeyId=key, EnableAutomaticRotation=False)
    assert rotation == (400, "Rejected.UnsupportedOperation")
    assert client.default_key()


@pytest.mark.parametrize("action", ["EnableKey", "DisableKey", "CancelKeyDeletion", "ListResourceTags"])
def test_management_calls_take_no_alias(client: Client, action: str) -> None:
    client.call("CreateAlias", AliasName="alias/app", KeyId=client.key())
    assert client.refused(action, KeyId="alias/app") == (400, "Unsupported.Alias")
    assert client.refused(action, KeyId=f"acs:kms:{REGION}:{ACCOUNT}:alias/app") == (400, "Unsupported.Alias")


def test_keys_of_other_accounts_and_regions_are_out_of_reach(client: Client) -> None:
    key = client.key()
    assert client.refused("DescribeKey", KeyId=f"acs:kms:{REGION}:1000000000000009:key/{key}") == (
        403, "Forbidden.NoPermission",
    )  # fmt: skip
    assert client.refused("DescribeKey", KeyId=f"acs:kms:cn-beijing:{ACCOUNT}:key/{key}") == (
        404, "Forbidden.KeyNotFound",
    )  # fmt: skip
