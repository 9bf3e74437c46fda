"""Operations 55, 58, 64 to 67, 73, 74: what the applications behind an access point may do.

Permissions are kept here; ``decision`` says what they mean, ``tenant_access`` enforces them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from kms_emulator.contract import Document
from kms_emulator.ctyun import fields
from kms_emulator.ctyun.access_points import find_access_point
from kms_emulator.ctyun.facts import OPERATIONS
from kms_emulator.ctyun.invocation import Invocation, Payload
from kms_emulator.ctyun.tenant_facts import SERVICES
from kms_emulator.ctyun.terms import BAD_TYPE, BAD_VALUE, NO_ACCESS_POINT, NO_CERTIFICATE, NO_KEY, Refusal
from kms_emulator.ctyun.uses import (
    CERTIFICATE_RESOURCE,
    EVERY_RESOURCE,
    KEY_RESOURCE,
    USB_CERTIFICATE_RESOURCE,
)

_Entry = TypeVar("_Entry")
_OWN_GROUP = "accessPoint"
# What can be permitted: every operation but those on access points, and the services that only access points have [I?].
INTERFACES: Sequence[str] = tuple(
    dict.fromkeys(
        [entry.name for entry in OPERATIONS.values() if entry.group != _OWN_GROUP]
        + [entry.operation.name for entry in SERVICES.values()]
    )
)


def list_api_permissions(invocation: Invocation) -> Payload:
    """A page of all interfaces, each with whether it is permitted."""
    number, size = fields.paging(invocation.fields)
    found = _interfaces(find_access_point(invocation))
    return {"totalCount": len(found), "list": _part(found, number, size)}


def get_tenant_api_permission(invocation: Invocation) -> Payload:
    """All interfaces at once, for an access point or for the one that a credential belongs to."""
    name = invocation.fields["accessKey"]
    tenant = invocation.tenants.get(name)
    own = tenant is not None and (tenant["account"], tenant["region"]) == invocation.scope
    point = invocation.access_points.get(tenant["point"] if tenant and own else name)
    if point is None:
        raise Refusal(NO_ACCESS_POINT)
    return {"list": _interfaces(point)}


def _interfaces(point: Document) -> list[dict[str, object]]:
    allowed = set(point["apis"])
    return [{"apiName": name, "allowed": name in allowed} for name in INTERFACES]


def update_api_permissions(invocation: Invocation) -> Payload:
    """Set which interfaces are permitted: the list given replaces the former one, and control is on from now."""
    allowed = list(dict.fromkeys(_allowed(invocation.fields["apis"])))
    return _controlled(invocation, find_access_point(invocation), apis=allowed)


def _allowed(given: Sequence[object]) -> Iterator[str]:
    """Names, or objects of name and flag as the listing gives them."""
    for entry in given:
        name, allowed = (entry.get("apiName"), entry.get("allowed", True)) if isinstance(entry, dict) else (entry, True)
        if not isinstance(name, str) or not isinstance(allowed, bool):
            raise Refusal(BAD_TYPE, "apis must be a list of names, or of objects of apiName and allowed")
        if name not in INTERFACES:
            raise Refusal(BAD_VALUE, "apis names an interface that does not exist")
        if allowed:
            yield name


def list_resource_permissions(invocation: Invocation) -> Payload:
    """A page of the resources that may be used."""
    number, size = fields.paging(invocation.fields)
    return {"list": _part(find_access_point(invocation)["resources"], number, size)}


def get_resource_permission(invocation: Invocation) -> Payload:
    """Whether permissions are controlled, and all resources at once."""
    point = find_access_point(invocation)
    return {"accessPointId": point["id"], "enabled": point["control"], "list": point["resources"]}


def update_resource_permissions(invocation: Invocation) -> Payload:
    """Set which resources may be used: the list given replaces the former one, and control is on from now."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for entry in invocation.fields["resources"]:
        kind, identifier = _resource(invocation, entry)
        found[kind, identifier] = {"resourceType": kind, "resourceId": identifier}
    return _controlled(invocation, find_access_point(invocation), resources=list(found.values()))


def _resource(invocation: Invocation, entry: object) -> tuple[str, str]:
    """Type and id of a resource; it must exist, or be the star that means all of the type."""
    kind, identifier = (entry.get("resourceType"), entry.get("resourceId")) if isinstance(entry, dict) else (None, None)
    if not isinstance(kind, str) or not isinstance(identifier, str):
        raise Refusal(BAD_TYPE, "resources must be a list of objects of resourceType and resourceId")
    places = {
        KEY_RESOURCE: (invocation.keys, NO_KEY),
        CERTIFICATE_RESOURCE: (invocation.certificates, NO_CERTIFICATE),
        USB_CERTIFICATE_RESOURCE: (invocation.usb_certificates, NO_CERTIFICATE),
    }  # fmt: skip
    fields.one_of("resourceType", kind, tuple(places))
    collection, missing = places[kind]
    if identifier != EVERY_RESOURCE and identifier not in collection:
        raise Refusal(missing)
    return kind, identifier


def check_permission_control(invocation: Invocation) -> Payload:
    """Whether permissions are looked at."""
    return {"enabled": find_access_point(invocation)["control"]}


def disable_permission_control(invocation: Invocation) -> Payload:
    """Permit everything. No operation switches control on again; changing permissions does, so that there is a way."""
    point = find_access_point(invocation)
    invocation.access_points.put(point["id"], {**point, "control": False})
    return {}


def _controlled(invocation: Invocation, point: Document, **changes: object) -> Payload:
    invocation.access_points.put(point["id"], {**point, **changes, "control": True})
    return {}


def _part(found: Sequence[_Entry], number: int, size: int) -> Sequence[_Entry]:
    return found[(number - 1) * size : number * size]
