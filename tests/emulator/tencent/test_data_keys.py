"""Hosted data keys: how they are made, read, changed, listed and deleted."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.emulator.tencent.crypto import CANARY, MISSING, PADDINGS, b64, decrypt, encrypt, public_pem
from tests.emulator.tencent.support import DAY, OPERATOR, OWNER, REGION, Client, in_state, tag_list

RU, V = "ResourceUnavailable.", "InvalidParameterValue."
ST = RU + "DataKeyStateNotSupport"


def hosted(client: Client, key: str, name: str = "data-main", **more: Any) -> dict[str, Any]:
    return client.call("GenerateDataKey", KeyId=key, NumberOfBytes=24, IsHostedByKms=1, DataKeyName=name, **more)


def made(client: Client, name: str = "data-main", **more: Any) -> str:
    return str(hosted(client, client.key(f"root-of-{name}"), name, **more)["DataKeyId"])


def data_meta(client: Client, data_key: str) -> dict[str, Any]:
    found: dict[str, Any] = client.call("DescribeDataKey", DataKeyId=data_key)["DataKeyMetadata"]
    return found


def plaintext(client: Client, data_key: str, **more: Any) -> bytes:
    return base64.b64decode(client.call("GetDataKeyPlaintext", DataKeyId=data_key, **more)["Plaintext"])


def in_data_state(client: Client, state: str) -> str:
    data_key = made(client)
    if state != "Enabled":
        client.call("DisableDataKey", DataKeyId=data_key)
    if state == "PendingDelete":
        client.call("ScheduleDataKeyDeletion", DataKeyId=data_key, PendingWindowInDays=7)
    assert data_meta(client, data_key)["KeyState"] == state
    return data_key


def test_a_hosted_data_key_gives_back_what_its_making_answered(client: Client) -> None:
    answer = hosted(client, client.key(), EncryptionContext='{"a": "b"}', Description="d")
    assert (answer["TagCode"], answer["TagMsg"]) == (0, "no tags to save")
    assert b64(plaintext(client, answer["DataKeyId"])) == answer["Plaintext"]
    blob = client.call("GetDataKeyCiphertextBlob", DataKeyId=answer["DataKeyId"])["CiphertextBlob"]
    assert blob == answer["CiphertextBlob"]
    assert b64(decrypt(client, blob, EncryptionContext='{"a": "b"}')) == answer["Plaintext"]


def test_a_data_key_that_is_not_hosted_leaves_nothing(client: Client) -> None:
    answer = client.call("GenerateDataKey", KeyId=client.key(), KeySpec="AES_128", IsHostedByKms=0)
    assert "DataKeyId" not in answer
    assert client.call("ListDataKeys")["TotalCount"] == 0


def test_the_metadata_of_a_data_key_is_complete(client: Client) -> None:
    key = client.key("root")
    data_key = hosted(client, key, Description="数据")["DataKeyId"]
    found = data_meta(client, data_key)
    assert found == {
        "DataKeyId": data_key, "KeyId": key, "KeyName": "root", "DataKeyName": "data-main", "NumberOfBytes": 24,
        "CreateTime": found["CreateTime"], "Description": "数据", "KeyState": "Enabled", "CreatorUin": int(OPERATOR),
        "CreatorUinString": OPERATOR, "Owner": "user", "DeletionDate": 0, "Origin": "TENCENT_KMS", "HsmClusterId": "",
        "ResourceId": f"creatorUin/{OPERATOR}/{data_key}", "IsSyncReplica": 0, "SourceRegion": "",
        "SourceHsmClusterId": "", "SyncStatus": 0, "SyncMessages": "", "SyncStartTime": 0, "SyncEndTime": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"IsHostedByKms": 2}, V + "InvalidType"),
        ({"DataKeyName": ""}, V + "InvalidDataKeyName"),
        ({"DataKeyName": "a b"}, V + "InvalidDataKeyName"),
        ({"Description": "密" * 34}, "InvalidParameter"),
        ({"HsmClusterId": "cls-hsm-3dflmo9g"}, V + "InvalidHsmClusterId"),
        ({"Tags": [*tag_list(a="b"), *tag_list(a="c")]}, V + "TagKeysDuplicated"),
    ],
)
def test_bad_wishes_to_host_are_refused(client: Client, wrong: dict[str, Any], code: str) -> None:
    good = {"KeyId": client.key(), "NumberOfBytes": 1, "IsHostedByKms": 1, "DataKeyName": "a"}
    assert client.refused("GenerateDataKey", **{**good, **wrong}) == code
    assert client.call("ListDataKeys")["TotalCount"] == 0


def test_tags_at_creation_depend_on_the_tag_service(client: Client) -> None:
    client.set(tags_must_exist=True)
    given = {"KeyId": client.key(), "NumberOfBytes": 1, "IsHostedByKms": 1, "DataKeyName": "a", "Tags": tag_list(a="b")}
    assert client.refused("GenerateDataKey", **given) == V + "TagsNotExisted"
    client.set(tags_must_exist=False, tag_service="fails_creation")
    assert client.refused("GenerateDataKey", **given) == "FailedOperation.TaggingError"
    client.set(tag_service="down_at_creation")
    assert client.call("GenerateDataKey", **given)["TagCode"] == 2


def test_a_data_key_is_tagged_and_found_by_its_tag(client: Client) -> None:
    data_key = made(client, Tags=tag_list(env="dev"))
    made(client, "other")
    name = f"qcs::kms:{REGION}:uin/{OWNER}:key/{data_meta(client, data_key)['ResourceId']}"
    assert client.call("TagResources", "tag", ResourceList=[name], Tags=tag_list(a="b"))["FailedResources"] == []
    for wanted in ({"TagKey": "env", "TagValue": ["dev"]}, {"TagKey": "a"}):
        found = client.call("ListDataKeyDetail", TagFilters=[wanted])["DataKeyMetadatas"]
        assert [entry["DataKeyId"] for entry in found] == [data_key]


def test_a_ciphertext_of_a_data_key_is_imported(client: Client) -> None:
    key = client.key()
    answer = client.call("GenerateDataKey", KeyId=key, KeySpec="AES_256")
    given = {"DataKeyName": "a", "ImportKeyMaterial": answer["CiphertextBlob"], "ImportType": 1}
    found = client.call("ImportDataKey", **given)
    assert (found["KeyId"], b64(plaintext(client, found["DataKeyId"]))) == (key, answer["Plaintext"])
    assert data_meta(client, found["DataKeyId"])["Origin"] == "TENCENT_KMS"


def test_a_plaintext_data_key_is_imported(client: Client) -> None:
    key = client.key()
    given = {"DataKeyName": "a", "ImportKeyMaterial": b64(CANARY), "ImportType": 2, "KeyId": key}
    data_key = client.call("ImportDataKey", **given)["DataKeyId"]
    assert plaintext(client, data_key) == CANARY
    found = data_meta(client, data_key)
    assert (found["Origin"], found["NumberOfBytes"]) == ("EXTERNAL", len(CANARY))
    blob = client.call("GetDataKeyCiphertextBlob", DataKeyId=data_key)["CiphertextBlob"]
    assert decrypt(client, blob) == CANARY


def test_bad_imports_of_data_keys_are_refused(client: Client) -> None:
    key, other, signing = client.key(), client.key("b"), client.key("c", KeyUsage="ASYMMETRIC_SIGN_VERIFY_ECC")
    bound = encrypt(client, key, EncryptionContext="{}")
    plain = {"DataKeyName": "a", "ImportKeyMaterial": "YQ==", "ImportType": 2, "KeyId": key}
    sealed = {**plain, "ImportType": 1, "ImportKeyMaterial": encrypt(client, key)}
    material = V + "InvalidImportKeyMaterial"
    for given, code in (
        ({**plain, "ImportType": 3}, V + "InvalidType"),
        ({**plain, "DataKeyName": "-"}, V + "InvalidDataKeyName"),
        ({**plain, "ImportKeyMaterial": "!"}, V + "InvalidPlaintext"),
        ({**plain, "ImportKeyMaterial": b64(bytes(1025))}, V + "InvalidPlaintext"),
        ({**plain, "KeyId": ""}, "MissingParameter"),
        ({**plain, "KeyId": "x"}, V + "InvalidKeyId"),
        ({**plain, "KeyId": MISSING}, RU + "CmkNotFound"),
        ({**plain, "KeyId": signing}, V + "InvalidKeyUsage"),
        ({**sealed, "ImportKeyMaterial": "YQ=="}, material),
        ({**sealed, "ImportKeyMaterial": bound}, material),
        ({**sealed, "ImportKeyMaterial": encrypt(client, key, bytes(1025))}, material),
        ({**sealed, "KeyId": other}, material),
    ):
        assert client.refused("ImportDataKey", **given) == code
    assert client.call("ListDataKeys")["TotalCount"] == 0


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("Disabled", "CmkDisabled"), ("Archived", "CmkArchived"), ("PendingDelete", "KeyPendingDelete"),
        ("PendingImport", "CmkStateNotSupport"),
    ],
)  # fmt: skip
def test_a_data_key_is_imported_under_an_enabled_key_only(client: Client, state: str, code: str) -> None:
    given = {"DataKeyName": "a", "ImportKeyMaterial": "YQ==", "ImportType": 2, "KeyId": in_state(client, state)}
    assert client.refused("ImportDataKey", **given) == RU + code


def test_names_are_unique_and_change(client: Client) -> None:
    first, second = made(client, "one"), made(client, "two")
    taken = V + "DataKeyNameAlreadyExists"
    assert client.refused("UpdateDataKeyName", DataKeyId=first, DataKeyName="two") == taken
    given = {"KeyId": data_meta(client, first)["KeyId"], "NumberOfBytes": 1, "IsHostedByKms": 1, "DataKeyName": "one"}
    assert client.refused("GenerateDataKey", **given) == taken
    client.call("UpdateDataKeyName", DataKeyId=first, DataKeyName="three")
    client.call("UpdateDataKeyName", DataKeyId=second, DataKeyName="one")
    client.call("UpdateDataKeyDescription", DataKeyId=second, Description="new")
    found = data_meta(client, second)
    assert (found["DataKeyName"], found["Description"]) == ("one", "new")
    assert client.refused("UpdateDataKeyName", DataKeyId=first, DataKeyName="a b") == V + "InvalidDataKeyName"
    assert client.refused("UpdateDataKeyDescription", DataKeyId=first, Description="x" * 101) == "InvalidParameter"


STATES = ("Enabled", "Disabled", "PendingDelete")
# For each action, what comes of it in the three states: an error code, or the state afterwards.
TABLE: dict[str, tuple[str, str, str]] = {
    "DescribeDataKey": ("Enabled", "Disabled", "PendingDelete"),
    "GetDataKeyCiphertextBlob": ("Enabled", "Disabled", "PendingDelete"),
    "GetDataKeyPlaintext": ("Enabled", RU + "DataKeyDisabled", RU + "DataKeyPendingDelete"),
    "EnableDataKey": ("Enabled", "Enabled", ST),
    "DisableDataKey": ("Disabled", "Disabled", ST),
    "ScheduleDataKeyDeletion": (ST, "PendingDelete", ST),
    "CancelDataKeyDeletion": (RU + "DataKeyNotPendingDelete", RU + "DataKeyNotPendingDelete", "Disabled"),
    "UpdateDataKeyName": ("Enabled", "Disabled", ST),
    "UpdateDataKeyDescription": ("Enabled", "Disabled", ST),
}
MORE: dict[str, dict[str, Any]] = {
    "ScheduleDataKeyDeletion": {"PendingWindowInDays": 7},
    "UpdateDataKeyName": {"DataKeyName": "x"},
    "UpdateDataKeyDescription": {"Description": "x"},
}


@pytest.mark.parametrize("action", TABLE)
@pytest.mark.parametrize("state", STATES)
def test_each_action_does_or_refuses_as_the_state_says(client: Client, action: str, state: str) -> None:
    data_key, expected = in_data_state(client, state), TABLE[action][STATES.index(state)]
    answer = client.raw(action, DataKeyId=data_key, **MORE.get(action, {}))
    found = data_meta(client, data_key)["KeyState"]
    if "." in expected:
        assert (answer["Error"]["Code"], found) == (expected, state)
    else:
        assert (answer.get("Error"), found) == (None, expected)


@pytest.mark.parametrize("action", TABLE)
def test_every_action_refuses_unknown_data_keys(client: Client, action: str) -> None:
    assert client.refused(action, DataKeyId="x", **MORE.get(action, {})) == V + "InvalidDataKeyId"
    assert client.refused(action, DataKeyId=MISSING, **MORE.get(action, {})) == RU + "DataKeyNotFound"


def test_batches_change_all_or_nothing(client: Client) -> None:
    first, second, pending = made(client, "one"), made(client, "two"), in_data_state(client, "PendingDelete")
    client.call("DisableDataKeys", DataKeyIds=[first, second])
    found = client.call("DescribeDataKeys", DataKeyIds=[second, first])["DataKeyMetadatas"]
    assert [(entry["DataKeyId"], entry["KeyState"]) for entry in found] == [(second, "Disabled"), (first, "Disabled")]
    assert client.refused("EnableDataKeys", DataKeyIds=[first, pending]) == ST
    assert data_meta(client, first)["KeyState"] == "Disabled"
    client.call("EnableDataKeys", DataKeyIds=[first])
    for action in ("DescribeDataKeys", "EnableDataKeys", "DisableDataKeys"):
        assert client.refused(action, DataKeyIds=[first, first]) == V + "DuplicatedDataKeyId"
        assert client.refused(action, DataKeyIds=[first, MISSING]) == RU + "DataKeyNotFound"
        assert client.refused(action, DataKeyIds=[]) == "InvalidParameter"


def test_a_data_key_needs_its_root_key(client: Client) -> None:
    data_key = made(client)
    key = data_meta(client, data_key)["KeyId"]
    client.call("ArchiveKey", KeyId=key)
    assert len(plaintext(client, data_key)) == 24
    client.call("CancelKeyArchive", KeyId=key)
    client.call("DisableKey", KeyId=key)
    assert client.refused("GetDataKeyPlaintext", DataKeyId=data_key) == RU + "CmkDisabled"
    client.call("DisableDataKey", DataKeyId=data_key)
    assert client.refused("EnableDataKey", DataKeyId=data_key) == RU + "CmkStateNotSupport"
    client.call("ScheduleDataKeyDeletion", DataKeyId=data_key, PendingWindowInDays=30)
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    assert client.refused("CancelDataKeyDeletion", DataKeyId=data_key) == RU + "CmkStateNotSupport"
    client.advance(8 * DAY)
    assert client.refused("CancelDataKeyDeletion", DataKeyId=data_key) == RU + "CmkNotFound"
    assert data_meta(client, data_key)["KeyName"] == ""


def test_a_data_key_of_a_root_key_that_waits_for_deletion_stays_closed(client: Client) -> None:
    data_key = made(client)
    key = data_meta(client, data_key)["KeyId"]
    client.call("DisableKey", KeyId=key)
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    assert client.refused("GetDataKeyPlaintext", DataKeyId=data_key) == RU + "CmkStateNotSupport"


def test_a_scheduled_data_key_disappears_at_its_date_with_its_tags(client: Client) -> None:
    data_key = made(client, Tags=tag_list(env="dev"))
    client.call("DisableDataKey", DataKeyId=data_key)
    assert client.refused(
        "ScheduleDataKeyDeletion", DataKeyId=data_key, PendingWindowInDays=6
    ) == "InvalidParameter.InvalidPendingWindowInDays"  # fmt: skip
    date = client.call("ScheduleDataKeyDeletion", DataKeyId=data_key, PendingWindowInDays=7)["DeletionDate"]
    assert data_meta(client, data_key)["DeletionDate"] == date
    client.control("clock", {"set": date - 30})
    assert data_meta(client, data_key)["KeyState"] == "PendingDelete"
    client.control("clock", {"set": date})
    assert client.refused("DescribeDataKey", DataKeyId=data_key) == RU + "DataKeyNotFound"
    assert client.call("GetResources", "tag")["ResourceTagMappingList"] == []
    made(client, "data-main-2")


def test_the_quota_of_data_keys_leaves_out_those_pending_deletion(client: Client) -> None:
    client.set(data_key_limit=1)
    pending, key = in_data_state(client, "PendingDelete"), client.key("x")
    hosted(client, key, "one")
    given = {"KeyId": key, "NumberOfBytes": 1, "IsHostedByKms": 1, "DataKeyName": "two"}
    assert client.refused("GenerateDataKey", **given) == "LimitExceeded.DataKeyLimitExceeded"
    assert client.refused("CancelDataKeyDeletion", DataKeyId=pending) == "LimitExceeded.DataKeyLimitExceeded"
    status = client.call("GetServiceStatus")
    assert (status["DataKeyUsedCount"], status["DataKeyLimit"], status["IsAllowedDataKeyHosted"]) == (1, 1, True)
    client.control("settings", {"quotas": False})
    client.call("GenerateDataKey", **given)


def test_a_plaintext_is_wrapped_for_the_caller(client: Client) -> None:
    caller, data_key = rsa.generate_private_key(65537, 2048), made(client)
    wrap = {"EncryptionPublicKey": public_pem(caller), "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}
    opened = caller.decrypt(plaintext(client, data_key, **wrap), PADDINGS["RSAES_OAEP_SHA_1"])
    assert opened == plaintext(client, data_key)
    wrap["EncryptionAlgorithm"] = "SM2"
    assert client.refused("GetDataKeyPlaintext", DataKeyId=data_key, **wrap) == "FailedOperation.EncryptionError"


def test_data_keys_are_listed_and_filtered(client: Client) -> None:
    one, two = made(client, "one"), made(client, "two")
    key = data_meta(client, one)["KeyId"]
    given = {"DataKeyName": "three", "ImportKeyMaterial": "YQ==", "ImportType": 2, "KeyId": key}
    three = client.call("ImportDataKey", **given)["DataKeyId"]
    client.call("DisableDataKey", DataKeyId=two)
    assert client.call("ListDataKeys", Limit=2)["DataKeys"] == [{"DataKeyId": one}, {"DataKeyId": two}]
    for filters, expected in (
        ({}, [three, two, one]), ({"OrderType": 1}, [one, two, three]), ({"KeyState": 2}, [two]),
        ({"SearchKeyAlias": "tw"}, [two]), ({"SearchKeyAlias": three[:13]}, [three]), ({"Origin": "EXTERNAL"}, [three]),
        ({"KeyId": key}, [three, one]), ({"DataKeyLen": 1}, [three]), ({"Role": 1}, []),
        ({"HsmClusterId": "default", "Offset": 1, "Limit": 1}, [two]), ({"KeyId": key, "DataKeyLen": 24}, [one]),
    ):  # fmt: skip
        found = client.call("ListDataKeyDetail", **filters)["DataKeyMetadatas"]
        assert [entry["DataKeyId"] for entry in found] == expected
    client.call("ScheduleDataKeyDeletion", DataKeyId=two, PendingWindowInDays=7)
    assert client.call("ListDataKeys")["TotalCount"] == 2
    assert client.call("ListDataKeyDetail", KeyState=3)["TotalCount"] == 1


@pytest.mark.parametrize("wrong", [{"KeyState": 4}, {"OrderType": 2}, {"Limit": 201}, {"Origin": "x"}])
def test_bad_listings_are_refused(client: Client, wrong: dict[str, Any]) -> None:
    assert client.refused("ListDataKeyDetail", **wrong) == "InvalidParameter"
