"""What a key must be for an action to use it: its usage and its state, with the codes each action has for the rest."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kms_emulator.contract import Document
from kms_emulator.tencent import facts
from kms_emulator.tencent.ciphertext import decoded
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.facts import State, Usage

# The code in each state, and Code.CMK_DISABLED in those not named. The codes are in the vendor's lists of the actions
# [S2]; which state gives which is told by their names, else [I].
ENCRYPT: Mapping[State, Code] = {State.ARCHIVED: Code.CMK_ARCHIVED}
GENERATE_DATA_KEY: Mapping[State, Code] = {State.PENDING_DELETE: Code.KEY_PENDING_DELETE}
IMPORT_DATA_KEY: Mapping[State, Code] = {
    State.ARCHIVED: Code.CMK_ARCHIVED, State.PENDING_DELETE: Code.KEY_PENDING_DELETE,
    State.PENDING_IMPORT: Code.CMK_STATE_NOT_SUPPORT,
}  # fmt: skip
HOSTED: Mapping[State, Code] = {
    State.PENDING_DELETE: Code.CMK_STATE_NOT_SUPPORT, State.PENDING_IMPORT: Code.CMK_STATE_NOT_SUPPORT,
}  # fmt: skip
DECRYPT: Mapping[State, Code] = {}
USABLE = frozenset({State.ENABLED})
READABLE = frozenset({State.ENABLED, State.ARCHIVED})  # an archived key decrypts [S1]


def require(
    key: Document, codes: Mapping[State, Code], *, states: Collection[State] = USABLE,
    wrong_usage: Code = Code.INVALID_PARAMETER,
) -> None:  # fmt: skip
    """Refuse a key that is not symmetric, or not in one of the states."""
    require_usage(key, (Usage.ENCRYPT_DECRYPT,), wrong_usage)
    state = State(key["state"])
    if state not in states:
        raise ApiError(codes.get(state, Code.CMK_DISABLED), f"The CMK `{key['id']}` is {state}.")


def require_usage(key: Document, usages: Collection[str], code: Code) -> None:
    """Refuse a key of another usage."""
    if key["usage"] not in usages:
        raise ApiError(code, f"The CMK `{key['id']}` is for {key['usage']}.")


def require_offered(usage: Usage, region: str) -> None:
    """Refuse what keys of this usage do where no such keys exist."""
    if usage not in facts.offered(region):
        raise ApiError(Code.UNSUPPORTED_KEY_USAGE, f"The key usage `{usage}` does not exist in the region {region}.")


def binary(text: str, name: str, code: Code, largest: int) -> bytes:
    """The bytes of a base64 parameter: some, and no more than allowed."""
    data = decoded(text)
    if not data:
        raise ApiError(code, f"`{name}` is empty or not base64.")
    if len(data) > largest:
        raise ApiError(code, f"`{name}` has {len(data)} bytes; at most {largest} are allowed.")
    return data
