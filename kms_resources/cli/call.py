"""`kms call`: any action of a cloud's API, signed like every other request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from kms_resources.cli.use_options import place_of, place_options

COSTS_KEYS = re.compile(
    r"(?i)delet|destroy|release|purge|archive|remove|revoke|schedule|status|overwrite|versionstage"
    r"|set(key|secret)policy|unbindcloud"
)
"""Names of actions that may cost a key, a material, a version, a secret, a certificate, or the access to one."""
COSTS_NOTHING = re.compile(r"(?i)cancel(?!deletionprotection)|restore|^(get|list|describe)")
SECRET_FIELDS = frozenset(
    {
        "plaintext", "secretdata", "message", "input", "password", "passphrase", "privatekey", "pkcs12blob",
        "encryptedkeymaterial", "importkeymaterial", "importtoken", "secretkey", "exporteddatakey",
    }
)  # fmt: skip
"""Fields that hold what must not stand in a list of processes."""
LONGEST_FIELD = 1024 * 1024


@click.command("call")
@click.argument("target")
@click.argument("action")
@click.argument("fields", nargs=-1, metavar="[FIELD=VALUE]...")
@click.option("--path", default="", help="Send it to this path instead of the one in the table (CTYun).")
@click.option("--door", type=click.Choice(["shared", "instance"]), help="For this call only.")
@click.option("--allow-loss", is_flag=True, help="Needed for actions that can cost keys, materials or secrets.")
@place_options
def command(
    *,
    target: str,
    action: str,
    fields: tuple[str, ...],
    path: str,
    door: str | None,
    allow_loss: bool,
    **place: Any,
) -> None:
    """Send ACTION of the cloud's own API to TARGET and print the answer as JSON.

    TARGET is a target of the stack or cloud://region. FIELD=VALUE gives a field in the vendor's spelling; VALUE may be
    JSON ([..], {..}, true, 7), or @FILE for the content of a file (@- is stdin): that is how plaintexts and passwords
    are given, so that they stand in no list of processes. Action and fields are checked against the vendor's table.

    Exit code: 0 done, 2 wrong usage or input, 3 cloud or credentials, 4 the action may cost a key and --allow-loss is
    missing.
    """
    import os

    from kms_resources.cli.files import no_core_dumps
    from kms_resources.errors import UnsafeError
    from kms_resources.use import find_target, open_target

    no_core_dumps()
    if _may_cost(action, path) and not allow_loss:
        raise UnsafeError(
            f"{action} was not sent",
            why="by its name it may cost a key, a material, a secret or a certificate",
            advice="if that is meant: --allow-loss",
        )
    client, _cloud = open_target(find_target(target, place_of(**place)), os.environ, door=door or "")
    answer = client.call(action, dict(_fields(fields)), path)
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False))


def _may_cost(action: str, path: str) -> bool:
    """Whether the name of the action says so, or the path, which is what the cloud goes by."""
    names = (action.rpartition(":")[2], *path.split("/"))
    return any(COSTS_KEYS.search(name) and not COSTS_NOTHING.search(name) for name in names)


def _fields(given: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if sum(text.partition("=")[2] == "@-" for text in given) > 1:
        raise click.UsageError("only one field can come from stdin")
    seen: set[str] = set()
    for number, text in enumerate(given, start=1):
        name, equals, value = text.partition("=")
        # Nothing of it is shown: it may be what must not be seen.
        if not equals or not name:
            raise click.UsageError(f"field {number} of the command line is not FIELD=VALUE")
        if name in seen:
            raise click.UsageError(f"the field {name!r} is given twice")
        seen.add(name)
        yield name, _value(name, value)


def _value(name: str, value: str) -> Any:
    if value.startswith("@"):
        return _content(value[1:])
    if name.rpartition(".")[2].lower() in SECRET_FIELDS:
        raise click.UsageError(f"{name} does not belong on a command line; write {name}=@FILE, or {name}=@- for stdin")
    if value[:1] in {"[", "{"}:
        try:
            return json.loads(value)
        except ValueError:
            raise click.UsageError(f"{name} begins like JSON and is none") from None
    return value


def _content(path: str) -> str:
    from kms_resources.cli.files import read_all
    from kms_resources.errors import InputError

    data = read_all(path, LONGEST_FIELD)
    try:
        return data.decode("utf-8").removesuffix("\n")
    except UnicodeDecodeError:
        shown = "stdin" if path == "-" else str(Path(path))
        raise InputError(f"{shown} is not text", why="fields are text", advice="encode it with base64 first") from None
