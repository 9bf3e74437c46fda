"""The private interface of an access point: its signature, and which calls take that door.

The vector was computed with two independent implementations of the scheme that
https://github.com/OneHundred86/laravel-sm-ctyunkms shows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests

from kms_resources.clouds import get_cloud
from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.ctyun.crypto import CtyunCrypto
from kms_resources.clouds.ctyun.gateway import AccessPointAuth, content_digest, request_date, sign
from kms_resources.crypto.words import Decrypted
from kms_resources.errors import CredentialsError, InputError, NotFoundError, RejectedError
from kms_resources.model import Gateway, KeyId, Source, SourceKind, Target
from tests.unit.clouds.ctyun.cloud import KEY_ID
from tests.unit.clouds.ctyun.test_convert import TARGET
from tests.unit.clouds.loopback import Answer, Loopback

KEY = KeyId(KEY_ID)
CREDENTIALS = Credentials("AKTEST0001", "SKTEST0001")
SECONDS = 1735758245.0
"""2025-01-02 03:04:05 in China."""
DATE = "Thu, 02 Jan 2025 03:04:05 CST"
FIELDS = {"plaintext": "aGVsbG8=", "cmkUuid": KEY_ID}
HMAC = "14+PzKGatp1B9vgr9hIPM7Q+fngzU/plUGjxHK0nwZE="
PUBLIC = {"CTYUN_AK": "AK-FAKE", "CTYUN_SK": "SK-FAKE"}
PRIVATE = {"CTYUN_ACCESS_POINT_AK": "AP-FAKE", "CTYUN_ACCESS_POINT_SK": "AP-SECRET-FAKE"}


def test_the_digest_and_the_hmac_equal_the_vector() -> None:
    assert content_digest(FIELDS, "AKTEST0001") == "tflUL3Fa03OHrti5l4H5dg=="
    assert sign(CREDENTIALS, FIELDS, DATE, "/keyCompute/encrypt") == HMAC


def test_the_date_is_chinas_wall_clock() -> None:
    assert request_date(SECONDS) == DATE


def test_the_auth_object_signs_the_bytes_that_are_sent() -> None:
    auth = AccessPointAuth(CREDENTIALS, now=lambda: SECONDS)
    body = b'{"cmkUuid": "%s", "plaintext": "aGVsbG8="}' % KEY_ID.encode()
    prepared = requests.Request("POST", "https://ap.example/keyCompute/encrypt", data=body, auth=auth).prepare()
    assert prepared.headers["accessKey"] == "AKTEST0001"
    assert prepared.headers["requestDate"] == DATE
    assert prepared.headers["hmac"] == HMAC


def test_truth_and_numbers_are_signed_as_json_writes_them() -> None:
    assert content_digest({"a": True, "b": False, "c": 7}, "k") == content_digest(
        {"a": "true", "b": "false", "c": "7"}, "k"
    )


@pytest.mark.parametrize("value", [{"a": "b"}, ["a"], None])
def test_nested_values_cannot_be_signed(value: object) -> None:
    with pytest.raises(InputError, match="the field x cannot go through an access point"):
        content_digest({"x": value}, "k")


def private(server: Loopback, *shared: str, suffix: str = "", **environ: str) -> tuple[Target, dict[str, str]]:
    target = replace(TARGET, gateway=Gateway("ap.example", shared=shared), credentials=suffix)
    return target, {"KMS_ENDPOINT_CTYUN": server.url, "KMS_ENDPOINT_CTYUN_ACCESS_POINT": server.url, **environ}


def connect(target: Target, environ: dict[str, str]) -> CtyunCrypto:
    open_client = get_cloud("ctyun").connect_crypto
    assert open_client is not None
    client = open_client(target, environ)
    assert isinstance(client, CtyunCrypto)
    return client


def answer(**data: Any) -> Answer:
    return Answer.of({"code": 200, "msg": "ok", "data": data})


def test_encrypt_decrypt_and_hmac_take_the_private_door(server: Loopback) -> None:
    client = connect(*private(server, **PUBLIC, **PRIVATE))
    server.script(answer(ciphertextBlob="b3A="), answer(plaintext="aGVsbG8="), answer(hmacoutput="ff"))
    assert client.encrypt(KEY, b"hello").blob == "b3A="
    assert client.decrypt("b3A=") == Decrypted(b"hello", KeyId(""))
    assert client.hmac(KEY, b"text") == b"\xff"
    assert [(request.path, request.json) for request in server.requests] == [
        ("/keyCompute/encrypt", {"cmkUuid": KEY_ID, "plaintext": "aGVsbG8="}),
        ("/keyCompute/decrypt", {"ciphertextBlob": "b3A="}),
        ("/get/hmaccompute", {"cmkUuid": KEY_ID, "input": "text"}),
    ]
    assert {request.headers["accesskey"] for request in server.requests} == {"AP-FAKE"}
    assert all("eop-authorization" not in request.headers for request in server.requests)
    assert "AP-SECRET-FAKE" not in str(server.requests)


def test_the_rest_takes_the_public_door(server: Loopback) -> None:
    client = connect(*private(server, **PUBLIC, **PRIVATE))
    server.script(answer(random="AAEC"))
    client.random(3)
    assert server.requests[0].path == "/v1/certificateCompute/generateRandom"
    assert server.requests[0].headers["eop-authorization"].startswith("AK-FAKE ")


@pytest.mark.parametrize("shared", ["*", "encrypt", "Encrypt"])
def test_shared_operations_take_the_public_door(server: Loopback, shared: str) -> None:
    client = connect(*private(server, shared, **PUBLIC, **PRIVATE))
    server.script(answer(ciphertextBlob="b3A="))
    client.encrypt(KEY, b"hello", {"a": "b"})
    assert server.requests[0].path == "/v1/keyCompute/encrypt"


def test_the_access_point_computes_sm3_of_a_text(server: Loopback) -> None:
    client = connect(*private(server, **PUBLIC, **PRIVATE))
    server.script(answer(output="AAEC"))
    assert client.message_digest(b"text") == b"\0\1\2"
    assert (server.requests[0].path, server.requests[0].json) == ("/get/messageDigest", {"input": "text"})


def test_call_takes_the_private_door_for_what_it_has(server: Loopback) -> None:
    client = connect(*private(server, **PUBLIC, **PRIVATE))
    server.script(answer(signatureValid=True))
    fields = {"algorithm": "SM2", "certificateId": "c", "message": "text", "signatureValue": "c2ln"}
    assert client.call("certificatePublicKeyVerifyForUsbKey", fields) == {"signatureValid": True}
    client.call("createKey", {"keySpec": "SM4", "keyUsage": "ENCRYPT/DECRYPT", "protectionLevel": "0"})
    client.call("listKeys", {})
    assert [request.path for request in server.requests] == [
        "/certificateCompute/certificatePublicKeyVerifyForUsbKey", "/cmkManage/createKey", "/v1/cmkManage/listKeys",
    ]  # fmt: skip


def test_what_only_an_access_point_has_is_refused_without_one(server: Loopback) -> None:
    client = connect(TARGET, {"KMS_ENDPOINT_CTYUN": server.url, **PUBLIC})
    with pytest.raises(RejectedError, match="only an access point"):
        client.call("messageDigest", {"input": "text"})


def test_a_context_is_refused_on_the_private_door(server: Loopback) -> None:
    client = connect(*private(server, **PUBLIC, **PRIVATE))
    with pytest.raises(RejectedError, match=r"takes no encryptionContext.*gateway\.shared"):
        client.encrypt(KEY, b"hello", {"a": "b"})
    assert server.requests == []


def test_a_target_with_private_credentials_only_works_as_far_as_they_reach(server: Loopback) -> None:
    client = connect(*private(server, **PRIVATE))
    server.script(answer(ciphertextBlob="b3A="))
    assert client.encrypt(KEY, b"hello").blob == "b3A="
    with pytest.raises(CredentialsError, match="CTYUN_AK and CTYUN_SK are not set"):
        client.random(3)
    refusal = {"code": 404, "errorCode": "KMS.9404", "msg": "no", "data": None}
    server.script(Answer.of(refusal, 404))
    with pytest.raises(NotFoundError):
        client.encrypt(KEY, b"hello")


def test_a_target_with_public_credentials_only_works_as_far_as_they_reach(server: Loopback) -> None:
    client = connect(*private(server, **PUBLIC))
    server.script(answer(random="AAEC"))
    assert client.random(3) == b"\0\1\2"
    with pytest.raises(CredentialsError, match="CTYUN_ACCESS_POINT_AK and CTYUN_ACCESS_POINT_SK are not set"):
        client.encrypt(KEY, b"hello")


def test_a_target_without_any_credentials_is_refused_at_once(server: Loopback) -> None:
    with pytest.raises(CredentialsError, match="CTYUN_AK and CTYUN_SK are not set"):
        connect(*private(server))


def test_a_suffix_selects_the_private_credentials_too(server: Loopback) -> None:
    suffixed = {f"{name}_PROD": value for name, value in PRIVATE.items()}
    client = connect(*private(server, suffix="PROD", **suffixed))
    server.script(answer(ciphertextBlob="b3A="))
    client.encrypt(KEY, b"hello")
    assert server.requests[0].headers["accesskey"] == "AP-FAKE"


def test_the_endpoint_of_the_stack_is_spoken_to_over_tls() -> None:
    target = replace(TARGET, gateway=Gateway("ap.example:8443"))
    client = connect(target, {**PUBLIC, **PRIVATE})
    assert client._private.url == "https://ap.example:8443"  # type: ignore[union-attr]


def test_a_gateway_without_any_endpoint_is_named_when_it_is_needed(server: Loopback) -> None:
    target = replace(TARGET, gateway=Gateway(""))
    client = connect(target, {**PUBLIC, **PRIVATE, "KMS_ENDPOINT_CTYUN": server.url})
    with pytest.raises(CredentialsError, match="KMS_ENDPOINT_CTYUN_ACCESS_POINT is not set"):
        client.encrypt(KEY, b"hello")


@pytest.mark.parametrize(
    "unused", [{"client_key": Source(SourceKind.ENV, "X")}, {"ca": Source(SourceKind.FILE, "x")}, {"ignore_ssl": True}]
)
def test_what_an_access_point_does_not_take_is_refused(unused: dict[str, Any]) -> None:
    target = replace(TARGET, gateway=Gateway("ap.example", **unused))
    with pytest.raises(InputError, match=f"gateway.{next(iter(unused))} is not possible here"):
        connect(target, {**PUBLIC, **PRIVATE})
