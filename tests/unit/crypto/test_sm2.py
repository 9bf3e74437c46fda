"""SM2 against the published examples and against openssl."""

from collections.abc import Callable
from functools import partial

import pytest
from cryptography.hazmat.primitives import hashes
from hypothesis import given, settings
from hypothesis import strategies as st

from kms_resources.crypto import der, sm2
from kms_resources.crypto.digests import digest_message
from kms_resources.crypto.words import Algorithm
from kms_resources.model import Spec
from tests.unit.crypto.openssl import OpenSslKey

Keys = Callable[[Spec], OpenSslKey]

# GM/T 0003.5-2012, annexes A and C (the same as GB/T 32918.5-2017): one key pair for both examples.
POINT = (
    0x09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020,
    0xCCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13,
)
MESSAGE = b"message digest"
Z = "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3"
E = "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640"
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
PLAINTEXT = b"encryption standard"
K = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
C1 = (
    0x04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73,
    0xE858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0,
)
C3 = "59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766"
C2 = "21886ca989ca9c7d58087307ca93092d651efa"


# GB/T 32905-2016, annex A.
@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_the_hash_gives_the_published_values(message: bytes, expected: str) -> None:
    hasher = hashes.Hash(hashes.SM3())
    hasher.update(message)
    assert expected == hasher.finalize().hex()


def test_the_identity_hash_is_the_published_one() -> None:
    assert sm2.identity_hash(POINT).hex() == Z


def test_the_digest_of_the_published_message_is_the_published_one() -> None:
    assert digest_message([MESSAGE[:3], MESSAGE[3:]], Algorithm.SM2DSA, sm2.dump(POINT)).hex() == E


def test_the_published_signature_is_accepted() -> None:
    assert sm2.verify(POINT, bytes.fromhex(E), der.encode(der.Signature(r=R, s=S)))


@pytest.mark.parametrize(
    ("r", "s"), [(R + 1, S), (R, S + 1), (R, sm2.N - R), (0, S), (R, 0), (sm2.N, S), (R, sm2.N), (-R, S), (S, R)]
)
def test_other_numbers_are_no_signature(r: int, s: int) -> None:
    assert not sm2.verify(POINT, bytes.fromhex(E), der.encode(der.Signature(r=r, s=s)))


@pytest.mark.parametrize("signature", [b"", b"\x30\x00", b"no DER", der.encode(der.Signature(r=R, s=S)) + b"\x00"])
def test_what_is_no_der_signature_is_merely_wrong(signature: bytes) -> None:
    assert not sm2.verify(POINT, bytes.fromhex(E), signature)


def test_a_signature_whose_point_is_infinite_is_refused() -> None:
    # With the base point as public key (secret 1), s = -t makes the sum vanish: r = -2s.
    s = 12345
    assert not sm2.verify(sm2.G, bytes(32), der.encode(der.Signature(r=sm2.N - 2 * s, s=s)))


def test_the_published_random_number_gives_the_published_ciphertext(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sm2, "SM2Core", partial(sm2.SM2Core, rnd_fn=lambda _bits: K))
    found = der.decode(der.Sm2Ciphertext, sm2.encrypt(POINT, PLAINTEXT))
    assert ((found.x, found.y), found.c3.hex(), found.c2.hex()) == (C1, C3, C2)


def test_nothing_cannot_be_encrypted() -> None:
    with pytest.raises(ValueError, match="nothing to encrypt"):
        sm2.encrypt(POINT, b"")


def test_a_key_that_was_read_is_written_the_same(openssl_key: Keys) -> None:
    encoded = openssl_key(Spec.SM2).public_der
    assert encoded == sm2.dump(sm2.load(encoded))


@pytest.mark.parametrize("point", [(POINT[0], POINT[1] + 1), (0, 0), (2**256 - 1, 2**256 - 1)])
def test_a_point_beside_the_curve_is_no_key(point: sm2.Point) -> None:
    with pytest.raises(ValueError, match="curve"):
        sm2.load(sm2.dump(point))


def test_a_coordinate_beyond_the_prime_is_no_other_spelling_of_a_key() -> None:
    def root(x: int) -> int:
        return pow(x**3 + sm2.A * x + sm2.B, (sm2.P + 1) // 4, sm2.P)

    x = next(x for x in range(1, 100) if (root(x) ** 2 - x**3 - sm2.A * x - sm2.B) % sm2.P == 0)
    assert sm2.load(sm2.dump((x, root(x)))) == (x, root(x))
    with pytest.raises(ValueError, match="curve"):
        sm2.load(sm2.dump((x + sm2.P, root(x))))


def test_a_compressed_point_is_refused() -> None:
    good = sm2.dump(POINT)
    with pytest.raises(ValueError, match="uncompressed"):
        sm2.load(good[:-65] + b"\x03" + good[-64:])


def test_a_key_on_another_curve_is_refused(openssl_key: Keys) -> None:
    with pytest.raises(ValueError, match="another kind"):
        sm2.load(openssl_key(Spec.EC_P256).public_der)


@settings(max_examples=8, deadline=None)
@given(plaintext=st.binary(min_size=1, max_size=300))
def test_openssl_decrypts_what_was_encrypted(openssl_key: Keys, plaintext: bytes) -> None:
    key = openssl_key(Spec.SM2)
    assert plaintext == key.decrypt(Algorithm.SM2PKE, sm2.encrypt(sm2.load(key.public_der), plaintext))


def test_openssl_decrypts_the_largest_plaintext(openssl_key: Keys) -> None:
    key, plaintext = openssl_key(Spec.SM2), bytes(range(256)) * 23 + bytes(159)
    assert len(plaintext) == sm2.MOST_PLAINTEXT
    assert plaintext == key.decrypt(Algorithm.SM2PKE, sm2.encrypt(sm2.load(key.public_der), plaintext))


@settings(max_examples=8, deadline=None)
@given(message=st.binary(max_size=300))
def test_signatures_of_openssl_over_a_message_are_accepted(openssl_key: Keys, message: bytes) -> None:
    key = openssl_key(Spec.SM2)
    digest = digest_message([message], Algorithm.SM2DSA, key.public_der)
    signature = key.sign_message(message)
    assert sm2.verify(sm2.load(key.public_der), digest, signature)
    assert not sm2.verify(sm2.load(key.public_der), bytes(32), signature)
