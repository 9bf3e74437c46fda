"""Policies as grants: statements of ours and documents in a cloud's own form, brought into one shape for the rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from kms_resources.access.clouds import CLOUDS, parse
from kms_resources.access.conditions import Operator
from kms_resources.access.patterns import glob
from kms_resources.access.rules import Rule, Who
from kms_resources.access.words import ActionClass, Effect, Statement, parse_principal
from kms_resources.clouds import get_cloud
from kms_resources.clouds.access import PolicyKey
from kms_resources.problems import Path
from kms_resources.uses import DesiredPolicy

EVERYONE = "everyone"
ACCOUNT = "account"
_OWN = ""
_PLACE = re.compile(r"[Ss]tatement\[(\d+)\]")
_BLOCKS = ("source_ip", "private_ip", "not_source_ip")


@dataclass(frozen=True)
class Blocks:
    """The addresses that one condition names."""

    path: Path
    values: tuple[str, ...]
    negated: bool = False
    """Whether the condition holds for every other address."""


@dataclass(frozen=True)
class Grant:
    """What one statement gives or takes."""

    path: Path
    """Where it stands in a stack file."""
    allow: bool
    who: tuple[Who, ...]
    """An empty account is the key's own."""
    not_who: bool
    """Everybody but these."""
    classes: frozenset[ActionClass]
    """Those of which it names a call at least."""
    whole: frozenset[ActionClass]
    """Those of which it names every call."""
    conditional: bool
    blocks: tuple[Blocks, ...] = ()

    @property
    def who_path(self) -> Path:
        """Where its principals stand."""
        return (*self.path, "principals") if "native" not in self.path else self.path


def grants_of(policy: DesiredPolicy) -> tuple[Grant, ...]:
    """What a policy gives and takes, statement by statement."""
    path: Path = ("keys", policy.key, "policy")
    if policy.native is None:
        return tuple(_ours(policy.target.cloud, one, (*path, one.sid)) for one in policy.statements)
    return tuple(_native(policy, (*path, "native")))


def _ours(cloud: str, statement: Statement, path: Path) -> Grant:
    conditions = statement.conditions
    blocks = tuple(
        Blocks((*path, "conditions", name), getattr(conditions, name), negated=name.startswith("not_"))
        for name in _BLOCKS
        if getattr(conditions, name)
    )
    named, whole = _classes(cloud, statement.actions)
    return Grant(
        path,
        statement.effect is Effect.ALLOW,
        tuple(_who(text) for text in statement.principals),
        not_who=False,
        classes=named,
        whole=whole,
        conditional=bool(conditions.given),
        blocks=blocks,
    )


@lru_cache(maxsize=10_000)
def _who(text: str) -> Who:
    principal = parse_principal(text, _OWN)
    return Who(str(principal.kind), principal.account, principal.name)


def _native(policy: DesiredPolicy, path: Path) -> Iterator[Grant]:
    rules_of = get_cloud(policy.target.cloud).access
    body = policy.native or {}
    subject = PolicyKey(policy.key, policy.target, marker=policy.marker)
    documents = rules_of().native(body, subject)[0] if rules_of else ()
    for document in documents:
        attached = tuple(_who(text) for text in document.attached_to)
        for rule in parse(policy.target.cloud, document).rules:
            yield _of_rule(policy.target.cloud, rule, attached, _place(body, rule.sid, path))


def _of_rule(cloud: str, rule: Rule, attached: tuple[Who, ...], path: Path) -> Grant:
    named, whole = _classes(cloud, rule.actions, but=rule.not_actions)
    blocks = tuple(Blocks(path, test.values, test.negated) for test in rule.tests if test.operator is Operator.ADDRESS)
    return Grant(
        path,
        rule.effect is Effect.ALLOW,
        rule.who or attached,
        rule.not_who,
        named,
        whole,
        conditional=bool(rule.tests),
        blocks=blocks,
    )


def _place(body: Mapping[str, object], sid: str, path: Path) -> Path:
    name = "Statement" if "Statement" in body else "statement"
    if found := _PLACE.fullmatch(sid):
        return (*path, name, found[1])
    given = body[name]
    statements = given if isinstance(given, list) else []
    sids = [one.get("Sid") or one.get("sid") if isinstance(one, Mapping) else None for one in statements]
    return (*path, name, str(sids.index(sid))) if sid in sids else (*path, name)


@lru_cache(maxsize=10_000)
def _classes(
    cloud: str, actions: tuple[str, ...], *, but: bool = False
) -> tuple[frozenset[ActionClass], frozenset[ActionClass]]:
    """The classes that actions touch, and those that they hold completely; `but`: of all other actions."""
    given = [action.removeprefix("name/") for action in actions]
    said = {each for each in ActionClass if each in given}
    patterns = [one for one in given if one not in said]
    known = CLOUDS[cloud].actions
    named = {row for row in known if any(_fits(one, row.action) for one in patterns)}
    if but:
        named = set(known) - named
    touched = {each for row in named for each in row.classes}
    missing = {each for row in known if row not in named for each in row.classes}
    return frozenset(said | touched), frozenset(said | (touched - missing))


def _fits(pattern: str, action: str) -> bool:
    return glob(pattern, action, ignore_case=True)
