"""What a tag may be, how tags are read from requests, and which objects the calls for many objects mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kms_emulator.alibaba.errors import TOO_MANY_TAGS, VendorError, invalid
from kms_emulator.alibaba.facts import RESOURCES_PER_CALL, TAG_LENGTH, TAGS_PER_OBJECT
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.parameters import Parameters
from kms_emulator.alibaba.secret_model import secrets_of
from kms_emulator.contract import Collection

KEY, SECRET, INSTANCE = "key", "secret", "instance"
Tags = dict[str, str]

_CHARACTERS = re.compile(r"[A-Za-z0-9/\\_.+=:@-]*")
_RESERVED = ("aliyun", "acs:")


@dataclass(frozen=True)
class Target:
    """The objects a call is about."""

    kind: str
    collection: Collection
    identifiers: tuple[str, ...]

    @classmethod
    def read(cls, operation: Operation) -> Target:
        """From ``ResourceType`` and ``ResourceId.N``; the region, which goes without saying, is required too [S1]."""
        parameters = operation.parameters
        parameters.required("RegionId")
        parameters.required("ResourceType")
        kind = parameters.choice("ResourceType", (KEY, SECRET, INSTANCE))
        identifiers = tuple(dict.fromkeys(parameters.numbered("ResourceId", RESOURCES_PER_CALL)))
        operation.touched = identifiers[0] if kind == KEY and len(identifiers) == 1 else ""
        collections = {KEY: operation.keys, SECRET: secrets_of(operation), INSTANCE: operation.instances}
        return cls(kind, collections[kind], identifiers)

    def not_found(self) -> VendorError:
        """One of the objects does not exist."""
        return VendorError("Forbidden.DKMSInstanceNotFound" if self.kind == INSTANCE else "InvalidResourceId.NotFound")


def check_tag_key(key: str) -> None:
    """Refuse what cannot be the key of a user's tag."""
    if not 1 <= len(key) <= TAG_LENGTH or not _CHARACTERS.fullmatch(key) or key.startswith(_RESERVED):
        raise VendorError("InvalidParameter.TagKey")


def checked_tags(pairs: Iterable[tuple[str, str]]) -> Tags:
    """Tags by key, or a refusal."""
    tags: Tags = {}
    for key, value in pairs:
        check_tag_key(key)
        if len(value) > TAG_LENGTH or not _CHARACTERS.fullmatch(value):
            raise VendorError("InvalidParameter.TagValue")
        if key in tags:
            raise VendorError("Duplicate.TagKey")
        tags[key] = value
    return tags


def merged(before: Mapping[str, str], added: Mapping[str, str]) -> Tags:
    """The tags of an object after some were set, unless they are too many."""
    after = {**before, **added}
    if len(after) > TAGS_PER_OBJECT:
        raise VendorError(TOO_MANY_TAGS, f"An object has at most {TAGS_PER_OBJECT} tags.")
    return after


def creation_tags(parameters: Parameters) -> Tags:
    """The parameter ``Tags``: a JSON list of objects with ``TagKey`` and ``TagValue``."""
    entries = parameters.json_list("Tags")
    if len(entries) > TAGS_PER_OBJECT:
        raise invalid("Tags", f"at most {TAGS_PER_OBJECT} are allowed")
    pairs = []
    for entry in entries:
        key, value = (entry.get("TagKey"), entry.get("TagValue", "")) if isinstance(entry, dict) else (None, None)
        if not isinstance(key, str) or not isinstance(value, str):
            raise invalid("Tags", "every entry is an object with the texts TagKey and TagValue")
        pairs.append((key, value))
    return checked_tags(pairs)
