"""CTYun KMS OpenAPI `/v1`: keys, aliases, rotation, deletion, protection.

Pages of the operations: https://www.ctyun.cn/document/10014047/10043798 and following. Paths and fields: `convert.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from requests.models import Response

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.ctyun import convert
from kms_resources.clouds.ctyun.auth import CtyunAuth
from kms_resources.clouds.transport import Rates, Request, Transport, retry_after, unreadable
from kms_resources.errors import (
    AlreadyExistsError,
    CloudError,
    NotFoundError,
    RejectedError,
    ThrottledError,
    UnclearError,
    WrongStateError,
)
from kms_resources.model import ActualAlias, ActualKey, DesiredKey, KeyId, Marker, Target

HOST = "https://kms-global.ctapi.ctyun.cn"
RATES = Rates(per_second={}, otherwise=20)
"""[I?] The rates belong to the purchased specification and are not published; this is meant to be modest."""
PAGE = 100
TOO_MANY_REQUESTS = 429


class CtyunClient:
    """One method per need of `KmsClient`; the docstrings say which operation it takes.

    The names of permissions are not published but for the pattern `kms:cmk:list`.
    """

    def __init__(self, target: Target, credentials: Credentials, url: str, transport: Transport | None = None) -> None:
        self.target = target
        self._url = url
        self._transport = transport or Transport(where=f"target {target.name}", rates=RATES)
        self._auth = CtyunAuth(credentials)
        self._creators: set[str] = set()

    def account(self) -> str:
        """The `creator` of the keys seen so far, if they all have the same one: no call tells the account."""
        return next(iter(self._creators)) if len(self._creators) == 1 else ""

    def list_keys(self) -> Iterator[ActualKey]:
        """listKeys, 100 a page. Keys of kinds that nobody could have made with this product are left out."""
        for row in self._pages("list_keys", "key_id"):
            whole = row if convert.is_complete(row) else self._metadata(row[convert.METADATA["key_id"].wire])
            if not convert.is_foreign(whole):
                yield self._key(whole)

    def describe_key(self, key_id: KeyId) -> ActualKey:
        """describeKey; tags cannot be read."""
        return self._key(self._metadata(key_id))

    def create_key(self, desired: DesiredKey) -> KeyId:
        """createKey. The marker stands at the end of the description. Never repeated: nothing refuses a second one."""
        answer = self._call("create_key", **convert.creation(desired))
        key_id = answer.get(convert.OPERATIONS["create_key"].answer["key_id"].wire)
        if not key_id:
            raise UnclearError(
                "createKey succeeded without naming the key",
                where=self._where,
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
        self._change("set_description", key_id, description=convert.with_marker(description, marker))

    def write_marker(self, key_id: KeyId, marker: Marker, description: str) -> None:
        """updateKeyDescription, text and marker."""
        self.set_description(key_id, description, marker)

    def change_tags(self, key_id: KeyId, put: Mapping[str, str], remove: Iterable[str]) -> None:
        """Refused: a tag that cannot be read back cannot be kept as code."""
        if put or list(remove):
            raise RejectedError(
                f"the tags of key {key_id} cannot be changed",
                where=self._where,
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
            self._call("create_alias", key_id=key_id, alias=convert.ALIAS_PREFIX + name)
        except (RejectedError, NotFoundError) as error:
            if any(alias.name == name for alias in self._aliases()):
                raise AlreadyExistsError(
                    f"alias {name} exists already",
                    where=self._where,
                    why=error.why,
                    code=error.code,
                    request_id=error.request_id,
                ) from None
            raise self._explain(error, key_id) from None

    def move_alias(self, name: str, key_id: KeyId) -> None:
        """updateAlias."""
        try:
            self._call("move_alias", key_id=key_id, alias=convert.ALIAS_PREFIX + name)
        except (RejectedError, NotFoundError) as error:
            self._need_alias(name, error)
            raise self._explain(error, key_id) from None

    def delete_alias(self, name: str, key_id: KeyId) -> None:
        """deleteAlias, if listAliasesByKeyId still shows the alias."""
        if not any(alias.name == name for alias in self._aliases(key_id)):
            raise NotFoundError(f"key {key_id} has no alias {name}", where=self._where)
        try:
            self._call("delete_alias", alias=convert.ALIAS_PREFIX + name)
        except (RejectedError, NotFoundError) as error:
            self._need_alias(name, error)
            raise self._explain(error, key_id) from None

    @property
    def _where(self) -> str:
        return f"target {self.target.name}"

    def _need_alias(self, name: str, error: CloudError) -> None:
        if not any(alias.name == name for alias in self._aliases()):
            raise NotFoundError(
                f"there is no alias {name}",
                where=self._where,
                why=error.why,
                code=error.code,
                request_id=error.request_id,
            ) from None

    def _key(self, row: Mapping[str, Any]) -> ActualKey:
        key = convert.key(row)
        if key.account:
            self._creators.add(key.account)
        return key

    def _metadata(self, key_id: KeyId) -> dict[str, Any]:
        row = self._call("describe_key", key_id=key_id)
        if row.get(convert.METADATA["key_id"].wire) != key_id:
            raise UnclearError(
                f"describeKey did not tell about key {key_id}",
                where=self._where,
                why="the answer names another key or none",
            )
        return row

    def _aliases(self, key_id: KeyId | None = None) -> Iterator[ActualAlias]:
        rows = (
            self._pages("list_aliases_of_key", "alias", key_id=key_id)
            if key_id
            else self._pages("list_aliases", "alias")
        )
        for row in rows:
            alias = convert.alias(row)
            if alias:
                yield alias

    def _change(self, name: str, key_id: KeyId, **values: object) -> None:
        try:
            self._call(name, key_id=key_id, **values)
        except NotFoundError as error:
            raise self._explain(error, key_id) from None

    def _explain(self, error: CloudError, key_id: KeyId) -> CloudError:
        """What a 404 means: the same status stands for a key that is not there and for one in a wrong state."""
        if not isinstance(error, NotFoundError):
            return error
        try:
            row = self._metadata(key_id)
        except NotFoundError:
            return error
        return WrongStateError(
            error.what,
            where=self._where,
            why=f"key {key_id} is {convert.value(row, 'state')}; the cloud says: {error.why}",
            code=error.code,
            request_id=error.request_id,
        )

    def _pages(self, name: str, identity: str, **values: object) -> Iterator[Mapping[str, Any]]:
        """All rows of a listing, each once.

        A listing that cannot be followed to its end is an error: a key that we overlook is a key made twice.
        """
        operation = convert.OPERATIONS[name]
        wire = operation.answer[identity].wire
        seen: set[str] = set()
        before: list[str] = []
        received, page = 0, 0
        while True:
            page += 1
            answer = self._call(name, page=page, size=PAGE, **values)
            rows, total = convert.page(operation, answer, identity)
            ids = [str(row[wire]) for row in rows]
            stands_still = ids == before if rows else total is not None and received < total
            if stands_still:
                raise UnclearError(
                    f"{operation.name} cannot be read to its end",
                    where=self._where,
                    why=f"page {page} brings nothing new after {len(seen)} of {'?' if total is None else total}",
                )
            before = ids
            received += len(rows)
            for row, name_of_row in zip(rows, ids, strict=True):
                if name_of_row not in seen:
                    seen.add(name_of_row)
                    yield row
            if received >= total if total is not None else not rows:
                return

    def _call(self, name: str, **values: object) -> dict[str, Any]:
        operation = convert.OPERATIONS[name]
        content = convert.body(operation, values)
        request = Request(
            "POST",
            self._url + operation.path,
            {"Content-Type": "application/json", "regionId": self.target.region},
            json.dumps(content).encode(),
            self._auth,
            operation.name,
            repeatable=operation.repeatable,
        )
        return self._transport.send(request, lambda response: _read(response, operation))


def _read(response: Response, operation: convert.Operation) -> dict[str, Any]:
    if response.status_code == TOO_MANY_REQUESTS:
        raise ThrottledError(
            f"{operation.name} was refused for the rate", code="429", retry_after=retry_after(response)
        )
    try:
        return convert.read(operation, response.status_code, response.json())
    except ThrottledError as error:
        error.retry_after = retry_after(response)
        raise
    except (ValueError, KeyError, TypeError, AttributeError):
        raise unreadable(response, operation.name) from None
