"""How sure a fact of a cloud is, and what nobody knows yet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How sure a rule or a name is."""

    VENDOR = "v"
    INFERRED = "i"
    OPEN = "o"
    """The vendor is silent or two pages disagree: both readings count."""
    COINED = "I?"
    """Only a title is known; the name or rule is ours."""


@dataclass(frozen=True)
class OpenRule:
    """A rule that the vendor leaves open. Both readings are graded; none is guessed."""

    id: str
    """`cloud.short-name`."""
    question: str
    """One sentence: what is not known."""
