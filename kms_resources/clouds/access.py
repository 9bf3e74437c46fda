"""Who may use keys, as managed things: policies, access points and their credentials. Optional interfaces of a cloud.

A cloud has what its folder connects, see `Cloud`: a policy that hangs on the key itself, policies that hang on people
(users, groups, roles), doors for applications without an identity of their own, or none of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Protocol

from kms_resources.access.words import AccessPoint, Document, DocumentKind, Native, PrincipalKind, Problem, Statement
from kms_resources.model import NO_MARKER, KeyId, Marker, Target


@dataclass(frozen=True)
class PolicyKey:
    """The key that a policy is about, as far as it is known: before it is made, `id` and `arn` are empty."""

    name: str
    """Its name in the stack."""
    target: Target
    account: str = ""
    id: str = ""
    arn: str = ""
    marker: Marker = NO_MARKER


class AccessRules(Protocol):
    """What a cloud's policies can say, without a network."""

    kind: DocumentKind
    """A policy of the key, or policies of identities."""

    def refusal(self, target: Target) -> str:
        """Why keys of this target have no policy; empty if they have one."""

    def draft(
        self, statements: tuple[Statement, ...], key: PolicyKey
    ) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:
        """The documents that say the same in the cloud's own form, and what cannot be said in it.

        A problem's path begins with the Sid, and names the field behind it.
        """

    def native(self, body: Native, key: PolicyKey) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:
        """A document that a stack gives in the cloud's own form, and what is wrong inside it."""

    def same(self, one: Native, other: Native, account: str) -> bool:
        """Whether two documents of this account mean the same, however they are written."""

    def lockout(self, documents: tuple[Document, ...], key: PolicyKey) -> str:
        """Why nobody, or not the identity that deploys, could take these documents back; empty if somebody could."""


class KeyPolicyClient(Protocol):
    """The policies of one target's keys. Instances may be shared by threads. Errors as in `KmsClient`."""

    target: Target

    def get_policy(self, key_id: KeyId) -> Native:
        """The policy of a key, parsed. Every key of an instance has one."""

    def set_policy(self, key_id: KeyId, body: Native) -> None:
        """Replace the whole policy; the same again succeeds."""

    def default_policy(self, account: str) -> Native:
        """What the cloud gives a new key of this account. Sends nothing."""


@dataclass(frozen=True, order=True)
class Attachment:
    """Somebody whom a policy is attached to."""

    kind: PrincipalKind
    name: str
    id: str = ""
    """The cloud's own number: a user's uin, a group's or a role's id."""

    @property
    def short(self) -> str:
        """The form of a stack: `user/NAME`."""
        return f"{self.kind}/{self.name}"

    def is_(self, principal: str) -> bool:
        """Whether a stack's principal means it, by its name or its number."""
        kind, _, name = principal.partition("/")
        return kind == self.kind and name in {self.name, self.id}


@dataclass(frozen=True)
class ActualPolicy:
    """A policy of identities as the cloud shows it."""

    id: str
    name: str
    description: str = ""
    body: Native = field(default_factory=dict)
    version: str = ""
    """The version that counts, where it is known."""


class IdentityPolicyClient(Protocol):
    """The policies of one account's users, groups and roles. Errors as in `KmsClient`."""

    target: Target

    def find_policy(self, name: str) -> ActualPolicy | None:
        """The custom policy of exactly this name."""

    def list_policies(self, beginning: str) -> Iterable[tuple[str, str]]:
        """Ids and names of the custom policies whose names begin so."""

    def create_policy(self, name: str, body: Native, description: str) -> str:
        """Make a policy; gives its id. Raises `AlreadyExistsError` when the name is taken. Sent once."""

    def replace_policy(self, policy_id: str, body: Native, description: str) -> None:
        """Replace document and description of the version that counts; the same again succeeds."""

    def delete_policy(self, policy_id: str) -> None:
        """Delete a policy. Its absence is success."""

    def attachments(self, policy_id: str) -> tuple[Attachment, ...]:
        """Everybody whom it is attached to."""

    def attach(self, policy_id: str, principal: str) -> None:
        """Attach it to `user/NAME`, `group/NAME` or `role/NAME`; again succeeds. `NotFoundError` for nobody."""

    def detach(self, policy_id: str, attachment: Attachment) -> None:
        """Take it off. Who has it no longer is success."""

    def versions(self, policy_id: str) -> tuple[tuple[str, bool], ...]:
        """Its versions, and which one counts."""


