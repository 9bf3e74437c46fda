"""Certificates: operations 36 to 49, with openssl as the certificate authority."""

import hashlib
import json
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.emulator.ctyun.support import SM2_USER, Client, b64, openssl, sm2_digest

PENDING, ENABLED, DISABLED, REVOKED = 0, 1, 2, 3
SUBJECT = "CN=test1.example.com,C=CN,ST=GD,O=Example,L=GZ,OU=IT,E=admin@example.com"
NAMES = "['test1.example.com', '192.0.2.1']"
SPECS = ["RSA_2048", "EC_P256", "EC_SM2"]
ALGORITHM = {"RSA_2048": "RSA_PSS_SHA_256", "EC_P256": "ECDSA_SHA_256", "EC_SM2": "SM2DSA"}
UNKNOWN = "e961bd82-37ee-4c1f-a996-5cf37b4fbd01"


def create(client: Client, spec: str = "EC_P256", **more: Any) -> dict[str, Any]:
    fields = {
        "keySpec": spec, "subject": SUBJECT, "subjectAlternativeNames": NAMES, "exportablePrivateKey": 1,
        "protectionLevel": "1", **more,
    }  # fmt: skip
    return client.call("createCertificate", **fields)


def authority(folder: Path, spec: str) -> tuple[Path, Path]:
    """Key and certificate of an authority; for SM2 it signs with SM2."""
    key, certificate = folder / "ca.key", folder / "ca.pem"
    curve = "SM2" if spec == "EC_SM2" else "P-256"
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-out", key)
    how = ("-sm3", "-sigopt", SM2_USER) if spec == "EC_SM2" else ()
    openssl("req", "-x509", "-new", "-key", key, "-subj", "/CN=Example CA", "-days", "30", "-out", certificate, *how)
    return key, certificate


def signed(folder: Path, csr: str, spec: str = "EC_P256") -> str:
    """The certificate that an authority gives for a request."""
    key, certificate = authority(folder, spec)
    request = folder / "request.pem"
    request.write_text(csr)
    how = ("-sm3", "-sigopt", SM2_USER, "-vfyopt", SM2_USER) if spec == "EC_SM2" else ()
    made = openssl(
        "x509", "-req", "-in", request, "-CA", certificate, "-CAkey", key, "-days", "10", "-set_serial", "12345", *how
    )
    return made.decode()


def enabled(client: Client, folder: Path, spec: str = "EC_P256", **more: Any) -> str:
    """A certificate that was signed and uploaded."""
    made = create(client, spec, **more)
    client.call("uploadCertificate", certificateId=made["certificateId"], certificate=signed(folder, made["csr"], spec))
    return str(made["certificateId"])


def status(client: Client, certificate: str) -> int:
    return int(client.call("describeCertificate", certificateId=certificate)["status"])


def set_status(client: Client, certificate: str, wanted: int) -> None:
    client.call("updateCertificateStatus", certificateId=certificate, status=wanted)


@pytest.mark.parametrize("spec", [*SPECS, "RSA_3072"])
def test_a_request_is_signed_with_its_key(client: Client, tmp_path: Path, spec: str) -> None:
    request = tmp_path / "request.pem"
    request.write_text(create(client, spec)["csr"])
    how = ("-vfyopt", SM2_USER) if spec == "EC_SM2" else ()
    text = openssl("req", "-verify", "-in", request, "-noout", "-text", "-nameopt", "RFC2253,utf8", *how).decode()
    assert "DNS:test1.example.com, IP Address:192.0.2.1" in text
    for part in SUBJECT.replace("E=", "emailAddress=").split(","):
        assert part in text


def test_a_request_without_alternative_names_is_good_too(client: Client, tmp_path: Path) -> None:
    request = tmp_path / "request.pem"
    request.write_text(create(client, subjectAlternativeNames="[]")["csr"])
    assert b"Alternative" not in openssl("req", "-verify", "-in", request, "-noout", "-text")


