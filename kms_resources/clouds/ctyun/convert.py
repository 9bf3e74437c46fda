"""CTYun's bodies, envelopes and rows, and ours. The names are in `words.py` and the tables behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from kms_resources.clouds.ctyun.table import Operation
from kms_resources.clouds.ctyun.words import METADATA, PROTECTIONS, SPECS, STATES, USAGES, WORDS
from kms_resources.clouds.marking import split_marker, with_marker
from kms_resources.errors import (
    CloudError,
    DeniedError,
    NotFoundError,
    RejectedError,
    ThrottledError,
    UnclearError,
)
from kms_resources.model import (
    ActualAlias,
    ActualKey,
    DesiredKey,
    KeyId,
    KeyState,
    Origin,
    Protection,
    Settings,
)

IN_EVERY_ROW = ("spec", "usage", "state", "origin", "protection", "description", "rotation", "deletion_protection")
"""What a row of `list_keys` must have; otherwise the key is asked for by itself."""

_EXTERNAL = "EXTERNAL"  # I
_ON = {"true", "1", "enabled", "suspended"}  # I; Alibaba's word for a rotation that rests while the key is disabled
_SECONDS_PER_UNIT: Mapping[str, int] = {"d": 86400, "h": 3600, "m": 60, "s": 1}  # I?
ALIAS_PREFIX = "alias/"  # I
_DEFAULT_ALIAS_PREFIX = "alias_"  # S12: alias_ecs and the like, of the products' default keys

DESCRIPTION_MAX = 8192
"""[I?] characters, after Alibaba."""
MARKER_ROOM = 512
DESCRIPTION_ROOM = DESCRIPTION_MAX - MARKER_ROOM

SUCCESS = {"200", "800"}  # S2 S7; 800 where the gateway speaks
_KMS_CODE = re.compile(r"KMS[._]", re.IGNORECASE)  # S4 S7
_STATUSES: Mapping[str, type[CloudError]] = {
    "400": RejectedError,  # S2
    "401": DeniedError,  # S2
    "403": DeniedError,  # I?
    "404": NotFoundError,  # S2: the target of the operation is not usable; the client finds out why
    "429": ThrottledError,  # I?
}
_ADVICE: Mapping[type[CloudError], str] = {
    DeniedError: "look at the access key and its permissions, at the region, and at this machine's clock",
    UnclearError: "run the same command again: nothing is made twice",
}
HTTP_FAILURE = 400
SERVER_ERRORS = range(500, 600)


class Envelope(StrEnum):
    """The names around an answer: today's form, that of the older pages, and what both may be mixed with."""

    STATUS = "statusCode"  # S7
    OLD_STATUS = "code"  # S2
    ERROR = "error"  # S7
    OLD_ERROR = "errorCode"  # S2
    TEXT = "message"  # S7
    OLD_TEXT = "msg"  # S2
    PAYLOAD = "returnObj"  # S7
    OLD_PAYLOAD = "data"  # S2
    REQUEST_ID = "requestId"  # S7


def body(operation: Operation, values: Mapping[str, object]) -> dict[str, object]:
    """Our words as the operation's fields; None is left out."""
    return {operation.request[WORDS[name]].wire: value for name, value in values.items() if value is not None}


