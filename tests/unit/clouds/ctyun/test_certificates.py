"""Certificates at CTYun against a scripted server."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from operator import methodcaller
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from kms_resources.clouds import get_cloud
from kms_resources.clouds.certificates import (
    CertificateContent,
    CertificateId,
    CertificateRequest,
    CertificateSettings,
    CertificateState,
)
from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.ctyun.api import RATES
from kms_resources.clouds.ctyun.certificates import CtyunCertificates
from kms_resources.clouds.transport import Transport
from kms_resources.crypto.words import Algorithm, MessageForm
from kms_resources.errors import InputError, KmsError, NotFoundError, RejectedError, UnclearError, WrongStateError
from kms_resources.model import Protection, Spec
from tests.unit.clouds.conftest import Naps
from tests.unit.clouds.ctyun.cloud import failure, success
from tests.unit.clouds.ctyun.test_convert import TARGET
from tests.unit.clouds.loopback import CUT, Loopback, Received

ID = CertificateId("474e569e-8814-474a-948b-dbcf6d853eff")
CANARY = "canary-8f2c1d"
SUBJECT = "CN=shop.example.com,O=Example,C=CN"
SETTINGS = CertificateSettings(Spec.RSA_2048, SUBJECT, ("shop.example.com", "*.example.com"))
SIGNATURE = encode_dss_signature(5, 7)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def row(**changed: Any) -> dict[str, Any]:
    return {
        "certificateId": ID,
        "createdAt": "2026-01-02T03:04:05Z",
        "updatedAt": "2026-01-03T03:04:05Z",
        "exportablePrivateKey": 1,
        "issuer": "CN=CA",
        "keySpec": "RSA_2048",
        "notAfter": "2027-01-02T03:04:05Z",
        "notBefore": "2026-01-02T03:04:05Z",
        "serial": "12345",
        "signatureAlgorithm": "SHA256withRSA",
        "status": 1,
        "subject": SUBJECT,
        "subjectAlternativeNames": '["shop.example.com", "*.example.com"]',
        "subjectKeyIdentifier": "ab cd ef gh",
        "subjectPublicKey": "-----BEGIN PUBLIC KEY-----",
        "keyUsage": "1",
    } | changed


@pytest.fixture
def client(server: Loopback, naps: Naps) -> CtyunCertificates:
    transport = Transport(where=f"target {TARGET.name}", rates=RATES, sleep=naps)
    return CtyunCertificates(TARGET, Credentials("AK-FAKE", "SK-FAKE"), server.url, transport)


def sent(server: Loopback) -> list[tuple[str, Any]]:
    return [(request.path, request.json) for request in server.requests]


RAW = {"certificateId": ID, "algorithm": "ECDSA_SHA_256", "messageType": "RAW", "message": b64(b"hello")}


@pytest.mark.parametrize(
    ("use", "path", "body", "answer", "result"),
    [
        pytest.param(
            lambda c: c.create_certificate(SETTINGS),
            "/v1/manageCertificate/createCertificate",
            {
                "keySpec": "RSA_2048", "subject": SUBJECT, "exportablePrivateKey": 0, "protectionLevel": "0",
                "subjectAlternativeNames": "['shop.example.com','*.example.com']",
            },
            {"certificateId": ID, "csr": "-----BEGIN"}, CertificateRequest(ID, "-----BEGIN"),
            id="create",
        ),
        pytest.param(
            lambda c: c.create_certificate(
                replace(SETTINGS, spec=Spec.SM2, names=(), exportable=True, protection=Protection.SOFTWARE)
            ),
            "/v1/manageCertificate/createCertificate",
            {
                "keySpec": "EC_SM2", "subject": SUBJECT, "exportablePrivateKey": 1, "protectionLevel": "1",
                "subjectAlternativeNames": "[]",
            },
            {"certificateId": ID, "csr": "-----BEGIN"}, CertificateRequest(ID, "-----BEGIN"),
            id="create another kind",
        ),
        pytest.param(
            lambda c: c.upload_certificate(ID, "CERT"),
            "/v1/manageCertificate/uploadCertificate", {"certificateId": ID, "certificate": "CERT"}, None, None,
            id="upload",
        ),
        pytest.param(
            lambda c: c.upload_certificate(ID, "CERT", "CHAIN"),
            "/v1/manageCertificate/uploadCertificate",
            {"certificateId": ID, "certificate": "CERT", "certificateChain": "CHAIN"}, None, None,
            id="upload with a chain",
        ),
        pytest.param(
            lambda c: c.import_pkcs12(b"\xff", "FAKE-WORD", exportable=True),
            "/v1/manageCertificate/importPkcs12Certificate",
            {"pkcs12Blob": "/w==", "passphrase": "FAKE-WORD", "exportablePrivateKey": 1, "protectionLevel": "0"},
            {"certificateId": ID}, ID,
            id="PKCS#12",
        ),
        pytest.param(
            lambda c: c.get_certificate(ID),
            "/v1/manageCertificate/getCertificate", {"certificateId": ID},
            {"certificateId": ID, "certificate": "CERT", "certificateChain": None, "csr": "CSR"},
            CertificateContent("CERT", "", "CSR"),
            id="get",
        ),
        *(
            pytest.param(
                methodcaller(f"{word}_certificate", ID),
                "/v1/manageCertificate/updateCertificateStatus", {"certificateId": ID, "status": status}, None, None,
                id=word,
            )
            for word, status in (("enable", 1), ("disable", 2), ("revoke", 3))
        ),
        pytest.param(
            lambda c: c.delete_certificate(ID),
            "/v1/manageCertificate/deleteCertificate", {"certificateId": ID}, {"requestId": "r"}, None,
            id="delete",
        ),
        pytest.param(
            lambda c: c.sign(ID, Algorithm.ECDSA_SHA_256, b"hello"),
            "/v1/certificateCompute/certificatePrivateKeySign", RAW, {"signatureValue": b64(SIGNATURE)}, SIGNATURE,
            id="sign",
        ),
        pytest.param(
            lambda c: c.verify(ID, Algorithm.ECDSA_SHA_256, b"hello", SIGNATURE, MessageForm.DIGEST),
            "/v1/certificateCompute/certificatePublicKeyVerify",
            RAW | {"messageType": "DIGEST", "signatureValue": b64(SIGNATURE)}, {"signatureValid": True}, True,
            id="verify",
        ),
        pytest.param(
            lambda c: c.encrypt(ID, Algorithm.RSAES_OAEP_SHA_256, b"hello"),
            "/v1/certificateCompute/certificatePublicKeyEncrypt",
            {"certificateId": ID, "algorithm": "RSAES_OAEP_SHA_256", "plaintext": b64(b"hello")},
            {"ciphertextBlob": b64(b"c")}, b"c",
            id="encrypt",
        ),
        pytest.param(
            lambda c: c.decrypt(ID, Algorithm.SM2PKE, b"c"),
            "/v1/certificateCompute/certificatePrivateKeyDecrypt",
            {"certificateId": ID, "algorithm": "SM2PKE", "ciphertextBlob": b64(b"c")},
            {"plaintext": b64(b"hello")}, b"hello",
            id="decrypt",
        ),
    ],
)  # fmt: skip
def test_an_act_is_one_call(
    client: CtyunCertificates,
    server: Loopback,
    *,
    use: Callable[[CtyunCertificates], Any],
    path: str,
    body: dict[str, Any],
    answer: Any,
    result: Any,
) -> None:
    server.script(success(answer))
    assert use(client) == result
    assert sent(server) == [(path, body)]


def test_a_certificate_goes_to_the_targets_instance(server: Loopback, naps: Naps) -> None:
    transport = Transport(where="target north", rates=RATES, sleep=naps)
    target = replace(TARGET, instance="ins-X63C8r")
    client = CtyunCertificates(target, Credentials("AK-FAKE", "SK-FAKE"), server.url, transport)
    server.script(success({"certificateId": ID, "csr": "CSR"}))
    client.create_certificate(SETTINGS)
    assert server.requests[0].json["instanceId"] == "ins-X63C8r"


def test_a_certificate_is_described_with_everything_the_cloud_tells(
    client: CtyunCertificates, server: Loopback
) -> None:
    server.script(success(row()))
    actual = client.describe_certificate(ID)
    assert actual.settings == replace(SETTINGS, exportable=True)
    assert (actual.state, actual.issuer, actual.serial) == (CertificateState.ENABLED, "CN=CA", "12345")
    assert (actual.not_before, actual.not_after) == ("2026-01-02T03:04:05Z", "2027-01-02T03:04:05Z")
    assert (actual.key_identifier, actual.public_key) == ("ab cd ef gh", "-----BEGIN PUBLIC KEY-----")


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({"status": 2}, CertificateState.DISABLED),
        ({"status": "3"}, CertificateState.REVOKED),
        ({"status": "ACTIVE"}, CertificateState.ENABLED),
        ({"status": 9}, CertificateState.UNKNOWN),
        ({"status": 9, "serial": ""}, CertificateState.PENDING),
    ],
)
def test_states_are_translated(
    client: CtyunCertificates, server: Loopback, changed: dict[str, Any], state: CertificateState
) -> None:
    server.script(success(row(**changed)))
    assert client.describe_certificate(ID).state is state


@pytest.mark.parametrize(
    "names", ["['a.example', 'b.example']", ["a.example", "b.example"], '["a.example","b.example"]']
)
def test_names_are_read_in_every_spelling(client: CtyunCertificates, server: Loopback, names: object) -> None:
    server.script(success(row(subjectAlternativeNames=names)))
    assert client.describe_certificate(ID).settings.names == ("a.example", "b.example")


@pytest.mark.parametrize("name", ["a'b", "a,b", "a b", 'a"', ""])
def test_a_name_that_would_break_the_text_is_refused(client: CtyunCertificates, server: Loopback, name: str) -> None:
    with pytest.raises(InputError, match="alternative name"):
        client.create_certificate(replace(SETTINGS, names=(name,)))
    assert server.requests == []


def test_an_answer_about_another_certificate_is_unclear(client: CtyunCertificates, server: Loopback) -> None:
    server.script(success(row(certificateId="other")))
    with pytest.raises(UnclearError, match=ID):
        client.describe_certificate(ID)


def test_a_kind_that_is_in_no_table_is_refused_and_left_out_of_listings(
    client: CtyunCertificates, server: Loopback
) -> None:
    foreign = row(keySpec="PQ_1")
    server.script(success(foreign), success({"totalCount": 1, "certificates": [foreign]}))
    with pytest.raises(RejectedError, match="unknown kind"):
        client.describe_certificate(ID)
    assert list(client.list_certificates()) == []


def test_a_row_that_tells_too_little_is_asked_for_by_itself(client: CtyunCertificates, server: Loopback) -> None:
    listed = [row(certificateId="whole"), {"certificateId": ID, "status": 1}]
    server.script(success({"totalCount": 2, "certificates": listed}), success(row()))
    assert [actual.id for actual in client.list_certificates()] == ["whole", ID]
    assert [path.rpartition("/")[2] for path, _body in sent(server)] == ["listCertificates", "describeCertificate"]


def test_a_404_is_a_wrong_state_when_the_certificate_is_there(client: CtyunCertificates, server: Loopback) -> None:
    def revoked(request: Received) -> Any:
        return success(row(status=3)) if request.path.endswith("describeCertificate") else failure(404)

    server.behaviour = revoked
    with pytest.raises(WrongStateError, match=f"certificate {ID} is Revoked"):
        client.enable_certificate(ID)


def test_a_404_is_not_found_when_it_is_not(client: CtyunCertificates, server: Loopback) -> None:
    server.script(failure(404))
    with pytest.raises(NotFoundError):
        client.delete_certificate(ID)
    with pytest.raises(NotFoundError):
        client.describe_certificate(ID)


def test_what_cannot_be_a_signature_is_none_without_asking(client: CtyunCertificates, server: Loopback) -> None:
    assert client.verify(ID, Algorithm.SM2DSA, b"hello", b"no DER") is False
    assert server.requests == []


def test_what_makes_or_destroys_is_sent_once(client: CtyunCertificates, server: Loopback) -> None:
    server.script(CUT)
    acts: list[Callable[[], object]] = [
        lambda: client.create_certificate(SETTINGS),
        lambda: client.upload_certificate(ID, "CERT"),
        lambda: client.import_pkcs12(b"x", "FAKE-WORD"),
        lambda: client.delete_certificate(ID),
    ]
    for act in acts:
        with pytest.raises(UnclearError, match="find out whether"):
            act()
    assert len(server.requests) == len(acts)


def test_no_error_holds_a_passphrase_or_a_message(client: CtyunCertificates, server: Loopback) -> None:
    server.script(failure(400, "KMS_9001", f"bad {CANARY}"))
    acts: list[Callable[[], object]] = [
        lambda: client.import_pkcs12(CANARY.encode(), "FAKE-WORD"),
        lambda: client.import_pkcs12(b"x", CANARY),
        lambda: client.sign(ID, Algorithm.SM2DSA, CANARY.encode()),
        lambda: client.encrypt(ID, Algorithm.SM2PKE, CANARY.encode()),
    ]
    for act in acts:
        with pytest.raises(KmsError) as caught:
            act()
        assert CANARY not in f"{caught.value}{vars(caught.value)}"


def test_the_cloud_connects_a_client_for_certificates() -> None:
    open_client = get_cloud("ctyun").connect_certificates
    assert open_client is not None
    assert open_client(TARGET, {"CTYUN_AK": "AK-FAKE", "CTYUN_SK": "SK-FAKE"}).target == TARGET
