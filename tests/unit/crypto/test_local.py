"""What is done with public keys here is undone with private keys by openssl, and the other way round."""

import hashlib
import io
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from kms_resources.crypto import local, pem
from kms_resources.crypto.digests import digest_message, pieces
from kms_resources.crypto.words import Algorithm
from kms_resources.errors import InputError
from kms_resources.model import Spec
from tests.unit.crypto.openssl import OpenSslKey

Keys = Callable[[Spec], OpenSslKey]
CANARY = b"canary-7d1f2c"
ENCRYPTING = [
    (Spec.RSA_2048, Algorithm.RSAES_OAEP_SHA_256),
    (Spec.RSA_2048, Algorithm.RSAES_OAEP_SHA_1),
    (Spec.RSA_2048, Algorithm.RSAES_PKCS1_V1_5),
    (Spec.SM2, Algorithm.SM2PKE),
]
SIGNING = [
    (Spec.RSA_2048, Algorithm.RSA_PSS_SHA_256),
    (Spec.RSA_2048, Algorithm.RSA_PKCS1_SHA_256),
    (Spec.EC_P256, Algorithm.ECDSA_SHA_256),
    (Spec.EC_P256K, Algorithm.ECDSA_SHA_256),
    (Spec.EC_P384, Algorithm.ECDSA_SHA_384),
    (Spec.SM2, Algorithm.SM2DSA),
]
SPECS = list(dict.fromkeys(spec for spec, _ in SIGNING))


def rsa_public(bits: int) -> bytes:
    """A public key of this size whose private half nobody knows; making a real one takes seconds."""
    numbers = rsa.RSAPublicNumbers(65537, (1 << (bits - 1)) + 0x10001)
    return numbers.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(("spec", "algorithm"), ENCRYPTING)
@settings(max_examples=5)
@given(data=st.data())
def test_openssl_opens_what_a_public_key_encrypted(
    openssl_key: Keys, spec: Spec, algorithm: Algorithm, data: st.DataObject
) -> None:
    key = openssl_key(spec)
    plaintext = data.draw(st.binary(min_size=1, max_size=min(190, local.capacity(spec, algorithm))))
    ciphertext = local.encrypt_with_public_key(key.public_der, algorithm, plaintext)
    assert plaintext == key.decrypt(algorithm, ciphertext)


@pytest.mark.parametrize(("spec", "algorithm"), ENCRYPTING)
def test_the_capacity_is_what_fits_and_no_byte_more(openssl_key: Keys, spec: Spec, algorithm: Algorithm) -> None:
    key, most = openssl_key(spec), local.capacity(spec, algorithm)
    fits = CANARY.ljust(most, b"x")
    assert fits == key.decrypt(algorithm, local.encrypt_with_public_key(key.public_der, algorithm, fits))
    for wrong in (b"", fits + b"x"):
        with pytest.raises(InputError, match="1 to") as caught:
            local.encrypt_with_public_key(key.public_der, algorithm, wrong)
        assert "canary" not in repr(caught.value) + str(caught.value)


@pytest.mark.parametrize(
    ("spec", "algorithm", "expected"),
    [
        (Spec.RSA_2048, Algorithm.RSAES_PKCS1_V1_5, 245),
        (Spec.RSA_2048, Algorithm.RSAES_OAEP_SHA_1, 214),
        (Spec.RSA_2048, Algorithm.RSAES_OAEP_SHA_256, 190),
        (Spec.RSA_3072, Algorithm.RSAES_OAEP_SHA_1, 342),
        (Spec.RSA_3072, Algorithm.RSAES_OAEP_SHA_256, 318),
        (Spec.RSA_4096, Algorithm.RSAES_OAEP_SHA_256, 446),
        (Spec.SM2, Algorithm.SM2PKE, 6047),
    ],
)
def test_capacities_are_the_published_ones(spec: Spec, algorithm: Algorithm, expected: int) -> None:
    assert expected == local.capacity(spec, algorithm)


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [
        (Spec.SM2, Algorithm.RSAES_OAEP_SHA_256),
        (Spec.RSA_2048, Algorithm.SM2PKE),
        (Spec.RSA_2048, Algorithm.RSA_PSS_SHA_256),
        (Spec.AES_256, Algorithm.RSAES_OAEP_SHA_256),
    ],
)
def test_a_key_has_no_capacity_for_what_it_cannot_do(spec: Spec, algorithm: Algorithm) -> None:
    with pytest.raises(InputError, match=f"{algorithm} cannot encrypt with an {spec} key"):
        local.capacity(spec, algorithm)


