"""100,000 random requests at Alibaba Cloud: our evaluator and the emulator say the same, wherever ours is decided."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import datetime

import pytest

from kms_emulator.alibaba.decision import CallFacts, Documents, decide
from kms_emulator.alibaba.errors import VendorError
from kms_emulator.alibaba.policy_documents import check_ram, checked
from kms_resources.access.clouds import evaluate
from kms_resources.access.words import Document, DocumentKind, Principal, PrincipalKind, Request, World, parse_principal
from tests.unit.access import alibaba_worlds as worlds

REQUESTS = 100_000
SHARE = 8
PER_WORLD = 20
WHO = tuple(text for text in worlds.PRINCIPALS if "access_point" not in text)
GROUP = "dev"
EVERYTHING = {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.mark.parametrize("part", range(SHARE))
def test_the_emulator_never_disagrees(part: int) -> None:
    dice = random.Random(part)
    asked = decided = allowed = 0
    while asked < REQUESTS // SHARE:
        world = _valid(worlds.world(worlds.random_spec(dice), dice))
        for _ in range(PER_WORLD):
            text = dice.choice(WHO)
            asking = parse_principal(text, worlds.OWN)
            if asking.kind is PrincipalKind.USER and asking.account == worlds.OWN and dice.random() < 0.3:
                asking = replace(asking, groups=(GROUP,))
            action = dice.choice(worlds.ACTION_NAMES)
            attributes = _attributes(dice)
            ours = evaluate(world, Request(asking, action, world.resource, attributes))
            asked += 1
            if ours.allowed is None:
                continue
            decided += 1
            allowed += ours.allowed
            theirs = decide(_documents(world, asking), _facts(world, asking, action, attributes))
            assert theirs.allowed == ours.allowed, _told(world, asking, action, attributes, ours, theirs)
    assert decided > asked / 3
    assert decided / 50 < allowed < decided * 49 / 50


def _attributes(dice: random.Random) -> dict[str, str]:
    found = {name: dice.choice(("true", "false")) for name in ("mfa", "secure_transport")}
    found["time"] = dice.choice(worlds.VALUES["time"])
    if dice.random() < 0.5:
        found["source_ip"] = dice.choice(worlds.VALUES["source_ip"])
    else:
        found |= {name: dice.choice(worlds.VALUES[name]) for name in ("vpc", "private_ip")}
    return {name: value for name, value in found.items() if value}


def _valid(world: World) -> World:
    """The world without the documents that the cloud would not store."""
    return replace(world, documents=tuple(filter(_is_stored, world.documents)))


def _is_stored(document: Document) -> bool:
    text = json.dumps(document.body)
    try:
        if document.kind is DocumentKind.KEY_POLICY:
            checked("Policy", text, undocumented=False)
        elif document.kind is DocumentKind.IDENTITY_POLICY:
            check_ram(text)
        else:
            return False
    except (VendorError, ValueError):
        return False
    return True


def _documents(world: World, asking: Principal) -> Documents:
    holder = f"{asking.kind}/{asking.name}"
    holders = {holder, *(f"group/{group}" for group in asking.groups)}
    policy = next((one.body for one in world.documents if one.kind is DocumentKind.KEY_POLICY), None)
    ram = [
        one.body
        for one in world.documents
        if one.kind is DocumentKind.IDENTITY_POLICY
        and (one.account or world.account) == asking.account
        and holders & set(one.attached_to)
    ]
    known = any(one.account == asking.account for one in world.documents if one.kind is DocumentKind.IDENTITY_POLICY)
    if asking.account != world.account and not known:
        # Of an account whose documents nobody has, the worst is taken: it allows its own people everything.
        ram = [EVERYTHING]
    return Documents(policy, ram)


def _facts(world: World, asking: Principal, action: str, attributes: dict[str, str]) -> CallFacts:
    key = world.resource
    return CallFacts(
        action,
        f"acs:kms:{key.region}:{key.account}:key/{key.id}",
        asking.account,
        "root" if asking.kind is PrincipalKind.ACCOUNT else f"{asking.kind}/{asking.name}",
        source_ip=attributes.get("source_ip", ""),
        vpc=attributes.get("vpc", ""),
        vpc_source_ip=attributes.get("private_ip", ""),
        now=datetime.fromisoformat(attributes["time"]).timestamp(),
        secure=attributes["secure_transport"] == "true",
        mfa=attributes["mfa"] == "true",
    )


def _told(world: World, *more: object) -> str:
    documents = "\n".join(f"{one.kind} {one.attached_to} {json.dumps(one.body)}" for one in world.documents)
    return f"{more}\n{documents}"
