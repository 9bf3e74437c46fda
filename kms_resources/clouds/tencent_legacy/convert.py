"""The words of Tencent Cloud's API 2.0 and ours: the one place where its fields, values and codes are written.

Sources: https://cloud.tencent.com/document/product/573/8893 (CreateKey) and following, 8919 (error codes).
[I] marks what is inferred.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kms_resources.clouds.tencent_legacy.limits import CRYPTO, marker_text
from kms_resources.crypto.words import Context
from kms_resources.errors import (
    AlreadyExistsError,
    CloudError,
    DeniedError,
    InputError,
    NotFoundError,
    RejectedError,
    ThrottledError,
    UnclearError,
    WrongStateError,
)
from kms_resources.model import NO_MARKER, ActualKey, DesiredKey, KeyId, KeyState, Marker, Settings, Spec, Usage

KEY_USAGE = "ENCRYPT/DECRYPT"
_USAGES = frozenset({KEY_USAGE, "ENCRYPT_DECRYPT"})  # [I] the second: keys that API 3.0 made
_STATES: Mapping[str, KeyState] = {
    "Enabled": KeyState.ENABLED,
    "Disabled": KeyState.DISABLED,
    # [I] The pages of API 2.0 name the two above; these are API 3.0's words, which it may show of the same keys.
    "PendingImport": KeyState.PENDING_IMPORT,
    "PendingDelete": KeyState.PENDING_DELETION,
    "Archived": KeyState.ARCHIVED,
}
_ERRORS: Mapping[int, type[CloudError]] = {
    # By the code of the answer; what is not listed was refused for good.
    4100: DeniedError,
    4300: DeniedError,
    4420: ThrottledError,
    4480: ThrottledError,
    4500: AlreadyExistsError,
    4530: NotFoundError,
    4550: WrongStateError,
    6000: UnclearError,
}
_ADVICE: Mapping[int, str] = {
    4100: "look at the access key, its secret, and this machine's clock",
    4300: "the account is overdue; pay its bill",
    4510: "the region's quota of keys is used up; ask Tencent Cloud to raise it",
    4540: "give the very same encryption context as at encryption",
    4560: "at decryption, give the ciphertext as it was made, with the very same encryption context",
    4580: "give the ciphertext as it was made",
}
SECRET_FIELDS = frozenset({"plaintext"})
"""What must never come back in the words of a refusal."""
ACTIONS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "CreateKey": (("alias",), ("description", "keyUsage", "type")),
    "GenerateDataKey": (("keyId",), ("keySpec", "numberOfBytes", "encryptionContext")),
    "Encrypt": (("keyId", "plaintext"), ("encryptionContext",)),
    "Decrypt": (("ciphertextBlob",), ("encryptionContext",)),
    "GetKeyAttributes": (("keyId",), ()),
    "SetKeyAttributes": (("keyId", "alias"), ()),
    "EnableKey": (("keyId",), ()),
    "DisableKey": (("keyId",), ()),
    "ListKey": ((), ("offset", "limit")),
    "ScheduleKeyDeletion": (("keyId", "pendingWindowInDays"), ()),
    "CancelKeyDeletion": (("keyId",), ()),
}
"""Action → required and further fields."""
_MARKER = re.compile(r"\[kms-resources:([^\[\]]+)\]")


def error(action: str, code: int, message: str, request_id: str) -> CloudError:
    """Our error for one of the codes. The decision falls on the code; the message is only shown."""
    kind = _ERRORS.get(code, RejectedError)
    return kind(
        f"{action} was refused",
        why=message.strip(),
        code=str(code),
        request_id=request_id,
        advice=_ADVICE.get(code, ""),
    )


def first_alias(marker: Marker) -> str:
    """The alias a key is born with: derived from its marker, so that CreateKey cannot succeed twice."""
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", marker).strip("-_")[:17]
    return f"m-{readable}-{hashlib.sha256(marker.encode()).hexdigest()[:12]}"


def home_alias(key: ActualKey) -> str:
    """The alias a key has while no person gave it one: API 2.0 has no key without."""
    return first_alias(key.marker) if key.marker else f"unnamed-{hashlib.sha256(key.id.encode()).hexdigest()[:12]}"


def is_own_alias(alias: str) -> bool:
    """Whether an alias is one of the two above, hence no name that a person gave."""
    return re.fullmatch(r"m-[A-Za-z0-9_-]*-[0-9a-f]{12}|unnamed-[0-9a-f]{12}", alias) is not None


def creation(desired: DesiredKey) -> dict[str, str]:
    """The fields of CreateKey."""
    return {
        "alias": first_alias(desired.marker),
        "description": marker_text(desired.marker),
        "keyUsage": KEY_USAGE,
    }


def marker_of(row: Mapping[str, Any]) -> Marker:
    """Our marker, wherever in the description it stands: a key whose text was edited elsewhere is still ours."""
    found = _MARKER.findall(str(row.get("description") or ""))
    return Marker(found[-1]) if found else NO_MARKER


def is_foreign(row: Mapping[str, Any]) -> bool:
    """Whether a key is of a kind that API 2.0 cannot make, and without our marker."""
    return row.get("keyUsage") not in _USAGES and not marker_of(row)


def key(row: Mapping[str, Any]) -> ActualKey:
    """A key from `keyMetadata`. Raises `RejectedError` for a usage that API 2.0 cannot make.

    The description is not shown: it holds our marker, and what else may stand there nobody can change through here.
    """
    if row.get("keyUsage") not in _USAGES:
        raise RejectedError(f"key {row['keyId']} is of an unknown kind", why=f"its usage is {row.get('keyUsage')!r}")
    state = _STATES.get(str(row.get("keyState")), KeyState.UNAVAILABLE)
    deletion = time(row.get("deleteTime"))
    if deletion and state in {KeyState.DISABLED, KeyState.UNAVAILABLE}:
        # [I] The pages name no state for it, but a time.
        state = KeyState.PENDING_DELETION
    return ActualKey(
        id=KeyId(str(row["keyId"])),
        settings=Settings(Spec.SM4, Usage.ENCRYPT_DECRYPT, enabled=state is KeyState.ENABLED),
        state=state,
        marker=marker_of(row),
        created=time(row.get("createTime")),
        pending_deletion=deletion if state is KeyState.PENDING_DELETION else "",
        native_alias=str(row.get("alias") or ""),
    )


def time(seconds: object) -> str:
    """A Unix time as ISO 8601 in UTC; empty for none."""
    return datetime.fromtimestamp(int(str(seconds)), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else ""


def context_fields(context: Context) -> dict[str, str]:
    """The encryption context as a field of a request: always the same text for the same names and values."""
    if not context:
        return {}
    text = json.dumps(dict(context), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if len(text) > CRYPTO.context_characters:
        raise InputError(
            "the encryption context is too long",
            why=f"it has {len(text)} characters as JSON",
            advice=f"use at most {CRYPTO.context_characters}",
        )
    return {"encryptionContext": text}


def text_of(data: bytes) -> str:
    """Bytes as the API writes them."""
    return base64.b64encode(data).decode()


def bytes_of(answer: Mapping[str, Any], field: str, action: str) -> bytes:
    """A binary field of an answer. Its value is never quoted: it may be a plaintext."""
    try:
        return base64.b64decode(need(answer, field, action), validate=True)
    except (binascii.Error, ValueError):
        raise UnclearError(f"{action} was answered with a {field} that is no Base64") from None


def need(answer: Mapping[str, Any], field: str, action: str) -> str:
    """A text that the answer must hold."""
    value = answer.get(field)
    if not isinstance(value, str) or not value:
        raise UnclearError(f"{action} was answered without {field}")
    return value
