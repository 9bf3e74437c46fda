"""OpenSSL reads every key, and both sides understand the other's signatures and ciphertexts."""

import hashlib

import pytest

from kms_emulator.ciphers import asymmetric

from .conftest import Keys, OpenSsl

MESSAGE = b"a message of some length"
PLAINTEXT = bytes(range(32))
SM2_MESSAGE = ("-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678")
ENCRYPTIONS = {
    "RSAES_OAEP_SHA_256": ("rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"),
    "RSAES_OAEP_SHA_1": ("rsa_padding_mode:oaep", "rsa_oaep_md:sha1", "rsa_mgf1_md:sha1"),
    "RSAES_PKCS1_V1_5": ("rsa_padding_mode:pkcs1",),
    "SM2PKE": (),
}
SIGNATURES = {
    "RSA_PSS_SHA_256": ("digest:sha256", "rsa_padding_mode:pss", "rsa_pss_saltlen:digest", "rsa_mgf1_md:sha256"),
    "RSA_PKCS1_SHA_256": ("digest:sha256", "rsa_padding_mode:pkcs1"),
    "ECDSA_SHA_256": ("digest:sha256",),
    "ECDSA_SHA_384": ("digest:sha384",),
    "SM2DSA": (),
}
PAIRS = ["RSA_2048", "RSA_3072", "EC_P256", "EC_P256K", "EC_P384", "SM2"]


def each(usage: str) -> pytest.MarkDecorator:
    combinations = [(kind, algorithm) for kind in PAIRS for algorithm in asymmetric.algorithms(kind, usage)]
    return pytest.mark.parametrize(("kind", "algorithm"), combinations)


def options(names: tuple[str, ...]) -> list[str]:
    return [part for name in names for part in ("-pkeyopt", name)]


def digest_for(algorithm: str) -> bytes:
    return hashlib.new("sha384" if algorithm.endswith("384") else "sha256", MESSAGE).digest()


def private_file(openssl: OpenSsl, material: bytes) -> list[str]:
    return ["-keyform", "DER", "-inkey", openssl.file("private.der", material)]


def public_file(openssl: OpenSsl, kind: str, material: bytes) -> list[str]:
    return ["-pubin", "-inkey", openssl.file("public.pem", asymmetric.public_key_pem(kind, material).encode())]


@pytest.mark.parametrize("kind", PAIRS)
def test_openssl_finds_the_private_key_sound(kind: str, keys: Keys, openssl: OpenSsl) -> None:
    path = openssl.file("private.der", keys(kind))
    assert openssl.accepts("pkey", "-inform", "DER", "-in", path, "-check", "-noout")


@pytest.mark.parametrize("kind", PAIRS)
def test_openssl_writes_the_same_public_key(kind: str, keys: Keys, openssl: OpenSsl) -> None:
    arguments = ("pkey", "-inform", "DER", "-pubout", "-outform")
    assert openssl.run(*arguments, "DER", given=keys(kind)) == asymmetric.public_key_der(kind, keys(kind))
    assert openssl.run(*arguments, "PEM", given=keys(kind)).decode() == asymmetric.public_key_pem(kind, keys(kind))


@each("ENCRYPT_DECRYPT")
def test_openssl_decrypts_what_was_encrypted_here(kind: str, algorithm: str, keys: Keys, openssl: OpenSsl) -> None:
    ciphertext = asymmetric.encrypt(kind, keys(kind), algorithm, PLAINTEXT)
    command = ["pkeyutl", "-decrypt", *private_file(openssl, keys(kind)), *options(ENCRYPTIONS[algorithm])]
    assert openssl.run(*command, given=ciphertext) == PLAINTEXT


@each("ENCRYPT_DECRYPT")
def test_what_openssl_encrypted_is_decrypted_here(kind: str, algorithm: str, keys: Keys, openssl: OpenSsl) -> None:
    command = ["pkeyutl", "-encrypt", *public_file(openssl, kind, keys(kind)), *options(ENCRYPTIONS[algorithm])]
    ciphertext = openssl.run(*command, given=PLAINTEXT)
    assert asymmetric.decrypt(kind, keys(kind), algorithm, ciphertext) == PLAINTEXT


@each("SIGN_VERIFY")
def test_openssl_verifies_what_was_signed_here(kind: str, algorithm: str, keys: Keys, openssl: OpenSsl) -> None:
    signature = asymmetric.sign_digest(kind, keys(kind), algorithm, digest_for(algorithm))
    command = ["pkeyutl", "-verify", *public_file(openssl, kind, keys(kind)), *options(SIGNATURES[algorithm])]
    command += ["-sigfile", openssl.file("signature", signature), "-in"]
    assert openssl.accepts(*command, openssl.file("digest", digest_for(algorithm)))
    assert not openssl.accepts(*command, openssl.file("other", bytes(len(digest_for(algorithm)))))


@each("SIGN_VERIFY")
def test_what_openssl_signed_is_verified_here(kind: str, algorithm: str, keys: Keys, openssl: OpenSsl) -> None:
    command = ["pkeyutl", "-sign", *private_file(openssl, keys(kind)), *options(SIGNATURES[algorithm])]
    signature = openssl.run(*command, given=digest_for(algorithm))
    assert asymmetric.verify_digest(kind, keys(kind), algorithm, digest_for(algorithm), signature)


def test_openssl_computes_the_same_sm2_digest_of_a_message_when_it_verifies(keys: Keys, openssl: OpenSsl) -> None:
    digest = asymmetric.sm2_digest(asymmetric.public_key_der("SM2", keys("SM2")), MESSAGE)
    signature = openssl.file("signature", asymmetric.sign_digest("SM2", keys("SM2"), "SM2DSA", digest))
    command = ["pkeyutl", "-verify", *public_file(openssl, "SM2", keys("SM2")), *SM2_MESSAGE, "-sigfile", signature]
    assert openssl.accepts(*command, "-in", openssl.file("message", MESSAGE))


def test_openssl_computes_the_same_sm2_digest_of_a_message_when_it_signs(keys: Keys, openssl: OpenSsl) -> None:
    message = openssl.file("message", MESSAGE)
    signature = openssl.run("pkeyutl", "-sign", *private_file(openssl, keys("SM2")), *SM2_MESSAGE, "-in", message)
    digest = asymmetric.sm2_digest(asymmetric.public_key_der("SM2", keys("SM2")), MESSAGE)
    assert asymmetric.verify_digest("SM2", keys("SM2"), "SM2DSA", digest, signature)


def test_a_private_key_that_openssl_made_serves_here(openssl: OpenSsl) -> None:
    made = openssl.run("genpkey", "-algorithm", "SM2", "-outform", "DER")
    pkcs8 = openssl.run("pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-outform", "DER", given=made)
    ciphertext = asymmetric.encrypt("SM2", pkcs8, "SM2PKE", PLAINTEXT)
    assert asymmetric.decrypt("SM2", pkcs8, "SM2PKE", ciphertext) == PLAINTEXT
