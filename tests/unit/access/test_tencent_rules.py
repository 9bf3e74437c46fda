"""Tencent Cloud, rule by rule: one table of cases for every row of what the vendor says, infers or leaves open."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from kms_resources.access.clouds import evaluate, parse
from kms_resources.access.tencent.actions import RULES
from kms_resources.access.words import (
    Document,
    DocumentKind,
    Mark,
    Principal,
    PrincipalKind,
    Request,
    Resource,
    ResourceKind,
    World,
    parse_principal,
)

OWN, OTHER, ALICE = "100000000001", "100000000002", "100000000011"
ID = "11111111-2222-3333-4444-555555555555"
KEY = Resource(ResourceKind.KEY, OWN, "ap-guangzhou", ID, ALICE, tags={"team": "pay"})
TWO_TAGS = Resource(ResourceKind.KEY, OWN, "ap-guangzhou", ID, ALICE, tags={"team": "pay", "stage": "prod"})
CONTAINER = Resource(ResourceKind.CONTAINER, OWN, "ap-guangzhou")
HEAD = f"qcs::kms:ap-guangzhou:uin/{OWN}:"
PATH = f"key/creatorUin/{ALICE}/{ID}"
DECRYPT = "kms:Decrypt"


class Case(NamedTuple):
    rule: str
    mark: Mark
    statements: Any
    expected: bool | None
    action: str = DECRYPT
    asks: str = "user/alice"
    resource: Resource = KEY
    attributes: dict[str, str] = {}  # noqa: RUF012  (never changed)
    open_rule: str = ""


def allow(action: Any = DECRYPT, resource: Any = "*", condition: Any = None) -> dict[str, Any]:
    made = {"effect": "allow", "action": action, "resource": resource}
    return {**made, "condition": condition} if condition else made


def deny(action: Any = DECRYPT, resource: Any = "*", condition: Any = None) -> dict[str, Any]:
    return {**allow(action, resource, condition), "effect": "deny"}


V, I, O = Mark.VENDOR, Mark.INFERRED, Mark.OPEN  # noqa: E741
IP = {"ip_equal": {"qcs:ip": "10.0.0.0/8"}}
NOT_IP = {"ip_not_equal": {"qcs:ip": ["10.0.0.0/8", "192.168.0.0/16"]}}


def tag(*pairs: str, name: str = "for_any_value:string_equal") -> dict[str, Any]:
    return {name: {"qcs:resource_tag": list(pairs)}}


CASES = [
    Case("deny beats allow", V, [allow("kms:*"), deny()], False),
    Case("default refuse", V, [allow("kms:Encrypt")], False),
    Case("the main account has everything", V, [deny("kms:*")], True, asks="account"),
    Case("no access across main accounts", V, [allow()], False, asks=f"{OTHER}:user/alice"),
    Case("name/kms:X equals kms:X", V, [allow("name/kms:Decrypt")], True),
    Case("a star as action", V, [allow("*")], True),
    Case("*:* as action", V, [allow("*:*")], True),
    Case("wildcards inside a name", V, [allow("kms:De*t")], True),
    Case("another service", V, [allow("cvm:*")], False),
    Case("names of API 2.0 are other actions", V, [allow("kms:GetKeyAttributes")], False, "kms:DescribeKey"),
    Case("one object as statement", V, allow(), True),
    Case("the case of actions is open", O, [allow("kms:decrypt")], None, open_rule="tencent.action-case"),
    Case("CreateKey on a star", V, [allow("kms:CreateKey")], True, "kms:CreateKey", resource=CONTAINER),
    Case("CreateKey on key/*", I, [allow("kms:*", f"{HEAD}key/*")], True, "kms:CreateKey", resource=CONTAINER),
    Case(
        "operation level is not touched by a single key",
        V,
        [allow("kms:*", f"{HEAD}{PATH}")],
        False,
        "kms:CreateKey",
        resource=CONTAINER,
    ),
    Case(
        "the same for deny",
        I,
        [allow("kms:*"), deny("kms:*", f"{HEAD}{PATH}")],
        True,
        "kms:CreateKey",
        resource=CONTAINER,
    ),
    Case("the full path", V, [allow(resource=f"{HEAD}{PATH}")], True),
    Case("the creator is part of the path", V, [allow(resource=f"{HEAD}key/creatorUin/{OWN}/{ID}")], False),
    Case("a star in the path", V, [allow(resource=f"{HEAD}key/creatorUin/{ALICE}/*")], True),
    Case("empty region, account and service", V, [allow(resource=f"qcs:::::{PATH}")], True),
    Case("another region", V, [allow(resource=f"qcs::kms:ap-shanghai::{PATH}")], False),
    Case("another account opens nothing", V, [allow(resource=f"qcs::kms::uin/{OTHER}:{PATH}")], False),
    Case("gz as region is open", O, [allow(resource=f"qcs::kms:gz::{PATH}")], None, open_rule="tencent.region-forms"),
    Case(
        "a star as region is open", O, [allow(resource=f"qcs::kms:*::{PATH}")], None, open_rule="tencent.region-forms"
    ),
    Case(
        "a star as account is open",
        O,
        [allow(resource=f"qcs::kms::uin/*:{PATH}")],
        None,
        open_rule="tencent.account-wildcard",
    ),
    Case("a project is open", O, [allow(resource=f"qcs:id/7:kms:::{PATH}")], None, open_rule="tencent.project"),
    Case(
        "a directory without a star is open",
        O,
        [allow(resource=f"{HEAD}key/creatorUin/{ALICE}/")],
        None,
        open_rule="tencent.directory",
    ),
    Case(
        "blocks are joined by and",
        V,
        [allow(condition={**IP, "string_equal": {"vpc:x": "a"}})],
        False,
        attributes={"source_ip": "10.1.1.1", "vpc:x": "b"},
    ),
    Case(
        "values are alternatives",
        V,
        [allow(condition={"string_equal": {"vpc:x": ["a", "b"]}})],
        True,
        attributes={"vpc:x": "b"},
    ),
    Case("if_exist holds without the key", V, [allow(condition={"ip_equal_if_exist": {"qcs:ip": "10.0.0.0/8"}})], True),
    Case(
        "if_exist still tests",
        V,
        [allow(condition={"ip_equal_if_exist": {"qcs:ip": "10.0.0.0/8"}})],
        False,
        attributes={"source_ip": "192.0.2.1"},
    ),
    Case("negated: no value may fit", I, [allow(condition=NOT_IP)], False, attributes={"source_ip": "192.168.1.1"}),
    Case("negated: another address passes", I, [allow(condition=NOT_IP)], True, attributes={"source_ip": "192.0.2.1"}),
    Case(
        "an absent key under a negated test is open",
        O,
        [allow(condition=NOT_IP)],
        None,
        open_rule="tencent.absent-negated",
    ),
    Case(
        "blocks with host bits",
        V,
        [allow(condition={"ip_equal": {"qcs:ip": "10.217.182.3/24"}})],
        True,
        attributes={"source_ip": "10.217.182.99"},
    ),
    Case("the first address of a block", V, [allow(condition=IP)], True, attributes={"source_ip": "10.0.0.0"}),
    Case(
        "dates with a blank, UTC",
        V,
        [allow(condition={"date_less_than": {"qcs:current_time": "2030-01-01 00:00:00"}})],
        True,
        attributes={"time": "2029-12-31T23:59:59Z"},
    ),
    Case(
        "dates with T and Z",
        V,
        [allow(condition={"date_less_than": {"qcs:current_time": "2030-01-01T00:00:00Z"}})],
        False,
        attributes={"time": "2030-01-01T00:00:00Z"},
    ),
    Case("null_equal asks for absence", V, [allow(condition={"null_equal": {"vpc:x": "true"}})], True),
    Case("tags with for_any_value", V, [allow(condition=tag("team&web", "team&pay"))], True),
    Case("tags that do not fit", V, [allow(condition=tag("team&web"))], False),
    Case("one tag without for_any_value", I, [allow(condition=tag("team&pay", name="string_equal"))], True),
    Case(
        "several tags without for_any_value are open",
        O,
        [allow(condition=tag("team&pay", name="string_equal"))],
        None,
        resource=TWO_TAGS,
        open_rule="tencent.tags-without-any",
    ),
    Case("${uin} in the last segment", V, [allow(resource=f"{HEAD}key/creatorUin/${{uin}}/*")], True),
    Case("${uin} of somebody else", V, [allow(resource=f"{HEAD}key/creatorUin/${{uin}}/*")], False, asks="user/bob"),
    Case("${owner_uin}", V, [allow(resource=f"{HEAD}key/creatorUin/${{owner_uin}}/*")], False),
    Case(
        "${uin} in values",
        V,
        [allow(condition={"string_equal": {"vpc:x": "${uin}"}})],
        True,
        attributes={"vpc:x": ALICE},
    ),
    Case(
        "${uin} of a role is open",
        O,
        [allow(resource=f"{HEAD}key/creatorUin/${{uin}}/*")],
        None,
        asks="role/ops",
        open_rule=f"outside:resource {HEAD}key/creatorUin/${{uin}}/*",
    ),
    Case(
        "${app_id} is open",
        O,
        [allow(condition={"string_equal": {"vpc:x": "${app_id}"}})],
        None,
        attributes={"vpc:x": "1"},
        open_rule="outside:vpc:x is ${app_id}",
    ),
    Case(
        "BindCloudResource has no address condition",
        V,
        [allow("kms:*", condition=IP)],
        False,
        "kms:BindCloudResource",
        attributes={"source_ip": "10.1.1.1"},
    ),
    Case(
        "for_all_value is outside the fragment",
        V,
        [allow(condition=tag("team&pay", name="for_all_value:string_equal"))],
        None,
        open_rule='outside:{"for_all_value:string_equal":{"qcs:resource_tag":["team&pay"]}}',
    ),
    Case("policies are changed in CAM", V, [allow("cam:*")], True, "cam:AttachUserPolicy", resource=CONTAINER),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.mark}: {case.rule}")
def test_the_evaluator_follows_the_rule(case: Case) -> None:
    body = {"version": "2.0", "statement": case.statements}
    document = Document(DocumentKind.IDENTITY_POLICY, body, "p", ("user/alice", "user/bob", "role/ops"))
    world = World("tencent", OWN, case.resource, (document,), numbers={"alice": ALICE, "bob": "100000000012"})
    verdict = evaluate(world, Request(parse_principal(case.asks, OWN), case.action, case.resource, case.attributes))
    assert verdict.allowed is case.expected, verdict
    if case.open_rule:
        assert verdict.open_rules == (case.open_rule,)


def test_a_user_has_its_own_policies_and_those_of_its_groups_a_role_only_its_own() -> None:
    document = Document(DocumentKind.IDENTITY_POLICY, {"version": "2.0", "statement": allow()}, "p", ("group/dev",))
    world = World("tencent", OWN, KEY, (document,), {"dev": ("alice",)})
    answers = {
        name: evaluate(world, Request(parse_principal(name, OWN), DECRYPT, KEY)).allowed
        for name in ("user/alice", "user/bob", "role/alice")
    }
    assert answers == {"user/alice": True, "user/bob": False, "role/alice": False}


def test_membership_of_a_group_that_the_world_does_not_know_is_the_requests_to_say() -> None:
    document = Document(DocumentKind.IDENTITY_POLICY, {"version": "2.0", "statement": allow()}, "p", ("group/dev",))
    world = World("tencent", OWN, KEY, (document,))
    member = Principal(PrincipalKind.USER, OWN, "carol", ("dev",))
    assert evaluate(world, Request(member, DECRYPT, KEY)).allowed is True
    assert evaluate(world, Request(member.plain, DECRYPT, KEY)).allowed is False


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"version": "1", "statement": allow()}, "version"),
        ({"version": "2.0", "statement": []}, "statement"),
        ({"version": "2.0", "statement": {**allow(), "effect": "Allow"}}, "statement[0].effect"),
        ({"version": "2.0", "statement": {**allow(), "Action": "kms:*"}}, "statement[0].Action"),
        ({"version": "2.0", "statement": {**allow(), "principal": {"qcs": "*"}}}, "statement[0].principal"),
        ({"version": "2.0", "statement": allow(resource="key/*")}, "statement[0].resource[0]"),
        ({"version": "2.0", "statement": allow("Decrypt")}, "statement[0].action[0]"),
        (
            {"version": "2.0", "statement": allow(condition=tag("team"))},
            "statement[0].condition.for_any_value:string_equal.qcs:resource_tag",
        ),
        ({"version": "2.0", "statement": allow(["kms:Decrypt"] * 600)}, ""),
    ],
)
def test_a_document_that_the_cloud_refuses_is_refused_with_its_place(body: dict[str, Any], path: str) -> None:
    problems = parse("tencent", Document(DocumentKind.IDENTITY_POLICY, body)).problems
    assert [path] == [problem.path for problem in problems if problem.fatal]


def test_every_open_rule_is_met_by_a_case() -> None:
    named_in_variables = {"tencent.app-id", "tencent.role-uin", "tencent.unknown-uin"}
    assert set(RULES) <= {case.open_rule for case in CASES} | named_in_variables
