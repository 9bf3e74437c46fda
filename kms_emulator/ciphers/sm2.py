"""SM2 (GB/T 32918): keys in DER, signatures over a digest, public-key encryption.

gmalg brings the arithmetic of the curve and the encryption scheme. Signing is spelled out here because gmalg only signs
whole messages, and the clouds sign a digest. Points from outside are checked before any secret touches them: gmalg does
not check that coordinates are below the prime.
"""

import secrets
from dataclasses import dataclass, field

from gmalg.ellipticcurve import ECDLP  # type: ignore[import-untyped]
from gmalg.errors import GMError  # type: ignore[import-untyped]
from gmalg.sm2 import SM2Core  # type: ignore[import-untyped]

from . import CipherError, der, mac

USER_ID = b"1234567812345678"
DIGEST_LENGTH = 32
MAX_PLAINTEXT = 6047
"""SM2 itself sets no bound in reach; this is the one that the clouds publish for SM2PKE."""

# GB/T 32918.5: y² = x³ + ax + b over the integers modulo P, with the base point G of the order N.
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_BYTES = 32
_CURVE = ECDLP(P, A, B, G, N)

_Point = tuple[int, int]


class _Sm3:
    """SM3 in the form that gmalg asks of a hash; its own one, in Python, is slow."""

    def __init__(self) -> None:
        self._data = b""

    @classmethod
    def hash_length(cls) -> int:
        return DIGEST_LENGTH

    def reset(self) -> None:
        self._data = b""

    def update(self, data: bytes) -> None:
        self._data += bytes(data)

    def value(self) -> bytes:
        return mac.sm3(self._data)


@dataclass(frozen=True)
class PrivateKey:
    """A private key; neither its `repr` nor an error shows the secret number."""

    secret: int = field(repr=False)
    point: _Point
    """The public key."""


def new_private_key() -> bytes:
    """Draw a private key and write it as PKCS#8 DER."""
    secret = 1 + secrets.randbelow(N - 2)  # N - 1 is not allowed: signing divides by secret + 1
    point = _CURVE.kG(secret)
    return der.write_private_key(_octets(secret), _encode_point(point))


def load_private(data: bytes) -> PrivateKey:
    """Read a private key from PKCS#8 DER."""
    octets, point = der.read_private_key(data)
    secret = int.from_bytes(octets, "big")
    if len(octets) != _BYTES or not 1 <= secret <= N - 2:
        raise CipherError("the SM2 private key has the wrong size")
    return PrivateKey(secret, _CURVE.kG(secret) if point is None else _decode_point(point))


def load_public(data: bytes) -> _Point:
    """Read a public key from SubjectPublicKeyInfo DER."""
    return _decode_point(der.read_public_key(data))


def public_der(point: _Point) -> bytes:
    """Write a public key as SubjectPublicKeyInfo DER."""
    return der.write_public_key(_encode_point(point))


def digest(point: _Point, message: bytes, user_id: bytes = USER_ID) -> bytes:
    """Compute SM3(Z || message), the digest that SM2 signs; Z binds the signer's name and public key."""
    bits = len(user_id) * 8
    if bits > 0xFFFF:
        raise CipherError("the SM2 user id has the wrong size: it may have 8191 bytes")
    numbers = b"".join(map(_octets, (A, B, *G, *point)))
    return mac.sm3(mac.sm3(bits.to_bytes(2, "big") + user_id + numbers) + message)


def sign(key: PrivateKey, hashed: bytes) -> bytes:
    """Sign a digest; the signature is the DER SEQUENCE of r and s."""
    e = int.from_bytes(_checked_digest(hashed), "big")
    while True:
        k = 1 + secrets.randbelow(N - 1)
        r = (e + _CURVE.kG(k)[0]) % N
        if r == 0 or r + k == N:
            continue
        s = pow(1 + key.secret, -1, N) * (k - r * key.secret) % N
        if s:
            return der.write_signature(r, s)


def verify(point: _Point, hashed: bytes, signature: bytes) -> bool:
    """Tell whether the signature was made for this digest with the private key of this public one."""
    e = int.from_bytes(_checked_digest(hashed), "big")
    try:
        r, s = der.read_signature(signature)
    except CipherError:
        return False
    t = (r + s) % N
    if not (0 < r < N and 0 < s < N and t):
        return False
    sum_ = _CURVE.ec.add(_CURVE.kG(s), _CURVE.ec.mul(t, point))
    return bool(sum_ != _CURVE.ec.INF and (e + sum_[0]) % N == r)


def encrypt(point: _Point, plaintext: bytes) -> bytes:
    """Encrypt for a public key; the ciphertext is the DER SEQUENCE of x, y, C3 and C2."""
    if not 1 <= len(plaintext) <= MAX_PLAINTEXT:  # of nothing there is no key stream, and the scheme would not end
        raise CipherError(f"SM2PKE: the plaintext has the wrong size: it may have 1 to {MAX_PLAINTEXT} bytes")
    (x, y), data, check = SM2Core(_CURVE, _Sm3()).encrypt(plaintext, point)
    return der.write_ciphertext(der.Ciphertext(x, y, check, data))


def decrypt(key: PrivateKey, ciphertext: bytes) -> bytes:
    """Give back the plaintext, or raise `CipherError` when the key or a single bit of the ciphertext differ."""
    parts = der.read_ciphertext(ciphertext)
    if not parts.data or not _on_curve((parts.x, parts.y)):
        raise CipherError("SM2PKE: the ciphertext cannot be opened")
    try:
        plaintext: bytes = SM2Core(_CURVE, _Sm3()).decrypt((parts.x, parts.y), parts.data, parts.hash, key.secret)
    except GMError:
        raise CipherError("SM2PKE: the ciphertext cannot be opened") from None
    return plaintext


def _checked_digest(hashed: bytes) -> bytes:
    if len(hashed) != DIGEST_LENGTH:
        raise CipherError(f"SM2DSA: the digest has the wrong size: {len(hashed)} bytes, not {DIGEST_LENGTH}")
    return hashed


def _octets(number: int) -> bytes:
    return number.to_bytes(_BYTES, "big")


def _encode_point(point: _Point) -> bytes:
    return b"\x04" + _octets(point[0]) + _octets(point[1])


def _decode_point(data: bytes) -> _Point:
    if len(data) != 1 + 2 * _BYTES or data[0] != 4:
        raise CipherError("the SM2 public key is not an uncompressed point of 65 bytes")
    point = (int.from_bytes(data[1 : 1 + _BYTES], "big"), int.from_bytes(data[1 + _BYTES :], "big"))
    if not _on_curve(point):
        raise CipherError("the SM2 public key is not a point of the curve")
    return point


def _on_curve(point: _Point) -> bool:
    return all(0 <= number < P for number in point) and bool(_CURVE.ec.isvalid(point))
