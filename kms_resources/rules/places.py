"""Where in a stack file something stands: from the path of a finding to file, line and column."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path as FilePath

from kms_resources.errors import InputError
from kms_resources.nodes import Mapping_, Node, Scalar, Sequence
from kms_resources.problems import Path, Position
from kms_resources.source import read_file
from kms_resources.stack.structure import WORDS
from kms_resources.stack.types import DeclaredKey, Stack


class Places:
    """The places of one stack. Its text is read only when a finding lies deeper than a stack itself knows."""

    def __init__(self, stack: Stack, root: Node | None = None) -> None:
        """`root` is what the stack was read from; without it the file is read, and used if it still fits."""
        self._stack = stack
        self._given = root

    def at(self, path: Path) -> Position:
        """The place of the deepest part of the path that the file has."""
        key = self._keys.get(path[1]) if path[:1] == ("keys",) and len(path) > 1 else None
        position, depth = self._walk(path)
        if key is None:
            return position
        field = path[2] if len(path) > 2 else ""  # noqa: PLR2004  (the part behind `keys` and the name)
        if depth > 2:  # noqa: PLR2004
            return position
        return key.fields.get(field, key.position)  # what comes from the defaults

    @cached_property
    def _keys(self) -> dict[str, DeclaredKey]:
        return {key.name: key for key in self._stack.keys}

    @cached_property
    def _root(self) -> Node | None:
        if self._given is not None:
            return self._given
        try:
            root = read_file(FilePath(self._stack.file), WORDS).root
        except InputError:
            return None
        return root if self._fits(root) else None

    def _fits(self, root: Node | None) -> bool:
        # The stack may be that of another revision; the places of this file would be wrong for it.
        keys = root.entries.get("keys") if isinstance(root, Mapping_) else None
        names = keys.names if isinstance(keys, Mapping_) else {}
        return names == dict(self._stack.positions)

    def _walk(self, path: Path) -> tuple[Position, int]:
        node, position, depth = self._root, Position(self._stack.file, 1, 1), 0
        for part in path:
            if isinstance(node, Mapping_) and part in node.entries:
                name_at, node = node.names[part], node.entries[part]
                position = node.position if isinstance(node, Scalar) else name_at
            elif isinstance(node, Sequence) and part.isdigit() and int(part) < len(node.items):
                node = node.items[int(part)]
                position = node.position
            else:
                break
            depth += 1
        return position, depth
