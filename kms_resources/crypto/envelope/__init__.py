"""Encrypted files of any size under a key of a cloud. The format: docs/envelope-format.md."""

from kms_resources.crypto.envelope.header import Header, check_context_names, read_header
from kms_resources.crypto.envelope.stream import CHUNK_BYTES, DATA_KEY_BYTES, decrypt_stream, encrypt_stream

__all__ = [
    "CHUNK_BYTES",
    "DATA_KEY_BYTES",
    "Header",
    "check_context_names",
    "decrypt_stream",
    "encrypt_stream",
    "read_header",
]
