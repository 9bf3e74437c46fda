"""The keys of one account and region: finding them, saving them, and letting time pass over them."""

from __future__ import annotations

import re
from collections.abc import Callable

from kms_emulator.contract import Collection, Document, DuplicateValueError
from kms_emulator.tencent import facts
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.facts import State
from kms_emulator.tencent.keys import add_version, next_event, without_material
from kms_emulator.tencent.vault import Vault

_KEY_ID = re.compile(facts.KEY_ID)


class KeyRing:
    """The keys as of ``now``: those whose deletion date has come are gone with their material, those due for rotation
    have rotated, imported material whose time is over is erased.

    ``forget`` is told of each key that disappears.
    """

    def __init__(
        self, collection: Collection, vault: Vault, now: float, new_id: Callable[[], str],
        forget: Callable[[Document], None],
    ) -> None:  # fmt: skip
        self.collection, self.vault = collection, vault
        for identifier in collection.due(now):
            self._catch_up(self.find(identifier), now, new_id, forget)

    def _catch_up(
        self, key: Document, now: float, new_id: Callable[[], str], forget: Callable[[Document], None]
    ) -> None:
        while (event := next_event(key)) is not None and event <= now:
            if key["state"] == State.PENDING_DELETE and event == key["deletion"]:
                self.vault.erase(key)
                self.collection.delete(key["id"])
                forget(key)
                return
            if key.get("imported"):
                self.vault.erase(key)
                key = without_material(key)
            else:
                add_version(key, new_id(), int(event))
        self.save(key)

    def find(self, key_id: str) -> Document:
        """The key with this id, in any state."""
        if not _KEY_ID.fullmatch(key_id):
            raise ApiError(Code.INVALID_KEY_ID, f"The key id `{key_id}` is not valid.")
        key = self.collection.get(key_id)
        if key is None:
            raise ApiError(Code.CMK_NOT_FOUND, f"The CMK `{key_id}` does not exist.")
        return key

    def find_all(self, key_ids: list[str]) -> list[Document]:
        """The keys with these ids; one that is unknown fails the whole."""
        if not 1 <= len(key_ids) <= facts.LARGEST_BATCH:
            raise ApiError(Code.INVALID_PARAMETER, f"`KeyIds` holds 1 to {facts.LARGEST_BATCH} ids.")
        if len(set(key_ids)) != len(key_ids):
            raise ApiError(Code.DUPLICATED_KEY_ID, "`KeyIds` names a key twice.")
        return [self.find(key_id) for key_id in key_ids]

    def save(self, key: Document) -> None:
        """Create or change a key; its alias must be free."""
        try:
            self.collection.put(key["id"], key)
        except DuplicateValueError:
            raise ApiError(Code.ALIAS_ALREADY_EXISTS, f"The alias `{key['alias']}` already exists.") from None
