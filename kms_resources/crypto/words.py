"""The words of using a key, the same on every cloud. Each cloud's own words stay in its folder.

Binary values are `bytes` everywhere inside; Base64 exists only where a vendor's API or a file asks for it. Signatures
of ECDSA and SM2 are DER sequences of two integers, SM2 ciphertexts the DER sequence x, y, C3, C2 of GM/T 0009, public
keys DER SubjectPublicKeyInfo: the forms that OpenSSL reads. A cloud that speaks another form converts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kms_resources.model import KeyId

Context = Mapping[str, str]
"""Encryption context: names and values that are not secret, not stored, and must be the same at decryption."""

NO_CONTEXT: Context = {}


class Algorithm(StrEnum):
    """How an asymmetric key is used."""

    RSAES_OAEP_SHA_256 = "RSAES_OAEP_SHA_256"
    """OAEP with SHA-256, also in MGF1."""
    RSAES_OAEP_SHA_1 = "RSAES_OAEP_SHA_1"
    RSAES_PKCS1_V1_5 = "RSAES_PKCS1_V1_5"
    SM2PKE = "SM2PKE"
    RSA_PSS_SHA_256 = "RSA_PSS_SHA_256"
    """Salt of 32 bytes."""
    RSA_PKCS1_SHA_256 = "RSA_PKCS1_SHA_256"
    ECDSA_SHA_256 = "ECDSA_SHA_256"
    ECDSA_SHA_384 = "ECDSA_SHA_384"
    SM2DSA = "SM2DSA"
    """Over SM3(Z ‖ message) with the usual identity 1234567812345678."""

    @property
    def signs(self) -> bool:
        """Whether it makes signatures; otherwise it encrypts."""
        return self in _SIGNING


_SIGNING = frozenset(
    {
        Algorithm.RSA_PSS_SHA_256,
        Algorithm.RSA_PKCS1_SHA_256,
        Algorithm.ECDSA_SHA_256,
        Algorithm.ECDSA_SHA_384,
        Algorithm.SM2DSA,
    }
)


class MessageForm(StrEnum):
    """What is given to be signed."""

    RAW = "RAW"
    DIGEST = "DIGEST"


@dataclass(frozen=True)
class Ciphertext:
    """What a symmetric key made. `blob` is the cloud's own text: opaque, to be stored and given back as it is."""

    blob: str
    key_id: KeyId
    version: str = ""
    """The key version that encrypted, where the cloud tells it."""


@dataclass(frozen=True)
class Decrypted:
    """A plaintext, and the key that gave it."""

    plaintext: bytes = field(repr=False)
    key_id: KeyId
    version: str = ""


@dataclass(frozen=True)
class DataKey:
    """A key for use on this machine, and itself encrypted. `plaintext` is empty where it was not asked for."""

    plaintext: bytes = field(repr=False)
    ciphertext: Ciphertext


@dataclass(frozen=True)
class PublicKey:
    """The public half of an asymmetric key: DER SubjectPublicKeyInfo."""

    der: bytes
    key_id: KeyId
    version: str = ""
    """The version it belongs to; empty where keys have one version only."""


@dataclass(frozen=True)
class SecretValue:
    """One version of a secret."""

    name: str
    value: bytes = field(repr=False)
    version: str
    binary: bool = False
    stages: tuple[str, ...] = ()
    created: str = ""
    """ISO 8601, UTC."""


@dataclass(frozen=True)
class KeyVersion:
    """One version of a key."""

    id: str
    created: str = ""
    """ISO 8601, UTC."""


@dataclass(frozen=True)
class WrappingKey:
    """What key material is wrapped with on its way to the cloud. Key and token belong together."""

    der: bytes
    token: str = field(repr=False)
    algorithm: Algorithm
    expires: str = ""
    """ISO 8601, UTC."""
