"""The operations that run, by name; what is not here is refused by name."""

from __future__ import annotations

from collections.abc import Mapping

from kms_emulator.ctyun import alias_actions as aliases
from kms_emulator.ctyun import key_actions as keys
from kms_emulator.ctyun import tag_actions as tags
from kms_emulator.ctyun import version_actions as versions
from kms_emulator.ctyun.invocation import Action

ACTIONS: Mapping[str, Action] = {
    "createKey": keys.create_key,
    "enableKey": keys.enable_key,
    "disableKey": keys.disable_key,
    "scheduleKeyDeletion": keys.schedule_key_deletion,
    "cancelKeyDeletion": keys.cancel_key_deletion,
    "updateKeyDescription": keys.update_key_description,
    "describeKey": keys.describe_key,
    "listKeys": keys.list_keys,
    "setDeletionProtection": keys.set_deletion_protection,
    "cancelDeletionProtection": keys.cancel_deletion_protection,
    "createAlias": aliases.create_alias,
    "updateAlias": aliases.update_alias,
    "deleteAlias": aliases.delete_alias,
    "listAliases": aliases.list_aliases,
    "listAliasesByKeyId": aliases.list_aliases_by_key_id,
    "describeKeyVersion": versions.describe_key_version,
    "listKeyVersions": versions.list_key_versions,
    "updateRotationPolicy": versions.update_rotation_policy,
    "createKeyVersion": versions.create_key_version,
    "listTags": tags.list_tags,
    "updateTag": tags.update_tag,
    "deleteTag": tags.delete_tag,
    "createTag": tags.create_tag,
    "bindResource": tags.bind_resource,
    "unbindResource": tags.unbind_resource,
}
