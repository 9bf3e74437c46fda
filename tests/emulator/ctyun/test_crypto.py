"""Symmetric encryption, data keys, re-encryption, HMAC-SM3: operations 23 to 29 and 35."""

import json
import uuid
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hmac import HMAC

from kms_emulator.emulator import Emulator
from kms_emulator.store import Scope
from tests.emulator.ctyun.support import Client, b64, openssl

OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
UNKNOWN = "971ba207-5323-4a04-a290-3a9e8b4c7343"
MAC_KEY = {"keySpec": "HMAC_SM3", "keyUsage": "GENERATE/VERIFY_MAC"}
PAIR = {"keySpec": "RSA_2048", "keyUsage": "ENCRYPT/DECRYPT"}


def public_der(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture(scope="module")
def own() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def encrypt(client: Client, key: str, text: bytes = b"hello", **more: Any) -> str:
    return str(client.call("encrypt", cmkUuid=key, plaintext=b64(text), **more)["ciphertextBlob"])


@pytest.mark.parametrize("spec", ["AES_256", "SM4"])
def test_what_was_encrypted_is_decrypted(client: Client, spec: str) -> None:
    key = client.make(keySpec=spec)
    made = client.call("encrypt", cmkUuid=key, plaintext=b64(b"hello"))
    version = client.version(key)
    assert (made["cmkUuid"], made["keyVersionId"]) == (key, version)
    assert client.call("decrypt", ciphertextBlob=made["ciphertextBlob"]) == {
        "plaintext": b64(b"hello"), "cmkUuid": key, "keyVersionId": version,
    }  # fmt: skip


def test_a_ciphertext_begins_with_its_version_and_is_never_the_same_twice(client: Client) -> None:
    key = client.make()
    first, second = (b64decode(encrypt(client, key)) for _ in range(2))
    assert first[:36].decode() == client.version(key)
    assert len(first) == 36 + 12 + len(b"hello") + 16
    assert first[36:48] != second[36:48]


def test_an_alias_stands_for_the_key(client: Client) -> None:
    key = client.make(aliasName="alias/orders")
    assert client.call("encrypt", cmkUuid="alias/orders", plaintext=b64(b"x"))["cmkUuid"] == key
    assert client.refused("encrypt", cmkUuid="alias/none", plaintext=b64(b"x")) == (404, "KMS_9001")


def test_a_ciphertext_outlives_a_rotation(client: Client) -> None:
    key = client.make(enableAutomaticRotation=True, rotationInterval="7d")
    before = encrypt(client, key)
    client.advance(8)
    after = encrypt(client, key)
    assert b64decode(before)[:36] != b64decode(after)[:36]
    for blob in (before, after):
        assert client.call("decrypt", ciphertextBlob=blob)["plaintext"] == b64(b"hello")


def test_the_encryption_context_must_be_the_same_in_any_order(client: Client) -> None:
    key = client.make()
    blob = encrypt(client, key, encryptionContext={"a": "1", "名": "值"})
    assert client.call("decrypt", ciphertextBlob=blob, encryptionContext={"名": "值", "a": "1"})["cmkUuid"] == key
    for context in ({}, {"encryptionContext": {"a": "1"}}, {"encryptionContext": {"a": "1", "名": "other"}}):
        assert client.refused("decrypt", ciphertextBlob=blob, **context) == (400, "KMS_9036")


def test_every_flipped_byte_is_noticed(client: Client) -> None:
    blob = b64decode(encrypt(client, client.make()))
    for place in range(len(blob)):
        spoiled = blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :]
        assert client.refused("decrypt", ciphertextBlob=b64(spoiled)) == (400, "KMS_9036")
    for cut in (0, 20, 36, 40, 48, 60, len(blob) - 1):
        expected = "KMS_9036" if cut else "KMS_0108"
        assert client.refused("decrypt", ciphertextBlob=b64(blob[:cut])) == (400, expected)


