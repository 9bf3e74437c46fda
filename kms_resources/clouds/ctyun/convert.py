"""CTYun's words and ours: the one place where its paths, field names and values are written.

Every name carries its mark: [S…] was read in that source, [I] is inferred from the vendor's naming rule, a check
message or the same operation at Alibaba Cloud, [I?] is assumed. A wrong guess is corrected in its row, nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kms_resources.errors import (
    CloudError,
    DeniedError,
    NotFoundError,
    RejectedError,
    ThrottledError,
    UnclearError,
)
from kms_resources.model import (
    NO_MARKER,
    ActualAlias,
    ActualKey,
    DesiredKey,
    KeyId,
    KeyState,
    Marker,
    Origin,
    Protection,
    Settings,
    Spec,
    Usage,
)

SOURCES: Mapping[str, str] = {
    "S1": "https://www.ctyun.cn/document/10014047/10043798",
    "S2": "https://ctyun.cn/document/10014047/10043835",
    "S3": "https://www.ctyun.cn/qzdh/143601_60",
    "S4": "https://ctyun.cn/document/10014047/10042505",
    "S5": "https://www.ctyun.cn/qzdh/143541_311",
    "S6": "https://github.com/OneHundred86/laravel-sm-ctyunkms",
    "S7": "https://www.ctyun.cn/document/10014047/10325274",
    "S8": "https://www.esurfingcloud.com/document/10014047/20697641",
    "S10": "https://www.esurfingcloud.com/document/10014047/10014531",
    "S12": "https://www.esurfingcloud.com/document/10014047/20697828",
}


@dataclass(frozen=True)
class Field:
    """A name in a request or an answer."""

    wire: str
    mark: str


@dataclass(frozen=True)
class Operation:
    """One call of the API. `request` and `answer` go from our word to the cloud's field."""

    path: str
    mark: str
    request: Mapping[str, Field] = field(default_factory=dict)
    answer: Mapping[str, Field] = field(default_factory=dict)
    repeatable: bool = True
    """Whether sending it twice does no harm."""

    @property
    def name(self) -> str:
        """The API action."""
        return self.path.rpartition("/")[2]


_KEY = {"key_id": Field("cmkUuid", "S1")}
_ALIAS = {"alias": Field("aliasName", "I, check S4")}
_PAGE = {"page": Field("pageNumber", "I?"), "size": Field("pageSize", "I?")}
_TOTAL = {"total": Field("totalCount", "I?")}
METADATA: Mapping[str, Field] = _KEY | {
    "spec": Field("keySpec", "I"),
    "usage": Field("keyUsage", "I"),
    "state": Field("keyState", "I"),
    "origin": Field("origin", "I"),
    "protection": Field("protectionLevel", "I"),
    "description": Field("description", "I"),
    "created": Field("creationDate", "I"),
    "creator": Field("creator", "I"),
    "deleted": Field("deleteDate", "I"),
    "version": Field("primaryKeyVersion", "I"),
    "rotation": Field("automaticRotation", "I"),
    "interval": Field("rotationInterval", "I"),
    "deletion_protection": Field("deletionProtection", "I"),
}
OPERATIONS: Mapping[str, Operation] = {
    "create_key": Operation(
        "/v1/cmkManage/createKey",
        "I, sister path S6",
        {
            "spec": Field("keySpec", "I, check S4"),
            "usage": Field("keyUsage", "I, check S4"),
            "protection": Field("protectionLevel", "I, check S4"),
            "origin": Field("origin", "I"),
            "description": Field("description", "I"),
            "rotation": Field("enableAutomaticRotation", "I, check S4"),
            "interval": Field("rotationInterval", "I, check S4"),
            "instance": Field("instanceId", "I, S5 for certificates"),
        },
        {"key_id": Field("cmkUuid", "S6")},
        repeatable=False,
    ),
    "enable_key": Operation("/v1/cmkManage/enableKey", "S1", _KEY),
    "disable_key": Operation("/v1/cmkManage/disableKey", "I", _KEY),
    "schedule_deletion": Operation(
        "/v1/cmkManage/scheduleKeyDeletion", "I", _KEY | {"window": Field("pendingWindowInDays", "I, check S4")}
    ),
    "cancel_deletion": Operation("/v1/cmkManage/cancelKeyDeletion", "I", _KEY),
    "set_description": Operation(
        "/v1/cmkManage/updateKeyDescription", "I", _KEY | {"description": Field("description", "I")}
    ),
    "describe_key": Operation("/v1/cmkManage/describeKey", "I", _KEY, METADATA),
    "list_keys": Operation("/v1/cmkManage/listKeys", "I", _PAGE, _TOTAL | {"rows": Field("keys", "I?")} | _KEY),
    "protect": Operation("/v1/cmkManage/setDeletionProtection", "I?", _KEY),
    "unprotect": Operation("/v1/cmkManage/cancelDeletionProtection", "I?", _KEY),
    "set_rotation": Operation(
        "/v1/cmkManage/updateRotationPolicy",
        "I",
        _KEY
        | {
            "rotation": Field("enableAutomaticRotation", "I, check S4"),
            "interval": Field("rotationInterval", "I, check S4"),
        },
    ),
    "create_alias": Operation("/v1/cmkManage/createAlias", "I", _KEY | _ALIAS),
    "move_alias": Operation("/v1/cmkManage/updateAlias", "I, name S10", _KEY | _ALIAS),
    "delete_alias": Operation("/v1/cmkManage/deleteAlias", "I", _ALIAS),
    "list_aliases": Operation(
        "/v1/cmkManage/listAliases", "I", _PAGE, _TOTAL | {"rows": Field("aliases", "I")} | _ALIAS | _KEY
    ),
    "list_aliases_of_key": Operation(
        "/v1/cmkManage/listAliasesByKeyId", "I", _KEY | _PAGE, _TOTAL | {"rows": Field("aliases", "I")} | _ALIAS | _KEY
    ),
}
IN_EVERY_ROW = ("spec", "usage", "state", "origin", "protection", "description", "rotation", "deletion_protection")
"""What a row of `list_keys` must have; otherwise the key is asked for by itself."""

