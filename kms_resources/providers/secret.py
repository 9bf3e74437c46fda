"""The dynamic provider of secrets. Stored format: this module's path and the class name.

As with ciphertexts the value is read in this process and goes nowhere but to the cloud; state has a keyed fingerprint.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from kms_resources.clouds import get_cloud
from kms_resources.clouds.secrets import ActualSecret, SecretsClient, SecretSettings, SecretType
from kms_resources.crypto.seal import Seal
from kms_resources.crypto.sources import read_source
from kms_resources.errors import InputError
from kms_resources.model import Deletion, DeletionPolicy, Marker, Target
from kms_resources.operations import secrets
from kms_resources.operations.site import Site
from kms_resources.providers import props as stored
from kms_resources.providers.declared import Kind, declare, spared
from kms_resources.providers.process import has_unknowns, placed, site_of, speak_plainly, tell
from kms_resources.providers.props import COMPLETE, INCOMPLETE, Props
from kms_resources.providers.used import same, without_provider
from kms_resources.uses import DesiredSecret

FINGERPRINT = "value_fingerprint"
OUTPUTS = ("arn", "created", "version", "phase", "next_rotation", "pending_deletion", FINGERPRINT)
_COMPARED = (
    "target", "cloud_name", "marker", "type", "description", "encryption_key", "rotation_seconds", "tags",
    "configuration", "deletion", "binary", "value",
)  # fmt: skip


_FIXED = {"cloud_name": "name", "type": "type", "configuration": "settings"}
"""What no update changes → what a stack calls it. A changed encryption key is seen when the secret is read."""
_SOMETIMES = frozenset({"next_rotation", "pending_deletion", "rotation_seconds"})


class SecretProvider(ResourceProvider):
    """Make, change and schedule the deletion of secrets. No attributes, as in `KeyProvider`."""

    serialize_as_secret_always = False  # nothing secret is ever captured

    def configure(self, req: ConfigureRequest) -> None:  # noqa: ARG002
        """Called once per process."""
        speak_plainly()

    def check(self, olds: Props, news: Props) -> CheckResult:
        """Refuse a change of what is fixed; everything else was checked already. Sends nothing."""
        declare(Kind.SECRET, news, "cloud_name")
        return CheckResult(news, _refused_changes(olds, news))

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Whether an update is needed. Reads the value, sends nothing, replaces never."""
        if has_unknowns(_news):
            return DiffResult(changes=None)
        if _olds.get("phase") == INCOMPLETE or not same(_olds, _news, *_COMPARED) or _olds.get("pending_deletion"):
            return DiffResult(changes=True)
        with stored.readable(_id):
            seal = Seal.read(str(_olds.get(FINGERPRINT) or ""))
        desired = _desired(_news)
        fits = seal is not None and seal.fits(read_source(desired.value, "the value", where=desired.where))
        return DiffResult(changes=not fits)

    def create(self, props: Props) -> CreateResult:
        """Make the secret or take over the one that carries its marker."""
        desired = _desired(props)
        return CreateResult(desired.cloud_name, _outputs(props, _done(desired, None, new=True)))

    def read(self, id_: str, props: Props) -> ReadResult:
        """The secret as it is now, without its value."""
        with stored.readable(id_):
            desired = _desired(props)
        with placed(desired.where):
            found = secrets.read(*_doors(desired.target), desired, _arn(props))
        if found is None:
            return ReadResult("", {})
        live = {**{name: value for name, value in props.items() if name not in _SOMETIMES}, **_live(found)}
        return ReadResult(id_, live, live)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Bring the secret to what is declared."""
        with stored.readable(_id):
            seal = Seal.read(str(_olds.get(FINGERPRINT) or ""))
        if bool(_olds.get("binary")) != bool(_news.get("binary")):
            seal = None  # the same bytes in another form are another value at the cloud
        return UpdateResult(_outputs(_news, _done(_desired(_news), seal, new=False)))

    def delete(self, _id: str, _props: Props) -> None:
        """Schedule the deletion where the last applied stack allows it; refuse otherwise."""
        with stored.readable(_id):
            desired = _desired(_props)
        if spared(Kind.SECRET, _props, "cloud_name", desired.where):
            return
        with placed(desired.where):
            tell(secrets.delete(*_doors(desired.target), desired, _arn(_props)))


def secret_inputs(desired: DesiredSecret, key_id: object) -> Props:
    """The inputs of a secret. `key_id` may still be unknown in a preview; empty: the cloud's own key."""
    settings = desired.settings
    return {
        "target": stored.target_props(desired.target),
        "name": desired.name,
        "cloud_name": desired.cloud_name,
        "marker": str(desired.marker),
        "value": stored.source_props(desired.value),
        "binary": desired.binary,
        "type": str(settings.type),
        "description": settings.description,
        "encryption_key": key_id,
        "rotation_seconds": settings.rotation_seconds,
        "tags": dict(settings.tags),
        "configuration": dict(settings.configuration),
        "deletion": {"policy": str(desired.deletion.policy), "window_days": desired.deletion.window_days},
    }


