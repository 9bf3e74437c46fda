"""Permissions enforced over HTTP at an access point; the network in front of it; the order of checks."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.emulator.ctyun.support import Client, Tenant, b64, sm3

ENCRYPT, DECRYPT, DATA_KEY, DIGEST, HMAC = (
    "/keyCompute/encrypt", "/keyCompute/decrypt", "/create/datakey", "/get/messageDigest", "/get/hmaccompute",
)  # fmt: skip
VPC, LOOPBACK, FRONT = "vpc-example0002", "subnet-example0003", "subnet-example0001"
UNKNOWN = "971ba207-5323-4a04-a290-3a9e8b4c7343"
NETWORK, WHITELIST, INTERFACE, RESOURCE = [(401, f"KMS.{number}") for number in (9057, 9058, 9059, 9060)]
SENTENCE = re.compile(r"[A-Za-z ]+(: [A-Za-z ]+)?")


@dataclass
class Door:
    """An access point in the loopback's subnet, and an application behind it."""

    client: Client
    point: str
    tenant: Tenant

    def permit(self, *apis: str, keys: tuple[str, ...] = (), **resources: str) -> None:
        entries = [("key", name) for name in keys] + list(resources.items())
        listed = [{"resourceType": type_, "resourceId": name} for type_, name in entries]
        self.client.call("updateApiPermissions", accessPointId=self.point, apis=list(apis))
        self.client.call("updateResourcePermissions", accessPointId=self.point, resources=listed)

    def whitelist(self, *endpoints: str) -> None:
        self.client.call("addEndpointWhitelist", accessPointId=self.point, endpoints=list(endpoints))

    def come(self, path: str, headers: dict[str, str], **body: Any) -> tuple[int, str]:
        """Status and error code of a call that states where it comes from."""
        answer = self.tenant.raw(path, body, {**self.tenant.headers(path, body), **headers})
        return answer.status_code, str(answer.json().get("errorCode", ""))


def open_door(client: Client, name: str = "orders", **fields: Any) -> Door:
    point = client.call("createAccessPoint", **{"name": name, "vpcId": VPC, "subnetId": LOOPBACK, **fields})
    made = client.call("createTenantAkSk", **point)
    return Door(client, point["accessPointId"], Tenant(client, made["accessKey"], made["secretKey"]))


@pytest.fixture
def door(client: Client) -> Door:
    client.set(ctyun__enforce_access=True)
    return open_door(client)


def test_nothing_is_enforced_unless_asked_for(client: Client) -> None:
    door = open_door(client, vpcId="vpc-example0001", subnetId=FRONT)
    assert door.tenant.call(DIGEST, input="abc") == {"output": b64(sm3(b"abc"))}
    client.set(ctyun__enforce_access=True)
    assert door.tenant.refused(DIGEST, input="abc") == NETWORK


def test_a_new_access_point_permits_nothing(door: Door) -> None:
    fields = {"keySpec": "SM4", "keyUsage": "ENCRYPT/DECRYPT", "protectionLevel": "1"}
    assert door.tenant.refused(DIGEST, input="abc") == INTERFACE
    assert door.tenant.refused("/cmkManage/createKey", **fields) == INTERFACE
    assert door.client.call("listKeys")["totalCount"] == 0


def test_interface_and_key_must_both_be_permitted(door: Door) -> None:
    key, other = door.client.make(), door.client.make()
    fields = {"cmkUuid": key, "plaintext": "aGVsbG8="}
    door.permit("decrypt", keys=(key,))
    assert door.tenant.refused(ENCRYPT, **fields) == INTERFACE
    door.permit("encrypt", keys=(other,))
    assert door.tenant.refused(ENCRYPT, **fields) == RESOURCE
    door.permit("encrypt", keys=(key,))
    assert door.tenant.call(ENCRYPT, **fields)["cmkUuid"] == key


