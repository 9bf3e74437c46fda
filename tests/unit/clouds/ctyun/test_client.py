"""The CTYun client against a scripted server: what it sends, and what it makes of the answers."""

from __future__ import annotations

import pytest

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.ctyun.api import RATES
from kms_resources.clouds.ctyun.client import CtyunClient
from kms_resources.clouds.transport import Transport
from kms_resources.errors import (
    AlreadyExistsError,
    NotFoundError,
    RejectedError,
    ThrottledError,
    UnclearError,
    WrongStateError,
)
from kms_resources.model import ActualAlias, KeyId, KeyState, Marker
from tests.unit.clouds.conftest import Naps
from tests.unit.clouds.ctyun.cloud import KEY_ID, OTHER_ID, SmallCloud, failure, metadata, success
from tests.unit.clouds.ctyun.test_convert import MARKER, TARGET, desired
from tests.unit.clouds.loopback import CUT, Answer, Loopback

KEY = KeyId(KEY_ID)


@pytest.fixture
def client(server: Loopback, naps: Naps) -> CtyunClient:
    transport = Transport(where=f"target {TARGET.name}", rates=RATES, sleep=naps)
    return CtyunClient(TARGET, Credentials("AK-FAKE", "SK-FAKE"), server.url, transport)


def sent(server: Loopback) -> list[tuple[str, object]]:
    return [(request.path.removeprefix("/v1/cmkManage/"), request.json) for request in server.requests]


def test_every_request_is_signed_and_names_the_resource_pool(client: CtyunClient, server: Loopback) -> None:
    server.script(success())
    client.enable_key(KEY)
    [request] = server.requests
    assert (request.method, request.path) == ("POST", "/v1/cmkManage/enableKey")
    assert request.body == b'{"cmkUuid": "%s"}' % KEY_ID.encode()
    assert request.headers["regionid"] == TARGET.region
    assert request.headers["content-type"] == "application/json"
    assert request.headers["eop-authorization"].startswith("AK-FAKE Headers=ctyun-eop-request-id;eop-date Signature=")


@pytest.mark.parametrize(
    ("method", "arguments", "action", "body"),
    [
        ("disable_key", (KEY,), "disableKey", {}),
        (
            "set_description",
            (KEY, "new", MARKER),
            "updateKeyDescription",
            {"description": f"new [kms-resources:{MARKER}]"},
        ),
        (
            "write_marker",
            (KEY, MARKER, "old"),
            "updateKeyDescription",
            {"description": f"old [kms-resources:{MARKER}]"},
        ),
        (
            "set_rotation",
            (KEY, 90),
            "updateRotationPolicy",
            {"enableAutomaticRotation": True, "rotationInterval": "90d"},
        ),
        ("set_rotation", (KEY, None), "updateRotationPolicy", {"enableAutomaticRotation": False}),
        ("schedule_deletion", (KEY, 7), "scheduleKeyDeletion", {"pendingWindowInDays": 7}),
        ("cancel_deletion", (KEY,), "cancelKeyDeletion", {}),
        ("create_alias", ("orders", KEY), "createAlias", {"aliasName": "alias/orders"}),
        ("move_alias", ("orders", KEY), "updateAlias", {"aliasName": "alias/orders"}),
    ],
)
def test_a_change_is_one_call(
    client: CtyunClient,
    server: Loopback,
    *,
    method: str,
    arguments: tuple[object, ...],
    action: str,
    body: dict[str, object],
) -> None:
    server.script(success())
    getattr(client, method)(*arguments)
    assert sent(server) == [(action, {"cmkUuid": KEY_ID, **body})]


def test_deletion_protection_has_a_call_for_on_and_one_for_off(client: CtyunClient, server: Loopback) -> None:
    server.script(success())
    client.set_deletion_protection(KEY, on=True)
    client.set_deletion_protection(KEY, on=False)
    assert [action for action, _body in sent(server)] == ["setDeletionProtection", "cancelDeletionProtection"]


def test_create_key_gives_the_id_of_the_key(client: CtyunClient, server: Loopback) -> None:
    server.script(success({"cmkUuid": KEY_ID}))
    assert client.create_key(desired()) == KEY_ID


@pytest.mark.parametrize(
    "answer", [CUT, Answer(200, b"<html>"), failure(500), failure(503), Answer(504), success(), success({})]
)
def test_create_key_is_sent_once_when_the_answer_is_unclear(
    client: CtyunClient, server: Loopback, answer: Answer
) -> None:
    server.script(answer)
    with pytest.raises(UnclearError):
        client.create_key(desired())
    assert len(server.requests) == 1


