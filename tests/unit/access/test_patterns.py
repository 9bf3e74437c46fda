"""Patterns, intervals and boxes against brute force."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kms_resources.access import patterns
from kms_resources.access.boxes import Box, cut, everywhere, intersect, meet, project, subtract, tidy
from kms_resources.access.conditions import Operator, Test, outcomes, values_of
from kms_resources.access.patterns import Pattern, TooManyClasses, representatives

TEXT = st.text("ab*?", min_size=1, max_size=5)
SETS = st.frozensets(st.builds(Pattern, TEXT, st.booleans(), st.booleans()), min_size=1, max_size=4)
ALL = ["".join(chars) for length in range(8) for chars in itertools.product("abz", repeat=length)]


@settings(max_examples=150, deadline=None)
@given(SETS)
def test_representatives_have_every_combination_of_matches_that_any_text_has(found: frozenset[Pattern]) -> None:
    def vector(text: str) -> tuple[bool, ...]:
        return tuple(pattern.matches(text) for pattern in sorted(found))

    mine = {vector(text) for text in representatives(found, empty=True)}
    assert {vector(text) for text in ALL} <= mine


@settings(max_examples=150, deadline=None)
@given(SETS)
def test_plain_texts_stand_for_themselves(found: frozenset[Pattern]) -> None:
    assert {pattern.text for pattern in found if pattern.plain} <= set(representatives(found))


def test_a_preferred_name_that_is_taken_is_not_used() -> None:
    assert representatives(frozenset({Pattern("other")})) == ("other", "other-2")


def test_patterns_that_interleave_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "STATES", 50)
    many = frozenset(Pattern(f"*{a}{b}*{b}{a}*c{a}") for a in "xyz" for b in "uvw")
    with pytest.raises(TooManyClasses):
        representatives(many, "fresh")


BLOCKS = st.lists(
    st.sampled_from(["10.0.0.0/30", "10.0.0.4/30", "10.0.0.0/29", "10.0.0.6", "10.0.0.2/31", "::/126"]),
    min_size=1,
    max_size=3,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(BLOCKS, st.booleans(), st.booleans()), min_size=1, max_size=3))
def test_addresses_are_split_into_all_their_classes(specs: list[tuple[list[str], bool, bool]]) -> None:
    tests = [
        Test("source_ip", Operator.ADDRESS, tuple(sorted(set(blocks))), negated, border_rule="b" if border else "")
        for blocks, negated, border in specs
    ]
    classes = values_of("source_ip", tests)
    every = [f"10.0.0.{last}" for last in range(10)] + ["::", "::1", "::2", "::3", "::4"]

    def vector(value: str | None) -> tuple[object, ...]:
        return tuple(outcomes(test, value) for test in tests)

    assert {vector(value) for value in every} <= {vector(value) for value in classes}
    assert classes[-1] is None


MASKS = st.integers(1, 7)
BOXES = st.lists(st.tuples(MASKS, MASKS, MASKS), max_size=5)
FULL: Box = (7, 7, 7)


def points(boxes: list[Box]) -> set[tuple[int, ...]]:
    return {
        point
        for point in itertools.product(range(3), repeat=3)
        if any(all(mask >> place & 1 for mask, place in zip(box, point, strict=True)) for box in boxes)
    }


@given(BOXES, BOXES)
def test_boxes_are_sets(left: list[Box], right: list[Box]) -> None:
    assert points(subtract(left, right)) == points(left) - points(right)
    assert points(intersect(left, right)) == points(left) & points(right)
    assert points(tidy(left)) == points(left)


@given(BOXES)
def test_projections_quantify_over_a_dimension(boxes: list[Box]) -> None:
    there = points(boxes)
    some = {p for p in itertools.product(range(3), repeat=3) if any((*p[:2], z) in there for z in range(3))}
    every = {p for p in itertools.product(range(3), repeat=3) if all((*p[:2], z) in there for z in range(3))}
    assert points(project(boxes, FULL, [2])) == some
    assert points(everywhere(boxes, FULL, [2])) == every


@given(st.tuples(MASKS, MASKS, MASKS), st.tuples(MASKS, MASKS, MASKS))
def test_what_is_cut_away_is_disjoint_from_what_is_left(box: Box, away: Box) -> None:
    for piece in cut(box, away):
        assert meet(piece, box) == piece
        assert not points([piece]) & points([away])