# The first word of a value is the one we send, the others are understood too.
_SPECS: Mapping[Spec, tuple[str, ...]] = {
    Spec.AES_256: ("AES_256",),  # S12
    Spec.SM4: ("SM4", "SM4_128"),  # I?
    Spec.RSA_2048: ("RSA_2048",),  # I, S5 for certificates
    Spec.RSA_3072: ("RSA_3072",),  # I?
    Spec.RSA_4096: ("RSA_4096",),  # I?
    Spec.EC_P256: ("EC_P256",),  # I
    Spec.EC_P256K: ("EC_P256K",),  # I
    Spec.SM2: ("EC_SM2", "SM2"),  # I
    Spec.HMAC_SM3: ("HMAC_SM3",),  # I?
}
_USAGES: Mapping[Usage, tuple[str, ...]] = {
    Usage.ENCRYPT_DECRYPT: ("ENCRYPT/DECRYPT", "ENCRYPT_DECRYPT"),  # I
    Usage.SIGN_VERIFY: ("SIGN/VERIFY", "SIGN_VERIFY"),  # I
    Usage.GENERATE_VERIFY_MAC: ("GENERATE/VERIFY_MAC", "GENERATE_VERIFY_MAC"),  # I?
}
_PROTECTIONS: Mapping[Protection, tuple[str, ...]] = {
    Protection.HSM: ("0", "HSM"),  # S5
    Protection.SOFTWARE: ("1", "SOFTWARE"),  # S5
}
_STATES: Mapping[KeyState, tuple[str, ...]] = {
    KeyState.ENABLED: ("Enabled",),  # I
    KeyState.DISABLED: ("Disabled",),  # I
    KeyState.PENDING_DELETION: ("PendingDeletion",),  # I
    KeyState.PENDING_IMPORT: ("PendingImport",),  # I
}
_EXTERNAL = "EXTERNAL"  # I
_ON = {"true", "1", "enabled", "suspended"}  # I; Alibaba's word for a rotation that rests while the key is disabled
_SECONDS_PER_UNIT: Mapping[str, int] = {"d": 86400, "h": 3600, "m": 60, "s": 1}  # I?
ALIAS_PREFIX = "alias/"  # I
_DEFAULT_ALIAS_PREFIX = "alias_"  # S12: alias_ecs and the like, of the products' default keys

DESCRIPTION_MAX = 8192
"""[I?] characters, after Alibaba."""
MARKER_ROOM = 512
DESCRIPTION_ROOM = DESCRIPTION_MAX - MARKER_ROOM
MARKER_OPENING = "[kms-resources:"
_MARKER = re.compile(r"\[kms-resources:([^\[\]]+)\]")

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
    return {operation.request[name].wire: value for name, value in values.items() if value is not None}


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
    wire, name = operation.answer["rows"].wire, operation.answer[identity].wire
    total = answer.get(operation.answer["total"].wire)
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
        "spec": _SPECS[settings.spec][0],
        "usage": _USAGES[settings.usage][0],
        # The field is required. Without a wish it is the HSM: the level is for life, and a key that turns out to need
        # hardware cannot be moved there, while one that could have been software has only cost more.
        "protection": _PROTECTIONS[settings.protection or Protection.HSM][0],
        "origin": _EXTERNAL if settings.origin is Origin.EXTERNAL else None,
        "description": with_marker(settings.description, desired.marker),
        "rotation": rotates if settings.spec.symmetric else None,
        "interval": interval(settings.rotation_days),
        "instance": desired.target.instance or None,
    }


