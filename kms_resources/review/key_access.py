"""Who may use and administer each key, before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from kms_resources.access.words import parse_principal
from kms_resources.problems import Position
from kms_resources.review.access import Locate, Question, moved_to, worst_case
from kms_resources.review.keys import change
from kms_resources.review.snapshot import Side, StackSide
from kms_resources.review.words import Access, Change
from kms_resources.review.worlds import (
    Scope,
    accounts_told,
    empty_world,
    has_default,
    kept_when_removed,
    key_world,
    owners,
)
from kms_resources.stack.types import DeclaredKey


@dataclass(frozen=True)
class Pair:
    """One stack on both sides."""

    base: Side
    head: Side
    name: str

    @property
    def old(self) -> StackSide | None:
        """It in BASE."""
        return self.base.stacks.get(self.name)

    @property
    def new(self) -> StackSide | None:
        """It in HEAD."""
        return self.head.stacks.get(self.name)

    @cached_property
    def key_names(self) -> tuple[str, ...]:
        """All keys, those of HEAD first, in the order of the files."""
        names = [key.name for side in (self.new, self.old) if side for key in side.stack.keys]
        return tuple(dict.fromkeys(names))

    def keys(self, name: str) -> tuple[DeclaredKey | None, DeclaredKey | None]:
        """One key on both sides."""
        return self.old.key(name) if self.old else None, self.new.key(name) if self.new else None

    def at(self, *path: str) -> Position:
        """A place in HEAD; what is not there any more has the beginning of the file."""
        if self.new is None:
            return Position(self.old.stack.file if self.old else "", 1, 1)
        found = self.new.at(*path)
        return found if self.new.has(*path) else Position(found.file, 1, 1)


@dataclass(frozen=True)
class KeyAccess:
    """The comparison of all keys of one stack."""

    pair: Pair
    scope: Scope
    deployer: str = ""
    cache: dict[str, tuple[Access | None, tuple[str, ...]]] = field(default_factory=dict)
    """Answers for keys that say the same."""

    def of(self, name: str) -> tuple[Access | None, list[Change], tuple[str, ...]]:
        """What changes about one key's access, changes of how it is managed, and notes."""
        old, new = self.pair.keys(name)
        if new is None or self.pair.new is None:
            return None, [], ()
        if self._same(old, new):
            return None, [], ()
        changes, notes = self._managed(old, new)
        if old and not self._policy(self.pair.new, new) and self._policy(self.pair.old, old) and kept_when_removed(old):
            return None, changes, notes
        alike = self._alike(old, new)
        if alike not in self.cache:
            questions = [(account, self._question(old, new, account)) for account in self._owners(old, new)]
            self.cache[alike] = worst_case(questions)
        access, more = self.cache[alike]
        return moved_to(access, self._locate(new)) if access else None, changes, (*notes, *more)

    def _alike(self, old: DeclaredKey | None, new: DeclaredKey) -> str:
        """Keys of which this is equal have equal answers: their own name is all that differs, and nothing tests it.

        Documents in a cloud's own form may test it, and those that a cloud shows may be anything: then it counts.
        """
        one, other = self.pair.old, self.pair.new
        policies = [side.policies.get(new.name) if side else None for side in (one, other)]
        free = all(policy is None or policy.native is None for policy in policies)
        named = "" if free and not self._any_native and not (one and one.documents) else new.name
        managed = [self._policy(side, new) for side in (one, other)]
        statements = [policy.statements if policy else () for policy in policies]
        places = [(key.target, dict(key.settings.tags)) if key else None for key in (old, new)]
        return repr((named, managed, statements, places))

    @cached_property
    def _any_native(self) -> bool:
        return bool(self.pair.base.natives or self.pair.head.natives)

    def _same(self, old: DeclaredKey | None, new: DeclaredKey) -> bool:
        """Whether nothing that decides differs; then there is nothing to compare."""
        one, other = self.pair.old, self.pair.new
        if old is None or one is None or other is None or one.documents:
            return False
        return (
            (old.target, old.settings.tags) == (new.target, new.settings.tags)
            and one.policies.get(old.name) == other.policies.get(new.name)
            and (new.target.cloud != "tencent" or self._natives)
        )

    @cached_property
    def _natives(self) -> bool:
        base = tuple(policy for _, policy in self.pair.base.natives)
        return base == tuple(policy for _, policy in self.pair.head.natives)

    def _policy(self, side: StackSide | None, key: DeclaredKey) -> bool:
        return bool(side and (key.name in side.policies or key.name in side.documents))

    def _owners(self, old: DeclaredKey | None, new: DeclaredKey) -> tuple[str, ...]:
        sides = [(self.pair.old, old), (self.pair.new, new)]
        policies = tuple(side.policies.get(key.name) for side, key in sides if side and key)
        return owners(policies, self.scope, self._told.get((new.target.cloud, new.target.credentials), ""))

    @cached_property
    def _told(self) -> Mapping[tuple[str, str], str]:
        return accounts_told(self.pair.head, self.pair.name)

    def _managed(self, old: DeclaredKey | None, new: DeclaredKey) -> tuple[list[Change], tuple[str, ...]]:
        had = bool(old) and self._policy(self.pair.old, new)
        has = self._policy(self.pair.new, new)
        changes: list[Change] = []
        notes: tuple[str, ...] = ()
        if had and not has:
            if old and kept_when_removed(old):
                text = "the policy is not managed any more and stays at the cloud as it is"
            elif has_default(new.target):
                text = "the policy leaves the stack: the cloud's default comes back, which opens the key to the account"
            else:
                text = "the policies leave the stack and are deleted"
            changes.append(change("policy-unmanaged", text))
        elif has and old and not had:
            changes.append(change("policy-managed", "the policy is managed from now on"))
            if has_default(new.target):
                notes = ("compared with the cloud's default policy; a policy written by hand is not in a stack",)
        elif not has and old is None and has_default(new.target):
            notes = ("without a policy of its own it gets the cloud's default: the whole account may everything",)
        return changes, notes

    def _question(self, old: DeclaredKey | None, new: DeclaredKey, account: str) -> Question:
        after = key_world(self.pair.head, self.pair.name, new, self.scope, account)
        moved = old is not None and old.target.cloud != new.target.cloud
        if old is None or moved:
            # A new key that says nothing about access is as the cloud makes it: there is nothing to compare.
            before = empty_world(after) if self._policy(self.pair.new, new) else after
        else:
            before = key_world(self.pair.base, self.pair.name, old, self.scope, account)
        deployer = parse_principal(self.deployer, account) if self.deployer and old else None
        return Question(before, after, deployer, self._locate(new), now=self.scope.now)

    def _locate(self, key: DeclaredKey) -> Locate:
        new, old = self.pair.new, self.pair.old

        def locate(sids: tuple[str, ...]) -> Position | None:
            for side in (new, old):
                if side is None:
                    continue
                for sid in _readable(sids):
                    if side.has("keys", key.name, "policy", sid):
                        return side.at("keys", key.name, "policy", sid)
            return self.pair.at("keys", key.name, "policy") if new and new.has("keys", key.name, "policy") else None

        return locate


def _readable(sids: Iterable[str]) -> Iterable[str]:
    """Sids as the stack writes them, out of `key policy/<sid>` or `<head>.<sid>/`, the name of a CAM policy."""
    for text in sids:
        document, _, sid = text.rpartition("/")
        yield sid or document.rpartition(".")[2]
