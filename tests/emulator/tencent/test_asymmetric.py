"""Asymmetric keys at work: public keys, decryption, signatures, checked with openssl and cryptography."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from tests.emulator.tencent.crypto import CANARY, MISSING, PADDINGS, b64, openssl
from tests.emulator.tencent.support import Client

RSA, SM2 = "ASYMMETRIC_DECRYPT_RSA_2048", "ASYMMETRIC_DECRYPT_SM2"
SIGN_SM2, SIGN_RSA = "ASYMMETRIC_SIGN_VERIFY_SM2", "ASYMMETRIC_SIGN_VERIFY_RSA_2048"
SIGN_ECC, SIGN_384 = "ASYMMETRIC_SIGN_VERIFY_ECC", "ASYMMETRIC_SIGN_VERIFY_ECDSA384"
ST = "ResourceUnavailable.CmkStateNotSupport"
USAGE = "InvalidParameterValue.InvalidKeyUsage"
VALUE = "InvalidParameterValue"
ALGORITHMS = [
    (SIGN_SM2, "SM2DSA"), (SIGN_RSA, "RSA_PSS_SHA_256"), (SIGN_RSA, "RSA_PKCS1_SHA_256"), (SIGN_ECC, "ECC_P256_R1"),
    (SIGN_384, "ECDSA384"),
]  # fmt: skip


def public_der(client: Client, key: str) -> bytes:
    return base64.b64decode(client.call("GetPublicKey", KeyId=key)["PublicKey"])


def public_key(client: Client, key: str) -> Any:
    return serialization.load_der_public_key(public_der(client, key))


def sign(client: Client, key: str, algorithm: str, message: bytes, kind: str = "RAW") -> bytes:
    given = {"KeyId": key, "Algorithm": algorithm, "Message": b64(message), "MessageType": kind}
    return base64.b64decode(client.call("SignByAsymmetricKey", **given)["Signature"])


def is_valid(client: Client, key: str, algorithm: str, message: bytes, signature: bytes, *, kind: str = "RAW") -> bool:
    given = {"KeyId": key, "Algorithm": algorithm, "Message": b64(message), "MessageType": kind}
    answer = client.call("VerifyByAsymmetricKey", **given, SignatureValue=b64(signature))
    assert isinstance(answer["SignatureValid"], bool)
    return answer["SignatureValid"]


@pytest.mark.parametrize(
    ("usage", "words"),
    [
        (RSA, "Public-Key: (2048 bit)"), (SIGN_RSA, "Public-Key: (2048 bit)"), (SM2, "ASN1 OID: SM2"),
        (SIGN_SM2, "ASN1 OID: SM2"), (SIGN_ECC, "ASN1 OID: prime256v1"), (SIGN_384, "ASN1 OID: secp384r1"),
    ],
)  # fmt: skip
def test_a_public_key_is_read_by_openssl_and_stays_the_same(
    client: Client, tmp_path: Path, usage: str, words: str
) -> None:
    key = client.key(KeyUsage=usage)
    answer = client.call("GetPublicKey", KeyId=key)
    der = base64.b64decode(answer["PublicKey"])
    text = openssl(tmp_path, "pkey", "-pubin", "-inform", "DER", "-in", "key", "-noout", "-text", key=der).decode()
    assert words in text
    assert client.call("GetPublicKey", KeyId=key)["PublicKey"] == answer["PublicKey"]


def test_the_pem_of_a_public_key_is_encoded_twice_as_in_the_vendors_sample(client: Client) -> None:
    answer = client.call("GetPublicKey", KeyId=client.key(KeyUsage=SIGN_ECC))
    first, *lines, last = answer["PublicKeyPem"].strip().splitlines()
    assert (first, last) == ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----")
    assert base64.b64decode("".join(lines)).decode() == answer["PublicKey"]


@pytest.mark.parametrize(("algorithm", "capacity"), list(zip(PADDINGS, (245, 214, 190), strict=True)))
def test_rsa_decrypts_what_the_public_key_encrypted(client: Client, algorithm: str, capacity: int) -> None:
    key = client.key(KeyUsage=RSA)
    public = public_key(client, key)
    for plaintext in (CANARY, b"x" * capacity):
        blob = b64(public.encrypt(plaintext, PADDINGS[algorithm]))
        answer = client.call("AsymmetricRsaDecrypt", KeyId=key, Ciphertext=blob, Algorithm=algorithm)
        assert (answer["KeyId"], base64.b64decode(answer["Plaintext"])) == (key, plaintext)


def test_sm2_decrypts_what_openssl_encrypted(client: Client, tmp_path: Path) -> None:
    key = client.key(KeyUsage=SM2)
    command = ["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", "key", "-in", "data"]
    blob = openssl(tmp_path, *command, key=public_der(client, key), data=CANARY)
    answer = client.call("AsymmetricSm2Decrypt", KeyId=key, Ciphertext=b64(blob))
    assert (answer["KeyId"], base64.b64decode(answer["Plaintext"])) == (key, CANARY)
    changed = blob[:-1] + bytes([blob[-1] ^ 1])
    assert client.refused("AsymmetricSm2Decrypt", KeyId=key, Ciphertext=b64(changed)) == "FailedOperation.DecryptError"


def test_bad_asymmetric_ciphertexts_are_refused(client: Client) -> None:
    key, sm2, signing = client.key("a", KeyUsage=RSA), client.key("b", KeyUsage=SM2), client.key("c", KeyUsage=SIGN_RSA)
    given = {"KeyId": key, "Algorithm": "RSAES_OAEP_SHA_256"}
    noise = b64(bytes(256))
    assert client.refused("AsymmetricRsaDecrypt", **given, Ciphertext=noise) == "FailedOperation.DecryptError"
    for text in ("", "text!", b64(bytes(257))):
        assert client.refused("AsymmetricRsaDecrypt", **given, Ciphertext=text) == "InvalidParameter"
    for text in ("", b64(bytes(257))):
        assert client.refused("AsymmetricSm2Decrypt", KeyId=sm2, Ciphertext=text) == "InvalidParameter"
    wrong = {"KeyId": key, "Algorithm": "SM2", "Ciphertext": noise}
    assert client.refused("AsymmetricRsaDecrypt", **wrong) == "InvalidParameter"
    for other in (sm2, signing):
        assert client.refused("AsymmetricRsaDecrypt", **{**given, "KeyId": other}, Ciphertext=noise) == USAGE
    assert client.refused("AsymmetricSm2Decrypt", KeyId=key, Ciphertext=noise) == USAGE


def test_sm2_does_not_exist_outside_the_mainland(client: Client) -> None:
    client.region = "ap-singapore"
    code = client.refused("AsymmetricSm2Decrypt", KeyId=client.key(), Ciphertext="YQ==")
    assert code == "UnsupportedOperation.UnsupportedKeyUsageInCurrentRegion"


@pytest.mark.parametrize(("usage", "algorithm"), ALGORITHMS)
def test_a_signature_is_valid_for_its_message_only(client: Client, usage: str, algorithm: str) -> None:
    key, message = client.key(KeyUsage=usage), b"m" * 4096
    signature = sign(client, key, algorithm, message)
    assert is_valid(client, key, algorithm, message, signature)
    assert not is_valid(client, key, algorithm, message[1:], signature)
    assert not is_valid(client, key, algorithm, message, signature[:-1] + bytes([signature[-1] ^ 1]))
    assert not is_valid(client, key, algorithm, message, b"no signature")
    assert not is_valid(client, client.key("other", KeyUsage=usage), algorithm, message, signature)


@pytest.mark.parametrize("kind", ["RAW", "DIGEST"])
def test_rsa_and_ecdsa_signatures_are_verified_by_another_library(client: Client, kind: str) -> None:
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    for usage, algorithm, chosen in (
        (SIGN_RSA, "RSA_PSS_SHA_256", hashes.SHA256()),
        (SIGN_RSA, "RSA_PKCS1_SHA_256", hashes.SHA256()),
        (SIGN_ECC, "ECC_P256_R1", hashes.SHA256()),
        (SIGN_384, "ECDSA384", hashes.SHA384()),
    ):
        key = client.key(algorithm, KeyUsage=usage)
        digest = hashlib.new(chosen.name, CANARY).digest()
        signature = sign(client, key, algorithm, CANARY if kind == "RAW" else digest, kind)
        public = public_key(client, key)
        if isinstance(public, rsa.RSAPublicKey):
            form = pss if "PSS" in algorithm else padding.PKCS1v15()
            public.verify(signature, digest, form, utils.Prehashed(chosen))
        else:
            assert isinstance(public, ec.EllipticCurvePublicKey)
            public.verify(signature, digest, ec.ECDSA(utils.Prehashed(chosen)))
        assert is_valid(client, key, algorithm, digest, signature, kind="DIGEST")


def test_an_sm2_signature_is_verified_by_openssl(client: Client, tmp_path: Path) -> None:
    key = client.key(KeyUsage=SIGN_SM2)
    signature = sign(client, key, "SM2DSA", CANARY)
    command = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key", "-in", "data", "-rawin",
               "-digest", "sm3", "-sigfile", "signature", "-pkeyopt", "distid:1234567812345678"]  # fmt: skip
    files = {"key": public_der(client, key), "data": CANARY, "signature": signature}
    assert b"Verified Successfully" in openssl(tmp_path, *command, **files)


@pytest.mark.parametrize(("action", "code"), [("SignByAsymmetricKey", "InvalidParameter"),
                                              ("VerifyByAsymmetricKey", VALUE)])  # fmt: skip
def test_bad_signing_requests_are_refused(client: Client, action: str, code: str) -> None:
    more = {"SignatureValue": "YQ=="} if action == "VerifyByAsymmetricKey" else {}
    key, symmetric = client.key(KeyUsage=SIGN_ECC), client.key("symmetric")
    good = {"KeyId": key, "Algorithm": "ECC_P256_R1", "Message": "YQ==", **more}
    for wrong in (
        {"Message": ""}, {"Message": "!"}, {"Message": b64(bytes(4097))}, {"MessageType": "TEXT"},
        {"Algorithm": "SM2DSA"}, {"MessageType": "DIGEST"}, {"KeyId": symmetric},
        {"MessageType": "DIGEST", "Message": b64(bytes(33))},
    ):  # fmt: skip
        assert client.refused(action, **{**good, **wrong}) == code
    assert client.refused(action, **{**good, "KeyId": MISSING}) == "ResourceUnavailable.CmkNotFound"
    del good["Algorithm"]
    assert client.refused(action, **good) == "MissingParameter"


def test_a_signature_that_is_not_base64_is_refused(client: Client) -> None:
    given = {"KeyId": client.key(KeyUsage=SIGN_ECC), "Algorithm": "ECC_P256_R1", "Message": "YQ=="}
    assert client.refused("VerifyByAsymmetricKey", **given, SignatureValue="!") == VALUE


def test_a_symmetric_key_has_no_public_key(client: Client) -> None:
    assert client.refused("GetPublicKey", KeyId=client.key()) == "InvalidParameter"


@pytest.mark.parametrize("steps", [["DisableKey"], ["ArchiveKey"], ["DisableKey", "ScheduleKeyDeletion"]])
def test_only_enabled_asymmetric_keys_work(client: Client, steps: list[str]) -> None:
    rsa_key, sm2, signing = (
        client.key("a", KeyUsage=RSA),
        client.key("b", KeyUsage=SM2),
        client.key("c", KeyUsage=SIGN_ECC),
    )
    for key in (rsa_key, sm2, signing):
        for step in steps:
            client.call(step, KeyId=key, **({"PendingWindowInDays": 7} if step == "ScheduleKeyDeletion" else {}))
    signed = {"KeyId": signing, "Algorithm": "ECC_P256_R1", "Message": "YQ=="}
    assert client.refused("GetPublicKey", KeyId=signing) == ST
    assert client.refused("SignByAsymmetricKey", **signed) == ST
    assert client.refused("VerifyByAsymmetricKey", **signed, SignatureValue="YQ==") == ST
    assert client.refused("AsymmetricSm2Decrypt", KeyId=sm2, Ciphertext="YQ==") == ST
    rsa_call = {"KeyId": rsa_key, "Ciphertext": "YQ==", "Algorithm": "RSAES_OAEP_SHA_1"}
    assert client.refused("AsymmetricRsaDecrypt", **rsa_call) == ST


def test_signing_algorithms_are_those_that_the_service_lists(client: Client) -> None:
    listed = client.call("ListAlgorithms")["AsymmetricSignVerifyAlgorithms"]
    assert sorted((entry["KeyUsage"], entry["Algorithm"]) for entry in listed) == sorted(ALGORITHMS)
