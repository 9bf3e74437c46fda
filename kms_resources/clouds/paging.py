"""Cutting long lists into the portions that an API takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Portions of at most `size`, in order."""
    rest = iter(items)
    while portion := list(islice(rest, size)):
        yield portion
