"""The Tencent client against a scripted server: what it sends, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.tencent import convert
from kms_resources.clouds.tencent.api import HOST, RATES, service_url
from kms_resources.clouds.tencent.client import TencentClient
from kms_resources.clouds.transport import Transport
from kms_resources.errors import (
    AlreadyExistsError,
    DeniedError,
    NotFoundError,
    RejectedError,
    UnclearError,
    WrongStateError,
)
from kms_resources.model import ActualAlias, KeyId
from tests.unit.clouds.conftest import Naps
from tests.unit.clouds.loopback import CUT, Answer, Loopback, Received
from tests.unit.clouds.tencent.test_convert import KEY_ID, MARKER, PATH, TARGET, desired, metadata

Fields = dict[str, Any]


def success(**fields: object) -> Answer:
    return Answer.of({"Response": {**fields, "RequestId": "r-1"}})


def failure(code: str) -> Answer:
    return Answer.of({"Response": {"Error": {"Code": code, "Message": "text"}, "RequestId": "r-1"}})


class SmallCloud:
    """A few keys behind Tencent's actions; `refusals` come before everything."""

    def __init__(self, *keys: Fields, tags: dict[str, dict[str, str]] | None = None) -> None:
        self.keys = {key["KeyId"]: key for key in keys}
        self.tags = tags or {}
        self.refusals: dict[str, list[Answer]] = {}
        self.actions: list[tuple[str, Fields]] = []

    def __call__(self, request: Received) -> Answer:
        action, body = request.headers["x-tc-action"], request.json
        self.actions.append((action, body))
        if self.refusals.get(action):
            return self.refusals[action].pop(0)
        handlers: dict[str, Callable[[Fields], Answer]] = {
            "GetUserAppId": lambda _body: success(OwnerUin="100000000001"),
            "DescribeKey": self._describe,
            "ListKeyDetail": lambda body: self._page(body, "KeyMetadatas", list(self.keys.values())),
            "DescribeResourceTagsByResourceIds": self._tags,
            "CreateKey": lambda _body: success(KeyId=KEY_ID),
        }
        return handlers.get(action, lambda _body: success())(body)

    def names(self) -> list[str]:
        return [action for action, _body in self.actions]

    def _describe(self, body: Fields) -> Answer:
        key = self.keys.get(body["KeyId"])
        return success(KeyMetadata=key) if key else failure("ResourceUnavailable.CmkNotFound")

    def _tags(self, body: Fields) -> Answer:
        rows = [
            {"ResourceId": path, "TagKey": key, "TagValue": value}
            for path in body["ResourceIds"]
            for key, value in self.tags.get(path, {}).items()
        ]
        return self._page(body, "Tags", rows)

    @staticmethod
    def _page(body: Fields, field: str, rows: list[Fields]) -> Answer:
        return success(**{"TotalCount": len(rows), field: rows[body["Offset"] : body["Offset"] + body["Limit"]]})


@pytest.fixture
def client(server: Loopback, naps: Naps) -> TencentClient:
    transport = Transport(where=f"target {TARGET.name}", rates=RATES, sleep=naps)
    return TencentClient(TARGET, Credentials("AKIDFAKE", "SECRET-FAKE"), server.url, transport)


def behave(server: Loopback, cloud: SmallCloud) -> SmallCloud:
    server.behaviour = cloud
    return cloud


def test_a_request_has_action_version_region_and_signature(client: TencentClient, server: Loopback) -> None:
    behave(server, SmallCloud())
    client.disable_key(KEY_ID)
    [request] = server.requests
    names = ("x-tc-action", "x-tc-version", "x-tc-region", "content-type")
    assert [request.headers[name] for name in names] == [
        "DisableKey",
        "2019-01-18",
        "ap-guangzhou",
        "application/json",
    ]
    assert "SignedHeaders=content-type;host;x-tc-action" in request.headers["authorization"]
    assert request.json == {"KeyId": KEY_ID}
    assert "SECRET-FAKE" not in str(request)


def test_the_first_label_of_the_vendors_host_names_the_service() -> None:
    assert service_url(HOST, "tag") == "https://tag.tencentcloudapi.com"
    assert service_url("https://kms.intl.tencentcloudapi.com", "cam") == "https://cam.intl.tencentcloudapi.com"
    assert service_url("http://127.0.0.1:8443", "tag") == "http://127.0.0.1:8443"