@pytest.mark.parametrize("spec", SPECS)
def test_the_signed_certificate_is_described(client: Client, tmp_path: Path, spec: str) -> None:
    made = create(client, spec)
    identifier = made["certificateId"]
    before = client.call("describeCertificate", certificateId=identifier)
    assert (before["status"], "issuer" in before) == (PENDING, False)
    client.call("uploadCertificate", certificateId=identifier, certificate=signed(tmp_path, made["csr"], spec))
    found = client.call("describeCertificate", certificateId=identifier)
    assert set(found) == {
        "certificateId", "createdAt", "updatedAt", "exportablePrivateKey", "issuer", "keySpec", "notAfter", "notBefore",
        "serial", "signatureAlgorithm", "status", "subject", "subjectAlternativeNames", "subjectKeyIdentifier",
        "subjectPublicKey", "keyUsage",
    }  # fmt: skip
    assert (found["status"], found["issuer"], found["serial"]) == (ENABLED, "CN=Example CA", "12345")
    assert (found["keySpec"], found["exportablePrivateKey"], found["keyUsage"]) == (spec, 1, "1")
    assert sorted(found["subject"].split(",")) == sorted(SUBJECT.split(","))
    assert found["signatureAlgorithm"] == ("SM3WITHSM2" if spec == "EC_SM2" else "SHA256WITHECDSA")
    assert len(found["subjectKeyIdentifier"].split(" ")) == 20


@pytest.mark.parametrize("spec", SPECS)
def test_the_public_key_described_is_that_of_the_request(client: Client, tmp_path: Path, spec: str) -> None:
    made = create(client, spec)
    request = tmp_path / "request.pem"
    request.write_text(made["csr"])
    found = client.call("describeCertificate", certificateId=made["certificateId"])
    assert found["subjectPublicKey"] == openssl("req", "-in", request, "-noout", "-pubkey").decode()


def test_a_certificate_and_its_parts_can_be_fetched(client: Client, tmp_path: Path) -> None:
    made = create(client)
    identifier = made["certificateId"]
    assert client.call("getCertificate", certificateId=identifier) == made
    certificate = signed(tmp_path, made["csr"])
    chain = (tmp_path / "ca.pem").read_text()
    client.call("uploadCertificate", certificateId=identifier, certificate=certificate, certificateChain=chain)
    assert client.call("getCertificate", certificateId=identifier) == {
        **made, "certificate": certificate, "certificateChain": chain,
    }  # fmt: skip


@pytest.mark.parametrize("spec", SPECS)
def test_a_certificate_of_another_key_is_refused(client: Client, tmp_path: Path, spec: str) -> None:
    one, other = create(client, spec), create(client, spec)
    fields = {"certificateId": one["certificateId"], "certificate": signed(tmp_path, other["csr"], spec)}
    assert client.refused("uploadCertificate", **fields) == (400, "KMS_9043")
    assert status(client, one["certificateId"]) == PENDING


def test_what_is_no_certificate_is_refused(client: Client, tmp_path: Path) -> None:
    made = create(client)
    names = {"certificateId": made["certificateId"]}
    assert client.refused("uploadCertificate", **names, certificate=made["csr"]) == (400, "KMS_9042")
    bad = {"certificate": signed(tmp_path, made["csr"]), "certificateChain": "none"}
    assert client.refused("uploadCertificate", **names, **bad) == (400, "KMS_9042")
    assert status(client, made["certificateId"]) == PENDING


def test_a_certificate_is_uploaded_once(client: Client, tmp_path: Path) -> None:
    made = create(client)
    fields = {"certificateId": made["certificateId"], "certificate": signed(tmp_path, made["csr"])}
    client.call("uploadCertificate", **fields)
    assert client.refused("uploadCertificate", **fields) == (404, "KMS_9014")


def test_states_change_by_the_rules(client: Client, tmp_path: Path) -> None:
    certificate = enabled(client, tmp_path)
    for wanted in (DISABLED, DISABLED, ENABLED, ENABLED, DISABLED, REVOKED, REVOKED):
        set_status(client, certificate, wanted)
        assert status(client, certificate) == wanted
    for wanted in (ENABLED, DISABLED):
        fields = {"certificateId": certificate, "status": wanted}
        assert client.refused("updateCertificateStatus", **fields) == (404, "KMS_9014")
    assert "issuer" in client.call("describeCertificate", certificateId=certificate)  # the data stay
    client.call("deleteCertificate", certificateId=certificate)
    assert client.refused("describeCertificate", certificateId=certificate) == (404, "KMS_9006")


