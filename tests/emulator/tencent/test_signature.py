"""Signatures of Tencent Cloud: the vectors, and what the server says to requests that are not signed well."""

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from kms_emulator.tencent.signature import Authorization, tc3_signature, utc_date, v1_signature
from tests.emulator.tencent.support import (
    ROOT_ID,
    ROOT_KEY,
    SECRET_ID,
    SECRET_KEY,
    TEMPORARY_ID,
    TEMPORARY_KEY,
    TOKEN,
    Client,
    sign,
)

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))


def signed_headers(vector: dict[str, Any]) -> dict[str, str]:
    headers = {"content-type": vector["content_type"], "host": vector["host"]}
    return headers | ({"x-tc-action": vector["action"]} if "action" in vector else {})


@pytest.mark.parametrize("vector", VECTORS["tc3"], ids=lambda vector: vector["name"])
def test_tc3_gives_the_signature_of_the_vector(vector: dict[str, Any]) -> None:
    headers = signed_headers(vector)
    given = Authorization("AKIDEXAMPLE", utc_date(vector["timestamp"]), vector["service"], tuple(sorted(headers)), "")
    found = tc3_signature(
        vector["secret"], given, vector["timestamp"], method=vector["method"], query=vector["query"],
        headers=headers, payload=vector["payload"].encode(),
    )  # fmt: skip
    assert found == vector["signature"]


@pytest.mark.parametrize("vector", VECTORS["tc3"], ids=lambda vector: vector["name"])
def test_the_signer_of_these_tests_gives_the_signature_of_the_vector(vector: dict[str, Any]) -> None:
    _, _, found = sign(
        vector["secret"], vector["service"], vector["timestamp"], method=vector["method"], query=vector["query"],
        signed=signed_headers(vector), payload=vector["payload"].encode(),
    )  # fmt: skip
    assert found == vector["signature"]


@pytest.mark.parametrize("method", VECTORS["v1"]["signatures"])
def test_version_1_gives_the_signature_of_the_vector(method: str) -> None:
    vector = VECTORS["v1"]
    found = v1_signature(vector["secret"], "POST", vector["host"], vector["parameters"] | {"SignatureMethod": method})
    assert found == vector["signatures"][method]


def sent(client: Client, change: dict[str, str | None], action: str = "ListKeys", **more: Any) -> str:
    """The error code after changing headers of a good request; ``None`` takes one away."""
    headers = client.headers(action, b"{}", **more) | change
    answer = client.send({name: value for name, value in headers.items() if value is not None}, b"{}")
    return str(answer.get("Error", {}).get("Code", "ok"))


def test_a_good_request_is_accepted(client: Client) -> None:
    assert sent(client, {}) == "ok"


def test_a_missing_timestamp_is_told_before_all_else(client: Client) -> None:
    headers = {"X-TC-Action": "ListKeys", "Content-Type": "application/json"}
    error = client.send(headers, b"{}")["Error"]
    assert error == {
        "Code": "MissingParameter", "Message": "The request is missing a required parameter `Timestamp`."
    }  # fmt: skip


@pytest.mark.parametrize(
    "value", [None, "SKIP", "TC3-HMAC-SHA256 nonsense", "TC3-HMAC-SHA256 Credential=a/2023-11-14/kms/tc3_request, "
              "SignedHeaders=host, Signature=" + "0" * 64],
    ids=["none", "unsigned", "nonsense", "content type not signed"],
)  # fmt: skip
def test_a_malformed_authorization_is_refused(client: Client, value: str | None) -> None:
    assert sent(client, {"Authorization": value}) == "AuthFailure.InvalidAuthorization"


def test_an_unknown_secret_id_is_refused(client: Client) -> None:
    client.secret_id = "AKIDEXAMPLEUNKNOWN000000000000000000"
    assert sent(client, {}) == "AuthFailure.SecretIdNotFound"


@pytest.mark.parametrize("skew", [-310, 310])
def test_a_clock_off_by_more_than_five_minutes_is_refused(client: Client, skew: int) -> None:
    assert sent(client, {}, timestamp=int(time.time()) + skew) == "AuthFailure.SignatureExpire"


@pytest.mark.parametrize("skew", [-290, 290])
def test_a_clock_off_by_less_than_five_minutes_is_accepted(client: Client, skew: int) -> None:
    assert sent(client, {}, timestamp=int(time.time()) + skew) == "ok"


def test_a_timestamp_that_is_no_number_is_refused(client: Client) -> None:
    assert sent(client, {"X-TC-Timestamp": "yesterday"}) == "InvalidParameter"


