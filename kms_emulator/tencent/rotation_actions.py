"""KMS actions on rotation."""

from __future__ import annotations

from collections.abc import Mapping

from kms_emulator.contract import Document
from kms_emulator.tencent import facts
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.facts import DAY, Origin, State, Usage
from kms_emulator.tencent.fields import NUMBER, Given, may
from kms_emulator.tencent.key_actions import allow, on_key
from kms_emulator.tencent.keys import add_version
from kms_emulator.tencent.work import Action, Result, Work


def enable_key_rotation(given: Given, work: Work) -> Result:
    """EnableKeyRotation."""
    days = given.number("RotateDays", facts.DEFAULT_ROTATE_DAYS)
    if days not in facts.ROTATE_DAYS:
        raise ApiError(Code.INVALID_PARAMETER_VALUE, f"`RotateDays` is {days}; allowed are 7 to 365.")
    key = work.keys.find(given.text("KeyId"))
    if key["origin"] == Origin.EXTERNAL:
        raise ApiError(Code.EXTERNAL_CMK_CAN_NOT_ROTATE, f"The CMK `{key['id']}` has external material.")
    if key["usage"] != Usage.ENCRYPT_DECRYPT:
        raise ApiError(Code.INVALID_PARAMETER, f"The CMK `{key['id']}` is asymmetric and cannot rotate.")  # [I?]
    allow(key, State.ENABLED, State.DISABLED)
    # Only a change counts the period anew [I?].
    if not key["rotation"] or key["rotate_days"] != days:
        work.keys.save({**key, "rotation": True, "rotate_days": days, "next_rotation": work.now + days * DAY})
    return {}


def disable_key_rotation(given: Given, work: Work) -> Result:
    """DisableKeyRotation."""
    key = work.keys.find(given.text("KeyId"))
    work.keys.save({**key, "rotation": False})
    return {}


def get_key_rotation_status(given: Given, work: Work) -> Result:
    """GetKeyRotationStatus."""
    return {"KeyRotationEnabled": work.keys.find(given.text("KeyId"))["rotation"]}


def rotate_key(given: Given, work: Work) -> Result:
    """RotateKey."""
    key = work.keys.find(given.text("KeyId"))
    _refuse_what_cannot_rotate(key)
    last = key["last_manual_rotation"]
    if last and work.now - last < facts.ROTATE_KEY_INTERVAL:
        raise ApiError(Code.ROTATE_RATE_LIMITED, f"The CMK `{key['id']}` was rotated within the last 24 hours.")
    add_version(key, work.context.uuid(), work.now)
    key["last_manual_rotation"] = work.now
    work.keys.save(key)
    return {"TaskId": work.context.uuid()}


def _refuse_what_cannot_rotate(key: Document) -> None:
    symmetric = key["origin"] == Origin.TENCENT_KMS and key["usage"] == Usage.ENCRYPT_DECRYPT
    if symmetric:
        allow(key, State.ENABLED)
    if not symmetric or not key["rotation"]:
        raise ApiError(Code.ROTATE_NOT_SUPPORTED, f"The CMK `{key['id']}` has no rotation switched on.")


ACTIONS: Mapping[str, Action] = {
    "EnableKeyRotation": on_key(enable_key_rotation, RotateDays=may(NUMBER)),
    "DisableKeyRotation": on_key(disable_key_rotation),
    "GetKeyRotationStatus": on_key(get_key_rotation_status),
    "RotateKey": on_key(rotate_key),
}
