"""The classes of one comparison, and both worlds as unions of boxes over them.

Two requests are in one class when no statement of either world tells them apart. Every dimension is split by the
names, patterns, addresses, instants and texts that occur, plus one class for everything else; what a class has for a
value is one real value of it. The product of all dimensions is the set of all requests, exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from kms_resources.access.boxes import Box, subtract, tidy
from kms_resources.access.clouds import CLOUDS
from kms_resources.access.intervals import parse_instant
from kms_resources.access.lowering import WHAT, WHO, YES, Lowering, Union, Vocabulary
from kms_resources.access.words import ActionClass, Principal, PrincipalKind, Request, ResourceKind, World

_SHOWN = 3
"""Examples of values that a description names."""
_OUTSIDE, _INSIDE = "source_ip", ("vpc", "private_ip")
"""A call has a public address, or a VPC and an address in it, never both (Alibaba Cloud, K4)."""
_FLAGS = ("secure_transport", "mfa")


@dataclass(frozen=True)
class Period:
    """A class of instants, seconds since 1970: from `start` on, before `end`. None: open on that side."""

    start: int | None
    end: int | None
    covered: bool
    """Whether something that was asked for is possible in it."""


@dataclass(frozen=True)
class Space:
    """The dimensions of a comparison and the classes of each."""

    names: tuple[str, ...]
    """`who`, `what`, then `at:…`, `group:…` and `rule:…`."""
    full: Box
    principals: tuple[Principal, ...]
    fresh: frozenset[Principal]
    actions: tuple[str, ...]
    of_class: Mapping[ActionClass, int]
    """The known actions of each class; the last action stands for the others."""
    values: Mapping[str, tuple[str | None, ...]]
    outside: frozenset[str]
    """Attributes whose patterns interleave too much to be classed: every test of them is a question of its own."""

    @property
    def rules(self) -> tuple[int, ...]:
        """The dimensions of open rules."""
        return tuple(index for index, name in enumerate(self.names) if name.startswith("rule:"))

    def groups_of(self, box: Box, who: int) -> tuple[str, ...]:
        """The groups whose membership a box asks of a principal."""
        prefix = f"group:{self.principals[who].account}/"
        return tuple(
            name[len(prefix) :]
            for index, name in enumerate(self.names)
            if name.startswith(prefix) and box[index] == YES
        )

    def told_by_others(self, box: Box, who: int) -> bool:
        """Whether the class of users whom no document names is in the box beside a user who is named."""
        principal = self.principals[who]
        if principal.kind is not PrincipalKind.USER or principal in self.fresh:
            return False
        return any(
            box[0] >> index & 1 and other.kind is PrincipalKind.USER and other.account == principal.account
            for index, other in enumerate(self.principals)
            if other in self.fresh
        )

    def possible(self, box: Box) -> bool:
        """Whether a box has a call that somebody can make, from outside or out of a VPC.

        Every call is over TLS or is not; that one can lack the word on its second factor, nobody says.
        """
        if not all(self._has(box, each, present=True) for each in _FLAGS):
            return False
        return self._from_outside(box) or self._from_inside(box)

    def _from_outside(self, box: Box) -> bool:
        return self._has(box, _OUTSIDE, present=True) and all(self._has(box, each, present=False) for each in _INSIDE)

    def _from_inside(self, box: Box) -> bool:
        return self._has(box, _OUTSIDE, present=False) and all(self._has(box, each, present=True) for each in _INSIDE)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {name[3:]: index for index, name in enumerate(self.names) if name.startswith("at:")}

    def _has(self, box: Box, attribute: str, *, present: bool) -> bool:
        index = self._places.get(attribute)
        if index is None:
            return True
        absent = 1 << len(self.values[attribute]) - 1  # the last class of all that can be absent
        return bool(box[index] & ~absent) if present else bool(box[index] & absent)

    def _left_out(self, box: Box) -> tuple[str, ...]:
        """Attributes that a call cannot have beside others that it has."""
        if _OUTSIDE not in self._places or not self._places.keys() & set(_INSIDE):
            return ()
        if self._from_outside(box):
            return _INSIDE
        return (_OUTSIDE,) if self._from_inside(box) else ()

    def periods(self, boxes: Iterable[Box]) -> tuple[Period, ...]:
        """The classes of time in their order, and whether a box has calls in them; none where time does not matter."""
        index = self._places.get("time")
        if index is None:
            return ()
        covered = 0
        for box in boxes:
            covered |= box[index]
        values = self.values["time"]
        starts = [None, *(parse_instant(str(value)) for value in values[1:])]
        return tuple(
            Period(start, end, bool(covered >> place & 1))
            for place, (start, end) in enumerate(zip(starts, [*starts[1:], None], strict=True))
        )

    def request(self, box: Box, who: int, what: int, world: World) -> Request:
        """One concrete request of a box, as short as it can be, and one that can be made if there is any."""
        attributes: dict[str, str] = {}
        left_out = self._left_out(box)
        for index, name in enumerate(self.names[2:], 2):
            kind, _, rest = name.partition(":")
            if kind == "at" and rest not in left_out:
                value = self._value(rest, box[index], self.full[index])
                if value is not None:
                    attributes[rest] = value
        principal = replace(self.principals[who], groups=self.groups_of(box, who))
        return Request(principal, self.actions[what], world.resource, attributes)

    def _value(self, attribute: str, mask: int, full: int) -> str | None:
        values = self.values[attribute]
        if mask == full and values[-1] is None:
            return None
        present = [value for index, value in enumerate(values) if mask >> index & 1 and value is not None]
        return present[0] if present else None

    def describe(self, box: Box) -> tuple[str, ...]:
        """The attributes that a box restricts, each with examples of what it takes."""
        texts = []
        for index, name in enumerate(self.names):
            if box[index] == self.full[index] or not name.startswith(("at:", "group:")):
                continue
            kind, _, rest = name.partition(":")
            if kind == "group":
                texts.append(f"{'in' if box[index] == YES else 'not in'} group {rest.partition('/')[2]}")
                continue
            values = [value for place, value in enumerate(self.values[rest]) if box[index] >> place & 1]
            shown = ["absent" if value is None else value for value in values]
            left = len(shown) - _SHOWN
            more = f" and {left} more kind{'s' if left > 1 else ''}" if left > 0 else ""
            texts.append(f"{rest} such as {', '.join(shown[:_SHOWN])}{more}")
        return tuple(texts)


@lru_cache(maxsize=64)
def _classes(cloud: str, kind: ResourceKind) -> Mapping[ActionClass, int]:
    rows = CLOUDS[cloud].actions_on(kind)
    return {each: sum(1 << index for index, row in enumerate(rows) if each in row.classes) for each in ActionClass}


@lru_cache(maxsize=64)
def _actions(cloud: str, kind: ResourceKind) -> tuple[str, ...]:
    return (*(row.action for row in CLOUDS[cloud].actions_on(kind)), CLOUDS[cloud].other)


def split(
    before: World, after: World, also: Iterable[Principal] = (), *, changes: bool = False
) -> tuple[Space, list[Box], list[Box]]:
    """The classes of two worlds, and what each allows (boxes; every reading of open rules is a dimension).

    With `changes` without principals to whom both surely allow the same.
    """
    cloud = CLOUDS[before.cloud]
    vocabulary = Vocabulary()
    for principal in also:
        if principal.kind is PrincipalKind.ACCOUNT:
            vocabulary.account(principal.account)
        else:
            vocabulary.name(principal.account, principal.kind, principal.name)
        vocabulary.numbers.update({principal.name: principal.uin} if principal.uin else {})
    worlds = (before,) if before is after else (before, after)
    for world in worlds:
        cloud.collect(world, vocabulary)
    actions = _actions(before.cloud, before.resource.kind)
    if cloud.collect_tests:
        principals = Lowering(vocabulary, actions).principals
        for world in worlds:
            cloud.collect_tests(world, vocabulary, principals)
    lowering = Lowering(vocabulary, actions)
    lowered = [cloud.lower(world, lowering) for world in worlds]
    space = _space(before, lowering, [union for pair in lowered for union in pair])
    found = [(_boxes(space, yes), _boxes(space, no)) for yes, no in lowered]
    if changes:
        found = _of_touched(found)
    allowed = [subtract(tidy(yes), tidy(no)) for yes, no in found]
    return space, allowed[0], allowed[-1]


def _of_touched(worlds: list[tuple[list[Box], list[Box]]]) -> list[tuple[list[Box], list[Box]]]:
    """Without boxes that touch nobody of whom one world says something, allow or deny, that the other does not."""
    before, after = worlds[0], worlds[-1]
    touched = 0
    for one, other in zip(before, after, strict=True):
        for box in set(one) ^ set(other):
            touched |= box[0]
    return [([box for box in yes if box[0] & touched], [box for box in no if box[0] & touched]) for yes, no in worlds]


def _space(world: World, lowering: Lowering, unions: list[Union]) -> Space:
    used = sorted({name for union in unions for part in union for name in part} - {WHO, WHAT})
    sizes = [len(lowering.principals), len(lowering.actions)]
    sizes += [len(lowering.values[name[3:]]) if name.startswith("at:") else 2 for name in used]
    return Space(
        (WHO, WHAT, *used),
        tuple((1 << size) - 1 for size in sizes),
        lowering.principals,
        lowering.fresh,
        lowering.actions,
        _classes(world.cloud, world.resource.kind),
        lowering.values,
        lowering.outside,
    )


def _boxes(space: Space, union: Union) -> list[Box]:
    return [tuple(part.get(name, mask) for name, mask in zip(space.names, space.full, strict=True)) for part in union]