def test_a_wrong_secret_is_refused(client: Client) -> None:
    client.secret_key = "kmsExampleWrongKey00000000000000"
    assert sent(client, {}) == "AuthFailure.SignatureFailure"


def test_a_changed_body_is_refused(client: Client) -> None:
    headers = client.headers("ListKeys", b'{"Limit": 1}')
    assert client.send(headers, b'{"Limit": 2}')["Error"]["Code"] == "AuthFailure.SignatureFailure"


def test_a_changed_content_type_is_refused(client: Client) -> None:
    assert sent(client, {"Content-Type": "application/json; charset=utf-8"}) == "AuthFailure.SignatureFailure"


def test_a_scope_of_another_day_is_refused(client: Client) -> None:
    at = int(time.time())
    headers = client.headers("ListKeys", b"{}", timestamp=at)
    other = client.headers("ListKeys", b"{}", timestamp=at - 86400)
    assert sent(client, {"Authorization": other["Authorization"], "X-TC-Timestamp": headers["X-TC-Timestamp"]}) == (
        "AuthFailure.SignatureFailure"
    )


def test_an_unsigned_payload_is_accepted_when_it_says_so(client: Client) -> None:
    headers = client.headers("ListKeys", b"UNSIGNED-PAYLOAD") | {"X-TC-Content-SHA256": "UNSIGNED-PAYLOAD"}
    assert "Error" not in client.send(headers, b'{"Limit": 1}')


def test_temporary_credentials_need_their_token(client: Client) -> None:
    client.secret_id, client.secret_key = TEMPORARY_ID, TEMPORARY_KEY
    assert sent(client, {}) == "AuthFailure.TokenFailure"
    assert sent(client, {"X-TC-Token": "wrong"}) == "AuthFailure.TokenFailure"
    assert sent(client, {"X-TC-Token": TOKEN}) == "ok"


def test_the_signature_is_checked_before_version_action_and_region(client: Client) -> None:
    client.secret_key = "kmsExampleWrongKey00000000000000"
    change: dict[str, str | None] = {"X-TC-Version": "2000-01-01", "X-TC-Region": "nowhere"}
    assert sent(client, change, action="NoAction") == "AuthFailure.SignatureFailure"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"X-TC-Version": "2000-01-01"}, "NoSuchVersion"),
        ({"X-TC-Version": None}, "MissingParameter"),
        ({"X-TC-Action": "DestroyKey"}, "InvalidAction"),
        ({"X-TC-Action": None}, "MissingParameter"),
        ({"X-TC-Action": "EncryptByWhiteBox"}, "ActionOffline"),
        ({"X-TC-Region": "nowhere"}, "UnsupportedRegion"),
        ({"X-TC-Region": None}, "MissingParameter"),
    ],
)
def test_version_action_and_region_are_checked(client: Client, change: dict[str, str | None], code: str) -> None:
    assert sent(client, change) == code


def test_an_action_not_emulated_yet_is_refused_by_name(client: Client) -> None:
    assert "`EncryptByWhiteBox`" in client.raw("EncryptByWhiteBox")["Error"]["Message"]


