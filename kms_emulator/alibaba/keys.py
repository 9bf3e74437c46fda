"""Making keys, and telling what a key is."""

from __future__ import annotations

from dataclasses import replace

from kms_emulator.alibaba.ciphertexts import expect_material
from kms_emulator.alibaba.errors import SECOND_DEFAULT_KEY, VendorError, invalid
from kms_emulator.alibaba.facts import (
    DEFAULT_SPEC,
    DESCRIPTION_LENGTH,
    QUOTA_KEYS_BEFORE,
    SPECS,
    Place,
    State,
    Usage,
    is_mainland,
)  # fmt: skip
from kms_emulator.alibaba.key_policies import check_shares, given_policy
from kms_emulator.alibaba.lifecycle import Payload, require_not_pending_deletion
from kms_emulator.alibaba.model import Instance, Key, Version
from kms_emulator.alibaba.names import moment, new_key_id, new_version_id
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.policy_documents import foreign_accounts
from kms_emulator.alibaba.rotation import HSM_DATABASE, check_version_quota, requested_interval, with_rotation
from kms_emulator.alibaba.tagging import creation_tags

HSM_INTERNAL = "HsmInternal"
AVAILABLE = "Connected"


def create_key(operation: Operation) -> Payload:
    """CreateKey."""
    given = operation.parameters
    name = given.choice("KeySpec", tuple(SPECS), DEFAULT_SPEC)
    usage = given.choice("KeyUsage", tuple(Usage), SPECS[name].usages[0])
    origin = given.choice("Origin", ("Aliyun_KMS", "EXTERNAL"), "Aliyun_KMS")
    level = given.choice("ProtectionLevel", ("SOFTWARE", "HSM"))
    mechanism = given.choice("KeyStorageMechanism", (HSM_INTERNAL, HSM_DATABASE))
    description = _description(operation)
    interval = requested_interval(operation, given.flag("EnableAutomaticRotation"))
    tags = creation_tags(given)
    instance = _instance(operation)
    place = Place(instance.type) if instance else Place.DEFAULT
    policy = _policy(operation, place)
    shares = list(foreign_accounts(policy, operation.scope.account))
    _check_place(operation, place, name, usage, origin)
    if place is not Place.HARDWARE and mechanism:
        raise invalid("KeyStorageMechanism", "only keys of a hardware key management instance have one")
    if instance is None:
        _check_default_quota(operation)
    identifier = new_key_id(operation.context, operation.scope.region, in_instance=instance is not None)
    # The first version of a key of an instance has an id that extends the id of the key.
    version = Version(
        new_version_id(operation.context, identifier), key=identifier, created=operation.now,
        instance=instance.id if instance else "",
    )  # fmt: skip
    key = Key(
        identifier, spec=name, usage=usage, origin=origin, protection=_protection(operation, place, level),
        state=State.PENDING_IMPORT if origin == "EXTERNAL" else State.ENABLED, creator=operation.scope.account,
        description=description, instance=version.instance,
        storage_mechanism=(mechanism or HSM_INTERNAL) if place is Place.HARDWARE else "",
        created=operation.now, last_rotation=operation.now, primary=version.id if SPECS[name].symmetric else "",
        has_material=origin != "EXTERNAL", policy=policy, shares=shares, tags=tags,
    )  # fmt: skip
    if interval is not None:
        key = with_rotation(operation, key, interval)
    check_version_quota(operation, key.instance)
    check_shares(operation, key)
    expect_material(key, version)
    operation.save(version, key)
    operation.touched = key.id
    return {"KeyMetadata": _metadata(operation, key)}


def describe_key(operation: Operation) -> Payload:
    """DescribeKey."""
    key = operation.key_or_alias()
    return {
        "KeyMetadata": {
            **_metadata(operation, key),
            "DeletionProtection": "Enabled" if key.protected else "Disabled",
            "DeletionProtectionDescription": key.protection_note,
        }
    }


