"""What the instance gateway checks before it works: headers, signature, date, client key; and how it refuses."""

import base64
import hashlib
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from kms_emulator.alibaba.gateway_signature import string_to_sign as string_of_server
from kms_emulator.emulator import Emulator
from tests.emulator.alibaba.gateway_support import (
    PROTOBUF,
    GatewayClient,
    access_point,
    client_key,
    decode,
    encode,
    refusal,
    string_to_sign,
)
from tests.emulator.alibaba.support import SOFTWARE, Client

# Captured from the package alibabacloud-dkms-gcs 1.0.2: the message, and the string to sign of the rule it follows.
BODY = encode({1: "key-x", 2: "aGVsbG8=", 4: hashlib.sha256(b"a=1&b=2").hexdigest()})
BODY_SHA256 = "B1044DEFF682D0339B3731F57316E4D9158EB35606B6DBA7742E313B39DAE697"
STRING_SHA256 = "eea074a00a7c3dc0280eec776f1cce7e601f0930fcf4fbf821c7aabbe792d602"
VECTOR = {
    "content-sha256": BODY_SHA256, "content-type": PROTOBUF, "date": "Mon, 20 May 2024 06:34:21 GMT",
    "x-kms-acccesskeyid": "KAAP.66abf237-63f6-4625-b8cf-47e1086e0000", "x-kms-apiname": "AdvanceEncrypt",
    "x-kms-apiversion": "dkms-gcs-0.2", "x-kms-signaturemethod": "RSA_PKCS1_SHA_256",
}  # fmt: skip
RANDOM = encode({1: 8})


def told(gateway: GatewayClient, headers: dict[str, str], body: bytes = RANDOM) -> tuple[int, str, str]:
    answer = refusal(gateway.send(headers, body))
    return answer.status, answer.code, answer.message


def test_the_string_to_sign_is_that_of_the_package() -> None:
    request = Request(EnvironBuilder(method="POST", path="/", headers=VECTOR, data=BODY).get_environ())
    assert len(BODY) == 83
    assert hashlib.sha256(BODY).hexdigest().upper() == BODY_SHA256
    assert hashlib.sha256(string_of_server(request).encode()).hexdigest() == STRING_SHA256
    assert hashlib.sha256(string_to_sign(VECTOR).encode()).hexdigest() == STRING_SHA256


@pytest.mark.parametrize("word", ["Bearer", "TOKEN"])
def test_both_words_before_the_signature_are_accepted(gateway: GatewayClient, word: str) -> None:
    headers = gateway.headers("GenerateRandom", RANDOM)
    headers["authorization"] = headers["authorization"].replace("Bearer", word)
    assert gateway.send(headers, RANDOM).status_code == 200


@pytest.mark.parametrize("name", ["x-kms-acccesskeyid", "x-kms-apiname", "x-kms-apiversion", "x-kms-signaturemethod",
                                  "content-sha256"])  # fmt: skip
def test_a_header_that_is_missing_is_named(gateway: GatewayClient, name: str) -> None:
    headers = gateway.headers("GenerateRandom", RANDOM)
    del headers[name]
    assert told(gateway, headers) == (400, "MissingParameter", f"The parameter {name} is required.")


def test_the_usual_spelling_of_the_access_key_header_is_not_seen(gateway: GatewayClient) -> None:
    headers = gateway.headers("GenerateRandom", RANDOM)
    headers["x-kms-accesskeyid"] = headers.pop("x-kms-acccesskeyid")
    assert told(gateway, headers)[:2] == (400, "MissingParameter")


def test_unknown_operations_and_versions_are_refused(gateway: GatewayClient) -> None:
    assert gateway.refused("CreateKey") == (400, "InvalidApiName")
    assert gateway.refused("GenerateRandom", {1: 8}, x_kms_apiversion="dkms-gcs-0.1") == (400, "InvalidApiVersion")


@pytest.mark.parametrize("date", ["", "yesterday", "2024-05-20T06:34:21Z", "Mon, 20 May 2024 06:34:21 +0000",
                                  "Mon, 99 May 2024 06:34:21 GMT"])  # fmt: skip
