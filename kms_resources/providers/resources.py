"""Typed resources for any Pulumi program: `Target`, `Key`, `Alias`. Stored format: the type tokens.

Source of the option semantics: https://www.pulumi.com/docs/iac/concepts/resources/options/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi.dynamic import Resource

from kms_resources import model
from kms_resources.errors import InputError
from kms_resources.model import DeletionPolicy, DesiredAlias, DesiredKey
from kms_resources.providers import props as stored
from kms_resources.providers.alias import AliasProvider
from kms_resources.providers.key import KeyProvider
from kms_resources.providers.process import insist_on
from kms_resources.stack.typed import declare_key

_KEY_OUTPUTS = ("key_id", "arn", "state", "primary_version", "created", "account", "phase", "pending_deletion")


class WrongArgumentsError(InputError, pulumi.RunError):
    """A key that cannot be declared so. A program that does not catch it ends with its sentence, not a traceback."""


class Target(pulumi.ProviderResource):
    """One cloud, account and region: a Pulumi provider of its own, hence a process of its own.

    `cloud` is a name in `CLOUDS`, such as tencent; `region` the cloud's region id; `instance` the KMS instance that
    holds the keys, where the cloud has such; `credentials` the suffix of the environment variables that hold the access
    key.
    """

    def __init__(
        self,
        name: str,
        *,
        cloud: str,
        region: str,
        instance: str = "",
        credentials: str = "",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        self.place = model.Target(name, cloud, region, instance, credentials)
        super().__init__("pulumi-python", name, {}, opts)


class Key(Resource, module="kms", name="Key"):
    """An encryption key. It is never replaced, and deleted only with `deletion` policy `schedule` already applied.

    Permissions at the clouds: create, describe, list, tag, enable, disable, update and, with policy `schedule`,
    schedule and cancel deletion; README, section Permissions, lists them per cloud.
    """

    key_id: pulumi.Output[str]
    """The cloud's id of the key; also the resource's `id`."""
    arn: pulumi.Output[str]
    """The cloud's full name of the key, for policies and tickets."""
    state: pulumi.Output[str]
    """Enabled, Disabled, PendingImport, PendingDeletion, Archived or Unavailable."""
    primary_version: pulumi.Output[str]
    """The version that encrypts now, where the cloud shows it."""
    created: pulumi.Output[str]
    """ISO 8601, UTC."""
    account: pulumi.Output[str]
    """The account that owns the key, where the cloud shows it."""
    phase: pulumi.Output[str]
    """`complete`, or `incomplete` when the key exists and a step after its creation failed."""
    pending_deletion: pulumi.Output[str | None]
    """When the key will be destroyed, while its deletion is scheduled."""

    def __init__(
        self,
        name: str,
        *,
        target: Target,
        spec: str,
        usage: str | None = None,
        origin: str = "KMS",
        protection: str | None = None,
        description: str = "",
        enabled: bool = True,
        tags: Mapping[str, str] | None = None,
        rotation_days: int | None = None,
        deletion_protection: bool = False,
        deletion_policy: str = "prevent",
        deletion_window_days: int = 30,
        aliases: Sequence[str] = (),
        adopt: str | None = None,
        material: Mapping[str, str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare a key. Arguments mean what they mean in a stack file; `InputError` names what is not allowed."""
        fields: dict[str, object] = {
            "spec": spec,
            "usage": usage,
            "origin": origin,
            "protection": protection,
            "description": description,
            "enabled": enabled,
            "tags": dict(tags or {}),
            "rotation": {"every_days": rotation_days} if rotation_days is not None else None,
            "deletion_protection": deletion_protection,
            "deletion": {"policy": deletion_policy, "window_days": deletion_window_days},
            "aliases": list(aliases),
            "adopt": adopt,
            "material": dict(material) if material else None,
        }
        given = {field: value for field, value in fields.items() if value is not None}
        try:
            desired = declare_key(name, target.place, given, pulumi.get_project(), pulumi.get_stack())
        except InputError as error:
            raise WrongArgumentsError(str(error)) from None
        self._declare(desired, target, opts)
        for alias in aliases:
            Alias(alias, target=target, key=self)

    @classmethod
    def declared(cls, desired: DesiredKey, target: Target) -> Key:
        """The key of a stack file."""
        key = cls.__new__(cls)
        key._declare(desired, target, None)
        return key

    def _declare(self, desired: DesiredKey, target: Target, opts: pulumi.ResourceOptions | None) -> None:
        own = pulumi.ResourceOptions(
            provider=target,
            protect=desired.deletion.policy is DeletionPolicy.PREVENT,
            retain_on_delete=desired.deletion.policy is DeletionPolicy.ABANDON,
            # Nothing here asks for a replacement, but `pulumi up --replace` can. Then the deletion is left out (see
            # `declared`); and if it ever were not, in this order the create that follows rescues the key, while the
            # other would take the same key over and then schedule its deletion.
            delete_before_replace=True,
        )
        self.declaration = desired
        self.target_provider = target
        inputs = {**stored.key_props(desired), **dict.fromkeys(_KEY_OUTPUTS)}
        if desired.material:
            own.additional_secret_outputs = [stored.FINGERPRINT]
            inputs |= dict.fromkeys((stored.FINGERPRINT, "material_expires"))
        super().__init__(KeyProvider(), desired.name, inputs, pulumi.ResourceOptions.merge(opts, own))
        self.phase.apply(lambda phase: insist_on(desired.where, "key", phase))


class Alias(Resource, module="kms", name="Alias"):
    """A further name of a key, unique in its target. Pointing it to another key sends new data to that key."""

    key_id: pulumi.Output[str]
    """The key that has the name."""

    def __init__(self, alias: str, *, target: Target, key: Key, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare an alias, without the cloud's `alias/` prefix."""
        declared = DesiredAlias(alias, target.place, key.declaration.name)
        own = pulumi.ResourceOptions(
            provider=target,
            retain_on_delete=key.declaration.deletion.policy is DeletionPolicy.ABANDON,
            # A key that leaves keeps its names. The engine deletes dependents first, so a refused deletion of the key
            # would otherwise come too late for them; and a key that is rescued is still found under its names.
            deleted_with=key,
        )
        super().__init__(
            AliasProvider(),
            alias_name(target.place, alias),
            stored.alias_props(declared, key.id),
            pulumi.ResourceOptions.merge(opts, own),
        )


def alias_name(place: model.Target, alias: str) -> str:
    """The resource's name: where the alias is unique. Stored format.

    Not the target's name: that may change, and the engine would take the alias for two, give the new one and then take
    the old one away, which is the same alias.
    """
    return ":".join(part for part in (place.cloud, place.region, place.credentials, alias) if part)
