"""Keys: creation, description, states, aliases, deletion and quota."""

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kms_emulator.emulator import Emulator
from kms_emulator.seed import load_seed
from kms_emulator.server import EmulatorServer
from kms_emulator.tencent import CLOUD
from tests.emulator.tencent.support import DAY, OPERATOR, ROOT_ID, ROOT_KEY, Client, in_state

STATES = ["Enabled", "Disabled", "PendingImport", "Archived", "PendingDelete"]
ST = "ResourceUnavailable.CmkStateNotSupport"
CP = "FailedOperation.CmkUsedByCloudProduct"
SHOULD_BE_DISABLED = "ResourceUnavailable.CmkShouldBeDisabled"
NOT_PENDING = "ResourceUnavailable.CmkNotPendingDelete"
EXTERNAL = "UnsupportedOperation.ExternalCmkCanNotRotate"
ROTATE_NOT = "UnsupportedOperation.RotateNotSupported"

# For each action, what comes of it in the five states: an error code, or the state afterwards.
TABLE: dict[str, tuple[str, str, str, str, str]] = {
    "DescribeKey": ("Enabled", "Disabled", "PendingImport", "Archived", "PendingDelete"),
    "GetKeyRotationStatus": ("Enabled", "Disabled", "PendingImport", "Archived", "PendingDelete"),
    "EnableKey": ("Enabled", "Enabled", ST, ST, ST),
    "DisableKey": ("Disabled", "Disabled", ST, ST, ST),
    "ScheduleKeyDeletion": (SHOULD_BE_DISABLED, "PendingDelete", "PendingDelete", SHOULD_BE_DISABLED, ST),
    "CancelKeyDeletion": (NOT_PENDING, NOT_PENDING, NOT_PENDING, NOT_PENDING, "Disabled"),
    "ArchiveKey": ("Archived", "Archived", ST, "Archived", ST),
    "CancelKeyArchive": (ST, ST, ST, "Enabled", ST),
    "UpdateAlias": ("Enabled", "Disabled", "PendingImport", "Archived", ST),
    "UpdateKeyDescription": ("Enabled", "Disabled", "PendingImport", "Archived", ST),
    "EnableKeyRotation": ("Enabled", "Disabled", EXTERNAL, ST, ST),
    "DisableKeyRotation": ("Enabled", "Disabled", "PendingImport", "Archived", "PendingDelete"),
    "RotateKey": (ROTATE_NOT, ST, ROTATE_NOT, ST, ST),
}
MORE: dict[str, dict[str, Any]] = {
    "ScheduleKeyDeletion": {"PendingWindowInDays": 7},
    "UpdateAlias": {"Alias": "other"},
    "UpdateKeyDescription": {"Description": "other"},
}


@pytest.mark.parametrize("action", TABLE)
@pytest.mark.parametrize("state", STATES)
def test_each_action_does_or_refuses_as_the_state_table_says(client: Client, action: str, state: str) -> None:
    expected = TABLE[action][STATES.index(state)]
    key = in_state(client, state)
    answer = client.raw(action, KeyId=key, **MORE.get(action, {}))
    found = client.meta(key)["KeyState"]
    if "." in expected:
        assert (answer["Error"]["Code"], found) == (expected, state)
    else:
        assert (answer.get("Error"), found) == (None, expected)


@pytest.mark.parametrize("action", TABLE)
@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("nonsense", "InvalidParameterValue.InvalidKeyId"),
        ("11111111-2222-3333-4444-55555555555A", "InvalidParameterValue.InvalidKeyId"),
        ("11111111-2222-3333-4444-555555555555", "ResourceUnavailable.CmkNotFound"),
    ],
)
def test_every_action_refuses_unknown_keys(client: Client, action: str, key: str, code: str) -> None:
    assert client.refused(action, KeyId=key, **MORE.get(action, {})) == code


def test_a_new_key_answers_with_its_id_and_state(client: Client) -> None:
    answer = client.call("CreateKey", Alias="app-main", Description="主密钥")
    assert uuid.UUID(answer["KeyId"])
    assert {name: answer[name] for name in ("Alias", "Description", "KeyState", "KeyUsage", "TagCode", "TagMsg")} == {
        "Alias": "app-main", "Description": "主密钥", "KeyState": "Enabled", "KeyUsage": "ENCRYPT_DECRYPT",
        "TagCode": 0, "TagMsg": "no tags to save",
    }  # fmt: skip


