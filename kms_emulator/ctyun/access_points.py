"""The documents of access points: found and described. Everything but the titles of the operations is [I?]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kms_emulator.contract import Document
from kms_emulator.ctyun.invocation import Invocation
from kms_emulator.ctyun.keys import stamp
from kms_emulator.ctyun.terms import NO_ACCESS_POINT, NO_CREDENTIAL, Refusal


def find_access_point(invocation: Invocation, name: str = "accessPointId") -> Document:
    """The access point that a field names."""
    found = invocation.access_points.get(invocation.fields[name])
    if found is None:
        raise Refusal(NO_ACCESS_POINT)
    return found


def find_tenant(invocation: Invocation) -> Document:
    """The tenant credential that ``accessKey`` names; one of another account or resource pool is not there."""
    found = invocation.tenants.get(invocation.fields["accessKey"])
    if found is None or (found["account"], found["region"]) != invocation.scope:
        raise Refusal(NO_CREDENTIAL)
    return found


def described(point: Mapping[str, Any]) -> dict[str, object]:
    """An access point in a listing."""
    return {
        "accessPointId": point["id"], "name": point["name"], "instanceId": point["instance"], "vpcId": point["vpc"],
        "subnetId": point["subnet"], "description": point["description"], "epId": point["project"],
        "permissionControl": point["control"], "createdAt": stamp(point["created"]),
    }  # fmt: skip