@pytest.mark.parametrize(("spec", "algorithm"), SIGNING)
def test_signatures_of_openssl_are_accepted_and_changed_ones_are_not(
    openssl_key: Keys, spec: Spec, algorithm: Algorithm
) -> None:
    key = openssl_key(spec)
    digest = digest_message([b"message ", b"in two pieces"], algorithm, key.public_der)
    signature = key.sign(algorithm, digest)
    assert local.verify_with_public_key(key.public_der, algorithm, digest, signature)
    assert not local.verify_with_public_key(key.public_der, algorithm, digest[1:] + digest[:1], signature)
    assert not local.verify_with_public_key(
        key.public_der, algorithm, digest, signature[:-1] + bytes([signature[-1] ^ 1])
    )
    assert not local.verify_with_public_key(key.public_der, algorithm, digest, b"")


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_an_algorithm_of_another_kind_of_key_is_refused(openssl_key: Keys, spec: Spec, algorithm: Algorithm) -> None:
    der = openssl_key(spec).public_der
    if (spec, algorithm) not in SIGNING:
        with pytest.raises(InputError, match=f"{algorithm} does not go with this public key"):
            local.verify_with_public_key(der, algorithm, bytes(32), b"")
    if (spec, algorithm) not in ENCRYPTING:
        with pytest.raises(InputError, match=f"{algorithm} does not go with this public key"):
            local.encrypt_with_public_key(der, algorithm, b"x")


@pytest.mark.parametrize(("spec", "algorithm"), SIGNING)
def test_a_digest_of_a_wrong_length_is_refused(openssl_key: Keys, spec: Spec, algorithm: Algorithm) -> None:
    with pytest.raises(InputError, match="this one has 31"):
        local.verify_with_public_key(openssl_key(spec).public_der, algorithm, bytes(31), b"")


@pytest.mark.parametrize("spec", SPECS)
def test_the_spec_of_a_public_key_is_told(openssl_key: Keys, spec: Spec) -> None:
    assert spec is local.spec_of_public_key(openssl_key(spec).public_der)


@pytest.mark.parametrize(("bits", "spec"), [(2048, Spec.RSA_2048), (3072, Spec.RSA_3072), (4096, Spec.RSA_4096)])
def test_the_size_of_an_rsa_key_is_told(bits: int, spec: Spec) -> None:
    assert spec is local.spec_of_public_key(rsa_public(bits))


def test_keys_of_no_known_kind_are_refused_by_name() -> None:
    p521 = ec.generate_private_key(ec.SECP521R1()).public_key()
    edwards = ed25519.Ed25519PrivateKey.generate().public_key()
    encoded = [key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) for key in (p521, edwards)]
    for der, why in ((encoded[0], "secp521r1"), (encoded[1], "another kind"), (rsa_public(2056), "2056 bits")):
        with pytest.raises(InputError, match=why):
            local.spec_of_public_key(der)


@pytest.mark.parametrize("der", [b"", b"no key", b"\x30\x00"])
def test_what_is_no_public_key_is_refused(der: bytes) -> None:
    with pytest.raises(InputError, match="the public key cannot be read"):
        local.spec_of_public_key(der)


def test_sm2_wants_an_sm2_key(openssl_key: Keys) -> None:
    with pytest.raises(InputError, match="this is a key on the curve secp256r1"):
        digest_message([b"x"], Algorithm.SM2DSA, openssl_key(Spec.EC_P256).public_der)


@pytest.mark.parametrize("spec", SPECS)
def test_pem_is_as_openssl_writes_it(openssl_key: Keys, spec: Spec) -> None:
    key = openssl_key(spec)
    assert key.public_pem == local.public_key_to_pem(key.public_der)
    assert key.public_der == local.public_key_from_pem("some text before\r\n" + key.public_pem.replace("\n", "\r\n"))


@given(st.binary(min_size=1), st.sampled_from([pem.PUBLIC_KEY, pem.CERTIFICATE_REQUEST]))
def test_pem_gives_back_what_it_was_made_of(der: bytes, label: str) -> None:
    assert der == pem.from_pem(pem.to_pem(der, label), label)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no line"),
        (pem.to_pem(b"x", "CERTIFICATE"), "there is only CERTIFICATE"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n", "no line"),
        ("-----BEGIN PUBLIC KEY-----\nAAA=A\n-----END PUBLIC KEY-----", "damaged"),
    ],
)
def test_text_without_a_public_key_is_refused(text: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        local.public_key_from_pem(text)


@pytest.mark.parametrize(
    ("algorithm", "name"),
    [
        (Algorithm.RSA_PSS_SHA_256, "sha256"),
        (Algorithm.RSA_PKCS1_SHA_256, "sha256"),
        (Algorithm.ECDSA_SHA_256, "sha256"),
        (Algorithm.ECDSA_SHA_384, "sha384"),
    ],
)
@given(message=st.lists(st.binary()))
def test_a_digest_does_not_depend_on_the_pieces(algorithm: Algorithm, name: str, message: list[bytes]) -> None:
    assert hashlib.new(name, b"".join(message)).digest() == digest_message(message, algorithm)


@given(content=st.binary(max_size=50), size=st.integers(1, 60))
def test_the_pieces_of_a_file_are_the_file(content: bytes, size: int) -> None:
    found = list(pieces(io.BytesIO(content), size))
    assert b"".join(found) == content
    assert all(len(piece) <= size for piece in found)


@pytest.mark.parametrize("algorithm", [each for each in Algorithm if not each.signs])
def test_an_algorithm_that_encrypts_has_no_digest(algorithm: Algorithm) -> None:
    for digest in (lambda: digest_message([b"x"], algorithm), lambda: local.digest_length(algorithm)):
        with pytest.raises(InputError, match="it makes no signatures"):
            digest()
