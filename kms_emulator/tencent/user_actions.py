"""CAM actions on users and groups. They come from the seed and are read only."""

from __future__ import annotations

from collections.abc import Mapping

from kms_emulator.contract import Document, Principal
from kms_emulator.tencent.cam_facts import text_time
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.fields import NUMBER, TEXT, Given, may, needs
from kms_emulator.tencent.policy_actions import PAGED, paged
from kms_emulator.tencent.work import Action, Result, Work

_FIRST_UID = 10_000_000  # the vendor's other number of a user; made of the uin here [I?]
_MEMBER = 1  # UserType of sub-users [I?]


def _uid(uin: str) -> int:
    return _FIRST_UID + int(uin) % 1_000_000


def get_user(given: Given, work: Work) -> Result:
    """GetUser."""
    name = given.text("Name")
    found = next((user for user in work.cam.users() if user.user == name), None)
    if found is None:
        raise ApiError(Code.USER_NOT_EXIST, f"The user `{name}` does not exist.")
    return {**_user(found), "RecentlyLoginIP": "", "RecentlyLoginTime": ""}


def _user(user: Principal) -> dict[str, object]:
    return {
        "Uin": int(user.user_id), "Name": user.user, "Uid": _uid(user.user_id), "Remark": "", "ConsoleLogin": 0,
        "PhoneNum": "", "CountryCode": "", "Email": "",
    }  # fmt: skip


def list_users(given: Given, work: Work) -> Result:
    """ListUsers."""
    del given
    return {"Data": [{**_user(user), "CreateTime": text_time(0), "NickName": user.user} for user in work.cam.users()]}


def get_group(given: Given, work: Work) -> Result:
    """GetGroup."""
    group = work.cam.group(str(given.number("GroupId")))
    members = [_member(uin, work) for uin in group["members"]]
    return {**_group(group), "GroupNum": len(members), "UserInfo": members}


def _group(group: Document) -> dict[str, object]:
    return {
        "GroupId": int(group["id"]), "GroupName": group["name"], "CreateTime": text_time(group["created"]),
        "Remark": group["remark"],
    }  # fmt: skip


def _member(uin: str, work: Work) -> dict[str, object]:
    user = work.cam.user(uin)
    return {
        "Uid": _uid(uin), "Uin": int(uin), "Name": user.user if user else "", "PhoneNum": "", "CountryCode": "",
        "PhoneFlag": 0, "Email": "", "EmailFlag": 0, "UserType": _MEMBER, "CreateTime": text_time(0),
        "IsReceiverOwner": 0, "Remark": "",
    }  # fmt: skip


def list_groups(given: Given, work: Work) -> Result:
    """ListGroups."""
    found = [group for group in work.cam.groups.list().items if given.text("Keyword") in group["name"]]
    return paged(given, "GroupInfo", found, _group)


def list_users_for_group(given: Given, work: Work) -> Result:
    """ListUsersForGroup."""
    members = work.cam.group(str(given.number("GroupId")))["members"]
    return paged(given, "UserInfo", [_member(uin, work) for uin in members], lambda member: member)


def list_groups_for_user(given: Given, work: Work) -> Result:
    """ListGroupsForUser."""
    if "SubUin" not in given and "Uid" not in given:
        raise ApiError(Code.PARAM_ERROR, "Give `Uid` or `SubUin`.")
    uins = [user.user_id for user in work.cam.users()]
    if "SubUin" in given:
        found = next((uin for uin in uins if int(uin) == given.number("SubUin")), None)
    else:
        found = next((uin for uin in uins if _uid(uin) == given.number("Uid")), None)
    if found is None:
        raise ApiError(Code.USER_NOT_EXIST, "The user does not exist.")
    return paged(given, "GroupInfo", work.cam.groups_of(found), _group)


ACTIONS: Mapping[str, Action] = {
    "GetUser": Action(get_user, {"Name": needs(TEXT)}),
    "ListUsers": Action(list_users),
    "GetGroup": Action(get_group, {"GroupId": needs(NUMBER)}),
    "ListGroups": Action(list_groups, {**PAGED, "Keyword": may(TEXT)}),
    "ListUsersForGroup": Action(list_users_for_group, {"GroupId": needs(NUMBER), **PAGED}),
    "ListGroupsForUser": Action(list_groups_for_user, {"Uid": may(NUMBER), "SubUin": may(NUMBER), **PAGED}),
}
