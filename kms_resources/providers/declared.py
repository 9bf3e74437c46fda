"""What the program declares in this run: the same run takes none of it away.

`pulumi up --replace`, a tainted resource or a changed URN make the engine delete what the program still declares,
before or after it is made again. Ours are the same thing before and after, so that deletion would hit what is in use:
a key, a name, the credentials of an access point, or a policy, whose removal opens the key to its whole account.

The engine checks every resource that a program declares before it deletes anything, and checks none in a `destroy`.
One process serves all resources of a target, so what was checked here is what the run declares.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from kms_resources.providers.process import tell


class Kind(StrEnum):
    """What can be declared and taken away again."""

    KEY = "key"
    ALIAS = "alias"
    SECRET = "secret"  # noqa: S105  (the word)
    POLICY = "policy"
    POINT = "access point"


_declared: set[tuple[Kind, str, str, str]] = set()


def declare(kind: Kind, props: Mapping[str, Any], field: str) -> None:
    """Remember that the program declares it. `field` holds what it is called, the same at every run."""
    # Inputs are noted before they are checked, so they may be anything.
    if isinstance(props.get("target"), Mapping) and isinstance(props.get(field), str):
        _declared.add(_of(kind, props, field))


def spared(kind: Kind, props: Mapping[str, Any], field: str, where: str) -> bool:
    """Whether a deletion has to be left out, because the program of this run declares it; people are told."""
    if _of(kind, props, field) not in _declared:
        return False
    tell(f"{where}: the {kind} is declared by this very run, so its deletion is left out")
    return True


def stays_with_its_key(kind: Kind, props: Mapping[str, Any], where: str) -> bool:
    """Whether a part of a key stays, because this run does not declare the key; people are told.

    Parts are deleted with their key. So this is a `destroy` that leaves the key out, as `--exclude-protected` does.
    """
    if _of(Kind.KEY, props, "key") in _declared:
        return False
    tell(
        f"{where}: the {kind} stays, because its key may stay; to take it away, remove it from a stack that declares "
        "the key, and run `pulumi up`"
    )
    return True


def forget() -> None:
    """Begin another run in the same process; the engine never does that, tests do."""
    _declared.clear()


def _of(kind: Kind, props: Mapping[str, Any], field: str) -> tuple[Kind, str, str, str]:
    # A key is known here by the last part of its marker, because its aliases and its policy call it by that.
    name = str(props.get(field)).rsplit("/", 1)[-1] if kind is Kind.KEY else str(props.get(field))
    return kind, str(props["target"].get("cloud")), str(props["target"].get("region")), name
