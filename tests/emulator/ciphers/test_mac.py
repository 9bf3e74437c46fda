import hashlib
import hmac as standard

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kms_emulator.ciphers import CipherError, mac

from .conftest import OpenSsl

SHA2 = {"HMAC_SHA_224": "sha224", "HMAC_SHA_256": "sha256", "HMAC_SHA_384": "sha384", "HMAC_SHA_512": "sha512"}
MESSAGES = [b"", b"abc", bytes(range(256)) * 3]
KEYS = [b"k", bytes(range(32)), b"longer than a block of the hash " * 5]


@pytest.mark.parametrize(("algorithm", "name"), SHA2.items())
@given(key=st.binary(min_size=1, max_size=200), message=st.binary(max_size=200))
def test_the_sha2_family_is_as_in_the_standard_library(algorithm: str, name: str, key: bytes, message: bytes) -> None:
    assert standard.digest(key, message, getattr(hashlib, name)) == mac.hmac(algorithm, key, message)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("message", MESSAGES)
def test_hmac_sm3_is_as_in_openssl(key: bytes, message: bytes, openssl: OpenSsl) -> None:
    arguments = ("dgst", "-sm3", "-mac", "HMAC", "-macopt", f"hexkey:{key.hex()}", "-binary")
    assert openssl.run(*arguments, given=message) == mac.hmac("HMAC_SM3", key, message)


@pytest.mark.parametrize("message", MESSAGES)
def test_sm3_is_as_in_openssl(message: bytes, openssl: OpenSsl) -> None:
    assert openssl.run("dgst", "-sm3", "-binary", given=message) == mac.sm3(message)


@pytest.mark.parametrize("algorithm", mac.ALGORITHMS)
def test_another_key_or_message_gives_another_mac(algorithm: str) -> None:
    macs = {mac.hmac(algorithm, key, message) for key in (b"one", b"two") for message in (b"this", b"that")}
    assert len(macs) == 4


@pytest.mark.parametrize("algorithm", ["HMAC_MD5", "SHA_256", ""])
def test_an_unknown_algorithm_is_refused_with_the_known_ones(algorithm: str) -> None:
    with pytest.raises(CipherError, match=rf"algorithm '{algorithm}' is not an HMAC; there are HMAC_SM3, HMAC_SHA_224"):
        mac.hmac(algorithm, b"key", b"")


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(CipherError, match="it is empty"):
        mac.hmac("HMAC_SM3", b"", b"message")
