"""One random pair of worlds: compared, and the comparison put to z3 and to plain requests."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from types import ModuleType
from typing import Any

from kms_resources.access.compare import Comparison, Region
from kms_resources.access.words import Principal, PrincipalKind, Request, World, parse_principal
from tests.unit.access.logic import ALWAYS, Plain, Symbolic, fits, number


def claimed(regions: tuple[Region, ...], module: ModuleType, specs: tuple[Any, Any]) -> dict[str, set[str]]:
    """Principal of the test → actions that the comparison says it gains (or loses).

    The comparison speaks of classes. A principal of the test is in the class of a found one if it is the same, or if
    the found one stands for names that nobody wrote and the same patterns take both.
    """
    if not regions:
        return {}
    patterns = module.name_patterns(specs[0]) | module.name_patterns(specs[1])
    named = module.accounts(specs[0]) | module.accounts(specs[1])
    cells: dict[str, set[str]] = {}
    for text in module.PRINCIPALS:
        asked = _principal(text, module.OWN)
        if asked.account not in named:
            asked = replace(asked, account=module.FAR)  # every account that nobody names is alike
        for region in regions:
            found = region.principal
            same = (asked.kind, asked.account) == (found.kind, found.account)
            member = region.fresh and bool(region.groups)
            if same and (found.name == asked.name or member or (region.fresh and _alike(found, asked, patterns))):
                cells.setdefault(text, set()).update(region.actions)
    return cells


@cache
def _principal(text: str, owner: str) -> Principal:
    return parse_principal(text, owner)


def _alike(found: Principal, asked: Principal, patterns: set[tuple[str, str]]) -> bool:
    mine = [pattern for account, pattern in patterns if account == asked.account]
    if asked.kind is not PrincipalKind.USER:
        return True
    return asked.name not in mine and all(fits([p], asked.name) == fits([p], found.name) for p in mine)


def check_with_z3(module: ModuleType, specs: tuple[Any, Any], result: Comparison, symbolic: Symbolic) -> bool:
    """No request outside the claimed cells changes, in any reading."""
    before, after = module.oracle(specs[0], symbolic), module.oracle(specs[1], symbolic)
    terms = []
    for regions, less, more in ((result.gains, before, after), (result.losses, after, before)):
        cells = claimed(regions, module, specs)
        inside = symbolic.some(
            symbolic.every([symbolic.who([who]), symbolic.what(actions)]) for who, actions in cells.items()
        )
        terms.append(symbolic.every([more, symbolic.no(less), symbolic.no(inside)]))
    return symbolic.impossible(symbolic.some(terms))


def readings(module: ModuleType, spec: Any, request: dict[str, Any]) -> Iterator[bool]:
    """The oracle's answer under every reading of the rules that it asks about."""
    probe = Plain(rules={}, **request)
    module.oracle(spec, probe)
    names = sorted(probe.asked - {"group dev"})  # the requests of these tests are in no group
    for bits in range(1 << len(names)):
        yield module.oracle(spec, Plain(rules={n: bool(bits >> i & 1) for i, n in enumerate(names)}, **request))


def oracle_verdict(module: ModuleType, spec: Any, request: dict[str, Any]) -> bool | None:
    answers = set(readings(module, spec, request))
    return None if len(answers) == 2 else answers.pop()


def plain_request(request: Request, owner: str) -> dict[str, Any]:
    """A request as the oracle wants it."""
    attributes: dict[str, Any] = {}
    for name, value in request.attributes.items():
        if name.endswith("_ip"):
            attributes[name] = number(value)
        elif name == "time":
            attributes[name] = int(datetime.fromisoformat(value).timestamp())
        else:
            attributes[name] = value
    principal = request.principal.plain.short(owner)
    return {"principal": principal, "action": request.action, "attributes": attributes}


def random_request(module: ModuleType, world: World, dice: random.Random) -> Request:
    """A request that knows nothing of classes."""
    attributes = {}
    for name, values in module.VALUES.items():
        if name in ALWAYS or dice.random() < 0.7:
            attributes[name] = dice.choice(values)
    principal = parse_principal(dice.choice(module.PRINCIPALS), module.OWN)
    if principal.kind is PrincipalKind.USER and dice.random() < 0.4:
        principal = Principal(principal.kind, principal.account, principal.name, ("dev",))
    return Request(principal, dice.choice(module.ACTION_NAMES), world.resource, attributes)


def covered(regions: tuple[Region, ...], request: Request, module: ModuleType, specs: tuple[Any, Any]) -> bool:
    """Whether a finding speaks of the request's principal and action."""
    principal = request.principal.plain.short(module.OWN)
    return request.action in claimed(regions, module, specs).get(principal, set())