def test_create_key_is_repeated_after_a_refusal_for_the_rate(client: CtyunClient, server: Loopback, naps: Naps) -> None:
    server.script(Answer(429, b"slow down", {"Retry-After": "3"}), success({"cmkUuid": KEY_ID}))
    assert client.create_key(desired()) == KEY_ID
    assert len(naps.taken) == 1
    assert naps.taken[0] >= 3


def test_a_rate_refusal_in_the_body_is_waited_for_too(client: CtyunClient, server: Loopback, naps: Naps) -> None:
    server.script(Answer.of({"statusCode": "429", "error": "KMS_9429"}, **{"Retry-After": "4"}), success())
    client.enable_key(KEY)
    assert naps.taken[0] >= 4


def test_a_read_is_repeated_after_a_server_error(client: CtyunClient, server: Loopback) -> None:
    server.script(failure(500), CUT, success(metadata()))
    assert client.describe_key(KEY).state is KeyState.ENABLED
    assert len({request.headers["ctyun-eop-request-id"] for request in server.requests}) == 3


def test_a_rate_that_never_comes_back_ends_at_the_deadline(client: CtyunClient, server: Loopback) -> None:
    server.script(Answer(429, headers={"Retry-After": "50"}))
    with pytest.raises(ThrottledError, match="target north: enableKey was refused for the rate"):
        client.enable_key(KEY)
    assert len(server.requests) == 4


def test_a_thousand_keys_take_ten_calls(client: CtyunClient, server: Loopback) -> None:
    server.behaviour = SmallCloud(*(metadata(f"key-{number}") for number in range(1000)))
    assert len({key.id for key in client.list_keys()}) == 1000
    assert len(server.requests) == 10


def test_a_row_that_tells_too_little_is_asked_for_by_itself(client: CtyunClient, server: Loopback) -> None:
    cloud = SmallCloud(metadata())
    cloud.rows = [{"cmkUuid": KEY_ID, "keySpec": "AES_256"}]
    server.behaviour = cloud
    assert [key.marker for key in client.list_keys()] == [MARKER]


def test_keys_of_an_unknown_kind_are_left_out_unless_they_are_ours(client: CtyunClient, server: Loopback) -> None:
    server.behaviour = SmallCloud(metadata(), metadata(OTHER_ID, keySpec="PQ_1", description="theirs"))
    assert [key.id for key in client.list_keys()] == [KEY_ID]
    server.behaviour = SmallCloud(metadata(OTHER_ID, keySpec="PQ_1"))
    with pytest.raises(RejectedError, match="unknown kind"):
        list(client.list_keys())


def test_a_page_number_that_the_cloud_ignores_is_noticed(client: CtyunClient, server: Loopback) -> None:
    rows = [metadata(f"key-{number}") for number in range(100)]
    server.script(success({"totalCount": 150, "keys": rows}))
    with pytest.raises(UnclearError, match="page 2 brings nothing new after 100 of 150"):
        list(client.list_keys())


def test_a_listing_that_ends_before_its_total_is_noticed(client: CtyunClient, server: Loopback) -> None:
    server.script(success({"totalCount": 2, "keys": [metadata()]}), success({"totalCount": 2, "keys": []}))
    with pytest.raises(UnclearError, match="after 1 of 2"):
        list(client.list_keys())


def test_a_listing_without_a_total_goes_on_to_an_empty_page(client: CtyunClient, server: Loopback) -> None:
    pages = [success({"keys": [metadata()]}), success({"keys": [metadata(OTHER_ID)]}), success({"keys": []})]
    server.script(*pages)
    assert [key.id for key in client.list_keys()] == [KEY_ID, OTHER_ID]


def test_a_key_that_moves_to_the_next_page_meanwhile_comes_once(client: CtyunClient, server: Loopback) -> None:
    first = success({"totalCount": 3, "keys": [metadata("a"), metadata("b")]})
    server.script(first, success({"totalCount": 4, "keys": [metadata("b"), metadata("c")]}))
    assert [key.id for key in client.list_keys()] == ["a", "b", "c"]


def test_describe_refuses_an_answer_about_another_key(client: CtyunClient, server: Loopback) -> None:
    server.script(success(metadata(OTHER_ID)))
    with pytest.raises(UnclearError, match=KEY_ID):
        client.describe_key(KEY)


def test_describe_of_a_key_that_is_not_there(client: CtyunClient, server: Loopback) -> None:
    server.behaviour = SmallCloud()
    with pytest.raises(NotFoundError, match="target north"):
        client.describe_key(KEY)


def test_a_404_on_a_change_means_wrong_state_when_the_key_is_there(client: CtyunClient, server: Loopback) -> None:
    cloud = SmallCloud(metadata(keyState="PendingDeletion"))
    cloud.refusals["enableKey"] = failure(404)
    server.behaviour = cloud
    with pytest.raises(WrongStateError, match=f"target north: enableKey was refused: key {KEY_ID} is PendingDeletion"):
        client.enable_key(KEY)


