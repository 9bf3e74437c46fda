"""Network rules, permission policies and access points."""

import json

import pytest

from tests.emulator.alibaba.gateway_support import KEY_USER, SECRET_USER, access_point
from tests.emulator.alibaba.support import ACCOUNT, REGION, SOFTWARE, Client

ADDRESSES = '[ "192.168.0.0/24","10.0.0.7" ]'
RULES = '{ "NetworkRules": ["not-there"] }'
POLICY = {
    "KmsInstance": SOFTWARE, "Permissions": [KEY_USER, KEY_USER], "Resources": ["key/*", "key/a*", "secret/one"],
    "AccessControlRules": RULES, "Description": "for tests",
}  # fmt: skip


def arn(kind: str, name: str) -> str:
    return f"acs:kms:{REGION}:{ACCOUNT}:{kind}/{name}"


def rule(client: Client, name: str = "office", **parameters: object) -> dict[str, object]:
    return client.call("CreateNetworkRule", Name=name, Type="Private", **parameters)


def test_a_network_rule_is_told_as_it_was_sent(client: Client) -> None:
    made = rule(client, SourcePrivateIp=ADDRESSES, Description="both")
    assert (made["Arn"], made["Name"], made["SourcePrivateIp"]) == (arn("network", "office"), "office", ADDRESSES)
    read = client.call("DescribeNetworkRule", Name="office")
    assert (read["Type"], read["Description"], read["SourcePrivateIp"]) == ("Private", "both", ADDRESSES)
    assert "Name" not in read


def test_updates_change_what_was_sent_only(client: Client) -> None:
    rule(client, SourcePrivateIp=ADDRESSES, Description="both")
    assert set(client.call("UpdateNetworkRule", Name="office", SourcePrivateIp='["10.0.0.8"]')) == {"RequestId"}
    read = client.call("DescribeNetworkRule", Name="office")
    assert (read["Description"], read["SourcePrivateIp"]) == ("both", '["10.0.0.8"]')
    client.call("CreatePolicy", Name="mine", **POLICY)
    client.call("UpdatePolicy", Name="mine", Permissions=[])
    client.call("UpdatePolicy", Name="mine", Resources=["secret/*"], Description="other")
    policy = client.call("DescribePolicy", Name="mine")
    assert (policy["Permissions"], policy["Resources"], policy["Description"]) == ([], ["secret/*"], "other")
    assert policy["AccessControlRules"] == RULES
    client.call("UpdatePolicy", Name="mine", AccessControlRules="{}")
    assert client.call("DescribePolicy", Name="mine")["AccessControlRules"] == "{}"


def test_a_policy_is_told_as_texts_when_made_and_as_lists_when_read(client: Client) -> None:
    made = client.call("CreatePolicy", Name="mine", **POLICY)
    assert (made["Arn"], made["KmsInstance"], made["AccessControlRules"]) == (arn("policy", "mine"), SOFTWARE, RULES)
    assert json.loads(made["Permissions"]) == POLICY["Permissions"]
    assert json.loads(made["Resources"]) == POLICY["Resources"]
    read = client.call("DescribePolicy", Name="mine")
    assert (read["Name"], read["Permissions"], read["Resources"]) == (
        "mine",
        POLICY["Permissions"],
        POLICY["Resources"],
    )
    assert read["AccessControlRules"] == RULES


def test_a_policy_for_the_shared_gateway_needs_no_instance(client: Client) -> None:
    client.call("CreatePolicy", Name="mine", KmsInstance="shared", Permissions=[SECRET_USER], Resources=["secret/*"])
    assert client.call("DescribePolicy", Name="mine")["KmsInstance"] == "shared"


def test_an_access_point_tells_its_policies_as_text(client: Client) -> None:
    for name in ("one", "two"):
        client.call("CreatePolicy", Name=name, **POLICY)
    made = client.call("CreateApplicationAccessPoint", Name="app", Policies=["one", "two"], Description="for tests")
    read = client.call("DescribeApplicationAccessPoint", Name="app")
    assert {**made, "RequestId": ""} == {**read, "RequestId": ""}
    assert (read["Arn"], read["AuthenticationMethod"]) == (arn("applicationaccesspoint", "app"), "ClientKey")
    assert json.loads(read["Policies"]) == ["one", "two"]
    client.call("UpdateApplicationAccessPoint", Name="app", Policies=["two"])
    read = client.call("DescribeApplicationAccessPoint", Name="app")
    assert (json.loads(read["Policies"]), read["Description"]) == (["two"], "for tests")
    client.call("UpdateApplicationAccessPoint", Name="app", Description="")
    assert client.call("DescribeApplicationAccessPoint", Name="app")["Description"] == ""


