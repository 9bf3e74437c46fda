import contextlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from kms_emulator.ciphers import CipherError, der

numbers = st.integers(0, 2**260)
READERS = [der.read_public_key, der.read_private_key, der.read_signature, der.read_ciphertext]


@given(r=numbers, s=numbers)
def test_a_signature_is_written_as_cryptography_writes_it(r: int, s: int) -> None:
    assert der.write_signature(r, s) == encode_dss_signature(r, s)


@given(r=numbers, s=numbers)
def test_a_signature_reads_back(r: int, s: int) -> None:
    assert der.read_signature(der.write_signature(r, s)) == (r, s)


@given(parts=st.builds(der.Ciphertext, numbers, numbers, st.binary(max_size=40), st.binary(max_size=70_000)))
def test_a_ciphertext_reads_back(parts: der.Ciphertext) -> None:
    assert der.read_ciphertext(der.write_ciphertext(parts)) == parts


@given(secret=st.binary(max_size=40), point=st.binary(max_size=300))
def test_keys_read_back(secret: bytes, point: bytes) -> None:
    assert der.read_private_key(der.write_private_key(secret, point)) == (secret, point)
    assert der.read_public_key(der.write_public_key(point)) == point


@pytest.mark.parametrize("read", READERS)
@given(data=st.binary(max_size=60))
def test_arbitrary_bytes_are_refused_and_nothing_else_happens(read: Callable[[bytes], object], data: bytes) -> None:
    with pytest.raises(CipherError):
        read(data)


@given(at=st.integers(0, 10_000), octet=st.integers(0, 255), data=st.binary(min_size=1, max_size=200))
def test_no_two_encodings_read_as_the_same_value(at: int, octet: int, data: bytes) -> None:
    original = der.Ciphertext(1, 2**255, bytes(32), data)
    written = bytearray(der.write_ciphertext(original))
    written[at % len(written)] = octet
    with contextlib.suppress(CipherError):
        assert bytes(written) == der.write_ciphertext(der.read_ciphertext(bytes(written)))


@given(octets=st.binary(max_size=12))
def test_a_signature_is_read_only_where_cryptography_reads_it_too(octets: bytes) -> None:
    data = bytes([0x30, len(octets)]) + octets
    with contextlib.suppress(CipherError):
        assert der.read_signature(data) == decode_dss_signature(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("", id="empty"),
        pytest.param("30", id="no length"),
        pytest.param("300602010102010100", id="something after"),
        pytest.param("3009020101020101020101", id="a third number"),
        pytest.param("3003020101", id="one number"),
        pytest.param("30050201010201", id="cut off"),
        pytest.param("3081060201010201 01", id="length in the long form"),
        pytest.param("3080020101020101", id="length left open"),
        pytest.param("3082000602010102 0101", id="length with a zero"),
        pytest.param("300702020001020101", id="number with a zero"),
        pytest.param("30050200020101", id="number without a digit"),
        pytest.param("30060201ff020101", id="negative number"),
        pytest.param("3006020101040101", id="another type"),
        pytest.param("3106020101020101", id="a set"),
    ],
)
def test_anything_but_the_shortest_form_is_no_signature(data: str) -> None:
    assert der.read_signature(bytes.fromhex("3006020101020101")) == (1, 1)
    with pytest.raises(CipherError, match="the SM2 signature is not a SEQUENCE of two numbers in DER"):
        der.read_signature(bytes.fromhex(data))


ALGORITHM = "301306072a8648ce3d020106082a811ccf5501822d"
SECRET = "0401aa"
CURVE = "a00a06082a811ccf5501822d"
POINT = "a10403020004"


def key(inner: str, version: str = "020100", algorithm: str = ALGORITHM) -> bytes:
    private = f"30{len(inner) // 2:02x}{inner}"
    outer = f"{version}{algorithm}04{len(private) // 2:02x}{private}"
    return bytes.fromhex(f"30{len(outer) // 2:02x}{outer}")


@pytest.mark.parametrize(
    ("inner", "point"),
    [
        (f"020101{SECRET}", None),
        (f"020101{SECRET}{CURVE}", None),
        (f"020101{SECRET}{POINT}", b"\x04"),
        (f"020101{SECRET}{CURVE}{POINT}", b"\x04"),
    ],
)
def test_a_private_key_may_leave_out_curve_and_point(inner: str, point: bytes | None) -> None:
    assert der.read_private_key(key(inner)) == (b"\xaa", point)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(key(f"020101{SECRET}", version="020102"), id="another version"),
        pytest.param(key(f"020102{SECRET}"), id="another inner version"),
        pytest.param(key(f"020101{SECRET}a00a06082a811ccf5501822e"), id="another curve inside"),
        pytest.param(key(f"020101{SECRET}{POINT}{CURVE}"), id="wrong order"),
        pytest.param(key(f"020101{SECRET}a10603020004 0500"), id="something after the point"),
        pytest.param(key(f"020101{SECRET}a10403020108"), id="not whole bytes"),
        pytest.param(key("020101"), id="no secret"),
    ],
)
def test_any_other_private_key_is_refused(data: bytes) -> None:
    with pytest.raises(CipherError, match="the SM2 private key is not PKCS#8 in DER"):
        der.read_private_key(data)


def test_a_private_key_of_another_curve_is_refused() -> None:
    algorithm = ALGORITHM[:-2] + "2e"
    with pytest.raises(CipherError, match="not an SM2 key: it names another algorithm or curve"):
        der.read_private_key(key(f"020101{SECRET}", algorithm=algorithm))
