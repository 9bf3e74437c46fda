import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from kms_emulator.ciphers import CipherError
from kms_emulator.ciphers.material import KINDS, material_length, new_material

from .conftest import Keys

LENGTHS = {"AES_128": 16, "AES_192": 24, "AES_256": 32, "SM4": 16, "HMAC": 32}


@pytest.mark.parametrize(("kind", "length"), LENGTHS.items())
def test_symmetric_material_is_so_many_random_bytes(kind: str, length: int) -> None:
    assert material_length(kind) == length
    assert len(new_material(kind)) == length
    assert new_material(kind) != new_material(kind)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - set(LENGTHS)))
def test_asymmetric_material_has_no_fixed_length(kind: str) -> None:
    assert material_length(kind) is None


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_rsa_material_is_a_sound_key_of_its_size(bits: int, keys: Keys) -> None:
    key = serialization.load_der_private_key(keys(f"RSA_{bits}"), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert (bits, 65537) == (key.key_size, key.public_key().public_numbers().e)


@pytest.mark.parametrize(
    ("kind", "curve"), [("EC_P256", "secp256r1"), ("EC_P256K", "secp256k1"), ("EC_P384", "secp384r1")]
)
def test_ec_material_is_a_key_on_its_curve(kind: str, curve: str, keys: Keys) -> None:
    key = serialization.load_der_private_key(keys(kind), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert curve == key.curve.name


def test_every_sm2_key_is_another_one() -> None:
    assert new_material("SM2") != new_material("SM2")


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CipherError, match=r"kind 'DES' does not exist; there are AES_128, .*, SM2$"):
        new_material("DES")
    with pytest.raises(CipherError, match="kind 'DES' does not exist"):
        material_length("DES")
