"""The way to an instance: signature, address, trust in certificates, and what its errors are called."""

from __future__ import annotations

import base64
import hashlib
import ssl
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from requests import Request

from kms_resources.clouds.alibaba import gateway as module
from kms_resources.clouds.alibaba import messages
from kms_resources.clouds.alibaba.client_key import ClientKey, Settings
from kms_resources.clouds.alibaba.gateway import GatewayAuth, InstanceGateway, gateway_url, string_to_sign
from kms_resources.errors import (
    CloudError,
    CredentialsError,
    DeniedError,
    NotFoundError,
    RejectedError,
    ThrottledError,
    UnclearError,
    UnreachableError,
    WrongStateError,
)
from kms_resources.model import Gateway, Source, SourceKind, Target
from tests.unit.clouds.alibaba.doubles import CLIENT_KEY_ID, TARGET, private_key
from tests.unit.clouds.conftest import Naps
from tests.unit.clouds.loopback import CUT, Answer, Loopback

KEY = ClientKey(CLIENT_KEY_ID, private_key())
VECTOR_BODY = messages.encode(
    "AdvanceEncryptRequest",
    {
        "KeyId": "key-x",
        "Plaintext": b"aGVsbG8=",
        "Aad": b"8e85be58c1c372ac29fe7bfa80d8ddcbd04a4032c7b51c1c026d67c55b1ab23f",
    },
)
RANDOM = {"Length": 2}
OK = Answer(200, messages.encode("GenerateRandomResponse", {"Random": b"zz", "RequestId": "r"}))


def settings(endpoint: str, environ: Mapping[str, str] | None = None, **more: Any) -> Settings:
    return Settings(TARGET, Gateway(endpoint, **more), environ or {})


def refusal(status: int, code: str, message: str = "m") -> Answer:
    fields: messages.Fields = {"StatusCode": status, "ErrorCode": code, "ErrorMessage": message, "RequestId": "r-9"}
    return Answer(status, messages.encode("Error", fields))


@pytest.fixture
def instance(server: Loopback, naps: Naps) -> InstanceGateway:
    return InstanceGateway(settings(server.url), KEY, rest=naps)


def test_a_signed_request_is_that_of_the_vendors_package() -> None:
    # The string to sign was captured from the official package alibabacloud-dkms-gcs 1.0.2.
    headers = {
        "accept": "application/x-protobuf",
        "content-type": "application/x-protobuf",
        "x-kms-apiversion": "dkms-gcs-0.2",
        "x-kms-apiname": "AdvanceEncrypt",
        "x-kms-signaturemethod": "RSA_PKCS1_SHA_256",
    }
    request = Request("POST", "https://host.example/", headers=headers, data=VECTOR_BODY)
    signed = GatewayAuth(KEY, now=lambda: 1716186861.7)(request.prepare())
    assert signed.headers["content-sha256"] == "B1044DEFF682D0339B3731F57316E4D9158EB35606B6DBA7742E313B39DAE697"
    assert signed.headers["date"] == "Mon, 20 May 2024 06:34:21 GMT"
    assert signed.headers["x-kms-acccesskeyid"] == CLIENT_KEY_ID
    text = string_to_sign("POST", {name.lower(): str(value) for name, value in signed.headers.items()})
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert digest == "eea074a00a7c3dc0280eec776f1cce7e601f0930fcf4fbf821c7aabbe792d602"
    scheme, _, signature = str(signed.headers["authorization"]).partition(" ")
    assert scheme == "Bearer"
    private_key().public_key().verify(base64.b64decode(signature), text.encode(), PKCS1v15(), SHA256())


