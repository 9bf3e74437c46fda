"""The digest of a message of any size, as an algorithm wants it before it signs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.hazmat.primitives import hashes

from kms_resources.crypto import local, sm2
from kms_resources.crypto.words import Algorithm
from kms_resources.errors import InputError

PIECE_BYTES = 1 << 20

_HASHES: dict[Algorithm, type[hashes.HashAlgorithm]] = {
    Algorithm.RSA_PSS_SHA_256: hashes.SHA256,
    Algorithm.RSA_PKCS1_SHA_256: hashes.SHA256,
    Algorithm.ECDSA_SHA_256: hashes.SHA256,
    Algorithm.ECDSA_SHA_384: hashes.SHA384,
    Algorithm.SM2DSA: hashes.SM3,
}


def digest_message(chunks: Iterable[bytes], algorithm: Algorithm, public_key: bytes = b"") -> bytes:
    """Hash the message that the chunks make together.

    SM2 hashes the signer's public key and usual identity before it: `public_key` is its DER SubjectPublicKeyInfo.
    Raises `InputError` for an algorithm that does not sign, and for SM2 without an SM2 key.
    """
    if not algorithm.signs:
        raise InputError(f"{algorithm} encrypts; it makes no signatures")
    hasher = hashes.Hash(_HASHES[algorithm]())
    if algorithm is Algorithm.SM2DSA:
        hasher.update(sm2.identity_hash(local.sm2_point(public_key)))
    for chunk in chunks:
        hasher.update(chunk)
    return hasher.finalize()


def pieces(source: BinaryIO, size: int = PIECE_BYTES) -> Iterator[bytes]:
    """What a file holds, piece by piece."""
    while piece := source.read(size):
        yield piece
