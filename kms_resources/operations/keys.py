"""Keys: made once, finished whenever, found again after any crash, and deleted only with leave.

The cloud gives no token that would make CreateKey repeatable. So the marker travels inside CreateKey, `create` looks
for it before it makes anything, and after an unclear answer it looks again until the cloud's read lag is surely over.
From the moment a key exists no failure is raised any more: the key is returned as incomplete, and the next update
finishes it. A raised error at that point would make the engine forget the key.
"""

from __future__ import annotations

from dataclasses import dataclass

from kms_resources.crypto.seal import Seal
from kms_resources.errors import (
    CloudError,
    CredentialsError,
    InputError,
    NotFoundError,
    UnclearError,
    UnsafeError,
    WrongStateError,
)
from kms_resources.model import NO_MARKER, ActualKey, DesiredKey, KeyId, KeyState, Marker
from kms_resources.operations.material import import_material, read_material
from kms_resources.operations.site import Site
from kms_resources.operations.steps import take_step
from kms_resources.plan import Step, plan_update, refuse_deletion, refuse_foreign

ROUNDS = 4
"""Looks at a key until it must be as declared: a cancelled deletion needs two, the clouds' read lag perhaps more."""
ATTEMPTS_TO_CREATE = 3
FIRST_PAUSE = 0.5


@dataclass(frozen=True)
class Outcome:
    """A key after our work on it."""

    key: ActualKey
    problem: str = ""
    """Why the key is not yet as declared; empty when it is."""
    notes: tuple[str, ...] = ()
    """What a person should know although it went well."""
    seal: Seal | None = None
    """Recognises the material that was imported, now or before."""


def create(site: Site, desired: DesiredKey) -> Outcome:
    """Make the key, or take over the one that carries its marker or was named by `adopt`.

    Raises `UnsafeError` for two keys with one marker, a foreign marker or a key that differs in a fixed setting, and
    `CloudError` while surely no key was made.
    """
    found = _one(desired, site.sweep.marked(desired.marker))
    if desired.material:
        read_material(desired, None)  # refuses before a key is made that could never be finished
    if desired.adopt:
        return _adopt(site, desired, desired.adopt, found)
    notes: tuple[str, ...] = ()
    if found:
        notes = (_found_note(desired, found),)
        key_id = found.id
        plan_update(desired, found)  # refuses before anything is touched
    else:
        key_id = _make(site, desired)
    site.keep(key_id)
    return _finish(site, desired, key_id, notes=notes)


def update(
    site: Site, desired: DesiredKey, key_id: KeyId, former: Marker = NO_MARKER, seal: Seal | None = None
) -> Outcome:
    """Bring an existing key to what is declared. `former` is the marker that the state has for it, `seal` the
    fingerprint of its material."""
    site.keep(key_id)
    key = site.client.describe_key(key_id)
    plan_update(desired, key, former)
    return _finish(site, desired, key_id, former=former, seen=key, seal=seal)


def read(site: Site, desired: DesiredKey, key_id: KeyId, account: str) -> ActualKey | None:
    """The key as it is; None when it is surely gone. Raises `UnsafeError` when that cannot be told."""
    key = site.sweep.keys().get(key_id)
    if key is None:
        # A listing may miss what moves between two of its pages, so only a direct question counts as absence.
        try:
            key = site.client.describe_key(key_id)
        except NotFoundError:
            site.prove_absence(key_id, account, desired.marker, desired.where)
            return None
    refuse_foreign(desired, key)
    return key


def delete(site: Site, desired: DesiredKey, key_id: KeyId, account: str) -> str:
    """Schedule the deletion, if the last applied stack and the key itself allow it; returns a note for people.

    `desired` is the key as last applied. Raises `UnsafeError` when nothing may be deleted.
    """
    refuse_deletion(desired, None)
    if site.is_kept(key_id):
        return f"{desired.where}: key {key_id} is in use by this very run, so its deletion is left out"
    try:
        key = site.client.describe_key(key_id)
    except NotFoundError:
        site.prove_absence(key_id, account, desired.marker, desired.where)
        return f"{desired.where}: key {key_id} was gone already"
    if key.pending_deletion:
        return f"{desired.where}: key {key_id} will be destroyed on {key.pending_deletion}, as already scheduled"
    refuse_deletion(desired, key)
    try:
        site.client.schedule_deletion(key_id, desired.deletion.window_days)
    except WrongStateError:
        # A repetition after a lost answer finds the deletion scheduled already; any other reason counts.
        if not site.client.describe_key(key_id).pending_deletion:
            raise
    key = site.client.describe_key(key_id)
    site.sweep.put(key)
    return (
        f"{desired.where}: key {key_id} will be destroyed on {key.pending_deletion or 'the end of its window'}; "
        "until then, declaring it again and `pulumi up` keeps it"
    )