def test_a_scope_of_an_unknown_service_is_refused(client: Client) -> None:
    at = int(time.time())
    headers = client.headers("ListKeys", b"{}", timestamp=at)
    scope, names, signature = sign(
        SECRET_KEY, "cvm", at, method="POST", query="", payload=b"{}",
        signed={"content-type": "application/json", "host": client.host},
    )  # fmt: skip
    headers["Authorization"] = (
        f"TC3-HMAC-SHA256 Credential={SECRET_ID}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    assert client.send(headers, b"{}")["Error"]["Code"] == "NoSuchProduct"


def test_the_host_name_of_a_service_beats_the_scope(client: Client) -> None:
    at = int(time.time())
    host = "cam.tencentcloudapi.com"
    scope, names, signature = sign(
        SECRET_KEY, "cam", at, method="POST", query="", payload=b"{}",
        signed={"content-type": "application/json", "host": host},
    )  # fmt: skip
    headers = client.headers("GetUserAppId", b"{}", service="cam", timestamp=at) | {
        "Host": host,
        "Authorization": f"TC3-HMAC-SHA256 Credential={SECRET_ID}/{scope}, SignedHeaders={names}, "
        f"Signature={signature}",
    }
    assert client.send(headers, b"{}")["OwnerUin"] == "100000000001"


def test_a_get_request_carries_its_parameters_in_the_query(client: Client) -> None:
    first, second = client.key("first"), client.key("second")
    query = urlencode({"KeyIds.1": second, "KeyIds.0": first})
    headers = client.headers(
        "DescribeKeys", b"", method="GET", query=query, content_type="application/x-www-form-urlencoded"
    )
    answer = requests.get(f"{client.url}/?{query}", headers=headers, timeout=10).json()["Response"]
    assert [key["Alias"] for key in answer["KeyMetadatas"]] == ["first", "second"]


@pytest.mark.parametrize(
    ("query", "code"),
    [("Limit=5&Limit=6", "InvalidParameter"), ("Limit=five", "InvalidParameter"), ("Limit=-5", "InvalidParameter"),
     ("Role=" + "0" * 33_000, "RequestSizeLimitExceeded")],
    ids=["repeated", "no number", "negative", "too long"],
)  # fmt: skip
def test_bad_queries_are_refused(client: Client, query: str, code: str) -> None:
    headers = client.headers(
        "ListKeys", b"", method="GET", query=query, content_type="application/x-www-form-urlencoded"
    )
    answer = requests.get(f"{client.url}/?{query}", headers=headers, timeout=10).json()["Response"]
    assert answer["Error"]["Code"] == code


def test_a_form_for_another_path_is_not_taken_for_a_request_of_this_cloud(client: Client) -> None:
    answer = client.session.post(f"{client.url}/elsewhere", data={"SecretId": "x", "Signature": "y"}, timeout=10)
    assert answer.status_code == 404


def test_the_emulated_clock_can_be_made_the_clock_of_signatures(client: Client) -> None:
    client.advance(3600)
    assert sent(client, {}) == "ok"
    client.control("settings", {"signing_clock": "emulated"})
    assert sent(client, {}) == "AuthFailure.SignatureExpire"


def v1(client: Client, change: dict[str, str], secret: str = ROOT_KEY) -> dict[str, Any]:
    given = {
        "Action": "GetUserAppId", "Version": "2019-01-16", "Timestamp": str(int(time.time())), "Nonce": "11886",
        "SecretId": ROOT_ID, "SignatureMethod": "HmacSHA256",
    } | change  # fmt: skip
    given["Signature"] = v1_signature(secret, "POST", client.host, given)
    answer = client.session.post(client.url, data={name: value for name, value in given.items() if value}, timeout=10)
    content: dict[str, Any] = answer.json()["Response"]
    return content


def test_version_1_requests_are_accepted(client: Client) -> None:
    assert v1(client, {})["Uin"] == "100000000001"
    assert v1(client, {"SignatureMethod": "HmacSHA1"})["Uin"] == "100000000001"


@pytest.mark.parametrize(
    ("change", "secret", "code"),
    [
        ({}, "wrong", "AuthFailure.SignatureFailure"),
        ({"Timestamp": "1700000000"}, ROOT_KEY, "AuthFailure.SignatureExpire"),
        ({"SecretId": "AKIDEXAMPLEUNKNOWN000000000000000000"}, ROOT_KEY, "AuthFailure.SecretIdNotFound"),
        ({"Timestamp": ""}, ROOT_KEY, "MissingParameter"),
        ({"Nonce": ""}, ROOT_KEY, "MissingParameter"),
        ({"Action": "NoAction"}, ROOT_KEY, "InvalidAction"),
        ({"Limit": "5"}, ROOT_KEY, "UnknownParameter"),
        ({"A.0": "5", "A": "6"}, ROOT_KEY, "InvalidParameter"),
        ({"A": "6", "A.0": "5"}, ROOT_KEY, "InvalidParameter"),
        ({"A.0.0.0.0.0.0.0.0.0": "5"}, ROOT_KEY, "InvalidParameter"),
        ({"Token": "stray"}, ROOT_KEY, "AuthFailure.TokenFailure"),
    ],
)
def test_bad_version_1_requests_are_refused(client: Client, change: dict[str, str], secret: str, code: str) -> None:
    assert v1(client, change, secret)["Error"]["Code"] == code


def test_version_1_with_an_unknown_method_is_refused(client: Client) -> None:
    given = {"SecretId": ROOT_ID, "Signature": "x", "Nonce": "1", "Timestamp": "1", "SignatureMethod": "HmacMD5"}
    answer = client.session.post(client.url, data=given, timeout=10).json()["Response"]
    assert answer["Error"]["Code"] == "AuthFailure.InvalidAuthorization"
