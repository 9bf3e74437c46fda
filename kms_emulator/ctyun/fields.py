"""Checks a request's body against the table of fields, and reads values in the forms the vendor takes them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from kms_emulator.ctyun.facts import Field, Operation, Type
from kms_emulator.ctyun.terms import (
    BAD_TYPE,
    BAD_VALUE,
    INTERVAL,
    INTERVAL_MISSING,
    MISSING,
    PAGE_SIZE,
    PAGE_SIZE_LIMIT,
    PARAMETER_MISSING,
    PROTECTION_LEVELS,
    SPECS,
    UNITS,
    UNKNOWN_FIELD,
    USAGES,
    Origin,
    Refusal,
    Spec,
    State,
    Usage,
)

_Value = TypeVar("_Value")
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_FLAGS: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}
# An empty description takes the text away, an empty list of permissions all of them [I?].
_MAY_BE_EMPTY = frozenset({"description", "apis", "resources"})


def checked(operation: Operation, body: Mapping[str, Any], *, strict: bool) -> dict[str, Any]:
    """The fields by main name. Missing ones first, in the table's order [I?]; then unknown ones; then types."""
    given: dict[str, Any] = {}
    for field in operation.request:
        value = next((body[name] for name in field.names if body.get(name) is not None), None)
        empty = value is None or (value in ("", []) and field.name not in _MAY_BE_EMPTY)
        if empty and field.required:
            raise Refusal(MISSING.get((operation.name, field.name), MISSING.get(field.name, PARAMETER_MISSING)),
                          "" if field.name in MISSING else field.name)  # fmt: skip
        if not empty:
            given[field.name] = value
    if strict:
        known = {name for field in operation.request for name in field.names}
        unknown = next((name for name in body if name not in known), None)
        if unknown is not None:
            raise Refusal(UNKNOWN_FIELD, unknown)
    return {field.name: _typed(field, given[field.name]) for field in operation.request if field.name in given}


def _typed(field: Field, value: Any) -> Any:
    """A value of the field's type; flags and numbers may come as text and the other way round [I]."""
    found = _READERS[field.type](value)
    if found is None:
        raise Refusal(BAD_TYPE, f"{field.name} must be of the type {field.type.name.lower()}")
    return found


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def _number(value: object) -> int | None:
    text = _text(value)
    return int(text) if text is not None and _NUMBER.fullmatch(text) else None


def _boolean(value: object) -> bool | None:
    return _FLAGS.get(str(value).lower()) if isinstance(value, bool | int | str) else None


_READERS: Mapping[Type, Callable[[object], Any]] = {
    Type.TEXT: _text,
    Type.NUMBER: _number,
    Type.BOOLEAN: _boolean,
    Type.LIST: lambda value: value if isinstance(value, list) else None,
    Type.OBJECT: lambda value: value if isinstance(value, dict) else None,
}


def spec(text: str) -> Spec:
    """The kind of key."""
    return _one_of("keySpec", text, SPECS)


def usage(text: str) -> Usage:
    """The usage, also by a synonym."""
    return _one_of("keyUsage", text, USAGES)


def origin(text: str) -> Origin:
    """Who makes the material."""
    return _one_of("origin", text, {entry.value: entry for entry in Origin})


def state(text: str) -> State:
    """A state to filter by."""
    return _one_of("keyState", text, {entry.value: entry for entry in State})


def protection_level(text: str) -> str:
    """Hardware or software."""
    return _one_of("protectionLevel", text, {level: level for level in PROTECTION_LEVELS})


def one_of(name: str, text: str, allowed: Sequence[str]) -> str:
    """A word out of a list."""
    return _one_of(name, text, {word: word for word in allowed})


def _one_of(name: str, text: str, table: Mapping[str, _Value]) -> _Value:
    if text not in table:
        raise Refusal(BAD_VALUE, f"{name} must be one of {', '.join(table)}")
    return table[text]


def interval(text: str | None, limits: tuple[int, int]) -> int:
    """A rotation interval in seconds, within limits given in days."""
    if text is None:
        raise Refusal(INTERVAL_MISSING)
    found = INTERVAL.fullmatch(text)
    seconds = int(found[1]) * UNITS[found[2]] if found else 0
    low, high = limits
    if not low * UNITS["d"] <= seconds <= high * UNITS["d"]:
        raise Refusal(BAD_VALUE, f"rotationInterval must be from {low} to {high} days")
    return seconds


def number_within(name: str, value: int, limits: tuple[int, int]) -> int:
    """A number within limits."""
    if not limits[0] <= value <= limits[1]:
        raise Refusal(BAD_VALUE, f"{name} must be from {limits[0]} to {limits[1]}")
    return value


def decoded(name: str, text: str, limit: int | None = None) -> bytes:
    """The bytes behind a Base64 text; the text is never repeated."""
    try:
        found = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise Refusal(BAD_VALUE, f"{name} must be Base64") from None
    if limit is not None and len(found) > limit:
        raise Refusal(BAD_VALUE, f"{name} must have at most {limit} bytes before Base64")
    return found


def encoded(content: bytes) -> str:
    """Bytes as answers write them."""
    return base64.b64encode(content).decode()


def texts(name: str, given: Mapping[str, Any]) -> Mapping[str, str]:
    """An object whose values are texts."""
    if not all(isinstance(value, str) for value in given.values()):
        raise Refusal(BAD_TYPE, f"{name} must be an object of texts")
    return given


def paging(fields: Mapping[str, Any]) -> tuple[int, int]:
    """Number and size of the page asked for."""
    number = number_within("pageNumber", fields.get("pageNumber", 1), (1, 10**9))
    return number, number_within("pageSize", fields.get("pageSize", PAGE_SIZE), (1, PAGE_SIZE_LIMIT))
