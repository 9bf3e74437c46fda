import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kms_emulator.ciphers import CipherError, asymmetric, der, sm2

from .conftest import Keys

OUTSIDE = "the SM2 public key is not a point of the curve"


def octets(number: int) -> bytes:
    return number.to_bytes(32, "big")


def test_the_private_key_never_shows_its_secret_number(keys: Keys) -> None:
    key = sm2.load_private(keys("SM2"))
    assert str(key.secret) not in repr(key)
    assert f"{key.secret:x}" not in repr(key)


@pytest.mark.parametrize("secret", [0, sm2.N - 1, sm2.N, 2**256 - 1])
def test_a_secret_number_that_cannot_sign_is_refused(secret: int, keys: Keys) -> None:
    point = der.read_private_key(keys("SM2"))[1]
    assert point is not None
    with pytest.raises(CipherError, match="the SM2 private key has the wrong size"):
        sm2.load_private(der.write_private_key(octets(secret), point))


def test_a_secret_number_of_another_length_is_refused(keys: Keys) -> None:
    point = der.read_private_key(keys("SM2"))[1]
    assert point is not None
    with pytest.raises(CipherError, match="the SM2 private key has the wrong size"):
        sm2.load_private(der.write_private_key(b"\x01", point))


@pytest.mark.parametrize(
    ("point", "refusal"),
    [
        (b"", "not an uncompressed point"),
        (b"\x00", "not an uncompressed point"),
        (b"\x02" + octets(sm2.G[0]), "not an uncompressed point"),
        (b"\x06" + octets(sm2.G[0]) + octets(sm2.G[1]), "not an uncompressed point"),
        (b"\x04" + octets(sm2.G[0]) + octets(sm2.G[1]) + b"\x00", "not an uncompressed point"),
        (b"\x04" + octets(sm2.G[0]) + octets(sm2.G[1] + 1), OUTSIDE),
        (b"\x04" + bytes(64), OUTSIDE),
        (b"\x04" + octets(1) + octets(2**256 - 1), OUTSIDE),
    ],
)
def test_a_public_key_that_is_no_point_is_refused(point: bytes, refusal: str) -> None:
    with pytest.raises(CipherError, match=refusal):
        sm2.load_public(der.write_public_key(point))


def test_a_public_key_of_another_curve_is_refused(keys: Keys) -> None:
    with pytest.raises(CipherError, match="not an SM2 key: it names another algorithm or curve"):
        sm2.load_public(asymmetric.public_key_der("EC_P256", keys("EC_P256")))


def test_the_digest_depends_on_user_key_and_message(keys: Keys) -> None:
    own, other = asymmetric.public_key_der("SM2", keys("SM2")), sm2.public_der(sm2.G)
    digests = {
        asymmetric.sm2_digest(key, message, user)
        for key in (own, other)
        for message in (b"", b"message")
        for user in (b"", b"somebody", sm2.USER_ID)
    }
    assert len(digests) == 12
    assert {len(digest) for digest in digests} == {32}


def test_a_user_id_whose_length_has_no_room_is_refused() -> None:
    assert len(sm2.digest(sm2.G, b"", bytes(8191))) == 32
    with pytest.raises(CipherError, match="it may have 8191 bytes"):
        sm2.digest(sm2.G, b"", bytes(8192))


