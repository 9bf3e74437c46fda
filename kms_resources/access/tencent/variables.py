"""Variables in CAM documents: what `${uin}` and its like stand for when somebody asks.

`${uin}` and `${owner_uin}` count in the last segment of a resource and in condition values (C1). What they stand for
when a role asks, `${app_id}`, and the number of a user who is known by name only are open: a resource keeps its
variable and a test becomes opaque, so that both are graded both ways.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from kms_resources.access.conditions import Operator, opaque
from kms_resources.access.rules import Rule, several
from kms_resources.access.words import Principal, PrincipalKind, World

_SEGMENTS = 5
"""Colons before the last segment."""


def number_of(world: World, principal: Principal) -> str:
    """The number of a user; empty: not known, or not a user."""
    if principal.kind is not PrincipalKind.USER:
        return ""
    known = principal.uin or world.numbers.get(principal.name, "")
    return known or (principal.name if principal.name.isdigit() else "")


def for_principal(rule: Rule, world: World, principal: Principal) -> Rule:
    """The rule as it reads for one principal."""
    return _filled(rule, world.account, number_of(world, principal)) if rule.varies else rule


@lru_cache(maxsize=50_000)
def _filled(rule: Rule, owner: str, number: str) -> Rule:
    def fill(text: str) -> str:
        text = text.replace("${owner_uin}", owner)
        return text.replace("${uin}", number) if number else text

    resources = []
    for text in rule.resources:
        parts = text.split(":", _SEGMENTS)
        resources.append(":".join([*parts[:-1], fill(parts[-1])]))
    tests = []
    for test in rule.tests:
        values = tuple(fill(value) for value in test.values)
        if test.operator is not Operator.OPAQUE and any("${" in value for value in values):
            tests.append(opaque(f"{'not ' if test.negated else ''}{test.attribute} is {', '.join(values)}"))
        else:
            tests.append(test if test.operator is Operator.OPAQUE else replace(test, values=several(values)))
    return replace(rule, resources=several(resources), tests=tuple(tests))
