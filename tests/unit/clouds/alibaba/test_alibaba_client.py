"""What the client sends and how it takes the answers, on a loopback server that says what a test tells it to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl

import pytest

from kms_resources.clouds.alibaba.actions import RATES
from kms_resources.clouds.alibaba.client import AlibabaClient
from kms_resources.clouds.alibaba.openapi import OpenApi
from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.transport import Rates, Transport
from kms_resources.errors import (
    DeniedError,
    NotFoundError,
    RejectedError,
    ThrottledError,
    UnclearError,
    WrongStateError,
)
from kms_resources.model import ActualAlias, DesiredKey, KeyId, Marker, Settings, Spec, Target, Usage

Parameters = Mapping[str, str]
Answer = tuple[int, object]
TARGET = Target("hangzhou", "alibaba", "cn-hangzhou", instance="kst-hzz62ee817bvyyr5x")
DESIRED = DesiredKey(
    "orders", TARGET, Settings(Spec.AES_256, Usage.ENCRYPT_DECRYPT, tags={"owner": "pay"}), Marker("kms/prod/orders")
)
GONE = (404, {"Code": "Forbidden.KeyNotFound", "Message": "The specified Key is not found.", "RequestId": "r"})
OK = (200, {"RequestId": "r"})
ORDERS = KeyId("key-1")


def _metadata(key_id: str, **changed: str) -> dict[str, str]:
    return {
        "KeyId": key_id,
        "Arn": f"acs:kms:cn-hangzhou:1234567890123456:key/{key_id}",
        "KeyState": "Enabled",
        "KeySpec": "Aliyun_AES_256",
        "KeyUsage": "ENCRYPT/DECRYPT",
        "Origin": "Aliyun_KMS",
    } | changed


def _described(key_id: str, **changed: str) -> Answer:
    return 200, {"RequestId": "r", "KeyMetadata": _metadata(key_id, **changed)}


def _tagged(*rows: tuple[str, str, str], token: str = "") -> Answer:
    found = [{"ResourceId": key, "ResourceType": "key", "TagKey": name, "TagValue": value} for key, name, value in rows]
    return 200, {"RequestId": "r", "TagResources": {"TagResource": found}, "NextToken": token}


def _page(outer: str, inner: str, rows: list[dict[str, str]], total: int) -> Answer:
    return 200, {"RequestId": "r", outer: {inner: rows}, "TotalCount": total}


@dataclass
class Fake:
    """Answers by action; `calls` is what came in."""

    url: str = ""
    answers: dict[str, Callable[[Parameters], Answer]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)
    headers: dict[str, str] = field(default_factory=dict)
    nonces: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def on(self, action: str, answer: Answer | Callable[[Parameters], Answer]) -> None:
        self.answers[action] = answer if callable(answer) else lambda _parameters: answer

    def of(self, action: str) -> list[dict[str, str]]:
        return [parameters for name, parameters in self.calls if name == action]


@pytest.fixture
def fake() -> Iterator[Fake]:
    state = Fake()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            action, parameters = self.headers["x-acs-action"], dict(parse_qsl(body, keep_blank_values=True))
            with state.lock:
                state.calls.append((action, parameters))
                state.paths.add(self.path)
                state.nonces.append(self.headers["x-acs-signature-nonce"])
                state.headers = dict(self.headers.items())
                status, answer = state.answers[action](parameters)
            raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            if status == 429:
                self.send_header("x-acs-retry-after", "1500")
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_arguments: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Pauses:
    """Takes the place of sleeping; gives up loudly when asked for too often."""

    taken: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        assert len(self.taken) < 20


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


class Pots(dict[str, int]):
    """Rates that never make a test wait, and that know which pots were asked for."""

    asked: set[str]

    def __init__(self) -> None:
        self.asked = set()

    def get(self, pot: str, default: Any = None) -> Any:
        self.asked.add(pot)
        return default


@pytest.fixture
def pots() -> Pots:
    return Pots()


@pytest.fixture
def client(fake: Fake, pauses: Pauses, pots: Pots) -> AlibabaClient:
    transport = Transport(where="target hangzhou", rates=Rates(pots, otherwise=10_000), sleep=pauses)
    return AlibabaClient(TARGET, OpenApi(Credentials("an-id", "a-secret", "a-token"), fake.url, transport))


def test_every_call_is_one_signed_post_without_anything_in_its_url(fake: Fake, client: AlibabaClient) -> None:
    fake.on("EnableKey", OK)
    client.enable_key(ORDERS)
    assert fake.paths == {"/"}
    assert fake.calls == [("EnableKey", {"KeyId": "key-1"})]
    headers = {name.lower(): value for name, value in fake.headers.items()}
    assert headers["x-acs-version"] == "2016-01-20"
    assert headers["x-acs-security-token"] == "a-token"
    assert headers["host"] == fake.url.removeprefix("http://")
    assert headers["authorization"].startswith(
        "ACS3-HMAC-SHA256 Credential=an-id,SignedHeaders=content-type;host;x-acs-accesskey-id;x-acs-action;"
    )


def test_keys_are_found_by_the_marker_among_their_tags(fake: Fake, client: AlibabaClient) -> None:
    marker = ("kms-resources-marker", "kms/prod/orders")
    pages = [_tagged(("a", *marker), ("b", "owner", "pay"), token="more"), _tagged(("c", *marker))]
    fake.on("ListTagResources", lambda _parameters: pages.pop(0))
    assert list(client.find_keys(Marker("kms/prod/orders"))) == ["a", "c"]
    query = {"RegionId": "cn-hangzhou", "ResourceType": "key", "Tag.1.Key": marker[0], "Tag.1.Value": marker[1]}
    assert fake.of("ListTagResources") == [query, query | {"NextToken": "more"}]


def test_a_key_is_made_by_one_call_that_carries_the_marker(fake: Fake, client: AlibabaClient) -> None:
    fake.on("CreateKey", (200, {"RequestId": "r", "KeyMetadata": _metadata("key-1")}))
    assert client.create_key(DESIRED) == "key-1"
    (sent,) = fake.of("CreateKey")
    assert json.loads(sent["Tags"])[0] == {"TagKey": "kms-resources-marker", "TagValue": "kms/prod/orders"}


@pytest.mark.parametrize(
    "answer",
    [
        (503, {"Code": "ServiceUnavailableTemporary", "Message": "m", "RequestId": "r"}),
        (500, b"<html>"),
        (400, {"Code": "SignatureNonceUsed", "Message": "m", "RequestId": "r"}),
        (200, b"{"),
        (200, []),
        (200, {}),
        (200, {"RequestId": "r"}),
        (200, {"RequestId": "r", "KeyMetadata": {"KeyId": ""}}),
        (200, {"RequestId": "r", "KeyMetadata": None}),
    ],
)
def test_an_unclear_answer_to_create_key_is_never_followed_by_a_second_request(
    fake: Fake, client: AlibabaClient, answer: Answer
) -> None:
    fake.on("CreateKey", answer)
    with pytest.raises(UnclearError):
        client.create_key(DESIRED)
    assert len(fake.calls) == 1


def test_a_throttled_create_key_is_sent_again_after_the_pause_the_cloud_asks_for(
    fake: Fake, client: AlibabaClient, pauses: Pauses
) -> None:
    answers = iter(
        [
            (429, {"Code": "Rejected.Throttling", "Message": "QPS Limit Exceeded", "RequestId": "r"}),
            (429, b"busy"),
            (200, {"RequestId": "r", "KeyMetadata": _metadata("key-1")}),
        ]
    )
    fake.on("CreateKey", lambda _parameters: next(answers))
    assert client.create_key(DESIRED) == "key-1"
    assert [pause >= 1.5 for pause in pauses.taken] == [True, True]
    assert len(set(fake.nonces)) == 3


def test_a_repeatable_call_is_sent_again_after_a_server_error(fake: Fake, client: AlibabaClient) -> None:
    answers = iter([(500, {"Code": "InternalFailure", "Message": "m", "RequestId": "r"}), OK])
    fake.on("DisableKey", lambda _parameters: next(answers))
    client.disable_key(ORDERS)
    assert [action for action, _ in fake.calls] == ["DisableKey", "DisableKey"]


def test_a_refusal_names_target_call_reason_code_and_request(fake: Fake, client: AlibabaClient) -> None:
    fake.on("EnableKey", (403, {"Code": "Forbidden.NoPermission", "Message": "No.", "RequestId": "r-1"}))
    with pytest.raises(DeniedError) as caught:
        client.enable_key(ORDERS)
    assert str(caught.value) == (
        "target hangzhou: EnableKey was refused: No. (code Forbidden.NoPermission, request id r-1)\n"
        "  → grant the action in a RAM policy, or in the key policy"
    )


def test_a_change_that_somebody_else_answered_with_200_does_not_count_as_done(
    fake: Fake, client: AlibabaClient
) -> None:
    answers = iter([(200, {"welcome": "portal"}), (200, []), OK])
    fake.on("EnableKey", lambda _parameters: next(answers))
    client.enable_key(ORDERS)
    assert len(fake.calls) == 3


def test_the_state_of_a_key_is_the_clouds_business_and_its_refusal_passes(fake: Fake, client: AlibabaClient) -> None:
    fake.on("UpdateRotationPolicy", (409, {"Code": "Rejected.Disabled", "Message": "m", "RequestId": "r"}))
    with pytest.raises(WrongStateError):
        client.set_rotation(ORDERS, 90)
    assert fake.calls == [
        ("UpdateRotationPolicy", {"KeyId": "key-1", "EnableAutomaticRotation": "true", "RotationInterval": "90d"})
    ]


def test_scheduling_a_deletion_touches_nothing_else_not_even_a_protection(fake: Fake, client: AlibabaClient) -> None:
    refusal = {"Code": "Rejected.UnsupportedOperation", "Message": "protected", "RequestId": "r"}
    fake.on("ScheduleKeyDeletion", (400, refusal))
    with pytest.raises(RejectedError):
        client.schedule_deletion(ORDERS, 30)
    assert fake.calls == [("ScheduleKeyDeletion", {"KeyId": "key-1", "PendingWindowInDays": "30"})]


def test_an_empty_description_is_sent_because_that_clears_it(fake: Fake, client: AlibabaClient) -> None:
    fake.on("UpdateKeyDescription", OK)
    client.set_description(ORDERS, "", Marker("m"))
    assert fake.calls == [("UpdateKeyDescription", {"KeyId": "key-1", "Description": ""})]


def test_tags_are_taken_off_before_new_ones_need_their_room(fake: Fake, client: AlibabaClient) -> None:
    fake.on("TagResources", OK)
    fake.on("UntagResources", OK)
    client.change_tags(ORDERS, {"a": "1"}, ["b", "c"])
    key = {"RegionId": "cn-hangzhou", "ResourceType": "key", "ResourceId.1": "key-1"}
    assert fake.calls == [
        ("UntagResources", key | {"TagKey.1": "b", "TagKey.2": "c"}),
        ("TagResources", key | {"Tag.1.Key": "a", "Tag.1.Value": "1"}),
    ]


def test_tags_go_in_portions_of_twenty_and_nothing_to_do_is_no_call(fake: Fake, client: AlibabaClient) -> None:
    fake.on("TagResources", OK)
    client.change_tags(ORDERS, {}, [])
    client.change_tags(ORDERS, {f"k{number}": "v" for number in range(21)}, [])
    assert [sum(name.endswith(".Key") for name in sent) for sent in fake.of("TagResources")] == [20, 1]


def test_the_marker_is_written_as_a_tag(fake: Fake, client: AlibabaClient) -> None:
    fake.on("TagResources", OK)
    client.write_marker(ORDERS, Marker("kms/prod/orders"), "whatever")
    (sent,) = fake.of("TagResources")
    assert (sent["Tag.1.Key"], sent["Tag.1.Value"]) == ("kms-resources-marker", "kms/prod/orders")


def test_deletion_protection_is_set_by_the_arn_of_the_key(fake: Fake, client: AlibabaClient) -> None:
    fake.on("DescribeKey", lambda parameters: _described(parameters["KeyId"]))
    fake.on("SetDeletionProtection", OK)
    client.set_deletion_protection(ORDERS, on=True)
    client.set_deletion_protection(ORDERS, on=False)
    arn = {"ProtectedResourceArn": "acs:kms:cn-hangzhou:1234567890123456:key/key-1"}
    assert fake.calls == [
        ("DescribeKey", {"KeyId": "key-1"}),
        ("SetDeletionProtection", arn | {"EnableDeletionProtection": "true"}),
        ("SetDeletionProtection", arn | {"EnableDeletionProtection": "false"}),
    ]


def test_a_deletion_is_cancelled_by_one_call(fake: Fake, client: AlibabaClient) -> None:
    fake.on("CancelKeyDeletion", OK)
    client.cancel_deletion(ORDERS)
    assert fake.calls == [("CancelKeyDeletion", {"KeyId": "key-1"})]


def test_one_key_is_read_with_all_pages_of_its_tags(fake: Fake, client: AlibabaClient) -> None:
    fake.on("DescribeKey", lambda parameters: _described(parameters["KeyId"]))
    fake.on(
        "ListTagResources",
        lambda parameters: (
            _tagged(("key-1", "kms-resources-marker", "kms/prod/orders"))
            if "NextToken" in parameters
            else _tagged(("key-1", "owner", "pay"), token="more")
        ),
    )
    key = client.describe_key(ORDERS)
    assert (key.marker, dict(key.settings.tags)) == ("kms/prod/orders", {"owner": "pay"})


def test_a_key_that_is_not_there_is_not_found(fake: Fake, client: AlibabaClient) -> None:
    fake.on("DescribeKey", GONE)
    with pytest.raises(NotFoundError):
        client.describe_key(ORDERS)


def test_an_answer_without_tags_is_no_proof_that_a_key_has_none(fake: Fake, client: AlibabaClient) -> None:
    answers = iter([OK, _tagged(("key-1", "kms-resources-marker", "kms/prod/orders"))])
    fake.on("DescribeKey", lambda parameters: _described(parameters["KeyId"]))
    fake.on("ListTagResources", lambda _parameters: next(answers))
    assert client.describe_key(ORDERS).marker == "kms/prod/orders"


def _serve_keys(fake: Fake, ids: list[str], *, gone: frozenset[str] = frozenset()) -> None:
    def listing(parameters: Parameters) -> Answer:
        size = int(parameters["PageSize"])
        start = (int(parameters["PageNumber"]) - 1) * size
        return _page("Keys", "Key", [{"KeyId": each, "KeyArn": "a"} for each in ids[start : start + size]], len(ids))

    def tags(parameters: Parameters) -> Answer:
        asked = [value for name, value in parameters.items() if name.startswith("ResourceId.")]
        assert len(asked) <= 50
        if gone & set(asked):
            return 404, {"Code": "InvalidResourceId.NotFound", "Message": "m", "RequestId": "r"}
        return _tagged(*((key, "kms-resources-marker", f"p/s/{key}") for key in asked))

    fake.on("ListKeys", listing)
    fake.on("DescribeKey", lambda parameters: _described(parameters["KeyId"]))
    fake.on("ListTagResources", tags)


def test_120_keys_cost_125_calls_and_only_keys_of_users_are_asked_for(
    fake: Fake, client: AlibabaClient, pauses: Pauses
) -> None:
    ids = [f"key-{number}" for number in range(120)]
    _serve_keys(fake, ids)
    keys = client.list_keys()
    assert [key.id for key in keys] == ids
    assert [key.marker for key in keys] == [f"p/s/{each}" for each in ids]
    assert Counter(action for action, _ in fake.calls) == {"ListKeys": 2, "DescribeKey": 120, "ListTagResources": 3}
    assert {sent["Filters"] for sent in fake.of("ListKeys")} == {'[{"Key":"CreatorType","Values":["User"]}]'}
    assert pauses.taken == []


def test_a_key_that_vanishes_before_it_is_described_is_left_out(fake: Fake, client: AlibabaClient) -> None:
    _serve_keys(fake, ["a", "b", "c"])
    fake.on("DescribeKey", lambda sent: GONE if sent["KeyId"] == "b" else _described(sent["KeyId"]))
    assert [key.id for key in client.list_keys()] == ["a", "c"]


def test_a_key_that_vanishes_before_its_tags_are_read_costs_no_other_key_its_tags(
    fake: Fake, client: AlibabaClient
) -> None:
    _serve_keys(fake, ["a", "b", "c", "d", "e"], gone=frozenset({"d"}))
    assert [(key.id, key.marker) for key in client.list_keys()] == [(each, f"p/s/{each}") for each in "abce"]


def test_a_refusal_while_describing_stops_the_listing(fake: Fake, client: AlibabaClient) -> None:
    _serve_keys(fake, ["a", "b", "c"])
    fake.on("DescribeKey", (403, {"Code": "Forbidden.NoPermission", "Message": "m", "RequestId": "r"}))
    with pytest.raises(DeniedError):
        client.list_keys()


def test_a_key_that_slips_between_two_pages_is_found_by_reading_again(fake: Fake, client: AlibabaClient) -> None:
    ids = [f"key-{number}" for number in range(103)]
    _serve_keys(fake, ids)
    honest = fake.answers["ListKeys"]

    def listing(parameters: Parameters) -> Answer:
        answer = honest(parameters)
        if len(fake.of("ListKeys")) == 1:
            # The first key goes while page 1 is on its way: the 101st moves to page 1, which has been read already.
            del ids[0]
        return answer

    fake.on("ListKeys", listing)
    fake.on("DescribeKey", lambda sent: GONE if sent["KeyId"] == "key-0" else _described(sent["KeyId"]))
    assert {key.id for key in client.list_keys()} == set(ids)


def test_a_list_that_never_comes_to_rest_is_read_three_times_at_most(fake: Fake, client: AlibabaClient) -> None:
    _serve_keys(fake, ["a"])
    fake.on("ListKeys", lambda sent: _page("Keys", "Key", [{"KeyId": "a"}] if sent["PageNumber"] == "1" else [], 2))
    assert [key.id for key in client.list_keys()] == ["a"]
    assert [sent["PageNumber"] for sent in fake.of("ListKeys")] == ["1", "2"] * 3


def test_a_server_that_gives_the_same_page_for_ever_does_not_hold_us(fake: Fake, client: AlibabaClient) -> None:
    _serve_keys(fake, ["a"])
    fake.on("ListKeys", _page("Keys", "Key", [{"KeyId": "a"}], 2))
    assert [key.id for key in client.list_keys()] == ["a"]


def test_small_pages_do_not_end_a_list_early(fake: Fake, client: AlibabaClient) -> None:
    rows = [{"AliasName": f"alias/{name}", "KeyId": "key-1"} for name in "abc"]
    fake.on("ListAliases", lambda sent: _page("Aliases", "Alias", [rows[int(sent["PageNumber"]) - 1]], 3))
    assert [alias.name for alias in client.list_aliases([])] == ["a", "b", "c"]


def test_an_answer_without_a_list_is_no_empty_list(fake: Fake, client: AlibabaClient) -> None:
    answers = iter([OK, _page("Keys", "Key", [{"KeyId": "a"}], 1)])
    _serve_keys(fake, ["a"])
    fake.on("ListKeys", lambda _parameters: next(answers))
    assert [key.id for key in client.list_keys()] == ["a"]


def test_a_key_of_an_unknown_kind_is_left_out_of_the_list(fake: Fake, client: AlibabaClient) -> None:
    _serve_keys(fake, ["a", "mac"])
    fake.on(
        "DescribeKey", lambda sent: _described(sent["KeyId"], **({"KeySpec": "X"} if sent["KeyId"] == "mac" else {}))
    )
    fake.on("ListTagResources", _tagged())
    assert [key.id for key in client.list_keys()] == ["a"]


def test_a_key_of_an_unknown_kind_with_a_marker_of_ours_is_not_passed_over(fake: Fake, client: AlibabaClient) -> None:
    _serve_keys(fake, ["mac"])
    fake.on("DescribeKey", lambda sent: _described(sent["KeyId"], KeySpec="X"))
    with pytest.raises(RejectedError, match="of a kind that this product does not know"):
        client.list_keys()


def test_the_account_is_unknown_until_a_key_was_seen_and_costs_no_call(fake: Fake, client: AlibabaClient) -> None:
    _serve_keys(fake, ["a"])
    assert client.account() == ""
    assert fake.calls == []
    client.list_keys()
    assert client.account() == "1234567890123456"


def test_the_account_is_not_learned_from_a_key_named_by_arn_which_may_be_anothers(
    fake: Fake, client: AlibabaClient
) -> None:
    fake.on("DescribeKey", _described("a"))
    fake.on("ListTagResources", _tagged())
    client.describe_key(KeyId("acs:kms:cn-hangzhou:1234567890123456:key/a"))
    assert client.account() == ""


def test_reads_changes_and_creations_stay_in_the_published_pots(fake: Fake, client: AlibabaClient, pots: Pots) -> None:
    _serve_keys(fake, ["a"])
    client.list_keys()
    assert pots.asked == {"reads"}
    fake.on("TagResources", OK)
    client.change_tags(ORDERS, {"a": "1"}, [])
    fake.on("CreateKey", _described("key-1"))
    client.create_key(DESIRED)
    assert pots.asked == {"reads", "changes", "CreateKey"}
    assert [RATES.of(pot) for pot in ("reads", "changes", "CreateKey")] == [50, 30, 10]


def test_aliases_are_listed_without_prefix_and_without_those_of_services(fake: Fake, client: AlibabaClient) -> None:
    rows = [{"AliasName": "alias/orders", "KeyId": "a"}, {"AliasName": "alias/acs/oss", "KeyId": "b"}]
    fake.on("ListAliases", _page("Aliases", "Alias", rows, 2))
    assert list(client.list_aliases([])) == [ActualAlias("orders", KeyId("a"))]


def test_aliases_are_made_and_moved_with_their_prefix(fake: Fake, client: AlibabaClient) -> None:
    fake.on("CreateAlias", OK)
    fake.on("UpdateAlias", OK)
    client.create_alias("orders", ORDERS)
    client.move_alias("orders", KeyId("key-2"))
    assert fake.calls == [
        ("CreateAlias", {"AliasName": "alias/orders", "KeyId": "key-1"}),
        ("UpdateAlias", {"AliasName": "alias/orders", "KeyId": "key-2"}),
    ]


def test_an_alias_is_deleted_at_the_key_that_has_it(fake: Fake, client: AlibabaClient) -> None:
    fake.on("DescribeKey", _described("key-1"))
    fake.on("DeleteAlias", OK)
    client.delete_alias("orders", ORDERS)
    assert fake.calls[-1] == ("DeleteAlias", {"AliasName": "alias/orders"})


def test_an_alias_that_moved_to_another_key_is_left_alone(fake: Fake, client: AlibabaClient) -> None:
    fake.on("DescribeKey", _described("key-2"))
    with pytest.raises(NotFoundError, match="it names key key-2"):
        client.delete_alias("orders", ORDERS)
    assert fake.of("DeleteAlias") == []


def test_throttling_that_does_not_end_is_reported_as_such(
    fake: Fake, pauses: Pauses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kms_resources.clouds.transport.DEADLINE_SECONDS", 0.0)
    transport = Transport(where="target hangzhou", rates=RATES, sleep=pauses)
    fake.on("ListAliases", (400, {"Code": "Throttling.User", "Message": "m", "RequestId": "r"}))
    with pytest.raises(ThrottledError):
        AlibabaClient(TARGET, OpenApi(Credentials("i", "s"), fake.url, transport)).list_aliases([])
