"""Alibaba Cloud's documents → rules, with every problem and its place in the document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from kms_resources.access.alibaba.actions import ACTIONS, KEY_USER, SECRET_USER, listed
from kms_resources.access.alibaba.conditions import read_conditions
from kms_resources.access.intervals import parse_block
from kms_resources.access.patterns import glob
from kms_resources.access.rules import Parsed, Rule, Who, load, ordered_tests, parsed_once, several, texts
from kms_resources.access.words import Document, DocumentKind, Effect, Native, Problem

MAX_BYTES = 32_768
"""Of a key policy (K2)."""
_SID = re.compile(r"[A-Za-z0-9_/+=.@-]{0,128}")
_RAM = re.compile(r"acs:ram::([^:]+):(\*|root|(?:user|role|group)/.+)")
_STATEMENT = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
_KNOWN = frozenset({*_STATEMENT, "NotPrincipal", "NotAction", "NotResource"})


def parse(document: Document) -> Parsed:
    """Read a document. Equal texts are read once."""
    return parsed_once(document, _parse)


@lru_cache(maxsize=20_000)
def _parse(kind: DocumentKind, text: str) -> Parsed:
    body = load(text)
    if kind in _LISTS:
        return _facts(kind, body)
    problems: list[Problem] = []
    rules: list[Rule] = []
    if body.get("Version") != "1":
        problems.append(Problem("Version", 'must be "1"'))
    problems += [
        Problem(name, "is not an element of a policy") for name in sorted(set(body) - {"Version", "Statement"})
    ]
    if kind is DocumentKind.KEY_POLICY and len(text.encode()) > MAX_BYTES:
        problems.append(Problem("", f"a key policy has at most {MAX_BYTES} bytes"))
    statements = body.get("Statement")
    if isinstance(statements, Mapping) and kind is not DocumentKind.KEY_POLICY:
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        problems.append(Problem("Statement", "must be a list of at least one statement"))
        statements = []
    for index, statement in enumerate(statements):
        path = f"Statement[{index}]"
        if isinstance(statement, Mapping):
            rules += _statement(kind, statement, path, problems)
        else:
            problems.append(Problem(path, "must be an object"))
    return Parsed(tuple(rules), tuple(problems))


def _statement(kind: DocumentKind, body: Native, path: str, problems: list[Problem]) -> Iterator[Rule]:
    mine: list[Problem] = []
    extra = sorted(body.keys() - _KNOWN)
    mine += [Problem(f"{path}.{name}", "is not an element of a statement") for name in extra]
    if body.get("Effect") not in {"Allow", "Deny"}:
        mine.append(Problem(f"{path}.Effect", "must be Allow or Deny"))
    actions, not_actions = _either(body, "Action", path, mine)
    trust = kind is DocumentKind.TRUST
    resources, not_resources = (["*"], False) if trust else _either(body, "Resource", path, mine)
    who = _who(kind, body, path, mine)
    if kind is DocumentKind.KEY_POLICY:
        _check_key_policy(actions, resources, not_resources=not_resources, path=path, problems=mine)
    found = list(read_conditions(body.get("Condition", {}), f"{path}.Condition"))
    mine += [each for each in found if isinstance(each, Problem)]
    sid = _sid(body.get("Sid", ""), path, mine)
    problems += mine
    if not any(problem.fatal for problem in mine):
        yield Rule(
            Effect.ALLOW if body["Effect"] == "Allow" else Effect.DENY,
            several(who),
            "NotPrincipal" in body,
            several(actions),
            not_actions,
            several(resources),
            not_resources,
            ordered_tests([each for each in found if not isinstance(each, Problem)]),
            sid,
        )


def _sid(sid: object, path: str, problems: list[Problem]) -> str:
    if not isinstance(sid, str):
        problems.append(Problem(f"{path}.Sid", "must be a text"))
        return path
    if not _SID.fullmatch(sid):
        problems.append(Problem(f"{path}.Sid", "has other characters than A-Z a-z 0-9 _ / + = . @ -", fatal=False))
    return sid or path


def _who(kind: DocumentKind, body: Native, path: str, problems: list[Problem]) -> list[Who]:
    if kind not in {DocumentKind.KEY_POLICY, DocumentKind.TRUST}:
        if "Principal" in body or "NotPrincipal" in body:
            problems.append(Problem(f"{path}.Principal", "a RAM policy has none; it is attached"))
        return []
    name = "NotPrincipal" if "NotPrincipal" in body else "Principal"
    return list(_principals(body.get(name), f"{path}.{name}", problems, trust=kind is DocumentKind.TRUST))


def _either(body: Native, name: str, path: str, problems: list[Problem]) -> tuple[list[str], bool]:
    negated = f"Not{name}" in body
    if negated and name in body:
        problems.append(Problem(f"{path}.{name}", f"{name} and Not{name} exclude each other"))
    used = f"Not{name}" if negated else name
    values = texts(body.get(used))
    if not values:
        problems.append(Problem(f"{path}.{used}", "must be a text or a list of at least one text"))
    return values or [], negated


def _principals(body: Any, path: str, problems: list[Problem], *, trust: bool) -> Iterator[Who]:
    known = ("RAM", "Service", "Federated") if trust else ("RAM", "Service")
    if not isinstance(body, Mapping) or not body or not set(body) <= set(known):
        problems.append(Problem(path, "must be an object with the member RAM"))
        return
    for kind, raw in body.items():
        values = texts(raw)
        if not values:
            problems.append(Problem(f"{path}.{kind}", "must be a text or a list of at least one text"))
        if kind != "RAM":
            problems.append(Problem(f"{path}.{kind}", "is nobody who asks by himself", fatal=False))
        for index, value in enumerate(values or []):
            if kind == "RAM":
                yield from _principal(value, f"{path}.{kind}[{index}]", problems)
            else:
                yield Who("service", name=value)


def _principal(text: str, path: str, problems: list[Problem]) -> Iterator[Who]:
    if text == "*":
        problems.append(Problem(path, "a bare * is not documented as a principal", fatal=False))
        yield Who("everyone")
        return
    found = _RAM.fullmatch(text)
    if not found:
        problems.append(
            Problem(path, f"{text!r} is not a principal; allowed: acs:ram::ID:*, :root, :user/NAME, :role/NAME")
        )
        return
    account, rest = found[1], found[2]
    if "*" in account or "?" in account:
        problems.append(Problem(path, "a wildcard as account is not documented", fatal=False))
        yield Who("everyone")
    elif rest in {"*", "root"}:
        yield Who("account", account)
    else:
        kind, _, name = rest.partition("/")
        if kind == "group":
            problems.append(Problem(path, "a group is not documented as a principal", fatal=False))
        yield Who(kind, account, name)


def _check_key_policy(
    actions: Sequence[str], resources: Sequence[str], *, not_resources: bool, path: str, problems: list[Problem]
) -> None:
    for index, action in enumerate(actions):
        if what := _wrong_action(action):
            problems.append(Problem(f"{path}.Action[{index}]", *what))
    if not not_resources and any(resource != "*" for resource in resources):
        problems.append(Problem(f"{path}.Resource", 'must be "*", which means this key'))


@lru_cache(maxsize=4096)
def _wrong_action(action: str) -> tuple[str, bool] | None:
    """What is wrong with an action of a key policy, and whether that is fatal."""
    if not action.lower().startswith("kms:"):
        return f"{action!r} must begin with kms:", True
    if not any(glob(action, row.action, ignore_case=True) for row in ACTIONS):
        return f"{action!r} names no known call", False
    if "*" not in action and not listed(action):
        return f"{action!r} is perhaps without effect in a key policy", False
    return None


def _facts(kind: DocumentKind, body: Native) -> Parsed:
    """Access points, permission policies and network rules, with lists that may be JSON text."""
    facts: dict[str, Any] = {}
    problems: list[Problem] = []
    for name in _LISTS[kind]:
        values = texts(_unpacked(body.get(name)))
        if values is None:
            problems.append(Problem(name, "must be a list of texts, or its JSON text"))
        facts[name] = several(values or [])
    if kind is DocumentKind.PERMISSION_POLICY:
        _permission_policy(body, facts, problems)
    for index, value in enumerate(facts.get("SourcePrivateIp", ())):
        try:
            parse_block(value)
        except ValueError:
            problems.append(Problem(f"SourcePrivateIp[{index}]", f"{value!r} is not an address or a block"))
    return Parsed((), tuple(problems), facts)


_LISTS = {
    DocumentKind.ACCESS_POINT: ("Policies",),
    DocumentKind.PERMISSION_POLICY: ("Permissions", "Resources"),
    DocumentKind.NETWORK_RULE: ("SourcePrivateIp",),
}


def _permission_policy(body: Native, facts: dict[str, Any], problems: list[Problem]) -> None:
    facts["KmsInstance"] = body.get("KmsInstance") or ""
    control = _unpacked(body.get("AccessControlRules")) or {}
    rules = texts(control.get("NetworkRules", [])) if isinstance(control, Mapping) else None
    if rules is None:
        problems.append(Problem("AccessControlRules", 'must be {"NetworkRules": [names]}'))
    facts["NetworkRules"] = several(rules or [])
    for index, value in enumerate(facts["Permissions"]):
        if value not in {KEY_USER, SECRET_USER}:
            problems.append(Problem(f"Permissions[{index}]", f"{value!r}; allowed: {KEY_USER}, {SECRET_USER}"))
    for index, value in enumerate(facts["Resources"]):
        if "*" in value[:-1]:
            problems.append(Problem(f"Resources[{index}]", "* may only be the last character"))


def _unpacked(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip().startswith(("[", "{")):
        try:
            return load(value)
        except ValueError:
            return None
    return value
