"""PEM around DER: Base64 with a first and a last line that name the content."""

from __future__ import annotations

import base64
import binascii
import re

from kms_resources.errors import InputError

PUBLIC_KEY = "PUBLIC KEY"
CERTIFICATE_REQUEST = "CERTIFICATE REQUEST"

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END \1-----")
_COLUMNS = 64


def to_pem(der: bytes, label: str = PUBLIC_KEY) -> str:
    """Write DER as PEM, with a line feed at the end."""
    text = base64.b64encode(der).decode("ascii")
    lines = [text[start : start + _COLUMNS] for start in range(0, len(text), _COLUMNS)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def from_pem(text: str, label: str = PUBLIC_KEY) -> bytes:
    """The DER of the first block with this label. Raises `InputError` when there is none, or when it is damaged."""
    found = [(name, body) for name, body in _BLOCK.findall(text) if name == label]
    if not found:
        others = ", ".join(dict.fromkeys(name for name, _ in _BLOCK.findall(text)))
        why = f"there is only {others}" if others else "there is no line -----BEGIN …----- with its end"
        raise InputError(f"no PEM block “{label}” found", why=why)
    try:
        return base64.b64decode("".join(found[0][1].split()), validate=True)
    except binascii.Error:
        raise InputError(f"the PEM block “{label}” is damaged", why="its Base64 cannot be read") from None
