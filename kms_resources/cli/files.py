"""Reading and writing what the commands work on: files, `-` for stdin and stdout, and nothing left behind.

An output file appears whole or not at all, readable by its owner only. Where the system can, it has no name until it
is complete (O_TMPFILE), so that not even a killed process leaves a half-written plaintext. Core dumps are switched
off, because a dump of this process would hold keys and plaintexts.
"""

from __future__ import annotations

import errno
import os
import resource
import secrets
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from kms_resources.errors import InputError

STANDARD = "-"
OWNER_ONLY = 0o600
PROGRESS_FROM = 8 * 1024 * 1024
"""Bytes from which a file is worth a progress bar."""


def no_core_dumps() -> None:
    """Keep this process out of core dumps."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """The file to read, or stdin. Raises `InputError` for one that cannot be read."""
    if path == STANDARD:
        yield sys.stdin.buffer
        return
    try:
        file = Path(path).open("rb")  # noqa: SIM115  (closed below; here only its opening may fail)
    except OSError as error:
        raise InputError(f"{path} cannot be read", why=_reason(error)) from None
    with file:
        yield file


def read_all(path: str, most: int) -> bytes:
    """The whole of a small input. Raises `InputError` when it is larger than `most` bytes."""
    with opened(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise InputError(
            f"{_called(path)} is too large",
            why=f"at most {most:,} bytes can be taken here",
            advice="for files of any size: kms envelope",
        )
    return data


@contextmanager
def replacing(path: str, *, force: bool) -> Iterator[BinaryIO]:
    """The file to write, or stdout. The file gets its name at the end, if nothing was raised.

    Raises `InputError` for a file that exists already, unless `force`, and for one that cannot be written.
    """
    if path == STANDARD:
        yield cast(BinaryIO, _Terminal()) if sys.stdout.isatty() else sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(path)
    _refuse_in_the_way(target, force=force)
    try:
        file, named, publish = _begin(target)
    except OSError as error:
        raise InputError(f"{path} cannot be written", why=_reason(error)) from None
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            publish(force)
    except BaseException as error:
        if named:
            named.unlink(missing_ok=True)
        if isinstance(error, FileExistsError):
            _refuse_in_the_way(target, force=False)
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise InputError(f"{path} cannot be written", why=_reason(error)) from None
        raise


@contextmanager
def progress(title: str, path: str) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr for a long file, for people only; gives the function that is told of bytes done."""
    total = _size(path)
    if not sys.stderr.isatty() or (total is not None and total < PROGRESS_FROM):
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn(title), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.advance(task, done)


def refuse_terminal(data: bytes, path: str) -> None:
    """Raise `InputError` rather than write bytes to a terminal that would take them for commands."""
    if path == STANDARD and sys.stdout.isatty() and any(byte < ord(" ") and byte not in b"\t\n\r" for byte in data):
        raise InputError("the output is binary and would go to a terminal", advice="write it to a file: -o FILE")


class _Terminal:
    """Stdout where a person sits: takes nothing that a terminal would obey, in whatever piece it comes."""

    def write(self, data: bytes) -> int:
        refuse_terminal(data, STANDARD)
        return sys.stdout.buffer.write(data)

    def flush(self) -> None:
        sys.stdout.buffer.flush()


def _begin(target: Path) -> tuple[BinaryIO, Path | None, Callable[[bool], None]]:
    # A link is followed as `open` would, so that the file it names gets the content; made beside it, for a link may
    # lead to another file system.
    final = target.resolve() if target.is_symlink() else target
    folder = final.parent
    if hasattr(os, "O_TMPFILE"):
        with suppress(OSError):
            number = os.open(folder, os.O_TMPFILE | os.O_WRONLY, OWNER_ONLY)
            file = os.fdopen(number, "wb")
            return file, None, lambda force: _give_name(f"/proc/self/fd/{number}", final, force=force)
    named = folder / f".{final.name}.{secrets.token_hex(8)}"
    number = os.open(named, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    return os.fdopen(number, "wb"), named, lambda force: _rename(named, final, force=force)


def _give_name(nameless: str, final: Path, *, force: bool) -> None:
    # A link cannot replace a file, a rename can: so the content gets a name beside it first.
    beside = final.with_name(f".{final.name}.{secrets.token_hex(8)}") if force else final
    root = os.open("/", os.O_RDONLY)
    try:
        # With a folder given Python uses linkat, which follows /proc's link to the nameless file; link does not.
        os.link(nameless, beside, src_dir_fd=root, follow_symlinks=True)
    finally:
        os.close(root)
    if force:
        beside.replace(final)


def _rename(named: Path, final: Path, *, force: bool) -> None:
    if force:
        named.replace(final)
    else:
        os.link(named, final)
        named.unlink()


def _refuse_in_the_way(target: Path, *, force: bool) -> None:
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(f"{target} cannot be written", why=_reason(error)) from None
    if not stat.S_ISREG(mode):
        raise InputError(f"{target} cannot be written", why="it is no ordinary file", advice="use - and a redirection")
    if not force:
        raise InputError(f"{target} exists already", why="nothing was written", advice="choose another, or --force")


def _size(path: str) -> int | None:
    with suppress(OSError):
        return None if path == STANDARD else Path(path).stat().st_size
    return None


def _called(path: str) -> str:
    return "what comes from stdin" if path == STANDARD else path


def _reason(error: OSError) -> str:
    return os.strerror(error.errno).lower() if error.errno else errno.errorcode.get(0, "the system refused it")
