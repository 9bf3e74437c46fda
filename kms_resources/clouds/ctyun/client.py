"""CTYun KMS OpenAPI `/v1`: keys, aliases, rotation, deletion, protection.

Pages of the operations: https://www.ctyun.cn/document/10014047/10043798 and following.
Paths and fields: `operations.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.ctyun import convert
from kms_resources.clouds.ctyun.api import RATES, Api
from kms_resources.clouds.ctyun.auth import CtyunAuth
from kms_resources.clouds.ctyun.words import WORDS
from kms_resources.clouds.marking import with_marker
from kms_resources.clouds.transport import Transport
from kms_resources.errors import (
    AlreadyExistsError,
    CloudError,
    NotFoundError,
    RejectedError,
    UnclearError,
)
from kms_resources.model import ActualAlias, ActualKey, DesiredKey, KeyId, Marker, Target


class CtyunClient:
    """One method per need of `KmsClient`; the docstrings say which operation it takes.

    The names of permissions are not published but for the pattern `kms:cmk:list`.
    """

    def __init__(self, target: Target, credentials: Credentials, url: str, transport: Transport | None = None) -> None:
        self.target = target
        self._transport = transport or Transport(where=f"target {target.name}", rates=RATES)
        self._api = Api(target, CtyunAuth(credentials), url, self._transport)
        self._creators: set[str] = set()

    def account(self) -> str:
        """The `creator` of the keys seen so far, if they all have the same one: no call tells the account."""
        return next(iter(self._creators)) if len(self._creators) == 1 else ""

    def list_keys(self) -> Iterator[ActualKey]:
        """listKeys, 100 a page. Keys of kinds that nobody could have made with this product are left out."""
        for row in self._api.pages("list_keys", "key_id"):
            whole = row if convert.is_complete(row) else self._api.metadata(row[WORDS["key_id"]])
            if not convert.is_foreign(whole):
                yield self._key(whole)

    def find_keys(self, marker: Marker) -> Iterator[KeyId]:
        """The listing itself: the API searches for nothing that could hold the marker."""
        return (key.id for key in self.list_keys() if key.marker == marker)

    def describe_key(self, key_id: KeyId) -> ActualKey:
        """describeKey; tags cannot be read."""
        return self._key(self._api.metadata(key_id))

    def create_key(self, desired: DesiredKey) -> KeyId:
        """createKey. The marker stands at the end of the description. Never repeated: nothing refuses a second one."""
        answer = self._api.call("create_key", **convert.creation(desired))
        key_id = answer.get(WORDS["key_id"])
        if not key_id:
            raise UnclearError(
                "createKey succeeded without naming the key",
                where=self._api.where,
                why="the answer has no id",
                advice="run the same command again: nothing is made twice",
            )
        return KeyId(str(key_id))

    def enable_key(self, key_id: KeyId) -> None:
        """enableKey."""
        self._change("enable_key", key_id)

    def disable_key(self, key_id: KeyId) -> None:
        """disableKey."""
        self._change("disable_key", key_id)

    def set_description(self, key_id: KeyId, description: str, marker: Marker) -> None:
        """updateKeyDescription with the marker behind the text: without it the key would no longer be ours."""
        self._change("set_description", key_id, description=with_marker(description, marker))

    def write_marker(self, key_id: KeyId, marker: Marker, description: str) -> None:
        """updateKeyDescription, text and marker."""
        self.set_description(key_id, description, marker)

    def change_tags(self, key_id: KeyId, put: Mapping[str, str], remove: Iterable[str]) -> None:
        """Refused: a tag that cannot be read back cannot be kept as code."""
        if put or list(remove):
            raise RejectedError(
                f"the tags of key {key_id} cannot be changed",
                where=self._api.where,
                why="CTYun has no call that reads a key's tags back",
            )

    def set_rotation(self, key_id: KeyId, every_days: int | None) -> None:
        """updateRotationPolicy."""
        self._change("set_rotation", key_id, rotation=every_days is not None, interval=convert.interval(every_days))

    def set_deletion_protection(self, key_id: KeyId, *, on: bool) -> None:
        """setDeletionProtection or cancelDeletionProtection."""
        self._change("protect" if on else "unprotect", key_id)

    def schedule_deletion(self, key_id: KeyId, window_days: int) -> None:
        """scheduleKeyDeletion; the key need not be disabled before."""
        self._change("schedule_deletion", key_id, window=window_days)

    def cancel_deletion(self, key_id: KeyId) -> None:
        """cancelKeyDeletion; the key is enabled afterwards [I]."""
        self._change("cancel_deletion", key_id)

    def list_aliases(self, keys: Iterable[ActualKey]) -> Iterator[ActualAlias]:  # noqa: ARG002
        """listAliases, 100 a page, without those of the products' default keys."""
        yield from self._aliases()

    def create_alias(self, name: str, key_id: KeyId) -> None:
        """createAlias. The API has no published code for a name that is taken, so after a refusal we look."""
        try:
            self._api.call("create_alias", key_id=key_id, alias=convert.ALIAS_PREFIX + name)
        except (RejectedError, NotFoundError) as error:
            if any(alias.name == name for alias in self._aliases()):
                raise AlreadyExistsError(
                    f"alias {name} exists already",
                    where=self._api.where,
                    why=error.why,
                    code=error.code,
                    request_id=error.request_id,
                ) from None
            raise self._api.explain(error, key_id) from None

    def move_alias(self, name: str, key_id: KeyId) -> None:
        """updateAlias."""
        try:
            self._api.call("move_alias", key_id=key_id, alias=convert.ALIAS_PREFIX + name)
        except (RejectedError, NotFoundError) as error:
            self._need_alias(name, error)
            raise self._api.explain(error, key_id) from None

    def delete_alias(self, name: str, key_id: KeyId) -> None:
        """deleteAlias, if listAliasesByKeyId still shows the alias."""
        if not any(alias.name == name for alias in self._aliases(key_id)):
            raise NotFoundError(f"key {key_id} has no alias {name}", where=self._api.where)
        try:
            self._api.call("delete_alias", alias=convert.ALIAS_PREFIX + name)
        except (RejectedError, NotFoundError) as error:
            self._need_alias(name, error)
            raise self._api.explain(error, key_id) from None

    def _need_alias(self, name: str, error: CloudError) -> None:
        if not any(alias.name == name for alias in self._aliases()):
            raise NotFoundError(
                f"there is no alias {name}",
                where=self._api.where,
                why=error.why,
                code=error.code,
                request_id=error.request_id,
            ) from None

    def _key(self, row: Mapping[str, Any]) -> ActualKey:
        key = convert.key(row)
        if key.account:
            self._creators.add(key.account)
        return key

    def _aliases(self, key_id: KeyId | None = None) -> Iterator[ActualAlias]:
        rows = (
            self._api.pages("list_aliases_of_key", "alias", key_id=key_id)
            if key_id
            else self._api.pages("list_aliases", "alias")
        )
        for row in rows:
            alias = convert.alias(row)
            if alias:
                yield alias

    def _change(self, name: str, key_id: KeyId, **values: object) -> None:
        self._api.on_key(name, key_id, **values)
