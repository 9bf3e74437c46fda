"""Key pairs in use: operations 30 to 34, checked by openssl and the cryptography package."""

import hashlib
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from tests.emulator.ctyun.support import SM2_USER, Client, b64, openssl, sm2_digest

SIGN, CRYPT = "SIGN/VERIFY", "ENCRYPT/DECRYPT"
DIGEST = hashlib.sha256(b"message").digest()
PSS = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
OAEP = {
    "RSAES_OAEP_SHA_256": padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None),
    "RSAES_OAEP_SHA_1": padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None),
}


def pair(client: Client, spec: str, usage: str) -> dict[str, str]:
    key = client.make(keySpec=spec, keyUsage=usage)
    return {"cmkUuid": key, "keyVersionId": client.version(key)}


def public_pem(client: Client, names: dict[str, str]) -> str:
    found = client.call("getPublicKey", **names)
    assert {name: found[name] for name in names} == names
    return str(found["publicKey"])


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [("RSA_2048", "RSA_PSS_SHA_256"), ("RSA_2048", "RSA_PKCS1_SHA_256"), ("RSA_3072", "RSA_PSS_SHA_256"),
     ("EC_P256", "ECDSA_SHA_256"), ("EC_P256K", "ECDSA_SHA_256")],
)  # fmt: skip
def test_a_signature_is_verified_by_another_library(client: Client, spec: str, algorithm: str) -> None:
    names = pair(client, spec, SIGN)
    made = client.call("asymmetricSign", **names, algorithm=algorithm, digest=b64(DIGEST))
    public = serialization.load_pem_public_key(public_pem(client, names).encode())
    if isinstance(public, rsa.RSAPublicKey):
        form = PSS if algorithm == "RSA_PSS_SHA_256" else padding.PKCS1v15()
        public.verify(b64decode(made["value"]), DIGEST, form, Prehashed(hashes.SHA256()))
    else:
        assert isinstance(public, ec.EllipticCurvePublicKey)
        public.verify(b64decode(made["value"]), DIGEST, ec.ECDSA(Prehashed(hashes.SHA256())))
    fields = {**names, "algorithm": algorithm, "value": made["value"]}
    assert client.call("asymmetricVerify", **fields, digest=b64(DIGEST)) == {**names, "value": True}
    assert client.call("asymmetricVerify", **fields, digest=b64(bytes(32)))["value"] is False


def test_an_sm2_signature_is_verified_by_openssl(client: Client, tmp_path: Path) -> None:
    names = pair(client, "EC_SM2", SIGN)
    pem = public_pem(client, names)
    digest = b64(sm2_digest(pem, b"message"))
    made = client.call("asymmetricSign", **names, algorithm="SM2DSA", digest=digest)
    public, message, signature = (tmp_path / name for name in ("public.pem", "message", "signature"))
    public.write_text(pem)
    message.write_bytes(b"message")
    signature.write_bytes(b64decode(made["value"]))
    how = ("-rawin", "-digest", "sm3", "-pkeyopt", SM2_USER, "-in", message, "-sigfile", signature)
    assert b"Verified Successfully" in openssl("pkeyutl", "-verify", "-pubin", "-inkey", public, *how)
    fields = {**names, "algorithm": "SM2DSA", "digest": digest}
    assert client.call("asymmetricVerify", **fields, value=made["value"])["value"] is True
    assert client.call("asymmetricVerify", **fields, value=b64(b"none"))["value"] is False


@pytest.mark.parametrize("algorithm", list(OAEP))
def test_what_another_library_encrypts_is_decrypted(client: Client, algorithm: str) -> None:
    names = pair(client, "RSA_2048", CRYPT)
    public = serialization.load_pem_public_key(public_pem(client, names).encode())
    assert isinstance(public, rsa.RSAPublicKey)
    blob = b64(public.encrypt(b"hello", OAEP[algorithm]))
    found = client.call("asymmetricDecrypt", **names, algorithm=algorithm, ciphertextBlob=blob)
    assert found == {**names, "plaintext": b64(b"hello")}


