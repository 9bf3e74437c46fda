"""What a translation lets pass and a person should hear: actions that no table has, and actions without effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches

from kms_resources.access.words import ActionClass, ActionRow, Problem, Statement

_CLASSES = frozenset(map(str, ActionClass))

Fits = Callable[[str, str], bool]
"""Whether a word of a statement, wildcards included, means an action."""


def unknown_actions(
    statements: Sequence[Statement], rows: Sequence[ActionRow], fits: Fits, prefix: str = "kms:"
) -> Iterator[Problem]:
    """Single actions that no table has, each with the nearest name."""
    for statement in statements:
        for place, word in enumerate(statement.actions):
            if word in _CLASSES or any(fits(word, row.action) for row in rows):
                continue
            names = [*sorted(_CLASSES), *(row.action for row in rows)]
            near = get_close_matches(word, names, 1) or get_close_matches(f"{prefix}{word}", names, 1, 0.8)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            what = f"{word!r} is no class and no action of this cloud{hint}"
            allowed = f"allowed: {', '.join(sorted(_CLASSES))}, or actions such as {rows[0].action}"
            yield Problem(f"{statement.sid}.actions[{place}]", f"{what}; {allowed}")
