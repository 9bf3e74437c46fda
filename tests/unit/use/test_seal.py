"""Seals recognise a secret and keep nothing of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kms_resources.crypto.seal import Seal

SECRET = b"canary-secret"


@given(secret=st.binary(max_size=80), other=st.binary(max_size=80))
def test_a_seal_fits_its_secret_and_no_other(secret: bytes, other: bytes) -> None:
    seal = Seal.of(secret)
    assert seal.fits(secret)
    assert seal.fits(other) is (secret == other)


def test_two_seals_of_one_secret_have_nothing_in_common() -> None:
    first, second = Seal.of(SECRET), Seal.of(SECRET)
    assert first.key != second.key
    assert first.fingerprint != second.fingerprint


def test_a_seal_survives_being_stored() -> None:
    seal = Seal.of(SECRET)
    assert Seal.read(seal.text) == seal
    assert Seal.read("") is None


def test_a_seal_shows_nothing_of_itself() -> None:
    seal = Seal.of(SECRET)
    assert seal.key not in repr(seal)
    assert seal.fingerprint not in repr(seal)
    assert SECRET.hex() not in seal.text


@pytest.mark.parametrize(
    "text",
    ["x", ":", "00:00", "00" * 32, f"{'00' * 32}:", f"{'00' * 31}:{'00' * 32}", f"{'zz' * 32}:{'00' * 32}",
     f"{'00' * 32}:{'00' * 32}:", f"{'00' * 32}:{'0' * 63}", "密" * 64 + ":" + "00" * 32],
)  # fmt: skip
def test_a_damaged_seal_is_never_taken_for_none(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (whatever is wrong with it)
        Seal.read(text)
