"""Actions of STS: temporary credentials for roles, and who the caller is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import unquote

from kms_emulator.contract import Document
from kms_emulator.tencent import cam_facts
from kms_emulator.tencent.cam_facts import EXTERNAL_ID_KEY
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.fields import NUMBER, TEXT, Given, Many, may, needs
from kms_emulator.tencent.policy_actions import KEYED_TAG, checked_tags
from kms_emulator.tencent.policy_documents import check, parsed
from kms_emulator.tencent.sessions import open_session
from kms_emulator.tencent.trust_documents import Asker, trusts
from kms_emulator.tencent.work import Action, Result, Work

_ARN = re.compile(r"qcs::cam::uin/(?P<account>\d+):(?:role/(?P<id>\d+)|roleName/(?P<name>[\w+=,.@-]+))", re.ASCII)
_SESSION_NAME, _EXTERNAL_ID = (re.compile(form, re.ASCII) for form in (cam_facts.SESSION_NAME, cam_facts.EXTERNAL_ID))


def assume_role(given: Given, work: Work) -> Result:
    """AssumeRole: the trust document of the role decides; what the role may do is decided when it acts."""
    for name, form in (("RoleSessionName", _SESSION_NAME), ("ExternalId", _EXTERNAL_ID)):
        if name in given and not form.fullmatch(given.text(name)):
            raise ApiError(Code.PARAM_ERROR, f"`{name}` is not valid.")
    if given.text("SerialNumber") or given.text("TokenCode"):
        raise ApiError(Code.MFA_TYPE_NOT_SUPPORTED, "No user has a device for a second factor.")
    checked_tags(given)
    account, role = role_of(given.text("RoleArn"), work)
    policy = _session_policy(given.text("Policy"))
    if role is None:
        raise ApiError(Code.ROLE_NOT_FOUND, "The role does not exist.")
    _check_trust(role, given, work)
    expires = work.now + _duration(given, role)
    session = open_session(
        role, account, name=given.text("RoleSessionName"), policy=policy, expires=expires,
        owner=work.principal.user_id, context=work.context,
    )  # fmt: skip
    return {
        "Credentials": {"Token": session["token"], "TmpSecretId": session["id"], "TmpSecretKey": session["secret"]},
        "ExpiredTime": expires,
        "Expiration": datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip


def role_of(arn: str, work: Work) -> tuple[str, Document | None]:
    """The account that a role's name names, and the role if it exists."""
    found = _ARN.fullmatch(arn)
    if found is None:
        raise ApiError(Code.PARAM_ERROR, f"`RoleArn` is `{arn}`, which names no role.")
    roles = work.cam_of(found["account"]).roles
    return found["account"], roles.get(found["id"]) if found["id"] else roles.find("name", found["name"])


def _session_policy(text: str) -> str:
    if not text:
        return ""
    policy = unquote(text)  # the vendor decodes whatever comes
    if len(policy) > cam_facts.LONGEST_SESSION_POLICY:
        raise ApiError(Code.POLICY_TOO_LONG, f"`Policy` has more than {cam_facts.LONGEST_SESSION_POLICY} characters.")
    try:
        check(policy)
    except ApiError as refusal:
        raise ApiError(Code.STRATEGY_FORMAT_ERROR, f"`Policy`: {refusal.message}") from None
    return policy


def _check_trust(role: Document, given: Given, work: Work) -> None:
    caller = work.caller
    asker = Asker(work.account, role=caller.role, role_name=caller.role_name) if caller.role else Asker(
        work.account, uin=caller.principal.user_id)  # fmt: skip
    more = {EXTERNAL_ID_KEY: (given.text("ExternalId"),)} if given.text("ExternalId") else {}
    facts = work.facts("sts:AssumeRole", given.text("RoleArn"), more=more)
    if not trusts(parsed(role["document"]), asker, facts, work.rules):
        raise work.unauthorised("sts:AssumeRole", given.text("RoleArn"))


def _duration(given: Given, role: Document) -> int:
    longest = role["duration"] or cam_facts.LONGEST_SESSION
    seconds = given.number("DurationSeconds", min(cam_facts.DEFAULT_SESSION, longest))
    if seconds < 1:
        raise ApiError(Code.PARAM_ERROR, f"`DurationSeconds` is {seconds}, which is no duration.")
    if seconds > longest:
        raise ApiError(Code.OVER_TIME_ERROR, f"`DurationSeconds` is {seconds}; at most {longest} are allowed.")
    return seconds


def get_caller_identity(given: Given, work: Work) -> Result:
    """GetCallerIdentity. It needs no permission [I]."""
    del given
    caller, uin = work.caller, work.principal.user_id
    if caller.role:
        return {"Arn": caller.arn, "AccountId": work.account, "UserId": f"{caller.role}:{work.principal.user}",
                "PrincipalId": caller.owner, "Type": "CAMRole"}  # fmt: skip
    kind = "RootAccount" if work.principal.root else "CAMUser"
    name = "root" if work.principal.root else f"uin/{uin}"
    arn = f"qcs::cam::uin/{work.account}:{name}"
    return {"Arn": arn, "AccountId": work.account, "UserId": uin, "PrincipalId": uin, "Type": kind}


ACTIONS: Mapping[str, Action] = {
    "AssumeRole": Action(assume_role, {
        "RoleArn": needs(TEXT), "RoleSessionName": needs(TEXT), "DurationSeconds": may(NUMBER), "Policy": may(TEXT),
        "ExternalId": may(TEXT), "Tags": may(Many(KEYED_TAG)), "SourceIdentity": may(TEXT), "SerialNumber": may(TEXT),
        "TokenCode": may(TEXT),
    }),
    "GetCallerIdentity": Action(get_caller_identity),
}  # fmt: skip
