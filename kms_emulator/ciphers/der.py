"""The ASN.1 of SM2, which `cryptography` does not read: keys (RFC 5480, 5915, 5958), signatures and ciphertexts.

Only the few types that these four structures need, written and read by hand, because the declarative ASN.1 of
`cryptography` is not yet covered by its promise of compatibility. Reading is strict DER: lengths and numbers in their
shortest form, nothing before, between or after. So one value has one encoding, and a changed byte never goes unseen.
"""

from dataclasses import dataclass

from . import CipherError

_INTEGER, _BIT_STRING, _OCTET_STRING, _OID, _SEQUENCE = 0x02, 0x03, 0x04, 0x06, 0x30
_PARAMETERS, _PUBLIC_KEY = 0xA0, 0xA1  # the optional fields [0] and [1] of ECPrivateKey
_LONG_FORM = 0x80


@dataclass(frozen=True)
class Ciphertext:
    """An SM2 ciphertext (GM/T 0009): the point C1, the hash C3, the encrypted bytes C2."""

    x: int
    y: int
    hash: bytes
    data: bytes


def write_public_key(point: bytes) -> bytes:
    """Write a SubjectPublicKeyInfo around an encoded point."""
    return _write(_SEQUENCE, _ALGORITHM + _write(_BIT_STRING, b"\x00" + point))


def read_public_key(der: bytes) -> bytes:
    """Read the encoded point out of a SubjectPublicKeyInfo."""
    outer = _whole(der, "the SM2 public key is not a SubjectPublicKeyInfo in DER")
    _read_algorithm(outer)
    point = outer.bits()
    outer.end()
    return point


def write_private_key(secret: bytes, point: bytes) -> bytes:
    """Write a PKCS#8 private key with its public point."""
    public = _write(_PUBLIC_KEY, _write(_BIT_STRING, b"\x00" + point))
    inner = _write(_SEQUENCE, _write_integer(1) + _write(_OCTET_STRING, secret) + public)
    return _write(_SEQUENCE, _write_integer(0) + _ALGORITHM + _write(_OCTET_STRING, inner))


def read_private_key(der: bytes) -> tuple[bytes, bytes | None]:
    """Read secret and encoded point out of a PKCS#8 private key; other tools may leave the point out."""
    refusal = "the SM2 private key is not PKCS#8 in DER"
    outer = _whole(der, refusal)
    outer.expect(outer.integer() == 0)
    _read_algorithm(outer)
    inner = _whole(outer.take(_OCTET_STRING), refusal)
    outer.end()
    inner.expect(inner.integer() == 1)
    secret = inner.take(_OCTET_STRING)
    if inner.next_is(_PARAMETERS):
        inner.expect(inner.take(_PARAMETERS) == _CURVE)
    point = None
    if inner.next_is(_PUBLIC_KEY):
        wrapped = _Reader(inner.take(_PUBLIC_KEY), refusal)
        point = wrapped.bits()
        wrapped.end()
    inner.end()
    return secret, point


def write_signature(r: int, s: int) -> bytes:
    """Write a signature: the SEQUENCE of r and s."""
    return _write(_SEQUENCE, _write_integer(r) + _write_integer(s))


def read_signature(der: bytes) -> tuple[int, int]:
    """Read r and s."""
    outer = _whole(der, "the SM2 signature is not a SEQUENCE of two numbers in DER")
    r, s = outer.integer(), outer.integer()
    outer.end()
    return r, s


def write_ciphertext(parts: Ciphertext) -> bytes:
    """Write a ciphertext: the SEQUENCE of x, y, C3 and C2."""
    point = _write_integer(parts.x) + _write_integer(parts.y)
    return _write(_SEQUENCE, point + _write(_OCTET_STRING, parts.hash) + _write(_OCTET_STRING, parts.data))


def read_ciphertext(der: bytes) -> Ciphertext:
    """Read x, y, C3 and C2."""
    outer = _whole(der, "the SM2 ciphertext is not a SEQUENCE of point, hash and data in DER")
    parts = Ciphertext(outer.integer(), outer.integer(), outer.take(_OCTET_STRING), outer.take(_OCTET_STRING))
    outer.end()
    return parts


class _Reader:
    """Takes one element after the other; anything unexpected is `refusal`."""

    def __init__(self, data: bytes, refusal: str) -> None:
        self._data, self._at, self._refusal = data, 0, refusal

    def next_is(self, tag: int) -> bool:
        return self._data[self._at : self._at + 1] == bytes([tag])

    def take(self, tag: int) -> bytes:
        self.expect(self.next_is(tag))
        self._at += 1
        return self._octets(self._length())

    def integer(self) -> int:
        content = self.take(_INTEGER)
        number = int.from_bytes(content, "big", signed=True)
        self.expect(number >= 0 and _write_integer(number) == _write(_INTEGER, content))
        return number

    def bits(self) -> bytes:
        content = self.take(_BIT_STRING)
        self.expect(content[:1] == b"\x00")  # whole bytes only
        return content[1:]

    def end(self) -> None:
        self.expect(self._at == len(self._data))

    def expect(self, holds: bool) -> None:
        if not holds:
            raise CipherError(self._refusal)

    def _length(self) -> int:
        first = self._octets(1)
        if first[0] < _LONG_FORM:
            return first[0]
        rest = self._octets(first[0] - _LONG_FORM)
        length = int.from_bytes(rest, "big")
        self.expect(_write_length(length) == first + rest)
        return length

    def _octets(self, count: int) -> bytes:
        self.expect(count <= len(self._data) - self._at)
        self._at += count
        return self._data[self._at - count : self._at]


def _whole(der: bytes, refusal: str) -> _Reader:
    """Open the one SEQUENCE that the data consists of."""
    reader = _Reader(der, refusal)
    content = reader.take(_SEQUENCE)
    reader.end()
    return _Reader(content, refusal)


def _read_algorithm(reader: _Reader) -> None:
    if _write(_SEQUENCE, reader.take(_SEQUENCE)) != _ALGORITHM:
        raise CipherError("the key is not an SM2 key: it names another algorithm or curve")


def _write(tag: int, content: bytes) -> bytes:
    return bytes([tag]) + _write_length(len(content)) + content


def _write_length(length: int) -> bytes:
    if length < _LONG_FORM:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([_LONG_FORM + len(octets)]) + octets


def _write_integer(number: int) -> bytes:
    return _write(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


_CURVE = _write(_OID, bytes.fromhex("2a811ccf5501822d"))  # 1.2.156.10197.1.301, SM2
_ALGORITHM = _write(_SEQUENCE, _write(_OID, bytes.fromhex("2a8648ce3d0201")) + _CURVE)  # 1.2.840.10045.2.1, EC key
