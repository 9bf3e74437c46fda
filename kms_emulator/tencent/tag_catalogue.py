"""Actions of the tag service on the tags of the account themselves, and on many resources of one region."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kms_emulator.tencent import facts
from kms_emulator.tencent.errors import ApiError, Code, missing
from kms_emulator.tencent.fields import NUMBER, TAG, TEXT, Field, Given, Many, may, needs
from kms_emulator.tencent.tag_actions import add, checked_tag, checked_tags, existing, refuse_outage, remove, update
from kms_emulator.tencent.tag_queries import (
    CUSTOM,
    SYSTEM,
    checked_category,
    named_resources,
    offset_page,
    page_start,
    page_token,
)
from kms_emulator.tencent.tagstore import Resource
from kms_emulator.tencent.work import Action, Result, Work

_LONGEST_TAG_KEYS = 20  # GetTags, GetTagValues [S9]


def create_tag(given: Given, work: Work) -> Result:
    """CreateTag."""
    key, value = checked_tag(given)
    return _create({key: value}, work)


def create_tags(given: Given, work: Work) -> Result:
    """CreateTags."""
    return _create(checked_tags(given.tables("Tags")), work)


def _create(tags: Mapping[str, str], work: Work) -> Result:
    refuse_outage(work)
    for key, value in tags.items():
        if not work.tags.create(key, value):
            raise ApiError(Code.TAG_DUPLICATE, f"The tag `{key}` with this value exists already.")
    return {}


def delete_tag(given: Given, work: Work) -> Result:
    """DeleteTag."""
    refuse_outage(work)
    work.tags.remove(given.text("TagKey"), given.text("TagValue"))
    return {}


def delete_tags(given: Given, work: Work) -> Result:
    """DeleteTags: all or none."""
    refuse_outage(work)
    for tag in given.tables("Tags"):
        work.tags.remove(tag.text("TagKey"), tag.text("TagValue"))
    return {}


def describe_tags(given: Given, work: Work) -> Result:
    """DescribeTags."""
    offset, limit = offset_page(given)
    keys = given.texts("TagKeys") or ([given.text("TagKey")] if "TagKey" in given else [])
    found = [
        {"TagKey": key, "TagValue": value, "CanDelete": int(not work.tags.in_use(key, value)), "Category": CUSTOM}
        for key, value in _pairs(work)
        if (not keys or key in keys) and ("TagValue" not in given or value == given.text("TagValue"))
    ]
    return {"TotalCount": len(found), "Offset": offset, "Limit": limit, "Tags": found[offset : offset + limit]}


def _pairs(work: Work) -> list[tuple[str, str]]:
    return [(entry["key"], entry["value"]) for entry in work.tags.catalogue.list().items]


def get_tag_keys(given: Given, work: Work) -> Result:
    """GetTagKeys."""
    keys = [] if checked_category(given) == SYSTEM else [entry["key"] for entry in work.tags.tag_keys.list().items]
    return _paged(given, "TagKeys", keys)


def get_tags(given: Given, work: Work) -> Result:
    """GetTags, and GetTagValues of the keys named."""
    keys = given.texts("TagKeys")
    if len(keys) > _LONGEST_TAG_KEYS:
        raise ApiError(Code.INVALID_PARAMETER, f"`TagKeys` holds at most {_LONGEST_TAG_KEYS} keys.")
    chosen = [] if checked_category(given) == SYSTEM else [
        {"TagKey": key, "TagValue": value, "Category": CUSTOM}
        for key, value in _pairs(work) if not keys or key in keys
    ]  # fmt: skip
    return _paged(given, "Tags", chosen)


def get_tag_values(given: Given, work: Work) -> Result:
    """GetTagValues."""
    if not given.texts("TagKeys"):
        raise missing("TagKeys")
    return get_tags(given, work)


def _paged(given: Given, name: str, entries: Sequence[object]) -> Result:
    size = given.number("MaxResults", facts.RESOURCE_PAGE)
    if not 1 <= size <= facts.LARGEST_TAG_PAGE:
        raise ApiError(Code.INVALID_PARAMETER, f"`MaxResults` is {size}; allowed are 1 to {facts.LARGEST_TAG_PAGE}.")
    start = page_start(given)
    more = start + size < len(entries)
    return {"PaginationToken": page_token(start + size) if more else "", name: list(entries[start : start + size])}


def attach_resources_tag(given: Given, work: Work) -> Result:
    """AttachResourcesTag."""
    key, value = checked_tag(given)
    return _on_all(given, work, lambda resource: add(resource, key, value, work))


def modify_resources_tag_value(given: Given, work: Work) -> Result:
    """ModifyResourcesTagValue."""
    key, value = checked_tag(given)
    return _on_all(given, work, lambda resource: update(resource, key, value, work))


def detach_resources_tag(given: Given, work: Work) -> Result:
    """DetachResourcesTag."""
    return _on_all(given, work, lambda resource: remove(resource, given.text("TagKey"), work))


def _on_all(given: Given, work: Work, change: Callable[[Resource], None]) -> Result:
    resources = named_resources(given)
    if not resources:
        raise missing("ResourceIds")
    refuse_outage(work)
    existing(resources, work)
    for resource in resources:
        change(resource)
    return {}


_PAIR: Mapping[str, Field] = {"TagKey": needs(TEXT), "TagValue": needs(TEXT)}
_NAMED: Mapping[str, Field] = {
    "ServiceType": needs(TEXT), "ResourceIds": needs(Many(TEXT)), "ResourceRegion": may(TEXT),
    "ResourcePrefix": may(TEXT), "TagKey": needs(TEXT),
}  # fmt: skip
_TOKEN: Mapping[str, Field] = {"PaginationToken": may(TEXT), "MaxResults": may(NUMBER), "Category": may(TEXT)}

ACTIONS: Mapping[str, Action] = {
    "CreateTag": Action(create_tag, _PAIR),
    "CreateTags": Action(create_tags, {"Tags": needs(Many(TAG))}),
    "DeleteTag": Action(delete_tag, _PAIR),
    "DeleteTags": Action(delete_tags, {"Tags": needs(Many(TAG))}),
    "DescribeTags": Action(describe_tags, {
        "TagKey": may(TEXT), "TagValue": may(TEXT), "Offset": may(NUMBER), "Limit": may(NUMBER),
        "CreateUin": may(NUMBER), "TagKeys": may(Many(TEXT)), "ShowProject": may(NUMBER),
    }),
    "GetTagKeys": Action(get_tag_keys, _TOKEN),
    "GetTagValues": Action(get_tag_values, {**_TOKEN, "TagKeys": needs(Many(TEXT))}),
    "GetTags": Action(get_tags, {**_TOKEN, "TagKeys": may(Many(TEXT))}),
    "AttachResourcesTag": Action(attach_resources_tag, {**_NAMED, "TagValue": needs(TEXT)}),
    "ModifyResourcesTagValue": Action(modify_resources_tag_value, {**_NAMED, "TagValue": needs(TEXT)}),
    "DetachResourcesTag": Action(detach_resources_tag, _NAMED),
}  # fmt: skip
