"""Policies of CAM against a scripted server: what is sent, and what is made of the answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kms_resources.access.words import PrincipalKind
from kms_resources.clouds.access import Attachment
from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.tencent.api import RATES, TencentApi
from kms_resources.clouds.tencent.cam import TencentPolicies
from kms_resources.clouds.transport import Transport
from kms_resources.errors import AlreadyExistsError, NotFoundError, RejectedError, UnclearError
from tests.unit.clouds.conftest import Naps
from tests.unit.clouds.loopback import CUT, Answer, Loopback, Received
from tests.unit.clouds.tencent.test_client import failure, success
from tests.unit.clouds.tencent.test_convert import TARGET

BODY = {"version": "2.0", "statement": []}


class SmallCam:
    """Answers by action; a list of answers is given one after the other."""

    def __init__(self) -> None:
        self.replies: dict[str, Answer | list[Answer]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, request: Received) -> Answer:
        action = request.headers["x-tc-action"]
        assert request.headers["x-tc-version"] == "2019-01-16"
        assert "x-tc-region" not in request.headers
        self.calls.append((action, request.json))
        reply = self.replies.get(action, success())
        return reply.pop(0) if isinstance(reply, list) else reply

    def fields(self, action: str) -> dict[str, Any]:
        (found,) = [body for name, body in self.calls if name == action]
        return found


@pytest.fixture
def cam(server: Loopback) -> SmallCam:
    server.behaviour = SmallCam()
    return server.behaviour


@pytest.fixture
def client(server: Loopback, cam: SmallCam, naps: Naps) -> TencentPolicies:
    transport = Transport(where="target guangzhou", rates=RATES, rate_factor=0, sleep=naps)
    credentials = Credentials("AKIDEXAMPLE", "example")
    return TencentPolicies(TARGET, TencentApi(TARGET, credentials, server.url, transport))


def listed(*names: str) -> Answer:
    rows = [{"PolicyId": number, "PolicyName": name} for number, name in enumerate(names, start=7)]
    return success(List=rows, TotalNum=len(rows))


def test_the_search_is_a_match_and_only_the_exact_name_counts(cam: SmallCam, client: TencentPolicies) -> None:
    cam.replies["ListPolicies"] = listed("orders.app.old", "orders.app")
    cam.replies["GetPolicy"] = success(
        PolicyName="orders.app", Description="words", PolicyDocument='{"version":"2.0","statement":[{"a":"x\\/y"}]}'
    )
    found = client.find_policy("orders.app")
    assert found is not None
    assert (found.id, found.description) == ("8", "words")
    assert found.body == {"version": "2.0", "statement": [{"a": "x/y"}]}
    assert cam.fields("ListPolicies") == {"Scope": "Local", "Keyword": "orders.app", "Page": 1, "Rp": 200}


def test_a_name_that_another_one_contains_is_not_found(cam: SmallCam, client: TencentPolicies) -> None:
    cam.replies["ListPolicies"] = listed("orders.app.old")
    assert client.find_policy("orders.app") is None


def policy(name: str) -> Answer:
    return success(PolicyName=name, Description="words", PolicyDocument="{}")


def test_many_policies_are_found_by_one_listing_and_a_call_for_each(cam: SmallCam, client: TencentPolicies) -> None:
    names = [f"orders.{number}" for number in range(5)]
    cam.replies["ListPolicies"] = listed(*names)
    cam.replies["GetPolicy"] = [policy(name) for name in names]
    assert [getattr(client.find_policy(name), "name", "") for name in names] == names
    assert [name for name, _ in cam.calls] == ["ListPolicies", "GetPolicy", "ListPolicies", *["GetPolicy"] * 4]
    assert [body.get("Keyword") for name, body in cam.calls if name == "ListPolicies"] == ["orders.0", None]


@pytest.mark.parametrize("answer", [failure("ResourceNotFound.PolicyIdNotFound"), policy("somebody.elses")])
def test_a_number_that_is_no_longer_the_policys_is_looked_up_again(
    cam: SmallCam, client: TencentPolicies, answer: Answer
) -> None:
    cam.replies["CreatePolicy"] = success(PolicyId=7)
    client.create_policy("orders.app", BODY, "words")
    cam.replies["ListPolicies"] = success(List=[{"PolicyId": 17, "PolicyName": "orders.app"}], TotalNum=1)
    cam.replies["GetPolicy"] = [answer, policy("orders.app")]
    found = client.find_policy("orders.app")
    assert found is not None
    assert found.id == "17"


def test_a_policy_that_goes_between_two_calls_is_not_there(cam: SmallCam, client: TencentPolicies) -> None:
    cam.replies["ListPolicies"] = listed("orders.app")
    cam.replies["GetPolicy"] = failure("ResourceNotFound.PolicyIdNotFound")
    assert client.find_policy("orders.app") is None


def test_pages_are_followed_to_their_end(cam: SmallCam, client: TencentPolicies) -> None:
    row = {"PolicyId": 1, "PolicyName": "a.b"}
    cam.replies["ListPolicies"] = [success(List=[row] * 200, TotalNum=201), success(List=[row], TotalNum=201)]
    assert len(list(client.list_policies("a."))) == 201


def test_a_creation_is_sent_once_and_a_taken_name_is_told(cam: SmallCam, client: TencentPolicies) -> None:
    cam.replies["CreatePolicy"] = success(PolicyId=17)
    assert client.create_policy("orders.app", BODY, "words") == "17"
    sent = cam.fields("CreatePolicy")
    assert (sent["PolicyName"], json.loads(sent["PolicyDocument"]), sent["Description"]) == (
        "orders.app",
        BODY,
        "words",
    )
    cam.replies["CreatePolicy"] = failure("FailedOperation.PolicyNameInUse")
    with pytest.raises(AlreadyExistsError):
        client.create_policy("orders.app", BODY, "words")
    cam.replies["CreatePolicy"] = CUT
    before = len(cam.calls)
    with pytest.raises(UnclearError):
        client.create_policy("orders.app", BODY, "words")
    assert len(cam.calls) == before + 1


def test_an_account_without_room_is_told_what_to_do(cam: SmallCam, client: TencentPolicies) -> None:
    cam.replies["CreatePolicy"] = failure("FailedOperation.PolicyFull")
    with pytest.raises(RejectedError, match="no room for another custom policy"):
        client.create_policy("orders.app", BODY, "words")


def test_everybody_attached_is_read_with_the_number_that_detaches(cam: SmallCam, client: TencentPolicies) -> None:
    rows = [
        {"Id": "11", "Name": "app", "Uin": 100000000003, "RelatedType": 1},
        {"Id": "1001", "Name": "apps", "Uin": 0, "RelatedType": 2},
        {"Id": "4611", "Name": "worker", "Uin": 0, "RelatedType": 3},
    ]
    cam.replies["ListEntitiesForPolicy"] = success(List=rows, TotalNum=3)
    found = client.attachments("7")
    assert found == (
        Attachment(PrincipalKind.GROUP, "apps", "1001"),
        Attachment(PrincipalKind.ROLE, "worker", "4611"),
        Attachment(PrincipalKind.USER, "app", "100000000003"),
    )
    for one in found:
        client.detach("7", one)
    assert cam.fields("DetachUserPolicy") == {"PolicyId": 7, "DetachUin": 100000000003}
    assert cam.fields("DetachGroupPolicy") == {"PolicyId": 7, "DetachGroupId": 1001}
    assert cam.fields("DetachRolePolicy") == {"PolicyId": 7, "DetachRoleName": "worker"}


def test_principals_are_attached_by_what_cam_knows_them_by(cam: SmallCam, client: TencentPolicies) -> None:
    cam.replies["GetUser"] = success(Uin=100000000003)
    cam.replies["ListGroups"] = success(
        GroupInfo=[{"GroupId": 1, "GroupName": "apps-old"}, {"GroupId": 2, "GroupName": "apps"}], TotalNum=2
    )
    for principal in ("user/app", "group/apps", "role/worker"):
        client.attach("7", principal)
    assert cam.fields("AttachUserPolicy") == {"PolicyId": 7, "AttachUin": 100000000003}
    assert cam.fields("AttachGroupPolicy") == {"PolicyId": 7, "AttachGroupId": 2}
    assert cam.fields("AttachRolePolicy") == {"PolicyId": 7, "AttachRoleName": "worker"}
    client.attach("8", "user/app")
    assert [name for name, _ in cam.calls].count("GetUser") == 1


def test_numbers_need_no_search(cam: SmallCam, client: TencentPolicies) -> None:
    client.attach("7", "user/100000000003")
    client.attach("7", "group/1001")
    assert [name for name, _ in cam.calls] == ["AttachUserPolicy", "AttachGroupPolicy"]


def test_nobody_is_named(cam: SmallCam, client: TencentPolicies) -> None:
    cam.replies["ListGroups"] = success(GroupInfo=[], TotalNum=0)
    with pytest.raises(NotFoundError, match="no group apps"):
        client.attach("7", "group/apps")
    with pytest.raises(RejectedError, match="account"):
        client.attach("7", "account")


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("DetachRolePolicy", "InvalidParameter.RoleNotExist"),
        ("DetachRolePolicy", "InvalidParameter.PolicyIdNotExist"),
        ("DeletePolicy", "InvalidParameter.PolicyIdNotExist"),
    ],
)
def test_what_is_gone_already_is_gone(cam: SmallCam, client: TencentPolicies, action: str, code: str) -> None:
    cam.replies[action] = failure(code)
    if action == "DeletePolicy":
        client.delete_policy("7")
        assert cam.fields(action) == {"PolicyId": [7]}
    else:
        client.detach("7", Attachment(PrincipalKind.ROLE, "worker", "4611"))


def test_versions_are_told_with_the_one_that_counts(cam: SmallCam, client: TencentPolicies) -> None:
    cam.replies["ListPolicyVersions"] = success(
        Versions=[{"VersionId": 2, "IsDefaultVersion": 1}, {"VersionId": 1, "IsDefaultVersion": 0}]
    )
    assert client.versions("7") == (("1", False), ("2", True))


@pytest.mark.parametrize("document", ["", "[]", "{"])
def test_a_document_that_is_none_is_unclear(cam: SmallCam, client: TencentPolicies, document: str) -> None:
    cam.replies["ListPolicies"] = listed("orders.app")
    cam.replies["GetPolicy"] = success(PolicyName="orders.app", PolicyDocument=document)
    with pytest.raises(UnclearError, match="GetPolicy"):
        client.find_policy("orders.app")
