"""A policy that stands in two versions of a file is checked once, and nothing else of the file suffers from it."""

from __future__ import annotations

import pytest

from kms_resources.nodes import Node
from kms_resources.problems import InvalidStackError
from kms_resources.review.snapshot import Side, StackSide, assemble, assemble_both
from kms_resources.source import parse
from kms_resources.stack.twin import alike

TARGETS = """version: 1
targets:
  one: {cloud: alibaba, region: cn-hangzhou, instance: kst-hzz62ee817bvyyr5x}
  none: {cloud: alibaba, region: cn-hangzhou}
keys:
"""
ORDERS = "  orders: {target: one, spec: AES_256, policy: {s: {principals: [user/app], actions: [%s]}}}\n"
OTHER = "  other: {target: one, spec: AES_256}\n"


def both(base: str, head: str) -> tuple[StackSide, StackSide]:
    """The two versions, checked together."""
    sides = assemble_both(
        ("base", [("", "a.yaml", (TARGETS + base).encode())]), ("head", [("", "a.yaml", (TARGETS + head).encode())])
    )
    return sides[0].stacks[""], sides[1].stacks[""]


def alone(text: str) -> Side:
    """One version, checked for itself."""
    return assemble("alone", [("", "a.yaml", (TARGETS + text).encode())])


def node(text: str) -> Node:
    """The nodes of a text."""
    root = parse(text.encode(), "a.yaml").root
    assert root is not None
    return root


def test_a_policy_that_moved_to_another_line_is_shared_and_its_key_stands_where_it_stands() -> None:
    before, after = both(ORDERS % "encrypt", OTHER + ORDERS % "encrypt")
    assert before.policies["orders"] is after.policies["orders"]
    assert (before.at("keys", "orders", "policy", "s").line, after.at("keys", "orders", "policy", "s").line) == (6, 7)
    assert (before.by_name["orders"].position.line, after.by_name["orders"].position.line) == (6, 7)


def test_a_file_checked_beside_another_version_is_the_stack_that_it_is_alone() -> None:
    base, head = ORDERS % "encrypt", OTHER + ORDERS % "decrypt"
    before, after = both(base, head)
    assert before.stack == alone(base).stacks[""].stack
    assert after.stack == alone(head).stacks[""].stack


def test_a_policy_that_says_something_else_is_not_shared() -> None:
    before, after = both(ORDERS % "encrypt", ORDERS % "encrypt, decrypt")
    assert before.policies["orders"].statements[0].actions == ("encrypt",)
    assert after.policies["orders"].statements[0].actions == ("encrypt", "decrypt")


def test_the_same_policy_is_refused_where_its_key_lives_in_a_target_without_policies() -> None:
    with pytest.raises(InvalidStackError, match="only keys of a KMS instance have a policy"):
        both((ORDERS % "encrypt").replace("target: one", "target: none"), ORDERS % "encrypt")


def test_a_mistake_beside_a_shared_policy_is_found_in_each_version() -> None:
    wrong = (ORDERS % "encrypt").replace("AES_256", "AES_257")
    for pair in ((wrong, ORDERS % "encrypt"), (ORDERS % "encrypt", wrong)):
        with pytest.raises(InvalidStackError, match="AES_257"):
            both(*pair)


def test_a_note_about_a_policy_is_given_for_each_version_at_its_own_line() -> None:
    doubtful = ORDERS % "sign"
    before, after = both(doubtful, OTHER + doubtful)
    lines = [[note.position.line for note in side.stack.notes if note.id == "no-effect"] for side in (before, after)]
    assert lines == [[6], [7]]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("{a: [x, z]}", "a:\n  - x\n  - z\n", True),
        ("{a: 'true'}", "{a: true}", False),
        ("{a: '1'}", "{a: 1}", False),
        ("{a: x, b: z}", "{b: z, a: x}", False),
        ("{a: [x]}", "{a: [x, z]}", False),
        ("{a: [x]}", "{a: {x: x}}", False),
        ("{a: x}", "{a: x, b: z}", False),
    ],
)
def test_nodes_are_alike_if_they_say_the_same_in_the_same_order(one: str, other: str, same: bool) -> None:
    assert alike(node(one), node(other)) is same
    assert alike(node(other), node(one)) is same
