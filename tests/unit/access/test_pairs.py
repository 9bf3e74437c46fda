"""60,000 random pairs of worlds: the comparison against z3, the evaluators against the rules stated a second time.

For each pair z3 is asked for a request, under any reading of the open rules, that changes outside of what the
comparison reports, principal by principal and action by action; there must be none. What the comparison does report
carries witnesses, which it replays itself; here they are put to the second statement of the rules as well. Requests
that know nothing of classes are put to everything.
"""

from __future__ import annotations

import random
from functools import lru_cache
from types import ModuleType

import pytest

from kms_resources.access.clouds import evaluate
from kms_resources.access.compare import compare
from tests.unit.access import alibaba_worlds, ctyun_worlds, tencent_worlds
from tests.unit.access.logic import Symbolic
from tests.unit.access.pairs import check_with_z3, covered, oracle_verdict, plain_request, random_request

PAIRS, CHUNKS = 20_000, 20
CLOUDS = {"alibaba": alibaba_worlds, "tencent": tencent_worlds, "ctyun": ctyun_worlds}
SEED = 20_250_301


@lru_cache(maxsize=1)
def symbolic(cloud: str, chunk: int) -> Symbolic:
    """One solver for one chunk: its memory of terms must not grow for ever."""
    return Symbolic(CLOUDS[cloud].PRINCIPALS, CLOUDS[cloud].ACTION_NAMES)


@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.parametrize("cloud", CLOUDS)
def test_nothing_changes_outside_of_what_the_comparison_reports(cloud: str, chunk: int) -> None:
    size = PAIRS // CHUNKS
    for number in range(chunk * size, (chunk + 1) * size):
        check(CLOUDS[cloud], random.Random(f"{cloud} {SEED} {number}"), symbolic(cloud, chunk), number)


def check(module: ModuleType, dice: random.Random, solver: Symbolic, number: int) -> None:
    before = module.random_spec(dice)
    after = module.mutated(before, dice) if dice.random() < 0.8 else module.random_spec(dice)
    specs, worlds = (before, after), (module.world(before, dice), module.world(after, dice))
    result = compare(*worlds)
    assert check_with_z3(module, specs, result, solver), (number, specs)
    for region in (result.gains[:1] + result.losses[:1]) if number % 4 == 0 else ():
        witness = plain_request(region.witness, module.OWN)
        if witness["principal"] in module.PRINCIPALS and not region.witness.principal.groups:
            assert region.before.allowed == oracle_verdict(module, before, witness), (number, specs, region)
            assert region.after.allowed == oracle_verdict(module, after, witness), (number, specs, region)
    for _ in range(3):
        request = random_request(module, worlds[1], dice)
        was, now = evaluate(worlds[0], request), evaluate(worlds[1], request)
        if was.allowed is not True and now.allowed is True:
            assert covered(result.gains, request, module, specs), (number, specs, request)
        if was.allowed is True and now.allowed is not True:
            assert covered(result.losses, request, module, specs), (number, specs, request)


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_evaluator_agrees_with_the_rules_stated_a_second_time(cloud: str) -> None:
    module, dice = CLOUDS[cloud], random.Random(SEED)
    verdicts = set()
    for number in range(1_000):
        spec = module.random_spec(dice)
        world = module.world(spec, dice)
        request = random_request(module, world, dice)
        plain = plain_request(request, module.OWN)
        if request.principal.groups:
            continue
        verdict = evaluate(world, request)
        expected = oracle_verdict(module, spec, plain)
        assert verdict.allowed == expected, (number, spec, request, verdict)
        assert evaluate(world, request) == verdict
        verdicts.add(verdict.allowed)
    assert verdicts == {True, False, None}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_equal_spellings_of_one_world_are_equivalent(cloud: str) -> None:
    module, dice = CLOUDS[cloud], random.Random(SEED)
    for _ in range(1_000):
        spec = module.random_spec(dice)
        assert compare(module.world(spec, dice), module.world(spec, dice)).equivalent
