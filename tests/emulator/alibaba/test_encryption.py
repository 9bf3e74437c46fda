"""Symmetric encryption: layout, context, data keys, export, re-encryption, states, DryRun."""

import hashlib
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kms_emulator.alibaba.ciphertexts import additional_data
from kms_emulator.ciphers import asymmetric, material
from kms_emulator.emulator import Emulator
from kms_emulator.store import Scope
from tests.emulator.alibaba.support import ACCOUNT, DAY, HARDWARE, REGION, Client, b64, in_state, openssl, plant, unb64

STATES = ("Enabled", "Disabled", "PendingDeletion", "PendingImport")
REFUSALS = ("", "Rejected.Disabled", "Rejected.PendingDeletion", "Rejected.PendingImport")
HELLO = b64(b"hello")
INVALID = (400, "InvalidParameter")


def encrypted(client: Client, key: str, text: bytes = b"hello", **more: object) -> str:
    return str(client.call("Encrypt", KeyId=key, Plaintext=b64(text), **more)["CiphertextBlob"])


def stored_material(emulator: Emulator, version: str) -> bytes:
    with emulator.store.transaction("alibaba") as transaction:
        document = transaction.collection("versions", Scope(ACCOUNT, REGION)).get(version)
    assert document is not None
    return unb64(document["material"])


@pytest.mark.parametrize("spec", ["Aliyun_AES_256", "Aliyun_AES_192", "Aliyun_AES_128", "Aliyun_SM4"])
def test_what_was_encrypted_is_decrypted(client: Client, spec: str) -> None:
    key = client.key(KeySpec=spec, DKMSInstanceId=HARDWARE)
    sealed = client.call("Encrypt", KeyId=key, Plaintext=HELLO)
    assert (sealed["KeyId"], sealed["KeyVersionId"]) == (key, client.meta(key)["PrimaryKeyVersion"])
    opened = client.call("Decrypt", CiphertextBlob=sealed["CiphertextBlob"])
    assert {**opened, "RequestId": ""} == {
        "RequestId": "", "Plaintext": HELLO, "KeyId": key, "KeyVersionId": sealed["KeyVersionId"],
    }  # fmt: skip


@pytest.mark.parametrize("default", [True, False])
def test_the_ciphertext_has_the_layout_of_the_vendor(client: Client, emulator: Emulator, default: bool) -> None:
    key = client.default_key() if default else client.key()
    made = client.call("GenerateDataKey", KeyId=key, EncryptionContext={"b": "2", "a": "1"})
    blob = unb64(made["CiphertextBlob"])
    assert (len(blob), len(made["CiphertextBlob"])) == (108, 144)
    version = blob[:36].decode()
    assert version == made["KeyVersionId"]
    aad = hashlib.sha256(b"a=1&b=2").hexdigest().encode()
    text = AESGCM(stored_material(emulator, version)).decrypt(blob[36:48], blob[48:], aad)
    assert text.decode() == made["Plaintext"]


def test_the_context_of_the_published_vector_becomes_its_additional_data() -> None:
    assert additional_data({"b": "2", "a": "1"}) == b"8e85be58c1c372ac29fe7bfa80d8ddcbd04a4032c7b51c1c026d67c55b1ab23f"
    assert additional_data({}) == b""


def test_an_alias_and_an_arn_name_the_key_too(client: Client) -> None:
    key = client.key()
    client.call("CreateAlias", AliasName="alias/app", KeyId=key)
    for name in ("alias/app", client.meta(key)["Arn"]):
        sealed = client.call("Encrypt", KeyId=name, Plaintext=HELLO)
        assert sealed["KeyId"] == key


@pytest.mark.parametrize("given", [{}, {"a": "2"}, {"a": "1", "b": "2"}])
def test_another_context_does_not_open(client: Client, given: dict[str, str]) -> None:
    blob = encrypted(client, client.key(), EncryptionContext={"a": "1"})
    assert client.refused("Decrypt", CiphertextBlob=blob, EncryptionContext=given) == INVALID
    assert client.call("Decrypt", CiphertextBlob=blob, EncryptionContext={"a": "1"})["Plaintext"] == HELLO


