"""What can be wrong in a file: one problem with its place, and the report of many.

A problem never holds key material or credentials: whoever makes one shows values through `redact.show`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from kms_resources.errors import InputError

Path = tuple[str, ...]
"""The way from the top of a file to a value: field names, and places in lists counted from 0."""


class Position(NamedTuple):
    """A place in a file; lines and columns count from 1, as editors do."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Severity(StrEnum):
    """Whether a problem stops the run."""

    ERROR = "error"
    NOTE = "note"
    """Worth a look; nothing is refused for it."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, at one place."""

    position: Position
    path: Path
    id: str
    """Stable name of the kind of problem, kebab-case; scripts may rely on it."""
    message: str
    """What is wrong with the value that is there."""
    allowed: str = ""
    """What may stand there instead, if that can be said."""
    severity: Severity = Severity.ERROR

    @property
    def pointer(self) -> str:
        """The path as a JSON pointer (RFC 6901); empty for the whole file."""
        return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in self.path)

    @property
    def field(self) -> str:
        """The path as people write it."""
        return ".".join(self.path)

    def __str__(self) -> str:
        note = "note: " if self.severity is Severity.NOTE else ""
        what = f"{self.field}: {self.message}" if self.path else self.message
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return f"{self.position}: {note}{what}{allowed}"


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems from the top of each file to its end, files in the order they first appear."""
    found = list(problems)
    files = {name: place for place, name in enumerate(dict.fromkeys(problem.position.file for problem in found))}
    return tuple(sorted(found, key=lambda problem: (files[problem.position.file], problem.position[1:], problem.id)))


@dataclass(frozen=True)
class Report:
    """What a check of several files found."""

    files: tuple[str, ...]
    keys: int
    """How many keys the files declare."""
    problems: tuple[Problem, ...]
    """What must be put right."""
    notes: tuple[Problem, ...] = ()
    """What may stay as it is."""

    @property
    def bad_files(self) -> int:
        """How many files have a problem."""
        return len({problem.position.file for problem in self.problems})

    @property
    def summary(self) -> str:
        """The report in one line."""
        if not self.problems:
            return f"{count(len(self.files), 'file')}, {count(self.keys, 'key')}: no problems"
        return f"{count(len(self.problems), 'problem')} in {self.bad_files} of {count(len(self.files), 'file')}"


class InvalidStackError(InputError):
    """A stack is not valid. `problems` holds everything that is wrong with it, not only the first thing."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
