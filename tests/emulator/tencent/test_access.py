"""Enforcement: what sub-users and role sessions may do follows from their CAM documents."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from kms_emulator.emulator import Emulator
from kms_emulator.seed import load_seed
from kms_emulator.server import EmulatorServer
from kms_emulator.tencent import CLOUD
from kms_emulator.tencent.services import SERVICES
from kms_emulator.tencent.targets import OPERATIONS
from tests.emulator.tencent.crypto import b64
from tests.emulator.tencent.support import (
    APPLICATIONS,
    AUDITOR,
    GUEST,
    KEY_ADMIN,
    OPERATOR,
    OWNER,
    PARTNER,
    PARTNER_ROOT,
    PAYMENTS,
    TEMPORARY_ID,
    TEMPORARY_KEY,
    TOKEN,
    Client,
    document,
    statement,
    tag_list,
    trust,
)

REFUSED = "UnauthorizedOperation"
ROLE = f"qcs::cam::uin/{OWNER}:roleName/"


@pytest.fixture
def root(client: Client) -> Client:
    """The main account while access is enforced."""
    client.set(enforce_access=True)
    return client.as_root()


@pytest.fixture
def user(root: Client) -> Client:
    return root.as_user(PAYMENTS)


def text(client: Client, key: str) -> str:
    return str(client.call("Encrypt", KeyId=key, Plaintext=b64(b"text"))["CiphertextBlob"])


@dataclass
class World:
    """A key of each use, and what can be sent about them."""

    root: Client

    def __post_init__(self) -> None:
        self.key, self.other = self.root.key("key"), self.root.key("other")
        self.blob = text(self.root, self.key)
        made = self.root.call("GenerateDataKey", KeyId=self.key, KeySpec="AES_128", IsHostedByKms=1, DataKeyName="data")
        self.data_key, self.data_blob = made["DataKeyId"], made["CiphertextBlob"]

    def parameters(self, action: str) -> dict[str, Any]:
        one, data = {"KeyId": self.key}, {"DataKeyId": self.data_key}
        special: dict[str, dict[str, Any]] = {
            "Encrypt": {**one, "Plaintext": b64(b"text")},
            "Decrypt": {"CiphertextBlob": self.blob},
            "ReEncrypt": {"CiphertextBlob": self.blob},
            "GenerateDataKey": {**one, "KeySpec": "AES_128"},
            "GenerateRandom": {"NumberOfBytes": 8},
            "CreateKey": {"Alias": "new"},
            "UpdateAlias": {**one, "Alias": "new"},
            "UpdateKeyDescription": {**one, "Description": "new"},
            "ScheduleKeyDeletion": {**one, "PendingWindowInDays": 7},
            "ScheduleDataKeyDeletion": {**data, "PendingWindowInDays": 7},
            "UpdateDataKeyName": {**data, "DataKeyName": "new"},
            "UpdateDataKeyDescription": {**data, "Description": "new"},
            "ImportDataKey": {"DataKeyName": "in", "ImportKeyMaterial": self.data_blob, "ImportType": 1},
            "AsymmetricRsaDecrypt": {**one, "Ciphertext": b64(b"x"), "Algorithm": "RSAES_OAEP_SHA_1"},
            "AsymmetricSm2Decrypt": {**one, "Ciphertext": b64(b"x")},
            "SignByAsymmetricKey": {**one, "Algorithm": "SM2DSA", "Message": b64(b"x")},
            "VerifyByAsymmetricKey": {
                **one, "Algorithm": "SM2DSA", "Message": b64(b"x"), "SignatureValue": b64(b"x")},
            "GetParametersForImport": {
                **one, "WrappingAlgorithm": "RSAES_OAEP_SHA_1", "WrappingKeySpec": "RSA_2048"},
            "ImportKeyMaterial": {**one, "ImportToken": "x", "EncryptedKeyMaterial": b64(b"x")},
            "BindCloudResource": {**one, "ProductId": "ssm", "ResourceId": "x"},
            "UnbindCloudResource": {**one, "ProductId": "ssm", "ResourceId": "x"},
        }  # fmt: skip
        if action in special:
            return special[action]
        if action in OPERATIONS:
            return {}
        fields = SERVICES["kms"].actions[action].fields
        by_name = {"KeyId": self.key, "KeyIds": [self.key], "DataKeyId": self.data_key, "DataKeyIds": [self.data_key]}
        return {name: by_name[name] for name, field in fields.items() if field.required}


@pytest.fixture
def world(root: Client) -> World:
    return World(root)


def code(client: Client, action: str, service: str = "kms", **parameters: Any) -> str:
    """The error code, or empty."""
    return str(client.raw(action, service, **parameters).get("Error", {}).get("Code", ""))


@pytest.mark.parametrize("action", SERVICES["kms"].actions)
def test_each_action_of_kms_needs_permission_for_itself_on_its_key(world: World, user: Client, action: str) -> None:
    given, root = world.parameters(action), world.root
    assert code(user, action, **given) == REFUSED
    # Everything but this action, on this key; this action, but on another key: still refused.
    resource = "*" if action in OPERATIONS else root.name(world.key)
    others = [f"kms:{name}" for name in SERVICES["kms"].actions if name != action]
    root.grant(PAYMENTS, statement("allow", [*others, "tag:*"], "*"))
    root.grant(PAYMENTS, statement("allow", f"kms:{action}", root.name(world.other)))
    assert code(user, action, **given) == REFUSED
    root.grant(PAYMENTS, statement("allow", f"kms:{action}", resource))
    assert code(user, action, **given) != REFUSED


@pytest.mark.parametrize("action", ["Encrypt", "DescribeKey", "GetDataKeyPlaintext", "Decrypt", "CreateKey"])
def test_a_deny_beats_the_right_to_everything(world: World, user: Client, action: str) -> None:
    world.root.call("AttachUserPolicy", "cam", PolicyId=1, AttachUin=int(PAYMENTS[2]))
    given = world.parameters(action)
    assert code(user, action, **given) == ""
    world.root.grant(PAYMENTS, statement("deny", f"kms:{action}"))
    assert code(user, action, **given) == REFUSED


def test_nobody_is_asked_while_enforcement_is_off(client: Client) -> None:
    guest = client.as_user(GUEST)
    assert guest.call("Encrypt", KeyId=client.key(), Plaintext=b64(b"x"))["CiphertextBlob"]
    guest.call("ListPolicies", "cam")
    client.set(enforce_access=True)
    assert guest.refused("ListKeys") == REFUSED


def test_the_main_account_may_do_everything(root: Client) -> None:
    key = root.key()
    root.call("DescribeKey", KeyId=key)
    root.call("TagResources", "tag", ResourceList=[root.name(key)], Tags=tag_list(env="dev"))
    root.call("ListPolicies", "cam")


def test_the_operator_of_the_seed_may_do_everything_with_each_of_its_keys(root: Client) -> None:
    operator = Client(root.url)
    assert operator.call("GetUserAppId", "cam")["Uin"] == OPERATOR
    operator.key()
    temporary = operator.as_user((TEMPORARY_ID, TEMPORARY_KEY, OPERATOR), TOKEN)
    temporary.call("ListKeys")


def test_the_refusal_names_operation_and_resource(world: World, user: Client) -> None:
    message = user.raw("Encrypt", **world.parameters("Encrypt"))["Error"]["Message"]
    assert "(kms:Encrypt)" in message
    assert f"({world.root.name(world.key)})" in message
    assert "resource (*)" in user.raw("ListKeys")["Error"]["Message"]


@pytest.mark.parametrize("wanted", ["AuthFailure.UnauthorizedOperation", "UnauthorizedOperation.CamNoAuth"])
def test_the_code_of_the_refusal_can_be_another_of_the_vendors(root: Client, user: Client, wanted: str) -> None:
    root.set(refusal_code=wanted)
    assert user.refused("ListKeys") == wanted


def test_permission_comes_after_signature_and_form_and_before_the_business(world: World, user: Client) -> None:
    assert user.refused("DescribeKey") == "MissingParameter"
    assert user.refused("DescribeKey", KeyId=world.key, X=1) == "UnknownParameter"
    assert user.refused("NoSuchAction") == "InvalidAction"
    wrong = user.as_user((PAYMENTS[0], "another", ""))
    assert wrong.refused("DescribeKey", KeyId=world.key) == "AuthFailure.SignatureFailure"
    assert user.refused("ScheduleKeyDeletion", KeyId=world.key, PendingWindowInDays=1) == REFUSED
    assert user.refused("CreateKey", Alias="kms-no") == REFUSED


def test_a_key_that_does_not_exist_has_the_error_of_the_service(user: Client) -> None:
    gone = "11111111-2222-3333-4444-555555555555"
    assert user.refused("DescribeKey", KeyId=gone) == "ResourceUnavailable.CmkNotFound"
    assert user.refused("DescribeKey", KeyId="x") == "InvalidParameterValue.InvalidKeyId"
    assert user.refused("Decrypt", CiphertextBlob="x") == "InvalidParameterValue.InvalidCiphertext"


def test_policies_count_as_long_as_they_are_attached(world: World, user: Client) -> None:
    made = world.root.grant(PAYMENTS, statement("allow", "kms:Encrypt"))
    given = world.parameters("Encrypt")
    assert code(user, "Encrypt", **given) == ""
    assert code(world.root.as_user(GUEST), "Encrypt", **given) == REFUSED
    world.root.call("DetachUserPolicy", "cam", PolicyId=made, DetachUin=int(PAYMENTS[2]))
    assert code(user, "Encrypt", **given) == REFUSED


def test_groups_hand_their_policies_to_members(world: World, user: Client) -> None:
    made = world.root.policy(document(statement("allow", "kms:Encrypt")))
    world.root.call("AttachGroupPolicy", "cam", PolicyId=made, AttachGroupId=APPLICATIONS)
    given = world.parameters("Encrypt")
    assert code(user, "Encrypt", **given) == ""
    assert code(world.root.as_user(AUDITOR), "Encrypt", **given) == REFUSED
    denying = world.root.policy(document(statement("deny", "kms:*", world.root.name(world.key))))
    world.root.call("AttachGroupPolicy", "cam", PolicyId=denying, AttachGroupId=APPLICATIONS)
    world.root.grant(PAYMENTS, statement("allow", "*"))
    assert code(user, "Encrypt", **given) == REFUSED


def test_the_default_version_is_the_one_in_force(world: World, user: Client) -> None:
    made = world.root.grant(PAYMENTS, statement("allow", "kms:Encrypt"))
    given = world.parameters("Encrypt")
    other = json.dumps(document(statement("allow", "kms:Decrypt")))
    world.root.call("CreatePolicyVersion", "cam", PolicyId=made, PolicyDocument=other, SetAsDefault=False)
    assert code(user, "Encrypt", **given) == ""
    world.root.call("SetDefaultPolicyVersion", "cam", PolicyId=made, VersionId=2)
    assert code(user, "Encrypt", **given) == REFUSED
    world.root.call("UpdatePolicy", "cam", PolicyId=made, PolicyDocument=json.dumps(
        document(statement("allow", "kms:Encrypt"))))  # fmt: skip
    assert code(user, "Encrypt", **given) == ""


def test_the_path_names_the_creator_of_the_key(world: World, user: Client) -> None:
    mine = Client(world.root.url).key("mine")
    assert OPERATOR in Client(world.root.url).meta(mine)["ResourceId"]
    world.root.grant(PAYMENTS, statement("allow", "kms:DescribeKey", f"qcs::kms:::key/creatorUin/{OWNER}/*"))
    assert code(user, "DescribeKey", KeyId=world.key) == ""
    assert code(user, "DescribeKey", KeyId=mine) == REFUSED


def test_a_user_reaches_its_own_keys_by_a_variable(root: Client, user: Client) -> None:
    theirs = root.key("theirs")
    own = statement("allow", "kms:*", "qcs::kms:::key/creatorUin/${uin}/*")
    root.grant(PAYMENTS, own, statement("allow", "kms:CreateKey"))
    mine = user.key("mine")
    assert code(user, "Encrypt", KeyId=mine, Plaintext=b64(b"x")) == ""
    assert code(user, "Encrypt", KeyId=theirs, Plaintext=b64(b"x")) == REFUSED


def test_a_batch_needs_every_key(world: World, user: Client) -> None:
    world.root.grant(PAYMENTS, statement("allow", "kms:DescribeKeys", world.root.name(world.key)))
    assert code(user, "DescribeKeys", KeyIds=[world.key]) == ""
    assert code(user, "DescribeKeys", KeyIds=[world.key, world.other]) == REFUSED


def test_re_encryption_needs_both_keys(world: World, user: Client) -> None:
    given = {"CiphertextBlob": world.blob, "DestinationKeyId": world.other}
    for key in (world.key, world.other):
        assert code(user, "ReEncrypt", **given) == REFUSED
        world.root.grant(PAYMENTS, statement("allow", "kms:ReEncrypt", world.root.name(key)))
    assert code(user, "ReEncrypt", **given) == ""


def test_a_hosted_data_key_stands_under_its_key_also_when_that_is_gone(world: World, user: Client) -> None:
    root = world.root
    root.grant(PAYMENTS, statement("allow", "kms:GetDataKeyCiphertextBlob", root.name(world.key)))
    assert code(user, "GetDataKeyCiphertextBlob", DataKeyId=world.data_key) == ""
    root.call("DisableKey", KeyId=world.key)
    root.call("ScheduleKeyDeletion", KeyId=world.key, PendingWindowInDays=7)
    root.advance(8 * 86400)
    assert code(user, "GetDataKeyCiphertextBlob", DataKeyId=world.data_key) == REFUSED


def test_addresses_open_and_close(world: World, user: Client) -> None:
    condition = {"ip_equal": {"qcs:ip": "10.121.2.10/24"}}
    world.root.grant(PAYMENTS, statement("allow", "kms:Encrypt", "*", **condition))
    for address, wanted in (("10.121.2.77", ""), ("10.121.3.1", REFUSED), ("", REFUSED)):
        world.root.set(source_ip=address)
        assert code(user, "Encrypt", **world.parameters("Encrypt")) == wanted


def test_a_header_says_where_one_call_comes_from(root: Client, user: Client) -> None:
    root.set(source_ip="10.9.9.9")
    root.grant(PAYMENTS, statement("allow", "kms:ListKeys", "*", ip_equal={"qcs:ip": "10.1.2.3"}))
    headers = user.headers("ListKeys", b"{}")
    assert user.send(headers, b"{}")["Error"]["Code"] == REFUSED
    assert user.send({**headers, "X-Emulator-Source-Ip": "10.1.2.3"}, b"{}")["TotalCount"] == 0


def test_policies_roles_and_sessions_survive_a_restart_and_enforce_again(tmp_path: Path) -> None:
    session = Client("")
    for start in (True, False):
        emulator = Emulator(tmp_path, [CLOUD], load_seed(None))
        with EmulatorServer(emulator) as url:
            root = Client(url).as_root()
            root.set(enforce_access=True)
            if start:
                arn = role(root, "reader", statement("allow", "kms:ListKeys"))
                root.grant(PAYMENTS, statement("allow", ["kms:GetRegions", "sts:*"]))
                session = root.as_user(PAYMENTS).as_role(arn)
            user, session = root.as_user(PAYMENTS), replace(session, url=url)
            assert [code(who, action) for who in (user, session) for action in ("GetRegions", "ListKeys")] == [
                "", REFUSED, REFUSED, "",
            ]  # fmt: skip
            root.session.close()
        emulator.close()


def test_a_policy_made_before_the_answer_was_lost_is_there_once(root: Client, user: Client) -> None:
    root.control("faults", {"kind": "lost_after_commit", "action": "CreatePolicy", "count": 1})
    given = {"PolicyName": "once", "PolicyDocument": json.dumps(document(statement("allow", "kms:*")))}
    with pytest.raises(requests.ConnectionError):
        root.call("CreatePolicy", "cam", **given)
    assert root.refused("CreatePolicy", "cam", **given) == "FailedOperation.PolicyNameInUse"
    assert root.call("ListPolicies", "cam", Scope="Local")["TotalNum"] == 1


def test_time_on_the_emulators_clock_opens_and_closes(world: World, user: Client) -> None:
    world.root.control("clock", {"set": 1_700_000_000})
    condition = {"date_less_than": {"qcs:current_time": "2023-11-14T23:00:00Z"}}
    world.root.grant(PAYMENTS, statement("allow", "kms:Encrypt", "*", **condition))
    assert code(user, "Encrypt", **world.parameters("Encrypt")) == ""
    world.root.advance(3600)
    assert code(user, "Encrypt", **world.parameters("Encrypt")) == REFUSED


def test_tags_of_the_key_open_and_close(world: World, user: Client) -> None:
    name = world.root.name(world.key)
    condition = {"for_any_value:string_equal": {"qcs:resource_tag": ["env&prod"]}}
    world.root.grant(PAYMENTS, statement("allow", "kms:*", "*", **condition))
    given = world.parameters("Decrypt")
    assert code(user, "Decrypt", **given) == REFUSED
    world.root.call("TagResources", "tag", ResourceList=[name], Tags=tag_list(env="prod", team="pay"))
    assert code(user, "Decrypt", **given) == ""
    assert code(user, "DescribeKey", KeyId=world.other) == REFUSED
    assert code(user, "ListKeys") == REFUSED
    world.root.call("UnTagResources", "tag", ResourceList=[name], TagKeys=["env"])
    assert code(user, "Decrypt", **given) == REFUSED


def test_tags_in_the_request_open_and_close(root: Client, user: Client) -> None:
    condition = {"for_any_value:string_equal": {"qcs:request_tag": ["env&dev"]}}
    root.grant(PAYMENTS, statement("allow", ["kms:CreateKey", "tag:*"], "*", **condition))
    assert code(user, "CreateKey", Alias="a") == REFUSED
    assert code(user, "CreateKey", Alias="a", Tags=tag_list(env="prod")) == REFUSED
    assert code(user, "CreateKey", Alias="a", Tags=tag_list(env="dev")) == ""
    key = root.key("b")
    for tag, wanted in (("prod", REFUSED), ("dev", "")):
        given = {"TagKey": "env", "TagValue": tag}
        assert code(user, "AddResourceTag", "tag", Resource=root.name(key), **given) == wanted
    assert code(user, "ModifyResourceTags", "tag", Resource=root.name(key), ReplaceTags=tag_list(env="dev")) == ""


def test_a_switch_reads_an_open_rule_the_other_way(world: World, user: Client) -> None:
    world.root.grant(PAYMENTS, statement("allow", "kms:encrypt"))
    assert code(user, "Encrypt", **world.parameters("Encrypt")) == REFUSED
    world.root.set(access_action_case="ignored")
    assert code(user, "Encrypt", **world.parameters("Encrypt")) == ""


@pytest.mark.parametrize("service", ["tag", "cam"])
def test_tag_and_cam_need_permission_too(root: Client, user: Client, service: str) -> None:
    actions = {"tag": ["GetTagKeys", "GetResources"], "cam": ["GetUserAppId", "ListPolicies"]}[service]
    for action in actions:
        assert code(user, action, service) == REFUSED
    root.grant(PAYMENTS, statement("allow", f"{service}:{actions[0]}"))
    assert [code(user, action, service) for action in actions] == ["", REFUSED]


def test_groups_of_the_seed_have_the_vendors_policies(root: Client) -> None:
    admin, auditor = root.as_user(KEY_ADMIN), root.as_user(AUDITOR)
    admin.key()
    admin.call("ListUsers", "cam")
    assert code(admin, "GetTagKeys", "tag") == REFUSED
    auditor.call("GetPolicy", "cam", PolicyId=1)
    assert code(auditor, "AttachUserPolicy", "cam", PolicyId=1, AttachUin=int(AUDITOR[2])) == REFUSED


def test_a_user_cannot_raise_itself(root: Client, user: Client) -> None:
    root.grant(PAYMENTS, statement("allow", "kms:*"))
    assert code(user, "CreatePolicy", "cam", PolicyName="a", PolicyDocument=json.dumps(
        document(statement("allow", "*")))) == REFUSED  # fmt: skip
    assert code(user, "AttachUserPolicy", "cam", PolicyId=1, AttachUin=int(PAYMENTS[2])) == REFUSED


def role(root: Client, name: str, *statements: dict[str, Any], trusted: str = f"qcs::cam::uin/{OWNER}:root") -> str:
    """Make a role with a policy; its name in full."""
    root.call("CreateRole", "cam", RoleName=name, PolicyDocument=trust(trusted))
    made = root.policy(document(*statements))
    root.call("AttachRolePolicy", "cam", PolicyId=made, AttachRoleName=name)
    return ROLE + name


def test_a_role_may_do_what_its_own_policies_allow_and_nothing_of_its_user(world: World, user: Client) -> None:
    root = world.root
    arn = role(root, "reader", statement("allow", "kms:DescribeKey"))
    root.grant(PAYMENTS, statement("allow", ["sts:AssumeRole", "kms:Encrypt"]))
    session = user.as_role(arn)
    assert code(session, "DescribeKey", KeyId=world.key) == ""
    assert code(session, "Encrypt", **world.parameters("Encrypt")) == REFUSED
    assert code(user, "Encrypt", **world.parameters("Encrypt")) == ""
    assert code(user, "DescribeKey", KeyId=world.key) == REFUSED


def test_a_session_policy_takes_away_and_gives_nothing(world: World, user: Client) -> None:
    arn = role(world.root, "reader", statement("allow", ["kms:DescribeKey", "kms:Encrypt"]))
    world.root.grant(PAYMENTS, statement("allow", "sts:*"))
    policy = json.dumps(document(statement("allow", ["kms:Encrypt", "kms:Decrypt"])))
    session = user.as_role(arn, Policy=quote(policy))
    assert code(session, "Encrypt", **world.parameters("Encrypt")) == ""
    assert code(session, "DescribeKey", KeyId=world.key) == REFUSED
    assert code(session, "Decrypt", **world.parameters("Decrypt")) == REFUSED


@pytest.mark.parametrize(
    ("resource", "wanted"),
    [("*", ""), (ROLE + "reader", ""), (f"qcs::cam::uin/{OWNER}:role/*", ""), ("qcs::cam:::roleName/reader", ""),
     (ROLE + "other", REFUSED), (f"qcs::cam::uin/{PARTNER_ROOT[2]}:roleName/reader", REFUSED)],
)  # fmt: skip
def test_assuming_a_role_needs_permission_on_it(root: Client, user: Client, resource: str, wanted: str) -> None:
    role(root, "reader", statement("allow", "kms:*"))
    given = {"RoleArn": ROLE + "reader", "RoleSessionName": "test"}
    assert code(user, "AssumeRole", "sts", **given) == REFUSED
    root.grant(PAYMENTS, statement("allow", "sts:AssumeRole", resource))
    assert code(user, "AssumeRole", "sts", **given) == wanted


def test_trust_is_needed_beside_permission(root: Client, user: Client) -> None:
    arn = role(root, "reader", statement("allow", "kms:*"), trusted=f"qcs::cam::uin/{OWNER}:uin/{GUEST[2]}")
    root.grant(PAYMENTS, statement("allow", "*"))
    assert code(user, "AssumeRole", "sts", RoleArn=arn, RoleSessionName="test") == REFUSED


def test_another_account_enters_by_a_role_only(world: World) -> None:
    root, partner = world.root, world.root.as_user(PARTNER)
    partner_root = root.as_user(PARTNER_ROOT)
    assert code(partner_root, "DescribeKey", KeyId=world.key) == "ResourceUnavailable.CmkNotFound"
    partner_root.grant(PARTNER, statement("allow", "kms:*", [root.name(world.key), "*"]))
    assert code(partner, "DescribeKey", KeyId=world.key) == "ResourceUnavailable.CmkNotFound"
    given = {"RoleArn": ROLE + "partner-access", "RoleSessionName": "test"}
    made = root.policy(document(statement("allow", "kms:DescribeKey")))
    root.call("AttachRolePolicy", "cam", PolicyId=made, AttachRoleName="partner-access")
    session = partner.as_role(given["RoleArn"])
    assert code(session, "DescribeKey", KeyId=world.key) == ""
    assert code(session, "DisableKey", KeyId=world.key) == REFUSED


def test_a_role_chain_needs_permission_at_each_step(root: Client, user: Client) -> None:
    first = role(root, "first", statement("allow", "sts:AssumeRole", ROLE + "second"))
    second = role(root, "second", statement("allow", "kms:ListKeys"), trusted=ROLE + "first")
    root.grant(PAYMENTS, statement("allow", "sts:AssumeRole", first))
    assert code(user, "AssumeRole", "sts", RoleArn=second, RoleSessionName="test") == REFUSED
    session = user.as_role(first).as_role(second)
    assert code(session, "ListKeys") == ""


def test_a_change_of_policy_reaches_open_sessions(root: Client, user: Client) -> None:
    root.grant(PAYMENTS, statement("allow", "sts:*"))
    session = user.as_role(role(root, "reader", statement("allow", "kms:ListKeys")))
    assert code(session, "ListKeys") == ""
    made = root.policy(document(statement("deny", "kms:ListKeys")))
    root.call("AttachRolePolicy", "cam", PolicyId=made, AttachRoleName="reader")
    assert code(session, "ListKeys") == REFUSED
    root.call("DeleteRole", "cam", RoleName="reader")
    assert code(session, "ListKeys") == REFUSED


def test_everybody_may_ask_who_it_is(user: Client) -> None:
    assert user.call("GetCallerIdentity", "sts")["UserId"] == PAYMENTS[2]


def test_a_refused_call_changes_nothing(world: World, user: Client) -> None:
    before = world.root.meta(world.key)
    for action in ("DisableKey", "UpdateAlias", "UpdateKeyDescription", "EnableKeyRotation", "ScheduleKeyDeletion"):
        assert code(user, action, **world.parameters(action)) == REFUSED
    assert code(user, "CreateKey", Alias="new") == REFUSED
    assert world.root.meta(world.key) == before
    assert world.root.call("ListKeys")["TotalCount"] == 2
