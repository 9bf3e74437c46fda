"""100,000 random requests at Tencent Cloud: our evaluator and the emulator say the same, wherever ours is decided."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from kms_emulator.tencent.decision import CallFacts, decide
from kms_emulator.tencent.errors import ApiError
from kms_emulator.tencent.policy_documents import check
from kms_resources.access.clouds import evaluate
from kms_resources.access.words import Document, DocumentKind, Request, World, parse_principal
from tests.unit.access import tencent_worlds as worlds

REQUESTS = 100_000
SHARE = 8
"""Parts of the same size, so that two workers can divide them."""
PER_WORLD = 20
NUMBERS = {"user/alice": "100000000011", "user/bob": "100000000012", "role/ops": "4611686018427397919"}


@pytest.mark.parametrize("part", range(SHARE))
def test_the_emulator_never_disagrees(part: int) -> None:
    dice = random.Random(part)
    asked = decided = allowed = 0
    while asked < REQUESTS // SHARE:
        spec = worlds.random_spec(dice)
        world = _valid(worlds.world(spec, dice))
        members = {"known": spec.members or (), "dev": dice.choice(((), ("alice",), ("bob",), ("alice", "bob")))}
        for _ in range(PER_WORLD):
            who = dice.choice(tuple(NUMBERS))
            action = dice.choice(worlds.ACTION_NAMES)
            address = dice.choice(("", *worlds.VALUES["source_ip"]))
            moment = dice.choice(worlds.VALUES["time"])
            attributes = {"time": moment} | ({"source_ip": address} if address else {})
            groups = tuple(group for group, names in members.items() if who.partition("/")[2] in names)
            asking = replace(parse_principal(who, worlds.OWN), groups=groups if who.startswith("user/") else ())
            ours = evaluate(world, Request(asking, action, world.resource, attributes))
            asked += 1
            if ours.allowed is None:
                continue
            decided += 1
            allowed += ours.allowed
            theirs = decide(_documents(world, who, members), _facts(world, who, action, address, moment))
            assert theirs.allowed == ours.allowed, _told(world, who, action, attributes, ours, theirs)
    # The comparison says something only while most requests are decided, and both answers occur.
    assert decided > asked / 3
    assert decided / 20 < allowed < decided * 19 / 20


def _valid(world: World) -> World:
    """The world without the documents that the cloud would not store."""
    return World(
        world.cloud, world.account, world.resource, tuple(filter(_is_stored, world.documents)), world.groups,
        world.numbers,
    )  # fmt: skip


def _is_stored(document: Document) -> bool:
    try:
        check(json.dumps(document.body))
    except ApiError:
        return False
    return document.kind is DocumentKind.IDENTITY_POLICY


def _documents(world: World, who: str, members: dict[str, tuple[str, ...]]) -> list[Any]:
    kind, _, name = who.partition("/")
    groups = {f"group/{group}" for group, names in members.items() if kind == "user" and name in names}
    return [one.body for one in world.documents if {who, *groups} & set(one.attached_to)]


def _facts(world: World, who: str, action: str, address: str, moment: str) -> CallFacts:
    key = world.resource
    path = f"qcs::kms:{key.region}:uin/{key.account}:key/creatorUin/{key.creator}/{key.id}"
    return CallFacts(
        action,
        path,
        owner_uin=key.account,
        uin=NUMBERS[who],
        region=key.region,
        source_ip=address,
        now=datetime.fromisoformat(moment).timestamp(),
        resource_tags=tuple(f"{name}&{value}" for name, value in (key.tags or {}).items()),
    )


def _told(world: World, *more: object) -> str:
    documents = "\n".join(f"{one.attached_to} {json.dumps(one.body)}" for one in world.documents)
    return f"{more}\ntags {world.resource.tags}\n{documents}"
