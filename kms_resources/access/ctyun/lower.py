"""CTYun's worlds as unions of parts, for the comparison: the rules of `evaluate`, for all requests at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kms_resources.access.conditions import Operator, Test
from kms_resources.access.ctyun.actions import ACTIONS
from kms_resources.access.ctyun.parse import ALL, parse
from kms_resources.access.lowering import (
    NO,
    NOTHING,
    WHAT,
    WHO,
    YES,
    Lowering,
    Union,
    Vocabulary,
    both,
    flag,
    restrict,
)
from kms_resources.access.rules import of_kind, usable
from kms_resources.access.words import ActionClass, DocumentKind, Principal, PrincipalKind, ResourceKind, World

_POLICY = {row.action for row in ACTIONS if row.kind is ActionClass.POLICY}


def collect(world: World, vocabulary: Vocabulary) -> None:
    """Names and tests of a world. Users and roles are left out: nothing is known about them in any world."""
    vocabulary.patterns.setdefault((world.account, PrincipalKind.ACCESS_POINT), set())
    for document in world.documents:
        facts = usable(parse(document), document).facts
        vocabulary.name(world.account, PrincipalKind.ACCESS_POINT, document.name)
        for test in _places(facts):
            vocabulary.test(test, world.resource)


def _places(facts: Mapping[str, Any]) -> list[Test]:
    tests = [Test(name, Operator.TEXT, (facts[name],)) for name in ("vpc", "subnet") if facts[name]]
    return [*tests, *([_endpoints(facts)] if facts["endpoints"] else [])]


def _endpoints(facts: Mapping[str, Any]) -> Test:
    return Test("endpoint", Operator.TEXT, facts["endpoints"])


def lower(world: World, lowering: Lowering) -> tuple[Union, Union]:
    """What is allowed; nothing is ever denied."""
    allowed = restrict(WHO, lowering.one(Principal(PrincipalKind.ACCOUNT, world.account)))
    for document in of_kind(world, DocumentKind.ACCESS_POINT):
        facts = parse(document).facts
        if not facts["credentials"]:
            continue
        point = lowering.one(Principal(PrincipalKind.ACCESS_POINT, world.account, document.name))
        places = [lowering.test(test, world.resource) for test in _places(facts) if test.attribute != "endpoint"]
        allowed += both(
            restrict(WHO, point), *places, _whitelist(facts, world, lowering), _permits(facts, world, lowering)
        )
    return allowed, NOTHING


def _whitelist(facts: Mapping[str, Any], world: World, lowering: Lowering) -> Union:
    if not facts["endpoints"]:
        return flag("rule:ctyun.empty-whitelist", YES)
    listed = lowering.test(_endpoints(facts), world.resource)
    return listed if facts["control"] else (*listed, *flag("rule:ctyun.whitelist-without-control", NO))


def _permits(facts: Mapping[str, Any], world: World, lowering: Lowering) -> Union:
    on_key = world.resource.kind is ResourceKind.KEY
    if facts["control"] and on_key and not {ALL, world.resource.id} & set(facts["keys"]):
        return NOTHING
    named = set(facts["apis"])
    everything = not facts["control"] or ALL in named
    return restrict(
        WHAT,
        sum(
            1 << index
            for index, action in enumerate(lowering.actions)
            if action not in _POLICY and (everything or action in named)
        ),
    )