def test_the_metadata_of_a_new_key_is_complete(client: Client) -> None:
    key = client.key()
    found = client.meta(key)
    created = found["CreateTime"]
    assert found == {
        "KeyId": key, "Alias": "app-main", "CreateTime": created, "Description": "", "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT", "Type": 4, "CreatorUin": int(OPERATOR), "CreatorUinString": OPERATOR,
        "KeyRotationEnabled": False, "Owner": "user", "NextRotateTime": created + 365 * DAY, "RotateDays": 365,
        "LastRotateTime": 0, "DeletionDate": 0, "Origin": "TENCENT_KMS", "ValidTo": 0,
        "ResourceId": f"creatorUin/{OPERATOR}/{key}", "HsmClusterId": "", "IsSyncReplica": 0, "SourceRegion": "",
        "SourceHsmClusterId": "", "SyncStatus": 0, "SyncMessages": "", "SyncStartTime": 0, "SyncEndTime": 0,
    }  # fmt: skip


def test_the_creator_is_who_asked_and_keys_belong_to_the_account(client: Client) -> None:
    root = Client(client.url, secret_id=ROOT_ID, secret_key=ROOT_KEY, session=client.session)
    key = root.key()
    assert client.meta(key)["ResourceId"] == f"creatorUin/100000000001/{key}"


def test_keys_belong_to_one_region(client: Client) -> None:
    key = client.key()
    elsewhere = Client(client.url, region="ap-singapore", session=client.session)
    assert elsewhere.refused("DescribeKey", KeyId=key) == "ResourceUnavailable.CmkNotFound"
    assert elsewhere.meta(elsewhere.key())["Type"] == 2


def test_external_keys_wait_for_their_material(client: Client) -> None:
    found = client.meta(client.key(Type=2))
    assert (found["KeyState"], found["Origin"]) == ("PendingImport", "EXTERNAL")


@pytest.mark.parametrize(
    "alias", ["", "-a", "_a", "a b", "a.b", "密钥", "kms-a", "a" * 61, "a\n"], ids=lambda alias: repr(alias[:4])
)
def test_bad_aliases_are_refused(client: Client, alias: str) -> None:
    assert client.refused("CreateKey", Alias=alias) == "InvalidParameterValue.InvalidAlias"
    key = client.key("good")
    assert client.refused("UpdateAlias", KeyId=key, Alias=alias) == "InvalidParameterValue.InvalidAlias"


@pytest.mark.parametrize("alias", ["a", "0", "a" * 60, "A-b_c", "kms", "Kms-a"])
def test_good_aliases_are_accepted(client: Client, alias: str) -> None:
    assert client.meta(client.key(alias))["Alias"] == alias


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"Type": 3}, "InvalidParameterValue.InvalidType"),
        ({"KeyUsage": "SIGN"}, "InvalidParameterValue.InvalidKeyUsage"),
        ({"KeyUsage": "ASYMMETRIC_DECRYPT_SM2", "Type": 2}, "InvalidParameterValue.InvalidKeyUsage"),
        ({"HsmClusterId": "cls-hsm-3dflmo9g"}, "InvalidParameterValue.InvalidHsmClusterId"),
        ({"Description": "密" * 342}, "InvalidParameter"),
    ],
)
def test_bad_creations_are_refused(client: Client, parameters: dict[str, Any], code: str) -> None:
    assert client.refused("CreateKey", Alias="app-main", **parameters) == code
    assert client.call("ListKeys")["TotalCount"] == 0


def test_a_usage_that_the_region_lacks_is_refused(client: Client) -> None:
    client.region = "ap-singapore"
    code = client.refused("CreateKey", Alias="app-main", KeyUsage="ASYMMETRIC_SIGN_VERIFY_SM2")
    assert code == "UnsupportedOperation.UnsupportedKeyUsageInCurrentRegion"


def test_every_listed_algorithm_makes_a_key(client: Client) -> None:
    answer = client.call("ListAlgorithms")
    names = ("SymmetricAlgorithms", "AsymmetricAlgorithms", "AsymmetricSignVerifyAlgorithms")
    usages = {entry["KeyUsage"] for name in names for entry in answer[name]}
    assert len(usages) == 7
    for number, usage in enumerate(sorted(usages)):
        assert client.meta(client.key(f"key-{number}", KeyUsage=usage))["KeyUsage"] == usage


