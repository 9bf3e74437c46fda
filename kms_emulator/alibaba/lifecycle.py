"""The state machine of keys: what each state allows, and what happens to keys as time goes by."""

from __future__ import annotations

from dataclasses import replace

from kms_emulator.alibaba.ciphertexts import expect_material
from kms_emulator.alibaba.errors import PROTECT_PENDING_KEY, SCHEDULE_PROTECTED_KEY, VendorError, invalid, missing
from kms_emulator.alibaba.facts import DAY, DESCRIPTION_LENGTH, QUOTA_VERSIONS, WINDOW_DAYS, State
from kms_emulator.alibaba.model import Instance, Key, Version
from kms_emulator.alibaba.names import new_version_id
from kms_emulator.alibaba.operation import Operation

Payload = dict[str, object]

_REFUSALS = {
    State.DISABLED: "Rejected.Disabled",
    State.PENDING_DELETION: "Rejected.PendingDeletion",
    State.PENDING_IMPORT: "Rejected.PendingImport",
}


def require(key: Key, *allowed: State) -> None:
    """Refuse with the code of the key's state unless the state is allowed."""
    if key.state not in allowed:
        raise VendorError(_REFUSALS[State(key.state)])


def require_not_pending_deletion(key: Key) -> None:
    """Refuse a key that waits for deletion."""
    require(key, State.ENABLED, State.DISABLED, State.PENDING_IMPORT)


def _move(key: Key, to: State, *sources: State) -> Key:
    if key.state not in sources:
        raise VendorError("Rejected.StateModifiedFailed")
    return replace(key, state=to)


def _resumed(key: Key, now: float) -> Key:
    """A rotation that fell due while the key could not rotate happens at once, and only once."""
    if key.next_rotation is not None and key.next_rotation < now:
        return replace(key, next_rotation=now)
    return key


def enable_key(operation: Operation) -> Payload:
    """EnableKey."""
    key = _move(operation.own_key(), State.ENABLED, State.ENABLED, State.DISABLED)
    operation.save(_resumed(key, operation.now))
    return {}


def disable_key(operation: Operation) -> Payload:
    """DisableKey."""
    operation.save(_move(operation.own_key(), State.DISABLED, State.ENABLED, State.DISABLED))
    return {}


def schedule_key_deletion(operation: Operation) -> Payload:
    """ScheduleKeyDeletion."""
    days = operation.parameters.integer("PendingWindowInDays", None, *WINDOW_DAYS)
    found = operation.own_key()
    key = _move(found, State.PENDING_DELETION, State.ENABLED, State.DISABLED, State.PENDING_IMPORT)
    if key.protected:
        raise VendorError(SCHEDULE_PROTECTED_KEY, "Deletion protection is enabled for the key.")
    operation.save(replace(key, delete_at=operation.now + days * DAY))
    return {}


def cancel_key_deletion(operation: Operation) -> Payload:
    """CancelKeyDeletion: the key is enabled afterwards, also when it was disabled before."""
    found = operation.own_key()
    key = _move(found, State.ENABLED if found.has_material else State.PENDING_IMPORT, State.PENDING_DELETION)
    operation.save(_resumed(replace(key, delete_at=None), operation.now))
    return {}


def set_deletion_protection(operation: Operation) -> Payload:
    """SetDeletionProtection, on a key or an instance."""
    parameters = operation.parameters
    on = parameters.required_flag("EnableDeletionProtection")
    note = parameters.text("DeletionProtectionDescription") if on else ""
    if len(note) > DESCRIPTION_LENGTH:
        raise invalid("DeletionProtectionDescription", f"at most {DESCRIPTION_LENGTH} characters are allowed")
    named = [name for name in ("ProtectedResourceArn", "KeyId", "KmsInstanceId") if parameters.text(name)]
    if not named:
        raise missing("ProtectedResourceArn")
    if len(named) > 1:
        raise invalid(named[1], f"only one of {' and '.join(named)} can be given")
    given = parameters.text(named[0])
    if named[0] == "KmsInstanceId" or given.startswith(operation.arn("keystore/")):
        instance = operation.instances.get(given.rpartition("/")[2])
        if instance is None:
            raise VendorError("Forbidden.DKMSInstanceNotFound")
        operation.save(replace(Instance.load(instance), protected=on, protection_note=note))
        return {}
    if named[0] == "ProtectedResourceArn" and not given.startswith("acs:kms:"):
        raise invalid("ProtectedResourceArn", "it is not an ARN")
    key = operation.own_key(named[0])
    if key.state == State.PENDING_DELETION:
        raise VendorError(PROTECT_PENDING_KEY)
    operation.save(replace(key, protected=on, protection_note=note))
    return {}


def settle(operation: Operation) -> None:
    """Do what time has done to keys since the last request: window ended, material expired, rotation due."""
    for identifier in operation.keys.due(operation.context.now):
        document = operation.keys.get(identifier)
        if document is None:
            continue
        key = Key.load(document)
        if key.state == State.PENDING_DELETION and key.delete_at is not None and key.delete_at <= operation.context.now:
            _remove(operation, key)
        elif key.material_expires is not None and key.material_expires <= operation.context.now:
            operation.save(without_material(operation, key))
        else:
            _rotate_until_now(operation, key)


def without_material(operation: Operation, key: Key) -> Key:
    """The key after its imported material was removed; the version is saved, the key is not."""
    for document in operation.versions.list(where=("key", key.id), lagged=False).items:
        operation.save(replace(Version.load(document), material=""))
    state = State.PENDING_DELETION if key.state == State.PENDING_DELETION else State.PENDING_IMPORT
    return replace(key, state=state, has_material=False, material_expires=None)


def _remove(operation: Operation, key: Key) -> None:
    for name in operation.aliases.ids(where=("key", key.id)):
        operation.aliases.delete(name)
    for version in operation.versions.ids(where=("key", key.id)):
        operation.versions.delete(version)
    operation.keys.delete(key.id)


def _rotate_until_now(operation: Operation, key: Key) -> None:
    while (due := key.next_rotation) is not None and due <= operation.context.now:
        if has_room_for_version(operation, key.instance):
            key = rotated(operation, key, due)
        else:
            # Nothing tells what the vendor does then: the turn is skipped [I?].
            key = replace(key, next_rotation=_after(key, due))
    operation.save(key)


def _after(key: Key, when: float) -> float | None:
    return None if key.rotation_interval is None else when + key.rotation_interval


def has_room_for_version(operation: Operation, instance: str) -> bool:
    """Whether the region and the instance have room for a further version of a key."""
    if not operation.context.quotas:
        return True
    if len(operation.versions) >= QUOTA_VERSIONS:
        return False
    document = operation.instances.get(instance) if instance else None
    # Every version of a key of an instance uses one unit of the instance's key quota.
    return document is None or (
        operation.versions.count(where=("instance", instance)) < Instance.load(document).key_quota
    )


def rotated(operation: Operation, key: Key, when: float) -> Key:
    """The key with one more version made at that time; the version is saved, the key is not."""
    version = Version(new_version_id(operation.context, key.id), key=key.id, created=when, instance=key.instance)
    expect_material(key, version)
    operation.save(version)
    return replace(
        key, last_rotation=when, primary=version.id if key.symmetric else "", next_rotation=_after(key, when),
    )  # fmt: skip
