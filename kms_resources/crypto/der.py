"""The ASN.1 structures that no library has ready: SM2 keys, signatures and ciphertexts, and PKCS#10 around any key.

They are declared; `cryptography` writes and reads them. Reading is strict DER: one value has one encoding.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

EC_PUBLIC_KEY = ObjectIdentifier("1.2.840.10045.2.1")
SM2_CURVE = ObjectIdentifier("1.2.156.10197.1.301")

T = TypeVar("T")


@asn1.sequence
class CurveAlgorithm:
    """What kind of key it is, and on which curve (RFC 5480)."""

    algorithm: ObjectIdentifier
    curve: ObjectIdentifier


@asn1.sequence
class CurvePublicKey:
    """SubjectPublicKeyInfo of a key on a named curve."""

    algorithm: CurveAlgorithm
    point: asn1.BitString


@asn1.sequence
class Signature:
    """The two numbers of an ECDSA or SM2 signature."""

    r: int
    s: int


@asn1.sequence
class Sm2Ciphertext:
    """GM/T 0009: the point C1, the hash C3, the encrypted bytes C2."""

    x: int
    y: int
    c3: bytes
    c2: bytes


@asn1.sequence
class Plain:
    """An AlgorithmIdentifier without parameters: ECDSA, SM2."""

    algorithm: ObjectIdentifier


@asn1.sequence
class WithNull:
    """An AlgorithmIdentifier with the parameters NULL: RSA with PKCS#1 v1.5, and hashes inside PSS."""

    algorithm: ObjectIdentifier
    parameters: asn1.Null


@asn1.sequence
class MaskGeneration:
    """MGF1 with its hash."""

    algorithm: ObjectIdentifier
    hash: WithNull


@asn1.sequence
class PssParameters:
    """What a PSS signature was made with (RFC 4055)."""

    hash: Annotated[WithNull, asn1.Explicit(0)]
    mask: Annotated[MaskGeneration, asn1.Explicit(1)]
    salt_length: Annotated[int, asn1.Explicit(2)]


@asn1.sequence
class WithPss:
    """An AlgorithmIdentifier of PSS."""

    algorithm: ObjectIdentifier
    parameters: PssParameters


@asn1.sequence
class Extension:
    """One extension of a certificate."""

    kind: ObjectIdentifier
    critical: Annotated[bool, asn1.Default(value=False)]
    value: bytes


@asn1.sequence
class ExtensionRequest:
    """The attribute by which a request asks for extensions (PKCS#9)."""

    kind: ObjectIdentifier
    values: asn1.SetOf[list[Extension]]


@asn1.sequence
class RequestInfo:
    """The part of a PKCS#10 request that is signed."""

    version: int
    subject: asn1.TLV
    public_key: asn1.TLV
    attributes: Annotated[asn1.SetOf[ExtensionRequest], asn1.Implicit(0)]


@asn1.sequence
class Request:
    """A PKCS#10 request (RFC 2986)."""

    info: asn1.TLV
    algorithm: asn1.TLV
    signature: asn1.BitString


def encode(value: object) -> bytes:
    """Write one of the structures above."""
    return asn1.encode_der(value)


def decode(structure: type[T], data: bytes) -> T:
    """Read DER. Raises `ValueError` when it is anything else."""
    return asn1.decode_der(structure, data)


def raw(data: bytes) -> asn1.TLV:
    """Finished DER, to be put inside a structure as it is."""
    return asn1.decode_der(asn1.TLV, data)