@pytest.mark.parametrize(
    ("action", "wrong"),
    [
        ("CreateNetworkRule", {"Type": "Public"}),
        ("CreateNetworkRule", {"Type": "Private", "SourcePrivateIp": "10.0.0.1"}),
        ("CreateNetworkRule", {"Type": "Private", "SourcePrivateIp": ["10.0.0.0/33"]}),
        ("CreateNetworkRule", {"Type": "Private", "SourcePrivateIp": ["fd00::1"]}),
        ("CreateNetworkRule", {"Type": "Private", "SourcePrivateIp": [1]}),
        ("CreatePolicy", {**POLICY, "Permissions": ["RbacPermission/Template/Other"]}),
        ("CreatePolicy", {**POLICY, "Resources": ["key/a*b"]}),
        ("CreatePolicy", {**POLICY, "Resources": ["*"]}),
        ("CreatePolicy", {**POLICY, "AccessControlRules": "[]"}),
        ("CreatePolicy", {**POLICY, "AccessControlRules": {"NetworkRules": "office"}}),
        ("CreatePolicy", {**POLICY, "Description": "x" * 8193}),
        ("CreateApplicationAccessPoint", {"Policies": ["1", "2", "3", "4"]}),
        ("CreateApplicationAccessPoint", {"Policies": ["1"], "AuthenticationMethod": "RAMRole"}),
        ("CreateApplicationAccessPoint", {"Name": "x" * 129, "Policies": ["1"]}),
    ],
)
def test_values_that_cannot_be_are_refused(client: Client, action: str, wrong: dict[str, object]) -> None:
    assert client.refused(action, **{"Name": "mine", **wrong}) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("CreateNetworkRule", {"Type": "Private"}), ("CreateNetworkRule", {"Name": "mine"}),
        ("CreatePolicy", {"Name": "mine", "Resources": "[]"}), ("CreatePolicy", {"Name": "mine", "Permissions": "[]"}),
        ("CreateApplicationAccessPoint", {"Name": "mine"}),
        ("CreateApplicationAccessPoint", {"Name": "mine", "Policies": []}), ("DescribePolicy", {}),
    ],
)  # fmt: skip
def test_parameters_that_are_missing_are_refused(client: Client, action: str, given: dict[str, object]) -> None:
    assert client.refused(action, **given) == (400, "MissingParameter")


def test_an_instance_or_a_policy_must_exist(client: Client) -> None:
    wrong = {**POLICY, "KmsInstance": "kst-other"}
    assert client.refused("CreatePolicy", Name="mine", **wrong) == (403, "Forbidden.DKMSInstanceNotFound")
    assert client.refused("CreateApplicationAccessPoint", Name="mine", Policies=["other"]) == (
        404, "Forbidden.ResourceNotFound",
    )  # fmt: skip


def test_a_name_is_taken_once(client: Client) -> None:
    rule(client)
    access_point(client, "app")
    for action, given in (
        ("CreateNetworkRule", {"Name": "office", "Type": "Private"}),
        ("CreatePolicy", {"Name": "app-policy", **POLICY}),
        ("CreateApplicationAccessPoint", {"Name": "app", "Policies": ["app-policy"]}),
    ):  # fmt: skip
        assert client.refused(action, **given) == (409, "Rejected.ResourceExist")


@pytest.mark.parametrize("verb", ["Describe", "Update", "Delete"])
@pytest.mark.parametrize("thing", ["NetworkRule", "Policy", "ApplicationAccessPoint"])
def test_what_does_not_exist_is_not_found(client: Client, verb: str, thing: str) -> None:
    assert client.refused(f"{verb}{thing}", Name="other") == (404, "Forbidden.ResourceNotFound")


def test_deleted_things_are_gone_whether_in_use_or_not(client: Client) -> None:
    rule(client)
    client.call("CreatePolicy", Name="mine", **{**POLICY, "AccessControlRules": {"NetworkRules": ["office"]}})
    client.call("CreateApplicationAccessPoint", Name="app", Policies=["mine"])
    for thing, name in (("NetworkRule", "office"), ("Policy", "mine"), ("ApplicationAccessPoint", "app")):
        client.call(f"Delete{thing}", Name=name)
        assert client.refused(f"Describe{thing}", Name=name)[0] == 404


def test_a_switch_guards_what_is_in_use(client: Client) -> None:
    rule(client)
    client.call("CreatePolicy", Name="mine", **{**POLICY, "AccessControlRules": {"NetworkRules": ["office"]}})
    client.call("CreateApplicationAccessPoint", Name="app", Policies=["mine"])
    client.set(guard_access=True)
    assert client.refused("DeleteNetworkRule", Name="office") == (409, "Rejected.ResourceInUse")
    assert client.refused("DeletePolicy", Name="mine") == (409, "Rejected.ResourceInUse")
    for thing, name in (("ApplicationAccessPoint", "app"), ("Policy", "mine"), ("NetworkRule", "office")):
        client.call(f"Delete{thing}", Name=name)


def test_lists_come_in_pages_of_20(client: Client) -> None:
    for number in range(21):
        rule(client, f"rule-{number:02}")
    first = client.call("ListNetworkRules")
    assert (len(first["NetworkRules"]["NetworkRule"]), first["TotalCount"], first["PageSize"]) == (20, 21, 20)
    assert first["NetworkRules"]["NetworkRule"][0] == {"Name": "rule-00", "Type": "Private"}
    second = client.call("ListNetworkRules", PageNumber=2)
    assert second["NetworkRules"]["NetworkRule"] == [{"Name": "rule-20", "Type": "Private"}]


def test_lists_tell_names(client: Client) -> None:
    access_point(client, "app")
    policies = client.call("ListPolicies")["Policies"]["Policy"]
    assert {"Name": "app-policy"} in policies
    points = client.call("ListApplicationAccessPoints")["ApplicationAccessPoints"]["ApplicationAccessPoint"]
    assert {"Name": "app", "AuthenticationMethod": "ClientKey"} in points


def test_regions_know_nothing_of_each_other(client: Client) -> None:
    rule(client)
    other = Client(client.url, region="cn-beijing")
    assert other.refused("DescribeNetworkRule", Name="office") == (404, "Forbidden.ResourceNotFound")
    other.session.close()
