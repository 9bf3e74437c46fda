"""CTYun's emulator asked about our worlds: access point, credential and call in its own words."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from kms_emulator.ctyun.decision import CallFacts, Resource, decide
from kms_emulator.ctyun.uses import TENANT_ENABLED
from kms_resources.access.words import Document, PrincipalKind, Request, ResourceKind, World
from tests.unit.access import ctyun_worlds as worlds

ELSEWHERE = "192.0.2.7"
FIXED = {"ctyun.empty-whitelist": True, "ctyun.whitelist-without-control": True}
"""Open rule of ours → the emulator's reading of it, which has no switch."""


def pair(dice: random.Random) -> tuple[World, World]:
    """Two worlds, mostly neighbours, of access points that the cloud would store."""
    before = worlds.random_spec(dice)
    after = worlds.mutated(before, dice) if dice.random() < 0.8 else worlds.random_spec(dice)
    return _world(before, dice), _world(after, dice)


def _world(spec: worlds.Spec, dice: random.Random) -> World:
    return worlds.world(worlds.Spec(tuple(_stored(point) for point in spec.points)), dice)


def _stored(point: worlds.Point) -> worlds.Point:
    """As the cloud would store it: with VPC and subnet, and interfaces by name."""
    return replace(
        point,
        apis=tuple(name for name in point.apis if name != "*"),
        vpc=point.vpc or worlds.PLACES[0],
        subnet=point.subnet or worlds.PLACES[0],
    )


def fixed(rule: str) -> bool | None:
    """The one answer that the emulator has for an open rule."""
    return FIXED[rule]


def answer(world: World, request: Request, answers: Mapping[str, bool]) -> bool:
    """What the emulator says; the account itself comes by the public host, which asks nothing more."""
    assert all(FIXED[rule] == held for rule, held in answers.items())
    if request.principal.kind is PrincipalKind.ACCOUNT:
        return True
    name = request.principal.name
    return any(_decided(one, world, request) for one in world.documents if one.name == name)


def _decided(document: Document, world: World, request: Request) -> bool:
    body, given = document.body, request.attributes
    credentials = body.get("credentials", [{"status": TENANT_ENABLED}])
    point = {
        "id": document.name,
        "vpc": body["vpcId"],
        "control": body.get("permissionControl", True),
        "apis": list(body["apis"]),
        "resources": list(body["resources"]),
        "endpoints": list(body["endpoints"]),
    }
    facts = CallFacts(
        request.action,
        (Resource("key", world.resource.id),) if world.resource.kind is ResourceKind.KEY else (),
        source_ip="10.0.0.7" if given.get("subnet") == body["subnetId"] else ELSEWHERE,
        vpc=given.get("vpc", ""),
        endpoint=given.get("endpoint", ""),
        subnet="10.0.0.0/24",
    )
    return any(decide(point, {"status": one["status"], "point": document.name}, facts).allowed for one in credentials)
