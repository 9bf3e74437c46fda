"""Random worlds of Tencent Cloud, and what the vendor's rules say about them, stated a second time."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from kms_resources.access.tencent.actions import ACTIONS
from kms_resources.access.words import Document, DocumentKind, Resource, ResourceKind, World
from tests.unit.access.logic import TEXTS, Logic, fitting, fitting_in_any_case, span

OWN, OTHER = "100000000001", "100000000002"
CREATOR = "100000000077"
TAGS = {"team": "pay", "stage": "prod"}
KEY = Resource(ResourceKind.KEY, OWN, "ap-guangzhou", "11111111-2222-3333-4444-555555555555", CREATOR)
CLOUD = "tencent"
PRINCIPALS = (
    "account",
    "user/alice",
    "user/bob",
    "user/somebody",
    f"user/{CREATOR}",
    "role/ops",
    "role/other",
)
ACTION_NAMES = tuple(row.action for row in ACTIONS if row.on_key)
ADDRESSED = set(ACTION_NAMES) - {"kms:BindCloudResource"}
PATTERNS = (
    "kms:*",
    "name/kms:*",
    "*",
    "*:*",
    "kms:Decrypt",
    "name/kms:Encrypt",
    "kms:decrypt",
    "kms:*Key",
    "kms:Enable*",
    "kms:BindCloudResource",
    "cvm:*",
    "kms:SignByAsymmetricKey",
)
_HEAD = f"qcs::kms:ap-guangzhou:uin/{OWN}:"
RESOURCES: dict[str, str] = {
    "*": "yes",
    f"{_HEAD}key/*": "yes",
    f"qcs::kms:::key/creatorUin/{CREATOR}/*": "yes",
    f"{_HEAD}key/creatorUin/{CREATOR}/{KEY.id}": "yes",
    f"{_HEAD}key/creatorUin/{OWN}/{KEY.id}": "no",
    f"{_HEAD}key/creatorUin/{CREATOR}/99999999*": "no",
    f"{_HEAD}key/creatorUin/{CREATOR}": "tencent.directory",
    "qcs::kms:gz::key/*": "tencent.region-forms",
    "qcs::kms:ap-shanghai::key/*": "no",
    f"qcs::kms::uin/{OTHER}:key/*": "no",
    "qcs::kms::uin/*:key/*": "tencent.account-wildcard",
    "qcs:id/7:kms:::key/*": "tencent.project",
    "qcs::cvm:::*": "no",
    f"{_HEAD}key/creatorUin/${{uin}}/*": "creator",
    f"{_HEAD}key/creatorUin/${{owner_uin}}/*": "no",
}
"""Resource as written → whether it takes the key: yes, no, an open rule, or for the creator only."""
BLOCKS = ("10.0.0.0/8", "10.1.0.5/16", "10.1.2.3", "2001:db8::/32")
SECONDS = {"2030-01-01 00:00:00": 1893456000, "2030-01-01T00:00:00Z": 1893456000, "2031-06-01T00:00:00Z": 1938038400}
END = 1 << 200
VALUES = {
    "source_ip": ("10.0.0.0", "10.1.2.3", "10.1.9.9", "10.255.255.255", "192.0.2.1", "2001:db8::", "::1"),
    "time": ("2029-12-31T23:59:59Z", "2030-01-01T00:00:00Z", "2030-01-01T00:00:01Z", "2033-01-01T00:00:00Z"),
    "vpc:net": TEXTS,
    "tag/team": TEXTS,
    "tag/stage": TEXTS,
}


@dataclass(frozen=True)
class Statement:
    deny: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    tests: tuple[tuple[str, str, tuple[str, ...]], ...]
    holders: tuple[str, ...]


@dataclass(frozen=True)
class Spec:
    statements: tuple[Statement, ...]
    tags: tuple[tuple[str, str], ...] | None
    members: tuple[str, ...] | None
    """Of the group `known`."""


def accounts(spec: Spec) -> set[str]:
    return {OWN}


def name_patterns(spec: Spec) -> set[tuple[str, str]]:
    names = {text.rpartition("/")[2] for each in spec.statements for text in each.holders}
    return {(OWN, name) for name in names} | {(OWN, name) for name in spec.members or ()}


def random_tests(dice: random.Random) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    found = []
    for _ in range(dice.choice((0, 0, 0, 1, 1, 2))):
        kind = dice.randrange(6)
        suffix = dice.choice(("", "", "_if_exist"))
        if kind == 0:
            name = dice.choice(("ip_equal", "ip_equal", "ip_not_equal")) + suffix
            found.append((name, "qcs:ip", tuple(dice.sample(BLOCKS, dice.choice((1, 1, 2))))))
        elif kind == 1:
            name = dice.choice(("date_greater_than", "date_less_than_equal", "date_equal", "date_not_equal"))
            found.append((name, "qcs:current_time", (dice.choice(sorted(SECONDS)),)))
        elif kind == 2:
            name = dice.choice(("string_equal", "string_not_equal", "string_equal_ignore_case")) + suffix
            found.append((name, "vpc:net", tuple(dice.sample(("vpc-a", "vpc-b", "vpc-*"), dice.choice((1, 2))))))
        elif kind == 3:
            pairs = tuple(dice.sample(("team&a", "team&vpc-a", "stage&b"), dice.choice((1, 2))))
            found.append((dice.choice(("for_any_value:string_equal", "string_equal")), "qcs:resource_tag", pairs))
        elif kind == 4:
            found.append(("null_equal", "vpc:net", (dice.choice(("true", "false")),)))
        else:
            found.append(("binary_equal", "odd:key", ("1",)))
    return tuple({(name, key): (name, key, values) for name, key, values in found}.values())


def random_statement(dice: random.Random) -> Statement:
    return Statement(
        dice.random() < 0.3,
        tuple(dice.sample(PATTERNS, dice.choice((1, 1, 2, 3)))),
        tuple(dice.sample(sorted(RESOURCES), dice.choice((1, 1, 2)))),
        random_tests(dice),
        tuple(dice.sample(("user/alice", "user/bob", "role/ops", "group/dev", "group/known"), dice.choice((1, 1, 2)))),
    )


def random_spec(dice: random.Random) -> Spec:
    return Spec(
        tuple(random_statement(dice) for _ in range(dice.choice((1, 2, 2, 3, 4)))),
        dice.choice((None, None, (("team", "a"),), (("team", "vpc-a"), ("stage", "b")))),
        dice.choice((("alice",), ("bob",))),
    )


def mutated(spec: Spec, dice: random.Random) -> Spec:
    other = random_spec(dice)
    statements = list(spec.statements)
    turn = dice.randrange(5)
    if turn == 0:
        statements[dice.randrange(len(statements))] = other.statements[0]
    elif turn == 1:
        statements.append(other.statements[0])
    elif turn == 2 and len(statements) > 1:
        statements.pop()
    elif turn == 3:
        return Spec(spec.statements, other.tags, spec.members)
    else:
        return Spec(spec.statements, spec.tags, other.members)
    return Spec(tuple(statements), spec.tags, spec.members)


def world(spec: Spec, dice: random.Random) -> World:
    documents = []
    for number, statement in enumerate(spec.statements):
        one = body(statement, dice)
        document = {"version": "2.0", "statement": one if dice.random() < 0.5 else [one]}
        documents.append(Document(DocumentKind.IDENTITY_POLICY, document, f"p{number}", statement.holders))
    tags = None if spec.tags is None else dict(spec.tags)
    resource = Resource(KEY.kind, KEY.account, KEY.region, KEY.id, KEY.creator, tags=tags)
    numbers = {"alice": "100000000011", "bob": "100000000012"}
    return World(CLOUD, OWN, resource, tuple(documents), {"known": spec.members or ()}, numbers)


def body(statement: Statement, dice: random.Random) -> dict[str, Any]:
    def spelled(values: tuple[str, ...]) -> Any:
        return values[0] if len(values) == 1 and dice.random() < 0.5 else list(values)

    made: dict[str, Any] = {
        "effect": "deny" if statement.deny else "allow",
        "action": spelled(statement.actions),
        "resource": spelled(statement.resources),
    }
    for name, key, values in statement.tests:
        made.setdefault("condition", {}).setdefault(name, {})[key] = spelled(values)
    return made


def oracle(spec: Spec, logic: Logic) -> Any:
    terms = [
        (s.deny, logic.once((s, spec.tags, spec.members), lambda s=s: _statement(s, spec, logic)))
        for s in spec.statements
    ]
    denied = logic.some(term for deny, term in terms if deny)
    allowed = logic.some(term for deny, term in terms if not deny)
    return logic.some([logic.who(["account"]), logic.every([allowed, logic.no(denied)])])


def _statement(s: Statement, spec: Spec, logic: Logic) -> Any:
    holders = [logic.who({p for p in s.holders if not p.startswith("group/")})]
    if "group/dev" in s.holders:
        users = {p for p in PRINCIPALS if p.startswith("user/")}
        holders.append(logic.every([logic.who(users), logic.rule("group dev")]))
    if "group/known" in s.holders:
        holders.append(logic.who({f"user/{name}" for name in spec.members or ()}))
    return logic.every(
        [
            logic.some(holders),
            logic.some(logic.once(p, lambda p=p: _action(p.removeprefix("name/"), logic)) for p in s.actions),
            logic.some(_resource(text, logic) for text in s.resources),
            *(logic.once((test, spec.tags), lambda test=test: _test(test, spec, logic)) for test in s.tests),
        ]
    )


def _action(pattern: str, logic: Logic) -> Any:
    exact, loose = fitting(ACTION_NAMES, (pattern,)), fitting_in_any_case(ACTION_NAMES, (pattern,))
    if exact == loose:
        return logic.what(exact)
    return logic.some([logic.what(exact), logic.every([logic.what(loose), logic.rule("tencent.action-case")])])


def _resource(text: str, logic: Logic) -> Any:
    takes = RESOURCES[text]
    if takes == "creator":
        roles = {p for p in PRINCIPALS if p.startswith("role/")}
        return logic.some([logic.who([f"user/{CREATOR}"]), logic.every([logic.who(roles), logic.rule("role uin")])])
    if takes in {"yes", "no"}:
        return logic.some([logic.who(PRINCIPALS)] if takes == "yes" else [])
    return logic.rule(takes)


def _test(test: tuple[str, str, tuple[str, ...]], spec: Spec, logic: Logic) -> Any:
    name, key, values = test
    if key == "odd:key":
        return logic.rule("outside")
    if key == "qcs:resource_tag":
        return _tagged(name, values, spec, logic)
    attribute = {"qcs:ip": "source_ip", "qcs:current_time": "time"}.get(key, key)
    gone, there = logic.absent(attribute), logic.no(logic.absent(attribute))
    if name == "null_equal":
        return gone if values == ("true",) else there
    plain = name.removesuffix("_if_exist")
    if key == "qcs:ip":
        hit = logic.some(logic.between(attribute, *span(value)) for value in values)
    elif key == "qcs:current_time":
        moment = SECONDS[values[0]]
        bounds = {"date_greater_than": (moment + 1, END), "date_less_than_equal": (-END, moment)}
        hit = logic.between(attribute, *bounds.get(plain, (moment, moment)))
    elif plain.endswith("ignore_case"):
        hit = logic.text(attribute, lambda text: text.lower() in {v.lower() for v in values})
    else:
        hit = logic.text(attribute, values.__contains__)
    negated = "not" in plain
    present = logic.every([there, logic.no(hit)]) if negated else hit
    if key == "qcs:ip":
        present = logic.every([present, logic.what(ADDRESSED)])
        gone = logic.some([gone, logic.what(set(ACTION_NAMES) - ADDRESSED)])
    if name.endswith("_if_exist"):
        return logic.some([present, gone])
    if negated:
        return logic.some([present, logic.every([gone, logic.rule("tencent.absent-negated")])])
    return present


def _tagged(name: str, values: tuple[str, ...], spec: Spec, logic: Logic) -> Any:
    pairs = [tuple(value.split("&")) for value in values]
    if spec.tags is not None:
        fit = bool(set(pairs) & set(spec.tags))
        terms = [logic.some([logic.who(PRINCIPALS)] if fit else [])]
    else:
        terms = [logic.some(logic.text(f"tag/{key}", value.__eq__) for key, value in pairs)]
    if name == "string_equal" and (spec.tags is None or len(spec.tags) > 1):
        terms.append(logic.rule("tencent.tags-without-any"))
    return logic.every(terms)
