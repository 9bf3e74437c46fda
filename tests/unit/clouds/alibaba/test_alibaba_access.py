"""Key policies, access points and client keys at Alibaba Cloud: what is sent, and how answers are read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kms_resources.access.words import AccessPoint
from kms_resources.clouds.access import (
    AccessPointClient,
    ActualPoint,
    CredentialClient,
    KeyPolicyClient,
    Part,
    PointStep,
    WantedPoint,
)
from kms_resources.clouds.alibaba import access
from kms_resources.errors import CloudError, NotFoundError, RejectedError, UnclearError, UnsafeError
from kms_resources.model import KeyId, Marker
from tests.unit.clouds.alibaba.doubles import TARGET, Doors, cloud
from tests.unit.clouds.loopback import CUT, Answer, Loopback

KEY = KeyId("key-hzz1")
MARKER = Marker("shop/prod/billing")
SAID = "words [kms-resources:shop/prod/billing]"
POINT = AccessPoint("billing", ("use",), ("key/one",), ("10.0.0.0/8",), "kst-1")
WANTED = WantedPoint(POINT, MARKER, "words")
FOUND = ActualPoint(POINT, dict.fromkeys(Part, MARKER), "billing", "arn", "words", ("billing",), ("billing",))
REPLIES: dict[str, Any] = {
    "DescribeApplicationAccessPoint": {"Name": "billing", "Arn": "arn", "Policies": '["billing"]', "Description": SAID},
    "DescribePolicy": {
        "Name": "billing",
        "KmsInstance": "kst-1",
        "Permissions": ["RbacPermission/Template/CryptoServiceKeyUser"],
        "Resources": ["key/one", "key/one"],
        "AccessControlRules": '{"NetworkRules":["billing"]}',
        "Description": SAID,
    },
    "DescribeNetworkRule": {"Type": "Private", "SourcePrivateIp": '["10.0.0.0/8"]', "Description": SAID},
}


@pytest.fixture
def doors(server: Loopback) -> Doors:
    return Doors(server, dict(REPLIES))


@pytest.fixture
def policies(doors: Doors) -> KeyPolicyClient:
    connect = cloud().connect_key_policies
    assert connect
    return connect(TARGET, doors.environ("shared"))


@pytest.fixture
def points(doors: Doors) -> AccessPointClient:
    connect = cloud().connect_access_points
    assert connect
    return connect(TARGET, doors.environ("shared"))


@pytest.fixture
def credentials(doors: Doors) -> CredentialClient:
    connect = cloud().connect_credentials
    assert connect
    return connect(TARGET, doors.environ("shared"))


def refusal(status: int, code: str) -> Answer:
    return Answer.of({"Code": code, "Message": "m", "RequestId": "r"}, status)


def test_a_policy_is_read_as_an_object_whatever_its_spelling(doors: Doors, policies: KeyPolicyClient) -> None:
    doors.replies["GetKeyPolicy"] = {"Policy": ' { "Statement" : [] , "Version" : "1" } '}
    assert policies.get_policy(KEY) == {"Version": "1", "Statement": []}
    assert doors.fields("GetKeyPolicy") == {"KeyId": KEY, "PolicyName": "default"}


@pytest.mark.parametrize("policy", ["", "[]", "{", '"text"', 7])
def test_a_policy_that_is_none_is_unclear(
    doors: Doors, policies: KeyPolicyClient, policy: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kms_resources.clouds.transport.ATTEMPTS_WHEN_UNCLEAR", 1)
    doors.replies["GetKeyPolicy"] = {"Policy": policy}
    with pytest.raises(UnclearError):
        policies.get_policy(KEY)


def test_a_policy_is_sent_as_json_text(doors: Doors, policies: KeyPolicyClient) -> None:
    policies.set_policy(KEY, {"Version": "1", "Statement": []})
    assert json.loads(doors.fields("SetKeyPolicy")["Policy"]) == {"Version": "1", "Statement": []}


def test_a_key_outside_an_instance_is_refused(doors: Doors, policies: KeyPolicyClient) -> None:
    doors.replies["GetKeyPolicy"] = refusal(400, "Forbidden.KeyPolicyUnSupported")
    with pytest.raises(RejectedError) as caught:
        policies.get_policy(KEY)
    assert caught.value.code == "Forbidden.KeyPolicyUnSupported"


def test_the_default_policy_gives_the_whole_account_everything(policies: KeyPolicyClient) -> None:
    assert policies.default_policy("1234567890123456")["Statement"] == [
        {
            "Sid": "kms default key policy",
            "Effect": "Allow",
            "Principal": {"RAM": ["acs:ram::1234567890123456:*"]},
            "Action": ["kms:*"],
            "Resource": ["*"],
        }
    ]


def test_an_access_point_is_read_with_its_parts(points: AccessPointClient) -> None:
    assert points.describe("billing") == FOUND
    assert points.steps(WANTED, FOUND) == ()


def test_lists_come_as_lists_or_as_text(doors: Doors, points: AccessPointClient) -> None:
    described = REPLIES["DescribePolicy"]
    doors.replies["DescribePolicy"] = described | {
        "Permissions": json.dumps(described["Permissions"]),
        "Resources": '["key/one"]',
        "AccessControlRules": {"NetworkRules": ["billing"]},
    }
    doors.replies["DescribeNetworkRule"] = REPLIES["DescribeNetworkRule"] | {"SourcePrivateIp": ["10.0.0.0/8"]}
    assert points.describe("billing") == FOUND


def test_a_missing_part_is_a_part_that_is_not_there_yet(doors: Doors, points: AccessPointClient) -> None:
    doors.replies["DescribeApplicationAccessPoint"] = refusal(404, "Forbidden.ResourceNotFound")
    found = points.describe("billing")
    assert found is not None
    assert not found.exists
    assert points.steps(WANTED, found) == (PointStep.CREATE_POINT,)
    for action in REPLIES:
        doors.replies[action] = refusal(404, "Forbidden.ResourceNotFound")
    assert points.describe("billing") is None


def test_everything_is_made_under_one_name(doors: Doors, points: AccessPointClient) -> None:
    for step in points.steps(WANTED, None):
        points.take(step, WANTED, None)
    rule, policy = doors.fields("CreateNetworkRule"), doors.fields("CreatePolicy")
    point = doors.fields("CreateApplicationAccessPoint")
    assert rule == {"Name": "billing", "Type": "Private", "SourcePrivateIp": '["10.0.0.0/8"]', "Description": SAID}
    assert policy == {
        "Name": "billing",
        "KmsInstance": "kst-1",
        "Permissions": '["RbacPermission/Template/CryptoServiceKeyUser"]',
        "Resources": '["key/one"]',
        "AccessControlRules": '{"NetworkRules":["billing"]}',
        "Description": SAID,
    }
    assert point == {
        "Name": "billing",
        "AuthenticationMethod": "ClientKey",
        "Policies": '["billing"]',
        "Description": SAID,
    }


def test_a_creation_is_never_repeated_blindly(doors: Doors, points: AccessPointClient) -> None:
    doors.replies["CreatePolicy"] = CUT
    with pytest.raises(UnclearError):
        points.take(PointStep.CREATE_POLICY, WANTED, None)
    assert doors.actions == ["shared:CreatePolicy"]


def test_a_policy_of_another_instance_cannot_be_moved(points: AccessPointClient) -> None:
    elsewhere = WantedPoint(AccessPoint("billing", ("use",), ("key/one",), ("10.0.0.0/8",), "kst-2"), MARKER, "words")
    with pytest.raises(UnsafeError, match="for instance kst-1"):
        points.steps(elsewhere, FOUND)


def test_a_deletion_of_what_is_gone_succeeds_and_a_change_of_it_does_not(
    doors: Doors, points: AccessPointClient
) -> None:
    for action in ("DeletePolicy", "UpdatePolicy"):
        doors.replies[action] = refusal(404, "Forbidden.ResourceNotFound")
    points.take(PointStep.DELETE_POLICY, WANTED, FOUND)
    with pytest.raises(NotFoundError):
        points.take(PointStep.UPDATE_POLICY, WANTED, FOUND)


def test_a_client_key_is_told_once_in_the_vendors_form(doors: Doors, credentials: CredentialClient) -> None:
    doors.replies["CreateClientKey"] = {
        "ClientKeyId": "KAAP.1",
        "KeyAlgorithm": "RSA_2048",
        "PrivateKeyData": "cGtjczEy",
        "NotBefore": "2026-01-01T00:00:00Z",
        "NotAfter": "2027-01-01T00:00:00Z",
    }
    made = credentials.create(FOUND, "A-fake-password-1", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
    assert json.loads(made.content) == {"KeyId": "KAAP.1", "PrivateKeyData": "cGtjczEy"}
    assert made.actual.not_after == "2027-01-01T00:00:00Z"
    assert "cGtjczEy" not in repr(made)
    assert doors.fields("CreateClientKey") == {
        "AapName": "billing",
        "Password": "A-fake-password-1",
        "NotBefore": "2026-01-01T00:00:00Z",
        "NotAfter": "2027-01-01T00:00:00Z",
    }


def test_no_error_shows_a_password_or_a_private_key(doors: Doors, credentials: CredentialClient) -> None:
    for reply in (
        Answer.of({"Code": "InvalidParameter", "Message": "not A-fake-password-1", "RequestId": "r"}, 400),
        {"ClientKeyId": "", "PrivateKeyData": "cGtjczEyLWNhbmFyeQ"},
        CUT,
    ):
        doors.replies["CreateClientKey"] = reply
        with pytest.raises(CloudError) as caught:
            credentials.create(FOUND, "A-fake-password-1", "", "")
        assert "fake-password" not in str(caught.value)
        assert "cGtjczEy" not in str(caught.value)


@pytest.mark.parametrize("nested", [False, True])
def test_client_keys_are_read_from_either_form_of_the_list(nested: bool) -> None:
    rows = [
        {"ClientKeyId": "KAAP.2", "CreateTime": "2026-02-01T00:00:00Z", "NotAfter": "2031-02-01T00:00:00Z"},
        {"ClientKeyId": "KAAP.1"},
    ]
    found = access._rows({"ClientKeys": {"ClientKey": rows} if nested else rows})
    assert [(one.id, one.not_after) for one in found] == [("KAAP.2", "2031-02-01T00:00:00Z"), ("KAAP.1", "")]
