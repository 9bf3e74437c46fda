"""The action behind every operation, by name, in the order of the navigation tree."""

from __future__ import annotations

from collections.abc import Mapping

from kms_emulator.ctyun import access_point_actions as points
from kms_emulator.ctyun import alias_actions as aliases
from kms_emulator.ctyun import asymmetric_actions as pairs
from kms_emulator.ctyun import certificate_actions as certificates
from kms_emulator.ctyun import certificate_use_actions as uses
from kms_emulator.ctyun import crypto_actions as crypto
from kms_emulator.ctyun import import_actions as imports
from kms_emulator.ctyun import key_actions as keys
from kms_emulator.ctyun import permission_actions as permissions
from kms_emulator.ctyun import tag_actions as tags
from kms_emulator.ctyun import tenant_actions as tenants
from kms_emulator.ctyun import usb_certificate_actions as usb
from kms_emulator.ctyun import version_actions as versions
from kms_emulator.ctyun.invocation import Action

ACTIONS: Mapping[str, Action] = {
    "createKey": keys.create_key,
    "enableKey": keys.enable_key,
    "disableKey": keys.disable_key,
    "scheduleKeyDeletion": keys.schedule_key_deletion,
    "cancelKeyDeletion": keys.cancel_key_deletion,
    "updateKeyDescription": keys.update_key_description,
    "describeKey": keys.describe_key,
    "listKeys": keys.list_keys,
    "setDeletionProtection": keys.set_deletion_protection,
    "cancelDeletionProtection": keys.cancel_deletion_protection,
    "createAlias": aliases.create_alias,
    "updateAlias": aliases.update_alias,
    "deleteAlias": aliases.delete_alias,
    "listAliases": aliases.list_aliases,
    "listAliasesByKeyId": aliases.list_aliases_by_key_id,
    "getParametersForImport": imports.get_parameters_for_import,
    "importKeyMaterial": imports.import_key_material,
    "deleteKeyMaterial": imports.delete_key_material,
    "describeKeyVersion": versions.describe_key_version,
    "listKeyVersions": versions.list_key_versions,
    "updateRotationPolicy": versions.update_rotation_policy,
    "createKeyVersion": versions.create_key_version,
    "encrypt": crypto.encrypt,
    "generateDataKey": crypto.generate_data_key,
    "generateDataKeyWithoutPlaintext": crypto.generate_data_key_without_plaintext,
    "exportDataKey": crypto.export_data_key,
    "generateAndExportDataKey": crypto.generate_and_export_data_key,
    "decrypt": crypto.decrypt,
    "reEncrypt": crypto.re_encrypt,
    "asymmetricSign": pairs.asymmetric_sign,
    "asymmetricVerify": pairs.asymmetric_verify,
    "asymmetricEncrypt": pairs.asymmetric_encrypt,
    "asymmetricDecrypt": pairs.asymmetric_decrypt,
    "getPublicKey": pairs.get_public_key,
    "hmaccompute": crypto.hmac_sm3,
    "listCertificates": certificates.list_certificates,
    "createCertificate": certificates.create_certificate,
    "uploadCertificate": certificates.upload_certificate,
    "describeCertificate": certificates.describe_certificate,
    "updateCertificateStatus": certificates.update_certificate_status,
    "getCertificate": certificates.get_certificate,
    "exportCertificatePrivateKey": certificates.export_certificate_private_key,
    "deleteCertificate": certificates.delete_certificate,
    "certificatePrivateKeySign": uses.certificate_private_key_sign,
    "certificatePublicKeyVerify": uses.certificate_public_key_verify,
    "certificatePublicKeyEncrypt": uses.certificate_public_key_encrypt,
    "certificatePrivateKeyDecrypt": uses.certificate_private_key_decrypt,
    "generateRandom": uses.generate_random,
    "importPkcs12Certificate": certificates.import_pkcs12_certificate,
    "listCertificatesForUK": usb.list_certificates_for_uk,
    "describeCertificateForUK": usb.describe_certificate_for_uk,
    "importCertificateForUK": usb.import_certificate_for_uk,
    "deleteCertificateForUK": usb.delete_certificate_for_uk,
    "updateCertificateStatusForUK": usb.update_certificate_status_for_uk,
    "listApiPermissions": permissions.list_api_permissions,
    "listAccessPoints": points.list_access_points,
    "listEndpointWhitelist": points.list_endpoint_whitelist,
    "listResourcePermissions": permissions.list_resource_permissions,
    "listVpcs": points.list_vpcs,
    "listSubnets": points.list_subnets,
    "listTenantAks": tenants.list_tenant_aks,
    "createAccessPoint": points.create_access_point,
    "createTenantAkSk": tenants.create_tenant_ak_sk,
    "disablePermissionControl": permissions.disable_permission_control,
    "getResourcePermission": permissions.get_resource_permission,
    "checkPermissionControl": permissions.check_permission_control,
    "updateApiPermissions": permissions.update_api_permissions,
    "disableTenantAk": tenants.disable_tenant_ak,
    "enableTenantAk": tenants.enable_tenant_ak,
    "deleteAccessPoint": points.delete_access_point,
    "deleteTenantAk": tenants.delete_tenant_ak,
    "addEndpointWhitelist": points.add_endpoint_whitelist,
    "updateResourcePermissions": permissions.update_resource_permissions,
    "getTenantApiPermission": permissions.get_tenant_api_permission,
    "listTags": tags.list_tags,
    "updateTag": tags.update_tag,
    "deleteTag": tags.delete_tag,
    "createTag": tags.create_tag,
    "bindResource": tags.bind_resource,
    "unbindResource": tags.unbind_resource,
}
