"""`kms envelope encrypt`, `kms envelope decrypt`, `kms envelope show`: files of any size."""

from __future__ import annotations

from typing import Any

import click

from kms_resources.cli.use_options import context_of, context_option, key_of, key_options, output_options


@click.group("envelope")
def command() -> None:
    """Encrypt and decrypt files of any size: the data on this machine, its data key by the cloud."""


@command.command("encrypt")
@click.argument("key")
@click.argument("file", default="-")
@context_option
@output_options
@key_options
def encrypt(*, key: str, file: str, context: tuple[str, ...], output: str, force: bool, **place: Any) -> None:
    """Encrypt FILE (- is stdin) with a new data key, which KEY encrypts.

    One call to the cloud, whatever the size; memory stays the same. Every bit of the result is authenticated. The
    format is described in docs/envelope-format.md.

    Exit code: 0 done, 2 wrong usage or input, 3 cloud or credentials.
    """
    from kms_resources.cli.files import opened, progress, refuse_terminal, replacing
    from kms_resources.use.files import encrypt_file

    given = context_of(context)
    refuse_terminal(b"\0", output)
    used = key_of(key, **place)
    with opened(file) as source, replacing(output, force=force) as sink, progress("encrypting", file) as done:
        encrypt_file(used, source, sink, given, done)


@command.command("decrypt")
@click.argument("key")
@click.argument("file", default="-")
@context_option
@output_options
@key_options
def decrypt(*, key: str, file: str, context: tuple[str, ...], output: str, force: bool, **place: Any) -> None:
    """Decrypt FILE (- is stdin), which was encrypted with KEY.

    An output file appears only when the whole input was found unchanged. On stdout the beginning comes before the end
    is checked: whoever reads it there has to look at the exit code.

    Exit code: 0 done, 2 the file was changed or cut, or wrong usage, 3 cloud or credentials, 4 the file belongs to
    another key.
    """
    from kms_resources.cli.files import opened, progress, replacing
    from kms_resources.use.files import decrypt_file

    given = context_of(context)
    used = key_of(key, **place)
    with opened(file) as source, replacing(output, force=force) as sink, progress("decrypting", file) as done:
        decrypt_file(used, source, sink, given, done)


@command.command("show")
@click.argument("file", default="-")
def show(*, file: str) -> None:
    """Show which key FILE was encrypted with, and the names in its context. Asks no cloud, proves nothing.

    Exit code: 0 done, 2 it is no such file.
    """
    from kms_resources.cli.files import opened
    from kms_resources.crypto.envelope import read_header

    with opened(file) as source:
        header = read_header(source)
    click.echo(f"key:      {header.cloud}://{header.region}/{header.data_key.key_id}")
    if header.data_key.version:
        click.echo(f"version:  {header.data_key.version}")
    if header.instance:
        click.echo(f"instance: {header.instance}")
    click.echo(f"context:  {', '.join(header.context_names) or 'none'}")
