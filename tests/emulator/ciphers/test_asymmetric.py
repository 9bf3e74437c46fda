import hashlib

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from kms_emulator.ciphers import CipherError
from kms_emulator.ciphers.asymmetric import (
    algorithms,
    decrypt,
    encrypt,
    max_plaintext,
    public_key_der,
    public_key_pem,
    sign_digest,
    verify_digest,
)
from kms_emulator.ciphers.material import KINDS, material_length, new_material

from .conftest import Keys

RSA, EC = ["RSA_2048", "RSA_3072"], ["EC_P256", "EC_P256K", "EC_P384"]
PAIRS = [*RSA, *EC, "SM2"]
ENCRYPTIONS = [(kind, algorithm) for kind in PAIRS for algorithm in algorithms(kind, "ENCRYPT_DECRYPT")]
SIGNATURES = [(kind, algorithm) for kind in PAIRS for algorithm in algorithms(kind, "SIGN_VERIFY")]
each_encryption = pytest.mark.parametrize(("kind", "algorithm"), ENCRYPTIONS)
each_signature = pytest.mark.parametrize(("kind", "algorithm"), SIGNATURES)


def digest_for(algorithm: str, message: bytes = b"message") -> bytes:
    return hashlib.new("sha384" if algorithm.endswith("384") else "sha256", message).digest()


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


@pytest.mark.parametrize(
    ("kind", "encryption", "signature"),
    [
        *(
            (
                kind,
                ("RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1", "RSAES_PKCS1_V1_5"),
                ("RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"),
            )
            for kind in ("RSA_2048", "RSA_3072", "RSA_4096")
        ),
        ("EC_P256", (), ("ECDSA_SHA_256",)),
        ("EC_P256K", (), ("ECDSA_SHA_256",)),
        ("EC_P384", (), ("ECDSA_SHA_384",)),
        ("SM2", ("SM2PKE",), ("SM2DSA",)),
        *((kind, (), ()) for kind in ("AES_128", "AES_192", "AES_256", "SM4", "HMAC")),
    ],
)
def test_every_kind_has_its_algorithms(kind: str, encryption: tuple[str, ...], signature: tuple[str, ...]) -> None:
    assert algorithms(kind, "ENCRYPT_DECRYPT") == encryption
    assert algorithms(kind, "SIGN_VERIFY") == signature


def test_an_unknown_kind_or_usage_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CipherError, match="kind 'DSA' does not exist; there are AES_128"):
        algorithms("DSA", "SIGN_VERIFY")
    with pytest.raises(CipherError, match="usage 'WRAP' does not exist; there are ENCRYPT_DECRYPT, SIGN_VERIFY"):
        algorithms("SM2", "WRAP")


@pytest.mark.parametrize(
    ("kind", "algorithm", "size"),
    [
        ("RSA_2048", "RSAES_OAEP_SHA_256", 190),
        ("RSA_2048", "RSAES_OAEP_SHA_1", 214),
        ("RSA_2048", "RSAES_PKCS1_V1_5", 245),
        ("RSA_3072", "RSAES_OAEP_SHA_256", 318),
        ("RSA_3072", "RSAES_OAEP_SHA_1", 342),
        ("RSA_4096", "RSAES_OAEP_SHA_256", 446),
        ("SM2", "SM2PKE", 6047),
    ],
)
def test_so_much_is_encrypted_at_once(kind: str, algorithm: str, size: int) -> None:
    assert max_plaintext(kind, algorithm) == size


@each_encryption
def test_the_longest_plaintext_comes_back(kind: str, algorithm: str, keys: Keys) -> None:
    plaintext = b"x" * max_plaintext(kind, algorithm)
    assert decrypt(kind, keys(kind), algorithm, encrypt(kind, keys(kind), algorithm, plaintext)) == plaintext


@each_encryption
def test_a_plaintext_one_byte_longer_is_refused(kind: str, algorithm: str, keys: Keys) -> None:
    with pytest.raises(CipherError, match=f"{algorithm}: the plaintext has the wrong size"):
        encrypt(kind, keys(kind), algorithm, bytes(max_plaintext(kind, algorithm) + 1))


@given(combination=st.sampled_from(ENCRYPTIONS), plaintext=st.binary(min_size=1, max_size=190))
def test_what_was_encrypted_decrypts_again(keys: Keys, combination: tuple[str, str], plaintext: bytes) -> None:
    kind, algorithm = combination
    assert decrypt(kind, keys(kind), algorithm, encrypt(kind, keys(kind), algorithm, plaintext)) == plaintext