def test_what_openssl_encrypts_with_sm2_is_decrypted(client: Client, tmp_path: Path) -> None:
    names = pair(client, "EC_SM2", CRYPT)
    public = tmp_path / "public.pem"
    public.write_text(public_pem(client, names))
    blob = b64(openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", public, data=b"hello"))
    assert client.call("asymmetricDecrypt", **names, algorithm="SM2PKE", ciphertextBlob=blob)["plaintext"] == b64(
        b"hello"
    )


@pytest.mark.parametrize(
    ("spec", "algorithm", "limit"),
    [("RSA_2048", "RSAES_OAEP_SHA_256", 190), ("RSA_2048", "RSAES_OAEP_SHA_1", 214),
     ("RSA_3072", "RSAES_OAEP_SHA_256", 318), ("RSA_3072", "RSAES_OAEP_SHA_1", 342), ("EC_SM2", "SM2PKE", 6047)],
)  # fmt: skip
def test_the_longest_plaintext_passes_and_one_more_byte_does_not(
    client: Client, spec: str, algorithm: str, limit: int
) -> None:
    names = {**pair(client, spec, CRYPT), "algorithm": algorithm}
    blob = client.call("asymmetricEncrypt", **names, plaintext=b64(bytes(limit)))["ciphertextBlob"]
    found = client.call("asymmetricDecrypt", **names, ciphertextBlob=blob)
    assert b64decode(found["plaintext"]) == bytes(limit)
    assert client.refused("asymmetricEncrypt", **names, plaintext=b64(bytes(limit + 1))) == (400, "KMS_9031")


@pytest.mark.parametrize(("spec", "algorithm"), [("RSA_2048", "RSAES_OAEP_SHA_256"), ("EC_SM2", "SM2PKE")])
def test_base64_of_nothing_is_not_encrypted(client: Client, spec: str, algorithm: str) -> None:
    fields = {**pair(client, spec, CRYPT), "algorithm": algorithm, "plaintext": "===="}
    assert client.refused("asymmetricEncrypt", **fields) == (400, "KMS_9031")


def test_each_version_has_a_pair_of_its_own(client: Client) -> None:
    first = pair(client, "EC_P256", SIGN)
    client.advance(8)
    second = client.call("createKeyVersion", cmkUuid=first["cmkUuid"])["keyVersionId"]
    fields = {"algorithm": "ECDSA_SHA_256", "digest": b64(DIGEST)}
    value = client.call("asymmetricSign", **first, **fields)["value"]
    assert client.call("asymmetricVerify", **first, **fields, value=value)["value"] is True
    assert client.call("asymmetricVerify", **{**first, "keyVersionId": second}, **fields, value=value)["value"] is False
    assert public_pem(client, first) != public_pem(client, {**first, "keyVersionId": second})


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [("RSA_2048", "ECDSA_SHA_256"), ("EC_P256", "RSA_PSS_SHA_256"), ("EC_SM2", "ECDSA_SHA_256"), ("EC_P256", "SM2DSA")],
)
def test_an_algorithm_of_other_keys_is_refused(client: Client, spec: str, algorithm: str) -> None:
    fields = {**pair(client, spec, SIGN), "algorithm": algorithm, "digest": b64(DIGEST)}
    assert client.refused("asymmetricSign", **fields) == (400, "KMS_9031")


def test_encryption_offers_no_other_padding(client: Client) -> None:
    fields = {**pair(client, "RSA_2048", CRYPT), "algorithm": "RSAES_PKCS1_V1_5", "plaintext": b64(b"x")}
    assert client.refused("asymmetricEncrypt", **fields) == (400, "KMS_9031")


@pytest.mark.parametrize("digest", [b64(bytes(31)), b64(bytes(33)), "no base64"])
def test_a_digest_has_32_bytes(client: Client, digest: str) -> None:
    fields = {**pair(client, "EC_P256", SIGN), "algorithm": "ECDSA_SHA_256", "digest": digest}
    assert client.refused("asymmetricSign", **fields) == (400, "KMS_9031")


def test_a_spoiled_ciphertext_is_refused(client: Client) -> None:
    names = {**pair(client, "RSA_2048", CRYPT), "algorithm": "RSAES_OAEP_SHA_256"}
    assert client.refused("asymmetricDecrypt", **names, ciphertextBlob=b64(bytes(256))) == (400, "KMS_9036")


USES: dict[str, dict[str, Any]] = {
    "asymmetricSign": {"algorithm": "RSA_PSS_SHA_256", "digest": b64(DIGEST)},
    "asymmetricVerify": {"algorithm": "RSA_PSS_SHA_256", "digest": b64(DIGEST), "value": b64(b"x")},
    "asymmetricEncrypt": {"algorithm": "RSAES_OAEP_SHA_1", "plaintext": b64(b"x")},
    "asymmetricDecrypt": {"algorithm": "RSAES_OAEP_SHA_1", "ciphertextBlob": b64(b"x")},
}


@pytest.mark.parametrize("operation", list(USES))
def test_a_key_for_the_other_usage_is_refused(client: Client, operation: str) -> None:
    wrong = CRYPT if operation in {"asymmetricSign", "asymmetricVerify"} else SIGN
    fields = {**pair(client, "RSA_2048", wrong), **USES[operation]}
    assert client.refused(operation, **fields) == (400, "KMS_9034")


@pytest.mark.parametrize("operation", [*USES, "getPublicKey"])
def test_a_key_pair_that_is_not_enabled_is_refused(client: Client, operation: str) -> None:
    right = SIGN if operation in {"asymmetricSign", "asymmetricVerify"} else CRYPT
    fields = {**pair(client, "RSA_2048", right), **USES.get(operation, {})}
    client.call("disableKey", cmkUuid=fields["cmkUuid"])
    assert client.refused(operation, **fields) == (404, "KMS_9011")
    client.call("scheduleKeyDeletion", cmkUuid=fields["cmkUuid"], pendingWindowInDays=7)
    assert client.refused(operation, **fields) == (404, "KMS_9011")


@pytest.mark.parametrize("operation", [*USES, "getPublicKey"])
def test_a_version_of_another_key_is_refused(client: Client, operation: str) -> None:
    right = SIGN if operation in {"asymmetricSign", "asymmetricVerify"} else CRYPT
    one, other = pair(client, "RSA_2048", right), pair(client, "RSA_2048", right)
    fields = {**one, "keyVersionId": other["keyVersionId"], **USES.get(operation, {})}
    assert client.refused(operation, **fields) == (404, "KMS_9003")


def test_a_symmetric_key_has_no_public_key(client: Client) -> None:
    assert client.refused("getPublicKey", **pair(client, "AES_256", CRYPT)) == (400, "KMS_9034")


def test_rsa_4096_works_as_well(client: Client) -> None:
    names = {**pair(client, "RSA_4096", CRYPT), "algorithm": "RSAES_OAEP_SHA_256"}
    blob = client.call("asymmetricEncrypt", **names, plaintext=b64(b"hello"))["ciphertextBlob"]
    assert client.call("asymmetricDecrypt", **names, ciphertextBlob=blob)["plaintext"] == b64(b"hello")
