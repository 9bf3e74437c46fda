"""The actions that run, by name: the function, the parameters it knows, and the request rate it counts against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kms_emulator.alibaba import (
    access_points,
    access_policies,
    aliases,
    asymmetric,
    certificate_uses,
    certificates,
    client_keys,
    encryption,
    instances,
    key_policies,
    keys,
    lifecycle,
    listing,
    material_import,
    passwords,
    rotation,
    secret_rotation,
    secret_values,
    secrets,
    tag_listing,
    tags,
    workshop,
)
from kms_emulator.alibaba.facts import Pot
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.parameters import Parameters

Prepare = Callable[[Parameters], bytes]


@dataclass(frozen=True)
class Action:
    """One action. ``prepare`` makes what takes too long to hold the store for."""

    perform: Callable[[Operation], Payload]
    parameters: frozenset[str]
    pot: Pot
    prepare: Prepare | None = None


def _action(perform: Callable[[Operation], Payload], pot: Pot, *groups: str, prepare: Prepare | None = None) -> Action:
    return Action(perform, frozenset(" ".join(groups).split()), pot, prepare)


DRY_RUN = "DryRun"

_PAGE = "PageNumber PageSize"
_OBJECT = "KeyId SecretName CertificateId"
_OBJECTS = "RegionId ResourceType ResourceId.N"
_VERSION = f"KeyId KeyVersionId {DRY_RUN}"
_DATA_KEY = f"KeyId KeySpec NumberOfBytes EncryptionContext {DRY_RUN}"
_WRAPPING = "PublicKeyBlob WrappingKeySpec WrappingAlgorithm"
_STORED = "SecretName VersionId SecretData SecretDataType"
_CERTIFICATE = "CertificateId Algorithm"
_POLICY = "Name Permissions Resources AccessControlRules Description"

_NAMED = workshop.prepare_named_version

_IMPORT = {
    "GetParametersForImport": _action(
        material_import.get_parameters_for_import,
        Pot.WRITE,
        "KeyId WrappingKeySpec WrappingAlgorithm",
        prepare=material_import.prepare_wrapping_key,
    ),
    "ImportKeyMaterial": _action(
        material_import.import_key_material, Pot.WRITE, "KeyId EncryptedKeyMaterial ImportToken KeyMaterialExpireUnix"
    ),
    "DeleteKeyMaterial": _action(material_import.delete_key_material, Pot.WRITE, "KeyId"),
}

_CRYPTOGRAPHY = {
    "Encrypt": _action(encryption.encrypt, Pot.SYMMETRIC, "KeyId Plaintext EncryptionContext", DRY_RUN),
    "Decrypt": _action(encryption.decrypt, Pot.SYMMETRIC, "CiphertextBlob EncryptionContext", DRY_RUN),
    "ReEncrypt": _action(
        encryption.re_encrypt,
        Pot.SYMMETRIC,
        "CiphertextBlob DestinationKeyId SourceEncryptionContext DestinationEncryptionContext",
        "SourceKeyId SourceKeyVersionId SourceEncryptionAlgorithm",
        DRY_RUN,
        prepare=_NAMED,
    ),
    "GenerateDataKey": _action(encryption.generate_data_key, Pot.SYMMETRIC, _DATA_KEY),
    "GenerateDataKeyWithoutPlaintext": _action(
        encryption.generate_data_key_without_plaintext, Pot.SYMMETRIC, _DATA_KEY
    ),
    "ExportDataKey": _action(
        encryption.export_data_key, Pot.SYMMETRIC, "CiphertextBlob EncryptionContext", _WRAPPING, DRY_RUN
    ),
    "GenerateAndExportDataKey": _action(encryption.generate_and_export_data_key, Pot.SYMMETRIC, _DATA_KEY, _WRAPPING),
    "AsymmetricEncrypt": _action(
        asymmetric.asymmetric_encrypt, Pot.ASYMMETRIC, _VERSION, "Algorithm Plaintext", prepare=_NAMED
    ),
    "AsymmetricDecrypt": _action(
        asymmetric.asymmetric_decrypt, Pot.ASYMMETRIC, _VERSION, "Algorithm CiphertextBlob", prepare=_NAMED
    ),
    "AsymmetricSign": _action(asymmetric.asymmetric_sign, Pot.ASYMMETRIC, _VERSION, "Algorithm Digest", prepare=_NAMED),
    "AsymmetricVerify": _action(
        asymmetric.asymmetric_verify, Pot.ASYMMETRIC, _VERSION, "Algorithm Digest Value", prepare=_NAMED
    ),
    "GetPublicKey": _action(asymmetric.get_public_key, Pot.ASYMMETRIC, _VERSION, prepare=_NAMED),
    "GenerateMac": _action(asymmetric.generate_mac, Pot.SYMMETRIC, "KeyId Algorithm Message", DRY_RUN),
    "VerifyMac": _action(asymmetric.verify_mac, Pot.SYMMETRIC, "KeyId Algorithm Message Mac", DRY_RUN),
}

_SECRETS = {
    "CreateSecret": _action(
        secrets.create_secret,
        Pot.VALUE_LIFE,
        _STORED,
        "SecretType EncryptionKeyId DKMSInstanceId Description Tags ExtendedConfig",
        "EnableAutomaticRotation RotationInterval Policy",
    ),
    "PutSecretValue": _action(secret_values.put_secret_value, Pot.VALUE_CHANGE, _STORED, "VersionStages"),
    "GetSecretValue": _action(
        secret_values.get_secret_value,
        Pot.VALUE_READ,
        "SecretName VersionStage VersionId FetchExtendedConfig",
        DRY_RUN,
    ),
    "BatchGetSecretValue": _action(secret_values.batch_get_secret_value, Pot.VALUE_CHANGE, "SecretsList"),
    "DescribeSecret": _action(secrets.describe_secret, Pot.VALUE_CHANGE, "SecretName FetchTags"),
    "ListSecrets": _action(secrets.list_secrets, Pot.VALUE_CHANGE, "FetchTags Filters", _PAGE),
    "ListSecretVersionIds": _action(
        secret_values.list_secret_version_ids, Pot.VALUE_CHANGE, "SecretName IncludeDeprecated", _PAGE
    ),
    "UpdateSecret": _action(
        secrets.update_secret,
        Pot.VALUE_CHANGE,
        "SecretName Description ExtendedConfig.CustomData ExtendedConfig.CustomData.*",
    ),
    "UpdateSecretVersionStage": _action(
        secret_values.update_secret_version_stage,
        Pot.VALUE_CHANGE,
        "SecretName VersionStage RemoveFromVersion MoveToVersion",
    ),
    "UpdateSecretRotationPolicy": _action(
        secret_rotation.update_secret_rotation_policy,
        Pot.VALUE_CHANGE,
        "SecretName EnableAutomaticRotation RotationInterval",
    ),
    "RotateSecret": _action(secret_rotation.rotate_secret, Pot.VALUE_ROTATION, "SecretName VersionId"),
    "DeleteSecret": _action(
        secrets.delete_secret, Pot.VALUE_LIFE, "SecretName ForceDeleteWithoutRecovery RecoveryWindowInDays"
    ),
    "RestoreSecret": _action(secrets.restore_secret, Pot.VALUE_CHANGE, "SecretName"),
    "SetSecretPolicy": _action(secrets.set_secret_policy, Pot.VALUE_CHANGE, "SecretName PolicyName Policy"),
    "GetSecretPolicy": _action(secrets.get_secret_policy, Pot.VALUE_CHANGE, "SecretName PolicyName"),
    "GetRandomPassword": _action(
        passwords.get_random_password,
        Pot.VALUE_CHANGE,
        "PasswordLength ExcludeCharacters ExcludeLowercase ExcludeUppercase ExcludeNumbers ExcludePunctuation",
        "RequireEachIncludedType",
    ),
}

_CERTIFICATES = {
    "CreateCertificate": _action(
        certificates.create_certificate,
        Pot.WRITE,
        "Subject KeySpec SubjectAlternativeNames ExportablePrivateKey",
        prepare=certificates.prepare_certificate_key,
    ),
    "UploadCertificate": _action(
        certificates.upload_certificate, Pot.WRITE, "CertificateId Certificate CertificateChain"
    ),
    "GetCertificate": _action(certificates.get_certificate, Pot.READ, "CertificateId"),
    "DescribeCertificate": _action(certificates.describe_certificate, Pot.READ, "CertificateId"),
    "UpdateCertificateStatus": _action(certificates.update_certificate_status, Pot.WRITE, "CertificateId Status"),
    "DeleteCertificate": _action(certificates.delete_certificate, Pot.WRITE, "CertificateId"),
    "CertificatePrivateKeySign": _action(
        certificate_uses.certificate_private_key_sign, Pot.ASYMMETRIC, _CERTIFICATE, "MessageType Message"
    ),
    "CertificatePublicKeyVerify": _action(
        certificate_uses.certificate_public_key_verify,
        Pot.ASYMMETRIC,
        _CERTIFICATE,
        "MessageType Message SignatureValue",
    ),
    "CertificatePublicKeyEncrypt": _action(
        certificate_uses.certificate_public_key_encrypt, Pot.ASYMMETRIC, _CERTIFICATE, "Plaintext"
    ),
    "CertificatePrivateKeyDecrypt": _action(
        certificate_uses.certificate_private_key_decrypt, Pot.ASYMMETRIC, _CERTIFICATE, "CiphertextBlob"
    ),
}

_ACCESS = {
    "CreateNetworkRule": _action(
        access_policies.create_network_rule, Pot.NONE, "Name Type SourcePrivateIp Description"
    ),
    "DescribeNetworkRule": _action(access_policies.describe_network_rule, Pot.NONE, "Name"),
    "UpdateNetworkRule": _action(access_policies.update_network_rule, Pot.NONE, "Name SourcePrivateIp Description"),
    "DeleteNetworkRule": _action(access_policies.delete_network_rule, Pot.NONE, "Name"),
    "ListNetworkRules": _action(access_policies.list_network_rules, Pot.NONE, _PAGE),
    "CreatePolicy": _action(access_policies.create_policy, Pot.NONE, "KmsInstance", _POLICY),
    "DescribePolicy": _action(access_policies.describe_policy, Pot.NONE, "Name"),
    "UpdatePolicy": _action(access_policies.update_policy, Pot.NONE, _POLICY),
    "DeletePolicy": _action(access_policies.delete_policy, Pot.NONE, "Name"),
    "ListPolicies": _action(access_policies.list_policies, Pot.NONE, _PAGE),
    "CreateApplicationAccessPoint": _action(
        access_points.create_application_access_point, Pot.NONE, "Name Policies AuthenticationMethod Description"
    ),
    "DescribeApplicationAccessPoint": _action(access_points.describe_application_access_point, Pot.NONE, "Name"),
    "UpdateApplicationAccessPoint": _action(
        access_points.update_application_access_point, Pot.NONE, "Name Policies Description"
    ),
    "DeleteApplicationAccessPoint": _action(access_points.delete_application_access_point, Pot.NONE, "Name"),
    "ListApplicationAccessPoints": _action(access_points.list_application_access_points, Pot.NONE, _PAGE),
    "CreateClientKey": _action(
        client_keys.create_client_key,
        Pot.NONE,
        "AapName Password NotBefore NotAfter",
        prepare=client_keys.prepare_key_pair,
    ),
    "GetClientKey": _action(client_keys.get_client_key, Pot.NONE, "ClientKeyId"),
    "ListClientKeys": _action(client_keys.list_client_keys, Pot.NONE, "AapName"),
    "DeleteClientKey": _action(client_keys.delete_client_key, Pot.NONE, "ClientKeyId"),
}

ACTIONS: Mapping[str, Action] = {
    "CreateKey": _action(
        keys.create_key,
        Pot.CREATE_KEY,
        "Description KeySpec KeyUsage Origin ProtectionLevel DKMSInstanceId",
        "EnableAutomaticRotation RotationInterval KeyStorageMechanism Tags Policy",
    ),
    "DescribeKey": _action(keys.describe_key, Pot.READ, "KeyId"),
    "UpdateKeyDescription": _action(keys.update_key_description, Pot.WRITE, "KeyId Description"),
    "ListKeys": _action(listing.list_keys, Pot.READ, _PAGE, "Filters"),
    "EnableKey": _action(lifecycle.enable_key, Pot.WRITE, "KeyId"),
    "DisableKey": _action(lifecycle.disable_key, Pot.WRITE, "KeyId"),
    "ScheduleKeyDeletion": _action(lifecycle.schedule_key_deletion, Pot.WRITE, "KeyId PendingWindowInDays"),
    "CancelKeyDeletion": _action(lifecycle.cancel_key_deletion, Pot.WRITE, "KeyId"),
    "SetDeletionProtection": _action(
        lifecycle.set_deletion_protection,
        Pot.WRITE,
        "ProtectedResourceArn KeyId KmsInstanceId",
        "EnableDeletionProtection DeletionProtectionDescription",
    ),
    "UpdateRotationPolicy": _action(
        rotation.update_rotation_policy, Pot.WRITE, "KeyId EnableAutomaticRotation RotationInterval"
    ),
    "CreateKeyVersion": _action(rotation.create_key_version, Pot.WRITE, "KeyId"),
    "DescribeKeyVersion": _action(rotation.describe_key_version, Pot.READ, "KeyId KeyVersionId"),
    "ListKeyVersions": _action(rotation.list_key_versions, Pot.READ, "KeyId", _PAGE),
    "CreateAlias": _action(aliases.create_alias, Pot.WRITE, "AliasName KeyId"),
    "UpdateAlias": _action(aliases.update_alias, Pot.WRITE, "AliasName KeyId"),
    "DeleteAlias": _action(aliases.delete_alias, Pot.WRITE, "AliasName"),
    "ListAliases": _action(aliases.list_aliases, Pot.READ, _PAGE),
    "ListAliasesByKeyId": _action(aliases.list_aliases_by_key_id, Pot.READ, "KeyId", _PAGE),
    "TagResource": _action(tags.tag_resource, Pot.WRITE, _OBJECT, "Tags"),
    "UntagResource": _action(tags.untag_resource, Pot.WRITE, _OBJECT, "TagKeys"),
    "ListResourceTags": _action(tags.list_resource_tags, Pot.RESOURCE_TAGS, "KeyId"),
    "TagResources": _action(tags.tag_resources, Pot.WRITE, _OBJECTS, "Tag.N.Key Tag.N.Value"),
    "UntagResources": _action(tags.untag_resources, Pot.WRITE, _OBJECTS, "TagKey.N All"),
    "ListTagResources": _action(tag_listing.list_tag_resources, Pot.READ, _OBJECTS, "Tag.N.Key Tag.N.Value NextToken"),
    "SetKeyPolicy": _action(key_policies.set_key_policy, Pot.WRITE, "KeyId PolicyName Policy"),
    "GetKeyPolicy": _action(key_policies.get_key_policy, Pot.READ, "KeyId PolicyName"),
    "ListKmsInstances": _action(instances.list_kms_instances, Pot.NONE, _PAGE, "Filters"),
    "GetKmsInstance": _action(instances.get_kms_instance, Pot.NONE, "KmsInstanceId"),
    "GetDefaultKmsInstance": _action(instances.get_default_kms_instance, Pot.NONE),
    "DescribeRegions": _action(instances.describe_regions, Pot.NONE),
    "DescribeAccountKmsStatus": _action(instances.describe_account_kms_status, Pot.ACCOUNT),
    "GetKmsInstanceQuotaInfos": _action(instances.get_kms_instance_quota_infos, Pot.NONE, "KmsInstanceId ResourceType"),
    **_IMPORT,
    **_CRYPTOGRAPHY,
    **_SECRETS,
    **_CERTIFICATES,
    **_ACCESS,
}
