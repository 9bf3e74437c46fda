"""The gateway of a KMS instance: what it recognises, the order of its checks, and which instances a caller reaches."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from kms_emulator.alibaba.access_model import ACCESS_POINTS, POLICIES, AccessPoint, AccessPolicy
from kms_emulator.alibaba.authorisation import ENFORCE
from kms_emulator.alibaba.decision_points import SHARED
from kms_emulator.alibaba.errors import VendorError
from kms_emulator.alibaba.facts import DEFAULT_REGION
from kms_emulator.alibaba.gateway_actions import GATEWAY_ACTIONS, GatewayAction
from kms_emulator.alibaba.gateway_errors import CONTENT_TYPE, GatewayError, failure, missing_header
from kms_emulator.alibaba.gateway_messages import MessageError, Values, read, write
from kms_emulator.alibaba.gateway_signature import ACCESS_KEY_ID, API_NAME, API_VERSION, Caller, authenticate
from kms_emulator.alibaba.gateway_work import Work
from kms_emulator.alibaba.lifecycle import settle
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.parameters import Parameters
from kms_emulator.alibaba.point_access import open_gate
from kms_emulator.alibaba.secret_rotation import settle_secrets
from kms_emulator.contract import Answer, Call, Context, Principal, Refused, Request

VERSION = "dkms-gcs-0.2"
KEY_VERSION = "x-kms-migrationkeyversionid"
_INSTANCE_IN_HOST = re.compile(r"(kst-[a-z0-9]+)\.")
_LONGEST_SUBJECT = 300


class GatewayFields:
    """The fields of a request, or ``None`` when its body cannot be read."""

    def __init__(self, values: dict[str, Any] | None) -> None:
        self.values = values


def is_ours(request: Request) -> bool:
    """Whether a request is for the instance gateway."""
    return request.mimetype == CONTENT_TYPE or API_NAME in request.headers or ACCESS_KEY_ID in request.headers


def describe(request: Request) -> Call:
    """Name the request. Account and region stay open: only the store knows whose client key it is."""
    name = request.headers.get(API_NAME, "")
    fields: dict[str, Any] | None = None
    if name in GATEWAY_ACTIONS:
        try:
            fields = read(f"{name}Request", request.get_data(cache=True))
        except MessageError:
            fields = None
    told = fields or {}
    subject = str(told.get("KeyId") or told.get("SecretName") or "").rpartition(":key/")[2]
    return Call(
        action=name, request=request, region=DEFAULT_REGION, key=subject[:_LONGEST_SUBJECT], data=GatewayFields(fields)
    )


def execute(call: Call, context: Context) -> Answer:
    """Check the request, then do the operation."""
    try:
        return _perform(call, context)
    except (GatewayError, VendorError) as refusal:
        raise Refused(failure(call, refusal)) from None


def throttled(call: Call) -> Answer:
    """The answer to requests beyond the rate."""
    return failure(call, VendorError("Rejected.Throttling"))


def outage(call: Call, status: int) -> Answer:
    """The answer of a broken gateway."""
    return failure(call, VendorError("InternalFailure", status=status))


def _perform(call: Call, context: Context) -> Answer:
    action = _action(call.request)
    fields = call.data.values
    prepared = action.prepare(fields) if action.prepare and fields is not None else b""
    caller = authenticate(call.request, context)
    if fields is None:
        raise VendorError("InvalidParameter", "The body is not the message of this operation.")
    operation = Operation(Parameters({}), context, caller.scope, _principal(caller))
    policies = _policies(operation, caller)
    instances = _instances(operation, policies, call.request)
    settle(operation)
    settle_secrets(operation)
    gate = open_gate(call, context, operation.scope, policies) if context.switch(ENFORCE) else None
    work = Work(operation, fields, instances, call.request.headers.get(KEY_VERSION, ""), prepared, gate=gate)
    values: Values = {**action.perform(work), "RequestId": call.request_id}
    if gate is not None:
        gate.finish(sorted(instances))
    # The vendor's package cannot do without this header in some answers and never minds it in others.
    headers = {KEY_VERSION: work.version} if work.version else {}
    body = write(f"{call.action}Response", values)
    return Answer(200, body, CONTENT_TYPE, headers, key=work.operation.touched)


def _action(request: Request) -> GatewayAction:
    for name in (API_VERSION, API_NAME):
        if not request.headers.get(name):
            raise missing_header(name)
    if request.headers[API_VERSION] != VERSION:
        raise GatewayError("InvalidApiVersion")
    action = GATEWAY_ACTIONS.get(request.headers[API_NAME])
    if action is None:
        raise GatewayError("InvalidApiName", f"The ApiName {request.headers[API_NAME][:64]!r} is invalid.")
    return action


def _principal(caller: Caller) -> Principal:
    """An application has no user: its access point stands for it."""
    return Principal(
        cloud="alibaba", account=caller.scope.account, user=caller.key.access_point, user_id=caller.key.id,
        root=False, access_key_id=caller.key.id, secret="",
    )  # fmt: skip


def _policies(operation: Operation, caller: Caller) -> list[AccessPolicy]:
    """The policies of the caller's access point."""
    store, scope = operation.context.store, operation.scope
    document = store.collection(ACCESS_POINTS, scope).get(caller.key.access_point)
    names = AccessPoint.load(document).policies if document is not None else []
    found = (store.collection(POLICIES, scope).get(name) for name in names)
    return [AccessPolicy.load(policy) for policy in found if policy is not None]


def _instances(operation: Operation, policies: Sequence[AccessPolicy], request: Request) -> frozenset[str]:
    """The instances whose keys and secrets the request may be about.

    At the vendor the host names one. An emulator answers under one address, so a host that names none stands for all
    the instances that the policies of the access point are for. A policy without an instance is for every one [I?].
    """
    wanted = {policy.instance for policy in policies} - {SHARED}
    allowed = frozenset(operation.instances.ids() if "" in wanted else wanted)
    named = _INSTANCE_IN_HOST.match(request.headers.get("Host", "").lower())
    if named is not None:
        allowed &= {named[1]}
    if not allowed:
        raise VendorError("Forbidden.NoPermission")
    return allowed
