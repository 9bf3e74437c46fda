"""Certificates of the older product, with an authority of the test's own and openssl as judges."""

import datetime
import hashlib
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.emulator.alibaba.support import Client, b64, openssl, tag_list, unb64

SUBJECT = "CN=app.example.com,OU=Payments,O=Example,C=CN"
INVALID, MISSING = (400, "InvalidParameter"), (400, "MissingParameter")
STATE = (400, "Rejected.InvalidRequest")
SPECS = ["RSA_2048", "EC_P256", "EC_SM2"]
DIGEST = hashlib.sha256(b"message").digest()
SIGNING = {"RSA_2048": "RSA_PKCS1_SHA_256", "EC_P256": "ECDSA_SHA_256", "EC_SM2": "SM2DSA"}
NAMES = ["app.example.com", "10.0.0.1", "ops@example.com"]


class Authority:
    """Signs what the emulator asks for."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test authority")])
        self.certificate = self._signed(self.name, self.key.public_key())

    def _signed(self, subject: x509.Name, public: Any) -> x509.Certificate:
        start = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(public)
            .serial_number(0x1234).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=3650))
            .sign(self.key, hashes.SHA256())
        )  # fmt: skip

    def sign(self, csr: str) -> str:
        request = x509.load_pem_x509_csr(csr.encode())
        assert request.is_signature_valid
        return pem(self._signed(request.subject, request.public_key()))


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def create(client: Client, spec: str = "EC_P256", **more: object) -> dict[str, Any]:
    return client.call("CreateCertificate", **{"Subject": SUBJECT, "KeySpec": spec, **more})


def active(client: Client, spec: str = "EC_P256") -> str:
    made = create(client, spec)
    client.call("UploadCertificate", CertificateId=made["CertificateId"], Certificate=Authority().sign(made["Csr"]))
    return str(made["CertificateId"])


def judged(request: Path, spec: str, *more: str) -> str:
    """What openssl says to a request; not every version tells a bad signature by its exit code."""
    sm2 = ["-vfyopt", "distid:1234567812345678"] if spec == "EC_SM2" else []
    arguments = ["openssl", "req", "-in", str(request), "-verify", "-noout", "-text", *sm2, *more]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=30)
    return done.stdout + done.stderr


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("names", [[], NAMES], ids=["bare", "named"])
def test_openssl_verifies_the_request(client: Client, tmp_path: Path, spec: str, names: list[str]) -> None:
    made = create(client, spec, SubjectAlternativeNames=names)
    (tmp_path / "request.pem").write_text(made["Csr"])
    told = judged(tmp_path / "request.pem", spec)
    assert "verify OK" in told
    spoiled = bytearray(unb64("".join(made["Csr"].splitlines()[1:-1])))
    spoiled[30] ^= 1
    (tmp_path / "spoiled.der").write_bytes(spoiled)
    assert "verify OK" not in judged(tmp_path / "spoiled.der", spec, "-inform", "DER")
    assert "Subject: C = CN, O = Example, OU = Payments, CN = app.example.com" in told
    for name in names:
        assert name in told
    (tmp_path / "public.pem").write_text(
        client.call("DescribeCertificate", CertificateId=made["CertificateId"])["SubjectPublicKey"]
    )
    public = openssl("req", "-in", str(tmp_path / "request.pem"), "-noout", "-pubkey")
    assert public == openssl("pkey", "-pubin", "-in", str(tmp_path / "public.pem"), "-pubout")


@pytest.mark.parametrize("spec", ["RSA_2048", "EC_P256"])
def test_a_certificate_made_of_the_request_is_taken(client: Client, spec: str) -> None:
    authority = Authority()
    made = create(client, spec)
    named = {"CertificateId": made["CertificateId"]}
    assert made["Arn"].endswith(f":certificate/{made['CertificateId']}")
    waiting = client.call("DescribeCertificate", **named)
    assert (waiting["Status"], waiting["Issuer"], waiting["NotAfter"]) == ("PENDING", "", "")
    signed = authority.sign(made["Csr"])
    client.call("UploadCertificate", **named, Certificate=signed, CertificateChain=pem(authority.certificate))
    told = client.call("DescribeCertificate", **named)
    assert {name: told[name] for name in ("Status", "Issuer", "Serial", "NotBefore", "NotAfter", "KeySpec")} == {
        "Status": "ACTIVE", "Issuer": "CN=test authority", "Serial": "1234", "NotBefore": "2024-01-01T00:00:00Z",
        "NotAfter": "2033-12-29T00:00:00Z", "KeySpec": spec,
    }  # fmt: skip
    assert told["Subject"] == SUBJECT
    found = client.call("GetCertificate", CertificateId=made["Arn"])
    assert (found["Certificate"], found["CertificateChain"]) == (signed, pem(authority.certificate))
    assert found["Csr"] == made["Csr"]


def test_a_certificate_of_an_sm2_key_is_taken(client: Client, tmp_path: Path) -> None:
    made = create(client, "EC_SM2")
    openssl("genpkey", "-algorithm", "SM2", "-out", str(tmp_path / "ca.key"))
    (tmp_path / "request.pem").write_text(made["Csr"])
    common = ["-days", "30", "-sm3", "-sigopt", "distid:1234567812345678"]
    openssl(
        "req", "-x509", "-key", str(tmp_path / "ca.key"), "-subj", "/CN=sm2 authority", "-out",
        str(tmp_path / "ca.pem"), *common,
    )  # fmt: skip
    signed = openssl(
        "x509", "-req", "-in", str(tmp_path / "request.pem"), "-CA", str(tmp_path / "ca.pem"), "-CAkey",
        str(tmp_path / "ca.key"), "-vfyopt", "distid:1234567812345678", *common,
    ).decode()  # fmt: skip
    named = {"CertificateId": made["CertificateId"]}
    client.call("UploadCertificate", **named, Certificate=signed, CertificateChain=(tmp_path / "ca.pem").read_text())
    told = client.call("DescribeCertificate", **named)
    assert (told["Status"], told["Issuer"]) == ("ACTIVE", "CN=sm2 authority")


def test_a_certificate_of_another_key_is_refused(client: Client) -> None:
    authority = Authority()
    made, other = create(client), create(client)
    named = {"CertificateId": made["CertificateId"]}
    assert client.refused("UploadCertificate", **named, Certificate=authority.sign(other["Csr"])) == INVALID
    signed = authority.sign(made["Csr"])
    stranger = pem(Authority().certificate)
    assert client.refused("UploadCertificate", **named, Certificate="no certificate") == INVALID
    assert client.refused("UploadCertificate", **named, Certificate=signed + stranger) == INVALID
    assert client.refused("UploadCertificate", **named, Certificate=signed, CertificateChain=signed) == INVALID
    assert client.refused("UploadCertificate", **named) == MISSING


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"Subject": "CN=app"}, INVALID), ({"Subject": "app"}, INVALID), ({"Subject": ""}, MISSING),
        ({"KeySpec": ""}, MISSING), ({"KeySpec": "RSA_4096"}, INVALID),
        ({"SubjectAlternativeNames": ["a.example.com"] * 11}, INVALID), ({"SubjectAlternativeNames": [1]}, INVALID),
        ({"SubjectAlternativeNames": ["ä.example.com"]}, INVALID), ({"ExportablePrivateKey": "maybe"}, INVALID),
    ],
    ids=str,
)  # fmt: skip
def test_a_bad_request_for_a_certificate_is_refused(
    client: Client, given: dict[str, object], refusal: tuple[int, str]
) -> None:
    assert client.refused("CreateCertificate", **{"Subject": SUBJECT, "KeySpec": "EC_P256", **given}) == refusal


def test_sm2_certificates_exist_in_mainland_regions_only(client: Client) -> None:
    abroad = replace(client, region="ap-southeast-1")
    refusal = abroad.refused("CreateCertificate", Subject=SUBJECT, KeySpec="EC_SM2")
    assert refusal == (400, "UnsupportedOperation")


@pytest.mark.parametrize("spec", ["RSA_2048", "EC_P256"])
@pytest.mark.parametrize("kind", ["RAW", "DIGEST"])
def test_the_key_of_a_certificate_signs(client: Client, spec: str, kind: str) -> None:
    given = {"CertificateId": active(client, spec), "Algorithm": SIGNING[spec], "MessageType": kind}
    message = b64(b"message" if kind == "RAW" else DIGEST)
    made = client.call("CertificatePrivateKeySign", **given, Message=message)["SignatureValue"]
    verify = "CertificatePublicKeyVerify"
    # A message and its digest have the same signature.
    for form, text in (("RAW", b"message"), ("DIGEST", DIGEST)):
        checked = {**given, "MessageType": form, "Message": b64(text), "SignatureValue": made}
        assert client.call(verify, **checked)["SignatureValid"] is True
    other = client.call(verify, **{**given, "MessageType": "RAW"}, Message=b64(b"other"), SignatureValue=made)
    assert other["SignatureValid"] is False


def test_messages_have_four_kilobytes_and_digests_32_bytes(client: Client) -> None:
    given = {"CertificateId": active(client), "Algorithm": "ECDSA_SHA_256"}
    action = "CertificatePrivateKeySign"
    client.call(action, **given, MessageType="RAW", Message=b64(b"x" * 4096))
    assert client.refused(action, **given, MessageType="RAW", Message=b64(b"x" * 4097)) == INVALID
    assert client.refused(action, **given, MessageType="DIGEST", Message=b64(b"x")) == INVALID
    assert client.refused(action, **given, MessageType="TEXT", Message=b64(b"x")) == INVALID
    assert client.refused(action, **given, Message=b64(b"x")) == MISSING
    wrong = {**given, "Algorithm": "RSA_PSS_SHA_256"}
    assert client.refused(action, **wrong, MessageType="RAW", Message=b64(b"x")) == INVALID


def test_the_key_of_a_certificate_decrypts(client: Client) -> None:
    given = {"CertificateId": active(client, "RSA_2048"), "Algorithm": "RSAES_OAEP_SHA_256"}
    sealed = client.call("CertificatePublicKeyEncrypt", **given, Plaintext=b64(b"x" * 190))["CiphertextBlob"]
    opened = client.call("CertificatePrivateKeyDecrypt", **given, CiphertextBlob=sealed)
    assert unb64(opened["Plaintext"]) == b"x" * 190
    assert client.refused("CertificatePublicKeyEncrypt", **given, Plaintext=b64(b"x" * 191)) == INVALID
    assert client.refused("CertificatePrivateKeyDecrypt", **given, CiphertextBlob=b64(b"x" * 256)) == INVALID
    elliptic = {"CertificateId": active(client), "Algorithm": "RSAES_OAEP_SHA_256"}
    assert client.refused("CertificatePublicKeyEncrypt", **elliptic, Plaintext=b64(b"x")) == INVALID


@pytest.mark.parametrize("disabled", ["DISABLE", "DISABLED", "INACTIVE"])
def test_only_active_certificates_are_used(client: Client, disabled: str) -> None:
    named = {"CertificateId": active(client)}
    given = {**named, "Algorithm": "ECDSA_SHA_256", "MessageType": "RAW", "Message": b64(b"message")}
    client.call("UpdateCertificateStatus", **named, Status=disabled)
    assert client.call("DescribeCertificate", **named)["Status"] == "INACTIVE"
    assert client.refused("CertificatePrivateKeySign", **given) == STATE
    client.call("UpdateCertificateStatus", **named, Status="ACTIVE")
    assert client.call("CertificatePrivateKeySign", **given)["CertificateId"] == named["CertificateId"]
    client.call("UpdateCertificateStatus", **named, Status="REVOKED")
    assert client.refused("UpdateCertificateStatus", **named, Status="ACTIVE") == STATE
    assert client.refused("CertificatePrivateKeySign", **given) == STATE
    csr = client.call("GetCertificate", **named)["Csr"]
    assert client.refused("UploadCertificate", **named, Certificate=Authority().sign(csr)) == STATE


def test_a_certificate_that_is_not_there_yet_has_no_other_status(client: Client) -> None:
    named = {"CertificateId": create(client)["CertificateId"]}
    assert client.refused("UpdateCertificateStatus", **named, Status="ACTIVE") == STATE
    assert client.refused("UpdateCertificateStatus", **named, Status="PENDING") == INVALID
    assert client.refused("UpdateCertificateStatus", **named) == MISSING


def test_a_certificate_is_deleted_at_once(client: Client) -> None:
    named = {"CertificateId": active(client)}
    client.call("DeleteCertificate", **named)
    for action in ("DescribeCertificate", "GetCertificate", "DeleteCertificate"):
        assert client.refused(action, **named) == (404, "Certificate.NotFound")


def test_a_certificate_has_tags(client: Client) -> None:
    named = {"CertificateId": create(client)["CertificateId"]}
    client.call("TagResource", **named, Tags=tag_list(a="1", b="2"))
    client.call("UntagResource", **named, TagKeys=["a"])
    assert client.call("DescribeCertificate", **named)["Tags"] == {"b": "2"}


def test_private_keys_and_plaintexts_are_not_in_the_journal(client: Client) -> None:
    given = {"CertificateId": active(client, "RSA_2048"), "Algorithm": "RSAES_OAEP_SHA_256"}
    sealed = client.call("CertificatePublicKeyEncrypt", **given, Plaintext=b64(b"canary-plaintext"))
    client.call("CertificatePrivateKeyDecrypt", **given, CiphertextBlob=sealed["CiphertextBlob"])
    journal = client.session.get(f"{client.url}/_emulator/journal", timeout=10).text
    assert b64(b"canary-plaintext") not in journal
    assert sealed["CiphertextBlob"] not in journal
    assert given["CertificateId"] in journal
