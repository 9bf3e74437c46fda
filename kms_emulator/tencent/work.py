"""What an action is given, and the form of an entry in the action tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from kms_emulator.contract import Call, Context, Principal, Scope
from kms_emulator.tencent.fields import Fields, Given
from kms_emulator.tencent.keyring import KeyRing
from kms_emulator.tencent.tagstore import Resource, TagStore

Result = Mapping[str, object]


@dataclass(frozen=True)
class Work:
    """A verified request: who asks, where, when, and the stores."""

    call: Call
    context: Context
    principal: Principal
    region: str

    @property
    def account(self) -> str:
        """The main account's uin."""
        return self.principal.account

    @property
    def now(self) -> int:
        """Unix seconds."""
        return int(self.context.now)

    @cached_property
    def tags(self) -> TagStore:
        """The tags of the account; they are not divided by region."""
        scope = Scope(self.account)
        store = self.context.store
        return TagStore(lambda kind: store.collection(kind, scope), self.now, quotas=self.context.quotas)

    @cached_property
    def keys(self) -> KeyRing:
        """The keys of the account in the request's region."""
        return self.keys_of(self.region)

    def keys_of(self, region: str) -> KeyRing:
        """The keys of the account in a region."""
        return KeyRing(
            self.context.store.collection("keys", Scope(self.account, region)), self.context.now, self.context.uuid,
            lambda resource_id: self.tags.forget(Resource(region, resource_id)),
        )  # fmt: skip


@dataclass(frozen=True)
class Action:
    """An action: its parameters and the function that does it."""

    perform: Callable[[Given, Work], Result]
    fields: Fields = field(default_factory=dict)
