"""One test of one attribute, as every cloud's condition operators are understood, and its answer for a value.

Evaluators ask `holds` for the value of a request. The comparison asks `outcomes` for one value of each class
(`values_of`), so both read a test through the same few lines.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from kms_resources.access.intervals import (
    address_cuts,
    address_values,
    instant_values,
    parse_address,
    parse_block,
    parse_instant,
    show_address,
    show_instant,
)
from kms_resources.access.patterns import Pattern, representatives
from kms_resources.access.readings import OPAQUE, Reading


class Operator(StrEnum):
    """What a test asks."""

    TEXT = "text"
    """Fits one of the patterns."""
    ADDRESS = "address"
    """Lies in one of the blocks."""
    SAME = "same instant"
    BEFORE = "before"
    UNTIL = "until"
    AFTER = "after"
    FROM = "from"
    FLAG = "flag"
    """`true` or `false`."""
    MISSING = "missing"
    """The attribute is absent (value `true`) or there (`false`)."""
    TAGGED = "tagged"
    """The resource carries one of the tags `key&value`."""
    OPAQUE = "outside the fragment"
    """Not decided: the values hold the condition as text."""


INSTANTS = frozenset({Operator.SAME, Operator.BEFORE, Operator.UNTIL, Operator.AFTER, Operator.FROM})


@dataclass(frozen=True)
class Test:
    """One condition: an operator on an attribute, with alternatives."""

    __test__ = False

    attribute: str
    operator: Operator
    values: tuple[str, ...]
    """Sorted, without doubles."""
    negated: bool = False
    """No value may fit."""
    ignore_case: bool = False
    wild: bool = False
    """Whether `*` and `?` in a text mean anything."""
    wild_rule: str = ""
    """Open rule: `*` and `?` are wildcards; otherwise letters. Empty: `wild` says which."""
    absent: bool | None = False
    """The answer when the attribute is absent; None: open, see `absent_rule`."""
    absent_rule: str = ""
    border_rule: str = ""
    """Open rule: first and last address of a block count. Empty: they do."""
    host_rule: str = ""
    """Open rule: a block with host bits set means its network; otherwise nothing. Empty: it does."""
    zone_required: bool = True

    def __hash__(self) -> int:
        """Kept: tests are the keys of every memory here."""
        kept = self.__dict__.get("_hash")
        if kept is None:
            kept = hash((self.attribute, self.operator, self.values, self.negated, self.absent))
            object.__setattr__(self, "_hash", kept)
        return int(kept)

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """The values of a test on text; in each reading, where wildcards are open."""
        usual = tuple(Pattern(value, self.ignore_case, self.wild) for value in self.values)
        return (*usual, *self.literals) if self.wild_rule else usual

    @property
    def literals(self) -> tuple[Pattern, ...]:
        """The values of a test on text, wildcards as the letters they are."""
        return tuple(Pattern(value, self.ignore_case, wild=False) for value in self.values)

    @property
    def rules(self) -> tuple[str, ...]:
        """Open rules that the answer may hang on."""
        if self.operator is Operator.OPAQUE:
            return (OPAQUE + self.values[0],)
        rules = [self.absent_rule] if self.absent is None else []
        rules += [self.wild_rule] if self.wild_rule else []
        if self.operator is Operator.ADDRESS:
            blocks = [parse_block(value) for value in self.values]
            rules += [self.border_rule] if self.border_rule and any(a < b for a, b, _ in blocks) else []
            rules += [self.host_rule] if self.host_rule and any(host for *_, host in blocks) else []
        return tuple(rules)


def opaque(text: str) -> Test:
    """A condition outside the decided fragment."""
    return Test("", Operator.OPAQUE, (text,))


def holds(test: Test, value: str | None, reading: Reading) -> bool:
    """The answer for one value of the attribute; None: the attribute is absent."""
    if test.operator is Operator.OPAQUE:
        return reading.holds(OPAQUE + test.values[0])
    if test.operator is Operator.MISSING:
        return (value is None) == (test.values[0] == "true")
    if value is None:
        return reading.holds(test.absent_rule) if test.absent is None else test.absent
    return _fits(test, value, reading) != test.negated


def _fits(test: Test, value: str, reading: Reading) -> bool:
    if test.operator is Operator.TEXT:
        return _fits_text(test, value, reading)
    if test.operator is Operator.FLAG:
        return value.lower() in test.values
    if test.operator is Operator.ADDRESS:
        number = parse_address(value)
        return any(_in_block(test, number, parse_block(block), reading) for block in test.values)
    moment = parse_instant(value, zone_required=test.zone_required)
    return any(
        _ordered(test.operator, moment, parse_instant(bound, zone_required=test.zone_required)) for bound in test.values
    )


def _fits_text(test: Test, value: str, reading: Reading) -> bool:
    # A pattern takes its own text too, so only what fits as a pattern alone hangs on the rule.
    if test.wild_rule and any(literal.matches(value) for literal in test.literals):
        return True
    fits = any(pattern.matches(value) for pattern in test.patterns)
    return fits and (not test.wild_rule or reading.holds(test.wild_rule))


def _in_block(test: Test, number: int, block: tuple[int, int, bool], reading: Reading) -> bool:
    first, last, host_bits = block
    if not first <= number <= last:
        return False
    if host_bits and test.host_rule and not reading.holds(test.host_rule):
        return False
    at_border = number in {first, last} and first < last
    return not (at_border and test.border_rule) or reading.holds(test.border_rule)


def _ordered(operator: Operator, moment: int, bound: int) -> bool:
    if operator is Operator.SAME:
        return moment == bound
    if operator is Operator.BEFORE:
        return moment < bound
    if operator is Operator.UNTIL:
        return moment <= bound
    return moment > bound if operator is Operator.AFTER else moment >= bound


@lru_cache(maxsize=200_000)
def outcomes(test: Test, value: str | None) -> tuple[tuple[tuple[tuple[str, bool], ...], bool], ...]:
    """The answer for a value under each reading of the test's open rules: ((rule, answer)…), holds."""
    rules = test.rules
    return tuple(
        (tuple(zip(rules, answers, strict=True)), holds(test, value, Reading(dict(zip(rules, answers, strict=True)))))
        for answers in itertools.product((False, True), repeat=len(rules))
    )


