"""Operations 56, 57, 59, 60, 62, 70, 72: access points, the networks they are in, their endpoint whitelist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kms_emulator.contract import Document, DuplicateValueError
from kms_emulator.ctyun import fields
from kms_emulator.ctyun.access_points import described, find_access_point
from kms_emulator.ctyun.invocation import Invocation, Payload
from kms_emulator.ctyun.key_actions import chosen_instance
from kms_emulator.ctyun.terms import (
    ACCESS_POINT_EXISTS,
    ACCESS_POINT_USED,
    BAD_VALUE,
    DEFAULT_PROJECT,
    DESCRIPTION_LENGTH,
    NO_SUBNET,
    NO_VPC,
    QUOTA,
    Refusal,
)
from kms_emulator.ctyun.uses import ACCESS_POINT_NAME_LENGTH, ENDPOINT, ENDPOINTS_PER_ACCESS_POINT


def list_access_points(invocation: Invocation) -> Payload:
    """A page of access points, oldest first; by instance and by exact name."""
    number, size = fields.paging(invocation.fields)
    name, instance = invocation.fields.get("name"), invocation.fields.get("instanceId")

    def match(point: Mapping[str, Any]) -> bool:
        return bool(point["name"] == name)

    page = invocation.access_points.list(
        where=("instance", instance) if instance else None, match=match if name else None,
        start=(number - 1) * size, limit=size, lagged=True,
    )  # fmt: skip
    return {"totalCount": page.total, "list": [described(point) for point in page.items]}


def list_vpcs(invocation: Invocation) -> Payload:
    """A page of the account's private networks, as the seed planted them."""
    number, size = fields.paging(invocation.fields)
    page = invocation.vpcs.list(start=(number - 1) * size, limit=size, lagged=True)
    return {"list": [{"vpcId": vpc["id"], "vpcName": vpc["name"]} for vpc in page.items]}


def list_subnets(invocation: Invocation) -> Payload:
    """The parts of one private network."""
    vpc = invocation.fields["vpcId"]
    if vpc not in invocation.vpcs:
        raise Refusal(NO_VPC)
    found = invocation.subnets.list(where=("vpc", vpc), lagged=True).items
    return {
        "list": [{"subnetId": entry["id"], "subnetName": entry["name"], "cidr": entry["cidr"]} for entry in found]
    }  # fmt: skip


def create_access_point(invocation: Invocation) -> Payload:
    """A door for applications in a subnet. Permissions are controlled from the start, and nothing is permitted yet."""
    given = invocation.fields
    name, description = given["name"], given.get("description", "")
    if len(name) > ACCESS_POINT_NAME_LENGTH or len(description) > DESCRIPTION_LENGTH:
        limits = f"{ACCESS_POINT_NAME_LENGTH} and description at most {DESCRIPTION_LENGTH}"
        raise Refusal(BAD_VALUE, f"name must have at most {limits} characters")
    if given["vpcId"] not in invocation.vpcs:
        raise Refusal(NO_VPC)
    subnet = invocation.subnets.get(given["subnetId"])
    if subnet is None or subnet["vpc"] != given["vpcId"]:
        raise Refusal(NO_SUBNET)
    point: Document = {
        "id": invocation.context.uuid(), "name": name, "instance": chosen_instance(invocation), "vpc": given["vpcId"],
        "subnet": given["subnetId"], "description": description, "project": given.get("epId", DEFAULT_PROJECT),
        "created": invocation.now, "control": True, "apis": [], "resources": [], "endpoints": [],
    }  # fmt: skip
    try:
        invocation.access_points.put(point["id"], point)
    except DuplicateValueError:
        raise Refusal(ACCESS_POINT_EXISTS) from None
    return {"accessPointId": point["id"]}


def delete_access_point(invocation: Invocation) -> Payload:
    """Remove an access point that has no credentials any more; the other way is the harder case for a client."""
    point = find_access_point(invocation)
    if invocation.tenants.count(where=("point", point["id"])):
        raise Refusal(ACCESS_POINT_USED)
    invocation.access_points.delete(point["id"])
    return {}


def list_endpoint_whitelist(invocation: Invocation) -> Payload:
    """The endpoints that may come in, in the order added."""
    return {"list": find_access_point(invocation)["endpoints"]}


def add_endpoint_whitelist(invocation: Invocation) -> Payload:
    """Let further endpoints in; those already there do not matter. No operation takes one away."""
    wanted = invocation.fields["endpoints"]
    if not all(isinstance(entry, str) and ENDPOINT.fullmatch(entry) for entry in wanted):
        raise Refusal(BAD_VALUE, "endpoints must be a list of endpoint ids, addresses or blocks of addresses")
    point = find_access_point(invocation)
    point["endpoints"] = list(dict.fromkeys([*point["endpoints"], *wanted]))
    if invocation.context.quotas and len(point["endpoints"]) > ENDPOINTS_PER_ACCESS_POINT:
        raise Refusal(QUOTA, f"{ENDPOINTS_PER_ACCESS_POINT} endpoints of an access point")
    invocation.access_points.put(point["id"], point)
    return {}
