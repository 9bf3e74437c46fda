"""Random worlds of Alibaba Cloud, and what the vendor's rules say about them, stated a second time."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from kms_resources.access.alibaba.actions import ACTIONS, KEY_USER
from kms_resources.access.words import Document, DocumentKind, Resource, ResourceKind, World
from tests.unit.access.logic import FLAGS, TEXTS, Logic, fits, fitting, fitting_in_any_case, span

OWN, AWAY, FAR = "1000000000000001", "2000000000000002", "9999999999999999"
KEY = Resource(ResourceKind.KEY, OWN, "cn-hangzhou", "key-hzz0001", instance="kst-hzz0001")
CLOUD = "alibaba"
PRINCIPALS = (
    "account",
    "user/alice",
    "user/adam",
    "user/bob",
    "user/zoe",
    "role/ops",
    "role/other",
    "access_point/billing",
    "access_point/unknown",
    f"account:{AWAY}",
    f"{AWAY}:user/eve",
    f"{AWAY}:user/fay",
    f"{AWAY}:role/app",
    f"account:{FAR}",
    f"{FAR}:user/gus",
    f"{FAR}:role/gus",
)
ACTION_NAMES = tuple(row.action for row in ACTIONS if row.on_key)
USE = {row.action for row in ACTIONS if row.kind.is_use and row.on_key}
FOREIGN = USE | {
    "kms:DescribeKey",
    "kms:DescribeKeyVersion",
    "kms:ListKeyVersions",
    "kms:ListAliasesByKeyId",
    "kms:TagResource",
}
LISTED = set(ACTION_NAMES) - {
    "kms:AsymmetricSign",
    "kms:AsymmetricVerify",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:ExportDataKey",
    "kms:GenerateMac",
    "kms:VerifyMac",
}

_OWN_ALL = {p for p in PRINCIPALS if ":" not in p and not p.startswith("access_point")}
WHO: dict[str, set[str]] = {
    f"acs:ram::{OWN}:*": _OWN_ALL,
    f"acs:ram::{OWN}:root": _OWN_ALL,
    f"acs:ram::{OWN}:user/alice": {"user/alice"},
    f"acs:ram::{OWN}:user/bob": {"user/bob"},
    f"acs:ram::{OWN}:user/a*": {"user/alice", "user/adam"},
    f"acs:ram::{OWN}:user/???": {"user/bob", "user/zoe"},
    f"acs:ram::{OWN}:role/ops": {"role/ops"},
    f"acs:ram::{OWN}:role/*": {"role/ops", "role/other"},
    f"acs:ram::{AWAY}:*": {p for p in PRINCIPALS if AWAY in p},
    f"acs:ram::{AWAY}:user/eve": {f"{AWAY}:user/eve"},
    f"acs:ram::{AWAY}:role/app": {f"{AWAY}:role/app"},
}
PATTERNS = (
    "kms:*",
    "kms:*",
    "kms:Decrypt",
    "kms:decrypt",
    "kms:Encrypt",
    "kms:Enc*",
    "kms:Get*",
    "kms:SetKeyPolicy",
    "kms:Asymmetric*",
    "kms:GenerateMac",
    "kms:*Key",
    "kms:D?crypt",
    "kms:DescribeKey",
)
BLOCKS = ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "10.1.2.3", "2001:db8::/32", "0.0.0.0/0", "10.0.0.5/24")
INSTANTS = ("2030-01-01T00:00:00Z", "2030-01-01T08:00:00+08:00", "2031-06-01T00:00:00Z")
SECONDS = {INSTANTS[0]: 1893456000, INSTANTS[1]: 1893456000, INSTANTS[2]: 1938038400}
VPC_PATTERNS = ("vpc-a", "vpc-b", "vpc-*", "*a", "vpc-?")
END = 1 << 200
VALUES = {
    "source_ip": ("10.0.0.0", "10.0.0.1", "10.1.0.0", "10.1.2.3", "10.255.255.255", "192.0.2.1", "2001:db8::", "::1"),
    "private_ip": ("10.1.2.3", "10.1.0.9", "10.9.9.9", "172.16.0.1", "2001:db8::5"),
    "time": ("2029-12-31T23:59:59Z", "2030-01-01T00:00:00Z", "2030-01-01T00:00:01Z", "2033-01-01T00:00:00Z"),
    "vpc": TEXTS,
    "mfa": FLAGS,
    "secure_transport": FLAGS,
}


def accounts(spec: Spec) -> set[str]:
    """The accounts that a spec names."""
    named = {text.split(":")[3] for each in spec.policy for text in each.who}
    return named | {each.account for each in spec.ram} | {OWN, FAR}


def name_patterns(spec: Spec) -> set[tuple[str, str]]:
    """Account and pattern of the users' names that a spec has."""
    texts = {text for each in spec.policy for text in each.who if ":user/" in text}
    return {(text.split(":")[3], text.rpartition("/")[2]) for text in texts}


