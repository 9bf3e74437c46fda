"""The command line `kms`: its commands, loaded when they are asked for, and the one place that prints errors and exits.

Exit codes: 0 clean, 1 findings, 2 usage or a wrong stack, 3 cloud, credentials or engine, 4 unsafe, 70 a bug of ours,
130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn, cast

import click

from kms_resources.errors import KmsError
from kms_resources.version import __version__

COMMANDS: Mapping[str, str] = {
    "init": "kms_resources.cli.init",
    "validate": "kms_resources.cli.validate",
    "review": "kms_resources.cli.review",
    "rules": "kms_resources.cli.rules",
    "encrypt": "kms_resources.cli.encrypt:encrypt",
    "decrypt": "kms_resources.cli.encrypt:decrypt",
    "re-encrypt": "kms_resources.cli.encrypt:re_encrypt",
    "envelope": "kms_resources.cli.envelope",
    "sign": "kms_resources.cli.sign:sign",
    "verify": "kms_resources.cli.sign:verify",
    "public-key": "kms_resources.cli.sign:public_key",
    "csr": "kms_resources.cli.sign:csr",
    "secret": "kms_resources.cli.secret",
    "client-key": "kms_resources.cli.client_key",
    "call": "kms_resources.cli.call",
    "engine": "kms_resources.cli.engine",
    "emulator": "kms_resources.cli.emulator",
}
"""Name of a command → the module whose `command` it is, or the name after the colon.

The modules load nothing heavy before the command runs."""

_USAGE = 2
_BUG = 70
_INTERRUPTED = 130


class _Kms(click.Group):
    """A group whose commands are modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's interface)
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        return cast(click.Command, getattr(import_module(module), name or "command"))

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> NoReturn:
        given = list(sys.argv[1:] if args is None else args)
        options["standalone_mode"] = False
        try:
            result = super().main(given, *rest, **options)
        except BaseException as error:  # noqa: BLE001  (every way out of a command ends here)
            sys.exit(_report(error, debug="--debug" in given[:1]))
        sys.exit(result if isinstance(result, int) else 0)


def _report(error: BaseException, *, debug: bool) -> int:
    """Print what went wrong, in a way that fits its kind; returns the exit code."""
    if debug and not isinstance(error, click.exceptions.Exit | SystemExit):
        import traceback

        traceback.print_exception(error)
    match error:
        case KmsError():
            click.echo(f"error: {error}", err=True)
            return error.exit_code
        case click.ClickException():
            error.show()
            return _USAGE
        case click.exceptions.Abort() | KeyboardInterrupt():
            click.echo("interrupted", err=True)
            return _INTERRUPTED
        case SystemExit():  # also click's way out when the reader of our output is gone (`| head`)
            return error.code if isinstance(error.code, int) else 1
        case _:
            # The text of an unexpected error may hold anything, secrets included.
            click.echo(f"error: a bug in kms_resources ({type(error).__name__}); kms --debug … shows where", err=True)
            return _BUG


@click.group(cls=_Kms, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kms")
@click.option("--debug", is_flag=True, help="Show where in the program an error came from.")
def main(debug: bool) -> None:  # noqa: ARG001, FBT001, RUF100  (read in `_Kms.main`, before click has parsed anything)
    """Encryption keys as code for Tencent Cloud, Alibaba Cloud and CTYun."""
