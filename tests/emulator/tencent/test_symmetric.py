"""Symmetric keys at work: ciphertexts, contexts, versions, data keys, answers for the caller's public key."""

import base64
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.emulator.tencent.crypto import CANARY, MISSING, PADDINGS, b64, decrypt, encrypt, openssl, public_pem
from tests.emulator.tencent.support import Client, in_state

STATES = ["Enabled", "Disabled", "PendingImport", "Archived", "PendingDelete"]
RU = "ResourceUnavailable."
CONTEXT = '{"app": "shop", "用途": "test"}'
INVALID = "InvalidParameterValue.InvalidCiphertext"
GHOST = "ResourceUnavailable.CmkNotFound"


@pytest.mark.parametrize("region", ["ap-guangzhou", "ap-singapore"])
@pytest.mark.parametrize("size", [1, 16, 4096])
def test_what_was_encrypted_is_decrypted(client: Client, region: str, size: int) -> None:
    client.region = region
    key, plaintext = client.key(), bytes(range(256)) * 16
    answer = client.call("Encrypt", KeyId=key, Plaintext=b64(plaintext[:size]))
    assert answer["KeyId"] == key
    opened = client.call("Decrypt", CiphertextBlob=answer["CiphertextBlob"])
    assert (opened["KeyId"], base64.b64decode(opened["Plaintext"])) == (key, plaintext[:size])


def test_a_ciphertext_has_three_parts_that_tell_version_and_context(client: Client) -> None:
    key = client.key()
    one, two = (encrypt(client, key).split("-k-") for _ in range(2))
    three = encrypt(client, key, EncryptionContext=CONTEXT).split("-k-")
    assert [len(base64.b64decode(part)) for part in one] == [64, 16, 12 + len(CANARY) + 16]
    assert one[:2] == two[:2]
    assert one[2] != two[2]
    assert (one[0] == three[0], one[1] == three[1]) == (True, False)
    assert encrypt(client, client.key("other")).split("-k-")[0] != one[0]


def test_a_context_must_be_the_same_text_at_decryption(client: Client) -> None:
    key = client.key()
    blob = encrypt(client, key, EncryptionContext=CONTEXT)
    assert decrypt(client, blob, EncryptionContext=CONTEXT) == CANARY
    for other in ('{"app":"shop","用途":"test"}', "{}", ""):
        assert client.refused("Decrypt", CiphertextBlob=blob, EncryptionContext=other) == INVALID
    assert client.refused("Decrypt", CiphertextBlob=encrypt(client, key), EncryptionContext=CONTEXT) == INVALID


@pytest.mark.parametrize("context", ["[]", "text", '"text"', "{" * 2000, '{"a": "' + "b" * 1017 + '"}'])
@pytest.mark.parametrize("action", ["Encrypt", "GenerateDataKey"])
def test_a_context_is_a_json_object_of_1024_characters(client: Client, action: str, context: str) -> None:
    more: dict[str, Any] = {"Plaintext": "YQ=="} if action == "Encrypt" else {"NumberOfBytes": 1}
    assert client.refused(action, KeyId=client.key(), EncryptionContext=context, **more) == "InvalidParameter"


def test_a_context_of_1024_characters_is_accepted(client: Client) -> None:
    context = '{"a": "' + "密" * 1015 + '"}'
    assert decrypt(client, encrypt(client, client.key(), EncryptionContext=context), EncryptionContext=context)


@pytest.mark.parametrize("plaintext", ["", "YQ", "Y Q==", "YR==", "密", b64(bytes(4097))], ids=lambda text: text[:4])
def test_a_bad_plaintext_is_refused(client: Client, plaintext: str) -> None:
    code = client.refused("Encrypt", KeyId=client.key(), Plaintext=plaintext)
    assert code == "InvalidParameterValue.InvalidPlaintext"


