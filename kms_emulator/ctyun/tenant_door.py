"""The private interface of access points: from a request without ``/v1`` to the action, in the scope of its tenant."""

from __future__ import annotations

from collections.abc import Mapping

from kms_emulator.ciphers.mac import sm3
from kms_emulator.contract import Answer, Call, Context, Principal, Refused, Request, Scope
from kms_emulator.ctyun import envelope
from kms_emulator.ctyun.actions import ACTIONS
from kms_emulator.ctyun.fields import checked, encoded
from kms_emulator.ctyun.invocation import EVERYBODY, Action, Invocation, Payload
from kms_emulator.ctyun.keys import settle
from kms_emulator.ctyun.tenant_access import enter
from kms_emulator.ctyun.tenant_auth import HEADERS, verify
from kms_emulator.ctyun.tenant_facts import SERVICES, Service
from kms_emulator.ctyun.terms import BAD_BODY, NO_ACCESS_POINT, NO_SERVICE, Refusal
from kms_emulator.ctyun.usb_certificate_actions import certificate_public_key_verify_for_usb_key
from kms_emulator.ctyun.workshop import Workshop


def message_digest(invocation: Invocation) -> Payload:
    """SM3 of a plain text [S6]."""
    return {"output": encoded(sm3(invocation.fields["input"].encode()))}


_OWN_ACTIONS: Mapping[str, Action] = {
    "messageDigest": message_digest,
    "certificatePublicKeyVerifyForUsbKey": certificate_public_key_verify_for_usb_key,
}


def is_for_access_point(request: Request) -> bool:
    """Whether a request is for an access point: by one of its paths, or by its headers."""
    return request.path in SERVICES or all(name in request.headers for name in HEADERS)


def execute(call: Call, context: Context, workshop: Workshop) -> Answer:
    """Signature, network, path, fields; then the action, which asks for permission once it has found its object."""
    try:
        service, payload = _perform(call, context, workshop)
    except Refusal as problem:
        raise Refused(envelope.access_point_refusal(call, context, problem)) from None
    return envelope.access_point_success(service.operation.title, payload)


def _perform(call: Call, context: Context, workshop: Workshop) -> tuple[Service, Payload]:
    body = call.data.body
    tenants = context.store.collection("tenants", EVERYBODY)
    tenant = verify(call, context, body or {}, tenants)
    scope = Scope(tenant["account"], tenant["region"])
    point = context.store.collection("access_points", scope).get(tenant["point"])
    if point is None:
        raise Refusal(NO_ACCESS_POINT)
    gate = enter(call, context, point, tenant)
    service = SERVICES.get(call.request.path) if call.request.method == "POST" else None
    if service is None:
        raise Refusal(NO_SERVICE)
    if body is None:
        raise Refusal(BAD_BODY)
    given = checked(service.operation, body, strict=context.strict)
    settle(context, scope)
    user = Principal(
        cloud=context.cloud, account=scope.account, user=tenant["id"], user_id=tenant["id"], root=False,
        access_key_id=tenant["id"], secret="",
    )  # fmt: skip
    invocation = Invocation(service.operation.name, given, context, scope, user, workshop, gate=gate)
    action = _OWN_ACTIONS.get(service.operation.name) or ACTIONS[service.operation.name]
    payload = action(invocation)
    if gate is not None:
        gate.finish()
    return service, payload
