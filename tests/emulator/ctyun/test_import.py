"""Import of key material: operations 16 to 18."""

import secrets
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.emulator.ctyun.support import DAY, Client, b64, openssl

OAEP_256 = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
OAEP_1 = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
PADDINGS = {"RSAES_OAEP_SHA_256": OAEP_256, "RSAES_OAEP_SHA_1": OAEP_1, "RSAES_PKCS1_V1_5": padding.PKCS1v15()}
MATERIAL = secrets.token_bytes(32)


def parameters(
    client: Client, key: str, algorithm: str = "RSAES_OAEP_SHA_256", spec: str = "RSA_2048"
) -> dict[str, Any]:
    return client.call("getParametersForImport", cmkUuid=key, wrappingAlgorithm=algorithm, wrappingKeySpec=spec)


def wrapped(given: dict[str, Any], material: bytes, algorithm: str = "RSAES_OAEP_SHA_256") -> dict[str, Any]:
    public = serialization.load_der_public_key(b64decode(given["publicKey"]))
    assert isinstance(public, rsa.RSAPublicKey)
    box = public.encrypt(material, PADDINGS[algorithm])
    return {"cmkUuid": given["cmkUuid"], "importToken": given["importToken"], "encryptedKeyMaterial": b64(box)}


def imported(client: Client, material: bytes = MATERIAL, **more: Any) -> str:
    """A key with imported material."""
    key = client.make(origin="EXTERNAL")
    client.call("importKeyMaterial", **wrapped(parameters(client, key), material), **more)
    return key


@pytest.mark.parametrize("algorithm", list(PADDINGS))
def test_imported_material_makes_the_key_usable(client: Client, algorithm: str) -> None:
    key = client.make(origin="EXTERNAL")
    client.call("importKeyMaterial", **wrapped(parameters(client, key, algorithm), MATERIAL, algorithm))
    found = client.call("describeKey", cmkUuid=key)
    assert (found["keyState"], "materialExpireTime" in found) == ("Enabled", False)
    assert client.version(key) == found["primaryKeyVersion"]
    blob = client.call("encrypt", cmkUuid=key, plaintext=b64(b"hello"))["ciphertextBlob"]
    assert client.call("decrypt", ciphertextBlob=blob)["plaintext"] == b64(b"hello")


def test_material_for_sm4_comes_wrapped_by_openssl_with_sm2(client: Client, tmp_path: Path) -> None:
    key = client.make(origin="EXTERNAL", keySpec="SM4")
    given = parameters(client, key, "SM2PKE", "EC_SM2")
    public = tmp_path / "public.der"
    public.write_bytes(b64decode(given["publicKey"]))
    box = openssl("pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", public, data=MATERIAL[:16])
    fields = {"cmkUuid": key, "importToken": given["importToken"], "encryptedKeyMaterial": b64(box)}
    client.call("importKeyMaterial", **fields)
    assert client.state(key) == "Enabled"


def test_the_imported_material_is_what_encrypts(client: Client) -> None:
    blob = b64decode(client.call("encrypt", cmkUuid=imported(client), plaintext=b64(b"hello"))["ciphertextBlob"])
    assert AESGCM(MATERIAL).decrypt(blob[36:48], blob[48:], b"") == b"hello"


def test_a_token_is_good_for_24_hours_and_as_often_as_one_likes(client: Client) -> None:
    key = client.make(origin="EXTERNAL")
    given = wrapped(parameters(client, key), MATERIAL)
    client.call("importKeyMaterial", **given)
    client.advance(0.99)
    client.call("importKeyMaterial", **given)
    client.advance(0.02)
    assert client.refused("importKeyMaterial", **given) == (400, "KMS_9038")
    client.call("importKeyMaterial", **wrapped(parameters(client, key), MATERIAL))
    assert client.refused("importKeyMaterial", **given) == (400, "KMS_9037")  # forgotten with the new pair


def test_a_token_belongs_to_its_key_alone(client: Client) -> None:
    one, other = (client.make(origin="EXTERNAL") for _ in range(2))
    given = wrapped(parameters(client, one), MATERIAL)
    assert client.refused("importKeyMaterial", **{**given, "cmkUuid": other}) == (400, "KMS_9037")
    assert client.refused("importKeyMaterial", **{**given, "importToken": "bm9uZQ=="}) == (400, "KMS_9037")
    assert client.state(other) == "PendingImport"


def test_token_and_public_key_belong_together(client: Client) -> None:
    key = client.make(origin="EXTERNAL")
    first, second = parameters(client, key), parameters(client, key)
    mixed = {**wrapped(first, MATERIAL), "importToken": second["importToken"]}
    assert client.refused("importKeyMaterial", **mixed) == (400, "KMS_9039")


@pytest.mark.parametrize("length", [1, 16, 31, 33])
def test_material_of_another_length_is_refused(client: Client, length: int) -> None:
    key = client.make(origin="EXTERNAL")
    given = wrapped(parameters(client, key), bytes(length))
    assert client.refused("importKeyMaterial", **given) == (400, "KMS_9039")
    assert client.state(key) == "PendingImport"


