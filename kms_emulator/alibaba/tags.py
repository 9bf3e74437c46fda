"""Writing tags, on one object and on many, and reading those of one key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kms_emulator.alibaba.certificate_model import find_certificate, save_certificate
from kms_emulator.alibaba.errors import CHANGE_SERVICE_KEY, VendorError, invalid, missing
from kms_emulator.alibaba.facts import TAGS_PER_OBJECT
from kms_emulator.alibaba.lifecycle import Payload, require_not_pending_deletion
from kms_emulator.alibaba.model import SERVICE, Instance, Key
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.secret_model import Secret, live_secret, save
from kms_emulator.alibaba.tagging import KEY, SECRET, Tags, Target, check_tag_key, checked_tags, creation_tags, merged


def tag_resource(operation: Operation) -> Payload:
    """TagResource."""
    operation.parameters.required("Tags")
    added = creation_tags(operation.parameters)
    _change_one(operation, lambda tags: merged(tags, added))
    return {}


def untag_resource(operation: Operation) -> Payload:
    """UntagResource."""
    operation.parameters.required("TagKeys")
    names = operation.parameters.json_list("TagKeys")
    if not all(isinstance(name, str) for name in names):
        raise invalid("TagKeys", "a list of texts is expected")
    _change_one(operation, lambda tags: _without(tags, names))
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


def _change_one(operation: Operation, change: Callable[[Tags], Tags]) -> None:
    names = ("KeyId", "SecretName", "CertificateId")
    given = [name for name in names if operation.parameters.text(name)]
    if not given:
        raise missing("KeyId")
    if len(given) > 1:
        raise invalid(given[1], f"only one of {', '.join(names)} can be given")
    if given[0] == "SecretName":
        secret = live_secret(operation)
        save(operation, replace(secret, tags=change(secret.tags)))
    elif given[0] == "CertificateId":
        certificate = find_certificate(operation)
        save_certificate(operation, replace(certificate, tags=change(certificate.tags)))
    else:
        key = operation.own_key()
        require_not_pending_deletion(key)
        operation.save(replace(key, tags=change(key.tags)))


def _without(tags: Tags, names: list[str]) -> Tags:
    return {name: value for name, value in tags.items() if name not in names}


def _objects(operation: Operation) -> Target:
    target = Target.read(operation)
    if not target.identifiers:
        raise missing("ResourceId.N")
    return target


def _change(operation: Operation, target: Target, change: Callable[[Tags], Tags]) -> None:
    for thing in [_load(target, identifier) for identifier in target.identifiers]:
        if isinstance(thing, Secret):
            if thing.delete_at is not None:
                raise VendorError("Rejected.ResourceInDeleteWindow")
            save(operation, replace(thing, tags=change(thing.tags)))
            continue
        if isinstance(thing, Key):
            if thing.creator_type == SERVICE:
                raise VendorError(CHANGE_SERVICE_KEY, "A key of a cloud product cannot be changed.")
            require_not_pending_deletion(thing)
        operation.save(replace(thing, tags=change(thing.tags)))


def _load(target: Target, identifier: str) -> Key | Secret | Instance:
    document = target.collection.get(identifier)
    if document is None:
        raise target.not_found()
    kinds: dict[str, type[Key] | type[Secret] | type[Instance]] = {KEY: Key, SECRET: Secret}
    return kinds.get(target.kind, Instance).load(document)
