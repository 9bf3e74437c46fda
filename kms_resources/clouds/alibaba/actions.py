"""Every action of Alibaba Cloud's KMS API: its fields, how each travels, and out of which pot of requests.

Source: models of the official packages alibabacloud-kms20160120 3.3.1 (fields) and 2.4.0 (certificates, since removed);
rates: https://www.alibabacloud.com/help/doc-detail/32368.htm. [I] marks what is inferred.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from kms_resources.clouds.transport import Rates
from kms_resources.errors import InputError
from kms_resources.redact import label

READS, CHANGES, CREATE = "reads", "changes", "CreateKey"
SYMMETRIC, ASYMMETRIC, RE_ENCRYPT = "symmetric", "asymmetric", "ReEncrypt"
SECRETS, SECRET_CHANGES, SECRET_VALUE = "secrets", "secret-changes", "GetSecretValue"
RATES = Rates(
    per_second={
        READS: 50,
        CHANGES: 30,
        CREATE: 10,
        SYMMETRIC: 1000,
        RE_ENCRYPT: 750,
        ASYMMETRIC: 200,
        SECRET_VALUE: 450,
        SECRETS: 40,
        SECRET_CHANGES: 10,
        "ListResourceTags": 300,
        "OpenKmsService": 1,
        "DescribeAccountKmsStatus": 1,
        # 50 an hour; one a second at least keeps a loop from using them up at once.
        "RotateSecret": 1,
    },
    otherwise=10,
)
"""Common pots per account and region, of the shared gateway."""


@dataclass(frozen=True)
class Action:
    """One action of the API."""

    fields: frozenset[str]
    pot: str
    """Whose rate it uses up."""
    method: str
    by: str = ""
    """For an action that newer packages no longer know: where it was read."""


def _table() -> Iterator[tuple[str, Action]]:
    for pot, lines in _ACTIONS.items():
        for line in lines.strip().splitlines():
            name, *fields = line.split()
            method = "GET" if name in _ONLY_GET else "POST"
            by = "alibabacloud-kms20160120 2.4.0" if "Certificate" in name else ""
            yield name, Action(frozenset(fields), pot or name, method, by)


_ONLY_GET = frozenset({"GetClientKey", "ListClientKeys"})
_ACTIONS: Mapping[str, str] = {
    # Pot → its actions, one a line with their fields. An empty pot: each action has a rate of its own.
    READS: """
DescribeKey KeyId
DescribeKeyVersion KeyId KeyVersionId
ListKeys Filters PageNumber PageSize
ListKeyVersions KeyId PageNumber PageSize
ListAliases PageNumber PageSize
ListAliasesByKeyId KeyId PageNumber PageSize
ListTagResources NextToken RegionId ResourceId ResourceType Tag
GetKeyPolicy KeyId PolicyName
""",
    # [I] That import, deletion protection and policies are in this pot; the page says "key changes".
    CHANGES: """
EnableKey KeyId
DisableKey KeyId
ScheduleKeyDeletion KeyId PendingWindowInDays
CancelKeyDeletion KeyId
SetDeletionProtection DeletionProtectionDescription EnableDeletionProtection KeyId KmsInstanceId ProtectedResourceArn
UpdateKeyDescription Description KeyId
UpdateRotationPolicy EnableAutomaticRotation KeyId RotationInterval
CreateKeyVersion KeyId
CreateAlias AliasName KeyId
UpdateAlias AliasName KeyId
DeleteAlias AliasName
TagResource CertificateId KeyId SecretName Tags
UntagResource CertificateId KeyId SecretName TagKeys
TagResources RegionId ResourceId ResourceType Tag
UntagResources All RegionId ResourceId ResourceType TagKey
GetParametersForImport KeyId WrappingAlgorithm WrappingKeySpec
ImportKeyMaterial EncryptedKeyMaterial ImportToken KeyId KeyMaterialExpireUnix
DeleteKeyMaterial KeyId
SetKeyPolicy KeyId Policy PolicyName
""",
    # [I] That MACs are in this pot.
    SYMMETRIC: """
Encrypt DryRun EncryptionContext KeyId Plaintext
Decrypt CiphertextBlob DryRun EncryptionContext Recipient
GenerateDataKey DryRun EncryptionContext KeyId KeySpec NumberOfBytes Recipient
GenerateDataKeyWithoutPlaintext DryRun EncryptionContext KeyId KeySpec NumberOfBytes
ExportDataKey CiphertextBlob DryRun EncryptionContext PublicKeyBlob WrappingAlgorithm WrappingKeySpec
GenerateAndExportDataKey DryRun EncryptionContext KeyId KeySpec NumberOfBytes PublicKeyBlob WrappingAlgorithm \
WrappingKeySpec
GenerateMac Algorithm DryRun KeyId Message
VerifyMac Algorithm DryRun KeyId Mac Message
""",
    ASYMMETRIC: """
