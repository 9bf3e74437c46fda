"""Names of keys: an alias that moves decides who encrypts and decrypts with what from now on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kms_resources.model import Target
from kms_resources.review.access import Question, compared
from kms_resources.review.key_access import Pair
from kms_resources.review.keys import change
from kms_resources.review.snapshot import StackSide
from kms_resources.review.words import Access, Change, Status, Subject
from kms_resources.review.worlds import Scope, account_of, key_world
from kms_resources.stack.types import DeclaredAlias

_Place = tuple[str, str, str, str]


def alias_subjects(pair: Pair, scope: Scope) -> Iterator[Subject]:
    """Each alias that is added, removed or moved; those that come and go with their key belong to it."""
    old, new = _aliases(pair.old), _aliases(pair.new)
    for place in dict.fromkeys((*new, *old)):
        before, after = old.get(place), new.get(place)
        if before and after and before.key == after.key:
            continue
        found = _change(before, after, pair)
        present = after or before
        if found is None or present is None:
            continue
        access = _behind(before, after, pair, scope) if before and after else None
        position = after.position if after else pair.at("keys", present.key)
        one = Change(found.id, found.what, found.grade, found.before, found.after, position)
        status = Status.ADDED if before is None else Status.REMOVED if after is None else Status.CHANGED
        yield Subject("alias", present.name, present.target.name, status, position, access, (one,))


def _aliases(side: StackSide | None) -> Mapping[_Place, DeclaredAlias]:
    return {_place(one.target, one.name): one for one in side.stack.aliases} if side else {}


def _place(target: Target, name: str) -> _Place:
    return (target.cloud, target.region, target.credentials, name)


def _change(before: DeclaredAlias | None, after: DeclaredAlias | None, pair: Pair) -> Change | None:
    if before and after:
        what = (
            "whoever names the alias uses another key from now on: new data needs the rights on that key, data "
            "encrypted so far still needs the rights on the former one"
        )
        return change("alias-moved", what, f"key {before.key}", f"key {after.key}")
    if after:
        is_new = pair.old is None or pair.old.key(after.key) is None
        return None if is_new else change("alias-added", f"key {after.key} has a further name")
    if before is None or pair.new is None or pair.new.key(before.key) is None:
        return None
    what = f"whoever names the alias finds no key any more; key {before.key} stays"
    return change("alias-removed", what, f"key {before.key}", "")


def _behind(before: DeclaredAlias, after: DeclaredAlias, pair: Pair, scope: Scope) -> Access | None:
    """The access to the key behind the name: the two keys are compared as if they were one."""
    if pair.old is None or pair.new is None:
        return None
    old, new = pair.old.key(before.key), pair.new.key(after.key)
    if old is None or new is None:
        return None
    account = account_of(pair.head, pair.name, scope, new.target)
    called = f"alias-{after.name}".replace("/", "-")
    worlds = (
        key_world(pair.base, pair.name, old, scope, account, called=called),
        key_world(pair.head, pair.name, new, scope, account, called=called),
    )
    return compared(Question(*worlds, locate=lambda _: after.position, on=f"alias {after.name}", control=False))
