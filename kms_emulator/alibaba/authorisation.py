"""Enforcement: every signed call is put to the documents that have a say in it.

Switch ``enforce_access``, off unless asked for. Where a call comes from is what its headers say, else the switch
``source_ip``, else the connection; the headers exist in the emulator only, because everybody calls it from the
loopback.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kms_emulator.alibaba import readings
from kms_emulator.alibaba.decision import CallFacts, Decision, Documents, allowed_in_ram, decide
from kms_emulator.alibaba.errors import VendorError
from kms_emulator.alibaba.lifecycle import settle
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.policy_documents import parsed
from kms_emulator.alibaba.ram_model import Caller, ram_documents
from kms_emulator.alibaba.targets import Target, targets
from kms_emulator.contract import Call, Context

ENFORCE, SWITCH_IP = "enforce_access", "source_ip"
SOURCE_IP, SOURCE_VPC = "X-Emulator-Source-Ip", "X-Emulator-Source-Vpc"
# The vendor's pages for these calls list the refusal with another status than everywhere else [S7].
_AS_BAD_REQUEST = frozenset({"CreateKey", "GetKeyPolicy", "SetKeyPolicy", "GetSecretPolicy", "SetSecretPolicy"})
_INSTANCE_HOST = "kst-"


def authorise(call: Call, operation: Operation, caller: Caller) -> None:
    """Refuse what key policy and RAM do not allow."""
    rules = readings.rules(operation.context.switch)
    documents = documents_of(operation.context, caller)
    for target in _settled_targets(call.action, operation):
        facts = facts_of(call, operation.context, caller, target)
        decision = decide(replace(documents, key_policy=target.policy), facts, rules)
        if not decision.allowed:
            status = 400 if call.action in _AS_BAD_REQUEST else None
            raise VendorError("Forbidden.NoPermission", status=status, detail=_detail(target.action, caller, decision))


def _settled_targets(action: str, operation: Operation) -> Sequence[Target]:
    """The targets after time has gone by for keys of other accounts as well."""
    found = targets(action, operation)
    others = {target.scope for target in found if target.scope and target.policy} - {operation.home}
    for scope in others:
        settle(replace(operation, scope=scope))
    return targets(action, operation) if others else found


def may_assume(call: Call, context: Context, caller: Caller, role: str) -> bool:
    """Whether RAM of the caller's account allows it to assume the role."""
    facts = facts_of(call, context, caller, Target("sts:AssumeRole", role))
    return allowed_in_ram(documents_of(context, caller), facts, readings.rules(context.switch))


def documents_of(context: Context, caller: Caller) -> Documents:
    """What RAM has about a caller."""
    policy = caller.session.policy if caller.session is not None else ""
    return Documents(ram=ram_documents(context, caller), session=parsed(policy) if policy else None)


def facts_of(call: Call, context: Context, caller: Caller, target: Target) -> CallFacts:
    """What is known of a call."""
    address, vpc = source_address(call, context), call.request.headers.get(SOURCE_VPC, "")
    # What comes through a VPC has no public address, and an instance's own gateway does not tell VPCs [S14].
    at_instance = call.request.headers.get("Host", "").lower().startswith(_INSTANCE_HOST)
    seen, private = ("", "") if at_instance else (vpc, address if vpc else "")
    return CallFacts(
        target.action, target.resource, account=caller.principal.account, name=caller.name, now=context.now,
        source_ip="" if vpc else address, vpc=seen, vpc_source_ip=private, secure=call.request.is_secure,
        tags=target.tags,
    )  # fmt: skip


def source_address(call: Call, context: Context) -> str:
    """The address that a call comes from."""
    return call.request.headers.get(SOURCE_IP) or str(context.switch(SWITCH_IP)) or call.request.remote_addr or ""


def _detail(action: str, caller: Caller, decision: Decision) -> Mapping[str, Any]:
    """That refusals may tell this is [S3]; which members there are is [I]."""
    kind = "AssumedRoleUser" if caller.session else "Account" if caller.principal.root else "SubUser"
    return {
        "AuthAction": action, "AuthPrincipalType": kind, "AuthPrincipalDisplayName": caller.principal.user_id,
        "AuthPrincipalOwnerId": caller.principal.account,
        "NoPermissionType": "ExplicitDeny" if decision.why.explicit else "ImplicitDeny",
        "DiagnosticMessage": str(decision.why),
    }  # fmt: skip
