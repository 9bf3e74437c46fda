"""How a desired and an actual key differ: the one comparison that preview, drift and update share.

*Desired* is what a stack declares; *actual* is what the cloud showed, now or, in a plain preview, at the last run.
A setting that the cloud decides for lack of a wish (`protection` left out) is never compared, and neither is whether
a key is enabled while it waits for its material or for its deletion: the question has no answer then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from kms_resources.model import ActualKey, DesiredKey, KeyState

UNSETTLED = frozenset({KeyState.PENDING_IMPORT, KeyState.PENDING_DELETION})
"""States in which a key is neither enabled nor disabled."""


class Field(Enum):
    """What can differ; the value is the word in stacks, plans and state."""

    SPEC = "spec"
    USAGE = "usage"
    ORIGIN = "origin"
    PROTECTION = "protection"
    PENDING_DELETION = "pending_deletion"
    MATERIAL = "material"
    MARKER = "marker"
    DESCRIPTION = "description"
    TAGS = "tags"
    ROTATION = "rotation"
    DELETION_PROTECTION = "deletion_protection"
    ENABLED = "enabled"


FIXED = frozenset({Field.SPEC, Field.USAGE, Field.ORIGIN, Field.PROTECTION})
"""Fixed when a key is made: no cloud can change them, and replacing the key would lose what it protects."""


@dataclass(frozen=True)
class Change:
    """One difference, in words."""

    field: Field
    actual: str
    desired: str

    @property
    def possible(self) -> bool:
        """Whether the key can be brought to the desired value."""
        return self.field not in FIXED

    def __str__(self) -> str:
        return f"{self.field.value}: {self.actual} → {self.desired}"


def compare(desired: DesiredKey, actual: ActualKey) -> tuple[Change, ...]:
    """Every difference, in the order of `Field`; empty when the key is as declared."""
    return tuple(_differences(desired, actual))


def _differences(desired: DesiredKey, actual: ActualKey) -> Iterator[Change]:
    wish, fact = desired.settings, actual.settings
    protection = wish.protection or fact.protection
    enabled = fact.enabled if actual.state in UNSETTLED else wish.enabled
    rows: tuple[tuple[Field, str, str], ...] = (
        (Field.SPEC, fact.spec, wish.spec),
        (Field.USAGE, fact.usage, wish.usage),
        (Field.ORIGIN, fact.origin, wish.origin),
        (Field.PROTECTION, str(fact.protection), str(protection)),
        (Field.PENDING_DELETION, actual.pending_deletion, ""),
        (Field.MATERIAL, *_materials(desired, actual)),
        (Field.MARKER, actual.marker or "none", desired.marker),
        (Field.DESCRIPTION, repr(fact.description), repr(wish.description)),
        (Field.TAGS, _tags(fact.tags), _tags(wish.tags)),
        (Field.ROTATION, _rotation(fact.rotation_days), _rotation(wish.rotation_days)),
        (Field.DELETION_PROTECTION, _switch(fact.deletion_protection), _switch(wish.deletion_protection)),
        (Field.ENABLED, _switch(fact.enabled), _switch(enabled)),
    )
    for field, before, after in rows:
        if before != after:
            yield Change(field, before, after)


def _materials(desired: DesiredKey, actual: ActualKey) -> tuple[str, str]:
    if desired.material is None or actual.pending_deletion:
        return "", ""
    fact = "gone" if actual.state is KeyState.PENDING_IMPORT else f"until {actual.material_expires[:10] or 'deleted'}"
    return fact, f"until {desired.material.expires or 'deleted'}"


def _tags(tags: Mapping[str, str]) -> str:
    return ", ".join(f"{key!r}={value!r}" for key, value in sorted(tags.items())) or "none"


def _rotation(days: int | None) -> str:
    return f"every {days} days" if days else "off"


def _switch(on: bool) -> str:
    return "yes" if on else "no"
