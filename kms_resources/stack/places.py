"""Where inside a document something stands: from the path of a problem to a node of the file; and plain values."""

from __future__ import annotations

import re
from typing import Any

from kms_resources.nodes import Mapping_, Node, Scalar, Sequence
from kms_resources.problems import Path, Position

_INDEX = re.compile(r"\[(\d+)\]")


def locate(node: Node, text: str, path: Path) -> tuple[Position, Path]:
    """The node that a path such as `Statement[0].Action[2]` leads to; as far as the file has it.

    Names are matched whole, the longest first: the condition keys of the clouds hold dots and slashes.
    """
    rest = text
    while rest:
        rest = rest.removeprefix(".")
        if isinstance(node, Sequence) and (index := _INDEX.match(rest)) and int(index[1]) < len(node.items):
            node, path, rest = node.items[int(index[1])], (*path, index[1]), rest[index.end() :]
        elif isinstance(node, Mapping_) and (name := _name(node, rest)):
            node, path, rest = node.entries[name], (*path, name), rest[len(name) :]
        elif rest.startswith("[0]") and isinstance(node, Scalar):
            rest = rest[3:]  # one text stands for a list of one
        else:
            break
    return node.position, path


def locate_item(node: Node, text: str, path: Path, message: str) -> tuple[Position, Path]:
    """The same; where it leads to a list, the item that the message quotes."""
    position, found = locate(node, text, path)
    for name in found[len(path) :]:
        node = node.entries[name] if isinstance(node, Mapping_) else node
        node = node.items[int(name)] if isinstance(node, Sequence) and name.isdigit() else node
    if isinstance(node, Sequence):
        quoted = [
            (len(item.text), place, item.position)
            for place, item in enumerate(node.items)
            if isinstance(item, Scalar) and (repr(item.text) in message or message.startswith(f"{item.text}:"))
        ]
        if quoted:
            _, place, position = max(quoted)
            return position, (*found, str(place))
    return position, found


def plain(node: Node) -> Any:
    """The value of a node, without its places."""
    if isinstance(node, Mapping_):
        return {name: plain(below) for name, below in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value if isinstance(node, Scalar) else None


def _name(node: Mapping_, rest: str) -> str:
    fitting = [name for name in node.entries if rest == name or rest.startswith((f"{name}.", f"{name}["))]
    return max(fitting, key=len, default="")
