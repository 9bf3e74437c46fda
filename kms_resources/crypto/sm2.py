"""SM2 with a public key (GB/T 32918): encryption, verification of a digest, and the digest itself.

The arithmetic of the curve and the encryption scheme are gmalg's. Verification is written out here, because gmalg
takes whole messages and the clouds sign digests. No secret number passes through this module, so that gmalg's running
time, which depends on its numbers, tells nobody anything. A point from outside is checked before it is used.
"""

from __future__ import annotations

from cryptography.hazmat.asn1 import BitString
from cryptography.hazmat.primitives import hashes
from gmalg import ellipticcurve as curves  # type: ignore[import-untyped]
from gmalg.sm2 import SM2Core  # type: ignore[import-untyped]

from kms_resources.crypto import der

Point = tuple[int, int]

IDENTITY = b"1234567812345678"
"""The signer's identity where nobody agreed on another one (GM/T 0009)."""
MOST_PLAINTEXT = 6047
"""What the clouds take; SM2 itself has no such bound."""

# The curve of GB/T 32918.5: y² = x³ + Ax + B modulo P; base point G of order N.
P = 2**256 - 2**224 - 2**96 + 2**64 - 1
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_SIZE = 32
_UNCOMPRESSED = 4
_CURVE = curves.ECDLP(P, A, B, G, N)


class _OpenSslSm3:
    """SM3 as gmalg wants a hash to be: OpenSSL's, several hundred times as fast as gmalg's own."""

    def __init__(self) -> None:
        self.reset()

    @classmethod
    def hash_length(cls) -> int:
        return _SIZE

    def reset(self) -> None:
        self._hash = hashes.Hash(hashes.SM3())

    def update(self, data: bytes) -> None:
        self._hash.update(bytes(data))

    def value(self) -> bytes:
        return self._hash.copy().finalize()


def load(public_key: bytes) -> Point:
    """The point of a SubjectPublicKeyInfo. Raises `ValueError` for anything but an SM2 key."""
    info = der.decode(der.CurvePublicKey, public_key)
    if (info.algorithm.algorithm, info.algorithm.curve) != (der.EC_PUBLIC_KEY, der.SM2_CURVE):
        raise ValueError("another kind of key")
    encoded = info.point.as_bytes()
    if len(encoded) != 1 + 2 * _SIZE or encoded[0] != _UNCOMPRESSED:
        raise ValueError("not an uncompressed point")
    point = int.from_bytes(encoded[1 : 1 + _SIZE], "big"), int.from_bytes(encoded[1 + _SIZE :], "big")
    if max(point) >= P or not _CURVE.ec.isvalid(point):
        raise ValueError("not a point of the curve")
    return point


def dump(point: Point) -> bytes:
    """A point as SubjectPublicKeyInfo."""
    algorithm = der.CurveAlgorithm(algorithm=der.EC_PUBLIC_KEY, curve=der.SM2_CURVE)
    encoded = bytes([_UNCOMPRESSED]) + _octets(*point)
    return der.encode(der.CurvePublicKey(algorithm=algorithm, point=BitString(encoded, 0)))


def identity_hash(point: Point, identity: bytes = IDENTITY) -> bytes:
    """Z: what comes before the message in the digest, so that a signature also names its signer."""
    sm3 = hashes.Hash(hashes.SM3())
    sm3.update((len(identity) * 8).to_bytes(2, "big") + identity + _octets(A, B, *G, *point))
    return sm3.finalize()


def encrypt(point: Point, plaintext: bytes) -> bytes:
    """The ciphertext in DER. `plaintext` must not be empty: the scheme would look for a key stream for ever."""
    if not plaintext:
        raise ValueError("nothing to encrypt")
    (x, y), c2, c3 = SM2Core(_CURVE, _OpenSslSm3()).encrypt(plaintext, point)
    return der.encode(der.Sm2Ciphertext(x=x, y=y, c3=c3, c2=c2))


def verify(point: Point, digest: bytes, signature: bytes) -> bool:
    """Whether a DER signature is the one of this digest (GB/T 32918.2, 7.1)."""
    try:
        pair = der.decode(der.Signature, signature)
    except ValueError:
        return False
    if not (0 < pair.r < N and 0 < pair.s < N):
        return False
    t = (pair.r + pair.s) % N
    if t == 0:
        return False
    total = _CURVE.ec.add(_CURVE.kG(pair.s), _CURVE.ec.mul(t, point))
    if total == _CURVE.ec.INF:
        return False
    return bool((int.from_bytes(digest, "big") + total[0]) % N == pair.r)


def _octets(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(_SIZE, "big") for number in numbers)