def _adopt(site: Site, desired: DesiredKey, key_id: KeyId, found: ActualKey | None) -> Outcome:
    if found and found.id != key_id:
        raise UnsafeError(
            f"key {key_id} cannot be adopted",
            where=desired.where,
            why=f"key {found.id} already carries the marker {desired.marker}",
            advice="decide which of the two is meant; nothing was touched",
        )
    key = site.client.describe_key(key_id)
    plan_update(desired, key)
    site.keep(key_id)
    return _finish(site, desired, key_id, seen=key)


def _make(site: Site, desired: DesiredKey) -> KeyId:
    for attempt in range(1, ATTEMPTS_TO_CREATE + 1):
        asked = site.sweep.now()
        try:
            return site.client.create_key(desired)
        except UnclearError:
            found = _search(site, desired, asked)
            if found:
                return found.id
            # The lag is over and no key carries the marker: nothing was made, and asking again is not blind.
            if attempt == ATTEMPTS_TO_CREATE:
                raise
    raise AssertionError("unreachable: the loop returns or raises")


def _search(site: Site, desired: DesiredKey, asked: float) -> ActualKey | None:
    """Look for the marker until a key made at `asked` would surely be visible."""
    pause = FIRST_PAUSE
    while True:
        begun = site.sweep.now()
        found = _one(desired, site.sweep.marked(desired.marker, not_before=begun))
        if found or begun - asked > site.read_lag:
            return found
        site.sleep(pause)
        pause = min(pause * 2, site.read_lag / 2)


def _one(desired: DesiredKey, keys: tuple[ActualKey, ...]) -> ActualKey | None:
    if len(keys) > 1:
        raise UnsafeError(
            f"{len(keys)} keys carry the marker {desired.marker}",
            where=desired.where,
            why=" and ".join(key.id for key in keys),
            advice="two pipelines without a common lock? Take the marker off all but one of them by hand; "
            "nothing was touched",
        )
    return keys[0] if keys else None


def _found_note(desired: DesiredKey, found: ActualKey) -> str:
    if found.pending_deletion:
        return (
            f"{desired.where}: key {found.id} was to be destroyed on {found.pending_deletion}; "
            "the stack declares it, so its deletion is cancelled and no new key is made"
        )
    return f"{desired.where}: key {found.id} carries our marker already and is taken over; no new key is made"


def _finish(
    site: Site,
    desired: DesiredKey,
    key_id: KeyId,
    *,
    former: Marker = NO_MARKER,
    seen: ActualKey | None = None,
    notes: tuple[str, ...] = (),
    seal: Seal | None = None,
) -> Outcome:
    """Take the steps that are left. Never raises one of our errors: the key exists."""
    key = seen
    problem = ""
    pause = FIRST_PAUSE
    before: tuple[Step, ...] = ()
    try:
        for _ in range(ROUNDS):
            key = key or _describe_new(site, key_id)
            steps = plan_update(desired, key, former)
            if not steps:
                break
            if steps == before:
                # The cloud shows what was before our writes: give its read lag time before writing again.
                site.sleep(pause)
                pause *= 2
            for step in steps:
                if step is Step.IMPORT_MATERIAL:
                    seal = _import(site, desired, key_id, seal)
                else:
                    take_step(site.client, step, desired, key)
            before, key = steps, None
        else:
            key = site.client.describe_key(key_id)
            left = plan_update(desired, key, former)
            if left:
                problem = f"{desired.where}: still to do: {', '.join(step.value for step in left)}"
    except (CloudError, UnsafeError, InputError, CredentialsError) as error:
        problem = str(error.at(desired.where))
        key = _look(site, key_id) or seen
    if key is None:
        # It exists, and that is all we can say; the next update reads it.
        key = ActualKey(id=key_id, settings=desired.settings, state=KeyState.UNAVAILABLE, marker=desired.marker)
    site.sweep.put(key)
    return Outcome(key, problem, notes, seal)


def _import(site: Site, desired: DesiredKey, key_id: KeyId, seal: Seal | None) -> Seal:
    """Import the material; gives what recognises it from here on."""
    content = read_material(desired, seal)
    try:
        import_material(site, desired, key_id, content)
    except UnclearError:
        # Only now can a fingerprint be taken: once the key is usable, nothing imports the material again.
        key = _look(site, key_id)
        if key is None or key.state is KeyState.PENDING_IMPORT:
            raise
    return seal or Seal.of(content)


def _describe_new(site: Site, key_id: KeyId) -> ActualKey:
    """Read a key that surely exists, although the cloud may not show it yet."""
    waited, pause = 0.0, FIRST_PAUSE
    while True:
        try:
            return site.client.describe_key(key_id)
        except NotFoundError:
            if waited > site.read_lag:
                raise
            site.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, site.read_lag / 2)


def _look(site: Site, key_id: KeyId) -> ActualKey | None:
    try:
        return site.client.describe_key(key_id)
    except CloudError:
        return None
