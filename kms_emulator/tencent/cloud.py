"""Tencent Cloud as one of the emulated clouds: the order of checks around every action."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kms_emulator.contract import Answer, Call, Context, Directory, Kind, Principal, Rate, Refused, Request, Switch
from kms_emulator.tencent import facts, readings, uses
from kms_emulator.tencent.authentication import authenticate
from kms_emulator.tencent.authorisation import authorise
from kms_emulator.tencent.cam_store import ATTACHMENTS, GROUPS, POLICIES, ROLES
from kms_emulator.tencent.data_keys import DATA_KEYS
from kms_emulator.tencent.errors import ApiError, Code, missing
from kms_emulator.tencent.fields import checked
from kms_emulator.tencent.import_actions import IMPORTS
from kms_emulator.tencent.keys import KEYS
from kms_emulator.tencent.services import RATES, Service, service_of
from kms_emulator.tencent.sessions import SESSIONS, Caller, account_of
from kms_emulator.tencent.tagstore import RESOURCE_TAGS, TAG_KEYS, TAGS
from kms_emulator.tencent.vault import MATERIALS
from kms_emulator.tencent.wire import Incoming, failure, is_tencent, read, success
from kms_emulator.tencent.work import Work

NAME = "tencent"
_LONGEST_SUBJECT = 64
_SUBJECTS = ("KeyId", "Alias", "DataKeyId", "DataKeyName", "Resource", "KeyIds", "DataKeyIds", "ResourceList",
             "ResourceIds")  # fmt: skip


class TencentCloud:
    """KMS, the tag service and CAM of Tencent Cloud."""

    name: str = NAME
    kinds: Sequence[Kind] = (
        KEYS, MATERIALS, IMPORTS, DATA_KEYS, RESOURCE_TAGS, TAGS, TAG_KEYS, POLICIES, ROLES, GROUPS, ATTACHMENTS,
        SESSIONS,
    )  # fmt: skip
    rates: Mapping[str, Rate] = RATES
    switches: Mapping[str, Switch] = {
        "cmk_limit": Switch(facts.CMK_LIMIT, "user keys of an account and region, as a bought edition raises it"),
        "data_key_limit": Switch(uses.DATA_KEY_LIMIT, "hosted data keys of an account and region"),
        "tag_service": Switch(
            "up",
            "down: CreateKey answers TagCode 2 and tag writes are refused; down_at_creation: only the first; "
            "fails_creation: CreateKey with tags is refused",
            ("up", "down", "down_at_creation", "fails_creation"),
        ),
        "tags_must_exist": Switch(False, "CreateKey refuses tags that the account does not have"),
        "system_tags": Switch(False, "every key also has a tag of the category System"),
        "used_by_product": Switch("", "ids of keys used by a cloud product, separated by commas; * means all"),
        "enforce_access": Switch(False, "sub-users and role sessions need permission by CAM"),
        "source_ip": Switch("", "the address that conditions see in place of the connection's"),
        "delete_attached_policy": Switch(
            "detach", "what DeletePolicy does with a policy that is attached", ("detach", "refuse")
        ),
        "refusal_code": Switch(
            Code.UNAUTHORIZED_OPERATION.value, "the code of calls without permission",
            (Code.UNAUTHORIZED_OPERATION.value, Code.AUTH_UNAUTHORIZED_OPERATION.value, Code.CAM_NO_AUTH.value),
        ),
        **readings.SWITCHES,
    }  # fmt: skip

    def recognises(self, request: Request) -> bool:
        """Whether the request speaks the Tencent Cloud API."""
        return is_tencent(request)

    def describe(self, request: Request, directory: Directory) -> Call:
        """Name the request; whatever is wrong with it is told later, after the signature."""
        incoming = read(request)
        service = _service(incoming)
        principal = directory.find(NAME, incoming.secret_id)
        return Call(
            action=incoming.action, request=request,
            account=principal.account if principal else account_of(incoming.secret_id),
            region=incoming.region, pot=f"{service.name}.{incoming.action}" if service else "",
            key=_subject(incoming.parameters), data=incoming,
        )  # fmt: skip

    def execute(self, call: Call, context: Context) -> Answer:
        """Check the request in the vendor's order, then do the action."""
        incoming: Incoming = call.data
        try:
            caller = authenticate(incoming, call.request, context)
            return self._perform(incoming, caller, call, context)
        except ApiError as refusal:
            raise Refused(failure(call, refusal.code, refusal.message)) from None

    def _perform(self, incoming: Incoming, caller: Caller, call: Call, context: Context) -> Answer:
        service = _checked_service(incoming)
        action = service.actions.get(incoming.action)
        if action is None:
            raise _no_action(service, incoming.action)
        _check_region(service, incoming.region, caller.principal, context)
        if incoming.problem is not None:
            raise incoming.problem
        given = checked(action.fields, incoming.parameters, textual=incoming.textual)
        if "MemberAccount" in given or "MemberAccounts" in given:
            raise ApiError(Code.NOT_ROLE_OPERATION, "The account administers no organization.")
        work = Work(call, context, caller, incoming.region)
        if context.switch("enforce_access"):
            authorise(service.name, incoming.action, given, work)
        result = action.perform(given, work)
        return success(call, result, key=str(result.get("KeyId", "")))

    def throttled(self, call: Call) -> Answer:
        """The answer to requests beyond the rate."""
        message = f"The requests of the action `{call.action}` exceed the rate allowed."
        return failure(call, Code.REQUEST_LIMIT_EXCEEDED, message)

    def outage(self, call: Call, status: int) -> Answer:
        """The answer of a broken service."""
        return failure(call, Code.INTERNAL_ERROR, "An internal error has occurred. Retry your request.", status)


def _service(incoming: Incoming) -> Service | None:
    scope = incoming.authorization.service if incoming.authorization else ""
    return service_of(host=incoming.host, scope=scope, version=incoming.version, action=incoming.action)


def _checked_service(incoming: Incoming) -> Service:
    for name, value in (("Action", incoming.action), ("Version", incoming.version)):
        if not value:
            raise missing(name)
    service = _service(incoming)
    if service is None:
        if incoming.v1 is not None:
            raise ApiError(Code.INVALID_ACTION, f"The action `{incoming.action}` does not exist.")
        raise ApiError(Code.NO_SUCH_PRODUCT, "The product does not exist.")
    if incoming.version != service.version:
        raise ApiError(Code.NO_SUCH_VERSION, f"The version `{incoming.version}` does not exist.")
    return service


def _no_action(service: Service, action: str) -> ApiError:
    if action in service.gaps:
        return ApiError(Code.ACTION_OFFLINE, f"The action `{action}` is not emulated yet.")
    return ApiError(Code.INVALID_ACTION, f"The action `{action}` does not exist.")


def _check_region(service: Service, region: str, principal: Principal, context: Context) -> None:
    if not service.regional:
        return
    if not region:
        raise missing("Region")
    if region not in (context.directory.regions(NAME, principal.account) or facts.REGIONS):
        raise ApiError(Code.UNSUPPORTED_REGION, f"The region `{region}` is not supported.")


def _subject(parameters: Mapping[str, object]) -> str:
    """The key a request is about, as given: an id, an alias, a name, or the tail of a resource's name."""
    for name in _SUBJECTS:
        value = parameters.get(name)
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, str):
            return value.rpartition("/")[2][:_LONGEST_SUBJECT]
    return ""
