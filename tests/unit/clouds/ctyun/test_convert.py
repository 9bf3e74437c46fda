"""CTYun's words and ours, both ways."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kms_resources.clouds.ctyun import convert
from kms_resources.clouds.ctyun.words import OPERATIONS
from kms_resources.clouds.marking import split_marker, with_marker
from kms_resources.errors import (
    CloudError,
    DeniedError,
    NotFoundError,
    RejectedError,
    ThrottledError,
    UnclearError,
)
from kms_resources.model import (
    NO_MARKER,
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
from tests.unit.clouds.ctyun.cloud import KEY_ID, metadata

MARKER = Marker("shop/prod/orders")
TARGET = Target("north", "ctyun", "bb9fdb42056f11eda1610242ac110002")
ENABLE = OPERATIONS["enable_key"]


def desired(target: Target = TARGET, **settings: Any) -> DesiredKey:
    defaults: dict[str, Any] = {"spec": Spec.AES_256, "usage": Usage.ENCRYPT_DECRYPT}
    return DesiredKey("orders", target, Settings(**(defaults | settings)), MARKER)


def test_a_body_has_the_clouds_names_and_leaves_out_what_is_not_given() -> None:
    values = {"key_id": KEY_ID, "rotation": True, "interval": None}
    assert convert.body(OPERATIONS["set_rotation"], values) == {"cmkUuid": KEY_ID, "enableAutomaticRotation": True}


def test_a_field_that_an_operation_does_not_have_is_refused() -> None:
    with pytest.raises(KeyError):
        convert.body(ENABLE, {"window": 7})


@given(
    st.text(alphabet=st.characters(exclude_characters="[")), st.from_regex(r"[a-z0-9-]+/[a-z]+/[a-z_]+", fullmatch=True)
)
def test_text_and_marker_come_back_as_they_went_in(text: str, marker: str) -> None:
    assert split_marker(with_marker(text, Marker(marker))) == (text, marker)


def test_a_description_without_a_marker_is_all_text() -> None:
    assert with_marker("plain", NO_MARKER) == "plain"
    assert split_marker("plain [x]") == ("plain [x]", NO_MARKER)


def test_a_marker_is_found_although_somebody_wrote_behind_it() -> None:
    assert split_marker("orders [kms-resources:shop/prod/orders], ask Li") == ("orders, ask Li", MARKER)


def test_creation_carries_the_marker_and_chooses_the_hsm_unless_told_otherwise() -> None:
    values = convert.creation(desired(description="orders"))
    assert convert.body(OPERATIONS["create_key"], values) == {
        "keySpec": "AES_256",
        "keyUsage": "ENCRYPT/DECRYPT",
        "protectionLevel": "0",
        "description": "orders [kms-resources:shop/prod/orders]",
        "enableAutomaticRotation": False,
    }


def test_creation_of_a_software_key_with_everything() -> None:
    target = Target("north", "ctyun", TARGET.region, instance="ins-X63C8r")
    values = convert.creation(desired(target, protection=Protection.SOFTWARE, origin=Origin.EXTERNAL, rotation_days=90))
    body = convert.body(OPERATIONS["create_key"], values)
    assert (body["protectionLevel"], body["origin"], body["instanceId"]) == ("1", "EXTERNAL", "ins-X63C8r")
    assert (body["enableAutomaticRotation"], body["rotationInterval"]) == (True, "90d")
    assert body["description"] == "[kms-resources:shop/prod/orders]"


def test_creation_of_an_asymmetric_key_says_nothing_of_rotation() -> None:
    body = convert.body(OPERATIONS["create_key"], convert.creation(desired(spec=Spec.SM2, usage=Usage.SIGN_VERIFY)))
    assert (body["keySpec"], body["keyUsage"]) == ("EC_SM2", "SIGN/VERIFY")
    assert "enableAutomaticRotation" not in body


def test_a_key_is_read_with_text_and_marker_apart() -> None:
    key = convert.key(metadata(rotationInterval="90d", automaticRotation="Enabled", deletionProtection=1))
    assert key.id == KEY_ID
    assert key.marker == MARKER
    assert key.settings == Settings(
        Spec.AES_256,
        Usage.ENCRYPT_DECRYPT,
        protection=Protection.HSM,
        description="orders",
        rotation_days=90,
        deletion_protection=True,
    )
    assert (key.account, key.created, key.primary_version) == ("100001", "2026-01-02T03:04:05Z", "v-1")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"keySpec": "SM4_128"}, {"spec": Spec.SM4}),
        ({"keySpec": "SM2", "keyUsage": "SIGN_VERIFY"}, {"spec": Spec.SM2, "usage": Usage.SIGN_VERIFY}),
        ({"protectionLevel": 1}, {"protection": Protection.SOFTWARE}),
        ({"protectionLevel": "7"}, {"protection": None}),
        ({"origin": "EXTERNAL"}, {"origin": Origin.EXTERNAL}),
        ({"description": None}, {"description": ""}),
        ({"automaticRotation": True, "rotationInterval": "31536000s"}, {"rotation_days": 365}),
        ({"automaticRotation": "Suspended", "rotationInterval": 30}, {"rotation_days": 30}),
        ({"automaticRotation": "Disabled", "rotationInterval": "30d"}, {"rotation_days": None}),
        ({"automaticRotation": "Enabled", "rotationInterval": None}, {"rotation_days": None}),
        ({"keyState": "Disabled"}, {"enabled": False}),
    ],
)
def test_both_spellings_of_a_value_are_understood(changed: dict[str, Any], expected: dict[str, Any]) -> None:
    settings = convert.key(metadata(**changed)).settings
    assert {name: getattr(settings, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("Enabled", KeyState.ENABLED),
        ("PendingDeletion", KeyState.PENDING_DELETION),
        ("PendingImport", KeyState.PENDING_IMPORT),
        ("NeverHeardOf", KeyState.UNAVAILABLE),
    ],
)
def test_states_are_translated(word: str, state: KeyState) -> None:
    assert convert.key(metadata(keyState=word)).state is state


def test_the_day_of_destruction_is_told_only_while_it_is_ahead() -> None:
    date = "2026-02-01T00:00:00Z"
    assert convert.key(metadata(keyState="PendingDeletion", deleteDate=date)).pending_deletion == date
    assert convert.key(metadata(keyState="Enabled", deleteDate=date)).pending_deletion == ""


def test_a_key_of_an_unknown_kind_is_foreign_only_without_our_marker() -> None:
    assert convert.is_foreign(metadata(keySpec="PQ_1", description="theirs"))
    assert not convert.is_foreign(metadata(keySpec="PQ_1"))
    with pytest.raises(RejectedError, match="unknown kind: spec 'PQ_1'"):
        convert.key(metadata(keySpec="PQ_1"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("alias/orders", ActualAlias("orders", KeyId(KEY_ID))),
        ("orders", ActualAlias("orders", KeyId(KEY_ID))),
        ("alias_ecs", None),
    ],
)
def test_an_alias_is_read_without_prefix_and_not_for_default_keys(name: str, expected: ActualAlias | None) -> None:
    assert convert.alias({"aliasName": name, "cmkUuid": KEY_ID}) == expected


NEW = {"error": "KMS_0102", "message": "m", "returnObj": {"requestId": "r-1"}}
OLD = {"errorCode": "KMS.0102", "msg": "m", "data": None}
GATEWAY = {"errorCode": "CTAPI_10001", "message": "m", "description": "d", "returnObj": {}}


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": "200", "error": None, "message": "成功", "returnObj": {"a": 1}},
        {"statusCode": 200, "returnObj": {"a": 1}},
        {"code": "200", "errorCode": "0", "msg": "成功", "data": {"a": 1}},
        {"code": 200, "data": {"a": 1}},
        {"statusCode": 800, "message": "SUCCESS", "returnObj": {"a": 1}},
    ],
)
def test_success_is_read_in_every_envelope(answer: dict[str, Any]) -> None:
    assert convert.read(ENABLE, 200, answer) == {"a": 1}


@pytest.mark.parametrize("payload", [None, {}])
def test_success_without_a_payload_is_an_empty_one(payload: object) -> None:
    assert convert.read(ENABLE, 200, {"statusCode": "200", "returnObj": payload}) == {}


@pytest.mark.parametrize(
    ("http", "answer", "kind"),
    [
        (400, {"statusCode": "400", **NEW}, RejectedError),
        (200, {"statusCode": "400", **NEW}, RejectedError),
        (200, {"code": 400, **OLD}, RejectedError),
        (401, {"statusCode": "401", **NEW}, DeniedError),
        (200, {"statusCode": 401, **GATEWAY}, DeniedError),
        (403, {"statusCode": 900, **GATEWAY}, DeniedError),
        (404, {"statusCode": "404", **NEW}, NotFoundError),
        (200, {"code": "404", **OLD}, NotFoundError),
        (200, {"statusCode": "429", **NEW}, ThrottledError),
        (500, {"statusCode": "500", **NEW}, UnclearError),
        (200, {"statusCode": "500", **NEW}, UnclearError),
        (503, {"statusCode": "200", **NEW}, UnclearError),
        (502, {"statusCode": "404", **NEW}, UnclearError),
        (400, {"statusCode": "200", **NEW}, RejectedError),
        (200, {"statusCode": "900", **GATEWAY}, RejectedError),
    ],
)
def test_failures_are_told_by_status(http: int, answer: dict[str, Any], kind: type[CloudError]) -> None:
    with pytest.raises(CloudError) as caught:
        convert.read(ENABLE, http, answer)
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    "answer", [{"statusCode": 900, **GATEWAY}, {"statusCode": "404", **GATEWAY}, {"statusCode": "404"}]
)
def test_a_gateway_that_says_404_does_not_make_a_key_vanish(answer: dict[str, Any]) -> None:
    with pytest.raises(RejectedError):
        convert.read(OPERATIONS["describe_key"], 404, answer)


def test_a_gateways_failure_of_create_key_is_unclear_unless_http_is_plain() -> None:
    answer = {"statusCode": "900", **GATEWAY}
    with pytest.raises(UnclearError):
        convert.read(OPERATIONS["create_key"], 200, answer)
    with pytest.raises(RejectedError):
        convert.read(OPERATIONS["create_key"], 400, answer)


def test_a_failure_tells_reason_code_and_request_id() -> None:
    with pytest.raises(RejectedError, match=r"enableKey was refused: m \(code KMS_0102, request id r-1\)"):
        convert.read(ENABLE, 400, {"statusCode": "400", **NEW})


def test_an_answer_without_any_status_is_in_no_known_form() -> None:
    with pytest.raises(KeyError):
        convert.read(ENABLE, 200, {"returnObj": {}})


@pytest.mark.parametrize("answer", [{}, {"totalCount": 3}, {"keys": 7}, {"keys": [{}]}, {"keys": ["x"]}])
def test_a_page_without_a_proper_list_is_not_an_empty_page(answer: dict[str, Any]) -> None:
    with pytest.raises(UnclearError):
        convert.page(OPERATIONS["list_keys"], answer, "key_id")


def test_a_null_list_is_an_empty_page() -> None:
    assert convert.page(OPERATIONS["list_keys"], {"totalCount": "0", "keys": None}, "key_id") == ([], 0)