def test_a_changed_character_anywhere_in_a_ciphertext_is_refused(client: Client) -> None:
    blob = encrypt(client, client.key(), b"a")
    for place in range(0, len(blob), 3):
        changed = blob[:place] + ("A" if blob[place] != "A" else "B") + blob[place + 1 :]
        assert client.refused("Decrypt", CiphertextBlob=changed) == INVALID


@pytest.mark.parametrize("blob", ["", "text", "YQ==", "YQ==-k-YQ==-k-YQ==", "-k--k-"])
@pytest.mark.parametrize("action", ["Decrypt", "ReEncrypt"])
def test_what_is_no_ciphertext_is_refused(client: Client, action: str, blob: str) -> None:
    assert client.refused(action, CiphertextBlob=blob) == INVALID


def test_a_ciphertext_of_a_key_elsewhere_names_a_key_that_does_not_exist(client: Client) -> None:
    blob = encrypt(client, client.key())
    client.region = "ap-shanghai"
    assert client.refused("Decrypt", CiphertextBlob=blob) == GHOST


EXPECTED: dict[str, tuple[str, ...]] = {
    "Encrypt": ("", "CmkDisabled", "CmkDisabled", "CmkArchived", "CmkDisabled"),
    "GenerateDataKey": ("", "CmkDisabled", "CmkDisabled", "CmkDisabled", "KeyPendingDelete"),
}


@pytest.mark.parametrize("action", EXPECTED)
@pytest.mark.parametrize("state", STATES)
def test_making_ciphertexts_depends_on_the_state(client: Client, action: str, state: str) -> None:
    more: dict[str, Any] = {"Plaintext": "YQ=="} if action == "Encrypt" else {"KeySpec": "AES_128"}
    answer = client.raw(action, KeyId=in_state(client, state), **more)
    code = answer.get("Error", {"Code": ""})["Code"]
    assert code.removeprefix(RU) == EXPECTED[action][STATES.index(state)]


@pytest.mark.parametrize(
    ("steps", "decrypted", "re_encrypted", "as_target"),
    [
        ([], "", "", ""),
        (["DisableKey"], "CmkDisabled", "CmkDisabled", "CmkDisabled"),
        (["ArchiveKey"], "", "", "CmkDisabled"),
        (["DisableKey", "ScheduleKeyDeletion"], "CmkDisabled", "CmkDisabled", "CmkDisabled"),
    ],
)
def test_opening_ciphertexts_depends_on_the_state(
    client: Client, steps: list[str], decrypted: str, re_encrypted: str, as_target: str
) -> None:
    key, other = client.key(), client.key("other")
    blob, others = encrypt(client, key), encrypt(client, other)
    for step in steps:
        client.call(step, KeyId=key, **({"PendingWindowInDays": 7} if step == "ScheduleKeyDeletion" else {}))
    for action, more, expected in (
        ("Decrypt", {"CiphertextBlob": blob}, decrypted),
        ("ReEncrypt", {"CiphertextBlob": blob, "DestinationKeyId": other}, re_encrypted),
        ("ReEncrypt", {"CiphertextBlob": others, "DestinationKeyId": key}, as_target),
    ):
        code = client.raw(action, **more).get("Error", {"Code": ""})["Code"]
        assert code.removeprefix(RU) == expected


@pytest.mark.parametrize(
    ("action", "more", "code"),
    [
        ("Encrypt", {"Plaintext": "YQ=="}, "InvalidParameter"),
        ("GenerateDataKey", {"KeySpec": "AES_256"}, "InvalidParameterValue.InvalidKeyUsage"),
    ],
)
def test_other_keys_are_refused(client: Client, action: str, more: dict[str, Any], code: str) -> None:
    assert client.refused(action, KeyId=client.key(KeyUsage="ASYMMETRIC_SIGN_VERIFY_ECC"), **more) == code
    assert client.refused(action, KeyId=MISSING, **more) == GHOST
    assert client.refused(action, KeyId="nonsense", **more) == "InvalidParameterValue.InvalidKeyId"


def rotated(client: Client, key: str) -> None:
    client.call("EnableKeyRotation", KeyId=key)
    client.call("RotateKey", KeyId=key)


