"""Import of key material: tokens, wrapping, the same-material rule, expiry, removal."""

import os
from dataclasses import replace
from typing import Any

import pytest

from kms_emulator.ciphers import wrapping
from tests.emulator.alibaba.support import DAY, HARDWARE, SOFTWARE, Client, b64, in_state, unb64

MATERIAL = bytes(range(32))
NOW = 1711360800
USUAL = {"WrappingKeySpec": "RSA_2048", "WrappingAlgorithm": "RSAES_OAEP_SHA_256"}
INVALID = (400, "InvalidParameter")


@pytest.fixture(autouse=True)
def _known_time(client: Client) -> None:
    client.control("clock", {"set": NOW})


def external(client: Client, **more: object) -> str:
    return client.key(**{"DKMSInstanceId": HARDWARE, "Origin": "EXTERNAL", **more})


def parameters(client: Client, key: str, **given: object) -> dict[str, Any]:
    return client.call("GetParametersForImport", KeyId=key, **{**USUAL, **given})


def wrapped(offer: dict[str, Any], algorithm: str = "RSAES_OAEP_SHA_256", material: bytes = MATERIAL) -> str:
    return b64(wrapping.encrypt_for(unb64(offer["PublicKey"]), algorithm, material))


def given_import(client: Client, key: str, material: bytes = MATERIAL, expires: int = 0) -> dict[str, object]:
    offer = parameters(client, key)
    return {
        "KeyId": key, "ImportToken": offer["ImportToken"], "EncryptedKeyMaterial": wrapped(offer, material=material),
        "KeyMaterialExpireUnix": expires,
    }  # fmt: skip


def works(client: Client, key: str) -> bool:
    blob = client.call("Encrypt", KeyId=key, Plaintext=b64(b"hello"))["CiphertextBlob"]
    return bool(client.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b64(b"hello"))


@pytest.mark.parametrize(
    ("instance", "spec", "algorithm"),
    [
        (HARDWARE, "RSA_2048", "RSAES_OAEP_SHA_256"), (HARDWARE, "RSA_2048", "RSAES_PKCS1_V1_5"),
        (HARDWARE, "EC_SM2", "SM2PKE"), ("", "RSA_2048", "RSAES_OAEP_SHA_1"), ("", "EC_SM2", "SM2PKE"),
    ],
)  # fmt: skip
def test_a_key_is_enabled_by_its_material(client: Client, instance: str, spec: str, algorithm: str) -> None:
    key = external(client, DKMSInstanceId=instance)
    assert client.state(key) == "PendingImport"
    offer = parameters(client, key, WrappingKeySpec=spec, WrappingAlgorithm=algorithm)
    assert (offer["KeyId"], offer["TokenExpireTime"]) == (key, "2024-03-26T10:00:00Z")
    client.call(
        "ImportKeyMaterial", KeyId=key, ImportToken=offer["ImportToken"], KeyMaterialExpireUnix=0,
        EncryptedKeyMaterial=wrapped(offer, algorithm),
    )  # fmt: skip
    assert client.state(key) == "Enabled"
    assert client.meta(key)["MaterialExpireTime"] == ""
    assert works(client, key)


def test_the_length_is_that_of_the_specification(client: Client) -> None:
    for spec, size in (("Aliyun_SM4", 16), ("Aliyun_AES_128", 16), ("Aliyun_AES_192", 24)):
        key = external(client, KeySpec=spec)
        refusal = client.refused("ImportKeyMaterial", **given_import(client, key, MATERIAL))
        assert refusal == (400, "InvalidKeyMaterial")
        client.call("ImportKeyMaterial", **given_import(client, key, MATERIAL[:size]))
        assert works(client, key)


def test_every_call_gives_a_new_pair_that_belongs_together(client: Client) -> None:
    key = external(client)
    first, second = parameters(client, key), parameters(client, key)
    assert first["PublicKey"] != second["PublicKey"]
    crossed = {"ImportToken": first["ImportToken"], "EncryptedKeyMaterial": wrapped(second)}
    refusal = client.refused("ImportKeyMaterial", KeyId=key, KeyMaterialExpireUnix=0, **crossed)
    assert refusal == (400, "InvalidKeyMaterial")
    assert client.state(key) == "PendingImport"


def test_a_token_is_good_for_its_key_and_for_a_day(client: Client) -> None:
    key, other = external(client), external(client)
    given = given_import(client, key)
    assert client.refused("ImportKeyMaterial", **{**given, "KeyId": other}) == (400, "InvalidImportToken")
    for bad in (b64(os.urandom(64)), "?"):
        assert client.refused("ImportKeyMaterial", **{**given, "ImportToken": bad}) == (400, "InvalidImportToken")
    client.advance(DAY - 60)
    client.call("ImportKeyMaterial", **given)
    client.advance(120)
    assert client.refused("ImportKeyMaterial", **given) == (400, "ExpiredImportToken")


def test_only_the_very_same_material_is_taken_again(client: Client) -> None:
    key = external(client)
    client.call("ImportKeyMaterial", **given_import(client, key))
    blob = client.call("Encrypt", KeyId=key, Plaintext=b64(b"hello"))["CiphertextBlob"]
    client.call("DeleteKeyMaterial", KeyId=key)
    assert client.refused("Decrypt", CiphertextBlob=blob) == (409, "Rejected.PendingImport")
    refusal = client.refused("ImportKeyMaterial", **given_import(client, key, MATERIAL[::-1]))
    assert refusal == (400, "InvalidKeyMaterial")
    client.call("ImportKeyMaterial", **given_import(client, key))
    assert client.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == b64(b"hello")
    assert client.call("ListKeyVersions", KeyId=key)["TotalCount"] == 1


