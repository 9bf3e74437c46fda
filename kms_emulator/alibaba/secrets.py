"""Secrets as objects: made, described, listed, changed, deleted and restored, and their policies."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kms_emulator.alibaba.errors import VendorError, invalid, missing
from kms_emulator.alibaba.facts import DAY, DESCRIPTION_LENGTH, FILTER_VALUES, FILTERS, Usage
from kms_emulator.alibaba.key_policies import given_policy
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.model import Instance
from kms_emulator.alibaba.names import moment
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.policy_documents import SECRET_SID, check_name, told, usual
from kms_emulator.alibaba.secret_model import (
    Secret,
    SecretType,
    find_secret,
    live_secret,
    save,
    secrets_of,
)  # fmt: skip
from kms_emulator.alibaba.secret_rotation import first_value, given_interval
from kms_emulator.alibaba.secret_values import given_value, given_version, promoted, with_version
from kms_emulator.alibaba.tagging import creation_tags

NAME_LENGTH = 192  # [S1]
EXTENDED_LENGTH = 1024  # [S1]
WINDOW_DAYS, USUAL_WINDOW = (7, 30), 30  # [S7][S11]
GENERATED = "$Auto"
_NAME = re.compile(r"[A-Za-z0-9_/+=.@-]+")
_RESERVED = "acs/"
_FILTERS = ("SecretName", "Description", "TagKey", "TagValue", "DKMSInstanceId", "SecretType", "Creator")


def create_secret(operation: Operation) -> Payload:
    """CreateSecret."""
    parameters = operation.parameters
    kind = SecretType(parameters.choice("SecretType", tuple(SecretType), SecretType.GENERIC))
    name = _name(operation, kind)
    identifier = given_version(operation)
    value, data_type = given_value(operation)
    extended = _extended(operation, kind)
    managed = kind is not SecretType.GENERIC
    if managed and data_type != "text":
        raise invalid("SecretDataType", "the value of this type of secret is text")
    # For the type Generic the vendor does not look at it.
    interval = given_interval(operation, bool(parameters.flag("EnableAutomaticRotation"))) if managed else None
    tags, policy = creation_tags(parameters), given_policy(operation)
    there = secrets_of(operation).get(name)
    if there is not None:
        pending = there["delete_at"] is not None
        raise VendorError("Rejected.ResourceInDeleteWindow" if pending else "Rejected.ResourceExist")
    instance = _instance(operation)
    secret = Secret(
        name, type=kind, description=_description(operation), key=_encryption_key(operation, instance),
        instance=instance, creator=operation.scope.account, created=operation.now, updated=operation.now,
        rotation_interval=interval, next_rotation=None if interval is None else operation.now + interval,
        extended=extended, policy=policy, tags=tags,
    )  # fmt: skip
    value = first_value(operation, secret, value)
    secret = promoted(with_version(operation, secret, identifier, value, data_type), identifier)
    save(operation, secret)
    return {
        "Arn": operation.arn(f"secret/{name}"), "SecretName": name, "VersionId": identifier, "SecretType": kind,
        "DKMSInstanceId": instance, **({"ExtendedConfig": extended} if managed else {}), **secret.rotation(),
    }  # fmt: skip


def describe_secret(operation: Operation) -> Payload:
    """DescribeSecret, which also answers while the secret waits for its deletion."""
    tags = operation.parameters.flag("FetchTags")
    secret = find_secret(operation, operation.parameters.required("SecretName"))
    return {
        "Arn": operation.arn(f"secret/{secret.id}"), "Description": secret.description,
        "EncryptionKeyId": secret.key, "DKMSInstanceId": secret.instance,
        **_summary(secret, with_tags=bool(tags)),
        **({"ExtendedConfig": secret.extended} if secret.managed else {}), **secret.rotation(),
    }  # fmt: skip


def list_secrets(operation: Operation) -> Payload:
    """ListSecrets, also of those that wait for their deletion."""
    number, size = operation.parameters.page()
    tags = operation.parameters.flag("FetchTags")
    filters = _filters(operation)

    def matches(document: Mapping[str, Any]) -> bool:
        secret = Secret.load(document)
        offered = {
            "SecretName": [secret.id], "Description": [secret.description], "TagKey": list(secret.tags),
            "TagValue": list(secret.tags.values()), "DKMSInstanceId": [secret.instance],
            "SecretType": [secret.type.lower()], "Creator": [secret.creator],
        }  # fmt: skip
        return all(wanted & set(offered[name]) for name, wanted in filters.items())

    page = secrets_of(operation).list(
        match=matches if filters else None, start=(number - 1) * size, limit=size
    )  # fmt: skip
    return {
        "SecretList": {
            "Secret": [_summary(Secret.load(document), with_tags=bool(tags)) for document in page.items]
        },
        "PageNumber": number, "PageSize": size, "TotalCount": page.total,
    }  # fmt: skip


def update_secret(operation: Operation) -> Payload:
    """UpdateSecret: the description, and for managed secrets the custom data."""
    custom = operation.parameters.nested("ExtendedConfig.CustomData")
    secret = live_secret(operation)
    if operation.parameters.present("Description"):
        secret = replace(secret, description=_description(operation))
    if custom and secret.managed:
        config = json.loads(secret.extended)
        config["CustomData"] = custom
        secret = replace(secret, extended=json.dumps(config))
        if len(secret.extended) > EXTENDED_LENGTH:
            raise invalid("ExtendedConfig.CustomData", f"at most {EXTENDED_LENGTH} characters are allowed")
    save(operation, replace(secret, updated=operation.now))
    return {"SecretName": secret.id}


def delete_secret(operation: Operation) -> Payload:
    """DeleteSecret, at once or after a window; a secret that waits can still be deleted at once [I?]."""
    parameters = operation.parameters
    force = parameters.flag("ForceDeleteWithoutRecovery")
    if force and parameters.text("RecoveryWindowInDays"):
        raise invalid("RecoveryWindowInDays", "it does not go together with ForceDeleteWithoutRecovery")
    days = parameters.integer("RecoveryWindowInDays", USUAL_WINDOW, *WINDOW_DAYS)
    secret = find_secret(operation, parameters.required("SecretName"))
    if force:
        secrets_of(operation).delete(secret.id)
        return {"SecretName": secret.id, "PlannedDeleteTime": moment(operation.now)}
    secret = replace(live_secret(operation), delete_at=operation.now + days * DAY)
    save(operation, secret)
    return {"SecretName": secret.id, "PlannedDeleteTime": moment(secret.delete_at)}


def restore_secret(operation: Operation) -> Payload:
    """RestoreSecret."""
    secret = find_secret(operation, operation.parameters.required("SecretName"))
    if secret.delete_at is None:
        raise VendorError("Rejected.ResourceInUse")
    save(operation, replace(secret, delete_at=None))
    return {"SecretName": secret.id}


def set_secret_policy(operation: Operation) -> Payload:
    """SetSecretPolicy: replaces the whole document."""
    operation.parameters.required("Policy")
    policy = given_policy(operation)
    secret = live_secret(operation)
    check_name(operation.parameters.text("PolicyName", "default"))
    save(operation, replace(secret, policy=policy))
    return {}


def get_secret_policy(operation: Operation) -> Payload:
    """GetSecretPolicy; until one is set it is the usual one."""
    secret = live_secret(operation)
    check_name(operation.parameters.text("PolicyName", "default"))
    return {"Policy": secret.policy or told(usual(operation.scope.account, SECRET_SID))}


def _name(operation: Operation, kind: SecretType) -> str:
    name = operation.parameters.required("SecretName")
    if kind is SecretType.RAM:
        if name != GENERATED:
            raise invalid("SecretName", f"secrets of the type {kind} are given {GENERATED}")
        return f"acs/ram/user/{operation.context.random.getrandbits(40):010x}"
    if len(name) > NAME_LENGTH or not _NAME.fullmatch(name):
        raise invalid("SecretName", f"at most {NAME_LENGTH} letters, digits and the characters _/+=.@- are allowed")
    if kind is SecretType.ECS:
        if not name.startswith("acs/ecs/"):
            raise invalid("SecretName", "the names of ECS secrets begin with acs/ecs/")
    elif name.startswith(_RESERVED):
        raise invalid("SecretName", f"names that begin with {_RESERVED} belong to managed secrets")
    return name


def _extended(operation: Operation, kind: SecretType) -> str:
    text = operation.parameters.text("ExtendedConfig")
    if kind is SecretType.GENERIC:
        return ""
    if not text:
        raise missing("ExtendedConfig")
    if len(text) > EXTENDED_LENGTH:
        raise invalid("ExtendedConfig", f"at most {EXTENDED_LENGTH} characters are allowed")
    if not isinstance(operation.parameters.json("ExtendedConfig", text), dict):
        raise invalid("ExtendedConfig", "it is not a JSON object")
    return text


def _description(operation: Operation) -> str:
    text = operation.parameters.text("Description")
    if len(text) > DESCRIPTION_LENGTH:
        raise invalid("Description", f"at most {DESCRIPTION_LENGTH} characters are allowed")
    return text


def _instance(operation: Operation) -> str:
    wanted = operation.parameters.text("DKMSInstanceId")
    document = operation.instances.get(wanted) if wanted else operation.instances.find("default", "yes")
    if document is None:
        if wanted:
            raise VendorError("Forbidden.DKMSInstanceNotFound")
        return ""
    instance = Instance.load(document)
    if instance.status != "Connected":
        raise VendorError("Forbidden.DKMSInstanceStateInvalid")
    used = secrets_of(operation).count(where=("instance", instance.id))
    if operation.context.quotas and used >= instance.secret_quota:
        raise VendorError("Rejected.LimitExceeded")
    return instance.id


def _encryption_key(operation: Operation, instance: str) -> str:
    if not operation.parameters.text("EncryptionKeyId"):
        return ""
    key = operation.key_or_alias("EncryptionKeyId")
    if not key.symmetric or key.usage != Usage.ENCRYPT or key.instance != instance:
        raise VendorError("Rejected.InvalidRequest", "The encryption key is a symmetric key of the same instance.")
    return key.id


def _summary(secret: Secret, *, with_tags: bool) -> Payload:
    tags = [{"TagKey": name, "TagValue": value} for name, value in secret.tags.items()]
    return {
        "SecretName": secret.id, "SecretType": secret.type, "CreateTime": moment(secret.created),
        "UpdateTime": moment(secret.updated), "PlannedDeleteTime": moment(secret.delete_at),
        **({"Tags": {"Tag": tags}} if with_tags else {}),
    }  # fmt: skip


def _filters(operation: Operation) -> dict[str, set[str]]:
    entries = operation.parameters.json_list("Filters")
    if len(entries) > FILTERS:
        raise invalid("Filters", f"at most {FILTERS} are allowed")
    filters: dict[str, set[str]] = {}
    for entry in entries:
        name, values = (entry.get("Key"), entry.get("Values", [])) if isinstance(entry, dict) else (None, [])
        if name not in _FILTERS:
            raise invalid("Filters", f"Key is one of {', '.join(_FILTERS)}")
        values = [values] if isinstance(values, str) else values
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise invalid("Filters", "Values is a list of texts")
        if len(values) > FILTER_VALUES:
            raise invalid("Filters", f"at most {FILTER_VALUES} Values are allowed")
        if values:
            # The pages write the type RDS in one place and Rds in another.
            wanted = {value.lower() for value in values} if name == "SecretType" else set(values)
            filters.setdefault(name, set()).update(wanted)
    return filters
