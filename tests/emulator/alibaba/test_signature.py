"""Who may call: both signatures, the time window, nonces and security tokens."""

import hashlib
import json
import time
from calendar import timegm
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from kms_emulator.alibaba import CLOUD
from kms_emulator.emulator import Emulator
from kms_emulator.seed import load_seed
from kms_emulator.server import EmulatorServer
from tests.emulator.alibaba.support import (
    KEY_ID,
    REGION,
    SECRET,
    TEMPORARY_ID,
    TEMPORARY_SECRET,
    TOKEN,
    Client,
    acs3_canonical,
    acs3_signature,
    rpc_signature,
)

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
NONCE = VECTORS["nonce"]
Vector = dict[str, Any]


def signed_headers(vector: Vector) -> dict[str, str]:
    headers = {
        "host": vector["host"], "x-acs-action": vector["action"], "x-acs-version": vector["version"],
        "x-acs-date": vector["date"], "x-acs-signature-nonce": NONCE,
        "x-acs-content-sha256": hashlib.sha256(vector["body"].encode()).hexdigest(),
    }  # fmt: skip
    if vector["token"]:
        headers |= {"x-acs-accesskey-id": vector["key_id"], "x-acs-security-token": vector["token"]}
    if vector["body"]:
        headers["content-type"] = "application/x-www-form-urlencoded"
    return headers


@pytest.fixture(params=VECTORS["acs3"], ids=lambda vector: vector["name"])
def vector(request: pytest.FixtureRequest) -> Vector:
    found: Vector = request.param
    return found


def test_the_signer_of_these_tests_gives_the_vectors(vector: Vector) -> None:
    canonical = acs3_canonical("POST", vector["query"], signed_headers(vector), vector["body"].encode())
    assert vector["canonical_sha256"] in ("", hashlib.sha256(canonical.encode()).hexdigest())
    assert acs3_signature(vector["secret"], canonical) == vector["signature"]


def test_the_emulator_accepts_the_vectors_as_they_are(vector: Vector, tmp_path: Path) -> None:
    credential = {"id": vector["key_id"], "secret": vector["secret"]}
    credential |= {"token": vector["token"]} if vector["token"] else {}
    user = {"id": "200000000000000002", "name": "operator", "credentials": [credential]}
    seed = tmp_path / "seed.yaml"
    seed.write_text(yaml.safe_dump({"accounts": {"alibaba": [{"id": "1000000000000001", "users": [user]}]}}))
    emulator = Emulator(tmp_path, [CLOUD], load_seed(seed))
    headers = signed_headers(vector)
    headers["Authorization"] = (
        f"ACS3-HMAC-SHA256 Credential={vector['key_id']},SignedHeaders={';'.join(sorted(headers))},"
        f"Signature={vector['signature']}"
    )
    with EmulatorServer(emulator) as url:
        client = Client(url)
        set_to(client, vector["date"])
        response = client.send(headers, vector["query"], vector["body"].encode())
        client.session.close()
    emulator.close()
    assert [response.status_code, response.json().get("Code", "")] == vector["answer"]


def set_to(client: Client, date: str) -> None:
    client.control("settings", {"signing_clock": "emulated"})
    client.control("clock", {"set": timegm(time.strptime(date, "%Y-%m-%dT%H:%M:%SZ"))})


def test_the_legacy_vector_is_accepted_as_it_is(client: Client) -> None:
    vector = VECTORS["rpc"]
    assert rpc_signature(vector["secret"], "POST", vector["query"]) == vector["signature"]
    set_to(client, vector["date"])
    response = client.send({}, {**vector["query"], "Signature": vector["signature"]})
    assert response.json()["KeyMetadata"]["Description"] == "a b*c~/d+é"


def test_a_form_body_counts_like_the_query(client: Client) -> None:
    body = b"Description=p+w%26%3D%2B%2A~&DKMSInstanceId=kst-hzz62ee817bvsoft01"
    answer = client.send(client.headers("CreateKey", {}, body), {}, body).json()
    assert answer["KeyMetadata"]["Description"] == "p w&=+*~"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_both_methods_work_in_both_forms(client: Client, method: str) -> None:
    headers = client.headers("ListKeys", {"PageSize": "5"}, method=method)
    assert client.send(headers, {"PageSize": "5"}, method=method).json()["PageSize"] == 5
    assert client.rpc("ListKeys", method=method, PageSize=5).json()["PageSize"] == 5


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["Code"]


def test_a_wrong_secret_is_refused(client: Client) -> None:
    other = replace(client, secret="not-the-secret")
    assert other.refused("ListKeys") == (400, "IncompleteSignature")
    assert code(other.rpc("ListKeys")) == (400, "IncompleteSignature")


def test_an_unknown_access_key_is_refused(client: Client) -> None:
    other = replace(client, key_id="LTAI-nobody")
    assert other.refused("ListKeys") == (404, "InvalidAccessKeyId.NotFound")
    assert code(other.rpc("ListKeys")) == (404, "InvalidAccessKeyId.NotFound")


@pytest.mark.parametrize(("offset", "good"), [(-890, True), (890, True), (-910, False), (910, False)])
def test_the_date_may_be_fifteen_minutes_off(client: Client, offset: int, good: bool) -> None:
    response = client.send(client.headers("ListKeys", {}, at=time.time() + offset), {})
    assert (response.status_code == 200) is good
    if not good:
        assert code(response) == (400, "IllegalTimestamp")


