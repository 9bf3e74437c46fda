"""Policies attached to users, groups and roles, and what the listings say of it; users and groups."""

from typing import Any

import pytest

from kms_emulator.tencent import cam_facts
from tests.emulator.tencent.support import APPLICATIONS, AUDITORS, OPERATOR, PAYMENTS, Client, document, statement

ROLE, ROLE_ID = "kms-application", "4611686018427387905"
USER = int(PAYMENTS[2])
ALLOW = document(statement("allow", "kms:Encrypt"))


@pytest.fixture
def policy(client: Client) -> int:
    return client.policy(ALLOW, "use-app")


def cam(client: Client, action: str, **parameters: Any) -> dict[str, Any]:
    return client.call(action, "cam", **parameters)


def entities(client: Client, policy: int, **parameters: Any) -> list[tuple[str, str, int]]:
    rows = cam(client, "ListEntitiesForPolicy", PolicyId=policy, **parameters)["List"]
    return [(row["Id"], row["Name"], row["RelatedType"]) for row in rows]


def attach_all(client: Client, policy: int) -> None:
    cam(client, "AttachUserPolicy", PolicyId=policy, AttachUin=USER)
    cam(client, "AttachGroupPolicy", PolicyId=policy, AttachGroupId=APPLICATIONS)
    cam(client, "AttachRolePolicy", PolicyId=policy, AttachRoleName=ROLE)


ALL = [(PAYMENTS[2], "payments-app", 1), ("1001", "applications", 2), (ROLE_ID, ROLE, 3)]


def test_entities_are_listed_by_kind(client: Client, policy: int) -> None:
    attach_all(client, policy)
    assert entities(client, policy) == ALL
    for place, word in enumerate(("User", "Group", "Role")):
        assert entities(client, policy, EntityFilter=word) == [ALL[place]]
    page = cam(client, "ListEntitiesForPolicy", PolicyId=policy, Page=2, Rp=2)
    assert ([row["Id"] for row in page["List"]], page["TotalNum"]) == ([ROLE_ID], 3)
    assert cam(client, "ListEntitiesForPolicy", PolicyId=policy)["List"][0]["Uin"] == USER


def test_attaching_and_detaching_twice_is_silent(client: Client, policy: int) -> None:
    attach_all(client, policy)
    attach_all(client, policy)
    assert entities(client, policy) == ALL
    for _ in range(2):
        cam(client, "DetachUserPolicy", PolicyId=policy, DetachUin=USER)
        cam(client, "DetachGroupPolicy", PolicyId=policy, DetachGroupId=APPLICATIONS)
        cam(client, "DetachRolePolicy", PolicyName="use-app", DetachRoleId=ROLE_ID)
    assert entities(client, policy) == []


