"""Condition blocks of Alibaba Cloud as tests (R3, K4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kms_resources.access.conditions import INSTANTS, Operator, Test, opaque
from kms_resources.access.intervals import parse_block, parse_instant
from kms_resources.access.rules import canonical
from kms_resources.access.words import Problem

ATTRIBUTES: Mapping[str, str] = {
    "acs:SourceIp": "source_ip",
    "acs:VpcSourceIp": "private_ip",
    "acs:SourceVpc": "vpc",
    "acs:CurrentTime": "time",
    "acs:SecureTransport": "secure_transport",
    "acs:MFAPresent": "mfa",
}
"""Condition key → our word (K4, R1)."""
TAG = "kms:tag/"

_KINDS: Mapping[str, frozenset[Operator]] = {
    "source_ip": frozenset({Operator.ADDRESS}),
    "private_ip": frozenset({Operator.ADDRESS}),
    "time": INSTANTS,
    "secure_transport": frozenset({Operator.FLAG}),
    "mfa": frozenset({Operator.FLAG}),
}
_TEXT = frozenset({Operator.TEXT})


@dataclass(frozen=True)
class _Row:
    operator: Operator
    negated: bool = False
    ignore_case: bool = False
    wild: bool = False
    """Whether `*` and `?` are wildcards for sure."""


OPERATORS: Mapping[str, _Row] = {
    "StringEquals": _Row(Operator.TEXT),
    "StringNotEquals": _Row(Operator.TEXT, negated=True),
    "StringEqualsIgnoreCase": _Row(Operator.TEXT, ignore_case=True),
    "StringNotEqualsIgnoreCase": _Row(Operator.TEXT, negated=True, ignore_case=True),
    "StringLike": _Row(Operator.TEXT, wild=True),
    "StringNotLike": _Row(Operator.TEXT, negated=True, wild=True),
    "DateEquals": _Row(Operator.SAME),
    "DateNotEquals": _Row(Operator.SAME, negated=True),
    "DateLessThan": _Row(Operator.BEFORE),
    "DateLessThanEquals": _Row(Operator.UNTIL),
    "DateGreaterThan": _Row(Operator.AFTER),
    "DateGreaterThanEquals": _Row(Operator.FROM),
    "Bool": _Row(Operator.FLAG),
    "IpAddress": _Row(Operator.ADDRESS),
    "NotIpAddress": _Row(Operator.ADDRESS, negated=True),
}
"""Operators inside the decided fragment.

`*` and `?` are wildcards under StringLike. "In every text value" (R1) would mean StringEquals too; its name, and that
there is a StringLike beside it (R3), mean the contrary. So that is open; without wildcards the two are the same.
"""


def attribute_of(key: str) -> str:
    """Our word for a condition key; others keep their own name."""
    return f"tag/{key[len(TAG) :]}" if key.startswith(TAG) else ATTRIBUTES.get(key, key)


def read_conditions(block: Any, path: str) -> Iterator[Test | Problem]:
    """Tests of one Condition element; all must hold."""
    if not isinstance(block, Mapping):
        yield Problem(path, "Condition must be an object of operators")
        return
    for name, keys in block.items():
        if not isinstance(keys, Mapping):
            yield Problem(f"{path}.{name}", "must be an object of condition keys")
            continue
        for key, raw in keys.items():
            yield _read(name, key, raw, f"{path}.{name}.{key}")


def _read(name: str, key: str, raw: Any, path: str) -> Test | Problem:
    values = [_text(each) for each in (raw if isinstance(raw, list) else [raw])]
    if not values or any(value is None for value in values):
        return Problem(path, "must be a text, a number, true or false, or a list of those")
    row = OPERATORS.get(name)
    attribute = attribute_of(key)
    allowed = _KINDS.get(attribute, _TEXT)
    if row is None or row.operator not in allowed:
        return opaque(canonical({name: {key: sorted(map(str, values))}}))
    known = sorted({str(value) for value in values})
    if row.operator is Operator.FLAG:
        known = sorted({value.lower() for value in known})
    wrong = _wrong(row.operator, known)
    if wrong:
        return Problem(path, wrong)
    unsure = row.operator is Operator.TEXT and not row.wild and any("*" in value or "?" in value for value in known)
    return Test(
        attribute,
        row.operator,
        tuple(known),
        negated=row.negated,
        ignore_case=row.ignore_case,
        wild=row.operator is Operator.TEXT,
        wild_rule="alibaba.wildcard-in-equals" if unsure else "",
        absent=None if row.negated else False,
        absent_rule="alibaba.absent-negated" if row.negated else "",
        border_rule="alibaba.block-border" if row.operator is Operator.ADDRESS else "",
        host_rule="alibaba.host-bits" if row.operator is Operator.ADDRESS else "",
    )


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else None


def _wrong(operator: Operator, values: list[str]) -> str:
    if operator is Operator.FLAG and not set(values) <= {"true", "false"}:
        return "must be true or false"
    for value in values:
        try:
            if operator is Operator.ADDRESS:
                parse_block(value)
            elif operator in INSTANTS:
                parse_instant(value)
        except ValueError:
            kind = "an address or a block" if operator is Operator.ADDRESS else "an instant with zone (ISO 8601)"
            return f"{value!r} is not {kind}"
    return ""
