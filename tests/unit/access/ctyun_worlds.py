"""Random worlds of CTYun, and what its access points are taken to mean, stated a second time."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any

from kms_resources.access.ctyun.actions import ACTIONS
from kms_resources.access.words import Document, DocumentKind, Resource, ResourceKind, World
from tests.unit.access.logic import TEXTS, Logic

OWN = "example-ctyun-account"
KEY = Resource(ResourceKind.KEY, OWN, "bb9fdb42056f11eda1610242ac110002", "971ba207-5323-4a04-a290-3a9e8b4c7343")
CLOUD = "ctyun"
PRINCIPALS = ("account", "access_point/billing", "access_point/web", "access_point/none")
ACTION_NAMES = tuple(row.action for row in ACTIONS if row.on_key)
PLACES = ("vpc-a", "vpc-b", "vpc-c")
VALUES = {"vpc": TEXTS, "subnet": TEXTS, "endpoint": TEXTS}


@dataclass(frozen=True)
class Point:
    name: str
    control: bool
    apis: tuple[str, ...]
    keys: tuple[str, ...]
    vpc: str
    subnet: str
    endpoints: tuple[str, ...]
    credentials: tuple[str, ...] | None


@dataclass(frozen=True)
class Spec:
    points: tuple[Point, ...]


def accounts(spec: Spec) -> set[str]:
    return {OWN}


def name_patterns(spec: Spec) -> set[tuple[str, str]]:
    return {(OWN, point.name) for point in spec.points}


def random_point(dice: random.Random, name: str) -> Point:
    return Point(
        name,
        dice.random() < 0.8,
        tuple(dice.sample((*ACTION_NAMES, "*", "listKeys"), dice.randrange(5))),
        tuple(dice.sample((KEY.id, "*", "other-key"), dice.randrange(3))),
        dice.choice(("", *PLACES)),
        dice.choice(("", "", *PLACES)),
        tuple(dice.sample(PLACES, dice.randrange(3))),
        dice.choice((None, ("Enabled",), ("Disabled", "Enabled"), ("Disabled",), ())),
    )


def random_spec(dice: random.Random) -> Spec:
    names = dice.sample(("billing", "web"), dice.choice((0, 1, 1, 2, 2)))
    return Spec(tuple(random_point(dice, name) for name in names))


def mutated(spec: Spec, dice: random.Random) -> Spec:
    if not spec.points:
        return random_spec(dice)
    points = list(spec.points)
    place = dice.randrange(len(points))
    other = random_point(dice, points[place].name)
    name = dice.choice(("control", "apis", "keys", "vpc", "subnet", "endpoints", "credentials"))
    points[place] = replace(points[place], **{name: getattr(other, name)})
    return Spec(tuple(points))


def world(spec: Spec, dice: random.Random) -> World:
    documents = []
    for point in spec.points:
        body: dict[str, Any] = {
            "name": point.name,
            "vpcId": point.vpc,
            "subnetId": point.subnet,
            "apis": dice.sample(point.apis, len(point.apis)) * dice.choice((1, 2)),
            "resources": [{"resourceType": "key", "resourceId": key} for key in point.keys],
            "endpoints": dice.sample(point.endpoints, len(point.endpoints)),
        }
        if not point.control or dice.random() < 0.5:
            body["permissionControl"] = point.control
        if point.credentials is not None:
            body["credentials"] = [
                {"accessKey": f"AKTEST{number}", "status": status} for number, status in enumerate(point.credentials)
            ]
        documents.append(Document(DocumentKind.ACCESS_POINT, body, point.name))
    return World(CLOUD, OWN, KEY, tuple(documents))


def oracle(spec: Spec, logic: Logic) -> Any:
    return logic.some([logic.who(["account"]), *(_point(point, logic) for point in spec.points)])


def _point(point: Point, logic: Logic) -> Any:
    if point.credentials is not None and "Enabled" not in point.credentials:
        return logic.some([])
    terms = [logic.who([f"access_point/{point.name}"])]
    if point.vpc:
        terms.append(logic.text("vpc", point.vpc.__eq__))
    if point.subnet:
        terms.append(logic.text("subnet", point.subnet.__eq__))
    listed = logic.text("endpoint", point.endpoints.__contains__)
    if not point.endpoints:
        terms.append(logic.rule("ctyun.empty-whitelist"))
    elif point.control:
        terms.append(listed)
    else:
        terms.append(logic.some([listed, logic.no(logic.rule("ctyun.whitelist-without-control"))]))
    if point.control:
        if not {KEY.id, "*"} & set(point.keys):
            return logic.some([])
        terms.append(logic.what(ACTION_NAMES if "*" in point.apis else point.apis))
    return logic.every(terms)
