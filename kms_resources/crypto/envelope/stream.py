"""The chunks of an encrypted file: the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár over AES-256-GCM.

Chunk number i is encrypted with the nonce prefix ‖ i ‖ last, where `last` is 1 for the final chunk and else 0. So no
chunk opens at another place, in another file, as an end where there was none, or as a middle where there was the end:
reordering, swapping, doubling, cutting off and appending all fail at the first chunk concerned. Only chunks that have
been authenticated are written. Memory is three buffers of a chunk's size, whatever the size of the file.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterator
from typing import BinaryIO, NoReturn, Protocol, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kms_resources.crypto.envelope import header as headers
from kms_resources.crypto.envelope import keys
from kms_resources.crypto.words import NO_CONTEXT, Context, DataKey
from kms_resources.errors import InputError
from kms_resources.model import Target

CHUNK_BYTES = 128 << 10
"""Measured: below, the calls per chunk cost; above, three buffers no longer fit into the cache of a core."""
DATA_KEY_BYTES = 32
TAG_BYTES = 16
MOST_CHUNKS = 1 << 32

Progress = Callable[[int], None]
"""Hears how many further bytes of the plaintext are done."""


class _Readable(Protocol):
    def readinto(self, buffer: memoryview, /) -> int | None: ...


class _Writable(Protocol):
    def write(self, data: memoryview, /) -> int | None: ...


def encrypt_stream(
    source: BinaryIO,
    sink: BinaryIO,
    data_key: DataKey,
    target: Target,
    *,
    context: Context = NO_CONTEXT,
    progress: Progress = lambda _count: None,
    chunk_bytes: int = CHUNK_BYTES,
    random: Callable[[int], bytes] = os.urandom,
) -> headers.Header:
    """Encrypt everything that `source` gives with a data key made for this file. Returns the header that was written.

    `context` is the one the data key was asked for with. Raises `ValueError` for a data key of a wrong length.
    """
    if len(data_key.plaintext) != DATA_KEY_BYTES:
        raise ValueError(f"a data key for files has {DATA_KEY_BYTES} bytes")
    header = headers.new_header(target, data_key.ciphertext, context, chunk_bytes, random(headers.SALT_BYTES))
    chunks = _Chunks(keys.derive(header, data_key.plaintext, context))
    _write(sink, memoryview(header.encoded + chunks.keys.commitment))
    out = memoryview(bytearray(chunk_bytes + TAG_BYTES))
    for piece, last in _pieces(source, chunk_bytes):
        size = chunks.seal(piece, out, last=last)
        _write(sink, out[:size])
        progress(len(piece))
    return header


def decrypt_stream(
    source: BinaryIO,
    sink: BinaryIO,
    header: headers.Header,
    data_key: bytes,
    *,
    context: Context = NO_CONTEXT,
    progress: Progress = lambda _count: None,
) -> None:
    """Decrypt what follows the header. Raises `InputError` at the first thing that is not as it was written.

    By then authentic chunks may have been written to `sink`: they are the file's beginning, not the file. The caller
    keeps them back until this returns.
    """
    if len(data_key) != DATA_KEY_BYTES:
        raise InputError("the data key does not fit the file", why=f"it does not have {DATA_KEY_BYTES} bytes")
    chunks = _Chunks(keys.derive(header, data_key, context))
    _check_commitment(source, chunks.keys.commitment)
    out = memoryview(bytearray(header.chunk_bytes))
    for piece, last in _pieces(source, header.chunk_bytes + TAG_BYTES):
        size = chunks.open(piece, out, last=last)
        _write(sink, out[:size])
        progress(size)


class _Chunks:
    """The chunks of one file, in their order."""

    def __init__(self, file_keys: keys.FileKeys) -> None:
        self.keys = file_keys
        self._cipher = AESGCM(file_keys.key)
        self._number = 0

    def seal(self, piece: memoryview, out: memoryview, *, last: bool) -> int:
        """Encrypt the next chunk into the buffer; returns its size there."""
        size = len(piece) + TAG_BYTES
        if self._number == MOST_CHUNKS:
            raise InputError("the file is too large", why=f"allowed: {MOST_CHUNKS} chunks")
        self._cipher.encrypt_into(self._nonce(last=last), piece, None, out[:size])
        self._number += 1
        return size

    def open(self, piece: memoryview, out: memoryview, *, last: bool) -> int:
        """Decrypt the next chunk into the buffer; returns its size there."""
        size = len(piece) - TAG_BYTES
        if size < 0 or (size == 0 and self._number) or self._number == MOST_CHUNKS:
            self._refuse("it ends in the middle of a chunk" if size < 0 else "a chunk stands where none can be")
        if not self._try(piece, out[:size], last=last):
            if self._try(piece, out[:size], last=not last):
                self._refuse("its end is cut off" if last else "something was appended to it")
            self._refuse("it was changed, cut off or put together differently")
        self._number += 1
        return size

    def _try(self, piece: memoryview, out: memoryview, *, last: bool) -> bool:
        try:
            self._cipher.decrypt_into(self._nonce(last=last), piece, None, out)
        except InvalidTag:
            return False
        return True

    def _nonce(self, *, last: bool) -> bytes:
        return self.keys.prefix + self._number.to_bytes(4, "big") + bytes([last])

    def _refuse(self, why: str) -> NoReturn:
        raise InputError(
            "the encrypted file is not as it was written",
            why=f"at chunk {self._number + 1}: {why}",
            advice="Nothing of it is to be trusted. Fetch it again from where it was made.",
        )


def _check_commitment(source: BinaryIO, expected: bytes) -> None:
    found = memoryview(bytearray(len(expected)))
    if _fill(source, found) < len(found):
        raise InputError("this is not a complete encrypted file", why="it is cut off behind its header")
    if not hmac.compare_digest(found, expected):
        raise InputError(
            "the encrypted file cannot be opened",
            why="its header was changed, or the encryption context or the data key is another one than at encryption",
            advice="Give the same --context as at encryption; if that is right, the file is damaged.",
        )


def _pieces(source: BinaryIO, size: int) -> Iterator[tuple[memoryview, bool]]:
    """What the source gives, in pieces of `size`, and whether it is the last: a shorter one, an empty one if need be.

    Two buffers take turns, because only looking ahead tells whether a full piece is the last. A piece is good until
    the next one is asked for.
    """
    current, following = memoryview(bytearray(size)), memoryview(bytearray(size))
    count = _fill(source, current)
    while True:
        ahead = _fill(source, following) if count == size else 0
        yield current[:count], ahead == 0
        if ahead == 0:
            return
        current, following, count = following, current, ahead


def _fill(source: BinaryIO, buffer: memoryview) -> int:
    """Read until the buffer is full or the source at its end: a pipe gives less than it is asked for."""
    readable = cast(_Readable, source)
    count = 0
    while count < len(buffer):
        more = readable.readinto(buffer[count:])
        if more is None:
            raise BlockingIOError("the source must not be in non-blocking mode")
        if more == 0:
            break
        count += more
    return count


def _write(sink: BinaryIO, data: memoryview) -> None:
    """Write all of it: an unbuffered file may take less than it is given."""
    writable = cast(_Writable, sink)
    while data:
        count = writable.write(data)
        if count is None:
            raise BlockingIOError("the sink must not be in non-blocking mode")
        data = data[count:]
