"""Load stacks from files: one, several, or only a report about them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kms_resources.problems import InvalidStackError, Problem, Report, in_order
from kms_resources.source import parse, read_file
from kms_resources.stack.check import Checked, adopted_twice, check_document
from kms_resources.stack.structure import WORDS
from kms_resources.stack.types import Stack


def load_stack(path: str | Path) -> Stack:
    """The stack in a file; raises `InvalidStackError` with everything that is wrong with it."""
    return load_stacks([path])[0]


def load_stacks(paths: Iterable[str | Path]) -> tuple[Stack, ...]:
    """The stacks in several files; raises `InvalidStackError` with everything that is wrong with any of them."""
    checked = _check(paths)
    stacks = tuple(one.stack for one in checked if one.stack)
    problems = _all_problems(checked)
    if problems:
        raise InvalidStackError(problems)
    return stacks


def check_files(paths: Iterable[str | Path]) -> Report:
    """Check several files. Raises `InputError` only for a file that cannot be read."""
    checked = _check(paths)
    return Report(
        files=tuple(one.file for one in checked),
        keys=sum(len(one.stack.keys) for one in checked if one.stack),
        problems=_all_problems(checked),
        notes=in_order(note for one in checked for note in one.notes),
    )


def check_text(data: bytes, file: str) -> Report:
    """Check a text that is in no file (yet); `file` is what messages call it."""
    checked = check_document(parse(data, file, WORDS))
    keys = len(checked.stack.keys) if checked.stack else 0
    return Report((file,), keys, checked.problems, checked.notes)


def _check(paths: Iterable[str | Path]) -> list[Checked]:
    return [check_document(read_file(Path(path), WORDS)) for path in dict.fromkeys(map(str, paths))]


def _all_problems(checked: list[Checked]) -> tuple[Problem, ...]:
    within = {problem for one in checked for problem in one.problems}
    across = adopted_twice(key for one in checked if one.stack for key in one.stack.keys)
    return in_order([*within, *(problem for problem in across if problem not in within)])
