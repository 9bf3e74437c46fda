"""Enforcement at the gateway of an instance: permissions, resources, scope and network rules of an access point."""

import json
from collections.abc import Iterator

import pytest

from kms_emulator.alibaba.decision_points import Grant, Need, PointCall, PointWhy, decide_at_point
from kms_emulator.alibaba.readings import Rules
from tests.emulator.alibaba.gateway_support import KEY_USER, SECRET_USER, GatewayClient, client_key
from tests.emulator.alibaba.support import HARDWARE, SOFTWARE, Client

REFUSED = (403, "Forbidden.NoPermission")
OFFICE = {"NetworkRules": ["office"]}
ENCRYPT = "AdvanceEncrypt"


@pytest.fixture(autouse=True)
def enforced(client: Client) -> None:
    client.set(enforce_access=True)


@pytest.fixture
def app(client: Client) -> Iterator[GatewayClient]:
    """A client key of an access point with one policy, named mine, for keys of the software instance."""
    grant(client, "mine")
    client.call("CreateApplicationAccessPoint", Name="app", Policies=["mine"])
    made = client_key(client, "app")
    yield made
    made.session.close()


def grant(client: Client, name: str, *, resources: tuple[str, ...] = ("key/*",), instance: str = SOFTWARE) -> None:
    client.call(
        "CreatePolicy", Name=name, KmsInstance=instance, Permissions=[KEY_USER], Resources=list(resources)
    )  # fmt: skip


def encrypts(app: GatewayClient, key: str) -> bool:
    response = app.raw(ENCRYPT, {1: key, 2: b"hello"})
    assert response.status_code in (200, 403)
    return response.status_code == 200


def test_nothing_is_looked_at_unless_the_switch_is_on(client: Client, app: GatewayClient) -> None:
    key = client.key()
    client.call("UpdatePolicy", Name="mine", Permissions=[])
    assert app.refused(ENCRYPT, {1: key, 2: b"x"}) == REFUSED
    client.set(enforce_access=False)
    assert app.call(ENCRYPT, {1: key, 2: b"x"})


@pytest.mark.parametrize(
    ("resources", "fits"),
    [(["key/*"], True), (["key/key-hzz*"], True), (["key/key-b*"], False), (["secret/*"], False), ([], False)],
)
def test_resources_are_ids_prefixes_or_all(
    client: Client, app: GatewayClient, resources: list[str], fits: bool
) -> None:
    key = client.key()
    client.call("UpdatePolicy", Name="mine", Resources=resources)
    assert encrypts(app, key) is fits


def test_one_key_opens_no_other_whether_named_by_id_or_alias(client: Client, app: GatewayClient) -> None:
    one, two = client.key(), client.key()
    client.call("UpdatePolicy", Name="mine", Resources=[f"key/{one}"])
    client.call("CreateAlias", AliasName="alias/one", KeyId=one)
    client.call("CreateAlias", AliasName="alias/two", KeyId=two)
    assert encrypts(app, one)
    assert encrypts(app, "alias/one")
    assert not encrypts(app, two)
    assert not encrypts(app, "alias/two")


def test_a_ciphertext_names_its_key_and_that_one_is_asked_about(client: Client, app: GatewayClient) -> None:
    key = client.key()
    blob = app.call(ENCRYPT, {1: key, 2: b"hello"})[2]
    client.call("UpdatePolicy", Name="mine", Resources=["key/other"])
    assert app.refused("AdvanceDecrypt", {1: blob}) == REFUSED


def test_a_secret_user_has_nothing_on_keys(client: Client, app: GatewayClient) -> None:
    key = client.key()
    client.call("UpdatePolicy", Name="mine", Permissions=[SECRET_USER], Resources=["key/*", "secret/*"])
    assert not encrypts(app, key)


def test_policies_of_an_access_point_add_up(client: Client, app: GatewayClient) -> None:
    one, two = client.key(), client.key()
    client.call("UpdatePolicy", Name="mine", Resources=[f"key/{one}"])
    grant(client, "more", resources=(f"key/{two}",))
    client.call("UpdateApplicationAccessPoint", Name="app", Policies=["mine", "more"])
    assert encrypts(app, one)
    assert encrypts(app, two)


def test_a_policy_is_for_its_instance_only(client: Client, app: GatewayClient) -> None:
    soft, hard = client.key(), client.key(DKMSInstanceId=HARDWARE)
    grant(client, "hard", instance=HARDWARE, resources=(f"key/{soft}",))
    client.call("UpdateApplicationAccessPoint", Name="app", Policies=["mine", "hard"])
    assert encrypts(app, soft)
    assert not encrypts(app, hard)
    client.call("UpdatePolicy", Name="hard", Resources=["key/*"])
    assert encrypts(app, hard)


