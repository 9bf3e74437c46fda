"""The private interface of access points: its signature, envelope and services."""

import hashlib
import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kms_emulator.ctyun.tenant_auth import content_md5, signature
from kms_emulator.emulator import Emulator
from kms_emulator.registry import load_clouds
from kms_emulator.seed import load_seed
from kms_emulator.server import EmulatorServer
from tests.emulator.ctyun.support import AK, SK, Client, Tenant, b64, sm3, tenant_signature

ENCRYPT = "/keyCompute/encrypt"
SM4 = {"keySpec": "SM4", "keyUsage": "ENCRYPT/DECRYPT", "protectionLevel": "1"}
BODY = {"cmkUuid": "971ba207-5323-4a04-a290-3a9e8b4c7343", "plaintext": "aGVsbG8="}
DATE = "Thu, 02 Jan 2025 03:04:05 CST"
VECTOR = "14+PzKGatp1B9vgr9hIPM7Q+fngzU/plUGjxHK0nwZE="  # computed with two implementations of the published scheme
SEED = """
accounts:
  ctyun: [{id: one, users: [{id: u, name: u, credentials: [{id: AK, secret: SK}]}]}]
documents:
  ctyun:
    - {kind: access_points, account: one, region: pool, id: point, document: {id: point, name: p, instance: i}}
    - kind: tenants
      account: "*"
      id: AKTEST0001
      document: {id: AKTEST0001, secret: SKTEST0001, status: Enabled, point: point, account: one, region: pool}
"""


def seeded(client: Client) -> Tenant:
    """The credential that every emulator begins with."""
    return Tenant(client, "00000000000000000000000000example", "example-tenant-secret")


@pytest.fixture
def tenant(client: Client) -> Tenant:
    return seeded(client)


def test_both_signers_reproduce_the_vector() -> None:
    assert content_md5("AKTEST0001", BODY) == "tflUL3Fa03OHrti5l4H5dg=="
    assert signature("SKTEST0001", "AKTEST0001", DATE, ENCRYPT, BODY) == VECTOR
    assert tenant_signature(secret="SKTEST0001", ak="AKTEST0001", date=DATE, path=ENCRYPT, body=BODY) == VECTOR


