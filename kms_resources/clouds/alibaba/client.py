"""Alibaba Cloud KMS API 2016-01-20: the calls that keys, aliases and tags need.

Pages of the actions: https://www.alibabacloud.com/help/en/kms/key-management-service/developer-reference/api-kms-2016-01-20-overview

Parameters always travel in the form body, those of reads too: then nothing of them enters a URL or an access log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import urlencode

from requests.models import Response

from kms_resources.clouds.alibaba import convert
from kms_resources.clouds.alibaba.auth import AlibabaAuth
from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.paging import batched
from kms_resources.clouds.transport import Rates, Request, Transport, retry_after, unreadable
from kms_resources.errors import CloudError, NotFoundError, ThrottledError
from kms_resources.model import ActualAlias, ActualKey, DesiredKey, KeyId, Marker, Target

T = TypeVar("T")

VERSION = "2016-01-20"
READS, CHANGES, CREATE = "reads", "changes", "CreateKey"
RATES = Rates(per_second={READS: 50, CHANGES: 30, CREATE: 10}, otherwise=10)
"""Common pots per account and region: https://www.alibabacloud.com/help/doc-detail/32368.htm"""
PAGE = 100
IDS_PER_TAG_CALL = 50
TAGS_PER_CALL = 20
LISTINGS = 3
"""How often a list is read when it changes under our hands."""
DESCRIBING_THREADS = 8
"""ListKeys gives ids only, so each key costs a DescribeKey. One after the other, with 100 ms on the way, that is 10 a
second; eight at a time fill the pot of 50 a second, which the transport keeps, and more would only wait in line."""
RETRY_HEADER = "x-acs-retry-after"


def host(region: str) -> str:
    """The shared gateway of a region. Instance gateways serve no management calls."""
    return f"https://kms.{region}.aliyuncs.com"


