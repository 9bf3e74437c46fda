"""Who may what through access points, and calls on no single key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from kms_resources.access.compare import Judgement, Relation
from kms_resources.clouds import get_cloud
from kms_resources.model import Target
from kms_resources.problems import Position
from kms_resources.review.access import Question, compared
from kms_resources.review.key_access import Pair
from kms_resources.review.keys import change
from kms_resources.review.others import point_changes, status
from kms_resources.review.snapshot import StackSide
from kms_resources.review.words import Access, Change, Status, Subject
from kms_resources.review.worlds import OWN, Scope, account_of, container_world, place, point_world
from kms_resources.uses import DesiredAccessPoint

EVERY = "key/*"
ANY = "any-other-key"
_ID = "another key"


def point_subjects(pair: Pair, scope: Scope) -> Iterator[Subject]:
    """Each access point that changes."""
    old, new = _points(pair.old), _points(pair.new)
    for name in dict.fromkeys((*new, *old)):
        one, other = old.get(name), new.get(name)
        if one == other:
            continue
        position = pair.at("access_points", name)
        changes = [*point_changes(one, other), *_fixed(one, other)]
        access = _access(one, other, scope, position)
        present = other or one
        if present and (changes or access):
            placed = tuple(replace(each, position=position) for each in changes)
            where = present.target.name
            yield Subject("access point", name, where, status(one, other), position, access, placed)


def _points(side: StackSide | None) -> Mapping[str, DesiredAccessPoint]:
    return {one.name: one for one in side.stack.uses.access_points} if side else {}


def _fixed(old: DesiredAccessPoint | None, new: DesiredAccessPoint | None) -> Iterator[Change]:
    if old is None or new is None:
        return
    if place(old.target) != place(new.target):
        one, other = old.target.name, new.target.name
        yield change("point-fixed", "an access point cannot move: `up` refuses", one, other)
        return
    points = get_cloud(new.target.cloud).points
    for sentence in points().fixed(old.point, new.point) if points else ():
        yield change("point-fixed", f"`up` refuses: {sentence}")


def _access(
    old: DesiredAccessPoint | None, new: DesiredAccessPoint | None, scope: Scope, position: Position
) -> Access | None:
    present = new or old
    if present is None:
        return None
    target, account = present.target, scope.account or OWN
    before = None if old and place(old.target) != place(target) else old
    parts = []
    for key in _keys(before, new):
        worlds = point_world(before, target, key, account), point_world(new, target, key, account)
        on = _ID if key == ANY else key
        part = compared(Question(*worlds, locate=lambda _: position, on=on, control=False))
        if part:
            parts.append(part)
    return _together(parts)


def _keys(*points: DesiredAccessPoint | None) -> list[str]:
    """The keys that are named, and one that stands for all others where every key is meant."""
    names = dict.fromkeys(name for point in points if point for name in point.keys)
    if any(point and EVERY in point.point.resources for point in points):
        names[ANY] = None
    return list(names)


def _together(parts: list[Access]) -> Access | None:
    if not parts:
        return None
    return Access(
        _joined(part.administration for part in parts),
        _joined(part.use for part in parts),
        _relation([part.unlisted for part in parts]),
        tuple(gain for part in parts for gain in part.gains),
        tuple(loss for part in parts for loss in part.losses),
    )


def _joined(judgements: Iterable[Judgement]) -> Judgement:
    several = list(judgements)
    return Judgement(
        _relation([one.relation for one in several]),
        _relation([one.decided for one in several]),
        tuple(sorted({rule for one in several for rule in one.open_rules})),
    )


def _relation(relations: list[Relation]) -> Relation:
    gains = any(one in {Relation.WIDER, Relation.INCOMPARABLE} for one in relations)
    losses = any(one in {Relation.NARROWER, Relation.INCOMPARABLE} for one in relations)
    if gains:
        return Relation.INCOMPARABLE if losses else Relation.WIDER
    return Relation.NARROWER if losses else Relation.EQUIVALENT


def container_subjects(pair: Pair, scope: Scope) -> Iterator[Subject]:
    """Calls on no single key, target by target."""
    targets: dict[str, Target] = {}
    for side in (pair.old, pair.new):
        targets |= dict(side.stack.targets) if side else {}
    for name, target in targets.items() if _may_differ(pair) else ():
        account = account_of(pair.head, pair.name, scope, target)
        worlds = [container_world(side, target, scope, account) for side in (pair.old, pair.new)]
        if worlds[0].documents == worlds[1].documents:
            continue
        access = compared(Question(worlds[0], worlds[1], control=False))
        if access:
            position = pair.at("targets", name)
            yield Subject("calls on no single key", name, "", Status.CHANGED, position, access)


def _may_differ(pair: Pair) -> bool:
    """Whether anything that grants differs at all."""
    if pair.old is None or pair.new is None or pair.old.documents:
        return True
    one, other = pair.old.stack.uses, pair.new.stack.uses
    return (one.policies, one.access_points) != (other.policies, other.access_points)
