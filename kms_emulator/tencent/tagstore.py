"""The tags of an account: which tags exist, and which resource has which."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from kms_emulator.contract import Collection, Document, Index, Kind
from kms_emulator.tencent import facts
from kms_emulator.tencent.errors import ApiError, Code

SERVICE, PREFIX = "kms", "key"
_NAME = re.compile(r"qcs:[^:]*:(?P<service>[a-z0-9]+):(?P<region>[a-z0-9-]*):(?:uin/(?P<uin>\d*))?:"
                   r"(?P<prefix>[^/:]+)/(?P<id>.+)")  # fmt: skip


@dataclass(frozen=True)
class Resource:
    """What a six-segment name names, without the account."""

    region: str
    resource_id: str

    @property
    def identifier(self) -> str:
        """The id of its document."""
        return f"{SERVICE}:{self.region}:{PREFIX}/{self.resource_id}"

    def name(self, account: str) -> str:
        """The six-segment name."""
        return f"qcs::{SERVICE}:{self.region}:uin/{account}:{PREFIX}/{self.resource_id}"

    @staticmethod
    def key_ids(identifiers: Iterable[str], region: str) -> set[str]:
        """The ids of the keys of one region among the ids of documents."""
        beginning = f"{SERVICE}:{region}:{PREFIX}/"
        return {name.rpartition("/")[2] for name in identifiers if name.startswith(beginning)}

    @classmethod
    def parse(cls, name: str, account: str) -> Resource:
        """Read a six-segment name; an empty account segment means the caller's account."""
        found = _NAME.fullmatch(name)
        if found is None or found["uin"] not in (None, "", account) or found["region"] not in facts.REGIONS:
            raise ApiError(Code.RESOURCE_DESCRIPTION_ERROR, f"The resource `{name}` is not described correctly.")
        if found["service"] != SERVICE or found["prefix"] != PREFIX:
            raise ApiError(Code.UNSUPPORTED_SERVICE, f"Tags of the resource `{name}` are not supported.")
        return cls(found["region"], found["id"])


def _pair(key: str, value: str) -> str:
    return f"{len(key)} {key} {value}"


def _tags(document: Mapping[str, object]) -> dict[str, str]:
    return cast("dict[str, str]", document["tags"])


RESOURCE_TAGS = Kind(
    "resource_tags",
    indexes={
        "tag": Index(lambda document: [_pair(key, value) for key, value in _tags(document).items()]),
        "key": Index(lambda document: list(_tags(document))),
        "tagged": Index(lambda document: ["yes"] if _tags(document) else []),
    },
)
# The tags an account has, one document each, and their keys: both are limited in number.
TAGS = Kind("tags", indexes={"key": Index(lambda document: [str(document["key"])])})
TAG_KEYS = Kind("tag_keys")


def problem(key: str, value: str) -> ApiError | None:
    """What is wrong with a tag, if anything."""
    if key.startswith(facts.RESERVED_TAG_KEYS):
        return ApiError(Code.RESERVED_TAG_KEY, f"The tag key `{key}` is reserved.")
    for text, longest, empty, long, illegal in (
        (key, facts.LONGEST_TAG_KEY, Code.TAG_KEY_EMPTY, Code.TAG_KEY_LENGTH_EXCEEDED, Code.TAG_KEY_CHARACTER_ILLEGAL),
        (value, facts.LONGEST_TAG_VALUE, Code.TAG_VALUE_EMPTY, Code.TAG_VALUE_LENGTH_EXCEEDED,
         Code.TAG_VALUE_CHARACTER_ILLEGAL),
    ):  # fmt: skip
        if not text:
            return ApiError(empty, "A tag has an empty key or value.")
        if len(text) > longest:
            return ApiError(long, f"A tag key or value has {len(text)} characters; at most {longest} are allowed.")
        if not text.isprintable():
            return ApiError(illegal, f"The tag `{key}` has a character that is not allowed.")
    return None