class AlibabaClient:
    """One method per need of `KmsClient`; the docstrings say which action and RAM permission it takes."""

    def __init__(self, target: Target, credentials: Credentials, url: str, transport: Transport | None = None) -> None:
        self.target = target
        self._transport = transport or Transport(where=f"target {target.name}", rates=RATES)
        self._auth = AlibabaAuth(credentials)
        self._url = f"{url}/"
        self._account = ""
        self._arns: dict[KeyId, str] = {}

    def account(self) -> str:
        """The owner of the first key that was described; before that unknown, as no call of KMS tells it."""
        return self._account

    def list_keys(self) -> list[ActualKey]:
        """ListKeys, DescribeKey for each, ListTagResources 50 keys a call (kms: the same names).

        A key that vanishes meanwhile is left out, and so are keys of cloud products and of kinds we have no words for.
        """
        rows = self._all("ListKeys", {"Filters": convert.USER_KEYS}, ("Keys", "Key", "KeyId"))
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

    def describe_key(self, key_id: KeyId) -> ActualKey:
        """DescribeKey and ListTagResources (kms: the same names)."""
        metadata = self._metadata(key_id)
        own_id = str(metadata["KeyId"])
        return convert.key(metadata, self._tags([own_id])[own_id])

    def create_key(self, desired: DesiredKey) -> KeyId:
        """CreateKey (kms:CreateKey, and kms:TagResource for its tags [I]), the marker among the tags."""
        return self._send(
            "CreateKey",
            convert.creation(desired),
            lambda answer: KeyId(_filled(answer["KeyMetadata"]["KeyId"])),
            pot=CREATE,
            repeatable=False,
        )

    def enable_key(self, key_id: KeyId) -> None:
        """EnableKey (kms:EnableKey)."""
        self._change("EnableKey", {"KeyId": key_id})

    def disable_key(self, key_id: KeyId) -> None:
        """DisableKey (kms:DisableKey)."""
        self._change("DisableKey", {"KeyId": key_id})

    def set_description(self, key_id: KeyId, description: str, marker: Marker) -> None:  # noqa: ARG002
        """UpdateKeyDescription (kms:UpdateKeyDescription); the empty text is sent too, it clears."""
        self._change("UpdateKeyDescription", {"KeyId": key_id, "Description": description})

    def write_marker(self, key_id: KeyId, marker: Marker, description: str) -> None:  # noqa: ARG002
        """TagResources (kms:TagResources)."""
        self.change_tags(key_id, {convert.MARKER_TAG: str(marker)}, ())

    def change_tags(self, key_id: KeyId, put: Mapping[str, str], remove: Iterable[str]) -> None:
        """UntagResources, then TagResources (kms: the same names): in this order a full key has room for the new."""
        resource = {"RegionId": self.target.region, "ResourceType": "key", "ResourceId": [key_id]}
        for keys in batched(remove, TAGS_PER_CALL):
            self._change("UntagResources", {**resource, "TagKey": keys})
        for some in batched(convert.tag_list(put), TAGS_PER_CALL):
            self._change("TagResources", {**resource, "Tag": some})

    def set_rotation(self, key_id: KeyId, every_days: int | None) -> None:
        """UpdateRotationPolicy (kms:UpdateRotationPolicy), for enabled keys only."""
        self._change("UpdateRotationPolicy", {"KeyId": key_id} | convert.rotation(every_days))

    def set_deletion_protection(self, key_id: KeyId, *, on: bool) -> None:
        """SetDeletionProtection (kms:SetDeletionProtection), by ARN: older gateways know no other way."""
        arn = self._arns.get(key_id) or str(self._metadata(key_id)["Arn"])
        self._change("SetDeletionProtection", {"ProtectedResourceArn": arn, "EnableDeletionProtection": on})

    def schedule_deletion(self, key_id: KeyId, window_days: int) -> None:
        """ScheduleKeyDeletion (kms:ScheduleKeyDeletion). Deletion protection is left as it is, and forbids it."""
        self._change("ScheduleKeyDeletion", {"KeyId": key_id, "PendingWindowInDays": window_days})

    def cancel_deletion(self, key_id: KeyId) -> None:
        """CancelKeyDeletion (kms:CancelKeyDeletion); the key is enabled afterwards, whatever it was before."""
        self._change("CancelKeyDeletion", {"KeyId": key_id})

    def list_aliases(self, keys: Iterable[ActualKey]) -> Iterator[ActualAlias]:  # noqa: ARG002
        """ListAliases (kms:ListAliases)."""
        return convert.aliases(self._all("ListAliases", {}, ("Aliases", "Alias", "AliasName")))

    def create_alias(self, name: str, key_id: KeyId) -> None:
        """CreateAlias (kms:CreateAlias on alias and key)."""
        self._change("CreateAlias", {"AliasName": convert.alias_name(name), "KeyId": key_id})

    def move_alias(self, name: str, key_id: KeyId) -> None:
        """UpdateAlias (kms:UpdateAlias on alias and both keys)."""
        self._change("UpdateAlias", {"AliasName": convert.alias_name(name), "KeyId": key_id})

    def delete_alias(self, name: str, key_id: KeyId) -> None:
        """DescribeKey by the alias, then DeleteAlias (kms: the same names): a name that moved on is left alone."""
        alias = convert.alias_name(name)
        owner = str(self._metadata(KeyId(alias))["KeyId"])
        if owner != key_id:
            raise NotFoundError(
                f"key {key_id} has no alias {name}", where=f"target {self.target.name}", why=f"it names key {owner}"
            )
        self._change("DeleteAlias", {"AliasName": alias})

    def _metadata(self, key_id: KeyId) -> Mapping[str, Any]:
        found = self._send("DescribeKey", {"KeyId": key_id}, _metadata_of, pot=READS)
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

    def _tags(self, ids: Sequence[str]) -> dict[str, dict[str, str]]:
        query = {"RegionId": self.target.region, "ResourceType": "key", "ResourceId": list(ids)}
        rows: list[Mapping[str, Any]] = []
        token = ""
        while True:
            some, token = self._send(
                "ListTagResources",
                {**query, "NextToken": token} if token else query,
                lambda answer: (list(answer["TagResources"]["TagResource"]), str(answer.get("NextToken") or "")),
                pot=READS,
            )
            rows += some
            if not token:
                return convert.group_tags(ids, rows)

    def _tags_if_there(self, ids: Sequence[str]) -> dict[str, dict[str, str]]:
        """Tags of the keys that still exist. One that vanished spoils the whole call, so halves are asked for."""
        try:
            return self._tags(ids)
        except NotFoundError:
            if len(ids) == 1:
                return {}
            middle = len(ids) // 2
            return self._tags_if_there(ids[:middle]) | self._tags_if_there(ids[middle:])

    def _all(self, action: str, query: Mapping[str, Any], fields: tuple[str, str, str]) -> list[Mapping[str, Any]]:
        """All pages of a list, without doubles.

        Pages are counted from the start of the list as it is at that moment: whatever is made or removed meanwhile
        shifts the rest, and an object can slip between two pages. A key that slips could be made a second time, so a
        list whose total changed, or that holds less than its total, is read again.
        """
        outer, inner, identity = fields
        found: dict[str, Mapping[str, Any]] = {}
        for _ in range(LISTINGS):
            seen: set[str] = set()
            totals: set[int] = set()
            number = 0
            while True:
                number += 1
                rows, total = self._send(
                    action,
                    {**query, "PageNumber": number, "PageSize": PAGE},
                    lambda answer: ({_filled(row[identity]): row for row in answer[outer][inner]}, _total(answer)),
                    pot=READS,
                )
                totals.add(total)
                # A page with nothing new ends it too: past the end, or from a server that does not count pages.
                ended = rows.keys() <= seen
                seen |= rows.keys()
                found |= rows
                if ended or len(seen) >= total:
                    break
            if totals == {len(seen)}:
                break
        return list(found.values())

    def _change(self, action: str, parameters: Mapping[str, Any]) -> None:
        self._send(action, parameters, lambda _answer: None, pot=CHANGES)

    def _send(
        self,
        action: str,
        parameters: Mapping[str, Any],
        pick: Callable[[dict[str, Any]], T],
        *,
        pot: str,
        repeatable: bool = True,
    ) -> T:
        request = Request(
            "POST",
            self._url,
            {
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded",
                "x-acs-action": action,
                "x-acs-version": VERSION,
            },
            urlencode(convert.encode(parameters)).encode(),
            self._auth,
            action,
            pot=pot,
            repeatable=repeatable,
        )
        return self._transport.send(request, lambda response: _read(response, action, pick))


