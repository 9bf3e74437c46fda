"""The transfer client of alibabacloud-kms-python-sdk 1.1.3, unmodified: calls as for the shared gateway.

Its traps: the class that takes both configurations is ``TransferClient``; what it keeps of ``KmsConfig`` it keeps only
when it has both; the authority goes into the runtime options.
"""

import base64
import hashlib
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from kms_emulator.doors import door_of
from kms_emulator.emulator import Emulator
from tests.emulator.alibaba.foreign.environment import Foreign, ForeignError
from tests.emulator.alibaba.support import HARDWARE, SOFTWARE, Client, b64, unb64

TEXT = base64.b64encode(b"example plaintext").decode()
CONTEXT = {"b": "2", "a": "1"}


@pytest.fixture
def key(client: Client) -> str:
    return client.key()


def pair(client: Client, spec: str, usage: str) -> dict[str, str]:
    key = client.key(DKMSInstanceId=HARDWARE, KeySpec=spec, KeyUsage=usage)
    versions = client.call("ListKeyVersions", KeyId=key)["KeyVersions"]["KeyVersion"]
    return {"KeyId": key, "KeyVersionId": versions[0]["KeyVersionId"]}


def journal(client: Client) -> Counter[str]:
    entries = client.session.get(f"{client.url}/_emulator/journal", timeout=5).json()["entries"]
    return Counter(entry["action"] for entry in entries)


@pytest.mark.parametrize("context", [{}, {"EncryptionContext": CONTEXT}])
def test_ciphertexts_go_both_ways(foreign: Foreign, client: Client, key: str, context: dict[str, object]) -> None:
    made = foreign.transfer("Encrypt", KeyId=key, Plaintext=TEXT, **context)
    assert (made["KeyId"], made["KeyVersionId"]) == (key, client.meta(key)["PrimaryKeyVersion"])
    assert client.call("Decrypt", CiphertextBlob=made["CiphertextBlob"], **context)["Plaintext"] == TEXT
    shared = client.call("Encrypt", KeyId=key, Plaintext=TEXT, **context)
    opened = foreign.transfer("Decrypt", CiphertextBlob=shared["CiphertextBlob"], **context)
    assert (opened["Plaintext"], opened["KeyVersionId"]) == (TEXT, shared["KeyVersionId"])
    done = journal(client)
    assert (done["AdvanceEncrypt"], done["AdvanceDecrypt"]) == (1, 1)


def test_another_context_does_not_open(foreign: Foreign, key: str) -> None:
    made = foreign.transfer("Encrypt", KeyId=key, Plaintext=TEXT, EncryptionContext=CONTEXT)
    with pytest.raises(ForeignError) as caught:
        foreign.transfer("Decrypt", CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"a": "1"})
    assert caught.value.code == "InvalidParameter"


@pytest.mark.parametrize("name", ["GenerateDataKey", "GenerateDataKeyWithoutPlaintext"])
@pytest.mark.parametrize("wanted", [({}, 32), ({"KeySpec": "AES_128"}, 16), ({"NumberOfBytes": 40}, 40)])
def test_data_keys_are_opened_by_the_shared_gateway(
    foreign: Foreign, client: Client, key: str, name: str, wanted: tuple[dict[str, object], int]
) -> None:
    asked, size = wanted
    made = foreign.transfer(name, KeyId=key, EncryptionContext=CONTEXT, **asked)
    opened = client.call("Decrypt", CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT)["Plaintext"]
    assert len(unb64(opened)) == size
    assert made.get("Plaintext", opened) == opened
    assert ("Plaintext" in made) == (name == "GenerateDataKey")
    done = journal(client)
    assert (done["AdvanceGenerateDataKey"], done["AdvanceEncrypt"]) == (1, 1)


def test_asymmetric_ciphertexts_go_both_ways(foreign: Foreign, client: Client) -> None:
    named = {**pair(client, "RSA_2048", "ENCRYPT/DECRYPT"), "Algorithm": "RSAES_OAEP_SHA_256"}
    made = foreign.transfer("AsymmetricEncrypt", Plaintext=TEXT, **named)
    assert made["KeyVersionId"] == named["KeyVersionId"]
    blob = {"CiphertextBlob": made["CiphertextBlob"]}
    assert client.call("AsymmetricDecrypt", **blob, **named)["Plaintext"] == TEXT
    shared = client.call("AsymmetricEncrypt", Plaintext=TEXT, **named)["CiphertextBlob"]
    opened = foreign.transfer("AsymmetricDecrypt", CiphertextBlob=shared, **named)
    assert (opened["Plaintext"], opened["KeyVersionId"]) == (TEXT, named["KeyVersionId"])


