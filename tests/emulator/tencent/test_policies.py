"""CAM policies: life, versions, listing, limits, and the check of documents."""

import json
from typing import Any

import pytest

from kms_emulator.tencent import cam_facts
from tests.emulator.tencent.support import OWNER, Client, document, statement

ALLOW = statement("allow", "kms:Encrypt", "qcs::kms:ap-guangzhou:uin/100000000001:key/*")
TEXT = json.dumps(document(ALLOW))


def refused(client: Client, action: str, **parameters: Any) -> str:
    return client.refused(action, "cam", **parameters)


def get(client: Client, policy: int) -> dict[str, Any]:
    return client.call("GetPolicy", "cam", PolicyId=policy)


def test_a_policy_is_read_as_it_was_made_with_its_document_serialised_again(client: Client) -> None:
    given = {"PolicyName": "use-app", "PolicyDocument": json.dumps(document(ALLOW), indent=2), "Description": "说明",
             "Tags": [{"Key": "env", "Value": "dev"}]}  # fmt: skip
    made = client.call("CreatePolicy", "cam", **given)["PolicyId"]
    found = get(client, made)
    assert found["PolicyDocument"] == json.dumps(document(ALLOW), separators=(",", ":")).replace("/", "\\/")
    assert json.loads(found["PolicyDocument"]) == document(ALLOW)
    assert [found[name] for name in ("PolicyName", "Description", "Type", "Tags", "IsServiceLinkedRolePolicy")] == [
        "use-app", "说明", 1, [{"Key": "env", "Value": "dev"}], 0,
    ]  # fmt: skip
    assert found["AddTime"] == found["UpdateTime"]
    assert len(found["AddTime"]) == len("2020-09-21 10:32:48")


def test_text_beyond_ascii_comes_back_escaped_and_means_the_same(client: Client) -> None:
    made = client.policy(document(statement("allow", "kms:*", string_equal={"kms:note": "密钥"})))
    text = get(client, made)["PolicyDocument"]
    assert "\\u5bc6" in text
    assert json.loads(text)["statement"][0]["condition"] == {"string_equal": {"kms:note": "密钥"}}


@pytest.mark.parametrize("name", ["", "a b", "a" * 129, "密钥", "a/b"])
def test_a_policy_name_has_its_form(client: Client, name: str) -> None:
    code = refused(client, "CreatePolicy", PolicyName=name, PolicyDocument=TEXT)
    assert code == "InvalidParameter.PolicyNameError"


def test_a_policy_name_is_used_once_in_an_account(client: Client) -> None:
    client.policy(document(ALLOW), "a")
    for name in ("a", "AdministratorAccess"):
        assert (
            refused(client, "CreatePolicy", PolicyName=name, PolicyDocument=TEXT) == "FailedOperation.PolicyNameInUse"
        )


def test_descriptions_are_counted_in_bytes(client: Client) -> None:
    client.call("CreatePolicy", "cam", PolicyName="a", PolicyDocument=TEXT, Description="说" * 100)
    given = {"PolicyName": "b", "PolicyDocument": TEXT, "Description": "说" * 101}
    assert refused(client, "CreatePolicy", **given) == "InvalidParameter.DescriptionLengthOverlimit"


@pytest.mark.parametrize(
    "tags", [[{"Key": "a", "Value": "1"}] * 2, [{"Key": "", "Value": "1"}],
             [{"Key": str(number), "Value": ""} for number in range(51)]],
)  # fmt: skip
def test_tags_of_a_policy_are_checked(client: Client, tags: list[dict[str, str]]) -> None:
    given = {"PolicyName": "b", "PolicyDocument": TEXT, "Tags": tags}
    assert refused(client, "CreatePolicy", **given) == "InvalidParameter.ParamError"


def test_the_number_of_policies_is_limited(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cam_facts, "POLICIES", 1)
    client.policy(document(ALLOW))
    assert refused(client, "CreatePolicy", PolicyName="b", PolicyDocument=TEXT) == "FailedOperation.PolicyFull"
    client.control("settings", {"quotas": False})
    client.policy(document(ALLOW))


def test_the_published_limits_are_these() -> None:
    assert (cam_facts.POLICIES, cam_facts.POLICIES_OF_ENTITY, cam_facts.ROLES) == (1500, 200, 1000)


def with_statement(**change: Any) -> dict[str, Any]:
    return document({name: value for name, value in {**ALLOW, **change}.items() if value is not None})


def with_condition(condition: Any) -> dict[str, Any]:
    return with_statement(condition=condition)