@pytest.mark.parametrize("wanted", [0, 4, -1])
def test_other_states_cannot_be_set(client: Client, tmp_path: Path, wanted: int) -> None:
    fields = {"certificateId": enabled(client, tmp_path), "status": wanted}
    assert client.refused("updateCertificateStatus", **fields) == (400, "KMS_9031")


def test_a_certificate_that_is_not_signed_yet_has_no_other_state(client: Client) -> None:
    fields = {"certificateId": create(client)["certificateId"], "status": DISABLED}
    assert client.refused("updateCertificateStatus", **fields) == (404, "KMS_9014")


def test_deletion_answers_with_a_request_id_only(client: Client) -> None:
    content = client.raw("deleteCertificate", certificateId=create(client)["certificateId"]).json()
    assert (content["message"], set(content["returnObj"])) == ("删除证书成功", {"requestId"})


def test_certificates_are_listed_and_filtered_in_pages(client: Client, tmp_path: Path) -> None:
    first = enabled(client, tmp_path)
    others = [create(client, "EC_SM2")["certificateId"] for _ in range(2)]
    page = client.call("listCertificates", pageSize=2)
    assert (page["totalCount"], [entry["certificateId"] for entry in page["certificates"]]) == (3, [first, others[0]])
    for fields, expected in (
        ({"status": PENDING}, others), ({"keySpec": "EC_P256"}, [first]), ({"status": 1, "keySpec": "EC_SM2"}, []),
    ):  # fmt: skip
        found = client.call("listCertificates", **fields)
        assert [entry["certificateId"] for entry in found["certificates"]] == expected


@pytest.mark.parametrize(
    "bad",
    [{"keySpec": "EC_P256K"}, {"subject": "nothing"}, {"subject": "CN=a,C=China"},
     {"subject": "E=测试@example.com"}, {"protectionLevel": "7"},
     {"exportablePrivateKey": 2}, {"subjectAlternativeNames": "test1.example.com"},
     {"subjectAlternativeNames": "[1]"}, {"subjectAlternativeNames": "['测试']"}],
)  # fmt: skip
def test_a_request_with_a_bad_value_makes_nothing(client: Client, bad: dict[str, Any]) -> None:
    fields = {
        "keySpec": "EC_P256", "subject": SUBJECT, "subjectAlternativeNames": NAMES, "exportablePrivateKey": 0,
        "protectionLevel": "1", **bad,
    }  # fmt: skip
    assert client.refused("createCertificate", **fields) == (400, "KMS_9031")
    assert client.call("listCertificates")["totalCount"] == 0


def test_a_request_in_an_unknown_instance_is_refused(client: Client) -> None:
    fields = {
        "keySpec": "EC_P256", "subject": SUBJECT, "subjectAlternativeNames": NAMES, "exportablePrivateKey": 0,
        "protectionLevel": "1", "instanceId": "ins-none",
    }  # fmt: skip
    assert client.refused("createCertificate", **fields) == (404, "KMS_9005")


ON_A_CERTIFICATE: dict[str, dict[str, Any]] = {
    "uploadCertificate": {"certificate": "x"},
    "describeCertificate": {},
    "updateCertificateStatus": {"status": 1},
    "getCertificate": {},
    "exportCertificatePrivateKey": {"passphrase": "example-passphrase"},
    "deleteCertificate": {},
    "certificatePrivateKeySign": {"algorithm": "ECDSA_SHA_256", "messageType": "RAW", "message": "AA=="},
    "certificatePublicKeyVerify": {
        "algorithm": "ECDSA_SHA_256", "messageType": "RAW", "message": "AA==", "signatureValue": "AA==",
    },
    "certificatePublicKeyEncrypt": {"algorithm": "SM2PKE", "plaintext": "AA=="},
    "certificatePrivateKeyDecrypt": {"algorithm": "SM2PKE", "ciphertextBlob": "AA=="},
}  # fmt: skip


