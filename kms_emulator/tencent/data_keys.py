"""Hosted data keys of one account and region: the document, its indexes, finding and saving, and how it is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from kms_emulator.contract import Collection, Document, DuplicateValueError, Index, Kind
from kms_emulator.tencent import facts
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.facts import Origin, State
from kms_emulator.tencent.keys import resource_id, role

_ID = re.compile(facts.KEY_ID)


def new_data_key(
    *, data_key_id: str, key_id: str, name: str, description: str, length: int, origin: Origin, creator: str, now: int,
    blob: str, bound: str,
) -> Document:  # fmt: skip
    """The document of a data key just hosted. The plaintext is never kept: ``blob`` is opened under ``bound``."""
    return {
        "id": data_key_id, "key": key_id, "name": name, "description": description, "bytes": length,
        "origin": origin.value, "creator": creator, "created": now, "owner": facts.OWNER_USER,
        "state": State.ENABLED.value, "deletion": 0, "blob": blob, "bound": bound,
    }  # fmt: skip


def metadata(data_key: Mapping[str, object], key_name: str) -> dict[str, object]:
    """``DataKeyMetadata``."""
    return {
        "DataKeyId": data_key["id"], "KeyId": data_key["key"], "KeyName": key_name, "DataKeyName": data_key["name"],
        "NumberOfBytes": data_key["bytes"], "CreateTime": data_key["created"], "Description": data_key["description"],
        "KeyState": data_key["state"], "CreatorUin": int(str(data_key["creator"])),
        "CreatorUinString": data_key["creator"], "Owner": data_key["owner"], "DeletionDate": data_key["deletion"],
        "Origin": data_key["origin"], "HsmClusterId": "", "ResourceId": resource_id(data_key), "IsSyncReplica": 0,
        "SourceRegion": "", "SourceHsmClusterId": "", "SyncStatus": 0, "SyncMessages": "", "SyncStartTime": 0,
        "SyncEndTime": 0,
    }  # fmt: skip


def _counted(data_key: Mapping[str, object]) -> Iterable[str]:
    # As with keys, those that wait for their deletion neither count nor show in the plain list [I?].
    return [str(role(data_key))] if data_key["state"] != State.PENDING_DELETE else []


def _deletion(data_key: Mapping[str, object]) -> float | None:
    return int(str(data_key["deletion"])) if data_key["state"] == State.PENDING_DELETE else None


DATA_KEYS = Kind(
    "data_keys",
    indexes={
        "name": Index(lambda data_key: [str(data_key["name"])], unique=True),
        "counted": Index(_counted),
        "role": Index(lambda data_key: [str(role(data_key))]),
    },
    due=_deletion,
)


class DataKeys:
    """The data keys as of ``now``; ``forget`` is told of each one that disappears."""

    def __init__(self, collection: Collection, now: float, forget: Callable[[Document], None]) -> None:
        self.collection = collection
        for identifier in collection.due(now):
            forget(self.find(identifier))
            collection.delete(identifier)

    @property
    def used(self) -> int:
        """How many count in the quota."""
        return self.collection.count(where=("counted", "0"))

    def find(self, data_key_id: str) -> Document:
        """The data key with this id, in any state."""
        if not _ID.fullmatch(data_key_id):
            raise ApiError(Code.INVALID_DATA_KEY_ID, f"The data key id `{data_key_id}` is not valid.")
        found = self.collection.get(data_key_id)
        if found is None:
            raise ApiError(Code.DATA_KEY_NOT_FOUND, f"The data key `{data_key_id}` does not exist.")
        return found

    def find_all(self, data_key_ids: list[str]) -> list[Document]:
        """The data keys with these ids; one that is unknown fails the whole."""
        if not 1 <= len(data_key_ids) <= facts.LARGEST_BATCH:
            raise ApiError(Code.INVALID_PARAMETER, f"`DataKeyIds` holds 1 to {facts.LARGEST_BATCH} ids.")
        if len(set(data_key_ids)) != len(data_key_ids):
            raise ApiError(Code.DUPLICATED_DATA_KEY_ID, "`DataKeyIds` names a data key twice.")
        return [self.find(data_key_id) for data_key_id in data_key_ids]

    def save(self, data_key: Document) -> None:
        """Create or change a data key; its name must be free."""
        try:
            self.collection.put(data_key["id"], data_key)
        except DuplicateValueError:
            message = f"The data key name `{data_key['name']}` already exists."
            raise ApiError(Code.DATA_KEY_NAME_ALREADY_EXISTS, message) from None
