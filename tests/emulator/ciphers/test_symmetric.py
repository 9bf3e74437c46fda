import pytest
from hypothesis import given
from hypothesis import strategies as st

from kms_emulator.ciphers import CipherError
from kms_emulator.ciphers.material import new_material
from kms_emulator.ciphers.symmetric import open_sealed, seal

from .conftest import Keys, OpenSsl

KINDS = ["AES_128", "AES_192", "AES_256", "SM4"]
each_kind = pytest.mark.parametrize("kind", KINDS)
PLAINTEXT = b"a plaintext of more than one block"


@each_kind
@given(plaintext=st.binary(max_size=200), aad=st.binary(max_size=40))
def test_what_was_sealed_opens_again(kind: str, keys: Keys, plaintext: bytes, aad: bytes) -> None:
    nonce, sealed = seal(kind, keys(kind), plaintext, aad)
    assert (12, len(plaintext) + 16) == (len(nonce), len(sealed))
    assert plaintext == open_sealed(kind, keys(kind), nonce, sealed, aad)


@given(kind=st.sampled_from(KINDS), at=st.integers(0, len(PLAINTEXT) + 15), bit=st.integers(0, 7))
def test_one_changed_bit_is_refused(keys: Keys, kind: str, at: int, bit: int) -> None:
    nonce, sealed = seal(kind, keys(kind), PLAINTEXT)
    changed = bytearray(sealed)
    changed[at] ^= 1 << bit
    with pytest.raises(CipherError, match="cannot be opened"):
        open_sealed(kind, keys(kind), nonce, bytes(changed))


@each_kind
def test_another_key_is_refused(kind: str, keys: Keys) -> None:
    nonce, sealed = seal(kind, keys(kind), PLAINTEXT)
    with pytest.raises(CipherError, match="cannot be opened"):
        open_sealed(kind, new_material(kind), nonce, sealed)


@each_kind
@pytest.mark.parametrize("aad", [b"", b"other"])
def test_other_additional_data_is_refused(kind: str, keys: Keys, aad: bytes) -> None:
    nonce, sealed = seal(kind, keys(kind), PLAINTEXT, b"context")
    with pytest.raises(CipherError, match="cannot be opened"):
        open_sealed(kind, keys(kind), nonce, sealed, aad)


@each_kind
def test_another_nonce_is_refused(kind: str, keys: Keys) -> None:
    _, sealed = seal(kind, keys(kind), PLAINTEXT, nonce=bytes(12))
    with pytest.raises(CipherError, match="cannot be opened"):
        open_sealed(kind, keys(kind), b"\x01" * 12, sealed)


def test_aes_and_sm4_do_not_open_each_others_ciphertexts(keys: Keys) -> None:
    nonce, sealed = seal("SM4", keys("SM4"), PLAINTEXT)
    with pytest.raises(CipherError, match="cannot be opened"):
        open_sealed("AES_128", keys("SM4"), nonce, sealed)


def test_a_nonce_is_drawn_anew_for_every_ciphertext(keys: Keys) -> None:
    assert len({seal("SM4", keys("SM4"), b"same")[0] for _ in range(50)}) == 50


def test_a_given_nonce_is_used(keys: Keys) -> None:
    nonce = bytes(range(12))
    assert (nonce, seal("SM4", keys("SM4"), b"same", nonce=nonce)[1]) == seal("SM4", keys("SM4"), b"same", nonce=nonce)


@pytest.mark.parametrize("length", [0, 8, 11, 13, 16])
def test_a_nonce_of_another_size_is_refused(length: int, keys: Keys) -> None:
    with pytest.raises(CipherError, match=f"nonce has the wrong size: {length} bytes, not 12"):
        seal("AES_256", keys("AES_256"), b"", nonce=bytes(length))
    with pytest.raises(CipherError, match=f"nonce has the wrong size: {length} bytes, not 12"):
        open_sealed("AES_256", keys("AES_256"), bytes(length), bytes(16))


@pytest.mark.parametrize("length", [0, 15])
def test_a_ciphertext_without_room_for_its_tag_is_refused(length: int, keys: Keys) -> None:
    with pytest.raises(CipherError, match="shorter than its 16 byte tag"):
        open_sealed("AES_256", keys("AES_256"), bytes(12), bytes(length))


@each_kind
@pytest.mark.parametrize("length", [0, 8, 33])
def test_material_of_another_size_is_refused(kind: str, length: int) -> None:
    with pytest.raises(CipherError, match=f"{kind}: the material has the wrong size: {length} bytes, not"):
        seal(kind, bytes(length), b"")


@pytest.mark.parametrize("kind", ["HMAC", "RSA_2048", "SM2", "DES"])
def test_a_kind_that_does_not_seal_is_refused(kind: str) -> None:
    with pytest.raises(CipherError, match=f"kind '{kind}' does not seal; these do: AES_128, AES_192, AES_256, SM4"):
        seal(kind, bytes(16), b"")


@pytest.mark.parametrize(
    ("kind", "cipher"),
    [
        ("AES_128", "-aes-128-ctr"),
        ("AES_192", "-aes-192-ctr"),
        ("AES_256", "-aes-256-ctr"),
        ("SM4", "-sm4-ctr"),
    ],
)
def test_openssl_decrypts_what_was_sealed(kind: str, cipher: str, keys: Keys, openssl: OpenSsl) -> None:
    """GCM encrypts in counter mode, beginning at two; the command has no GCM, but it has that."""
    nonce, sealed = seal(kind, keys(kind), PLAINTEXT)
    counter = nonce + (2).to_bytes(4, "big")
    assert (
        openssl.run("enc", "-d", cipher, "-K", keys(kind).hex(), "-iv", counter.hex(), given=sealed[:-16]) == PLAINTEXT
    )
