"""Which word of ours stands for which name and value of CTYun.

What a field or an operation is, and how surely it is known, stands in `operations.py` and its tables. A name that is
corrected there and not here fails at once, at import.
"""

from __future__ import annotations

from collections.abc import Mapping

from kms_resources.clouds.certificates import CertificateState
from kms_resources.clouds.ctyun.operations import OPERATIONS as ALL_OPERATIONS
from kms_resources.clouds.ctyun.table import Field, Operation
from kms_resources.crypto.words import Algorithm
from kms_resources.model import KeyState, Protection, Spec, Usage

WORDS: Mapping[str, str] = {
    "access_key": "accessKey",
    "algorithm": "algorithm",
    "alias": "aliasName",
    "apis": "apis",
    "blob": "ciphertextBlob",
    "certificate": "certificate",
    "certificate_id": "certificateId",
    "chain": "certificateChain",
    "context": "encryptionContext",
    "created": "creationDate",
    "csr": "csr",
    "description": "description",
    "destination": "destinationKeyId",
    "digest": "digest",
    "endpoints": "endpoints",
    "expires": "keyMaterialExpireUnix",
    "exportable": "exportablePrivateKey",
    "form": "messageType",
    "input": "input",
    "instance": "instanceId",
    "interval": "rotationInterval",
    "key_id": "cmkUuid",
    "length": "numberOfBytes",
    "mac": "hmacoutput",
    "material": "encryptedKeyMaterial",
    "message": "message",
    "name": "name",
    "names": "subjectAlternativeNames",
    "new_context": "destinationEncryptionContext",
    "old_context": "sourceEncryptionContext",
    "origin": "origin",
    "page": "pageNumber",
    "passphrase": "passphrase",
    "pkcs12": "pkcs12Blob",
    "plaintext": "plaintext",
    "point_id": "accessPointId",
    "protection": "protectionLevel",
    "public_key": "publicKey",
    "random": "random",
    "resources": "resources",
    "rotation": "enableAutomaticRotation",
    "signature": "value",
    "signature_value": "signatureValue",
    "size": "pageSize",
    "sm3": "output",
    "spec": "keySpec",
    "status": "status",
    "subject": "subject",
    "subnet": "subnetId",
    "tag_id": "tagId",
    "tag_ids": "tagIds",
    "tag_key": "tagKey",
    "tag_value": "tagValue",
    "token": "importToken",
    "token_expires": "tokenExpireTime",
    "total": "totalCount",
    "usage": "keyUsage",
    "valid": "signatureValid",
    "version": "keyVersionId",
    "vpc": "vpcId",
    "window": "pendingWindowInDays",
    "wrapping": "wrappingAlgorithm",
    "wrapping_spec": "wrappingKeySpec",
}
"""Our word → the cloud's field, in requests and answers. What a field is and whence it is known: the table."""

OPERATIONS: Mapping[str, Operation] = {
    ours: ALL_OPERATIONS[theirs]
    for ours, theirs in {
        "create_key": "createKey",
        "enable_key": "enableKey",
        "disable_key": "disableKey",
        "schedule_deletion": "scheduleKeyDeletion",
        "cancel_deletion": "cancelKeyDeletion",
        "set_description": "updateKeyDescription",
        "describe_key": "describeKey",
        "list_keys": "listKeys",
        "protect": "setDeletionProtection",
        "unprotect": "cancelDeletionProtection",
        "set_rotation": "updateRotationPolicy",
        "create_alias": "createAlias",
        "move_alias": "updateAlias",
        "delete_alias": "deleteAlias",
        "list_aliases": "listAliases",
        "list_aliases_of_key": "listAliasesByKeyId",
        "wrapping_key": "getParametersForImport",
        "import_material": "importKeyMaterial",
        "delete_material": "deleteKeyMaterial",
        "list_versions": "listKeyVersions",
        "create_version": "createKeyVersion",
        "encrypt": "encrypt",
        "decrypt": "decrypt",
        "re_encrypt": "reEncrypt",
        "generate_data_key": "generateDataKey",
        "generate_sealed_data_key": "generateDataKeyWithoutPlaintext",
        "public_key": "getPublicKey",
        "asymmetric_encrypt": "asymmetricEncrypt",
        "asymmetric_decrypt": "asymmetricDecrypt",
        "sign": "asymmetricSign",
        "verify": "asymmetricVerify",
        "hmac": "hmaccompute",
        "random": "generateRandom",
        "list_certificates": "listCertificates",
        "create_certificate": "createCertificate",
        "upload_certificate": "uploadCertificate",
        "describe_certificate": "describeCertificate",
        "get_certificate": "getCertificate",
        "set_certificate_status": "updateCertificateStatus",
        "delete_certificate": "deleteCertificate",
        "import_pkcs12": "importPkcs12Certificate",
        "certificate_sign": "certificatePrivateKeySign",
        "certificate_verify": "certificatePublicKeyVerify",
        "certificate_encrypt": "certificatePublicKeyEncrypt",
        "certificate_decrypt": "certificatePrivateKeyDecrypt",
        "list_tags": "listTags",
        "create_tag": "createTag",
        "update_tag": "updateTag",
        "delete_tag": "deleteTag",
        "bind_tags": "bindResource",
        "unbind_tags": "unbindResource",
        "create_point": "createAccessPoint",
        "list_points": "listAccessPoints",
        "delete_point": "deleteAccessPoint",
        "list_apis": "listApiPermissions",
        "set_apis": "updateApiPermissions",
        "list_resources": "listResourcePermissions",
        "set_resources": "updateResourcePermissions",
        "list_endpoints": "listEndpointWhitelist",
        "add_endpoints": "addEndpointWhitelist",
        "check_control": "checkPermissionControl",
        "switch_control_off": "disablePermissionControl",
        "create_tenant": "createTenantAkSk",
        "list_tenants": "listTenantAks",
        "delete_tenant": "deleteTenantAk",
    }.items()
}
"""Our word → the operation, for everything that has a method here; the others are reached by their own names."""

