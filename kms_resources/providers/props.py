"""Keys and aliases as Pulumi properties, and back: the stored format of inputs and outputs.

Canonical by construction: the same key always gives the same properties, whether it comes from a stack, from a cloud
or from state. Absent means none (Pulumi drops null values), numbers come back as floats, and every input is echoed in
the outputs because `read` and `delete` are given outputs only. No credential and no key material has a place here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kms_resources.changes import UNSETTLED
from kms_resources.clouds import CLOUDS
from kms_resources.crypto.seal import Seal
from kms_resources.errors import UnsafeError
from kms_resources.model import (
    ActualKey,
    Deletion,
    DeletionPolicy,
    DesiredAlias,
    DesiredKey,
    KeyId,
    KeyState,
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

Props = dict[str, Any]
COMPLETE = "complete"
INCOMPLETE = "incomplete"
NEVER = "never"
FINGERPRINT = "material_fingerprint"
"""Output that recognises imported material: a fingerprint and its key, kept by the engine as a secret."""


def target_props(target: Target) -> Props:
    """The target, empty parts left out."""
    values = {
        "name": target.name,
        "cloud": target.cloud,
        "region": target.region,
        "instance": target.instance,
        "credentials": target.credentials,
    }
    return {name: value for name, value in values.items() if value}


def target_of(props: Mapping[str, Any]) -> Target:
    """The target of a resource's properties."""
    stored = props["target"]
    texts = {name: str(value) for name, value in stored.items()}
    if unknown := texts.keys() - {"name", "cloud", "region", "instance", "credentials"}:
        raise ValueError(f"a target has no {min(unknown)}")
    target = Target(
        texts["name"], texts["cloud"], texts["region"], texts.get("instance", ""), texts.get("credentials", "")
    )
    if target.cloud not in CLOUDS:
        raise ValueError(f"{target.cloud!r} is no cloud that is known here; there are {', '.join(CLOUDS)}")
    return target


@contextmanager
def readable(id_: str) -> Iterator[None]:
    """Around the reading of state: what cannot be read is `UnsafeError`, for state may have been edited by hand."""
    try:
        yield
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise UnsafeError(
            f"the state of {id_} is damaged",
            why=what,
            advice="put an older state back (`pulumi stack import`), or correct this resource with "
            "`pulumi stack export`, an editor and `pulumi stack import`; nothing was touched",
        ) from None


def settings_props(settings: Settings) -> Props:
    """The comparable part of a key."""
    props: Props = {
        "spec": str(settings.spec),
        "usage": str(settings.usage),
        "origin": str(settings.origin),
        "description": settings.description,
        "enabled": settings.enabled,
        "tags": dict(settings.tags),
        "deletion_protection": settings.deletion_protection,
    }
    if settings.protection is not None:
        props["protection"] = str(settings.protection)
    if settings.rotation_days is not None:
        props["rotation"] = {"every_days": settings.rotation_days}
    return props


def settings_of(props: Mapping[str, Any]) -> Settings:
    """The comparable part of a key from inputs or outputs. Raises `ValueError` or `KeyError` for corrupt ones."""
    rotation = props.get("rotation")
    protection = props.get("protection")
    return Settings(
        spec=Spec(props["spec"]),
        usage=Usage(props["usage"]),
        origin=Origin(props.get("origin", Origin.KMS)),
        protection=Protection(protection) if protection else None,
        description=str(props.get("description", "")),
        enabled=bool(props.get("enabled", True)),
        tags={str(key): str(value) for key, value in (props.get("tags") or {}).items()},
        rotation_days=int(rotation["every_days"]) if rotation else None,
        deletion_protection=bool(props.get("deletion_protection", False)),
    )


def key_props(desired: DesiredKey) -> Props:
    """The inputs of a key."""
    props = {
        "target": target_props(desired.target),
        "marker": str(desired.marker),
        "deletion": {"policy": str(desired.deletion.policy), "window_days": desired.deletion.window_days},
        **settings_props(desired.settings),
    }
    if desired.adopt:
        props["adopt"] = str(desired.adopt)
    if desired.material:
        props["material"] = material_props(desired.material)
    return props


def source_props(source: Source) -> Props:
    """Where a secret is read from; never the secret."""
    return {str(source.kind): source.value}