def _read(response: Response, action: str, pick: Callable[[dict[str, Any]], T]) -> T:
    """What `pick` finds in the answer. Whatever it cannot find makes the answer unreadable, hence unclear."""
    problem: CloudError
    try:
        answer = response.json()
        if response.ok and "Code" not in answer:
            # Every answer of the vendor carries it; without it somebody else answered, and nothing is known.
            _filled(answer["RequestId"])
            return pick(answer)
        problem = convert.error(
            action,
            response.status_code,
            _filled(answer["Code"]),
            str(answer.get("Message") or ""),
            str(answer.get("RequestId") or ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        problem = unreadable(response, action)
        if response.status_code == convert.TOO_MANY:
            problem = convert.error(action, convert.TOO_MANY, str(convert.TOO_MANY), "", "")
    if isinstance(problem, ThrottledError):
        problem.retry_after = retry_after(response, milliseconds_header=RETRY_HEADER)
    raise problem


def _metadata_of(answer: dict[str, Any]) -> dict[str, Any]:
    metadata = dict(answer["KeyMetadata"])
    return metadata | {"KeyId": _filled(metadata["KeyId"]), "Arn": _filled(metadata["Arn"])}


def _total(answer: Mapping[str, Any]) -> int:
    return int(answer["TotalCount"])


def _filled(value: object) -> str:
    """A text that must be there; raises `ValueError` otherwise."""
    if not isinstance(value, str) or not value:
        raise ValueError("a required field is empty")
    return value
