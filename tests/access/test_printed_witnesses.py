"""The requests that `kms review` prints for the golden pairs of stacks, sent to the emulator.

What is sent is what the JSON report prints. The documents are those that the review compared, which are those that `up`
would write: the emulator holds the old ones and is asked, then the new ones. A printed gain must be refused and then
pass the permissions, a loss the other way round; whether the service goes on to succeed (signing with a key that cannot
sign) is not a matter of permission. A *possible* finding must do so in one of the emulator's readings of the open
rules, and in every other reading the emulator must say what our evaluator says of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from kms_resources.access.compare import Comparison, Region, compare
from kms_resources.access.words import Principal, PrincipalKind, Request, World, parse_principal
from kms_resources.cli import main
from tests.access import alibaba_emulated, alibaba_stage, ctyun_emulated, tencent_emulated, tencent_stage
from tests.access.readings import readings_of

CASES = Path(__file__).parents[1] / "review" / "cases"
NAMES = sorted(path.name for path in CASES.iterdir())
EMULATED: dict[str, ModuleType] = {"alibaba": alibaba_emulated, "tencent": tencent_emulated, "ctyun": ctyun_emulated}

NOTHING_PRINTED = {
    "nothing changes about who may": (
        "01-nothing-changes", "02-order-has-no-meaning", "03-class-written-out", "08-wildcard-swallows",
        "16-native-written-anew", "17-native-to-statements",
    ),
    "what changes is not who may": (
        "20-alias-removed-and-added", "21-leave-to-delete", "22-keys-removed", "24-disabled-and-unprotected",
        "25-rotation-longer", "26-material-gets-an-end", "27-fixed-settings", "44-gateway-without-checks",
        "45-secrets-and-uses", "49-deletion-forbidden-again",
    ),
    "the policy is not compared, it stays at the cloud": ("40-policy-of-an-abandoned-key",),
    "the key moves to another cloud and has no policy there": ("48-another-target",),
}  # fmt: skip
"""Cases whose report prints no request, and why."""
NOT_STORED = {"35-not-principal": "the emulator refuses NotPrincipal in a key policy, as the vendor's form has none"}
"""Cases whose documents the emulator does not take."""
AT_THE_DECISION = {
    "41-access-point-from-anywhere": "client keys speak the gateway's own protocol, which has no call for each action",
    "42-access-point-every-key": "client keys speak the gateway's own protocol, which has no call for each action",
    "50-pattern-under-equals": "no call of the emulator has acs:PrincipalName",
    "43-permission-control-off": "the access point's own interface has a path for six of the interfaces only",
}
"""Cases that are asked of the emulator's decision, because no request can be sent for all of their witnesses."""
ONE_READING = {
    "43-permission-control-off": {"ctyun.whitelist-without-control"},
    "50-pattern-under-equals": {"alibaba.wildcard-in-equals"},
}
"""Possible findings that hang on a rule of which the emulator has one reading."""


@dataclass(frozen=True)
class Printed:
    """One request of a report, and the worlds that it tells apart."""

    gain: bool
    decided: bool
    request: Request
    before: World
    after: World


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[World, World, Comparison]]:
    """Whatever the review compares."""
    seen: list[tuple[World, World, Comparison]] = []

    def recorded(before: World, after: World) -> Comparison:
        seen.append((before, after, compare(before, after)))
        return seen[-1][2]

    monkeypatch.setattr("kms_resources.review.access.compare", recorded)
    return seen


