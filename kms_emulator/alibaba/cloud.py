"""Alibaba Cloud as one of the emulated clouds: the order of checks around every action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from kms_emulator.alibaba import door, facts, gateway, readings, sts_actions
from kms_emulator.alibaba.access_model import ACCESS_KINDS
from kms_emulator.alibaba.actions import ACTIONS, DRY_RUN, Action
from kms_emulator.alibaba.authorisation import ENFORCE, SWITCH_IP, authorise
from kms_emulator.alibaba.certificate_model import CERTIFICATE_KINDS
from kms_emulator.alibaba.errors import VendorError, dry_run_reason, invalid, missing
from kms_emulator.alibaba.gaps import NOT_EMULATED
from kms_emulator.alibaba.instance_ca import make_instance_certificates
from kms_emulator.alibaba.lifecycle import settle
from kms_emulator.alibaba.material_import import IMPORT_KINDS
from kms_emulator.alibaba.model import KINDS
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.parameters import Parameters
from kms_emulator.alibaba.ram_model import RAM_KINDS, Caller, account_of
from kms_emulator.alibaba.secret_model import SECRET_KINDS
from kms_emulator.alibaba.secret_rotation import settle_secrets
from kms_emulator.alibaba.signature import authenticate
from kms_emulator.alibaba.targets import is_lent
from kms_emulator.alibaba.wire import COMMON, Message, failure, is_ours, read_message, region_of, success
from kms_emulator.contract import Answer, Call, Context, Directory, Kind, Rate, Refused, Request, Switch
from kms_emulator.doors import Export
from kms_emulator.store import Transaction
from kms_emulator.tls import TlsFiles

NAME = "alibaba"
_SUBJECTS = (
    "KeyId", "AliasName", "ResourceId.1", "ProtectedResourceArn", "DestinationKeyId", "SecretName", "CertificateId",
)  # fmt: skip
_LONGEST_SUBJECT = 300


class AlibabaCloud:
    """The key management service of Alibaba Cloud on its shared gateway, and the gateway of its instances."""

    name: str = NAME
    kinds: Sequence[Kind] = (*KINDS, *IMPORT_KINDS, *SECRET_KINDS, *CERTIFICATE_KINDS, *ACCESS_KINDS, *RAM_KINDS)
    rates: Mapping[str, Rate] = facts.RATES
    switches: Mapping[str, Switch] = {
        "many_default_keys": Switch(
            False, "the older product: up to 200 keys outside of instances, with more specifications and rotation"
        ),
        "default_key_rotation": Switch(False, "the service for rotating default keys has been bought"),
        "managed_hsm": Switch(True, "keys outside of instances get ProtectionLevel HSM in mainland regions"),
        "ca_chain": Switch("", "PEM of the authorities that GetKmsInstance tells; empty: one of the instance's own"),
        ENFORCE: Switch(False, "refuse what key policies, RAM and access points do not allow"),
        SWITCH_IP: Switch("", "the address that calls come from, in place of the connection's"),
        **readings.SWITCHES,
        "guard_access": Switch(False, "policies and network rules that are in use cannot be deleted"),
        "account_status": Switch(
            "Enabled", "what DescribeAccountKmsStatus tells", ("Enabled", "NotEnabled", "InDebt", "Suspended")
        ),
    }

    def recognises(self, request: Request) -> bool:
        """Whether the request speaks the API of this cloud."""
        return gateway.is_ours(request) or is_ours(request)

    def describe(self, request: Request, directory: Directory) -> Call:
        """Name the request; whatever is wrong with it is told later, after the signature."""
        if gateway.is_ours(request):
            return gateway.describe(request)
        message = read_message(request)
        principal = directory.find(NAME, message.access_key_id)
        account = principal.account if principal else account_of(message.access_key_id)
        parameters = message.parameters
        action = ACTIONS.get(message.action)
        subject = next((parameters[name] for name in _SUBJECTS if parameters.get(name)), "")
        return Call(
            action=message.action, request=request, account=account,
            region=region_of(request, message), pot=action.pot if action else "",
            key=subject.rpartition(":key/")[2][:_LONGEST_SUBJECT], data=message,
        )  # fmt: skip

    def execute(self, call: Call, context: Context) -> Answer:
        """Check the request, then do the action."""
        if isinstance(call.data, gateway.GatewayFields):
            return gateway.execute(call, context)
        try:
            return self._perform(call.data, call, context)
        except VendorError as refusal:
            raise Refused(failure(call, refusal)) from None

    def _perform(self, message: Message, call: Call, context: Context) -> Answer:
        if call.request.method not in ("GET", "POST"):
            raise VendorError("UnsupportedHTTPMethod")
        caller = authenticate(call, message, context)
        if message.problem is not None:
            raise message.problem
        if message.version == facts.STS_VERSION:
            return _token_service(message, call, context, caller)
        action = _checked_action(message)
        if call.region not in (context.directory.regions(NAME, caller.principal.account) or facts.REGIONS):
            raise VendorError("InvalidRegionId.NotFound")
        parameters = Parameters(message.parameters)
        unknown = parameters.unknown(action.parameters | COMMON) if context.strict else []
        if unknown:
            raise invalid(unknown[0], f"{message.action} has no such parameter")
        dry = DRY_RUN in action.parameters and bool(parameters.flag(DRY_RUN))
        operation = Operation(
            parameters, context, call.scope, caller.principal, host=call.request.headers.get("Host", "").lower(),
            borrows=bool(context.switch(ENFORCE)) and is_lent(message.action),
        )  # fmt: skip
        if action.prepare is not None:
            operation.prepared = action.prepare(parameters)
        settle(operation)
        settle_secrets(operation)
        try:
            if context.switch(ENFORCE):
                authorise(call, operation, caller)
            payload = action.perform(operation)
        except VendorError as refusal:
            raise dry_run_reason(refusal) if dry else refusal from None
        if dry:
            raise VendorError("DryRunOperationError")
        return success(call, payload, operation.touched)

    def throttled(self, call: Call) -> Answer:
        """The answer to requests beyond the rate."""
        if isinstance(call.data, gateway.GatewayFields):
            return gateway.throttled(call)
        return failure(call, VendorError("Rejected.Throttling"))

    def outage(self, call: Call, status: int) -> Answer:
        """The answer of a broken service."""
        if isinstance(call.data, gateway.GatewayFields):
            return gateway.outage(call, status)
        code = "ServiceUnavailableTemporary" if status == facts.UNAVAILABLE else "InternalFailure"
        return failure(call, VendorError(code, status=status))

    def door_certificates(self, folder: Path, host: str) -> TlsFiles:
        """Authority and certificate of the instance gateway."""
        return make_instance_certificates(folder, host)

    def door_settings(self, authority: str) -> Mapping[str, str]:
        """GetKmsInstance tells the authority that the gateway really has."""
        return {"ca_chain": authority}

    def door_exports(self, store: Transaction, directory: Directory, now: float) -> Sequence[Export]:
        """The client key of the seed."""
        return door.exports(store, directory, NAME, now)

    def door_variables(self) -> tuple[str, str]:
        """The names of the variables for the gateway's address and its authority."""
        return door.ADDRESS, door.AUTHORITY


def _token_service(message: Message, call: Call, context: Context, caller: Caller) -> Answer:
    action = sts_actions.STS_ACTIONS.get(message.action)
    if action is None:
        raise VendorError("InvalidAction.NotFound", f"The specified action {message.action[:64]} is not found.")
    parameters = Parameters(message.parameters)
    unknown = parameters.unknown(action.parameters | COMMON) if context.strict else []
    if unknown:
        raise invalid(unknown[0], f"{message.action} has no such parameter")
    return success(call, action.perform(sts_actions.Request(call, parameters, context, caller)), "")


def _checked_action(message: Message) -> Action:
    for name, value in (("Action", message.action), ("Version", message.version)):
        if not value:
            raise missing(name)
    if message.version != facts.VERSION:
        raise VendorError("InvalidVersion")
    action = ACTIONS.get(message.action)
    if action is None:
        text = (
            f"The action {message.action} is not emulated yet." if message.action in NOT_EMULATED
            else f"The specified action {message.action[:64]} is not found."
        )  # fmt: skip
        raise VendorError("InvalidAction.NotFound", text)
    return action
