"""Key material is never doubled, lost or shown: races, crashes, deletion, the journal."""

import base64
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from kms_emulator.emulator import Emulator
from kms_emulator.store import Scope
from tests.emulator.tencent.crypto import CANARY, b64, decrypt, encrypt, imported, wrapped_material
from tests.emulator.tencent.support import DAY, OWNER, REGION, Client
from tests.emulator.tencent.test_keys import running


def materials(emulator: Emulator) -> int:
    with emulator.store.transaction("tencent") as transaction:
        return len(transaction.collection("materials", Scope(OWNER, REGION)))


def at_once(client: Client, number: int, work: Callable[[Client], Any]) -> list[Any]:
    """What several clients get that start together."""
    start, results = threading.Barrier(number), []

    def run() -> None:
        own = Client(client.url)
        start.wait(10)
        results.append(work(own))
        own.session.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.parametrize("usage", ["ASYMMETRIC_DECRYPT_RSA_2048", "ASYMMETRIC_SIGN_VERIFY_SM2"])
def test_racing_first_uses_of_a_key_find_one_material(client: Client, emulator: Emulator, usage: str) -> None:
    key = client.key(KeyUsage=usage)
    assert materials(emulator) == 0
    found = at_once(client, 6, lambda own: own.call("GetPublicKey", KeyId=key)["PublicKey"])
    assert (len(found), len(set(found)), materials(emulator)) == (6, 1, 1)


def test_racing_first_encryptions_all_open(client: Client, emulator: Emulator) -> None:
    key = client.key()
    blobs = at_once(client, 6, lambda own: encrypt(own, key))
    assert [decrypt(client, blob) for blob in blobs] == [CANARY] * 6
    assert materials(emulator) == 1


def test_racing_imports_of_different_materials_leave_one(client: Client) -> None:
    key = client.key(Type=2)
    given = iter([wrapped_material(client, key, bytes([number]) * 16) for number in range(4)])
    answers = at_once(client, 4, lambda own: own.raw("ImportKeyMaterial", **next(given)).get("Error", {}).get("Code"))
    assert sorted(map(str, answers)) == [*["InvalidParameterValue.MaterialNotMatch"] * 3, "None"]
    assert decrypt(client, encrypt(client, key)) == CANARY


def test_a_lost_answer_to_the_first_use_leaves_the_material(client: Client) -> None:
    key = client.key(KeyUsage="ASYMMETRIC_SIGN_VERIFY_ECC")
    client.control("faults", {"kind": "lost_after_commit", "cloud": "tencent", "action": "GetPublicKey", "nth": 2})
    first = client.call("GetPublicKey", KeyId=key)["PublicKey"]
    with pytest.raises(requests.ConnectionError):
        client.raw("GetPublicKey", KeyId=key)
    assert client.call("GetPublicKey", KeyId=key)["PublicKey"] == first


def test_a_lost_answer_to_an_import_leaves_the_material(client: Client) -> None:
    key = client.key(Type=2)
    given = wrapped_material(client, key, bytes(16))
    client.control("faults", {"kind": "lost_after_commit", "action": "ImportKeyMaterial", "count": 1})
    with pytest.raises(requests.ConnectionError):
        client.raw("ImportKeyMaterial", **given)
    assert client.meta(key)["KeyState"] == "Enabled"
    client.call("ImportKeyMaterial", **given)


def test_a_lost_answer_to_a_hosted_data_key_leaves_it_under_its_name(client: Client) -> None:
    given = {"KeyId": client.key(), "KeySpec": "AES_128", "IsHostedByKms": 1, "DataKeyName": "a"}
    client.control("faults", {"kind": "lost_after_commit", "action": "GenerateDataKey", "count": 1})
    with pytest.raises(requests.ConnectionError):
        client.raw("GenerateDataKey", **given)
    assert client.refused("GenerateDataKey", **given) == "InvalidParameterValue.DataKeyNameAlreadyExists"
    found = client.call("ListDataKeyDetail", SearchKeyAlias="a")["DataKeyMetadatas"][0]["DataKeyId"]
    assert len(base64.b64decode(client.call("GetDataKeyPlaintext", DataKeyId=found)["Plaintext"])) == 16


