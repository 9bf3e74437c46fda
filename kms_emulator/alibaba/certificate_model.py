"""Stored certificates, and how a request names one."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from enum import StrEnum

from kms_emulator.alibaba.errors import VendorError
from kms_emulator.alibaba.model import Stored
from kms_emulator.alibaba.names import split_arn
from kms_emulator.alibaba.operation import Operation
from kms_emulator.contract import Collection, Kind

CERTIFICATES = "certificates"
CERTIFICATE_KINDS = (Kind(CERTIFICATES),)
KINDS = {"RSA_2048": "RSA_2048", "EC_P256": "EC_P256", "EC_SM2": "SM2"}


class Status(StrEnum):
    """States of a certificate [S7]. The vendor's texts spell the third in three ways; this one is [I?]."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    REVOKED = "REVOKED"


@dataclass(frozen=True)
class Certificate(Stored):
    """A certificate, or a key that waits for one."""

    spec: str
    subject: str
    csr: str
    private: str = field(repr=False)
    names: list[str] = field(default_factory=list)
    exportable: bool = True
    protection: str = "SOFTWARE"
    status: str = Status.PENDING
    pem: str = ""
    chain: str = ""
    created: float = 0.0
    updated: float = 0.0
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The kind of cipher."""
        return KINDS[self.spec]

    @property
    def material(self) -> bytes:
        """The private key as PKCS#8 DER."""
        return base64.b64decode(self.private)


def certificates_of(operation: Operation) -> Collection:
    """The certificates of this account and region."""
    return operation.context.store.collection(CERTIFICATES, operation.scope)


def save_certificate(operation: Operation, certificate: Certificate) -> None:
    """Write a certificate to the store."""
    certificates_of(operation).put(certificate.id, certificate.document())


def find_certificate(operation: Operation) -> Certificate:
    """The certificate that ``CertificateId`` names by id or ARN."""
    given = operation.parameters.required("CertificateId")
    parts = split_arn(given)
    if parts is not None:
        given = parts[1].removeprefix("certificate/") if parts[0] == operation.scope else ""
    document = certificates_of(operation).get(given)
    if document is None:
        raise VendorError("Certificate.NotFound")
    return Certificate.load(document)
