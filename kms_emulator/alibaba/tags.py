"""Writing tags, on one object and on many, and reading those of one key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kms_emulator.alibaba.errors import CHANGE_SERVICE_KEY, VendorError, invalid, missing
from kms_emulator.alibaba.facts import TAGS_PER_OBJECT
from kms_emulator.alibaba.lifecycle import Payload, require_not_pending_deletion
from kms_emulator.alibaba.model import SERVICE, Instance, Key
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.tagging import KEY, Tags, Target, check_tag_key, checked_tags, creation_tags, merged


def tag_resource(operation: Operation) -> Payload:
    """TagResource."""
    operation.parameters.required("Tags")
    added = creation_tags(operation.parameters)
    key = _one_object(operation)
    operation.save(replace(key, tags=merged(key.tags, added)))
    return {}


def untag_resource(operation: Operation) -> Payload:
    """UntagResource."""
    operation.parameters.required("TagKeys")
    names = operation.parameters.json_list("TagKeys")
    if not all(isinstance(name, str) for name in names):
        raise invalid("TagKeys", "a list of texts is expected")
    key = _one_object(operation)
    operation.save(replace(key, tags=_without(key.tags, names)))
    return {}


def list_resource_tags(operation: Operation) -> Payload:
    """ListResourceTags."""
    key = operation.key()
    return {"Tags": {"Tag": [{"KeyId": key.id, "TagKey": name, "TagValue": value} for name, value in key.tags.items()]}}


def tag_resources(operation: Operation) -> Payload:
    """TagResources: all of the objects or none."""
    target = _objects(operation)
    added = checked_tags(operation.parameters.numbered_pairs("Tag", TAGS_PER_OBJECT))
    if not added:
        raise missing("Tag.N")
    _change(operation, target, lambda tags: merged(tags, added))
    return {}


def untag_resources(operation: Operation) -> Payload:
    """UntagResources; ``All`` takes effect only without tag keys."""
    target = _objects(operation)
    names = operation.parameters.numbered("TagKey", TAGS_PER_OBJECT)
    everything = operation.parameters.flag("All")
    for name in names:
        check_tag_key(name)
    if not names and not everything:
        raise missing("TagKey.N")
    _change(operation, target, lambda tags: _without(tags, names) if names else {})
    return {}


def _one_object(operation: Operation) -> Key:
    names = ("KeyId", "SecretName", "CertificateId")
    given = [name for name in names if operation.parameters.text(name)]
    if not given:
        raise missing("KeyId")
    if len(given) > 1:
        raise invalid(given[1], f"only one of {', '.join(names)} can be given")
    if given[0] != "KeyId":
        # There are no secrets and certificates yet, so none is found.
        raise VendorError("Forbidden.ResourceNotFound" if given[0] == "SecretName" else "Certificate.NotFound")
    key = operation.own_key()
    require_not_pending_deletion(key)
    return key


def _without(tags: Tags, names: list[str]) -> Tags:
    return {name: value for name, value in tags.items() if name not in names}


def _objects(operation: Operation) -> Target:
    target = Target.read(operation)
    if not target.identifiers:
        raise missing("ResourceId.N")
    return target


def _change(operation: Operation, target: Target, change: Callable[[Tags], Tags]) -> None:
    for thing in [_load(target, identifier) for identifier in target.identifiers]:
        if isinstance(thing, Key):
            if thing.creator_type == SERVICE:
                raise VendorError(CHANGE_SERVICE_KEY, "A key of a cloud product cannot be changed.")
            require_not_pending_deletion(thing)
        operation.save(replace(thing, tags=change(thing.tags)))


def _load(target: Target, identifier: str) -> Key | Instance:
    document = target.collection.get(identifier) if target.collection else None
    if document is None:
        raise target.not_found()
    return Key.load(document) if target.kind == KEY else Instance.load(document)
