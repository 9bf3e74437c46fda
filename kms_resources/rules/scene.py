"""From a checked stack, or from the properties of one Pulumi resource, to what rules look at.

The stored format of the properties is that of `kms_resources.providers`; it is read here once more, because a policy
pack runs in an environment of its own, without the packages that providers need.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from kms_resources.access.words import AccessPoint, Conditions, Effect, Statement
from kms_resources.model import (
    Deletion,
    DeletionPolicy,
    DesiredKey,
    Marker,
    Material,
    Origin,
    Protection,
    Settings,
    Source,
    SourceKind,
    Spec,
    Target,
    Usage,
)
from kms_resources.rules.words import Credential, Scene, Subject
from kms_resources.stack.types import Stack
from kms_resources.uses import DesiredAccessPoint, DesiredPolicy

KEY_TYPE = "pulumi-python:dynamic/kms:Key"
POLICY_TYPE = "pulumi-python:dynamic/kms:KeyPolicy"
POINT_TYPE = "pulumi-python:dynamic/kms:AccessPoint"
SECRET_TYPE = "pulumi-python:dynamic/kms:Secret"  # noqa: S105
NOT_NEEDED = frozenset(
    {
        "key_id", "arn", "account", "state", "primary_version", "created", "phase", "pending_deletion",
        "encryption_key", "material_fingerprint", "material_expires", "documents", "others", "point_id", "version",
        "next_rotation", "keys",
    }
)  # fmt: skip
"""Properties that a preview may not know yet: rules do without them, or without their values."""
SUBJECTS: Mapping[str, Subject] = {KEY_TYPE: Subject.KEY, POLICY_TYPE: Subject.POLICY, POINT_TYPE: Subject.POINT}
"""Types of resources that rules look at one by one."""
_NEVER = "never"
_LONGEST = 30

Props = Mapping[str, Any]


def scene_of(
    stack: Stack,
    today: date,
    credentials: Iterable[Credential] = (),
    account: str = "",
    told: Mapping[str, str] = MappingProxyType({}),
) -> Scene:
    """The scene of a stack file. `told` are accounts of keys, where `account` does not say it for all of them."""
    points = {point.name for point in stack.uses.access_points}
    return Scene(
        today,
        tuple(stack.targets.values()),
        tuple(key.desired("project", "stack") for key in stack.keys),  # no rule looks at the marker
        stack.uses.policies,
        stack.uses.access_points,
        {secret.name: secret.key for secret in stack.uses.secrets if secret.key},
        tuple(one for one in credentials if one.point in points),
        {policy.key: own for policy in stack.uses.policies if (own := account or told.get(policy.key, ""))},
    )


def scene_of_resources(resources: Iterable[tuple[str, Props]], today: date) -> Scene:
    """The scene of some resources: types and properties. A type that no rule looks at is left out."""
    given = list(resources)
    keys = [props for kind, props in given if kind == KEY_TYPE]
    policies = [props for kind, props in given if kind == POLICY_TYPE]
    names = {str(props["key_id"]): _name(props) for props in keys if props.get("key_id")}
    return Scene(
        today,
        (),
        tuple(map(_key, keys)),
        tuple(map(_policy, policies)),
        tuple(_point(props) for kind, props in given if kind == POINT_TYPE),
        {
            str(props["name"]): names[str(props["encryption_key"])]
            for kind, props in given
            if kind == SECRET_TYPE and props.get("encryption_key") in names
        },
        accounts={str(props["key"]): str(props["account"]) for props in policies if props.get("account")},
    )


def _name(props: Props) -> str:
    return str(props["marker"]).rpartition("/")[2]


def _target(props: Props) -> Target:
    stored = props["target"]
    return Target(
        str(stored["name"]),
        str(stored["cloud"]),
        str(stored["region"]),
        str(stored.get("instance", "")),
        str(stored.get("credentials", "")),
    )


def _key(props: Props) -> DesiredKey:
    rotation, protection = props.get("rotation"), props.get("protection")
    settings = Settings(
        Spec(props["spec"]),
        Usage(props["usage"]),
        Origin(props.get("origin", Origin.KMS)),
        Protection(protection) if protection else None,
        str(props.get("description", "")),
        bool(props.get("enabled", True)),
        {str(name): str(value) for name, value in (props.get("tags") or {}).items()},
        int(rotation["every_days"]) if rotation else None,
        bool(props.get("deletion_protection", False)),
    )
    marker = Marker(str(props["marker"]))
    return DesiredKey(
        _name(props), _target(props), settings, marker, _deletion(props), material=_material(props.get("material"))
    )


def _material(props: Props | None) -> Material | None:
    if not props:
        return None
    source = next(Source(kind, str(props[kind])) for kind in SourceKind if kind in props)
    expires = str(props.get("expires", _NEVER))
    return Material(source, "" if expires == _NEVER else expires)


def _deletion(props: Props) -> Deletion:
    stored = props.get("deletion") or {}
    policy = DeletionPolicy(stored.get("policy", DeletionPolicy.PREVENT))
    return Deletion(policy, int(stored.get("window_days", _LONGEST)))


def _policy(props: Props) -> DesiredPolicy:
    statements = props.get("statements") or {}
    native = props.get("native")
    return DesiredPolicy(
        str(props["key"]),
        _target(props),
        tuple(_statement(sid, statements[sid]) for sid in sorted(statements)),
        _whole(native) if native else None,
        Marker(str(props["marker"])),
    )


def _statement(sid: str, props: Props) -> Statement:
    conditions: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in _whole(props.get("conditions") or {}).items()
    }
    return Statement(
        sid,
        Effect(str(props.get("effect") or Effect.ALLOW)),
        _texts(props["principals"]),
        _texts(props["actions"]),
        conditions=Conditions(**conditions),
    )


def _point(props: Props) -> DesiredAccessPoint:
    point = AccessPoint(
        str(props.get("cloud_name", "")),
        actions=_texts(props.get("actions")),
        resources=_texts(props.get("resources")),
        addresses=_texts(props.get("allow")),
        vpc=str(props.get("vpc") or ""),
        subnet=str(props.get("subnet") or ""),
        endpoints=_texts(props.get("endpoints")),
        control=bool(props.get("control", True)),
    )
    # Names only: the ids of keys may still be unknown.
    keys = tuple(map(str, props.get("keys") or ()))
    return DesiredAccessPoint(str(props["name"]), _target(props), point, keys=keys, deletion=_deletion(props))


def _texts(values: Iterable[object] | None) -> tuple[str, ...]:
    return tuple(map(str, values or ()))


def _whole(value: Any) -> Any:
    """Plain values, with whole numbers as such: the engine knows floats only."""
    if isinstance(value, Mapping):
        return {str(name): _whole(part) for name, part in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [_whole(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
