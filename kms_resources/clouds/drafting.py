"""From the words of a statement to a cloud's actions, and from its answers about a document to fields of a stack."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches

from kms_resources.access.words import ActionClass, ActionRow, Problem

_CLASSES = frozenset(map(str, ActionClass))


def expand(
    given: Sequence[str],
    rows: Sequence[ActionRow],
    fits: Callable[[str, str], bool],
    *,
    why_no_class: Callable[[str], str],
    prefix: str = "kms:",
) -> Iterator[tuple[int, str, tuple[ActionRow, ...] | str]]:
    """Each word of a statement: its place, the word, and the rows it means, or why it means none.

    A class means what is asked on one key. A single action, wildcards included, means whatever it fits.
    """
    for place, word in enumerate(given):
        if word in _CLASSES:
            found = tuple(row for row in rows if row.on_key and ActionClass(word) in row.classes)
            yield place, word, found or f"{word} {why_no_class(word)}"
            continue
        found = tuple(row for row in rows if fits(word, row.action))
        if found:
            yield place, word, found
            continue
        names = [*sorted(_CLASSES), *(row.action for row in rows)]
        near = get_close_matches(word, names, 1) or get_close_matches(f"{prefix}{word}", names, 1, 0.8)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        what = f"{word!r} is no class and no action of this cloud{hint}"
        yield place, word, f"{what}; allowed: {', '.join(sorted(_CLASSES))}, or actions such as {rows[0].action}"


def moved(problem: Problem, pattern: str, place: Callable[[int, str], str]) -> Problem:
    """A problem of a drafted document, at the statement of the stack that it came from."""
    found = re.match(pattern, problem.path)
    return Problem(place(int(found[1]), problem.path) if found else "", problem.what, problem.fatal)
