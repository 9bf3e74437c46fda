"""Find what must never stand in a stack: key material and credentials, by shape and by the name of the field."""

from __future__ import annotations

from collections.abc import Iterator

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

_ALLOWED = "nothing of that kind: credentials come from the environment, key material never stands in a file"


def find_exposures(node: Node, path: Path = (), name: str = "") -> Iterator[Problem]:
    """Everything that looks secret, and text that a terminal would not show as it is. No problem repeats a value."""
    if isinstance(node, Mapping_):
        for entry, position in node.names.items():
            inside = (*path, label(entry))
            yield from _in_name(entry, position, inside)
            yield from find_exposures(node.entries[entry], inside, entry)
    elif isinstance(node, Sequence):
        for place, item in enumerate(node.items):
            yield from find_exposures(item, (*path, str(place)), name)
    elif isinstance(node, Scalar) and node.value is not None and not isinstance(node.value, bool):
        yield from _in_value(node, path, name)


def _in_name(name: str, position: Position, path: Path) -> Iterator[Problem]:
    if kind := secret_kind(name):
        yield Problem(position, path, "secret", f"this name (not shown) looks like {kind}", _ALLOWED)
    elif not name.isprintable():
        yield Problem(position, path, "hidden-character", "the name holds characters that are not shown")


def _in_value(node: Scalar, path: Path, name: str) -> Iterator[Problem]:
    # A key may well be named `password`; its value then is a mapping, and never comes here.
    if any(_stands_at(path, place) for place in _SOURCES):
        allowed = "from_env, from_file or from_command, with the place it is read from"
        yield Problem(node.position, path, "secret", "the secret itself (not shown) does not belong here", allowed)
    elif is_secret_name(name) and not _names_things(path):
        yield Problem(node.position, path, "secret", "a field of this name holds a secret", _ALLOWED)
    elif kind := secret_kind(node.text, identifier=name in _IDENTIFIERS):
        yield Problem(node.position, path, "secret", f"the value (not shown) looks like {kind}", _ALLOWED)
    elif not node.text.replace("\n", "").isprintable():
        yield Problem(node.position, path, "hidden-character", "the value holds characters that are not shown")


def _names_things(path: Path) -> bool:
    """Whether it is the list of secrets of an access point: names of this file."""
    return len(path) == 4 and path[0] == "access_points" and path[2] == "secrets"  # noqa: PLR2004


def _stands_at(path: Path, place: Path) -> bool:
    return len(path) == len(place) and all(part in {"", name} for name, part in zip(path, place, strict=True))