def test_a_date_of_another_form_is_refused_in_the_words_the_package_knows(gateway: GatewayClient, date: str) -> None:
    headers = gateway.headers("GenerateRandom", RANDOM, date=date)
    assert told(gateway, headers) == (400, "InvalidParam", "The Param Date is invalid.")


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer no/base64!", "Basic eA==", "Bearer a"])
def test_an_authorization_of_another_form_is_refused_in_the_words_the_package_knows(
    gateway: GatewayClient, authorization: str
) -> None:
    headers = {**gateway.headers("GenerateRandom", RANDOM), "authorization": authorization}
    assert told(gateway, headers) == (400, "InvalidParam", "The Param Authorization is invalid.")


def test_other_signature_methods_and_content_types_are_refused(gateway: GatewayClient) -> None:
    assert gateway.refused("GenerateRandom", {1: 8}, x_kms_signaturemethod="HMAC") == (400, "InvalidParam")
    assert gateway.refused("GenerateRandom", {1: 8}, content_type="application/json") == (400, "InvalidParam")


def test_only_post_to_the_root_is_a_request(gateway: GatewayClient) -> None:
    headers = gateway.headers("GenerateRandom", b"")
    for method, path in (("GET", "/"), ("POST", "/else")):
        answer = gateway.session.request(method, gateway.url + path, headers=headers, timeout=5)
        assert refusal(answer).code == "InvalidParam"


@pytest.mark.parametrize(
    "changed", [{"date": "Mon, 20 May 2024 06:34:21 GMT"}, {"x-kms-added": "more"}, {"x-kms-apiname": "Hash"}]
)
def test_the_signature_covers_the_headers(gateway: GatewayClient, changed: dict[str, str]) -> None:
    headers = {**gateway.headers("GenerateRandom", RANDOM), **changed}
    assert told(gateway, headers)[:2] == (401, "SignatureNotMatch")


def test_the_digest_covers_the_body(gateway: GatewayClient) -> None:
    headers = gateway.headers("GenerateRandom", RANDOM)
    assert told(gateway, headers, encode({1: 9}))[:2] == (401, "SignatureNotMatch")
    small = {**headers, "content-sha256": headers["content-sha256"].lower()}
    assert told(gateway, small)[:2] == (401, "SignatureNotMatch")


def test_the_key_of_another_client_does_not_sign(gateway: GatewayClient) -> None:
    gateway.key = rsa.generate_private_key(65537, 2048)
    assert gateway.refused("GenerateRandom", {1: 8}) == (401, "SignatureNotMatch")


@pytest.mark.parametrize("late", [-890, 890])
def test_a_date_within_15_minutes_is_good(gateway: GatewayClient, late: int) -> None:
    headers = gateway.headers("GenerateRandom", RANDOM, at=time.time() + late)
    assert gateway.send(headers, RANDOM).status_code == 200


@pytest.mark.parametrize("late", [-910, 910])
def test_a_date_beyond_15_minutes_is_refused(gateway: GatewayClient, late: int) -> None:
    headers = gateway.headers("GenerateRandom", RANDOM, at=time.time() + late)
    assert told(gateway, headers)[:2] == (400, "RequestTimeTooSkewed")


def test_a_request_can_be_sent_again_until_its_date_is_old(gateway: GatewayClient, client: Client) -> None:
    client.control("settings", {"signing_clock": "emulated"})
    headers = gateway.headers("GenerateRandom", RANDOM)
    # The protocol has no nonce, so nothing tells a repeated request from the first one.
    assert [gateway.send(headers, RANDOM).status_code for _ in range(2)] == [200, 200]
    client.advance(1000)
    assert told(gateway, headers)[:2] == (400, "RequestTimeTooSkewed")


def test_an_unknown_client_key_is_not_authorized(gateway: GatewayClient) -> None:
    gateway.key_id = "KAAP.00000000-0000-4000-8000-00000000ffff"
    assert gateway.refused("GenerateRandom", {1: 8}) == (404, "Unauthorized")


def test_a_client_key_is_good_between_its_dates_only(client: Client) -> None:
    access_point(client, "mine")
    now = time.time()
    stamps = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + seconds)) for seconds in (3600, 7200)]
    mine = client_key(client, "mine", NotBefore=stamps[0], NotAfter=stamps[1])
    assert mine.refused("GenerateRandom", {1: 8}) == (404, "Unauthorized")
    client.advance(3700)
    assert mine.call("GenerateRandom", {1: 8})[1]
    client.advance(3700)
    assert mine.refused("GenerateRandom", {1: 8}) == (404, "Unauthorized")


def test_a_body_that_is_no_message_is_refused(gateway: GatewayClient) -> None:
    broken = b"\x0a\xff"
    assert told(gateway, gateway.headers("GetPublicKey", broken), broken)[:2] == (400, "InvalidParameter")