def test_after_a_rotation_new_ciphertexts_differ_and_old_ones_still_open(client: Client) -> None:
    key = client.key()
    old = encrypt(client, key)
    rotated(client, key)
    new = encrypt(client, key)
    assert old.split("-k-")[0] != new.split("-k-")[0]
    assert (decrypt(client, old), decrypt(client, new)) == (CANARY, CANARY)


def test_re_encryption_under_the_same_key_changes_only_after_a_rotation(client: Client) -> None:
    key = client.key()
    blob = encrypt(client, key)
    answer = client.call("ReEncrypt", CiphertextBlob=blob)
    assert (answer["CiphertextBlob"], answer["ReEncrypted"]) == (blob, False)
    rotated(client, key)
    answer = client.call("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=key)
    assert (answer["KeyId"], answer["SourceKeyId"], answer["ReEncrypted"]) == (key, key, True)
    assert answer["CiphertextBlob"].split("-k-")[0] == encrypt(client, key).split("-k-")[0]
    assert decrypt(client, answer["CiphertextBlob"]) == CANARY


def test_re_encryption_changes_key_and_context(client: Client) -> None:
    key, other = client.key(), client.key("other")
    blob = encrypt(client, key, EncryptionContext=CONTEXT)
    answer = client.call("ReEncrypt", CiphertextBlob=blob, SourceEncryptionContext=CONTEXT,
                         DestinationEncryptionContext='{"a": "b"}')  # fmt: skip
    assert answer["ReEncrypted"] is True
    assert decrypt(client, answer["CiphertextBlob"], EncryptionContext='{"a": "b"}') == CANARY
    answer = client.call("ReEncrypt", CiphertextBlob=blob, SourceEncryptionContext=CONTEXT, DestinationKeyId=other)
    assert (answer["KeyId"], answer["SourceKeyId"], answer["ReEncrypted"]) == (other, key, True)
    assert decrypt(client, answer["CiphertextBlob"]) == CANARY


def test_re_encryption_needs_the_context_and_both_keys(client: Client) -> None:
    blob = encrypt(client, client.key(), EncryptionContext=CONTEXT)
    assert client.refused("ReEncrypt", CiphertextBlob=blob) == INVALID
    more = {"CiphertextBlob": blob, "SourceEncryptionContext": CONTEXT}
    assert client.refused("ReEncrypt", **more, DestinationKeyId=MISSING) == GHOST
    assert client.refused("ReEncrypt", **more, DestinationEncryptionContext="[]") == "InvalidParameter"


@pytest.mark.parametrize(
    ("given", "length"),
    [
        ({"KeySpec": "AES_128"}, 16),
        ({"KeySpec": "AES_256"}, 32),
        ({"NumberOfBytes": 1}, 1),
        ({"NumberOfBytes": 1024, "KeySpec": "AES_128"}, 1024),
    ],
)
def test_a_data_key_has_the_length_asked_for(client: Client, given: dict[str, Any], length: int) -> None:
    key = client.key()
    answer = client.call("GenerateDataKey", KeyId=key, EncryptionContext=CONTEXT, **given)
    plaintext = base64.b64decode(answer["Plaintext"])
    assert (answer["KeyId"], len(plaintext)) == (key, length)
    assert decrypt(client, answer["CiphertextBlob"], EncryptionContext=CONTEXT) == plaintext
    assert client.call("GenerateDataKey", KeyId=key, **given)["CiphertextBlob"] != answer["CiphertextBlob"]


@pytest.mark.parametrize("given", [{}, {"KeySpec": "AES_192"}, {"NumberOfBytes": 0}, {"NumberOfBytes": 1025}])
def test_a_data_key_without_a_good_length_is_refused(client: Client, given: dict[str, Any]) -> None:
    assert client.refused("GenerateDataKey", KeyId=client.key(), **given) == "InvalidParameter"


def test_random_bytes_are_random_and_of_the_length_asked_for(client: Client) -> None:
    drawn = {client.call("GenerateRandom", NumberOfBytes=32)["Plaintext"] for _ in range(3)}
    assert {len(base64.b64decode(text)) for text in drawn} == {32}
    assert len(drawn) == 3
    for wrong in (0, 1025):
        assert client.refused("GenerateRandom", NumberOfBytes=wrong) == "InvalidParameter"


@pytest.fixture(scope="module")
def caller() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize("algorithm", PADDINGS)
def test_answers_are_wrapped_for_an_rsa_key(client: Client, caller: rsa.RSAPrivateKey, algorithm: str) -> None:
    wrap = {"EncryptionPublicKey": public_pem(caller), "EncryptionAlgorithm": algorithm}
    key = client.key()
    assert caller.decrypt(decrypt(client, encrypt(client, key), **wrap), PADDINGS[algorithm]) == CANARY
    answer = client.call("GenerateDataKey", KeyId=key, KeySpec="AES_256", **wrap)
    opened = caller.decrypt(base64.b64decode(answer["Plaintext"]), PADDINGS[algorithm])
    assert decrypt(client, answer["CiphertextBlob"]) == opened


def sm2_pair(folder: Path) -> str:
    openssl(folder, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", "sm2.pem")
    return openssl(folder, "pkey", "-in", "sm2.pem", "-pubout").decode()


def test_answers_are_wrapped_for_an_sm2_key_in_asn1(client: Client, tmp_path: Path) -> None:
    wrap = {"EncryptionPublicKey": sm2_pair(tmp_path), "EncryptionAlgorithm": "SM2_C1C3C2_ASN1"}
    wrapped = decrypt(client, encrypt(client, client.key()), **wrap)
    assert openssl(tmp_path, "pkeyutl", "-decrypt", "-inkey", "sm2.pem", "-in", "blob", blob=wrapped) == CANARY


def test_answers_are_wrapped_for_an_sm2_key_as_bytes_by_default(client: Client, tmp_path: Path) -> None:
    wrapped = decrypt(client, encrypt(client, client.key()), EncryptionPublicKey=sm2_pair(tmp_path))
    assert (wrapped[0], len(wrapped)) == (4, 1 + 64 + 32 + len(CANARY))
    asn1 = f"""asn1=SEQUENCE:all
[all]
x=INTEGER:0x{wrapped[1:33].hex()}
y=INTEGER:0x{wrapped[33:65].hex()}
hash=FORMAT:HEX,OCTETSTRING:{wrapped[65:97].hex()}
data=FORMAT:HEX,OCTETSTRING:{wrapped[97:].hex()}
"""
    openssl(tmp_path, "asn1parse", "-genconf", "form", "-noout", "-out", "blob", form=asn1.encode())
    assert openssl(tmp_path, "pkeyutl", "-decrypt", "-inkey", "sm2.pem", "-in", "blob") == CANARY


def test_an_answer_that_cannot_be_wrapped_is_refused(client: Client, caller: rsa.RSAPrivateKey) -> None:
    key, pem = client.key(), public_pem(caller)
    blob = encrypt(client, key)
    other = public_pem(rsa.generate_private_key(65537, 3072))
    for public, algorithm in (
        (pem, ""),
        ("text", "SM2"),
        (pem.replace("\nM", "\n-"), "SM2"),
        (other, "RSAES_OAEP_SHA_1"),
    ):
        more = {"EncryptionPublicKey": public, "EncryptionAlgorithm": algorithm}
        assert client.refused("Decrypt", CiphertextBlob=blob, **more) == "FailedOperation.EncryptionError"
    more = {"EncryptionPublicKey": pem, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256", "KeyId": key}
    assert client.refused("GenerateDataKey", NumberOfBytes=191, **more) == "FailedOperation.EncryptionError"
    more = {"EncryptionPublicKey": pem, "EncryptionAlgorithm": "RSA"}
    assert client.refused("Decrypt", CiphertextBlob=blob, **more) == "InvalidParameter"
