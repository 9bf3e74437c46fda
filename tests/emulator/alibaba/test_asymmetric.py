"""Asymmetric keys and MACs: sizes, algorithms, other tools as verifiers, states."""

import hashlib
import hmac
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from kms_emulator.ciphers import asymmetric, mac
from tests.emulator.alibaba.support import DAY, HARDWARE, SOFTWARE, Client, b64, in_state, openssl, unb64

DIGEST = hashlib.sha256(b"message").digest()
INVALID = (400, "InvalidParameter")
STATES = {"Disabled": "Rejected.Disabled", "PendingDeletion": "Rejected.PendingDeletion"}
BOTH = [
    ("RSA_2048", "RSAES_OAEP_SHA_256", 190), ("RSA_2048", "RSAES_OAEP_SHA_1", 214),
    ("RSA_3072", "RSAES_OAEP_SHA_256", 318), ("RSA_3072", "RSAES_OAEP_SHA_1", 342), ("EC_SM2", "SM2PKE", 6047),
]  # fmt: skip


def made(client: Client, spec: str, usage: str) -> dict[str, object]:
    """A key, as the parameters that name it with its version."""
    place = HARDWARE if spec == "EC_SM2" else SOFTWARE
    key = client.key(KeySpec=spec, KeyUsage=usage, DKMSInstanceId=place)
    version = client.call("ListKeyVersions", KeyId=key)["KeyVersions"]["KeyVersion"][0]["KeyVersionId"]
    return {"KeyId": key, "KeyVersionId": version}


def public(client: Client, named: dict[str, object]) -> str:
    return str(client.call("GetPublicKey", **named)["PublicKey"])


@pytest.mark.parametrize(("spec", "algorithm", "most"), BOTH)
def test_what_was_encrypted_is_decrypted_up_to_the_published_size(
    client: Client, spec: str, algorithm: str, most: int
) -> None:
    named = {**made(client, spec, "ENCRYPT/DECRYPT"), "Algorithm": algorithm}
    text = b64(b"x" * most)
    sealed = client.call("AsymmetricEncrypt", **named, Plaintext=text)
    assert (sealed["KeyId"], sealed["KeyVersionId"]) == (named["KeyId"], named["KeyVersionId"])
    size = len(unb64(sealed["CiphertextBlob"]))
    # A point, a hash and the text are 97 bytes more than the text; the DER around them takes a few more.
    assert most + 97 < size < most + 120 if spec == "EC_SM2" else size == int(spec[4:]) // 8
    opened = client.call("AsymmetricDecrypt", **named, CiphertextBlob=sealed["CiphertextBlob"])
    assert opened["Plaintext"] == text
    assert client.refused("AsymmetricEncrypt", **named, Plaintext=b64(b"x" * (most + 1))) == INVALID
    damaged = bytearray(unb64(sealed["CiphertextBlob"]))
    damaged[-1] ^= 1
    assert client.refused("AsymmetricDecrypt", **named, CiphertextBlob=b64(bytes(damaged))) == INVALID


def test_what_another_tool_encrypted_is_decrypted(client: Client, tmp_path: Path) -> None:
    named = made(client, "RSA_2048", "ENCRYPT/DECRYPT")
    (tmp_path / "key.pem").write_text(public(client, named))
    sealed = openssl(
        "pkeyutl", "-encrypt", "-pubin", "-inkey", str(tmp_path / "key.pem"), "-pkeyopt", "rsa_padding_mode:oaep",
        "-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha256", given=b"hello",
    )  # fmt: skip
    given = {**named, "Algorithm": "RSAES_OAEP_SHA_256", "CiphertextBlob": b64(sealed)}
    assert unb64(client.call("AsymmetricDecrypt", **given)["Plaintext"]) == b"hello"


def test_sm2_ciphertexts_are_exchanged_with_openssl(client: Client, tmp_path: Path) -> None:
    named = made(client, "EC_SM2", "ENCRYPT/DECRYPT")
    (tmp_path / "key.pem").write_text(public(client, named))
    sealed = openssl("pkeyutl", "-encrypt", "-pubin", "-inkey", str(tmp_path / "key.pem"), given=b"hello")
    answer = client.call("AsymmetricDecrypt", **named, Algorithm="SM2PKE", CiphertextBlob=b64(sealed))
    assert unb64(answer["Plaintext"]) == b"hello"


@pytest.mark.parametrize("algorithm", ["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"])
@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072"])
def test_another_library_verifies_rsa_signatures(client: Client, spec: str, algorithm: str) -> None:
    named = made(client, spec, "SIGN/VERIFY")
    value = client.call("AsymmetricSign", **named, Algorithm=algorithm, Digest=b64(DIGEST))["Value"]
    key = serialization.load_pem_public_key(public(client, named).encode())
    assert isinstance(key, rsa.RSAPublicKey)
    salted = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)
    scheme = salted if "PSS" in algorithm else padding.PKCS1v15()
    key.verify(unb64(value), DIGEST, scheme, utils.Prehashed(hashes.SHA256()))


