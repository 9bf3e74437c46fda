import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from kms_emulator.ciphers import CipherError, asymmetric
from kms_emulator.ciphers.wrapping import ALGORITHMS, encrypt_for, new_wrapping_key, unwrap, wrapping_public_key

from .conftest import Keys

COMBINATIONS = [
    ("RSA_2048", "RSAES_OAEP_SHA_256"),
    ("RSA_2048", "RSAES_OAEP_SHA_1"),
    ("RSA_2048", "RSAES_PKCS1_V1_5"),
    ("EC_SM2", "SM2PKE"),
]
each_combination = pytest.mark.parametrize(("spec", "algorithm"), COMBINATIONS)
MATERIAL = bytes(range(32))


@each_combination
def test_what_was_wrapped_for_a_key_unwraps_with_it(spec: str, algorithm: str) -> None:
    private = new_wrapping_key(spec)
    assert unwrap(private, algorithm, encrypt_for(wrapping_public_key(spec, private), algorithm, MATERIAL)) == MATERIAL


@pytest.mark.parametrize(("spec", "algorithm"), [pair for pair in COMBINATIONS if pair[1] != "RSAES_PKCS1_V1_5"])
def test_another_wrapping_key_does_not_unwrap(spec: str, algorithm: str) -> None:
    wrapped = encrypt_for(wrapping_public_key(spec, new_wrapping_key(spec)), algorithm, MATERIAL)
    with pytest.raises(CipherError, match="cannot be opened"):
        unwrap(new_wrapping_key(spec), algorithm, wrapped)


@pytest.mark.parametrize(("spec", "kind"), [("RSA_2048", "RSA_2048"), ("EC_SM2", "SM2")])
def test_a_wrapping_key_is_an_ordinary_key_of_its_kind(spec: str, kind: str) -> None:
    private = new_wrapping_key(spec)
    assert wrapping_public_key(spec, private) == asymmetric.public_key_der(kind, private)


@pytest.mark.parametrize("spec", ["SM2", "RSA_1024", "AES_256", ""])
def test_an_unknown_spec_is_refused_with_the_known_ones(spec: str) -> None:
    wanted = f"wrapping key spec '{spec}' does not exist; there are RSA_2048, RSA_3072, RSA_4096, EC_SM2"
    with pytest.raises(CipherError, match=wanted):
        new_wrapping_key(spec)
    with pytest.raises(CipherError, match=wanted):
        wrapping_public_key(spec, b"")


def test_an_unknown_algorithm_is_refused_with_the_known_ones() -> None:
    wanted = f"wrapping algorithm 'RSA_PSS_SHA_256' does not exist; there are {', '.join(ALGORITHMS)}"
    with pytest.raises(CipherError, match=wanted):
        encrypt_for(b"", "RSA_PSS_SHA_256", MATERIAL)
    with pytest.raises(CipherError, match=wanted):
        unwrap(b"", "RSA_PSS_SHA_256", b"")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_public_key_of_another_kind_is_refused(algorithm: str, keys: Keys) -> None:
    for kind in {"EC_P256", "RSA_2048" if algorithm == "SM2PKE" else "SM2"}:
        with pytest.raises(CipherError):
            encrypt_for(asymmetric.public_key_der(kind, keys(kind)), algorithm, MATERIAL)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_no_public_key_is_refused(algorithm: str) -> None:
    with pytest.raises(CipherError, match="public key is not"):
        encrypt_for(b"no key", algorithm, MATERIAL)


def test_a_short_rsa_key_is_refused() -> None:
    short = rsa.generate_private_key(65537, 1024).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    with pytest.raises(CipherError, match="wrong size: 1024 bits; allowed are 2048, 3072, 4096"):
        encrypt_for(short.public_bytes(serialization.Encoding.DER, form), "RSAES_OAEP_SHA_256", MATERIAL)
