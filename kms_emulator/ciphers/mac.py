"""Hashes and keyed hashes: SM3, HMAC with SM3 and with the SHA-2 family."""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from . import CipherError

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "HMAC_SM3": hashes.SM3,
    "HMAC_SHA_224": hashes.SHA224,
    "HMAC_SHA_256": hashes.SHA256,
    "HMAC_SHA_384": hashes.SHA384,
    "HMAC_SHA_512": hashes.SHA512,
}
ALGORITHMS = tuple(_HASHES)


def hmac(algorithm: str, material: bytes, message: bytes) -> bytes:
    """Compute the keyed hash of `message`. Compare it with `hmac.compare_digest` of the standard library."""
    if algorithm not in _HASHES:
        raise CipherError(f"algorithm {algorithm!r} is not an HMAC; there are {', '.join(ALGORITHMS)}")
    if not material:
        raise CipherError(f"{algorithm}: the material has the wrong size: it is empty")
    state = HMAC(material, _HASHES[algorithm]())
    state.update(message)
    return state.finalize()


def sm3(message: bytes) -> bytes:
    """Compute the SM3 hash (GB/T 32905), 32 bytes."""
    state = hashes.Hash(hashes.SM3())
    state.update(message)
    return state.finalize()