@each_encryption
def test_the_same_plaintext_never_encrypts_to_the_same_ciphertext(kind: str, algorithm: str, keys: Keys) -> None:
    assert encrypt(kind, keys(kind), algorithm, b"same") != encrypt(kind, keys(kind), algorithm, b"same")


authenticated = [pair for pair in ENCRYPTIONS if pair[1] != "RSAES_PKCS1_V1_5"]


@pytest.mark.parametrize(("kind", "algorithm"), authenticated)
def test_another_key_does_not_decrypt(kind: str, algorithm: str, keys: Keys) -> None:
    ciphertext = encrypt(kind, keys(kind), algorithm, b"plaintext")
    with pytest.raises(CipherError, match="cannot be opened"):
        decrypt(kind, new_material(kind), algorithm, ciphertext)


@given(combination=st.sampled_from(authenticated), share=st.floats(0, 1, exclude_max=True))
def test_a_changed_ciphertext_is_refused(keys: Keys, combination: tuple[str, str], share: float) -> None:
    kind, algorithm = combination
    ciphertext = encrypt(kind, keys(kind), algorithm, b"plaintext")
    with pytest.raises(CipherError):
        decrypt(kind, keys(kind), algorithm, flipped(ciphertext, int(share * len(ciphertext))))


@pytest.mark.parametrize("kind", RSA)
def test_a_changed_ciphertext_of_the_old_padding_never_gives_the_plaintext(kind: str, keys: Keys) -> None:
    """It gives other bytes instead of an error: whoever may try ciphertexts learns nothing about the padding."""
    ciphertext = encrypt(kind, keys(kind), "RSAES_PKCS1_V1_5", b"plaintext")
    assert decrypt(kind, keys(kind), "RSAES_PKCS1_V1_5", flipped(ciphertext, 9)) != b"plaintext"


@each_encryption
@pytest.mark.parametrize("ciphertext", [b"", b"no ciphertext", bytes(5000)])
def test_what_is_no_ciphertext_is_refused(kind: str, algorithm: str, ciphertext: bytes, keys: Keys) -> None:
    with pytest.raises(CipherError):
        decrypt(kind, keys(kind), algorithm, ciphertext)


@pytest.mark.parametrize("kind", RSA)
def test_the_paddings_do_not_open_each_others_ciphertexts(kind: str, keys: Keys) -> None:
    ciphertext = encrypt(kind, keys(kind), "RSAES_OAEP_SHA_256", b"plaintext")
    with pytest.raises(CipherError, match="cannot be opened"):
        decrypt(kind, keys(kind), "RSAES_OAEP_SHA_1", ciphertext)


@each_signature
def test_a_signature_verifies(kind: str, algorithm: str, keys: Keys) -> None:
    signature = sign_digest(kind, keys(kind), algorithm, digest_for(algorithm))
    assert verify_digest(kind, keys(kind), algorithm, digest_for(algorithm), signature) is True


@each_signature
def test_a_signature_does_not_verify_for_another_digest(kind: str, algorithm: str, keys: Keys) -> None:
    signature = sign_digest(kind, keys(kind), algorithm, digest_for(algorithm))
    assert verify_digest(kind, keys(kind), algorithm, digest_for(algorithm, b"other"), signature) is False


@each_signature
def test_a_signature_does_not_verify_with_another_key(kind: str, algorithm: str, keys: Keys) -> None:
    signature = sign_digest(kind, keys(kind), algorithm, digest_for(algorithm))
    assert verify_digest(kind, new_material(kind), algorithm, digest_for(algorithm), signature) is False


@given(combination=st.sampled_from(SIGNATURES), share=st.floats(0, 1, exclude_max=True))
def test_a_changed_signature_does_not_verify(keys: Keys, combination: tuple[str, str], share: float) -> None:
    kind, algorithm = combination
    digest = digest_for(algorithm)
    signature = sign_digest(kind, keys(kind), algorithm, digest)
    changed = flipped(signature, int(share * len(signature)))
    assert verify_digest(kind, keys(kind), algorithm, digest, changed) is False


