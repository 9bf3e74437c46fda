"""Alibaba Cloud, rule by rule: one table of cases for every row of what the vendor says, infers or leaves open."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from kms_resources.access.alibaba.actions import KEY_USER, RULES, SECRET_USER
from kms_resources.access.clouds import evaluate, parse
from kms_resources.access.words import (
    Document,
    DocumentKind,
    Mark,
    Request,
    Resource,
    ResourceKind,
    World,
    parse_principal,
)
from kms_resources.errors import InputError

OWN, AWAY = "1000000000000001", "2000000000000002"
KEY = Resource(ResourceKind.KEY, OWN, "cn-hangzhou", "key-hzz0001", instance="kst-hzz0001", tags={"team": "pay"})
CONTAINER = Resource(ResourceKind.CONTAINER, OWN, "cn-hangzhou")
ALICE = f"acs:ram::{OWN}:user/alice"
EVERYBODY = f"acs:ram::{OWN}:*"
EVE = f"acs:ram::{AWAY}:user/eve"
ANY_KEY = "acs:kms:*:*:key/*"

Statement = dict[str, Any]


def allow(who: Any, actions: Any, condition: Any = None, **more: Any) -> Statement:
    made = {"Effect": "Allow", "Principal": {"RAM": who}, "Action": actions, "Resource": "*", **more}
    return {**made, "Condition": condition} if condition else made


def deny(who: Any, actions: Any, condition: Any = None, **more: Any) -> Statement:
    return {**allow(who, actions, condition), "Effect": "Deny", **more}


def ram(
    actions: Any,
    resource: Any = ANY_KEY,
    *,
    effect: str = "Allow",
    to: str = "user/alice",
    account: str = "",
    condition: Any = None,
    **more: Any,
) -> Document:
    one = {"Effect": effect, "Action": actions, "Resource": resource, **more}
    one = {name: value for name, value in one.items() if value is not None}
    body = {"Version": "1", "Statement": [{**one, "Condition": condition} if condition else one]}
    return Document(DocumentKind.IDENTITY_POLICY, body, "ram", (to,), account)


class Case(NamedTuple):
    rule: str
    mark: Mark
    policy: list[Statement]
    others: tuple[Document, ...]
    asks: str
    action: str
    expected: bool | None
    attributes: dict[str, str] = {}  # noqa: RUF012  (never changed)
    resource: Resource = KEY
    open_rule: str = ""


V, I, O = Mark.VENDOR, Mark.INFERRED, Mark.OPEN  # noqa: E741
DECRYPT = "kms:Decrypt"


def ip(block: str, name: str = "IpAddress") -> dict[str, Any]:
    return {name: {"acs:SourceIp": block}}


CASES = [
    Case(
        "an explicit deny in the key policy is final",
        V,
        [deny(ALICE, DECRYPT)],
        (ram("kms:*"),),
        "user/alice",
        DECRYPT,
        False,
    ),
    Case(
        "an explicit deny in RAM is final",
        V,
        [allow(ALICE, "kms:*")],
        (ram(DECRYPT, effect="Deny"),),
        "user/alice",
        DECRYPT,
        False,
    ),
    Case("nothing allows: refused", V, [allow(EVERYBODY, "kms:Encrypt")], (), "user/alice", DECRYPT, False),
    Case("owner account: the key policy is enough", V, [allow(ALICE, DECRYPT)], (), "user/alice", DECRYPT, True),
    Case(
        "owner account: RAM is enough",
        V,
        [allow(EVERYBODY, "kms:Encrypt")],
        (ram(DECRYPT),),
        "user/alice",
        DECRYPT,
        True,
    ),
    Case(
        "other account: the key policy alone is not enough",
        V,
        [allow(EVE, DECRYPT)],
        (ram("kms:Encrypt", to="user/eve", account=AWAY),),
        f"{AWAY}:user/eve",
        DECRYPT,
        False,
    ),
    Case(
        "other account: RAM there alone is not enough",
        V,
        [allow(ALICE, DECRYPT)],
        (ram(DECRYPT, to="user/eve", account=AWAY),),
        f"{AWAY}:user/eve",
        DECRYPT,
        False,
    ),
    Case(
        "other account: both are enough",
        V,
        [allow(EVE, DECRYPT)],
        (ram(DECRYPT, to="user/eve", account=AWAY),),
        f"{AWAY}:user/eve",
        DECRYPT,
        True,
    ),
    Case(
        "other account without documents can allow it to itself",
        I,
        [allow(EVE, DECRYPT)],
        (),
        f"{AWAY}:user/eve",
        DECRYPT,
        True,
    ),
    Case(
        "other accounts never administer",
        V,
        [allow(EVE, "kms:SetKeyPolicy")],
        (),
        f"{AWAY}:user/eve",
        "kms:SetKeyPolicy",
        False,
    ),
    Case("a foreign kms:* gives use", I, [allow(EVE, "kms:*")], (), f"{AWAY}:user/eve", DECRYPT, True),
    Case(
        "a foreign kms:* gives no administration",
        I,
        [allow(EVE, "kms:*")],
        (),
        f"{AWAY}:user/eve",
        "kms:DisableKey",
        False,
    ),
    Case("a principal may be a text", V, [allow(ALICE, [DECRYPT])], (), "user/alice", DECRYPT, True),
    Case("a star is any run in actions", V, [allow(ALICE, "kms:De*")], (), "user/alice", DECRYPT, True),
    Case("a question mark is one character", V, [allow(ALICE, "kms:D?crypt")], (), "user/alice", DECRYPT, True),
    Case(
        "a star inside a principal's name",
        I,
        [allow(f"acs:ram::{OWN}:user/al*", DECRYPT)],
        (),
        "user/alice",
        DECRYPT,
        True,
    ),
    Case(
        "RAM actions ignore case",
        V,
        [allow(EVERYBODY, "kms:Encrypt")],
        (ram("KMS:decrypt"),),
        "user/alice",
        DECRYPT,
        True,
    ),
    Case(
        "key policy actions: case is open",
        O,
        [allow(ALICE, "kms:decrypt")],
        (),
        "user/alice",
        DECRYPT,
        None,
        open_rule="alibaba.action-case",
    ),
    Case(":* is the whole account", V, [allow(EVERYBODY, DECRYPT)], (), "role/any", DECRYPT, True),
    Case(":root is the same", V, [allow(f"acs:ram::{OWN}:root", DECRYPT)], (), "user/alice", DECRYPT, True),
    Case("a role is named by role/", V, [allow(f"acs:ram::{OWN}:role/ops", DECRYPT)], (), "role/ops", DECRYPT, True),
    Case(
        "a user is not a role of that name",
        V,
        [allow(f"acs:ram::{OWN}:role/ops", DECRYPT)],
        (),
        "user/ops",
        DECRYPT,
        False,
    ),
    Case("a whole other account", I, [allow(f"acs:ram::{AWAY}:*", DECRYPT)], (), f"{AWAY}:role/x", DECRYPT, True),
    Case(
        "a bare star is open",
        O,
        [allow("*", DECRYPT)],
        (),
        "3000000000000003:user/x",
        DECRYPT,
        None,
        open_rule="alibaba.principal-everyone",
    ),
    Case(
        "an action beyond the list is open",
        O,
        [allow(ALICE, "kms:AsymmetricSign")],
        (),
        "user/alice",
        "kms:AsymmetricSign",
        None,
        open_rule="alibaba.unlisted-action",
    ),
    Case(
        "kms:* covers actions beyond the list", V, [allow(ALICE, "kms:*")], (), "user/alice", "kms:AsymmetricSign", True
    ),
    Case(
        "RAM has NotAction",
        V,
        [allow(EVERYBODY, "kms:Encrypt")],
        (ram(None, NotAction="kms:Delete*"),),
        "user/alice",
        DECRYPT,
        True,
    ),
    Case(
        "RAM's NotAction leaves out what it names",
        V,
        [allow(EVERYBODY, "kms:Encrypt")],
        (ram(None, NotAction="kms:De*"),),
        "user/alice",
        DECRYPT,
        False,
    ),
    Case(
        "NotResource is open",
        O,
        [allow(EVERYBODY, "kms:Encrypt")],
        (ram(DECRYPT, None, NotResource="acs:kms:*:*:key/other"),),
        "user/alice",
        DECRYPT,
        None,
        open_rule="alibaba.not-forms",
    ),
    Case(
        "NotAction in a key policy is open",
        O,
        [{**allow(ALICE, []), "NotAction": "kms:De*", "Action": None}],
        (),
        "user/alice",
        "kms:Encrypt",
        None,
        open_rule="alibaba.not-forms",
    ),
    Case(
        "operators are joined by and",
        V,
        [allow(ALICE, DECRYPT, {**ip("10.0.0.0/8"), "Bool": {"acs:MFAPresent": "true"}})],
        (),
        "user/alice",
        DECRYPT,
        False,
        {"source_ip": "10.1.1.1", "mfa": "false"},
    ),
    Case(
        "values are alternatives",
        V,
        [allow(ALICE, DECRYPT, {"StringEquals": {"acs:SourceVpc": ["vpc-a", "vpc-b"]}})],
        (),
        "user/alice",
        DECRYPT,
        True,
        {"vpc": "vpc-b"},
    ),
    Case(
        "negated: no value may fit",
        I,
        [allow(ALICE, DECRYPT, {"StringNotEquals": {"acs:SourceVpc": ["vpc-a", "vpc-b"]}})],
        (),
        "user/alice",
        DECRYPT,
        False,
        {"vpc": "vpc-b"},
    ),
    Case(
        "negated: another value passes",
        I,
        [allow(ALICE, DECRYPT, {"StringNotEquals": {"acs:SourceVpc": ["vpc-a", "vpc-b"]}})],
        (),
        "user/alice",
        DECRYPT,
        True,
        {"vpc": "vpc-c"},
    ),
    Case(
        "an absent key fails a positive test",
        I,
        [allow(ALICE, DECRYPT, ip("10.0.0.0/8"))],
        (),
        "user/alice",
        DECRYPT,
        False,
    ),
    Case(
        "an absent key under a negated test is open",
        O,
        [allow(ALICE, DECRYPT, ip("10.0.0.0/8", "NotIpAddress"))],
        (),
        "user/alice",
        DECRYPT,
        None,
        open_rule="alibaba.absent-negated",
    ),
    Case(
        "IfExists is not there: outside the fragment",
        V,
        [allow(ALICE, DECRYPT, {"StringEqualsIfExists": {"acs:SourceVpc": "vpc-a"}})],
        (),
        "user/alice",
        DECRYPT,
        None,
        {"vpc": "vpc-a"},
        open_rule='outside:{"StringEqualsIfExists":{"acs:SourceVpc":["vpc-a"]}}',
    ),
    *(
        Case(
            f"a {'star' if '*' in value else 'question mark'} under {name} is open",
            O,
            [allow(ALICE, DECRYPT, {name: {"acs:SourceVpc": value}})],
            (),
            "user/alice",
            DECRYPT,
            None,
            {"vpc": "vpc-a"},
            open_rule="alibaba.wildcard-in-equals",
        )
        for name, value in (
            ("StringEquals", "vpc-*"),
            ("StringEquals", "vpc-?"),
            ("StringNotEquals", "vpc-*"),
            ("StringEqualsIgnoreCase", "VPC-*"),
            ("StringNotEqualsIgnoreCase", "VPC-?"),
        )
    ),
    *(
        Case(
            f"a star under {name} takes the text itself in either reading",
            O,
            [allow(ALICE, DECRYPT, {name: {"acs:SourceVpc": "vpc-*"}})],
            (),
            "user/alice",
            DECRYPT,
            "Not" not in name,
            {"vpc": "vpc-*"},
        )
        for name in ("StringEquals", "StringNotEquals")
    ),
    Case(
        "a star under StringEquals takes nothing else in either reading",
        O,
        [allow(ALICE, DECRYPT, {"StringEquals": {"acs:SourceVpc": "vpc-*"}})],
        (),
        "user/alice",
        DECRYPT,
        False,
        {"vpc": "other"},
    ),
    Case(
        "a value without wildcard decides beside one with",
        V,
        [allow(ALICE, DECRYPT, {"StringEquals": {"acs:SourceVpc": ["vpc-a", "vpc-*"]}})],
        (),
        "user/alice",
        DECRYPT,
        True,
        {"vpc": "vpc-a"},
    ),
    Case(
        "a star under StringLike is any run",
        V,
        [allow(ALICE, DECRYPT, {"StringLike": {"acs:SourceVpc": "vpc-*"}})],
        (),
        "user/alice",
        DECRYPT,
        True,
        {"vpc": "vpc-a"},
    ),
    Case(
        "a tag's value under StringEquals is open too",
        O,
        [allow(ALICE, DECRYPT, {"StringEquals": {"kms:tag/team": "p*"}})],
        (),
        "user/alice",
        DECRYPT,
        None,
        open_rule="alibaba.wildcard-in-equals",
    ),
    Case(
        "case-blind equality",
        V,
        [allow(ALICE, DECRYPT, {"StringEqualsIgnoreCase": {"acs:SourceVpc": "VPC-A"}})],
        (),
        "user/alice",
        DECRYPT,
        True,
        {"vpc": "vpc-a"},
    ),
    Case(
        "dates are instants",
        V,
        [allow(ALICE, DECRYPT, {"DateLessThan": {"acs:CurrentTime": "2030-01-01T08:00:00+08:00"}})],
        (),
        "user/alice",
        DECRYPT,
        True,
        {"time": "2029-12-31T23:59:59Z"},
    ),
    Case(
        "dates end where they say",
        V,
        [allow(ALICE, DECRYPT, {"DateLessThan": {"acs:CurrentTime": "2030-01-01T08:00:00+08:00"}})],
        (),
        "user/alice",
        DECRYPT,
        False,
        {"time": "2030-01-01T00:00:00Z"},
    ),
    Case(
        "an address inside a block",
        V,
        [allow(ALICE, DECRYPT, ip("10.0.0.0/8"))],
        (),
        "user/alice",
        DECRYPT,
        True,
        {"source_ip": "10.1.2.3"},
    ),
    Case(
        "IPv6",
        V,
        [allow(ALICE, DECRYPT, ip("2001:db8::/32"))],
        (),
        "user/alice",
        DECRYPT,
        True,
        {"source_ip": "2001:db8::5"},
    ),
    Case(
        "the first address of a block is open",
        O,
        [allow(ALICE, DECRYPT, ip("10.0.0.0/8"))],
        (),
        "user/alice",
        DECRYPT,
        None,
        {"source_ip": "10.0.0.0"},
        open_rule="alibaba.block-border",
    ),
    Case(
        "the last address of a block is open",
        O,
        [allow(ALICE, DECRYPT, ip("10.0.0.0/8"))],
        (),
        "user/alice",
        DECRYPT,
        None,
        {"source_ip": "10.255.255.255"},
        open_rule="alibaba.block-border",
    ),
    Case(
        "host bits are open",
        O,
        [allow(ALICE, DECRYPT, ip("10.0.0.5/8"))],
        (),
        "user/alice",
        DECRYPT,
        None,
        {"source_ip": "10.1.2.3"},
        open_rule="alibaba.host-bits",
    ),
    Case(
        "tags of the key",
        V,
        [allow(ALICE, DECRYPT, {"StringEquals": {"kms:tag/team": "pay"}})],
        (),
        "user/alice",
        DECRYPT,
        True,
    ),
    Case(
        "another value of the tag",
        V,
        [allow(ALICE, DECRYPT, {"StringEquals": {"kms:tag/team": "web"}})],
        (),
        "user/alice",
        DECRYPT,
        False,
    ),
    Case(
        "the VPC of the caller",
        V,
        [
            allow(
                ALICE,
                DECRYPT,
                {"StringEquals": {"acs:SourceVpc": "vpc-1"}, "IpAddress": {"acs:VpcSourceIp": "10.0.0.0/8"}},
            )
        ],
        (),
        "user/alice",
        DECRYPT,
        True,
        {"vpc": "vpc-1", "private_ip": "10.2.2.2"},
    ),
    Case(
        "secure transport",
        V,
        [allow(ALICE, DECRYPT, {"Bool": {"acs:SecureTransport": True}})],
        (),
        "user/alice",
        DECRYPT,
        True,
        {"secure_transport": "true"},
    ),
    Case(
        "calls not on a key are asked on the container",
        V,
        [allow(ALICE, "kms:*")],
        (ram("kms:CreateKey", "acs:kms:*:*:key"),),
        "user/alice",
        "kms:CreateKey",
        True,
        {},
        CONTAINER,
    ),
    Case(
        "key policies do not reach the container",
        V,
        [allow(ALICE, "kms:*")],
        (),
        "user/alice",
        "kms:CreateKey",
        False,
        {},
        CONTAINER,
    ),
    Case(
        "re-encryption needs ReEncryptFrom on the source",
        V,
        [allow(ALICE, "kms:*")],
        (ram("kms:ReEncryptTo", effect="Deny"),),
        "user/alice",
        "kms:ReEncryptFrom",
        True,
    ),
    Case(
        "re-encryption needs ReEncryptTo on the target",
        V,
        [allow(ALICE, "kms:*")],
        (ram("kms:ReEncryptTo", effect="Deny"),),
        "user/alice",
        "kms:ReEncryptTo",
        False,
    ),
    Case("the account itself has everything", V, [allow(ALICE, DECRYPT)], (), "account", "kms:SetKeyPolicy", True),
    Case(
        "an explicit deny hits the account too", I, [deny(EVERYBODY, "kms:*")], (), "account", "kms:SetKeyPolicy", False
    ),
    Case(
        "RAM names another key",
        V,
        [allow(EVERYBODY, "kms:Encrypt")],
        (ram(DECRYPT, "acs:kms:*:*:key/key-other"),),
        "user/alice",
        DECRYPT,
        False,
    ),
]


def world_of(case: Case) -> World:
    statements = [{name: value for name, value in each.items() if value is not None} for each in case.policy]
    policy = Document(DocumentKind.KEY_POLICY, {"Version": "1", "Statement": statements})
    return World("alibaba", OWN, case.resource, (policy, *case.others))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.mark}: {case.rule}")
def test_the_evaluator_follows_the_rule(case: Case) -> None:
    request = Request(parse_principal(case.asks, OWN), case.action, case.resource, case.attributes)
    verdict = evaluate(world_of(case), request)
    assert verdict.allowed is case.expected, verdict
    if case.open_rule:
        assert verdict.open_rules == (case.open_rule,)
        assert case.mark is O or case.open_rule.startswith("outside:")


def test_a_group_hands_its_policies_to_its_members() -> None:
    document = ram(DECRYPT, to="group/dev")
    world = World("alibaba", OWN, KEY, (document,), {"dev": ("alice",)})
    answers = {
        name: evaluate(world, Request(parse_principal(name, OWN), DECRYPT, KEY)).allowed
        for name in ("user/alice", "user/bob", "role/alice")
    }
    assert answers == {"user/alice": True, "user/bob": False, "role/alice": False}


def test_a_group_in_a_key_policy_is_open() -> None:
    policy = {"Version": "1", "Statement": [allow(f"acs:ram::{OWN}:group/dev", DECRYPT)]}
    world = World("alibaba", OWN, KEY, (Document(DocumentKind.KEY_POLICY, policy),), {"dev": ("alice",)})
    verdict = evaluate(world, Request(parse_principal("user/alice", OWN), DECRYPT, KEY))
    assert verdict.allowed is None
    assert verdict.open_rules == ("alibaba.principal-group",)


def point(
    *,
    permissions: Any = (KEY_USER,),
    resources: Any = ("key/key-hzz0001",),
    instance: str = "kst-hzz0001",
    rules: Any = None,
    blocks: Any = None,
) -> World:
    policy = {"Permissions": list(permissions), "Resources": list(resources), "KmsInstance": instance}
    if rules is not None:
        policy["AccessControlRules"] = rules if isinstance(rules, str) else {"NetworkRules": rules}
    documents = [
        Document(DocumentKind.ACCESS_POINT, {"Policies": ["p"]}, "billing"),
        Document(DocumentKind.PERMISSION_POLICY, policy, "p"),
    ]
    if blocks:
        documents.append(Document(DocumentKind.NETWORK_RULE, {"SourcePrivateIp": blocks}, "net"))
    return World("alibaba", OWN, KEY, tuple(documents))


@pytest.mark.parametrize(
    ("rule", "world", "action", "address", "expected"),
    [
        ("KeyUser makes cryptographic calls", point(), DECRYPT, "", True),
        ("KeyUser administers nothing", point(), "kms:DisableKey", "", False),
        ("SecretUser does nothing on keys", point(permissions=[SECRET_USER]), DECRYPT, "", False),
        ("key/* takes every key", point(resources=["key/*"]), DECRYPT, "", True),
        ("a prefix with a star", point(resources=["key/key-hzz*"]), DECRYPT, "", True),
        ("another key", point(resources=["key/key-other"]), DECRYPT, "", False),
        ("another instance", point(instance="kst-other"), DECRYPT, "", False),
        ("no instance: every one", point(instance=""), DECRYPT, "", True),
        ("no rule: every address", point(), DECRYPT, "192.0.2.1", True),
        (
            "inside a network rule",
            point(rules=["net"], blocks=["10.0.0.0/8", "192.168.1.1"]),
            DECRYPT,
            "192.168.1.1",
            True,
        ),
        ("outside of the network rules", point(rules=["net"], blocks=["10.0.0.0/8"]), DECRYPT, "192.0.2.1", False),
        ("a rule that does not exist is open", point(rules=["gone"]), DECRYPT, "192.0.2.1", None),
        (
            "lists as JSON text",
            point(rules='{"NetworkRules":["net"]}', blocks='["10.0.0.0/8"]'),
            DECRYPT,
            "10.0.0.1",
            True,
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_access_points(rule: str, world: World, action: str, address: str, expected: bool | None) -> None:
    attributes = {"private_ip": address} if address else {}
    request = Request(parse_principal("access_point/billing", OWN), action, KEY, attributes)
    assert evaluate(world, request).allowed is expected, rule


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"Version": "2", "Statement": [allow(ALICE, DECRYPT)]}, "Version"),
        ({"Version": "1", "Statement": []}, "Statement"),
        ({"Version": "1", "Statement": [{**allow(ALICE, DECRYPT), "Effect": "allow"}]}, "Statement[0].Effect"),
        ({"Version": "1", "Statement": [allow("somebody", DECRYPT)]}, "Statement[0].Principal.RAM[0]"),
        ({"Version": "1", "Statement": [allow(ALICE, ["kms:Encrypt", "oss:Get*"])]}, "Statement[0].Action[1]"),
        ({"Version": "1", "Statement": [{**allow(ALICE, DECRYPT), "Resource": ANY_KEY}]}, "Statement[0].Resource"),
        (
            {"Version": "1", "Statement": [allow(ALICE, DECRYPT, ip("10.0.0.0/99"))]},
            "Statement[0].Condition.IpAddress.acs:SourceIp",
        ),
        ({"Version": "1", "Statement": [allow(ALICE, DECRYPT)], "Id": "x"}, "Id"),
    ],
)
def test_a_document_that_the_cloud_refuses_is_refused_with_its_place(body: dict[str, Any], path: str) -> None:
    document = Document(DocumentKind.KEY_POLICY, body)
    assert [path] == [problem.path for problem in parse("alibaba", document).problems if problem.fatal]
    request = Request(parse_principal("user/alice", OWN), DECRYPT, KEY)
    with pytest.raises(InputError, match=r"must be|is not"):
        evaluate(World("alibaba", OWN, KEY, (document,)), request)


def test_every_open_rule_is_met_by_a_case() -> None:
    met = {case.open_rule for case in CASES} | {"alibaba.principal-group", "alibaba.missing-rule"}
    assert set(RULES) <= met
