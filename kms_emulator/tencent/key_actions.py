"""KMS actions on one key or a batch of keys: creation, description, state, alias."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from kms_emulator.contract import Document
from kms_emulator.tencent import facts
from kms_emulator.tencent.creation_tags import attach_at_creation, check_at_creation
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.facts import DAY, Origin, State, Usage
from kms_emulator.tencent.fields import MEMBER, NUMBER, TAG, TEXT, Field, Given, Many, may, needs
from kms_emulator.tencent.keys import has_material, metadata, new_key, role
from kms_emulator.tencent.work import Action, Result, Work

_ALIAS = re.compile(facts.ALIAS)
_DONE: Result = {}


def create_key(given: Given, work: Work) -> Result:
    """CreateKey."""
    origin = _origin(given.number("Type", 1))
    usage = _usage(given.text("KeyUsage", Usage.ENCRYPT_DECRYPT), work.region)
    if origin == Origin.EXTERNAL and usage != Usage.ENCRYPT_DECRYPT:
        raise ApiError(Code.INVALID_KEY_USAGE, "External key material is for symmetric keys only.")
    alias = _alias(given.text("Alias"))
    description = _description(given.text("Description"))
    no_cluster(given)
    tags = given.tables("Tags")
    check_at_creation(tags, work)
    limit = int(work.context.switch("cmk_limit"))
    if work.context.quotas and work.keys.collection.count(where=("quota", "user")) >= limit:
        raise ApiError(Code.CMK_LIMIT_EXCEEDED, f"The account has {limit} keys in this region, the most allowed.")
    key = new_key(
        key_id=work.context.uuid(), alias=alias, description=description, usage=usage, origin=origin,
        region=work.region, creator=work.principal.user_id, now=work.now, version=work.context.uuid(),
    )  # fmt: skip
    work.keys.save(key)
    code, message = attach_at_creation(tags, key, work)
    return {
        "KeyId": key["id"], "Alias": alias, "CreateTime": key["created"], "Description": description,
        "KeyState": key["state"], "KeyUsage": key["usage"], "TagCode": code, "TagMsg": message, "HsmClusterId": "",
    }  # fmt: skip


def _origin(kind: int) -> Origin:
    if kind not in (1, 2):
        raise ApiError(Code.INVALID_TYPE, f"`Type` is {kind}; allowed are 1 and 2.")
    return Origin.TENCENT_KMS if kind == 1 else Origin.EXTERNAL


def _usage(name: str, region: str) -> Usage:
    if name not in set(Usage):
        raise ApiError(Code.INVALID_KEY_USAGE, f"`KeyUsage` is `{name}`, which does not exist.")
    if name not in facts.offered(region):
        raise ApiError(Code.UNSUPPORTED_KEY_USAGE, f"The key usage `{name}` does not exist in the region {region}.")
    return Usage(name)


def _alias(alias: str) -> str:
    if not _ALIAS.fullmatch(alias) or alias.startswith(facts.RESERVED_ALIAS):
        raise ApiError(Code.INVALID_ALIAS, f"The alias `{alias}` is not valid.")
    return alias


def _description(text: str) -> str:
    if len(text.encode("utf-8", "surrogatepass")) > facts.LONGEST_DESCRIPTION:
        raise ApiError(Code.INVALID_PARAMETER, f"`Description` is longer than {facts.LONGEST_DESCRIPTION} bytes.")
    return text


def no_cluster(given: Given) -> None:
    """Refuse a dedicated cluster: none is emulated, so every cluster id is unknown."""
    if given.text("HsmClusterId"):
        raise ApiError(Code.INVALID_HSM_CLUSTER_ID, f"The cluster `{given.text('HsmClusterId')}` does not exist.")


def describe_key(given: Given, work: Work) -> Result:
    """DescribeKey."""
    return {"KeyMetadata": metadata(work.keys.find(given.text("KeyId")))}


def describe_keys(given: Given, work: Work) -> Result:
    """DescribeKeys."""
    return {"KeyMetadatas": [metadata(key) for key in work.keys.find_all(given.texts("KeyIds"))]}


def enable_key(given: Given, work: Work) -> Result:
    """EnableKey."""
    return _set_state([work.keys.find(given.text("KeyId"))], State.ENABLED, work)


def enable_keys(given: Given, work: Work) -> Result:
    """EnableKeys."""
    return _set_state(work.keys.find_all(given.texts("KeyIds")), State.ENABLED, work)


def disable_key(given: Given, work: Work) -> Result:
    """DisableKey."""
    return _set_state([work.keys.find(given.text("KeyId"))], State.DISABLED, work)


def disable_keys(given: Given, work: Work) -> Result:
    """DisableKeys."""
    return _set_state(work.keys.find_all(given.texts("KeyIds")), State.DISABLED, work)


def _set_state(keys: list[Document], state: State, work: Work) -> Result:
    for key in keys:
        if state == State.DISABLED:
            refuse_product_use(key, work)
        allow(key, State.ENABLED, State.DISABLED)
    for key in keys:
        _leave(key, state, work)
    return _DONE


def _leave(key: Document, state: State, work: Work) -> None:
    if key["state"] == state:
        return
    key["state"] = state.value
    if state == State.ENABLED and key["rotation"] and key["next_rotation"] <= work.now:
        # Dates that passed while the key could not be used pass without a rotation [I?].
        missed = (work.now - key["next_rotation"]) // (key["rotate_days"] * DAY) + 1
        key["next_rotation"] += missed * key["rotate_days"] * DAY
    work.keys.save(key)


def allow(key: Document, *states: State) -> None:
    """Refuse the action in other states than these."""
    if key["state"] not in states:
        raise ApiError(Code.CMK_STATE_NOT_SUPPORT, f"The CMK `{key['id']}` is {key['state']}.")


def refuse_product_use(key: Document, work: Work) -> None:
    """Refuse while a product uses the key: it made it, is bound to it, or the switch ``used_by_product`` says so."""
    used = str(work.context.switch("used_by_product"))
    if role(key) == 1 or key.get("bindings") or used == "*" or key["id"] in used.split(","):
        raise ApiError(Code.CMK_USED_BY_CLOUD_PRODUCT, f"The CMK `{key['id']}` is used by a cloud product.")


def schedule_key_deletion(given: Given, work: Work) -> Result:
    """ScheduleKeyDeletion."""
    days = given.number("PendingWindowInDays")
    if days not in facts.PENDING_DAYS:
        raise ApiError(Code.INVALID_PENDING_WINDOW, f"`PendingWindowInDays` is {days}; allowed are 7 to 30.")
    key = work.keys.find(given.text("KeyId"))
    refuse_product_use(key, work)
    if key["state"] in (State.ENABLED, State.ARCHIVED):
        raise ApiError(Code.CMK_SHOULD_BE_DISABLED, f"The CMK `{key['id']}` must be disabled before.")
    allow(key, State.DISABLED, State.PENDING_IMPORT)
    key["state"], key["deletion"] = State.PENDING_DELETE.value, work.now + days * DAY
    work.keys.save(key)
    return {"KeyId": key["id"], "DeletionDate": key["deletion"]}


def cancel_key_deletion(given: Given, work: Work) -> Result:
    """CancelKeyDeletion."""
    key = work.keys.find(given.text("KeyId"))
    if key["state"] != State.PENDING_DELETE:
        raise ApiError(Code.CMK_NOT_PENDING_DELETE, f"The CMK `{key['id']}` is not pending deletion.")
    # A key without material cannot become usable by being enabled [I?].
    key["state"] = (State.DISABLED if has_material(key) else State.PENDING_IMPORT).value
    key["deletion"] = 0
    work.keys.save(key)
    return {"KeyId": key["id"]}


def archive_key(given: Given, work: Work) -> Result:
    """ArchiveKey."""
    key = work.keys.find(given.text("KeyId"))
    _refuse_product_made(key)
    refuse_product_use(key, work)
    allow(key, State.ENABLED, State.DISABLED, State.ARCHIVED)
    _leave(key, State.ARCHIVED, work)
    return _DONE


def cancel_key_archive(given: Given, work: Work) -> Result:
    """CancelKeyArchive."""
    key = work.keys.find(given.text("KeyId"))
    _refuse_product_made(key)
    allow(key, State.ARCHIVED)
    _leave(key, State.ENABLED, work)
    return _DONE


def _refuse_product_made(key: Document) -> None:
    if role(key) == 1:
        raise ApiError(Code.NOT_USER_CREATED_CMK, f"The CMK `{key['id']}` was made by a cloud product.")


def update_alias(given: Given, work: Work) -> Result:
    """UpdateAlias."""
    return _change(given, work, {"alias": _alias(given.text("Alias"))})


def update_key_description(given: Given, work: Work) -> Result:
    """UpdateKeyDescription."""
    return _change(given, work, {"description": _description(given.text("Description"))})


def _change(given: Given, work: Work, change: Mapping[str, str]) -> Result:
    key = work.keys.find(given.text("KeyId"))
    allow(key, State.ENABLED, State.DISABLED, State.PENDING_IMPORT, State.ARCHIVED)
    work.keys.save({**key, **change})
    return _DONE


def on_key(perform: Callable[[Given, Work], Result], **more: Field) -> Action:
    """The table entry of an action on one key."""
    return Action(perform, {"KeyId": needs(TEXT), **more, "MemberAccount": may(MEMBER)})


def _on_keys(perform: Callable[[Given, Work], Result]) -> Action:
    return Action(perform, {"KeyIds": needs(Many(TEXT)), "MemberAccount": may(MEMBER)})


ACTIONS: Mapping[str, Action] = {
    "CreateKey": Action(create_key, {
        "Alias": needs(TEXT), "Description": may(TEXT), "KeyUsage": may(TEXT), "Type": may(NUMBER),
        "Tags": may(Many(TAG)), "HsmClusterId": may(TEXT),
    }),
    "DescribeKey": on_key(describe_key),
    "DescribeKeys": _on_keys(describe_keys),
    "EnableKey": on_key(enable_key),
    "EnableKeys": _on_keys(enable_keys),
    "DisableKey": on_key(disable_key),
    "DisableKeys": _on_keys(disable_keys),
    "ScheduleKeyDeletion": on_key(schedule_key_deletion, PendingWindowInDays=needs(NUMBER)),
    "CancelKeyDeletion": on_key(cancel_key_deletion),
    "ArchiveKey": on_key(archive_key),
    "CancelKeyArchive": on_key(cancel_key_archive),
    "UpdateAlias": on_key(update_alias, Alias=needs(TEXT)),
    "UpdateKeyDescription": on_key(update_key_description, Description=needs(TEXT)),
}  # fmt: skip