@pytest.mark.parametrize("spec", ["EC_P256", "EC_P256K"])
def test_another_library_verifies_ecdsa_signatures(client: Client, spec: str) -> None:
    named = made(client, spec, "SIGN/VERIFY")
    value = client.call("AsymmetricSign", **named, Algorithm="ECDSA_SHA_256", Digest=b64(DIGEST))["Value"]
    key = serialization.load_pem_public_key(public(client, named).encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(unb64(value), DIGEST, ec.ECDSA(utils.Prehashed(hashes.SHA256())))


def test_openssl_verifies_sm2_signatures(client: Client, tmp_path: Path) -> None:
    named = made(client, "EC_SM2", "SIGN/VERIFY")
    pem = public(client, named)
    (tmp_path / "key.pem").write_text(pem)
    der = unb64("".join(pem.splitlines()[1:-1]))
    digest = asymmetric.sm2_digest(der, b"message")
    value = client.call("AsymmetricSign", **named, Algorithm="SM2DSA", Digest=b64(digest))["Value"]
    (tmp_path / "message").write_bytes(b"message")
    (tmp_path / "signature").write_bytes(unb64(value))
    told = openssl(
        "pkeyutl", "-verify", "-pubin", "-inkey", str(tmp_path / "key.pem"), "-rawin", "-digest", "sm3",
        "-pkeyopt", "distid:1234567812345678", "-in", str(tmp_path / "message"),
        "-sigfile", str(tmp_path / "signature"),
    )  # fmt: skip
    assert b"Verified Successfully" in told


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [("RSA_2048", "RSA_PSS_SHA_256"), ("RSA_2048", "RSA_PKCS1_SHA_256"), ("EC_P256", "ECDSA_SHA_256"),
     ("EC_P256K", "ECDSA_SHA_256"), ("EC_SM2", "SM2DSA")],
)  # fmt: skip
def test_a_signature_is_verified_and_a_wrong_one_is_told_without_an_error(
    client: Client, spec: str, algorithm: str
) -> None:
    named = {**made(client, spec, "SIGN/VERIFY"), "Algorithm": algorithm}
    value = client.call("AsymmetricSign", **named, Digest=b64(DIGEST))["Value"]
    assert client.call("AsymmetricVerify", **named, Digest=b64(DIGEST), Value=value)["Value"] is True
    other = b64(hashlib.sha256(b"other").digest())
    assert client.call("AsymmetricVerify", **named, Digest=other, Value=value)["Value"] is False
    assert client.call("AsymmetricVerify", **named, Digest=b64(DIGEST), Value=b64(b"no signature"))["Value"] is False


def test_a_digest_has_32_bytes(client: Client) -> None:
    named = {**made(client, "EC_P256", "SIGN/VERIFY"), "Algorithm": "ECDSA_SHA_256"}
    for bad in (b64(DIGEST[:31]), b64(hashlib.sha512(b"").digest()), "?"):
        assert client.refused("AsymmetricSign", **named, Digest=bad) == INVALID
        assert client.refused("AsymmetricVerify", **named, Digest=bad, Value=b64(b"x")) == INVALID


def test_an_algorithm_fits_the_specification_and_the_usage(client: Client) -> None:
    signs, encrypts = made(client, "RSA_2048", "SIGN/VERIFY"), made(client, "RSA_2048", "ENCRYPT/DECRYPT")
    digest = b64(DIGEST)
    assert client.refused("AsymmetricSign", **signs, Algorithm="ECDSA_SHA_256", Digest=digest) == INVALID
    assert client.refused("AsymmetricSign", **signs, Algorithm="RSA", Digest=digest) == INVALID
    assert client.refused("AsymmetricSign", **signs, Digest=digest) == (400, "MissingParameter")
    wrong = (400, "UnsupportedOperation")
    assert client.refused("AsymmetricSign", **encrypts, Algorithm="RSA_PSS_SHA_256", Digest=digest) == wrong
    given = {"Algorithm": "RSAES_OAEP_SHA_256", "Plaintext": digest}
    assert client.refused("AsymmetricEncrypt", **signs, **given) == wrong
    assert client.refused("AsymmetricEncrypt", **encrypts, **{**given, "Algorithm": "SM2PKE"}) == INVALID


