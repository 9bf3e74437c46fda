"""Enforcement of key policies and RAM at the emulator: every call, several users, roles and accounts."""

import base64
import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from alibabacloud_kms20160120 import models
from alibabacloud_kms20160120.client import Client as Sdk
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config

from kms_emulator.alibaba.actions import ACTIONS
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.parameters import Parameters
from kms_emulator.alibaba.targets import targets
from kms_emulator.contract import Context
from kms_emulator.emulator import Emulator
from kms_emulator.store import Scope
from tests.emulator.alibaba.access_support import (
    NEWCOMER,
    NO_PERMISSION,
    NO_PERMISSION_400,
    PARTNER,
    allow,
    attach,
    closed_key,
    detail,
    user,
)
from tests.emulator.alibaba.support import ACCOUNT, HARDWARE, REGION, SOFTWARE, Client, b64, policy, statement, tag_list

PLAIN = b64(b"hello")
PARTNER_APP = f"acs:ram::{PARTNER}:user/partner-app"


@pytest.fixture(autouse=True)
def enforced(client: Client) -> None:
    client.set(enforce_access=True)


@pytest.fixture
def users(client: Client) -> Iterator[dict[str, Client]]:
    names = ("root", "admin", "payments", "auditor", "newcomer", "partner-root", "partner-app", "partner-newcomer")
    with ExitStack() as stack:
        yield {name: stack.enter_context(user(client, name)) for name in names}


@pytest.fixture
def newcomer(users: dict[str, Client]) -> Client:
    return users["newcomer"]


def arn(resource: str, account: str = ACCOUNT) -> str:
    return f"acs:kms:{REGION}:{account}:{resource}"


def test_nobody_is_refused_unless_the_switch_is_on(client: Client, newcomer: Client) -> None:
    key = closed_key(client)
    assert newcomer.refused("DescribeKey", KeyId=key) == NO_PERMISSION
    client.set(enforce_access=False)
    assert newcomer.state(key) == "Enabled"


def test_the_usual_policy_of_a_key_opens_it_to_the_whole_account(client: Client, newcomer: Client) -> None:
    assert newcomer.call("Encrypt", KeyId=client.key(), Plaintext=PLAIN)
    assert newcomer.refused("ListKeys") == NO_PERMISSION


def test_a_key_outside_of_instances_is_a_matter_of_ram_alone(client: Client, newcomer: Client, emulator: Emulator
                                                             ) -> None:  # fmt: skip
    key = client.default_key()
    assert newcomer.refused("Encrypt", KeyId=key, Plaintext=PLAIN) == NO_PERMISSION
    attach(emulator, "newcomer", allow("kms:Encrypt", arn(f"key/{key}")))
    assert newcomer.call("Encrypt", KeyId=key, Plaintext=PLAIN)
    assert newcomer.refused("DescribeKey", KeyId=key) == NO_PERMISSION


def test_key_policy_or_ram_is_enough_in_the_owner_account(client: Client, newcomer: Client, emulator: Emulator) -> None:
    key = closed_key(client, statement(NEWCOMER, "kms:Encrypt"))
    blob = newcomer.call("Encrypt", KeyId=key, Plaintext=PLAIN)["CiphertextBlob"]
    assert newcomer.refused("Decrypt", CiphertextBlob=blob) == NO_PERMISSION
    attach(emulator, "newcomer", allow("kms:Decrypt"))
    assert newcomer.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == PLAIN
    assert newcomer.call("Encrypt", KeyId=key, Plaintext=PLAIN)


def test_a_deny_in_either_beats_an_allow_in_the_other(client: Client, newcomer: Client, emulator: Emulator) -> None:
    key = closed_key(client, statement(NEWCOMER, "kms:*"), statement(NEWCOMER, "kms:Disable*", Effect="Deny"))
    attach(emulator, "newcomer", allow("kms:*"), allow("kms:Encrypt", effect="Deny"))
    assert newcomer.refused("DisableKey", KeyId=key) == NO_PERMISSION
    assert newcomer.refused("Encrypt", KeyId=key, Plaintext=PLAIN) == NO_PERMISSION
    assert newcomer.call("UpdateKeyDescription", KeyId=key, Description="x")


