"""Rules about keys themselves: rotation, deletion, tags, material; and about the doors of their targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from kms_resources.capabilities import Capability
from kms_resources.clouds import get_cloud
from kms_resources.model import DeletionPolicy, DesiredKey, Origin, Usage
from kms_resources.problems import count
from kms_resources.rules.words import Hit, Scene, Values


def no_rotation(scene: Scene, _values: Values) -> Iterator[Hit]:
    """Symmetric keys with the cloud's own material that could rotate and do not."""
    for key in scene.keys:
        settings = key.settings
        ours = settings.origin is Origin.KMS and settings.spec.symmetric and settings.usage is Usage.ENCRYPT_DECRYPT
        if ours and settings.rotation_days is None and _can_rotate(key):
            yield _hit(key, "rotation", f"this {settings.spec} key never gets new material")


def _can_rotate(key: DesiredKey) -> bool:
    limits = get_cloud(key.target.cloud).limits
    if not limits.has(Capability.ROTATION):
        return False
    rotating = replace(key, settings=replace(key.settings, rotation_days=limits.rotation_days[1]))
    return all(name != "rotation" for name, _ in limits.refusals(rotating))


def deletion_window_at_minimum(scene: Scene, values: Values) -> Iterator[Hit]:
    """Keys that may be deleted after a wait in which nobody would notice."""
    least = _number(values, "days")
    for key in scene.keys:
        days = key.deletion.window_days
        shortest = get_cloud(key.target.cloud).limits.window_days[0]
        if key.deletion.policy is DeletionPolicy.SCHEDULE and days <= max(least, shortest):
            what = f"after {count(days, 'day')} its data is lost"
            shorter = "the shortest that the cloud offers" if days == shortest else f"no more than {least}"
            yield _hit(key, "deletion", f"{what}; that wait is {shorter}", "window_days")


def schedule_without_protection(scene: Scene, _values: Values) -> Iterator[Hit]:
    """Keys that a removed line deletes, although the cloud could ask for a second step."""
    for key in scene.keys:
        offered = get_cloud(key.target.cloud).limits.has(Capability.DELETION_PROTECTION)
        unprotected = offered and not key.settings.deletion_protection
        if key.deletion.policy is DeletionPolicy.SCHEDULE and unprotected:
            message = "taking the key out of the stack is enough to delete it, and so is any call with the permission"
            yield _hit(key, "deletion", message, "policy")


def no_owner_tag(scene: Scene, values: Values) -> Iterator[Hit]:
    """Keys that nobody answers for."""
    tag = str(values["tag"])
    for key in scene.keys:
        taggable = get_cloud(key.target.cloud).limits.has(Capability.TAGS)
        if taggable and not key.settings.tags.get(tag, "").strip():
            yield _hit(key, "tags", f"the key has no tag {tag}")


def expiring_material(scene: Scene, values: Values) -> Iterator[Hit]:
    """Imported material that ends soon, or has."""
    days = _number(values, "days")
    for key in scene.keys:
        if not key.material or not key.material.expires:
            continue
        ends = date.fromisoformat(key.material.expires)
        if (message := ending("its material", ends, scene.today, days, "then nothing can be decrypted")) is not None:
            yield _hit(key, "material", message, "expires")


def ending(what: str, ends: date, today: date, days: int, then: str) -> str | None:
    """A sentence about an end that is near or past; None while there is time."""
    if ends > today + timedelta(days=days):
        return None
    if ends <= today:
        return f"{what} ended on {ends}: {then}"
    return f"{what} ends on {ends}, in {count((ends - today).days, 'day')}: {then}"


def ignore_ssl(scene: Scene, _values: Values) -> Iterator[Hit]:
    """Doors whose certificate nobody checks."""
    for target in scene.targets:
        if target.gateway and target.gateway.ignore_ssl:
            message = "whoever stands between us and the gateway reads and changes everything"
            yield Hit(("targets", target.name, "gateway", "ignore_ssl"), message)


def disabled_key_in_use(scene: Scene, _values: Values) -> Iterator[Hit]:
    """Disabled keys that something of the same stack needs."""
    for key in scene.keys:
        if key.settings.enabled:
            continue
        users = [f"access point {point.name}" for point in scene.points if key.name in point.keys]
        users += [f"secret {name}" for name, needed in scene.secrets.items() if needed == key.name]
        if users:
            verb = "needs" if len(users) == 1 else "need"
            yield _hit(key, "enabled", f"the key is disabled, and {' and '.join(users)} {verb} it")


def _number(values: Values, name: str) -> int:
    value = values[name]
    return int(value) if isinstance(value, int | float) else 0


def _hit(key: DesiredKey, field: str, message: str, inner: str = "") -> Hit:
    return Hit(("keys", key.name, field, *([inner] if inner else [])), message, key.name)