@pytest.mark.parametrize("operation", list(ON_A_CERTIFICATE))
def test_an_unknown_certificate_is_refused(client: Client, operation: str) -> None:
    fields = {"certificateId": UNKNOWN, **ON_A_CERTIFICATE[operation]}
    assert client.refused(operation, **fields) == (404, "KMS_9006")


@pytest.mark.parametrize("spec", SPECS)
def test_an_exported_key_opens_with_the_passphrase_only(client: Client, tmp_path: Path, spec: str) -> None:
    made = create(client, spec)
    fields = {"certificateId": made["certificateId"], "passphrase": "example-passphrase"}
    private, wrong = tmp_path / "private.pem", "pass:another"
    private.write_text(client.call("exportCertificatePrivateKey", **fields)["privateKey"])
    assert "ENCRYPTED PRIVATE KEY" in private.read_text()
    public = openssl("pkey", "-in", private, "-passin", "pass:example-passphrase", "-pubout").decode()
    described = client.call("describeCertificate", certificateId=made["certificateId"])
    assert public == described["subjectPublicKey"]
    with pytest.raises(AssertionError):
        openssl("pkey", "-in", private, "-passin", wrong, "-pubout")


def test_a_key_is_not_exported_unless_allowed_nor_without_a_passphrase(client: Client) -> None:
    closed = create(client, exportablePrivateKey=0)["certificateId"]
    fields = {"certificateId": closed, "passphrase": "example-passphrase"}
    assert client.refused("exportCertificatePrivateKey", **fields) == (404, "KMS_9015")
    opened = create(client)["certificateId"]
    assert client.refused("exportCertificatePrivateKey", certificateId=opened) == (400, "KMS_0101")


