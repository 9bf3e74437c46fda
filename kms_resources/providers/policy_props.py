"""Policies and access points as Pulumi properties, and back: the stored format of both.

Documents are kept as structures, so that a preview shows which action or principal changes. Numbers come back from the
engine as floats and are made whole again, because the clouds read the documents as they are sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_network
from typing import Any

from kms_resources.access.words import AccessPoint, Conditions, Document, DocumentKind, Effect, Statement
from kms_resources.clouds.access import ActualPoint, PolicyKey, WantedPoint
from kms_resources.model import Deletion, DeletionPolicy, Marker
from kms_resources.providers import props as stored
from kms_resources.providers.props import Props
from kms_resources.uses import DesiredAccessPoint, DesiredPolicy


def statement_props(statement: Statement) -> Props:
    """A statement as a stack writes it, without its Sid."""
    conditions = statement.conditions
    given: Props = {name: _plain(getattr(conditions, name)) for name in conditions.given}
    return {
        "effect": str(statement.effect),
        "principals": list(statement.principals),
        "actions": list(statement.actions),
        **({"conditions": given} if given else {}),
    }


def statement_of(sid: str, props: Mapping[str, Any]) -> Statement:
    """A statement from its properties."""
    return Statement(
        sid,
        Effect(str(props.get("effect") or Effect.ALLOW)),
        tuple(map(str, props["principals"])),
        tuple(map(str, props["actions"])),
        conditions=conditions_of(props.get("conditions") or {}),
    )


def conditions_of(props: Mapping[str, Any]) -> Conditions:
    """Conditions from their properties. Raises `ValueError` for one that there is not."""
    known = set(Conditions.__dataclass_fields__)
    if unknown := props.keys() - known:
        raise ValueError(f"there is no condition {min(unknown)}; there are {', '.join(sorted(known))}")
    given: dict[str, Any] = {
        name: tuple(map(str, value)) if isinstance(value, list | tuple) else value for name, value in props.items()
    }
    return Conditions(**given)


def policy_props(desired: DesiredPolicy, key: Any) -> Props:
    """The inputs of a policy; `key` is the typed resource of its key, whose outputs may still be unknown."""
    props: Props = {
        "target": stored.target_props(desired.target),
        "key": desired.key,
        "marker": str(desired.marker),
        "key_id": key.key_id,
        "arn": key.arn,
        "account": key.account,
    }
    if desired.native is not None:
        return {**props, "native": _plain(desired.native)}
    return {**props, "statements": {one.sid: statement_props(one) for one in desired.statements}}


def policy_of(props: Mapping[str, Any]) -> DesiredPolicy:
    """A policy from its inputs, or as last applied from its outputs."""
    native = props.get("native")
    statements = props.get("statements") or {}
    return DesiredPolicy(
        str(props["key"]),
        stored.target_of(props),
        tuple(statement_of(sid, statements[sid]) for sid in sorted(statements)),
        whole(native) if native else None,
        Marker(str(props["marker"])),
    )


def policy_key(props: Mapping[str, Any]) -> PolicyKey:
    """The key that a policy is about."""
    return PolicyKey(
        str(props["key"]),
        stored.target_of(props),
        str(props.get("account") or ""),
        str(props["key_id"]),
        str(props.get("arn") or ""),
        Marker(str(props["marker"])),
    )


def document_props(documents: Iterable[Document]) -> Props:
    """Documents in the cloud's own form, by their names."""
    return {
        one.name: {
            "document": _plain(one.body),
            **({"attached_to": list(one.attached_to)} if one.kind is DocumentKind.IDENTITY_POLICY else {}),
        }
        for one in documents
    }


def documents_of(props: Mapping[str, Any], kind: DocumentKind) -> tuple[Document, ...]:
    """Documents from inputs or outputs."""
    return tuple(
        Document(kind, whole(one["document"]), name, tuple(map(str, one.get("attached_to") or ())))
        for name, one in sorted((props.get("documents") or {}).items())
    )


def point_props(desired: DesiredAccessPoint, cloud_name: str, key_ids: Mapping[str, Any]) -> Props:
    """The inputs of an access point. Ids of keys may still be unknown in a preview."""
    point = desired.point
    return {
        "target": stored.target_props(desired.target),
        "name": desired.name,
        "marker": str(desired.marker),
        "cloud_name": cloud_name,
        "description": desired.description,
        "actions": list(point.actions),
        "keys": dict(key_ids),
        "resources": list(point.resources),
        "allow": list(point.addresses),
        "vpc": point.vpc,
        "subnet": point.subnet,
        "endpoints": list(point.endpoints),
        "control": point.control,
        "deletion": {"policy": str(desired.deletion.policy), "window_days": desired.deletion.window_days},
    }


def point_of(props: Mapping[str, Any]) -> tuple[DesiredAccessPoint, WantedPoint]:
    """An access point from its inputs, or as last applied from its outputs."""
    target = stored.target_of(props)
    deletion = props.get("deletion") or {}
    keys = props.get("keys") or {}
    resources = (*(f"key/{key_id}" for key_id in keys.values()), *map(str, props.get("resources") or ()))
    point = AccessPoint(
        str(props["cloud_name"]),
        actions=tuple(map(str, props.get("actions") or ())),
        resources=tuple(sorted(set(resources))),
        addresses=tuple(map(str, props.get("allow") or ())),
        instance=target.instance,
        vpc=str(props.get("vpc") or ""),
        subnet=str(props.get("subnet") or ""),
        endpoints=tuple(map(str, props.get("endpoints") or ())),
        control=bool(props.get("control", True)),
    )
    desired = DesiredAccessPoint(
        str(props["name"]),
        target,
        point,
        str(props.get("description") or ""),
        tuple(map(str, keys)),
        Deletion(DeletionPolicy(deletion.get("policy", DeletionPolicy.PREVENT)), int(deletion.get("window_days", 30))),
        Marker(str(props["marker"])),
    )
    return desired, WantedPoint(point, desired.marker, desired.description)


def live_point(props: Mapping[str, Any], actual: ActualPoint) -> Props:
    """What the inputs would have to be for the access point to look as it does: the projection that shows drift."""
    point = actual.point
    _, wanted = point_of(props)
    keys = {name: key_id for name, key_id in (props.get("keys") or {}).items() if f"key/{key_id}" in point.resources}
    own = {f"key/{key_id}" for key_id in keys.values()}
    seen: Props = {
        "actions": _as_before(wanted.point.actions, point.actions),
        "keys": keys,
        "resources": _as_before(props.get("resources") or (), [one for one in point.resources if one not in own]),
        "allow": _as_before(wanted.point.addresses, point.addresses, canonical=True),
        "endpoints": _as_before(wanted.point.endpoints, point.endpoints),
        "control": point.control,
        "description": actual.description,
    }
    return {**{name: value for name, value in props.items() if name != "__provider"}, **seen}


def whole(value: Any) -> Any:
    """The value with whole numbers as such: the engine knows floats only."""
    if isinstance(value, Mapping):
        return {str(name): whole(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [whole(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value


def _as_before(before: Iterable[Any], now: Iterable[Any], *, canonical: bool = False) -> list[str]:
    """What is there now; in the former spelling and order if it is the same."""
    one, other = list(map(str, before)), list(map(str, now))
    spelt = _spelt_block if canonical else str
    return one if sorted(map(spelt, one)) == sorted(map(spelt, other)) else sorted(other)


def _spelt_block(text: str) -> str:
    return str(ip_network(text, strict=False))
