"""Alibaba's words and ours: what CreateKey sends, what DescribeKey means, which code is which error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from kms_resources.capabilities import Offer
from kms_resources.clouds.alibaba import actions, convert
from kms_resources.clouds.alibaba.limits import LIMITS
from kms_resources.errors import (
    AlreadyExistsError,
    CloudError,
    DeniedError,
    NotFoundError,
    RejectedError,
    ThrottledError,
    UnclearError,
    WrongStateError,
)
from kms_resources.model import (
    ActualAlias,
    DesiredKey,
    KeyId,
    KeyState,
    Marker,
    Origin,
    Protection,
    Settings,
    Spec,
    Target,
    Usage,
)

TARGET = Target("hangzhou", "alibaba", "cn-hangzhou", instance="kst-hzz62ee817bvyyr5x")
BARE = replace(TARGET, instance="")
MARKER = Marker("kms/prod/orders")
AES = Settings(Spec.AES_256, Usage.ENCRYPT_DECRYPT)
METADATA = {
    "KeyId": "key-hzz62f1cb66fa42qo",
    "Arn": "acs:kms:cn-hangzhou:1234567890123456:key/key-hzz62f1cb66fa42qo",
    "KeyState": "Enabled",
    "KeySpec": "Aliyun_AES_256",
    "KeyUsage": "ENCRYPT/DECRYPT",
    "Origin": "Aliyun_KMS",
    "ProtectionLevel": "HSM",
    "Description": "orders",
    "DKMSInstanceId": "kst-hzz62ee817bvyyr5x",
    "Creator": "1234567890123456",
    "CreationDate": "2024-03-25T10:00:00Z",
    "LastRotationDate": "2024-03-25T10:00:00Z",
    "PrimaryKeyVersion": "2ab1a983-7072-4bbc-a582-584b5bd80001",
    "AutomaticRotation": "Enabled",
    "RotationInterval": "7776000s",
    "NextRotationDate": "2024-06-23T10:00:00Z",
    "MaterialExpireTime": "",
    "DeleteDate": "",
    "DeletionProtection": "Enabled",
    "DeletionProtectionDescription": "",
}


def _desired(settings: Settings = AES, target: Target = TARGET) -> DesiredKey:
    return DesiredKey("orders", target, settings, MARKER)


def _sent(desired: DesiredKey) -> dict[str, str]:
    return dict(actions.encode(convert.creation(desired)))


def test_a_key_is_asked_for_with_everything_that_one_call_can_carry() -> None:
    settings = replace(AES, description="订单 & more", tags={"owner": "pay"}, rotation_days=90)
    assert _sent(_desired(settings)) == {
        "DKMSInstanceId": "kst-hzz62ee817bvyyr5x",
        "Description": "订单 & more",
        "EnableAutomaticRotation": "true",
        "KeySpec": "Aliyun_AES_256",
        "KeyUsage": "ENCRYPT/DECRYPT",
        "Origin": "Aliyun_KMS",
        "RotationInterval": "90d",
        "Tags": '[{"TagKey":"kms-resources-marker","TagValue":"kms/prod/orders"},{"TagKey":"owner","TagValue":"pay"}]',
    }


def test_a_key_without_an_instance_names_none() -> None:
    assert "DKMSInstanceId" not in _sent(_desired(target=BARE))


def test_a_protection_level_is_sent_only_if_asked_for_and_only_without_an_instance() -> None:
    asked = replace(AES, protection=Protection.HSM)
    sent = [_sent(_desired(settings, target)) for settings in (AES, asked) for target in (BARE, TARGET)]
    assert [parameters.get("ProtectionLevel") for parameters in sent] == [None, None, "HSM", None]


def test_no_tag_of_a_stack_can_take_the_place_of_the_marker() -> None:
    tags = json.loads(_sent(_desired(replace(AES, tags={convert.MARKER_TAG: "not/this/one", "a": "b"})))["Tags"])
    assert tags == [
        {"TagKey": convert.MARKER_TAG, "TagValue": MARKER},
        {"TagKey": "a", "TagValue": "b"},
    ]


@pytest.mark.parametrize("offer", LIMITS.offers, ids=lambda offer: offer.spec)
def test_every_offered_kind_of_key_comes_back_as_it_was_asked_for(offer: Offer) -> None:
    for usage in offer.usages:
        for origin in offer.origins:
            settings = Settings(offer.spec, usage, origin, description="d", tags={"k": "v"})
            sent = _sent(_desired(settings))
            tags = {tag["TagKey"]: tag["TagValue"] for tag in json.loads(sent["Tags"])}
            actual = convert.key(
                METADATA | sent | {"AutomaticRotation": "Disabled", "DeletionProtection": "Disabled"}, tags
            )
            assert (actual.settings, actual.marker) == (replace(settings, protection=Protection.HSM), MARKER)


def test_a_key_is_read_with_all_that_describe_key_tells() -> None:
    key = convert.key(METADATA, {"owner": "pay", convert.MARKER_TAG: MARKER})
    assert key.settings == Settings(
        Spec.AES_256,
        Usage.ENCRYPT_DECRYPT,
        Origin.KMS,
        Protection.HSM,
        "orders",
        True,
        {"owner": "pay"},
        90,
        True,
    )
    assert key.id == "key-hzz62f1cb66fa42qo"
    assert key.marker == MARKER
    assert key.account == "1234567890123456"
    assert key.arn == METADATA["Arn"]
    assert key.created == "2024-03-25T10:00:00Z"
    assert key.pending_deletion == ""
    assert key.primary_version == "2ab1a983-7072-4bbc-a582-584b5bd80001"
    assert key.material_expires == ""


def test_imported_material_says_when_it_ends() -> None:
    imported = METADATA | {"Origin": "EXTERNAL", "MaterialExpireTime": "2027-01-01T00:00:00Z"}
    assert convert.key(imported, {}).material_expires == "2027-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("Enabled", KeyState.ENABLED),
        ("Disabled", KeyState.DISABLED),
        ("PendingDeletion", KeyState.PENDING_DELETION),
        ("PendingImport", KeyState.PENDING_IMPORT),
        ("SomethingNew", KeyState.UNAVAILABLE),
    ],
)
def test_each_state_has_its_word_and_only_enabled_is_enabled(written: str, state: KeyState) -> None:
    key = convert.key(METADATA | {"KeyState": written}, {})
    assert (key.state, key.settings.enabled) == (state, state is KeyState.ENABLED)


def test_the_date_of_a_deletion_counts_only_while_the_key_waits_for_it() -> None:
    date = {"DeleteDate": "2024-05-01T00:00:00Z"}
    waiting = convert.key(METADATA | date | {"KeyState": "PendingDeletion"}, {})
    assert waiting.pending_deletion == "2024-05-01T00:00:00Z"
    assert convert.key(METADATA | date, {}).pending_deletion == ""


@pytest.mark.parametrize(
    ("automatic", "interval", "days"),
    [
        ("Enabled", "604800s", 7),
        ("Enabled", "365d", 365),
        ("Enabled", "168h", 7),
        ("Enabled", "10080m", 7),
        ("Enabled", "605800s", 8),
        ("Enabled", "", 365),
        ("Suspended", "7776000s", 90),
        ("Disabled", "", None),
        ("Disabled", "7776000s", None),
        ("", "", None),
    ],
)
def test_rotation_is_read_in_days_and_suspended_counts_as_on(automatic: str, interval: str, days: int | None) -> None:
    key = convert.key(METADATA | {"AutomaticRotation": automatic, "RotationInterval": interval}, {})
    assert key.settings.rotation_days == days


def test_missing_fields_mean_the_same_as_empty_ones() -> None:
    bare = {name: METADATA[name] for name in ("KeyId", "Arn", "KeyState", "KeySpec", "KeyUsage")}
    empty = bare | {name: "" for name in METADATA if name not in bare}
    assert convert.key(bare, {}) == convert.key(empty, {})


def test_the_account_is_the_arns_and_the_creator_only_helps_out() -> None:
    assert convert.account(METADATA | {"Creator": "somebody"}) == "1234567890123456"
    assert convert.account({"Creator": "1234567890123456", "Arn": ""}) == "1234567890123456"
    assert convert.account({}) == ""


def test_a_kind_of_key_without_a_word_of_ours_is_named_in_the_refusal() -> None:
    with pytest.raises(RejectedError, match="KeySpec HMAC_SHA256, KeyUsage GENERATE/VERIFY"):
        convert.key(METADATA | {"KeySpec": "HMAC_SHA256", "KeyUsage": "GENERATE/VERIFY"}, {})


def test_tags_are_grouped_by_key_and_those_of_the_vendor_are_left_out() -> None:
    rows = [
        {"ResourceId": "a", "ResourceType": "key", "TagKey": "owner", "TagValue": "pay"},
        {"ResourceId": "a", "ResourceType": "key", "TagKey": "acs:rm:rgId", "TagValue": "rg-1"},
        {"ResourceId": "b", "ResourceType": "key", "TagKey": "aliyun-x", "TagValue": "1"},
        {"ResourceId": "b", "ResourceType": "key", "TagKey": "empty"},
    ]
    assert convert.group_tags(["a", "b", "c"], rows) == {"a": {"owner": "pay"}, "b": {"empty": ""}, "c": {}}


def test_tags_of_a_key_that_nobody_asked_for_are_not_taken_silently() -> None:
    with pytest.raises(KeyError):
        convert.group_tags(["a"], [{"ResourceId": "z", "TagKey": "k", "TagValue": "v"}])


@pytest.mark.parametrize(
    ("parameters", "pairs"),
    [
        ({"KeyId": "k", "PendingWindowInDays": 30}, [("KeyId", "k"), ("PendingWindowInDays", "30")]),
        ({"Description": ""}, [("Description", "")]),
        ({"EnableDeletionProtection": False}, [("EnableDeletionProtection", "false")]),
        ({"Filters": convert.USER_KEYS}, [("Filters", '[{"Key":"CreatorType","Values":["User"]}]')]),
        ({"Tags": [{"TagKey": "k", "TagValue": "值"}]}, [("Tags", '[{"TagKey":"k","TagValue":"值"}]')]),
        ({"ResourceId": ["a", "b"]}, [("ResourceId.1", "a"), ("ResourceId.2", "b")]),
        (
            {"Tag": convert.tag_list({"k": "v", "l": "w"})},
            [("Tag.1.Key", "k"), ("Tag.1.Value", "v"), ("Tag.2.Key", "l"), ("Tag.2.Value", "w")],
        ),
        ({"TagKey": ["k", "l"]}, [("TagKey.1", "k"), ("TagKey.2", "l")]),
    ],
)
def test_each_kind_of_parameter_is_written_in_its_own_way(
    parameters: Mapping[str, object], pairs: list[tuple[str, str]]
) -> None:
    assert actions.encode(parameters) == pairs


def test_a_misspelt_parameter_is_a_mistake_that_shows() -> None:
    with pytest.raises(KeyError):
        actions.encode({"KeyID": "k"})


def test_rotation_is_switched_off_without_an_interval() -> None:
    assert actions.encode(convert.rotation(None)) == [("EnableAutomaticRotation", "false")]


def test_aliases_lose_their_prefix_and_those_of_services_are_left_out() -> None:
    rows = [
        {"AliasName": "alias/orders", "KeyId": "a"},
        {"AliasName": "alias/acs/oss", "KeyId": "b"},
        {"AliasName": "alias/team/alias/x", "KeyId": "c"},
    ]
    assert list(convert.aliases(rows)) == [
        ActualAlias("orders", KeyId("a")),
        ActualAlias("team/alias/x", KeyId("c")),
    ]
    assert convert.alias_name("orders") == "alias/orders"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "Forbidden.KeyNotFound", NotFoundError),
        (404, "Forbidden.AliasNotFound", NotFoundError),
        (404, "Forbidden.ResourceNotFound", NotFoundError),
        (404, "InvalidResourceId.NotFound", NotFoundError),
        (404, "InvalidAccessKeyId.NotFound", DeniedError),
        (404, "InvalidAction.NotFound", RejectedError),
        (404, "Something.NotFound", RejectedError),
        (403, "Forbidden.NoPermission", DeniedError),
        (400, "Forbidden.NoPermission", DeniedError),
        (400, "Forbidden.KeyPolicyUnSupported", RejectedError),
        (403, "Forbidden.DKMSInstanceNotFound", RejectedError),
        (403, "Forbidden.InDebtOverdue", DeniedError),
        (400, "IncompleteSignature", DeniedError),
        (400, "IllegalTimestamp", DeniedError),
        (400, "SignatureNonceUsed", UnclearError),
        (400, "AliasAlreadyExists", AlreadyExistsError),
        (409, "Rejected.Disabled", WrongStateError),
        (409, "Rejected.PendingDeletion", WrongStateError),
        (409, "Rejected.PendingImport", WrongStateError),
        (409, "Rejected.StateModifiedFailed", WrongStateError),
        (429, "Rejected.Throttling", ThrottledError),
        (400, "Throttling", ThrottledError),
        (400, "Throttling.User", ThrottledError),
        (429, "SomethingNew", ThrottledError),
        (500, "InternalFailure", UnclearError),
        (503, "ServiceUnavailableTemporary", UnclearError),
        (503, "SerivceUnavailableTemporary", UnclearError),
        (503, "SerivceUnvailableTemporary", UnclearError),
        (502, "SomethingNew", UnclearError),
        (400, "UnsupportedOperation", RejectedError),
        (400, "Rejected.LimitExceeded", RejectedError),
        (400, "InvalidParameter", RejectedError),
    ],
)
def test_each_code_is_one_of_our_errors(status: int, code: str, kind: type[CloudError]) -> None:
    error = convert.error("EnableKey", status, code, "The message.", "an-id")
    assert (type(error), error.code, error.request_id, error.why) == (kind, code, "an-id", "The message.")


@pytest.mark.parametrize(
    ("action", "code", "advice"),
    [
        ("ListKeys", "IllegalTimestamp", "set this machine's clock"),
        ("ListKeys", "InvalidAccessKeyId.NotFound", "look at the access key id"),
        ("ListKeys", "IncompleteSignature", "look at the access key secret"),
        ("ListKeys", "Forbidden.KmsServiceNotEnabled", "open KMS"),
        ("CreateKey", "UnsupportedOperation", "one key without an instance per region; for more, give the target"),
        ("CreateKey", "Forbidden.DKMSInstanceNotFound", "give the target the id of a KMS instance"),
        ("UpdateRotationPolicy", "Rejected.UnsupportedOperation", "take the rotation out of the stack"),
    ],
)
def test_known_codes_come_with_advice(action: str, code: str, advice: str) -> None:
    assert advice in convert.error(action, 400, code, "", "").advice


def test_the_same_code_of_another_call_gets_no_wrong_advice() -> None:
    assert convert.error("EnableKey", 400, "UnsupportedOperation", "", "").advice == ""