def _desired(props: Mapping[str, Any]) -> DesiredSecret:
    target = stored.target_of(props)
    deletion = props.get("deletion") or {}
    rotation = props.get("rotation_seconds")
    return DesiredSecret(
        name=str(props["name"]),
        target=target,
        cloud_name=str(props["cloud_name"]),
        marker=Marker(str(props["marker"])),
        value=stored.source_of(props["value"]),
        settings=SecretSettings(
            type=SecretType(props.get("type") or SecretType.GENERIC),
            description=str(props.get("description") or ""),
            encryption_key=str(props.get("encryption_key") or ""),
            instance=target.instance,
            rotation_seconds=int(rotation) if rotation else None,
            tags={str(tag): str(value) for tag, value in (props.get("tags") or {}).items()},
            configuration=dict(props.get("configuration") or {}),
        ),
        binary=bool(props.get("binary", False)),
        deletion=Deletion(
            DeletionPolicy(deletion.get("policy", DeletionPolicy.PREVENT)), int(deletion.get("window_days", 30))
        ),
    )


def _live(found: ActualSecret) -> Props:
    """What the cloud shows, in the words of the inputs and outputs."""
    settings = found.settings
    live: Props = {
        "type": str(settings.type),
        "description": settings.description,
        "rotation_seconds": settings.rotation_seconds,
        "tags": dict(settings.tags),
        "arn": found.arn,
        "created": found.created,
        "next_rotation": found.next_rotation,
        "pending_deletion": found.planned_deletion,
    }
    if found.versions:
        live["version"] = found.versions[-1].id
    # Pulumi shows a property that appears, even an empty one, as drift.
    return {name: value for name, value in live.items() if value or name not in _SOMETIMES}


def _done(desired: DesiredSecret, seal: Seal | None, *, new: bool) -> secrets.SecretOutcome:
    with placed(desired.where):
        client, _ = _doors(desired.target)
        outcome = secrets.create(client, desired) if new else secrets.update(client, desired, seal)
    for note in outcome.notes:
        tell(note)
    if outcome.problem:
        tell(f"{desired.where}: secret {desired.cloud_name} exists and is not finished: {outcome.problem}")
    return outcome


def _outputs(inputs: Mapping[str, Any], outcome: secrets.SecretOutcome) -> Props:
    found = outcome.secret
    return {
        **without_provider(inputs),
        "arn": found.arn,
        "created": found.created,
        "version": found.versions[-1].id if found.versions else "",
        "phase": INCOMPLETE if outcome.problem else COMPLETE,
        **({"next_rotation": found.next_rotation} if found.next_rotation else {}),
        FINGERPRINT: outcome.seal.text,
    }


def _refused_changes(olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[CheckFailure]:
    if not olds:
        return []
    where = f"{news['target']['name']}/secret/{news['name']}"
    old_target, new_target = olds.get("target") or {}, news["target"]
    pairs = [(title, olds.get(name) or None, news.get(name) or None) for name, title in _FIXED.items()]
    pairs += [
        (f"target.{name}", old_target.get(name), new_target.get(name)) for name in ("cloud", "region", "instance")
    ]
    return [
        CheckFailure(
            "",
            f"{where}: {title} is {before or 'not set'}, fixed since the secret was made; {after or 'nothing'} would "
            "need another secret, and this one is not replaced. Instead, declare a second secret under another name, "
            "move its readers, and only then remove this one",
        )
        for title, before, after in pairs
        if before != after
    ]


def _arn(props: Mapping[str, Any]) -> str:
    return str(props.get("arn") or "")


def _doors(target: Target) -> tuple[SecretsClient, Site]:
    cloud = get_cloud(target.cloud)
    if cloud.connect_secrets is None:
        raise InputError(f"{cloud.title} keeps no secrets", where=f"target {target.name}")
    return cloud.connect_secrets(target, os.environ), site_of(target)