def test_decryption_asks_for_the_key_of_the_ciphertext(door: Door) -> None:
    key, other = door.client.make(), door.client.make()
    blob = door.client.call("encrypt", cmkUuid=key, plaintext="aGVsbG8=")["ciphertextBlob"]
    door.permit("decrypt", keys=(other,))
    assert door.tenant.refused(DECRYPT, ciphertextBlob=blob) == RESOURCE
    door.permit("decrypt", keys=(other, key))
    assert door.tenant.call(DECRYPT, ciphertextBlob=blob)["plaintext"] == "aGVsbG8="


def test_an_alias_is_as_good_as_the_key_behind_it(door: Door) -> None:
    key = door.client.make(aliasName="alias/orders")
    door.client.make(aliasName="alias/other")
    door.permit("generateDataKey", keys=(key,))
    assert door.tenant.call(DATA_KEY, cmkUuid="alias/orders")["cmkUuid"] == key
    assert door.tenant.refused(DATA_KEY, cmkUuid="alias/other") == RESOURCE


def test_the_star_means_every_key_also_later_ones_and_nothing_but_keys(door: Door) -> None:
    door.permit("hmaccompute", keys=("*",))
    key = door.client.make(keySpec="HMAC_SM3", keyUsage="GENERATE/VERIFY_MAC")
    assert door.tenant.call(HMAC, cmkUuid=key, input="x") == door.client.call("hmaccompute", cmkUuid=key, input="x")
    door.permit("hmaccompute", certificate="*", ukCertificate="*")
    assert door.tenant.refused(HMAC, cmkUuid=key, input="x") == RESOURCE


def test_calls_that_make_something_ask_for_the_interface_alone(door: Door) -> None:
    door.permit("createKey", "messageDigest")
    fields = {"keySpec": "SM4", "keyUsage": "ENCRYPT/DECRYPT", "protectionLevel": "1"}
    key = door.tenant.call("/cmkManage/createKey", **fields)["cmkUuid"]
    assert door.client.state(key) == "Enabled"
    assert door.tenant.call(DIGEST, input="abc") == {"output": b64(sm3(b"abc"))}
    door.permit("encrypt", "createKey")
    assert (
        door.tenant.refused(ENCRYPT, cmkUuid=key, plaintext="AA==") == RESOURCE
    )  # whoever makes a key does not get it


def test_a_usb_certificate_must_be_permitted_as_one(door: Door, usb_certificate: str) -> None:
    path = "/certificateCompute/certificatePublicKeyVerifyForUsbKey"
    fields = {
        "algorithm": "RSA 2048", "certificateId": usb_certificate, "message": "m", "signatureValue": "AA==",
    }  # fmt: skip
    door.permit("certificatePublicKeyVerifyForUsbKey", key="*", certificate="*")
    assert door.tenant.refused(path, **fields) == RESOURCE
    door.permit("certificatePublicKeyVerifyForUsbKey", ukCertificate=usb_certificate)
    assert door.tenant.call(path, **fields) == {"signatureValid": False}


@pytest.fixture
def usb_certificate(client: Client) -> str:
    pem = self_signed()
    return str(client.call("importCertificateForUK", algorithm="RSA 2048", ukName="token", cert=pem)["ukId"])


def self_signed() -> str:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "token")])
    made = x509.CertificateBuilder(
        issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=1,
        not_valid_before=datetime(2025, 1, 1, tzinfo=UTC), not_valid_after=datetime(2035, 1, 1, tzinfo=UTC),
    ).sign(key, hashes.SHA256())  # fmt: skip
    return made.public_bytes(serialization.Encoding.PEM).decode()


def test_permission_control_off_permits_everything_and_a_change_controls_again(door: Door) -> None:
    key = door.client.make()
    door.client.call("disablePermissionControl", accessPointId=door.point)
    door.tenant.call(ENCRYPT, cmkUuid=key, plaintext="AA==")
    door.client.call("updateResourcePermissions", accessPointId=door.point, resources=[])
    assert door.tenant.refused(ENCRYPT, cmkUuid=key, plaintext="AA==") == INTERFACE


