"""Files of any size under a key: one call to the cloud for the data key, everything else on this machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from kms_resources.crypto.envelope import (
    DATA_KEY_BYTES,
    Header,
    check_context_names,
    decrypt_stream,
    encrypt_stream,
    read_header,
)
from kms_resources.crypto.words import NO_CONTEXT, Context
from kms_resources.errors import InputError, UnsafeError
from kms_resources.use.keys import UsedKey

Progress = Callable[[int], None]


def encrypt_file(
    key: UsedKey,
    source: BinaryIO,
    sink: BinaryIO,
    context: Context = NO_CONTEXT,
    progress: Progress = lambda _done: None,
) -> Header:
    """Encrypt everything `source` gives, in constant memory. Permission: generate data key.

    `progress` is told the length of each piece that is done. The format: docs/envelope-format.md.
    """
    data_key = key.data_key(DATA_KEY_BYTES, context)
    return encrypt_stream(source, sink, data_key, key.target, context=context, progress=progress)


def decrypt_file(
    key: UsedKey,
    source: BinaryIO,
    sink: BinaryIO,
    context: Context = NO_CONTEXT,
    progress: Progress = lambda _done: None,
) -> Header:
    """Decrypt what `encrypt_file` made. Permission: decrypt.

    Raises `InputError` for a file that is not as it was written, and `UnsafeError` for one of another key. By then a
    beginning of the plaintext, authentic but not the whole, may stand in `sink`: throw it away.
    """
    header = read_header(source)
    check_context_names(header, context)
    wanted = (key.target.cloud, key.target.region)
    if (header.cloud, header.region) != wanted:
        raise UnsafeError(
            f"the file was encrypted at {header.cloud}, {header.region}",
            where=key.where,
            why=f"this key is at {', '.join(wanted)}",
            advice=f"name the right key: {header.cloud}://{header.region}/{header.data_key.key_id}",
        )
    data_key = key.decrypt(header.data_key.blob, context)
    if len(data_key) != DATA_KEY_BYTES:
        raise InputError("the file's data key is none", where=key.where, why="its length is not that of such a key")
    decrypt_stream(source, sink, header, data_key, context=context, progress=progress)
    return header
