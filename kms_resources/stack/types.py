"""What a checked stack consists of, and how its keys become desired keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kms_resources.clouds import get_cloud
from kms_resources.errors import InputError
from kms_resources.model import Deletion, DesiredAlias, DesiredKey, KeyId, Marker, Material, Settings, Target
from kms_resources.problems import InvalidStackError, Position, Problem
from kms_resources.redact import show
from kms_resources.uses import Uses

MARKER_LENGTH = 128
"""A marker has to fit into a tag's value on every cloud."""


@dataclass(frozen=True)
class DeclaredAlias:
    """An alias as the file declares it."""

    name: str
    key: str
    target: Target
    position: Position


@dataclass(frozen=True)
class DeclaredKey:
    """A key as the file declares it, defaults included. It has no marker yet: project and stack name are missing."""

    name: str
    target: Target
    settings: Settings
    deletion: Deletion
    aliases: tuple[DeclaredAlias, ...]
    adopt: KeyId | None
    material: Material | None
    position: Position
    """Where its name stands."""
    fields: Mapping[str, Position]
    """Where each of its fields stands, those of the defaults included."""

    def desired(self, project: str, stack: str) -> DesiredKey:
        """The key with its marker."""
        marker = Marker(f"{project}/{stack}/{self.name}")
        return DesiredKey(self.name, self.target, self.settings, marker, self.deletion, self.adopt, self.material)

    def refusals(self, project: str, stack: str) -> Iterator[Problem]:
        """What stands against the key once it has its marker: the marker's length and the cloud's own rules."""
        desired = self.desired(project, stack)
        if len(desired.marker.encode()) > MARKER_LENGTH:
            what = f"the marker {show(desired.marker)} has {len(desired.marker.encode())} bytes"
            limit = f"at most {MARKER_LENGTH} bytes for project, stack and key name together"
            yield Problem(self.position, ("keys", self.name), "marker-too-long", what, limit)
        for name, sentence in get_cloud(self.target.cloud).limits.refusals(desired):
            position = self.fields.get(name, self.position)
            if name == "name":
                yield Problem(position, ("keys", self.name), "refused-by-cloud", f"the name {sentence}")
            else:
                yield Problem(position, ("keys", self.name, name), "refused-by-cloud", sentence)


@dataclass(frozen=True)
class Stack:
    """One file, checked. Keys stand in the order of the file."""

    file: str
    targets: Mapping[str, Target]
    keys: tuple[DeclaredKey, ...]
    notes: tuple[Problem, ...] = ()
    """What is worth a look."""
    uses: Uses = field(default_factory=Uses)
    """What it does with its keys."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "targets", MappingProxyType(dict(self.targets)))

    @property
    def aliases(self) -> tuple[DeclaredAlias, ...]:
        """The aliases of all keys."""
        return tuple(alias for key in self.keys for alias in key.aliases)

    @property
    def positions(self) -> Mapping[str, Position]:
        """Where each key's name stands, for messages."""
        return {key.name: key.position for key in self.keys}

    def desired_keys(self, project: str, stack: str) -> tuple[DesiredKey, ...]:
        """The keys with their markers `project/stack/name`.

        Raises `InvalidStackError` if a marker is too long, or if a cloud refuses a key with this marker (one of them
        keeps it in the description).
        """
        for kind, name in (("project", project), ("stack", stack)):
            if not name or "/" in name or not name.isprintable() or name != name.strip():
                raise InputError(f"the name of the {kind} cannot be part of a marker: {show(name)}", where=self.file)
        problems = [problem for key in self.keys for problem in key.refusals(project, stack)]
        if problems:
            raise InvalidStackError(problems)
        return tuple(key.desired(project, stack) for key in self.keys)

    def desired_aliases(self) -> tuple[DesiredAlias, ...]:
        """The aliases; each names its key as the stack does."""
        return tuple(DesiredAlias(alias.name, alias.target, alias.key) for alias in self.aliases)