def test_material_survives_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        key, signing = client.key(), client.key("b", KeyUsage="ASYMMETRIC_SIGN_VERIFY_RSA_2048")
        external = client.key("c", Type=2)
        imported(client, external, bytes(16))
        blobs = [encrypt(client, key), encrypt(client, external)]
        public = client.call("GetPublicKey", KeyId=signing)["PublicKey"]
    with running(tmp_path) as client:
        assert [decrypt(client, blob) for blob in blobs] == [CANARY] * 2
        assert client.call("GetPublicKey", KeyId=signing)["PublicKey"] == public


def test_every_version_rotated_unobserved_has_a_material_of_its_own(client: Client, emulator: Emulator) -> None:
    key = client.key()
    client.call("EnableKeyRotation", KeyId=key, RotateDays=30)
    blobs = []
    for _ in range(3):
        blobs.append(encrypt(client, key))
        client.advance(31 * DAY)
    assert len({blob.split("-k-")[0] for blob in blobs}) == 3
    assert [decrypt(client, blob) for blob in blobs] == [CANARY] * 3
    assert materials(emulator) == 3


def test_a_deleted_key_takes_the_material_of_all_its_versions_along(client: Client, emulator: Emulator) -> None:
    key, other = client.key(), client.key("other")
    blob = encrypt(client, key)
    encrypt(client, other)
    client.call("EnableKeyRotation", KeyId=key)
    client.call("RotateKey", KeyId=key)
    encrypt(client, key)
    assert materials(emulator) == 3
    client.call("DisableKey", KeyId=key)
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    client.advance(8 * DAY)
    assert client.refused("Decrypt", CiphertextBlob=blob) == "ResourceUnavailable.CmkNotFound"
    client.call("ListKeys")  # a refused call changes nothing in the store
    assert materials(emulator) == 1


def test_deleted_and_expired_material_is_not_in_the_store(client: Client, emulator: Emulator) -> None:
    key = client.key(Type=2)
    imported(client, key, bytes(16))
    assert materials(emulator) == 1
    client.call("DeleteImportedKeyMaterial", KeyId=key)
    assert materials(emulator) == 0


def test_nothing_secret_is_in_the_journal_or_in_errors(client: Client) -> None:
    key, external = client.key(), client.key("external", Type=2)
    decryptor = client.key("decryptor", KeyUsage="ASYMMETRIC_DECRYPT_SM2")
    text = b64(CANARY)
    blob = encrypt(client, key)
    assert decrypt(client, blob) == CANARY
    client.call("ImportDataKey", DataKeyName="a", ImportKeyMaterial=text, ImportType=2, KeyId=key)
    refusals = [
        client.raw("Encrypt", KeyId="nonsense", Plaintext=text),
        client.raw("Encrypt", KeyId=key, Plaintext=text, Unknown=text),
        client.raw("Encrypt", KeyId=key, Plaintext=text + "!"),
        client.raw("Decrypt", CiphertextBlob=text),
        client.raw("Encrypt", KeyId=key, Plaintext="YQ==", EncryptionContext=text),
        client.raw("ImportDataKey", DataKeyName="b", ImportKeyMaterial=text + "!", ImportType=2, KeyId=key),
        client.raw("ImportDataKey", DataKeyName="b", ImportKeyMaterial=text, ImportType=1),
        client.raw("ImportKeyMaterial", KeyId=external, ImportToken=text, EncryptedKeyMaterial=text),
        client.raw("AsymmetricSm2Decrypt", KeyId=decryptor, Ciphertext=text),
        client.raw("GenerateDataKey", KeyId=key, NumberOfBytes=9, EncryptionPublicKey=text),
    ]
    assert all("Error" in refusal for refusal in refusals)
    journal = client.session.get(f"{client.url}/_emulator/journal", timeout=10).text
    for secret in (text, CANARY.decode(), blob):
        assert secret not in json.dumps(refusals)
        assert secret not in journal
