"""Tencent Cloud KMS API 2019-01-18 and the calls of the tag and CAM services that keys need.

Pages of the actions: https://www.tencentcloud.com/document/api/1030/32174 and following.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from threading import Lock
from typing import Any

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.paging import batched
from kms_resources.clouds.tencent import convert
from kms_resources.clouds.tencent.api import RATES, TencentApi
from kms_resources.clouds.tencent.limits import MARKER_TAG, PROTECTION_TAG
from kms_resources.clouds.transport import Transport
from kms_resources.errors import (
    AlreadyExistsError,
    DeniedError,
    NotFoundError,
    RejectedError,
    UnclearError,
    WrongStateError,
)
from kms_resources.model import NO_MARKER, ActualAlias, ActualKey, DesiredKey, KeyId, KeyState, Marker, Target

PAGE = 200
IDS_PER_TAG_CALL = 50
TAG_PAGE = 200


class TencentClient:
    """One method per need of `KmsClient`; the docstrings say which action and permission it takes."""

    def __init__(self, target: Target, credentials: Credentials, url: str, transport: Transport | None = None) -> None:
        self.target = target
        self._transport = transport or Transport(where=f"target {target.name}", rates=RATES)
        self._call = TencentApi(target, credentials, url, self._transport).call
        self._account: str | None = None
        self._account_lock = Lock()
        self._paths: dict[KeyId, str] = {}

    def account(self) -> str:
        """GetUserAppId of CAM (cam:GetUserAppId): the main account. Without the permission: unknown."""
        with self._account_lock:
            if self._account is None:
                try:
                    self._account = str(self._call("cam", "GetUserAppId", {}).get("OwnerUin") or "")
                except DeniedError as error:
                    if not convert.lacks_permission(error):
                        raise
                    self._account = ""
                except (RejectedError, WrongStateError, NotFoundError):
                    self._account = ""
            return self._account

    def list_keys(self) -> Iterator[ActualKey]:
        """ListKeyDetail (kms:ListKeyDetail) 200 a page, tags 50 keys a call (tag:DescribeResourceTagsByResourceIds)."""
        found: dict[str, Mapping[str, Any]] = {}
        # Oldest first, so that keys made meanwhile come at the end; without KeyUsage only symmetric keys would show.
        query = {"OrderType": 1, "KeyUsage": "ALL", "KeyState": 0, "Role": 0}
        for row in self._pages("kms", "ListKeyDetail", query, "KeyMetadatas", PAGE):
            found[str(row["KeyId"])] = row
        paths = [str(row.get("ResourceId") or "") for row in found.values()]
        tags: dict[str, dict[str, str]] = {}
        for some in batched(paths, IDS_PER_TAG_CALL):
            tags |= self._tags(some)
        account = self.account()
        for row in found.values():
            path = str(row.get("ResourceId") or "")
            self._paths[KeyId(str(row["KeyId"]))] = path
            if not convert.is_foreign(row, tags.get(path, {})):
                yield convert.key(self.target, account, row, tags.get(path, {}))

    def find_keys(self, marker: Marker) -> Iterator[KeyId]:
        """ListKeyDetail (kms:ListKeyDetail) with a filter for the marker's tag."""
        tag = {"TagKey": MARKER_TAG, "TagValue": [str(marker)]}
        query = {"OrderType": 1, "KeyUsage": "ALL", "KeyState": 0, "Role": 0, "TagFilters": [tag]}
        for row in self._pages("kms", "ListKeyDetail", query, "KeyMetadatas", PAGE):
            yield KeyId(str(row["KeyId"]))

    def describe_key(self, key_id: KeyId) -> ActualKey:
        """DescribeKey (kms:DescribeKey) and the key's tags."""
        metadata = self._call("kms", "DescribeKey", {"KeyId": key_id}).get("KeyMetadata") or {}
        if not metadata.get("KeyId") or not metadata.get("KeyState"):
            where = f"target {self.target.name}"
            raise UnclearError(f"DescribeKey of {key_id} was answered without a key", where=where)
        path = self._paths[key_id] = str(metadata.get("ResourceId") or "")
        return convert.key(self.target, self.account(), metadata, self._tags([path]).get(path, {}))

    def create_key(self, desired: DesiredKey) -> KeyId:
        """CreateKey (kms:CreateKey). The alias carries the marker too, so a second one is refused by the cloud."""
        body = convert.creation(desired)
        try:
            return self._create(body)
        except AlreadyExistsError:
            first = self._find_alias(body["Alias"])
            if first is None or self.describe_key(first).marker not in {NO_MARKER, desired.marker}:
                raise
            return first

    def _create(self, body: Mapping[str, Any]) -> KeyId:
        try:
            answer = self._call("kms", "CreateKey", body, repeatable=False)
        except RejectedError as error:
            if error.code != convert.TAGS_NOT_EXISTED:
                raise
            # Some accounts must know a tag before CreateKey may use it; the tag service makes them afterwards.
            answer = self._call("kms", "CreateKey", {**body, "Tags": []}, repeatable=False)
        if not answer.get("KeyId"):
            raise UnclearError("CreateKey was answered without a key id", where=f"target {self.target.name}")
        return KeyId(str(answer["KeyId"]))

    def _find_alias(self, alias: str) -> KeyId | None:
        # The search is fuzzy and looks into ids too: only the exact alias counts.
        query = {"SearchKeyAlias": alias, "KeyUsage": "ALL", "KeyState": 0, "Role": 0, "OrderType": 1}
        rows = self._pages("kms", "ListKeyDetail", query, "KeyMetadatas", PAGE)
        return next((KeyId(str(row["KeyId"])) for row in rows if row.get("Alias") == alias), None)

    def enable_key(self, key_id: KeyId) -> None:
        """EnableKey (kms:EnableKey); an archived key leaves the archive instead (kms:CancelKeyArchive)."""
        try:
            self._call("kms", "EnableKey", {"KeyId": key_id})
        except WrongStateError:
            if self.describe_key(key_id).state is not KeyState.ARCHIVED:
                raise
            self._call("kms", "CancelKeyArchive", {"KeyId": key_id})

    def disable_key(self, key_id: KeyId) -> None:
        """DisableKey (kms:DisableKey)."""
        self._call("kms", "DisableKey", {"KeyId": key_id})

    def set_description(self, key_id: KeyId, description: str, marker: Marker) -> None:  # noqa: ARG002
        """UpdateKeyDescription (kms:UpdateKeyDescription)."""
        self._call("kms", "UpdateKeyDescription", {"KeyId": key_id, "Description": description})

    def write_marker(self, key_id: KeyId, marker: Marker, description: str) -> None:  # noqa: ARG002
        """TagResources (tag:TagResources)."""
        self.change_tags(key_id, {MARKER_TAG: str(marker)}, ())

    def change_tags(self, key_id: KeyId, put: Mapping[str, str], remove: Iterable[str]) -> None:
        """TagResources and UnTagResources (tag:TagResources, tag:UnTagResources); a partial failure is a failure."""
        name = convert.resource_name(self.target, self.account(), self._path(key_id))
        for some in batched(convert.tag_list(put), convert.TAGS_PER_CALL):
            self._tag_call("TagResources", {"ResourceList": [name], "Tags": list(some)})
        for keys in batched(remove, convert.TAGS_PER_CALL):
            self._tag_call("UnTagResources", {"ResourceList": [name], "TagKeys": list(keys)})

    def set_rotation(self, key_id: KeyId, every_days: int | None) -> None:
        """EnableKeyRotation, again with another period [I], or DisableKeyRotation (kms: the same names)."""
        if every_days is None:
            self._call("kms", "DisableKeyRotation", {"KeyId": key_id})
        else:
            self._call("kms", "EnableKeyRotation", {"KeyId": key_id, "RotateDays": every_days})

    def set_deletion_protection(self, key_id: KeyId, *, on: bool) -> None:
        """A tag of ours: the API has no such switch."""
        self.change_tags(key_id, {PROTECTION_TAG: "on"} if on else {}, () if on else (PROTECTION_TAG,))

    def schedule_deletion(self, key_id: KeyId, window_days: int) -> None:
        """DisableKey where needed, then ScheduleKeyDeletion (kms:ScheduleKeyDeletion)."""
        state = self.describe_key(key_id).state
        if state is KeyState.ARCHIVED:
            self._call("kms", "CancelKeyArchive", {"KeyId": key_id})
        if state in {KeyState.ENABLED, KeyState.ARCHIVED}:
            self.disable_key(key_id)
        self._call("kms", "ScheduleKeyDeletion", {"KeyId": key_id, "PendingWindowInDays": window_days})

    def cancel_deletion(self, key_id: KeyId) -> None:
        """CancelKeyDeletion (kms:CancelKeyDeletion); the key is disabled afterwards."""
        self._call("kms", "CancelKeyDeletion", {"KeyId": key_id})

    def list_aliases(self, keys: Iterable[ActualKey]) -> Iterator[ActualAlias]:
        """The aliases of the keys, where a person gave them."""
        for key in keys:
            if not convert.is_own_alias(key.native_alias, key.id):
                yield ActualAlias(key.native_alias, key.id)

    def create_alias(self, name: str, key_id: KeyId) -> None:
        """UpdateAlias (kms:UpdateAlias): the alias is a field of the key."""
        self._call("kms", "UpdateAlias", {"KeyId": key_id, "Alias": name})

    def move_alias(self, name: str, key_id: KeyId) -> None:
        """Refused: the alias would be on no key for a moment."""
        raise RejectedError(f"alias {name} cannot be pointed to key {key_id}", why="the alias is a field of the key")

    def delete_alias(self, name: str, key_id: KeyId) -> None:
        """UpdateAlias (kms:UpdateAlias) to a name of ours, if the key still has the alias."""
        if self.describe_key(key_id).native_alias != name:
            raise NotFoundError(f"key {key_id} has no alias {name}")
        self._call("kms", "UpdateAlias", {"KeyId": key_id, "Alias": convert.bare_alias(key_id)})

    def _path(self, key_id: KeyId) -> str:
        if key_id not in self._paths:
            self.describe_key(key_id)
        return self._paths[key_id]

    def _tags(self, paths: Iterable[str]) -> dict[str, dict[str, str]]:
        query = {
            "ServiceType": "kms",
            "ResourcePrefix": "key",
            "ResourceIds": list(paths),
            "ResourceRegion": self.target.region,
        }
        return convert.group_tags(self._pages("tag", "DescribeResourceTagsByResourceIds", query, "Tags", TAG_PAGE))

    def _tag_call(self, action: str, body: Mapping[str, Any]) -> None:
        failed = self._call("tag", action, body).get("FailedResources") or []
        for row in failed:
            raise convert.error(action, str(row.get("Code")), str(row.get("Message")), "").at(
                f"target {self.target.name}"
            )

    def _pages(
        self, service: str, action: str, query: Mapping[str, Any], field: str, size: int
    ) -> Iterator[Mapping[str, Any]]:
        offset = 0
        while True:
            answer = self._call(service, action, {**query, "Offset": offset, "Limit": size})
            rows = answer.get(field) or []
            yield from rows
            offset += size
            total = answer.get("TotalCount")
            # Without a total only an empty page is the end: a key that we overlook could be made twice.
            if not rows or (total is not None and offset >= int(total)):
                return
