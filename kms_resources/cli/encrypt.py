"""`kms encrypt`, `kms decrypt`, `kms re-encrypt`: a little data, encrypted by the cloud itself."""

from __future__ import annotations

from typing import Any

import click

from kms_resources.cli.use_options import context_of, context_option, key_of, key_options, output_options

LONGEST_BLOB = 64 * 1024
"""More than any cloud's ciphertext of its largest plaintext."""


@click.command("encrypt")
@click.argument("key")
@click.argument("file", default="-")
@context_option
@output_options
@key_options
def encrypt(*, key: str, file: str, context: tuple[str, ...], output: str, force: bool, **place: Any) -> None:
    """Encrypt FILE (- is stdin) with KEY and write the cloud's ciphertext.

    For small data: 4 KiB at Tencent Cloud, 6 KiB at the others. The ciphertext is one line of text that any tool of
    the same cloud can decrypt. Larger files: kms envelope encrypt.

    KEY is a key or an alias of the stack, or cloud://region/id.

    Exit code: 0 done, 2 wrong usage or input, 3 cloud or credentials.
    """
    from kms_resources.cli.files import read_all, replacing

    given = context_of(context)
    used = key_of(key, **place)
    blob = used.encrypt(read_all(file, used.limits.plaintext_bytes), given).blob
    with replacing(output, force=force) as sink:
        sink.write(blob.encode("ascii") + b"\n")


@click.command("decrypt")
@click.argument("key")
@click.argument("file", default="-")
@context_option
@output_options
@key_options
def decrypt(*, key: str, file: str, context: tuple[str, ...], output: str, force: bool, **place: Any) -> None:
    """Decrypt FILE (- is stdin), which KEY has encrypted, and write the plaintext.

    A file is written with mode 0600, and only when everything went well.

    Exit code: 0 done, 2 wrong usage or input, 3 cloud or credentials, 4 the ciphertext belongs to another key.
    """
    from kms_resources.cli.files import read_all, refuse_terminal, replacing

    given = context_of(context)
    used = key_of(key, **place)
    plaintext = used.decrypt(_text(read_all(file, LONGEST_BLOB)), given)
    refuse_terminal(plaintext, output)
    with replacing(output, force=force) as sink:
        sink.write(plaintext)


@click.command("re-encrypt")
@click.argument("key")
@click.argument("file", default="-")
@context_option
@click.option("--new-context", multiple=True, metavar="NAME=VALUE", help="Context afterwards; without it the same.")
@output_options
@key_options
def re_encrypt(
    *,
    key: str,
    file: str,
    context: tuple[str, ...],
    new_context: tuple[str, ...],
    output: str,
    force: bool,
    **place: Any,
) -> None:
    """Encrypt FILE, a ciphertext of any key of the same target, anew with KEY.

    The plaintext never leaves the cloud.

    Exit code: 0 done, 2 wrong usage or input, 3 cloud or credentials.
    """
    from kms_resources.cli.files import read_all, replacing

    before = context_of(context)
    after = context_of(new_context) if new_context else None
    used = key_of(key, **place)
    blob = used.re_encrypt(_text(read_all(file, LONGEST_BLOB)), before, after).blob
    with replacing(output, force=force) as sink:
        sink.write(blob.encode("ascii") + b"\n")


def _text(data: bytes) -> str:
    return data.decode("ascii", errors="replace")