def test_an_alias_is_unique_in_its_region(client: Client) -> None:
    client.key("app-main")
    other = client.key("other")
    assert client.refused("CreateKey", Alias="app-main") == "InvalidParameterValue.AliasAlreadyExists"
    assert client.refused("UpdateAlias", KeyId=other, Alias="app-main") == "InvalidParameterValue.AliasAlreadyExists"
    client.key("APP-MAIN")
    client.region = "ap-shanghai"
    client.key("app-main")


def test_an_alias_may_be_set_to_itself(client: Client) -> None:
    key = client.key("app-main")
    client.call("UpdateAlias", KeyId=key, Alias="app-main")
    assert client.meta(key)["Alias"] == "app-main"


def test_an_alias_moves_in_one_step_and_frees_the_old_one(client: Client) -> None:
    key = client.key("old")
    client.call("UpdateAlias", KeyId=key, Alias="new")
    assert client.meta(key)["Alias"] == "new"
    client.key("old")


def test_a_description_is_changed_and_emptied(client: Client) -> None:
    key = client.key(Description="before")
    client.call("UpdateKeyDescription", KeyId=key, Description="after")
    assert client.meta(key)["Description"] == "after"
    client.call("UpdateKeyDescription", KeyId=key, Description="")
    assert client.meta(key)["Description"] == ""
    assert client.refused("UpdateKeyDescription", KeyId=key, Description="x" * 1025) == "InvalidParameter"