@dataclass(frozen=True)
class Statement:
    deny: bool
    who: tuple[str, ...]
    negative: str
    """Element that is written as Not…"""
    actions: tuple[str, ...]
    tests: tuple[tuple[str, str, tuple[str, ...]], ...]
    holders: tuple[str, ...] = ()
    elsewhere: bool = False
    """RAM: about another key."""
    account: str = OWN


@dataclass(frozen=True)
class Spec:
    policy: tuple[Statement, ...]
    ram: tuple[Statement, ...]
    blocks: tuple[str, ...] | None
    """Of the access point's network rule; None: the access point has no rule, `("missing",)`: one that is not there."""
    point: bool
    reads: bool
    """Whether the access point's policy names the key."""


def random_tests(dice: random.Random) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    found = []
    for _ in range(dice.choice((0, 0, 0, 1, 1, 2))):
        kind = dice.randrange(5)
        if kind == 0:
            name = dice.choice(("IpAddress", "IpAddress", "NotIpAddress"))
            found.append((name, "acs:SourceIp", tuple(dice.sample(BLOCKS, dice.choice((1, 1, 2))))))
        elif kind == 1:
            name = dice.choice(("DateGreaterThanEquals", "DateLessThan", "DateEquals", "DateNotEquals"))
            found.append((name, "acs:CurrentTime", (dice.choice(INSTANTS),)))
        elif kind == 2:
            name = dice.choice(("StringEquals", "StringLike", "StringNotEquals", "StringEqualsIgnoreCase"))
            found.append((name, "acs:SourceVpc", tuple(dice.sample(VPC_PATTERNS, dice.choice((1, 2))))))
        elif kind == 3:
            found.append(
                ("Bool", dice.choice(("acs:MFAPresent", "acs:SecureTransport")), (dice.choice(("true", "false")),))
            )
        else:
            found.append(("BinaryEquals", "acs:Odd", ("1",)))
    return tuple({(name, key): (name, key, values) for name, key, values in found}.values())


def random_statement(dice: random.Random, *, ram: bool) -> Statement:
    negative = ""
    holders: tuple[str, ...] = ()
    account = OWN
    if ram:
        account = dice.choice((OWN, OWN, OWN, AWAY))
        pool = ("user/alice", "user/bob", "role/ops", "group/dev") if account == OWN else ("user/eve", "role/app")
        holders = tuple(dice.sample(pool, dice.choice((1, 1, 2))))
        negative = dice.choice(("", "", "", "", "Action", "Resource"))
    elif dice.random() < 0.08:
        negative = dice.choice(("Principal", "Action"))
    return Statement(
        dice.random() < 0.3,
        tuple(dice.sample(sorted(WHO), dice.choice((1, 1, 2)))),
        negative,
        tuple(dice.sample(PATTERNS, dice.choice((1, 1, 2, 3)))),
        random_tests(dice),
        holders,
        ram and dice.random() < 0.15,
        account,
    )


def random_spec(dice: random.Random) -> Spec:
    blocks = dice.choice((None, ("missing",), tuple(dice.sample(BLOCKS[:6], 2))))
    return Spec(
        tuple(random_statement(dice, ram=False) for _ in range(dice.choice((1, 1, 2, 3)))),
        tuple(random_statement(dice, ram=True) for _ in range(dice.choice((0, 0, 1, 2)))),
        blocks,
        dice.random() < 0.3,
        dice.random() < 0.8,
    )


def mutated(spec: Spec, dice: random.Random) -> Spec:
    """A neighbour of a spec, as merge requests make them."""
    other = random_spec(dice)
    policy = list(spec.policy)
    turn = dice.randrange(5)
    if turn == 0:
        policy[dice.randrange(len(policy))] = other.policy[0]
    elif turn == 1:
        policy.append(other.policy[0])
    elif turn == 2 and len(policy) > 1:
        policy.pop()
    elif turn == 3:
        return Spec(spec.policy, other.ram, spec.blocks, spec.point, spec.reads)
    else:
        return Spec(spec.policy, spec.ram, other.blocks, other.point, other.reads)
    return Spec(tuple(policy), spec.ram, spec.blocks, spec.point, spec.reads)


