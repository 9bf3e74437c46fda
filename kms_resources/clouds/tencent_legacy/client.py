"""Tencent Cloud KMS API 2.0: keys, their one alias, their deletion.

Pages of the actions: https://cloud.tencent.com/document/product/573/8893 and following. API 2.0 lists ids only, so
each key is asked for by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import NoReturn

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.tencent_legacy import convert
from kms_resources.clouds.tencent_legacy.api import RATES, LegacyApi
from kms_resources.clouds.tencent_legacy.limits import marker_text
from kms_resources.clouds.transport import Transport
from kms_resources.errors import AlreadyExistsError, NotFoundError, RejectedError, UnclearError, WrongStateError
from kms_resources.model import NO_MARKER, ActualAlias, ActualKey, DesiredKey, KeyId, KeyState, Marker, Target

PAGE = 100
REACHED = {"EnableKey": KeyState.ENABLED, "DisableKey": KeyState.DISABLED}
"""Where these lead. Nobody says what they answer when the key is there already, as after a lost answer."""


class LegacyClient:
    """One method per need of `KmsClient`; the docstrings say which action and permission it takes."""

    def __init__(self, target: Target, credentials: Credentials, url: str, transport: Transport | None = None) -> None:
        self.target = target
        self._transport = transport or Transport(where=f"target {target.name}", rates=RATES)
        self._call = LegacyApi(target, credentials, url, self._transport).call

    def account(self) -> str:
        """Unknown: no call of API 2.0 tells it."""
        return ""

    def list_keys(self) -> Iterator[ActualKey]:
        """ListKey (kms:ListKey) 100 a page, then GetKeyAttributes of each (kms:GetKeyAttributes)."""
        for key_id in self._ids():
            # A key that went between the two calls is gone.
            with suppress(NotFoundError):
                row = self._metadata(key_id)
                if not convert.is_foreign(row):
                    yield convert.key(row)

    def find_keys(self, marker: Marker) -> Iterator[KeyId]:
        """The listing itself: the API searches for nothing that could hold the marker."""
        return (key.id for key in self.list_keys() if key.marker == marker)

    def describe_key(self, key_id: KeyId) -> ActualKey:
        """GetKeyAttributes (kms:GetKeyAttributes)."""
        return convert.key(self._metadata(key_id))

    def create_key(self, desired: DesiredKey) -> KeyId:
        """CreateKey (kms:CreateKey). The description is the marker; the alias derives from it, so a second is refused.

        What is refused so and is in no listing waits for its deletion: API 2.0 may hide such keys [I].
        """
        fields = convert.creation(desired)
        try:
            answer = self._call("CreateKey", fields, repeatable=False)
        except AlreadyExistsError as error:
            first = next((key for key in self.list_keys() if key.native_alias == fields["alias"]), None)
            if first and first.marker in {NO_MARKER, desired.marker}:
                return first.id
            if first is None:
                error.advice = (
                    f"a key with the alias {fields['alias']} exists and is in no listing: it probably waits for its "
                    "deletion; take it out of that in the console, and it is found again"
                )
            raise
        key_id = (answer.get("keyMetadata") or {}).get("keyId")
        if not key_id:
            raise UnclearError("CreateKey was answered without a key id", where=self._where)
        return KeyId(str(key_id))

    def enable_key(self, key_id: KeyId) -> None:
        """EnableKey (kms:EnableKey)."""
        self._change("EnableKey", key_id)

    def disable_key(self, key_id: KeyId) -> None:
        """DisableKey (kms:DisableKey)."""
        self._change("DisableKey", key_id)

    def set_description(self, key_id: KeyId, description: str, marker: Marker) -> None:  # noqa: ARG002
        """Refused: API 2.0 has no such call."""
        self._refuse(f"the description of key {key_id} cannot be changed", "API 2.0 has no call for it")

    def write_marker(self, key_id: KeyId, marker: Marker, description: str) -> None:  # noqa: ARG002
        """Refused: the marker is the description, which CreateKey alone can write."""
        raise RejectedError(
            f"the marker of key {key_id} cannot be written",
            where=self._where,
            why="it is the key's description, and API 2.0 can never change that",
            advice=f"write {marker_text(marker)} as its description in the console, and run the same command again",
        )

    def change_tags(self, key_id: KeyId, put: Mapping[str, str], remove: Iterable[str]) -> None:
        """Refused: API 2.0 has no tags."""
        if put or list(remove):
            self._refuse(f"the tags of key {key_id} cannot be changed", "API 2.0 has no tags")

    def set_rotation(self, key_id: KeyId, every_days: int | None) -> None:
        """Refused: API 2.0 has no rotation."""
        if every_days is not None:
            self._refuse(f"the rotation of key {key_id} cannot be set", "API 2.0 has no rotation")

    def set_deletion_protection(self, key_id: KeyId, *, on: bool) -> None:
        """Refused: API 2.0 has neither such a switch nor tags that could stand for it."""
        if on:
            self._refuse(f"key {key_id} cannot be protected from deletion", "API 2.0 has no means for it")

    def schedule_deletion(self, key_id: KeyId, window_days: int) -> None:
        """DisableKey where needed, then ScheduleKeyDeletion (kms:ScheduleKeyDeletion).

        Before that the key takes its first alias back (kms:SetKeyAttributes): while it waits it may be in no listing
        [I], and then the alias is what keeps a second key of the same marker from being made.
        """
        key = self.describe_key(key_id)
        if key.state is KeyState.PENDING_DELETION:
            raise WrongStateError(f"key {key_id} waits for its deletion already", where=self._where)
        if key.native_alias != convert.home_alias(key):
            self._change("SetKeyAttributes", key_id, alias=convert.home_alias(key))
        if key.state is KeyState.ENABLED:
            self.disable_key(key_id)
        self._change("ScheduleKeyDeletion", key_id, pendingWindowInDays=window_days)

    def cancel_deletion(self, key_id: KeyId) -> None:
        """CancelKeyDeletion (kms:CancelKeyDeletion); the key is disabled afterwards [I]."""
        self._change("CancelKeyDeletion", key_id)

    def list_aliases(self, keys: Iterable[ActualKey]) -> Iterator[ActualAlias]:
        """The aliases of the keys, where a person gave them."""
        for key in keys:
            if not convert.is_own_alias(key.native_alias):
                yield ActualAlias(key.native_alias, key.id)

    def create_alias(self, name: str, key_id: KeyId) -> None:
        """SetKeyAttributes (kms:SetKeyAttributes): the alias is a field of the key."""
        self._change("SetKeyAttributes", key_id, alias=name)

    def move_alias(self, name: str, key_id: KeyId) -> None:
        """Refused: the alias would be on no key for a moment."""
        self._refuse(f"alias {name} cannot be pointed to key {key_id}", "the alias is a field of the key")

    def delete_alias(self, name: str, key_id: KeyId) -> None:
        """SetKeyAttributes (kms:SetKeyAttributes) with the key's first alias, if it still has the other one."""
        key = self.describe_key(key_id)
        if key.native_alias != name:
            raise NotFoundError(f"key {key_id} has no alias {name}", where=self._where)
        self._change("SetKeyAttributes", key_id, alias=convert.home_alias(key))

    @property
    def _where(self) -> str:
        return f"target {self.target.name}"

    def _refuse(self, what: str, why: str) -> NoReturn:
        raise RejectedError(what, where=self._where, why=why, advice="use API 3.0 (cloud: tencent) for it")

    def _metadata(self, key_id: KeyId) -> Mapping[str, object]:
        row = self._call("GetKeyAttributes", {"keyId": key_id}).get("keyMetadata")
        if not isinstance(row, dict) or not row.get("keyState") or row.get("keyId") != key_id:
            raise UnclearError(f"GetKeyAttributes of {key_id} was answered without the key", where=self._where)
        return row

    def _change(self, action: str, key_id: KeyId, **fields: object) -> None:
        try:
            self._call(action, {"keyId": key_id, **fields})
        except (RejectedError, WrongStateError) as error:
            # Only "disabled" has a published code; what any other state forbids can only be seen at the key.
            state = self.describe_key(key_id).state
            if state is REACHED.get(action):
                return
            if state in {KeyState.ENABLED, KeyState.DISABLED} and action != "CancelKeyDeletion":
                raise
            raise WrongStateError(
                error.what,
                where=self._where,
                why=f"key {key_id} is {state}; the cloud says: {error.why}",
                code=error.code,
                request_id=error.request_id,
            ) from None

    def _ids(self) -> Iterator[KeyId]:
        """Every id once. A listing that cannot be followed to its end is an error: an overlooked key is made twice."""
        seen: set[str] = set()
        offset = 0
        while True:
            answer = self._call("ListKey", {"offset": offset, "limit": PAGE})
            ids = [str(row["keyId"]) for row in answer.get("keys") or []]
            yield from (KeyId(each) for each in dict.fromkeys(ids) if each not in seen)
            seen.update(ids)
            offset += len(ids)
            total = answer.get("totalCount")
            if total is not None and offset >= int(total):
                return
            if not ids:
                if total is not None:
                    raise UnclearError(
                        "ListKey cannot be read to its end",
                        where=self._where,
                        why=f"it ends after {len(seen)} of {total} keys",
                    )
                return
