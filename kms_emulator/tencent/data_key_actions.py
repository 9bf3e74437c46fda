"""KMS actions on hosted data keys: reading, state, deletion, listing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kms_emulator.contract import Document
from kms_emulator.tencent import conditions, facts, recipient
from kms_emulator.tencent.ciphertext import Blob
from kms_emulator.tencent.conditions import READABLE, require
from kms_emulator.tencent.data_key_creation import data_key_description, data_key_name, require_room
from kms_emulator.tencent.data_keys import metadata
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.facts import DAY, LISTED_STATES, State
from kms_emulator.tencent.fields import MEMBER, NUMBER, TAG_FILTER, TEXT, Field, Given, Many, may, needs
from kms_emulator.tencent.key_actions import allow, no_cluster
from kms_emulator.tencent.keys import ALL, SHARED_CLUSTER
from kms_emulator.tencent.list_actions import asked_origin, asked_page, asked_role, choice, searched
from kms_emulator.tencent.work import Action, Result, Work

Match = Callable[[Mapping[str, object]], bool]
_STATES = (0, 1, 2, 3)  # of ListDataKeyDetail [S1]


def describe_data_key(given: Given, work: Work) -> Result:
    """DescribeDataKey."""
    return {"DataKeyMetadata": _shown(_found(given, work), work)}


def describe_data_keys(given: Given, work: Work) -> Result:
    """DescribeDataKeys."""
    return {"DataKeyMetadatas": [_shown(entry, work) for entry in _found_all(given, work)]}


def _shown(data_key: Document, work: Work) -> Result:
    root = work.keys.collection.get(data_key["key"])
    return metadata(data_key, root["alias"] if root else "")


def _found(given: Given, work: Work) -> Document:
    return work.data_keys.find(given.text("DataKeyId"))


def _found_all(given: Given, work: Work) -> list[Document]:
    return work.data_keys.find_all(given.texts("DataKeyIds"))


def enable_data_key(given: Given, work: Work) -> Result:
    """EnableDataKey."""
    return _set_state([_found(given, work)], State.ENABLED, work)


def enable_data_keys(given: Given, work: Work) -> Result:
    """EnableDataKeys."""
    return _set_state(_found_all(given, work), State.ENABLED, work)


def disable_data_key(given: Given, work: Work) -> Result:
    """DisableDataKey."""
    return _set_state([_found(given, work)], State.DISABLED, work)


def disable_data_keys(given: Given, work: Work) -> Result:
    """DisableDataKeys."""
    return _set_state(_found_all(given, work), State.DISABLED, work)


def _set_state(data_keys: list[Document], state: State, work: Work) -> Result:
    for data_key in data_keys:
        if state == State.ENABLED:
            allow(work.keys.find(data_key["key"]), State.ENABLED)
        _allow(data_key, State.ENABLED, State.DISABLED)
    for data_key in data_keys:
        work.data_keys.save({**data_key, "state": state.value})
    return {}


def _allow(data_key: Document, *states: State) -> None:
    if data_key["state"] not in states:
        message = f"The data key `{data_key['id']}` is {data_key['state']}."
        raise ApiError(Code.DATA_KEY_STATE_NOT_SUPPORT, message)


def schedule_data_key_deletion(given: Given, work: Work) -> Result:
    """ScheduleDataKeyDeletion. An enabled data key must be disabled before, as with keys [I?]."""
    days = given.number("PendingWindowInDays")
    if days not in facts.PENDING_DAYS:
        raise ApiError(Code.INVALID_PENDING_WINDOW, f"`PendingWindowInDays` is {days}; allowed are 7 to 30.")
    data_key = _found(given, work)
    _allow(data_key, State.DISABLED)
    deletion = work.now + days * DAY
    work.data_keys.save({**data_key, "state": State.PENDING_DELETE.value, "deletion": deletion})
    return {"DataKeyId": data_key["id"], "DeletionDate": deletion}


def cancel_data_key_deletion(given: Given, work: Work) -> Result:
    """CancelDataKeyDeletion."""
    data_key = _found(given, work)
    if data_key["state"] != State.PENDING_DELETE:
        raise ApiError(Code.DATA_KEY_NOT_PENDING_DELETE, f"The data key `{data_key['id']}` is not pending deletion.")
    root = work.keys.find(data_key["key"])
    allow(root, State.ENABLED, State.DISABLED, State.ARCHIVED, State.PENDING_IMPORT)
    require_room(work)
    work.data_keys.save({**data_key, "state": State.DISABLED.value, "deletion": 0})
    return {"DataKeyId": data_key["id"]}


def update_data_key_name(given: Given, work: Work) -> Result:
    """UpdateDataKeyName."""
    return _change(given, work, {"name": data_key_name(given.text("DataKeyName"))})


def update_data_key_description(given: Given, work: Work) -> Result:
    """UpdateDataKeyDescription."""
    return _change(given, work, {"description": data_key_description(given.text("Description"))})


def _change(given: Given, work: Work, change: Mapping[str, str]) -> Result:
    data_key = _found(given, work)
    _allow(data_key, State.ENABLED, State.DISABLED)  # as with keys, frozen while it waits for its deletion [I?]
    work.data_keys.save({**data_key, **change})
    return {}


def get_data_key_plaintext(given: Given, work: Work) -> Result:
    """GetDataKeyPlaintext: opened under the key it was made with."""
    data_key = _found(given, work)
    refused = {State.DISABLED: Code.DATA_KEY_DISABLED, State.PENDING_DELETE: Code.DATA_KEY_PENDING_DELETE}
    if data_key["state"] in refused:
        code = refused[State(data_key["state"])]
        raise ApiError(code, f"The data key `{data_key['id']}` is {data_key['state']}.")
    key = work.keys.find(data_key["key"])
    require(key, conditions.HOSTED, states=READABLE)
    plaintext = Blob.parse(data_key["blob"]).opened(key, work.keys.vault, data_key["bound"])
    return {"Plaintext": recipient.plaintext_for(given, plaintext)}


def get_data_key_ciphertext_blob(given: Given, work: Work) -> Result:
    """GetDataKeyCiphertextBlob."""
    return {"CiphertextBlob": _found(given, work)["blob"]}


def list_data_keys(given: Given, work: Work) -> Result:
    """ListDataKeys: ids only."""
    no_cluster(given)
    start, limit = asked_page(given)
    page = work.data_keys.collection.list(where=("counted", str(asked_role(given))), start=start, limit=limit)
    return {"DataKeys": [{"DataKeyId": entry["id"]} for entry in page.items], "TotalCount": page.total}


def list_data_key_detail(given: Given, work: Work) -> Result:
    """ListDataKeyDetail."""
    if given.text("HsmClusterId") != SHARED_CLUSTER:
        no_cluster(given)
    start, limit = asked_page(given)
    tests = [*searched(given, work, "name"), *_filters(given)]
    page = work.data_keys.collection.list(
        where=("role", str(asked_role(given))), start=start, limit=limit,
        match=(lambda entry: all(test(entry) for test in tests)) if tests else None,
        newest_first=choice(given, "OrderType", (0, 1)) == 0,
    )  # fmt: skip
    return {"DataKeyMetadatas": [_shown(entry, work) for entry in page.items], "TotalCount": page.total}


def _filters(given: Given) -> list[Match]:
    wanted: dict[str, object] = {}
    if number := choice(given, "KeyState", _STATES):
        wanted["state"] = LISTED_STATES[number].value
    if (origin := asked_origin(given)) != ALL:
        wanted["origin"] = origin
    if given.text("KeyId"):
        wanted["key"] = given.text("KeyId")
    if given.number("DataKeyLen"):
        wanted["bytes"] = given.number("DataKeyLen")
    return [lambda entry: all(entry[name] == value for name, value in wanted.items())] if wanted else []


def _on_one(perform: Callable[[Given, Work], Result], **more: Field) -> Action:
    return Action(perform, {"DataKeyId": needs(TEXT), **more, "MemberAccount": may(MEMBER)})


def _on_many(perform: Callable[[Given, Work], Result]) -> Action:
    return Action(perform, {"DataKeyIds": needs(Many(TEXT)), "MemberAccount": may(MEMBER)})


_LISTING = {"Offset": may(NUMBER), "Limit": may(NUMBER), "Role": may(NUMBER), "HsmClusterId": may(TEXT)}

ACTIONS: Mapping[str, Action] = {
    "DescribeDataKey": _on_one(describe_data_key),
    "DescribeDataKeys": _on_many(describe_data_keys),
    "EnableDataKey": _on_one(enable_data_key),
    "EnableDataKeys": _on_many(enable_data_keys),
    "DisableDataKey": _on_one(disable_data_key),
    "DisableDataKeys": _on_many(disable_data_keys),
    "ScheduleDataKeyDeletion": _on_one(schedule_data_key_deletion, PendingWindowInDays=needs(NUMBER)),
    "CancelDataKeyDeletion": _on_one(cancel_data_key_deletion),
    "UpdateDataKeyName": _on_one(update_data_key_name, DataKeyName=needs(TEXT)),
    "UpdateDataKeyDescription": _on_one(update_data_key_description, Description=needs(TEXT)),
    "GetDataKeyPlaintext": Action(get_data_key_plaintext, {"DataKeyId": needs(TEXT), **recipient.FIELDS}),
    "GetDataKeyCiphertextBlob": _on_one(get_data_key_ciphertext_blob),
    "ListDataKeys": Action(list_data_keys, _LISTING),
    "ListDataKeyDetail": Action(list_data_key_detail, {
        **_LISTING, "OrderType": may(NUMBER), "KeyState": may(NUMBER), "SearchKeyAlias": may(TEXT), "Origin": may(TEXT),
        "KeyId": may(TEXT), "DataKeyLen": may(NUMBER), "TagFilters": may(Many(TAG_FILTER)),
        "MemberAccounts": may(Many(MEMBER)),
    }),
}  # fmt: skip