@pytest.mark.parametrize("operation", ["encrypt", "generateDataKey", "generateDataKeyWithoutPlaintext"])
def test_only_an_enabled_key_makes_ciphertexts(client: Client, operation: str) -> None:
    key = client.make()
    fields: dict[str, Any] = {"cmkUuid": key, "plaintext": b64(b"x")}
    client.call("disableKey", cmkUuid=key)
    assert client.refused(operation, **fields) == (404, "KMS_9011")
    client.call("scheduleKeyDeletion", cmkUuid=key, pendingWindowInDays=7)
    assert client.refused(operation, **fields) == (404, "KMS_9011")
    client.advance(8)
    assert client.refused(operation, **fields) == (404, "KMS_9001")


def test_a_ciphertext_cannot_be_opened_while_the_key_is_off_nor_once_it_is_gone(client: Client) -> None:
    key = client.make()
    blob = encrypt(client, key)
    client.call("disableKey", cmkUuid=key)
    assert client.refused("decrypt", ciphertextBlob=blob) == (404, "KMS_9011")
    client.call("scheduleKeyDeletion", cmkUuid=key, pendingWindowInDays=7)
    assert client.refused("decrypt", ciphertextBlob=blob) == (404, "KMS_9011")
    client.advance(8)
    assert client.refused("decrypt", ciphertextBlob=blob) == (400, "KMS_9036")


def test_a_ciphertext_is_not_opened_in_another_resource_pool(client: Client) -> None:
    blob = encrypt(client, client.make())
    client.region = "another-pool"
    assert client.refused("decrypt", ciphertextBlob=blob) == (400, "KMS_9036")


@pytest.mark.parametrize("given", [PAIR, MAC_KEY, {"keySpec": "RSA_2048", "keyUsage": "SIGN/VERIFY"}])
def test_other_keys_do_not_encrypt_symmetrically(client: Client, given: dict[str, str]) -> None:
    assert client.refused("encrypt", cmkUuid=client.make(**given), plaintext=b64(b"x")) == (400, "KMS_9034")


@pytest.mark.parametrize("text", ["no base64", "AA", b64(bytes(6145))])
def test_a_plaintext_that_is_no_base64_or_too_long_is_refused(client: Client, text: str) -> None:
    assert client.refused("encrypt", cmkUuid=client.make(), plaintext=text) == (400, "KMS_9031")


def test_the_longest_plaintext_passes(client: Client) -> None:
    blob = encrypt(client, client.make(), bytes(6144))
    assert b64decode(client.call("decrypt", ciphertextBlob=blob)["plaintext"]) == bytes(6144)


@pytest.mark.parametrize(
    ("given", "length"),
    [({}, 32), ({"keySpec": "AES_128"}, 16), ({"keySpec": "AES_256"}, 32), ({"numberOfBytes": 1}, 1),
     ({"numberOfBytes": 1024}, 1024), ({"keySpec": "AES_128", "numberOfBytes": 20}, 20)],
)  # fmt: skip
def test_a_data_key_has_the_length_wanted(client: Client, given: dict[str, Any], length: int) -> None:
    made = client.call("generateDataKey", cmkUuid=client.make(), **given)
    assert len(b64decode(made["plaintext"])) == length
    assert client.call("decrypt", ciphertextBlob=made["ciphertextBlob"])["plaintext"] == made["plaintext"]


@pytest.mark.parametrize("given", [{"numberOfBytes": 0}, {"numberOfBytes": 1025}, {"keySpec": "SM4"}])
def test_a_data_key_of_another_form_is_refused(client: Client, given: dict[str, Any]) -> None:
    assert client.refused("generateDataKey", cmkUuid=client.make(), **given) == (400, "KMS_9031")


def test_a_data_key_without_plaintext_comes_out_by_decrypting(client: Client) -> None:
    key = client.make()
    fields = {"encryptionContext": {"file": "one"}}
    made = client.call("generateDataKeyWithoutPlaintext", cmkUuid=key, **fields)
    assert set(made) == {"ciphertextBlob", "cmkUuid", "keyVersionId"}
    found = client.call("decrypt", ciphertextBlob=made["ciphertextBlob"], **fields)
    assert len(b64decode(found["plaintext"])) == 32


