"""Which resources CAM is asked about for a call: the keys it works on, or the operation as such."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from kms_emulator.contract import Document
from kms_emulator.tencent.ciphertext import Blob
from kms_emulator.tencent.decision import OPERATION_LEVEL
from kms_emulator.tencent.errors import ApiError
from kms_emulator.tencent.fields import Given
from kms_emulator.tencent.gaps import names
from kms_emulator.tencent.keys import resource_id
from kms_emulator.tencent.sts_actions import role_of
from kms_emulator.tencent.tagstore import Resource
from kms_emulator.tencent.work import Work


@dataclass(frozen=True)
class Target:
    """One resource by its full name, other names of it, and its tags as pairs ``key&value``."""

    resource: str
    also_named: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


Keys = Callable[[Given, Work], Iterable[Document]]


def targets(service: str, action: str, given: Given, work: Work) -> list[Target]:
    """What CAM is asked about. Nothing, if the call names only what does not exist: it will fail by itself."""
    if service == "kms" and action in ON_KEYS:
        keys = {key["id"]: key for key in ON_KEYS[action](given, work)}
        return [_key(key, work) for key in keys.values()]
    if service == "sts":
        return [_role(given.text("RoleArn"), work)]
    return [Target(OPERATION_LEVEL)]


def _key(key: Document, work: Work) -> Target:
    resource = Resource(work.region, resource_id(key))
    tags = tuple(f"{name}&{value}" for name, value in work.tags.of(resource).items())
    return Target(resource.name(work.account), tags=tags)


def _role(arn: str, work: Work) -> Target:
    account, role = role_of(arn, work)
    names = (f"role/{role['id']}", f"roleName/{role['name']}") if role else ()
    return Target(arn, tuple(f"qcs::cam::uin/{account}:{name}" for name in names))


def _by_id(name: str) -> Keys:
    return lambda given, work: _found([given.text(name)], work)


def _found(key_ids: Iterable[str], work: Work) -> list[Document]:
    keys = work.keys.collection
    return [key for key_id in key_ids if (key := keys.get(key_id)) is not None]


def _by_ids(given: Given, work: Work) -> list[Document]:
    return _found(given.texts("KeyIds"), work)


def _of_ciphertext(name: str) -> Keys:
    def keys(given: Given, work: Work) -> list[Document]:
        try:
            return [Blob.parse(given.text(name)).key(work.keys)]
        except ApiError:
            return []

    return keys


def _re_encrypted(given: Given, work: Work) -> list[Document]:
    return [*_of_ciphertext("CiphertextBlob")(given, work), *_found([given.text("DestinationKeyId")], work)]


def _imported(given: Given, work: Work) -> list[Document]:
    return [*_found([given.text("KeyId")], work), *_of_ciphertext("ImportKeyMaterial")(given, work)]


def _data_keys(given: Given, work: Work) -> list[Document]:
    ids = [given.text("DataKeyId"), *given.texts("DataKeyIds")]
    found = [entry for entry in map(work.data_keys.collection.get, ids) if entry is not None]
    # A data key whose key is gone stands for itself.
    return [work.keys.collection.get(entry["key"]) or entry for entry in found]


ON_KEYS: Mapping[str, Keys] = {
    **dict.fromkeys(names("""
        ArchiveKey AsymmetricRsaDecrypt AsymmetricSm2Decrypt BindCloudResource CancelKeyArchive CancelKeyDeletion
        DeleteImportedKeyMaterial DescribeKey DisableKey DisableKeyRotation EnableKey EnableKeyRotation Encrypt
        GenerateDataKey GetKeyRotationStatus GetParametersForImport GetPublicKey ImportKeyMaterial RotateKey
        ScheduleKeyDeletion SignByAsymmetricKey UnbindCloudResource UpdateAlias UpdateKeyDescription
        VerifyByAsymmetricKey
    """), _by_id("KeyId")),
    **dict.fromkeys(names("DescribeKeys DisableKeys EnableKeys"), _by_ids),
    **dict.fromkeys(names("""
        CancelDataKeyDeletion DescribeDataKey DescribeDataKeys DisableDataKey DisableDataKeys EnableDataKey
        EnableDataKeys GetDataKeyCiphertextBlob GetDataKeyPlaintext ScheduleDataKeyDeletion UpdateDataKeyDescription
        UpdateDataKeyName
    """), _data_keys),
    "Decrypt": _of_ciphertext("CiphertextBlob"),
    "ReEncrypt": _re_encrypted,
    "ImportDataKey": _imported,
}  # fmt: skip
OPERATIONS = names("""
    CreateKey GenerateRandom GetRegions GetServiceStatus ListAlgorithms ListDataKeyDetail ListDataKeys ListKeyDetail
    ListKeys
""")
"""Actions of KMS asked at operation level; any other would be, too."""