def source_of(props: Mapping[str, Any]) -> Source:
    """A source from its properties; other properties beside it do not matter. Raises `ValueError` without one."""
    for kind in SourceKind:
        if kind in props:
            return Source(kind, str(props[kind]))
    raise ValueError(f"a source needs one of {', '.join(SourceKind)}")


def material_props(material: Material) -> Props:
    """Key material as a stack declares it."""
    return {**source_props(material.source), "expires": material.expires or NEVER}


def material_of(props: Mapping[str, Any]) -> Material | None:
    """The declared material of a key's properties."""
    material = props.get("material")
    if not material:
        return None
    expires = str(material.get("expires", NEVER))
    return Material(source_of(material), "" if expires == NEVER else expires)


def key_of(props: Mapping[str, Any]) -> DesiredKey:
    """A key from its inputs, or as last applied from its outputs."""
    deletion = props.get("deletion") or {}
    marker = str(props.get("declared_marker") or props["marker"])
    return DesiredKey(
        name=marker.rsplit("/", 1)[-1],
        target=target_of(props),
        settings=settings_of(props),
        marker=Marker(marker),
        deletion=Deletion(
            DeletionPolicy(deletion.get("policy", DeletionPolicy.PREVENT)), int(deletion.get("window_days", 30))
        ),
        adopt=KeyId(str(props["adopt"])) if props.get("adopt") else None,
        material=material_of(props),
    )


def key_outputs(inputs: Mapping[str, Any], key: ActualKey, problem: str = "", seal: Seal | None = None) -> Props:
    """The outputs of a key: its inputs and what the cloud adds."""
    outputs = {
        **{name: value for name, value in inputs.items() if name != "__provider"},
        "key_id": str(key.id),
        "arn": key.arn,
        "state": str(key.state),
        "primary_version": key.primary_version,
        "created": key.created,
        "account": key.account,
        "phase": INCOMPLETE if problem else COMPLETE,
    }
    if key.pending_deletion:
        outputs["pending_deletion"] = key.pending_deletion
    if key.material_expires:
        outputs["material_expires"] = key.material_expires
    if seal:
        outputs[FINGERPRINT] = seal.text
    return outputs


def seal_of(outputs: Mapping[str, Any]) -> Seal | None:
    """What recognises the imported material, if any was. Raises `ValueError` for a damaged one."""
    return Seal.read(str(outputs.get(FINGERPRINT) or ""))


def key_from_outputs(outputs: Mapping[str, Any], key_id: str) -> ActualKey:
    """The key as state knows it."""
    return ActualKey(
        id=KeyId(key_id),
        settings=settings_of(outputs),
        state=KeyState(outputs.get("state", KeyState.ENABLED)),
        marker=Marker(str(outputs.get("marker", ""))),
        account=str(outputs.get("account", "")),
        pending_deletion=str(outputs.get("pending_deletion", "")),
        material_expires=str(outputs.get("material_expires", "")),
    )


def live_inputs(known: DesiredKey, key: ActualKey) -> Props:
    """What the inputs would have to be for the key to look as it does: the projection that shows drift."""
    settings = settings_props(key.settings)
    if known.settings.protection is None:
        settings.pop("protection", None)
    if key.state in UNSETTLED:
        # Neither enabled nor disabled; a difference here would be noise beside the deletion or the missing material.
        settings["enabled"] = known.settings.enabled
    inputs = {**key_props(known), **settings, "marker": str(key.marker)}
    for optional in ("protection", "rotation"):
        if optional not in settings:
            inputs.pop(optional, None)
    if key.pending_deletion:
        inputs["pending_deletion"] = key.pending_deletion
    if known.material and key.state is KeyState.PENDING_IMPORT:
        del inputs["material"]
    elif known.material:
        inputs["material"] = {**inputs["material"], "expires": key.material_expires[:10] or NEVER}
    return inputs


def alias_props(alias: DesiredAlias, key_id: object) -> Props:
    """The inputs of an alias. `key_id` may still be unknown in a preview."""
    return {"target": target_props(alias.target), "alias": alias.name, "key": alias.key, "key_id": key_id}


def alias_of(props: Mapping[str, Any]) -> DesiredAlias:
    """An alias from its properties."""
    return DesiredAlias(name=str(props["alias"]), target=target_of(props), key=str(props.get("key", "")))
