"""The keys of one file, derived from its data key, its header and the context.

Deriving instead of using the data key itself has three effects. No two files share a nonce sequence under one key,
even if a cloud handed out the same data key twice. Whoever changes a bit of the header, or claims another context,
gets other keys. And the commitment, compared before anything is decrypted, makes it certain that a file opens under
one data key only, which AES-GCM alone does not promise.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kms_resources.crypto.checks import context_text
from kms_resources.crypto.envelope.header import Header
from kms_resources.crypto.words import Context

LABEL = b"kms-resources envelope 1"
KEY_BYTES = 32
PREFIX_BYTES = 7
COMMITMENT_BYTES = 32


@dataclass(frozen=True)
class FileKeys:
    """What the chunks of one file are encrypted with."""

    key: bytes = field(repr=False)
    prefix: bytes
    """The beginning of every nonce."""
    commitment: bytes
    """Stands behind the header, and proves data key, header and context."""


def derive(header: Header, data_key: bytes, context: Context) -> FileKeys:
    """HKDF-SHA-256 over the data key, salted by the file, bound to its header and context."""
    bound = hashlib.sha256(header.encoded).digest() + hashlib.sha256(context_text(context).encode("utf-8")).digest()
    length = KEY_BYTES + PREFIX_BYTES + COMMITMENT_BYTES
    derived = HKDF(hashes.SHA256(), length, header.salt, LABEL + bound).derive(data_key)
    prefix_end = KEY_BYTES + PREFIX_BYTES
    return FileKeys(derived[:KEY_BYTES], derived[KEY_BYTES:prefix_end], derived[prefix_end:])
