"""The cloud object: recognises CTYun's requests and leads each through signature, region, fields and action."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kms_emulator.contract import Answer, Call, Context, Directory, Kind, Principal, Rate, Refused, Request, Switch
from kms_emulator.ctyun import envelope, tenant_access, tenant_door
from kms_emulator.ctyun.actions import ACTIONS
from kms_emulator.ctyun.auth import AUTHORIZATION, REQUEST_ID, BadSignature, access_key_id, verify
from kms_emulator.ctyun.envelope import sent_status
from kms_emulator.ctyun.facts import GROUPS, PATHS, PREFIX, Operation
from kms_emulator.ctyun.fields import checked
from kms_emulator.ctyun.invocation import Invocation, Payload
from kms_emulator.ctyun.keys import KINDS, settle
from kms_emulator.ctyun.tenant_door import is_for_access_point
from kms_emulator.ctyun.tenant_facts import SERVICES
from kms_emulator.ctyun.terms import BAD_BODY, BAD_REGION, REGION_MISSING, Refusal
from kms_emulator.ctyun.workshop import Workshop, prepared

_POT = "account"
_NAMED_BY = (
    "cmkUuid", "resourceId", "aliasName", "destinationKeyId", "certificateId", "ukId", "accessPointId", "accessKey",
)  # fmt: skip
NO_OPERATION, TOO_MANY, UNAVAILABLE = "19010", "19011", "19012"  # [I?]


@dataclass(frozen=True)
class _Parsed:
    """A request taken apart; ``body`` is empty when it is no JSON object."""

    operation: Operation | None
    body: Mapping[str, Any] | None = field(repr=False)
    access_point: bool


class CtyunCloud:
    """CTYun's KMS on its public host, and the private interface of its access points, on one address."""

    name = "ctyun"
    kinds: Sequence[Kind] = KINDS
    switches: Mapping[str, Switch] = {
        "envelope": Switch("new", "form of answers: of the pages of 2026, or of those before", ("new", "old")),
        "http_status": Switch("body", "HTTP status of refusals: as in the body, or always 200", ("body", "always_200")),
        "wrong_state": Switch("404", "status when a key's state forbids a call", ("404", "400")),
        "require_region": Switch(True, "refuse requests without the header regionId"),
        "refuse_replay": Switch(False, "refuse a request id that was used before"),
        "clock_window_minutes": Switch(15.0, "how far eop-date may be from now"),
        "keys_quota": Switch(0, "keys per account and resource pool; 0 for no limit"),
        "versions_quota": Switch(50, "versions of an asymmetric key; 0 for no limit"),
        "version_interval_days": Switch(7.0, "days between versions made by hand"),
        tenant_access.ENFORCE: Switch(False, "refuse what an access point does not permit, and callers from elsewhere"),
        tenant_access.SWITCH_IP: Switch("", "where calls at access points come from; empty for the real address"),
    }
    # The vendor fixes rates by the edition bought and publishes no figures [I?].
    rates: Mapping[str, Rate] = {_POT: Rate(per_second=100)}

    def __init__(self) -> None:
        self._workshop = Workshop()

    def recognises(self, request: Request) -> bool:
        """By the headers or the path of the gateway or of an access point."""
        headers, path = request.headers, request.path
        if AUTHORIZATION in headers or REQUEST_ID in headers or is_for_access_point(request):
            return True
        return path.startswith(PREFIX) and path.removeprefix(PREFIX).partition("/")[0] in GROUPS

    def describe(self, request: Request, directory: Directory) -> Call:
        """Name the request; what is wrong with it is said after its signature was checked."""
        operation = PATHS.get(request.path) if request.method == "POST" else None
        body = _object(request.get_data(cache=True))
        access_point = AUTHORIZATION not in request.headers and is_for_access_point(request)
        if access_point and request.path in SERVICES:
            operation = SERVICES[request.path].operation
        principal = directory.find(self.name, access_key_id(request.headers.get(AUTHORIZATION, "")))
        named = next((str(body[name]) for name in _NAMED_BY if body.get(name)), "") if body else ""
        return Call(
            action=operation.name if operation else request.path.rpartition("/")[2], request=request,
            account=principal.account if principal else "", region=request.headers.get("regionId", ""), pot=_POT,
            key=named, data=_Parsed(operation, body, access_point),
        )  # fmt: skip

    def execute(self, call: Call, context: Context) -> Answer:
        """Signature, path, region, fields; then the action, which looks for the object and at its state."""
        if call.data.access_point:
            return tenant_door.execute(call, context, self._workshop)
        try:
            user = verify(call, context)
        except BadSignature as problem:
            raise Refused(envelope.gateway(call, sent_status(context, 401), problem.code, problem.text)) from None
        operation = call.data.operation
        if operation is None:
            text = f"no operation {call.request.method} {call.request.path}"
            raise Refused(envelope.gateway(call, sent_status(context, 404), NO_OPERATION, text))
        try:
            payload = _perform(call, context, operation, user, self._workshop)
        except Refusal as problem:
            raise Refused(envelope.refusal(call, context, problem)) from None
        return envelope.success(call, context, operation.title, payload)

    def throttled(self, call: Call) -> Answer:
        """Too many requests, said by the gateway [I?]."""
        return envelope.gateway(call, 429, TOO_MANY, "too many requests")

    def outage(self, call: Call, status: int) -> Answer:
        """The service behind the gateway does not answer [I?]."""
        return envelope.gateway(call, status, UNAVAILABLE, "the service does not answer")


def _perform(call: Call, context: Context, operation: Operation, user: Principal, workshop: Workshop) -> Payload:
    _check_region(call, context)
    if call.data.body is None:
        raise Refusal(BAD_BODY)
    given = checked(operation, call.data.body, strict=context.strict)
    made = prepared(workshop, operation.name, given)
    settle(context, call.scope)
    invocation = Invocation(operation.name, given, context, call.scope, user, workshop, made)
    return ACTIONS[operation.name](invocation)


def _object(text: bytes) -> Mapping[str, Any] | None:
    """The body as a JSON object; no body means no fields [S1]."""
    if not text:
        return {}
    try:
        content = json.loads(text)
        if b"\\u" in text:
            # JSON can spell half of a surrogate pair, which can be neither stored nor answered in UTF-8.
            json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _check_region(call: Call, context: Context) -> None:
    """The resource pool is named by a header [S7]; an account may be limited to some."""
    if not call.region:
        if context.switch("require_region"):
            raise Refusal(REGION_MISSING)
        return
    allowed = context.directory.regions(context.cloud, call.account)
    if allowed and call.region not in allowed:
        raise Refusal(BAD_REGION)
