"""Who gains and who loses between two worlds: an exact comparison, with one replayed witness for every finding.

Terms. A *gain* is a request that the later world allows and the earlier does not; a *loss* the other way round. It is
*decided* when this holds in every reading of the open rules, otherwise *possible*.

Premise. Statements are products (who × what × conditions), each condition tests one attribute, and the classes of
`atoms` keep requests apart exactly where a statement does. So what a world allows is a union of boxes, and everything
asked here is a difference of unions, or a projection along the dimensions of open rules.

Before a witness is given out it is put to both evaluators, which share nothing with the boxes but the reading of
documents. If they disagree with the boxes, that is a fault of ours and raises `WitnessError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product

from kms_resources.access.atoms import Space, split
from kms_resources.access.boxes import Box, lowest, project, subtract
from kms_resources.access.clouds import CLOUDS
from kms_resources.access.equal import normal
from kms_resources.access.words import ActionClass, Principal, Request, Verdict, World


class WitnessError(RuntimeError):
    """The evaluators do not confirm a finding of the comparison."""


class Relation(StrEnum):
    """How the later world relates to the earlier one."""

    EQUIVALENT = "equivalent"
    NARROWER = "narrower"
    WIDER = "wider"
    INCOMPARABLE = "incomparable"


@dataclass(frozen=True)
class Judgement:
    """The verdict on one half, administration or use."""

    relation: Relation
    """With every possible gain and loss counted."""
    decided: Relation
    """With decided gains and losses only."""
    open_rules: tuple[str, ...] = ()
    """What the difference between the two hangs on."""


@dataclass(frozen=True)
class Region:
    """What one principal gains or loses in one class of actions, under one condition."""

    principal: Principal
    fresh: bool
    """Whether it stands for everybody of its kind and account whom no document names; with `groups`, for every member
    of them, whoever is named elsewhere included."""
    kind: ActionClass
    actions: tuple[str, ...]
    when: tuple[str, ...]
    """Under which conditions, in words; empty: always."""
    witness: Request
    before: Verdict
    after: Verdict

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups whose members it is about; empty: not a matter of groups."""
        return self.witness.principal.groups

    @property
    def decided(self) -> bool:
        """Whether it holds in every reading of the open rules."""
        return None not in {self.before.allowed, self.after.allowed}

    @property
    def open_rules(self) -> tuple[str, ...]:
        """What a possible finding hangs on."""
        return _open_rules(self.before, self.after)


@dataclass(frozen=True)
class Comparison:
    """Everything that changes between two worlds."""

    administration: Judgement
    use: Judgement
    unlisted: Relation
    """For calls that the cloud may add one day and the table does not have."""
    gains: tuple[Region, ...] = ()
    losses: tuple[Region, ...] = ()

    @property
    def equivalent(self) -> bool:
        """Whether nothing changes in any reading, for calls of the future included."""
        same = Relation.EQUIVALENT
        return self.administration.relation is same and self.use.relation is same and self.unlisted is same


_SAME = Judgement(Relation.EQUIVALENT, Relation.EQUIVALENT)


def compare(before: World, after: World, *, also: Iterable[Principal] = ()) -> Comparison:
    """Compare two worlds of one resource. `also` names principals to report on even if no document names them."""
    if before.cloud != after.cloud or before.resource.kind is not after.resource.kind:
        raise ValueError("only worlds of one cloud and one kind of resource can be compared")
    if normal(before) == normal(after):
        return Comparison(_SAME, _SAME, Relation.EQUIVALENT)
    space, old, new = split(before, after, also, changes=True)
    gained, lost = _difference(space, new, old), _difference(space, old, new)
    gains = tuple(_regions(space, gained, before, after, gain=True))
    losses = tuple(_regions(space, lost, before, after, gain=False))
    other = 1 << space.actions.index(CLOUDS[before.cloud].other)
    unlisted = _relation(
        any(box[1] & other for boxes in gained for box in boxes), any(box[1] & other for boxes in lost for box in boxes)
    )
    return Comparison(
        _judge([r for r in gains if not r.kind.is_use], [r for r in losses if not r.kind.is_use]),
        _judge([r for r in gains if r.kind.is_use], [r for r in losses if r.kind.is_use]),
        unlisted,
        gains,
        losses,
    )


def _difference(space: Space, larger: list[Box], smaller: list[Box]) -> tuple[list[Box], list[Box]]:
    """What the one allows and the other does not: decided, and merely possible."""
    same = set(smaller)
    difference = subtract([box for box in larger if box not in same], smaller)
    rules = space.rules
    if not rules or not difference:
        return difference, []
    # In the difference in every reading: in the one in all of them, and in the other in none.
    possible = project(difference, space.full, rules)
    decided = subtract(possible, project(subtract(possible, difference), space.full, rules))
    return decided, subtract(possible, decided)


