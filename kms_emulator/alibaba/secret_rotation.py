"""Rotation of managed secrets, and what their values look like. Accounts behind them do not exist here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kms_emulator.alibaba.errors import GENERIC_ROTATION, VendorError, invalid
from kms_emulator.alibaba.facts import DAY
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.names import moment
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.passwords import random_text
from kms_emulator.alibaba.secret_model import CURRENT, Secret, SecretType, live_secret, save, secrets_of
from kms_emulator.alibaba.secret_values import given_version, promoted, read_value, trimmed, with_version

INTERVAL = (6 * 3600, 365 * DAY)  # [S1]
GENERATED = "$Auto"
_ACCOUNTS = {SecretType.RDS: "Accounts", SecretType.RAM: "AccessKeys"}
_RENEWED = ("AccountPassword", "AccessKeyId", "AccessKeySecret", "Password")


def given_interval(operation: Operation, on: bool) -> int | None:
    """``RotationInterval`` in seconds when rotation is switched on; it is not looked at otherwise."""
    if not on:
        return None
    interval = operation.parameters.interval("RotationInterval")
    if not INTERVAL[0] <= interval <= INTERVAL[1]:
        raise invalid("RotationInterval", "6 hours to 365 days are allowed")
    return interval


def first_value(operation: Operation, secret: Secret, given: str) -> str:
    """The first value as it is read later: of several accounts the first one, of a generated one a new password."""
    kind = SecretType(secret.type)
    if kind is SecretType.GENERIC:
        return given
    if kind in (SecretType.REDIS, SecretType.POLAR_DB):
        if given != GENERATED:
            raise invalid("SecretData", f"for this type of secret {GENERATED} is expected")
        name = json.loads(secret.extended).get("AccountName", "kms-account")
        return json.dumps({"AccountName": name, "AccountPassword": random_text(operation.context.random)})
    content = operation.parameters.json("SecretData", given)
    accounts = content.get(_ACCOUNTS[kind]) if kind in _ACCOUNTS and isinstance(content, dict) else [content]
    if not isinstance(accounts, list) or not accounts or not isinstance(accounts[0], dict):
        raise invalid("SecretData", f"it does not have the form of a secret of the type {kind}")
    return json.dumps(_stamped(kind, accounts[0], operation.now))


def update_secret_rotation_policy(operation: Operation) -> Payload:
    """UpdateSecretRotationPolicy, for managed secrets."""
    on = operation.parameters.required_flag("EnableAutomaticRotation")
    interval = given_interval(operation, on)
    secret = _managed(operation)
    last = secret.created if secret.last_rotation is None else secret.last_rotation
    following = None if interval is None else max(last + interval, operation.now)
    save(operation, replace(secret, rotation_interval=interval, next_rotation=following))
    return {"SecretName": secret.id}


def rotate_secret(operation: Operation) -> Payload:
    """RotateSecret, for managed secrets: at once, whatever the plan."""
    identifier = given_version(operation)
    secret = _managed(operation)
    if secret.version(identifier) is not None:
        raise VendorError("Rejected.ResourceExist")
    save(operation, _rotated(operation, secret, identifier, operation.now))
    return {"Arn": operation.arn(f"secret/{secret.id}"), "SecretName": secret.id, "VersionId": identifier}


def settle_secrets(operation: Operation) -> None:
    """Do what time has done to secrets: windows that ended, rotations that fell due."""
    secrets = secrets_of(operation)
    for name in secrets.due(operation.context.now):
        document = secrets.get(name)
        if document is None:
            continue
        secret = Secret.load(document)
        if secret.delete_at is not None:
            secrets.delete(name)
            continue
        while secret.next_rotation is not None and secret.next_rotation <= operation.context.now:
            try:
                secret = _rotated(operation, secret, operation.context.uuid(), secret.next_rotation)
            except VendorError:  # its encryption key is disabled or gone
                secret = _skipped(secret)
        save(operation, secret)


def _managed(operation: Operation) -> Secret:
    secret = live_secret(operation)
    if not secret.managed:
        raise VendorError(GENERIC_ROTATION, "Secrets of the type Generic do not rotate.")
    return secret


def _rotated(operation: Operation, secret: Secret, identifier: str, when: float) -> Secret:
    current = secret.staged(CURRENT)
    if current is None:
        raise VendorError("Forbidden.ResourceNotFound", "The secret has no current version.")
    value = json.loads(read_value(operation, secret, current))
    renewed = {
        name: random_text(operation.context.random) if name in _RENEWED else text for name, text in value.items()
    }
    text = json.dumps(_stamped(SecretType(secret.type), renewed, when))
    secret = promoted(with_version(operation, secret, identifier, text), identifier)
    following = None if secret.rotation_interval is None else when + secret.rotation_interval
    return replace(trimmed(secret), last_rotation=when, next_rotation=following, rotation_failed=False)


def _skipped(secret: Secret) -> Secret:
    """The turn is lost, and the state of the rotation tells so until one succeeds [I?]."""
    if secret.next_rotation is None or secret.rotation_interval is None:
        return replace(secret, next_rotation=None)
    return replace(secret, next_rotation=secret.next_rotation + secret.rotation_interval, rotation_failed=True)


def _stamped(kind: SecretType, value: Mapping[str, Any], when: float) -> dict[str, Any]:
    return {**value, "GenerateTimestamp": moment(when)} if kind is SecretType.RAM else dict(value)