@each_signature
@pytest.mark.parametrize("signature", [b"", b"no signature", bytes(256)])
def test_what_is_no_signature_does_not_verify(kind: str, algorithm: str, signature: bytes, keys: Keys) -> None:
    assert verify_digest(kind, keys(kind), algorithm, digest_for(algorithm), signature) is False


@each_signature
@pytest.mark.parametrize("change", [-32, -1, 1])
def test_a_digest_of_another_size_is_refused(kind: str, algorithm: str, change: int, keys: Keys) -> None:
    digest = bytes(len(digest_for(algorithm)) + change)
    wanted = f"{algorithm}: the digest has the wrong size: {len(digest)} bytes, not {len(digest) - change}"
    with pytest.raises(CipherError, match=wanted):
        sign_digest(kind, keys(kind), algorithm, digest)
    with pytest.raises(CipherError, match=wanted):
        verify_digest(kind, keys(kind), algorithm, digest, b"any")


@pytest.mark.parametrize("kind", RSA)
def test_the_two_rsa_signatures_are_not_mistaken_for_each_other(kind: str, keys: Keys) -> None:
    digest = digest_for("RSA_PSS_SHA_256")
    signature = sign_digest(kind, keys(kind), "RSA_PSS_SHA_256", digest)
    assert verify_digest(kind, keys(kind), "RSA_PKCS1_SHA_256", digest, signature) is False


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [("SM2", "RSAES_OAEP_SHA_256"), ("RSA_2048", "SM2PKE"), ("EC_P256", "SM2PKE"), ("RSA_2048", "RSA_PSS_SHA_256")],
)
def test_an_encryption_of_another_kind_is_refused(kind: str, algorithm: str, keys: Keys) -> None:
    for call in (encrypt, decrypt):
        with pytest.raises(CipherError, match=f"{kind} does not do '{algorithm}' for ENCRYPT_DECRYPT; it does "):
            call(kind, keys(kind), algorithm, b"")


@pytest.mark.parametrize(
    ("kind", "algorithm"), [("SM2", "ECDSA_SHA_256"), ("EC_P256", "ECDSA_SHA_384"), ("RSA_2048", "RSAES_OAEP_SHA_1")]
)
def test_a_signature_of_another_kind_is_refused(kind: str, algorithm: str, keys: Keys) -> None:
    with pytest.raises(CipherError, match=f"{kind} does not do '{algorithm}' for SIGN_VERIFY; it does "):
        sign_digest(kind, keys(kind), algorithm, bytes(32))
    with pytest.raises(CipherError, match=f"{kind} does not do '{algorithm}' for SIGN_VERIFY; it does "):
        verify_digest(kind, keys(kind), algorithm, bytes(32), b"")


@pytest.mark.parametrize("kind", [*RSA, *EC])
def test_the_public_key_belongs_to_the_private_one(kind: str, keys: Keys) -> None:
    private = serialization.load_der_private_key(keys(kind), None)
    public = serialization.load_der_public_key(public_key_der(kind, keys(kind)))
    assert public == private.public_key()


@pytest.mark.parametrize("kind", [*RSA, *EC])
def test_the_public_key_as_pem_is_written_as_everyone_does(kind: str, keys: Keys) -> None:
    public = serialization.load_der_private_key(keys(kind), None).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    assert public_key_pem(kind, keys(kind)) == public.public_bytes(serialization.Encoding.PEM, form).decode()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if material_length(kind)])
def test_a_symmetric_kind_has_no_public_key(kind: str, keys: Keys) -> None:
    with pytest.raises(CipherError, match=f"kind '{kind}' has no public key"):
        public_key_der(kind, keys(kind))


@pytest.mark.parametrize(
    ("kind", "given_kind"),
    [
        *(("RSA_2048", other) for other in ("RSA_3072", "EC_P256", "SM2")),
        *(("EC_P256", other) for other in ("EC_P256K", "EC_P384", "RSA_2048", "SM2")),
        *(("SM2", other) for other in ("EC_P256", "RSA_2048")),
    ],
)
def test_material_of_another_kind_is_refused(kind: str, given_kind: str, keys: Keys) -> None:
    with pytest.raises(CipherError):
        public_key_der(kind, keys(given_kind))


@pytest.mark.parametrize("kind", PAIRS)
def test_material_that_is_no_key_is_refused_without_quoting_it(kind: str) -> None:
    with pytest.raises(CipherError) as caught:
        public_key_der(kind, b"not-really-a-secret")
    assert "not-really-a-secret" not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
