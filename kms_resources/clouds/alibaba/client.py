"""Alibaba Cloud KMS API 2016-01-20: the calls that keys, aliases and tags need.

Pages of the actions: https://www.alibabacloud.com/help/en/kms/key-management-service/developer-reference/api-kms-2016-01-20-overview
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kms_resources.clouds.alibaba import convert
from kms_resources.clouds.alibaba.openapi import OpenApi, filled
from kms_resources.clouds.paging import batched
from kms_resources.errors import NotFoundError
from kms_resources.model import ActualAlias, ActualKey, DesiredKey, KeyId, Marker, Target

IDS_PER_TAG_CALL = 50
TAGS_PER_CALL = 20
DESCRIBING_THREADS = 8
"""ListKeys gives ids only, so each key costs a DescribeKey. One after the other, with 100 ms on the way, that is 10 a
second; eight at a time fill the pot of 50 a second, which the transport keeps, and more would only wait in line."""


def host(region: str) -> str:
    """The shared gateway of a region. Instance gateways serve no management calls."""
    return f"https://kms.{region}.aliyuncs.com"


class AlibabaClient:
    """One method per need of `KmsClient`; the docstrings say which action and RAM permission it takes."""

    def __init__(self, target: Target, api: OpenApi) -> None:
        self.target = target
        self._api = api
        self._transport = api.transport
        self._account = ""
        self._arns: dict[KeyId, str] = {}

    def account(self) -> str:
        """The owner of the first key that was described; before that unknown, as no call of KMS tells it."""
        return self._account

    def list_keys(self) -> list[ActualKey]:
        """ListKeys, DescribeKey for each, ListTagResources 50 keys a call (kms: the same names).

        A key that vanishes meanwhile is left out, and so are keys of cloud products and of kinds we have no words for.
        """
        rows = self._api.all("ListKeys", {"Filters": convert.USER_KEYS}, ("Keys", "Key", "KeyId"))
        with ThreadPoolExecutor(DESCRIBING_THREADS, thread_name_prefix="describe") as pool:
            described = pool.map(self._metadata_if_there, [KeyId(str(row["KeyId"])) for row in rows])
            metadata = {str(found["KeyId"]): found for found in described if found}
        tags: dict[str, dict[str, str]] = {}
        for some in batched(metadata, IDS_PER_TAG_CALL):
            tags |= self._tags_if_there(some)
        return [
            convert.key(metadata[key_id], its)
            for key_id, its in tags.items()
            # An unknown kind with our marker is a contradiction, and `convert.key` says so: silence could cost a key.
            if convert.is_known(metadata[key_id]) or convert.MARKER_TAG in its
        ]

    def find_keys(self, marker: Marker) -> Iterator[KeyId]:
        """ListTagResources by tag (kms: the same name)."""
        query = self._tag_query() | {"Tag": [{"Key": convert.MARKER_TAG, "Value": str(marker)}]}
        for row in self._tag_rows(query):
            # A gateway that does not know the filter would answer with every key.
            if (row["TagKey"], row.get("TagValue")) == (convert.MARKER_TAG, marker):
                yield KeyId(str(row["ResourceId"]))

    def describe_key(self, key_id: KeyId) -> ActualKey:
        """DescribeKey and ListTagResources (kms: the same names)."""
        metadata = self._metadata(key_id)
        own_id = str(metadata["KeyId"])
        return convert.key(metadata, self._tags([own_id])[own_id])

    def create_key(self, desired: DesiredKey) -> KeyId:
        """CreateKey (kms:CreateKey, and kms:TagResource for its tags [I]), the marker among the tags."""
        return self._api.send(
            "CreateKey",
            convert.creation(desired),
            lambda answer: KeyId(filled(answer["KeyMetadata"]["KeyId"])),
            repeatable=False,
        )

    def enable_key(self, key_id: KeyId) -> None:
        """EnableKey (kms:EnableKey)."""
        self._api.change("EnableKey", {"KeyId": key_id})

    def disable_key(self, key_id: KeyId) -> None:
        """DisableKey (kms:DisableKey)."""
        self._api.change("DisableKey", {"KeyId": key_id})

    def set_description(self, key_id: KeyId, description: str, marker: Marker) -> None:  # noqa: ARG002
        """UpdateKeyDescription (kms:UpdateKeyDescription); the empty text is sent too, it clears."""
        self._api.change("UpdateKeyDescription", {"KeyId": key_id, "Description": description})

    def write_marker(self, key_id: KeyId, marker: Marker, description: str) -> None:  # noqa: ARG002
        """TagResources (kms:TagResources)."""
        self.change_tags(key_id, {convert.MARKER_TAG: str(marker)}, ())

    def change_tags(self, key_id: KeyId, put: Mapping[str, str], remove: Iterable[str]) -> None:
        """UntagResources, then TagResources (kms: the same names): in this order a full key has room for the new."""
        resource = self._tag_query() | {"ResourceId": [key_id]}
        for keys in batched(remove, TAGS_PER_CALL):
            self._api.change("UntagResources", {**resource, "TagKey": keys})
        for some in batched(convert.tag_list(put), TAGS_PER_CALL):
            self._api.change("TagResources", {**resource, "Tag": some})

    def set_rotation(self, key_id: KeyId, every_days: int | None) -> None:
        """UpdateRotationPolicy (kms:UpdateRotationPolicy), for enabled keys only."""
        self._api.change("UpdateRotationPolicy", {"KeyId": key_id} | convert.rotation(every_days))

    def set_deletion_protection(self, key_id: KeyId, *, on: bool) -> None:
        """SetDeletionProtection (kms:SetDeletionProtection), by ARN: older gateways know no other way."""
        arn = self._arns.get(key_id) or str(self._metadata(key_id)["Arn"])
        self._api.change("SetDeletionProtection", {"ProtectedResourceArn": arn, "EnableDeletionProtection": on})

    def schedule_deletion(self, key_id: KeyId, window_days: int) -> None:
        """ScheduleKeyDeletion (kms:ScheduleKeyDeletion). Deletion protection is left as it is, and forbids it."""
        self._api.change("ScheduleKeyDeletion", {"KeyId": key_id, "PendingWindowInDays": window_days})

    def cancel_deletion(self, key_id: KeyId) -> None:
        """CancelKeyDeletion (kms:CancelKeyDeletion); the key is enabled afterwards, whatever it was before."""
        self._api.change("CancelKeyDeletion", {"KeyId": key_id})

    def list_aliases(self, keys: Iterable[ActualKey]) -> Iterator[ActualAlias]:  # noqa: ARG002
        """ListAliases (kms:ListAliases)."""
        return convert.aliases(self._api.all("ListAliases", {}, ("Aliases", "Alias", "AliasName")))

    def create_alias(self, name: str, key_id: KeyId) -> None:
        """CreateAlias (kms:CreateAlias on alias and key)."""
        self._api.change("CreateAlias", {"AliasName": convert.alias_name(name), "KeyId": key_id})

    def move_alias(self, name: str, key_id: KeyId) -> None:
        """UpdateAlias (kms:UpdateAlias on alias and both keys)."""
        self._api.change("UpdateAlias", {"AliasName": convert.alias_name(name), "KeyId": key_id})

    def delete_alias(self, name: str, key_id: KeyId) -> None:
        """DescribeKey by the alias, then DeleteAlias (kms: the same names): a name that moved on is left alone."""
        alias = convert.alias_name(name)
        owner = str(self._metadata(KeyId(alias))["KeyId"])
        if owner != key_id:
            raise NotFoundError(
                f"key {key_id} has no alias {name}", where=f"target {self.target.name}", why=f"it names key {owner}"
            )
        self._api.change("DeleteAlias", {"AliasName": alias})

    def _metadata(self, key_id: KeyId) -> Mapping[str, Any]:
        found = self._api.send("DescribeKey", {"KeyId": key_id}, _metadata_of)
        self._arns[KeyId(found["KeyId"])] = found["Arn"]
        if not self._account and not key_id.startswith("acs:"):
            # Only a key named by its ARN can be another account's.
            self._account = convert.account(found)
        return found

    def _metadata_if_there(self, key_id: KeyId) -> Mapping[str, Any] | None:
        try:
            return self._metadata(key_id)
        except NotFoundError:
            return None

    def _tag_query(self) -> dict[str, Any]:
        return {"RegionId": self.target.region, "ResourceType": "key"}

    def _tags(self, ids: Sequence[str]) -> dict[str, dict[str, str]]:
        return convert.group_tags(ids, self._tag_rows(self._tag_query() | {"ResourceId": list(ids)}))

    def _tag_rows(self, query: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        rows: list[Mapping[str, Any]] = []
        token = ""
        while True:
            some, token = self._api.send(
                "ListTagResources",
                {**query, "NextToken": token} if token else query,
                lambda answer: (list(answer["TagResources"]["TagResource"]), str(answer.get("NextToken") or "")),
            )
            rows += some
            if not token:
                return rows

    def _tags_if_there(self, ids: Sequence[str]) -> dict[str, dict[str, str]]:
        """Tags of the keys that still exist. One that vanished spoils the whole call, so halves are asked for."""
        try:
            return self._tags(ids)
        except NotFoundError:
            if len(ids) == 1:
                return {}
            middle = len(ids) // 2
            return self._tags_if_there(ids[:middle]) | self._tags_if_there(ids[middle:])


def _metadata_of(answer: dict[str, Any]) -> dict[str, Any]:
    metadata = dict(answer["KeyMetadata"])
    return metadata | {"KeyId": filled(metadata["KeyId"]), "Arn": filled(metadata["Arn"])}