def test_network_rules_let_their_addresses_in(client: Client, app: GatewayClient) -> None:
    key = client.key()
    client.call("CreateNetworkRule", Name="office", Type="Private", SourcePrivateIp=["10.0.0.0/24", "192.168.0.7"])
    client.call("CreateNetworkRule", Name="home", Type="Private", SourcePrivateIp=["172.16.0.0/12"])
    assert encrypts(app, key)
    client.call("UpdatePolicy", Name="mine", AccessControlRules=OFFICE)
    for address, fits in (("10.0.0.9", True), ("192.168.0.7", True), ("10.0.1.9", False), ("172.16.0.1", False)):
        app.session.headers["X-Emulator-Source-Ip"] = address
        assert encrypts(app, key) is fits
    client.call("UpdatePolicy", Name="mine", AccessControlRules={"NetworkRules": ["office", "home"]})
    assert encrypts(app, key)
    client.call("UpdateNetworkRule", Name="home", SourcePrivateIp=["10.9.0.0/16"])
    assert not encrypts(app, key)


def test_a_switch_says_where_calls_come_from(client: Client, app: GatewayClient) -> None:
    key = client.key()
    client.call("CreateNetworkRule", Name="office", Type="Private", SourcePrivateIp=["10.0.0.0/24"])
    client.call("UpdatePolicy", Name="mine", AccessControlRules=OFFICE)
    assert not encrypts(app, key)
    client.set(source_ip="10.0.0.9")
    assert encrypts(app, key)


def test_a_rule_that_is_not_there_or_empty_lets_nobody_in_unless_switched(client: Client, app: GatewayClient) -> None:
    key = client.key()
    client.call("UpdatePolicy", Name="mine", AccessControlRules=OFFICE)
    assert not encrypts(app, key)
    client.set(access_missing_rule="open")
    assert encrypts(app, key)
    client.call("CreateNetworkRule", Name="office", Type="Private")
    assert not encrypts(app, key)
    client.set(access_empty_rule="open")
    assert encrypts(app, key)


def test_a_secret_needs_itself_and_the_key_that_encrypts_it(client: Client, app: GatewayClient) -> None:
    key = client.key()
    client.call("CreateSecret", SecretName="s", VersionId="v1", SecretData="hush", DKMSInstanceId=SOFTWARE,
                EncryptionKeyId=key)  # fmt: skip
    client.call("CreateSecret", SecretName="t", VersionId="v1", SecretData="hush", DKMSInstanceId=SOFTWARE)
    client.call("UpdatePolicy", Name="mine", Permissions=[SECRET_USER], Resources=["secret/*", "key/*"])
    assert app.refused("GetSecretValue", {1: "s"}) == REFUSED
    assert app.call("GetSecretValue", {1: "t"})
    client.call("UpdatePolicy", Name="mine", Permissions=[SECRET_USER, KEY_USER])
    assert app.call("GetSecretValue", {1: "s"})
    client.call("UpdatePolicy", Name="mine", Resources=["secret/s", "key/other"])
    assert app.refused("GetSecretValue", {1: "s"}) == REFUSED
    assert app.refused("GetSecretValue", {1: "t"}) == REFUSED


def test_calls_without_a_key_need_the_permission_for_keys(client: Client, app: GatewayClient) -> None:
    client.call("UpdatePolicy", Name="mine", Resources=[])
    assert app.call("GenerateRandom", {1: 16})
    client.call("UpdatePolicy", Name="mine", Permissions=[SECRET_USER])
    assert app.refused("GenerateRandom", {1: 16}) == REFUSED


def test_permission_comes_before_the_state_and_after_the_existence_of_a_key(client: Client, app: GatewayClient) -> None:
    key = client.key()
    client.call("DisableKey", KeyId=key)
    client.call("UpdatePolicy", Name="mine", Resources=["key/other"])
    assert app.refused(ENCRYPT, {1: key, 2: b"x"}) == REFUSED
    assert app.refused(ENCRYPT, {1: "key-none", 2: b"x"}) == (404, "Forbidden.KeyNotFound")


def test_key_policies_have_no_say_there(client: Client, app: GatewayClient) -> None:
    key = client.key()
    account = client.meta(key)["Creator"]
    document = json.dumps({"Version": "1", "Statement": [{"Effect": "Deny", "Action": "kms:*", "Resource": "*",
                           "Principal": {"RAM": f"acs:ram::{account}:*"}}]})  # fmt: skip
    client.call("SetKeyPolicy", KeyId=key, Policy=document)
    assert encrypts(app, key)


def test_the_function_tells_why() -> None:
    needs = (Need(KEY_USER, "key/a"),)
    grants = [Grant("kst-1", (KEY_USER,), ("key/*",), ("office",))]
    call = PointCall("kst-1", needs, "10.0.0.7")
    networks = {"office": ("10.0.0.0/24",)}
    assert decide_at_point(grants, networks, call) == (True, PointWhy.PERMITTED)
    assert decide_at_point(grants, {}, call).why is PointWhy.OUTSIDE_NETWORK
    assert decide_at_point(grants, networks, PointCall("kst-2", needs)).why is PointWhy.OTHER_INSTANCE
    other = PointCall("kst-1", (Need(SECRET_USER, "secret/a"),), "10.0.0.7")
    assert decide_at_point(grants, networks, other).why is PointWhy.NOT_PERMITTED
    ends = PointCall("kst-1", needs, "10.0.0.0")
    assert decide_at_point(grants, networks, ends).allowed
    assert not decide_at_point(grants, networks, ends, Rules(block_ends="outside")).allowed
