"""Every witness of a comparison is put to the emulator: refused under the old documents, allowed under the new.

For a loss it is the other way round. Random pairs of worlds are compared, and every region's witness is asked of the
emulator's own decision, which shares nothing with ours.

Open rules. A witness is asked once under every answer to the open rules that either world asks about, for the
emulator's readings can be switched; both sides must say the same in every one of them, before and after. Then

- a *decided* finding must show in every answer: none is left out but those that the emulator cannot take;
- a *possible* finding must show in at least one answer by our own evaluator, and at the emulator as well, unless it
  hangs on a rule of which the emulator knows one answer only (`NOT_SWITCHED`, which is exhaustive and all of it used).
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from types import ModuleType

import pytest

from kms_resources.access.compare import Region, compare
from kms_resources.access.words import World
from tests.access import alibaba_emulated, ctyun_emulated, tencent_emulated
from tests.access.readings import Leaf, readings_of

CLOUDS: dict[str, ModuleType] = {"alibaba": alibaba_emulated, "tencent": tencent_emulated, "ctyun": ctyun_emulated}
PAIRS = {"alibaba": 600, "tencent": 1_000, "ctyun": 2_400}
WITNESSES = {"alibaba": 4_000, "tencent": 3_000, "ctyun": 4_000}
"""So many there must be at least."""
PARTS = 4
NOT_SWITCHED: dict[str, dict[str, str]] = {
    "alibaba": {"alibaba.wildcard-in-equals": "* and ? are letters under StringEquals there"},
    "tencent": {
        "tencent.project": "a project in the second segment opens nothing there",
        "tencent.directory": "only a path that ends in a slash may mean all below it there",
        "outside:resource": "${uin} of a role is the role's id there, which made no key",
    },
    "ctyun": {
        "ctyun.empty-whitelist": "an empty whitelist lets every endpoint in there",
        "ctyun.whitelist-without-control": "the whitelist counts there whatever is controlled",
    },
}
"""Open rules of which the emulator has one reading, and which."""


@dataclass
class Tally:
    """What was asked and shown."""

    asked: int = 0
    """Answers of the emulator, each for both worlds."""
    decided: int = 0
    possible: int = 0
    shown: int = 0
    """Possible findings that the emulator shows in one of its readings."""
    not_shown: Counter[str] = field(default_factory=Counter)
    """Possible findings that it does not show, by the rule that it does not switch."""


def _name(rule: str) -> str:
    return rule.partition(" ")[0]


def _check(module: ModuleType, worlds: tuple[World, World], region: Region, *, gain: bool, tally: Tally) -> None:
    before, after = worlds
    wanted = (False, True) if gain else (True, False)
    leaves = list(readings_of(before, after, region.witness))
    askable = [leaf for leaf in leaves if _is_askable(module, leaf)]
    seen = []
    for leaf in askable:
        said = tuple(module.answer(world, region.witness, leaf.answers) for world in worlds)
        assert said == (leaf.before, leaf.after), (region, leaf, worlds)
        seen.append(said == wanted)
    tally.asked += len(askable)
    if region.decided:
        assert all((leaf.before, leaf.after) == wanted for leaf in leaves), region
        assert seen, region
        assert all(seen), region
        tally.decided += 1
        return
    tally.possible += 1
    assert any((leaf.before, leaf.after) == wanted for leaf in leaves), region
    if any(seen):
        tally.shown += 1
        return
    missing = {_name(rule) for leaf in leaves for rule in leaf.answers if module.fixed(rule) is not None}
    assert missing, region
    tally.not_shown.update(missing)


def _is_askable(module: ModuleType, leaf: Leaf) -> bool:
    return all(module.fixed(rule) in {None, held} for rule, held in leaf.answers.items())


def _tally(cloud: str, numbers: range) -> Tally:
    tally, module = Tally(), CLOUDS[cloud]
    for number in numbers:
        worlds = module.pair(random.Random(f"{cloud} witness {number}"))
        found = compare(*worlds)
        for gain, regions in ((True, found.gains), (False, found.losses)):
            for region in regions:
                _check(module, worlds, region, gain=gain, tally=tally)
    return tally


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_emulator_shows_every_gain_and_every_loss(cloud: str, part: int) -> None:
    size = PAIRS[cloud] // PARTS
    tally = _tally(cloud, range(part * size, (part + 1) * size))
    enough = WITNESSES[cloud] / PARTS
    assert tally.decided + tally.possible >= enough
    assert tally.asked >= enough
    assert tally.decided > enough / 4
    assert tally.shown > enough / 20
    assert set(tally.not_shown) == set(NOT_SWITCHED[cloud])
