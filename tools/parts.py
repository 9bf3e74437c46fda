"""What the makers of generated parts share: the clouds in their order, tables and code in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kms_resources.clouds import CLOUDS, Cloud, get_cloud

Word = Callable[[str], str]
"""Turns a word of the code into the language of the page."""


def clouds() -> list[Cloud]:
    """Every cloud, in the order of the registry."""
    return [get_cloud(name) for name in CLOUDS]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def code(words: Iterable[str]) -> str:
    """Words as code, with spaces between them."""
    return " ".join(f"`{word}`" for word in words)
