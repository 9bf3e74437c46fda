"""What a YAML file consists of once it is read: values, lists and mappings that know where they stand."""

from __future__ import annotations

from dataclasses import dataclass

from kms_resources.problems import Position, Problem
from kms_resources.scalars import Value


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value."""

    position: Position
    value: Value
    text: str
    """As written, without quotes."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    position: Position
    items: list[Node]


@dataclass(frozen=True, slots=True)
class Mapping_:  # noqa: N801  (not to be taken for the abstract type)
    """Names and their values, in the order of the file."""

    position: Position
    entries: dict[str, Node]
    names: dict[str, Position]
    """Where each name stands."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A value that was refused already: it holds its place, and whoever meets it says nothing more."""

    position: Position


Node = Scalar | Sequence | Mapping_ | Broken


@dataclass(frozen=True)
class Document:
    """One file as nodes. `root` is None if there is nothing that could be checked further."""

    file: str
    root: Node | None
    problems: tuple[Problem, ...]
