"""Our statements ↔ CAM policies and their attachment, and what cannot be said there.

One statement becomes one policy, attached to the principals that it names. Calls on one key and calls at operation
level (CreateKey, lists) need two statements: a statement limited to keys does not touch the latter, and the latter are
about the whole account. So a class in a statement about one key has none of them; who means them names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from kms_resources.access.conditions import Operator
from kms_resources.access.intervals import parse_instant
from kms_resources.access.rules import Rule, canonical
from kms_resources.access.tencent.actions import ACTIONS, WITHOUT_ADDRESS
from kms_resources.access.tencent.match import key_path
from kms_resources.access.tencent.parse import MAX_CHARACTERS, parse
from kms_resources.access.translating import Given, check, condense, expand, readable_principals
from kms_resources.access.words import (
    ActionClass,
    Conditions,
    Document,
    DocumentKind,
    Effect,
    PrincipalKind,
    Problem,
    Resource,
    Statement,
)

_CONDITIONS = ("source_ip", "not_source_ip", "after", "before", "tag")
_REFUSED = {
    PrincipalKind.ACCOUNT: "the main account has everything and no policies; name users, groups or roles",
    PrincipalKind.ACCESS_POINT: "Tencent Cloud has no access points",
}
_ON_CONTAINER = frozenset(row.action for row in ACTIONS if not row.on_key)
_ON_ACCOUNT = Given(row for row in ACTIONS if row.kind is not ActionClass.POLICY)
_ON_KEY = Given(row for row in _ON_ACCOUNT if row.on_key)


def _given_by_class(resources: Sequence[str]) -> Given:
    """What classes mean: about one key its own calls, about every key those on no single one too."""
    return _ON_ACCOUNT if "*" in resources else _ON_KEY


def refusals(statements: Sequence[Statement], resource: Resource) -> tuple[Problem, ...]:
    """What CAM cannot say about keys."""
    problems: list[Problem] = []
    for statement in statements:
        sid = statement.sid
        rows = _given_by_class(statement.resources)
        problems += check(statement, resource.account, rows, _CONDITIONS, _REFUSED)
        problems += [
            Problem(f"{sid}.principals", f"{p.short(resource.account)}: other main accounts must assume a role here")
            for p in readable_principals(statement, resource.account)
            if p.account != resource.account
        ]
        problems += [
            Problem(f"{sid}.resources", f"{text!r}; allowed: nothing (this key) or *")
            for text in statement.resources
            if text != "*"
        ]
        problems += [
            Problem(f"{sid}.actions", f"{action!r} must be a class or begin with kms:")
            for action in expand(statement.actions, rows)
            if not action.startswith("kms:")
        ]
        problems += [
            Problem(
                f"{sid}.actions[{place}]",
                f"{word} is no call on one key: it concerns the whole account",
                fatal=False,
            )
            for place, word in enumerate(statement.actions)
            if word in _ON_CONTAINER and "*" not in statement.resources
        ]
        conditions = statement.conditions
        if len(conditions.tag) > 1:
            problems.append(Problem(f"{sid}.conditions.tag", "CAM tests one tag per statement"))
        if (conditions.source_ip or conditions.not_source_ip) and WITHOUT_ADDRESS & set(statement.actions):
            problems.append(Problem(f"{sid}.conditions", "BindCloudResource has no condition on the address"))
        size = len(canonical(_body(statement, resource)))
        if size > MAX_CHARACTERS:
            problems.append(Problem(sid, f"the policy has {size} characters; allowed: {MAX_CHARACTERS}"))
    return tuple(problems)


def translate(statements: Sequence[Statement], resource: Resource) -> tuple[Document, ...]:
    """The policies that say the same, each named by its sid. Ask `refusals` first."""
    return tuple(
        Document(DocumentKind.IDENTITY_POLICY, _body(each, resource), each.sid, tuple(each.principals))
        for each in statements
    )


def _body(statement: Statement, resource: Resource) -> dict[str, Any]:
    actions = expand(statement.actions, _given_by_class(statement.resources))
    if WITHOUT_ADDRESS and (statement.conditions.source_ip or statement.conditions.not_source_ip):
        actions = tuple(action for action in actions if action not in WITHOUT_ADDRESS)
    on_container = [action for action in actions if action in _ON_CONTAINER]
    on_key = [action for action in actions if action not in _ON_CONTAINER]
    path = "key/*" if "*" in statement.resources else key_path(resource)
    parts = []
    if on_key:
        parts.append((on_key, [f"qcs::kms:{resource.region}:uin/{resource.account}:{path}"]))
    if on_container:
        parts.append((on_container, ["*"]))
    condition = conditions_body(statement.conditions)
    return {
        "version": "2.0",
        "statement": [
            {
                "effect": str(statement.effect),
                "action": names,
                "resource": where,
                **({"condition": condition} if condition else {}),
            }
            for names, where in parts
        ],
    }


def conditions_body(conditions: Conditions) -> dict[str, Any]:
    """The condition element that says the same."""
    body: dict[str, Any] = {}
    if conditions.source_ip:
        body["ip_equal"] = {"qcs:ip": list(conditions.source_ip)}
    if conditions.not_source_ip:
        body["ip_not_equal"] = {"qcs:ip": list(conditions.not_source_ip)}
    if conditions.after:
        body["date_greater_than_equal"] = {"qcs:current_time": _utc(conditions.after)}
    if conditions.before:
        body["date_less_than"] = {"qcs:current_time": _utc(conditions.before)}
    if conditions.tag:
        pairs = [f"{key}&{value}" for key, value in conditions.tag.items()]
        body["for_any_value:string_equal"] = {"qcs:resource_tag": pairs}
    return body


def _utc(text: str) -> str:
    return datetime.fromtimestamp(parse_instant(text), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(document: Document, resource: Resource) -> tuple[Statement, ...] | None:
    """The statement that says the same as a policy; None: it cannot, and the document stays native."""
    parsed = parse(document)
    if any(problem.fatal for problem in parsed.problems) or not document.attached_to or not parsed.rules:
        return None
    effects = {rule.effect for rule in parsed.rules}
    tests = {rule.tests for rule in parsed.rules}
    wholes = {_where(rule, resource) for rule in parsed.rules}
    if len(effects) > 1 or len(tests) > 1 or None in wholes or len(wholes - {"operations"}) > 1:
        return None
    conditions = _read_conditions(parsed.rules[0])
    if conditions is None or any("*" in action for rule in parsed.rules for action in rule.actions):
        return None
    everywhere = ("*",) if "all keys" in wholes else ()
    actions = condense({action for rule in parsed.rules for action in rule.actions}, _given_by_class(everywhere))
    sid = document.name or "policy"
    return (Statement(sid, Effect(effects.pop()), tuple(document.attached_to), actions, everywhere, conditions),)


def _where(rule: Rule, resource: Resource) -> str | None:
    """`this key`, `all keys` of account and region, or `operations`; None: something else."""
    if rule.resources == ("*",):
        return "operations" if set(rule.actions) <= _ON_CONTAINER else None
    head = f"qcs::kms:{resource.region}:uin/{resource.account}:"
    if set(rule.actions) & _ON_CONTAINER:
        return None
    if len(rule.resources) != 1:
        return None
    return {f"{head}{key_path(resource)}": "this key", f"{head}key/*": "all keys"}.get(rule.resources[0])


def _read_conditions(rule: Rule) -> Conditions | None:
    given: dict[str, Any] = {}
    name: str
    value: Any
    for test in rule.tests:
        shape = (test.attribute, test.operator, test.negated)
        single = test.values[0] if len(test.values) == 1 else None
        if test.absent is True or test.ignore_case:
            return None
        if shape[:2] == ("source_ip", Operator.ADDRESS):
            name, value = ("not_source_ip" if test.negated else "source_ip"), test.values
        elif shape == ("time", Operator.FROM, False) and single:
            name, value = "after", single
        elif shape == ("time", Operator.BEFORE, False) and single:
            name, value = "before", single
        elif test.operator is Operator.TAGGED and single and not test.absent_rule:
            key, _, tag = single.partition("&")
            name, value = "tag", {key: tag}
        else:
            return None
        if name in given:
            return None
        given[name] = value
    return Conditions(**given)
