"""The vendor's own Python package, unmodified: cryptography, import, secrets, quotas."""

import hashlib
import json
from typing import Any

import pytest
from alibabacloud_kms20160120 import models
from alibabacloud_kms20160120.client import Client as Sdk
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from kms_emulator.ciphers import asymmetric, material, wrapping
from tests.emulator.alibaba.support import HARDWARE, KEY_ID, REGION, SECRET, SOFTWARE, Client, b64, unb64, usual_policy
from tests.emulator.alibaba.test_official_sdk import code, make, meta, new_key

HELLO = b64(b"hello")
CONTEXT = {"b": "2", "a": "1"}


@pytest.fixture
def sdk(client: Client) -> Sdk:
    return make(client, KEY_ID, SECRET)


def only_version(sdk: Sdk, key: str) -> str:
    listed = sdk.list_key_versions(models.ListKeyVersionsRequest(key_id=key)).body.key_versions.key_version
    return str(listed[0].key_version_id)


def opened(sdk: Sdk, blob: str) -> str:
    request = models.DecryptRequest(ciphertext_blob=blob, encryption_context=CONTEXT)
    return str(sdk.decrypt(request).body.plaintext)


def test_symmetric_encryption(sdk: Sdk) -> None:
    key, other = new_key(sdk), new_key(sdk)
    sealed = sdk.encrypt(models.EncryptRequest(key_id=key, plaintext=HELLO, encryption_context=CONTEXT)).body
    assert (sealed.key_id, sealed.key_version_id) == (key, meta(sdk, key).primary_key_version)
    assert opened(sdk, sealed.ciphertext_blob) == HELLO
    moved = sdk.re_encrypt(
        models.ReEncryptRequest(
            ciphertext_blob=sealed.ciphertext_blob, destination_key_id=other, source_encryption_context=CONTEXT,
            destination_encryption_context=CONTEXT,
        )
    ).body  # fmt: skip
    assert (moved.key_id, opened(sdk, moved.ciphertext_blob)) == (other, HELLO)
    bad = models.DecryptRequest(ciphertext_blob=sealed.ciphertext_blob)
    assert code(lambda: sdk.decrypt(bad)) == (400, "InvalidParameter")
    dry = models.EncryptRequest(key_id=key, plaintext=HELLO, dry_run="true")
    assert code(lambda: sdk.encrypt(dry)) == (400, "DryRunOperationError")


def test_data_keys(sdk: Sdk) -> None:
    key = new_key(sdk)
    made = sdk.generate_data_key(
        models.GenerateDataKeyRequest(key_id=key, key_spec="AES_128", encryption_context=CONTEXT)
    ).body
    assert len(unb64(made.plaintext)) == 16
    assert opened(sdk, made.ciphertext_blob) == made.plaintext
    hidden = sdk.generate_data_key_without_plaintext(
        models.GenerateDataKeyWithoutPlaintextRequest(key_id=key, number_of_bytes=24, encryption_context=CONTEXT)
    ).body
    assert len(unb64(opened(sdk, hidden.ciphertext_blob))) == 24
    private = material.new_material("RSA_2048")
    given: dict[str, Any] = {
        "public_key_blob": b64(asymmetric.public_key_der("RSA_2048", private)), "wrapping_key_spec": "RSA_2048",
        "wrapping_algorithm": "RSAES_OAEP_SHA_256", "encryption_context": CONTEXT,
    }  # fmt: skip
    both = sdk.generate_and_export_data_key(models.GenerateAndExportDataKeyRequest(key_id=key, **given)).body
    again = sdk.export_data_key(models.ExportDataKeyRequest(ciphertext_blob=both.ciphertext_blob, **given)).body
    for answer in (both, again):
        plain = asymmetric.decrypt("RSA_2048", private, "RSAES_OAEP_SHA_256", unb64(answer.exported_data_key))
        assert b64(plain) == opened(sdk, both.ciphertext_blob)