@pytest.mark.parametrize("days", [6, 31, 0, -7])
def test_a_deletion_window_outside_7_to_30_days_is_refused(client: Client, days: int) -> None:
    key = in_state(client, "Disabled")
    code = client.refused("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=days)
    assert code == "InvalidParameter.InvalidPendingWindowInDays"


def test_a_deletion_window_is_required(client: Client) -> None:
    assert client.refused("ScheduleKeyDeletion", KeyId=in_state(client, "Disabled")) == "MissingParameter"


def test_a_scheduled_key_disappears_at_its_date_and_not_before(client: Client) -> None:
    key = in_state(client, "Disabled")
    answer = client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    date = answer["DeletionDate"]
    assert client.meta(key)["DeletionDate"] == date
    client.control("clock", {"set": date - 30})
    assert client.meta(key)["KeyState"] == "PendingDelete"
    client.control("clock", {"set": date})
    assert client.refused("DescribeKey", KeyId=key) == "ResourceUnavailable.CmkNotFound"
    assert client.aliases(KeyState=3) == []


def test_the_alias_of_a_scheduled_key_is_taken_until_the_key_is_gone(client: Client) -> None:
    in_state(client, "PendingDelete")
    assert client.refused("CreateKey", Alias="app-main") == "InvalidParameterValue.AliasAlreadyExists"
    client.advance(7 * DAY + 1)
    client.key("app-main")


def test_a_cancelled_deletion_leaves_the_key_disabled_and_without_a_date(client: Client) -> None:
    key = in_state(client, "PendingDelete")
    assert client.call("CancelKeyDeletion", KeyId=key)["KeyId"] == key
    found = client.meta(key)
    assert (found["KeyState"], found["DeletionDate"]) == ("Disabled", 0)
    client.advance(40 * DAY)
    assert client.meta(key)["KeyState"] == "Disabled"


def test_a_cancelled_deletion_of_a_key_without_material_leaves_it_waiting(client: Client) -> None:
    key = in_state(client, "PendingImport")
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    client.call("CancelKeyDeletion", KeyId=key)
    assert client.meta(key)["KeyState"] == "PendingImport"


@pytest.mark.parametrize(("action", "state"), [("DisableKeys", "Disabled"), ("EnableKeys", "Enabled")])
def test_a_batch_changes_all_its_keys(client: Client, action: str, state: str) -> None:
    keys = [client.key(f"key-{number}") for number in range(3)]
    client.call("DisableKey", KeyId=keys[1])
    client.call(action, KeyIds=keys)
    assert {entry["KeyState"] for entry in client.call("DescribeKeys", KeyIds=keys)["KeyMetadatas"]} == {state}


@pytest.mark.parametrize("action", ["DescribeKeys", "EnableKeys", "DisableKeys"])
def test_bad_batches_are_refused(client: Client, action: str) -> None:
    key, unknown = client.key(), "11111111-2222-3333-4444-555555555555"
    assert client.refused(action, KeyIds=[key, key]) == "InvalidParameterValue.DuplicatedKeyId"
    assert client.refused(action, KeyIds=[key, unknown]) == "ResourceUnavailable.CmkNotFound"
    assert client.refused(action, KeyIds=[key, "nonsense"]) == "InvalidParameterValue.InvalidKeyId"
    assert client.refused(action, KeyIds=[]) == "InvalidParameter"
    assert client.refused(action, KeyIds=[str(number) for number in range(101)]) == "InvalidParameter"


def test_a_batch_with_one_key_in_a_wrong_state_changes_nothing(client: Client) -> None:
    key, archived = client.key("one"), client.key("two")
    client.call("ArchiveKey", KeyId=archived)
    assert client.refused("DisableKeys", KeyIds=[key, archived]) == ST
    assert client.meta(key)["KeyState"] == "Enabled"


@pytest.mark.parametrize("action", ["DisableKey", "ArchiveKey", "ScheduleKeyDeletion"])
def test_a_key_used_by_a_product_stays(client: Client, action: str) -> None:
    key = in_state(client, "Disabled")
    client.set(used_by_product=f"other,{key}")
    assert client.refused(action, KeyId=key, **MORE.get(action, {})) == CP
    client.set(used_by_product="")
    client.call(action, KeyId=key, **MORE.get(action, {}))


def test_the_key_quota_leaves_out_keys_that_are_pending_deletion(client: Client) -> None:
    client.set(cmk_limit=2)
    first = in_state(client, "PendingDelete")
    client.key("one")
    client.key("two")
    assert client.refused("CreateKey", Alias="three") == "LimitExceeded.CmkLimitExceeded"
    status = client.call("GetServiceStatus")
    assert (status["CmkUserCount"], status["CmkLimit"]) == (2, 2)
    client.call("CancelKeyDeletion", KeyId=first)
    client.control("settings", {"quotas": False})
    client.key("three")


@contextlib.contextmanager
def running(folder: Path, seed: Path | None = None) -> Iterator[Client]:
    with contextlib.closing(Emulator(folder, [CLOUD], load_seed(seed))) as emulator, EmulatorServer(emulator) as url:
        client = Client(url)
        yield client
        client.session.close()


def test_keys_survive_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        key = client.key(Tags=[{"TagKey": "env", "TagValue": "dev"}])
        before = client.meta(key)
    with running(tmp_path) as client:
        assert client.meta(key) == before
        assert client.tags(key) == {"env": "dev"}
        assert client.refused("CreateKey", Alias="app-main") == "InvalidParameterValue.AliasAlreadyExists"


SEED = """
accounts:
  tencent:
    - id: "100000000001"
      regions: [ap-guangzhou]
      users:
        - id: "100000000002"
          name: kms-operator
          credentials: [{id: AKIDEXAMPLE0000000000000000000000000, secret: kmsExampleSecretKey0000000000000}]
documents:
  tencent:
    - kind: keys
      account: "100000000001"
      region: ap-guangzhou
      id: 99999999-2222-4333-8444-555555555555
      document: {id: 99999999-2222-4333-8444-555555555555, alias: kms-cos, description: "", usage: ENCRYPT_DECRYPT,
        origin: TENCENT_KMS, state: Enabled, owner: cos, creator: "100000000001", created: 1700000000, module: 4,
        rotation: false, rotate_days: 365, next_rotation: 0, last_rotation: 0, last_manual_rotation: 0, deletion: 0,
        valid_to: 0, versions: [{id: v1, created: 1700000000}]}
"""


def test_a_key_made_by_a_product_can_be_planted_and_is_protected(tmp_path: Path) -> None:
    (tmp_path / "seed.yaml").write_text(SEED)
    with running(tmp_path, tmp_path / "seed.yaml") as client:
        key = client.call("ListKeys", Role=1)["Keys"][0]["KeyId"]
        assert client.aliases() == []
        assert client.aliases(Role=1) == ["kms-cos"]
        assert client.refused("DisableKey", KeyId=key) == CP
        for action in ("ArchiveKey", "CancelKeyArchive"):
            assert client.refused(action, KeyId=key) == "UnsupportedOperation.NotUserCreatedCmk"
        assert client.call("GetRegions")["Regions"] == ["ap-guangzhou"]
        client.region = "ap-shanghai"
        assert client.refused("ListKeys") == "UnsupportedRegion"
