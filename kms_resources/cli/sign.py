"""`kms sign`, `kms verify`, `kms public-key`, `kms csr`: what asymmetric keys are for."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

import click

from kms_resources.cli.use_options import (
    algorithm_of,
    algorithm_option,
    key_of,
    key_options,
    output_options,
    version_option,
)

NOT_VALID = 1
PIECE = 1024 * 1024
LONGEST_SIGNATURE = 16 * 1024
LONGEST_KEY = 64 * 1024


@click.command("sign")
@click.argument("key")
@click.argument("file", default="-")
@algorithm_option
@version_option
@click.option("--base64", "as_text", is_flag=True, help="Write the signature as text.")
@output_options
@key_options
def sign(
    *,
    key: str,
    file: str,
    algorithm: str | None,
    key_version: str,
    as_text: bool,
    output: str,
    force: bool,
    **place: Any,
) -> None:
    """Sign FILE (- is stdin, any size) with KEY; only its digest goes to the cloud.

    The signature is written as OpenSSL reads it: the bytes of RSA, a DER sequence for ECDSA and SM2. On stderr: the
    algorithm and the version of the key.

    Exit code: 0 done, 2 wrong usage or input, 3 cloud or credentials.
    """
    from kms_resources.cli.files import opened, progress, refuse_terminal, replacing

    used = key_of(key, **place)
    with opened(file) as source, progress("reading", file) as done:
        signature = used.sign(_pieces(source, done), algorithm_of(algorithm), key_version)
    data = base64.b64encode(signature.value) + b"\n" if as_text else signature.value
    refuse_terminal(data, output)
    with replacing(output, force=force) as sink:
        sink.write(data)
    version = f", key version {signature.version}" if signature.version else ""
    click.echo(f"signed with {signature.algorithm}{version}", err=True)


@click.command("verify")
@click.argument("key")
@click.argument("file")
@click.argument("signature")
@algorithm_option
@version_option
@key_options
def verify(*, key: str, file: str, signature: str, algorithm: str | None, key_version: str, **place: Any) -> int:
    """Check that SIGNATURE (a file, bytes or Base64) is KEY's signature of FILE.

    KEY may be a file with a public key (PEM) instead, with --algorithm: then no cloud is asked.

    Exit code: 0 valid, 1 not valid, 2 wrong usage or input, 3 cloud or credentials.
    """
    from pathlib import Path

    from kms_resources.cli.files import STANDARD, opened, progress, read_all
    from kms_resources.use.keys import verify_offline

    chosen = algorithm_of(algorithm)
    if file == signature == STANDARD:
        raise click.UsageError("only one of FILE and SIGNATURE can come from stdin")
    value = _signature(read_all(signature, LONGEST_SIGNATURE))
    if key.endswith(".pem") and Path(key).is_file():
        if chosen is None:
            raise click.UsageError("a public key from a file needs --algorithm")
        with opened(file) as source, progress("reading", file) as done:
            valid = verify_offline(read_all(key, LONGEST_KEY), chosen, _pieces(source, done), value)
    else:
        used = key_of(key, **place)
        with opened(file) as source, progress("reading", file) as done:
            valid = used.verify(_pieces(source, done), value, chosen, key_version)
    click.echo("valid" if valid else "NOT VALID: the file, the signature or the key is another one")
    return 0 if valid else NOT_VALID


@click.command("public-key")
@click.argument("key")
@version_option
@click.option("--der", is_flag=True, help="Write DER instead of PEM.")
@output_options
@key_options
def public_key(
    *,
    key: str,
    key_version: str,
    der: bool,
    output: str,
    force: bool,
    **place: Any,
) -> None:
    """Write the public key of KEY (SubjectPublicKeyInfo, PEM).

    Exit code: 0 done, 2 wrong usage or input, 3 cloud or credentials.
    """
    from kms_resources.cli.files import refuse_terminal, replacing
    from kms_resources.crypto.local import public_key_to_pem

    public = key_of(key, **place).public_key(key_version)
    data = public.der if der else public_key_to_pem(public.der).encode()
    refuse_terminal(data, output)
    with replacing(output, force=force) as sink:
        sink.write(data)


@click.command("csr")
@click.argument("key")
@click.option("--subject", required=True, metavar="NAME", help="Such as CN=www.example.com,O=Example,C=CN (RFC 4514).")
@click.option("--san", multiple=True, metavar="NAME", help="DNS:…, IP:…, email:… or URI:…; may be repeated.")
@algorithm_option
@version_option
@output_options
@key_options
def csr(
    *,
    key: str,
    subject: str,
    san: tuple[str, ...],
    algorithm: str | None,
    key_version: str,
    output: str,
    force: bool,
    **place: Any,
) -> None:
    """Write a certificate request (PKCS#10, PEM) for KEY, signed by the key in the cloud.

    The private key never leaves the cloud. RSA, EC and SM2 keys made for SIGN_VERIFY.

    Exit code: 0 done, 2 wrong usage or input, 3 cloud or credentials.
    """
    from kms_resources.cli.files import replacing
    from kms_resources.use.certificates import certificate_request

    request = certificate_request(key_of(key, **place), subject, san, algorithm_of(algorithm), key_version)
    with replacing(output, force=force) as sink:
        sink.write(request.pem.encode())


def _pieces(source: Any, done: Any) -> Iterator[bytes]:
    while piece := source.read(PIECE):
        done(len(piece))
        yield piece


def _signature(data: bytes) -> bytes:
    """The bytes of a signature, which may be given as text."""
    text = data.strip()
    if text and all(byte < 0x80 and (chr(byte).isalnum() or byte in b"+/=\r\n") for byte in text):  # noqa: PLR2004
        try:
            return base64.b64decode(b"".join(text.split()), validate=True)
        except binascii.Error:
            return data
    return data
