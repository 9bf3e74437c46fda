"""Imported material: wrapping, tokens, re-import, expiry, deletion; and the bindings that stop them."""

import os
import time
from typing import Any

import pytest

from tests.emulator.tencent.crypto import CANARY, MISSING, PADDINGS, b64, decrypt, encrypt, imported, wrapped_material
from tests.emulator.tencent.support import DAY, Client, in_state

MATERIAL = bytes(range(16))
DISABLED = "ResourceUnavailable.CmkDisabled"
ST = "ResourceUnavailable.CmkStateNotSupport"
CP = "FailedOperation.CmkUsedByCloudProduct"
NOT_EXTERNAL = "UnsupportedOperation.NotExternalCmk"
NO_MATCH = "InvalidParameterValue.MaterialNotMatch"
BAD = "InvalidParameter.DecryptMaterialError"
PARAMETERS = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
BINDING = {"ProductId": "ssm", "ResourceId": "secret-1"}


def waiting(client: Client, alias: str = "app-main") -> str:
    return client.key(alias, Type=2)


def with_material(client: Client, **more: Any) -> str:
    key = waiting(client)
    imported(client, key, MATERIAL, **more)
    return key


def state(client: Client, key: str) -> tuple[str, int]:
    found = client.meta(key)
    return found["KeyState"], found["ValidTo"]


@pytest.mark.parametrize("algorithm", PADDINGS)
@pytest.mark.parametrize(("region", "length"), [("ap-guangzhou", 16), ("ap-singapore", 32)])
def test_imported_material_makes_a_key_work(client: Client, region: str, length: int, algorithm: str) -> None:
    client.region = region
    key = waiting(client)
    client.call("ImportKeyMaterial", **wrapped_material(client, key, os.urandom(length), algorithm))
    assert state(client, key) == ("Enabled", 0)
    assert decrypt(client, encrypt(client, key)) == CANARY


@pytest.mark.parametrize(("region", "length"), [("ap-guangzhou", 32), ("ap-singapore", 16), ("ap-guangzhou", 15)])
def test_material_of_another_length_is_refused(client: Client, region: str, length: int) -> None:
    client.region = region
    key = waiting(client)
    assert client.refused("ImportKeyMaterial", **wrapped_material(client, key, bytes(length))) == "InvalidParameter"
    assert state(client, key) == ("PendingImport", 0)


def test_each_request_for_parameters_has_a_token_and_a_key_of_its_own(client: Client) -> None:
    key = waiting(client)
    one, two = (client.call("GetParametersForImport", KeyId=key, **PARAMETERS) for _ in range(2))
    assert one["KeyId"] == key
    assert 0 <= one["ParametersValidTo"] - client.meta(key)["CreateTime"] - DAY <= 60
    assert (one["ImportToken"] == two["ImportToken"], one["PublicKey"] == two["PublicKey"]) == (False, False)


@pytest.mark.parametrize("wrong", [{"WrappingAlgorithm": "SM2PKE"}, {"WrappingKeySpec": "RSA_4096"}])
def test_other_ways_of_wrapping_are_refused(client: Client, wrong: dict[str, str]) -> None:
    code = client.refused("GetParametersForImport", KeyId=waiting(client), **{**PARAMETERS, **wrong})
    assert code == "InvalidParameter"


def test_material_is_imported_into_external_keys_only(client: Client) -> None:
    key = client.key()
    assert client.refused("GetParametersForImport", KeyId=key, **PARAMETERS) == NOT_EXTERNAL
    code = client.refused("ImportKeyMaterial", KeyId=key, ImportToken="x", EncryptedKeyMaterial="YQ==")
    assert code == NOT_EXTERNAL
    assert client.refused("DeleteImportedKeyMaterial", KeyId=key) == NOT_EXTERNAL
    for action, more in (("GetParametersForImport", PARAMETERS), ("DeleteImportedKeyMaterial", {})):
        assert client.refused(action, KeyId=MISSING, **more) == "ResourceUnavailable.CmkNotFound"
        assert client.refused(action, KeyId="x", **more) == "InvalidParameterValue.InvalidKeyId"


