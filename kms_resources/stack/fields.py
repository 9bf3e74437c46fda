"""Read the fields of one key together with the defaults: which value holds, where it stands, whether it is sound.

A field that was reported already counts as absent: one mistake makes one problem, and the rest is still checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from kms_resources.nodes import Mapping_, Node, Scalar, Sequence
from kms_resources.problems import Path, Position, Problem
from kms_resources.redact import label


def tainted_paths(problems: Iterable[Problem]) -> frozenset[Path]:
    """Every path at or above a problem."""
    return frozenset(problem.path[:length] for problem in problems for length in range(len(problem.path) + 1))


@dataclass(frozen=True)
class Fields:
    """A mapping of the file, seen through what is wrong with it."""

    node: Mapping_ | None
    path: Path
    tainted: frozenset[Path]
    position: Position

    def get(self, name: str) -> Node | None:
        """The node of a field, unless it is absent or wrong."""
        if self.node is None or not self.is_sound(name):
            return None
        return self.node.entries.get(name)

    def has(self, name: str) -> bool:
        """Whether the field was written at all, right or wrong."""
        return self.node is not None and name in self.node.names

    def is_sound(self, name: str) -> bool:
        """Whether nothing is wrong with the field; an absent one is sound."""
        return not self.tainted or (*self.path, label(name)) not in self.tainted

    def at(self, name: str) -> Position:
        """Where the field's value stands; without one, its name, else the name of the whole."""
        if self.node is None:
            return self.position
        node = self.node.entries.get(name)
        return node.position if node else self.node.names.get(name, self.position)

    def below(self, name: str) -> Fields:
        """A field that is itself a mapping, perhaps an empty one; what is wrong inside is left out."""
        node = self.node.entries.get(name) if self.node else None
        inside = (*self.path, label(name))
        return Fields(node if isinstance(node, Mapping_) else None, inside, self.tainted, self.at(name))

    def items(self) -> Iterator[tuple[str, Position, Node]]:
        """The sound entries: name, its position, value."""
        if self.node is not None:
            for name, node in self.node.entries.items():
                if self.is_sound(name):
                    yield name, self.node.names[name], node

    def text(self, name: str) -> str:
        """A field whose type the schema says is text; empty if there is none."""
        node = self.get(name)
        return node.text if isinstance(node, Scalar) else ""

    def flag(self, name: str) -> bool | None:
        """A boolean field."""
        node = self.get(name)
        return cast(bool, node.value) if isinstance(node, Scalar) else None

    def number(self, name: str) -> int | None:
        """A field with a whole number."""
        node = self.get(name)
        return cast(int, node.value) if isinstance(node, Scalar) else None

    def texts(self, name: str) -> list[tuple[str, Position]]:
        """A list of texts and where each stands."""
        node = self.get(name)
        items = node.items if isinstance(node, Sequence) else []
        return [(item.text, item.position) for item in items if isinstance(item, Scalar)]


@dataclass(frozen=True)
class KeyFields:
    """One key's own fields and the defaults below them."""

    own: Fields
    defaults: Fields

    def holder(self, name: str) -> Fields:
        """Whose value of a field holds: the key's own, if it has the field at all, else the defaults'."""
        return self.own if self.own.has(name) or not self.defaults.has(name) else self.defaults

    def deletion(self, name: str) -> Fields:
        """The same for a field of `deletion`."""
        own, default = self.own.below("deletion"), self.defaults.below("deletion")
        return own if own.has(name) or not default.has(name) else default

    def tags(self, name: str) -> dict[str, tuple[str, Position]]:
        """The tags of the key itself (`own`) or of the defaults (`defaults`), each with its position."""
        fields = (self.own if name == "own" else self.defaults).below("tags")
        return {tag: (node.text, at) for tag, at, node in fields.items() if isinstance(node, Scalar)}