METADATA: Mapping[str, Field] = {
    ours: OPERATIONS["describe_key"].answer[theirs]
    for ours, theirs in {
        "key_id": WORDS["key_id"],
        "spec": WORDS["spec"],
        "usage": WORDS["usage"],
        "state": "keyState",
        "origin": WORDS["origin"],
        "protection": WORDS["protection"],
        "description": WORDS["description"],
        "created": WORDS["created"],
        "creator": "creator",
        "deleted": "deleteDate",
        "material_expires": "materialExpireTime",
        "version": "primaryKeyVersion",
        "rotation": "automaticRotation",
        "interval": WORDS["interval"],
        "deletion_protection": "deletionProtection",
    }.items()
}
"""What describeKey tells; the rows of listKeys should tell the same."""

# The first word of a value is the one we send, the others are understood too.
SPECS: Mapping[Spec, tuple[str, ...]] = {
    Spec.AES_256: ("AES_256",),  # S12
    Spec.SM4: ("SM4", "SM4_128"),  # I?
    Spec.RSA_2048: ("RSA_2048",),  # I, S5 for certificates
    Spec.RSA_3072: ("RSA_3072",),  # I?
    Spec.RSA_4096: ("RSA_4096",),  # I?
    Spec.EC_P256: ("EC_P256",),  # I
    Spec.EC_P256K: ("EC_P256K",),  # I
    Spec.SM2: ("EC_SM2", "SM2"),  # I
    Spec.HMAC_SM3: ("HMAC_SM3",),  # I?
}
USAGES: Mapping[Usage, tuple[str, ...]] = {
    Usage.ENCRYPT_DECRYPT: ("ENCRYPT/DECRYPT", "ENCRYPT_DECRYPT"),  # I
    Usage.SIGN_VERIFY: ("SIGN/VERIFY", "SIGN_VERIFY"),  # I
    Usage.GENERATE_VERIFY_MAC: ("GENERATE/VERIFY_MAC", "GENERATE_VERIFY_MAC"),  # I?
}
PROTECTIONS: Mapping[Protection, tuple[str, ...]] = {
    Protection.HSM: ("0", "HSM"),  # S5
    Protection.SOFTWARE: ("1", "SOFTWARE"),  # S5
}
STATES: Mapping[KeyState, tuple[str, ...]] = {
    KeyState.ENABLED: ("Enabled",),  # I
    KeyState.DISABLED: ("Disabled",),  # I
    KeyState.PENDING_DELETION: ("PendingDeletion",),  # I
    KeyState.PENDING_IMPORT: ("PendingImport",),  # I
}
CERTIFICATE_STATES: Mapping[CertificateState, tuple[str, ...]] = {
    CertificateState.ENABLED: ("1", "ACTIVE"),  # S3 on an ordinary certificate; the meaning I?
    CertificateState.DISABLED: ("2", "INACTIVE"),  # I?
    CertificateState.REVOKED: ("3", "REVOKED"),  # I?
    CertificateState.PENDING: ("PENDING",),  # I?, the number is not known
}
ALGORITHMS: Mapping[Algorithm, str] = {
    Algorithm.RSAES_OAEP_SHA_256: "RSAES_OAEP_SHA_256",  # S2
    Algorithm.RSAES_OAEP_SHA_1: "RSAES_OAEP_SHA_1",  # S2
    Algorithm.SM2PKE: "SM2PKE",  # I
    Algorithm.RSA_PSS_SHA_256: "RSA_PSS_SHA_256",  # I
    Algorithm.RSA_PKCS1_SHA_256: "RSA_PKCS1_SHA_256",  # I
    Algorithm.ECDSA_SHA_256: "ECDSA_SHA_256",  # I
    Algorithm.SM2DSA: "SM2DSA",  # I
}
WRAPPINGS: Mapping[Algorithm, tuple[str, str]] = {
    Algorithm.RSAES_OAEP_SHA_256: ("RSAES_OAEP_SHA_256", "RSA_2048"),  # I
    Algorithm.RSAES_OAEP_SHA_1: ("RSAES_OAEP_SHA_1", "RSA_2048"),  # I
    Algorithm.SM2PKE: ("SM2PKE", "EC_SM2"),  # I
    Algorithm.RSAES_PKCS1_V1_5: ("RSAES_PKCS1_V1_5", "RSA_2048"),  # I
}
"""How key material may be wrapped, the best first, and for what kind of wrapping key."""