def values_of(attribute: str, tests: Iterable[Test], *, always: bool = False) -> tuple[str | None, ...]:
    """One value of each class that the tests on an attribute make; None is the class of requests without it.

    `always` says that no request is without it. Raises TooManyClasses.
    """
    return _values_of(attribute, frozenset(tests), always)


@lru_cache(maxsize=50_000)
def _values_of(attribute: str, tests: frozenset[Test], always: bool) -> tuple[str | None, ...]:
    present: list[str] = []
    operators = {test.operator for test in tests} - {Operator.MISSING}
    if operators == {Operator.ADDRESS}:
        blocks = {parse_block(value) for test in tests for value in test.values}
        borders = any(test.border_rule for test in tests)
        present = [show_address(number) for number in address_values(address_cuts(blocks, borders=borders))]
    elif operators and operators <= INSTANTS:
        moments = {
            parse_instant(value, zone_required=test.zone_required)
            for test in tests
            if test.operator in INSTANTS
            for value in test.values
        }
        cuts = moments | {moment + 1 for moment in moments}
        present = [show_instant(moment) for moment in instant_values(cuts)]
    elif operators == {Operator.FLAG}:
        present = ["true", "false"]
    else:
        patterns = frozenset(pattern for test in tests if test.operator is Operator.TEXT for pattern in test.patterns)
        fresh = "other" if attribute.startswith("tag/") else f"{attribute.rpartition(':')[2].lower()}-other"
        present = list(representatives(patterns, fresh, empty=True))
    return tuple(present) if always else (*present, None)