def test_a_key_takes_one_material_only(client: Client) -> None:
    key = imported(client)
    blob = client.call("encrypt", cmkUuid=key, plaintext=b64(b"hello"))["ciphertextBlob"]
    client.call("deleteKeyMaterial", cmkUuid=key)
    assert client.state(key) == "PendingImport"
    assert client.refused("decrypt", ciphertextBlob=blob) == (404, "KMS_9011")
    other = wrapped(parameters(client, key), secrets.token_bytes(32))
    assert client.refused("importKeyMaterial", **other) == (400, "KMS_9040")
    client.call("importKeyMaterial", **wrapped(parameters(client, key), MATERIAL))
    assert client.call("decrypt", ciphertextBlob=blob)["plaintext"] == b64(b"hello")
    assert len(client.call("listKeyVersions", cmkUuid=key)["keyVersions"]) == 1


def test_material_expires_by_the_clock(client: Client) -> None:
    end = int(client.now()) + 10 * DAY
    key = imported(client, keyMaterialExpireUnix=end)
    assert "materialExpireTime" in client.call("describeKey", cmkUuid=key)
    client.advance(9.9)
    assert client.state(key) == "Enabled"
    client.advance(0.2)
    found = client.call("describeKey", cmkUuid=key)
    assert (found["keyState"], "materialExpireTime" in found) == ("PendingImport", False)
    assert client.refused("encrypt", cmkUuid=key, plaintext=b64(b"x")) == (404, "KMS_9011")


def test_importing_again_sets_the_end_anew(client: Client) -> None:
    key = imported(client, keyMaterialExpireUnix=int(client.now()) + DAY)
    client.call("importKeyMaterial", **wrapped(parameters(client, key), MATERIAL))
    client.advance(2)
    assert client.state(key) == "Enabled"


def test_material_expires_while_the_key_waits_for_deletion(client: Client) -> None:
    key = imported(client, keyMaterialExpireUnix=int(client.now()) + DAY)
    client.call("scheduleKeyDeletion", cmkUuid=key, pendingWindowInDays=7)
    client.advance(2)
    assert client.state(key) == "PendingDeletion"
    client.call("cancelKeyDeletion", cmkUuid=key)
    assert client.state(key) == "PendingImport"


def test_a_key_with_material_comes_back_from_deletion_enabled(client: Client) -> None:
    key = imported(client)
    client.call("scheduleKeyDeletion", cmkUuid=key, pendingWindowInDays=7)
    client.call("cancelKeyDeletion", cmkUuid=key)
    assert client.state(key) == "Enabled"


def test_a_disabled_key_stays_disabled_when_its_material_comes_again(client: Client) -> None:
    key = imported(client)
    client.call("disableKey", cmkUuid=key)
    client.call("importKeyMaterial", **wrapped(parameters(client, key), MATERIAL))
    assert client.state(key) == "Disabled"
    client.call("deleteKeyMaterial", cmkUuid=key)
    assert client.state(key) == "PendingImport"


@pytest.mark.parametrize(
    ("algorithm", "spec"),
    [("SM2PKE", "RSA_2048"), ("RSAES_OAEP_SHA_256", "EC_SM2"), ("x", "RSA_2048"), ("SM2PKE", "x")],
)
def test_an_algorithm_that_does_not_fit_the_wrapping_key_is_refused(client: Client, algorithm: str, spec: str) -> None:
    fields = {"cmkUuid": client.make(origin="EXTERNAL"), "wrappingAlgorithm": algorithm, "wrappingKeySpec": spec}
    assert client.refused("getParametersForImport", **fields) == (400, "KMS_9031")


@pytest.mark.parametrize("bad", [{"encryptedKeyMaterial": "no base64"}, {"keyMaterialExpireUnix": 1}])
def test_a_bad_value_imports_nothing(client: Client, bad: dict[str, Any]) -> None:
    key = client.make(origin="EXTERNAL")
    given = {**wrapped(parameters(client, key), MATERIAL), **bad}
    assert client.refused("importKeyMaterial", **given) == (400, "KMS_9031")
    assert client.state(key) == "PendingImport"


def test_material_of_the_platform_is_neither_imported_nor_deleted(client: Client) -> None:
    key = client.make()
    fields = {"wrappingAlgorithm": "RSAES_OAEP_SHA_256", "wrappingKeySpec": "RSA_2048"}
    assert client.refused("getParametersForImport", cmkUuid=key, **fields) == (400, "KMS_9034")
    assert client.refused("deleteKeyMaterial", cmkUuid=key) == (400, "KMS_9034")


def test_states_that_forbid_import(client: Client) -> None:
    key = client.make(origin="EXTERNAL")
    assert client.refused("deleteKeyMaterial", cmkUuid=key) == (404, "KMS_9011")
    given = wrapped(parameters(client, key), MATERIAL)
    client.call("scheduleKeyDeletion", cmkUuid=key, pendingWindowInDays=7)
    assert client.refused("importKeyMaterial", **given) == (404, "KMS_9011")
    fields = {"wrappingAlgorithm": "RSAES_OAEP_SHA_256", "wrappingKeySpec": "RSA_2048"}
    assert client.refused("getParametersForImport", cmkUuid=key, **fields) == (404, "KMS_9011")
    client.advance(8)
    assert client.refused("importKeyMaterial", **given) == (404, "KMS_9001")