def test_every_credential_of_an_access_point_has_its_permissions_and_those_of_others_have_theirs(door: Door) -> None:
    key = door.client.make()
    second = door.client.call("createTenantAkSk", accessPointId=door.point)
    same = Tenant(door.client, second["accessKey"], second["secretKey"])
    other = open_door(door.client, "billing")
    door.permit("encrypt", keys=(key,))
    for tenant in (door.tenant, same):
        tenant.call(ENCRYPT, cmkUuid=key, plaintext="AA==")
    assert other.tenant.refused(ENCRYPT, cmkUuid=key, plaintext="AA==") == INTERFACE


def test_a_disabled_credential_is_refused_whatever_is_permitted(door: Door) -> None:
    door.permit("messageDigest")
    door.client.call("disableTenantAk", accessKey=door.tenant.ak)
    assert door.tenant.refused(DIGEST, input="abc") == (401, "KMS.9053")
    door.client.call("enableTenantAk", accessKey=door.tenant.ak)
    door.tenant.call(DIGEST, input="abc")


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [({}, (200, "")), ({"X-Emulator-Source-Ip": "127.255.255.255"}, (200, "")),
     ({"X-Emulator-Source-Ip": "128.0.0.0"}, NETWORK), ({"X-Emulator-Source-Ip": "nowhere"}, NETWORK),
     ({"X-Emulator-Source-Vpc": VPC}, (200, "")), ({"X-Emulator-Source-Vpc": "vpc-example0001"}, NETWORK)],
)  # fmt: skip
def test_a_call_must_come_from_the_vpc_and_the_subnet(
    door: Door, headers: dict[str, str], outcome: tuple[int, str]
) -> None:
    door.permit("messageDigest")
    assert door.come(DIGEST, headers, input="abc") == outcome


def test_the_switch_says_where_calls_come_from_and_the_header_counts_more(door: Door) -> None:
    inside = open_door(door.client, "front", vpcId="vpc-example0001", subnetId=FRONT)
    inside.permit("messageDigest")
    assert inside.come(DIGEST, {}, input="abc") == NETWORK
    door.client.set(ctyun__source_ip="192.168.1.200")
    assert inside.come(DIGEST, {}, input="abc") == (200, "")
    assert inside.come(DIGEST, {"X-Emulator-Source-Ip": "192.168.2.200"}, input="abc") == NETWORK


def test_a_whitelist_lets_in_its_endpoints_and_addresses_only(door: Door) -> None:
    door.permit("messageDigest")
    door.whitelist("endpoint-1", "127.0.0.8/29")
    endpoint, address = "X-Emulator-Source-Endpoint", "X-Emulator-Source-Ip"
    for headers, outcome in (
        ({}, WHITELIST), ({endpoint: "endpoint-1"}, (200, "")), ({endpoint: "endpoint-2"}, WHITELIST),
        ({address: "127.0.0.9"}, (200, "")), ({address: "127.0.0.16"}, WHITELIST),
        ({endpoint: "endpoint-1", address: "10.0.0.1"}, NETWORK),
    ):  # fmt: skip
        assert door.come(DIGEST, headers, input="abc") == outcome