AsymmetricEncrypt Algorithm DryRun KeyId KeyVersionId Plaintext
AsymmetricDecrypt Algorithm CiphertextBlob DryRun KeyId KeyVersionId Recipient
AsymmetricSign Algorithm Digest DryRun KeyId KeyVersionId
AsymmetricVerify Algorithm Digest DryRun KeyId KeyVersionId Value
GetPublicKey DryRun KeyId KeyVersionId
""",
    SECRETS: """
PutSecretValue SecretData SecretDataType SecretName VersionId VersionStages
BatchGetSecretValue SecretsList
DescribeSecret FetchTags SecretName
ListSecrets FetchTags Filters PageNumber PageSize
ListSecretVersionIds IncludeDeprecated PageNumber PageSize SecretName
UpdateSecret Description ExtendedConfig SecretName
UpdateSecretVersionStage MoveToVersion RemoveFromVersion SecretName VersionStage
UpdateSecretRotationPolicy EnableAutomaticRotation RotationInterval SecretName
RestoreSecret SecretName
GetRandomPassword ExcludeCharacters ExcludeLowercase ExcludeNumbers ExcludePunctuation ExcludeUppercase \
PasswordLength RequireEachIncludedType
SetSecretPolicy Policy PolicyName SecretName
GetSecretPolicy PolicyName SecretName
""",
    SECRET_CHANGES: """
CreateSecret DKMSInstanceId Description EnableAutomaticRotation EncryptionKeyId ExtendedConfig Policy \
RotationInterval SecretData SecretDataType SecretName SecretType Tags VersionId
DeleteSecret ForceDeleteWithoutRecovery RecoveryWindowInDays SecretName
""",
    "": """
CreateKey DKMSInstanceId Description EnableAutomaticRotation KeySpec KeyStorageMechanism KeyUsage Origin Policy \
ProtectionLevel RotationInterval Tags
ReEncrypt CiphertextBlob DestinationEncryptionContext DestinationKeyId DryRun SourceEncryptionAlgorithm \
SourceEncryptionContext SourceKeyId SourceKeyVersionId
ListResourceTags KeyId
GetSecretValue DryRun FetchExtendedConfig Recipient SecretName VersionId VersionStage
RotateSecret SecretName VersionId
CreateNetworkRule Description Name SourcePrivateIp Type
DescribeNetworkRule Name
UpdateNetworkRule Description Name SourcePrivateIp
DeleteNetworkRule Name
ListNetworkRules PageNumber PageSize
CreatePolicy AccessControlRules Description KmsInstance Name Permissions Resources
DescribePolicy Name
UpdatePolicy AccessControlRules Description Name Permissions Resources
DeletePolicy Name
ListPolicies PageNumber PageSize
CreateApplicationAccessPoint AuthenticationMethod Description Name Policies
DescribeApplicationAccessPoint Name
UpdateApplicationAccessPoint Description Name Policies
DeleteApplicationAccessPoint Name
ListApplicationAccessPoints PageNumber PageSize
CreateClientKey AapName NotAfter NotBefore Password
GetClientKey ClientKeyId
ListClientKeys AapName
DeleteClientKey ClientKeyId
CreateCertificate ExportablePrivateKey KeySpec Subject SubjectAlternativeNames
UploadCertificate Certificate CertificateChain CertificateId
GetCertificate CertificateId
DescribeCertificate CertificateId
UpdateCertificateStatus CertificateId Status
DeleteCertificate CertificateId
CertificatePrivateKeySign Algorithm CertificateId Message MessageType
CertificatePublicKeyVerify Algorithm CertificateId Message MessageType SignatureValue
CertificatePublicKeyEncrypt Algorithm CertificateId Plaintext
CertificatePrivateKeyDecrypt Algorithm CertificateId CiphertextBlob
ListKmsInstances Filters PageNumber PageSize
GetKmsInstance KmsInstanceId
ConnectKmsInstance KMProvider KmsInstanceId VSwitchIds VpcId ZoneIds
UpdateKmsInstanceBindVpc BindVpcs KmsInstanceId
ReleaseKmsInstance ForceDeleteWithoutBackup KmsInstanceId
GetDefaultKmsInstance
GetKmsInstanceQuotaInfos KmsInstanceId ResourceType
OpenKmsService
DescribeAccountKmsStatus
DescribeRegions
GetChallenge
GetManagedDataKey DataKeyName DataKeyVersionId UseLatest
ListManagedDataKeyVersions DataKeyName PageNumber PageSize
""",
}
ACTIONS: Mapping[str, Action] = dict(_table())

SECRET_FIELDS = frozenset({"Plaintext", "SecretData", "EncryptedKeyMaterial", "ImportToken", "Message", "Password"})
"""Fields whose values must never be seen again, not even quoted in the vendor's own message."""

