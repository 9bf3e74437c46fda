"""The options that every command has which uses a key, and how they become a key."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from kms_resources.crypto.words import Algorithm
    from kms_resources.use import Place, UsedKey

Command = TypeVar("Command", bound=Callable[..., Any])

STACK_FILE_VARIABLE = "KMS_STACK_FILE"


def key_options(command: Command) -> Command:
    """Where the key is looked up, and through which door."""
    return _place_options(
        click.option(
            "--door",
            type=click.Choice(["shared", "instance"]),
            help="The cloud's shared gateway, or the one of the KMS instance; for this call only.",
        )(
            click.option(
                "--encoding", help="How texts become bytes on the door of the KMS instance; for this call only."
            )(command)
        )
    )


def _place_options(command: Command) -> Command:
    for option in (
        click.option(
            "--stack-file",
            "-f",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            envvar=STACK_FILE_VARIABLE,
            show_envvar=True,
            help="Stack in which names are looked up; without it the only file in stacks/.",
        ),
        click.option(
            "--credentials",
            default="",
            metavar="SUFFIX",
            help="For cloud://region/id: the suffix of the environment variables, as in a target.",
        ),
        click.option("--instance", default="", metavar="ID", help="For cloud://region/id: the KMS instance."),
    ):
        command = option(command)
    return command


place_options = _place_options


def context_option(command: Command) -> Command:
    """The encryption context."""
    return click.option(
        "--context",
        "-c",
        "context",
        multiple=True,
        metavar="NAME=VALUE",
        help="Encryption context: not secret, not stored, needed again for decryption. May be repeated.",
    )(command)


def output_options(command: Command) -> Command:
    """Where the result goes."""
    return click.option("--output", "-o", default="-", metavar="FILE", help="Where to write; - is stdout.")(
        click.option("--force", is_flag=True, help="Replace an existing file.")(command)
    )


def algorithm_option(command: Command) -> Command:
    """How an asymmetric key is used."""
    return click.option("--algorithm", metavar="NAME", help="Without it, the first that the key offers.")(command)


def version_option(command: Command) -> Command:
    """Which version of an asymmetric key."""
    return click.option("--key-version", default="", metavar="ID", help="Version of the key; without it the newest.")(
        command
    )


def place_of(stack_file: Path | None, credentials: str, instance: str) -> Place:
    """Where references are looked up."""
    from kms_resources.use import Place
    from kms_resources.use.reference import usual_stack_file

    return Place(stack_file or usual_stack_file(Path()), credentials, instance)


def key_of(
    text: str,
    *,
    stack_file: Path | None,
    credentials: str,
    instance: str,
    door: str | None,
    encoding: str | None,
) -> UsedKey:
    """The key that a command line names."""
    from kms_resources.cli.files import no_core_dumps
    from kms_resources.use import open_key

    no_core_dumps()
    place = place_of(stack_file, credentials, instance)
    return open_key(text, place, os.environ, door=door or "", encoding=encoding or "")


def context_of(given: tuple[str, ...]) -> dict[str, str]:
    """The encryption context of a command line. Raises `UsageError` for what is not NAME=VALUE."""
    context: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.UsageError(f"--context {text!r} is not NAME=VALUE")
        if name in context:
            raise click.UsageError(f"--context {name!r} is given twice")
        context[name] = value
    return context


def algorithm_of(name: str | None) -> Algorithm | None:
    """The algorithm of a command line."""
    from kms_resources.crypto.words import Algorithm

    if name is None:
        return None
    try:
        return Algorithm(name)
    except ValueError:
        raise click.UsageError(f"--algorithm {name!r} is none; there are {', '.join(Algorithm)}") from None
