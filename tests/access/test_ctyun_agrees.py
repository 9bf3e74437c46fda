"""100,000 random requests through CTYun's access points: our evaluator and the emulator say the same, where decided.

Nothing of these rules is published; what is compared are two readings of the same titles.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from kms_emulator.ctyun.decision import CallFacts, Resource, decide
from kms_emulator.ctyun.uses import TENANT_ENABLED
from kms_resources.access.clouds import evaluate
from kms_resources.access.words import Request, parse_principal
from tests.unit.access import ctyun_worlds as worlds

REQUESTS = 100_000
SHARE = 4
PER_WORLD = 20
BLOCKS = {place: f"10.0.{number}.0/24" for number, place in enumerate(worlds.PLACES)}


@pytest.mark.parametrize("part", range(SHARE))
def test_the_emulator_never_disagrees(part: int) -> None:
    dice = random.Random(part)
    asked = decided = allowed = 0
    while asked < REQUESTS // SHARE:
        points = tuple(_stored(point, dice) for point in worlds.random_spec(dice).points)
        world = worlds.world(worlds.Spec(points), dice)
        for _ in range(PER_WORLD):
            for point in points:
                action, place = _call(point, dice)
                who = parse_principal(f"access_point/{point.name}", worlds.OWN)
                ours = evaluate(world, Request(who, action, world.resource, place))
                asked += 1
                if ours.allowed is None:
                    continue
                decided += 1
                allowed += ours.allowed
                theirs = _decided(point, action, place)
                assert theirs == ours.allowed, (point, action, place, ours)
        asked += not points
    assert decided > asked / 3
    assert decided / 20 < allowed < decided * 19 / 20


def _call(point: worlds.Point, dice: random.Random) -> tuple[str, dict[str, str]]:
    """A call that has a fair chance: most of what it needs is right."""
    named = [name for name in point.apis if name in worlds.ACTION_NAMES]
    action = dice.choice(named) if named and dice.random() < 0.8 else dice.choice(worlds.ACTION_NAMES)
    right = {"vpc": point.vpc, "subnet": point.subnet, "endpoint": dice.choice(point.endpoints or worlds.PLACES)}
    place = {name: value if dice.random() < 0.8 else dice.choice(worlds.PLACES) for name, value in right.items()}
    return action, place


def _stored(point: worlds.Point, dice: random.Random) -> worlds.Point:
    """As the cloud would store it: with VPC and subnet, interfaces by name, one enabled credential."""
    return replace(
        point,
        apis=tuple(name for name in point.apis if name != "*"),
        vpc=point.vpc or dice.choice(worlds.PLACES),
        subnet=point.subnet or dice.choice(worlds.PLACES),
        credentials=("Enabled",),
    )


def _decided(point: worlds.Point, action: str, place: dict[str, str]) -> bool:
    document = {
        "id": point.name,
        "vpc": point.vpc,
        "control": point.control,
        "apis": list(point.apis),
        "resources": [{"resourceType": "key", "resourceId": key} for key in point.keys],
        "endpoints": list(point.endpoints),
    }
    facts = CallFacts(
        action,
        (Resource("key", worlds.KEY.id),),
        source_ip=BLOCKS[place["subnet"]].replace("0/24", "7"),
        vpc=place["vpc"],
        endpoint=place["endpoint"],
        subnet=BLOCKS[point.subnet],
    )
    return decide(document, {"status": TENANT_ENABLED, "point": point.name}, facts).allowed