def test_an_exported_data_key_opens_with_the_callers_private_key(client: Client, own: rsa.RSAPrivateKey) -> None:
    wrap = {
        "publicKeyBlob": b64(public_der(own)), "wrappingAlgorithm": "RSAES_OAEP_SHA_256", "wrappingKeySpec": "RSA_2048",
    }  # fmt: skip
    made = client.call("generateAndExportDataKey", cmkUuid=client.make(), **wrap)
    exported = client.call("exportDataKey", ciphertextBlob=made["ciphertextBlob"], **wrap)
    plaintext = b64decode(client.call("decrypt", ciphertextBlob=made["ciphertextBlob"])["plaintext"])
    for answer in (made, exported):
        assert own.decrypt(b64decode(answer["exportedDataKey"]), OAEP) == plaintext
    assert "plaintext" not in made


def test_a_data_key_exported_for_sm2_is_opened_by_openssl(client: Client, tmp_path: Path) -> None:
    private, public = tmp_path / "private.pem", tmp_path / "public.der"
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", private)
    openssl("pkey", "-in", private, "-pubout", "-outform", "DER", "-out", public)
    wrap = {"publicKeyBlob": b64(public.read_bytes()), "wrappingAlgorithm": "SM2PKE", "wrappingKeySpec": "EC_SM2"}
    made = client.call("generateAndExportDataKey", cmkUuid=client.make(keySpec="SM4"), numberOfBytes=16, **wrap)
    opened = openssl("pkeyutl", "-decrypt", "-inkey", private, data=b64decode(made["exportedDataKey"]))
    assert b64(opened) == client.call("decrypt", ciphertextBlob=made["ciphertextBlob"])["plaintext"]


@pytest.mark.parametrize(
    "bad",
    [{"publicKeyBlob": "no base64"}, {"publicKeyBlob": b64(b"no key")}, {"wrappingKeySpec": "RSA_1024"},
     {"wrappingAlgorithm": "SM2PKE"}, {"numberOfBytes": 1024},
     {"wrappingKeySpec": "EC_SM2", "wrappingAlgorithm": "SM2PKE"}],
)  # fmt: skip
def test_a_data_key_is_not_exported_with_bad_parameters(
    client: Client, own: rsa.RSAPrivateKey, bad: dict[str, Any]
) -> None:
    good = {
        "publicKeyBlob": b64(public_der(own)), "wrappingAlgorithm": "RSAES_OAEP_SHA_256", "wrappingKeySpec": "RSA_2048",
    }  # fmt: skip
    fields = {"cmkUuid": client.make(), **good, **bad}
    assert client.refused("generateAndExportDataKey", **fields) == (400, "KMS_9031")


def test_a_public_key_of_another_size_is_refused(client: Client) -> None:
    large = rsa.generate_private_key(65537, 3072)
    fields = {
        "publicKeyBlob": b64(public_der(large)), "wrappingAlgorithm": "RSAES_OAEP_SHA_1", "wrappingKeySpec": "RSA_2048",
    }  # fmt: skip
    assert client.refused("generateAndExportDataKey", cmkUuid=client.make(), **fields) == (400, "KMS_9031")


def test_re_encryption_changes_key_and_context(client: Client) -> None:
    source, target = client.make(), client.make(keySpec="SM4")
    blob = encrypt(client, source, encryptionContext={"a": "1"})
    made = client.call(
        "reEncrypt", ciphertextBlob=blob, destinationKeyId=target, sourceEncryptionContext={"a": "1"},
        destinationEncryptionContext={"b": "2"},
    )  # fmt: skip
    assert made["cmkUuid"] == target
    found = client.call("decrypt", ciphertextBlob=made["ciphertextBlob"], encryptionContext={"b": "2"})
    assert found["plaintext"] == b64(b"hello")
    assert client.refused("reEncrypt", ciphertextBlob=blob, destinationKeyId=target) == (400, "KMS_9036")


