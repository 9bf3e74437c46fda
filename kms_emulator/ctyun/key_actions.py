"""Operations 1 to 10: the life of keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kms_emulator.contract import Document
from kms_emulator.ctyun import fields
from kms_emulator.ctyun.alias_actions import add_alias
from kms_emulator.ctyun.invocation import Invocation, Payload
from kms_emulator.ctyun.keys import (
    add_version,
    check_rotates,
    described,
    find_key,
    refuse_default,
    stamp,
    start_rotation,
    usable_state,
)
from kms_emulator.ctyun.terms import (
    BAD_VALUE,
    DAY,
    DEFAULT_INSTANCE,
    DEFAULT_PROJECT,
    DELETION_DAYS,
    DESCRIPTION_LENGTH,
    NO_INSTANCE,
    NOT_FOR_THIS_KEY,
    PROTECTED,
    QUOTA,
    ROTATION_DAYS,
    Origin,
    Refusal,
    State,
)

_READERS = {
    "keyState": ("state", fields.state),
    "keySpec": ("spec", lambda text: fields.spec(text).name),
    "keyUsage": ("usage", fields.usage),
    "protectionLevel": ("protection", fields.protection_level),
    "origin": ("origin", fields.origin),
}


def create_key(invocation: Invocation) -> Payload:
    """Make a key, Enabled, or PendingImport when the material comes from outside."""
    given, context = invocation.fields, invocation.context
    spec = fields.spec(given["keySpec"])
    usage = fields.usage(given["keyUsage"])
    origin = fields.origin(given.get("origin", Origin.PLATFORM))
    if usage not in spec.usages:
        raise Refusal(BAD_VALUE, f"a key of {spec.name} is for {' or '.join(spec.usages)}")
    if origin == Origin.EXTERNAL and not spec.symmetric:
        raise Refusal(NOT_FOR_THIS_KEY, f"material of {spec.name} cannot be imported")
    key: Document = {
        "id": context.uuid(), "spec": spec.name, "usage": usage, "origin": origin,
        "protection": fields.protection_level(given["protectionLevel"]),
        "description": _description(given.get("description", "")),
        "created": invocation.now, "creator": invocation.user.user_id, "protected": False,
        "instance": chosen_instance(invocation), "project": given.get("epId", DEFAULT_PROJECT),
    }  # fmt: skip
    _check_quota(invocation)
    if given.get("enableAutomaticRotation"):
        check_rotates(spec, origin)
        start_rotation(key, fields.interval(given.get("rotationInterval"), ROTATION_DAYS), invocation.now)
    if origin == Origin.PLATFORM:
        add_version(context, invocation.scope, key, invocation.now)
    key["state"] = usable_state(key)
    invocation.keys.put(key["id"], key)
    if "aliasName" in given:
        add_alias(invocation, given["aliasName"], key["id"])
    return {"cmkUuid": key["id"]}


def chosen_instance(invocation: Invocation) -> str:
    """The instance named, else the one opened first [S5]."""
    known, wanted = invocation.instances, invocation.fields.get("instanceId")
    if not len(known):
        if wanted not in (None, DEFAULT_INSTANCE):
            raise Refusal(NO_INSTANCE)
        return DEFAULT_INSTANCE
    if wanted is None:
        return min((float(entry["opened"]), str(entry["id"])) for entry in known.list(lagged=False).items)[1]
    if wanted not in known:
        raise Refusal(NO_INSTANCE)
    return str(wanted)


def _check_quota(invocation: Invocation) -> None:
    limit = int(invocation.context.switch("keys_quota"))
    if limit and invocation.context.quotas and len(invocation.keys) >= limit:
        raise Refusal(QUOTA, f"{limit} keys")


def _description(text: str) -> str:
    if len(text) > DESCRIPTION_LENGTH:
        raise Refusal(BAD_VALUE, f"description must have at most {DESCRIPTION_LENGTH} characters")
    return text


def enable_key(invocation: Invocation) -> Payload:
    """Make a disabled key usable; an enabled one stays as it is [I?]."""
    return _set_state(invocation, State.ENABLED)


def disable_key(invocation: Invocation) -> Payload:
    """Make a key unusable; a disabled one stays as it is [I?]."""
    return _set_state(invocation, State.DISABLED)


def _set_state(invocation: Invocation, state: State) -> Payload:
    key = find_key(invocation, State.ENABLED, State.DISABLED)
    refuse_default(key)
    return _changed(invocation, key, state=state)


def _changed(invocation: Invocation, key: Document, **changes: object) -> Payload:
    invocation.keys.put(key["id"], {**key, **changes})
    return {}


def schedule_key_deletion(invocation: Invocation) -> Payload:
    """Delete the key after 7 to 30 days [S8]; there is no immediate deletion [S8][S9]."""
    days = fields.number_within("pendingWindowInDays", invocation.fields["pendingWindowInDays"], DELETION_DAYS)
    key = find_key(invocation, State.ENABLED, State.DISABLED, State.PENDING_IMPORT)
    refuse_default(key)
    if key["protected"]:
        raise Refusal(PROTECTED)
    moment = invocation.now + days * DAY
    _changed(invocation, key, state=State.PENDING_DELETION, deletion=moment)
    return {"deleteDate": stamp(moment)}


def cancel_key_deletion(invocation: Invocation) -> Payload:
    """Take a key back: it is Enabled [S8], or PendingImport when it has no material [I]."""
    key = find_key(invocation, State.PENDING_DELETION)
    return _changed(invocation, key, state=usable_state(key), deletion=None)


def update_key_description(invocation: Invocation) -> Payload:
    """Change the description, in any state [I?]."""
    text = _description(invocation.fields["description"])
    return _changed(invocation, find_key(invocation), description=text)


def describe_key(invocation: Invocation) -> Payload:
    """All data of a key."""
    return described(find_key(invocation))


def list_keys(invocation: Invocation) -> Payload:
    """A page of keys with their data, oldest first [I?]."""
    number, size = fields.paging(invocation.fields)
    wanted = [
        (attribute, str(read(invocation.fields[name])))
        for name, (attribute, read) in _READERS.items() if name in invocation.fields
    ]  # fmt: skip
    first, rest = (wanted[0] if wanted else None), wanted[1:]

    def match(key: Mapping[str, Any]) -> bool:
        return all(key[attribute] == value for attribute, value in rest)

    page = invocation.keys.list(
        where=first, match=match if rest else None, start=(number - 1) * size, limit=size, lagged=True
    )
    found = [described(key) for key in page.items]
    return {"totalCount": page.total, "pageNumber": number, "pageSize": size, "keys": found}


def set_deletion_protection(invocation: Invocation) -> Payload:
    """Refuse scheduled deletion from now on."""
    return _protect(invocation, True, invocation.fields.get("deletionProtectionDescription", ""))


def cancel_deletion_protection(invocation: Invocation) -> Payload:
    """Allow scheduled deletion again."""
    return _protect(invocation, False, "")


def _protect(invocation: Invocation, on: bool, text: str) -> Payload:
    key = find_key(invocation, State.ENABLED, State.DISABLED, State.PENDING_IMPORT)
    return _changed(invocation, key, protected=on, protection_text=_description(text))