Encoder = Callable[[str, Any], Iterator[tuple[str, str]]]


def _text(name: str, value: Any) -> Iterator[tuple[str, str]]:
    yield name, str(value)


def _flag(name: str, value: Any) -> Iterator[tuple[str, str]]:
    yield name, value.lower() if isinstance(value, str) else "true" if value else "false"


def _json(name: str, value: Any) -> Iterator[tuple[str, str]]:
    yield name, value if isinstance(value, str) else compact(value)


def _repeated(name: str, value: Any) -> Iterator[tuple[str, str]]:
    for number, item in enumerate(_items(name, value), start=1):
        if isinstance(item, Mapping):
            yield from ((f"{name}.{number}.{member}", str(text)) for member, text in item.items())
        else:
            yield f"{name}.{number}", str(item)


def _items(name: str, value: Any) -> list[Any]:
    if not isinstance(value, str):
        return list(value)
    if not value.startswith("["):
        return [value]
    try:
        return list(json.loads(value))
    except ValueError:
        raise InputError(f"{name} begins like a JSON list and is none", advice="write it as JSON") from None


def compact(value: Any) -> str:
    """JSON as the API takes it inside a field."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


_JSON = """
AccessControlRules BindVpcs DestinationEncryptionContext EncryptionContext ExtendedConfig Filters Permissions Policies
Policy Resources SecretsList SourceEncryptionContext SourcePrivateIp SubjectAlternativeNames TagKeys Tags VersionStages
"""
_FLAGS = """
All DryRun EnableAutomaticRotation EnableDeletionProtection ExcludeLowercase ExcludeNumbers ExcludePunctuation
ExcludeUppercase ExportablePrivateKey FetchExtendedConfig FetchTags ForceDeleteWithoutBackup ForceDeleteWithoutRecovery
IncludeDeprecated RequireEachIncludedType UseLatest
"""
# Everything is text on the wire, but in four different ways: `Tags` is JSON inside a value, `Tag.1.Key` is not.
_ENCODERS: Mapping[str, Encoder] = {
    **dict.fromkeys(_JSON.split(), _json),
    **dict.fromkeys(_FLAGS.split(), _flag),
    **dict.fromkeys(("ResourceId", "Tag", "TagKey"), _repeated),
}
_FIELDS = frozenset(name for action in ACTIONS.values() for name in action.fields)
_NUMBERED = re.compile(r"(ResourceId|TagKey)\.\d+|(Tag)\.\d+\.(?:Key|Value)|(ExtendedConfig)\.CustomData")


def encode(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Parameters as the pairs of a form. A name that is not in the table is a `KeyError`: a mistake of ours."""
    pairs: list[tuple[str, str]] = []
    for name, value in parameters.items():
        if base_name(name) not in _FIELDS:
            raise KeyError(name)
        pairs += _ENCODERS.get(name, _text)(name, value)
    return pairs


def base_name(name: str) -> str:
    """The field that a numbered name such as `Tag.1.Key` belongs to; any other name as it is."""
    numbered = _NUMBERED.fullmatch(name)
    return next(part for part in numbered.groups() if part) if numbered else name


def known_action(name: str, fields: Mapping[str, Any]) -> Action:
    """The action of a name; raises `InputError` for an unknown one, or for a field that it does not have."""
    action = ACTIONS.get(name)
    if action is None:
        near = get_close_matches(name, ACTIONS, n=3, cutoff=0.6)
        raise InputError(
            f"Alibaba Cloud's KMS has no action {label(name)}",
            why="it is not in the table of API 2016-01-20",
            advice=f"did you mean {' or '.join(near)}?" if near else "names are written as in the vendor's documents",
        )
    for field in fields:
        if base_name(field) not in action.fields:
            allowed = ", ".join(sorted(action.fields)) or "none"
            near = get_close_matches(field, action.fields, n=1)
            raise InputError(
                f"{name} has no field {label(field)}",
                why=f"its fields are: {allowed}",
                advice=f"did you mean {near[0]}?" if near else "",
            )
    return action
