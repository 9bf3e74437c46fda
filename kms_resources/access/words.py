"""The words of access control: statements, principals, requests, verdicts and worlds, the same for every cloud.

A *statement* is our own model, as a stack writes it. A *document* is a cloud's own form (parsed JSON) with what it is
attached to. A *world* is everything that decides about one resource at one moment: evaluators answer requests from a
world, and the comparison sets two worlds side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from kms_resources.access.marks import Mark, OpenRule
from kms_resources.access.principals import Principal, PrincipalKind, parse_principal

__all__ = [
    "ALWAYS",
    "AccessPoint",
    "ActionClass",
    "ActionRow",
    "Conditions",
    "Document",
    "DocumentKind",
    "Effect",
    "Mark",
    "Native",
    "OpenRule",
    "Principal",
    "PrincipalKind",
    "Problem",
    "Request",
    "Resource",
    "ResourceKind",
    "Statement",
    "Verdict",
    "World",
    "parse_principal",
]


Native = Mapping[str, Any]
"""A document in the cloud's own form: parsed JSON."""


class Effect(StrEnum):
    """What a statement does to the requests that it meets."""

    ALLOW = "allow"
    DENY = "deny"


class ActionClass(StrEnum):
    """What a call is for. The value is the word of a stack."""

    ADMINISTER = "administer"
    """Change the key itself: state, alias, tags, rotation, description, material."""
    USE_ENCRYPT = "encrypt"
    """Encrypt, make data keys, make a MAC."""
    USE_DECRYPT = "decrypt"
    """Whatever gives plaintext back, data keys in the clear included."""
    USE_SIGN = "sign"
    USE_VERIFY = "verify"
    """Verify signatures and MACs, fetch public keys."""
    READ = "read"
    """Metadata."""
    DELETE = "delete"
    """Schedule a deletion, delete the material."""
    POLICY = "policy"
    """Change who may."""
    SECRETS = "secrets"
    """Read or change secrets that the key protects."""

    @property
    def is_use(self) -> bool:
        """Whether it counts for *use*; otherwise it counts for *administration*."""
        return self in _USES


_USES = frozenset(
    {
        ActionClass.USE_ENCRYPT,
        ActionClass.USE_DECRYPT,
        ActionClass.USE_SIGN,
        ActionClass.USE_VERIFY,
        ActionClass.SECRETS,
    }
)


@dataclass(frozen=True)
class ActionRow:
    """One call of a cloud and what it is for."""

    action: str
    """As documents write it: `kms:Encrypt`; at CTYun the name of the interface."""
    kind: ActionClass
    on_key: bool = True
    """Whether it is asked on one key; otherwise on the container (CreateKey, lists)."""
    mark: Mark = Mark.VENDOR
    source: str = ""
    also: tuple[ActionClass, ...] = ()
    """Further classes: a data key in the clear both encrypts and decrypts."""

    @property
    def classes(self) -> tuple[ActionClass, ...]:
        """All its classes, the main one first."""
        return (self.kind, *self.also)


