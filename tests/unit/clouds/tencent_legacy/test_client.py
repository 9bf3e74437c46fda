"""The client of API 2.0 against a scripted server: what it sends, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.tencent_legacy import convert
from kms_resources.clouds.tencent_legacy.api import HOST, RATES, regional
from kms_resources.clouds.tencent_legacy.client import LegacyClient
from kms_resources.clouds.transport import Transport
from kms_resources.errors import (
    AlreadyExistsError,
    NotFoundError,
    RejectedError,
    ThrottledError,
    UnclearError,
    WrongStateError,
)
from kms_resources.model import ActualAlias, KeyId
from tests.unit.clouds.conftest import Naps
from tests.unit.clouds.loopback import CUT, Answer, Loopback
from tests.unit.clouds.tencent_legacy.cloud import (
    KEY_ID,
    MARKER,
    TARGET,
    SmallCloud,
    desired,
    failure,
    form,
    metadata,
    success,
)

HOME = convert.first_alias(MARKER)


@pytest.fixture
def client(server: Loopback, naps: Naps) -> LegacyClient:
    transport = Transport(where=f"target {TARGET.name}", rates=RATES, sleep=naps)
    return LegacyClient(TARGET, Credentials("AKIDFAKE", "SECRET-FAKE"), server.url, transport)


def behave(server: Loopback, cloud: SmallCloud) -> SmallCloud:
    server.behaviour = cloud
    return cloud


def test_a_request_is_a_signed_form(client: LegacyClient, server: Loopback) -> None:
    behave(server, SmallCloud())
    client.disable_key(KEY_ID)
    [request] = server.requests
    fields = form(request)
    assert (request.method, request.path) == ("POST", "/v2/index.php")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert (fields["Action"], fields["Region"], fields["keyId"]) == ("DisableKey", "gz", KEY_ID)
    assert fields["SignatureMethod"] == "HmacSHA256"
    assert "SECRET-FAKE" not in str(request)


def test_the_regions_label_stands_in_the_host_whatever_the_variable_says() -> None:
    assert regional(HOST, "sh") == "https://kms-sh.api.qcloud.com"
    assert regional("https://kms-bj.api.tencentyun.com", "gz") == "https://kms-gz.api.tencentyun.com"
    assert regional("http://127.0.0.1:8443", "gz") == "http://127.0.0.1:8443"


def test_the_account_is_unknown(client: LegacyClient, server: Loopback) -> None:
    assert client.account() == ""
    assert server.requests == []


def test_each_key_of_the_listing_is_asked_for_by_itself(client: LegacyClient, server: Loopback) -> None:
    ids = [f"kms-{number:08x}" for number in range(250)]
    cloud = behave(server, SmallCloud(*(metadata(each) for each in ids)))
    assert [key.id for key in client.list_keys()] == ids
    pages = [body for action, body in cloud.actions if action == "ListKey"]
    assert pages == [{"offset": str(offset), "limit": "100"} for offset in (0, 100, 200)]
    assert cloud.names().count("GetKeyAttributes") == 250


def test_a_cloud_that_gives_smaller_pages_is_followed(client: LegacyClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud(metadata("a"), metadata("b"), metadata("c")))
    cloud.refusals["ListKey"] = [
        success(keys=[{"keyId": "a"}, {"keyId": "b"}], totalCount=3),
        success(keys=[{"keyId": "b"}], totalCount=3),
    ]
    assert [key.id for key in client.list_keys()] == ["a", "b"]
    assert [body["offset"] for action, body in cloud.actions if action == "ListKey"] == ["0", "2"]


def test_a_listing_without_a_total_goes_on_to_an_empty_page(client: LegacyClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud(metadata()))
    cloud.refusals["ListKey"] = [success(keys=[{"keyId": KEY_ID}]), success(keys=[])]
    assert [key.id for key in client.list_keys()] == [KEY_ID]


def test_a_listing_that_ends_too_early_is_an_error(client: LegacyClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud(metadata()))
    cloud.refusals["ListKey"] = [success(keys=[{"keyId": KEY_ID}], totalCount=2), success(totalCount=2)]
    with pytest.raises(UnclearError, match="cannot be read to its end: it ends after 1 of 2"):
        list(client.list_keys())


def test_foreign_keys_and_keys_that_went_meanwhile_are_left_out(client: LegacyClient, server: Loopback) -> None:
    foreign = metadata("kms-foreign0", keyUsage="OTHER", description="")
    cloud = behave(server, SmallCloud(metadata(), foreign, metadata("kms-gone0000")))
    cloud.refusals["ListKey"] = [success(keys=[{"keyId": each} for each in (*cloud.keys, "kms-x")], totalCount=4)]
    del cloud.keys["kms-gone0000"]
    assert [key.id for key in client.list_keys()] == [KEY_ID]


def test_describe_of_a_key_that_is_not_there(client: LegacyClient, server: Loopback) -> None:
    behave(server, SmallCloud())
    with pytest.raises(NotFoundError, match=r"target old: GetKeyAttributes was refused: \(10630\)"):
        client.describe_key(KEY_ID)


@pytest.mark.parametrize("answer", [success(), success(keyMetadata={}), success(keyMetadata=metadata("kms-other"))])
def test_an_answer_without_the_key_is_unclear(client: LegacyClient, server: Loopback, answer: Answer) -> None:
    server.script(answer)
    with pytest.raises(UnclearError, match="without the key"):
        client.describe_key(KEY_ID)


def test_create_key_gives_the_id(client: LegacyClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud())
    assert client.create_key(desired()) == KEY_ID
    assert cloud.actions == [("CreateKey", convert.creation(desired()))]


@pytest.mark.parametrize(
    "answer", [CUT, Answer(500), Answer(200, b"<html>"), Answer.of([]), Answer.of({}), failure(6000), success()]
)
def test_create_key_is_sent_once_when_the_answer_is_unclear(
    client: LegacyClient, server: Loopback, answer: Answer
) -> None:
    server.script(answer)
    with pytest.raises(UnclearError):
        client.create_key(desired())
    assert len(server.requests) == 1


def test_create_key_is_repeated_after_a_refusal_for_the_rate_with_a_new_nonce(
    client: LegacyClient, server: Loopback, naps: Naps
) -> None:
    cloud = behave(server, SmallCloud())
    cloud.refusals["CreateKey"] = [failure(4420)]
    assert client.create_key(desired()) == KEY_ID
    assert len(naps.taken) == 1
    assert len({form(request)["Nonce"] for request in server.requests}) == 2


@pytest.mark.parametrize("description", ["", f"[kms-resources:{MARKER}]"])
def test_a_key_that_has_our_first_alias_already_is_the_one_we_made(
    client: LegacyClient, server: Loopback, description: str
) -> None:
    cloud = behave(server, SmallCloud(metadata(description=description)))
    cloud.refusals["CreateKey"] = [failure(4500, 10480)]
    assert client.create_key(desired()) == KEY_ID


def test_somebody_elses_key_is_not_taken_for_ours(client: LegacyClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud(metadata(description="[kms-resources:some/body/else]")))
    cloud.refusals["CreateKey"] = [failure(4500, 10480)]
    with pytest.raises(AlreadyExistsError) as caught:
        client.create_key(desired())
    assert caught.value.advice == ""


def test_a_dying_key_that_no_listing_shows_is_never_doubled(client: LegacyClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud(metadata(), hidden=frozenset({KEY_ID})))
    cloud.refusals["CreateKey"] = [failure(4500, 10480)]
    with pytest.raises(AlreadyExistsError, match=r"(?s)target old.*it probably waits for its deletion"):
        client.create_key(desired())
    assert cloud.names() == ["CreateKey", "ListKey"]


@pytest.mark.parametrize(
    ("method", "action", "state"), [("enable_key", "EnableKey", "Enabled"), ("disable_key", "DisableKey", "Disabled")]
)
def test_a_key_that_is_there_already_is_success(
    client: LegacyClient, server: Loopback, *, method: str, action: str, state: str
) -> None:
    cloud = behave(server, SmallCloud(metadata(keyState=state)))
    cloud.refusals[action] = [failure(4550, 10650)]
    getattr(client, method)(KEY_ID)
    assert cloud.names() == [action, "GetKeyAttributes"]


@pytest.mark.parametrize(("state", "kind"), [("PendingDelete", WrongStateError), ("Disabled", RejectedError)])
def test_whether_the_state_forbids_a_call_is_seen_at_the_key(
    client: LegacyClient, server: Loopback, state: str, kind: type[Exception]
) -> None:
    cloud = behave(server, SmallCloud(metadata(keyState=state)))
    cloud.refusals["EnableKey"] = [failure(4000)]
    with pytest.raises(kind, match=r"\(10000\)text"):
        client.enable_key(KEY_ID)


@pytest.mark.parametrize(
    ("state", "alias", "before"),
    [
        ("Enabled", HOME, ["DisableKey"]),
        ("Disabled", HOME, []),
        ("Enabled", "orders", ["SetKeyAttributes", "DisableKey"]),
    ],
)
def test_a_key_takes_its_first_alias_back_before_it_dies(
    client: LegacyClient, server: Loopback, *, state: str, alias: str, before: list[str]
) -> None:
    cloud = behave(server, SmallCloud(metadata(keyState=state, alias=alias)))
    client.schedule_deletion(KEY_ID, 7)
    writes = [(action, body) for action, body in cloud.actions if action != "GetKeyAttributes"]
    assert [action for action, _body in writes] == [*before, "ScheduleKeyDeletion"]
    assert writes[-1][1] == {"keyId": KEY_ID, "pendingWindowInDays": "7"}
    assert [body["alias"] for action, body in writes if action == "SetKeyAttributes"] == [HOME] * (alias != HOME)


def test_a_deletion_is_not_scheduled_twice(client: LegacyClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud(metadata(keyState="PendingDelete", deleteTime=1700000000)))
    with pytest.raises(WrongStateError, match="waits for its deletion already"):
        client.schedule_deletion(KEY_ID, 7)
    assert "ScheduleKeyDeletion" not in cloud.names()


def test_a_deletion_is_cancelled(client: LegacyClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud(metadata()))
    client.cancel_deletion(KEY_ID)
    assert cloud.actions == [("CancelKeyDeletion", {"keyId": KEY_ID})]
    cloud.refusals["CancelKeyDeletion"] = [failure(4000)]
    with pytest.raises(WrongStateError, match="is Enabled"):
        client.cancel_deletion(KEY_ID)


def test_aliases_are_those_that_a_person_gave(client: LegacyClient, server: Loopback) -> None:
    behave(server, SmallCloud(metadata(), metadata("kms-2", alias="orders")))
    assert list(client.list_aliases(client.list_keys())) == [ActualAlias("orders", KeyId("kms-2"))]


def test_an_alias_is_set_on_the_key_and_taken_off_again(client: LegacyClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud(metadata(alias="orders")))
    client.create_alias("orders", KEY_ID)
    client.delete_alias("orders", KEY_ID)
    assert [body["alias"] for action, body in cloud.actions if action == "SetKeyAttributes"] == ["orders", HOME]


def test_an_alias_that_the_key_has_no_more_is_not_taken_off(client: LegacyClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud(metadata()))
    with pytest.raises(NotFoundError):
        client.delete_alias("other", KEY_ID)
    assert "SetKeyAttributes" not in cloud.names()


def test_a_taken_alias_is_said_to_exist(client: LegacyClient, server: Loopback) -> None:
    cloud = behave(server, SmallCloud())
    cloud.refusals["SetKeyAttributes"] = [failure(4500, 10480)]
    with pytest.raises(AlreadyExistsError):
        client.create_alias("orders", KEY_ID)


REFUSED: list[tuple[Callable[[LegacyClient], object], str]] = [
    (lambda client: client.set_description(KEY_ID, "words", MARKER), "description"),
    (lambda client: client.write_marker(KEY_ID, MARKER, ""), r"write \[kms-resources:shop/prod/orders\] as its"),
    (lambda client: client.change_tags(KEY_ID, {"a": "b"}, ()), "tags"),
    (lambda client: client.change_tags(KEY_ID, {}, ["a"]), "tags"),
    (lambda client: client.set_rotation(KEY_ID, 90), "rotation"),
    (lambda client: client.set_deletion_protection(KEY_ID, on=True), "protected"),
    (lambda client: client.move_alias("orders", KEY_ID), "field of the key"),
]


@pytest.mark.parametrize(("use", "words"), REFUSED)
def test_what_api_2_lacks_is_refused_before_any_request(
    client: LegacyClient, server: Loopback, use: Callable[[LegacyClient], object], words: str
) -> None:
    with pytest.raises(RejectedError, match=f"(?s)target old: .*{words}"):
        use(client)
    assert server.requests == []


def test_what_is_off_may_be_switched_off(client: LegacyClient, server: Loopback) -> None:
    client.change_tags(KEY_ID, {}, ())
    client.set_rotation(KEY_ID, None)
    client.set_deletion_protection(KEY_ID, on=False)
    assert server.requests == []


def test_a_refusal_for_the_rate_keeps_the_pause_it_asks_for(client: LegacyClient, server: Loopback, naps: Naps) -> None:
    content = {"code": 4480, "message": "(10460)slow down"}
    server.script(Answer.of(content, **{"Retry-After": "7"}))
    with pytest.raises(ThrottledError):
        client.disable_key(KEY_ID)
    assert min(naps.taken) >= 7
