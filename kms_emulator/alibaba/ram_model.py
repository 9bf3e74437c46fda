"""Who exists in RAM: users with their groups, roles with whom they trust, policies; and sessions of roles.

They belong to an account and to no region. Users, groups, roles and policies come from the seed: id and name are one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from kms_emulator.alibaba.decision import ROOT
from kms_emulator.alibaba.model import Stored
from kms_emulator.contract import Collection, Context, Kind, Principal, Scope

USERS, GROUPS, ROLES, RAM_POLICIES, SESSIONS = "ram-users", "ram-groups", "ram-roles", "ram-policies", "ram-sessions"
LONGEST_SESSION = 3600  # [STS] of a role that says nothing else
_KEPT = 86400  # an ended session is told apart from an unknown one for so long
# The id tells the account, so that a request can be named before the store is touched.
_SESSION_ID = re.compile(r"STS\.N(?P<account>\d+)x[A-Za-z0-9]{16}")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class User(Stored):
    """A RAM user."""

    policies: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Group(Stored):
    """A group of users."""

    policies: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Role(Stored):
    """A role; ``trust`` is the document that says who may assume it."""

    number: str = ""
    trust: dict[str, Any] = field(default_factory=lambda: {"Version": "1", "Statement": []})
    policies: list[str] = field(default_factory=list)
    longest_session: int = LONGEST_SESSION


@dataclass(frozen=True)
class RamPolicy(Stored):
    """A policy that can be attached."""

    content: dict[str, Any] = field(default_factory=lambda: {"Version": "1", "Statement": []})


@dataclass(frozen=True)
class Session(Stored):
    """A session of a role. ``policy`` is the text of its session policy, if it has one."""

    secret: str = field(repr=False)
    token: str = field(repr=False)
    role: str
    number: str
    name: str
    expires: float
    policy: str = ""


RAM_KINDS = (
    Kind(USERS), Kind(GROUPS), Kind(ROLES), Kind(RAM_POLICIES),
    Kind(SESSIONS, due=lambda session: float(session["expires"]) + _KEPT),
)  # fmt: skip


@dataclass(frozen=True)
class Caller:
    """Who sent a request; of a role ``session`` is what it acts through."""

    principal: Principal
    session: Session | None = None

    @property
    def name(self) -> str:
        """The name as policies have it after the account."""
        if self.session is not None:
            return f"role/{self.session.role}"
        return ROOT if self.principal.root else f"user/{self.principal.user}"

    @property
    def arn(self) -> str:
        """The ARN of who acts."""
        name = self.name
        if self.session is not None:
            name = f"assumed-role/{self.session.role}/{self.session.name}"
        return f"acs:ram::{self.principal.account}:{name}"


def account_of(access_key_id: str) -> str:
    """The account that the id of a session's access key belongs to; empty for any other id."""
    found = _SESSION_ID.fullmatch(access_key_id)
    return found["account"] if found else ""


def find_caller(access_key_id: str, context: Context) -> Caller | None:
    """The owner of an access key, permanent or of a session."""
    principal = context.directory.find(context.cloud, access_key_id)
    if principal is not None:
        return Caller(principal)
    account = account_of(access_key_id)
    document = ram(context, SESSIONS, account).get(access_key_id) if _is_account(account, context) else None
    if document is None:
        return None
    session = Session.load(document)
    principal = Principal(
        cloud=context.cloud, account=account, user=session.name, user_id=f"{session.number}:{session.name}",
        root=False, access_key_id=session.id, secret=session.secret, token=session.token,
    )  # fmt: skip
    return Caller(principal, session)


def open_session(context: Context, account: str, role: Role, *, name: str, policy: str, expires: float) -> Session:
    """Make a session of a role."""
    sessions = ram(context, SESSIONS, account)
    for old in sessions.due(context.now):
        sessions.delete(old)
    made = Session(
        f"STS.N{account}x{_text(context.random, 16)}", secret=_text(context.random, 44),
        token=_text(context.random, 120), role=role.id, number=role.number, name=name, expires=expires, policy=policy,
    )  # fmt: skip
    sessions.put(made.id, made.document())
    return made


def find_role(context: Context, account: str, name: str) -> Role | None:
    """The role of this account and name."""
    document = ram(context, ROLES, account).get(name) if _is_account(account, context) else None
    return Role.load(document) if document is not None else None


def ram_documents(context: Context, caller: Caller) -> Sequence[Mapping[str, Any]]:
    """The RAM documents that count for a caller: its own and its groups', or those of its role."""
    account, names = caller.principal.account, list[str]()
    if caller.session is not None:
        role = find_role(context, account, caller.session.role)
        names += role.policies if role else []
    elif not caller.principal.root:
        document = ram(context, USERS, account).get(caller.principal.user)
        user = User.load(document) if document is not None else User(caller.principal.user)
        names += user.policies
        groups = (ram(context, GROUPS, account).get(group) for group in user.groups)
        names += [name for group in groups if group is not None for name in Group.load(group).policies]
    policies = ram(context, RAM_POLICIES, account)
    found = (policies.get(name) for name in dict.fromkeys(names))
    return [RamPolicy.load(document).content for document in found if document is not None]


def ram(context: Context, kind: str, account: str) -> Collection:
    """What RAM keeps of one kind for an account."""
    return context.store.collection(kind, Scope(account))


def _is_account(account: str, context: Context) -> bool:
    return any(entry.account == account for entry in context.directory.of_cloud(context.cloud))


def _text(random: Random, length: int) -> str:
    return "".join(random.choice(_LETTERS) for _ in range(length))