BAD: dict[str, tuple[Any, str]] = {
    "no JSON": ("{", "PolicyDocumentError"),
    "a number that is none": ('{"version": NaN}', "PolicyDocumentError"),
    "a name twice": ('{"version": "2.0", "version": "2.0", "statement": []}', "PolicyDocumentError"),
    "a list": ("[]", "PolicyDocumentError"),
    "an unknown element": ({**document(ALLOW), "id": "x"}, "PolicyDocumentError"),
    "too long": (json.dumps(document(ALLOW)) + " " * 6144, "PolicyDocumentLengthOverLimit"),
    "no version": ({"statement": [ALLOW]}, "VersionError"),
    "another version": ({"version": "1", "statement": [ALLOW]}, "VersionError"),
    "no statement": ({"version": "2.0"}, "StatementError"),
    "an empty list of statements": (document(), "StatementError"),
    "a statement that is a text": ({"version": "2.0", "statement": ["x"]}, "StatementError"),
    "an unknown element of a statement": (with_statement(sid="x"), "StatementError"),
    "keywords with capitals": (with_statement(Effect="allow"), "StatementError"),
    "a principal": (with_statement(principal={"qcs": ["x"]}), "PrincipalError"),
    "no effect": (with_statement(effect=None), "EffectError"),
    "another effect": (with_statement(effect="Allow"), "EffectError"),
    "no action": (with_statement(action=None), "ActionMiss"),
    "actions that are no texts": (with_statement(action=[1]), "ActionError"),
    "an empty list of actions": (with_statement(action=[]), "ActionError"),
    "an action without service": (with_statement(action="Encrypt"), "ActionError"),
    "an action of an unknown service": (with_statement(action="kmz:Encrypt"), "ActionServiceNotExist"),
    "an unknown action": (with_statement(action="kms:Encipher"), "ActionNotExist"),
    "a pattern of no action": (with_statement(action="kms:Zz*"), "ActionNotExist"),
    "no resource": (with_statement(resource=None), "ResourceError"),
    "an empty list of resources": (with_statement(resource=[]), "ResourceError"),
    "an object as resource": (with_statement(resource={"a": 1}), "ResourceError"),
    "too few segments": (with_statement(resource="qcs::kms:key/*"), "ResourceQcsError"),
    "another beginning": (with_statement(resource="acs::kms:::key/*"), "ResourceQcsError"),
    "a project": (with_statement(resource="qcs:x:kms:::key/*"), "ResourceProjectError"),
    "an unknown service": (with_statement(resource="qcs::kmz:::key/*"), "ResourceServiceNotExist"),
    "an unknown region": (with_statement(resource="qcs::kms:mars::key/*"), "ResourceRegionError"),
    "an account without uin": (with_statement(resource="qcs::kms::100000000001:key/*"), "ResourceUinError"),
    "no path": (with_statement(resource="qcs::kms:::"), "ResourceContentError"),
    "conditions that are a list": (with_condition([]), "ConditionError"),
    "an operator without keys": (with_condition({"ip_equal": {}}), "ConditionError"),
    "an operator with a text": (with_condition({"ip_equal": "x"}), "ConditionError"),
    "an unknown operator": (with_condition({"ip_like": {"qcs:ip": "10.0.0.1"}}), "ConditionTypeError"),
    "an address that is none": (with_condition({"ip_equal": {"qcs:ip": "10.0.0.256"}}), "ConditionContentError"),
    "a date with a zone": (
        with_condition({"date_equal": {"qcs:current_time": "2023-11-15T08:00:00+08:00"}}), "ConditionContentError"),
    "a date that is none": (
        with_condition({"date_equal": {"qcs:current_time": "2023-02-30T08:00:00Z"}}), "ConditionContentError"),
    "a number that is a text": (with_condition({"numeric_equal": {"kms:a": "five"}}), "ConditionContentError"),
    "no value": (with_condition({"string_equal": {"kms:a": []}}), "ConditionContentError"),
    "a value that is an object": (with_condition({"string_equal": {"kms:a": {}}}), "ConditionContentError"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_document_is_refused_with_the_code_for(client: Client, name: str) -> None:
    bad, code = BAD[name]
    text = bad if isinstance(bad, str) else json.dumps(bad)
    assert refused(client, "CreatePolicy", PolicyName="a", PolicyDocument=text) == f"InvalidParameter.{code}"


GOOD: dict[str, dict[str, Any]] = {
    "one statement without a list": {"version": "2.0", "statement": ALLOW},
    "texts in place of lists": document(statement("deny", "name/kms:Encrypt", "*")),
    "everything": document(statement("allow", "*")),
    "everything by colon": document(statement("allow", "*:*")),
    "names of API 2.0": document(statement("allow", ["name/kms:ListKey", "name/kms:SetKeyAttributes"])),
    "names not emulated": document(statement("allow", "kms:EncryptByWhiteBox")),
    "another service": document(statement("allow", "cos:GetObject", "qcs::cos:ap-beijing:uin/1:a/*")),
    "empty segments": document(statement("allow", "kms:*", "qcs:::::key/*")),
    "another account": document(statement("allow", "kms:*", "qcs::kms::uin/200000000001:key/*")),
    "old regions and a star": document(statement("allow", "kms:*", ["qcs::kms:gz::key/*", "qcs::kms:*::key/*"])),
    "all kinds of conditions": document(
        statement(
            "allow", "kms:*", ip_equal={"qcs:ip": ["10.1.2.3/8", "::1"]}, string_like_if_exist={"kms:a": "b*"},
            date_less_than={"qcs:current_time": "2030-01-01T00:00Z"}, bool_equal={"kms:m": True},
            numeric_equal={"kms:n": [1, "2.5"]}, null_equal={"qcs:resource_tag": "true"},
            string_equal={"qcs:uin": "${uin}"}, **{"for_any_value:string_equal": {"qcs:resource_tag": ["a&b"]}},
        )
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_document_may_have(client: Client, name: str) -> None:
    made = client.policy(GOOD[name])
    assert json.loads(get(client, made)["PolicyDocument"]) == GOOD[name]


def test_a_document_of_6144_characters_is_taken(client: Client) -> None:
    text = TEXT + " " * (6144 - len(TEXT))
    client.call("CreatePolicy", "cam", PolicyName="a", PolicyDocument=text)


def test_update_changes_the_default_version_in_place(client: Client) -> None:
    made = client.policy(document(ALLOW), "a")
    client.advance(60)
    other = json.dumps(document(statement("deny", "kms:*")))
    assert "PolicyId" not in client.call("UpdatePolicy", "cam", PolicyId=made, PolicyDocument=other, Description="new")
    assert client.call("UpdatePolicy", "cam", PolicyName="a", Alias="ignored")["PolicyId"] == made
    found = get(client, made)
    assert (json.loads(found["PolicyDocument"]), found["Description"]) == (json.loads(other), "new")
    assert found["UpdateTime"] > found["AddTime"]
    assert len(client.call("ListPolicyVersions", "cam", PolicyId=made)["Versions"]) == 1


def test_update_refuses_what_creation_refuses_and_changes_nothing(client: Client) -> None:
    made = client.policy(document(ALLOW))
    code = refused(client, "UpdatePolicy", PolicyId=made, Description="new", PolicyDocument="{")
    assert code == "InvalidParameter.PolicyDocumentError"
    assert get(client, made)["Description"] == ""


def test_update_needs_an_id_or_a_name(client: Client) -> None:
    assert refused(client, "UpdatePolicy", Description="a") == "InvalidParameter.ParamError"
    assert refused(client, "UpdatePolicy", PolicyId=0) == "InvalidParameter.PolicyIdError"


@pytest.mark.parametrize(
    ("action", "code", "parameters"),
    [
        ("GetPolicy", "ResourceNotFound.PolicyIdNotFound", {}),
        ("ListPolicyVersions", "ResourceNotFound.PolicyIdNotFound", {}),
        ("GetPolicyVersion", "ResourceNotFound.PolicyIdNotFound", {"VersionId": 1}),
        ("UpdatePolicy", "InvalidParameter.PolicyIdNotExist", {"Description": "a"}),
        ("CreatePolicyVersion", "InvalidParameter.PolicyIdNotExist", {"PolicyDocument": TEXT, "SetAsDefault": True}),
        ("SetDefaultPolicyVersion", "InvalidParameter.PolicyIdNotExist", {"VersionId": 1}),
        ("DeletePolicyVersion", "InvalidParameter.PolicyIdNotExist", {"VersionId": [1]}),
        ("AttachUserPolicy", "InvalidParameter.PolicyIdNotExist", {"AttachUin": 100000000003}),
        ("DetachUserPolicy", "InvalidParameter.PolicyIdNotExist", {"DetachUin": 100000000003}),
        ("AttachGroupPolicy", "InvalidParameter.PolicyIdNotExist", {"AttachGroupId": 1001}),
        ("DetachGroupPolicy", "InvalidParameter.PolicyIdNotExist", {"DetachGroupId": 1001}),
        ("AttachRolePolicy", "InvalidParameter.PolicyIdNotExist", {"AttachRoleName": "kms-application"}),
        ("DetachRolePolicy", "InvalidParameter.PolicyIdNotExist", {"DetachRoleName": "kms-application"}),
    ],
)  # fmt: skip
def test_a_policy_that_is_gone_has_the_code_of_the_action(
    client: Client, action: str, code: str, parameters: dict[str, Any]
) -> None:
    assert refused(client, action, PolicyId=123456789, **parameters) == code


def test_policies_of_another_account_do_not_exist(client: Client) -> None:
    made = client.policy(document(ALLOW))
    partner = Client(client.url, secret_id="AKIDEXAMPLEPARTNERROOT00000000000000",
                     secret_key="kmsExamplePartnerRootSecret00000")  # fmt: skip
    assert refused(partner, "GetPolicy", PolicyId=made) == "ResourceNotFound.PolicyIdNotFound"


def test_deletion_takes_a_list_all_or_none_and_detaches(client: Client) -> None:
    one, two = client.policy(document(ALLOW), "one"), client.policy(document(ALLOW), "two")
    client.call("AttachGroupPolicy", "cam", PolicyId=one, AttachGroupId=1001)
    assert refused(client, "DeletePolicy", PolicyId=[one, 123456789]) == "InvalidParameter.PolicyIdNotExist"
    assert get(client, one)["PolicyName"] == "one"
    client.call("DeletePolicy", "cam", PolicyId=[one, two, one])
    assert refused(client, "GetPolicy", PolicyId=one) == "ResourceNotFound.PolicyIdNotFound"
    assert client.call("ListAttachedGroupPolicies", "cam", TargetGroupId=1001)["TotalNum"] == 0
    client.policy(document(ALLOW), "one")


def test_deletion_of_an_attached_policy_is_an_open_rule(client: Client) -> None:
    client.set(delete_attached_policy="refuse")
    made = client.policy(document(ALLOW))
    client.call("AttachGroupPolicy", "cam", PolicyId=made, AttachGroupId=1001)
    assert refused(client, "DeletePolicy", PolicyId=[made]) == "InvalidParameter.ParamError"
    client.call("DetachGroupPolicy", "cam", PolicyId=made, DetachGroupId=1001)
    client.call("DeletePolicy", "cam", PolicyId=[made])


@pytest.mark.parametrize(
    ("ids", "code"),
    [([], "ParamError"), ([0], "PolicyIdError"), (list(range(1, 102)), "OperatePoliciesOverLimit")],
)
def test_deletion_checks_its_list(client: Client, ids: list[int], code: str) -> None:
    assert refused(client, "DeletePolicy", PolicyId=ids) == f"InvalidParameter.{code}"


def test_preset_policies_can_be_read_but_not_changed(client: Client) -> None:
    found = get(client, 1)
    assert (found["PolicyName"], found["Type"]) == ("AdministratorAccess", 2)
    for action, more in (("UpdatePolicy", {"Description": "a"}), ("SetDefaultPolicyVersion", {"VersionId": 1})):
        assert refused(client, action, PolicyId=1, **more) == "InvalidParameter.ParamError"
    assert refused(client, "DeletePolicy", PolicyId=[1]) == "InvalidParameter.ParamError"


def test_versions_live_beside_each_other(client: Client) -> None:
    made = client.policy(document(ALLOW))
    other = document(statement("deny", "kms:*"))
    given = {"PolicyId": made, "PolicyDocument": json.dumps(other)}
    assert client.call("CreatePolicyVersion", "cam", SetAsDefault=False, **given)["VersionId"] == 2
    assert json.loads(get(client, made)["PolicyDocument"]) == document(ALLOW)
    client.call("SetDefaultPolicyVersion", "cam", PolicyId=made, VersionId=2)
    assert json.loads(get(client, made)["PolicyDocument"]) == other
    found = client.call("GetPolicyVersion", "cam", PolicyId=made, VersionId=1)["PolicyVersion"]
    assert (json.loads(found["Document"]), found["VersionId"], found["IsDefaultVersion"]) == (document(ALLOW), 1, 0)
    client.call("DeletePolicyVersion", "cam", PolicyId=made, VersionId=[1])
    assert client.call("CreatePolicyVersion", "cam", SetAsDefault=True, **given)["VersionId"] == 3
    rows = client.call("ListPolicyVersions", "cam", PolicyId=made)["Versions"]
    assert [(row["VersionId"], row["IsDefaultVersion"]) for row in rows] == [(2, 0), (3, 1)]


def test_a_policy_has_five_versions_at_most(client: Client) -> None:
    made = client.policy(document(ALLOW))
    given = {"PolicyId": made, "PolicyDocument": TEXT, "SetAsDefault": False}
    for _ in range(4):
        client.call("CreatePolicyVersion", "cam", **given)
    assert refused(client, "CreatePolicyVersion", **given) == "FailedOperation.PolicyVersionFull"


@pytest.mark.parametrize(
    ("action", "version", "code"),
    [("SetDefaultPolicyVersion", 1, "FailedOperation.PolicyVersionAlreadyDefault"),
     ("DeletePolicyVersion", [1], "FailedOperation.PolicyVersionAlreadyDefault"),
     ("DeletePolicyVersion", [], "InvalidParameter.ParamError"),
     ("GetPolicyVersion", 7, "InvalidParameter.PolicyVersionNotExists"),
     ("SetDefaultPolicyVersion", 7, "InvalidParameter.PolicyVersionNotExists"),
     ("DeletePolicyVersion", [7], "InvalidParameter.PolicyVersionNotExists")],
)  # fmt: skip
def test_versions_are_checked(client: Client, action: str, version: Any, code: str) -> None:
    made = client.policy(document(ALLOW))
    assert refused(client, action, PolicyId=made, VersionId=version) == code


def test_a_version_is_checked_like_a_policy(client: Client) -> None:
    made = client.policy(document(ALLOW))
    given = {"PolicyId": made, "PolicyDocument": json.dumps(with_statement(effect="no")), "SetAsDefault": True}
    assert refused(client, "CreatePolicyVersion", **given) == "InvalidParameter.EffectError"
    given |= {"PolicyDocument": TEXT, "SetAsDefault": "yes"}
    assert refused(client, "CreatePolicyVersion", **given) == "InvalidParameter"


def names(answer: dict[str, Any]) -> list[str]:
    return [row["PolicyName"] for row in answer["List"]]


def test_policies_are_listed_by_scope_keyword_and_page(client: Client) -> None:
    for name in ("app-one", "app-two", "other"):
        client.policy(document(ALLOW), name)
    presets = [preset.name for preset in cam_facts.PRESETS.values()]
    assert names(client.call("ListPolicies", "cam")) == [*presets, "app-one", "app-two", "other"]
    assert names(client.call("ListPolicies", "cam", Scope="QCS")) == presets
    local = client.call("ListPolicies", "cam", Scope="Local", Page=2, Rp=2)
    assert (names(local), local["TotalNum"]) == (["other"], 3)
    assert names(client.call("ListPolicies", "cam", Keyword="app-")) == ["app-one", "app-two"]


def test_a_row_tells_how_many_users_and_entities_have_the_policy(client: Client) -> None:
    made = client.policy(document(ALLOW), "a")
    client.call("AttachGroupPolicy", "cam", PolicyId=made, AttachGroupId=1001)
    client.call("AttachUserPolicy", "cam", PolicyId=made, AttachUin=100000000003)
    row = client.call("ListPolicies", "cam", Keyword="a", Scope="Local")["List"][0]
    assert (row["PolicyId"], row["Type"], row["Attachments"], row["AttachEntityCount"]) == (made, 1, 1, 2)


@pytest.mark.parametrize(
    ("parameters", "code"),
    [({"Scope": "Mine"}, "ScopeError"), ({"Rp": 201}, "ParamError"), ({"Rp": 0}, "ParamError"),
     ({"Page": 0}, "ParamError"), ({"Page": 201}, "ParamError")],
)  # fmt: skip
def test_listings_check_their_page(client: Client, parameters: dict[str, Any], code: str) -> None:
    assert refused(client, "ListPolicies", **parameters) == f"InvalidParameter.{code}"


def test_a_new_policy_lags_in_listings_and_not_when_read(client: Client) -> None:
    client.control("settings", {"lag": 60.0})
    made = client.policy(document(ALLOW))
    assert client.call("ListPolicies", "cam", Scope="Local")["TotalNum"] == 0
    assert get(client, made)["Type"] == 1


def test_who_the_caller_is(client: Client) -> None:
    found = client.call("GetUserAppId", "cam")
    assert (found["Uin"], found["OwnerUin"]) == ("100000000002", OWNER)