def interval(days: int | None) -> str | None:
    """A rotation period as the API writes it."""
    return None if days is None else f"{days}d"


def marker_text(marker: Marker) -> str:
    """A marker as it stands at the end of a description."""
    return f" {MARKER_OPENING}{marker}]" if marker else ""


def with_marker(description: str, marker: Marker) -> str:
    """The text that the cloud keeps."""
    return (description + marker_text(marker)) if description else marker_text(marker).lstrip()


def split_marker(text: str) -> tuple[str, Marker]:
    """The user's description and our marker, out of what the cloud keeps.

    The marker is found wherever it stands: somebody may have written behind it by hand, and the key is still ours.
    """
    found = list(_MARKER.finditer(text))
    if not found:
        return text, NO_MARKER
    last = found[-1]
    return text[: last.start()].removesuffix(" ") + text[last.end() :], Marker(last[1])


def value(row: Mapping[str, Any], name: str) -> Any:
    """A field of a key's metadata, by our word."""
    return row.get(METADATA[name].wire)


def is_complete(row: Mapping[str, Any]) -> bool:
    """Whether a row of a listing tells everything, so that the key need not be asked for by itself."""
    return all(METADATA[name].wire in row for name in IN_EVERY_ROW)


def is_foreign(row: Mapping[str, Any]) -> bool:
    """Whether a key is of a kind that this product cannot make, and without a marker of ours."""
    known = _find(_SPECS, value(row, "spec")) and _find(_USAGES, value(row, "usage"))
    return not known and not split_marker(str(value(row, "description") or ""))[1]


def key(row: Mapping[str, Any]) -> ActualKey:
    """A key from its metadata. Raises `RejectedError` for a kind of key that is not in the tables."""
    key_id = KeyId(str(row[METADATA["key_id"].wire]))
    spec, usage = _find(_SPECS, value(row, "spec")), _find(_USAGES, value(row, "usage"))
    if spec is None or usage is None:
        raise RejectedError(
            f"key {key_id} is of an unknown kind", why=f"spec {value(row, 'spec')!r}, usage {value(row, 'usage')!r}"
        )
    state = _find(_STATES, value(row, "state")) or KeyState.UNAVAILABLE
    description, marker = split_marker(str(value(row, "description") or ""))
    return ActualKey(
        id=key_id,
        settings=Settings(
            spec=spec,
            usage=usage,
            origin=Origin.EXTERNAL if str(value(row, "origin")).upper() == _EXTERNAL else Origin.KMS,
            protection=_find(_PROTECTIONS, value(row, "protection")),
            description=description,
            enabled=state is KeyState.ENABLED,
            rotation_days=_days(value(row, "interval")) if _flag(value(row, "rotation")) else None,
            deletion_protection=_flag(value(row, "deletion_protection")),
        ),
        state=state,
        marker=marker,
        account=str(value(row, "creator") or ""),
        created=str(value(row, "created") or ""),
        pending_deletion=str(value(row, "deleted") or "") if state is KeyState.PENDING_DELETION else "",
        primary_version=str(value(row, "version") or ""),
    )


def alias(row: Mapping[str, Any]) -> ActualAlias | None:
    """An alias from its row; None for the alias of a product's default key."""
    name = str(row[_ALIAS["alias"].wire])
    if name.startswith(_DEFAULT_ALIAS_PREFIX):
        return None
    return ActualAlias(name.removeprefix(ALIAS_PREFIX), KeyId(str(row[_KEY["key_id"].wire])))


def _find(words: Mapping[Any, tuple[str, ...]], text: object) -> Any:
    return next((ours for ours, theirs in words.items() if str(text) in theirs), None)


def _flag(text: object) -> bool:
    return str(text).lower() in _ON


def _days(text: object) -> int | None:
    found = re.fullmatch(r"(\d+)([dhms]?)", str(text))
    return int(found[1]) * _SECONDS_PER_UNIT[found[2] or "d"] // _SECONDS_PER_UNIT["d"] if found else None
