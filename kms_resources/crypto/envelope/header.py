"""What stands before the encrypted chunks: magic, version, and everything needed to ask the cloud for the data key.

The header is not secret and, on its own, not proven: it becomes so when the keys of the file are derived from it
(`keys.py`). Until then it may come from an enemy, so its sizes are bounded and every field is checked.

The context stands here with its names only. Its values are what the reader claims to be opening; a file that brought
them along would always be right, and could be swapped for another one of the same key.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NoReturn

from kms_resources.crypto.words import Ciphertext, Context
from kms_resources.errors import InputError
from kms_resources.model import KeyId, Target

MAGIC = b"\x89KMSENV"
"""The first byte is no ASCII, so that nothing takes the file for text."""
VERSION = 1
SALT_BYTES = 32
LONGEST_JSON = 65536
LARGEST_CHUNK = 16 << 20
"""Bounds what a file can make its reader allocate."""
_FIXED_BYTES = 12
_TEXTS = ("cloud", "region", "instance", "key", "key_version", "data_key")


@dataclass(frozen=True)
class Header:
    """The beginning of an encrypted file."""

    cloud: str
    region: str
    instance: str
    """The KMS instance of the target; empty: none."""
    data_key: Ciphertext
    """The encrypted data key, with the key that encrypted it."""
    context_names: tuple[str, ...]
    """The names in the encryption context, sorted."""
    chunk_bytes: int
    salt: bytes
    encoded: bytes = field(repr=False)
    """The very bytes in the file: the keys of the file depend on each of them."""


def new_header(target: Target, data_key: Ciphertext, context: Context, chunk_bytes: int, salt: bytes) -> Header:
    """The header of a new file. Raises `InputError` for a context that would make it unreadable."""
    names = sorted(context)
    if not all(map(_is_text, names)):
        raise InputError("a name in the encryption context has characters that cannot be printed")
    fields = {
        "cloud": target.cloud,
        "region": target.region,
        "instance": target.instance,
        "key": data_key.key_id,
        "key_version": data_key.version,
        "data_key": data_key.blob,
        "context": names,
        "chunk": chunk_bytes,
        "salt": base64.b64encode(salt).decode("ascii"),
    }
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    if len(text) > LONGEST_JSON:
        raise InputError("the encryption context is too long for an encrypted file", why="its names take too much room")
    encoded = MAGIC + bytes([VERSION]) + len(text).to_bytes(4, "big") + text
    return _parse(text, encoded)  # what cannot be read again is not written


def read_header(source: BinaryIO) -> Header:
    """Read the header; the source then stands behind it. Raises `InputError` for anything else than such a file."""
    fixed = _exactly(source, _FIXED_BYTES)
    if not fixed.startswith(MAGIC):
        _refuse("it does not begin like one", "Only files made by kms envelope encrypt can be decrypted.")
    if len(fixed) < _FIXED_BYTES:
        _refuse("it is cut off inside its header")
    if fixed[7] != VERSION:
        _refuse(f"its format has version {fixed[7]}, and this program knows {VERSION}", "Use a newer version of kms.")
    length = int.from_bytes(fixed[8:], "big")
    if length > LONGEST_JSON:
        _refuse(f"its header claims {length} bytes; allowed: {LONGEST_JSON}")
    text = _exactly(source, length)
    if len(text) < length:
        _refuse("it is cut off inside its header")
    return _parse(text, fixed + text)


def check_context_names(header: Header, context: Context) -> None:
    """Refuse a context that cannot be the file's, because its names differ. Asks nobody, and knows no values."""
    if set(context) != set(header.context_names):
        expected = ", ".join(header.context_names) or "none"
        raise InputError("the encryption context does not fit the file", why=f"names in the file: {expected}")


def _parse(text: bytes, encoded: bytes) -> Header:
    fields = _fields(text)
    if fields.keys() != {*_TEXTS, "context", "chunk", "salt"}:
        _refuse("its header does not have the fields of this version")
    names, chunk = fields["context"], fields["chunk"]
    if not all(_is_text(fields[name]) for name in _TEXTS):
        _refuse("a field of its header is not a printable text")
    if not isinstance(names, list) or not all(map(_is_text, names)) or names != sorted(set(names)):
        _refuse("the names of the context in its header are not a sorted list of printable texts")
    if type(chunk) is not int or not 1 <= chunk <= LARGEST_CHUNK:
        _refuse(f"the chunk size in its header is not a number from 1 to {LARGEST_CHUNK}")
    return Header(
        cloud=fields["cloud"],
        region=fields["region"],
        instance=fields["instance"],
        data_key=Ciphertext(fields["data_key"], KeyId(fields["key"]), fields["key_version"]),
        context_names=tuple(names),
        chunk_bytes=chunk,
        salt=_salt(fields["salt"]),
        encoded=encoded,
    )


def _fields(text: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(text.decode("utf-8"), object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError):
        _refuse("its header is not JSON in UTF-8")
    if not isinstance(fields, dict):
        _refuse("its header is not a JSON object")
    return fields


def _without_duplicates(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError
    return fields


def _is_text(value: object) -> bool:
    # Whoever reads of it in a message must not get control characters for his terminal, nor half a character.
    return isinstance(value, str) and value.isprintable()


def _salt(text: object) -> bytes:
    try:
        salt = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        salt = b""
    if len(salt) != SALT_BYTES:
        _refuse(f"the salt in its header is not the Base64 of {SALT_BYTES} bytes")
    return salt


def _exactly(source: BinaryIO, length: int) -> bytes:
    found = b""
    while len(found) < length and (piece := source.read(length - len(found))):
        found += piece
    return found


def _refuse(why: str, advice: str = "") -> NoReturn:
    raise InputError("this is not a complete encrypted file", why=why, advice=advice) from None