def test_a_damaged_or_foreign_ciphertext_does_not_open(client: Client) -> None:
    blob = unb64(encrypted(client, client.key()))
    for place in (40, 50, len(blob) - 1):
        bad = bytearray(blob)
        bad[place] ^= 1
        assert client.refused("Decrypt", CiphertextBlob=b64(bytes(bad))) == INVALID
    assert client.refused("Decrypt", CiphertextBlob=b64(b"x" * 100)) == INVALID
    assert client.refused("Decrypt", CiphertextBlob="***") == INVALID
    assert client.refused("Decrypt", CiphertextBlob=b64(blob[:60])) == INVALID
    stranger = b"11111111-2222-4333-8444-555555555555" + blob[36:]
    assert client.refused("Decrypt", CiphertextBlob=b64(stranger)) == (404, "Forbidden.KeyNotFound")


def test_a_ciphertext_outlives_rotation_and_dies_with_its_key(client: Client) -> None:
    key = client.key(EnableAutomaticRotation=True, RotationInterval="7d")
    old = encrypted(client, key)
    client.advance(8 * DAY)
    new = encrypted(client, key)
    assert unb64(old)[:36] != unb64(new)[:36]
    for blob in (old, new):
        assert client.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == HELLO
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    assert client.refused("Decrypt", CiphertextBlob=old) == (409, "Rejected.PendingDeletion")
    client.advance(8 * DAY)
    assert client.refused("Decrypt", CiphertextBlob=old) == (404, "Forbidden.KeyNotFound")


def test_six_kilobytes_are_the_most(client: Client) -> None:
    key = client.key()
    largest = b64(b"x" * 6144)
    blob = client.call("Encrypt", KeyId=key, Plaintext=largest)["CiphertextBlob"]
    assert client.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == largest
    assert client.refused("Encrypt", KeyId=key, Plaintext=b64(b"x" * 6145)) == INVALID


@pytest.mark.parametrize("bad", ["hello", "aGVsbG8", "aGVs_G8="])
def test_plaintext_must_be_padded_standard_base64(client: Client, bad: str) -> None:
    assert client.refused("Encrypt", KeyId=client.key(), Plaintext=bad) == INVALID


@pytest.mark.parametrize("bad", ["[]", "{", '{"a":1}', '{"a":"' + "x" * 8192 + '"}'], ids=lambda text: text[:8])
def test_the_context_is_an_object_of_texts(client: Client, bad: str) -> None:
    assert client.refused("Encrypt", KeyId=client.key(), Plaintext=HELLO, EncryptionContext=bad) == INVALID


@pytest.mark.parametrize(
    ("given", "size"),
    [
        ({}, 32), ({"KeySpec": "AES_256"}, 32), ({"KeySpec": "AES_128"}, 16), ({"NumberOfBytes": 1}, 1),
        ({"KeySpec": "AES_128", "NumberOfBytes": 1024}, 1024),
    ],
)  # fmt: skip
def test_a_data_key_has_the_wanted_size(client: Client, given: dict[str, object], size: int) -> None:
    key = client.key()
    made = client.call("GenerateDataKey", KeyId=key, **given)
    assert len(unb64(made["Plaintext"])) == size
    assert client.call("Decrypt", CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]
    hidden = client.call("GenerateDataKeyWithoutPlaintext", KeyId=key, **given)
    assert set(hidden) == {"RequestId", "CiphertextBlob", "KeyId", "KeyVersionId"}
    assert len(unb64(client.call("Decrypt", CiphertextBlob=hidden["CiphertextBlob"])["Plaintext"])) == size