def world(spec: Spec, dice: random.Random) -> World:
    """The documents of a spec, in one of many equal spellings."""
    documents = [Document(DocumentKind.KEY_POLICY, {"Version": "1", "Statement": [body(s, dice) for s in spec.policy]})]
    for number, statement in enumerate(spec.ram):
        document = {"Version": "1", "Statement": [body(statement, dice, ram=True)]}
        account = "" if statement.account == OWN else statement.account
        documents.append(Document(DocumentKind.IDENTITY_POLICY, document, f"ram-{number}", statement.holders, account))
    if spec.point:
        policy: dict[str, Any] = {
            "Permissions": [KEY_USER],
            "Resources": [f"key/{KEY.id}"] if spec.reads else ["key/key-hzz9*"],
            "KmsInstance": KEY.instance,
        }
        if spec.blocks is not None:
            policy["AccessControlRules"] = '{"NetworkRules":["net"]}'
        documents.append(Document(DocumentKind.ACCESS_POINT, {"Policies": '["p"]'}, "billing"))
        documents.append(Document(DocumentKind.PERMISSION_POLICY, policy, "p"))
        if spec.blocks not in {None, ("missing",)}:
            rule = {"Type": "Private", "SourcePrivateIp": list(spec.blocks or ())}
            documents.append(Document(DocumentKind.NETWORK_RULE, rule, "net"))
    return World(CLOUD, OWN, KEY, tuple(documents))


def body(statement: Statement, dice: random.Random, *, ram: bool = False) -> dict[str, Any]:
    def spelled(values: tuple[str, ...]) -> Any:
        return values[0] if len(values) == 1 and dice.random() < 0.5 else list(values)

    made: dict[str, Any] = {"Effect": "Deny" if statement.deny else "Allow"}
    no = {name: f"Not{name}" if statement.negative == name else name for name in ("Principal", "Action", "Resource")}
    made[no["Action"]] = spelled(statement.actions)
    if ram:
        made[no["Resource"]] = "acs:kms:*:*:key/key-hzz9999" if statement.elsewhere else f"acs:kms:*:*:key/{KEY.id}"
    else:
        made["Resource"] = "*"
        made[no["Principal"]] = {"RAM": spelled(statement.who)}
    for name, key, values in statement.tests:
        made.setdefault("Condition", {}).setdefault(name, {})[key] = spelled(values)
    return made


def oracle(spec: Spec, logic: Logic) -> Any:
    """The vendor's rules as one formula."""
    policy = [(s.deny, logic.once(("policy", s), lambda s=s: _policy_statement(s, logic))) for s in spec.policy]
    ram = [(s.deny, logic.once(("ram", s), lambda s=s: _ram_statement(s, logic))) for s in spec.ram]
    denied = logic.some(term for deny, term in policy + ram if deny)
    by_policy = logic.some(term for deny, term in policy if not deny)
    by_ram = logic.some(term for deny, term in ram if not deny)
    own = logic.who(_OWN_ALL)
    away = logic.who(p for p in PRINCIPALS if ":" in p)
    documented = any(s.account == AWAY for s in spec.ram)
    assumed = logic.who(p for p in PRINCIPALS if p.startswith("account:") or FAR in p or (AWAY in p and not documented))
    return logic.some(
        [
            logic.every([logic.who(["account"]), logic.no(denied)]),
            logic.every([own, logic.no(denied), logic.some([by_policy, by_ram])]),
            logic.every([away, logic.no(denied), logic.what(FOREIGN), by_policy, logic.some([by_ram, assumed])]),
            _point(spec, logic),
        ]
    )


def _policy_statement(s: Statement, logic: Logic) -> Any:
    named = set().union(*[WHO[text] for text in s.who])
    who = logic.who(named)
    if s.negative == "Principal":
        everybody = {p for p in PRINCIPALS if not p.startswith("access_point")}
        who = logic.every([logic.rule("alibaba.not-forms"), logic.who(everybody - named)])
    hits = logic.some(logic.once(p, lambda p=p: _action(p, logic)) for p in s.actions)
    if s.negative == "Action":
        hits = logic.every([logic.rule("alibaba.not-forms"), logic.no(hits)])
    return logic.every([who, hits, *(logic.once(test, lambda test=test: _test(test, logic)) for test in s.tests)])


