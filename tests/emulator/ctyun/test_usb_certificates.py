"""Certificates of USB keys: operations 50 to 54; the private keys are openssl's."""

from pathlib import Path
from typing import Any

import pytest

from tests.emulator.ctyun.support import SM2_USER, Client, b64, openssl
from tests.emulator.ctyun.test_access_point_calls import seeded

ENABLED, DISABLED, REVOKED = 1, 2, 3
UNKNOWN = "e961bd82-37ee-4c1f-a996-5cf37b4fbd01"
VERIFY = "/certificateCompute/certificatePublicKeyVerifyForUsbKey"
KINDS = {
    "SM2": ("EC", "ec_paramgen_curve:SM2", ("-sm3", "-sigopt", SM2_USER)),
    "RSA 2048": ("RSA", "rsa_keygen_bits:2048", ("-sha256",)),
}


def make(folder: Path, algorithm: str) -> tuple[Path, str]:
    """Private key and certificate of a USB key."""
    kind, option, how = KINDS[algorithm]
    key = folder / f"{kind}.key"
    openssl("genpkey", "-algorithm", kind, "-pkeyopt", option, "-out", key)
    return key, openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=user", "-days", "9", *how).decode()


def imported(client: Client, folder: Path, algorithm: str = "SM2") -> str:
    fields = {"algorithm": algorithm, "ukName": "key of a user", "cert": make(folder, algorithm)[1]}
    return str(client.call("importCertificateForUK", **fields)["ukId"])


@pytest.mark.parametrize("algorithm", list(KINDS))
def test_a_certificate_is_imported_described_and_deleted(client: Client, tmp_path: Path, algorithm: str) -> None:
    certificate = make(tmp_path, algorithm)[1]
    fields = {"algorithm": algorithm, "ukName": "key of a user", "cert": certificate}
    identifier = client.call("importCertificateForUK", **fields)["ukId"]
    entry = {"ukId": identifier, "ukName": "key of a user", "algorithm": algorithm, "status": ENABLED}
    assert client.call("describeCertificateForUK", ukId=identifier) == {**entry, "cert": certificate}
    assert client.call("listCertificatesForUK") == {"totalCount": 1, "certificates": [entry]}
    client.call("deleteCertificateForUK", ukId=identifier)
    assert client.call("listCertificatesForUK") == {"totalCount": 0, "certificates": []}


@pytest.mark.parametrize("algorithm", list(KINDS))
def test_a_signature_of_the_usb_key_is_verified(client: Client, tmp_path: Path, algorithm: str) -> None:
    key, certificate = make(tmp_path, algorithm)
    tenant = seeded(client)
    given = {"algorithm": algorithm, "ukName": "one", "cert": certificate}
    identifier = tenant.call("/manageCertificate/importCertificateForUK", **given)["ukId"]
    message = tmp_path / "message"
    message.write_text("转账 100")
    how = ("-digest", "sm3", "-pkeyopt", SM2_USER) if algorithm == "SM2" else ("-digest", "sha256")
    value = b64(openssl("pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", message, *how))
    fields = {"algorithm": algorithm, "certificateId": identifier, "signatureValue": value}
    assert tenant.call(VERIFY, **fields, message="转账 100") == {"signatureValid": True}
    assert tenant.call(VERIFY, **fields, message="转账 900") == {"signatureValid": False}
    client.call("updateCertificateStatusForUK", ukId=identifier, status=DISABLED)
    assert tenant.refused(VERIFY, **fields, message="转账 100") == (404, "KMS.9014")
    client.call("updateCertificateStatusForUK", ukId=identifier, status=REVOKED)
    assert tenant.call(VERIFY, **fields, message="转账 100") == {"signatureValid": True}


def test_verifying_checks_algorithm_and_size(client: Client, tmp_path: Path) -> None:
    fields = {"algorithm": "SM2", "certificateId": imported(client, tmp_path), "message": "x", "signatureValue": "AA=="}
    tenant = seeded(client)
    assert tenant.refused(VERIFY, **{**fields, "algorithm": "RSA 2048"}) == (400, "KMS.9034")
    assert tenant.refused(VERIFY, **{**fields, "algorithm": "RSA_2048"}) == (400, "KMS.9031")
    assert tenant.refused(VERIFY, **{**fields, "message": "x" * 4096}) == (400, "KMS.9031")
    assert tenant.refused(VERIFY, **{**fields, "certificateId": UNKNOWN}) == (404, "KMS.9006")


@pytest.mark.parametrize(("said", "real"), [("SM2", "RSA 2048"), ("RSA 2048", "SM2")])
def test_a_certificate_of_another_algorithm_is_refused(client: Client, tmp_path: Path, said: str, real: str) -> None:
    fields = {"algorithm": said, "ukName": "one", "cert": make(tmp_path, real)[1]}
    assert client.refused("importCertificateForUK", **fields) == (400, "KMS_9042")


@pytest.mark.parametrize(
    ("bad", "code"),
    [({"cert": "none"}, "KMS_9042"), ({"algorithm": "RSA_2048"}, "KMS_9031"), ({"ukName": "x" * 129}, "KMS_9031")],
)
def test_a_bad_value_imports_nothing(client: Client, tmp_path: Path, bad: dict[str, Any], code: str) -> None:
    fields = {"algorithm": "SM2", "ukName": "one", "cert": make(tmp_path, "SM2")[1], **bad}
    assert client.refused("importCertificateForUK", **fields) == (400, code)
    assert client.call("listCertificatesForUK")["totalCount"] == 0


def test_states_follow_the_rules_of_other_certificates(client: Client, tmp_path: Path) -> None:
    identifier = imported(client, tmp_path)
    for wanted in (DISABLED, ENABLED, REVOKED):
        client.call("updateCertificateStatusForUK", ukId=identifier, status=wanted)
        assert client.call("describeCertificateForUK", ukId=identifier)["status"] == wanted
    assert client.refused("updateCertificateStatusForUK", ukId=identifier, status=ENABLED) == (404, "KMS_9014")
    assert client.refused("updateCertificateStatusForUK", ukId=identifier, status=9) == (400, "KMS_9031")


@pytest.mark.parametrize(
    "operation", ["describeCertificateForUK", "deleteCertificateForUK", "updateCertificateStatusForUK"]
)
def test_an_unknown_certificate_is_refused(client: Client, operation: str) -> None:
    assert client.refused(operation, ukId=UNKNOWN, status=1) == (404, "KMS_9006")
