"""Some of the random witnesses as real requests: signed by whom they name, sent from where and when they say.

`test_witnesses` asks the emulator's decision, and by the thousand. Here the emulator holds the old documents and then
the new ones, and the request goes all the way: signature, who exists, what the call is about, where it comes from. Only
decided findings are sent, for they hold in whatever way the emulator reads the open rules. `_unsent` names why no
request can be made of a witness; every reason occurs. Of a class of actions the witness has the first, which is why no
call asks for more than one thing.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from kms_resources.access.compare import compare
from kms_resources.access.words import PrincipalKind, Request, World
from tests.access import alibaba_emulated
from tests.access.alibaba_stage import Stage, open_stage

SENT = 200
PAIRS = 150
REASONS = {
    "access point": "client keys speak the gateway's own protocol",
    "flag": "every call of the emulator has the flag that this one lacks, and the second factor is always false",
    "place": "it says nothing of where it comes from, and documents ask",
    "impossible": "it has a public address and comes out of a VPC",
}
_SPENT = frozenset({"kms:ScheduleKeyDeletion", "kms:TagResource"})
"""Calls that leave a key on which the next documents cannot be put, or that is another."""
_FLAGS = {"acs:MFAPresent": ("mfa", ("false",)), "acs:SecureTransport": ("secure_transport", ("true", "false"))}


def _unsent(request: Request, worlds: tuple[World, World]) -> str:
    """Why no request can be made of a witness; empty: one can."""
    given = request.attributes
    text = json.dumps([dict(one.body) for world in worlds for one in world.documents])
    if request.principal.kind is PrincipalKind.ACCESS_POINT:
        return "access point"
    if any(key in text and given.get(word) not in values for key, (word, values) in _FLAGS.items()):
        return "flag"
    inside = "vpc" in given or "private_ip" in given
    if inside and "source_ip" in given:
        return "impossible"
    if not inside and "source_ip" not in given and ("acs:SourceIp" in text or "acs:SourceVpc" in text):
        return "place"
    return ""


def _witnesses(reasons: Counter[str]) -> Iterator[tuple[bool, Request, tuple[World, World]]]:
    for number in range(PAIRS):
        worlds = alibaba_emulated.pair(random.Random(f"alibaba sent {number}"))
        found = compare(*worlds)
        regions = [(gain, one) for gain, some in ((True, found.gains), (False, found.losses)) for one in some]
        for gain, region in regions:
            reason = _unsent(region.witness, worlds) if region.decided else "open"
            reasons[reason] += 1
            if not reason and reasons[""] <= SENT:
                yield gain, region.witness, worlds


def test_the_emulator_answers_random_witnesses_at_alibaba_as_the_comparison_says(tmp_path: Path) -> None:
    reasons: Counter[str] = Counter()
    witnesses = list(_witnesses(reasons))
    everybody = [request.principal for _, request, _ in witnesses]
    seen: Counter[bool] = Counter()
    with open_stage(tmp_path, witnesses[0][2][0], everybody) as stage:
        for gain, request, (before, after) in witnesses:
            assert (_allowed(stage, before, request), _allowed(stage, after, request)) == (not gain, gain), (
                request,
                [one.body for one in before.documents],
                [one.body for one in after.documents],
            )
            seen[gain] += 1
    assert min(seen.values()) > SENT / 4
    assert set(reasons) == {"", "open", *REASONS}


def _allowed(stage: Stage, world: World, request: Request) -> bool:
    members = dict.fromkeys(request.principal.groups, (request.principal.name,))
    holding = World(world.cloud, world.account, world.resource, world.documents, {**world.groups, **members})
    stage.hold(holding)
    allowed = stage.allows(request)
    if allowed and request.action in _SPENT:
        stage.key = ""
    return allowed
