"""Throughput and memory of encrypted files, against nothing but AES-256-GCM of `cryptography` on as much data.

`python -m benchmarks.envelope [--mib N]`. Each measurement is a process of its own, and floor and ours take turns, so
that a slow machine slows both. Two floors: pieces in memory, with no file at all, and the shortest loop that reads a
file, encrypts and writes one.
"""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from rich.console import Console
from rich.table import Table

from kms_resources.crypto.envelope import CHUNK_BYTES, decrypt_stream, encrypt_stream, read_header
from kms_resources.crypto.words import Ciphertext, DataKey
from kms_resources.model import KeyId, Target

MIB = 1 << 20
AIM_RATIO = 0.7
AIM_MEMORY = 100
TURNS = 5
KEY = bytes(range(32))
DATA_KEY = DataKey(KEY, Ciphertext("benchmark", KeyId("benchmark")))
TARGET = Target("benchmark", "tencent", "ap-guangzhou")
console = Console()


class Repeated(io.RawIOBase):
    """A source of any length that costs one copy per read, like a file in the page cache."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._block = os.urandom(MIB)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = min(len(buffer), self._left, MIB)
        buffer[:count] = memoryview(self._block)[:count]
        self._left -= count
        return count


class Nowhere(io.RawIOBase):
    """A sink that only counts."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return len(data)


def plain_memory(mib: int, _folder: Path) -> None:
    cipher, block = AESGCM(KEY), os.urandom(CHUNK_BYTES)
    for number in range(mib * MIB // CHUNK_BYTES):
        cipher.encrypt(number.to_bytes(12, "big"), block, None)


def ours_memory(mib: int, _folder: Path) -> None:
    encrypt_stream(Repeated(mib * MIB), Nowhere(), DATA_KEY, TARGET)  # type: ignore[arg-type]


def plain_files(_mib: int, folder: Path) -> None:
    cipher, number = AESGCM(KEY), 0
    with (folder / "clear").open("rb") as source, (folder / "plain").open("wb") as sink:
        while piece := source.read(CHUNK_BYTES):
            sink.write(cipher.encrypt(number.to_bytes(12, "big"), piece, None))
            number += 1


def ours_files(_mib: int, folder: Path) -> None:
    with (folder / "clear").open("rb") as source, (folder / "ours").open("wb") as sink:
        encrypt_stream(source, sink, DATA_KEY, TARGET)


def plain_files_back(_mib: int, folder: Path) -> None:
    cipher, number = AESGCM(KEY), 0
    with (folder / "plain").open("rb") as source, (folder / "plain.back").open("wb") as sink:
        while piece := source.read(CHUNK_BYTES + 16):
            sink.write(cipher.decrypt(number.to_bytes(12, "big"), piece, None))
            number += 1


def ours_files_back(_mib: int, folder: Path) -> None:
    with (folder / "ours").open("rb") as source, (folder / "ours.back").open("wb") as sink:
        decrypt_stream(source, sink, read_header(source), KEY)


WORK: dict[str, Callable[[int, Path], None]] = {
    work.__name__: work
    for work in (plain_memory, ours_memory, plain_files, ours_files, plain_files_back, ours_files_back)
}
ROWS = (
    ("encrypt, no files", plain_memory, ours_memory),
    ("encrypt, file to file", plain_files, ours_files),
    ("decrypt, file to file", plain_files_back, ours_files_back),
)


@dataclass(frozen=True)
class Run:
    """One piece of work, done once."""

    seconds: float
    megabytes: float
    """Peak resident memory of its process, the interpreter and all modules included."""


@click.command()
@click.option("--mib", "sizes", multiple=True, type=int, default=(256, 1024), show_default=True)
@click.option("--child", type=click.Choice(list(WORK)), hidden=True)
@click.option("--folder", type=click.Path(path_type=Path), hidden=True)
def main(sizes: tuple[int, ...], child: str | None, folder: Path | None) -> None:
    """Print ratios against plain AES-256-GCM."""
    if child and folder:
        _do(child, sizes[0], folder)
        return
    table = Table(title=f"encrypted files in chunks of {CHUNK_BYTES // 1024} KiB, the best of {TURNS}")
    for title in ("", "MiB", "plain MiB/s", "ours MiB/s", "ratio", "aim ≥", "ours MiB of memory", "aim <"):
        table.add_column(title, justify="right" if title else "left")
    for mib in sizes:
        with tempfile.TemporaryDirectory(prefix="kms-bench-") as name:
            _fill(Path(name) / "clear", mib)
            for title, plain, ours in ROWS:
                _row(table, title, mib, *_turns(plain.__name__, ours.__name__, mib, Path(name)))
            _check(Path(name))
    console.print(table)


def _row(table: Table, title: str, mib: int, plain: Run, ours: Run) -> None:
    table.add_row(
        title,
        str(mib),
        f"{mib / plain.seconds:.0f}",
        f"{mib / ours.seconds:.0f}",
        f"{plain.seconds / ours.seconds:.2f}",
        str(AIM_RATIO),
        f"{ours.megabytes:.0f}",
        str(AIM_MEMORY),
    )


def _turns(plain: str, ours: str, mib: int, folder: Path) -> tuple[Run, Run]:
    pairs = [(_start(plain, mib, folder), _start(ours, mib, folder)) for _ in range(TURNS)]
    return _best([pair[0] for pair in pairs]), _best([pair[1] for pair in pairs])


def _best(runs: list[Run]) -> Run:
    return Run(min(run.seconds for run in runs), max(run.megabytes for run in runs))


def _start(name: str, mib: int, folder: Path) -> Run:
    os.sync()  # so that nobody pays for writing out what the one before has left in the page cache
    command = [sys.executable, "-m", "benchmarks.envelope", f"--child={name}", f"--mib={mib}", f"--folder={folder}"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Run(**json.loads(output))


def _do(name: str, mib: int, folder: Path) -> None:
    begun = time.perf_counter()
    WORK[name](mib, folder)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "megabytes": peak}))


def _fill(path: Path, mib: int) -> None:
    with path.open("wb") as file:
        for _ in range(mib):
            file.write(os.urandom(MIB))


def _check(folder: Path) -> None:
    if subprocess.run(["cmp", folder / "clear", folder / "ours.back"], check=False).returncode:
        raise click.ClickException("the file that came back is another one")


if __name__ == "__main__":
    main()