def test_a_refusal_tells_who_lacks_what(client: Client, newcomer: Client, emulator: Emulator) -> None:
    key = closed_key(client)
    told = detail(newcomer, "DescribeKey", KeyId=key)
    assert (told["AuthAction"], told["AuthPrincipalType"], told["AuthPrincipalOwnerId"], told["NoPermissionType"]) == (
        "kms:DescribeKey", "SubUser", ACCOUNT, "ImplicitDeny",
    )  # fmt: skip
    attach(emulator, "newcomer", allow("kms:*", effect="Deny"))
    assert detail(newcomer, "DescribeKey", KeyId=key)["NoPermissionType"] == "ExplicitDeny"
    answer = newcomer.raw("DescribeKey", KeyId=key).json()
    assert answer["Message"] == "This operation is forbidden by permission system."
    assert "AccessDeniedDetail" in newcomer.rpc("DescribeKey", KeyId=key, changed={"Format": "XML"}).text


@pytest.mark.parametrize("action", ["CreateKey", "GetKeyPolicy", "SetKeyPolicy", "GetSecretPolicy", "SetSecretPolicy"])
def test_some_calls_refuse_with_status_400(client: Client, newcomer: Client, action: str) -> None:
    client.call("CreateSecret", SecretName="s", VersionId="v1", SecretData="x", Policy=policy(
        statement(f"acs:ram::{ACCOUNT}:user/nobody", "kms:*")))  # fmt: skip
    given = {"SecretName": "s"} if "Secret" in action else {"KeyId": closed_key(client)}
    assert newcomer.refused(action, **given, Policy="{}") == NO_PERMISSION_400


def test_permission_comes_before_the_state_and_after_the_signature(client: Client, newcomer: Client) -> None:
    key = closed_key(client)
    client.call("DisableKey", KeyId=key)
    assert newcomer.refused("Encrypt", KeyId=key, Plaintext=PLAIN) == NO_PERMISSION
    assert newcomer.refused("Encrypt", Plaintext=PLAIN) == (400, "MissingParameter")
    newcomer.secret = "wrong"
    assert newcomer.refused("Encrypt", KeyId=key, Plaintext=PLAIN) == (400, "IncompleteSignature")


def test_a_dry_run_tells_of_a_lack_of_permission(client: Client, newcomer: Client) -> None:
    refused = newcomer.refused("Encrypt", KeyId=closed_key(client), Plaintext=PLAIN, DryRun=True)
    assert refused == (403, "AccessDeniedError")


def test_what_does_not_exist_cannot_be_told_from_what_is_closed(client: Client, newcomer: Client) -> None:
    assert newcomer.refused("DescribeKey", KeyId="key-none") == NO_PERMISSION
    assert newcomer.refused("DescribeKey", KeyId="alias/none") == NO_PERMISSION
    assert client.refused("DescribeKey", KeyId="key-none") == (404, "Forbidden.KeyNotFound")


