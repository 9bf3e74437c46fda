"""Properties of loading that hold for every stack, not only for the cases that somebody thought of."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kms_resources.problems import Problem, Report
from kms_resources.source import parse
from kms_resources.stack import check_text
from kms_resources.stack.check import check_document
from kms_resources.stack.structure import WORDS

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True)
TARGETS: dict[str, dict[str, str]] = {
    "guangzhou": {"cloud": "tencent", "region": "ap-guangzhou"},
    "singapore": {"cloud": "tencent", "region": "ap-singapore", "credentials": "PROD"},
    "hangzhou": {"cloud": "alibaba", "region": "cn-hangzhou", "instance": "kst-hzz62ee817bvyyr5x"},
    "north": {"cloud": "ctyun", "region": "bb9fdb42056f11eda1610242ac110002"},
}
SYMMETRIC = {"guangzhou": "SM4", "singapore": "AES_256", "hangzhou": "AES_256", "north": "SM4"}
DELETION = st.fixed_dictionaries(
    {}, optional={"policy": st.sampled_from(["prevent", "schedule", "abandon"]), "window_days": st.integers(7, 30)}
)

DEFAULT_DELETION = DELETION.filter(lambda deletion: deletion.get("policy") != "schedule")  # leave is never for all keys


@st.composite
def valid_keys(draw: st.DrawFn) -> dict[str, Any]:
    target = draw(st.sampled_from(sorted(TARGETS)))
    symmetric = draw(st.booleans())
    key: dict[str, Any] = {"target": target, "spec": SYMMETRIC[target] if symmetric else "RSA_2048"}
    if symmetric and draw(st.booleans()):
        key["rotation"] = draw(st.just("off") | st.fixed_dictionaries({"every_days": st.integers(7, 365)}))
    if not symmetric:
        key["usage"] = draw(st.sampled_from(["ENCRYPT_DECRYPT", "SIGN_VERIFY"]))
    if target != "north" and draw(st.booleans()):
        key["tags"] = draw(st.dictionaries(NAMES.map("t-{}".format), NAMES.map("v-{}".format), max_size=5))
    if draw(st.booleans()):
        key["deletion"] = draw(DELETION)
    if draw(st.booleans()):
        key["enabled"] = draw(st.booleans())
    return key


@st.composite
def valid_stacks(draw: st.DrawFn) -> dict[str, Any]:
    keys = draw(st.dictionaries(NAMES, valid_keys(), min_size=1, max_size=5))
    for name, key in keys.items():
        if draw(st.booleans()):
            key["aliases"] = [f"alias-{name}"]
    return {"version": 1, "targets": TARGETS, "defaults": {"deletion": draw(DEFAULT_DELETION)}, "keys": keys}


def check(document: object) -> Report:
    # JSON, one value a line: YAML in which every line number can be computed.
    return check_text(json.dumps(document, indent=1, ensure_ascii=False).encode(), "x.yaml")


@given(valid_stacks())
@settings(deadline=None, max_examples=40)
def test_a_valid_stack_loads_with_all_its_keys(document: dict[str, Any]) -> None:
    data = json.dumps(document).encode()
    stack = check_document(parse(data, "x.yaml", WORDS)).stack

    assert stack is not None
    assert list(document["keys"]) == [key.name for key in stack.keys]
    assert [key["spec"] for key in document["keys"].values()] == [key.settings.spec for key in stack.keys]
    assert len(stack.desired_keys("project", "stack")) == len(document["keys"])
    assert [f"alias-{name}" for name, key in document["keys"].items() if "aliases" in key] == [
        alias.name for alias in stack.desired_aliases()
    ]


@pytest.mark.parametrize(
    "path", [("version",), ("targets",), ("keys",), ("targets", "north", "cloud"), ("targets", "north", "region")]
)
@given(document=valid_stacks())
@settings(max_examples=10, deadline=None)
def test_a_required_field_that_is_gone_is_missed(path: tuple[str, ...], document: dict[str, Any]) -> None:
    document = json.loads(json.dumps(document))
    parent = document
    for name in path[:-1]:
        parent = parent[name]
    del parent[path[-1]]

    assert ("missing-field", path) in {(found.id, found.path) for found in check(document).problems}


@given(valid_stacks(), st.data())
@settings(deadline=None, max_examples=40)
def test_a_key_without_target_or_spec_is_missed(document: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(document["keys"])))
    gone = data.draw(st.sampled_from(["target", "spec"]))
    del document["keys"][name][gone]

    assert [("missing-field", ("keys", name, gone))] == [(found.id, found.path) for found in check(document).problems]


@given(valid_stacks(), st.data())
@settings(deadline=None, max_examples=40)
def test_an_inserted_error_is_found_exactly_where_it_stands(document: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(document["keys"])))
    field, value = data.draw(
        st.sampled_from([("spec", "XXX"), ("target", "XXX"), ("enabled", "XXX"), ("adopt", "X X X"), ("usage", "XXX")])
    )
    document["keys"][name][field] = value
    text = json.dumps(document, indent=1)
    line, column = next(
        (number, line.index('"X') + 1) for number, line in enumerate(text.splitlines(), 1) if f'"{field}": "X' in line
    )

    problems = check_text(text.encode(), "x.yaml").problems
    assert [(line, column, ("keys", name, field))] == [_place(problem) for problem in problems]


def _place(problem: Problem) -> tuple[int, int, tuple[str, ...]]:
    return problem.position.line, problem.position.column, problem.path


@given(valid_stacks(), st.data())
@settings(deadline=None, max_examples=60)
def test_a_damaged_text_gives_a_report_and_never_an_error(document: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(document, indent=1)
    start = data.draw(st.integers(0, len(text)))
    end = min(len(text), start + data.draw(st.integers(0, 20)))
    damaged = text[:start] + data.draw(st.text(alphabet=" \t\n:{}[],\"'abc1-&*!?|", max_size=5)) + text[end:]

    assert check_text(damaged.encode(), "x.yaml").summary


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["SM4", "guangzhou", "off"]),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["targets", "keys", "defaults", "target", "spec", "tags", "aliases", "rotation", "deletion", "a"]
            ),
            below,
            max_size=4,
        )
    ),
)


@given(st.fixed_dictionaries({"version": TREES, "targets": TREES, "keys": TREES}, optional={"defaults": TREES}))
@settings(deadline=None, max_examples=40)
def test_any_tree_gives_a_report_and_never_an_error(document: dict[str, Any]) -> None:
    assert check(document).summary


@given(st.text())
@settings(deadline=None, max_examples=40)
def test_any_text_gives_a_report_and_never_an_error(text: str) -> None:
    assert check_text(text.encode(), "x.yaml").problems