def test_every_attempt_is_signed_anew(instance: InstanceGateway, server: Loopback) -> None:
    server.script(refusal(429, "Rejected.Throttling"), CUT, refusal(500, "InternalFailure"), OK)
    assert instance.send("GenerateRandom", RANDOM)[0]["Random"] == b"zz"
    assert len(server.requests) == 4
    assert {request.path for request in server.requests} == {"/"}


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ("kst-x.cryptoservice.kms.aliyuncs.com", "https://kst-x.cryptoservice.kms.aliyuncs.com"),
        ("kst-x.example:8443", "https://kst-x.example:8443"),
        ("https://kst-x.example/", "https://kst-x.example"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_address_is_a_host_with_https_unless_it_is_this_machine(endpoint: str, url: str) -> None:
    assert gateway_url(settings(endpoint)) == url


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://kst-x.example",
        "http://127.0.0.1.example",
        "ftp://host",
        "https://me:canary@host",
        "host/path",
        "host?a=canary",
        "host:port",
        "https://",
    ],
)
def test_any_other_address_is_refused_without_showing_it(endpoint: str) -> None:
    with pytest.raises(CredentialsError, match="plain http is for this very machine only") as caught:
        gateway_url(settings(endpoint))
    assert "canary" not in str(caught.value)


def test_the_address_may_stand_in_a_variable() -> None:
    target = Target("t", "alibaba", "cn-hangzhou", credentials="PROD")
    environ = {"ALIBABA_KMS_GATEWAY": "other.example", "ALIBABA_KMS_GATEWAY_PROD": "mine.example"}
    assert gateway_url(Settings(target, Gateway(""), environ)) == "https://mine.example"
    with pytest.raises(CredentialsError, match="ALIBABA_KMS_GATEWAY_PROD is not set"):
        gateway_url(Settings(target, Gateway(""), {}))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(400, "InvalidApiName"), RejectedError),
        (refusal(400, "InvalidParam", "The Param Date is invalid."), DeniedError),
        (refusal(400, "RequestTimeTooSkewed"), DeniedError),
        (refusal(400, "InvalidParameter"), RejectedError),
        (refusal(400, "UnsupportedOperation"), RejectedError),
        (refusal(401, "SignatureNotMatch"), DeniedError),
        (refusal(404, "Unauthorized"), DeniedError),
        (refusal(403, "Forbidden.NoPermission"), DeniedError),
        (refusal(404, "Forbidden.KeyNotFound"), NotFoundError),
        (refusal(404, "Forbidden.ResourceNotFound"), NotFoundError),
        (refusal(409, "Rejected.Disabled"), WrongStateError),
        (refusal(429, "Rejected.Throttling"), ThrottledError),
        (Answer(429, b"<html>"), ThrottledError),
        (refusal(500, "InternalFailure"), UnclearError),
        (refusal(400, ""), UnclearError),
        (Answer(502, b"<html>"), UnclearError),
        (Answer(200, b"<html>"), UnclearError),
        (Answer(200, b""), UnclearError),
        (CUT, UnclearError),
        (Answer(302, headers={"Location": "https://elsewhere.example"}), RejectedError),
    ],
)
def test_every_refusal_has_its_class(
    instance: InstanceGateway, server: Loopback, answer: Answer, kind: type[CloudError]
) -> None:
    server.script(answer)
    with pytest.raises(CloudError) as caught:
        instance.send("GenerateRandom", RANDOM)
    assert type(caught.value) is kind
    assert caught.value.where == "target hangzhou (instance gateway)"


