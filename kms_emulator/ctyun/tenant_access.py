"""Enforces an access point's permissions: gathers what is known of a call, asks ``decision``, refuses in its words.

Switch ``enforce_access``, off unless asked for. Where a call comes from is what its header says, else the switch, else
the address of the connection; the headers exist in the emulator only, because everybody calls it from the loopback.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kms_emulator.contract import Call, Context, Document, Scope
from kms_emulator.ctyun.decision import CallFacts, Decision, Resource, Why, permit, reach
from kms_emulator.ctyun.terms import (
    NOT_PERMITTED_INTERFACE,
    NOT_PERMITTED_RESOURCE,
    NOT_WHITELISTED,
    OUTSIDE_NETWORK,
    TENANT_DISABLED,
    TENANT_MISMATCH,
    Code,
    Refusal,
)

SOURCE_IP, SOURCE_VPC, SOURCE_ENDPOINT = "X-Emulator-Source-Ip", "X-Emulator-Source-Vpc", "X-Emulator-Source-Endpoint"
ENFORCE, SWITCH_IP = "enforce_access", "source_ip"
_CODES: Mapping[Why, Code] = {
    Why.CREDENTIAL_DISABLED: TENANT_DISABLED,
    Why.OTHER_ACCESS_POINT: TENANT_MISMATCH,
    Why.OTHER_VPC: OUTSIDE_NETWORK,
    Why.OUTSIDE_SUBNET: OUTSIDE_NETWORK,
    Why.NOT_ON_WHITELIST: NOT_WHITELISTED,
    Why.INTERFACE_NOT_PERMITTED: NOT_PERMITTED_INTERFACE,
    Why.RESOURCE_NOT_PERMITTED: NOT_PERMITTED_RESOURCE,
}


@dataclass
class Gate:
    """The permissions of one call at an access point; ``asked`` tells whether an action named its resource."""

    point: Document
    facts: CallFacts
    asked: bool = False

    def use(self, type_: str, identifier: str) -> None:
        """Refuse unless the interface may be called, and with this resource."""
        self.asked = True
        _refuse(permit(self.point, self.facts.interface, (Resource(type_, identifier),)), self.facts, type_)

    def finish(self) -> None:
        """Refuse an action that is about no resource unless its interface may be called; its writes are undone."""
        if not self.asked:
            _refuse(permit(self.point, self.facts.interface, ()), self.facts, "")


def enter(call: Call, context: Context, point: Document, tenant: Document) -> Gate | None:
    """Refuse a caller from elsewhere; the gate for what comes next, or nothing when access is not enforced."""
    if not context.switch(ENFORCE):
        return None
    subnet = context.store.collection("subnets", Scope(tenant["account"])).get(point["subnet"])
    headers = call.request.headers
    facts = CallFacts(
        interface=call.action, subnet=subnet["cidr"] if subnet else "", vpc=headers.get(SOURCE_VPC, ""),
        endpoint=headers.get(SOURCE_ENDPOINT, ""),
        source_ip=headers.get(SOURCE_IP) or str(context.switch(SWITCH_IP)) or call.request.remote_addr or "",
    )  # fmt: skip
    _refuse(reach(point, tenant, facts), facts, "")
    return Gate(point, facts)


def _refuse(decision: Decision, facts: CallFacts, type_: str) -> None:
    if decision.allowed:
        return
    code = _CODES[decision.why]
    detail = {
        OUTSIDE_NETWORK: str(decision.why),
        NOT_PERMITTED_INTERFACE: facts.interface,
        NOT_PERMITTED_RESOURCE: type_,
    }
    raise Refusal(code, detail.get(code, ""))
