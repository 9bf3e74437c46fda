"""Condition blocks of CAM as tests (C1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kms_resources.access.conditions import INSTANTS, Operator, Test, opaque
from kms_resources.access.intervals import parse_block, parse_instant
from kms_resources.access.rules import canonical
from kms_resources.access.words import Problem

RESOURCE_TAG = "qcs:resource_tag"
TAGS = "tags"
"""Attribute of tests on all tags of the resource at once."""
ATTRIBUTES: Mapping[str, str] = {"qcs:ip": "source_ip", "qcs:current_time": "time", RESOURCE_TAG: TAGS}

_OUTSIDE = frozenset({"qcs:request_tag"})
"""Only calls that bind tags have it; what they compare is not modelled."""
_KINDS: Mapping[str, frozenset[Operator]] = {
    "source_ip": frozenset({Operator.ADDRESS, Operator.MISSING}),
    "time": INSTANTS,
    TAGS: frozenset(),
}
_TEXT = frozenset({Operator.TEXT, Operator.MISSING})


@dataclass(frozen=True)
class _Row:
    operator: Operator
    negated: bool = False
    ignore_case: bool = False


OPERATORS: Mapping[str, _Row] = {
    "string_equal": _Row(Operator.TEXT),
    "string_not_equal": _Row(Operator.TEXT, negated=True),
    "string_equal_ignore_case": _Row(Operator.TEXT, ignore_case=True),
    "string_not_equal_ignore_case": _Row(Operator.TEXT, negated=True, ignore_case=True),
    "date_equal": _Row(Operator.SAME),
    "date_not_equal": _Row(Operator.SAME, negated=True),
    "date_less_than": _Row(Operator.BEFORE),
    "date_less_than_equal": _Row(Operator.UNTIL),
    "date_greater_than": _Row(Operator.AFTER),
    "date_greater_than_equal": _Row(Operator.FROM),
    "ip_equal": _Row(Operator.ADDRESS),
    "ip_not_equal": _Row(Operator.ADDRESS, negated=True),
    "null_equal": _Row(Operator.MISSING),
}
"""Operators inside the decided fragment; texts are compared literally."""
ANY = "for_any_value:"
IF_EXIST = "_if_exist"


def read_conditions(block: Any, path: str) -> Iterator[Test | Problem]:
    """Tests of one condition element; all must hold."""
    if not isinstance(block, Mapping):
        yield Problem(path, "condition must be an object of operators")
        return
    for name, keys in block.items():
        if not isinstance(keys, Mapping):
            yield Problem(f"{path}.{name}", "must be an object of condition keys")
            continue
        for key, raw in keys.items():
            yield _read(name, key, raw, f"{path}.{name}.{key}")


def _read(name: str, key: str, raw: Any, path: str) -> Test | Problem:
    values = [_text(each) for each in (raw if isinstance(raw, list) else [raw])]
    known = sorted({value for value in values if value is not None})
    if not known or None in values:
        return Problem(path, "must be a text, a number, true or false, or a list of those")
    if key == RESOURCE_TAG and name in {"string_equal", f"{ANY}string_equal"}:
        return _tagged(known, path, "" if name.startswith(ANY) else "tencent.tags-without-any")
    attribute = ATTRIBUTES.get(key, key)
    plain = name.removesuffix(IF_EXIST)
    row = OPERATORS.get(plain)
    if row is None or key in _OUTSIDE or row.operator not in _KINDS.get(attribute, _TEXT):
        return opaque(canonical({name: {key: known}}))
    if row.operator is Operator.MISSING:
        return _missing(attribute, known, path, name, key)
    wrong = _wrong(row.operator, known)
    return Problem(path, wrong) if wrong else _test(attribute, row, known, if_exist=name.endswith(IF_EXIST))


def _tagged(pairs: list[str], path: str, rule: str) -> Test | Problem:
    if any("&" not in pair for pair in pairs):
        return Problem(path, "a tag is written key&value")
    return Test(TAGS, Operator.TAGGED, tuple(pairs), absent_rule=rule)


def _test(attribute: str, row: _Row, known: list[str], *, if_exist: bool) -> Test:
    return Test(
        attribute,
        row.operator,
        tuple(known),
        negated=row.negated,
        ignore_case=row.ignore_case,
        absent=True if if_exist else None if row.negated else False,
        absent_rule="tencent.absent-negated" if row.negated and not if_exist else "",
        zone_required=False,
    )


def _missing(attribute: str, known: list[str], path: str, name: str, key: str) -> Test | Problem:
    values = {value.lower() for value in known}
    if not values <= {"true", "false"}:
        return Problem(path, "must be true or false")
    if len(values) > 1 or name.endswith(IF_EXIST):
        return opaque(canonical({name: {key: known}}))
    return Test(attribute, Operator.MISSING, tuple(values))


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else None


def _wrong(operator: Operator, values: list[str]) -> str:
    for value in values:
        try:
            if operator is Operator.ADDRESS:
                parse_block(value)
            elif operator in INSTANTS:
                parse_instant(value, zone_required=False)
        except ValueError:
            kind = "an address or a block" if operator is Operator.ADDRESS else "an instant (ISO 8601, UTC)"
            return f"{value!r} is not {kind}"
    return ""
