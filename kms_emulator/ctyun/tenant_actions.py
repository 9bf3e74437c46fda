"""Operations 61, 63, 68, 69, 71: credentials of the applications behind an access point."""

from __future__ import annotations

from kms_emulator.contract import Document
from kms_emulator.ctyun import fields
from kms_emulator.ctyun.access_points import find_access_point, find_tenant
from kms_emulator.ctyun.invocation import Invocation, Payload
from kms_emulator.ctyun.keys import stamp
from kms_emulator.ctyun.uses import TENANT_ENABLED, TENANT_SWITCHED_OFF

_BYTES = 16  # written in hex, like the keys of the public host


def list_tenant_aks(invocation: Invocation) -> Payload:
    """A page of an access point's credentials, oldest first, without their secrets."""
    number, size = fields.paging(invocation.fields)
    where = ("point", find_access_point(invocation)["id"])
    page = invocation.tenants.list(where=where, start=(number - 1) * size, limit=size, lagged=True)
    return {
        "list": [
            {"accessKey": tenant["id"], "status": tenant["status"], "createdAt": stamp(tenant["created"])}
            for tenant in page.items
        ]
    }


def create_tenant_ak_sk(invocation: Invocation) -> Payload:
    """A new credential; its secret is in this answer and in no other."""
    point, random = find_access_point(invocation), invocation.context.random
    tenant: Document = {
        "id": random.randbytes(_BYTES).hex(), "secret": random.randbytes(_BYTES).hex(), "point": point["id"],
        "account": invocation.scope.account, "region": invocation.scope.region, "status": TENANT_ENABLED,
        "created": invocation.now,
    }  # fmt: skip
    invocation.tenants.put(tenant["id"], tenant)
    return {"accessKey": tenant["id"], "secretKey": tenant["secret"]}


def disable_tenant_ak(invocation: Invocation) -> Payload:
    """Refuse a credential from now on; a disabled one stays as it is."""
    return _set_status(invocation, TENANT_SWITCHED_OFF)


def enable_tenant_ak(invocation: Invocation) -> Payload:
    """Accept a credential again; an enabled one stays as it is."""
    return _set_status(invocation, TENANT_ENABLED)


def _set_status(invocation: Invocation, status: str) -> Payload:
    tenant = find_tenant(invocation)
    invocation.tenants.put(tenant["id"], {**tenant, "status": status})
    return {}


def delete_tenant_ak(invocation: Invocation) -> Payload:
    """Remove a credential for good, enabled or not."""
    invocation.tenants.delete(find_tenant(invocation)["id"])
    return {}
