"""From rules to unions of parts: what the two worlds of a comparison have in common, and their classes.

A *part* says which classes it takes in each dimension it restricts: `who`, `what`, `at:<attribute>`, and the two-valued
`rule:<open rule>` and `group:<account>/<name>` (bit 1: no, bit 2: yes). A *union* is a list of parts. Unknown
dimensions are unrestricted, so dimensions need not be known before everything is lowered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from kms_resources.access.conditions import Operator, Test, opaque, outcomes, values_of
from kms_resources.access.patterns import Pattern, TooManyClasses, representatives
from kms_resources.access.words import Principal, PrincipalKind, Resource, World

Part = Mapping[str, int]
Union = tuple[Part, ...]

WHO, WHAT = "who", "what"
NO, YES = 1, 2
EVERYTHING: Union = ({},)
NOTHING: Union = ()
ALWAYS_PRESENT = frozenset({"time"})
"""Attributes that no request is without."""
FRESH = {PrincipalKind.USER: "somebody", PrincipalKind.ROLE: "some-role", PrincipalKind.ACCESS_POINT: "some-point"}


def both(*unions: Union) -> Union:
    """The parts that lie in all unions."""
    result: list[dict[str, int]] = [{}]
    for union in unions:
        result = [merged for one in result for other in union if (merged := _merge(one, other)) is not None]
    return tuple(result)


def _merge(one: Part, other: Part) -> dict[str, int] | None:
    merged = dict(one)
    for name, mask in other.items():
        common = merged[name] & mask if name in merged else mask
        if not common:
            return None
        merged[name] = common
    return merged


def restrict(dimension: str, mask: int) -> Union:
    """Only these classes of one dimension."""
    return ({dimension: mask},) if mask else NOTHING


def flag(dimension: str, value: int) -> Union:
    """One value of a two-valued dimension."""
    return ({dimension: value},)


@dataclass
class Vocabulary:
    """The names and tests that occur in the worlds of a comparison."""

    patterns: dict[tuple[str, PrincipalKind], set[Pattern]] = field(default_factory=dict)
    """Account and kind → names and patterns of names."""
    tests: dict[str, set[Test]] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    """Tencent: name of a user → its number."""

    def account(self, account: str) -> None:
        """An account occurs."""
        for kind in (PrincipalKind.USER, PrincipalKind.ROLE):
            self.patterns.setdefault((account, kind), set())

    def name(self, account: str, kind: PrincipalKind, name: str, *, wild: bool = False) -> None:
        """Somebody occurs."""
        if kind is not PrincipalKind.ACCESS_POINT:
            self.account(account)
        self.patterns.setdefault((account, kind), set()).add(Pattern(name, wild=wild))

    def test(self, test: Test, resource: Resource) -> None:
        """A condition occurs; tags that the resource knows are no question."""
        if test.operator is not Operator.OPAQUE and known_value(resource, test.attribute) is UNKNOWN:
            self.tests.setdefault(test.attribute, set()).add(test)


class _Unknown:
    """The type of `UNKNOWN`."""


UNKNOWN = _Unknown()


def known_value(resource: Resource, attribute: str) -> str | _Unknown | None:
    """The value of an attribute that belongs to the resource; UNKNOWN: the request brings it."""
    if resource.tags is None or not attribute.startswith("tag/"):
        return UNKNOWN
    return resource.tags.get(attribute[4:])


class Lowering:
    """The classes of one comparison; both worlds are lowered with it."""

    def __init__(self, vocabulary: Vocabulary, actions: tuple[str, ...]) -> None:
        self.actions = actions
        self.values: dict[str, tuple[str | None, ...]] = {}
        self.outside: frozenset[str] = frozenset()
        for attribute, tests in sorted(vocabulary.tests.items()):
            try:
                self.values[attribute] = values_of(attribute, tests, always=attribute in ALWAYS_PRESENT)
            except TooManyClasses:
                self.outside |= {attribute}
        self.principals = tuple(_principals(vocabulary))
        named = {key: {pattern.text for pattern in patterns} for key, patterns in vocabulary.patterns.items()}
        self.fresh = frozenset(
            principal
            for principal in self.principals
            if principal.name and principal.name not in named[principal.account, principal.kind]
        )
        """Principals that stand for everybody whom no document names."""
        self._place = {principal.plain: index for index, principal in enumerate(self.principals)}

        self._people: dict[str, int] = {}

    def people(self, account: str) -> int:
        """The classes of an account's principals, its access points left out."""
        if account not in self._people:
            self._people[account] = self.mask(
                lambda p: p.account == account and p.kind is not PrincipalKind.ACCESS_POINT
            )
        return self._people[account]

    def one(self, principal: Principal) -> int:
        """The class of a named principal."""
        place = self._place.get(principal.plain)
        return 0 if place is None else 1 << place

    def mask(self, fits: Callable[[Principal], bool]) -> int:
        """The classes of principals that fit."""
        return sum(1 << index for index, principal in enumerate(self.principals) if fits(principal))

    def members(self, world: World, account: str, group: str, *, users: int | None = None) -> Union:
        """The users that are in a group: the members, where the world knows them; otherwise each may be one."""
        if account == world.account and group in world.groups:
            names = set(world.groups[group])
            named = self.mask(lambda p: p.kind is PrincipalKind.USER and p.account == account and p.name in names)
            return restrict(WHO, named if users is None else named & users)
        anybody = self.mask(lambda p: p.kind is PrincipalKind.USER and p.account == account)
        return both(restrict(WHO, anybody if users is None else anybody & users), flag(f"group:{account}/{group}", YES))

    def tests(self, tests: Iterable[Test], resource: Resource) -> Union:
        """When all tests hold."""
        union = EVERYTHING
        for test in tests:
            union = both(union, self.test(test, resource))
        return union

    def test(self, test: Test, resource: Resource) -> Union:
        """When one test holds."""
        if test.attribute in self.outside:
            test = _as_question(test)
        if test.operator is Operator.OPAQUE:
            return fixed(test, None)
        known = known_value(resource, test.attribute)
        if not isinstance(known, _Unknown):
            return fixed(test, known)
        return _free(test, self.values[test.attribute])