def test_a_message_that_quotes_the_plaintext_is_not_passed_on(instance: InstanceGateway, server: Loopback) -> None:
    server.script(refusal(400, "InvalidParameter", "bad value canary-plaintext"))
    with pytest.raises(RejectedError) as caught:
        instance.send("Encrypt", {"KeyId": "k", "Plaintext": b"canary-plaintext"}, b"canary-plaintext")
    assert "canary" not in str(caught.value)
    assert (caught.value.code, caught.value.request_id) == ("InvalidParameter", "r-9")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure(server: Loopback, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    loopback = Loopback(context)
    loopback.script(OK)
    yield loopback
    loopback.stop()


def pem(authority: trustme.CA) -> str:
    return authority.cert_pem.bytes().decode()


def asks(instance: InstanceGateway) -> bytes:
    found: bytes = instance.send("GenerateRandom", RANDOM)[0]["Random"]
    return found


def test_the_ca_may_be_a_file_or_a_text(
    secure: Loopback, authority: trustme.CA, naps: Naps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, other = tmp_path / "ca.pem", tmp_path / "other.pem"
    file.write_text(pem(authority))
    other.write_text(pem(trustme.CA()))
    # What the rest of this machine trusts has no say where the gateway names its CA.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other))
    for chosen in (
        settings(secure.url, ca=Source(SourceKind.FILE, str(file))),
        settings(secure.url, {"ALIBABA_KMS_CA_FILE": str(file)}),
        settings(secure.url, {"ALIBABA_KMS_CA": pem(authority)}),
    ):
        assert asks(InstanceGateway(chosen, KEY, rest=naps)) == b"zz"


def test_without_a_ca_the_machines_own_bundle_holds(
    secure: Loopback, authority: trustme.CA, naps: Naps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ca.pem"
    file.write_text(pem(authority))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    assert asks(InstanceGateway(settings(secure.url), KEY, rest=naps)) == b"zz"


@pytest.mark.parametrize("named", [True, False])
def test_an_unknown_certificate_is_refused_and_nothing_is_sent(secure: Loopback, naps: Naps, named: bool) -> None:
    chosen = settings(secure.url, {"ALIBABA_KMS_CA": pem(trustme.CA())} if named else {})
    with pytest.raises(UnreachableError, match="ALIBABA_KMS_CA_FILE"):
        asks(InstanceGateway(chosen, KEY, rest=naps))
    assert secure.requests == []


def test_a_certificate_of_another_host_is_refused(authority: trustme.CA, naps: Naps, server: Loopback) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.example").configure_cert(context)
    loopback = Loopback(context)
    try:
        with pytest.raises(UnreachableError):
            asks(InstanceGateway(settings(loopback.url, {"ALIBABA_KMS_CA": pem(authority)}), KEY, rest=naps))
    finally:
        loopback.stop()


@pytest.mark.parametrize("text", ["", "rubbish", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_ca_that_holds_no_certificate_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ca.pem"
    file.write_text(text)
    with pytest.raises(CredentialsError):
        InstanceGateway(settings("host", ca=Source(SourceKind.FILE, str(file))), KEY)


def test_ignore_ssl_checks_nothing_and_says_so_once(
    secure: Loopback, naps: Naps, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_said", set())
    for _ in range(2):
        instance = InstanceGateway(settings(secure.url, ignore_ssl=True), KEY, rest=naps)
        assert asks(instance) == asks(instance) == b"zz"
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("warning: target hangzhou: ignore_ssl is set")


def test_the_way_through_a_proxy_trusts_the_same() -> None:
    context = ssl.create_default_context()
    proxy = module._TrustAdapter(context).proxy_manager_for("http://127.0.0.1:9")
    assert proxy.connection_pool_kw["ssl_context"] is context


def test_a_gateway_that_is_not_there_is_tried_again_and_says_where_it_can_be_reached(naps: Naps) -> None:
    with pytest.raises(UnreachableError, match="from its own network only"):
        asks(InstanceGateway(settings("http://127.0.0.1:9"), KEY, rest=naps))
    assert len(naps.taken) == 2


def test_the_vendors_package_may_be_loaded_beside_ours() -> None:
    # Both would register messages of the same names in the library's common pool.
    from google.protobuf import descriptor_pool  # type: ignore[import-untyped]  # noqa: PLC0415

    assert "google.protobuf" in sys.modules
    with pytest.raises(KeyError):
        descriptor_pool.Default().FindMessageTypeByName("protobuf.AdvanceEncryptRequest")