def test_the_vector_opens_the_door_over_http(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(SEED)
    emulator = Emulator(tmp_path, load_clouds(["ctyun"]), load_seed(seed))
    with EmulatorServer(emulator) as url:
        client = Client(url)
        client.set(signing_clock="emulated")
        moment = datetime(2025, 1, 1, 19, 5, tzinfo=UTC).timestamp()  # 03:05 in China
        client.control("POST", "clock", {"set": moment})
        headers = {"accessKey": "AKTEST0001", "requestDate": DATE, "hmac": VECTOR}
        answer = Tenant(client, "", "").raw(ENCRYPT, BODY, headers)
        assert (answer.status_code, answer.json()["errorCode"]) == (404, "KMS.9001")  # let in; there is no such key
        client.session.close()
    emulator.close()


def test_values_that_are_no_texts_have_a_fixed_form() -> None:
    body = {"N": 7, "A": {"a": [1, "名"]}, "bb": True, "cc": None}
    wanted = '{"a":[1,"名"]}\n7\nAK\ntrue\n'
    assert content_md5("AK", body) == b64(hashlib.md5(wanted.encode()).digest())


def test_encrypting_and_decrypting_needs_no_key_id_to_decrypt(client: Client, tenant: Tenant) -> None:
    key = tenant.call("/cmkManage/createKey", **SM4)["cmkUuid"]
    blob = tenant.call(ENCRYPT, cmkUuid=key, plaintext=b64(b"hello"))["ciphertextBlob"]
    assert tenant.call("/keyCompute/decrypt", ciphertextBlob=blob)["plaintext"] == b64(b"hello")
    assert client.call("decrypt", ciphertextBlob=blob)["cmkUuid"] == key  # the same keys as at the public host
    assert client.call("describeKey", cmkUuid=key)["creator"] == tenant.ak


def test_hmac_digest_and_data_key(client: Client, tenant: Tenant) -> None:
    mac = client.make(keySpec="HMAC_SM3", keyUsage="GENERATE/VERIFY_MAC")
    found = tenant.call("/get/hmaccompute", cmkUuid=mac, input="订单")
    assert found == client.call("hmaccompute", cmkUuid=mac, input="订单")
    assert tenant.call("/get/messageDigest", input="订单") == {"output": b64(sm3("订单".encode()))}
    made = tenant.call("/create/datakey", cmkUuid=client.make())
    assert len(b64decode(made["plaintext"])) == 32


def test_the_form_of_success_and_of_a_refusal(client: Client, tenant: Tenant) -> None:
    good = tenant.raw("/get/messageDigest", {"input": "abc"}).json()
    assert good == {"code": 200, "msg": "计算消息摘要成功", "data": {"output": b64(sm3(b"abc"))}}
    bad = tenant.raw(ENCRYPT, {})
    assert bad.status_code == 400
    assert bad.json() == {"code": 400, "errorCode": "KMS.0102", "msg": "CmkUuid cannot be empty", "data": None}


def test_a_credential_made_here_opens_the_door_until_it_is_disabled_or_deleted(client: Client) -> None:
    names = {"name": "orders", "vpcId": "vpc-example0001", "subnetId": "subnet-example0001"}
    point = client.call("createAccessPoint", **names)["accessPointId"]
    made = client.call("createTenantAkSk", accessPointId=point)
    tenant = Tenant(client, made["accessKey"], made["secretKey"])
    digest, fields = "/get/messageDigest", {"input": "abc"}
    tenant.call(digest, **fields)
    client.call("disableTenantAk", accessKey=tenant.ak)
    assert tenant.refused(digest, **fields) == (401, "KMS.9053")
    client.call("enableTenantAk", accessKey=tenant.ak)
    tenant.call(digest, **fields)
    client.call("deleteTenantAk", accessKey=tenant.ak)
    assert tenant.refused(digest, **fields) == (401, "KMS.9052")


def test_keys_belong_to_the_resource_pool_of_the_access_point(client: Client, tenant: Tenant) -> None:
    client.region = "another-pool"
    key = client.make(keySpec="SM4")
    assert tenant.refused(ENCRYPT, cmkUuid=key, plaintext="AA==") == (404, "KMS.9001")


@pytest.mark.parametrize("name", ["accessKey", "requestDate", "hmac"])
def test_a_missing_header_is_named(tenant: Tenant, name: str) -> None:
    headers = {key: value for key, value in tenant.headers(ENCRYPT, BODY).items() if key != name}
    answer = tenant.raw(ENCRYPT, BODY, headers)
    assert (answer.status_code, answer.json()["errorCode"]) == (401, "KMS.9051")
    assert name in answer.json()["msg"]


def test_an_unknown_access_key_is_refused_also_one_of_the_public_host(client: Client) -> None:
    for ak in ("unknown", AK):
        assert Tenant(client, ak, SK).refused(ENCRYPT, **BODY) == (401, "KMS.9052")


@pytest.mark.parametrize("part", ["body", "path", "date", "secret"])
def test_what_was_not_signed_is_refused(tenant: Tenant, part: str) -> None:
    headers = tenant.headers("/keyCompute/decrypt" if part == "path" else ENCRYPT, BODY)
    if part == "date":
        headers["requestDate"] = headers["requestDate"].replace("CST", "GMT")
    if part == "secret":
        headers = Tenant(tenant.client, tenant.ak, "wrong").headers(ENCRYPT, BODY)
    body: dict[str, Any] = {**BODY, "plaintext": "AA=="} if part == "body" else BODY
    answer = tenant.raw(ENCRYPT, body, headers)
    assert (answer.status_code, answer.json()["errorCode"]) == (401, "KMS.9054")


@pytest.mark.parametrize(
    ("minutes", "zone", "good"),
    [(0, "GMT", True), (0, "UTC", True), (14, "GMT", True), (-14, "GMT", True), (16, "GMT", False), (-16, "GMT", False),
     (0, "CST", False), (0, "PST", False), (0, "", False)],
)  # fmt: skip
def test_the_date_must_be_near_and_in_a_known_zone(tenant: Tenant, minutes: int, zone: str, good: bool) -> None:
    date = (datetime.now(UTC) + timedelta(minutes=minutes)).strftime(f"%a, %d %b %Y %H:%M:%S {zone}")
    body = {"input": "abc"}
    answer = tenant.raw("/get/messageDigest", body, tenant.headers("/get/messageDigest", body, date.strip()))
    assert answer.json().get("errorCode", "") == ("" if good else "KMS.9055")


def test_an_unknown_path_and_another_method_are_refused(client: Client, tenant: Tenant) -> None:
    path = "/keyCompute/generateDataKey"
    assert tenant.refused(path, cmkUuid="x") == (404, "KMS.9056")
    answer = client.session.get(f"{client.url}{ENCRYPT}", headers=tenant.headers(ENCRYPT, {}), timeout=10)
    assert answer.json()["errorCode"] == "KMS.9056"


def test_a_body_that_is_no_object_is_refused(client: Client, tenant: Tenant) -> None:
    answer = client.session.post(f"{client.url}{ENCRYPT}", data=b"[]", headers=tenant.headers(ENCRYPT, {}), timeout=10)
    assert answer.json()["errorCode"] == "KMS.9030"


def test_a_credential_whose_access_point_is_gone_is_refused(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text("\n".join(line for line in SEED.splitlines() if "kind: access_points" not in line))
    emulator = Emulator(tmp_path, load_clouds(["ctyun"]), load_seed(seed))
    with EmulatorServer(emulator) as url:
        client = Client(url)
        assert Tenant(client, "AKTEST0001", "SKTEST0001").refused("/get/messageDigest", input="x") == (404, "KMS.9007")
        client.session.close()
    emulator.close()


def test_the_public_signature_is_not_good_enough_without_v1(client: Client) -> None:
    body = json.dumps(BODY).encode()
    answer = client.send(ENCRYPT, body, client.headers(body))
    assert (answer.status_code, answer.json()["code"]) == (404, "19010")


def test_nothing_secret_reaches_the_journal(client: Client, tenant: Tenant) -> None:
    canary = "canary-of-an-access-point"
    key = client.make(keySpec="SM4")
    tenant.call(ENCRYPT, cmkUuid=key, plaintext=b64(canary.encode()))
    tenant.call("/get/messageDigest", input=canary)
    journal = json.dumps(client.control("GET", "journal"))
    assert key in journal
    for secret in (canary, b64(canary.encode()), tenant.sk):
        assert secret not in journal