def test_bad_imports_are_refused_and_change_nothing(client: Client) -> None:
    key, other = waiting(client), waiting(client, "other")
    good = wrapped_material(client, key, MATERIAL)
    foreign = wrapped_material(client, other, MATERIAL)
    for wrong, code in (
        ({"EncryptedKeyMaterial": "!"}, BAD),
        ({"EncryptedKeyMaterial": ""}, BAD),
        ({"EncryptedKeyMaterial": b64(bytes(256))}, BAD),
        ({"EncryptedKeyMaterial": foreign["EncryptedKeyMaterial"]}, BAD),
        ({"ImportToken": foreign["ImportToken"]}, "InvalidParameter"),
        ({"ImportToken": "unknown"}, "InvalidParameter"),
        ({"ValidTo": int(time.time()) - 60}, "InvalidParameter"),
        ({"ValidTo": 2147443201}, "InvalidParameter"),
        ({"ValidTo": -1}, "InvalidParameter"),
    ):
        assert client.refused("ImportKeyMaterial", **{**good, **wrong}) == code
    assert state(client, key) == ("PendingImport", 0)


def test_damage_in_the_old_padding_is_a_material_error(client: Client) -> None:
    key = waiting(client)
    given = wrapped_material(client, key, MATERIAL, "RSAES_PKCS1_V1_5")
    damaged = {**given, "EncryptedKeyMaterial": b64(b"\1" * 256)}
    assert client.refused("ImportKeyMaterial", **damaged) == BAD


def test_a_token_expires_after_24_hours(client: Client) -> None:
    key = waiting(client)
    given = wrapped_material(client, key, MATERIAL)
    client.advance(DAY - 60)
    client.call("ImportKeyMaterial", **given)
    client.advance(61)
    assert client.refused("ImportKeyMaterial", **given) == "ResourceUnavailable.TokenExpired"
    client.advance(31 * DAY)
    client.call("GetParametersForImport", KeyId=key, **PARAMETERS)
    assert client.refused("ImportKeyMaterial", **given) == "InvalidParameter"


def test_the_same_material_may_come_again_with_another_expiry_and_no_other(client: Client) -> None:
    key = with_material(client)
    later = int(time.time()) + 50 * DAY
    imported(client, key, MATERIAL, ValidTo=later)
    assert state(client, key) == ("Enabled", later)
    assert client.refused("ImportKeyMaterial", **wrapped_material(client, key, bytes(16))) == NO_MATCH
    client.call("DeleteImportedKeyMaterial", KeyId=key)
    assert client.refused("ImportKeyMaterial", **wrapped_material(client, key, bytes(16))) == NO_MATCH
    imported(client, waiting(client, "other"), bytes(16))


def test_the_same_material_does_not_make_two_keys_one(client: Client) -> None:
    blob = encrypt(client, with_material(client))
    other = waiting(client, "other")
    imported(client, other, MATERIAL)
    assert blob.split("-k-")[0] != encrypt(client, other).split("-k-")[0]


def test_deleted_material_stops_the_key_until_it_comes_again(client: Client) -> None:
    key = with_material(client)
    blob = encrypt(client, key)
    client.call("DeleteImportedKeyMaterial", KeyId=key)
    assert state(client, key) == ("PendingImport", 0)
    assert client.refused("Decrypt", CiphertextBlob=blob) == DISABLED
    assert client.refused("Encrypt", KeyId=key, Plaintext="YQ==") == DISABLED
    assert client.refused("DeleteImportedKeyMaterial", KeyId=key) == ST
    imported(client, key, MATERIAL)
    assert decrypt(client, blob) == CANARY


@pytest.mark.parametrize("steps", [[], ["DisableKey"], ["ArchiveKey"]])
def test_material_expires_at_its_date_and_not_before(client: Client, steps: list[str]) -> None:
    expiry = int(time.time()) + 10 * DAY
    key = with_material(client, ValidTo=expiry)
    blob = encrypt(client, key)
    for step in steps:
        client.call(step, KeyId=key)
    client.control("clock", {"set": expiry - 30})
    assert client.meta(key)["KeyState"] != "PendingImport"
    client.control("clock", {"set": expiry})
    assert state(client, key) == ("PendingImport", 0)
    assert client.refused("Decrypt", CiphertextBlob=blob) == DISABLED
    imported(client, key, MATERIAL)
    assert decrypt(client, blob) == CANARY


