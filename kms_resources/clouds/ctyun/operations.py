"""All 80 operations of CTYun's KMS by name, and the check of what a person wants to send."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from kms_resources.clouds.ctyun import table_access, table_certificates, table_keys
from kms_resources.clouds.ctyun.table import Field, Operation, Type
from kms_resources.errors import InputError
from kms_resources.redact import label

OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation
    for operation in (*table_keys.ROWS, *table_certificates.ROWS, *table_access.ROWS)
}  # fmt: skip
"""In the order of the vendor's navigation tree."""
SISTER: Mapping[str, Operation] = {operation.name: operation for operation in table_access.SISTER}
"""Those of an access point's own interface."""


def find(action: str, among: Mapping[str, Operation] = OPERATIONS) -> Operation:
    """The operation of this name; raises `InputError` with the nearest right one."""
    if action in among:
        return among[action]
    raise InputError(
        f"CTYun has no operation {label(action)!r}",
        why=f"the table has {len(among)} operations",
        advice=_nearest(action, among) or "look at the vendor's documentation for its name",
    )


def check(operation: Operation, given: Mapping[str, Any]) -> dict[str, object]:
    """The body for these fields: names checked, values turned into the types of the table. Raises `InputError`.

    No message quotes a value: it may be what must not be seen.
    """
    for name in given:
        if name not in operation.request:
            raise InputError(
                f"{operation.name} has no field {label(name)!r}",
                why=f"its fields are {_names(operation.request)}",
                advice=_nearest(name, operation.request),
            )
    body = {name: _convert(operation, operation.request[name], value) for name, value in given.items()}
    for item in operation.request.values():
        if item.required and item.wire not in body and item.instead not in body:
            alternative = f" or {item.instead}" if item.instead else ""
            raise InputError(
                f"{operation.name} needs the field {item.wire}{alternative}",
                why="it is required",
                advice=f"its fields are {_names(operation.request)}",
            )
    return body


def _names(fields: Mapping[str, Field]) -> str:
    return ", ".join(f"{item.wire}{'' if item.required else ' (optional)'}" for item in fields.values()) or "none"


def _nearest(name: str, known: Mapping[str, object]) -> str:
    lower = {word.lower(): word for word in known}
    found = difflib.get_close_matches(name.lower(), lower, n=1)
    return f"did you mean {lower[found[0]]}?" if found else ""


def _convert(operation: Operation, item: Field, value: Any) -> object:
    converted = _CONVERSIONS[item.type](value)
    if converted is None:
        raise InputError(
            f"the field {item.wire} of {operation.name} is not {item.type}", why=_EXPECTED[item.type]
        )  # fmt: skip
    return converted


def _text(value: Any) -> object:
    return value if isinstance(value, str) else None


def _boolean(value: Any) -> object:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _integer(value: Any) -> object:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _list(value: Any) -> object:
    if isinstance(value, str):
        if not value.lstrip().startswith("["):
            return [part.strip() for part in value.split(",") if part.strip()]
        value = _json(value)
    return list(value) if isinstance(value, list | tuple) else None


def _object(value: Any) -> object:
    if isinstance(value, str):
        value = _json(value)
    return dict(value) if isinstance(value, Mapping) else None


def _json(text: str) -> object:
    # The error of the parser holds the whole text, so it must not become the context of ours.
    try:
        return json.loads(text)
    except ValueError:
        return None


_CONVERSIONS: Mapping[Type, Callable[[Any], object]] = {
    Type.TEXT: _text,
    Type.BOOLEAN: _boolean,
    Type.INTEGER: _integer,
    Type.LIST: _list,
    Type.OBJECT: _object,
}
_EXPECTED: Mapping[Type, str] = {
    Type.TEXT: "write a text; binary data as Base64",
    Type.BOOLEAN: "write true or false",
    Type.INTEGER: "write decimal digits",
    Type.LIST: "write JSON such as [1, 2], or texts with commas between them",
    Type.OBJECT: 'write JSON such as {"purpose": "backup"}',
}
