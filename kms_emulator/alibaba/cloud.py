"""Alibaba Cloud as one of the emulated clouds: the order of checks around every action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kms_emulator.alibaba import facts
from kms_emulator.alibaba.actions import ACTIONS, Action
from kms_emulator.alibaba.errors import VendorError, invalid, missing
from kms_emulator.alibaba.gaps import NOT_EMULATED
from kms_emulator.alibaba.lifecycle import settle
from kms_emulator.alibaba.model import KINDS
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.parameters import Parameters
from kms_emulator.alibaba.signature import authenticate
from kms_emulator.alibaba.wire import COMMON, Message, failure, is_ours, read_message, region_of, success
from kms_emulator.contract import Answer, Call, Context, Directory, Kind, Rate, Refused, Request, Switch

NAME = "alibaba"
_SUBJECTS = ("KeyId", "AliasName", "ResourceId.1", "ProtectedResourceArn")
_LONGEST_SUBJECT = 300


class AlibabaCloud:
    """The key management service of Alibaba Cloud on its shared gateway."""

    name: str = NAME
    kinds: Sequence[Kind] = KINDS
    rates: Mapping[str, Rate] = facts.RATES
    switches: Mapping[str, Switch] = {
        "many_default_keys": Switch(
            False, "the older product: up to 200 keys outside of instances, with more specifications and rotation"
        ),
        "default_key_rotation": Switch(False, "the service for rotating default keys has been bought"),
        "managed_hsm": Switch(True, "keys outside of instances get ProtectionLevel HSM in mainland regions"),
        "account_status": Switch(
            "Enabled", "what DescribeAccountKmsStatus tells", ("Enabled", "NotEnabled", "InDebt", "Suspended")
        ),
    }

    def recognises(self, request: Request) -> bool:
        """Whether the request speaks the API of this cloud."""
        return is_ours(request)

    def describe(self, request: Request, directory: Directory) -> Call:
        """Name the request; whatever is wrong with it is told later, after the signature."""
        message = read_message(request)
        principal = directory.find(NAME, message.access_key_id)
        parameters = message.parameters
        action = ACTIONS.get(message.action)
        subject = next((parameters[name] for name in _SUBJECTS if parameters.get(name)), "")
        return Call(
            action=message.action, request=request, account=principal.account if principal else "",
            region=region_of(request, message), pot=action.pot if action else "",
            key=subject.rpartition(":key/")[2][:_LONGEST_SUBJECT], data=message,
        )  # fmt: skip

    def execute(self, call: Call, context: Context) -> Answer:
        """Check the request, then do the action."""
        message: Message = call.data
        try:
            return self._perform(message, call, context)
        except VendorError as refusal:
            raise Refused(failure(call, refusal)) from None

    def _perform(self, message: Message, call: Call, context: Context) -> Answer:
        if call.request.method not in ("GET", "POST"):
            raise VendorError("UnsupportedHTTPMethod")
        principal = authenticate(call, message, context)
        if message.problem is not None:
            raise message.problem
        action = _checked_action(message)
        if call.region not in (context.directory.regions(NAME, principal.account) or facts.REGIONS):
            raise VendorError("InvalidRegionId.NotFound")
        parameters = Parameters(message.parameters)
        unknown = parameters.unknown(action.parameters | COMMON) if context.strict else []
        if unknown:
            raise invalid(unknown[0], f"{message.action} has no such parameter")
        operation = Operation(parameters, context, call.scope, principal)
        settle(operation)
        payload = action.perform(operation)
        return success(call, payload, operation.touched)

    def throttled(self, call: Call) -> Answer:
        """The answer to requests beyond the rate."""
        return failure(call, VendorError("Rejected.Throttling"))

    def outage(self, call: Call, status: int) -> Answer:
        """The answer of a broken service."""
        code = "ServiceUnavailableTemporary" if status == facts.UNAVAILABLE else "InternalFailure"
        return failure(call, VendorError(code, status=status))


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