def _frozen(mapping: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType(dict(sorted(mapping.items())))


@dataclass(frozen=True)
class Conditions:
    """When a statement counts. All that are given must hold; values of one field are alternatives."""

    source_ip: tuple[str, ...] = ()
    """Public addresses or blocks of the caller, IPv4 or IPv6."""
    not_source_ip: tuple[str, ...] = ()
    private_ip: tuple[str, ...] = ()
    """Addresses inside the VPC."""
    vpc: tuple[str, ...] = ()
    after: str = ""
    """From this instant on (ISO 8601 with offset)."""
    before: str = ""
    """Up to, not including, this instant."""
    tag: Mapping[str, str] = field(default_factory=dict)
    """Tags of the key."""
    mfa: bool | None = None
    secure_transport: bool | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "tag", _frozen(self.tag))

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the fields that are set."""
        return tuple(name for name in self.__dataclass_fields__ if getattr(self, name) != getattr(ALWAYS, name))


ALWAYS = Conditions()
"""No condition at all."""


@dataclass(frozen=True)
class Statement:
    """One statement as a stack writes it."""

    sid: str
    effect: Effect
    principals: tuple[str, ...]
    """Short forms, see `parse_principal`."""
    actions: tuple[str, ...]
    """Class names (`decrypt`) or single native actions, wildcards included where the cloud has them."""
    resources: tuple[str, ...] = ()
    """Empty: the key that it belongs to. `*`: every key of the account, where the cloud can say that."""
    conditions: Conditions = field(default_factory=Conditions)


@dataclass(frozen=True)
class AccessPoint:
    """An application access point as a stack writes it."""

    name: str
    actions: tuple[str, ...] = ()
    """CTYun: class names or interfaces. Alibaba: `use` (keys) and `secrets`."""
    resources: tuple[str, ...] = ()
    """`key/<id>`, `key/*`, `secret/<name>` …"""
    addresses: tuple[str, ...] = ()
    """Alibaba: private addresses that may ask; empty: every address."""
    instance: str = ""
    vpc: str = ""
    subnet: str = ""
    endpoints: tuple[str, ...] = ()
    """CTYun: the whitelist of endpoints."""
    control: bool = True
    """CTYun: whether permissions are checked at all."""


class DocumentKind(StrEnum):
    """What a document is in its cloud."""

    KEY_POLICY = "key policy"
    IDENTITY_POLICY = "identity policy"
    """RAM or CAM: attached to users, groups, roles."""
    ACCESS_POINT = "access point"
    PERMISSION_POLICY = "permission policy"
    NETWORK_RULE = "network rule"
    TRUST = "trust document"
    """Who may assume the role in `attached_to`."""


@dataclass(frozen=True)
class Document:
    """A document in the cloud's own form, and where it is attached."""

    kind: DocumentKind
    body: Native
    name: str = ""
    attached_to: tuple[str, ...] = ()
    """Short forms of principals of `account`."""
    account: str = ""
    """Whose document it is; empty: the owner of the world."""


class ResourceKind(StrEnum):
    """What a request is about."""

    KEY = "key"
    CONTAINER = "container"
    """All keys of an account and region: what CreateKey and lists are asked on."""


@dataclass(frozen=True)
class Resource:
    """A key, or the container of the keys of one account and region."""

    kind: ResourceKind
    account: str
    region: str = ""
    id: str = ""
    """The cloud's id; a key that is not made yet has its stack name here."""
    creator: str = ""
    """Tencent: who made it; empty: the account itself."""
    instance: str = ""
    tags: Mapping[str, str] | None = None
    """None: not known; then every value is considered."""

    def __post_init__(self) -> None:
        if self.tags is not None:
            object.__setattr__(self, "tags", _frozen(self.tags))


@dataclass(frozen=True)
class Request:
    """One concrete question: may this principal do this, here, now?"""

    principal: Principal
    action: str
    resource: Resource
    attributes: Mapping[str, str] = field(default_factory=dict)
    """`source_ip`, `private_ip`, `vpc`, `subnet`, `endpoint`, `time`, `mfa`, `secure_transport`, `tag/<key>` (where the
    resource does not know its tags), or a native condition key. What is not here is absent from the request."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "attributes", _frozen(self.attributes))


@dataclass(frozen=True)
class Verdict:
    """The answer to a request."""

    allowed: bool | None
    """None: undecided, because the readings of an open rule disagree."""
    why: str
    sids: tuple[str, ...] = ()
    """The statements that decided, `document/sid`."""
    open_rules: tuple[str, ...] = ()
    """What it hangs on when undecided: ids of open rules, or the condition that is outside the decided fragment."""


@dataclass(frozen=True)
class World:
    """Everything that decides about one resource at one moment."""

    cloud: str
    account: str
    """The owner of the resource."""
    resource: Resource
    documents: tuple[Document, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Members (names of users) of the groups that are fully known; membership of others is considered both ways."""
    numbers: Mapping[str, str] = field(default_factory=dict)
    """Tencent: name of a user → its uin, where known."""


@dataclass(frozen=True)
class Problem:
    """Something wrong inside a document or a statement."""

    path: str
    """Where: `Statement[0].Action[2]`, or `sid.field` for our own statements."""
    what: str
    """One sentence: what is wrong and what is allowed."""
    fatal: bool = True
    """False: the cloud takes it, but it has no effect or is not documented."""