def _as_question(test: Test) -> Test:
    """A test that cannot be classed as a question of its own; only the very same test asks the same question."""
    fits = "fits" if test.operator is Operator.TEXT else f"is {test.operator}"
    said = f"{'not ' if test.negated else ''}{test.attribute} {fits} {', '.join(test.values)}"
    said += " in whichever case" if test.ignore_case else ""
    said += f" ({test.wild_rule})" if test.wild_rule else ""
    return opaque(f"{said}, or is absent" if test.absent else said)


@lru_cache(maxsize=100_000)
def fixed(test: Test, value: str | None) -> Union:
    """When a test holds whose value is known: always, never, or in some readings."""
    results = outcomes(test, value)
    if all(holds for _, holds in results):
        return EVERYTHING
    return tuple(_reading(answers) for answers, holds in results if holds)


@lru_cache(maxsize=100_000)
def _free(test: Test, values: tuple[str | None, ...]) -> Union:
    masks: dict[tuple[tuple[str, bool], ...], int] = {}
    for index, value in enumerate(values):
        for answers, holds in outcomes(test, value):
            masks[answers] = masks.get(answers, 0) | (1 << index if holds else 0)
    dimension = f"at:{test.attribute}"
    if len(set(masks.values())) == 1:
        return restrict(dimension, next(iter(masks.values())))
    return tuple({dimension: mask, **_reading(answers)} for answers, mask in masks.items() if mask)


def _reading(answers: Sequence[tuple[str, bool]]) -> dict[str, int]:
    return {f"rule:{rule}": YES if answer else NO for rule, answer in answers}


def _principals(vocabulary: Vocabulary) -> Iterable[Principal]:
    for account in sorted({account for account, _ in vocabulary.patterns}):
        yield Principal(PrincipalKind.ACCOUNT, account)
        for kind in (PrincipalKind.USER, PrincipalKind.ROLE, PrincipalKind.ACCESS_POINT):
            patterns = vocabulary.patterns.get((account, kind))
            if patterns is None:
                continue
            for name in representatives(frozenset(patterns), FRESH[kind]):
                if name:
                    number = vocabulary.numbers.get(name, "") if kind is PrincipalKind.USER else ""
                    yield Principal(kind, account, name, uin=number)
