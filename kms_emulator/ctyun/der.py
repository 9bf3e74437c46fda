"""The little DER that certificates need where SM2 keeps ready-made code out: tagged values, written and read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

SEQUENCE, SET, BIT_STRING, NULL, CONTEXT_0 = 0x30, 0x31, 0x03, b"\x05\x00", 0xA0


class Element(NamedTuple):
    """One value: its tag, its content, and the whole encoding."""

    tag: int
    content: bytes
    whole: bytes


def tagged(tag: int, *parts: bytes) -> bytes:
    """A value with this tag."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of values."""
    return tagged(SEQUENCE, *parts)


def oid(text: str) -> bytes:
    """An OBJECT IDENTIFIER."""
    return asn1.encode_der(ObjectIdentifier(text))


def integer(number: int) -> bytes:
    """An INTEGER."""
    return asn1.encode_der(number)


def octets(content: bytes) -> bytes:
    """An OCTET STRING."""
    return asn1.encode_der(content)


def bits(content: bytes) -> bytes:
    """A BIT STRING of whole bytes."""
    return tagged(BIT_STRING, b"\x00", content)


def elements(content: bytes) -> Iterator[Element]:
    """The values inside a value's content; ``ValueError`` when it is cut short."""
    position = 0
    while position < len(content):
        start = position
        tag, size = _byte(content, position), _byte(content, position + 1)
        position += 2
        if size & 0x80:
            count = size & 0x7F
            size = int.from_bytes(_slice(content, position, count), "big")
            position += count
        yield Element(tag, _slice(content, position, size), content[start : position + size])
        position += size


def _byte(content: bytes, position: int) -> int:
    return _slice(content, position, 1)[0]


def _slice(content: bytes, position: int, size: int) -> bytes:
    found = content[position : position + size]
    if len(found) != size:
        raise ValueError("the value is cut short")
    return found
