"""Tests on all tags of a key at once, as alternatives of tests on single tags."""

from __future__ import annotations

from kms_resources.access.conditions import Operator, Test
from kms_resources.access.words import Resource


def single(pair: str) -> Test:
    """The key carries this one tag."""
    key, _, value = pair.partition("&")
    return Test(f"tag/{key}", Operator.TEXT, (value,))


def alternatives(test: Test) -> tuple[Test, ...]:
    """One of these must hold."""
    return tuple(single(pair) for pair in test.values)


def is_open(test: Test, resource: Resource) -> bool:
    """Whether it is a test without for_any_value on what may be several tags (C1)."""
    return bool(test.absent_rule) and (resource.tags is None or len(resource.tags) > 1)
