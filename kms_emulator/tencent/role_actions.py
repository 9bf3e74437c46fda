"""CAM actions on roles."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kms_emulator.contract import Document
from kms_emulator.tencent import cam_facts
from kms_emulator.tencent.attachment_actions import asked_role
from kms_emulator.tencent.cam_facts import text_time
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.fields import NUMBER, TEXT, Given, Many, may, needs
from kms_emulator.tencent.policy_actions import KEYED_TAG, checked_tags, description, paged
from kms_emulator.tencent.policy_documents import shown
from kms_emulator.tencent.trust_documents import check
from kms_emulator.tencent.work import Action, Result, Work

_NAME = re.compile(cam_facts.NAME)


def create_role(given: Given, work: Work) -> Result:
    """CreateRole."""
    name = given.text("RoleName")
    if not _NAME.fullmatch(name):
        raise ApiError(Code.ROLE_NAME_ERROR, f"The role name `{name}` is not valid.")
    described = description(given)
    login, duration = given.number("ConsoleLogin"), given.number("SessionDuration")
    if login not in (0, 1) or not 0 <= duration <= cam_facts.LONGEST_SESSION:
        message = f"`ConsoleLogin` is 0 or 1, `SessionDuration` 0 to {cam_facts.LONGEST_SESSION}."
        raise ApiError(Code.PARAM_ERROR, message)
    check(given.text("PolicyDocument"), work.cam)
    tags = checked_tags(given, Code.TAG_PARAM_ERROR, Code.TAG_LIMIT_EXCEEDED)
    if work.context.quotas and len(work.cam.roles) >= cam_facts.ROLES:
        raise ApiError(Code.ROLE_FULL, f"The account has {cam_facts.ROLES} roles, the most allowed.")
    role_id = work.cam.new_role_id(work.context.random)
    work.cam.save_role({
        "id": role_id, "name": name, "description": described, "document": given.text("PolicyDocument"),
        "added": work.now, "updated": work.now, "login": login, "duration": duration, "tags": tags,
    })  # fmt: skip
    return {"RoleId": role_id}


def get_role(given: Given, work: Work) -> Result:
    """GetRole."""
    return {"RoleInfo": _shown(asked_role(given, work), work)}


def _shown(role: Document, work: Work) -> Result:
    return {
        "RoleId": role["id"], "RoleName": role["name"], "PolicyDocument": shown(role["document"]),
        "Description": role["description"], "AddTime": text_time(role["added"]),
        "UpdateTime": text_time(role["updated"]), "ConsoleLogin": role["login"], "RoleType": "user",
        "SessionDuration": role["duration"], "DeletionTaskId": "", "Tags": role["tags"],
        "RoleArn": f"qcs::cam::uin/{work.account}:roleName/{role['name']}",
    }  # fmt: skip


def describe_role_list(given: Given, work: Work) -> Result:
    """DescribeRoleList. Several tags are all wanted [I]."""
    wanted = [{"Key": tag.text("Key"), "Value": tag.text("Value")} for tag in given.tables("Tags")]
    roles = [role for role in work.cam.roles.list().items if all(tag in role["tags"] for tag in wanted)]
    return paged(given, "List", roles, lambda role: _shown(role, work))


def update_assume_role_policy(given: Given, work: Work) -> Result:
    """UpdateAssumeRolePolicy."""
    role = asked_role(given, work)
    check(given.text("PolicyDocument"), work.cam)
    work.cam.save_role({**role, "document": given.text("PolicyDocument"), "updated": work.now})
    return {}


def delete_role(given: Given, work: Work) -> Result:
    """DeleteRole: its policies are detached."""
    role = asked_role(given, work)
    for name in work.cam.attachments.ids(where=("entity", f"{cam_facts.Entity.ROLE} {role['id']}")):
        work.cam.attachments.delete(name)
    work.cam.roles.delete(role["id"])
    return {}


_ROLE = {"RoleId": may(TEXT), "RoleName": may(TEXT)}

ACTIONS: Mapping[str, Action] = {
    "CreateRole": Action(create_role, {
        "RoleName": needs(TEXT), "PolicyDocument": needs(TEXT), "Description": may(TEXT), "ConsoleLogin": may(NUMBER),
        "SessionDuration": may(NUMBER), "Tags": may(Many(KEYED_TAG)),
    }),
    "GetRole": Action(get_role, _ROLE),
    "DescribeRoleList": Action(describe_role_list, {
        "Page": needs(NUMBER), "Rp": needs(NUMBER), "Tags": may(Many(KEYED_TAG)),
    }),
    "UpdateAssumeRolePolicy": Action(update_assume_role_policy, {"PolicyDocument": needs(TEXT), **_ROLE}),
    "DeleteRole": Action(delete_role, _ROLE),
}  # fmt: skip
