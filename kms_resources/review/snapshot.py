"""One side of a review: checked stacks with the nodes of their files, and what is known of the real keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from kms_resources.access.words import Document
from kms_resources.nodes import Mapping_, Node
from kms_resources.problems import InvalidStackError, Position, Problem, in_order
from kms_resources.source import parse
from kms_resources.stack.check import adopted_twice, check_document
from kms_resources.stack.structure import WORDS
from kms_resources.stack.twin import Twin
from kms_resources.stack.types import DeclaredKey, Stack
from kms_resources.uses import DesiredPolicy


@dataclass(frozen=True)
class Identity:
    """What a cloud calls a key. A stack alone does not know it."""

    id: str = ""
    arn: str = ""
    account: str = ""


@dataclass(frozen=True)
class StackSide:
    """One stack of one side."""

    stack: Stack
    root: Node | None = None
    """The file's nodes, for positions; None where there is no file."""
    documents: Mapping[str, tuple[Document, ...]] = field(default_factory=dict)
    """Policies as a cloud shows them, by key; otherwise the stack's own count."""

    def key(self, name: str) -> DeclaredKey | None:
        """A key by name."""
        return self.by_name.get(name)

    @cached_property
    def by_name(self) -> Mapping[str, DeclaredKey]:
        """The keys by name."""
        return {key.name: key for key in self.stack.keys}

    @cached_property
    def policies(self) -> Mapping[str, DesiredPolicy]:
        """The declared policies by key."""
        return {policy.key: policy for policy in self.stack.uses.policies}

    def at(self, *path: str) -> Position:
        """Where something stands, as far down the path as the file has it."""
        node = self.root
        position = Position(self.stack.file, 1, 1)
        for name in path:
            if not isinstance(node, Mapping_) or name not in node.names:
                break
            position, node = node.names[name], node.entries.get(name)
        return position

    def has(self, *path: str) -> bool:
        """Whether the file has all of the path."""
        node = self.root
        for name in path:
            if not isinstance(node, Mapping_) or name not in node.names:
                return False
            node = node.entries.get(name)
        return True


@dataclass(frozen=True)
class Side:
    """Everything on one side."""

    label: str
    """`main`, `working tree`, a file's name, `the cloud`."""
    stacks: Mapping[str, StackSide]
    """By what makes two stacks the same one on both sides: the path, usually."""
    identities: Mapping[tuple[str, str], Identity] = field(default_factory=dict)
    """Stack and key → what the cloud calls it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "stacks", MappingProxyType(dict(sorted(self.stacks.items()))))

    @cached_property
    def natives(self) -> tuple[tuple[DeclaredKey, DesiredPolicy], ...]:
        """Policies in a cloud's own form: they may reach other keys than their own."""
        return tuple(
            (key, policy)
            for one in self.stacks.values()
            for policy in one.stack.uses.policies
            if policy.native is not None and (key := one.key(policy.key))
        )

    @property
    def keys(self) -> int:
        """How many keys it declares."""
        return sum(len(one.stack.keys) for one in self.stacks.values())


def read(data: bytes, file: str, other: StackSide | None = None) -> tuple[StackSide | None, tuple[Problem, ...]]:
    """Check one stack; `file` is what messages call it, `other` the same stack of the other side, if it is right."""
    document = parse(data, file, WORDS)
    checked = check_document(document, Twin(other.root, other.stack) if other and other.root else None)
    side = StackSide(checked.stack, document.root) if checked.stack else None
    return side, checked.problems


Texts = Iterable[tuple[str, str, bytes]]
"""Stacks that are not checked yet: name, file as messages call it, content."""


def assemble(label: str, texts: Texts) -> Side:
    """One side. Raises `InvalidStackError` with all problems of all its files."""
    side, problems, _ = _assembled(label, texts, {})
    if problems:
        raise InvalidStackError(problems)
    return side


def assemble_both(base: tuple[str, Texts], head: tuple[str, Texts]) -> tuple[Side, Side]:
    """Both sides; a file, or policy, that is the same on both is checked once. The error holds problems of both."""
    after, wrong_after, seen = _assembled(*head, {})
    before, wrong_before, _ = _assembled(*base, seen)
    if wrong_before or wrong_after:
        raise InvalidStackError([*wrong_before, *wrong_after])
    return before, after


_Seen = dict[tuple[str, bytes], tuple[StackSide | None, tuple[Problem, ...]]]


def _assembled(label: str, texts: Texts, known: _Seen) -> tuple[Side, tuple[Problem, ...], _Seen]:
    problems: list[Problem] = []
    stacks: dict[str, StackSide] = {}
    seen: _Seen = {}
    others = {name: side for (name, _), (side, _) in known.items()}
    for name, file, data in texts:
        if (name, data) in known and not known[name, data][1]:
            side, found = known[name, data]
        else:
            side, found = read(data, file, others.get(name))
        seen[name, data] = (side, found)
        problems += found
        if side:
            stacks[name] = side
    across = adopted_twice(key for one in stacks.values() for key in one.stack.keys)
    problems += [problem for problem in across if problem not in problems]
    return Side(label, stacks), in_order(problems), seen
