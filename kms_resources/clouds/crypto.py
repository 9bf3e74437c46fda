"""What every cloud's client can do with a key: the second interface between the clouds and the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kms_resources.crypto.words import (
    NO_CONTEXT,
    Algorithm,
    Ciphertext,
    Context,
    DataKey,
    Decrypted,
    KeyVersion,
    PublicKey,
    SecretValue,
    WrappingKey,
)
from kms_resources.model import KeyId, Spec, Target, Usage


class CryptoClient(Protocol):
    """One target's keys in use. Instances may be shared by threads.

    Every method is one call of the cloud unless its docstring says more. What a cloud lacks raises `RejectedError`
    that says what there is instead; callers look at the capabilities first, so that a person hears it before anything
    is sent. Errors otherwise as in `KmsClient`; a ciphertext that does not open (changed, another context, another
    account) raises `RejectedError`. Plaintexts never become part of an error, a log line or a URL.
    """

    target: Target

    def encrypt(self, key_id: KeyId, plaintext: bytes, context: Context = NO_CONTEXT) -> Ciphertext:
        """Encrypt a little data with the primary version of a symmetric key."""

    def decrypt(self, blob: str, context: Context = NO_CONTEXT) -> Decrypted:
        """Open what `encrypt` or `generate_data_key` made. The cloud finds key and version in the ciphertext."""

    def re_encrypt(
        self, blob: str, key_id: KeyId, context: Context = NO_CONTEXT, new_context: Context = NO_CONTEXT
    ) -> Ciphertext:
        """Open a ciphertext and encrypt it with another key, inside the cloud."""

    def generate_data_key(
        self, key_id: KeyId, length: int, context: Context = NO_CONTEXT, *, with_plaintext: bool = True
    ) -> DataKey:
        """Make `length` random bytes, in plain and encrypted. Without the plaintext only where the cloud can that."""

    def public_key(self, key_id: KeyId, version: str = "") -> PublicKey:
        """The public key of a version; without one, of the newest."""

    def asymmetric_encrypt(self, key_id: KeyId, version: str, algorithm: Algorithm, plaintext: bytes) -> bytes:
        """Encrypt with the public key: in the cloud where it has such a call, else on this machine."""

    def asymmetric_decrypt(self, key_id: KeyId, version: str, algorithm: Algorithm, ciphertext: bytes) -> bytes:
        """Decrypt with the private key of a version."""

    def sign(self, key_id: KeyId, version: str, algorithm: Algorithm, digest: bytes) -> bytes:
        """Sign a digest (for SM2: SM3(Z ‖ message)). A signature of ECDSA or SM2 is DER."""

    def verify(self, key_id: KeyId, version: str, algorithm: Algorithm, digest: bytes, signature: bytes) -> bool:
        """Whether the cloud accepts the signature. A malformed one is false too."""

    def hmac(self, key_id: KeyId, message: bytes) -> bytes:
        """HMAC-SM3 of a message."""

    def random(self, length: int) -> bytes:
        """Random bytes from the cloud."""

    def secret_value(self, name: str, version: str = "", stage: str = "") -> SecretValue:
        """The value of a secret: its current one unless a version or a stage is named."""

    def list_versions(self, key_id: KeyId) -> Iterable[KeyVersion]:
        """The versions of a key, oldest first."""

    def create_version(self, key_id: KeyId) -> KeyVersion | None:
        """Make a further version (for a symmetric key: rotate it now). None where the cloud does not name it."""

    def wrapping_key(self, key_id: KeyId, algorithm: Algorithm) -> WrappingKey:
        """What the material of an EXTERNAL key has to be wrapped with: good for 24 hours."""

    def import_material(self, key_id: KeyId, wrapped: bytes, token: str, expires: int) -> None:
        """Hand over wrapped material. `expires`: seconds since 1970, 0 for never."""

    def delete_material(self, key_id: KeyId) -> None:
        """Make the cloud forget imported material. The key cannot be used until the very same is imported again."""

    def call(self, action: str, fields: Mapping[str, Any], path: str = "") -> Mapping[str, Any]:
        """Any action of the cloud's API by its name, signed like every other: the vendor's fields, the vendor's answer.

        `path` overrides the path of the action where the cloud has paths. Raises `InputError` for an action or a field
        that the cloud's table does not know (where there is one). Sent once, never repeated.
        """


@dataclass(frozen=True)
class CryptoLimits:
    """What must be known about a cloud's use of keys, without a network."""

    plaintext_bytes: int
    """The most that Encrypt takes."""
    context_characters: int
    """The longest encryption context, as JSON text."""
    algorithms: Mapping[tuple[Spec, Usage], tuple[Algorithm, ...]]
    """What an asymmetric key can do; the first one is taken unless another is named."""
    data_key_bytes: tuple[int, int] = (1, 1024)
    wrapping: tuple[Algorithm, ...] = ()
    """How material may be wrapped, the best first; empty: no import."""
    gateway_operations: tuple[str, ...] = ()
    """What goes through a target's gateway unless its `shared` says otherwise, in the vendor's words."""
    wrapping_elsewhere: Mapping[Spec, tuple[Algorithm, ...]] = field(default_factory=dict)
    """Keys that want another wrapping."""
    capacities: Mapping[Algorithm, int] = field(default_factory=dict)
    """The most bytes of one asymmetric encryption, where the cloud opens less than the algorithm could hold."""