def _action(pattern: str, logic: Logic) -> Any:
    exact, loose = fitting(ACTION_NAMES, (pattern,)), fitting_in_any_case(ACTION_NAMES, (pattern,))
    case, unlisted = logic.rule("alibaba.action-case"), logic.rule("alibaba.unlisted-action")
    if pattern == "kms:*":
        return logic.what(exact)
    return logic.every(
        [
            logic.some([logic.what(exact), logic.every([logic.what(loose), case])]),
            logic.some([logic.what(LISTED), unlisted]),
        ]
    )


def _ram_statement(s: Statement, logic: Logic) -> Any:
    names = {p if s.account == OWN else f"{AWAY}:{p}" for p in s.holders if not p.startswith("group/")}
    holders = [logic.who(names)]
    if "group/dev" in s.holders:
        users = {p for p in PRINCIPALS if p.startswith("user/")}
        holders.append(logic.every([logic.who(users), logic.rule("group dev")]))
    taken = fitting_in_any_case(ACTION_NAMES, s.actions)
    actions = set(ACTION_NAMES) - taken if s.negative == "Action" else taken
    resource = not s.elsewhere
    terms = [
        logic.some(holders),
        logic.what(actions),
        *(logic.once(test, lambda test=test: _test(test, logic)) for test in s.tests),
    ]
    if s.negative == "Resource":
        resource = s.elsewhere
        terms.append(logic.rule("alibaba.not-forms"))
    return logic.every(terms) if resource else logic.some([])


_ATTRIBUTES = {"acs:SourceIp": "source_ip", "acs:CurrentTime": "time", "acs:SourceVpc": "vpc"}
_ATTRIBUTES |= {"acs:MFAPresent": "mfa", "acs:SecureTransport": "secure_transport"}


def _test(test: tuple[str, str, tuple[str, ...]], logic: Logic) -> Any:
    name, key, values = test
    if name == "BinaryEquals":
        return logic.rule("outside")
    attribute = _ATTRIBUTES[key]
    if "Ip" in name:
        hit = logic.some(_block(attribute, value, logic) for value in values)
    elif name.startswith("Date"):
        moment = SECONDS[values[0]]
        first, last = {"DateGreaterThanEquals": (moment, END), "DateLessThan": (-END, moment - 1)}.get(
            name, (moment, moment)
        )
        hit = logic.between(attribute, first, last)
    elif name == "Bool":
        hit = logic.text(attribute, values.__contains__)
    else:
        hit = _text(name, attribute, values, logic)
    if "Not" not in name:
        return hit
    gone = logic.absent(attribute)
    rule = logic.rule("alibaba.absent-negated")
    return logic.some([logic.every([gone, rule]), logic.every([logic.no(gone), logic.no(hit)])])


def _text(name: str, attribute: str, values: tuple[str, ...], logic: Logic) -> Any:
    """Under StringLike a star is a star; under the others nobody knows, and it is a letter at least."""

    def same(text: str) -> str:
        return text.lower() if name.endswith("IgnoreCase") else text

    known = [same(value) for value in values]
    wild = logic.text(attribute, lambda text: fits(known, same(text)))
    if "Like" in name:
        return wild
    literal = logic.text(attribute, lambda text: same(text) in known)
    return logic.some([literal, logic.every([wild, logic.rule("alibaba.wildcard-in-equals")])])


def _block(attribute: str, block: str, logic: Logic, *, borders: bool = True) -> Any:
    first, last = span(block)
    terms = [logic.between(attribute, first, last)]
    if borders and first < last:
        terms = [
            logic.some(
                [
                    logic.between(attribute, first + 1, last - 1),
                    logic.every([terms[0], logic.rule("alibaba.block-border")]),
                ]
            )
        ]
    if block == "10.0.0.5/24":
        terms.append(logic.rule("alibaba.host-bits"))
    return logic.every(terms)


def _point(spec: Spec, logic: Logic) -> Any:
    if not spec.point or not spec.reads:
        return logic.some([])
    terms = [logic.who(["access_point/billing"]), logic.what(USE)]
    if spec.blocks == ("missing",):
        terms.append(logic.rule("alibaba.missing-rule"))
    elif spec.blocks is not None:
        terms.append(logic.some(_block("private_ip", block, logic, borders=False) for block in spec.blocks))
    return logic.every(terms)
