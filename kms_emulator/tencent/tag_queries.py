"""Actions of the tag service that read the tags of resources."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping

from kms_emulator.contract import Document
from kms_emulator.tencent import facts
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.fields import NUMBER, TAG_FILTER, TEXT, Given, Many, may, needs
from kms_emulator.tencent.tagstore import PREFIX, SERVICE, Resource
from kms_emulator.tencent.work import Action, Result, Work

CUSTOM, SYSTEM, ALL = "Custom", "System", "All"


def describe_resource_tags_by_resource_ids(given: Given, work: Work) -> Result:
    """DescribeResourceTagsByResourceIds: 15 tags a page unless told."""
    resources = named_resources(given)
    offset, limit = offset_page(given)
    category = checked_category(given)
    work.catch_up(given.text("ResourceRegion"))
    found = [
        _described(resource, key, value, kind)
        for resource in resources
        for key, value, kind in _tags(resource, work, category)
    ]
    return {"TotalCount": len(found), "Offset": offset, "Limit": limit, "Tags": found[offset : offset + limit]}


def named_resources(given: Given) -> list[Resource]:
    """The keys named by ``ServiceType``, ``ResourcePrefix``, ``ResourceRegion`` and ``ResourceIds``."""
    region = given.text("ResourceRegion")
    for name, allowed, code in (
        ("ServiceType", (SERVICE,), Code.SERVICE_TYPE_INVALID),
        ("ResourcePrefix", (PREFIX,), Code.RESOURCE_PREFIX_INVALID),
        ("ResourceRegion", facts.REGIONS, Code.REGION_INVALID),
    ):
        if given.text(name) not in allowed:
            raise ApiError(code, f"`{name}` is `{given.text(name)}`, which is not known.")
    ids = given.texts("ResourceIds")
    if len(ids) > facts.IDS_PER_CALL:
        raise ApiError(Code.RESOURCE_NUM_PER_REQUEST, f"`ResourceIds` holds at most {facts.IDS_PER_CALL} ids.")
    return [Resource(region, resource_id) for resource_id in dict.fromkeys(ids)]


def offset_page(given: Given) -> tuple[int, int]:
    """``Offset`` and ``Limit`` of the tag service: the offset is a multiple of the limit."""
    offset, limit = given.number("Offset"), given.number("Limit", facts.TAG_PAGE)
    if not 1 <= limit <= facts.LARGEST_TAG_PAGE:
        raise ApiError(Code.INVALID_PARAMETER, f"`Limit` is {limit}; allowed are 1 to {facts.LARGEST_TAG_PAGE}.")
    if offset < 0 or offset % limit:
        raise ApiError(Code.OFFSET_INVALID, f"`Offset` is {offset}; it must be a multiple of `Limit`, {limit}.")
    return offset, limit


def checked_category(given: Given) -> str:
    """``Category``, which is all unless told."""
    category = given.text("Category") or ALL
    if category not in (CUSTOM, SYSTEM, ALL):
        raise ApiError(Code.INVALID_PARAMETER, f"`Category` is `{category}`; allowed are Custom, System and All.")
    return category


def _tags(resource: Resource, work: Work, category: str) -> list[tuple[str, str, str]]:
    found = []
    if category != SYSTEM:
        found += [(key, value, CUSTOM) for key, value in work.tags.of(resource, lagged=True).items()]
    if category != CUSTOM and work.context.switch("system_tags"):
        found.append((*facts.SYSTEM_TAG, SYSTEM))
    return found


def _described(resource: Resource, key: str, value: str, category: str) -> dict[str, str]:
    return {
        "TagKey": key, "TagValue": value, "ResourceId": resource.resource_id, "TagKeyMd5": _md5(key),
        "TagValueMd5": _md5(value), "ServiceType": SERVICE, "Category": category,
    }  # fmt: skip


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def get_resources(given: Given, work: Work) -> Result:
    """GetResources: tagged resources, all or those named or those with certain tags."""
    size = given.number("MaxResults", facts.RESOURCE_PAGE)
    if not 1 <= size <= facts.LARGEST_RESOURCE_PAGE:
        raise ApiError(Code.INVALID_PARAMETER, f"`MaxResults` is {size}; allowed are 1 to 200.")
    filters = _filters(given)
    names = given.texts("ResourceList")
    if names and filters:
        raise ApiError(Code.INVALID_PARAMETER, "`ResourceList` and `TagFilters` exclude each other.")
    if len(names) > facts.RESOURCES_PER_CALL:
        raise ApiError(Code.RESOURCE_NUM_PER_REQUEST, f"`ResourceList` holds at most {facts.RESOURCES_PER_CALL}.")
    start = page_start(given)
    for region in facts.REGIONS:
        work.catch_up(region)
    if names:
        chosen = [Resource.parse(name, work.account).identifier for name in dict.fromkeys(names)]
    elif filters:
        chosen = sorted(work.tags.matching(filters))
    else:
        page = work.tags.resources.list(where=("tagged", "yes"), start=start, limit=size)
        return _mappings(page.items, start + size < page.total, start + size, work)
    documents = [work.tags.resources.get(identifier, lagged=True) for identifier in chosen[start : start + size]]
    found = [document for document in documents if document and document["tags"]]
    return _mappings(found, start + size < len(chosen), start + size, work)


def _filters(given: Given) -> list[tuple[str, list[str]]]:
    filters = [(entry.text("TagKey"), entry.texts("TagValue")) for entry in given.tables("TagFilters")]
    if len(filters) > facts.TAG_FILTERS:
        raise ApiError(Code.TAG_FILTERS_LENGTH_EXCEEDED, f"`TagFilters` holds at most {facts.TAG_FILTERS} filters.")
    if any(not key or len(values) > facts.TAG_FILTER_VALUES for key, values in filters):
        raise ApiError(Code.TAG_FILTERS, "A tag filter has a key and at most 10 values.")
    return filters


def _mappings(documents: list[Document], more: bool, following: int, work: Work) -> Result:
    return {
        "PaginationToken": page_token(following) if more else "",
        "ResourceTagMappingList": [
            {
                "Resource": resource.name(work.account),
                "Tags": [{"TagKey": key, "TagValue": value, "Category": kind}
                         for key, value, kind in _tags(resource, work, ALL)],
            }
            for resource in (Resource(entry["region"], entry["resource_id"]) for entry in documents)
        ],
    }  # fmt: skip


def page_token(start: int) -> str:
    """An opaque token for the page that begins there."""
    return base64.b64encode(f"from {start}".encode()).decode()


def page_start(given: Given) -> int:
    """Where the page of ``PaginationToken`` begins."""
    token = given.text("PaginationToken")
    if not token:
        return 0
    try:
        word, _, number = base64.b64decode(token, validate=True).decode("ascii").partition(" ")
        if word == "from" and number.isdigit():
            return int(number)
    except (binascii.Error, UnicodeError):
        pass
    raise ApiError(Code.PAGINATION_TOKEN_INVALID, "`PaginationToken` is not one that was given out.")


ACTIONS: Mapping[str, Action] = {
    "DescribeResourceTagsByResourceIds": Action(describe_resource_tags_by_resource_ids, {
        "ServiceType": needs(TEXT), "ResourcePrefix": needs(TEXT), "ResourceIds": needs(Many(TEXT)),
        "ResourceRegion": needs(TEXT), "Offset": may(NUMBER), "Limit": may(NUMBER), "Category": may(TEXT),
    }),
    "GetResources": Action(get_resources, {
        "ResourceList": may(Many(TEXT)), "TagFilters": may(Many(TAG_FILTER)), "PaginationToken": may(TEXT),
        "MaxResults": may(NUMBER),
    }),
}  # fmt: skip