def test_a_role_and_a_policy_are_named_by_id_or_name(client: Client, policy: int) -> None:
    cam(client, "AttachRolePolicy", PolicyName="use-app", AttachRoleId=ROLE_ID)
    cam(client, "DetachRolePolicy", PolicyId=policy, DetachRoleName=ROLE)
    cam(client, "AttachRolePolicy", PolicyName="AdministratorAccess", AttachRoleName=ROLE)
    assert entities(client, 1, EntityFilter="Role") == [(ROLE_ID, ROLE, 3)]


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("AttachUserPolicy", {"AttachUin": 1}, "ResourceNotFound.UserNotExist"),
        ("AttachUserPolicy", {"AttachUin": 200000000002}, "ResourceNotFound.UserNotExist"),
        ("AttachUserPolicy", {"AttachUin": 100000000001}, "ResourceNotFound.UserNotExist"),
        ("DetachUserPolicy", {"DetachUin": 1}, "ResourceNotFound.UserNotExist"),
        ("AttachGroupPolicy", {"AttachGroupId": 1}, "ResourceNotFound.GroupNotExist"),
        ("DetachGroupPolicy", {"DetachGroupId": 1}, "ResourceNotFound.GroupNotExist"),
        ("AttachRolePolicy", {"AttachRoleName": "x"}, "InvalidParameter.RoleNotExist"),
        ("DetachRolePolicy", {"DetachRoleId": "1"}, "InvalidParameter.RoleNotExist"),
        ("AttachRolePolicy", {}, "InvalidParameter.ParamError"),
    ],
)
def test_entities_must_exist(client: Client, policy: int, action: str, parameters: dict[str, Any], code: str) -> None:
    assert client.refused(action, "cam", PolicyId=policy, **parameters) == code


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("AttachRolePolicy", {"AttachRoleName": ROLE}, "InvalidParameter.ParamError"),
        ("AttachRolePolicy", {"AttachRoleName": ROLE, "PolicyName": "x"}, "InvalidParameter.PolicyIdNotExist"),
        ("AttachUserPolicy", {"PolicyId": 0, "AttachUin": USER}, "InvalidParameter.PolicyIdError"),
        ("ListEntitiesForPolicy", {"PolicyId": 0}, "InvalidParameter.PolicyIdError"),
        ("ListEntitiesForPolicy", {"PolicyId": 1, "EntityFilter": "Users"}, "InvalidParameter.EntityFilterError"),
        ("ListEntitiesForPolicy", {"PolicyId": 1, "Rp": 201}, "InvalidParameter.ParamError"),
        ("ListAttachedUserPolicies", {"TargetUin": 1}, "InvalidParameter.ParamError"),
        ("ListAttachedGroupPolicies", {"TargetGroupId": 1}, "InvalidParameter.ParamError"),
        ("ListAttachedRolePolicies", {"Page": 1, "Rp": 20, "RoleName": "x"}, "InvalidParameter.ParamError"),
        ("ListAttachedRolePolicies", {"Page": 1, "Rp": 20}, "InvalidParameter.ParamError"),
        ("ListAttachedRolePolicies", {"Page": 1, "Rp": 20, "RoleName": ROLE, "PolicyType": "x"},
         "InvalidParameter.ParamError"),
        ("ListAttachedRolePolicies", {"RoleName": ROLE}, "MissingParameter"),
        ("ListAttachedUserAllPolicies", {"TargetUin": 1, "Page": 1, "Rp": 20, "AttachType": 0},
         "ResourceNotFound.UserNotExist"),
        ("ListAttachedUserAllPolicies", {"TargetUin": USER, "Page": 1, "Rp": 20, "AttachType": 3},
         "InvalidParameter.ParamError"),
        ("GetUser", {"Name": "x"}, "ResourceNotFound.UserNotExist"),
        ("GetGroup", {"GroupId": 1}, "ResourceNotFound.GroupNotExist"),
        ("ListUsersForGroup", {"GroupId": 1}, "ResourceNotFound.GroupNotExist"),
        ("ListGroupsForUser", {"SubUin": 1}, "ResourceNotFound.UserNotExist"),
        ("ListGroupsForUser", {"Uid": 1}, "ResourceNotFound.UserNotExist"),
        ("ListGroupsForUser", {}, "InvalidParameter.ParamError"),
    ],
)  # fmt: skip
def test_wrong_parameters_have_their_code(client: Client, action: str, parameters: dict[str, Any], code: str) -> None:
    assert client.refused(action, "cam", **parameters) == code


def test_nobody_has_a_policy_that_does_not_exist(client: Client) -> None:
    assert entities(client, 123456789) == []


def test_an_entity_has_a_limited_number_of_policies(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cam_facts, "POLICIES_OF_ENTITY", 1)
    first, second = (client.policy(ALLOW) for _ in range(2))
    attach_all(client, first)
    attach_all(client, first)
    for action, parameters in (
        ("AttachUserPolicy", {"AttachUin": USER}), ("AttachGroupPolicy", {"AttachGroupId": APPLICATIONS}),
        ("AttachRolePolicy", {"AttachRoleName": ROLE}),
    ):  # fmt: skip
        assert client.refused(action, "cam", PolicyId=second, **parameters) == "InvalidParameter.AttachmentFull"