def test_a_symmetric_key_does_nothing_asymmetric(client: Client) -> None:
    key = client.key()
    named = {"KeyId": key, "KeyVersionId": client.meta(key)["PrimaryKeyVersion"]}
    refusal = (400, "Rejected.UnsupportedOperation")
    assert client.refused("GetPublicKey", **named) == refusal
    assert client.refused("AsymmetricSign", **named, Algorithm="RSA_PSS_SHA_256", Digest=b64(DIGEST)) == refusal


def test_the_version_is_named_and_belongs_to_the_key(client: Client) -> None:
    named, other = made(client, "EC_P256", "SIGN/VERIFY"), made(client, "EC_P256", "SIGN/VERIFY")
    crossed = {**named, "KeyVersionId": other["KeyVersionId"]}
    assert client.refused("GetPublicKey", **crossed) == (404, "Forbidden.KeyVersionNotFound")
    assert client.refused("GetPublicKey", KeyId=named["KeyId"]) == (400, "MissingParameter")


def test_each_version_has_a_key_pair_of_its_own_that_stays(client: Client) -> None:
    client.set(many_default_keys=True)
    key = client.default_key(KeySpec="EC_P256")
    client.advance(8 * DAY)
    client.call("CreateKeyVersion", KeyId=key)
    found = client.call("ListKeyVersions", KeyId=key)["KeyVersions"]["KeyVersion"]
    pems = [public(client, {"KeyId": key, "KeyVersionId": entry["KeyVersionId"]}) for entry in found * 2]
    assert (pems[:2], len(set(pems))) == (pems[2:], 2)


@pytest.mark.parametrize("state", sorted(STATES))
def test_asymmetric_keys_are_used_in_the_state_enabled_only(client: Client, state: str) -> None:
    named = made(client, "EC_P256", "SIGN/VERIFY")
    if state == "Disabled":
        client.call("DisableKey", KeyId=named["KeyId"])
    else:
        client.call("ScheduleKeyDeletion", KeyId=named["KeyId"], PendingWindowInDays=7)
    given = {**named, "Algorithm": "ECDSA_SHA_256", "Digest": b64(DIGEST)}
    assert client.refused("AsymmetricSign", **given) == (409, STATES[state])
    assert client.refused("AsymmetricVerify", **given, Value=b64(b"x")) == (409, STATES[state])
    assert client.refused("GetPublicKey", **named) == (409, STATES[state])


@pytest.mark.parametrize("algorithm", mac.ALGORITHMS)
def test_a_mac_is_made_and_verified(client: Client, algorithm: str) -> None:
    given = {"KeyId": client.key(KeySpec="HMAC"), "Algorithm": algorithm, "Message": b64(b"message")}
    answer = client.call("GenerateMac", **given)
    assert (answer["KeyId"], answer["Algorithm"]) == (given["KeyId"], algorithm)
    size = 32 if algorithm == "HMAC_SM3" else int(algorithm[-3:]) // 8
    assert len(unb64(answer["Mac"])) == size
    assert client.call("GenerateMac", **given)["Mac"] == answer["Mac"]
    assert client.call("VerifyMac", **given, Mac=answer["Mac"])["Value"] is True
    other = {**given, "Message": b64(b"other")}
    assert client.call("VerifyMac", **other, Mac=answer["Mac"])["Value"] is False
    assert client.call("VerifyMac", **given, Mac=b64(hmac.digest(b"", b"", "sha256")))["Value"] is False


def test_macs_are_made_by_keys_for_it_only(client: Client) -> None:
    given = {"Algorithm": "HMAC_SHA_256", "Message": b64(b"message")}
    assert client.refused("GenerateMac", KeyId=client.key(), **given) == (400, "UnsupportedOperation")
    key = client.key(KeySpec="HMAC")
    assert client.refused("GenerateMac", KeyId=key, **{**given, "Algorithm": "HMAC_MD5"}) == INVALID
    assert client.refused("GenerateMac", KeyId=key, Message=b64(b"m")) == (400, "MissingParameter")
    assert client.refused("GenerateMac", KeyId=in_state(client, "Disabled"), **given) == (409, "Rejected.Disabled")
    rotation = {"EnableAutomaticRotation": True, "RotationInterval": "7d"}
    unsupported = (400, "Rejected.UnsupportedOperation")
    assert client.refused("UpdateRotationPolicy", KeyId=key, **rotation) == unsupported
    client.advance(8 * DAY)
    assert client.refused("CreateKeyVersion", KeyId=key) == unsupported


def test_a_dry_run_of_a_signature_signs_nothing(client: Client) -> None:
    named = made(client, "EC_P256", "SIGN/VERIFY")
    response = client.raw("AsymmetricSign", **named, Algorithm="ECDSA_SHA_256", Digest=b64(DIGEST), DryRun="true")
    assert (response.status_code, response.json()["Code"]) == (400, "DryRunOperationError")
    assert "Value" not in response.json()