def test_the_account_is_asked_once_and_globally(client: TencentClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud())
    assert (client.account(), client.account()) == ("100000000001", "100000000001")
    assert cloud.names() == ["GetUserAppId"]
    assert "x-tc-region" not in server.requests[0].headers


@pytest.mark.parametrize("code", ["UnauthorizedOperation", "AuthFailure.UnauthorizedOperation", "InvalidAction"])
def test_without_the_permission_the_account_is_unknown(client: TencentClient, server: Loopback, code: str) -> None:
    cloud = behave(server, SmallCloud(metadata()))
    cloud.refusals["GetUserAppId"] = [failure(code)]
    assert [key.account for key in client.list_keys()] == [""]


def test_wrong_credentials_do_not_pass_for_an_unknown_account(client: TencentClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud())
    cloud.refusals["GetUserAppId"] = [failure("AuthFailure.SignatureFailure")]
    with pytest.raises(DeniedError, match="target guangzhou"):
        client.account()


def test_a_thousand_keys_take_twenty_five_calls_and_the_account(client: TencentClient, server: Loopback) -> None:
    keys = [metadata(f"key-{number}") for number in range(1000)]
    tags = {key["ResourceId"]: {convert.MARKER_TAG: f"shop/prod/{key['KeyId']}"} for key in keys}
    cloud = behave(server, SmallCloud(*keys, tags=tags))
    assert {key.marker for key in client.list_keys()} == {f"shop/prod/key-{number}" for number in range(1000)}
    assert cloud.names().count("ListKeyDetail") == 5
    assert len(cloud.actions) == 5 + 20 + 1


def test_a_list_asks_for_keys_of_every_usage(client: TencentClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud())
    assert list(client.list_keys()) == []
    assert cloud.actions[0][1] == {
        "OrderType": 1,
        "KeyUsage": "ALL",
        "KeyState": 0,
        "Role": 0,
        "Offset": 0,
        "Limit": 200,
    }


def test_a_list_without_a_total_goes_on_to_an_empty_page(client: TencentClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud())
    cloud.refusals["ListKeyDetail"] = [
        success(KeyMetadatas=[metadata()]),
        success(KeyMetadatas=[metadata("other")]),
        success(KeyMetadatas=[]),
    ]
    assert [key.id for key in client.list_keys()] == [KEY_ID, "other"]


def test_a_key_that_moves_between_pages_comes_once(client: TencentClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud())
    page = success(TotalCount=300, KeyMetadatas=[metadata()])
    cloud.refusals["ListKeyDetail"] = [page, page]
    assert [key.id for key in client.list_keys()] == [KEY_ID]


def test_keys_of_an_unknown_kind_are_left_out_unless_they_are_ours(client: TencentClient, server: Loopback) -> None:
    behave(server, SmallCloud(metadata(), metadata("other", KeyUsage="POST_QUANTUM")))
    assert [key.id for key in client.list_keys()] == [KEY_ID]
    behave(server, SmallCloud(metadata(KeyUsage="POST_QUANTUM"), tags={PATH: {convert.MARKER_TAG: MARKER}}))
    with pytest.raises(RejectedError, match="unknown kind"):
        list(client.list_keys())


def test_describe_reads_the_tags_too(client: TencentClient, server: Loopback) -> None:
    behave(server, SmallCloud(metadata(), tags={PATH: {convert.MARKER_TAG: MARKER, "owner": "payments"}}))
    key = client.describe_key(KEY_ID)
    assert (key.marker, dict(key.settings.tags)) == (MARKER, {"owner": "payments"})


def test_describe_of_a_key_that_is_not_there(client: TencentClient, server: Loopback) -> None:
    behave(server, SmallCloud())
    with pytest.raises(NotFoundError, match="target guangzhou: DescribeKey was refused"):
        client.describe_key(KEY_ID)


def test_a_success_without_the_key_is_unclear(client: TencentClient, server: Loopback) -> None:
    server.script(success())
    with pytest.raises(UnclearError, match=r"target guangzhou: DescribeKey of .* was answered without a key"):
        client.describe_key(KEY_ID)
    with pytest.raises(UnclearError, match="target guangzhou: CreateKey was answered without a key id"):
        client.create_key(desired())


def test_create_key_gives_the_id(client: TencentClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud())
    assert client.create_key(desired()) == KEY_ID
    assert cloud.actions == [("CreateKey", convert.creation(desired()))]


