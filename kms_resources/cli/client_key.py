"""`kms client-key`: the credentials of access points, made once into a file and deleted when nobody needs them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kms_resources.cli.use_options import place_of, place_options

if TYPE_CHECKING:
    from kms_resources.clouds.access import ActualCredential
    from kms_resources.use.credentials import Desk

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group("client-key")
def command() -> None:
    """Make, list, rotate and delete the credentials of access points.

    ACCESS_POINT is an access point of the stack, its name at the cloud together with --target, or cloud://region/NAME.
    At Alibaba Cloud a credential is a client key (PKCS#12 in the vendor's JSON form, locked with a password), at CTYun
    a tenant's access key. Its secret part exists in one file only, readable by its owner.

    Exit code: 0 done, 2 wrong usage or input, 3 cloud or credentials.
    """


def _point_options(function: Command) -> Command:
    target = click.option("--target", help="Target of the stack that has it; not needed for one of the stack.")
    return click.argument("access_point")(target(place_options(function)))


def _creation_options(function: Command) -> Command:
    for option in (
        click.option("--output", "-o", required=True, metavar="FILE", help="Where to write it, mode 0600."),
        click.option("--force", is_flag=True, help="Replace existing files."),
        click.option("--password-env", metavar="NAME", help="Environment variable with the password."),
        click.option(
            "--password-from",
            type=click.Path(exists=True, dir_okay=False),
            metavar="FILE",
            help="File with the password; a line feed at its end does not count.",
        ),
        click.option("--password-file", metavar="FILE", help="Make a password and write it to this file, mode 0600."),
        click.option(
            "--valid-days",
            type=click.IntRange(1, 3650),
            help="Days from now until it ends; without it the cloud's own term.",
        ),
    ):
        function = option(function)
    return function


@command.command("create")
@_point_options
@_creation_options
def create(*, access_point: str, target: str | None, output: str, force: bool, **options: Any) -> None:
    """Make a credential and write it to a file."""
    desk = _desk(access_point, target, options)
    made = _make(desk, output, force=force, options=options)
    click.echo(f"{made.id}{_until(made)}")


@command.command("rotate")
@_point_options
@_creation_options
@click.option("--old", default="", metavar="ID", help="The credential that is replaced; not needed for the only one.")
@click.option(
    "--delete-after",
    metavar="TIME",
    help="Wait so long (30m, 24h, 7d), then delete the old one. Without it, it stays until you delete it.",
)
def rotate(
    *,
    access_point: str,
    target: str | None,
    output: str,
    force: bool,
    old: str,
    delete_after: str | None,
    **options: Any,
) -> None:
    """Make a credential that takes the place of another one. Both work until the old one is deleted."""
    from kms_resources.use import credentials

    overlap = credentials.seconds_of(delete_after) if delete_after else None
    desk = _desk(access_point, target, options)
    former = credentials.choose_old(desk, old)
    made = _make(desk, output, force=force, options=options)
    click.echo(f"{made.id}{_until(made)}")
    by_hand = f"kms client-key delete {access_point} {former.id}"
    if overlap is None:
        click.echo(f"{former.id} works on; when nobody uses it any more: {by_hand}", err=True)
        return
    click.echo(f"{former.id} is deleted in {delete_after}; if this command is ended before: {by_hand}", err=True)
    time.sleep(overlap)
    credentials.delete(desk, former.id)
    click.echo(f"{former.id} is deleted", err=True)


@command.command("list")
@_point_options
def list_(*, access_point: str, target: str | None, **options: Any) -> None:
    """Show the credentials of an access point: id, creation, end, state."""
    desk = _desk(access_point, target, options)
    for one in desk.client.list(desk.point):
        click.echo("\t".join((one.id, one.created or "-", one.not_after or "-", one.state or "-")))


@command.command("delete")
@_point_options
@click.argument("credential")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(*, access_point: str, credential: str, target: str | None, yes: bool, **options: Any) -> None:
    """Delete a credential at once: whoever uses it is locked out, and it cannot be brought back."""
    from kms_resources.use import credentials

    desk = _desk(access_point, target, options)
    if not yes:
        click.confirm(f"Delete {credential} of {access_point}? Whoever uses it is locked out", abort=True, err=True)
    credentials.delete(desk, credential)
    click.echo(f"{credential} is deleted", err=True)


def _desk(access_point: str, target: str | None, options: dict[str, Any]) -> Desk:
    from kms_resources.cli.files import no_core_dumps
    from kms_resources.use.credentials import open_credentials
    from kms_resources.use.reference import find_access_point

    no_core_dumps()
    place = place_of(options["stack_file"], options["credentials"], options["instance"])
    found, name = find_access_point(access_point, target, place)
    return open_credentials(found, name, os.environ, f"{found.name}/access-point/{access_point}")


def _make(desk: Desk, output: str, *, force: bool, options: dict[str, Any]) -> ActualCredential:
    from kms_resources.cli.files import STANDARD, replacing
    from kms_resources.errors import InputError
    from kms_resources.use import credentials

    written = options["password_file"]
    if STANDARD in {output, written}:
        raise InputError(
            "a credential is not written to stdout", why="it would stay in a terminal or a log", advice="name a file"
        )
    if written and os.path.abspath(written) == os.path.abspath(output):
        raise InputError("credential and password cannot be in one file", advice="name two files")
    _refuse_useless(desk, options)
    made = None
    try:
        with replacing(output, force=force) as sink, _password(desk, options, force=force) as password:
            made = credentials.create(desk, sink, password, options["valid_days"])
    except BaseException:
        if made:
            # Its file did not come about, so nobody will ever have its secret part.
            credentials.discard(desk, made.id)
        raise
    return made


def _refuse_useless(desk: Desk, options: dict[str, Any]) -> None:
    given = [name for name in ("password_env", "password_from", "password_file") if options[name]]
    if len(given) > 1:
        raise click.UsageError("only one of --password-env, --password-from and --password-file is possible")
    if given and not desk.client.has_password:
        raise click.UsageError(f"--{given[0].replace('_', '-')}: this cloud's credentials have no password")
    if options["valid_days"] and not desk.client.has_validity:
        raise click.UsageError("--valid-days: this cloud's credentials do not end by themselves")


@contextmanager
def _password(desk: Desk, options: dict[str, Any], *, force: bool) -> Iterator[str]:
    """The password that locks the file; one that is made here is written when all went well."""
    from kms_resources.cli.files import replacing
    from kms_resources.use import credentials

    if not desk.client.has_password:
        yield ""
    elif options["password_file"]:
        password = credentials.new_password()
        with replacing(options["password_file"], force=force) as sink:
            sink.write(password.encode())
            yield password
    else:
        password = _given_password(options)
        credentials.check_password(password)
        yield password


def _given_password(options: dict[str, Any]) -> str:
    from kms_resources.crypto.sources import read_source
    from kms_resources.errors import InputError
    from kms_resources.model import Source, SourceKind

    if options["password_env"]:
        source = Source(SourceKind.ENV, options["password_env"])
    elif options["password_from"]:
        source = Source(SourceKind.FILE, options["password_from"])
    else:
        typed: str = click.prompt("Password of the client key", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    try:
        return read_source(source, "the password").decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise InputError("the password is no text") from None


def _until(made: ActualCredential) -> str:
    return f"\tuntil {made.not_after}" if made.not_after else ""
