"""One verified request at work: its parameters, its documents, and how a key is found."""

from __future__ import annotations

from dataclasses import dataclass, field

from kms_emulator.alibaba.errors import CHANGE_SERVICE_KEY, VendorError
from kms_emulator.alibaba.model import ALIASES, INSTANCES, KEYS, SERVICE, VERSIONS, Alias, Instance, Key, Version
from kms_emulator.alibaba.names import arn, split_arn
from kms_emulator.alibaba.parameters import Parameters
from kms_emulator.contract import Collection, Context, Principal, Scope

ALIAS_PREFIX = "alias/"


@dataclass
class Operation:
    """A request at work.

    ``touched`` is the id of the key it turned out to be about, for the journal. ``prepared`` is what the action made
    before the store was touched, because it takes long. ``host`` is the host that the request was sent to.

    ``scope`` is where things are looked up: the caller's own account, but with ``borrows`` that of the key that was
    named last, which may be of another account.
    """

    parameters: Parameters
    context: Context
    scope: Scope
    principal: Principal
    touched: str = ""
    prepared: bytes = field(default=b"", repr=False)
    host: str = ""
    borrows: bool = False
    home: Scope = field(init=False)

    def __post_init__(self) -> None:
        self.home = Scope(self.principal.account, self.scope.region)

    @property
    def now(self) -> float:
        """The emulated time in whole seconds, which is all the vendor knows."""
        return float(int(self.context.now))

    @property
    def keys(self) -> Collection:
        """The keys of this account and region."""
        return self.context.store.collection(KEYS, self.scope)

    @property
    def versions(self) -> Collection:
        """The versions of the keys."""
        return self.context.store.collection(VERSIONS, self.scope)

    @property
    def aliases(self) -> Collection:
        """The aliases."""
        return self.context.store.collection(ALIASES, self.scope)

    @property
    def instances(self) -> Collection:
        """The instances."""
        return self.context.store.collection(INSTANCES, self.scope)

    def arn(self, resource: str) -> str:
        """The ARN of a resource of this account and region."""
        return arn(self.scope, resource)

    def save(self, *things: Key | Version | Alias | Instance) -> None:
        """Write things to the store."""
        kinds = {Key: KEYS, Version: VERSIONS, Alias: ALIASES, Instance: INSTANCES}
        for thing in things:
            self.context.store.collection(kinds[type(thing)], self.scope).put(thing.id, thing.document())

    def key(self, name: str = "KeyId") -> Key:
        """The key that a parameter names by id or ARN; an alias is refused."""
        given = self._local(self.parameters.required(name))
        if given.startswith(ALIAS_PREFIX):
            raise VendorError("Unsupported.Alias")
        return self._load(given)

    def key_or_alias(self, name: str = "KeyId") -> Key:
        """The key that a parameter names by id, alias or ARN."""
        given = self._local(self.parameters.required(name))
        if not given.startswith(ALIAS_PREFIX):
            return self._load(given)
        alias = self.aliases.get(given)
        if alias is None:
            raise VendorError("Forbidden.AliasNotFound")
        return self._load(Alias.load(alias).key)

    def own_key(self, name: str = "KeyId") -> Key:
        """As ``key``, for calls that change it: keys of cloud products are refused."""
        key = self.key(name)
        if key.creator_type == SERVICE:
            raise VendorError(CHANGE_SERVICE_KEY, "A key of a cloud product cannot be changed.")
        return key

    def lender(self, version: str) -> Scope:
        """Where a version of a key is: at home, or with ``borrows`` perhaps in another account."""
        accounts = dict.fromkeys(entry.account for entry in self.context.directory.of_cloud(self.context.cloud))
        others = [Scope(account, self.home.region) for account in accounts] if self.borrows else []
        store = self.context.store
        return next(
            (scope for scope in (self.home, *others) if version in store.collection(VERSIONS, scope)), self.home
        )

    def _local(self, given: str) -> str:
        parts = split_arn(given)
        if parts is None:
            self.scope = self.home
            return given
        scope, resource = parts
        # Only a key policy can open the keys of another account, and key policies count only where they are enforced.
        if scope.account != self.home.account and not self.borrows:
            raise VendorError("Forbidden.NoPermission")
        if scope.region != self.home.region:
            raise VendorError("Forbidden.KeyNotFound")
        self.scope = scope
        return resource.removeprefix("key/")

    def _load(self, identifier: str) -> Key:
        document = self.keys.get(identifier)
        if document is None:
            raise VendorError("Forbidden.KeyNotFound")
        self.touched = identifier
        return Key.load(document)