def test_each_entity_lists_its_own_policies(client: Client, policy: int) -> None:
    attach_all(client, policy)
    cam(client, "AttachGroupPolicy", PolicyId=1, AttachGroupId=APPLICATIONS)
    user = cam(client, "ListAttachedUserPolicies", TargetUin=USER)
    assert [(row["PolicyId"], row["PolicyType"]) for row in user["List"]] == [(policy, "User")]
    group = cam(client, "ListAttachedGroupPolicies", TargetGroupId=APPLICATIONS)
    assert [(row["PolicyName"], row["PolicyType"]) for row in group["List"]] == [
        ("use-app", "User"), ("AdministratorAccess", "QCS"),
    ]  # fmt: skip
    assert cam(client, "ListAttachedGroupPolicies", TargetGroupId=APPLICATIONS, Keyword="Admin")["TotalNum"] == 1
    assert cam(client, "ListAttachedGroupPolicies", TargetGroupId=APPLICATIONS, Page=2, Rp=1)["TotalNum"] == 2


def test_a_role_lists_its_policies_by_type_and_keyword(client: Client, policy: int) -> None:
    attach_all(client, policy)
    cam(client, "AttachRolePolicy", PolicyId=1, AttachRoleName=ROLE)
    page = {"RoleName": ROLE, "Page": 1, "Rp": 20}
    for more, names in (
        ({}, ["use-app", "AdministratorAccess"]), ({"PolicyType": "User"}, ["use-app"]),
        ({"PolicyType": "QCS"}, ["AdministratorAccess"]), ({"Keyword": "use"}, ["use-app"]),
    ):  # fmt: skip
        found = cam(client, "ListAttachedRolePolicies", **page, **more)
        assert [row["PolicyName"] for row in found["List"]] == names
        assert found["TotalNum"] == len(names)


def test_all_policies_of_a_user_come_with_the_groups_they_come_from(client: Client, policy: int) -> None:
    attach_all(client, policy)
    cam(client, "AttachGroupPolicy", PolicyId=1, AttachGroupId=APPLICATIONS)
    given = {"TargetUin": USER, "Page": 1, "Rp": 20}

    def rows(**more: int) -> list[tuple[str, list[str]]]:
        found = cam(client, "ListAttachedUserAllPolicies", **given, **more)["PolicyList"]
        return [(row["PolicyName"], [group["GroupName"] for group in row["Groups"]]) for row in found]

    groups = ["applications"]
    assert rows(AttachType=0) == [("use-app", groups), ("AdministratorAccess", groups)]
    assert rows(AttachType=1) == [("use-app", [])]
    assert rows(AttachType=2) == [("use-app", groups), ("AdministratorAccess", groups)]
    assert rows(AttachType=0, StrategyType=2) == [("AdministratorAccess", groups)]


def test_users_and_groups_are_found(client: Client) -> None:
    user = cam(client, "GetUser", Name="payments-app")
    assert (user["Uin"], user["Name"]) == (USER, "payments-app")
    users = [row["Uin"] for row in cam(client, "ListUsers")["Data"]]
    assert users[:2] == [int(OPERATOR), USER]
    assert len(set(users)) == len(users)
    assert 100000000001 not in users
    group = cam(client, "GetGroup", GroupId=APPLICATIONS)
    assert (group["GroupName"], group["GroupNum"]) == ("applications", 1)
    assert [member["Name"] for member in group["UserInfo"]] == ["payments-app"]
    assert [row["GroupId"] for row in cam(client, "ListGroups", Keyword="aud")["GroupInfo"]] == [AUDITORS]
    assert cam(client, "ListGroups")["TotalNum"] == 3
    assert [row["Uin"] for row in cam(client, "ListUsersForGroup", GroupId=APPLICATIONS)["UserInfo"]] == [USER]
    for given in ({"SubUin": USER}, {"Uid": user["Uid"]}):
        assert [row["GroupId"] for row in cam(client, "ListGroupsForUser", **given)["GroupInfo"]] == [APPLICATIONS]