def update_key_description(operation: Operation) -> Payload:
    """UpdateKeyDescription; an empty text clears the description."""
    if not operation.parameters.present("Description"):
        operation.parameters.required("Description")
    description = _description(operation)
    key = operation.own_key()
    require_not_pending_deletion(key)
    operation.save(replace(key, description=description))
    return {}


def _description(operation: Operation) -> str:
    text = operation.parameters.text("Description")
    if len(text) > DESCRIPTION_LENGTH:
        raise invalid("Description", f"at most {DESCRIPTION_LENGTH} characters are allowed")
    return text


def _instance(operation: Operation) -> Instance | None:
    wanted = operation.parameters.text("DKMSInstanceId")
    if wanted:
        document = operation.instances.get(wanted)
        if document is None:
            raise VendorError("Forbidden.DKMSInstanceNotFound")
    else:
        # With a default instance the key goes there without being asked to.
        document = operation.instances.find("default", "yes")
        if document is None:
            return None
    instance = Instance.load(document)
    if instance.status != AVAILABLE:
        raise VendorError("Forbidden.DKMSInstanceStateInvalid")
    return instance


def _check_place(operation: Operation, place: Place, name: str, usage: str, origin: str) -> None:
    """Which refusal the vendor gives for a combination that no key can have is inferred [I?]."""
    spec = SPECS[name]
    before = place is Place.DEFAULT and spec.before and bool(operation.context.switch("many_default_keys"))
    if place not in spec.places and not before:
        raise VendorError("UnsupportedOperation", f"A {place} key cannot have the KeySpec {name}.")
    if spec.mainland and not is_mainland(operation.scope.region):
        raise VendorError("UnsupportedOperation", f"The region has no keys of the KeySpec {name}.")
    if usage not in spec.usages:
        raise VendorError("UnsupportedOperation", f"A key of the KeySpec {name} cannot be used for {usage}.")
    if origin == "EXTERNAL" and place not in (Place.DEFAULT, Place.HARDWARE):
        raise VendorError("UnsupportedOperation", f"A {place} key cannot have the Origin EXTERNAL.")


def _protection(operation: Operation, place: Place, level: str) -> str:
    if place is not Place.DEFAULT:
        return "HSM" if place is Place.HARDWARE else "SOFTWARE"
    if is_mainland(operation.scope.region) and operation.context.switch("managed_hsm"):
        return "HSM"
    if level == "HSM":
        raise VendorError("Unsupported.ProtectionLevel")
    return "SOFTWARE"


def _check_default_quota(operation: Operation) -> None:
    used = operation.keys.count(where=("holder", Place.DEFAULT.value))
    if not operation.context.switch("many_default_keys"):
        if used:
            raise VendorError(SECOND_DEFAULT_KEY, "The region has a default key; a further key needs a KMS instance.")
    elif operation.context.quotas and used >= QUOTA_KEYS_BEFORE:
        raise VendorError("Rejected.LimitExceeded")


def _policy(operation: Operation, place: Place) -> str:
    if place is Place.DEFAULT and operation.parameters.text("Policy"):
        raise VendorError("Forbidden.KeyPolicyUnSupported")
    return given_policy(operation)


def _metadata(operation: Operation, key: Key) -> Payload:
    metadata: Payload = {
        "KeyId": key.id, "Arn": operation.arn(f"key/{key.id}"), "KeyState": key.state, "KeySpec": key.spec,
        "KeyUsage": key.usage, "Origin": key.origin, "ProtectionLevel": key.protection, "Description": key.description,
        "DKMSInstanceId": key.instance, "Creator": key.creator,
        "CreationDate": moment(key.created), "LastRotationDate": moment(key.last_rotation),
        "PrimaryKeyVersion": key.primary, "AutomaticRotation": key.rotation, "DeleteDate": moment(key.delete_at),
        "MaterialExpireTime": moment(key.material_expires),
    }  # fmt: skip
    if key.rotation_interval is not None:
        metadata |= {"RotationInterval": f"{key.rotation_interval}s", "NextRotationDate": moment(key.next_rotation)}
    return metadata
