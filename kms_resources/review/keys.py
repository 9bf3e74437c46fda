"""What else changes about a key, field by field, beside who may use it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kms_resources.model import Deletion, DeletionPolicy
from kms_resources.redact import show
from kms_resources.review.grades import CHANGES
from kms_resources.review.snapshot import StackSide
from kms_resources.review.words import Change
from kms_resources.review.worlds import place
from kms_resources.stack.types import DeclaredKey

OWNER = "owner"
"""The tag that says whom to ask."""
REMOVED = {
    DeletionPolicy.PREVENT: ("prevented", "`up` refuses, because its deletion policy is prevent"),
    DeletionPolicy.SCHEDULE: ("scheduled", "its deletion is scheduled; after {} days everything it encrypted is lost"),
    DeletionPolicy.ABANDON: ("abandoned", "it stays in the cloud as it is, and nobody manages it any more"),
}


def change(id_: str, what: str, before: object = "", after: object = "") -> Change:
    """A change with the grade that its id has."""
    return Change(id_, what, CHANGES[id_], str(before), str(after))


def added(key: DeclaredKey) -> Iterator[Change]:
    """A key that BASE does not have."""
    yield change("key-added", "the key is new")
    if key.adopt:
        yield change("key-adopted", f"it takes over the existing key {key.adopt}", "", key.adopt)


def removed(key: DeclaredKey) -> Iterator[Change]:
    """A key that HEAD does not have. What BASE says about deletion counts."""
    word, text = REMOVED[key.deletion.policy]
    yield change(f"key-removed-{word}", f"the key is removed: {text.format(key.deletion.window_days)}")
    if key.deletion.policy is DeletionPolicy.SCHEDULE and key.settings.deletion_protection:
        yield change("fixed-setting", "deletion protection is still on in BASE, so `up` refuses the removal")


def changed(before: DeclaredKey, after: DeclaredKey) -> Iterator[Change]:
    """Everything that differs between two states of one key."""
    if place(before.target) != place(after.target):
        one, other = " ".join(filter(None, place(before.target))), " ".join(filter(None, place(after.target)))
        what = "a key cannot move: `up` refuses, or makes another key that cannot decrypt what this one encrypted"
        yield change("key-moved", what, one, other)
    if before.adopt != after.adopt:
        what = "another existing key is taken over under this name"
        yield change("adopt-changed", what, before.adopt or "none", after.adopt or "none")
    yield from _fixed(before, after)
    yield from _state(before, after)
    yield from _deletion(before.deletion, after.deletion)
    yield from _material(before, after)
    yield from tags(before.settings.tags, after.settings.tags)


def _fixed(before: DeclaredKey, after: DeclaredKey) -> Iterator[Change]:
    one, other = before.settings, after.settings
    rows = (("spec", one.spec, other.spec), ("usage", one.usage, other.usage), ("origin", one.origin, other.origin))
    protection = (("protection", one.protection, other.protection),) if one.protection and other.protection else ()
    for name, old, new in (*rows, *protection):
        if old != new:
            what = f"{name} is fixed when a key is made: `up` refuses this change"
            yield change("fixed-setting", what, old, new)


def _state(before: DeclaredKey, after: DeclaredKey) -> Iterator[Change]:
    one, other = before.settings, after.settings
    if one.enabled and not other.enabled:
        yield change(
            "key-disabled", "the key is disabled: nobody can use it, and nothing can be decrypted", "yes", "no"
        )
    elif other.enabled and not one.enabled:
        yield change("key-enabled", "the key is enabled: whoever may use it can", "no", "yes")
    if one.rotation_days and not other.rotation_days:
        yield change("rotation-off", "automatic rotation is switched off", rotation(one.rotation_days), "off")
    elif (one.rotation_days or 0) != (other.rotation_days or 0):
        longer = bool(one.rotation_days and other.rotation_days and other.rotation_days > one.rotation_days)
        what = f"the key is rotated {'less' if longer else 'more'} often"
        id_ = "rotation-longer" if longer else "rotation-shorter"
        yield change(id_, what, rotation(one.rotation_days), rotation(other.rotation_days))
    if one.deletion_protection != other.deletion_protection:
        word = "on" if other.deletion_protection else "off"
        yield change(f"protection-{word}", f"deletion protection is switched {word}")


def rotation(days: int | None) -> str:
    """A period for people."""
    return f"every {days} days" if days else "off"


def _deletion(before: Deletion, after: Deletion) -> Iterator[Change]:
    if before.policy is not after.policy:
        id_, what = {
            DeletionPolicy.SCHEDULE: ("deletion-allowed", "from now on the key may be deleted by removing it"),
            DeletionPolicy.ABANDON: ("deletion-abandoned", "from now on removing the key leaves it to nobody"),
            DeletionPolicy.PREVENT: ("deletion-prevented", "from now on the key cannot be deleted by removing it"),
        }[after.policy]
        yield change(id_, what, before.policy, after.policy)
    if before.window_days != after.window_days:
        shorter = after.window_days < before.window_days
        what = f"there is {'less' if shorter else 'more'} time to cancel a deletion"
        id_ = f"window-{'shorter' if shorter else 'longer'}"
        yield change(id_, what, f"{before.window_days} days", f"{after.window_days} days")


def _material(before: DeclaredKey, after: DeclaredKey) -> Iterator[Change]:
    one, other = before.material, after.material
    if one and not other:
        yield change("material-unmanaged", "nobody imports the material again when it is gone")
        return
    if other is None:
        return
    old, new = (one.expires if one else ""), other.expires
    if one and one.source != other.source:
        what = "the material is read from another place; other material than before is refused by the cloud"
        yield change("material-source", what, one.source.kind, other.source.kind)
    if old == new:
        return
    if new and not old:
        yield change("material-expires", "the material gets an end: then nothing can be decrypted", "never", new)
    elif new and new < old:
        yield change("material-earlier", "the material ends earlier: then nothing can be decrypted", old, new)
    else:
        yield change("material-later", "the material ends later", old, new or "never")


def tags(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    """Tags that are gone, and another owner."""
    for name in sorted(before):
        if name not in after:
            id_ = "owner-removed" if name == OWNER else "tag-removed"
            what = "nobody is named as owner any more" if name == OWNER else f"tag {show(name)} is removed"
            yield change(id_, what, before[name], "")
        elif name == OWNER and before[name] != after[name]:
            yield change("owner-changed", "somebody else is named as owner", before[name], after[name])


FIELDS: Mapping[str, str] = {
    "key-disabled": "enabled",
    "key-enabled": "enabled",
    "key-moved": "target",
    "key-adopted": "adopt",
    "adopt-changed": "adopt",
    "deletion-allowed": "deletion",
    "deletion-abandoned": "deletion",
    "deletion-prevented": "deletion",
    "window-shorter": "deletion",
    "window-longer": "deletion",
    "rotation-off": "rotation",
    "rotation-longer": "rotation",
    "rotation-shorter": "rotation",
    "protection-off": "deletion_protection",
    "protection-on": "deletion_protection",
    "material-expires": "material",
    "material-earlier": "material",
    "material-later": "material",
    "material-source": "material",
    "owner-removed": "tags",
    "owner-changed": "tags",
    "tag-removed": "tags",
    "policy-managed": "policy",
}
"""Id of a change of a key → the field in which it stands."""


def position_of(one: Change, key: str, side: StackSide) -> Change:
    """The change with the place of its field in HEAD; a field that is not there has the key's."""
    field = one.what.split(" ", 1)[0] if one.id == "fixed-setting" else FIELDS.get(one.id, "")
    path = ("keys", key, field)
    return replace(one, position=side.at(*path))
