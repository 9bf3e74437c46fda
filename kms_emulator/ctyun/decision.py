"""Whether an access point lets a call through: a pure function of its documents and of what is known of the call.

No store, no clock, no network, so a tester can call it by the hundred thousand:

    from kms_emulator.ctyun.decision import CallFacts, Resource, decide
    facts = CallFacts("encrypt", (Resource("key", "971ba207-…"),), source_ip="192.168.1.7", subnet="192.168.1.0/24")
    allowed, why = decide(access_point_document, tenant_document, facts)

The vendor publishes nothing but the titles of the operations that set all this [S1]. Every rule here is [I?]:

1. The credential must be enabled and one of this access point.
2. The call must come from the access point's VPC, as far as its VPC is known, and from the block of its subnet.
3. With an endpoint whitelist, the endpoint or the address must be on it as well; without one, every endpoint may come.
4. With permission control off, nothing else is asked. The credential and the network still are.
5. The interface must be permitted.
6. Every resource that the call is about must be permitted, by its id or by the star of its type. A call that is about
   none, or that makes one, asks for the interface alone.
"""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from kms_emulator.ctyun.uses import EVERY_RESOURCE, TENANT_ENABLED

_ReadOnly = Mapping[str, Any]
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Why(StrEnum):
    """The rule that decided, as a sentence."""

    PERMITTED = "the access point permits the interface and the resource"
    CONTROL_OFF = "the access point does not control permissions"
    CREDENTIAL_DISABLED = "the tenant credential is disabled"
    OTHER_ACCESS_POINT = "the tenant credential belongs to another access point"
    OTHER_VPC = "the call comes from another VPC than that of the access point"
    OUTSIDE_SUBNET = "the call comes from outside the subnet of the access point"
    NOT_ON_WHITELIST = "the endpoint whitelist of the access point has neither the endpoint nor the address"
    INTERFACE_NOT_PERMITTED = "the access point does not permit this interface"
    RESOURCE_NOT_PERMITTED = "the access point does not permit this resource"


class Decision(NamedTuple):
    """The outcome, and the rule that brought it about."""

    allowed: bool
    why: Why


class Resource(NamedTuple):
    """What a call is about: a type (``key``, ``certificate``, ``ukCertificate``) and an id."""

    type: str
    id: str


@dataclass(frozen=True)
class CallFacts:
    """What is known of a call.

    ``interface`` is the operation's name. ``vpc`` and ``endpoint`` are empty when unknown. ``subnet`` is the block of
    addresses of the access point's subnet, empty when the subnet does not exist.
    """

    interface: str
    resources: tuple[Resource, ...] = ()
    source_ip: str = ""
    vpc: str = ""
    endpoint: str = ""
    subnet: str = ""


_REACHED = Decision(True, Why.PERMITTED)


def decide(point: _ReadOnly, tenant: _ReadOnly, facts: CallFacts) -> Decision:
    """Whether the call goes through; the first rule that says no is told."""
    reached = reach(point, tenant, facts)
    return permit(point, facts.interface, facts.resources) if reached.allowed else reached


def reach(point: _ReadOnly, tenant: _ReadOnly, facts: CallFacts) -> Decision:
    """Rules 1 to 3: whether this caller gets as far as the access point."""
    if tenant["status"] != TENANT_ENABLED:
        return Decision(False, Why.CREDENTIAL_DISABLED)
    if tenant["point"] != point["id"]:
        return Decision(False, Why.OTHER_ACCESS_POINT)
    if facts.vpc and facts.vpc != point["vpc"]:
        return Decision(False, Why.OTHER_VPC)
    if not _within(facts.source_ip, facts.subnet):
        return Decision(False, Why.OUTSIDE_SUBNET)
    if point["endpoints"] and not any(_is(entry, facts) for entry in point["endpoints"]):
        return Decision(False, Why.NOT_ON_WHITELIST)
    return _REACHED


def permit(point: _ReadOnly, interface: str, resources: Iterable[Resource]) -> Decision:
    """Rules 4 to 6: whether the access point permits what a caller wants who got there."""
    if not point["control"]:
        return Decision(True, Why.CONTROL_OFF)
    if interface not in point["apis"]:
        return Decision(False, Why.INTERFACE_NOT_PERMITTED)
    permitted = {(entry["resourceType"], entry["resourceId"]) for entry in point["resources"]}
    for wanted in resources:
        if wanted not in permitted and (wanted.type, EVERY_RESOURCE) not in permitted:
            return Decision(False, Why.RESOURCE_NOT_PERMITTED)
    return Decision(True, Why.PERMITTED)


def _is(entry: str, facts: CallFacts) -> bool:
    """Whether an entry of the whitelist means this caller: as an endpoint's id, an address, or a block of addresses."""
    return entry == facts.endpoint or _within(facts.source_ip, entry)


def _within(address: str, block: str) -> bool:
    """Whether an address is in a block. What is no address is in none, and what is no block holds none."""
    found, network = _address(address), _network(block)
    return found is not None and network is not None and found in network


@functools.lru_cache(maxsize=4096)
def _address(text: str) -> _Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    # A socket for both families shows IPv4 callers in this form.
    return (isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped) or found


@functools.lru_cache(maxsize=4096)
def _network(text: str) -> _Network | None:
    """The block, host bits allowed; a bare address is a block of one."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
