"""The values of secrets: how they are kept, read, replaced, and which stage which version has."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import replace

from kms_emulator.alibaba import use
from kms_emulator.alibaba.ciphertexts import Sealed, additional_data, open_sealed, seal
from kms_emulator.alibaba.errors import FAULTS, MANAGED_VALUE, VendorError, invalid, missing
from kms_emulator.alibaba.facts import INSTANCE_PAGE_SIZE, State
from kms_emulator.alibaba.lifecycle import Payload, require
from kms_emulator.alibaba.model import Key
from kms_emulator.alibaba.names import moment
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.secret_model import CURRENT, PREVIOUS, Secret, SecretVersion, live_secret, save

VALUE_BYTES = 30720  # [S1]
VERSION_LENGTH = 64  # [S1]
DATA_TYPES = ("text", "binary")  # [S1]
VERSIONS, STAGES = 10, 8  # [S7][S11]
BATCH = 20  # [S1]
STAGE_LENGTH = 64  # [I?]


def given_version(operation: Operation) -> str:
    """``VersionId`` of a version that is to be made."""
    version = operation.parameters.required("VersionId")
    if len(version) > VERSION_LENGTH:
        raise invalid("VersionId", f"at most {VERSION_LENGTH} characters are allowed")
    return version


def given_value(operation: Operation) -> tuple[str, str]:
    """``SecretData`` and its type."""
    value = operation.parameters.required("SecretData")
    if len(value.encode()) > VALUE_BYTES:
        raise invalid("SecretData", f"at most {VALUE_BYTES} bytes are allowed")
    return value, operation.parameters.choice("SecretDataType", DATA_TYPES, "text")


def with_version(operation: Operation, secret: Secret, identifier: str, value: str, data_type: str = "text") -> Secret:
    """The secret with one more version, without a stage yet."""
    kept = _kept(operation, secret, value)
    version = SecretVersion(identifier, kept, data_type, operation.now)
    return replace(secret, versions=(*secret.versions, version), updated=operation.now)


def promoted(secret: Secret, identifier: str) -> Secret:
    """The secret with this version as the current one; the former current one becomes the previous one."""
    before = secret.staged(CURRENT)
    if before is not None and before.id != identifier:
        secret = moved(secret, PREVIOUS, before.id)
    return moved(secret, CURRENT, identifier)


def moved(secret: Secret, stage: str, target: str | None) -> Secret:
    """The secret with the stage on this version and on no other."""

    def stages(version: SecretVersion) -> tuple[str, ...]:
        others = tuple(name for name in version.stages if name != stage)
        return (*others, stage) if version.id == target else others

    return replace(secret, versions=tuple(replace(version, stages=stages(version)) for version in secret.versions))


def trimmed(secret: Secret) -> Secret:
    """The secret without its oldest versions beyond the limit; one without a stage goes first [I?]."""
    versions = list(secret.versions)
    while len(versions) > VERSIONS:
        loose = [version for version in versions if not {CURRENT, PREVIOUS} & set(version.stages)]
        versions.remove(min(loose, key=lambda version: bool(version.stages)))
    return replace(secret, versions=tuple(versions))


def read_value(operation: Operation, secret: Secret, version: SecretVersion) -> str:
    """The value; with an encryption key this is a decryption with that key, in the state in which it is."""
    if not secret.key:
        return version.value
    sealed = Sealed.parse(base64.b64decode(version.value))
    key = _encryption_key(operation, secret)
    text = open_sealed(operation.context, operation.scope, key, sealed, _bound(secret))
    return base64.b64decode(text).decode()


def _kept(operation: Operation, secret: Secret, value: str) -> str:
    if not secret.key:
        return value
    key = _encryption_key(operation, secret)
    text = base64.b64encode(value.encode())
    return use.encoded(seal(operation.context, operation.scope, key, text, _bound(secret)).blob)


def _bound(secret: Secret) -> bytes:
    """The value of one secret cannot be read as that of another."""
    return additional_data({"SecretName": secret.id})


def _encryption_key(operation: Operation, secret: Secret) -> Key:
    document = operation.keys.get(secret.key)
    if document is None:
        raise VendorError("Forbidden.KeyNotFound")
    key = Key.load(document)
    require(key, State.ENABLED)
    return use.symmetric(key)


def put_secret_value(operation: Operation) -> Payload:
    """PutSecretValue. The same version with the same value again is a success."""
    operation.parameters.required("SecretName")
    identifier = given_version(operation)
    value, data_type = given_value(operation)
    wanted = _stages(operation)
    secret = live_secret(operation)
    if secret.managed:
        raise VendorError(MANAGED_VALUE, f"The value of a secret of the type {secret.type} cannot be set.")
    stages = wanted or [CURRENT]
    there = secret.version(identifier)
    if there is not None:
        if (read_value(operation, secret, there), there.data_type) != (value, data_type):
            raise VendorError("Rejected.ResourceExist")
        return _put_answer(secret, there)
    secret = with_version(operation, secret, identifier, value, data_type)
    for stage in stages:
        secret = promoted(secret, identifier) if stage == CURRENT else moved(secret, stage, identifier)
    _check_stages(secret)
    secret = trimmed(secret)
    save(operation, secret)
    made = secret.version(identifier)
    return _put_answer(secret, made or secret.versions[-1])


def _put_answer(secret: Secret, version: SecretVersion) -> Payload:
    return {
        "SecretName": secret.id, "VersionId": version.id, "VersionStages": {"VersionStage": list(version.stages)},
    }  # fmt: skip


def _stages(operation: Operation) -> list[str]:
    stages = operation.parameters.json_list("VersionStages")
    for stage in stages:
        if not isinstance(stage, str) or not 1 <= len(stage) <= STAGE_LENGTH or stage == PREVIOUS:
            raise invalid("VersionStages", f"a list of {CURRENT} and names of your own is expected")
    return stages


def _check_stages(secret: Secret) -> None:
    if len({stage for version in secret.versions for stage in version.stages}) > STAGES:
        raise VendorError("Rejected.LimitExceeded", f"A secret has at most {STAGES} stages.")


def get_secret_value(operation: Operation) -> Payload:
    """GetSecretValue, of a stage or of a version."""
    parameters = operation.parameters
    extended = bool(parameters.flag("FetchExtendedConfig"))
    name = parameters.required("SecretName")
    return _value(operation, name, parameters.text("VersionStage"), parameters.text("VersionId"), extended)


def _value(operation: Operation, name: str, stage: str, identifier: str, extended: bool) -> Payload:
    secret = live_secret(operation, name)
    if secret.managed:
        identifier = ""
        if stage not in ("", CURRENT, PREVIOUS):
            raise invalid("VersionStage", f"this secret has {CURRENT} and {PREVIOUS}")
    version = secret.version(identifier) if identifier else secret.staged(stage or CURRENT)
    if version is None or (stage and stage not in version.stages):
        raise VendorError("Forbidden.ResourceNotFound", "The specified version of the secret is not found.")
    return {
        "SecretName": secret.id, "SecretType": secret.type, "SecretData": read_value(operation, secret, version),
        "SecretDataType": version.data_type, "VersionId": version.id,
        "VersionStages": {"VersionStage": list(version.stages)}, "CreateTime": moment(version.created),
        **({"ExtendedConfig": secret.extended} if extended and secret.managed else {}), **secret.rotation(),
    }  # fmt: skip


def batch_get_secret_value(operation: Operation) -> Payload:
    """BatchGetSecretValue: what is refused is listed beside what is found."""
    entries = operation.parameters.json_list("SecretsList")
    if not entries:
        raise missing("SecretsList")
    if len(entries) > BATCH:
        raise invalid("SecretsList", f"at most {BATCH} are allowed")
    found: list[Payload] = []
    errors: list[Payload] = []
    for name, stage, identifier, extended in _asked(entries):
        try:
            found.append(_value(operation, name, stage, identifier, extended))
        except VendorError as refusal:
            errors.append({
                "SecretName": name, "Code": refusal.code, "Message": refusal.message,
                "HttpStatus": str(FAULTS[refusal.code].status),
            })  # fmt: skip
    return {"SecretValues": found, "Errors": errors}


def _asked(entries: list[object]) -> Iterable[tuple[str, str, str, bool]]:
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("SecretName"), str) or not entry["SecretName"]:
            raise invalid("SecretsList", "every entry is an object with the text SecretName")
        stage, identifier = entry.get("VersionStage") or "", entry.get("VersionId") or ""
        if not isinstance(stage, str) or not isinstance(identifier, str):
            raise invalid("SecretsList", "VersionStage and VersionId are texts")
        yield entry["SecretName"], stage, identifier, str(entry.get("FetchExtendedConfig", "")).lower() == "true"


def list_secret_version_ids(operation: Operation) -> Payload:
    """ListSecretVersionIds: without a stage a version is deprecated."""
    number, size = operation.parameters.page(INSTANCE_PAGE_SIZE)
    everything = operation.parameters.flag("IncludeDeprecated")
    secret = live_secret(operation)
    versions = [version for version in secret.versions if version.stages or everything]
    return {
        "SecretName": secret.id,
        "VersionIds": {
            "VersionId": [
                {
                    "VersionId": version.id, "CreateTime": moment(version.created),
                    "VersionStages": {"VersionStage": list(version.stages)},
                }
                for version in versions[(number - 1) * size : number * size]
            ]
        },
        "PageNumber": number, "PageSize": size, "TotalCount": len(versions),
    }  # fmt: skip


def update_secret_version_stage(operation: Operation) -> Payload:
    """UpdateSecretVersionStage: puts a stage on a version, takes it away, or both."""
    parameters = operation.parameters
    parameters.required("SecretName")
    stage = parameters.required("VersionStage")
    source, target = parameters.text("RemoveFromVersion"), parameters.text("MoveToVersion")
    if not source and not target:
        raise missing("MoveToVersion")
    if stage in (CURRENT, PREVIOUS) and not target:
        raise missing("MoveToVersion")
    secret = live_secret(operation)
    if secret.managed:
        raise VendorError(MANAGED_VALUE, f"The stages of a secret of the type {secret.type} cannot be set.")
    for identifier in filter(None, (source, target)):
        if secret.version(identifier) is None:
            raise VendorError("Forbidden.ResourceNotFound", "The specified version of the secret is not found.")
    holder = secret.staged(stage)
    if source and (holder is None or holder.id != source):
        raise VendorError("Rejected.InvalidRequest", "The version to remove the stage from does not have it.")
    secret = promoted(secret, target) if stage == CURRENT else moved(secret, stage, target or None)
    _check_stages(secret)
    save(operation, replace(secret, updated=operation.now))
    return {"SecretName": secret.id}