@pytest.fixture
def numbers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers that signing draws, instead of random ones."""
    drawn: list[int] = []
    monkeypatch.setattr("secrets.randbelow", lambda _: drawn.pop(0) - 1)
    return drawn


def test_a_random_number_that_gives_no_r_is_drawn_again(keys: Keys, numbers: list[int]) -> None:
    digest = octets(-sm2.G[0] % sm2.N)  # with k = 1 the point is G, and r is zero
    numbers += [1, 12345]
    signature = asymmetric.sign_digest("SM2", keys("SM2"), "SM2DSA", digest)
    assert numbers == []
    assert asymmetric.verify_digest("SM2", keys("SM2"), "SM2DSA", digest, signature)


def test_a_random_number_that_would_give_the_secret_away_is_drawn_again(keys: Keys, numbers: list[int]) -> None:
    digest = octets((-1 - sm2.G[0]) % sm2.N)  # with k = 1, r + k is the order of the curve
    numbers += [1, 12345]
    signature = asymmetric.sign_digest("SM2", keys("SM2"), "SM2DSA", digest)
    assert numbers == []
    assert asymmetric.verify_digest("SM2", keys("SM2"), "SM2DSA", digest, signature)


def test_a_random_number_that_gives_no_s_is_drawn_again(keys: Keys, numbers: list[int]) -> None:
    secret = sm2.load_private(keys("SM2")).secret
    digest = octets((pow(secret, -1, sm2.N) - sm2.G[0]) % sm2.N)  # with k = 1, r times the secret is k
    numbers += [1, 12345]
    signature = asymmetric.sign_digest("SM2", keys("SM2"), "SM2DSA", digest)
    assert numbers == []
    assert asymmetric.verify_digest("SM2", keys("SM2"), "SM2DSA", digest, signature)


@pytest.mark.parametrize(("r", "s"), [(0, 1), (1, 0), (sm2.N, 1), (1, sm2.N), (1, sm2.N - 1), (2**300, 1)])
def test_a_signature_with_numbers_out_of_range_does_not_verify(r: int, s: int, keys: Keys) -> None:
    signature = der.write_signature(r, s)
    assert asymmetric.verify_digest("SM2", keys("SM2"), "SM2DSA", bytes(32), signature) is False


def test_a_signature_whose_sum_is_no_point_does_not_verify(keys: Keys) -> None:
    key = sm2.load_private(keys("SM2"))
    r = 7  # sG + (r + s)P is infinite when s(1 + d) = -rd
    s = -r * key.secret * pow(1 + key.secret, -1, sm2.N) % sm2.N
    assert sm2.verify(key.point, bytes(32), der.write_signature(r, s)) is False


def test_the_same_signature_with_a_multiple_of_the_order_does_not_verify(keys: Keys) -> None:
    r, s = der.read_signature(asymmetric.sign_digest("SM2", keys("SM2"), "SM2DSA", bytes(32)))
    longer = der.write_signature(r + sm2.N, s)
    assert asymmetric.verify_digest("SM2", keys("SM2"), "SM2DSA", bytes(32), longer) is False


def test_nothing_cannot_be_encrypted(keys: Keys) -> None:
    with pytest.raises(CipherError, match="it may have 1 to 6047 bytes"):
        asymmetric.encrypt("SM2", keys("SM2"), "SM2PKE", b"")


@pytest.mark.parametrize(
    "parts",
    [
        der.Ciphertext(sm2.G[0], sm2.G[1] + 1, bytes(32), b"data"),
        der.Ciphertext(sm2.G[0] + sm2.P, sm2.G[1], bytes(32), b"data"),
        der.Ciphertext(0, 0, bytes(32), b"data"),
        der.Ciphertext(sm2.G[0], sm2.G[1], bytes(32), b""),
        der.Ciphertext(sm2.G[0], sm2.G[1], b"", b"data"),
        der.Ciphertext(sm2.G[0], sm2.G[1], bytes(32), b"data"),
    ],
)
def test_a_ciphertext_with_an_unfit_part_is_refused(parts: der.Ciphertext, keys: Keys) -> None:
    with pytest.raises(CipherError, match="SM2PKE: the ciphertext cannot be opened"):
        asymmetric.decrypt("SM2", keys("SM2"), "SM2PKE", der.write_ciphertext(parts))


@settings(max_examples=20)
@given(plaintext=st.binary(min_size=1, max_size=3))
def test_even_the_shortest_plaintexts_come_back(keys: Keys, plaintext: bytes) -> None:
    ciphertext = asymmetric.encrypt("SM2", keys("SM2"), "SM2PKE", plaintext)
    assert asymmetric.decrypt("SM2", keys("SM2"), "SM2PKE", ciphertext) == plaintext
