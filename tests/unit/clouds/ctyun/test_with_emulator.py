"""CTYun's further doors against the emulator: certificates, tags, access points, import; really computed."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from kms_resources.clouds import get_cloud
from kms_resources.clouds.certificates import CertificateClient, CertificateSettings, CertificateState
from kms_resources.clouds.crypto import CryptoClient
from kms_resources.clouds.ctyun import connect_tags
from kms_resources.clouds.ctyun.crypto import CtyunCrypto
from kms_resources.clouds.interface import KmsClient
from kms_resources.crypto.words import Algorithm, MessageForm
from kms_resources.errors import NotFoundError, RejectedError, WrongStateError
from kms_resources.model import DesiredKey, Gateway, KeyId, Marker, Settings, Spec, Usage
from tests.support.clouds import CTYUN
from tests.support.emulator import run_emulator

CLOUD = get_cloud("ctyun")
NAMES = ("shop.example.com", "b.example.com")
SETTINGS = CertificateSettings(Spec.EC_P256, "CN=shop.example.com,O=Example,C=CN", NAMES)
SM3_OF_ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
"""GB/T 32905-2016, annex A.1."""


@dataclass(frozen=True)
class Doors:
    environ: Mapping[str, str]
    keys: KmsClient
    crypto: CryptoClient
    certificates: CertificateClient

    def key(self, spec: Spec, usage: Usage) -> KeyId:
        return self.keys.create_key(DesiredKey("k", CTYUN, Settings(spec, usage), Marker(f"shop/test/{spec}")))


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    assert CLOUD.connect_crypto is not None
    assert CLOUD.connect_certificates is not None
    with run_emulator(Path(tmp_path_factory.mktemp("emulator")), http=True, clouds=["ctyun"]) as running:
        environ = {**running.environ, "KMS_RATE_FACTOR": "0"}
        yield Doors(
            environ,
            CLOUD.connect(CTYUN, environ),
            CLOUD.connect_crypto(CTYUN, environ),
            CLOUD.connect_certificates(CTYUN, environ),
        )


def signed(request: x509.CertificateSigningRequest) -> str:
    """What an authority makes of a request."""
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "CA")]))
        .public_key(request.public_key())
        .serial_number(77)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=3650))
        .add_extension(names.value, critical=False)
        .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def test_a_certificate_lives_from_its_request_to_its_end(doors: Doors) -> None:
    client = doors.certificates
    made = client.create_certificate(SETTINGS)
    request = x509.load_pem_x509_csr(made.pem.encode())
    assert request.is_signature_valid
    assert client.describe_certificate(made.id).state is CertificateState.PENDING

    certificate = signed(request)
    client.upload_certificate(made.id, certificate)
    actual = client.describe_certificate(made.id)
    assert (actual.state, actual.settings) == (CertificateState.ENABLED, SETTINGS)
    assert client.get_certificate(made.id).certificate.strip() == certificate.strip()
    assert made.id in {found.id for found in client.list_certificates()}

    signature = client.sign(made.id, Algorithm.ECDSA_SHA_256, b"message")
    key = request.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(signature, b"message", ec.ECDSA(hashes.SHA256()))
    assert client.verify(made.id, Algorithm.ECDSA_SHA_256, b"message", signature)
    assert not client.verify(made.id, Algorithm.ECDSA_SHA_256, bytes(32), signature, MessageForm.DIGEST)

    client.disable_certificate(made.id)
    with pytest.raises(WrongStateError, match="is Disabled"):
        client.sign(made.id, Algorithm.ECDSA_SHA_256, b"message")
    client.enable_certificate(made.id)
    client.revoke_certificate(made.id)
    with pytest.raises(WrongStateError, match="is Revoked"):
        client.enable_certificate(made.id)
    client.delete_certificate(made.id)
    with pytest.raises(NotFoundError):
        client.describe_certificate(made.id)


def test_a_pkcs12_file_is_taken_with_its_passphrase_only(doors: Doors) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "imported")]))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("imported.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate = x509.load_pem_x509_certificate(signed(request).encode())
    lock = serialization.BestAvailableEncryption(b"FAKE-WORD")
    content = pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, lock)
    with pytest.raises(RejectedError):
        doors.certificates.import_pkcs12(content, "FAKE-OTHER")
    taken = doors.certificates.import_pkcs12(content, "FAKE-WORD")
    assert doors.certificates.describe_certificate(taken).settings.names == ("imported.example",)


def test_tags_are_bound_to_a_key(doors: Doors) -> None:
    tags = connect_tags(CTYUN, doors.environ)
    key = doors.key(Spec.AES_256, Usage.ENCRYPT_DECRYPT)
    tag = tags.create_tag("owner", "payments")
    assert tag in list(tags.list_tags())
    tags.bind(key, [tag.id])
    tags.unbind(key, [tag.id])
    tags.delete_tag(tag.id)
    assert tag not in list(tags.list_tags())


def test_an_access_point_serves_with_credentials_of_its_own(doors: Doors) -> None:
    call = doors.crypto.call
    network = call("listVpcs", {})["list"][0]["vpcId"]
    subnet = call("listSubnets", {"vpcId": network})["list"][0]["subnetId"]
    point = call("createAccessPoint", {"name": "apps", "vpcId": network, "subnetId": subnet})["accessPointId"]
    credential = call("createTenantAkSk", {"accessPointId": point})
    call("disablePermissionControl", {"accessPointId": point})
    environ = {
        "CTYUN_ACCESS_POINT_AK": credential["accessKey"],
        "CTYUN_ACCESS_POINT_SK": credential["secretKey"],
        "KMS_ENDPOINT_CTYUN_ACCESS_POINT": doors.environ["KMS_ENDPOINT_CTYUN"],
        "KMS_RATE_FACTOR": "0",
    }
    assert CLOUD.connect_crypto is not None
    private = CLOUD.connect_crypto(replace(CTYUN, gateway=Gateway("")), environ)
    assert isinstance(private, CtyunCrypto)
    key, mac = doors.key(Spec.SM4, Usage.ENCRYPT_DECRYPT), doors.key(Spec.HMAC_SM3, Usage.GENERATE_VERIFY_MAC)
    ciphertext = private.encrypt(key, b"hello")
    assert private.decrypt(ciphertext.blob).plaintext == b"hello"
    assert doors.crypto.decrypt(ciphertext.blob).plaintext == b"hello"
    assert private.hmac(mac, b"text") == doors.crypto.hmac(mac, b"text")
    assert private.message_digest(b"abc").hex() == SM3_OF_ABC
