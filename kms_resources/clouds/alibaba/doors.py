"""The two doors of a target, and what both of them can: the part of `CryptoClient` that may take either."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, Protocol, TypeVar

from kms_resources.crypto.words import Algorithm, Ciphertext, Context, DataKey, Decrypted, PublicKey, SecretValue
from kms_resources.errors import CredentialsError
from kms_resources.model import KeyId

T = TypeVar("T")


class Door(Protocol):
    """The operations that an application may send to the shared gateway or to the one of an instance."""

    def encrypt(self, key_id: KeyId, plaintext: bytes, context: Context) -> Ciphertext:
        """Encrypt."""

    def decrypt(self, blob: str, context: Context) -> Decrypted:
        """Decrypt."""

    def generate_data_key(self, key_id: KeyId, length: int, context: Context, *, with_plaintext: bool) -> DataKey:
        """GenerateDataKey and GenerateDataKeyWithoutPlaintext."""

    def public_key(self, key_id: KeyId, version: str) -> PublicKey:
        """GetPublicKey."""

    def asymmetric_encrypt(self, key_id: KeyId, version: str, algorithm: Algorithm, plaintext: bytes) -> bytes:
        """AsymmetricEncrypt."""

    def asymmetric_decrypt(self, key_id: KeyId, version: str, algorithm: Algorithm, ciphertext: bytes) -> bytes:
        """AsymmetricDecrypt."""

    def sign(self, key_id: KeyId, version: str, algorithm: Algorithm, digest: bytes) -> bytes:
        """AsymmetricSign."""

    def verify(self, key_id: KeyId, version: str, algorithm: Algorithm, digest: bytes, signature: bytes) -> bool:
        """AsymmetricVerify."""

    def secret_value(self, name: str, version: str, stage: str) -> SecretValue:
        """GetSecretValue."""


@dataclass
class Once(Generic[T]):
    """Something that is made at its first use: a door that nobody takes may lack credentials."""

    make: Callable[[], T]
    _lock: Lock = field(init=False, default_factory=Lock, repr=False)
    _made: T | None = field(init=False, default=None, repr=False)

    def __call__(self) -> T:
        """The thing itself, the same every time; what `make` raises is raised every time."""
        with self._lock:
            if self._made is None:
                self._made = self.make()
            return self._made


def opened(door: Once[T], operation: str, name: str, where: str) -> T:
    """Open a door for an operation. Raises `CredentialsError` that says which door it is, and what it lacks."""
    try:
        return door()
    except CredentialsError as error:
        raise CredentialsError(
            f"{operation} takes the {name} door, which has no usable credentials",
            where=where,
            why=f"{error.what}: {error.why}",
            advice=error.advice,
        ) from None
