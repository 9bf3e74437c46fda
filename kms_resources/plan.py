"""Changes plus safety rules: what will be done, in which order, or why nothing may be done.

A plan is data, so that it can be shown, tested and refused before anything happens. The rules here are the first law
in code: a fixed setting is never reached by replacing the key, a key of somebody else is never touched, and a
deletion is only ever scheduled, where the last applied stack says so for this very key.
"""

from __future__ import annotations

from enum import Enum

from kms_resources.changes import FIXED, Change, Field, compare
from kms_resources.errors import UnsafeError
from kms_resources.model import NO_MARKER, ActualKey, DeletionPolicy, DesiredKey, KeyState, Marker


class Step(Enum):
    """One call, or a few that belong together."""

    CANCEL_DELETION = "cancel the deletion"
    WRITE_MARKER = "write the marker"
    IMPORT_MATERIAL = "import the key material"
    ENABLE = "enable"
    SET_DESCRIPTION = "set the description"
    CHANGE_TAGS = "change the tags"
    SET_ROTATION = "set the rotation"
    SET_PROTECTION = "set the deletion protection"
    DISABLE = "disable"


_STEPS = {
    Field.MATERIAL: Step.IMPORT_MATERIAL,
    Field.MARKER: Step.WRITE_MARKER,
    Field.DESCRIPTION: Step.SET_DESCRIPTION,
    Field.TAGS: Step.CHANGE_TAGS,
    Field.ROTATION: Step.SET_ROTATION,
    Field.DELETION_PROTECTION: Step.SET_PROTECTION,
}


def plan_update(desired: DesiredKey, actual: ActualKey, former: Marker = NO_MARKER) -> tuple[Step, ...]:
    """The steps from actual to desired; empty when there is nothing to do.

    `former` is the marker under which our own state knows the key, for stacks that were renamed.
    A key that waits for its deletion is first taken out of it and then looked at again, because the clouds differ in
    what it is afterwards. Enabling comes early and disabling last: some settings can only change on an enabled key.
    Raises `UnsafeError` when a fixed setting differs or when the key is not ours.
    """
    refuse_foreign(desired, actual, former)
    changes = compare(desired, actual)
    refuse_fixed(desired, actual, changes)
    if actual.pending_deletion or actual.state is KeyState.PENDING_DELETION:
        return (Step.CANCEL_DELETION,)
    steps = {_STEPS[change.field] for change in changes if change.field in _STEPS}
    if any(change.field is Field.ENABLED for change in changes):
        steps.add(Step.ENABLE if desired.settings.enabled else Step.DISABLE)
    return tuple(step for step in Step if step in steps)


def refuse_foreign(desired: DesiredKey, actual: ActualKey, former: Marker = NO_MARKER) -> None:
    """Raise `UnsafeError` when the key carries somebody else's marker."""
    if actual.marker not in {NO_MARKER, desired.marker, former}:
        raise UnsafeError(
            f"key {actual.id} is not ours",
            where=desired.where,
            why=f"it carries the marker {actual.marker}, this stack would write {desired.marker}",
            advice="let that stack give it up first (deletion: {policy: abandon}, then remove its marker by hand)",
        )


def refuse_fixed(desired: DesiredKey, actual: ActualKey, changes: tuple[Change, ...]) -> None:
    """Raise `UnsafeError` when the key would have to be replaced."""
    fixed = [change for change in changes if change.field in FIXED]
    if fixed:
        raise UnsafeError(
            f"key {actual.id} cannot become what the stack declares",
            where=desired.where,
            why="; ".join(map(str, fixed)) + ", fixed when a key is made",
            advice=fixed_advice(desired.name),
        )


def fixed_advice(name: str) -> str:
    """What to do instead of changing a fixed setting."""
    return f"declare a second key under a new name, move users and data there, and only then remove {name}"


def refuse_deletion(desired: DesiredKey, actual: ActualKey | None) -> None:
    """Raise `UnsafeError` unless the last applied stack allows this key's deletion and nothing protects it.

    `desired` is the key as last applied; `actual` the key as it is now, None before it was read.
    """
    if desired.deletion.policy is not DeletionPolicy.SCHEDULE:
        raise UnsafeError(
            "the deletion is refused",
            where=desired.where,
            why=f"the last applied stack says deletion policy {desired.deletion.policy} for it",
            advice=f"write deletion: {{policy: schedule}} at {desired.name}, apply that, and only then remove the key",
        )
    if desired.settings.deletion_protection or (actual and actual.settings.deletion_protection):
        raise UnsafeError(
            "the deletion is refused",
            where=desired.where,
            why="deletion protection is on",
            advice=f"write deletion_protection: false at {desired.name}, apply that, and only then remove the key",
        )
    if actual and actual.marker != desired.marker:
        raise UnsafeError(
            f"the deletion of key {actual.id} is refused",
            where=desired.where,
            why=f"it carries the marker {actual.marker or 'of nobody'}, not {desired.marker}",
            advice="look at who uses the key; to let go of it without touching it: pulumi state delete",
        )
