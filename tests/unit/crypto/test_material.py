"""Key material is checked, wrapped so that only the holder of the private key reads it, and never shown."""

from collections.abc import Callable

import pytest

from kms_resources.crypto.material import LENGTHS, check_material, wrap_material
from kms_resources.crypto.words import Algorithm
from kms_resources.errors import InputError
from kms_resources.model import Spec
from tests.unit.crypto.openssl import OpenSslKey

CANARY = b"canary-7d1f2c-is-a-secret-of-32b"


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [
        (Spec.RSA_2048, Algorithm.RSAES_OAEP_SHA_256),
        (Spec.RSA_2048, Algorithm.RSAES_OAEP_SHA_1),
        (Spec.RSA_2048, Algorithm.RSAES_PKCS1_V1_5),
        (Spec.SM2, Algorithm.SM2PKE),
    ],
)
def test_the_private_key_unwraps_what_was_wrapped(
    openssl_key: Callable[[Spec], OpenSslKey], spec: Spec, algorithm: Algorithm
) -> None:
    key = openssl_key(spec)
    wrapped = wrap_material(key.public_der, algorithm, CANARY)
    assert CANARY not in wrapped
    assert key.decrypt(algorithm, wrapped) == CANARY


@pytest.mark.parametrize(("spec", "length"), [*LENGTHS.items()])
def test_material_has_the_length_of_its_key(spec: Spec, length: int) -> None:
    check_material(spec, bytes(length))
    for wrong in (0, length - 1, length + 1):
        with pytest.raises(InputError, match=f"has {length} bytes: there are {wrong}"):
            check_material(spec, bytes(wrong))


def test_a_refusal_never_shows_the_material() -> None:
    with pytest.raises(InputError) as caught:
        check_material(Spec.SM4, CANARY, where="prod/orders")
    assert "canary" not in repr(caught.value) + str(caught.value)
    assert "prod/orders" in str(caught.value)


def test_a_line_feed_too_many_is_explained() -> None:
    with pytest.raises(InputError, match="Its last byte is a line feed"):
        check_material(Spec.AES_256, bytes(32) + b"\n")


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_hexadecimal_text_is_explained(end: bytes) -> None:
    with pytest.raises(InputError, match="hexadecimal text"):
        check_material(Spec.AES_256, b"00" * 32 + end)


@pytest.mark.parametrize("spec", [Spec.RSA_2048, Spec.SM2, Spec.HMAC_SM3])
def test_keys_whose_material_no_cloud_takes_are_refused(spec: Spec) -> None:
    with pytest.raises(InputError, match=f"material of {spec} keys cannot be imported: possible: AES_256"):
        check_material(spec, bytes(32))