def test_the_order_is_signature_network_path_fields_object_state_permission(door: Door) -> None:
    key, far = door.client.make(), {"X-Emulator-Source-Ip": "10.0.0.1"}
    bad = Tenant(door.client, door.tenant.ak, "wrong")
    assert Door(door.client, door.point, bad).come(ENCRYPT, far) == (401, "KMS.9054")
    assert door.come("/keyCompute/nothing", far) == NETWORK
    assert door.come("/keyCompute/nothing", {}) == (404, "KMS.9056")
    assert door.come(ENCRYPT, {}) == (400, "KMS.0102")
    assert door.come(ENCRYPT, {}, cmkUuid=UNKNOWN, plaintext="AA==") == (404, "KMS.9001")
    door.client.call("disableKey", cmkUuid=key)
    assert door.come(ENCRYPT, {}, cmkUuid=key, plaintext="AA==") == (404, "KMS.9011")
    door.client.call("enableKey", cmkUuid=key)
    assert door.come(ENCRYPT, {}, cmkUuid=key, plaintext="AA==") == INTERFACE
    door.permit("encrypt")
    assert door.come(ENCRYPT, {}, cmkUuid=key, plaintext="AA==") == RESOURCE


def test_permission_is_asked_before_a_ciphertext_is_opened(door: Door) -> None:
    blob = door.client.call("encrypt", cmkUuid=door.client.make(), plaintext="AA==")["ciphertextBlob"]
    spoiled = blob[:-8] + ("AAAAAAA=" if blob.endswith("=") else "AAAAAAAA")
    assert door.tenant.refused(DECRYPT, ciphertextBlob=spoiled) == INTERFACE
    door.permit("decrypt", keys=("*",))
    assert door.tenant.refused(DECRYPT, ciphertextBlob=spoiled) == (400, "KMS.9036")


def test_a_refusal_is_one_sentence_that_names_what_was_refused_and_nothing_secret(door: Door) -> None:
    key = door.client.make()
    body = {"cmkUuid": key, "plaintext": b64(b"canary")}
    said = [door.tenant.raw(ENCRYPT, body).json()["msg"]]
    door.permit("encrypt")
    said.append(door.tenant.raw(ENCRYPT, body).json()["msg"])
    door.whitelist("endpoint-1")
    said.append(door.tenant.raw(ENCRYPT, body).json()["msg"])
    far = {**door.tenant.headers(ENCRYPT, body), "X-Emulator-Source-Ip": "10.0.0.1"}
    said.append(door.tenant.raw(ENCRYPT, body, far).json()["msg"])
    assert said == [
        "the access point does not permit this interface: encrypt",
        "the access point does not permit this resource: key",
        "the endpoint whitelist of the access point has neither the endpoint nor the address",
        "the access point cannot be reached from here: the call comes from outside the subnet of the access point",
    ]
    assert all(SENTENCE.fullmatch(text) for text in said)


def test_the_journal_tells_refusals_without_secrets(door: Door) -> None:
    key, canary = door.client.make(), b64(b"canary-of-a-refused-call")
    door.tenant.refused(ENCRYPT, cmkUuid=key, plaintext=canary)
    journal = door.client.control("GET", "journal")["entries"]
    assert (journal[-1]["action"], journal[-1]["key"], journal[-1]["error"]) == ("encrypt", key, "KMS.9059")
    for secret in (canary, door.tenant.sk):
        assert secret not in json.dumps(journal)


def test_the_public_host_and_its_main_user_are_not_touched(door: Door) -> None:
    key = door.client.make()
    assert door.client.call("encrypt", cmkUuid=key, plaintext="AA==")["cmkUuid"] == key


def test_the_seed_has_a_controlled_access_point_that_this_machine_reaches(client: Client) -> None:
    client.set(ctyun__enforce_access=True)
    enabled = Tenant(client, "000000000000000000000000example2", "example-tenant-secret-2")
    disabled = Tenant(client, "000000000000000000000000example3", "example-tenant-secret-3")
    blob = enabled.call(ENCRYPT, cmkUuid=client.make(), plaintext="aGVsbG8=")["ciphertextBlob"]
    assert enabled.call(DECRYPT, ciphertextBlob=blob)["plaintext"] == "aGVsbG8="
    assert enabled.refused(DIGEST, input="abc") == INTERFACE
    assert disabled.refused(ENCRYPT, cmkUuid=UNKNOWN, plaintext="AA==") == (401, "KMS.9053")
