"""Typed resources for who may use a key: `KeyPolicy`, `AccessPoint`. Stored format: the type tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from kms_resources.access.words import AccessPoint as Point
from kms_resources.clouds import get_cloud
from kms_resources.clouds.marking import derived_name
from kms_resources.model import Deletion, DeletionPolicy, Marker
from kms_resources.providers import access_point, key_policy, policy_props
from kms_resources.providers.process import insist_on
from kms_resources.providers.resources import Key, Target, WrongArgumentsError
from kms_resources.uses import DesiredAccessPoint, DesiredPolicy


class KeyPolicy(Resource, module="kms", name="KeyPolicy"):
    """Who may do what with a key. Leaving the program, it gives the key the cloud's default policy again.

    Permissions: at Alibaba Cloud get and set key policies; at Tencent Cloud list, get, create, update and delete
    policies, and attach and detach them.
    """

    documents: pulumi.Output[Mapping[str, Any]]
    """The policies in the cloud's own form, by name, with whom they are attached to."""
    others: pulumi.Output[Sequence[str] | None]
    """Who else has them attached, by somebody else's hand; never touched."""
    phase: pulumi.Output[str]
    """`complete`, or `incomplete` when a part of it is written and a later step failed."""

    def __init__(
        self,
        name: str,
        *,
        key: Key,
        statements: Mapping[str, Mapping[str, Any]] | None = None,
        native: Mapping[str, Any] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`statements` by their Sids, as in a stack file; or `native`, a document in the cloud's own form.

        `name` is the resource's; the policy is the key's, so there is one for each key.
        """
        if (statements is None) == (native is None):
            raise WrongArgumentsError(f"{name} needs either statements or native")
        try:
            given = tuple(policy_props.statement_of(sid, one) for sid, one in (statements or {}).items())
        except (KeyError, ValueError, TypeError) as error:
            raise WrongArgumentsError(f"a statement of {name} is not complete or not valid: {error}") from None
        place = key.declaration
        self._declare(DesiredPolicy(place.name, place.target, given, native, place.marker), key, opts, name)

    @classmethod
    def declared(cls, desired: DesiredPolicy, key: Key) -> KeyPolicy:
        """The policy of a stack file."""
        made = cls.__new__(cls)
        made._declare(desired, key, None, f"policy:{desired.key}")
        return made

    def _declare(self, desired: DesiredPolicy, key: Key, opts: pulumi.ResourceOptions | None, name: str) -> None:
        own = pulumi.ResourceOptions(
            provider=key.target_provider,
            retain_on_delete=key.declaration.deletion.policy is DeletionPolicy.ABANDON,
            # A key that leaves keeps its policy: taking it back first would open the key to the whole account, and
            # would come too early for a key whose deletion is then refused.
            deleted_with=key,
        )
        inputs = {**dict.fromkeys(key_policy.OUTPUTS), **policy_props.policy_props(desired, key)}
        super().__init__(key_policy.KeyPolicyProvider(), name, inputs, pulumi.ResourceOptions.merge(opts, own))
        self.phase.apply(lambda phase: insist_on(desired.where, "policy", phase))


class AccessPoint(Resource, module="kms", name="AccessPoint"):
    """A door for an application without an identity at the cloud. Its credentials are made by `kms client-key`.

    Permissions: create, describe, update and, with policy `schedule`, delete access points and their parts.
    """

    point_id: pulumi.Output[str]
    """What the cloud calls it in its own calls."""
    cloud_name: pulumi.Output[str]
    """Its name at the cloud."""
    arn: pulumi.Output[str]
    """The cloud's full name of it, where it has one."""
    phase: pulumi.Output[str]
    """`complete`, or `incomplete` when it exists in part and a later step failed."""

    def __init__(
        self,
        name: str,
        *,
        target: Target,
        actions: Sequence[str],
        keys: Mapping[str, Key] | Sequence[Key] = (),
        resources: Sequence[str] = (),
        allow: Sequence[str] = (),
        vpc: str = "",
        subnet: str = "",
        endpoints: Sequence[str] = (),
        control: bool = True,
        description: str = "",
        deletion_policy: str = "prevent",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Arguments mean what they mean in a stack file; `resources` are in the cloud's form, such as `secret/db`."""
        named = keys if isinstance(keys, Mapping) else {key.declaration.name: key for key in keys}
        marker = Marker(f"{pulumi.get_project()}/{pulumi.get_stack()}/{name}")
        point = Point(
            "",
            actions=tuple(actions),
            resources=tuple(resources),
            addresses=tuple(allow),
            instance=target.place.instance,
            vpc=vpc,
            subnet=subnet,
            endpoints=tuple(endpoints),
            control=control,
        )
        deletion = Deletion(DeletionPolicy(deletion_policy))
        desired = DesiredAccessPoint(name, target.place, point, description, tuple(named), deletion, marker)
        self._declare(desired, target, named, opts)

    @classmethod
    def declared(cls, desired: DesiredAccessPoint, target: Target, keys: Mapping[str, Key]) -> AccessPoint:
        """The access point of a stack file."""
        made = cls.__new__(cls)
        made._declare(desired, target, {name: keys[name] for name in desired.keys}, None)
        return made

    def _declare(
        self,
        desired: DesiredAccessPoint,
        target: Target,
        keys: Mapping[str, Key],
        opts: pulumi.ResourceOptions | None,
    ) -> None:
        points = get_cloud(desired.target.cloud).points
        if points is None:
            raise WrongArgumentsError(f"{desired.where}: {get_cloud(desired.target.cloud).title} has no access points")
        own = pulumi.ResourceOptions(
            provider=target,
            protect=desired.deletion.policy is DeletionPolicy.PREVENT,
            retain_on_delete=desired.deletion.policy is DeletionPolicy.ABANDON,
            delete_before_replace=True,
        )
        ids = {name: key.key_id for name, key in keys.items()}
        cloud_name = derived_name(desired.marker, points().most_name)
        inputs = {**dict.fromkeys(access_point.OUTPUTS), **policy_props.point_props(desired, cloud_name, ids)}
        merged = pulumi.ResourceOptions.merge(opts, own)
        super().__init__(access_point.AccessPointProvider(), f"access-point:{desired.name}", inputs, merged)
        self.phase.apply(lambda phase: insist_on(desired.where, "access point", phase))
