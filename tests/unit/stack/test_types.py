from __future__ import annotations

from pathlib import Path

import pytest

from kms_resources.errors import InputError
from kms_resources.stack import InvalidStackError, Stack, load_stack

CASES = Path(__file__).parents[2] / "stacks" / "good"


@pytest.fixture
def stack() -> Stack:
    return load_stack(CASES / "everything.yaml")


def test_a_desired_key_carries_the_marker_of_project_stack_and_name(stack: Stack) -> None:
    keys = stack.desired_keys("shop", "prod")

    assert [f"shop/prod/{key.name}" for key in stack.keys] == [key.marker for key in keys]
    assert [key.settings for key in stack.keys] == [key.settings for key in keys]


def test_a_desired_key_names_the_key_it_adopts(stack: Stack) -> None:
    adopted = {key.name: key.adopt for key in stack.desired_keys("shop", "prod") if key.adopt}

    assert adopted == {"ledger": "key-hzz62f1cb66fa42qo0000"}


def test_desired_aliases_name_their_key_and_target(stack: Stack) -> None:
    found = [(alias.name, alias.key, alias.target.name) for alias in stack.desired_aliases()]

    assert found == [
        ("orders", "orders", "guangzhou"),
        ("ledger", "ledger", "hangzhou"),
        ("ledger/2026", "ledger", "hangzhou"),
    ]


def test_positions_say_where_each_key_is_declared(stack: Stack) -> None:
    assert str(stack.positions["orders"]) == f"{CASES / 'everything.yaml'}:15:3"


def test_a_marker_that_is_too_long_is_refused_at_the_key(stack: Stack) -> None:
    with pytest.raises(InvalidStackError) as caught:
        stack.desired_keys("p" * 60, "s" * 62)

    longest = {found.path[1] for found in caught.value.problems if found.id == "marker-too-long"}
    assert {key.name for key in stack.keys if len(key.name) > 4} == longest
    assert stack.positions["orders"] in {found.position for found in caught.value.problems}


@pytest.mark.parametrize(
    ("project", "name"), [("", "prod"), ("shop", ""), ("a/b", "prod"), ("shop", "a\nb"), (" shop", "x")]
)
def test_names_that_cannot_be_part_of_a_marker_are_refused(stack: Stack, project: str, name: str) -> None:
    with pytest.raises(InputError, match="cannot be part of a marker"):
        stack.desired_keys(project, name)


def test_a_stack_cannot_be_changed(stack: Stack) -> None:
    with pytest.raises(TypeError):
        stack.targets["x"] = stack.targets["guangzhou"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        stack.keys = ()  # type: ignore[misc]