def test_a_date_in_another_form_is_refused(client: Client) -> None:
    assert code(client.rpc("ListKeys", changed={"Timestamp": "yesterday"})) == (400, "IllegalTimestamp")
    assert code(client.rpc("ListKeys", changed={"Timestamp": ""})) == (400, "IllegalTimestamp")


def test_moving_the_clock_does_not_break_signatures(client: Client) -> None:
    client.advance(400 * 86400)
    assert client.call("ListKeys")["TotalCount"] == 0


def test_a_request_sent_twice_is_refused_and_does_nothing(client: Client) -> None:
    query = {"DKMSInstanceId": "kst-hzz62ee817bvsoft01"}
    headers = client.headers("CreateKey", query)
    assert client.send(headers, query).status_code == 200
    assert code(client.send(headers, query)) == (400, "SignatureNonceUsed")
    assert client.call("ListKeys")["TotalCount"] == 1


def test_a_nonce_is_not_used_up_by_a_forged_request(client: Client) -> None:
    forged = replace(client, secret="not-the-secret")
    assert code(forged.send(forged.headers("ListKeys", {}, nonce="n-1"), {})) == (400, "IncompleteSignature")
    assert client.send(client.headers("ListKeys", {}, nonce="n-1"), {}).status_code == 200


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x-acs-action", "MissingParameter"), ("x-acs-version", "MissingParameter"), ("x-acs-date", "IllegalTimestamp"),
        ("x-acs-signature-nonce", "MissingParameter"), ("x-acs-content-sha256", "MissingParameter"),
    ],
)  # fmt: skip
def test_every_required_header_is_missed(client: Client, name: str, expected: str) -> None:
    headers = client.headers("ListKeys", {})
    del headers[name]
    assert code(client.send(headers, {})) == (400, expected)


@pytest.mark.parametrize("name", ["AccessKeyId", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Action"])
def test_every_required_legacy_parameter_is_missed(client: Client, name: str) -> None:
    values = {
        "AccessKeyId": KEY_ID, "Action": "ListKeys", "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0",
        "SignatureNonce": "n", "Timestamp": "2024-05-20T06:34:21Z", "Version": "2016-01-20", "Format": "JSON",
    }  # fmt: skip
    del values[name]
    values["Signature"] = rpc_signature(SECRET, "POST", values)
    response = client.send({}, values)
    assert code(response) == (400, "MissingParameter")
    assert name in response.json()["Message"]


def test_another_legacy_method_of_signing_is_refused(client: Client) -> None:
    assert code(client.rpc("ListKeys", changed={"SignatureMethod": "HMAC-SHA256"})) == (400, "IncompleteSignature")


@pytest.mark.parametrize("authorization", ["ACS3-HMAC-SM3 Credential=x", "Bearer x", "ACS3-HMAC-SHA256 nothing"])
def test_other_authorizations_are_refused(client: Client, authorization: str) -> None:
    headers = {**client.headers("ListKeys", {}), "Authorization": authorization}
    assert client.send(headers, {}).status_code in (400, 404)


def test_an_unsigned_header_of_the_gateway_is_refused(client: Client) -> None:
    headers = {**client.headers("ListKeys", {}), "x-acs-region-id": "cn-beijing"}
    response = client.send(headers, {})
    assert code(response) == (400, "IncompleteSignature")
    assert "x-acs-region-id" in response.json()["Message"]


def test_a_changed_body_is_refused(client: Client) -> None:
    headers = client.headers("CreateKey", {}, b"Description=a")
    assert code(client.send(headers, {}, b"Description=b")) == (400, "IncompleteSignature")


def test_a_changed_query_is_refused(client: Client) -> None:
    headers = client.headers("ListKeys", {"PageSize": "5"})
    assert code(client.send(headers, {"PageSize": "50"})) == (400, "IncompleteSignature")


def test_temporary_credentials_need_their_token(client: Client) -> None:
    guest = replace(client, key_id=TEMPORARY_ID, secret=TEMPORARY_SECRET, token=TOKEN)
    assert guest.call("ListKeys")["TotalCount"] == 0
    assert guest.rpc("ListKeys", changed={"SecurityToken": TOKEN}).status_code == 200
    assert replace(guest, token="").refused("ListKeys") == (400, "InvalidSecurityToken.MismatchWithAccessKey")
    assert replace(guest, token="other").refused("ListKeys") == (400, "InvalidSecurityToken.MismatchWithAccessKey")


def test_a_refusal_tells_no_secret(client: Client) -> None:
    for response in (replace(client, secret="wrong").raw("ListKeys"), client.raw("DescribeKey", KeyId="x")):
        assert SECRET not in response.text


def test_the_region_comes_from_the_host(client: Client) -> None:
    headers = client.headers("CreateKey", {}, more={"host": "kms.cn-beijing.localhost"})
    arn = client.send(headers, {}).json()["KeyMetadata"]["Arn"]
    assert arn.startswith("acs:kms:cn-beijing:1000000000000001:key/")
    assert replace(client, region="cn-beijing").call("ListKeys")["TotalCount"] == 1
    assert replace(client, region="cn-beijing").rpc("ListKeys").json()["TotalCount"] == 1
    assert replace(client, region=REGION).call("ListKeys")["TotalCount"] == 0