def test_a_404_on_a_change_means_not_found_when_the_key_is_gone(client: CtyunClient, server: Loopback) -> None:
    cloud = SmallCloud()
    cloud.refusals["enableKey"] = failure(404)
    server.behaviour = cloud
    with pytest.raises(NotFoundError, match="enableKey was refused"):
        client.enable_key(KEY)


def test_aliases_are_listed_without_their_prefix_and_without_the_products(
    client: CtyunClient, server: Loopback
) -> None:
    server.behaviour = SmallCloud(aliases={"alias/orders": KEY_ID, "alias_ecs": OTHER_ID})
    assert list(client.list_aliases([])) == [ActualAlias("orders", KEY)]


@pytest.mark.parametrize("status", [400, 404])
def test_a_refused_alias_that_exists_already_is_said_to_exist(
    client: CtyunClient, server: Loopback, status: int
) -> None:
    cloud = SmallCloud(metadata(), aliases={"alias/orders": OTHER_ID})
    cloud.refusals["createAlias"] = failure(status)
    server.behaviour = cloud
    with pytest.raises(AlreadyExistsError, match="alias orders exists already"):
        client.create_alias("orders", KEY)


def test_an_alias_refused_for_another_reason_is_not_said_to_exist(client: CtyunClient, server: Loopback) -> None:
    cloud = SmallCloud(metadata(keyState="PendingDeletion"))
    server.behaviour = cloud
    cloud.refusals["createAlias"] = failure(400)
    with pytest.raises(RejectedError):
        client.create_alias("orders", KEY)
    cloud.refusals["createAlias"] = failure(404)
    with pytest.raises(WrongStateError):
        client.create_alias("orders", KEY)


def test_moving_an_alias_that_is_not_there(client: CtyunClient, server: Loopback) -> None:
    cloud = SmallCloud(metadata())
    cloud.refusals["updateAlias"] = failure(404)
    server.behaviour = cloud
    with pytest.raises(NotFoundError, match="there is no alias orders"):
        client.move_alias("orders", KEY)


def test_moving_an_alias_to_a_key_in_a_wrong_state(client: CtyunClient, server: Loopback) -> None:
    cloud = SmallCloud(metadata(keyState="PendingDeletion"), aliases={"alias/orders": OTHER_ID})
    cloud.refusals["updateAlias"] = failure(404)
    server.behaviour = cloud
    with pytest.raises(WrongStateError):
        client.move_alias("orders", KEY)


def test_an_alias_is_deleted_by_its_name(client: CtyunClient, server: Loopback) -> None:
    server.behaviour = SmallCloud(aliases={"alias/orders": KEY_ID})
    client.delete_alias("orders", KEY)
    assert sent(server)[-1] == ("deleteAlias", {"aliasName": "alias/orders"})


def test_an_alias_that_belongs_to_another_key_by_now_is_not_deleted(client: CtyunClient, server: Loopback) -> None:
    server.behaviour = SmallCloud(aliases={"alias/orders": OTHER_ID})
    with pytest.raises(NotFoundError):
        client.delete_alias("orders", KEY)
    assert [action for action, _body in sent(server)] == ["listAliasesByKeyId"]


def test_a_refused_deletion_of_an_alias_that_is_still_there_stays_a_refusal(
    client: CtyunClient, server: Loopback
) -> None:
    cloud = SmallCloud(aliases={"alias/orders": KEY_ID})
    cloud.refusals["deleteAlias"] = failure(400)
    server.behaviour = cloud
    with pytest.raises(RejectedError):
        client.delete_alias("orders", KEY)


def test_tags_are_refused_before_any_request(client: CtyunClient, server: Loopback) -> None:
    with pytest.raises(RejectedError, match="reads a key's tags back"):
        client.change_tags(KEY, {"owner": "payments"}, ())
    with pytest.raises(RejectedError):
        client.change_tags(KEY, {}, ["owner"])
    client.change_tags(KEY, {}, ())
    assert server.requests == []


def test_the_account_is_the_creator_of_all_keys_seen(client: CtyunClient, server: Loopback) -> None:
    server.behaviour = SmallCloud(metadata(), metadata(OTHER_ID, creator=None))
    assert client.account() == ""
    list(client.list_keys())
    assert client.account() == "100001"


def test_the_account_is_unknown_when_the_creators_differ(client: CtyunClient, server: Loopback) -> None:
    server.behaviour = SmallCloud(metadata(), metadata(OTHER_ID, creator="100002"))
    list(client.list_keys())
    assert client.account() == ""


def test_the_secret_never_travels(client: CtyunClient, server: Loopback) -> None:
    server.script(success())
    client.set_description(KEY, "text", Marker("a/b/c"))
    assert "SK-FAKE" not in str(server.requests)
