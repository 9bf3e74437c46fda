"""Tencent Cloud's words and ours, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from kms_resources.clouds.tencent import convert
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
    DesiredKey,
    KeyId,
    KeyState,
    Marker,
    Origin,
    Settings,
    Spec,
    Target,
    Usage,
)

TARGET = Target("guangzhou", "tencent", "ap-guangzhou")
MARKER = Marker("shop/prod/orders")
KEY_ID = KeyId("11111111-2222-3333-4444-555555555555")
PATH = f"creatorUin/100000000001/{KEY_ID}"


def desired(target: Target = TARGET, **settings: Any) -> DesiredKey:
    defaults: dict[str, Any] = {"spec": Spec.SM4, "usage": Usage.ENCRYPT_DECRYPT}
    return DesiredKey("orders", target, Settings(**(defaults | settings)), MARKER)


def metadata(key_id: str = KEY_ID, **changed: Any) -> dict[str, Any]:
    return {
        "KeyId": key_id,
        "Alias": "app-main",
        "CreateTime": 1700000000,
        "Description": "orders",
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "Type": 4,
        "KeyRotationEnabled": False,
        "DeletionDate": 0,
        "Origin": "TENCENT_KMS",
        "ResourceId": f"creatorUin/100000000001/{key_id}",
    } | changed


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AuthFailure.SignatureFailure", DeniedError),
        ("AuthFailure.UnauthorizedOperation", DeniedError),
        ("UnauthorizedOperation", DeniedError),
        ("IpNotInWhitelist", DeniedError),
        ("InternalError", UnclearError),
        ("ServiceUnavailable", UnclearError),
        ("UnsupportedOperation.ServiceTemporaryUnavailable", UnclearError),
        ("UnsupportedOperation.ExternalCmkCanNotRotate", RejectedError),
        ("FailedOperation.ResourceTagProcessing", UnclearError),
        ("FailedOperation.TaggingError", UnclearError),
        ("FailedOperation.CmkUsedByCloudProduct", RejectedError),
        ("RequestLimitExceeded", ThrottledError),
        ("RequestLimitExceeded.UinLimitExceeded", ThrottledError),
        ("RequestLimitExceeded.RotateRateLimited", RejectedError),
        ("InvalidParameterValue.AliasAlreadyExists", AlreadyExistsError),
        ("InvalidParameterValue.InvalidKeyId", RejectedError),
        ("ResourceUnavailable.CmkNotFound", NotFoundError),
        ("ResourceUnavailable.CmkDisabled", WrongStateError),
        ("ResourceUnavailable.CmkShouldBeDisabled", WrongStateError),
        ("LimitExceeded.CmkLimitExceeded", RejectedError),
        ("NeverHeardOf", RejectedError),
    ],
)
def test_a_code_decides_the_kind_of_the_error(code: str, kind: type[CloudError]) -> None:
    assert type(convert.error("CreateKey", code, "text", "r-1")) is kind


def test_an_error_tells_reason_code_request_id_and_advice() -> None:
    error = convert.error("CreateKey", "UnauthorizedOperation", " no permission ", "r-1")
    assert str(error) == (
        "CreateKey was refused: no permission (code UnauthorizedOperation, request id r-1)\n"
        "  → grant the action in a CAM policy"
    )


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("UnauthorizedOperation.CamNoAuth", True),
        ("AuthFailure.UnauthorizedOperation", True),
        ("AuthFailure.SignatureFailure", False),
    ],
)
def test_a_missing_permission_is_told_from_a_wrong_identity(code: str, expected: bool) -> None:
    assert convert.lacks_permission(DeniedError("x", code=code)) is expected


@pytest.mark.parametrize("marker", ["shop/prod/orders", "p/s/" + "n" * 100, "项目/栈/键"])
def test_the_first_alias_fits_the_rule_is_stable_and_is_known_as_ours(marker: str) -> None:
    alias = convert.first_alias(Marker(marker))
    assert alias == convert.first_alias(Marker(marker))
    assert len(alias) <= 60
    assert alias.isascii()
    assert convert.is_own_alias(alias, KEY_ID)


def test_two_markers_that_read_alike_have_different_aliases() -> None:
    assert convert.first_alias(Marker("a/b/c")) != convert.first_alias(Marker("a-b/c"))


def test_a_persons_alias_is_not_ours_but_the_bare_one_is() -> None:
    assert not convert.is_own_alias("app-main", KEY_ID)
    assert not convert.is_own_alias(convert.bare_alias(KeyId("other")), KEY_ID)
    assert convert.is_own_alias(convert.bare_alias(KEY_ID), KEY_ID)


def test_creation_carries_the_marker_twice() -> None:
    body = convert.creation(desired(description="orders", tags={"owner": "payments"}))
    assert body == {
        "Alias": convert.first_alias(MARKER),
        "Description": "orders",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "Type": 1,
        "Tags": [
            {"TagKey": "kms-resources-marker", "TagValue": "shop/prod/orders"},
            {"TagKey": "owner", "TagValue": "payments"},
        ],
    }


@pytest.mark.parametrize(
    ("spec", "usage", "expected"),
    [
        (Spec.AES_256, Usage.ENCRYPT_DECRYPT, "ENCRYPT_DECRYPT"),
        (Spec.RSA_2048, Usage.ENCRYPT_DECRYPT, "ASYMMETRIC_DECRYPT_RSA_2048"),
        (Spec.SM2, Usage.ENCRYPT_DECRYPT, "ASYMMETRIC_DECRYPT_SM2"),
        (Spec.SM2, Usage.SIGN_VERIFY, "ASYMMETRIC_SIGN_VERIFY_SM2"),
        (Spec.EC_P256, Usage.SIGN_VERIFY, "ASYMMETRIC_SIGN_VERIFY_ECC"),
        (Spec.RSA_2048, Usage.SIGN_VERIFY, "ASYMMETRIC_SIGN_VERIFY_RSA_2048"),
        (Spec.EC_P384, Usage.SIGN_VERIFY, "ASYMMETRIC_SIGN_VERIFY_ECDSA384"),
    ],
)
def test_spec_and_usage_are_one_word_and_come_back(spec: Spec, usage: Usage, expected: str) -> None:
    word = convert.creation(desired(spec=spec, usage=usage))["KeyUsage"]
    settings = convert.key(TARGET, "", metadata(KeyUsage=word, Type=2), {}).settings
    assert word == expected
    assert (settings.spec, settings.usage) == (spec, usage)


def test_an_external_key_on_a_cluster() -> None:
    target = Target("guangzhou", "tencent", "ap-guangzhou", instance="cls-hsm-3dflmo9g")
    body = convert.creation(desired(target, origin=Origin.EXTERNAL))
    assert (body["Type"], body["HsmClusterId"]) == (2, "cls-hsm-3dflmo9g")


def test_ours_come_first_of_the_ten_tags_that_creation_takes() -> None:
    tags = {f"tag-{number:02}": "x" for number in range(20)}
    sent = convert.creation(desired(tags=tags, deletion_protection=True))["Tags"]
    assert [tag["TagKey"] for tag in sent[:2]] == [convert.MARKER_TAG, convert.PROTECTION_TAG]
    assert len(sent) == 10


def test_a_key_is_read_with_our_tags_apart() -> None:
    tags = {convert.MARKER_TAG: MARKER, convert.PROTECTION_TAG: "on", "owner": "payments"}
    key = convert.key(TARGET, "100000000002", metadata(), tags)
    assert key.settings == Settings(
        Spec.SM4,
        Usage.ENCRYPT_DECRYPT,
        description="orders",
        tags={"owner": "payments"},
        deletion_protection=True,
    )
    assert (key.id, key.marker, key.native_alias) == (KEY_ID, MARKER, "app-main")
    assert key.arn == f"qcs::kms:ap-guangzhou:uin/100000000002:key/{PATH}"
    assert key.created == "2023-11-14T22:13:20Z"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"Type": 2}, {"spec": Spec.AES_256}),
        ({"Origin": "EXTERNAL"}, {"origin": Origin.EXTERNAL}),
        ({"KeyRotationEnabled": True, "RotateDays": 90}, {"rotation_days": 90}),
        ({"KeyRotationEnabled": True}, {"rotation_days": 365}),
        ({"KeyRotationEnabled": False, "RotateDays": 90}, {"rotation_days": None}),
        ({"Description": None}, {"description": ""}),
        ({"KeyState": "Archived"}, {"enabled": False}),
    ],
)
def test_settings_are_read(changed: dict[str, Any], expected: dict[str, Any]) -> None:
    settings = convert.key(TARGET, "", metadata(**changed), {}).settings
    assert {name: getattr(settings, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("PendingDelete", KeyState.PENDING_DELETION),
        ("PendingImport", KeyState.PENDING_IMPORT),
        ("NeverHeardOf", KeyState.UNAVAILABLE),
    ],
)
def test_states_are_translated(word: str, state: KeyState) -> None:
    key = convert.key(TARGET, "", metadata(KeyState=word, DeletionDate=1700000000), {})
    assert key.state is state
    assert key.pending_deletion == ("2023-11-14T22:13:20Z" if state is KeyState.PENDING_DELETION else "")


def test_a_key_of_an_unknown_kind_is_foreign_only_without_our_marker() -> None:
    unknown = metadata(KeyUsage="POST_QUANTUM")
    assert convert.is_foreign(unknown, {})
    assert not convert.is_foreign(unknown, {convert.MARKER_TAG: MARKER})
    assert not convert.is_foreign(metadata(), {})
    with pytest.raises(RejectedError, match="unknown kind: its usage is 'POST_QUANTUM'"):
        convert.key(TARGET, "", unknown, {})


def test_tags_are_grouped_by_resource_without_those_of_the_system() -> None:
    rows = [
        {"ResourceId": "a", "TagKey": "owner", "TagValue": "x", "Category": "Custom"},
        {"ResourceId": "a", "TagKey": "stage", "TagValue": "y"},
        {"ResourceId": "b", "TagKey": "owner", "TagValue": "z", "Category": "System"},
        {"ResourceId": "b", "TagKey": "qcs:made-by", "TagValue": "z"},
    ]
    assert convert.group_tags(rows) == {"a": {"owner": "x", "stage": "y"}}


@pytest.mark.parametrize(
    ("origin", "valid_to", "expires"),
    [("EXTERNAL", 1800000000, "2027-01-15T08:00:00Z"), ("EXTERNAL", 0, ""), ("TENCENT_KMS", 0, "")],
)
def test_imported_material_tells_its_end(origin: str, valid_to: int, expires: str) -> None:
    assert convert.key(TARGET, "", metadata(Origin=origin, ValidTo=valid_to), {}).material_expires == expires
