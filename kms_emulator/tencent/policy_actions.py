"""CAM actions on policies: creation, reading, change, deletion, listing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kms_emulator.contract import Document
from kms_emulator.tencent import cam_facts
from kms_emulator.tencent.cam_facts import BY_SYNTAX, CUSTOM, PRESET, PRESETS, text_time
from kms_emulator.tencent.cam_store import default_document
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.fields import NUMBER, TEXT, Given, Many, Table, may, needs
from kms_emulator.tencent.policy_documents import check, shown
from kms_emulator.tencent.work import Action, Result, Work

KEYED_TAG = Table({"Key": needs(TEXT), "Value": needs(TEXT)})
_NAME = re.compile(cam_facts.NAME)


def create_policy(given: Given, work: Work) -> Result:
    """CreatePolicy."""
    name, text = given.text("PolicyName"), given.text("PolicyDocument")
    if not _NAME.fullmatch(name):
        raise ApiError(Code.POLICY_NAME_ERROR, f"The policy name `{name}` is not valid.")
    described = description(given)
    check(text)
    tags = checked_tags(given)
    limit = cam_facts.POLICIES
    if work.context.quotas and len(work.cam.policies) >= limit:
        raise ApiError(Code.POLICY_FULL, f"The account has {limit} policies, the most allowed.")
    policy_id = work.cam.new_policy_id(work.context.random)
    work.cam.save_policy({
        "id": policy_id, "name": name, "description": described, "type": CUSTOM, "added": work.now,
        "updated": work.now, "default": 1, "next": 2, "tags": tags,
        "versions": [{"id": 1, "document": text, "created": work.now}],
    })  # fmt: skip
    return {"PolicyId": policy_id}


def description(given: Given) -> str:
    """``Description``, if it is short enough."""
    text = given.text("Description")
    if len(text.encode()) > cam_facts.LONGEST_DESCRIPTION:
        message = f"`Description` is longer than {cam_facts.LONGEST_DESCRIPTION} bytes."
        raise ApiError(Code.DESCRIPTION_LENGTH_OVERLIMIT, message)
    return text


def checked_tags(given: Given, wrong: Code = Code.PARAM_ERROR, many: Code = Code.PARAM_ERROR) -> list[dict[str, str]]:
    """``Tags`` of a policy or role."""
    tags = [{"Key": tag.text("Key"), "Value": tag.text("Value")} for tag in given.tables("Tags")]
    if len(tags) > cam_facts.TAGS:
        raise ApiError(many, f"`Tags` holds at most {cam_facts.TAGS} tags.")
    if len({tag["Key"] for tag in tags}) != len(tags) or not all(tag["Key"] for tag in tags):
        raise ApiError(wrong, "`Tags` has an empty key, or one key twice.")
    return tags


def get_policy(given: Given, work: Work) -> Result:
    """GetPolicy: the document of the default version, serialised again."""
    policy = work.cam.policy(policy_id(given), Code.POLICY_ID_NOT_FOUND)
    return {
        "PolicyName": policy["name"], "Description": policy["description"], "Type": policy["type"],
        "AddTime": text_time(policy["added"]), "UpdateTime": text_time(policy["updated"]),
        "PolicyDocument": shown(default_document(policy)), "PresetAlias": "", "IsServiceLinkedRolePolicy": 0,
        "Tags": policy["tags"],
    }  # fmt: skip


def policy_id(given: Given) -> int:
    """``PolicyId``, which is positive."""
    number = given.number("PolicyId")
    if number < 1:
        raise ApiError(Code.POLICY_ID_ERROR, f"`PolicyId` is {number}, which is no id.")
    return number


def chosen_policy(given: Given, work: Work, gone: Code = Code.POLICY_ID_NOT_EXIST) -> Document:
    """The policy of ``PolicyId``, or else of ``PolicyName``."""
    if "PolicyId" in given:
        return work.cam.policy(given.number("PolicyId"), gone)
    if not given.text("PolicyName"):
        raise ApiError(Code.PARAM_ERROR, "Give `PolicyId` or `PolicyName`.")
    return work.cam.policy_named(given.text("PolicyName"), gone)


def custom(policy: Document) -> Document:
    """The policy, unless it is the vendor's own."""
    if policy["type"] == PRESET:
        raise ApiError(Code.PARAM_ERROR, f"The policy `{policy['name']}` is a preset one and cannot be changed.")
    return policy


def update_policy(given: Given, work: Work) -> Result:
    """UpdatePolicy: the default version changes in place. ``Alias`` is for preset policies."""
    if "PolicyId" in given:
        policy_id(given)
    policy = custom(chosen_policy(given, work))
    if "Description" in given:
        policy["description"] = description(given)
    if "PolicyDocument" in given:
        check(given.text("PolicyDocument"))
        current = next(version for version in policy["versions"] if version["id"] == policy["default"])
        current["document"] = given.text("PolicyDocument")
    work.cam.save_policy({**policy, "updated": work.now})
    # The id is told to those who did not know it [S10].
    return {} if "PolicyId" in given else {"PolicyId": policy["id"]}


