"""What a cloud's client can do with certificates that its KMS keeps: the optional third interface."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, Protocol

from kms_resources.crypto.words import Algorithm, MessageForm
from kms_resources.model import Protection, Spec, Target

CertificateId = NewType("CertificateId", str)


class CertificateState(StrEnum):
    """The state of an actual certificate."""

    PENDING = "Pending"
    """There is a key pair and a request, and no certificate yet."""
    ENABLED = "Enabled"
    DISABLED = "Disabled"
    REVOKED = "Revoked"
    """For good: neither enabled nor disabled any more. It still verifies, and signs no longer."""
    UNKNOWN = "Unknown"
    """The cloud says something that is in no table."""


@dataclass(frozen=True)
class CertificateSettings:
    """What can be compared between a desired and an actual certificate."""

    spec: Spec
    subject: str
    """Distinguished name, `CN=shop.example.com,O=Example,C=CN`."""
    names: tuple[str, ...] = ()
    """Alternative names."""
    exportable: bool = False
    """Whether the private key may ever leave the cloud."""
    protection: Protection | None = None
    """None: the cloud's default; then it is never compared."""


@dataclass(frozen=True)
class CertificateRequest:
    """A new key pair of the cloud's, and the request that a certificate authority has to sign."""

    id: CertificateId
    pem: str
    """PKCS#10."""


@dataclass(frozen=True)
class CertificateContent:
    """The texts of a certificate, PEM. Empty is what there is not yet."""

    certificate: str
    chain: str = ""
    request: str = ""


@dataclass(frozen=True)
class ActualCertificate:
    """A certificate as the cloud shows it. All times are ISO 8601, UTC; empty is what there is not yet."""

    id: CertificateId
    settings: CertificateSettings
    state: CertificateState
    issuer: str = ""
    serial: str = ""
    not_before: str = ""
    not_after: str = ""
    created: str = ""
    updated: str = ""
    signature_algorithm: str = ""
    """In the cloud's word."""
    public_key: str = ""
    """PEM."""
    key_identifier: str = ""


class CertificateClient(Protocol):
    """One target's certificates. Instances may be shared by threads.

    Errors as in `KmsClient`. Nothing marks whose a certificate is, and no cloud refuses a second one of the same
    subject, so after an `UnclearError` of a creating call the caller has to look before it creates again.
    """

    target: Target

    def create_certificate(self, settings: CertificateSettings) -> CertificateRequest:
        """Make a key pair in the cloud and the request for its certificate. Sent once."""

    def upload_certificate(self, certificate_id: CertificateId, certificate: str, chain: str = "") -> None:
        """Hand over the certificate that an authority made of the request, PEM, and its chain. Sent once."""

    def import_pkcs12(
        self, content: bytes, passphrase: str, *, exportable: bool = False, protection: Protection | None = None
    ) -> CertificateId:
        """Hand over a private key with its certificate. Sent once."""

    def describe_certificate(self, certificate_id: CertificateId) -> ActualCertificate:
        """One certificate. Raises `NotFoundError`."""

    def get_certificate(self, certificate_id: CertificateId) -> CertificateContent:
        """Its texts; never the private key."""

    def list_certificates(self) -> Iterable[ActualCertificate]:
        """Every certificate of the region that this product could have made."""

    def enable_certificate(self, certificate_id: CertificateId) -> None:
        """Make a disabled certificate usable."""

    def disable_certificate(self, certificate_id: CertificateId) -> None:
        """Make a certificate unusable until it is enabled."""

    def revoke_certificate(self, certificate_id: CertificateId) -> None:
        """Make a certificate unusable for good. Cannot be taken back."""

    def delete_certificate(self, certificate_id: CertificateId) -> None:
        """Destroy certificate and private key at once; there is no waiting time. Cannot be taken back."""

    def sign(
        self,
        certificate_id: CertificateId,
        algorithm: Algorithm,
        message: bytes,
        form: MessageForm = MessageForm.RAW,
    ) -> bytes:
        """Sign with the private key of a certificate."""

    def verify(
        self,
        certificate_id: CertificateId,
        algorithm: Algorithm,
        message: bytes,
        signature: bytes,
        form: MessageForm = MessageForm.RAW,
    ) -> bool:
        """Whether the cloud accepts the signature. A malformed one is false too."""

    def encrypt(self, certificate_id: CertificateId, algorithm: Algorithm, plaintext: bytes) -> bytes:
        """Encrypt with the public key of a certificate."""

    def decrypt(self, certificate_id: CertificateId, algorithm: Algorithm, ciphertext: bytes) -> bytes:
        """Decrypt with the private key of a certificate."""
