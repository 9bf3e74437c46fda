"""Two versions of one file: a policy that says the same in both, word for word, is checked once.

What a policy is checked for depends on its key's name and target and on nothing else in the file, so what was found
right in one version is right in the other. Positions may differ; nothing that is shared has any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from kms_resources.nodes import Broken, Mapping_, Node, Scalar, Sequence
from kms_resources.stack.types import Stack
from kms_resources.uses import DesiredPolicy


@dataclass(frozen=True)
class Twin:
    """The other version: its nodes, and the stack that they make."""

    root: Node
    stack: Stack

    def policies(self, root: Node) -> Mapping[str, DesiredPolicy]:
        """The policies that stand in both versions, by key; those with a note are left out, for a note has a place."""
        noted = {note.path[:2] for note in self.stack.notes}
        checked = {policy.key: policy for policy in self.stack.uses.policies if ("keys", policy.key) not in noted}
        theirs = dict(_policies(self.root))
        return {
            name: checked[name]
            for name, node in _policies(root)
            if name in checked and name in theirs and alike(node, theirs[name])
        }


def alike(one: Node, other: Node) -> bool:
    """Whether two nodes say the same in the same order, wherever they stand."""
    if isinstance(one, Scalar):
        return isinstance(other, Scalar) and one.text == other.text and type(one.value) is type(other.value)
    if isinstance(one, Mapping_):
        return (
            isinstance(other, Mapping_)
            and list(one.entries) == list(other.entries)
            and all(map(alike, one.entries.values(), other.entries.values()))
        )
    if isinstance(one, Sequence):
        return (
            isinstance(other, Sequence)
            and len(one.items) == len(other.items)
            and all(map(alike, one.items, other.items))
        )
    return False


def without_policies(root: Node, names: Mapping[str, DesiredPolicy]) -> Node:
    """The nodes with the policies of some keys taken for settled: checks of form pass over them."""
    keys = root.entries.get("keys") if isinstance(root, Mapping_) else None
    if not names or not isinstance(root, Mapping_) or not isinstance(keys, Mapping_):
        return root
    entries = {name: _settled(node) if name in names else node for name, node in keys.entries.items()}
    return replace(root, entries={**root.entries, "keys": replace(keys, entries=entries)})


def _settled(key: Node) -> Node:
    if not isinstance(key, Mapping_):
        return key
    return replace(key, entries={**key.entries, "policy": Broken(key.entries["policy"].position)})


def _policies(root: Node) -> Iterator[tuple[str, Node]]:
    keys = root.entries.get("keys") if isinstance(root, Mapping_) else None
    for name, key in keys.entries.items() if isinstance(keys, Mapping_) else ():
        if isinstance(key, Mapping_) and "policy" in key.entries:
            yield name, key.entries["policy"]
