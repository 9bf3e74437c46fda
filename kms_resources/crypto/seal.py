"""Recognise a secret without keeping it: a fingerprint under a random key of its own.

A bare hash of a short secret can be found out by trying. With a key, trying needs the key as well, and that stands in
state only as a Pulumi secret, which the stack's own secrets provider encrypts.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

_KEY_BYTES = 32


@dataclass(frozen=True)
class Seal:
    """The fingerprint of one secret and the key it was made with. Stored format: `text`."""

    key: str = field(repr=False)
    fingerprint: str = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> Seal:
        """A new seal, under a new key."""
        key = secrets.token_hex(_KEY_BYTES)
        return cls(key, _fingerprint(key, secret))

    @classmethod
    def read(cls, text: str) -> Seal | None:
        """A seal from state; None if there is none. Raises `ValueError` for a damaged one."""
        if not text:
            return None
        key, colon, fingerprint = text.partition(":")
        if not colon or len(bytes.fromhex(key)) != _KEY_BYTES or len(bytes.fromhex(fingerprint)) != _KEY_BYTES:
            raise ValueError("a fingerprint is damaged")
        return cls(key, fingerprint)

    @property
    def text(self) -> str:
        """For state, as a Pulumi secret."""
        return f"{self.key}:{self.fingerprint}"

    def fits(self, secret: bytes) -> bool:
        """Whether it is the secret that was sealed."""
        return hmac.compare_digest(self.fingerprint, _fingerprint(self.key, secret))


def _fingerprint(key: str, secret: bytes) -> str:
    return hmac.digest(bytes.fromhex(key), secret, "sha256").hex()