def test_material_that_expires_while_its_key_waits_for_deletion_is_gone_when_that_is_cancelled(client: Client) -> None:
    key = with_material(client, ValidTo=int(time.time()) + 10 * DAY)
    client.call("DisableKey", KeyId=key)
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=20)
    client.advance(11 * DAY)
    assert client.meta(key)["KeyState"] == "PendingDelete"
    client.call("CancelKeyDeletion", KeyId=key)
    assert state(client, key) == ("PendingImport", 0)


def test_a_cancelled_deletion_keeps_material_that_has_not_expired(client: Client) -> None:
    key = with_material(client)
    blob = encrypt(client, key)
    client.call("DisableKey", KeyId=key)
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    client.call("CancelKeyDeletion", KeyId=key)
    client.call("EnableKey", KeyId=key)
    assert decrypt(client, blob) == CANARY


@pytest.mark.parametrize("steps", [["DisableKey"], ["ArchiveKey"], ["DisableKey", "ScheduleKeyDeletion"]])
def test_material_is_taken_only_by_enabled_and_waiting_keys(client: Client, steps: list[str]) -> None:
    key = with_material(client)
    for step in steps:
        client.call(step, KeyId=key, **({"PendingWindowInDays": 7} if step == "ScheduleKeyDeletion" else {}))
    assert client.refused("ImportKeyMaterial", **wrapped_material(client, key, MATERIAL)) == ST
    if steps != ["DisableKey"]:
        assert client.refused("DeleteImportedKeyMaterial", KeyId=key) == ST


def test_material_of_a_disabled_key_can_be_deleted(client: Client) -> None:
    key = with_material(client)
    client.call("DisableKey", KeyId=key)
    client.call("DeleteImportedKeyMaterial", KeyId=key)
    assert state(client, key) == ("PendingImport", 0)


def test_a_binding_ends_the_expiry_and_keeps_the_key(client: Client) -> None:
    key = with_material(client, ValidTo=int(time.time()) + 10 * DAY)
    for _ in range(2):
        client.call("BindCloudResource", KeyId=key, **BINDING)
    assert state(client, key) == ("Enabled", 0)
    client.advance(20 * DAY)
    for action in ("DisableKey", "ArchiveKey", "DeleteImportedKeyMaterial"):
        assert client.refused(action, KeyId=key) == CP
    assert client.refused("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7) == CP
    client.call("UnbindCloudResource", KeyId=key, **BINDING)
    client.call("DeleteImportedKeyMaterial", KeyId=key)


def test_each_binding_is_undone_by_its_own_name(client: Client) -> None:
    key = client.key()
    client.call("BindCloudResource", KeyId=key, **BINDING)
    client.call("BindCloudResource", KeyId=key, ProductId="cos", ResourceId="bucket")
    gone = "ResourceUnavailable.CloudResourceBindingNotFound"
    assert client.refused("UnbindCloudResource", KeyId=key, ProductId="cos", ResourceId="other") == gone
    client.call("UnbindCloudResource", KeyId=key, **BINDING)
    assert client.refused("UnbindCloudResource", KeyId=key, **BINDING) == gone
    assert client.refused("DisableKey", KeyId=key) == CP
    client.call("UnbindCloudResource", KeyId=key, ProductId="cos", ResourceId="bucket")
    client.call("DisableKey", KeyId=key)


@pytest.mark.parametrize("found", ["Disabled", "PendingImport", "Archived", "PendingDelete"])
def test_only_enabled_keys_are_bound(client: Client, found: str) -> None:
    assert client.refused("BindCloudResource", KeyId=in_state(client, found), **BINDING) == ST


def test_a_binding_has_a_product_and_a_resource(client: Client) -> None:
    given = {"KeyId": client.key(), "ProductId": "", "ResourceId": "x"}
    assert client.refused("BindCloudResource", **given) == "InvalidParameter"
    assert client.refused("UnbindCloudResource", **{**given, "KeyId": MISSING}) == "ResourceUnavailable.CmkNotFound"
