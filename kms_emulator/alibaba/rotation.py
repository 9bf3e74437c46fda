"""Automatic rotation, and the versions of keys."""

from __future__ import annotations

from dataclasses import replace

from kms_emulator.alibaba.errors import VERSION_TOO_SOON, VendorError, invalid
from kms_emulator.alibaba.facts import (
    DAY,
    DEFAULT_KEY_ROTATION_DAYS,
    HMAC,
    ROTATION_DAYS,
    ROTATION_DAYS_BEFORE,
    VERSION_AGE_DAYS,
    VERSIONS_PER_KEY,
    Place,
    State,
)  # fmt: skip
from kms_emulator.alibaba.lifecycle import Payload, has_room_for_version, require, rotated
from kms_emulator.alibaba.model import SERVICE, Instance, Key, Version
from kms_emulator.alibaba.names import moment
from kms_emulator.alibaba.operation import Operation

HSM_DATABASE = "HsmEncryptedDatabase"


def place_of(operation: Operation, key: Key) -> Place:
    """Where a key lives. A key of an instance that the seed no longer has counts as a software key."""
    if not key.instance:
        return Place.DEFAULT
    document = operation.instances.get(key.instance)
    return Place(Instance.load(document).type) if document else Place.SOFTWARE


def with_rotation(operation: Operation, key: Key, interval: int | None) -> Key:
    """The key with its rotation switched on with this interval, or off with ``None``; or a refusal."""
    place = place_of(operation, key)
    if (
        not key.symmetric
        or key.spec == HMAC
        or key.creator_type == SERVICE
        or key.origin == "EXTERNAL"
        or place is Place.EXTERNAL
        or (place is Place.HARDWARE and key.storage_mechanism != HSM_DATABASE)
    ):
        raise VendorError("Rejected.UnsupportedOperation")
    if interval is None:
        return replace(key, rotation_interval=None, next_rotation=None)
    low, high = _range(operation, place)
    if not low * DAY <= interval <= high * DAY:
        raise invalid("RotationInterval", f"for this key {low} to {high} days are allowed")
    # A date that is already past means: at once.
    return replace(key, rotation_interval=interval, next_rotation=max(key.last_rotation + interval, operation.now))


def _range(operation: Operation, place: Place) -> tuple[int, int]:
    if place is not Place.DEFAULT:
        return ROTATION_DAYS
    if operation.context.switch("many_default_keys"):
        return ROTATION_DAYS_BEFORE
    if operation.context.switch("default_key_rotation"):
        return DEFAULT_KEY_ROTATION_DAYS
    raise VendorError("Rejected.UnsupportedOperation", "The service for rotating default keys has not been bought.")


def requested_interval(operation: Operation, on: bool | None) -> int | None:
    """``RotationInterval`` in seconds when rotation is switched on; it is not looked at otherwise."""
    return operation.parameters.interval("RotationInterval") if on else None


def update_rotation_policy(operation: Operation) -> Payload:
    """UpdateRotationPolicy."""
    on = operation.parameters.required_flag("EnableAutomaticRotation")
    interval = requested_interval(operation, on)
    key = operation.key()
    require(key, State.ENABLED)
    operation.save(with_rotation(operation, key, interval))
    return {}


def check_version_quota(operation: Operation, instance: str) -> None:
    """Refuse a further version when the region or the instance has no room for it."""
    if not has_room_for_version(operation, instance):
        raise VendorError("Rejected.LimitExceeded")


def create_key_version(operation: Operation) -> Payload:
    """CreateKeyVersion: asymmetric keys outside of instances, and symmetric keys of software instances."""
    key = operation.key_or_alias()
    require(key, State.ENABLED)
    expected = Place.SOFTWARE if key.symmetric else Place.DEFAULT
    fixed = key.creator_type == SERVICE or key.origin == "EXTERNAL" or key.spec == HMAC
    if fixed or place_of(operation, key) is not expected:
        raise VendorError("Rejected.UnsupportedOperation")
    if operation.now < key.last_rotation + VERSION_AGE_DAYS * DAY:
        raise VendorError(VERSION_TOO_SOON, f"The newest version is less than {VERSION_AGE_DAYS} days old.")
    if operation.versions.count(where=("key", key.id)) >= VERSIONS_PER_KEY:
        raise VendorError("Rejected.LimitExceeded")
    check_version_quota(operation, key.instance)
    key = rotated(operation, key, operation.now)
    operation.save(key)
    newest = operation.versions.list(where=("key", key.id), newest_first=True, limit=1, lagged=False).items[0]
    return {"KeyVersion": _described(Version.load(newest))}


def describe_key_version(operation: Operation) -> Payload:
    """DescribeKeyVersion."""
    wanted = operation.parameters.required("KeyVersionId")
    key = operation.key_or_alias()
    document = operation.versions.get(wanted)
    if document is None or document["key"] != key.id:
        raise VendorError("Forbidden.KeyVersionNotFound")
    return {"KeyVersion": _described(Version.load(document))}


def list_key_versions(operation: Operation) -> Payload:
    """ListKeyVersions."""
    number, size = operation.parameters.page()
    key = operation.key_or_alias()
    page = operation.versions.list(where=("key", key.id), start=(number - 1) * size, limit=size)
    return {
        "KeyVersions": {"KeyVersion": [_described(Version.load(entry)) for entry in page.items]},
        "PageNumber": number, "PageSize": size, "TotalCount": page.total,
    }  # fmt: skip


def _described(version: Version) -> Payload:
    return {"KeyId": version.key, "KeyVersionId": version.id, "CreationDate": moment(version.created)}
