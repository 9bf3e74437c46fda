"""API 2.0 of Tencent Cloud KMS as an emulated cloud of its own: the order of checks around every action.

Its keys are its own and unknown to API 3.0: the store gives a cloud no documents of another one, and emulated clouds do
not import each other. So the ids are in the old form, `kms-xxxxxxxx`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kms_emulator.contract import Answer, Call, Context, Directory, Kind, Rate, Refused, Request, Switch
from kms_emulator.tencent_legacy import facts
from kms_emulator.tencent_legacy.actions import ACTIONS, Work
from kms_emulator.tencent_legacy.authentication import ACCOUNTS, authenticate
from kms_emulator.tencent_legacy.facts import ApiError, Code
from kms_emulator.tencent_legacy.keys import KEYS
from kms_emulator.tencent_legacy.wire import Incoming, failure, read, success

_LONGEST_SUBJECT = 64


class TencentLegacyCloud:
    """KMS of Tencent Cloud, API 2.0."""

    name: str = "tencent_legacy"
    kinds: Sequence[Kind] = (KEYS,)
    rates: Mapping[str, Rate] = dict.fromkeys(ACTIONS, Rate(facts.RATE))
    switches: Mapping[str, Switch] = {"cmk_limit": Switch(facts.CMK_LIMIT, "keys of an account and region")}

    def recognises(self, request: Request) -> bool:
        """Whether the request is for the path that all products of API 2.0 share."""
        return request.path == facts.PATH

    def describe(self, request: Request, directory: Directory) -> Call:
        """Name the request; whatever is wrong with it is told later."""
        incoming = read(request)
        principal = directory.find(ACCOUNTS, incoming.common("SecretId"))
        action, given = incoming.common("Action"), incoming.business
        return Call(
            action=action, request=request, account=principal.account if principal else "", region=incoming.region,
            pot=action, key=(given.get("keyId") or given.get("alias", ""))[:_LONGEST_SUBJECT], data=incoming,
        )  # fmt: skip

    def execute(self, call: Call, context: Context) -> Answer:
        """Check the request, then do the action."""
        try:
            return self._perform(call.data, call, context)
        except ApiError as refusal:
            raise Refused(failure(call, refusal.code, refusal.text)) from None

    def _perform(self, incoming: Incoming, call: Call, context: Context) -> Answer:
        if incoming.method not in ("GET", "POST"):
            raise ApiError(Code.METHOD, "the method must be GET or POST")
        if incoming.problem is not None:
            raise incoming.problem
        if not call.action:
            raise ApiError(Code.ACTION_MISSING, "Action is missing")
        principal = authenticate(incoming, context)
        action = ACTIONS.get(call.action)
        if action is None:
            raise ApiError(Code.UNKNOWN_ACTION, f"the action {call.action} does not exist")
        if not incoming.region:
            raise ApiError(Code.BAD_PARAMETER, f"Region is one of {', '.join(facts.REGIONS)}")
        result = action.perform(Work(action.checked(incoming.business), context, principal, incoming.region))
        made = result.get("keyMetadata", result)
        return success(call, result, key=str(made.get("keyId", "")) if isinstance(made, Mapping) else "")

    def throttled(self, call: Call) -> Answer:
        """The answer to requests beyond the rate."""
        return failure(call, Code.RATE_EXCEEDED, f"the requests of {call.action} exceed the rate allowed")

    def outage(self, call: Call, status: int) -> Answer:
        """The answer of a broken service."""
        return failure(call, Code.INTERNAL, "internal error", status)