@pytest.mark.parametrize(
    "answer",
    [
        CUT,
        Answer(500),
        Answer(200, b"<html>"),
        Answer.of({}),
        failure("InternalError"),
        failure("FailedOperation.TaggingError"),
    ],
)
def test_create_key_is_sent_once_when_the_answer_is_unclear(
    client: TencentClient, server: Loopback, answer: Answer
) -> None:
    server.script(answer)
    with pytest.raises(UnclearError):
        client.create_key(desired())
    assert len(server.requests) == 1


def test_create_key_is_repeated_after_a_refusal_for_the_rate(
    client: TencentClient, server: Loopback, naps: Naps
) -> None:
    cloud = behave(server, SmallCloud())
    cloud.refusals["CreateKey"] = [failure("RequestLimitExceeded")]
    assert client.create_key(desired()) == KEY_ID
    assert len(naps.taken) == 1


def test_create_key_goes_without_tags_where_the_account_does_not_know_them(
    client: TencentClient, server: Loopback
) -> None:
    cloud = behave(server, SmallCloud())
    cloud.refusals["CreateKey"] = [failure("InvalidParameterValue.TagsNotExisted")]
    assert client.create_key(desired()) == KEY_ID
    assert cloud.actions[-1][1] == {**convert.creation(desired()), "Tags": []}


def test_any_other_refusal_of_create_key_is_final(client: TencentClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud())
    cloud.refusals["CreateKey"] = [failure("LimitExceeded.CmkLimitExceeded")]
    with pytest.raises(RejectedError, match="quota"):
        client.create_key(desired())
    assert cloud.names() == ["CreateKey"]


@pytest.mark.parametrize("tags", [{}, {convert.MARKER_TAG: str(MARKER)}])
def test_a_key_that_has_our_first_alias_already_is_the_one_we_made(
    client: TencentClient, server: Loopback, tags: dict[str, str]
) -> None:
    cloud = behave(server, SmallCloud(metadata(Alias=convert.first_alias(MARKER)), tags={PATH: tags}))
    cloud.refusals["CreateKey"] = [failure("InvalidParameterValue.AliasAlreadyExists")]
    assert client.create_key(desired()) == KEY_ID


@pytest.mark.parametrize(
    ("alias", "tags"),
    [
        (convert.first_alias(MARKER), {convert.MARKER_TAG: "somebody/else/key"}),
        (convert.first_alias(MARKER) + "-longer", {}),
    ],
)
def test_somebody_elses_key_is_not_taken_for_ours(
    client: TencentClient, server: Loopback, alias: str, tags: dict[str, str]
) -> None:
    cloud = behave(server, SmallCloud(metadata(Alias=alias), tags={PATH: tags}))
    cloud.refusals["CreateKey"] = [failure("InvalidParameterValue.AliasAlreadyExists")]
    with pytest.raises(AlreadyExistsError):
        client.create_key(desired())


@pytest.mark.parametrize(
    ("method", "arguments", "action", "body"),
    [
        ("enable_key", (), "EnableKey", {}),
        ("disable_key", (), "DisableKey", {}),
        ("set_description", ("new", MARKER), "UpdateKeyDescription", {"Description": "new"}),
        ("set_rotation", (90,), "EnableKeyRotation", {"RotateDays": 90}),
        ("set_rotation", (None,), "DisableKeyRotation", {}),
        ("cancel_deletion", (), "CancelKeyDeletion", {}),
    ],
)
def test_a_change_is_one_call(
    client: TencentClient, server: Loopback, *, method: str, arguments: tuple[object, ...], action: str, body: Fields
) -> None:
    cloud = behave(server, SmallCloud())
    getattr(client, method)(KEY_ID, *arguments)
    assert cloud.actions == [(action, {"KeyId": KEY_ID, **body})]


def test_enabling_an_archived_key_takes_it_out_of_the_archive(client: TencentClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud(metadata(KeyState="Archived")))
    cloud.refusals["EnableKey"] = [failure("ResourceUnavailable.CmkStateNotSupport")]
    client.enable_key(KEY_ID)
    assert cloud.names()[-1] == "CancelKeyArchive"


def test_enabling_a_key_in_another_wrong_state_is_an_error(client: TencentClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud(metadata(KeyState="PendingDelete")))
    cloud.refusals["EnableKey"] = [failure("ResourceUnavailable.CmkStateNotSupport")]
    with pytest.raises(WrongStateError):
        client.enable_key(KEY_ID)


