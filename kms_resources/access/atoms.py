"""The classes of one comparison, and both worlds as unions of boxes over them.

Two requests are in one class when no statement of either world tells them apart. Every dimension is split by the
names, patterns, addresses, instants and texts that occur, plus one class for everything else; what a class has for a
value is one real value of it. The product of all dimensions is the set of all requests, exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from kms_resources.access.boxes import Box, subtract, tidy
from kms_resources.access.clouds import CLOUDS
from kms_resources.access.lowering import WHAT, WHO, YES, Lowering, Union, Vocabulary
from kms_resources.access.words import ActionClass, Principal, PrincipalKind, Request, ResourceKind, World

_SHOWN = 3
"""Examples of values that a description names."""


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

    def request(self, box: Box, who: int, what: int, world: World) -> Request:
        """One concrete request of a box, as short as it can be."""
        attributes: dict[str, str] = {}
        for index, name in enumerate(self.names[2:], 2):
            kind, _, rest = name.partition(":")
            if kind == "at":
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
            more = f" and {len(shown) - _SHOWN} more kinds" if len(shown) > _SHOWN else ""
            texts.append(f"{rest} such as {', '.join(shown[:_SHOWN])}{more}")
        return tuple(texts)


@lru_cache(maxsize=64)
def _classes(cloud: str, kind: ResourceKind) -> Mapping[ActionClass, int]:
    rows = CLOUDS[cloud].actions_on(kind)
    return {each: sum(1 << index for index, row in enumerate(rows) if each in row.classes) for each in ActionClass}


@lru_cache(maxsize=64)
def _actions(cloud: str, kind: ResourceKind) -> tuple[str, ...]:
    return (*(row.action for row in CLOUDS[cloud].actions_on(kind)), CLOUDS[cloud].other)


def split(before: World, after: World, also: Iterable[Principal] = ()) -> tuple[Space, list[Box], list[Box]]:
    """The classes of two worlds, and what each allows (boxes; every reading of open rules is a dimension)."""
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
    allowed = [subtract(tidy(_boxes(space, yes)), tidy(_boxes(space, no))) for yes, no in lowered]
    return space, allowed[0], allowed[-1]


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