def test_a_data_key_of_another_size_is_refused(client: Client) -> None:
    key = client.key()
    for given in ({"NumberOfBytes": 0}, {"NumberOfBytes": 1025}, {"KeySpec": "AES_512"}):
        assert client.refused("GenerateDataKey", KeyId=key, **given) == INVALID


def recipient(spec: str) -> tuple[str, bytes]:
    """A caller's public key as the vendor wants it, and its private half."""
    kind = "SM2" if spec == "EC_SM2" else spec
    private = material.new_material(kind)
    return b64(asymmetric.public_key_der(kind, private)), private


def unwrapped(tmp_path: Path, private: bytes, algorithm: str, wrapped: bytes) -> bytes:
    """What openssl reads out of an exported data key."""
    path = tmp_path / "private.der"
    path.write_bytes(private)
    digest = "sha256" if algorithm.endswith("256") else "sha1"
    options = [] if algorithm == "SM2PKE" else [
        "-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", f"rsa_oaep_md:{digest}", "-pkeyopt", f"rsa_mgf1_md:{digest}",
    ]  # fmt: skip
    return openssl("pkeyutl", "-decrypt", "-keyform", "DER", "-inkey", str(path), *options, given=wrapped)


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [("RSA_2048", "RSAES_OAEP_SHA_256"), ("RSA_2048", "RSAES_OAEP_SHA_1"), ("EC_SM2", "SM2PKE")],
)
def test_a_data_key_is_exported_for_the_public_key_of_the_caller(
    client: Client, tmp_path: Path, spec: str, algorithm: str
) -> None:
    public, private = recipient(spec)
    given = {"PublicKeyBlob": public, "WrappingKeySpec": spec, "WrappingAlgorithm": algorithm}
    key = client.key()
    context = {"EncryptionContext": {"a": "1"}}
    made = client.call("GenerateAndExportDataKey", KeyId=key, **given, **context)
    assert "Plaintext" not in made
    plain = unb64(client.call("Decrypt", CiphertextBlob=made["CiphertextBlob"], **context)["Plaintext"])
    again = client.call("ExportDataKey", CiphertextBlob=made["CiphertextBlob"], **given, **context)
    assert again["KeyVersionId"] == made["KeyVersionId"]
    for answer in (made, again):
        assert unwrapped(tmp_path, private, algorithm, unb64(answer["ExportedDataKey"])) == plain


def test_an_export_wants_a_fitting_public_key(client: Client) -> None:
    public, _ = recipient("RSA_2048")
    larger = rsa.generate_private_key(65537, 3072).public_key()
    der = larger.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    key = client.key()
    usual = {"WrappingKeySpec": "RSA_2048", "WrappingAlgorithm": "RSAES_OAEP_SHA_256"}
    bad: list[Mapping[str, object]] = [
        {**usual, "PublicKeyBlob": b64(der)}, {**usual, "PublicKeyBlob": b64(b"no key")},
        {"PublicKeyBlob": public, "WrappingKeySpec": "EC_SM2", "WrappingAlgorithm": "SM2PKE"},
        {"PublicKeyBlob": public, "WrappingKeySpec": "RSA_2048", "WrappingAlgorithm": "SM2PKE"},
        {**usual, "PublicKeyBlob": public, "NumberOfBytes": 191},
    ]  # fmt: skip
    for given in bad:
        assert client.refused("GenerateAndExportDataKey", KeyId=key, **given) == INVALID
    assert client.refused("GenerateAndExportDataKey", KeyId=key, **usual) == (400, "MissingParameter")


