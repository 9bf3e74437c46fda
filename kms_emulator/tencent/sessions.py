"""Role sessions: the temporary credentials that STS gives out, and who is behind an access key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from kms_emulator.contract import Collection, Context, Document, Kind, Principal, Scope
from kms_emulator.tencent.cam_facts import SESSION_KEPT

SESSIONS = Kind("sessions", due=lambda session: session["expires"] + SESSION_KEPT)
# The id tells the account, so that a request can be named before the store is touched.
_ID = re.compile(r"AKIDsts(?P<account>\d+)x[A-Za-z0-9]{32}")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class Caller:
    """Who sent a request. For a role session ``role`` is the role's id, else it is empty."""

    principal: Principal
    role: str = ""
    role_name: str = ""
    policy: str = field(default="", repr=False)
    expires: float | None = None
    arn: str = ""
    owner: str = ""

    def is_over(self, now: float) -> bool:
        """Whether the session has ended."""
        return self.expires is not None and self.expires <= now


def account_of(secret_id: str) -> str:
    """The account a temporary id belongs to; empty for any other id."""
    found = _ID.fullmatch(secret_id)
    return found["account"] if found else ""


def find_caller(secret_id: str, context: Context) -> Caller | None:
    """The owner of an access key, permanent or temporary."""
    principal = context.directory.find(context.cloud, secret_id)
    if principal is not None:
        return Caller(principal)
    account = account_of(secret_id)
    session = _sessions(account, context).get(secret_id) if account else None
    return None if session is None else _of_session(session, account, context.cloud)


def _of_session(session: Mapping[str, Any], account: str, cloud: str) -> Caller:
    principal = Principal(
        cloud=cloud, account=account, user=session["name"], user_id=session["role"], root=False,
        access_key_id=session["id"], secret=session["secret"], token=session["token"],
    )  # fmt: skip
    return Caller(
        principal, role=session["role"], role_name=session["role_name"], policy=session["policy"],
        expires=session["expires"], owner=session["owner"],
        arn=f"qcs::sts:::assumed-role/{session['role']}/{session['name']}",
    )  # fmt: skip


def open_session(
    role: Document, account: str, *, name: str, policy: str, expires: int, owner: str, context: Context
) -> Document:
    """Make a session of a role. ``owner`` is the uin of who asked for it."""
    session = {
        "id": f"AKIDsts{account}x{_text(context.random, 32)}", "secret": _text(context.random, 44),
        "token": _text(context.random, 120), "role": role["id"], "role_name": role["name"], "name": name,
        "policy": policy, "expires": expires, "owner": owner,
    }  # fmt: skip
    sessions = _sessions(account, context)
    for old in sessions.due(context.now):
        sessions.delete(old)
    sessions.put(session["id"], session)
    return session


def _sessions(account: str, context: Context) -> Collection:
    return context.store.collection(SESSIONS.name, Scope(account))


def _text(random: Random, length: int) -> str:
    return "".join(random.choice(_LETTERS) for _ in range(length))
