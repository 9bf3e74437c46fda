"""The security token service: temporary credentials of roles, and who the caller is. Version 2015-04-01.

Marks: [STS] the vendor's pages on AssumeRole and its errors; the rest as in ``errors``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kms_emulator.alibaba import readings
from kms_emulator.alibaba.authorisation import ENFORCE, facts_of, may_assume
from kms_emulator.alibaba.decision import trusts
from kms_emulator.alibaba.errors import VendorError
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.names import moment
from kms_emulator.alibaba.parameters import Parameters
from kms_emulator.alibaba.policy_documents import check_ram
from kms_emulator.alibaba.ram_model import LONGEST_SESSION, Caller, find_role, open_session
from kms_emulator.alibaba.targets import Target
from kms_emulator.contract import Call, Context

SHORTEST_SESSION = 900  # [STS]
SESSION_POLICY_LENGTH = 1024  # [STS]
_ROLE = re.compile(r"acs:ram::(?P<account>\d+):role/(?P<name>[\w.@-]+)", re.ASCII)
_SESSION_NAME = re.compile(r"[a-zA-Z0-9.@_-]{2,64}")  # [STS] 32 on older pages
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Request:
    """A verified request to the service."""

    call: Call
    parameters: Parameters
    context: Context
    caller: Caller


def assume_role(request: Request) -> Payload:
    """AssumeRole. Whom the role trusts always counts; the caller's own permission only while access is enforced."""
    given, context, caller = request.parameters, request.context, request.caller
    for name in ("RoleArn", "RoleSessionName"):
        if not given.text(name):
            raise VendorError(f"Missing{name}")
    arn = _ROLE.fullmatch(given.text("RoleArn"))
    if arn is None:
        raise VendorError("InvalidParameter.RoleArn")
    if not _SESSION_NAME.fullmatch(given.text("RoleSessionName")):
        raise VendorError("InvalidParameter.RoleSessionName")
    policy = _session_policy(given.text("Policy"))
    if caller.principal.root:
        raise VendorError("NoPermission", "Roles may not be assumed by root accounts.")
    if context.switch(ENFORCE) and not may_assume(request.call, context, caller, arn[0]):
        raise VendorError("NoPermission")
    role = find_role(context, arn["account"], arn["name"])
    if role is None:
        raise VendorError("EntityNotExist.Role")
    facts = facts_of(request.call, context, caller, Target("sts:AssumeRole", arn[0]))
    if not trusts(role.trust, facts, readings.rules(context.switch)):
        raise VendorError("NoPermission")
    expires = float(int(context.now)) + _duration(given.text("DurationSeconds"), role.longest_session)
    name = given.text("RoleSessionName")
    session = open_session(context, arn["account"], role, name=name, policy=policy, expires=expires)
    return {
        "Credentials": {
            "AccessKeyId": session.id, "AccessKeySecret": session.secret, "SecurityToken": session.token,
            "Expiration": moment(expires),
        },
        "AssumedRoleUser": {"Arn": f"{arn[0]}/{name}", "AssumedRoleId": f"{role.number}:{name}"},
    }  # fmt: skip


def get_caller_identity(request: Request) -> Payload:
    """GetCallerIdentity. It needs no permission [I]."""
    caller, principal = request.caller, request.caller.principal
    told: Payload = {
        "AccountId": principal.account, "UserId": principal.user_id, "Arn": caller.arn,
        "PrincipalId": principal.user_id, "IdentityType": "Account" if principal.root else "RAMUser",
    }  # fmt: skip
    if caller.session is None:
        return told
    del told["UserId"]
    return {**told, "RoleId": caller.session.number, "IdentityType": "AssumedRoleUser"}


def _session_policy(text: str) -> str:
    if len(text) > SESSION_POLICY_LENGTH:
        raise VendorError("InvalidParameter.PolicySize")
    try:
        if text:
            check_ram(text)
    except (ValueError, RecursionError):
        raise VendorError("InvalidParameter.PolicyGrammar") from None
    return text


def _duration(text: str, longest: int) -> int:
    if not text:
        return min(LONGEST_SESSION, longest)
    if not _NUMBER.fullmatch(text) or not SHORTEST_SESSION <= int(text) <= longest:
        why = f"DurationSeconds is a whole number from {SHORTEST_SESSION} to {longest}."
        raise VendorError("InvalidParameter.DurationSeconds", why)
    return int(text)


@dataclass(frozen=True)
class StsAction:
    """One action and the parameters it knows."""

    perform: Callable[[Request], Payload]
    parameters: frozenset[str] = frozenset()


STS_ACTIONS: Mapping[str, StsAction] = {
    "AssumeRole": StsAction(
        assume_role, frozenset({"RoleArn", "RoleSessionName", "DurationSeconds", "Policy", "ExternalId"})
    ),
    "GetCallerIdentity": StsAction(get_caller_identity),
}