def _report(case: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.chdir(CASES / case)
    arguments = json.loads((CASES / case / "case.json").read_text(encoding="utf-8"))["args"]
    command = ["review", "base.yaml", "head.yaml", "--no-rules", *arguments, "--format", "json"]
    found: dict[str, Any] = json.loads(CliRunner().invoke(main, command, catch_exceptions=False).stdout)
    return found


def _printed(report: dict[str, Any], compared: list[tuple[World, World, Comparison]]) -> Iterator[Printed]:
    for subject in report["subjects"]:
        for side, grants in (subject["access"] or {}).items():
            for grant in grants if side in {"gains", "losses"} else ():
                gain = side == "gains"
                before, after = _worlds(grant, compared, gain=gain)
                request = _request(grant["witness"], before)
                yield Printed(gain, grant["decided"], request, before, after)


def _worlds(
    grant: dict[str, Any], compared: list[tuple[World, World, Comparison]], *, gain: bool
) -> tuple[World, World]:
    """The worlds of the comparison that has this finding."""
    for before, after, comparison in compared:
        for region in comparison.gains if gain else comparison.losses:
            if _says(region, grant, before):
                return before, after
    raise AssertionError(f"nothing compared has {grant}")


def _says(region: Region, grant: dict[str, Any], world: World) -> bool:
    mine = (region.kind.value, list(region.actions), region.decided)
    if mine != (grant["class"], grant["actions"], grant["decided"]):
        return False
    own, told = region.witness, _request(grant["witness"], world)
    return (own.principal.plain, own.principal.groups, own.action, own.attributes) == (
        told.principal.plain,
        told.principal.groups,
        told.action,
        told.attributes,
    )


def _request(witness: dict[str, Any], world: World) -> Request:
    """The request as it is printed."""
    given = {name.replace(" ", "_"): value for name, value in witness["attributes"].items()}
    groups = tuple(given.pop("in_group", "").split(", ")) if "in_group" in given else ()
    principal = replace(parse_principal(witness["principal"], world.account), groups=groups)
    return Request(principal, witness["action"], world.resource, given)


@pytest.mark.parametrize("case", NAMES)
def test_a_printed_request_is_answered_as_printed(
    case: str, compared: list[tuple[World, World, Comparison]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    printed = list(_printed(_report(case, monkeypatch), compared))
    assert (case in {name for names in NOTHING_PRINTED.values() for name in names}) == (not printed)
    if case in NOT_STORED:
        assert all(_is_not_stored(one.after) for one in printed)
        return
    for number, one in enumerate(printed):
        ask = _at_the_decision if case in AT_THE_DECISION else _by_request
        _check(one, ask(one, tmp_path / str(number)), ONE_READING.get(case, set()))


def _is_not_stored(world: World) -> bool:
    kept = alibaba_emulated.stored(world)
    return [one.body for one in kept.documents] != [one.body for one in world.documents]


Asked = Iterator[tuple[Mapping[str, bool], bool, bool]]
"""Answers to the open rules, and what the emulator says of the request under the old and the new documents."""


def _check(one: Printed, asked: Asked, one_reading: set[str]) -> None:
    wanted = (False, True) if one.gain else (True, False)
    expected = {
        tuple(sorted(leaf.answers.items())): (leaf.before, leaf.after)
        for leaf in readings_of(one.before, one.after, one.request)
    }
    said = {tuple(sorted(answers.items())): (before, after) for answers, before, after in asked}
    assert said, one
    assert said.items() <= expected.items(), one
    assert wanted in expected.values(), one
    if one.decided:
        assert set(said.values()) == {wanted}, one
    elif wanted not in said.values():
        assert {rule for answers in expected for rule, _ in answers} <= one_reading, one


def _leaves(one: Printed) -> Iterator[Mapping[str, bool]]:
    fixed = EMULATED[one.before.cloud].fixed
    for leaf in readings_of(one.before, one.after, one.request):
        if all(fixed(rule) in {None, held} for rule, held in leaf.answers.items()):
            yield leaf.answers


def _at_the_decision(one: Printed, folder: Path) -> Asked:
    del folder
    answer = EMULATED[one.before.cloud].answer
    for answers in _leaves(one):
        yield answers, answer(one.before, one.request, answers), answer(one.after, one.request, answers)


def _by_request(one: Printed, folder: Path) -> Asked:
    folder.mkdir()
    worlds = tuple(_with_members(world, one.request.principal) for world in (one.before, one.after))
    return {"alibaba": _at_alibaba, "tencent": _at_tencent}[one.before.cloud](one, worlds, folder)


def _with_members(world: World, asking: Principal) -> World:
    return replace(world, groups={**world.groups, **dict.fromkeys(asking.groups, (asking.name,))})


def _at_alibaba(one: Printed, worlds: tuple[World, ...], folder: Path) -> Asked:
    with alibaba_stage.open_stage(folder, one.before, [one.request.principal]) as stage:
        for answers in _leaves(one):
            stage.read(alibaba_emulated.rules(answers))
            before, after = (_held(lambda: stage.allows(one.request), stage.hold, world, anew=True) for world in worlds)
            yield answers, before, after


def _at_tencent(one: Printed, worlds: tuple[World, ...], folder: Path) -> Asked:
    people = {one.request.principal: "100000000099", _HELPER: "100000000098"}
    place = one.before.resource
    holders = {text for world in worlds for each in world.documents for text in each.attached_to}
    groups = [text.removeprefix("group/") for text in sorted(holders) if text.startswith("group/")]
    with tencent_stage.open_stage(folder, place.account, place.region, people, groups) as stage:
        key = stage.make_key(**(place.tags or {}))
        for answers in _leaves(one):
            stage.read(tencent_emulated.rules(answers))
            before, after = (
                _held(lambda: stage.allows(one.request), stage.hold, _named(world, key)) for world in worlds
            )
            yield answers, before, after


_HELPER = Principal(PrincipalKind.USER, "0", "helper")


def _held(ask: Callable[[], bool], hold: Callable[..., None], world: World, **more: bool) -> bool:
    hold(world, **more)
    return ask()


def _named(world: World, key: str) -> World:
    """The documents with the key's id, which a stack cannot know before the key is made: its name stands there."""
    name = world.resource.id
    if not name:
        return world
    documents = tuple(
        replace(one, body=json.loads(json.dumps(one.body, default=dict).replace(f'/{name}"', f'/{key}"')))
        for one in world.documents
    )
    return replace(world, documents=documents)


def test_the_tables_name_cases_that_exist() -> None:
    named = [name for names in NOTHING_PRINTED.values() for name in names]
    assert len(named) == len(set(named))
    assert {*named, *NOT_STORED, *AT_THE_DECISION} <= set(NAMES)
    assert len(NAMES) - len(named) - len(NOT_STORED) >= 25