def delete_policy(given: Given, work: Work) -> Result:
    """DeletePolicy: all of the list, or none."""
    numbers: list[int] = given.values["PolicyId"]
    if not 1 <= len(numbers) <= cam_facts.DELETED_AT_ONCE:
        message = f"`PolicyId` holds 1 to {cam_facts.DELETED_AT_ONCE} ids."
        raise ApiError(Code.OPERATE_POLICIES_OVER_LIMIT if numbers else Code.PARAM_ERROR, message)
    for number in dict.fromkeys(numbers):
        policy = custom(work.cam.policy(policy_id(Given({"PolicyId": number})), Code.POLICY_ID_NOT_EXIST))
        attached = work.cam.attachments.ids(where=("policy", str(number)))
        if attached and work.context.switch("delete_attached_policy") == "refuse":
            raise ApiError(Code.PARAM_ERROR, f"The policy `{policy['name']}` is attached.")
        for name in attached:
            work.cam.attachments.delete(name)
        work.cam.policies.delete(str(number))
    return {}


def list_policies(given: Given, work: Work) -> Result:
    """ListPolicies: those of the vendor first, then the account's in order of creation [I]."""
    scope, keyword = given.text("Scope", "All"), given.text("Keyword")
    if scope not in ("All", "QCS", "Local"):
        raise ApiError(Code.SCOPE_ERROR, f"`Scope` is `{scope}`; allowed are All, QCS and Local.")
    start, size = numbered_page(given)
    found: list[Mapping[str, Any]] = []
    if scope != "Local":
        found += [preset.stored for preset in PRESETS.values()]
    if scope != "QCS":
        found += work.cam.policies.list().items
    found = [policy for policy in found if keyword in policy["name"]]
    return {
        "TotalNum": len(found), "List": [_row(policy, work) for policy in found[start : start + size]],
        "ServiceTypeList": [],
    }  # fmt: skip


def _row(policy: Mapping[str, Any], work: Work) -> Result:
    attached = work.cam.attachments.count(where=("policy", str(policy["id"])))
    users = work.cam.attachments.count(where=("policy and kind", f"{policy['id']} {cam_facts.Entity.USER}"))
    return {
        "PolicyId": policy["id"], "PolicyName": policy["name"], "AddTime": text_time(policy["added"]),
        "UpdateTime": text_time(policy["updated"]), "Type": policy["type"], "Description": policy["description"],
        "CreateMode": BY_SYNTAX, "Attachments": users, "ServiceType": "", "IsAttached": None, "Deactived": 0,
        "DeactivedDetail": [], "IsServiceLinkedPolicy": 0, "AttachEntityCount": attached,
        "AttachEntityBoundaryCount": 0, "Tags": policy["tags"],
    }  # fmt: skip


def numbered_page(given: Given) -> tuple[int, int]:
    """Where the page of ``Page`` and ``Rp`` begins, and its size."""
    page, size = given.number("Page", 1), given.number("Rp", cam_facts.PAGE)
    if not (1 <= page <= cam_facts.LAST_PAGE and 1 <= size <= cam_facts.LARGEST_PAGE):
        message = f"`Page` is 1 to {cam_facts.LAST_PAGE}, `Rp` 1 to {cam_facts.LARGEST_PAGE}."
        raise ApiError(Code.PARAM_ERROR, message)
    return (page - 1) * size, size


def paged(given: Given, name: str, rows: Sequence[Document], show: Callable[[Document], Result]) -> Result:
    """One page of a listing."""
    start, size = numbered_page(given)
    return {"TotalNum": len(rows), name: [show(row) for row in rows[start : start + size]]}


PAGED = {"Page": may(NUMBER), "Rp": may(NUMBER)}

ACTIONS: Mapping[str, Action] = {
    "CreatePolicy": Action(create_policy, {
        "PolicyName": needs(TEXT), "PolicyDocument": needs(TEXT), "Description": may(TEXT),
        "Tags": may(Many(KEYED_TAG)),
    }),
    "GetPolicy": Action(get_policy, {"PolicyId": needs(NUMBER)}),
    "UpdatePolicy": Action(update_policy, {
        "PolicyId": may(NUMBER), "PolicyName": may(TEXT), "Description": may(TEXT), "PolicyDocument": may(TEXT),
        "Alias": may(TEXT),
    }),
    "DeletePolicy": Action(delete_policy, {"PolicyId": needs(Many(NUMBER))}),
    "ListPolicies": Action(list_policies, {**PAGED, "Scope": may(TEXT), "Keyword": may(TEXT)}),
}  # fmt: skip