def test_re_encryption_moves_a_ciphertext_to_another_key(client: Client) -> None:
    first, second = client.key(), client.key()
    blob = encrypted(client, first, EncryptionContext={"a": "1"})
    given = {"SourceEncryptionContext": {"a": "1"}, "DestinationEncryptionContext": {"b": "2"}}
    moved = client.call("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=second, **given)
    assert (moved["KeyId"], moved["KeyVersionId"]) == (second, client.meta(second)["PrimaryKeyVersion"])
    opened = client.call("Decrypt", CiphertextBlob=moved["CiphertextBlob"], EncryptionContext={"b": "2"})
    assert opened["Plaintext"] == HELLO
    assert client.refused("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=second) == INVALID


def test_re_encryption_starts_from_an_asymmetric_key_too(client: Client) -> None:
    source, target = client.key(KeySpec="RSA_2048", KeyUsage="ENCRYPT/DECRYPT"), client.key()
    version = client.call("ListKeyVersions", KeyId=source)["KeyVersions"]["KeyVersion"][0]["KeyVersionId"]
    blob = client.call(
        "AsymmetricEncrypt", KeyId=source, KeyVersionId=version, Algorithm="RSAES_OAEP_SHA_256", Plaintext=HELLO
    )["CiphertextBlob"]
    given = {
        "CiphertextBlob": blob, "DestinationKeyId": target, "SourceKeyId": source, "SourceKeyVersionId": version,
    }  # fmt: skip
    moved = client.call("ReEncrypt", **given, SourceEncryptionAlgorithm="RSAES_OAEP_SHA_256")
    assert client.call("Decrypt", CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == HELLO
    assert client.refused("ReEncrypt", **given) == (400, "MissingParameter")


CALLS: list[tuple[str, dict[str, object]]] = [
    ("Encrypt", {"Plaintext": HELLO}), ("GenerateDataKey", {}), ("GenerateDataKeyWithoutPlaintext", {}),
]  # fmt: skip


@pytest.mark.parametrize(("action", "given"), CALLS, ids=[action for action, _ in CALLS])
@pytest.mark.parametrize("place", range(4), ids=STATES)
def test_keys_are_used_in_the_state_enabled_only(
    client: Client, action: str, given: dict[str, object], place: int
) -> None:
    key = in_state(client, STATES[place])
    if REFUSALS[place]:
        assert client.refused(action, KeyId=key, **given) == (409, REFUSALS[place])
    else:
        assert client.call(action, KeyId=key, **given)["KeyId"] == key


def test_decryption_and_re_encryption_look_at_the_state_of_both_keys(client: Client) -> None:
    first, second = client.key(), client.key()
    blob = encrypted(client, first)
    client.call("DisableKey", KeyId=first)
    assert client.refused("Decrypt", CiphertextBlob=blob) == (409, "Rejected.Disabled")
    assert client.refused("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=second) == (409, "Rejected.Disabled")
    client.call("EnableKey", KeyId=first)
    client.call("DisableKey", KeyId=second)
    assert client.refused("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=second) == (409, "Rejected.Disabled")


def test_asymmetric_keys_do_not_encrypt_symmetrically(client: Client) -> None:
    for key in (client.key(KeySpec="EC_P256"), client.key(KeySpec="HMAC")):
        assert client.refused("Encrypt", KeyId=key, Plaintext=HELLO) == (400, "UnsupportedOperation")
    old = client.key(KeySpec="Aliyun_DES3_192", DKMSInstanceId=HARDWARE)
    assert client.refused("Encrypt", KeyId=old, Plaintext=HELLO) == (400, "UnsupportedOperation")


def test_unknown_keys_and_aliases_are_told(client: Client) -> None:
    assert client.refused("Encrypt", KeyId="key-none", Plaintext=HELLO) == (404, "Forbidden.KeyNotFound")
    assert client.refused("Encrypt", KeyId="alias/none", Plaintext=HELLO) == (404, "Forbidden.AliasNotFound")
    assert client.refused("Encrypt", Plaintext=HELLO) == (400, "MissingParameter")


def test_a_key_of_a_cloud_product_is_not_the_users_to_use(client: Client, emulator: Emulator) -> None:
    plant(emulator, "keys", "11111111-2222-4333-8444-555555555555", creator_type="Service", creator="ecs")
    refusal = client.refused("Encrypt", KeyId="11111111-2222-4333-8444-555555555555", Plaintext=HELLO)
    assert refusal == (403, "Forbidden.NoPermission")


def test_a_seeded_key_without_versions_gets_its_first_by_use(client: Client, emulator: Emulator) -> None:
    plant(emulator, "keys", "22222222-2222-4333-8444-555555555555", creator=ACCOUNT)
    blob = encrypted(client, "22222222-2222-4333-8444-555555555555")
    assert client.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == HELLO
    assert client.meta("22222222-2222-4333-8444-555555555555")["PrimaryKeyVersion"] == unb64(blob)[:36].decode()


def test_an_instance_without_public_access_is_closed_to_the_shared_gateway(client: Client, emulator: Emulator) -> None:
    plant(emulator, "instances", "kst-closed", type="software", public_access=False)
    key = client.key(DKMSInstanceId="kst-closed")
    assert client.refused("Encrypt", KeyId=key, Plaintext=HELLO) == (400, "UnsupportedOperation")
    query = {"KeyId": key, "Plaintext": HELLO}
    host = {"host": f"kst-closed.{client.host}"}
    headers = client.headers("Encrypt", query, more=host)
    assert client.send(headers, query).status_code == 200


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"Plaintext": HELLO}, 400, "DryRunOperationError"), ({"Plaintext": "*"}, 400, "ValidationError"),
        ({"Plaintext": HELLO, "KeyId": "acs:kms:cn-hangzhou:1000000000000009:key/x"}, 403, "AccessDeniedError"),
    ],
)  # fmt: skip
def test_a_dry_run_always_fails_and_says_why(client: Client, given: dict[str, str], status: int, code: str) -> None:
    assert client.refused("Encrypt", **{"KeyId": client.key(), "DryRun": True, **given}) == (status, code)


def test_a_dry_run_leaves_nothing_behind(client: Client, emulator: Emulator) -> None:
    key = client.key()
    client.refused("Encrypt", KeyId=key, Plaintext=HELLO, DryRun=True)
    with emulator.store.transaction("alibaba") as transaction:
        (version,) = transaction.collection("versions", Scope(ACCOUNT, REGION)).list(where=("key", key)).items
    assert version["material"] == ""


@pytest.mark.parametrize("spec", ["Aliyun_AES_256", "EC_P256"])
def test_racing_first_uses_make_one_material(client: Client, emulator: Emulator, spec: str) -> None:
    key = client.key(KeySpec=spec)
    version = client.call("ListKeyVersions", KeyId=key)["KeyVersions"]["KeyVersion"][0]["KeyVersionId"]
    found: list[str] = []
    start = threading.Barrier(8)

    def use() -> None:
        mine = Client(client.url)
        start.wait()
        if spec == "EC_P256":
            found.append(mine.call("GetPublicKey", KeyId=key, KeyVersionId=version)["PublicKey"])
        else:
            found.append(client.call("Decrypt", CiphertextBlob=encrypted(mine, key))["Plaintext"])
        mine.session.close()

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(set(found))) == (8, 1)
    assert stored_material(emulator, version)


def test_nothing_secret_is_in_the_journal(client: Client) -> None:
    canary = b64(b"canary-plaintext-of-the-test")
    key = client.key()
    blob = client.call("Encrypt", KeyId=key, Plaintext=canary, EncryptionContext={"a": "canary-context"})
    client.call("Decrypt", CiphertextBlob=blob["CiphertextBlob"], EncryptionContext={"a": "canary-context"})
    data_key = client.call("GenerateDataKey", KeyId=key)["Plaintext"]
    client.refused("Encrypt", KeyId=key, Plaintext=canary, EncryptionContext="canary-context")
    journal = client.session.get(f"{client.url}/_emulator/journal", timeout=10).text
    for secret in (canary, "canary", blob["CiphertextBlob"], data_key):
        assert secret not in journal