@pytest.mark.parametrize("disabled", [False, True])
def test_material_expires_on_the_clock(client: Client, disabled: bool) -> None:
    key = external(client)
    client.call("ImportKeyMaterial", **given_import(client, key, expires=NOW + 7 * DAY))
    assert client.meta(key)["MaterialExpireTime"] == "2024-04-01T10:00:00Z"
    if disabled:
        client.call("DisableKey", KeyId=key)
    client.advance(7 * DAY - 60)
    assert client.state(key) == ("Disabled" if disabled else "Enabled")
    client.advance(120)
    found = client.meta(key)
    assert (found["KeyState"], found["MaterialExpireTime"]) == ("PendingImport", "")
    assert client.refused("Encrypt", KeyId=key, Plaintext=b64(b"x")) == (409, "Rejected.PendingImport")


def test_another_import_changes_the_expiry_and_keeps_the_state(client: Client) -> None:
    key = external(client)
    client.call("ImportKeyMaterial", **given_import(client, key, expires=NOW + 7 * DAY))
    client.call("DisableKey", KeyId=key)
    client.call("ImportKeyMaterial", **given_import(client, key))
    found = client.meta(key)
    assert (found["KeyState"], found["MaterialExpireTime"]) == ("Disabled", "")
    client.advance(30 * DAY)
    assert client.state(key) == "Disabled"


def test_the_expiry_is_required_and_lies_ahead(client: Client) -> None:
    given = given_import(client, external(client))
    assert client.refused("ImportKeyMaterial", **{**given, "KeyMaterialExpireUnix": NOW - 1}) == INVALID
    assert client.refused("ImportKeyMaterial", **{**given, "KeyMaterialExpireUnix": -1}) == INVALID
    del given["KeyMaterialExpireUnix"]
    assert client.refused("ImportKeyMaterial", **given) == (400, "MissingParameter")


def test_keys_that_make_their_own_material_take_none(client: Client) -> None:
    key = client.key()
    refusal = (400, "Unsupported.Origin")
    assert client.refused("GetParametersForImport", KeyId=key, **USUAL) == refusal
    assert client.refused("DeleteKeyMaterial", KeyId=key) == refusal
    given = given_import(client, external(client))
    assert client.refused("ImportKeyMaterial", **{**given, "KeyId": key}) == refusal


def test_wrapping_fits_the_key(client: Client) -> None:
    key = external(client)
    action = "GetParametersForImport"
    crossed = {"WrappingKeySpec": "RSA_2048", "WrappingAlgorithm": "SM2PKE"}
    assert client.refused(action, KeyId=key, **crossed) == INVALID
    assert client.refused(action, KeyId=key, **{**USUAL, "WrappingAlgorithm": "RSAES_OAEP_SHA_1"}) == INVALID
    assert client.refused(action, KeyId=key, **{**USUAL, "WrappingKeySpec": "RSA_1024"}) == INVALID
    assert client.refused(action, KeyId=key, WrappingKeySpec="RSA_2048") == (400, "MissingParameter")
    abroad = replace(client, region="ap-southeast-1")
    soft = abroad.default_key(Origin="EXTERNAL")
    sm2 = {"WrappingKeySpec": "EC_SM2", "WrappingAlgorithm": "SM2PKE"}
    assert abroad.refused(action, KeyId=soft, **sm2) == (400, "Unsupported.ProtectionLevel")
    pair = external(client, KeySpec="RSA_2048")
    assert client.refused(action, KeyId=pair, **USUAL) == (400, "UnsupportedOperation")


def test_states_allow_what_the_table_says(client: Client) -> None:
    key = external(client)
    given = given_import(client, key)
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    assert parameters(client, key)["KeyId"] == key
    assert client.refused("ImportKeyMaterial", **given) == (409, "Rejected.StateModifiedFailed")
    client.call("CancelKeyDeletion", KeyId=key)
    assert client.state(key) == "PendingImport"
    client.call("ImportKeyMaterial", **given)
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    client.call("DeleteKeyMaterial", KeyId=key)
    assert client.state(key) == "PendingDeletion"
    client.call("CancelKeyDeletion", KeyId=key)
    assert client.state(key) == "PendingImport"


def test_material_that_expires_in_the_window_does_not_end_it(client: Client) -> None:
    key = external(client)
    client.call("ImportKeyMaterial", **given_import(client, key, expires=NOW + 2 * DAY))
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    client.advance(3 * DAY)
    assert client.state(key) == "PendingDeletion"
    client.advance(5 * DAY)
    assert client.refused("DescribeKey", KeyId=key) == (404, "Forbidden.KeyNotFound")


def test_a_key_with_imported_material_has_one_version(client: Client) -> None:
    key = external(client)
    client.call("ImportKeyMaterial", **given_import(client, key))
    client.advance(8 * DAY)
    assert client.refused("CreateKeyVersion", KeyId=key) == (400, "Rejected.UnsupportedOperation")


def test_material_and_token_are_not_in_the_journal(client: Client) -> None:
    given = given_import(client, external(client))
    client.call("ImportKeyMaterial", **given)
    journal = client.session.get(f"{client.url}/_emulator/journal", timeout=10).text
    for secret in (given["ImportToken"], given["EncryptedKeyMaterial"], MATERIAL.hex(), b64(MATERIAL)):
        assert str(secret) not in journal


def test_a_software_instance_takes_no_external_keys(client: Client) -> None:
    assert client.refused("CreateKey", DKMSInstanceId=SOFTWARE, Origin="EXTERNAL") == (400, "UnsupportedOperation")
    assert in_state(client, "PendingImport")
