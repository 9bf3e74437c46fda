"""Our table and the emulator's were written apart from each other, from the same sources: they must agree."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kms_emulator.ctyun import facts
from kms_resources.clouds.ctyun.operations import OPERATIONS
from kms_resources.clouds.ctyun.table import Operation

BOTH = [(row, facts.OPERATIONS.get(name)) for name, row in OPERATIONS.items()]

TYPES = {"NUMBER": "INTEGER"}
"""Their word → ours."""


def alternatives(row: Operation) -> set[str]:
    """Fields that may stand for another: a field of its own here, a synonym there."""
    return {item.instead for item in row.request.values()}


def test_both_tables_have_the_same_operations_in_the_same_order() -> None:
    assert list(OPERATIONS) == list(facts.OPERATIONS)


UNTOLD = {"getResourcePermission"}
"""The documents say no more of their answer than that it is an object; the emulator had to choose."""


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param(lambda row: row.path, lambda row: row.path, id="path"),
        pytest.param(lambda row: row.title, lambda row: row.title, id="title"),
        pytest.param(
            lambda row: {item.wire for item in row.request.values() if item.required},
            lambda row: {item.name for item in row.request if item.required},
            id="required fields",
        ),
        pytest.param(
            lambda row: {wire: item.type.name for wire, item in row.request.items() if wire not in alternatives(row)},
            lambda row: {item.name: TYPES.get(item.type.name, item.type.name) for item in row.request},
            id="fields of the request",
        ),
        pytest.param(
            lambda row: {wire: item.type.name for wire, item in row.answer.items()},
            lambda row: {item.name: TYPES.get(item.type.name, item.type.name) for item in row.answer},
            id="fields of the answer",
        ),
    ],
)
def test_both_tables_agree_about(
    ours: Callable[[Operation], object], theirs: Callable[[facts.Operation], object]
) -> None:
    differences = {
        row.name: (ours(row), theirs(other))
        for row, other in BOTH
        if other and ours(row) != theirs(other) and row.name not in UNTOLD
    }
    assert differences == {}


def test_what_may_stand_for_another_field_here_is_a_synonym_there() -> None:
    for row, other in BOTH:
        for item in row.request.values():
            if item.instead and other:
                assert item.instead in next(field.names for field in other.request if field.name == item.wire)
