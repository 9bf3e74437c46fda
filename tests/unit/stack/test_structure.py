"""The walk over the schema, held against the jsonschema library, and the schema itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kms_resources.clouds import CLOUDS
from kms_resources.model import DeletionPolicy, Origin, Protection, Spec, Usage
from kms_resources.source import parse
from kms_resources.stack.structure import WORDS, check_structure, load_schema

SCHEMA = load_schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

KEY_WORDS = st.sampled_from(
    ["SM4", "AES_256", "off", "KMS", "prevent", "orders", "a b", "", "1x", "PROD", "ENCRYPT_DECRYPT", "x" * 64]
)
VALUES = st.one_of(KEY_WORDS, st.integers(-1, 400), st.booleans(), st.none())
FIELDS = st.sampled_from(
    sorted(
        {*SCHEMA["$defs"]["key"]["properties"], *SCHEMA["$defs"]["target"]["properties"], "every_days", "window_days"}
    )
)
TREES = st.recursive(
    VALUES, lambda below: st.lists(below, max_size=3) | st.dictionaries(FIELDS, below, max_size=5), max_leaves=6
)
KEYS = st.dictionaries(FIELDS, TREES, max_size=6) | st.fixed_dictionaries(
    {"spec": KEY_WORDS, "target": KEY_WORDS},
    optional={
        "rotation": st.just("off") | st.fixed_dictionaries({"every_days": st.integers(-1, 4000)}),
        "aliases": st.lists(KEY_WORDS, max_size=3),
        "tags": st.dictionaries(KEY_WORDS, KEY_WORDS, max_size=2),
        "deletion": st.fixed_dictionaries({"policy": KEY_WORDS, "window_days": st.integers(0, 400)}),
    },
)
DOCUMENTS = st.fixed_dictionaries(
    {"version": st.sampled_from([1, 1, 1, "1", 2, True]), "keys": st.dictionaries(KEY_WORDS, KEYS, max_size=2)},
    optional={"targets": st.dictionaries(KEY_WORDS, TREES, max_size=2), "defaults": TREES, "other": TREES},
)


@given(DOCUMENTS)
@settings(max_examples=150, deadline=None)
def test_the_walk_and_jsonschema_agree_on_what_is_valid(document: dict[str, Any]) -> None:
    text = json.dumps(document)  # JSON is YAML in which nothing is odd
    root = parse(text.encode(), "x.yaml", WORDS).root

    assert root is not None
    assert VALIDATOR.is_valid(document) == (not check_structure(root, frozenset()))


def test_the_schema_is_a_valid_schema_of_draft_2020_12() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"] == "urn:kms-resources:schema:stack:1"


def _fields(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, schema
    for group in ("properties", "$defs"):
        for name, part in schema.get(group, {}).items():
            yield from _fields(part, f"{path}/{name}")
    for place, part in enumerate(schema.get("oneOf", [])):
        yield from _fields(part, f"{path}/{place}")
    for name in ("items", "additionalProperties", "propertyNames"):
        if isinstance(schema.get(name), dict):
            yield from _fields(schema[name], f"{path}/{name}")


def test_every_field_has_a_title_a_description_and_examples() -> None:
    bare = [
        path
        for path, field in _fields(dict(SCHEMA))
        if field and set(field) != {"$ref"} and not {"title", "description", "examples"} <= set(field)
    ]

    assert bare == []


def test_every_example_in_the_schema_is_valid() -> None:
    definitions = {"$defs": SCHEMA["$defs"]}
    wrong = [
        (path, example)
        for path, field in _fields(dict(SCHEMA))
        for example in field.get("examples", [])
        if not jsonschema.Draft202012Validator({**definitions, **field}).is_valid(example)
    ]

    assert wrong == []


def test_the_schema_knows_the_words_of_the_model() -> None:
    key = SCHEMA["$defs"]["key"]["properties"]
    deletion = SCHEMA["$defs"]["deletion"]["properties"]

    assert list(Spec) == key["spec"]["enum"]
    assert list(Usage) == key["usage"]["enum"]
    assert list(Origin) == key["origin"]["enum"]
    assert list(Protection) == key["protection"]["enum"]
    assert list(DeletionPolicy) == deletion["policy"]["enum"]


def test_the_clouds_that_an_editor_offers_exist() -> None:
    assert set(SCHEMA["$defs"]["target"]["properties"]["cloud"]["examples"]) <= set(CLOUDS)


def test_the_words_that_need_no_quotes_are_words_of_the_schema() -> None:
    constants = [branch["const"] for branch in SCHEMA["$defs"]["rotation"]["oneOf"] if "const" in branch]

    assert constants == sorted(WORDS["rotation"])


def test_a_schema_with_a_keyword_that_the_walk_does_not_know_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    load_schema.cache_clear()
    monkeypatch.setattr(json, "loads", lambda _text: {"properties": {"x": {"multipleOf": 2}}})

    with pytest.raises(ValueError, match="multipleOf"):
        load_schema()
    load_schema.cache_clear()


def test_readers_of_yaml_that_follow_other_versions_see_the_same_values() -> None:
    text = "a: true\nb: 12\nc: word\nd: 'no'\ne: -3\nf: 1.5\ng: x:y\n"
    document = parse(text.encode(), "x.yaml")

    assert document.problems == ()
    assert document.root is not None
    seen = {name: node.value for name, node in document.root.entries.items()}  # type: ignore[union-attr]
    assert yaml.safe_load(text) == seen
