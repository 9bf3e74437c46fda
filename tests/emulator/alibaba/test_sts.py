"""The security token service: who may assume which role, how long a session lasts, and what it may do."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from kms_emulator.emulator import Emulator
from kms_emulator.store import Scope
from tests.emulator.alibaba.access_support import NO_PERMISSION, PARTNER, allow, attach, closed_key, detail, user
from tests.emulator.alibaba.support import ACCOUNT, KEY_ID, SECRET, Client, b64, policy, statement

PLAIN = b64(b"hello")
DEPLOYER = f"acs:ram::{ACCOUNT}:role/deployer"
PAYMENTS = f"acs:ram::{ACCOUNT}:role/payments"
READER = f"acs:ram::{ACCOUNT}:role/partner-reader"
REFUSED = (403, "NoPermission")


def tokens(client: Client) -> Client:
    """The same user at the token service."""
    return replace(client, version="2015-04-01")


def assume(client: Client, role: str, **parameters: object) -> dict[str, Any]:
    return tokens(client).call("AssumeRole", **{"RoleArn": role, "RoleSessionName": "ci-42", **parameters})


def session(client: Client, role: str, **parameters: object) -> Client:
    """A client that acts in a session of the role."""
    given = assume(client, role, **parameters)["Credentials"]
    return replace(client, key_id=given["AccessKeyId"], secret=given["AccessKeySecret"], token=given["SecurityToken"])


@pytest.fixture
def users(client: Client) -> Iterator[dict[str, Client]]:
    client.set(enforce_access=True)
    with ExitStack() as stack:
        names = ("root", "payments", "newcomer", "partner-app", "partner-newcomer")
        yield {name: stack.enter_context(user(client, name)) for name in names}


def test_a_session_is_told_as_the_vendor_tells_it(client: Client) -> None:
    client.control("clock", {"set": 1711360800})
    answer = assume(client, DEPLOYER)
    assert answer["AssumedRoleUser"] == {"Arn": f"{DEPLOYER}/ci-42", "AssumedRoleId": "300000000000000001:ci-42"}
    assert answer["Credentials"]["Expiration"] == "2024-03-25T11:00:00Z"
    assert answer["Credentials"]["AccessKeyId"].startswith("STS.")
    assert set(answer) == {"RequestId", "Credentials", "AssumedRoleUser"}


def test_both_signatures_work_and_the_old_one_answers_xml_under_its_own_root(client: Client) -> None:
    sts = tokens(client)
    given: dict[str, Any] = {"RoleArn": DEPLOYER, "RoleSessionName": "ci-42"}
    assert sts.rpc("AssumeRole", method="GET", **given).json()["Credentials"]["SecurityToken"]
    answer = Xml.fromstring(sts.rpc("AssumeRole", changed={"Format": "XML"}, **given).text)
    assert (answer.tag, answer.findtext("AssumedRoleUser/Arn")) == ("AssumeRoleResponse", f"{DEPLOYER}/ci-42")
    refused = Xml.fromstring(sts.rpc("AssumeRole", changed={"Format": "XML"}).text)
    assert (refused.tag, refused.findtext("Code")) == ("Error", "MissingRoleArn")
    acting = session(client, DEPLOYER)
    assert acting.call("ListKeys")["TotalCount"] == 0
    signed = {"AccessKeyId": acting.key_id, "SecurityToken": acting.token}
    assert acting.rpc("ListKeys", changed=signed).json()["TotalCount"] == 0


def test_a_session_ends_by_the_emulated_clock(client: Client) -> None:
    acting = session(client, DEPLOYER, DurationSeconds=900)
    client.advance(899)
    assert acting.call("ListKeys")
    client.advance(2)
    assert acting.refused("ListKeys") == (400, "InvalidSecurityToken.Expired")
    assert tokens(acting).refused("GetCallerIdentity") == (400, "InvalidSecurityToken.Expired")
    assert client.call("ListKeys")


def test_a_long_ended_session_is_forgotten_when_a_new_one_is_made(client: Client) -> None:
    acting = session(client, DEPLOYER)
    client.advance(2 * 86400)
    session(client, DEPLOYER)
    assert acting.refused("ListKeys") == (404, "InvalidAccessKeyId.NotFound")


def test_a_session_needs_its_token_and_its_secret(client: Client) -> None:
    acting = session(client, DEPLOYER)
    mismatch = (400, "InvalidSecurityToken.MismatchWithAccessKey")
    assert replace(acting, token="").refused("ListKeys") == mismatch
    assert replace(acting, token="other").refused("ListKeys") == mismatch
    assert replace(acting, secret="other").refused("ListKeys") == (400, "IncompleteSignature")
    unknown = acting.key_id[:-1] + ("a" if acting.key_id[-1] != "a" else "b")
    assert replace(acting, key_id=unknown).refused("ListKeys") == (404, "InvalidAccessKeyId.NotFound")
    nobody = f"STS.N9999999999999999x{'a' * 16}"
    assert replace(acting, key_id=nobody).refused("ListKeys") == (404, "InvalidAccessKeyId.NotFound")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"RoleArn": ""}, "MissingRoleArn"), ({"RoleSessionName": ""}, "MissingRoleSessionName"),
        ({"RoleArn": "deployer"}, "InvalidParameter.RoleArn"),
        ({"RoleArn": f"acs:ram::{ACCOUNT}:user/alice"}, "InvalidParameter.RoleArn"),
        ({"RoleSessionName": "x"}, "InvalidParameter.RoleSessionName"),
        ({"RoleSessionName": "a b"}, "InvalidParameter.RoleSessionName"),
        ({"DurationSeconds": 899}, "InvalidParameter.DurationSeconds"),
        ({"DurationSeconds": 7201}, "InvalidParameter.DurationSeconds"),
        ({"DurationSeconds": "long"}, "InvalidParameter.DurationSeconds"),
        ({"Policy": "{}"}, "InvalidParameter.PolicyGrammar"), ({"Policy": "x"}, "InvalidParameter.PolicyGrammar"),
        ({"Policy": policy({"Effect": "Allow", "Action": "*"})}, "InvalidParameter.PolicyGrammar"),
        ({"Policy": policy({**allow("*"), "Principal": "*"})}, "InvalidParameter.PolicyGrammar"),
        ({"Policy": "x" * 1025}, "InvalidParameter.PolicySize"),
    ],
)  # fmt: skip
def test_values_that_cannot_be_are_refused(client: Client, changed: dict[str, object], code: str) -> None:
    given = {"RoleArn": DEPLOYER, "RoleSessionName": "ci-42", **changed}
    assert tokens(client).refused("AssumeRole", **given) == (400, code)


def test_a_session_lasts_as_long_as_its_role_allows(client: Client) -> None:
    client.control("clock", {"set": 1711360800})
    assert assume(client, DEPLOYER, DurationSeconds=7200)["Credentials"]["Expiration"] == "2024-03-25T12:00:00Z"


def test_roles_that_do_not_exist_are_not_found(client: Client) -> None:
    for role in (f"acs:ram::{ACCOUNT}:role/none", "acs:ram::9999999999999999:role/deployer"):
        refused = tokens(client).refused("AssumeRole", RoleArn=role, RoleSessionName="ci-42")
        assert refused == (404, "EntityNotExist.Role")


def test_unknown_actions_and_parameters_of_the_token_service(client: Client) -> None:
    assert tokens(client).refused("GenerateSessionAccessKey") == (404, "InvalidAction.NotFound")
    assert client.refused("AssumeRole") == (404, "InvalidAction.NotFound")
    client.control("settings", {"strict": True})
    assert tokens(client).refused("GetCallerIdentity", Who="me") == (400, "InvalidParameter")


def test_the_account_itself_cannot_assume_a_role(users: dict[str, Client]) -> None:
    response = tokens(users["root"]).raw("AssumeRole", RoleArn=DEPLOYER, RoleSessionName="ci-42")
    assert (response.status_code, response.json()["Code"]) == REFUSED
    assert response.json()["Message"] == "Roles may not be assumed by root accounts."


def test_a_role_must_trust_the_caller_whether_access_is_enforced_or_not(client: Client) -> None:
    for on in (True, False):
        client.set(enforce_access=on)
        assert tokens(client).refused("AssumeRole", RoleArn=PAYMENTS, RoleSessionName="ci-42") == REFUSED


def test_a_caller_needs_permission_of_its_own(client: Client, users: dict[str, Client], emulator: Emulator) -> None:
    given = {"RoleArn": DEPLOYER, "RoleSessionName": "ci-42"}
    newcomer = users["newcomer"]
    assert tokens(newcomer).refused("AssumeRole", **given) == REFUSED
    attach(emulator, "newcomer", allow("sts:*", PAYMENTS))
    assert tokens(newcomer).refused("AssumeRole", **given) == REFUSED
    attach(emulator, "newcomer", allow("sts:AssumeRole", f"acs:ram::{ACCOUNT}:role/dep*"))
    assert tokens(newcomer).call("AssumeRole", **given)
    attach(emulator, "newcomer", allow("sts:AssumeRole"), allow("sts:*", DEPLOYER, effect="Deny"))
    assert tokens(newcomer).refused("AssumeRole", **given) == REFUSED
    client.set(enforce_access=False)
    assert tokens(newcomer).call("AssumeRole", **given)


def test_a_session_has_the_permissions_of_its_role_and_not_of_its_user(
    client: Client, users: dict[str, Client]
) -> None:
    key = closed_key(client, statement(f"acs:ram::{ACCOUNT}:user/payments-app", "kms:DescribeKey"))
    payments = users["payments"]
    acting = session(payments, DEPLOYER)
    assert payments.state(key) == "Enabled"
    assert payments.refused("DisableKey", KeyId=key) == NO_PERMISSION
    acting.call("DisableKey", KeyId=key)
    limited = session(payments, PAYMENTS)
    assert limited.refused("DescribeKey", KeyId=key) == NO_PERMISSION
    assert detail(limited, "DescribeKey", KeyId=key)["AuthPrincipalType"] == "AssumedRoleUser"


def test_a_key_policy_names_a_role_and_not_its_sessions(client: Client, users: dict[str, Client]) -> None:
    key = closed_key(client, statement(PAYMENTS, "kms:DescribeKey"))
    assert session(users["payments"], PAYMENTS).state(key) == "Enabled"
    client.call("SetKeyPolicy", KeyId=key, Policy=policy(statement(f"{PAYMENTS}/ci-42", "kms:DescribeKey")))
    assert session(users["payments"], PAYMENTS).refused("DescribeKey", KeyId=key) == NO_PERMISSION


def test_a_session_policy_takes_away(client: Client, users: dict[str, Client]) -> None:
    key = client.key()
    acting = session(client, DEPLOYER, Policy=policy(allow("kms:Describe*")))
    assert acting.state(key) == "Enabled"
    assert acting.refused("DisableKey", KeyId=key) == NO_PERMISSION
    client.set(access_session_policy="limits RAM")
    acting.call("DisableKey", KeyId=key)
    assert acting.refused("ListKeys") == NO_PERMISSION


def test_a_role_of_another_account_administers_there(client: Client, users: dict[str, Client], emulator: Emulator
                                                     ) -> None:  # fmt: skip
    key = closed_key(client)
    partner = users["partner-app"]
    acting = session(partner, READER)
    assert acting.state(key) == "Enabled"
    assert acting.refused("DisableKey", KeyId=key) == NO_PERMISSION
    given = {"RoleArn": READER, "RoleSessionName": "ci-42"}
    assert tokens(users["partner-newcomer"]).refused("AssumeRole", **given) == REFUSED
    assert tokens(client).refused("AssumeRole", **given) == REFUSED


def test_a_role_of_the_partner_uses_a_shared_key(client: Client, users: dict[str, Client]) -> None:
    role = f"acs:ram::{PARTNER}:role/partner-role"
    key = closed_key(client, statement(role, "kms:*"))
    acting = session(users["partner-app"], role)
    arn = client.meta(key)["Arn"]
    assert acting.call("Encrypt", KeyId=arn, Plaintext=PLAIN)
    assert acting.refused("DisableKey", KeyId=arn) == NO_PERMISSION
    assert users["partner-app"].refused("Encrypt", KeyId=arn, Plaintext=PLAIN) == NO_PERMISSION


def test_a_session_assumes_a_further_role(client: Client, users: dict[str, Client], emulator: Emulator) -> None:
    with emulator.store.transaction("alibaba") as store:
        roles = store.collection("ram-roles", Scope(ACCOUNT))
        document = roles.get("payments")
        assert document is not None
        trusting = policy(statement(DEPLOYER, "sts:AssumeRole"))
        roles.put("payments", {**document, "trust": trusting})
        deployer = roles.get("deployer")
        assert deployer is not None
        roles.put("deployer", {**deployer, "policies": ["AliyunSTSAssumeRoleAccess"]})
    second = session(session(client, DEPLOYER), PAYMENTS)
    told = tokens(second).call("GetCallerIdentity")
    assert told["Arn"] == f"acs:ram::{ACCOUNT}:assumed-role/payments/ci-42"


def test_a_deleted_role_leaves_its_sessions_without_permissions(client: Client, users: dict[str, Client],
                                                                emulator: Emulator) -> None:  # fmt: skip
    acting = session(client, DEPLOYER)
    with emulator.store.transaction("alibaba") as store:
        store.collection("ram-roles", Scope(ACCOUNT)).delete("deployer")
    assert acting.refused("ListKeys") == NO_PERMISSION


def test_callers_learn_who_they_are(client: Client, users: dict[str, Client]) -> None:
    root = tokens(users["root"]).call("GetCallerIdentity")
    assert (root["IdentityType"], root["Arn"]) == ("Account", f"acs:ram::{ACCOUNT}:root")
    own = tokens(client).call("GetCallerIdentity")
    assert (own["IdentityType"], own["Arn"], own["UserId"], own["AccountId"]) == (
        "RAMUser", f"acs:ram::{ACCOUNT}:user/kms-operator", "200000000000000002", ACCOUNT,
    )  # fmt: skip
    acting = tokens(session(client, DEPLOYER)).call("GetCallerIdentity")
    assert (acting["IdentityType"], acting["RoleId"], acting["PrincipalId"]) == (
        "AssumedRoleUser", "300000000000000001", "300000000000000001:ci-42",
    )  # fmt: skip


def test_secrets_of_sessions_stay_out_of_the_journal(client: Client) -> None:
    acting = session(client, DEPLOYER)
    acting.call("ListKeys")
    entries = client.session.get(f"{client.url}/_emulator/journal", timeout=10).json()["entries"]
    assert entries[-1]["account"] == ACCOUNT
    assert acting.secret not in json.dumps(entries)
    assert acting.token not in json.dumps(entries)
    assert (client.key_id, client.secret) == (KEY_ID, SECRET)
