"""RSA keys for emulators in this process, of a few that are made once: making one takes longer than a whole test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

RSA_KEYS = 3
"""Of each size; they are given out in turn, so that two draws one after the other are two keys."""

_make = rsa.generate_private_key
_made: dict[int, list[rsa.RSAPrivateKey]] = {}
_turn = threading.Lock()


def next_rsa_key(public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
    """In place of `rsa.generate_private_key`: the key of this size that was not given out for the longest time."""
    with _turn:
        known = _made.setdefault(key_size, [])
        known.append(_make(public_exponent, key_size) if len(known) < RSA_KEYS else known.pop(0))
        return known[-1]


@contextmanager
def known_rsa_keys() -> Iterator[None]:
    """Let everyone in this process draw known keys. So two RSA keys of an emulator may be the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rsa, "generate_private_key", next_rsa_key)
        yield
