"""Envelopes, bodies, parameters, rates and faults, before any action is done."""

import json
from typing import Any

import pytest
import requests

from tests.emulator.tencent.support import Client


def sent(client: Client, body: bytes, content_type: str = "application/json") -> str:
    headers = client.headers("ListKeys", body, content_type=content_type)
    return str(client.send(headers, body)["Error"]["Code"])


def test_an_error_has_status_200_and_a_fresh_request_id(client: Client) -> None:
    first, second = client.raw("DescribeKey"), client.raw("DescribeKey")
    assert set(first) == {"Error", "RequestId"}
    assert first["RequestId"] != second["RequestId"]


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"Limit": 1, "Limit": 2}', b"\xff", b"[" * 100_000], ids=lambda body: repr(body[:12])
)
def test_a_body_that_is_no_json_object_is_refused(client: Client, body: bytes) -> None:
    assert sent(client, body) == "InvalidParameter"


def test_an_empty_body_means_no_parameters(client: Client) -> None:
    assert client.send(client.headers("ListKeys", b""), b"")["TotalCount"] == 0


def test_another_content_type_is_refused(client: Client) -> None:
    assert sent(client, b"<ListKeys/>", "text/xml") == "UnsupportedProtocol"


def test_a_body_beyond_ten_megabytes_is_refused(client: Client) -> None:
    assert sent(client, b"{" + b" " * (10 * 1024 * 1024) + b"}") == "RequestSizeLimitExceeded"


def test_another_path_is_refused(client: Client) -> None:
    headers = client.headers("ListKeys", b"{}")
    answer = client.session.post(f"{client.url}/elsewhere", data=b"{}", headers=headers, timeout=10)
    assert answer.json()["Response"]["Error"]["Code"] == "InvalidRequest"


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("DescribeKey", {"KeyID": "x", "KeyId": "y"}, "UnknownParameter"),
        ("DescribeKey", {}, "MissingParameter"),
        ("DescribeKey", {"KeyId": None}, "MissingParameter"),
        ("DescribeKey", {"KeyId": 5}, "InvalidParameter"),
        ("DescribeKey", {"KeyId": "\ud800"}, "InvalidParameter"),
        ("DescribeKeys", {"KeyIds": "x"}, "InvalidParameter"),
        ("ListKeys", {"Limit": "10"}, "InvalidParameter"),
        ("ListKeys", {"Limit": True}, "InvalidParameter"),
        ("ListKeys", {"Limit": 1.5}, "InvalidParameter"),
        ("CreateKey", {"Alias": "a", "Tags": [{"TagKey": "a"}]}, "MissingParameter"),
        ("CreateKey", {"Alias": "a", "Tags": [{"Key": "a", "Value": "b"}]}, "UnknownParameter"),
        ("CreateKey", {"Alias": "a", "Tags": ["a"]}, "InvalidParameter"),
        ("DescribeKey", {"KeyId": "x", "MemberAccount": {"MemberUin": 1}}, "UnsupportedOperation.NotRoleOperation"),
        ("ListKeyDetail", {"MemberAccounts": [{"MemberUin": 1}]}, "UnsupportedOperation.NotRoleOperation"),
    ],
)
def test_parameters_are_checked(client: Client, action: str, parameters: dict[str, Any], code: str) -> None:
    assert client.refused(action, **parameters) == code


def test_a_missing_field_is_named_with_its_path(client: Client) -> None:
    message = client.raw("CreateKey", Alias="a", Tags=[{"TagKey": "a"}])["Error"]["Message"]
    assert message == "The request is missing a required parameter `Tags.0.TagValue`."


def test_requests_beyond_the_rate_of_an_action_are_throttled(client: Client) -> None:
    client.control("settings", {"throttle": True})
    codes = {client.raw("RotateKey").get("Error", {}).get("Code") for _ in range(60)}
    assert codes == {"MissingParameter", "RequestLimitExceeded"}


def test_an_answer_lost_after_the_commit_leaves_the_key_under_its_alias(client: Client) -> None:
    client.control("faults", {"kind": "lost_after_commit", "cloud": "tencent", "action": "CreateKey", "count": 1})
    with pytest.raises(requests.ConnectionError):
        client.raw("CreateKey", Alias="app-main")
    assert client.refused("CreateKey", Alias="app-main") == "InvalidParameterValue.AliasAlreadyExists"
    assert client.aliases(SearchKeyAlias="app-main") == ["app-main"]


def test_an_outage_has_the_vendors_envelope_and_the_status_of_the_fault(client: Client) -> None:
    client.control("faults", {"kind": "error_before", "status": 502, "count": 1})
    body = b"{}"
    answer = client.session.post(client.url, data=body, headers=client.headers("ListKeys", body), timeout=10)
    assert (answer.status_code, answer.json()["Response"]["Error"]["Code"]) == (502, "InternalError")


def test_a_fault_can_be_aimed_at_the_key_of_a_tag_call(client: Client) -> None:
    key, other = client.key("one"), client.key("two")
    client.control("faults", {"kind": "throttle", "action": "TagResources", "key": key})
    tags = [{"TagKey": "a", "TagValue": "b"}]
    assert client.refused("TagResources", "tag", ResourceList=[client.name(key)], Tags=tags) == "RequestLimitExceeded"
    assert client.call("TagResources", "tag", ResourceList=[client.name(other)], Tags=tags)["FailedResources"] == []


def test_the_journal_names_action_key_and_error(client: Client) -> None:
    key = client.key("app-main")
    client.raw("DescribeKey", KeyId="nonsense")
    entries = client.session.get(f"{client.url}/_emulator/journal", timeout=10).json()["entries"]
    seen = [(entry["action"], entry["key"], entry["error"]) for entry in entries]
    assert seen == [("CreateKey", key, ""), ("DescribeKey", "nonsense", "InvalidParameterValue.InvalidKeyId")]


def test_answers_are_compact_json(client: Client) -> None:
    answer = client.session.post(client.url, data=b"{}", headers=client.headers("ListKeys", b"{}"), timeout=10)
    assert answer.headers["Content-Type"] == "application/json"
    assert json.loads(answer.text)["Response"]["Keys"] == []