def read(operation: Operation, http: int, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The payload of an answer, or our error for it. Raises `KeyError` or `TypeError` when it is in no known form.

    It is a failure when either the HTTP status or the body says so.
    """
    status = answer.get(Envelope.STATUS)
    status = str(answer[Envelope.OLD_STATUS] if status is None else status)
    payload = answer.get(Envelope.PAYLOAD) or answer.get(Envelope.OLD_PAYLOAD) or {}
    if status in SUCCESS and http < HTTP_FAILURE:
        return dict(payload)
    code = str(answer.get(Envelope.ERROR) or answer.get(Envelope.OLD_ERROR) or status)
    kind = _failure(operation, http, status, code)
    raise kind(
        f"{operation.name} was refused" if kind is not UnclearError else f"{operation.name} failed inside the cloud",
        why=str(answer.get(Envelope.TEXT) or answer.get(Envelope.OLD_TEXT) or "").strip(),
        code=code,
        request_id=str(payload.get(Envelope.REQUEST_ID) or "") if isinstance(payload, Mapping) else "",
        advice=_ADVICE.get(kind, ""),
    )


def _failure(operation: Operation, http: int, status: str, code: str) -> type[CloudError]:
    if http in SERVER_ERRORS or (status.isdigit() and int(status) in SERVER_ERRORS):
        return UnclearError
    kind = _STATUSES.get(status)
    if kind is None:
        kind = _STATUSES.get(str(http), RejectedError)
        if http < HTTP_FAILURE and not operation.repeatable:
            # The gateway's own failure under HTTP 200: it does not say whether KMS had the request already.
            return UnclearError
    if kind is NotFoundError and not (status == "404" and _KMS_CODE.match(code)):
        # Only KMS itself can say that a key is not there. A gateway that does not know the path says 404 as well, and
        # taking that for a vanished key would have the key made a second time.
        return RejectedError
    return kind


def page(operation: Operation, answer: Mapping[str, Any], identity: str) -> tuple[list[Any], int | None]:
    """The rows of one page, and how many there are in all if the answer says so.

    An answer without the list, or rows without their `identity`, must not pass for a short list.
    """
    wire, name = operation.rows.wire, WORDS[identity]
    total = answer.get(WORDS["total"])
    rows = answer.get(wire) or []
    if wire not in answer or not isinstance(rows, list):
        raise UnclearError(f"{operation.name} was answered without a list", why=f"the field {wire} is missing")
    if not all(isinstance(row, Mapping) and row.get(name) for row in rows):
        raise UnclearError(f"{operation.name} was answered with a nameless row", why=f"the field {name} is missing")
    return rows, int(total) if total is not None else None


def creation(desired: DesiredKey) -> dict[str, object]:
    """The values of `create_key`."""
    settings = desired.settings
    rotates = settings.rotation_days is not None
    return {
        "spec": SPECS[settings.spec][0],
        "usage": USAGES[settings.usage][0],
        # The field is required. Without a wish it is the HSM: the level is for life, and a key that turns out to need
        # hardware cannot be moved there, while one that could have been software has only cost more.
        "protection": PROTECTIONS[settings.protection or Protection.HSM][0],
        "origin": _EXTERNAL if settings.origin is Origin.EXTERNAL else None,
        "description": with_marker(settings.description, desired.marker),
        "rotation": rotates if settings.spec.symmetric else None,
        "interval": interval(settings.rotation_days),
        "instance": desired.target.instance or None,
    }


def interval(days: int | None) -> str | None:
    """A rotation period as the API writes it."""
    return None if days is None else f"{days}d"


def value(row: Mapping[str, Any], name: str) -> Any:
    """A field of a key's metadata, by our word."""
    return row.get(METADATA[name].wire)


def state(row: Mapping[str, Any]) -> KeyState:
    """The state of a key, out of its metadata."""
    return next((ours for ours, theirs in STATES.items() if str(value(row, "state")) in theirs), KeyState.UNAVAILABLE)


def is_complete(row: Mapping[str, Any]) -> bool:
    """Whether a row of a listing tells everything, so that the key need not be asked for by itself."""
    return all(METADATA[name].wire in row for name in IN_EVERY_ROW)


def is_foreign(row: Mapping[str, Any]) -> bool:
    """Whether a key is of a kind that this product cannot make, and without a marker of ours."""
    known = find(SPECS, value(row, "spec")) and find(USAGES, value(row, "usage"))
    return not known and not split_marker(str(value(row, "description") or ""))[1]


def key(row: Mapping[str, Any]) -> ActualKey:
    """A key from its metadata. Raises `RejectedError` for a kind of key that is not in the tables."""
    key_id = KeyId(str(row[METADATA["key_id"].wire]))
    spec, usage = find(SPECS, value(row, "spec")), find(USAGES, value(row, "usage"))
    if spec is None or usage is None:
        raise RejectedError(
            f"key {key_id} is of an unknown kind", why=f"spec {value(row, 'spec')!r}, usage {value(row, 'usage')!r}"
        )
    now = state(row)
    description, marker = split_marker(str(value(row, "description") or ""))
    return ActualKey(
        id=key_id,
        settings=Settings(
            spec=spec,
            usage=usage,
            origin=Origin.EXTERNAL if str(value(row, "origin")).upper() == _EXTERNAL else Origin.KMS,
            protection=find(PROTECTIONS, value(row, "protection")),
            description=description,
            enabled=now is KeyState.ENABLED,
            rotation_days=_days(value(row, "interval")) if flag(value(row, "rotation")) else None,
            deletion_protection=flag(value(row, "deletion_protection")),
        ),
        state=now,
        marker=marker,
        account=str(value(row, "creator") or ""),
        created=str(value(row, "created") or ""),
        pending_deletion=str(value(row, "deleted") or "") if now is KeyState.PENDING_DELETION else "",
        primary_version=str(value(row, "version") or ""),
        material_expires=str(value(row, "material_expires") or ""),
    )


def alias(row: Mapping[str, Any]) -> ActualAlias | None:
    """An alias from its row; None for the alias of a product's default key."""
    name = str(row[WORDS["alias"]])
    if name.startswith(_DEFAULT_ALIAS_PREFIX):
        return None
    return ActualAlias(name.removeprefix(ALIAS_PREFIX), KeyId(str(row[WORDS["key_id"]])))


def find(words: Mapping[Any, tuple[str, ...]], text: object) -> Any:
    """Our word for a value of the cloud's; None for one that is in no table."""
    return next((ours for ours, theirs in words.items() if str(text) in theirs), None)


def flag(text: object) -> bool:
    """Whether a switch is on."""
    return str(text).lower() in _ON


def _days(text: object) -> int | None:
    found = re.fullmatch(r"(\d+)([dhms]?)", str(text))
    return int(found[1]) * _SECONDS_PER_UNIT[found[2] or "d"] // _SECONDS_PER_UNIT["d"] if found else None
