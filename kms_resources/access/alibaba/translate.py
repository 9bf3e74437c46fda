"""Our statements ↔ a key policy of Alibaba Cloud, our access points → its documents, and what cannot be said there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kms_resources.access.alibaba.actions import ACTIONS, ALL, KEY_USER, SECRET_USER, foreign_may
from kms_resources.access.alibaba.parse import MAX_BYTES, parse
from kms_resources.access.conditions import Operator, Test
from kms_resources.access.patterns import glob
from kms_resources.access.rules import Rule, Who, text_of
from kms_resources.access.translating import Given, check, condense, expand, readable_principals
from kms_resources.access.words import (
    AccessPoint,
    Conditions,
    Document,
    DocumentKind,
    Effect,
    Principal,
    PrincipalKind,
    Problem,
    Resource,
    Statement,
)

ON_KEY = Given(row for row in ACTIONS if row.on_key)
_CONDITIONS = ("source_ip", "not_source_ip", "private_ip", "vpc", "after", "before", "tag", "mfa", "secure_transport")
_REFUSED = {
    PrincipalKind.GROUP: "a key policy does not know RAM groups; name users or roles",
    PrincipalKind.ACCESS_POINT: "client keys do not run through key policies; use an access point",
}
MAX_RESOURCES = 30
"""Of a permission policy (ROS documentation)."""
_SHAPES: Mapping[tuple[str, Operator, bool], str] = {
    ("source_ip", Operator.ADDRESS, False): "source_ip",
    ("source_ip", Operator.ADDRESS, True): "not_source_ip",
    ("private_ip", Operator.ADDRESS, False): "private_ip",
    ("vpc", Operator.TEXT, False): "vpc",
    ("time", Operator.FROM, False): "after",
    ("time", Operator.BEFORE, False): "before",
    ("mfa", Operator.FLAG, False): "mfa",
    ("secure_transport", Operator.FLAG, False): "secure_transport",
}


def default_policy(account: str) -> Document:
    """What a key has when nobody asks for anything: the whole account may everything (§8.3)."""
    statement = {
        "Sid": "kms default key policy",
        "Effect": "Allow",
        "Principal": {"RAM": [f"acs:ram::{account}:*"]},
        "Action": ["kms:*"],
        "Resource": ["*"],
    }
    return Document(DocumentKind.KEY_POLICY, {"Version": "1", "Statement": [statement]}, "default")


def draft(statements: Sequence[Statement], resource: Resource) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:
    """The key policy that says the same, and what a key policy cannot say."""
    documents = translate(statements, resource)
    problems: list[Problem] = []
    if not statements:
        problems.append(Problem("", "a key policy needs at least one statement"))
    for statement in statements:
        problems += check(statement, resource.account, ON_KEY, _CONDITIONS, _REFUSED)
        if statement.resources:
            problems.append(Problem(f"{statement.sid}.resources", "a key policy is about its key; leave it out"))
        actions = expand(statement.actions, ON_KEY)
        problems += [
            Problem(f"{statement.sid}.actions", f"{action!r} must be a class or begin with kms:")
            for action in actions
            if not action.startswith("kms:")
        ]
        problems += _foreign(statement, actions, resource)
        problems += _patterns(statement)
    size = sum(len(text_of(document).encode()) for document in documents)
    if size > MAX_BYTES:
        problems.append(Problem("", f"the policy has {size} bytes; allowed: {MAX_BYTES}"))
    return documents, tuple(problems)


def refusals(statements: Sequence[Statement], resource: Resource) -> tuple[Problem, ...]:
    """What a key policy cannot say."""
    return draft(statements, resource)[1]


def _foreign(statement: Statement, actions: Sequence[str], resource: Resource) -> list[Problem]:
    away = [p for p in readable_principals(statement, resource.account) if p.account != resource.account]
    if not away or statement.effect is Effect.DENY:
        return []
    without = [
        action
        for action in actions
        if action != ALL and not any(glob(action, row.action) and foreign_may(row) for row in ON_KEY)
    ]
    what = f"{', '.join(without)}: principals of another account can use a key, never administer it"
    return [Problem(f"{statement.sid}.actions", what)] if without else []


def _patterns(statement: Statement) -> Iterator[Problem]:
    """Values that somebody may mean as patterns: they are written under StringEquals."""
    conditions = statement.conditions
    given = [*(("vpc", value) for value in conditions.vpc), *((f"tag.{k}", v) for k, v in conditions.tag.items())]
    for name, value in given:
        if _has_wildcard(value):
            what = f"{value!r}: whether * and ? are wildcards here is not known; for a pattern write native: StringLike"
            yield Problem(f"{statement.sid}.conditions.{name}", what, fatal=False)


def _has_wildcard(text: str) -> bool:
    return "*" in text or "?" in text


def translate(statements: Sequence[Statement], resource: Resource) -> tuple[Document, ...]:
    """The key policy that says the same. Ask `refusals` first."""
    return (Document(DocumentKind.KEY_POLICY, _body(statements, resource), "default"),)


def _body(statements: Sequence[Statement], resource: Resource) -> dict[str, Any]:
    return {"Version": "1", "Statement": [_statement(each, resource.account) for each in statements]}


def _statement(statement: Statement, owner: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "Sid": statement.sid,
        "Effect": "Allow" if statement.effect is Effect.ALLOW else "Deny",
        "Principal": {"RAM": [_arn(p) for p in readable_principals(statement, owner)]},
        "Action": list(expand(statement.actions, ON_KEY)),
        "Resource": ["*"],
    }
    condition = conditions_body(statement.conditions)
    return {**body, "Condition": condition} if condition else body


def _arn(principal: Principal) -> str:
    rest = "*" if principal.kind is PrincipalKind.ACCOUNT else f"{principal.kind}/{principal.name}"
    return f"acs:ram::{principal.account}:{rest}"


def conditions_body(conditions: Conditions) -> dict[str, Any]:
    """The Condition element that says the same."""
    body: dict[str, dict[str, Any]] = {}

    def add(operator: str, key: str, value: Any) -> None:
        if value:
            body.setdefault(operator, {})[key] = value

    add("IpAddress", "acs:SourceIp", list(conditions.source_ip))
    add("IpAddress", "acs:VpcSourceIp", list(conditions.private_ip))
    add("NotIpAddress", "acs:SourceIp", list(conditions.not_source_ip))
    add("StringEquals", "acs:SourceVpc", list(conditions.vpc))
    add("DateGreaterThanEquals", "acs:CurrentTime", conditions.after)
    add("DateLessThan", "acs:CurrentTime", conditions.before)
    for key, value in conditions.tag.items():
        body.setdefault("StringEquals", {})[f"kms:tag/{key}"] = value
    for name, key in (("mfa", "acs:MFAPresent"), ("secure_transport", "acs:SecureTransport")):
        given = getattr(conditions, name)
        add("Bool", key, "" if given is None else str(given).lower())
    return body


def read(document: Document, resource: Resource) -> tuple[Statement, ...] | None:
    """The statements that say the same as a key policy; None: they cannot, and the document stays native."""
    statements = [_read(rule, resource.account) for rule in parse(document).rules]
    if any(problem.fatal for problem in parse(document).problems) or None in statements:
        return None
    return tuple(statement for statement in statements if statement)


def _read(rule: Rule, owner: str) -> Statement | None:
    principals = [_short(who, owner) for who in rule.who]
    conditions = read_conditions(rule.tests)
    if rule.not_who or rule.not_actions or rule.not_resources or None in principals or conditions is None:
        return None
    names = tuple(name for name in principals if name)
    return Statement(rule.sid, rule.effect, names, condense(rule.actions, ON_KEY), (), conditions)


def _short(who: Who, owner: str) -> str | None:
    kinds = {"account": PrincipalKind.ACCOUNT, "user": PrincipalKind.USER, "role": PrincipalKind.ROLE}
    return Principal(kinds[who.kind], who.account, who.name).short(owner) if who.kind in kinds else None


def read_conditions(tests: Sequence[Test]) -> Conditions | None:
    """Tests in our words; None: we have no words for them."""
    given: dict[str, Any] = {}
    tags: dict[str, str] = {}
    for test in tests:
        if test.operator is Operator.TEXT and not test.wild_rule and any(map(_has_wildcard, test.values)):
            return None  # a pattern for sure, and ours are written under StringEquals, where that is open
        name = _SHAPES.get((test.attribute, test.operator, test.negated))
        plain = not test.ignore_case and len(test.values) == 1
        if test.attribute.startswith("tag/") and test.operator is Operator.TEXT and plain and not test.negated:
            name, value = "tag", test.values[0]
            if test.attribute[4:] in tags:
                return None
            tags[test.attribute[4:]] = value
        elif name is None or name in given or test.ignore_case:
            return None
        elif name in {"source_ip", "not_source_ip", "private_ip", "vpc"}:
            given[name] = test.values
        elif len(test.values) != 1:
            return None
        else:
            given[name] = test.values[0] == "true" if name in {"mfa", "secure_transport"} else test.values[0]
    return Conditions(**given, tag=tags)


def point_refusals(point: AccessPoint) -> tuple[Problem, ...]:
    """What an application access point cannot say."""
    where = point.name
    problems = [
        Problem(f"{where}.{name}", "access points of Alibaba Cloud have none")
        for name in ("vpc", "subnet", "endpoints")
        if getattr(point, name)
    ]
    if not point.control:
        problems.append(Problem(f"{where}.control", "permissions are always checked"))
    problems += [
        Problem(f"{where}.actions", f"{word!r}; allowed: use, secrets")
        for word in point.actions
        if word not in {"use", "secrets"}
    ]
    for resource in point.resources:
        kind, slash, name = resource.partition("/")
        if kind not in {"key", "secret"} or not slash or not name or "*" in name[:-1]:
            what = f"{resource!r}; allowed: key/ID, key/*, secret/NAME, secret/*, a prefix with a final *"
            problems.append(Problem(f"{where}.resources", what))
    if len(point.resources) > MAX_RESOURCES:
        problems.append(Problem(f"{where}.resources", f"at most {MAX_RESOURCES} in a permission policy"))
    if not point.actions or not point.resources:
        problems.append(Problem(where, "needs actions and resources"))
    return tuple(problems)


def access_point(point: AccessPoint) -> tuple[Document, ...]:
    """The access point, its permission policy and, with addresses, its network rule; all carry its name."""
    templates = {"use": KEY_USER, "secrets": SECRET_USER}
    policy: dict[str, Any] = {
        "Permissions": [templates[word] for word in point.actions],
        "Resources": list(point.resources),
        "KmsInstance": point.instance,
    }
    documents = [
        Document(DocumentKind.ACCESS_POINT, {"Policies": [point.name]}, point.name),
        Document(DocumentKind.PERMISSION_POLICY, policy, point.name),
    ]
    if point.addresses:
        policy["AccessControlRules"] = json.dumps({"NetworkRules": [point.name]})
        rule = {"Type": "Private", "SourcePrivateIp": list(point.addresses)}
        documents.append(Document(DocumentKind.NETWORK_RULE, rule, point.name))
    return tuple(documents)
