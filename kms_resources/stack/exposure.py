"""Find what must never stand in a stack: key material and credentials, by shape and by the name of the field."""

from __future__ import annotations

from functools import lru_cache

from kms_resources.nodes import Mapping_, Node, Scalar, Sequence
from kms_resources.problems import Path, Position, Problem
from kms_resources.redact import is_secret_name, label, secret_kind

_IDENTIFIERS = frozenset({"region", "instance", "adopt"})
"""Fields whose values may be 32 hexadecimal digits by nature."""

_SOURCES = (
    ("ciphertexts", "", "plaintext"),
    ("secrets", "", "value"),
    ("keys", "", "material"),
    ("targets", "", "gateway", "client_key"),
    ("targets", "", "gateway", "password"),
    ("targets", "", "gateway", "ca"),
)
"""Where a source stands; empty: any name. Text in such a place is the secret itself, however it looks."""
_LAST = frozenset(place[-1] for place in _SOURCES)

_ALLOWED = "nothing of that kind: credentials come from the environment, key material never stands in a file"


def find_exposures(root: Node) -> list[Problem]:
    """Everything that looks secret, and text that a terminal would not show as it is. No problem repeats a value."""
    found: list[Problem] = []
    _walk(root, (), "", found)
    return found


def _walk(node: Node, path: Path, name: str, found: list[Problem]) -> None:
    if isinstance(node, Scalar):
        if node.value is not None and not isinstance(node.value, bool):
            found += _in_value(node, path, name)
    elif isinstance(node, Mapping_):
        for entry, position in node.names.items():
            inside = (*path, label(entry))
            found += _in_name(entry, position, inside)
            _walk(node.entries[entry], inside, entry, found)
    elif isinstance(node, Sequence):
        for place, item in enumerate(node.items):
            _walk(item, (*path, str(place)), name, found)


def _in_name(name: str, position: Position, path: Path) -> tuple[Problem, ...]:
    if kind := _kind_of_name(name):
        return (Problem(position, path, "secret", f"this name (not shown) looks like {kind}", _ALLOWED),)
    if not name.isprintable():
        return (Problem(position, path, "hidden-character", "the name holds characters that are not shown"),)
    return ()


def _in_value(node: Scalar, path: Path, name: str) -> tuple[Problem, ...]:
    # A key may well be named `password`; its value then is a mapping, and never comes here.
    if path and path[-1] in _LAST and any(_stands_at(path, place) for place in _SOURCES):
        allowed = "from_env, from_file or from_command, with the place it is read from"
        return (Problem(node.position, path, "secret", "the secret itself (not shown) does not belong here", allowed),)
    if _is_secret_name(name) and not _names_things(path):
        return (Problem(node.position, path, "secret", "a field of this name holds a secret", _ALLOWED),)
    if kind := secret_kind(node.text, identifier=name in _IDENTIFIERS):
        return (Problem(node.position, path, "secret", f"the value (not shown) looks like {kind}", _ALLOWED),)
    if not node.text.replace("\n", "").isprintable():
        return (Problem(node.position, path, "hidden-character", "the value holds characters that are not shown"),)
    return ()


# The same few names stand everywhere in a file.
_kind_of_name = lru_cache(maxsize=4096)(secret_kind)
_is_secret_name = lru_cache(maxsize=4096)(is_secret_name)


def _names_things(path: Path) -> bool:
    """Whether it is the list of secrets of an access point: names of this file."""
    return len(path) == 4 and path[0] == "access_points" and path[2] == "secrets"  # noqa: PLR2004


def _stands_at(path: Path, place: Path) -> bool:
    return len(path) == len(place) and all(part in {"", name} for name, part in zip(path, place, strict=True))