def test_fields_that_are_not_known_are_skipped(gateway: GatewayClient) -> None:
    assert gateway.call("GenerateRandom", {1: 8, 99: b"new"})[1]


def test_fields_that_are_missing_are_named(gateway: GatewayClient, client: Client) -> None:
    key = client.key()
    for operation, fields, name in (
        ("AdvanceEncrypt", {2: b"x"}, "KeyId"), ("AdvanceEncrypt", {1: key}, "Plaintext"),
        ("Decrypt", {1: b"x"}, "KeyId"), ("Decrypt", {1: b"x", 2: key}, "Iv"), ("AdvanceDecrypt", {}, "CiphertextBlob"),
        ("Verify", {1: key, 5: b"x"}, "Signature"), ("GetSecretValue", {}, "SecretName"), ("Hash", {}, "Message"),
    ):  # fmt: skip
        answer = refusal(gateway.raw(operation, fields))  # type: ignore[arg-type]
        assert (answer.status, answer.code) == (400, "MissingParameter"), operation
        assert name in answer.message


def test_keys_that_do_not_exist_are_not_found(gateway: GatewayClient) -> None:
    answer = refusal(gateway.raw("AdvanceEncrypt", {1: "key-x", 2: b"x"}))
    assert (answer.status, answer.code, answer.message) == (
        404, "Forbidden.KeyNotFound", "The specified Key is not found.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"kind": "throttle"}, (429, "Rejected.Throttling")),
        ({"kind": "error_before", "status": 500}, (500, "InternalFailure")),
    ],
)
def test_faults_answer_in_the_form_of_the_gateway(
    gateway: GatewayClient, client: Client, rule: dict[str, object], expected: tuple[int, str]
) -> None:
    client.control("faults", {**rule, "cloud": "alibaba", "action": "GenerateRandom"})
    assert gateway.refused("GenerateRandom", {1: 8}) == expected


def test_neither_plaintexts_nor_passwords_reach_the_journal(gateway: GatewayClient, client: Client) -> None:
    canary = "canary-7f3b"
    key = client.key()
    made = gateway.call("AdvanceEncrypt", {1: key, 2: canary, 4: canary})
    assert isinstance(made[2], bytes)
    gateway.call("AdvanceDecrypt", {1: made[2], 4: canary})
    gateway.refused("Encrypt", {1: key, 2: canary, 3: canary})
    client.call("CreateSecret", SecretName="mine", VersionId="1", SecretData=canary, DKMSInstanceId=SOFTWARE)
    gateway.call("GetSecretValue", {1: "mine"})
    client.call("CreateClientKey", AapName="example-application", Password=f"{canary}-1")
    gateway.send(gateway.headers("Encrypt", canary.encode() * 3), canary.encode() * 3)
    journal = client.session.get(f"{client.url}/_emulator/journal", timeout=5)
    assert canary not in journal.text
    assert base64.b64encode(canary.encode()).decode()[:12] not in journal.text
    actions = [(entry["action"], entry["status"]) for entry in journal.json()["entries"]]
    assert ("AdvanceEncrypt", 200) in actions
    assert ("Encrypt", 400) in actions


def test_refusals_quote_no_plaintext(gateway: GatewayClient, client: Client) -> None:
    canary = b"canary-7f3b"
    key = client.key()
    for operation, fields in (
        ("Encrypt", {1: key, 2: canary, 5: canary}), ("AdvanceDecrypt", {1: canary}), ("KmsDecrypt", {1: canary}),
        ("Sign", {1: key, 4: canary}), ("GenerateDataKey", {1: key, 3: 99999, 4: canary}),
    ):  # fmt: skip
        response = gateway.raw(operation, fields)  # type: ignore[arg-type]
        assert response.status_code == 400, operation
        assert canary not in response.content


def test_the_answer_carries_the_id_that_the_journal_has(gateway: GatewayClient, client: Client) -> None:
    request = decode(gateway.raw("GenerateRandom", {1: 8}).content)[2]
    assert isinstance(request, bytes)
    entries = client.session.get(f"{client.url}/_emulator/journal", timeout=5).json()["entries"]
    assert entries[-1]["request_id"] == request.decode()


def test_the_seeded_client_key_stays_the_same_after_a_reset(
    gateway: GatewayClient, client: Client, emulator: Emulator
) -> None:
    client.control("reset", {})
    assert gateway.call("GenerateRandom", {1: 8})[1]
