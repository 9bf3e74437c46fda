"""Roles, their trust documents, and the sessions that STS opens."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from kms_emulator.tencent import cam_facts
from tests.emulator.tencent.support import (
    AUDITOR,
    GUEST,
    OWNER,
    PARTNER,
    PARTNER_ROOT,
    PAYMENTS,
    REGION,
    VERSIONS,
    Client,
    document,
    statement,
    trust,
)

ACCOUNT, OTHER = f"qcs::cam::uin/{OWNER}:root", f"qcs::cam::uin/{PARTNER_ROOT[2]}:root"
ARN = f"qcs::cam::uin/{OWNER}:roleName/"


def create(client: Client, name: str = "reader", *principals: str, **parameters: Any) -> str:
    """Make a role; its id."""
    given = {"PolicyDocument": trust(*(principals or (ACCOUNT,))), **parameters}
    return str(client.call("CreateRole", "cam", RoleName=name, **given)["RoleId"])


def test_a_role_is_read_as_it_was_made(client: Client) -> None:
    tags = [{"Key": "env", "Value": "dev"}]
    made = create(client, Description="reads", SessionDuration=3600, ConsoleLogin=1, Tags=tags)
    for given in ({"RoleId": made}, {"RoleName": "reader"}):
        found = client.call("GetRole", "cam", **given)["RoleInfo"]
        assert found["PolicyDocument"] == trust(ACCOUNT).replace(" ", "").replace("/", "\\/")
        names = ("RoleId", "RoleName", "Description", "SessionDuration", "Tags", "RoleArn")
        assert [found[name] for name in names] == [made, "reader", "reads", 3600, tags, ARN + "reader"]


def test_a_trust_document_can_be_changed(client: Client) -> None:
    create(client)
    client.call("UpdateAssumeRolePolicy", "cam", RoleName="reader", PolicyDocument=trust(OTHER))
    found = client.call("GetRole", "cam", RoleName="reader")["RoleInfo"]["PolicyDocument"]
    assert json.loads(found) == json.loads(trust(OTHER))


def test_roles_are_listed_by_page_and_tag(client: Client) -> None:
    create(client, Tags=[{"Key": "env", "Value": "dev"}])
    found = client.call("DescribeRoleList", "cam", Page=1, Rp=2)
    assert ([role["RoleName"] for role in found["List"]], found["TotalNum"]) == (
        ["kms-application", "partner-access"],
        3,
    )
    found = client.call("DescribeRoleList", "cam", Page=1, Rp=20, Tags=[{"Key": "env", "Value": "dev"}])
    assert [role["RoleName"] for role in found["List"]] == ["reader"]


def test_a_role_goes_with_its_attachments(client: Client) -> None:
    create(client)
    client.call("AttachRolePolicy", "cam", PolicyId=1, AttachRoleName="reader")
    client.call("DeleteRole", "cam", RoleName="reader")
    assert client.refused("GetRole", "cam", RoleName="reader") == "InvalidParameter.RoleNotExist"
    assert client.call("ListEntitiesForPolicy", "cam", PolicyId=1, EntityFilter="Role")["TotalNum"] == 0


@pytest.mark.parametrize(
    ("parameters", "code"),
    [({"RoleName": "a b"}, "RoleNameError"), ({"RoleName": "kms-application"}, "RoleNameInUse"),
     ({"Description": "a" * 301}, "DescriptionLengthOverlimit"), ({"ConsoleLogin": 2}, "ParamError"),
     ({"SessionDuration": 43201}, "ParamError"), ({"SessionDuration": -1}, "ParamError"),
     ({"Tags": [{"Key": "a", "Value": "1"}] * 2}, "TagParamError"),
     ({"Tags": [{"Key": str(number), "Value": "1"} for number in range(51)]}, "TagLimitExceeded")],
)  # fmt: skip
def test_a_role_is_checked(client: Client, parameters: dict[str, Any], code: str) -> None:
    given = {"RoleName": "reader", "PolicyDocument": trust(ACCOUNT), **parameters}
    assert client.refused("CreateRole", "cam", **given) == f"InvalidParameter.{code}"


def test_the_number_of_roles_is_limited(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cam_facts, "ROLES", 2)
    given = {"RoleName": "reader", "PolicyDocument": trust(ACCOUNT)}
    assert client.refused("CreateRole", "cam", **given) == "InvalidParameter.RoleFull"


@pytest.mark.parametrize("action", ["GetRole", "DeleteRole", "UpdateAssumeRolePolicy"])
def test_a_role_that_does_not_exist(client: Client, action: str) -> None:
    given = {"PolicyDocument": trust(ACCOUNT)} if action == "UpdateAssumeRolePolicy" else {}
    assert client.refused(action, "cam", RoleName="x", **given) == "InvalidParameter.RoleNotExist"
    assert client.refused(action, "cam", **given) == "InvalidParameter.ParamError"


def trusting(**change: Any) -> dict[str, Any]:
    made = {"effect": "allow", "action": "name/sts:AssumeRole", "principal": {"qcs": [ACCOUNT]}, **change}
    return document({name: value for name, value in made.items() if value is not None})


BAD: dict[str, tuple[Any, str]] = {
    "no JSON": ("{", "ParamError"),
    "too long": (json.dumps(trusting()) + " " * 6144, "PolicyDocumentLengthOverLimit"),
    "another version": ({**trusting(), "version": "1"}, "VersionError"),
    "no statement": (document(), "StatementError"),
    "a resource": (trusting(resource="*"), "StatementError"),
    "another effect": (trusting(effect="let"), "EffectError"),
    "no action": (trusting(action=None), "ActionMiss"),
    "another action": (trusting(action="kms:Encrypt"), "ActionError"),
    "no principal": (trusting(principal=None), "PrincipalError"),
    "an empty principal": (trusting(principal={}), "PrincipalError"),
    "another kind of principal": (trusting(principal={"user": "x"}), "PrincipalError"),
    "an empty list": (trusting(principal={"qcs": []}), "PrincipalError"),
    "everybody": (trusting(principal={"qcs": ["*"]}), "PrincipalQcsError"),
    "a malformed name": (trusting(principal={"qcs": ["qcs::cam::uin/1"]}), "PrincipalQcsError"),
    "an unknown account": (trusting(principal={"qcs": ["qcs::cam::uin/1:root"]}), "PrincipalQcsNotExist"),
    "an unknown user": (trusting(principal={"qcs": [f"qcs::cam::uin/{OWNER}:uin/1"]}), "PrincipalQcsNotExist"),
    "an unknown service": (trusting(principal={"service": "example.com"}), "PrincipalServiceNotExist"),
    "conditions that are a list": (trusting(condition=[]), "ConditionError"),
    "an unknown operator": (trusting(condition={"like": {"a": "b"}}), "ConditionTypeError"),
    "a bad value": (trusting(condition={"ip_equal": {"qcs:ip": "x"}}), "ConditionContentError"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_trust_document_is_refused_with_the_code_for(client: Client, name: str) -> None:
    bad, code = BAD[name]
    text = bad if isinstance(bad, str) else json.dumps(bad)
    for action, role in (("CreateRole", "reader"), ("UpdateAssumeRolePolicy", "kms-application")):
        given = {"RoleName": role, "PolicyDocument": text}
        assert client.refused(action, "cam", **given) == f"InvalidParameter.{code}"


@pytest.mark.parametrize(
    "principal",
    [{"service": ["cvm.cloud.tencent.com", "cls.qcloud.com"]}, {"federated": "qcs::cam::uin/1:saml-provider/x"},
     {"qcs": [f"qcs::cam::uin/{OWNER}:uin/{PAYMENTS[2]}", f"qcs::cam::uin/{OWNER}:roleName/kms-application", OTHER]}],
)  # fmt: skip
def test_a_trust_document_names(client: Client, principal: dict[str, Any]) -> None:
    client.call("CreateRole", "cam", RoleName="reader", PolicyDocument=json.dumps(trusting(principal=principal)))


def assume(client: Client, role: str = "reader", **parameters: Any) -> dict[str, Any]:
    return client.call("AssumeRole", "sts", RoleArn=ARN + role, RoleSessionName="test", **parameters)


def refused(client: Client, **parameters: Any) -> str:
    given = {"RoleArn": ARN + "reader", "RoleSessionName": "test", **parameters}
    return client.refused("AssumeRole", "sts", **given)


def clock(client: Client) -> float:
    found: float = client.session.get(f"{client.url}/_emulator/clock", timeout=10).json()["now"]
    return found


def test_a_session_has_the_roles_account_and_ends_on_the_emulators_clock(client: Client) -> None:
    role = create(client)
    made = assume(client)
    assert 7198 <= made["ExpiredTime"] - clock(client) <= 7200
    assert made["Expiration"].endswith("Z")
    session = client.as_role(ARN + "reader")
    found = session.call("GetUserAppId", "cam")
    assert (found["Uin"], found["OwnerUin"]) == (role, OWNER)
    key = session.key()
    assert session.meta(key)["ResourceId"] == f"creatorUin/{role}/{key}"
    client.advance(7199 - 60)
    session.call("ListKeys")
    client.advance(61)
    assert session.refused("ListKeys") == "AuthFailure.TokenFailure"
    client.advance(86400)
    create(client, "other")
    assume(client, "other")  # clears away what ended long ago
    assert session.refused("ListKeys") == "AuthFailure.SecretIdNotFound"


def test_a_session_needs_its_token_and_its_secret(client: Client) -> None:
    create(client)
    session = client.as_role(ARN + "reader")
    for token in ("", "another"):
        assert client.as_user((session.secret_id, session.secret_key, ""), token).refused("ListKeys") == (
            "AuthFailure.TokenFailure"
        )
    wrong = client.as_user((session.secret_id, "another", ""), session.token)
    assert wrong.refused("ListKeys") == "AuthFailure.SignatureFailure"
    unknown = client.as_user((f"AKIDsts{OWNER}x{'A' * 32}", "another", ""))
    assert unknown.refused("ListKeys") == "AuthFailure.SecretIdNotFound"


def test_the_journal_knows_the_account_of_a_session_and_no_secret(client: Client) -> None:
    create(client)
    session = client.as_role(ARN + "reader")
    session.call("ListKeys")
    entry = client.session.get(f"{client.url}/_emulator/journal", timeout=10).json()["entries"][-1]
    assert (entry["account"], entry["action"]) == (OWNER, "ListKeys")
    assert session.secret_key not in json.dumps(entry)


@pytest.mark.parametrize(
    ("given", "seconds"), [({}, 3600), ({"DurationSeconds": 60}, 60), ({"DurationSeconds": 3600}, 3600)]
)
def test_a_role_may_shorten_its_sessions(client: Client, given: dict[str, int], seconds: int) -> None:
    create(client, SessionDuration=3600)
    assert abs(assume(client, **given)["ExpiredTime"] - clock(client) - seconds) < 3
    assert refused(client, DurationSeconds=3601) == "InvalidParameter.OverTimeError"


def test_a_session_of_twelve_hours_is_the_longest(client: Client) -> None:
    create(client)
    assume(client, DurationSeconds=43200)
    assert refused(client, DurationSeconds=43201) == "InvalidParameter.OverTimeError"
    assert refused(client, DurationSeconds=0) == "InvalidParameter.ParamError"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [({"RoleArn": "reader"}, "InvalidParameter.ParamError"),
     ({"RoleArn": ARN + "nobody"}, "ResourceNotFound.RoleNotFound"),
     ({"RoleArn": "qcs::cam::uin/1:role/1"}, "ResourceNotFound.RoleNotFound"),
     ({"RoleSessionName": "a"}, "InvalidParameter.ParamError"),
     ({"RoleSessionName": "a b"}, "InvalidParameter.ParamError"),
     ({"ExternalId": "a b"}, "InvalidParameter.ParamError"),
     ({"Tags": [{"Key": "", "Value": ""}]}, "InvalidParameter.ParamError"),
     ({"SerialNumber": "x", "TokenCode": "1"}, "FailedOperation.MFATypeNotSupported"),
     ({"Policy": "{"}, "InvalidParameter.StrategyFormatError"),
     ({"Policy": quote(json.dumps(document(statement("allow", "kmz:*"))))}, "InvalidParameter.StrategyFormatError"),
     ({"Policy": "a" * 4097}, "InvalidParameter.PolicyTooLong")],
)  # fmt: skip
def test_assume_role_checks(client: Client, parameters: dict[str, Any], code: str) -> None:
    create(client)
    assert refused(client, **parameters) == code


@pytest.mark.parametrize(
    ("principal", "user", "let_in"),
    [
        (f"qcs::cam::uin/{PARTNER_ROOT[2]}:uin/{PARTNER[2]}", PARTNER, True),
        (f"qcs::cam::uin/{PARTNER_ROOT[2]}:uin/{PARTNER[2]}", PARTNER_ROOT, False),
        (ACCOUNT, PAYMENTS, True), (ACCOUNT, PARTNER, False), (OTHER, PARTNER, True), (OTHER, PARTNER_ROOT, True),
        (OTHER, PAYMENTS, False), (f"qcs::cam::uin/{OWNER}:uin/{PAYMENTS[2]}", PAYMENTS, True),
        (f"qcs::cam::uin/{OWNER}:uin/{PAYMENTS[2]}", GUEST, False),
        (f"qcs::cam::uin/{OWNER}:roleName/kms-application", PAYMENTS, False),
    ],
)  # fmt: skip
def test_the_trust_document_decides_who_gets_a_session(
    client: Client, principal: str, user: tuple[str, str, str], let_in: bool
) -> None:
    create(client, "reader", principal)
    answer = client.as_user(user).raw("AssumeRole", "sts", RoleArn=ARN + "reader", RoleSessionName="test")
    assert ("Credentials" in answer) is let_in
    if not let_in:
        assert answer["Error"]["Code"] == "UnauthorizedOperation"


def test_a_deny_in_a_trust_document_beats_its_allow(client: Client) -> None:
    allow, deny = (trusting(effect=effect)["statement"][0] for effect in ("allow", "deny"))
    deny["principal"] = {"qcs": [f"qcs::cam::uin/{OWNER}:uin/{AUDITOR[2]}"]}
    create(client, PolicyDocument=json.dumps(document(allow, deny)))
    assume(client.as_user(PAYMENTS))
    assert refused(client.as_user(AUDITOR)) == "UnauthorizedOperation"


def test_trust_may_depend_on_address_and_external_id(client: Client) -> None:
    client.set(source_ip="10.1.2.3")
    create(client, PolicyDocument=trust(
        OTHER, ip_equal={"qcs:ip": "10.0.0.0/8"}, string_equal={"sts:external_id": "contract-7"}))  # fmt: skip
    partner = client.as_user(PARTNER)
    assume(partner, ExternalId="contract-7")
    for more in ({}, {"ExternalId": "contract-8"}):
        assert refused(partner, **more) == "UnauthorizedOperation"
    client.set(source_ip="11.1.2.3")
    assert refused(partner, ExternalId="contract-7") == "UnauthorizedOperation"


def test_a_role_can_be_assumed_from_a_role(client: Client) -> None:
    create(client, "reader", f"qcs::cam::uin/{OWNER}:roleName/kms-application")
    session = client.as_role(ARN + "kms-application")
    assert session.as_role(ARN + "reader").call("GetCallerIdentity", "sts")["Type"] == "CAMRole"


def test_the_caller_is_told_who_it_is(client: Client) -> None:
    user = client.as_user(PAYMENTS).call("GetCallerIdentity", "sts")
    assert (user["AccountId"], user["UserId"], user["Type"]) == (OWNER, PAYMENTS[2], "CAMUser")
    assert client.as_root().call("GetCallerIdentity", "sts")["UserId"] == OWNER
    role = create(client)
    found = client.as_user(PAYMENTS).as_role(ARN + "reader").call("GetCallerIdentity", "sts")
    assert (found["UserId"], found["PrincipalId"]) == (f"{role}:test", PAYMENTS[2])


def test_sts_needs_no_region_and_refuses_what_it_does_not_have(client: Client) -> None:
    assert VERSIONS["sts"] == "2018-08-13"
    assert client.region == REGION
    assert client.refused("GetFederationToken", "sts", Name="a", Policy="{}") == "ActionOffline"
    assert client.refused("AssumeRoles", "sts") == "InvalidAction"