def test_re_encryption_of_what_a_public_key_made(client: Client) -> None:
    pair, target = client.make(**PAIR), client.make()
    version = client.version(pair)
    given = {"cmkUuid": pair, "keyVersionId": version, "algorithm": "RSAES_OAEP_SHA_1", "plaintext": b64(b"hello")}
    blob = client.call("asymmetricEncrypt", **given)["ciphertextBlob"]
    source = {"sourceKeyId": pair, "sourceKeyVersionId": version, "sourceEncryptionAlgorithm": "RSAES_OAEP_SHA_1"}
    made = client.call("reEncrypt", ciphertextBlob=blob, destinationKeyId=target, **source)
    assert client.call("decrypt", ciphertextBlob=made["ciphertextBlob"])["plaintext"] == b64(b"hello")
    for name, code in (
        ("sourceKeyId", "KMS_0110"), ("sourceKeyVersionId", "KMS_0111"), ("sourceEncryptionAlgorithm", "KMS_0114"),
    ):  # fmt: skip
        less = {key: value for key, value in source.items() if key != name}
        assert client.refused("reEncrypt", ciphertextBlob=blob, destinationKeyId=target, **less) == (400, code)
    wrong = {**source, "sourceEncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    assert client.refused("reEncrypt", ciphertextBlob=blob, destinationKeyId=target, **wrong) == (400, "KMS_9036")
    unknown = {**source, "sourceEncryptionAlgorithm": "SM2PKE"}
    assert client.refused("reEncrypt", ciphertextBlob=blob, destinationKeyId=target, **unknown) == (400, "KMS_9031")


def test_re_encryption_needs_two_usable_keys(client: Client) -> None:
    source, target = client.make(), client.make()
    blob = encrypt(client, source)
    assert client.refused("reEncrypt", ciphertextBlob=blob, destinationKeyId=UNKNOWN) == (404, "KMS_9001")
    for key in (source, target):
        client.call("disableKey", cmkUuid=key)
        assert client.refused("reEncrypt", ciphertextBlob=blob, destinationKeyId=target) == (404, "KMS_9011")
        client.call("enableKey", cmkUuid=key)


def test_hmac_sm3_is_hex_over_the_plain_text(client: Client, emulator: Emulator) -> None:
    key = client.make(**MAC_KEY)
    found = client.call("hmaccompute", cmkUuid=key, input="订单 42")
    version = client.version(key)
    with emulator.store.transaction("ctyun") as transaction:
        stored = transaction.collection("materials", Scope("example-ctyun-account", client.region)).get(version)
    assert stored is not None
    reference = HMAC(b64decode(stored["material"]), hashes.SM3())
    reference.update("订单 42".encode())
    assert found == {"hmacoutput": reference.finalize().hex()}


def test_two_keys_make_two_hmacs(client: Client) -> None:
    first, second = (client.call("hmaccompute", cmkUuid=client.make(**MAC_KEY), input="x") for _ in range(2))
    assert first != second


@pytest.mark.parametrize("given", [{}, {"keySpec": "RSA_2048"}])
def test_other_keys_make_no_hmac(client: Client, given: dict[str, str]) -> None:
    assert client.refused("hmaccompute", cmkUuid=client.make(**given), input="x") == (400, "KMS_9034")


@pytest.mark.parametrize("context", [{"a": 1}, {"a": None}, {"a": {"b": "c"}}])
def test_an_encryption_context_holds_texts_only(client: Client, context: dict[str, Any]) -> None:
    fields = {"cmkUuid": client.make(), "plaintext": b64(b"x"), "encryptionContext": context}
    assert client.refused("encrypt", **fields) == (400, "KMS_9032")


def test_racing_first_uses_find_one_material(client: Client) -> None:
    key = client.make(keySpec="RSA_2048", keyUsage="SIGN/VERIFY")
    version = client.version(key)
    clients = [Client(client.url) for _ in range(8)]
    with ThreadPoolExecutor(len(clients)) as pool:
        found = pool.map(lambda one: one.call("getPublicKey", cmkUuid=key, keyVersionId=version)["publicKey"], clients)
        assert len(set(found)) == 1
    for one in clients:
        one.session.close()


def test_nothing_secret_reaches_the_journal(client: Client) -> None:
    canary = f"canary{uuid.uuid4().hex}"
    key = client.make()
    blob = encrypt(client, key, canary.encode())
    plaintext = client.call("decrypt", ciphertextBlob=blob)["plaintext"]
    data_key = client.call("generateDataKey", cmkUuid=key)["plaintext"]
    client.call("hmaccompute", cmkUuid=client.make(**MAC_KEY), input=canary)
    client.refused("encrypt", cmkUuid=key, plaintext=canary)
    client.refused("decrypt", ciphertextBlob=canary)
    journal = json.dumps(client.control("GET", "journal"))
    for secret in (canary, plaintext, data_key, blob):
        assert secret not in journal