@pytest.mark.parametrize(("spec", "algorithm"), [("RSA_2048", "RSA_PSS_SHA_256"), ("EC_SM2", "SM2DSA")])
def test_signatures_go_both_ways(foreign: Foreign, client: Client, spec: str, algorithm: str) -> None:
    named = {**pair(client, spec, "SIGN/VERIFY"), "Algorithm": algorithm}
    named["Digest"] = b64(hashlib.sha256(b"example").digest())
    made = foreign.transfer("AsymmetricSign", **named)
    assert made["KeyVersionId"] == named["KeyVersionId"]
    assert client.call("AsymmetricVerify", Value=made["Value"], **named)["Value"] is True
    shared = client.call("AsymmetricSign", **named)["Value"]
    assert foreign.transfer("AsymmetricVerify", Value=shared, **named)["Value"] is True
    named["Digest"] = b64(bytes(32))
    assert foreign.transfer("AsymmetricVerify", Value=shared, **named)["Value"] is False


def test_the_public_key_names_its_version(foreign: Foreign, client: Client) -> None:
    named = pair(client, "EC_P256", "SIGN/VERIFY")
    made, shared = foreign.transfer("GetPublicKey", **named), client.call("GetPublicKey", **named)
    assert {**made, "RequestId": ""} == {**shared, "RequestId": ""}


def test_secrets_are_read(foreign: Foreign, client: Client) -> None:
    client.call("CreateSecret", SecretName="mine", VersionId="v1", SecretData="value", DKMSInstanceId=SOFTWARE)
    read = foreign.transfer("GetSecretValue", SecretName="mine")
    shared = client.call("GetSecretValue", SecretName="mine")
    assert {**read, "RequestId": ""}.items() >= {**shared, "RequestId": ""}.items()


@pytest.mark.parametrize("context", [{}, {"EncryptionContext": CONTEXT}])
def test_the_old_form_leaves_the_layout_to_the_client(
    foreign: Foreign, client: Client, key: str, context: dict[str, object]
) -> None:
    old = replace(foreign, config={**foreign.config, "force_low_version_crypto_transfer": True})
    made = old.transfer("Encrypt", KeyId=key, Plaintext=TEXT, **context)
    assert unb64(made["CiphertextBlob"])[:36].decode() == made["KeyVersionId"]
    assert old.transfer("Decrypt", CiphertextBlob=made["CiphertextBlob"], **context)["Plaintext"] == TEXT
    data_key = old.transfer("GenerateDataKey", KeyId=key, **context)
    opened = old.transfer("Decrypt", CiphertextBlob=data_key["CiphertextBlob"], **context)
    assert opened["Plaintext"] == data_key["Plaintext"]
    sealed = old.transfer("GenerateDataKeyWithoutPlaintext", KeyId=key, **context)
    assert len(unb64(old.transfer("Decrypt", CiphertextBlob=sealed["CiphertextBlob"], **context)["Plaintext"])) == 32
    done = journal(client)
    assert (done["Encrypt"], done["Decrypt"], done["GenerateDataKey"], done["AdvanceEncrypt"]) == (3, 3, 2, 0)