class TagStore:
    """Reads and writes tags. ``now`` is the time a new tag is given."""

    def __init__(self, collection: Callable[[str], Collection], now: int, *, quotas: bool) -> None:
        self.resources = collection(RESOURCE_TAGS.name)
        self.catalogue, self.tag_keys = collection(TAGS.name), collection(TAG_KEYS.name)
        self._now, self._quotas = now, quotas

    def of(self, resource: Resource, *, lagged: bool = False) -> dict[str, str]:
        """The tags of a resource."""
        document = self.resources.get(resource.identifier, lagged=lagged)
        return _tags(document) if document else {}

    def attach(self, resource: Resource, tags: Mapping[str, str]) -> None:
        """Add tags or change their values; tags new to the account come into being."""
        after = {**self.of(resource), **tags}
        if len(after) > facts.TAGS_PER_RESOURCE:
            limit = facts.TAGS_PER_RESOURCE
            raise ApiError(Code.RESOURCE_ATTACHED_TAGS, f"A resource has at most {limit} tags.")
        for key, value in tags.items():
            self.create(key, value)
        self._save(resource, after)

    def detach(self, resource: Resource, keys: Iterable[str]) -> None:
        """Take tags off; absent ones are ignored."""
        before = self.of(resource)
        after = {key: value for key, value in before.items() if key not in set(keys)}
        if after != before:
            self._save(resource, after)

    def _save(self, resource: Resource, tags: Mapping[str, str]) -> None:
        document: Document = {"region": resource.region, "resource_id": resource.resource_id, "tags": dict(tags)}
        self.resources.put(resource.identifier, document)

    def forget(self, resource: Resource) -> None:
        """Drop the record of a resource that no longer exists."""
        self.resources.delete(resource.identifier)

    def exists(self, key: str, value: str) -> bool:
        """Whether the account has this tag."""
        return _pair(key, value) in self.catalogue

    def create(self, key: str, value: str) -> bool:
        """Make a tag in the account; tells whether it is new."""
        if self.exists(key, value):
            return False
        if self._quotas and key not in self.tag_keys and len(self.tag_keys) >= facts.TAG_KEYS:
            raise ApiError(Code.TAG_KEY_LIMIT, f"An account has at most {facts.TAG_KEYS} tag keys.")
        if self._quotas and self.catalogue.count(where=("key", key)) >= facts.TAG_VALUES:
            raise ApiError(Code.TAG_VALUE_LIMIT, f"A tag key has at most {facts.TAG_VALUES} values.")
        self.catalogue.put(_pair(key, value), {"key": key, "value": value, "created": self._now})
        if key not in self.tag_keys:
            self.tag_keys.put(key, {"key": key, "created": self._now})
        return True

    def remove(self, key: str, value: str) -> None:
        """Delete a tag of the account that no resource has."""
        if not self.exists(key, value):
            raise ApiError(Code.TAG_NON_EXIST, f"The tag `{key}` with this value does not exist.")
        if self.in_use(key, value):
            raise ApiError(Code.TAG_ATTACHED_RESOURCE, f"The tag `{key}` is attached to a resource.")
        self.catalogue.delete(_pair(key, value))
        if not self.catalogue.count(where=("key", key)):
            self.tag_keys.delete(key)

    def in_use(self, key: str, value: str) -> bool:
        """Whether a resource has this tag."""
        return self.resources.count(where=("tag", _pair(key, value))) > 0

    def matching(self, filters: Sequence[tuple[str, Sequence[str]]]) -> set[str]:
        """The document ids of resources that match every filter; a filter's values are alternatives, none means any."""
        found: set[str] | None = None
        for key, values in filters:
            wheres = [("tag", _pair(key, value)) for value in values] or [("key", key)]
            ids = {identifier for where in wheres for identifier in self.resources.ids(where=where)}
            found = ids if found is None else found & ids
        return found or set()
