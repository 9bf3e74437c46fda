"""Actions of the tag service on resources named by six segments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from kms_emulator.tencent import facts
from kms_emulator.tencent.errors import ApiError, Code, missing
from kms_emulator.tencent.fields import TAG, TEXT, Given, Many, Table, may, needs
from kms_emulator.tencent.keys import resource_id
from kms_emulator.tencent.tagstore import Resource, problem
from kms_emulator.tencent.work import Action, Result, Work


def tag_resources(given: Given, work: Work) -> Result:
    """TagResources: a resource that cannot be tagged is reported inside a success."""
    tags = checked_tags(given.tables("Tags"))
    if not tags:
        raise missing("Tags")
    return _each(given, work, lambda resource: work.tags.attach(resource, tags))


def untag_resources(given: Given, work: Work) -> Result:
    """UnTagResources."""
    keys = given.texts("TagKeys")
    if not keys:
        raise missing("TagKeys")
    _at_most(len(keys), facts.TAGS_PER_CALL, Code.TAG_NUM_PER_REQUEST)
    return _each(given, work, lambda resource: work.tags.detach(resource, keys))


def _each(given: Given, work: Work, change: Callable[[Resource], None]) -> Result:
    names = given.texts("ResourceList")
    if not names:
        raise missing("ResourceList")
    _at_most(len(names), facts.RESOURCES_PER_CALL, Code.RESOURCE_NUM_PER_REQUEST)
    resources = {name: Resource.parse(name, work.account) for name in names}
    failed = []
    for name, resource in resources.items():
        try:
            refuse_outage(work)
            existing([resource], work)
            change(resource)
        except ApiError as refusal:
            failed.append({"Resource": name, "Code": refusal.code.value, "Message": refusal.message})
    return {"FailedResources": failed}


def modify_resource_tags(given: Given, work: Work) -> Result:
    """ModifyResourceTags: add or change some tags and take others off, all or none."""
    replaced = checked_tags(given.tables("ReplaceTags"))
    deleted = [entry.text("TagKey") for entry in given.tables("DeleteTags")]
    _at_most(len(deleted), facts.TAGS_PER_CALL, Code.TAG_NUM_PER_REQUEST)
    for name, value in (("ReplaceTags", replaced), ("DeleteTags", deleted)):
        if name in given and not value:
            raise ApiError(Code.INVALID_PARAMETER, f"`{name}` may be left out but not be empty.")
    if not replaced and not deleted:
        raise missing("ReplaceTags")
    if set(deleted) & set(replaced):
        raise ApiError(Code.DELETE_TAGS_PARAM_ERROR, "`ReplaceTags` and `DeleteTags` name the same tag key.")
    resource = _writable(given, work)
    work.tags.detach(resource, deleted)
    if replaced:
        work.tags.attach(resource, replaced)
    return {}


def add_resource_tag(given: Given, work: Work) -> Result:
    """AddResourceTag."""
    key, value = checked_tag(given)
    add(_writable(given, work), key, value, work)
    return {}


def update_resource_tag_value(given: Given, work: Work) -> Result:
    """UpdateResourceTagValue."""
    key, value = checked_tag(given)
    update(_writable(given, work), key, value, work)
    return {}


def delete_resource_tag(given: Given, work: Work) -> Result:
    """DeleteResourceTag."""
    remove(_writable(given, work), given.text("TagKey"), work)
    return {}


def add(resource: Resource, key: str, value: str, work: Work) -> None:
    """Attach a tag whose key the resource does not have."""
    if key in work.tags.of(resource):
        raise ApiError(Code.TAG_KEY_ATTACHED, f"The tag key `{key}` is attached to the resource already.")
    work.tags.attach(resource, {key: value})


def update(resource: Resource, key: str, value: str, work: Work) -> None:
    """Change the value of a tag that the resource has."""
    _refuse_unattached(resource, key, work)
    work.tags.attach(resource, {key: value})


def remove(resource: Resource, key: str, work: Work) -> None:
    """Take off a tag that the resource has."""
    _refuse_unattached(resource, key, work)
    work.tags.detach(resource, [key])


def _refuse_unattached(resource: Resource, key: str, work: Work) -> None:
    if key not in work.tags.of(resource):
        raise ApiError(Code.ATTACHED_TAG_KEY_NOT_FOUND, f"The tag key `{key}` is not attached to the resource.")


def _writable(given: Given, work: Work) -> Resource:
    resource = Resource.parse(given.text("Resource"), work.account)
    refuse_outage(work)
    existing([resource], work)
    return resource


def refuse_outage(work: Work) -> None:
    """Refuse writes while the switch ``tag_service`` says that the service is down."""
    if work.context.switch("tag_service") == "down":
        raise ApiError(Code.RESOURCE_TAG_PROCESSING, "The resource's tags are being processed.")


def existing(resources: Iterable[Resource], work: Work) -> None:
    """Refuse a resource that is no key or data key of the account; a bare key id without its creator is none [I?]."""
    for resource in resources:
        identifier = resource.resource_id.rpartition("/")[2]
        key = work.keys_of(resource.region).collection.get(identifier)
        key = key or work.data_keys_of(resource.region).collection.get(identifier)
        if key is None or resource_id(key) != resource.resource_id:
            raise ApiError(Code.RESOURCE_ID_INVALID, f"The resource id `{resource.resource_id}` is not valid.")


def checked_tag(given: Given) -> tuple[str, str]:
    """``TagKey`` and ``TagValue``, both well formed."""
    key, value = given.text("TagKey"), given.text("TagValue")
    wrong = problem(key, value)
    if wrong is not None:
        raise wrong
    return key, value


def checked_tags(tags: Sequence[Given]) -> dict[str, str]:
    """The tags of one call by key."""
    _at_most(len(tags), facts.TAGS_PER_CALL, Code.TAG_NUM_PER_REQUEST)
    found = dict(checked_tag(tag) for tag in tags)
    if len(found) != len(tags):
        raise ApiError(Code.TAG_KEY_DUPLICATE, "A tag key is given twice.")
    return found


def _at_most(number: int, limit: int, code: Code) -> None:
    if number > limit:
        raise ApiError(code, f"A request names at most {limit} of them, not {number}.")


ACTIONS: Mapping[str, Action] = {
    "TagResources": Action(tag_resources, {"ResourceList": needs(Many(TEXT)), "Tags": needs(Many(TAG))}),
    "UnTagResources": Action(untag_resources, {"ResourceList": needs(Many(TEXT)), "TagKeys": needs(Many(TEXT))}),
    "ModifyResourceTags": Action(modify_resource_tags, {
        "Resource": needs(TEXT), "ReplaceTags": may(Many(TAG)),
        "DeleteTags": may(Many(Table({"TagKey": needs(TEXT)}))),
    }),
    "AddResourceTag": Action(add_resource_tag, {
        "TagKey": needs(TEXT), "TagValue": needs(TEXT), "Resource": needs(TEXT),
    }),
    "UpdateResourceTagValue": Action(update_resource_tag_value, {
        "TagKey": needs(TEXT), "TagValue": needs(TEXT), "Resource": needs(TEXT),
    }),
    "DeleteResourceTag": Action(delete_resource_tag, {"TagKey": needs(TEXT), "Resource": needs(TEXT)}),
}  # fmt: skip