def test_the_old_form_without_a_context_goes_both_ways(foreign: Foreign, client: Client, key: str) -> None:
    # With a context it cannot: the old form binds its text as it stands, the shared gateway its digest.
    old = replace(foreign, config={**foreign.config, "force_low_version_crypto_transfer": True})
    made = old.transfer("Encrypt", KeyId=key, Plaintext=TEXT)
    assert client.call("Decrypt", CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == TEXT
    shared = client.call("Encrypt", KeyId=key, Plaintext=TEXT)["CiphertextBlob"]
    assert old.transfer("Decrypt", CiphertextBlob=shared)["Plaintext"] == TEXT


def test_an_old_version_opens_after_a_rotation_in_both_forms(foreign: Foreign, client: Client) -> None:
    key = client.key(EnableAutomaticRotation=True, RotationInterval="7d")
    old = replace(foreign, config={**foreign.config, "force_low_version_crypto_transfer": True})
    made = [one.transfer("Encrypt", KeyId=key, Plaintext=TEXT) for one in (foreign, old)]
    client.advance(8 * 86400)
    assert foreign.transfer("Encrypt", KeyId=key, Plaintext=TEXT)["KeyVersionId"] != made[0]["KeyVersionId"]
    for blob in (entry["CiphertextBlob"] for entry in made):
        assert foreign.transfer("Decrypt", CiphertextBlob=blob)["Plaintext"] == TEXT
        assert old.transfer("Decrypt", CiphertextBlob=blob)["Plaintext"] == TEXT


def test_other_calls_and_chosen_ones_go_to_the_shared_gateway(foreign: Foreign, client: Client, key: str) -> None:
    assert foreign.transfer("DescribeKey", KeyId=key)["KeyMetadata"]["KeyId"] == key
    chosen = replace(foreign, config={**foreign.config, "default_kms_api_names": ["Encrypt"]})
    made = chosen.transfer("Encrypt", KeyId=key, Plaintext=TEXT)
    asked = replace(foreign, runtime={"is_use_kms_share_gateway": True})
    assert asked.transfer("Decrypt", CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == TEXT
    done = journal(client)
    assert (done["DescribeKey"], done["Encrypt"], done["Decrypt"]) == (1, 1, 1)
    assert not done["AdvanceEncrypt"] + done["AdvanceDecrypt"]


def test_without_the_other_configuration_the_gateway_is_enough(foreign: Foreign, key: str) -> None:
    alone = replace(foreign, shared={})
    made = alone.transfer("Encrypt", KeyId=key, Plaintext=TEXT)
    assert alone.transfer("Decrypt", CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == TEXT
    with pytest.raises(ForeignError):
        alone.transfer("DescribeKey", KeyId=key)


def test_without_the_other_configuration_its_switches_are_lost(foreign: Foreign, client: Client, key: str) -> None:
    config = {**foreign.config, "force_low_version_crypto_transfer": True}
    replace(foreign, shared={}, config=config).transfer("Encrypt", KeyId=key, Plaintext=TEXT)
    assert journal(client)["AdvanceEncrypt"] == 1


def test_the_client_key_comes_from_a_file_too(foreign: Foreign, tmp_path: Path, key: str) -> None:
    file = tmp_path / "client-key.json"
    config = dict(foreign.config)
    file.write_text(config.pop("client_key_content"), encoding="ascii")
    assert set(json.loads(file.read_text(encoding="ascii"))) == {"KeyId", "PrivateKeyData"}
    made = replace(foreign, config={**config, "client_key_file": str(file)}).transfer(
        "Encrypt", KeyId=key, Plaintext=TEXT
    )
    assert made["KeyId"] == key


def test_https_needs_the_authority_in_the_runtime_options(
    foreign: Foreign, emulator: Emulator, tmp_path: Path, key: str
) -> None:
    door = door_of(emulator, tmp_path, host="127.0.0.1", port=0)
    assert door is not None
    with door as url:
        config = {**foreign.config, "protocol": "https", "endpoint": url.removeprefix("https://")}
        told = replace(foreign, config=config, runtime={"ca": str(door.authority)})
        # The package keeps connections by address: one that was trusted once would be used again.
        with pytest.raises(ForeignError, match=r"(?i)certificate"):
            replace(told, runtime={"autoretry": False}).transfer("Encrypt", KeyId=key, Plaintext=TEXT)
        assert told.transfer("Encrypt", KeyId=key, Plaintext=TEXT)["KeyId"] == key


@pytest.mark.parametrize(
    ("set_up", "expected"),
    [("unknown client key", "InvalidAccessKeyId.NotFound"), ("old date", "RequestTimeTooSkewed"),
     ("no such key", "Forbidden.KeyNotFound")],
)  # fmt: skip
def test_refusals_are_told_in_the_words_of_the_shared_gateway(
    foreign: Foreign, client: Client, key: str, set_up: str, expected: str
) -> None:
    if set_up == "unknown client key":
        content = json.loads(str(foreign.config["client_key_content"]))
        client.call("DeleteClientKey", ClientKeyId=content["KeyId"])
    if set_up == "old date":
        client.control("settings", {"signing_clock": "emulated"})
        client.advance(1000)
    with pytest.raises(ForeignError) as caught:
        foreign.transfer("Encrypt", KeyId="key-x" if set_up == "no such key" else key, Plaintext=TEXT)
    assert caught.value.code == expected
