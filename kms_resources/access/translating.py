"""What translations of statements share: actions of a class, checks of principals, and words for refusals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from kms_resources.access.intervals import parse_block, parse_instant
from kms_resources.access.words import (
    ActionClass,
    ActionRow,
    Conditions,
    Principal,
    PrincipalKind,
    Problem,
    Statement,
    parse_principal,
)

_CLASSES = frozenset(map(str, ActionClass))


class Given(tuple[ActionRow, ...]):
    """The calls that statements can give at a cloud."""

    @cached_property
    def by_class(self) -> Mapping[str, frozenset[str]]:
        """Those of each class that has any, by its name."""
        return {
            str(kind): frozenset(row.action for row in self if row.kind is kind)
            for kind in ActionClass
            if any(row.kind is kind for row in self)
        }


def expand(words: Iterable[str], rows: Given) -> tuple[str, ...]:
    """Native actions of class names and single actions, sorted, without doubles."""
    actions: set[str] = set()
    for word in words:
        if word in _CLASSES:
            actions |= rows.by_class.get(word, frozenset())
        else:
            actions.add(word)
    return tuple(sorted(actions))


def condense(actions: Iterable[str], rows: Given) -> tuple[str, ...]:
    """The other way: class names where a class is complete, single actions otherwise."""
    left = set(actions)
    words: list[str] = []
    for kind, whole in rows.by_class.items():
        if whole <= left:
            words.append(kind)
            left -= whole
    return (*words, *sorted(left))


def principals_of(statement: Statement, owner: str) -> Iterator[Principal | Problem]:
    """The principals of a statement, or what is wrong with them."""
    if not statement.principals:
        yield Problem(f"{statement.sid}.principals", "must name somebody")
    for text in statement.principals:
        try:
            yield parse_principal(text, owner)
        except ValueError as error:
            yield Problem(f"{statement.sid}.principals", str(error))


def readable_principals(statement: Statement, owner: str) -> list[Principal]:
    """Only those that can be read."""
    return [each for each in principals_of(statement, owner) if isinstance(each, Principal)]


def check(
    statement: Statement,
    owner: str,
    rows: Given,
    allowed: Iterable[str],
    refused: dict[PrincipalKind, str],
) -> Iterator[Problem]:
    """What every cloud refuses: unreadable principals, unknown classes, conditions that the cloud does not have."""
    sid = statement.sid
    for each in principals_of(statement, owner):
        if isinstance(each, Problem):
            yield each
        elif each.kind in refused:
            yield Problem(f"{sid}.principals", f"{each.short(owner)}: {refused[each.kind]}")
    if not statement.actions:
        yield Problem(f"{sid}.actions", "must name an action")
    for word in statement.actions:
        if word in _CLASSES and word not in rows.by_class:
            have = ", ".join(rows.by_class)
            yield Problem(f"{sid}.actions", f"{word!r} is nothing a statement can give here; allowed: {have}")
    yield from _check_conditions(sid, statement.conditions, tuple(allowed))


def _check_conditions(sid: str, conditions: Conditions, allowed: tuple[str, ...]) -> Iterator[Problem]:
    for name in conditions.given:
        if name not in allowed:
            yield Problem(f"{sid}.conditions.{name}", f"is not available here; allowed: {', '.join(allowed)}")
    for name in ("source_ip", "not_source_ip", "private_ip"):
        for value in getattr(conditions, name):
            if wrong := _wrong_block(value):
                yield Problem(f"{sid}.conditions.{name}", wrong)
    for name in ("after", "before"):
        if wrong := _wrong_instant(getattr(conditions, name)):
            yield Problem(f"{sid}.conditions.{name}", wrong)


def _wrong_block(value: str) -> str:
    try:
        _, _, host_bits = parse_block(value)
    except ValueError:
        return f"{value!r} is not an address or a block"
    return f"{value!r} has host bits set; write the network" if host_bits else ""


def _wrong_instant(value: str) -> str:
    try:
        if value:
            parse_instant(value)
    except ValueError:
        return f"{value!r} is not an instant with zone (ISO 8601)"
    return ""