def test_the_marker_is_a_tag_under_the_keys_six_segment_name(client: TencentClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud(metadata()))
    client.write_marker(KEY_ID, MARKER, "")
    assert cloud.actions[-1] == (
        "TagResources",
        {
            "ResourceList": [f"qcs::kms:ap-guangzhou:uin/100000000001:key/{PATH}"],
            "Tags": [{"TagKey": convert.MARKER_TAG, "TagValue": MARKER}],
        },
    )


def test_tags_are_changed_ten_at_a_time_and_the_key_is_described_once(client: TencentClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud(metadata()))
    client.change_tags(KEY_ID, {f"tag-{number:02}": "x" for number in range(12)}, [f"old-{n}" for n in range(11)])
    client.change_tags(KEY_ID, {}, ["one"])
    assert [len(body["Tags"]) for action, body in cloud.actions if action == "TagResources"] == [10, 2]
    assert [len(body["TagKeys"]) for action, body in cloud.actions if action == "UnTagResources"] == [10, 1, 1]
    assert cloud.names().count("DescribeKey") == 1


def test_a_tag_call_that_fails_inside_a_success_is_a_failure(client: TencentClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud(metadata()))
    row = {"Resource": "x", "Code": "InvalidParameter.ReservedTagKey", "Message": "reserved"}
    cloud.refusals["TagResources"] = [success(FailedResources=[row])]
    with pytest.raises(RejectedError, match="target guangzhou: TagResources was refused: reserved"):
        client.change_tags(KEY_ID, {"a": "b"}, ())


def test_deletion_protection_is_a_tag_of_ours(client: TencentClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud(metadata()))
    client.set_deletion_protection(KEY_ID, on=True)
    client.set_deletion_protection(KEY_ID, on=False)
    [put, remove] = [body for action, body in cloud.actions if action.endswith("agResources")]
    assert put["Tags"] == [{"TagKey": convert.PROTECTION_TAG, "TagValue": "on"}]
    assert remove["TagKeys"] == [convert.PROTECTION_TAG]


@pytest.mark.parametrize(
    ("state", "before"),
    [
        ("Enabled", ["DisableKey"]),
        ("Archived", ["CancelKeyArchive", "DisableKey"]),
        ("Disabled", []),
        ("PendingImport", []),
    ],
)
def test_a_deletion_is_scheduled_from_every_state(
    client: TencentClient, server: Loopback, state: str, before: list[str]
) -> None:
    cloud = behave(server, SmallCloud(metadata(KeyState=state)))
    client.schedule_deletion(KEY_ID, 7)
    writes = [action for action in cloud.names() if not action.startswith(("Describe", "Get"))]
    assert writes == [*before, "ScheduleKeyDeletion"]
    assert cloud.actions[-1][1] == {"KeyId": KEY_ID, "PendingWindowInDays": 7}


def test_only_aliases_that_a_person_gave_are_listed(client: TencentClient, server: Loopback) -> None:
    behave(server, SmallCloud(metadata(), metadata("other", Alias=convert.first_alias(MARKER))))
    assert list(client.list_aliases(client.list_keys())) == [ActualAlias("app-main", KEY_ID)]


def test_an_alias_is_set_on_the_key_and_taken_off_again(client: TencentClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud(metadata()))
    client.create_alias("app-main", KEY_ID)
    client.delete_alias("app-main", KEY_ID)
    assert [body for action, body in cloud.actions if action == "UpdateAlias"] == [
        {"KeyId": KEY_ID, "Alias": "app-main"},
        {"KeyId": KEY_ID, "Alias": convert.bare_alias(KEY_ID)},
    ]


def test_an_alias_that_the_key_has_no_more_is_not_taken_off(client: TencentClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud(metadata()))
    with pytest.raises(NotFoundError):
        client.delete_alias("other", KEY_ID)
    assert "UpdateAlias" not in cloud.names()


def test_a_taken_alias_is_said_to_exist(client: TencentClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud())
    cloud.refusals["UpdateAlias"] = [failure("InvalidParameterValue.AliasAlreadyExists")]
    with pytest.raises(AlreadyExistsError):
        client.create_alias("app-main", KEY_ID)


def test_moving_an_alias_is_refused_before_any_request(client: TencentClient, server: Loopback) -> None:
    with pytest.raises(RejectedError, match="alias app-main"):
        client.move_alias("app-main", KeyId("other"))
    assert server.requests == []