def pkcs12_file(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    """A PKCS#12 file with a certificate that the key signed itself."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "imported")])
    made = x509.CertificateBuilder(
        name, name, key.public_key(), 7, datetime(2025, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC)
    ).sign(key, hashes.SHA256())
    encryption = serialization.BestAvailableEncryption(b"example-passphrase")
    return b64(pkcs12.serialize_key_and_certificates(b"name", key, made, None, encryption))


@pytest.mark.parametrize("spec", ["RSA_2048", "EC_P256"])
def test_a_pkcs12_file_brings_certificate_and_key(client: Client, spec: str) -> None:
    key = rsa.generate_private_key(65537, 2048) if spec == "RSA_2048" else ec.generate_private_key(ec.SECP256R1())
    fields = {"pkcs12Blob": pkcs12_file(key), "passphrase": "example-passphrase"}
    made = client.call("importPkcs12Certificate", **fields)
    found = client.call("describeCertificate", certificateId=made["certificateId"])
    assert (found["keySpec"], found["status"], found["serial"]) == (spec, ENABLED, "7")
    assert (found["subject"], found["exportablePrivateKey"]) == ("CN=imported", 0)
    use = {
        "certificateId": made["certificateId"],
        "algorithm": ALGORITHM[spec],
        "messageType": "RAW",
        "message": "AA==",
    }
    value = b64decode(client.call("certificatePrivateKeySign", **use)["signatureValue"])
    public = key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        public.verify(value, b"\0", padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    else:
        public.verify(value, b"\0", ec.ECDSA(hashes.SHA256()))


def test_a_pkcs12_file_with_an_sm2_key_is_refused(client: Client, tmp_path: Path) -> None:
    key, certificate = authority(tmp_path, "EC_SM2")
    how = ("-inkey", key, "-in", certificate, "-passout", "pass:example-passphrase")
    blob = b64(openssl("pkcs12", "-export", *how))
    fields = {"pkcs12Blob": blob, "passphrase": "example-passphrase"}
    assert client.refused("importPkcs12Certificate", **fields) == (400, "KMS_9044")


@pytest.mark.parametrize("case", ["passphrase", "content", "base64", "curve"])
def test_a_pkcs12_file_that_cannot_be_used_is_refused(client: Client, case: str) -> None:
    key = ec.generate_private_key(ec.SECP384R1() if case == "curve" else ec.SECP256R1())
    fields = {"pkcs12Blob": pkcs12_file(key), "passphrase": "example-passphrase"}
    fields |= {"passphrase": {"passphrase": "other"}, "content": {"pkcs12Blob": b64(b"none")},
               "base64": {"pkcs12Blob": "no base64"}}.get(case, {})  # fmt: skip
    code = "KMS_9031" if case == "base64" else "KMS_9044"
    assert client.refused("importPkcs12Certificate", **fields) == (400, code)
    assert client.call("listCertificates")["totalCount"] == 0


@pytest.mark.parametrize("spec", SPECS)
def test_a_signature_over_a_message_is_verified_by_openssl(client: Client, tmp_path: Path, spec: str) -> None:
    certificate = enabled(client, tmp_path, spec)
    use = {"certificateId": certificate, "algorithm": ALGORITHM[spec], "messageType": "RAW", "message": b64(b"message")}
    value = client.call("certificatePrivateKeySign", **use)["signatureValue"]
    public, message, signature = (tmp_path / name for name in ("public.pem", "message", "signature"))
    public.write_text(client.call("describeCertificate", certificateId=certificate)["subjectPublicKey"])
    message.write_bytes(b"message")
    signature.write_bytes(b64decode(value))
    how = {
        "RSA_2048": ("-digest", "sha256", "-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:32"),
        "EC_P256": ("-digest", "sha256"), "EC_SM2": ("-digest", "sm3", "-pkeyopt", SM2_USER),
    }[spec]  # fmt: skip
    files = ("-in", message, "-sigfile", signature)
    assert b"Success" in openssl("pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", *how, *files)
    expected = {"signatureValid": True, "certificateId": certificate}
    assert client.call("certificatePublicKeyVerify", **use, signatureValue=value) == expected
    other = {**use, "message": b64(b"other")}
    assert client.call("certificatePublicKeyVerify", **other, signatureValue=value)["signatureValid"] is False


@pytest.mark.parametrize("spec", SPECS)
def test_a_digest_given_is_signed_like_the_message(client: Client, tmp_path: Path, spec: str) -> None:
    use = {"certificateId": enabled(client, tmp_path, spec), "algorithm": ALGORITHM[spec]}
    public = client.call("describeCertificate", certificateId=use["certificateId"])["subjectPublicKey"]
    digest = sm2_digest(public, b"message") if spec == "EC_SM2" else hashlib.sha256(b"message").digest()
    raw, hashed = {"messageType": "RAW", "message": b64(b"message")}, {"messageType": "DIGEST", "message": b64(digest)}
    value = client.call("certificatePrivateKeySign", **use, **hashed)["signatureValue"]
    assert client.call("certificatePublicKeyVerify", **use, **raw, signatureValue=value)["signatureValid"] is True


@pytest.mark.parametrize(
    "bad",
    [{"messageType": "TEXT"}, {"message": "no base64"}, {"message": b64(bytes(4096))}, {"algorithm": "SM2DSA"},
     {"messageType": "DIGEST", "message": b64(bytes(31))}],
)  # fmt: skip
def test_a_bad_value_is_not_signed(client: Client, tmp_path: Path, bad: dict[str, str]) -> None:
    certificate = enabled(client, tmp_path)
    good = {"certificateId": certificate, "algorithm": "ECDSA_SHA_256", "messageType": "RAW"}
    client.call("certificatePrivateKeySign", **good, message=b64(bytes(4095)))
    assert client.refused("certificatePrivateKeySign", **{**good, "message": "AA==", **bad}) == (400, "KMS_9031")


@pytest.mark.parametrize(("spec", "algorithm"), [("RSA_2048", "RSAES_OAEP_SHA_256"), ("EC_SM2", "SM2PKE")])
def test_what_the_certificate_encrypts_its_key_decrypts(
    client: Client, tmp_path: Path, spec: str, algorithm: str
) -> None:
    use = {"certificateId": enabled(client, tmp_path, spec), "algorithm": algorithm}
    blob = client.call("certificatePublicKeyEncrypt", **use, plaintext=b64(b"hello"))["ciphertextBlob"]
    found = client.call("certificatePrivateKeyDecrypt", **use, ciphertextBlob=blob)
    assert found == {"plaintext": b64(b"hello"), "certificateId": use["certificateId"]}
    assert client.refused("certificatePrivateKeyDecrypt", **use, ciphertextBlob=b64(b"x")) == (400, "KMS_9036")


def test_what_an_sm2_certificate_encrypts_openssl_decrypts_with_the_exported_key(
    client: Client, tmp_path: Path
) -> None:
    certificate = enabled(client, tmp_path, "EC_SM2")
    fields = {"certificateId": certificate, "algorithm": "SM2PKE", "plaintext": b64(b"hello")}
    blob = b64decode(client.call("certificatePublicKeyEncrypt", **fields)["ciphertextBlob"])
    export = {"certificateId": certificate, "passphrase": "example-passphrase"}
    private = tmp_path / "private.pem"
    private.write_text(client.call("exportCertificatePrivateKey", **export)["privateKey"])
    opened = openssl("pkeyutl", "-decrypt", "-inkey", private, "-passin", "pass:example-passphrase", data=blob)
    assert opened == b"hello"


def test_a_certificate_of_ecdsa_does_not_encrypt(client: Client, tmp_path: Path) -> None:
    fields = {"certificateId": enabled(client, tmp_path), "algorithm": "SM2PKE", "plaintext": "AA=="}
    assert client.refused("certificatePublicKeyEncrypt", **fields) == (400, "KMS_9034")


USES = {
    "certificatePrivateKeySign": {"algorithm": "SM2DSA", "messageType": "RAW", "message": "AA=="},
    "certificatePublicKeyVerify": {
        "algorithm": "SM2DSA", "messageType": "RAW", "message": "AA==", "signatureValue": "AA==",
    },
    "certificatePublicKeyEncrypt": {"algorithm": "SM2PKE", "plaintext": "AA=="},
    "certificatePrivateKeyDecrypt": {"algorithm": "SM2PKE", "ciphertextBlob": "AA=="},
}  # fmt: skip


@pytest.mark.parametrize("state", [PENDING, DISABLED, REVOKED])
def test_only_an_enabled_certificate_is_used_and_a_revoked_one_verifies(
    client: Client, tmp_path: Path, state: int
) -> None:
    certificate = create(client, "EC_SM2")["certificateId"] if state == PENDING else enabled(client, tmp_path, "EC_SM2")
    if state != PENDING:
        set_status(client, certificate, state)
    for operation, fields in USES.items():
        if state == REVOKED and operation == "certificatePublicKeyVerify":
            assert client.call(operation, certificateId=certificate, **fields)["signatureValid"] is False
        else:
            assert client.refused(operation, certificateId=certificate, **fields) == (404, "KMS_9014")


def test_random_bytes_have_the_length_wanted(client: Client) -> None:
    first, second = (b64decode(client.call("generateRandom", numberOfBytes=32)["random"]) for _ in range(2))
    assert len(first) == 32
    assert first != second
    assert len(b64decode(client.call("generateRandom", numberOfBytes=1024)["random"])) == 1024
    for wrong in (0, 1025):
        assert client.refused("generateRandom", numberOfBytes=wrong) == (400, "KMS_9031")


def test_no_private_key_and_no_passphrase_reaches_the_journal(client: Client) -> None:
    canary = "canary-passphrase"
    made = create(client)["certificateId"]
    fields = {"certificateId": made, "passphrase": canary}
    private = client.call("exportCertificatePrivateKey", **fields)["privateKey"]
    client.refused("importPkcs12Certificate", pkcs12Blob=b64(b"none"), passphrase=canary)
    journal = json.dumps(client.control("GET", "journal"))
    assert made in journal
    assert canary not in journal
    assert private.splitlines()[1] not in journal
