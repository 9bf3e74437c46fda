"""Envelopes, refusals, unknown things, strictness, and the published list of what is missing."""

import re
import uuid
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from kms_emulator.alibaba import CLOUD
from kms_emulator.alibaba.actions import ACTIONS
from kms_emulator.alibaba.errors import FAULTS
from kms_emulator.alibaba.gaps import GAPS, NOT_EMULATED
from kms_emulator.alibaba.readings import READINGS
from kms_emulator.emulator import Emulator
from kms_emulator.registry import load_clouds
from kms_emulator.seed import load_seed
from kms_emulator.server import EmulatorServer
from tests.emulator.alibaba.support import SOFTWARE, Client

DOCUMENT = Path(__file__).parents[3] / "docs" / "emulator-gaps.md"
HERE = Path(__file__).parent


def test_an_answer_has_the_id_that_the_journal_has(client: Client) -> None:
    response = client.raw("ListKeys")
    entry = client.session.get(f"{client.url}/_emulator/journal", timeout=10).json()["entries"][-1]
    assert response.json()["RequestId"] == entry["request_id"] == response.headers["x-acs-request-id"]
    assert uuid.UUID(entry["request_id"])
    assert (entry["cloud"], entry["action"], entry["region"], entry["status"]) == (
        "alibaba", "ListKeys", "cn-hangzhou", 200,
    )  # fmt: skip


def test_both_forms_are_recognised_among_all_clouds(tmp_path: Path) -> None:
    emulator = Emulator(tmp_path, load_clouds(), load_seed(None))
    with EmulatorServer(emulator) as url:
        client = Client(url)
        assert {cloud.name for cloud in emulator.clouds} >= {"alibaba", "ctyun", "tencent"}
        assert client.call("ListKeys")["TotalCount"] == 0
        assert client.rpc("ListKeys", method="GET").json()["TotalCount"] == 0
        assert client.send({}, {"Action": "ListKeys", "Version": "2016-01-20"}).json()["Code"] == "IncompleteSignature"
        client.session.close()
    emulator.close()


def test_a_refusal_has_the_members_of_the_vendor(client: Client) -> None:
    response = client.raw("DescribeKey", KeyId="key-none")
    content = response.json()
    assert response.status_code == 404
    assert {**content, "RequestId": ""} == {
        "RequestId": "", "HostId": client.host, "Code": "Forbidden.KeyNotFound",
        "Message": "The specified Key is not found.", "HttpStatus": 404,
    }  # fmt: skip


def test_calls_without_a_result_answer_their_id_only(client: Client) -> None:
    assert set(client.call("DisableKey", KeyId=client.key())) == {"RequestId"}


def test_the_legacy_form_answers_xml_when_asked_to(client: Client) -> None:
    key = client.key()
    client.call("CreateAlias", AliasName="alias/a", KeyId=key)
    client.call("CreateAlias", AliasName="alias/b", KeyId=key)
    response = client.rpc("ListAliases", changed={"Format": "XML"})
    root = Xml.fromstring(response.text)
    assert (root.tag, root.findtext("TotalCount")) == ("KMS", "2")
    assert [found.text for found in root.iterfind("Aliases/Alias/AliasName")] == ["alias/a", "alias/b"]
    refused = client.rpc("DescribeKey", KeyId="<&>", changed={"Format": "XML"})
    assert Xml.fromstring(refused.text).findtext("Code") == "Forbidden.KeyNotFound"


@pytest.mark.parametrize("action", ["ListKeyPolicies", "DescribeKeys", "createKey"])
def test_an_unknown_action_is_refused_by_name(client: Client, action: str) -> None:
    response = client.raw(action)
    assert (response.status_code, response.json()["Code"]) == (404, "InvalidAction.NotFound")
    assert action in response.json()["Message"]


def test_an_action_that_is_missing_here_is_refused_by_name(client: Client) -> None:
    for action in sorted(NOT_EMULATED):
        response = client.raw(action)
        assert (response.status_code, response.json()["Code"]) == (404, "InvalidAction.NotFound")
        assert response.json()["Message"] == f"The action {action} is not emulated yet."


def test_unknown_parameters_are_ignored_unless_strict(client: Client) -> None:
    assert client.call("ListKeys", Pagesize=5)["PageSize"] == 10
    client.control("settings", {"strict": True})
    response = client.raw("ListKeys", Pagesize=5)
    assert response.json()["Code"] == "InvalidParameter"
    assert "Pagesize" in response.json()["Message"]
    assert client.rpc("ListKeys").status_code == 200
    key = client.key()
    given = {"RegionId": "cn-hangzhou", "ResourceType": "key", "ResourceId__1": key}
    client.call("TagResources", **given, Tag__1__Key="a", Tag__1__Value="b")


def test_other_requests_are_refused(client: Client) -> None:
    assert replace(client, version="2020-01-01").refused("ListKeys") == (400, "InvalidVersion")
    assert replace(client, region="cn-atlantis").refused("ListKeys") == (404, "InvalidRegionId.NotFound")
    headers = client.headers("ListKeys", {}, method="PUT")
    assert client.send(headers, {}, method="PUT").json()["Code"] == "UnsupportedHTTPMethod"
    body = b"Description=%FF"
    answer = client.send(client.headers("CreateKey", {}, body), {}, body).json()
    assert answer["Code"] == "ParseRequestParameterException"


def test_names_that_look_like_nothing_do_not_break_it(client: Client) -> None:
    for odd in ("", "\x00", "é" * 400, "alias/", "acs:kms:::", "acs:kms:cn-hangzhou:1000000000000001:key/", "😀"):
        assert client.raw("DescribeKey", KeyId=odd).status_code in (400, 403, 404)


def test_every_code_of_the_table_is_expected_by_a_test() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    assert [code for code in FAULTS if f'"{code}"' not in texts] == []


def test_every_code_has_a_mark_and_an_error_status() -> None:
    for code, fault in FAULTS.items():
        assert re.search(r"\[(S\d+|I\??)\]", fault.mark), code
        assert 400 <= fault.status < 600, code


def test_the_gaps_and_the_actions_are_published_as_they_are() -> None:
    section = DOCUMENT.read_text(encoding="utf-8").partition("## Alibaba Cloud")[2].partition("\n## ")[0]
    section = section.partition("Also missing or unlike")[0]
    lines = re.findall(r"^\| ([a-z ]+) \| (.*) \|$", section, re.MULTILINE)
    table = {group: tuple(re.findall(r"`(\w+)`", names)) for group, names in lines}
    assert table.pop("group") == ()
    assert table.pop("emulated") == tuple(sorted(ACTIONS))
    assert table == GAPS
    assert not NOT_EMULATED & set(ACTIONS)


def test_the_readings_of_the_rules_and_the_switches_are_published_as_they_are() -> None:
    section = DOCUMENT.read_text(encoding="utf-8").partition("## Alibaba Cloud")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([vio]) \| (.*) \| (.*?) ?\|$", section, re.MULTILINE)
    assert rows == [
        (entry.mark, entry.rule, f"`access_{entry.field}`: {', '.join(entry.choices)}" if entry.field else "")
        for entry in READINGS
    ]
    for name in CLOUD.switches:
        assert f"`{name}`" in section


def test_the_key_of_a_call_is_in_the_journal(client: Client) -> None:
    key = client.key(DKMSInstanceId=SOFTWARE)
    client.call("DisableKey", KeyId=key)
    entries = client.session.get(f"{client.url}/_emulator/journal", timeout=10).json()["entries"]
    assert [entry["key"] for entry in entries] == [key, key]
