"""Check the nodes of a file against `schema/stack.schema.json`, the single source of the structure.

Why not the jsonschema library at run time: it costs 0.14 s to import and 0.2 s for 1,000 keys, it works on plain data
without positions, and each of its errors would need a second table that turns it into a sentence. This walk covers the
keywords that our schema uses, refuses to load a schema with any other, takes 0.03 s for 1,000 keys, and the tests hold
it against jsonschema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from kms_resources.nodes import Broken, Mapping_, Node, Scalar, Sequence
from kms_resources.problems import Path, Position, Problem
from kms_resources.redact import label, show

WORDS: Mapping[str, frozenset[str]] = {"rotation": frozenset({"off"})}
"""Words that stand without quotes in a field although YAML 1.1 takes them for booleans."""

_FILE = "schema/stack.schema.json"
_HERE = FilePath(__file__).resolve().parents[1]

_ANNOTATIONS = frozenset(
    {"$schema", "$id", "$defs", "title", "description", "examples", "default", "doNotSuggest", "patternErrorMessage"}
)
_TYPES: Mapping[str, tuple[Callable[[Node], bool], str]] = {
    "object": (lambda node: isinstance(node, Mapping_), "fields with values"),
    "array": (lambda node: isinstance(node, Sequence), "a list"),
    "string": (lambda node: isinstance(node, Scalar) and isinstance(node.value, str), "text"),
    "integer": (lambda node: isinstance(node, Scalar) and type(node.value) is int, "a whole number"),
    "boolean": (lambda node: isinstance(node, Scalar) and isinstance(node.value, bool), "true or false"),
}

Schema = Mapping[str, Any]


@cache
def load_schema() -> Schema:
    """The schema, from the installed package or from the checkout."""
    places = (_HERE / _FILE, _HERE.parent / _FILE)
    text = next(place for place in places if place.is_file()).read_text(encoding="utf-8")
    schema: Schema = json.loads(text)
    _refuse_unknown_keywords(schema)
    return schema


def check_structure(root: Node, hidden: frozenset[Position], schema: Schema | None = None) -> list[Problem]:
    """Everything in which the nodes differ from the schema. Values at `hidden` positions are not shown."""
    whole = schema or load_schema()
    walk = _Walk(whole, hidden, [])
    walk.check(root, whole, (), root.position)
    return walk.problems


@dataclass
class _Walk:
    whole: Schema
    hidden: frozenset[Position]
    problems: list[Problem]

    def check(self, node: Node, schema: Schema, path: Path, name_at: Position) -> None:
        """Check one node; `name_at` is where its name stands, for what has no place of its own."""
        if isinstance(node, Broken) or not schema:
            return  # the empty schema takes everything: a document in a cloud's own form
        schema = self.resolve(schema)
        if "not" in schema:
            self.add(name_at, path, "not-in-this-version", schema["description"], "the file without this field")
        elif "oneOf" in schema:
            self.one_of(node, schema["oneOf"], path, name_at)
        elif isinstance(node, Scalar) and node.value is None:
            self.add(node.position, path, "no-value", "there is no value", self.allowed(schema))
        elif "const" in schema or "enum" in schema:
            self.choice(node, schema.get("enum") or [schema["const"]], path)
        elif "type" in schema and not _TYPES[schema["type"]][0](node):
            self.add(node.position, path, "wrong-type", self.what_it_is(node, schema["type"]), self.allowed(schema))
        elif isinstance(node, Mapping_):
            self.mapping(node, schema, path, name_at)
        elif isinstance(node, Sequence):
            self.sequence(node, schema, path)
        else:
            self.scalar(node.value, node.position, schema, path)

    def resolve(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self.whole["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        return schema

    def one_of(self, node: Node, branches: list[Schema], path: Path, name_at: Position) -> None:
        mappings = [branch for branch in branches if branch.get("type") == "object"]
        if isinstance(node, Mapping_) and mappings:
            self.check(node, mappings[0], path, name_at)
        elif not any(
            isinstance(node, Scalar) and "const" in branch and _same(node.value, branch["const"]) for branch in branches
        ):
            allowed = " or ".join(self.allowed(branch) for branch in branches)
            empty = isinstance(node, Scalar) and node.value is None
            what = "there is no value" if empty else f"{self.shown(node)} is not possible here"
            self.add(node.position, path, "no-value" if empty else "wrong-type", what, allowed)

    def choice(self, node: Node, values: list[Any], path: Path) -> None:
        if isinstance(node, Scalar) and any(_same(node.value, value) for value in values):
            return
        near = ""
        if isinstance(node, Scalar) and isinstance(node.value, str) and node.position not in self.hidden:
            near = nearest(node.text, [value for value in values if isinstance(value, str)])
        message = f"{self.shown(node)} is not possible here{near}"
        self.add(node.position, path, "not-allowed", message, ", ".join(map(str, values)))

    def mapping(self, node: Mapping_, schema: Schema, path: Path, name_at: Position) -> None:
        fields: Mapping[str, Schema] = schema.get("properties", {})
        others: Schema | bool = schema["additionalProperties"]
        for name, position in node.names.items():
            inside = (*path, label(name))
            if "propertyNames" in schema:
                self.scalar(name, position, self.resolve(schema["propertyNames"]), inside)
            if name in fields:
                below = fields[name]
            elif isinstance(others, bool):
                known = [field for field, sub in fields.items() if "not" not in sub]
                message = f"{show(name)} is no field here{nearest(name, known)}"
                self.add(position, inside, "unknown-field", message, ", ".join(known))
                continue
            else:
                below = others
            self.check(node.entries[name], below, inside, position)
        least, most = schema.get("minProperties", 0), schema.get("maxProperties", len(node.names))
        if not least <= len(node.names) <= most:
            self.add(name_at, path, "wrong-number", f"{len(node.names)} fields are not possible here",
                     f"exactly one of {', '.join(fields)}")  # fmt: skip
        for name in schema.get("required", ()):
            if name not in node.names:
                self.add(name_at, (*path, name), "missing-field", "this field is missing", self.allowed(fields[name]))

    def sequence(self, node: Sequence, schema: Schema, path: Path) -> None:
        seen: dict[object, Position] = {}
        for place, item in enumerate(node.items):
            inside = (*path, str(place))
            self.check(item, schema["items"], inside, item.position)
            if not isinstance(item, Scalar):
                continue
            if schema.get("uniqueItems") and item.value in seen:
                message = f"{self.shown(item)} stands here a second time; the first is at {seen[item.value]}"
                self.add(item.position, inside, "duplicate-item", message, "each value once")
            seen.setdefault(item.value, item.position)

    def scalar(self, value: object, position: Position, schema: Schema, path: Path) -> None:
        text = value if isinstance(value, str) else ""
        pattern = schema.get("pattern")
        wrong = (
            (pattern is not None and not _compiled(pattern).search(text))
            or len(text) < schema.get("minLength", 0)
            or len(text) > schema.get("maxLength", len(text))
            or (isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value))
        )
        if wrong:
            shown = show(text) if text else "empty text" if isinstance(value, str) else str(value)
            message = f"{'this value (not shown)' if position in self.hidden else shown} is not possible here"
            self.add(position, path, "not-allowed", message, self.allowed(schema))

    def allowed(self, schema: Schema) -> str:
        """What the schema allows, in words."""
        schema = self.resolve(schema)
        if "const" in schema or "enum" in schema:
            return ", ".join(map(str, schema.get("enum") or [schema["const"]]))
        kind: str = schema.get("type", "string")
        words = _TYPES[kind][1]
        if "patternErrorMessage" in schema:
            words = schema["patternErrorMessage"]
        elif "properties" in schema:
            words = "the fields " + ", ".join(name for name, sub in schema["properties"].items() if "not" not in sub)
        elif "minimum" in schema:
            words = f"a whole number from {schema['minimum']} to {schema['maximum']}"
        elif "maxLength" in schema:
            words = f"text of {schema.get('minLength', 0)} to {schema['maxLength']} characters"
        return words

    def what_it_is(self, node: Node, wanted: str) -> str:
        if not isinstance(node, Scalar):
            return f"{self.shown(node)} is not possible here"
        if isinstance(node.value, str):
            return f"{self.shown(node)} is text"
        kind = "a boolean" if isinstance(node.value, bool) else "a number"
        shown = "this value (not shown)" if node.position in self.hidden else node.text
        return f"{shown} is {kind}" + ("; put it in quotes if the text is meant" if wanted == "string" else "")

    def shown(self, node: Node) -> str:
        if isinstance(node, Mapping_):
            return "a mapping"
        if isinstance(node, Sequence):
            return "a list"
        if node.position in self.hidden or not isinstance(node, Scalar):
            return "this value (not shown)"
        if not isinstance(node.value, str):
            return node.text or "no value"
        return f"the text {show(node.text)}" if node.text.isdigit() else show(node.text)

    def add(self, position: Position, path: Path, id_: str, message: str, allowed: str) -> None:
        self.problems.append(Problem(position, path, id_, message, allowed))


def nearest(name: str, known: list[Any]) -> str:
    """`; did you mean "x"?` if one of the known names is near."""
    import difflib  # noqa: PLC0415  (only a wrong name needs it)

    near = difflib.get_close_matches(name[:80].lower(), [str(one).lower() for one in known], 1, 0.6)
    right = next((str(one) for one in known if near and str(one).lower() == near[0]), "")
    return f'; did you mean "{right}"?' if right else ""


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # `$` of JSON Schema is the very end, that of Python also stands before a final newline.
    return re.compile(pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern)


_KNOWN = _ANNOTATIONS | {
    "$ref", "not", "oneOf", "const", "enum", "type", "properties", "additionalProperties", "propertyNames", "required",
    "items", "uniqueItems", "pattern", "minLength", "maxLength", "minimum", "maximum", "minProperties", "maxProperties",
}  # fmt: skip


def _refuse_unknown_keywords(schema: Schema) -> None:
    unknown = [keyword for part in _parts(schema) for keyword in part if keyword not in _KNOWN]
    # An object that does not say what else it may hold would let everything pass.
    unknown += ["properties without additionalProperties" for part in _parts(schema) if _is_open(part)]
    if unknown:
        raise ValueError(f"the schema uses keywords that the walk does not know: {', '.join(unknown)}")


def _is_open(schema: Schema) -> bool:
    return schema.get("type") == "object" and schema.get("additionalProperties", True) is True


def _parts(schema: Schema) -> Iterator[Schema]:
    yield schema
    for keyword in ("properties", "$defs"):
        for part in schema.get(keyword, {}).values():
            yield from _parts(part)
    for keyword in ("propertyNames", "items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from _parts(schema[keyword])
    for part in schema.get("oneOf", ()):
        yield from _parts(part)
