"""Actions of the vendor that are not emulated yet; they are refused by name.

The names are those of the vendor's Python package alibabacloud-kms20160120: 3.3.1, and 2.4.0 for the certificates;
``CreateCertificate`` is of aliyun-python-sdk-kms 2.16.5.
"""

from __future__ import annotations

from collections.abc import Mapping

_TABLE = {
    "cryptography": """
        AsymmetricDecrypt AsymmetricEncrypt AsymmetricSign AsymmetricVerify Decrypt Encrypt ExportDataKey
        GenerateAndExportDataKey GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateMac GetChallenge
        GetManagedDataKey GetPublicKey ListManagedDataKeyVersions ReEncrypt VerifyMac
    """,
    "import of material": "DeleteKeyMaterial GetParametersForImport ImportKeyMaterial",
    "key policies": "GetKeyPolicy SetKeyPolicy",
    "access points": """
        CreateApplicationAccessPoint CreateClientKey CreateNetworkRule CreatePolicy DeleteApplicationAccessPoint
        DeleteClientKey DeleteNetworkRule DeletePolicy DescribeApplicationAccessPoint DescribeNetworkRule
        DescribePolicy GetClientKey ListApplicationAccessPoints ListClientKeys ListNetworkRules ListPolicies
        UpdateApplicationAccessPoint UpdateNetworkRule UpdatePolicy
    """,
    "secrets": """
        BatchGetSecretValue CreateSecret DeleteSecret DescribeSecret GetRandomPassword GetSecretPolicy GetSecretValue
        ListSecretVersionIds ListSecrets PutSecretValue RestoreSecret RotateSecret SetSecretPolicy UpdateSecret
        UpdateSecretRotationPolicy UpdateSecretVersionStage
    """,
    "certificates": """
        CertificatePrivateKeyDecrypt CertificatePrivateKeySign CertificatePublicKeyEncrypt CertificatePublicKeyVerify
        CreateCertificate DeleteCertificate DescribeCertificate GetCertificate UpdateCertificateStatus
        UploadCertificate
    """,
    "instances and account": """
        ConnectKmsInstance GetKmsInstanceQuotaInfos OpenKmsService ReleaseKmsInstance UpdateKmsInstanceBindVpc
    """,
}

GAPS: Mapping[str, tuple[str, ...]] = {group: tuple(names.split()) for group, names in _TABLE.items()}
NOT_EMULATED = frozenset(name for names in GAPS.values() for name in names)
