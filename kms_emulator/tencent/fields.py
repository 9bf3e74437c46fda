"""The shapes of request parameters, and the check of a request against them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, cast

from kms_emulator.tencent.errors import ApiError, Code, missing


class Scalar(Enum):
    """A single value."""

    TEXT = auto()
    NUMBER = auto()
    FLAG = auto()


@dataclass(frozen=True)
class Many:
    """A list."""

    of: Shape


@dataclass(frozen=True)
class Table:
    """An object with fixed names."""

    fields: Fields


@dataclass(frozen=True)
class Field:
    """A parameter."""

    shape: Shape
    required: bool = False


Shape = Scalar | Many | Table
Fields = Mapping[str, Field]


def needs(shape: Shape) -> Field:
    """A required parameter."""
    return Field(shape, required=True)


def may(shape: Shape) -> Field:
    """An optional parameter."""
    return Field(shape)


@dataclass(frozen=True)
class Given:
    """Checked parameters; a parameter that is absent or null was left out."""

    values: Mapping[str, Any]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        return cast("str", self.values.get(name, default))

    def number(self, name: str, default: int = 0) -> int:
        """A whole number."""
        return cast("int", self.values.get(name, default))

    def texts(self, name: str) -> list[str]:
        """A list of texts; empty when absent."""
        return cast("list[str]", self.values.get(name, []))

    def tables(self, name: str) -> list[Given]:
        """A list of objects; empty when absent."""
        return [Given(entry) for entry in self.values.get(name, [])]


def checked(fields: Fields, given: Mapping[str, Any], *, textual: bool, place: str = "") -> Given:
    """Refuse unknown parameters, then missing ones, then values of a wrong type."""
    for name in given:
        if name not in fields:
            raise ApiError(Code.UNKNOWN_PARAMETER, f"The parameter `{place}{name}` is not recognized.")
    present = {name: value for name, value in given.items() if value is not None}
    for name, field in fields.items():
        if field.required and name not in present:
            raise missing(f"{place}{name}")
    return Given({name: _read(fields[name].shape, value, f"{place}{name}", textual) for name, value in present.items()})


def _read(shape: Shape, value: Any, path: str, textual: bool) -> Any:
    match shape:
        case Scalar.TEXT:
            if isinstance(value, str) and _is_text(value):
                return value
        case Scalar.NUMBER:
            return _number(value, path, textual)
        case Scalar.FLAG:
            return _flag(value, path, textual)
        case Many(of):
            if isinstance(value, Sequence) and not isinstance(value, str):
                return [_read(of, entry, f"{path}.{place}", textual) for place, entry in enumerate(value)]
        case Table(fields):
            if isinstance(value, Mapping):
                return checked(fields, value, textual=textual, place=f"{path}.").values
    raise _wrong_type(path)


def _is_text(value: str) -> bool:
    # Half of a surrogate pair is legal in JSON but is no text.
    return not any("\ud800" <= sign <= "\udfff" for sign in value)


def _number(value: Any, path: str, textual: bool) -> int:
    if textual and isinstance(value, str):
        sign, digits = ("-", value[1:]) if value.startswith("-") else ("", value)
        if digits.isascii() and digits.isdigit() and len(digits) <= 20:
            return int(sign + digits)
    elif isinstance(value, int) and not isinstance(value, bool):
        return value
    raise _wrong_type(path)


def _flag(value: Any, path: str, textual: bool) -> bool:
    if textual and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if isinstance(value, bool):
        return value
    raise _wrong_type(path)


def _wrong_type(path: str) -> ApiError:
    return ApiError(Code.INVALID_PARAMETER, f"The parameter `{path}` has a wrong type.")


TEXT, NUMBER, FLAG = Scalar.TEXT, Scalar.NUMBER, Scalar.FLAG
TAG = Table({"TagKey": needs(TEXT), "TagValue": needs(TEXT)})
TAG_FILTER = Table({"TagKey": needs(TEXT), "TagValue": may(Many(TEXT))})
MEMBER = Table({"MemberAppId": may(NUMBER), "MemberUin": may(NUMBER)})
