"""The actions that run, by name: the function, the parameters it knows, and the request rate it counts against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kms_emulator.alibaba import aliases, instances, keys, lifecycle, listing, rotation, tag_listing, tags
from kms_emulator.alibaba.facts import Pot
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.operation import Operation


@dataclass(frozen=True)
class Action:
    """One action."""

    perform: Callable[[Operation], Payload]
    parameters: frozenset[str]
    pot: Pot


def _action(perform: Callable[[Operation], Payload], pot: Pot, *groups: str) -> Action:
    return Action(perform, frozenset(" ".join(groups).split()), pot)


_PAGE = "PageNumber PageSize"
_OBJECT = "KeyId SecretName CertificateId"
_OBJECTS = "RegionId ResourceType ResourceId.N"

ACTIONS: Mapping[str, Action] = {
    "CreateKey": _action(
        keys.create_key,
        Pot.CREATE_KEY,
        "Description KeySpec KeyUsage Origin ProtectionLevel DKMSInstanceId",
        "EnableAutomaticRotation RotationInterval KeyStorageMechanism Tags Policy",
    ),
    "DescribeKey": _action(keys.describe_key, Pot.READ, "KeyId"),
    "UpdateKeyDescription": _action(keys.update_key_description, Pot.WRITE, "KeyId Description"),
    "ListKeys": _action(listing.list_keys, Pot.READ, _PAGE, "Filters"),
    "EnableKey": _action(lifecycle.enable_key, Pot.WRITE, "KeyId"),
    "DisableKey": _action(lifecycle.disable_key, Pot.WRITE, "KeyId"),
    "ScheduleKeyDeletion": _action(lifecycle.schedule_key_deletion, Pot.WRITE, "KeyId PendingWindowInDays"),
    "CancelKeyDeletion": _action(lifecycle.cancel_key_deletion, Pot.WRITE, "KeyId"),
    "SetDeletionProtection": _action(
        lifecycle.set_deletion_protection,
        Pot.WRITE,
        "ProtectedResourceArn KeyId KmsInstanceId",
        "EnableDeletionProtection DeletionProtectionDescription",
    ),
    "UpdateRotationPolicy": _action(
        rotation.update_rotation_policy, Pot.WRITE, "KeyId EnableAutomaticRotation RotationInterval"
    ),
    "CreateKeyVersion": _action(rotation.create_key_version, Pot.WRITE, "KeyId"),
    "DescribeKeyVersion": _action(rotation.describe_key_version, Pot.READ, "KeyId KeyVersionId"),
    "ListKeyVersions": _action(rotation.list_key_versions, Pot.READ, "KeyId", _PAGE),
    "CreateAlias": _action(aliases.create_alias, Pot.WRITE, "AliasName KeyId"),
    "UpdateAlias": _action(aliases.update_alias, Pot.WRITE, "AliasName KeyId"),
    "DeleteAlias": _action(aliases.delete_alias, Pot.WRITE, "AliasName"),
    "ListAliases": _action(aliases.list_aliases, Pot.READ, _PAGE),
    "ListAliasesByKeyId": _action(aliases.list_aliases_by_key_id, Pot.READ, "KeyId", _PAGE),
    "TagResource": _action(tags.tag_resource, Pot.WRITE, _OBJECT, "Tags"),
    "UntagResource": _action(tags.untag_resource, Pot.WRITE, _OBJECT, "TagKeys"),
    "ListResourceTags": _action(tags.list_resource_tags, Pot.RESOURCE_TAGS, "KeyId"),
    "TagResources": _action(tags.tag_resources, Pot.WRITE, _OBJECTS, "Tag.N.Key Tag.N.Value"),
    "UntagResources": _action(tags.untag_resources, Pot.WRITE, _OBJECTS, "TagKey.N All"),
    "ListTagResources": _action(tag_listing.list_tag_resources, Pot.READ, _OBJECTS, "Tag.N.Key Tag.N.Value NextToken"),
    "ListKmsInstances": _action(instances.list_kms_instances, Pot.NONE, _PAGE, "Filters"),
    "GetKmsInstance": _action(instances.get_kms_instance, Pot.NONE, "KmsInstanceId"),
    "GetDefaultKmsInstance": _action(instances.get_default_kms_instance, Pot.NONE),
    "DescribeRegions": _action(instances.describe_regions, Pot.NONE),
    "DescribeAccountKmsStatus": _action(instances.describe_account_kms_status, Pot.ACCOUNT),
}
