"""Certificates of the older product: signing requests, upload, status, and what is told of them."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import datetime

from cryptography import x509

from kms_emulator.alibaba import csr
from kms_emulator.alibaba.certificate_model import (
    KINDS,
    Certificate,
    Status,
    certificates_of,
    find_certificate,
    save_certificate,
)
from kms_emulator.alibaba.errors import CERTIFICATE_STATE, VendorError, invalid
from kms_emulator.alibaba.facts import is_mainland
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.names import moment
from kms_emulator.alibaba.operation import Operation
from kms_emulator.alibaba.parameters import Parameters
from kms_emulator.ciphers import asymmetric
from kms_emulator.ciphers.material import new_material

NAMES = 10  # [S7][S11]
NEEDED = {"CN": x509.NameOID.COMMON_NAME, "OU": x509.NameOID.ORGANIZATIONAL_UNIT_NAME,
          "O": x509.NameOID.ORGANIZATION_NAME, "C": x509.NameOID.COUNTRY_NAME}  # fmt: skip
_DISABLED = ("DISABLE", "DISABLED", Status.INACTIVE.value)
_PEM_LENGTH = 65536


def prepare_certificate_key(parameters: Parameters) -> bytes:
    """Make the key of CreateCertificate, which may take too long to hold the store for."""
    return new_material(KINDS[parameters.choice("KeySpec", tuple(KINDS), "EC_P256")])


def create_certificate(operation: Operation) -> Payload:
    """CreateCertificate: a key, and a request for a certificate to be signed elsewhere."""
    parameters = operation.parameters
    subject = _subject(parameters)
    parameters.required("KeySpec")
    spec = parameters.choice("KeySpec", tuple(KINDS))
    given = parameters.json_list("SubjectAlternativeNames")
    names = _alternative_names(given)
    exportable = parameters.flag("ExportablePrivateKey")
    if spec == "EC_SM2" and not is_mainland(operation.scope.region):
        raise VendorError("UnsupportedOperation", f"The region has no keys of the KeySpec {spec}.")
    material = operation.prepared
    made = Certificate(
        operation.context.uuid(), spec=spec, subject=subject.rfc4514_string(),
        csr=csr.make_request(KINDS[spec], material, subject, names), names=given,
        private=base64.b64encode(material).decode("ascii"), exportable=exportable is not False,
        protection="SOFTWARE" if exportable is not False else "HSM", created=operation.now, updated=operation.now,
    )  # fmt: skip
    save_certificate(operation, made)
    return {"CertificateId": made.id, "Arn": operation.arn(f"certificate/{made.id}"), "Csr": made.csr}


def upload_certificate(operation: Operation) -> Payload:
    """UploadCertificate: what an authority made of the request. It must be for this key."""
    (leaf,) = _pem(operation.parameters, "Certificate", 1)
    chain = _pem(operation.parameters, "CertificateChain", 0)
    found = find_certificate(operation)
    if not csr.is_for(leaf, found.kind, found.material):
        raise invalid("Certificate", "it is not for the key of the request")
    if chain and chain[0].subject != leaf.issuer:
        raise invalid("CertificateChain", "it does not begin with the issuer of the certificate")
    if found.status == Status.REVOKED:
        raise VendorError(CERTIFICATE_STATE, "The certificate is revoked.")
    save_certificate(
        operation,
        replace(
            found, pem=csr.as_pem([leaf]), chain=csr.as_pem(chain), status=Status.ACTIVE, updated=operation.now
        ),
    )  # fmt: skip
    return {}


def get_certificate(operation: Operation) -> Payload:
    """GetCertificate."""
    found = find_certificate(operation)
    return {
        "CertificateId": found.id, "Certificate": found.pem, "CertificateChain": found.chain, "Csr": found.csr,
    }  # fmt: skip


def describe_certificate(operation: Operation) -> Payload:
    """DescribeCertificate; what only a certificate tells is empty until there is one."""
    found = find_certificate(operation)
    leaf = csr.read_chain(found.pem)[0] if found.pem else None
    return {
        "CertificateId": found.id, "Arn": operation.arn(f"certificate/{found.id}"), "Status": found.status,
        "Subject": found.subject, "SubjectAlternativeNames": found.names, "KeySpec": found.spec,
        "SubjectPublicKey": asymmetric.public_key_pem(found.kind, found.material),
        "ExportablePrivateKey": found.exportable, "ProtectionLevel": found.protection,
        "CreatedAt": moment(found.created), "UpdatedAt": moment(found.updated),
        "Issuer": leaf.issuer.rfc4514_string() if leaf else "", "Serial": f"{leaf.serial_number:x}" if leaf else "",
        "NotBefore": _date(leaf.not_valid_before_utc) if leaf else "",
        "NotAfter": _date(leaf.not_valid_after_utc) if leaf else "",
        "SignatureAlgorithm": leaf.signature_algorithm_oid.dotted_string if leaf else "", "Tags": found.tags,
    }  # fmt: skip


def update_certificate_status(operation: Operation) -> Payload:
    """UpdateCertificateStatus. A revoked certificate stays revoked, and one that is not there yet has no status."""
    operation.parameters.required("Status")
    given = operation.parameters.choice("Status", (Status.ACTIVE, Status.REVOKED, *_DISABLED))
    found = find_certificate(operation)
    if found.status in (Status.PENDING, Status.REVOKED) and given != found.status:
        raise VendorError(CERTIFICATE_STATE, f"The status of the certificate is {found.status}.")
    wanted = Status.INACTIVE if given in _DISABLED else Status(given)
    save_certificate(operation, replace(found, status=wanted, updated=operation.now))
    return {}


def delete_certificate(operation: Operation) -> Payload:
    """DeleteCertificate: at once, with its key."""
    certificates_of(operation).delete(find_certificate(operation).id)
    return {}


def _subject(parameters: Parameters) -> x509.Name:
    try:
        subject = csr.read_subject(parameters.required("Subject"))
    except ValueError:
        raise invalid("Subject", "it is not a distinguished name") from None
    lacking = [name for name, oid in NEEDED.items() if not subject.get_attributes_for_oid(oid)]
    if lacking:
        raise invalid("Subject", f"{', '.join(lacking)} is missing")
    return subject


def _alternative_names(given: list[object]) -> list[x509.GeneralName]:
    if len(given) > NAMES:
        raise invalid("SubjectAlternativeNames", f"at most {NAMES} are allowed")
    texts = [name for name in given if isinstance(name, str)]
    try:
        names = csr.read_names(texts)
    except ValueError:
        names = []
    if len(names) != len(given):
        raise invalid("SubjectAlternativeNames", "a list of host names and addresses is expected")
    return names


def _pem(parameters: Parameters, name: str, least: int) -> list[x509.Certificate]:
    text = parameters.required(name) if least else parameters.text(name)
    if not text:
        return []
    try:
        found = csr.read_chain(text[:_PEM_LENGTH])
    except ValueError:
        found = []
    if not found or (least and len(found) != least):
        raise invalid(name, "it is not a certificate in PEM")
    return found


def _date(when: datetime) -> str:
    return moment(when.timestamp())
