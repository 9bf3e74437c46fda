"""The gateway's signature: published and computed examples, and everything that is refused."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from kms_emulator.ctyun.auth import signature
from tests.emulator.ctyun.support import AK, SK, Client, china_time, eop_signature

KEY = b'{"cmkUuid": "971ba207-5323-4a04-a290-3a9e8b4c7343"}'
DATE, REQUEST = "20250102T030405Z", "11111111-2222-3333-4444-555555555555"
QUERY = "aliasName=alias%2F%E6%B5%8B%E8%AF%95%20key&pageNumber=1&pageSize=10"
A = "292hWdCbBFT2KVkG7eAM8l7wYMemxMfE9pm7VdGDTUk="
B = "R5L1wsHOUEHP6Ji7OAwX4UvSxHxXDg69iPVZ9uCD2zc="
C = "B957B+Dfn9/5t7O9wDNcFaQP2YYwwsOGzwH5X3L6dTM="
# Published in github ArvinZJC/ctyun-cli, internal/signing/eop_test.go.
D = "h+H8K5CbPz1DjnbVWA+FEPGbbcEJOzVsi2GQv4LroyM="
D_BODY = b'{"regionID":"81f7728662dd11ec810800155d307d5b"}'
VECTORS = [
    pytest.param((SK, AK, DATE, REQUEST), KEY, "", A, id="A-body"),
    pytest.param((SK, AK, DATE, REQUEST), b"", "", B, id="B-empty"),
    pytest.param((SK, AK, DATE, REQUEST), b"", QUERY, C, id="C-query"),
    pytest.param(("test-sk", "test-ak", "20260613T010203Z", "request-123"), D_BODY, "a=1&b=two", D, id="D-published"),
]
LIST = "/v1/cmkManage/listKeys"


@pytest.mark.parametrize(("signer", "body", "query", "expected"), VECTORS)
def test_both_signers_reproduce_the_vector(
    signer: tuple[str, str, str, str], body: bytes, query: str, expected: str
) -> None:
    secret, ak, date, request_id = signer
    text = f"ctyun-eop-request-id:{request_id}\neop-date:{date}\n\n{query}\n{hashlib.sha256(body).hexdigest()}"
    assert signature(secret, ak, date, text) == expected
    own = eop_signature(secret=secret, ak=ak, date=date, request_id=request_id, body=body, query=query)
    assert own == expected


@pytest.mark.parametrize(("body", "query", "expected"), [(KEY, "", A), (b"", "", B), (b"", QUERY, C)])
def test_a_vector_opens_the_door_over_http(client: Client, body: bytes, query: str, expected: str) -> None:
    client.set(signing_clock="emulated")
    client.control("POST", "clock", {"set": datetime(2025, 1, 2, 3, 5, tzinfo=UTC).timestamp()})
    headers = {
        "eop-date": DATE, "ctyun-eop-request-id": REQUEST, "regionId": client.region,
        "Eop-Authorization": f"{AK} Headers=ctyun-eop-request-id;eop-date Signature={expected}",
    }  # fmt: skip
    answer = client.send("/v1/cmkManage/enableKey", body, headers, query).json()
    assert answer["error"] == ("KMS_9001" if body else "KMS_0102")


def test_a_refusal_has_the_form_of_the_gateway(client: Client) -> None:
    client.sk = "wrong"
    answer = client.raw("listKeys")
    content = answer.json()
    assert len(content.pop("requestId")) == 36
    assert answer.status_code == 401
    assert content == {
        "error": "10009", "code": "10009", "message": "ctyun-EOP: signature verification failed",
        "eopErrCode": "10009", "statusCode": "CTAPI_10009", "returnObj": {},
    }  # fmt: skip


def refused(client: Client, change: Callable[[dict[str, str]], object], body: bytes = b"") -> str:
    headers = client.headers(body)
    change(headers)
    answer = client.send(LIST, body, headers)
    assert answer.status_code == 401
    return str(answer.json()["error"])


@pytest.mark.parametrize("name", ["eop-date", "ctyun-eop-request-id", "Eop-Authorization"])
def test_a_missing_header_is_refused(client: Client, name: str) -> None:
    assert refused(client, lambda headers: headers.pop(name)) == "19001"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (AK, "f" * 32, "10002"),
        ("Headers=", "Names=", "19002"),
        (" Signature=", ",Signature=", "19002"),
        ("ctyun-eop-request-id;eop-date", "eop-date", "19003"),
        ("ctyun-eop-request-id;eop-date", "ctyun-eop-request-id", "19003"),
        ("eop-date ", "eop-date;x-absent ", "19001"),
        ("ctyun-eop-request-id;eop-date", "eop-date;ctyun-eop-request-id", "10009"),
        ("Signature=", "Signature=A", "10009"),
        ("Signature=", "Signature=é", "10009"),
    ],
)
def test_a_spoiled_authorization_is_refused(client: Client, old: str, new: str, code: str) -> None:
    def spoil(headers: dict[str, str]) -> None:
        headers["Eop-Authorization"] = headers["Eop-Authorization"].replace(old, new)

    assert refused(client, spoil) == code


def test_a_body_other_than_the_signed_one_is_refused(client: Client) -> None:
    compact, default = '{"description":"测试"}'.encode(), json.dumps({"description": "测试"}).encode()
    assert client.send(LIST, compact, client.headers(compact)).status_code == 200
    assert client.send(LIST, default, client.headers(default)).status_code == 200
    assert client.send(LIST, default, client.headers(compact)).json()["error"] == "10009"


def test_another_query_than_the_signed_one_is_refused(client: Client) -> None:
    assert client.send(LIST, b"", client.headers(b"", "a=1"), "a=2").json()["error"] == "10009"


@pytest.mark.parametrize("signed", ["b=x%20y&a=1", "a=1&b=x%20y", "a=1&b=x y"])
def test_a_query_may_be_signed_as_sent_or_sorted_or_decoded(client: Client, signed: str) -> None:
    assert client.send(LIST, b"", client.headers(b"", signed), "b=x%20y&a=1").status_code == 200


def test_the_other_spelling_of_headers_is_understood(client: Client) -> None:
    headers = client.headers(b"")
    headers["Eop-Authorization"] = headers["Eop-Authorization"].replace("Headers=", "Header=")
    assert client.send(LIST, b"", headers).status_code == 200


def test_a_further_signed_header_counts_in_the_order_listed(client: Client) -> None:
    def send(text: str) -> int:
        headers = {
            "eop-date": date, "ctyun-eop-request-id": REQUEST, "regionId": client.region,
            "Eop-Authorization":
                f"{AK} Headers=ctyun-eop-request-id;eop-date;regionid Signature={signature(SK, AK, date, text)}",
        }  # fmt: skip
        return client.send(LIST, b"", headers).status_code

    date, digest = china_time(), hashlib.sha256(b"").hexdigest()
    compulsory = f"ctyun-eop-request-id:{REQUEST}\neop-date:{date}\n"
    assert send(f"{compulsory}regionid:{client.region}\n\n\n{digest}") == 200
    assert send(f"{compulsory}\n\n{digest}") == 401


@pytest.mark.parametrize("hours", [0, 8])
@pytest.mark.parametrize(("minutes", "status"), [(-16, 401), (-14, 200), (14, 200), (16, 401)])
def test_the_date_may_be_15_minutes_off_in_utc_and_in_china_time(
    client: Client, hours: int, minutes: int, status: int
) -> None:
    date = (datetime.now(UTC) + timedelta(hours=hours, minutes=minutes)).strftime("%Y%m%dT%H%M%SZ")
    assert client.send(LIST, b"", client.headers(b"", date=date)).status_code == status


@pytest.mark.parametrize(
    ("date", "code"),
    [("00010101T000000Z", "19005"), ("99991231T235959Z", "19005"), ("2025-01-02T03:04:05Z", "19004"), ("x", "19004")],
)
def test_a_date_that_is_far_off_or_malformed_is_refused(client: Client, date: str, code: str) -> None:
    answer = client.send(LIST, b"", client.headers(b"", date=date))
    assert (answer.status_code, answer.json()["error"]) == (401, code)


def test_the_span_of_the_date_can_be_set(client: Client) -> None:
    client.set(ctyun__clock_window_minutes=60)
    date = (datetime.now(UTC) - timedelta(minutes=50)).strftime("%Y%m%dT%H%M%SZ")
    assert client.send(LIST, b"", client.headers(b"", date=date)).status_code == 200


def test_a_request_id_may_be_used_again_unless_switched(client: Client) -> None:
    headers = client.headers(b"")
    assert [client.send(LIST, b"", headers).status_code for _ in range(2)] == [200, 200]
    client.set(ctyun__refuse_replay=True)
    assert [client.send(LIST, b"", headers).status_code for _ in range(2)] == [200, 401]
    assert client.send(LIST, b"", headers).json()["error"] == "19006"


def test_a_request_id_with_a_bad_signature_is_not_used_up(client: Client) -> None:
    client.set(ctyun__refuse_replay=True)
    headers = client.headers(b"", request_id=REQUEST)
    spoiled = {**headers, "Eop-Authorization": headers["Eop-Authorization"][:-3] + "AA="}
    assert client.send(LIST, b"", spoiled).status_code == 401
    assert client.send(LIST, b"", headers).status_code == 200


def test_the_signature_is_checked_before_anything_else(client: Client) -> None:
    client.sk, client.region = "wrong", ""
    answer = client.send("/v1/cmkManage/noSuchThing", b"{", client.headers(b"{"))
    assert (answer.status_code, answer.json()["error"]) == (401, "10009")


def test_a_path_without_any_signature_header_is_still_ctyuns(client: Client) -> None:
    answer = client.send(LIST, b"", {})
    assert (answer.status_code, answer.json()["statusCode"]) == (401, "CTAPI_19001")


def test_an_unknown_path_and_another_method_are_named(client: Client) -> None:
    answer = client.send("/v1/cmkManage/noSuchThing", b"", client.headers(b""))
    assert (answer.status_code, answer.json()["error"]) == (404, "19010")
    assert "noSuchThing" in answer.json()["message"]
    answer = client.session.get(f"{client.url}{LIST}", headers=client.headers(b""), timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (404, "19010")


def test_refusals_of_the_gateway_can_come_with_status_200(client: Client) -> None:
    client.set(ctyun__http_status="always_200")
    client.sk = "wrong"
    answer = client.raw("listKeys")
    assert (answer.status_code, answer.json()["statusCode"]) == (200, "CTAPI_10009")


def test_no_refusal_repeats_the_secret_or_the_signature(client: Client) -> None:
    headers = client.headers(b"{")
    answer = client.send(LIST, b"", headers)
    assert SK not in answer.text
    assert headers["Eop-Authorization"].rpartition("=")[0] not in answer.text
