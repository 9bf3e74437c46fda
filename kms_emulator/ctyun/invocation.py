"""One verified call of one operation: its checked fields, and the documents it may touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kms_emulator.contract import Collection, Context, Principal, Scope
from kms_emulator.ctyun.tenant_access import Gate
from kms_emulator.ctyun.workshop import NOTHING, Prepared, Workshop

Payload = Mapping[str, object]
EVERYBODY = Scope("*")


@dataclass(frozen=True)
class Invocation:
    """What an action is given. ``fields`` holds main names only, present and of the right type.

    ``prepared`` was made before the store was touched. ``gate`` is there when access is enforced.
    """

    operation: str
    fields: Mapping[str, Any] = field(repr=False)
    context: Context
    scope: Scope
    user: Principal
    workshop: Workshop = field(default_factory=Workshop, repr=False)
    prepared: Prepared = field(default=NOTHING, repr=False)
    gate: Gate | None = None

    def use(self, type_: str, identifier: str) -> None:
        """Say what the call is about, once it was found and its state allows the call: refused if not permitted."""
        if self.gate is not None:
            self.gate.use(type_, identifier)

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
    def materials(self) -> Collection:
        """Material of key versions and of certificates, by their ids."""
        return self.context.store.collection("materials", self.scope)

    @property
    def imports(self) -> Collection:
        """Key pairs made for imports, by a hash of their tokens."""
        return self.context.store.collection("imports", self.scope)

    @property
    def certificates(self) -> Collection:
        """Certificates whose private key is here."""
        return self.context.store.collection("certificates", self.scope)

    @property
    def usb_certificates(self) -> Collection:
        """Certificates whose private key is on a USB key."""
        return self.context.store.collection("usb_certificates", self.scope)

    @property
    def access_points(self) -> Collection:
        """Access points of the account in the resource pool."""
        return self.context.store.collection("access_points", self.scope)

    @property
    def tenants(self) -> Collection:
        """Tenant credentials of everybody: the access key is all that a request names."""
        return self.context.store.collection("tenants", EVERYBODY)

    @property
    def vpcs(self) -> Collection:
        """Private networks of the account; they come from the seed."""
        return self.context.store.collection("vpcs", Scope(self.scope.account))

    @property
    def subnets(self) -> Collection:
        """Parts of the private networks."""
        return self.context.store.collection("subnets", Scope(self.scope.account))

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