def test_asymmetric_keys(sdk: Sdk) -> None:
    key = new_key(sdk, key_spec="EC_P256", key_usage="SIGN/VERIFY")
    named = {"key_id": key, "key_version_id": only_version(sdk, key)}
    digest = hashlib.sha256(b"message").digest()
    given: dict[str, Any] = {**named, "algorithm": "ECDSA_SHA_256", "digest": b64(digest)}
    value = sdk.asymmetric_sign(models.AsymmetricSignRequest(**given)).body.value
    assert sdk.asymmetric_verify(models.AsymmetricVerifyRequest(**given, value=value)).body.value is True
    pem = sdk.get_public_key(models.GetPublicKeyRequest(**named)).body.public_key
    public = serialization.load_pem_public_key(pem.encode())
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(unb64(value), digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    key = new_key(sdk, key_spec="RSA_2048", key_usage="ENCRYPT/DECRYPT")
    given = {"key_id": key, "key_version_id": only_version(sdk, key), "algorithm": "RSAES_OAEP_SHA_256"}
    blob = sdk.asymmetric_encrypt(models.AsymmetricEncryptRequest(**given, plaintext=HELLO)).body.ciphertext_blob
    request = models.AsymmetricDecryptRequest(**given, ciphertext_blob=blob)
    assert sdk.asymmetric_decrypt(request).body.plaintext == HELLO


def test_message_authentication_codes(sdk: Sdk) -> None:
    given: dict[str, Any] = {"key_id": new_key(sdk, key_spec="HMAC"), "algorithm": "HMAC_SM3", "message": HELLO}
    made = sdk.generate_mac(models.GenerateMacRequest(**given)).body
    assert (made.key_id, made.algorithm) == (given["key_id"], "HMAC_SM3")
    assert sdk.verify_mac(models.VerifyMacRequest(**given, mac=made.mac)).body.value is True


def test_import_of_material(sdk: Sdk) -> None:
    request = models.CreateKeyRequest(dkmsinstance_id=HARDWARE, origin="EXTERNAL")
    key = sdk.create_key(request).body.key_metadata.key_id
    offer = sdk.get_parameters_for_import(
        models.GetParametersForImportRequest(
            key_id=key, wrapping_key_spec="RSA_2048", wrapping_algorithm="RSAES_OAEP_SHA_256"
        )
    ).body
    wrapped = wrapping.encrypt_for(unb64(offer.public_key), "RSAES_OAEP_SHA_256", b"m" * 32)
    given: dict[str, Any] = {"key_id": key, "import_token": offer.import_token, "key_material_expire_unix": 0}
    sdk.import_key_material(models.ImportKeyMaterialRequest(**given, encrypted_key_material=b64(wrapped)))
    assert meta(sdk, key).key_state == "Enabled"
    sdk.delete_key_material(models.DeleteKeyMaterialRequest(key_id=key))
    assert meta(sdk, key).key_state == "PendingImport"


def test_secrets(sdk: Sdk, client: Client) -> None:
    key = new_key(sdk)
    made = sdk.create_secret(
        models.CreateSecretRequest(
            secret_name="db/app", version_id="v1", secret_data="p+w&=+*~ é", dkmsinstance_id=SOFTWARE,
            encryption_key_id=key, tags=json.dumps([{"TagKey": "a", "TagValue": "b"}]),
        )
    ).body  # fmt: skip
    assert (made.secret_name, made.version_id, made.dkmsinstance_id) == ("db/app", "v1", SOFTWARE)
    read = models.GetSecretValueRequest(secret_name="db/app")
    assert sdk.get_secret_value(read).body.secret_data == "p+w&=+*~ é"
    answer = sdk.put_secret_value(
        models.PutSecretValueRequest(
            secret_name="db/app", version_id="v2", secret_data="hush", version_stages='["ACSCurrent","mine"]'
        )
    ).body
    assert answer.version_stages.version_stage == ["ACSCurrent", "mine"]
    sdk.update_secret_version_stage(
        models.UpdateSecretVersionStageRequest(
            secret_name="db/app", version_stage="mine", remove_from_version="v2", move_to_version="v1"
        )
    )
    listed = sdk.list_secret_version_ids(models.ListSecretVersionIdsRequest(secret_name="db/app")).body
    assert [(entry.version_id, entry.version_stages.version_stage) for entry in listed.version_ids.version_id] == [
        ("v1", ["ACSPrevious", "mine"]), ("v2", ["ACSCurrent"]),
    ]  # fmt: skip
    sdk.update_secret(models.UpdateSecretRequest(secret_name="db/app", description="new"))
    told = sdk.describe_secret(models.DescribeSecretRequest(secret_name="db/app", fetch_tags="true")).body
    assert (told.description, told.encryption_key_id, told.tags.tag[0].tag_key) == ("new", key, "a")
    entry = models.BatchGetSecretValueRequestSecretsList(secret_name="db/app", version_stage="ACSPrevious")
    none = models.BatchGetSecretValueRequestSecretsList(secret_name="none")
    batch = sdk.batch_get_secret_value(models.BatchGetSecretValueRequest(secrets_list=[entry, none])).body
    assert [value.secret_data for value in batch.secret_values] == ["p+w&=+*~ é"]
    assert [error.code for error in batch.errors] == ["Forbidden.ResourceNotFound"]
    sdk.delete_secret(models.DeleteSecretRequest(secret_name="db/app", recovery_window_in_days="7"))
    (found,) = sdk.list_secrets(models.ListSecretsRequest()).body.secret_list.secret
    assert found.planned_delete_time
    assert code(lambda: sdk.get_secret_value(read)) == (409, "Rejected.ResourceInDeleteWindow")
    sdk.restore_secret(models.RestoreSecretRequest(secret_name="db/app"))
    assert sdk.get_secret_value(read).body.secret_data == "hush"
    sdk.delete_secret(models.DeleteSecretRequest(secret_name="db/app", force_delete_without_recovery="true"))
    assert code(lambda: sdk.get_secret_value(read)) == (404, "Forbidden.ResourceNotFound")


def test_managed_secrets(sdk: Sdk) -> None:
    sdk.create_secret(
        models.CreateSecretRequest(
            secret_name="r", version_id="v1", secret_type="Redis", secret_data="$Auto",
            extended_config={"SecretSubType": "DoubleUsers", "AccountName": "app"},
            enable_automatic_rotation=True, rotation_interval="7d",
        )
    )  # fmt: skip
    before = sdk.get_secret_value(models.GetSecretValueRequest(secret_name="r")).body
    assert (before.automatic_rotation, before.rotation_interval) == ("Enabled", "604800s")
    custom = models.UpdateSecretRequestExtendedConfig(custom_data={"team": "x"})
    sdk.update_secret(models.UpdateSecretRequest(secret_name="r", extended_config=custom))
    rotated = sdk.rotate_secret(models.RotateSecretRequest(secret_name="r", version_id="v2")).body
    assert rotated.version_id == "v2"
    plan = models.UpdateSecretRotationPolicyRequest(secret_name="r", enable_automatic_rotation=False)
    sdk.update_secret_rotation_policy(plan)
    after = sdk.get_secret_value(models.GetSecretValueRequest(secret_name="r", fetch_extended_config=True)).body
    assert (after.automatic_rotation, after.secret_data != before.secret_data) == ("Disabled", True)
    assert json.loads(after.extended_config)["CustomData"] == {"team": "x"}


def test_policies_of_secrets(sdk: Sdk) -> None:
    sdk.create_secret(models.CreateSecretRequest(secret_name="s", version_id="v1", secret_data="x"))
    policy = usual_policy("one of ours")
    sdk.set_secret_policy(models.SetSecretPolicyRequest(secret_name="s", policy=json.dumps(policy)))
    found = sdk.get_secret_policy(models.GetSecretPolicyRequest(secret_name="s", policy_name="default")).body
    assert json.loads(found.policy) == policy


def test_passwords_and_quotas(sdk: Sdk) -> None:
    password = sdk.get_random_password(
        models.GetRandomPasswordRequest(password_length="16", exclude_punctuation="true")
    ).body.random_password
    assert (len(password), password.isalnum()) == (16, True)
    wanted = models.GetKmsInstanceQuotaInfosRequest(kms_instance_id=SOFTWARE, resource_type="key")
    (quota,) = sdk.get_kms_instance_quota_infos(wanted).body.kms_instance_quota_infos
    assert (quota.resource_type, quota.resource_quota, quota.used_quantity) == ("key", 1000, 0)
    instance = sdk.get_kms_instance(models.GetKmsInstanceRequest(kms_instance_id=SOFTWARE)).body.kms_instance
    assert instance.ca_certificate_chain_pem.startswith("-----BEGIN CERTIFICATE-----")


def test_no_secret_of_the_package_reaches_the_journal(sdk: Sdk, client: Client) -> None:
    canary = b64(b"canary-plaintext")
    sdk.encrypt(models.EncryptRequest(key_id=new_key(sdk), plaintext=canary))
    sdk.create_secret(models.CreateSecretRequest(secret_name="s", version_id="v1", secret_data="canary-secret"))
    journal = client.session.get(f"{client.url}/_emulator/journal", timeout=10).text
    assert canary not in journal
    assert "canary" not in journal
    assert REGION in journal
