"""Policies of keys: their form, their limits, the usual one, and how they come back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from alibabacloud_kms20160120 import models
from alibabacloud_kms20160120.client import Client as Sdk
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config

from kms_emulator.alibaba import CLOUD
from kms_emulator.alibaba.decision_conditions import OPERATORS
from kms_emulator.emulator import Emulator
from kms_emulator.seed import load_seed
from kms_emulator.server import EmulatorServer
from tests.emulator.alibaba.support import (
    ACCOUNT,
    KEY_ID,
    REGION,
    SECRET,
    SOFTWARE,
    Client,
    in_state,
    plant,
    policy,
    statement,
    usual_policy,
)

OTHER = "1000000000000009"
ALICE = f"acs:ram::{ACCOUNT}:user/alice"
INVALID = (400, "InvalidParameter")


def read(client: Client, key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.call("GetKeyPolicy", KeyId=key)["Policy"])
    return found


def write(client: Client, key: str, *statements: object) -> dict[str, Any]:
    return client.call("SetKeyPolicy", KeyId=key, Policy=policy(*statements))


def test_a_new_key_has_the_usual_policy(client: Client) -> None:
    assert read(client, client.key()) == usual_policy("kms default key policy")


def test_a_policy_replaces_the_former_one_and_answers_its_id_only(client: Client) -> None:
    key = client.key()
    assert set(write(client, key, statement([ALICE], "kms:Encrypt"))) == {"RequestId"}
    write(client, key, statement([ALICE], "kms:Decrypt"))
    assert read(client, key) == policy(statement([ALICE], "kms:Decrypt"))


def test_a_policy_comes_back_with_other_spacing_and_order_of_members(client: Client) -> None:
    key = client.key()
    sent = json.dumps(policy(statement([ALICE], "kms:Encrypt", Sid="a")), separators=(",", ":"))
    client.call("SetKeyPolicy", KeyId=key, Policy=sent)
    text = client.call("GetKeyPolicy", KeyId=key, PolicyName="default")["Policy"]
    assert text != sent
    assert json.loads(text) == json.loads(sent)
    assert text.index('"Statement": ') < text.index('"Version": ')
    assert text.index('"Action": ') < text.index('"Effect": ') < text.index('"Sid": ')


def test_the_policy_of_a_new_key_is_the_one_it_was_made_with(client: Client) -> None:
    wanted = policy(statement(ALICE, "kms:*"))
    assert read(client, client.key(Policy=wanted)) == wanted


def test_a_key_is_named_by_id_or_arn_and_not_by_alias(client: Client) -> None:
    key = client.key()
    client.call("CreateAlias", AliasName="alias/a", KeyId=key)
    arn = client.meta(key)["Arn"]
    client.call("SetKeyPolicy", KeyId=arn, Policy=policy(statement(ALICE, "kms:*")), PolicyName="default")
    assert read(client, arn) == read(client, key)
    assert client.refused("GetKeyPolicy", KeyId="alias/a") == (400, "Unsupported.Alias")


def test_only_keys_of_instances_have_one(client: Client) -> None:
    key = client.default_key()
    assert client.refused("GetKeyPolicy", KeyId=key) == (400, "Forbidden.KeyPolicyUnSupported")
    refused = client.refused("SetKeyPolicy", KeyId=key, Policy=usual_policy("x"))
    assert refused == (400, "Forbidden.KeyPolicyUnSupported")


def test_the_name_of_a_policy_is_default(client: Client) -> None:
    key = client.key()
    gone = (404, "Forbidden.ResourceNotFound")
    assert client.refused("GetKeyPolicy", KeyId=key, PolicyName="other") == gone
    assert client.refused("SetKeyPolicy", KeyId=key, PolicyName="other", Policy=usual_policy("x")) == gone


def test_key_and_policy_are_required(client: Client) -> None:
    missing = (400, "MissingParameter")
    assert client.refused("GetKeyPolicy") == missing
    assert client.refused("SetKeyPolicy", Policy=usual_policy("x")) == missing
    assert client.refused("SetKeyPolicy", KeyId=client.key()) == missing
    assert client.refused("GetKeyPolicy", KeyId="key-none") == (404, "Forbidden.KeyNotFound")


def test_a_key_that_waits_for_deletion_keeps_its_policy(client: Client) -> None:
    key = in_state(client, "PendingDeletion")
    assert client.refused("SetKeyPolicy", KeyId=key, Policy=usual_policy("x")) == (409, "Rejected.PendingDeletion")
    assert read(client, key) == usual_policy("kms default key policy")


def test_a_policy_is_not_changed_while_the_instance_is_not_connected(client: Client, emulator: Emulator) -> None:
    key = client.key()
    plant(emulator, "instances", SOFTWARE, type="software", status="Disconnected")
    refused = client.refused("SetKeyPolicy", KeyId=key, Policy=usual_policy("x"))
    assert refused == (403, "Forbidden.DKMSInstanceStateInvalid")
    assert read(client, key) == usual_policy("kms default key policy")


def test_a_policy_has_at_most_32768_bytes(client: Client) -> None:
    key = client.key()
    plain = len(json.dumps(policy(statement([ALICE], "kms:*", Condition={"StringEquals": {"kms:tag/a": ""}}))))

    def sized(bytes_: int) -> dict[str, object]:
        return policy(statement([ALICE], "kms:*", Condition={"StringEquals": {"kms:tag/a": "x" * (bytes_ - plain)}}))

    client.call("SetKeyPolicy", KeyId=key, Policy=sized(32768))
    assert client.refused("SetKeyPolicy", KeyId=key, Policy=sized(32769)) == INVALID
    assert read(client, key) == sized(32768)


@pytest.mark.parametrize(
    "good",
    [
        statement(ALICE, "kms:Encrypt"),
        statement([ALICE, f"acs:ram::{ACCOUNT}:role/deployer", f"acs:ram::{OTHER}:root"], "kms:*", Resource="*"),
        statement([ALICE], "kms:List*", "kms:Describe???", Effect="Deny", Sid="Sid with blanks " + "x" * 112),
        statement([ALICE], "kms:NoSuchAction", Action="kms:NoSuchAction"),
        statement([ALICE], "kms:*", Condition={"Bool": {"acs:MFAPresent": True}, "NumericLessThan": {"kms:tag/n": 3}}),
        statement([ALICE], "kms:*", Condition={"IpAddress": {"acs:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}}),
        statement([ALICE], "kms:*", Condition={"DateLessThan": {"acs:CurrentTime": "2027-01-01T00:00:00+08:00"}}),
    ],
)
def test_documents_that_the_vendor_describes_are_taken(client: Client, good: dict[str, object]) -> None:
    key = client.key()
    write(client, key, good)
    assert read(client, key) == policy(good)


def test_every_operator_of_the_vendor_is_taken_and_no_other(client: Client) -> None:
    key = client.key()
    values = {"Numeric": "3", "Date": "2027-01-01T00:00:00Z", "Bool": "true", "IpAddress": "10.0.0.1"}
    for operator in OPERATORS:
        value = next((text for start, text in values.items() if operator.removeprefix("Not").startswith(start)), "x")
        write(client, key, statement(ALICE, "kms:*", Condition={operator: {"kms:tag/a": [value]}}))
    for operator in (
        "StringEqualsIfExists",
        "Null",
        "ForAnyValue:StringLike",
        "IpAddressIncludeBorder",
        "stringequals",
    ):
        wrong = policy(statement(ALICE, "kms:*", Condition={operator: {"kms:tag/a": "true"}}))
        assert client.refused("SetKeyPolicy", KeyId=key, Policy=wrong) == INVALID


GOOD = statement([ALICE], "kms:*")


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "nothing",
        "[]",
        '"text"',
        "{}",
        {"Version": "1"},
        {"Statement": [GOOD]},
        {**policy(GOOD), "Version": 1},
        {**policy(GOOD), "Version": "2"},
        policy(),
        {"Version": "1", "Statement": GOOD},
        {**policy(GOOD), "Id": "x"},
        policy("x"),
        policy({**GOOD, "Sid": "x" * 129}),
        policy({**GOOD, "Sid": 1}),
        policy({**GOOD, "Effect": "allow"}),
        policy({**GOOD, "Principal": "*"}),
        policy({**GOOD, "Principal": {}}),
        policy({**GOOD, "Principal": {"RAM": []}}),
        policy({**GOOD, "Principal": {"RAM": "*"}}),
        policy({**GOOD, "Principal": {"Service": ["ecs.aliyuncs.com"]}}),
        policy({**GOOD, "Principal": {"RAM": f"acs:ram::{ACCOUNT}:group/all"}}),
        policy({**GOOD, "Principal": {"RAM": "acs:ram::*:user/alice"}}),
        policy({**GOOD, "Action": []}),
        policy({**GOOD, "Action": "*"}),
        policy({**GOOD, "Action": ["kms:*", "ecs:Start"]}),
        policy({**GOOD, "Action": 1}),
        policy({**GOOD, "Resource": "acs:kms:*:*:key/*"}),
        policy({**GOOD, "Resource": []}),
        policy({**GOOD, "NotAction": "kms:Encrypt"}),
        policy({**GOOD, "NotResource": "*"}),
        policy({**GOOD, "NotPrincipal": {"RAM": ALICE}}),
        policy({**GOOD, "Condition": []}),
        policy({**GOOD, "Condition": {"IpAddress": {}}}),
        policy({**GOOD, "Condition": {"IpAddress": {"acs:SourceIp": []}}}),
        policy({**GOOD, "Condition": {"IpAddress": {"acs:SourceIp": "10.0.0.0/33"}}}),
        policy({**GOOD, "Condition": {"DateEquals": {"acs:CurrentTime": "2027-01-01"}}}),
        policy({**GOOD, "Condition": {"StringEquals": {"acs:SourceVpc": {"a": "b"}}}}),
        *(policy({name: value for name, value in GOOD.items() if name != left_out}) for left_out in GOOD),
        '{"Version":"1","Version":"1","Statement":[]}',
        "[" * 9000,
    ],
)
def test_documents_of_another_form_are_refused_and_nothing_changes(client: Client, wrong: object) -> None:
    key = client.key()
    expected = INVALID if wrong else (400, "MissingParameter")
    assert client.refused("SetKeyPolicy", KeyId=key, Policy=wrong) == expected
    assert read(client, key) == usual_policy("kms default key policy")
    if wrong:
        assert client.refused("CreateKey", DKMSInstanceId=SOFTWARE, Policy=wrong) == INVALID


def test_a_refusal_says_which_statement_and_why(client: Client) -> None:
    message = client.raw("SetKeyPolicy", KeyId=client.key(), Policy=policy(GOOD, {**GOOD, "Effect": "No"})).json()
    assert "statement 2: Effect is Allow or Deny" in message["Message"]


@pytest.mark.parametrize("principal", ["*", {"RAM": ["*"]}, {"RAM": [f"acs:ram::{ACCOUNT}:group/all"]},
                                       {"Service": ["ecs.aliyuncs.com"]}])  # fmt: skip
def test_a_switch_takes_principals_that_no_page_describes(client: Client, principal: object) -> None:
    key = client.key()
    client.set(access_undocumented_principals="without effect")
    write(client, key, {**GOOD, "Principal": principal})
    assert read(client, key)["Statement"][0]["Principal"] == principal


def test_sharing_with_more_accounts_than_bought_is_refused(client: Client, emulator: Emulator) -> None:
    plant(emulator, "instances", SOFTWARE, type="software", share_quota=1)
    one, two = client.key(), client.key()
    third = f"acs:ram::{OTHER[:-1]}8:user/x"
    used_up = (400, "Rejected.ShareQuotaExceedLimit")
    write(client, one, statement(f"acs:ram::{OTHER}:user/x", "kms:Encrypt"))
    write(client, two, statement(f"acs:ram::{OTHER}:role/y", "kms:Encrypt"))
    write(client, two, statement(third, "kms:Encrypt", Effect="Deny"))
    assert client.refused("SetKeyPolicy", KeyId=two, Policy=policy(statement(third, "kms:Encrypt"))) == used_up
    made = {"DKMSInstanceId": SOFTWARE, "Policy": policy(statement(third, "kms:Encrypt"))}
    assert client.refused("CreateKey", **made) == used_up
    write(client, one, GOOD)
    write(client, two, statement(third, "kms:Encrypt"))
    client.control("settings", {"quotas": False})
    write(client, one, statement(f"acs:ram::{OTHER}:user/x", "kms:Encrypt"))


@pytest.mark.parametrize(("kind", "done"), [("lost_before", False), ("lost_after_commit", True)])
def test_a_lost_answer_leaves_the_old_policy_or_the_new_one(client: Client, kind: str, done: bool) -> None:
    key = client.key()
    client.control("faults", {"kind": kind, "action": "SetKeyPolicy", "nth": 1})
    with pytest.raises(requests.ConnectionError):
        write(client, key, statement(ALICE, "kms:Encrypt"))
    assert (read(client, key) == policy(statement(ALICE, "kms:Encrypt"))) is done
    assert (read(client, key) == usual_policy("kms default key policy")) is not done


def test_policies_survive_a_restart(tmp_path: Path) -> None:
    wanted = policy(statement(ALICE, "kms:Encrypt", Sid="é"))
    key = ""
    for _ in range(2):
        emulator = Emulator(tmp_path, [CLOUD], load_seed(None))
        with EmulatorServer(emulator) as url:
            client = Client(url)
            key = key or client.key(Policy=wanted)
            assert read(client, key) == wanted
            client.session.close()
        emulator.close()


def test_policies_live_through_the_vendors_package(client: Client) -> None:
    sdk = Sdk(
        Config(access_key_id=KEY_ID, access_key_secret=SECRET, endpoint=client.host, protocol="http", region_id=REGION)
    )
    key = client.key()
    wanted = policy(statement([ALICE], "kms:Encrypt", "kms:Decrypt", Sid="a é"))
    sdk.set_key_policy(models.SetKeyPolicyRequest(key_id=key, policy=json.dumps(wanted), policy_name="default"))
    answer = sdk.get_key_policy(models.GetKeyPolicyRequest(key_id=key, policy_name="default"))
    assert json.loads(answer.body.policy) == wanted

    def code(call: Callable[[], object]) -> str:
        with pytest.raises(ClientException) as caught:
            call()
        return str(caught.value.code)

    plain = client.default_key()
    assert (
        code(lambda: sdk.get_key_policy(models.GetKeyPolicyRequest(key_id=plain))) == "Forbidden.KeyPolicyUnSupported"
    )
    broken = models.SetKeyPolicyRequest(key_id=key, policy="{}")
    assert code(lambda: sdk.set_key_policy(broken)) == "InvalidParameter"
