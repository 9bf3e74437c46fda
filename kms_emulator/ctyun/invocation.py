"""One verified call of one operation: its checked fields, and the documents it may touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kms_emulator.contract import Collection, Context, Principal, Scope

Payload = Mapping[str, object]


@dataclass(frozen=True)
class Invocation:
    """What an action is given. ``fields`` holds main names only, present and of the right type."""

    operation: str
    fields: Mapping[str, Any] = field(repr=False)
    context: Context
    scope: Scope
    user: Principal

    @property
    def now(self) -> float:
        """Emulated time."""
        return self.context.now

    @property
    def keys(self) -> Collection:
        """Keys of the account in the resource pool."""
        return self.context.store.collection("keys", self.scope)

    @property
    def aliases(self) -> Collection:
        """Aliases, by name."""
        return self.context.store.collection("aliases", self.scope)

    @property
    def versions(self) -> Collection:
        """Versions of all keys."""
        return self.context.store.collection("versions", self.scope)

    @property
    def instances(self) -> Collection:
        """KMS instances of the account in the resource pool."""
        return self.context.store.collection("instances", self.scope)

    @property
    def tags(self) -> Collection:
        """Tags of the account; they belong to no resource pool."""
        return self.context.store.collection("tags", Scope(self.scope.account))

    @property
    def bindings(self) -> Collection:
        """Which tag is on which resource."""
        return self.context.store.collection("bindings", Scope(self.scope.account))


Action = Callable[[Invocation], Payload]
