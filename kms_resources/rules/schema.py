"""The schema of `kms-rules.yaml`, made of the rules: what a rule can be told is said in one place."""

from __future__ import annotations

from functools import cache
from typing import Any

from kms_resources.rules.registry import RULES
from kms_resources.rules.words import Parameter, ParameterKind, Rule, RuleSeverity

OFF = "off"
DAY = r"^\d{4}-\d{2}-\d{2}$"


@cache
def rules_schema() -> dict[str, Any]:
    """The schema, draft 2020-12; `schema/rules.schema.json` is this, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:kms-resources:schema:rules:1",
        "title": "Rules for stacks of encryption keys",
        "description": "What reviews and the policy pack look for, and what is accepted as it is. `kms rules` lists "
        "the rules.",
        "examples": [{"version": 1, "rules": {"no-owner-tag": {"severity": "mandatory", "tag": "team"}}}],
        "type": "object",
        "required": ["version"],
        "additionalProperties": False,
        "properties": {
            "version": {
                "title": "Version of this format",
                "description": "The version of the format of this file.",
                "const": 1,
                "examples": [1],
            },
            "rules": {
                "title": "Rules",
                "description": "Rules that differ from their usual setting.",
                "examples": [{"no-rotation": OFF}],
                "type": "object",
                "additionalProperties": False,
                "properties": {rule.id: _rule(rule) for rule in RULES.values()},
            },
            "ignore": {
                "title": "Accepted findings",
                "description": "Findings that are accepted, each with a reason and an end.",
                "examples": [[_EXAMPLE]],
                "type": "array",
                "items": {"$ref": "#/$defs/ignore"},
            },
        },
        "$defs": {
            "severity": {
                "title": "Severity",
                "description": "What a finding means: worth a look, or not without an entry below `ignore`.",
                "examples": ["mandatory"],
                "enum": [str(each) for each in RuleSeverity],
            },
            "ignore": _ignore(),
        },
    }


_EXAMPLE = {
    "rule": "decrypt-to-other-account",
    "key": "orders",
    "reason": "Migration of the partner, KEY-12",
    "until": "2027-03-31",
}


def _rule(rule: Rule) -> dict[str, Any]:
    fields: dict[str, Any] = {"severity": {"$ref": "#/$defs/severity"}}
    fields |= {each.name: parameter_schema(each) for each in rule.parameters}
    choices: list[dict[str, Any]] = [{"const": word} for word in (OFF, *map(str, RuleSeverity))]
    return {
        "title": rule.id,
        "description": f"{rule.title}. Usually {rule.severity}.",
        "examples": [OFF],
        "oneOf": [*choices, {"type": "object", "additionalProperties": False, "properties": fields}],
    }


def parameter_schema(each: Parameter, *, default: bool = True) -> dict[str, Any]:
    """The schema of one parameter; whether it says what holds without it."""
    text = {"type": "string", "pattern": each.pattern, "patternErrorMessage": each.rule_of_text}
    words: dict[str, Any] = {"title": each.name, "description": each.description, "examples": [each.example]}
    words |= {"default": each.default} if default and each.kind is not ParameterKind.TEXTS else {}
    if each.kind is ParameterKind.DAYS:
        return {**words, "type": "integer", "minimum": each.low, "maximum": each.high}
    if each.kind is ParameterKind.TEXT:
        return {**words, **text}
    item = {"title": "One of them", "description": each.rule_of_text, **text}
    return {**words, "type": "array", "uniqueItems": True, "items": item}


def _ignore() -> dict[str, Any]:
    def text(title: str, description: str, example: str, **more: object) -> dict[str, Any]:
        head = {"title": title, "description": description, "examples": [example]}
        return {**head, "type": "string", "minLength": 1, "maxLength": 1023, **more}

    return {
        "title": "Accepted finding",
        "description": "Findings that are accepted until a day.",
        "examples": [_EXAMPLE],
        "type": "object",
        "required": ["rule", "reason", "until"],
        "additionalProperties": False,
        "properties": {
            "rule": {
                "title": "Rule",
                "description": "The rule's id.",
                "examples": ["no-rotation"],
                "enum": list(RULES),
            },
            "key": text("Key", "The key's name in the stack.", "orders"),
            "path": text(
                "Path", "The place in the stack, and all below it.", "access_points.billing",
                pattern=r"^[^.\s]+(\.[^.\s]+)*$",
                patternErrorMessage="names with dots between them, such as access_points.billing",
            ),
            "file": text("Stack file", "Only in this stack file; without it in all.", "stacks/prod.yaml"),
            "reason": text(
                "Reason", "Why it is accepted, for the next reader.", "Migration of the partner, KEY-12",
                pattern=r"\S", patternErrorMessage="a sentence that tells the next reader why",
            ),
            "until": text(
                "Until", "The last day on which it counts.", "2027-03-31", pattern=DAY,
                patternErrorMessage='a day in quotes, such as "2027-03-31"',
            ),
        },
    }  # fmt: skip
