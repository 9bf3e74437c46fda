"""Reading a secret from where a stack says it is: an environment variable, a file, a command.

The bytes are taken exactly as they are: nothing is trimmed or decoded, a line feed at the end counts. The value of a
variable is text, and its UTF-8 is the secret. A command runs without a shell, without a terminal and without input;
its standard output is the secret, and its standard error is thrown away: a tool that fails may print what it was
about to hand over. No exception holds anything of a secret, nor a command's arguments.
"""

from __future__ import annotations

import os
import selectors
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, cast

from kms_resources.errors import InputError
from kms_resources.model import Source, SourceKind

MOST_BYTES = 1 << 20
"""More than any secret that a cloud takes; keeps a wrong path from filling the memory."""
TIMEOUT_SECONDS = 60.0


def read_source(
    source: Source,
    what: str,
    *,
    where: str = "",
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
    timeout: float = TIMEOUT_SECONDS,
) -> bytes:
    """Read a secret; `what` names it in messages. Relative paths start at `folder`, commands run there.
    `environ` stands for the variables of this process.

    Raises `InputError` when it is missing, empty or longer than a mebibyte.
    """
    try:
        return _read(source, os.environ if environ is None else environ, folder, timeout)
    except _MissingError as missing:
        raise InputError(f"{what} cannot be read", where=where, why=missing.why, advice=missing.advice) from None


class _MissingError(Exception):
    """Why there is no secret; holds nothing of one."""

    def __init__(self, why: str, advice: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.advice = advice


def _read(source: Source, environ: Mapping[str, str], folder: Path | None, timeout: float) -> bytes:
    if source.kind is SourceKind.ENV:
        value, named = _from_environment(source.value, environ)
    elif source.kind is SourceKind.FILE:
        value, named = _from_file(source.value, folder or Path())
    else:
        value, named = _from_command(source.value, folder, environ, timeout)
    if not value:
        raise _MissingError(f"{named} gives nothing: it is empty")
    if len(value) > MOST_BYTES:
        raise _MissingError(f"{named} gives more than {MOST_BYTES} bytes")
    return value


def _from_environment(name: str, environ: Mapping[str, str]) -> tuple[bytes, str]:
    value = environ.get(name)
    if value is None:
        raise _MissingError(f"the environment variable {name} is not set")
    return value.encode("utf-8", "surrogateescape"), f"the environment variable {name}"


def _from_file(name: str, folder: Path) -> tuple[bytes, str]:
    try:
        with (folder / Path(name).expanduser()).open("rb") as file:
            return file.read(MOST_BYTES + 1), f"the file {name}"
    except OSError as error:
        raise _MissingError(f"the file {name} cannot be read: {error.strerror}") from None
    except (RuntimeError, ValueError):  # ~nobody, and a zero byte in the name
        raise _MissingError(f"the file {name} cannot be read: there can be no such path") from None


def _from_command(line: str, folder: Path | None, environ: Mapping[str, str], timeout: float) -> tuple[bytes, str]:
    arguments = _split(line)
    named = f"the command {arguments[0]}"
    try:
        process = subprocess.Popen(  # noqa: S603  (the stack's own command line, and no shell)
            arguments,
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # so that whatever it starts can be ended with it
        )
    except OSError as error:
        raise _MissingError(f"{named} cannot be started: {error.strerror}") from None
    except ValueError:
        raise _MissingError("the command line holds a zero byte") from None
    stdout = cast(IO[bytes], process.stdout)  # asked for, so it is there
    deadline = time.monotonic() + timeout
    try:
        output = _drain(stdout, deadline)
        if len(output) > MOST_BYTES:
            return output, named
        code = process.wait(max(0.0, deadline - time.monotonic()))
    except (TimeoutError, subprocess.TimeoutExpired):
        raise _MissingError(f"{named} did not end within {timeout:g} seconds") from None
    finally:
        _end(process)
        stdout.close()
    if code:
        end = f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}"
        advice = "Its messages are not shown, because they could hold the secret: run it by hand."
        raise _MissingError(f"{named} {end}", advice)
    return output, named


def _split(line: str) -> list[str]:
    try:
        arguments = shlex.split(line)
    except ValueError:
        raise _MissingError("the command line has a quotation mark without its partner") from None
    if not arguments:
        raise _MissingError("the command line is empty")
    return arguments


def _drain(stream: IO[bytes], deadline: float) -> bytes:
    """What comes until the other end is closed; at most one byte too many. Raises `TimeoutError`."""
    output = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while len(output) <= MOST_BYTES:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise TimeoutError
            piece = os.read(stream.fileno(), min(65536, MOST_BYTES + 1 - len(output)))
            if not piece:
                break
            output += piece
    return bytes(output)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End what still runs. As long as the process is not waited for, its number cannot be anybody else's."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
