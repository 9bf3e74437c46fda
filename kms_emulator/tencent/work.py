"""What an action is given, and the form of an entry in the action tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from kms_emulator.contract import Call, Collection, Context, Document, Principal, Scope
from kms_emulator.tencent import readings
from kms_emulator.tencent.cam_facts import app_id
from kms_emulator.tencent.cam_store import CamStore
from kms_emulator.tencent.data_keys import DATA_KEYS, DataKeys
from kms_emulator.tencent.decision import CallFacts
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.fields import Fields, Given
from kms_emulator.tencent.keyring import KeyRing
from kms_emulator.tencent.keys import KEYS, resource_id
from kms_emulator.tencent.sessions import Caller
from kms_emulator.tencent.tagstore import Resource, TagStore
from kms_emulator.tencent.vault import MATERIALS, Vault

Result = Mapping[str, object]
SOURCE_IP = "X-Emulator-Source-Ip"
"""A header that the real service does not have: where the call is to come from."""


@dataclass(frozen=True)
class Work:
    """A verified request: who asks, where, when, and the stores."""

    call: Call
    context: Context
    caller: Caller
    region: str

    @property
    def principal(self) -> Principal:
        """The user, or the role session in a user's place."""
        return self.caller.principal

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
        vault = Vault(self.collection(MATERIALS.name, region), self.context.random)
        return KeyRing(
            self.collection(KEYS.name, region), vault, self.context.now, self.context.uuid,
            lambda key: self._forget(key, region),
        )  # fmt: skip

    @cached_property
    def data_keys(self) -> DataKeys:
        """The hosted data keys of the account in the request's region."""
        return self.data_keys_of(self.region)

    def data_keys_of(self, region: str) -> DataKeys:
        """The hosted data keys of the account in a region."""
        return DataKeys(
            self.collection(DATA_KEYS.name, region), self.context.now, lambda entry: self._forget(entry, region)
        )

    @cached_property
    def cam(self) -> CamStore:
        """Policies, roles and groups of the account."""
        return self.cam_of(self.account)

    def cam_of(self, account: str) -> CamStore:
        """The same of any main account; roles are found across accounts."""
        return CamStore(account, self.context.store.collection, self.context.directory)

    @cached_property
    def rules(self) -> readings.Rules:
        """How the open rules of CAM are read."""
        return readings.rules(self.context.switch)

    def facts(
        self, action: str, resource: str, *, also_named: tuple[str, ...] = (), resource_tags: tuple[str, ...] = (),
        request_tags: tuple[str, ...] = (), more: Mapping[str, tuple[str, ...]] | None = None,
    ) -> CallFacts:  # fmt: skip
        """What CAM is told of this call."""
        request = self.call.request
        address = request.headers.get(SOURCE_IP) or str(self.context.switch("source_ip")) or request.remote_addr or ""
        return CallFacts(
            action, resource, owner_uin=self.account, uin=self.principal.user_id, region=self.region,
            also_named=also_named, source_ip=address, now=self.context.now, resource_tags=resource_tags,
            request_tags=request_tags, app_id=str(app_id(self.account)), more=more or {},
        )  # fmt: skip

    def unauthorised(self, action: str, resource: str) -> ApiError:
        """The refusal by CAM, which names operation and resource."""
        message = f"You are not authorized to perform operation ({action})\nresource ({resource}) has no permission"
        return ApiError(Code(str(self.context.switch("refusal_code"))), message)

    def catch_up(self, region: str) -> None:
        """Let keys and data keys whose deletion date has come disappear, and their tags with them."""
        self.keys_of(region)
        self.data_keys_of(region)

    def collection(self, kind: str, region: str | None = None) -> Collection:
        """The documents of one kind in a region, the request's unless told."""
        return self.context.store.collection(kind, Scope(self.account, self.region if region is None else region))

    def _forget(self, document: Document, region: str) -> None:
        self.tags.forget(Resource(region, resource_id(document)))


@dataclass(frozen=True)
class Action:
    """An action: its parameters and the function that does it."""

    perform: Callable[[Given, Work], Result]
    fields: Fields = field(default_factory=dict)
