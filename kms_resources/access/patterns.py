"""Text patterns with `*` (any run) and `?` (one character): matching, and representatives of all their classes.

A set of patterns splits all texts into classes: two texts are in one class when the same patterns match both. The
comparison needs one text of every class that is not empty. `representatives` finds them exactly: it walks the
subset automaton of all patterns at once; every reachable state is a class, and the first (shortest) text that reaches
a new combination of matches stands for it. The alphabet is the characters that occur, plus one that does not.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

STATES = 20_000
"""More automaton states than this, and the patterns count as outside the decided fragment."""


class TooManyClasses(ValueError):  # noqa: N818  (a limit, not a fault)
    """The patterns interleave so much that their classes cannot be listed."""


@dataclass(frozen=True, order=True)
class Pattern:
    """One pattern, or a plain text."""

    text: str
    ignore_case: bool = False
    wild: bool = True
    """Whether `*` and `?` mean anything."""
    mark: bool = True
    """Whether `?` means one character; otherwise only `*` does."""

    @property
    def plain(self) -> bool:
        """Whether it matches exactly one text."""
        cased = self.ignore_case and self.text.lower() != self.text.upper()
        return not cased and not (self.wild and ("*" in self.text or (self.mark and "?" in self.text)))

    def matches(self, text: str) -> bool:
        """Whether the whole text fits."""
        return text == self.text if self.plain else _expression(self).fullmatch(text) is not None


@lru_cache(maxsize=100_000)
def _expression(pattern: Pattern) -> re.Pattern[str]:
    parts = []
    for char in pattern.text:
        if pattern.wild and char == "*":
            parts.append(".*")
        elif pattern.wild and pattern.mark and char == "?":
            parts.append(".")
        else:
            parts.append(re.escape(char))
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE | re.ASCII if pattern.ignore_case else 0))


@lru_cache(maxsize=200_000)
def glob(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    """Whether the text fits the pattern."""
    return Pattern(pattern, ignore_case).matches(text)


@lru_cache(maxsize=20_000)
def representatives(patterns: frozenset[Pattern], fresh: str = "other", *, empty: bool = False) -> tuple[str, ...]:
    """One text of every class. Plain texts come first, as they are; then one text of each other class.

    `fresh` is the preferred name for whatever no pattern matches; `empty` says whether the empty text can occur.
    Raises TooManyClasses.
    """
    found = sorted({pattern.text for pattern in patterns if pattern.plain})
    plain = frozenset(found)
    wild = tuple(sorted(pattern for pattern in patterns if not pattern.plain))
    readable = _unused(fresh, plain)
    found.append(readable)
    if not wild:
        return tuple(found)
    seen = {tuple(pattern.matches(readable) for pattern in wild)}
    for text, vector in _walk(wild, plain):
        if vector not in seen:
            seen.add(vector)
            found.append(text)
    # Last: hardly anything real is called nothing, so another text stands for its class where there is one.
    if empty and "" not in plain and tuple(pattern.matches("") for pattern in wild) not in seen:
        found.append("")
    return tuple(found)


def _unused(name: str, taken: frozenset[str]) -> str:
    text, number = name, 2
    while text in taken:
        text, number = f"{name}-{number}", number + 1
    return text


class _Automaton:
    """All patterns as one automaton whose states are bit sets of positions."""

    def __init__(self, patterns: tuple[Pattern, ...]) -> None:
        self.loops = 0
        """Positions at a `*`: they stay active."""
        self.any = 0
        """Positions whose next character may be anything."""
        self.on: dict[str, int] = {}
        """Character → positions that it moves."""
        self.ends: list[int] = []
        start = 0
        offset = 0
        for pattern in patterns:
            position = offset
            start |= 1 << position
            for char in pattern.text:
                if pattern.wild and char == "*":
                    self.loops |= 1 << position
                    continue
                if pattern.wild and pattern.mark and char == "?":
                    self.any |= 1 << position
                else:
                    cases = {char.lower(), char.upper()} if pattern.ignore_case and char.isascii() else {char}
                    for case in cases:
                        self.on[case] = self.on.get(case, 0) | 1 << position
                position += 1
            self.ends.append(1 << position)
            offset = position + 1
        self.start = start

    def step(self, state: int, char: str) -> int:
        return (state & self.loops) | (state & (self.any | self.on.get(char, 0))) << 1

    def live(self, state: int) -> list[str]:
        return [char for char, positions in self.on.items() if positions & state]

    def vector(self, state: int) -> tuple[bool, ...]:
        return tuple(bool(state & end) for end in self.ends)


def _walk(patterns: tuple[Pattern, ...], plain: frozenset[str]) -> Iterator[tuple[str, tuple[bool, ...]]]:
    """Every reachable combination of matches with a text that is none of the plain ones, shortest first."""
    machine = _Automaton(patterns)
    other = _other_character(patterns, plain)
    # Beside the patterns' state, a text is told apart while it may still become one of the plain ones.
    prefixes = {text[:length] for text in plain for length in range(len(text) + 1)}
    seen: set[tuple[int, str | None]] = {(machine.start, "")}
    queue = deque([("", machine.start)])
    while queue:
        text, state = queue.popleft()
        for char in [other, *sorted(machine.live(state))]:
            longer = text + char
            following = machine.step(state, char)
            key = (following, longer if longer in prefixes else None)
            if key in seen:
                continue
            seen.add(key)
            if len(seen) > STATES:
                raise TooManyClasses(f"{len(patterns)} patterns with wildcards")
            if longer not in plain:
                yield longer, machine.vector(following)
            queue.append((longer, following))


def _other_character(patterns: tuple[Pattern, ...], plain: frozenset[str]) -> str:
    used = {char for pattern in patterns for char in pattern.text.lower() + pattern.text.upper()}
    used |= {char for text in plain for char in text}
    for char in "xyzwvqkj0123456789abcdefghilmnoprstuXYZ-_":
        if char not in used:
            return char
    return next(chr(code) for code in range(0x4E00, 0x9FFF) if chr(code) not in used)
