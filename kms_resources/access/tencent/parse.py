"""CAM policies and trust documents → rules, with every problem and its place in the document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from kms_resources.access.conditions import Test
from kms_resources.access.rules import Parsed, Rule, Who, load, ordered_tests, parsed_once, several, texts
from kms_resources.access.tencent.actions import ACTIONS, POLICY_ACTIONS
from kms_resources.access.tencent.conditions import read_conditions
from kms_resources.access.tencent.match import action_fits
from kms_resources.access.words import Document, DocumentKind, Effect, Native, Problem

MAX_CHARACTERS = 6_144
"""Of a policy (S8 of the fact sheet: limits of CAM)."""
_MEMBERS = {"effect", "action", "resource", "condition", "principal", "sid"}
_QCS = re.compile(r"qcs:[^:]*:[^:]*:[^:]*:[^:]*:.+")
_TRUSTED = re.compile(r"qcs::cam::uin/(\d+):(root|uin/(\d+)|roleName/(.+)|role/(.+))")


def parse(document: Document) -> Parsed:
    """Read a document. Equal texts are read once."""
    return parsed_once(document, _parse)


@lru_cache(maxsize=20_000)
def _parse(kind: DocumentKind, text: str) -> Parsed:
    body = load(text)
    problems: list[Problem] = []
    rules: list[Rule] = []
    if body.get("version") != "2.0":
        problems.append(Problem("version", 'must be "2.0"'))
    extra = sorted(set(body) - {"version", "statement"})
    problems += [Problem(name, "is not an element of a policy; keywords are lower case") for name in extra]
    if len(text) > MAX_CHARACTERS:
        problems.append(Problem("", f"a policy has at most {MAX_CHARACTERS} characters"))
    statements = body.get("statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        problems.append(Problem("statement", "must be a statement, or a list of at least one"))
        statements = []
    for index, statement in enumerate(statements):
        path = f"statement[{index}]"
        if isinstance(statement, Mapping):
            rules += _statement(kind, statement, path, problems)
        else:
            problems.append(Problem(path, "must be an object"))
    return Parsed(tuple(rules), tuple(problems))


def _statement(kind: DocumentKind, body: Native, path: str, problems: list[Problem]) -> Iterator[Rule]:
    mine: list[Problem] = []
    trust = kind is DocumentKind.TRUST
    extra = sorted(set(body) - _MEMBERS)
    mine += [Problem(f"{path}.{name}", "is not an element of a statement; keywords are lower case") for name in extra]
    if body.get("effect") not in {"allow", "deny"}:
        mine.append(Problem(f"{path}.effect", "must be allow or deny"))
    actions = _list(body, "action", path, mine)
    resources = ["*"] if trust else _list(body, "resource", path, mine)
    who = list(_trusted(body.get("principal"), f"{path}.principal", mine)) if trust else []
    if "principal" in body and not trust:
        mine.append(Problem(f"{path}.principal", "only trust documents of roles have one; a policy is attached"))
    for index, action in enumerate(actions if not trust else []):
        mine += _check_action(action, f"{path}.action[{index}]")
    for index, resource in enumerate(resources):
        if resource != "*" and not _QCS.fullmatch(resource):
            what = f"{resource!r} must be * or six segments, qcs::kms:REGION:uin/NUMBER:key/…"
            mine.append(Problem(f"{path}.resource[{index}]", what))
    tests: list[Test] = []
    for each in read_conditions(body.get("condition", {}), f"{path}.condition"):
        if isinstance(each, Problem):
            mine.append(each)
        else:
            tests.append(each)
    problems += mine
    if not any(problem.fatal for problem in mine):
        yield Rule(
            Effect(body["effect"]),
            several(who),
            actions=several([action.removeprefix("name/") for action in actions]),
            resources=several(resources),
            tests=ordered_tests(tests),
            sid=str(body.get("sid") or path),
            varies=any("${" in text for text in (*resources, *(v for test in tests for v in test.values))),
        )


def _list(body: Native, name: str, path: str, problems: list[Problem]) -> list[str]:
    values = texts(body.get(name))
    if not values:
        problems.append(Problem(f"{path}.{name}", "must be a text or a list of at least one text"))
    return values or []


def _check_action(action: str, path: str) -> Iterator[Problem]:
    plain = action.removeprefix("name/")
    service, colon, _ = plain.partition(":")
    if plain != "*" and not colon:
        yield Problem(path, f"{action!r} must be kms:NAME, name/kms:NAME or *")
    elif service.lower() == "kms" and not any(
        action_fits(plain, row.action, ignore_case=True) for row in (*ACTIONS, *POLICY_ACTIONS)
    ):
        yield Problem(path, f"{action!r} names no call of today's API", fatal=False)


def _trusted(body: Any, path: str, problems: list[Problem]) -> Iterator[Who]:
    if not isinstance(body, Mapping) or not body:
        problems.append(Problem(path, "must be an object with the member qcs, service or federated"))
        return
    for kind, raw in body.items():
        for value in texts(raw) or []:
            found = _TRUSTED.fullmatch(value)
            if kind != "qcs" or not found:
                yield Who("service", name=value)
            elif found[2] == "root":
                yield Who("account", found[1])
            elif found[3]:
                yield Who(
                    "account" if found[3] == found[1] else "user", found[1], "" if found[3] == found[1] else found[3]
                )
            else:
                yield Who("role", found[1], found[4] or found[5])
