"""Tencent Cloud's emulator asked about our worlds: documents, call and readings in its own words."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from kms_emulator.tencent.decision import CallFacts, decide
from kms_emulator.tencent.errors import ApiError
from kms_emulator.tencent.policy_documents import check
from kms_emulator.tencent.readings import Rules
from kms_resources.access.words import Document, PrincipalKind, Request, World
from tests.unit.access import tencent_worlds as worlds

SWITCHES: Mapping[str, tuple[dict[str, str], dict[str, str]]] = {
    "tencent.action-case": ({"action_case": "kept"}, {"action_case": "ignored"}),
    "tencent.region-forms": (
        {"region_star": "nothing", "short_regions": "nothing"},
        {"region_star": "all", "short_regions": "known"},
    ),
    "tencent.absent-negated": ({"absent_negated": "fails"}, {"absent_negated": "holds"}),
    "tencent.tags-without-any": ({"several_values": "never"}, {"several_values": "any"}),
}
"""Open rule of ours → the emulator's readings where ours does not hold, and where it does."""
_ODD = 'outside:{"binary_equal":{"odd:key":["1"]}}'
"""A condition that we do not decide: the emulator does, and a call with the value meets it."""
ROLE_ID = "4611686018427397919"
NOON = "2030-06-01T12:00:00Z"
_ONE_MORE = "zz-unrelated&1"


def pair(dice: random.Random) -> tuple[World, World]:
    """Two worlds, mostly neighbours, of documents that the cloud would store."""
    before = worlds.random_spec(dice)
    after = worlds.mutated(before, dice) if dice.random() < 0.8 else worlds.random_spec(dice)
    return stored(worlds.world(before, dice)), stored(worlds.world(after, dice))


def stored(world: World) -> World:
    """The world without the documents that the cloud would not store."""
    return replace(world, documents=tuple(filter(_is_stored, world.documents)))


def _is_stored(document: Document) -> bool:
    try:
        check(json.dumps(document.body))
    except ApiError:
        return False
    return True


def fixed(rule: str) -> bool | None:
    """The one answer that the emulator has for an open rule; None: it can be switched."""
    return None if rule in SWITCHES or rule == _ODD else False


def rules(answers: Mapping[str, bool]) -> Rules:
    """The emulator's readings for our answers; what was not asked stays as the emulator has it."""
    chosen: dict[str, str] = {}
    for rule, (no, yes) in SWITCHES.items():
        chosen |= {} if rule not in answers else yes if answers[rule] else no
    return replace(Rules(), **chosen)


def answer(world: World, request: Request, answers: Mapping[str, bool]) -> bool:
    """What the emulator says; `authorisation` never asks about the main account."""
    asking = request.principal
    if asking.kind is PrincipalKind.ACCOUNT:
        return True
    groups = {group for group, members in world.groups.items() if asking.name in members} | set(asking.groups)
    holders = {f"{asking.kind}/{asking.name}"}
    if asking.kind is PrincipalKind.USER:
        holders |= {f"group/{group}" for group in groups}
    documents = [one.body for one in world.documents if holders & set(one.attached_to)]
    return decide(documents, _facts(world, request, answers), rules(answers)).allowed


def _facts(world: World, request: Request, answers: Mapping[str, bool]) -> CallFacts:
    key, given = world.resource, request.attributes
    tags = [f"{name}&{value}" for name, value in (key.tags or {}).items()]
    if key.tags is None:
        tags = [f"{name.removeprefix('tag/')}&{value}" for name, value in given.items() if name.startswith("tag/")]
        # Of tags that are not known there may be several; then there are.
        tags.append(_ONE_MORE)
    more = {name: (value,) for name, value in given.items() if ":" in name}
    if answers.get(_ODD):
        more["odd:key"] = ("1",)
    return CallFacts(
        request.action,
        f"qcs::kms:{key.region}:uin/{key.account}:key/creatorUin/{key.creator}/{key.id}",
        owner_uin=key.account,
        uin=number(world, request),
        region=key.region,
        source_ip=given.get("source_ip", ""),
        now=datetime.fromisoformat(given.get("time", NOON)).timestamp(),
        resource_tags=tuple(tags),
        more=more,
    )


def number(world: World, request: Request) -> str:
    """The number of who asks."""
    asking = request.principal
    if asking.kind is PrincipalKind.ROLE:
        return ROLE_ID
    return asking.uin or world.numbers.get(asking.name, "") or asking.name