class PointStep(Enum):
    """One call on the way to an access point, or away from it; the value is how a message names it."""

    CREATE_RULE = "make the network rule"
    UPDATE_RULE = "change the network rule"
    CREATE_POLICY = "make the permission policy"
    UPDATE_POLICY = "change the permission policy"
    CREATE_POINT = "make the access point"
    UPDATE_POINT = "change the access point"
    SET_ACTIONS = "set the interface permissions"
    SET_RESOURCES = "set the resource permissions"
    ADD_ENDPOINTS = "add to the endpoint whitelist"
    SWITCH_CONTROL_OFF = "switch permission control off"
    DELETE_POINT = "delete the access point"
    DELETE_POLICY = "delete the permission policy"
    DELETE_RULE = "delete the network rule"


class Part(StrEnum):
    """What an access point consists of. The value is its name for people."""

    POINT = "access point"
    POLICY = "permission policy"
    RULE = "network rule"


@dataclass(frozen=True)
class WantedPoint:
    """An access point as it should be, with the ids of its keys."""

    point: AccessPoint
    marker: Marker
    description: str = ""


@dataclass(frozen=True)
class ActualPoint:
    """An access point as the cloud shows it, perhaps half made or half deleted."""

    point: AccessPoint
    parts: Mapping[Part, Marker]
    """What of it exists, and whose marker each carries."""
    id: str = ""
    """What the cloud calls it in its own calls."""
    arn: str = ""
    description: str = ""
    policies: tuple[str, ...] = ()
    """The permission policies bound to it, by name, where the cloud has such."""
    rules: tuple[str, ...] = ()
    """The network rules that its permission policy names."""

    @property
    def exists(self) -> bool:
        """Whether the access point itself is there."""
        return Part.POINT in self.parts


class AccessPointClient(Protocol):
    """One target's access points. Instances may be shared by threads. Errors as in `KmsClient`.

    An access point may consist of several things of the cloud's. `steps` says what is missing, as data, and `take` does
    one of it; every step may be repeated once its absence was seen.
    """

    target: Target

    def describe(self, name: str) -> ActualPoint | None:
        """The access point with its parts, whosever they are; None if there is nothing of it."""

    def steps(self, wanted: WantedPoint, actual: ActualPoint | None) -> tuple[PointStep, ...]:
        """What is left to do, in order. Raises `UnsafeError` for what cannot be changed. Sends nothing."""

    def take(self, step: PointStep, wanted: WantedPoint, actual: ActualPoint | None) -> None:
        """Do it."""

    def removal(self, actual: ActualPoint) -> tuple[PointStep, ...]:
        """What is to be deleted, in order. Sends nothing."""


class PointRules(Protocol):
    """What a cloud's access points can be, without a network."""

    most_name: int
    """The longest name at the cloud."""
    most_resources: int
    """How many resources one may name; 0: no limit is known."""
    useless: Mapping[str, str]
    """Fields of a stack's access point that mean nothing here (`network.vpc`, `control`), and why."""
    needed: Mapping[str, str]
    """Fields that must be there, and why."""

    def draft(self, point: AccessPoint) -> tuple[AccessPoint, tuple[Problem, ...]]:
        """The point in the cloud's own words, and what cannot be said in them; paths are fields of a stack's point."""

    def fixed(self, before: AccessPoint, after: AccessPoint) -> tuple[str, ...]:
        """What would have to change and cannot, a sentence each."""


@dataclass(frozen=True)
class ActualCredential:
    """A credential of an access point, without its secret part. All times are ISO 8601, UTC."""

    id: str
    created: str = ""
    not_before: str = ""
    not_after: str = ""
    state: str = ""


@dataclass(frozen=True)
class NewCredential:
    """A credential at the only moment in which its secret part can be had."""

    actual: ActualCredential
    content: bytes = field(repr=False)
    """The file in the form that the vendor's packages read."""


class CredentialClient(Protocol):
    """The credentials of access points: client keys, tenant credentials. Errors as in `KmsClient`."""

    target: Target
    has_password: bool
    """Whether a password locks the file."""
    has_validity: bool
    """Whether the cloud takes a beginning and an end."""

    def create(self, point: ActualPoint, password: str, not_before: str, not_after: str) -> NewCredential:
        """Make one. Sent once, never repeated: nobody could read the answer that was lost."""

    def list(self, point: ActualPoint) -> tuple[ActualCredential, ...]:
        """All of an access point, oldest first."""

    def delete(self, point: ActualPoint, credential_id: str) -> None:
        """Delete one; whoever uses it is locked out. Raises `NotFoundError`."""
