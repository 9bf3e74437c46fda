"""CAM actions on the versions of a policy."""

from __future__ import annotations

from collections.abc import Mapping

from kms_emulator.contract import Document
from kms_emulator.tencent import cam_facts
from kms_emulator.tencent.cam_facts import text_time
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.fields import FLAG, NUMBER, TEXT, Given, Many, needs
from kms_emulator.tencent.policy_actions import custom, policy_id
from kms_emulator.tencent.policy_documents import check, shown
from kms_emulator.tencent.work import Action, Result, Work


def create_policy_version(given: Given, work: Work) -> Result:
    """CreatePolicyVersion."""
    check(given.text("PolicyDocument"))
    policy = _changeable(given, work)
    if len(policy["versions"]) >= cam_facts.VERSIONS:
        message = f"The policy `{policy['name']}` has {cam_facts.VERSIONS} versions, the most allowed."
        raise ApiError(Code.POLICY_VERSION_FULL, message)
    number = policy["next"]
    policy["versions"].append({"id": number, "document": given.text("PolicyDocument"), "created": work.now})
    policy["default"] = number if given.values["SetAsDefault"] else policy["default"]
    work.cam.save_policy({**policy, "next": number + 1, "updated": work.now})
    return {"VersionId": number}


def list_policy_versions(given: Given, work: Work) -> Result:
    """ListPolicyVersions."""
    policy = work.cam.policy(given.number("PolicyId"), Code.POLICY_ID_NOT_FOUND)
    return {"Versions": [_row(version, policy) for version in policy["versions"]]}


def _row(version: Document, policy: Document) -> dict[str, object]:
    return {
        "VersionId": version["id"], "CreateDate": text_time(version["created"]),
        "IsDefaultVersion": int(version["id"] == policy["default"]),
    }  # fmt: skip


def get_policy_version(given: Given, work: Work) -> Result:
    """GetPolicyVersion."""
    policy = work.cam.policy(policy_id(given), Code.POLICY_ID_NOT_FOUND)
    version = _version(policy, given.number("VersionId"))
    return {"PolicyVersion": {**_row(version, policy), "Document": shown(version["document"])}}


def set_default_policy_version(given: Given, work: Work) -> Result:
    """SetDefaultPolicyVersion."""
    policy = _changeable(given, work)
    _refuse_default(policy, _version(policy, given.number("VersionId")))
    work.cam.save_policy({**policy, "default": given.number("VersionId"), "updated": work.now})
    return {}


def delete_policy_version(given: Given, work: Work) -> Result:
    """DeletePolicyVersion: all of the list, or none."""
    numbers: list[int] = given.values["VersionId"]
    if not numbers:
        raise ApiError(Code.PARAM_ERROR, "`VersionId` is empty.")
    policy = _changeable(given, work)
    for number in numbers:
        _refuse_default(policy, _version(policy, number))
    policy["versions"] = [version for version in policy["versions"] if version["id"] not in numbers]
    work.cam.save_policy(policy)
    return {}


def _changeable(given: Given, work: Work) -> Document:
    return custom(work.cam.policy(policy_id(given), Code.POLICY_ID_NOT_EXIST))


def _version(policy: Document, number: int) -> Document:
    found: Document | None = next((version for version in policy["versions"] if version["id"] == number), None)
    if found is None:
        raise ApiError(Code.POLICY_VERSION_NOT_EXISTS, f"The policy `{policy['name']}` has no version {number}.")
    return found


def _refuse_default(policy: Document, version: Document) -> None:
    if version["id"] == policy["default"]:
        message = f"Version {version['id']} of the policy `{policy['name']}` is the default."
        raise ApiError(Code.POLICY_VERSION_ALREADY_DEFAULT, message)


_ONE = {"PolicyId": needs(NUMBER), "VersionId": needs(NUMBER)}

ACTIONS: Mapping[str, Action] = {
    "CreatePolicyVersion": Action(create_policy_version, {
        "PolicyId": needs(NUMBER), "PolicyDocument": needs(TEXT), "SetAsDefault": needs(FLAG),
    }),
    "ListPolicyVersions": Action(list_policy_versions, {"PolicyId": needs(NUMBER)}),
    "GetPolicyVersion": Action(get_policy_version, _ONE),
    "SetDefaultPolicyVersion": Action(set_default_policy_version, _ONE),
    "DeletePolicyVersion": Action(delete_policy_version, {
        "PolicyId": needs(NUMBER), "VersionId": needs(Many(NUMBER)),
    }),
}  # fmt: skip