def _relation(gains: bool, losses: bool) -> Relation:
    if gains:
        return Relation.INCOMPARABLE if losses else Relation.WIDER
    return Relation.NARROWER if losses else Relation.EQUIVALENT


def _judge(gains: list[Region], losses: list[Region]) -> Judgement:
    return Judgement(
        _relation(bool(gains), bool(losses)),
        _relation(any(r.decided for r in gains), any(r.decided for r in losses)),
        tuple(sorted({rule for region in (*gains, *losses) for rule in region.open_rules})),
    )


def _regions(
    space: Space, found: tuple[list[Box], list[Box]], before: World, after: World, *, gain: bool
) -> Iterator[Region]:
    evaluate = CLOUDS[before.cloud].evaluate
    for decided, boxes in ((True, found[0]), (False, found[1])):
        simple = sorted(
            boxes,
            key=lambda box: (not space.possible(box), sum(m != full for m, full in zip(box, space.full, strict=True))),
        )
        for who, principal in enumerate(space.principals):
            mine = _by_groups(space, simple, who).values()
            for theirs, (kind, of_class) in product(mine, space.of_class.items()):
                told: dict[object, Region] = {}
                for taken, box in _parts(theirs, of_class, who, together=decided):
                    actions = tuple(action for index, action in enumerate(space.actions) if taken >> index & 1)
                    request = space.request(box, who, lowest(taken), after)
                    verdicts = evaluate(before, request), evaluate(after, request)
                    if space.outside:
                        verdicts = _questioned(space.outside, *verdicts, gain=gain)
                    else:
                        _replayed(request, *verdicts, gain=gain, decided=decided)
                    # What holds under the same condition and depends on the same rules is told together.
                    name = box[2:], _open_rules(*verdicts)
                    if name in told:
                        told[name] = _joined(told[name], actions, space)
                        continue
                    fresh = principal in space.fresh
                    told[name] = Region(principal, fresh, kind, actions, space.describe(box), request, *verdicts)
                yield from told.values()


def _joined(region: Region, actions: tuple[str, ...], space: Space) -> Region:
    both = {*region.actions, *actions}
    return replace(region, actions=tuple(action for action in space.actions if action in both))


def _open_rules(before: Verdict, after: Verdict) -> tuple[str, ...]:
    return tuple(sorted({*before.open_rules, *after.open_rules}))


def _by_groups(space: Space, boxes: list[Box], who: int) -> dict[tuple[str, ...], list[Box]]:
    """The boxes of a principal by the groups that they ask it to be in.

    What members of a group gain or lose is told once, for the users whom no document names, not again for each user
    who is named and might be a member too.
    """
    found: dict[tuple[str, ...], list[Box]] = {}
    for box in boxes:
        if box[0] >> who & 1:
            groups = space.groups_of(box, who)
            if not groups or not space.told_by_others(box, who):
                found.setdefault(groups, []).append(box)
    return found


def _parts(boxes: list[Box], actions: int, who: int, *, together: bool) -> Iterator[tuple[int, Box]]:
    """The actions of a class under each condition, the widest first, without what was told under wider ones.

    One by one unless `together`: what is merely possible may depend on other rules for each of them.
    """
    told: list[Box] = []
    for box in boxes:
        taken = box[1] & actions
        part = 1 << who, taken, *box[2:]
        if taken and subtract([part], told):
            told.append(part)
            yield from ((each, box) for each in ((taken,) if together else _each(taken)))


def _each(actions: int) -> Iterator[int]:
    while actions:
        yield actions & -actions
        actions &= actions - 1


def _questioned(outside: frozenset[str], before: Verdict, after: Verdict, *, gain: bool) -> tuple[Verdict, Verdict]:
    """Verdicts where conditions could not be classed: the finding is possible, and says why."""
    names = tuple(f"outside:{attribute}" for attribute in sorted(outside))
    open_verdict = Verdict(None, "too many interleaving patterns", (), names)
    return (before, open_verdict) if gain else (open_verdict, after)


def _replayed(request: Request, before: Verdict, after: Verdict, *, gain: bool, decided: bool) -> None:
    less, more = (before, after) if gain else (after, before)
    if decided:
        confirmed = more.allowed is True and less.allowed is False
    else:
        confirmed = more.allowed is not False and less.allowed is not True and None in {more.allowed, less.allowed}
    if not confirmed:
        raise WitnessError(
            f"{request.principal.short(request.resource.account)} {request.action} {dict(request.attributes)}: "
            f"before {before.allowed} ({before.why}), after {after.allowed} ({after.why})"
        )