def test_the_account_itself_may_everything_but_what_a_key_policy_denies_it(
    client: Client, users: dict[str, Client]
) -> None:
    root, key = users["root"], closed_key(client)
    assert root.call("ListKeys")["TotalCount"] == 1
    root.call("SetKeyPolicy", KeyId=key, Policy=policy(statement(f"acs:ram::{ACCOUNT}:*", "kms:*", Effect="Deny")))
    for who in (root, client):
        assert who.refused("SetKeyPolicy", KeyId=key, Policy=policy()) == NO_PERMISSION_400
        assert who.refused("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7) == NO_PERMISSION


def test_groups_hand_their_policies_to_members(client: Client, users: dict[str, Client]) -> None:
    mine, other = closed_key(client, Tags=tag_list(app="payments")), closed_key(client, Tags=tag_list(app="hr"))
    payments, auditor = users["payments"], users["auditor"]
    assert payments.call("Encrypt", KeyId=mine, Plaintext=PLAIN)
    assert payments.refused("Encrypt", KeyId=other, Plaintext=PLAIN) == NO_PERMISSION
    assert auditor.state(other) == "Enabled"
    assert auditor.refused("Encrypt", KeyId=other, Plaintext=PLAIN) == NO_PERMISSION
    client.call("TagResource", KeyId=other, Tags=tag_list(app="payments"))
    assert payments.call("Encrypt", KeyId=other, Plaintext=PLAIN)


def test_an_administrator_may_manage_and_not_use(client: Client, users: dict[str, Client]) -> None:
    admin, key = users["admin"], closed_key(client)
    admin.call("UpdateKeyDescription", KeyId=key, Description="x")
    admin.call("SetKeyPolicy", KeyId=key, Policy=policy(statement(NEWCOMER, "kms:*")))
    assert admin.refused("Encrypt", KeyId=key, Plaintext=PLAIN) == NO_PERMISSION
    assert admin.refused("GenerateDataKey", KeyId=key) == NO_PERMISSION


@pytest.mark.parametrize(
    ("action", "given", "resource"),
    [
        ("CreateKey", {"DKMSInstanceId": SOFTWARE}, "key"), ("ListKeys", {}, "key"), ("ListAliases", {}, "alias"),
        ("ListSecrets", {}, "secret"),
        ("CreateSecret", {"SecretName": "s", "VersionId": "v", "SecretData": "x"}, "secret"),
        ("ListKmsInstances", {}, "keystore"), ("GetKmsInstance", {"KmsInstanceId": SOFTWARE}, f"keystore/{SOFTWARE}"),
        ("ListNetworkRules", {}, "network"), ("CreateNetworkRule", {"Name": "n", "Type": "Private"}, "network"),
        ("DescribePolicy", {"Name": "example-software"}, "policy/example-software"),
        ("ListClientKeys", {"AapName": "example-application"}, "applicationaccesspoint/example-application"),
    ],
)  # fmt: skip
def test_calls_that_are_not_on_one_key_are_asked_on_the_container(
    newcomer: Client, emulator: Emulator, action: str, given: dict[str, object], resource: str
) -> None:
    status = NO_PERMISSION_400 if action == "CreateKey" else NO_PERMISSION
    attach(emulator, "newcomer", allow("kms:*", [arn("key/*"), arn("alias/*"), arn("secret/*")]))
    assert newcomer.refused(action, **given) == status
    attach(emulator, "newcomer", allow(f"kms:{action}", arn(resource)))
    assert newcomer.call(action, **given)


def test_alias_calls_need_alias_and_key(client: Client, newcomer: Client, emulator: Emulator) -> None:
    key = closed_key(client, statement(NEWCOMER, "kms:*"))
    other = closed_key(client)
    assert newcomer.refused("CreateAlias", AliasName="alias/a", KeyId=key) == NO_PERMISSION
    attach(emulator, "newcomer", allow("kms:*Alias", arn("alias/a")))
    newcomer.call("CreateAlias", AliasName="alias/a", KeyId=key)
    assert newcomer.refused("CreateAlias", AliasName="alias/b", KeyId=key) == NO_PERMISSION
    assert newcomer.refused("UpdateAlias", AliasName="alias/a", KeyId=other) == NO_PERMISSION
    client.call("UpdateAlias", AliasName="alias/a", KeyId=other)
    assert newcomer.refused("DeleteAlias", AliasName="alias/a") == NO_PERMISSION
    newcomer.call("UpdateAlias", AliasName="alias/a", KeyId=key)
    newcomer.call("DeleteAlias", AliasName="alias/a")


def test_a_key_named_by_its_alias_is_the_key(client: Client, newcomer: Client) -> None:
    key = closed_key(client, statement(NEWCOMER, "kms:Encrypt"))
    client.call("CreateAlias", AliasName="alias/a", KeyId=key)
    assert newcomer.call("Encrypt", KeyId="alias/a", Plaintext=PLAIN)
    assert newcomer.refused("DescribeKey", KeyId="alias/a") == NO_PERMISSION


def test_re_encryption_is_two_actions_on_two_keys(client: Client, newcomer: Client, emulator: Emulator) -> None:
    client.set(access_unlisted_actions="effective")
    one = closed_key(client, statement(NEWCOMER, "kms:ReEncryptFrom"))
    two = closed_key(client)
    blob = client.call("Encrypt", KeyId=one, Plaintext=PLAIN)["CiphertextBlob"]
    given = {"CiphertextBlob": blob, "DestinationKeyId": two}
    assert detail(newcomer, "ReEncrypt", **given)["AuthAction"] == "kms:ReEncryptTo"
    client.call("SetKeyPolicy", KeyId=two, Policy=policy(statement(NEWCOMER, "kms:ReEncrypt*")))
    moved = newcomer.call("ReEncrypt", **given)["CiphertextBlob"]
    assert client.call("Decrypt", CiphertextBlob=moved)["Plaintext"] == PLAIN
    back = {"CiphertextBlob": moved, "DestinationKeyId": one}
    assert detail(newcomer, "ReEncrypt", **back)["AuthAction"] == "kms:ReEncryptTo"
    client.set(access_unlisted_actions="without effect")
    assert detail(newcomer, "ReEncrypt", **given)["AuthAction"] == "kms:ReEncryptFrom"


def test_re_encryption_from_an_asymmetric_key_is_asked_on_the_key_that_is_named(
    client: Client, newcomer: Client, emulator: Emulator
) -> None:
    source = closed_key(client, KeySpec="RSA_2048", KeyUsage="ENCRYPT/DECRYPT")
    version = client.call("ListKeyVersions", KeyId=source)["KeyVersions"]["KeyVersion"][0]["KeyVersionId"]
    target = closed_key(client)
    given = {"CiphertextBlob": PLAIN, "DestinationKeyId": target, "SourceKeyId": source, "SourceKeyVersionId": version,
             "SourceEncryptionAlgorithm": "RSAES_OAEP_SHA_256"}  # fmt: skip
    assert detail(newcomer, "ReEncrypt", **given)["AuthAction"] == "kms:ReEncryptFrom"
    attach(emulator, "newcomer", allow("kms:ReEncrypt*"))
    assert newcomer.refused("ReEncrypt", **given) == (400, "InvalidParameter")


def test_conditions_see_where_and_when_a_call_is_made(client: Client, newcomer: Client) -> None:
    conditions = {"IpAddress": {"acs:SourceIp": "203.0.113.0/24"}, "DateLessThan": {
        "acs:CurrentTime": "2030-01-01T00:00:00+08:00"}}  # fmt: skip
    key = closed_key(client, statement(NEWCOMER, "kms:DescribeKey", Condition=conditions))
    client.control("clock", {"set": 1893427100})
    assert newcomer.refused("DescribeKey", KeyId=key) == NO_PERMISSION
    newcomer.comes_from("203.0.113.9")
    assert newcomer.state(key) == "Enabled"
    client.advance(200)
    assert newcomer.refused("DescribeKey", KeyId=key) == NO_PERMISSION


def test_a_switch_says_where_all_calls_come_from(client: Client, newcomer: Client) -> None:
    loopback = closed_key(
        client, statement(NEWCOMER, "kms:*", Condition={"IpAddress": {"acs:SourceIp": "127.0.0.0/8"}})
    )
    assert newcomer.state(loopback) == "Enabled"
    client.set(source_ip="203.0.113.9")
    assert newcomer.refused("DescribeKey", KeyId=loopback) == NO_PERMISSION


def test_a_call_through_a_vpc_is_known_by_it_except_on_an_instances_own_host(client: Client, newcomer: Client) -> None:
    conditions = {"StringEquals": {"acs:SourceVpc": "vpc-one"}, "IpAddress": {"acs:VpcSourceIp": "192.168.0.0/16"}}
    key = closed_key(client, statement(NEWCOMER, "kms:*", Condition=conditions))
    newcomer.comes_from("192.168.3.4", "vpc-one")
    assert newcomer.state(key) == "Enabled"
    query = {"KeyId": key}
    headers = newcomer.headers("DescribeKey", query, more={"host": f"{SOFTWARE}.cryptoservice.localhost"})
    assert newcomer.send(headers, query).json()["Code"] == "Forbidden.NoPermission"
    newcomer.comes_from("192.168.3.4", "vpc-two")
    assert newcomer.refused("DescribeKey", KeyId=key) == NO_PERMISSION


def test_a_partner_needs_the_key_policy_and_its_own_ram(client: Client, users: dict[str, Client]) -> None:
    app, idle = users["partner-app"], users["partner-newcomer"]
    key = closed_key(client, statement(f"acs:ram::{PARTNER}:*", "kms:*"))
    name = arn(f"key/{key}")
    blob = app.call("Encrypt", KeyId=name, Plaintext=PLAIN)["CiphertextBlob"]
    assert app.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == PLAIN
    assert client.call("Decrypt", CiphertextBlob=blob)["Plaintext"] == PLAIN
    assert app.meta(name)["Arn"] == name
    assert app.call("GenerateDataKey", KeyId=name)["KeyId"] == key
    assert users["partner-root"].meta(name)["KeyId"] == key
    for refused in (idle.refused("Encrypt", KeyId=name, Plaintext=PLAIN), idle.refused("Decrypt", CiphertextBlob=blob)):
        assert refused == NO_PERMISSION
    client.call("SetKeyPolicy", KeyId=key, Policy=policy(statement(NEWCOMER, "kms:*")))
    assert app.refused("Encrypt", KeyId=name, Plaintext=PLAIN) == NO_PERMISSION
    assert app.refused("Decrypt", CiphertextBlob=blob) == NO_PERMISSION


def test_a_partner_uses_a_shared_key_in_every_way(client: Client, users: dict[str, Client]) -> None:
    app = users["partner-app"]
    shared = statement(PARTNER_APP, "kms:*")
    names = [
        arn(f"key/{closed_key(client, shared, **given)}")
        for given in (
            {},
            {"KeySpec": "EC_P256"},
            {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT/DECRYPT"},
            {"KeySpec": "HMAC"},
        )
    ]
    plain, signing, sealing, mac = names
    client.call("CreateAlias", AliasName="alias/a", KeyId=plain)
    assert app.call("ListAliasesByKeyId", KeyId=plain)["Aliases"]["Alias"][0]["AliasArn"] == arn("alias/a")
    versions = [
        app.call("ListKeyVersions", KeyId=name)["KeyVersions"]["KeyVersion"][0]["KeyVersionId"] for name in names
    ]
    assert app.call("DescribeKeyVersion", KeyId=plain, KeyVersionId=versions[0])["KeyVersion"]
    for action in ("GenerateDataKey", "GenerateDataKeyWithoutPlaintext"):
        blob = app.call(action, KeyId=plain)["CiphertextBlob"]
        assert client.call("Decrypt", CiphertextBlob=blob)
    signed = {"KeyId": signing, "KeyVersionId": versions[1], "Algorithm": "ECDSA_SHA_256", "Digest": b64(b"d" * 32)}
    value = app.call("AsymmetricSign", **signed)["Value"]
    assert client.call("AsymmetricVerify", **signed, Value=value)["Value"] is True
    sealed = {"KeyId": sealing, "KeyVersionId": versions[2], "Algorithm": "RSAES_OAEP_SHA_256"}
    blob = app.call("AsymmetricEncrypt", **sealed, Plaintext=PLAIN)["CiphertextBlob"]
    assert app.call("AsymmetricDecrypt", **sealed, CiphertextBlob=blob)["Plaintext"] == PLAIN
    named = {"KeyId": signing, "KeyVersionId": versions[1]}
    assert app.call("GetPublicKey", **named)["PublicKey"] == client.call("GetPublicKey", **named)["PublicKey"]
    made = app.call("GenerateMac", KeyId=mac, Algorithm="HMAC_SHA_256", Message=PLAIN)
    assert client.call("VerifyMac", KeyId=mac, Algorithm="HMAC_SHA_256", Message=PLAIN, Mac=made["Mac"])
    assert app.call("ListKeyVersions", KeyId=plain)["TotalCount"] == 1
    assert users["partner-root"].call("ListKeys")["TotalCount"] == 0


def test_a_partner_never_administers(client: Client, users: dict[str, Client]) -> None:
    app = users["partner-app"]
    key = closed_key(client, statement(PARTNER_APP, "kms:*"))
    name = arn(f"key/{key}")
    for action, more in (
        ("DisableKey", {}), ("ScheduleKeyDeletion", {"PendingWindowInDays": 7}), ("UntagResource", {"TagKeys": ["a"]}),
        ("UpdateKeyDescription", {"Description": "x"}), ("SetDeletionProtection", {"EnableDeletionProtection": True}),
        ("ListResourceTags", {}), ("CreateAlias", {"AliasName": "alias/a"}),
    ):  # fmt: skip
        assert app.refused(action, KeyId=name, **more) == NO_PERMISSION
    assert app.refused("SetKeyPolicy", KeyId=name, Policy=policy()) == NO_PERMISSION_400
    app.call("TagResource", KeyId=name, Tags=tag_list(app="partner"))
    assert client.tags(key) == {"app": "partner"}


def test_a_partner_names_the_key_by_its_arn(client: Client, users: dict[str, Client]) -> None:
    app = users["partner-app"]
    key = closed_key(client, statement(PARTNER_APP, "kms:*"))
    client.call("CreateAlias", AliasName="alias/a", KeyId=key)
    assert app.refused("DescribeKey", KeyId=key) == NO_PERMISSION
    assert app.meta(arn("alias/a"))["KeyId"] == key
    elsewhere = f"acs:kms:cn-beijing:{ACCOUNT}:key/{key}"
    assert app.refused("DescribeKey", KeyId=elsewhere) == NO_PERMISSION
    assert app.refused("DescribeKey", KeyId="acs:kms:cn-hangzhou:9999999999999999:key/x") == NO_PERMISSION


def test_a_partner_re_encrypts_between_accounts(client: Client, users: dict[str, Client], emulator: Emulator) -> None:
    app = users["partner-app"]
    client.set(access_unlisted_actions="effective")
    attach(emulator, "partner-app", allow("kms:*"), account=PARTNER)
    own = app.default_key()
    key = closed_key(client, statement(PARTNER_APP, "kms:ReEncryptTo", "kms:Decrypt"))
    blob = app.call("Encrypt", KeyId=own, Plaintext=PLAIN)["CiphertextBlob"]
    moved = app.call("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=arn(f"key/{key}"))
    assert moved["KeyId"] == key
    assert client.call("Decrypt", CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == PLAIN
    assert app.refused("ReEncrypt", CiphertextBlob=moved["CiphertextBlob"], DestinationKeyId=own) == NO_PERMISSION
    assert client.refused("Decrypt", CiphertextBlob=blob) == NO_PERMISSION


def test_time_goes_by_for_the_key_of_another_account(client: Client, users: dict[str, Client]) -> None:
    key = closed_key(client, statement(PARTNER_APP, "kms:*"))
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    client.advance(8 * 86400)
    for _ in range(2):
        assert users["partner-app"].refused("DescribeKey", KeyId=arn(f"key/{key}")) == NO_PERMISSION


def test_a_key_of_another_account_is_closed_while_nothing_is_enforced(client: Client, users: dict[str, Client]) -> None:
    key = closed_key(client, statement(PARTNER_APP, "kms:*"))
    client.set(enforce_access=False)
    assert users["partner-app"].refused("DescribeKey", KeyId=arn(f"key/{key}")) == NO_PERMISSION


def test_a_secret_has_a_policy_as_a_key_has(client: Client, newcomer: Client, emulator: Emulator) -> None:
    own = policy(statement(NEWCOMER, "kms:GetSecretValue"))
    client.call("CreateSecret", SecretName="s", VersionId="v1", SecretData="hush", Policy=own)
    client.call("CreateSecret", SecretName="t", VersionId="v1", SecretData="hush")
    assert newcomer.call("GetSecretValue", SecretName="s")["SecretData"] == "hush"
    assert newcomer.refused("DescribeSecret", SecretName="s") == NO_PERMISSION
    assert newcomer.refused("GetSecretValue", SecretName="t") == NO_PERMISSION
    attach(emulator, "newcomer", allow("kms:BatchGetSecretValue", arn("secret/s")))
    assert newcomer.refused("BatchGetSecretValue", SecretsList=json.dumps([{"SecretName": "t"}])) == NO_PERMISSION


def test_reading_a_secret_also_needs_the_key_that_encrypts_it(client: Client, newcomer: Client, emulator: Emulator
                                                              ) -> None:  # fmt: skip
    key = closed_key(client)
    client.call("CreateSecret", SecretName="s", VersionId="v1", SecretData="hush", EncryptionKeyId=key,
                DKMSInstanceId=SOFTWARE)  # fmt: skip
    attach(emulator, "newcomer", allow("kms:GetSecretValue"))
    assert detail(newcomer, "GetSecretValue", SecretName="s")["AuthAction"] == "kms:Decrypt"
    client.set(access_encrypting_key="not asked")
    assert newcomer.call("GetSecretValue", SecretName="s")["SecretData"] == "hush"
    client.set(access_encrypting_key="asked")
    attach(emulator, "newcomer", allow(["kms:GetSecretValue", "kms:Decrypt"]))
    assert newcomer.call("GetSecretValue", SecretName="s")["SecretData"] == "hush"


def test_calls_on_many_objects_need_every_one(client: Client, newcomer: Client) -> None:
    good, closed = closed_key(client, statement(NEWCOMER, "kms:*")), closed_key(client)
    given = {"RegionId": REGION, "ResourceType": "key", "ResourceId__1": good}
    client.set(access_unlisted_actions="effective")
    newcomer.call("TagResources", **given, Tag__1__Key="a", Tag__1__Value="b")
    assert newcomer.call("ListTagResources", **given)
    both = {**given, "ResourceId__2": closed}
    assert newcomer.refused("TagResources", **both, Tag__1__Key="a", Tag__1__Value="b") == NO_PERMISSION
    assert newcomer.refused("UntagResources", **both, All=True) == NO_PERMISSION
    assert newcomer.refused("ListTagResources", RegionId=REGION, ResourceType="key") == NO_PERMISSION


def test_regions_can_be_listed_by_everybody_who_signs(newcomer: Client) -> None:
    assert newcomer.call("DescribeRegions")["Regions"]["Region"]
    assert newcomer.refused("GetRandomPassword") == NO_PERMISSION
    assert newcomer.refused("DescribeAccountKmsStatus") == NO_PERMISSION


def test_broken_parameters_reach_the_service_that_complains_about_them(newcomer: Client) -> None:
    for action, given in (
        ("Decrypt", {"CiphertextBlob": "?"}), ("Decrypt", {"CiphertextBlob": PLAIN}),
        ("BatchGetSecretValue", {"SecretsList": "x"}),
    ):  # fmt: skip
        assert newcomer.refused(action, **given)[1] == "InvalidParameter"


GIVEN = {
    "KeyId": "key-x", "AliasName": "alias/x", "SecretName": "x", "CertificateId": "x", "Name": "x", "AapName": "x",
    "ClientKeyId": "x", "KmsInstanceId": "x", "ResourceType": "key", "ResourceId.1": "key-x",
    "DestinationKeyId": "key-x", "SourceKeyId": "key-x", "SecretsList": '[{"SecretName":"x"}]',
}  # fmt: skip


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_action_asks_for_its_own_name(client: Client, emulator: Emulator, action: str) -> None:
    seed = emulator._seed.directory
    principal = seed.find("alibaba", "LTAI-example-newcomer-id")
    assert principal is not None
    key = closed_key(client)
    blob = client.call("Encrypt", KeyId=key, Plaintext=PLAIN)["CiphertextBlob"]
    known = {name: value for name, value in GIVEN.items() if name.split(".")[0] in {
        entry.split(".")[0] for entry in ACTIONS[action].parameters}}  # fmt: skip
    with emulator.store.transaction("alibaba") as store:
        context = Context(
            cloud="alibaba", store=store, now=0.0, signing_time=0.0, random=emulator._random, directory=seed,
            replay=emulator._replay, settings=emulator.settings,
        )  # fmt: skip
        given = Parameters({**known, "CiphertextBlob": blob})
        asked = targets(action, Operation(given, context, Scope(ACCOUNT, REGION), principal))
    names = {target.action for target in asked}
    expected = {"ReEncrypt": {"kms:ReEncryptFrom", "kms:ReEncryptTo"}, "DescribeRegions": set()}
    assert names == expected.get(action, {f"kms:{action}"})


def test_the_vendors_package_reads_a_refusal(client: Client) -> None:
    key = closed_key(client)
    sdk = Sdk(Config(access_key_id="LTAI-example-newcomer-id", access_key_secret="example-newcomer-secret",
                     endpoint=client.host, protocol="http", region_id=REGION))  # fmt: skip
    with pytest.raises(ClientException) as caught:
        sdk.encrypt(models.EncryptRequest(key_id=key, plaintext=base64.b64encode(b"x").decode()))
    assert (caught.value.status_code, caught.value.code) == (403, "Forbidden.NoPermission")
    assert caught.value.access_denied_detail["AuthAction"] == "kms:Encrypt"


def test_keys_of_hardware_instances_have_policies_too(client: Client, newcomer: Client) -> None:
    key = closed_key(client, DKMSInstanceId=HARDWARE)
    assert newcomer.refused("DescribeKey", KeyId=key) == NO_PERMISSION
