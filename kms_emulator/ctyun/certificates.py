"""The documents of certificates: found, checked against their states, described."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kms_emulator.ciphers.asymmetric import public_key_der, public_key_pem
from kms_emulator.contract import Document
from kms_emulator.ctyun import fields
from kms_emulator.ctyun.invocation import Invocation
from kms_emulator.ctyun.keys import stamp
from kms_emulator.ctyun.terms import BAD_CERTIFICATE, BAD_VALUE, CERTIFICATE_STATE, NO_CERTIFICATE, Refusal
from kms_emulator.ctyun.uses import (
    CERTIFICATE_RESOURCE,
    CERTIFICATE_USAGE,
    USB_CERTIFICATE_RESOURCE,
    CertificateState,
    cipher_kind,
)
from kms_emulator.ctyun.x509 import Certificate, key_identifier, read_certificate

_CHANGED_TO = (CertificateState.ENABLED, CertificateState.DISABLED, CertificateState.REVOKED)


def find_certificate(invocation: Invocation, *states: CertificateState) -> Document:
    """The certificate named; refused when it does not exist or is in none of the states (any when none)."""
    found = invocation.certificates.get(invocation.fields["certificateId"])
    return _used(invocation, CERTIFICATE_RESOURCE, _in_state(found, states))


def find_usb_certificate(invocation: Invocation, name: str, *states: CertificateState) -> Document:
    """The certificate of a USB key that a field names."""
    found = invocation.usb_certificates.get(invocation.fields[name])
    return _used(invocation, USB_CERTIFICATE_RESOURCE, _in_state(found, states))


def _used(invocation: Invocation, type_: str, found: Document) -> Document:
    invocation.use(type_, found["id"])
    return found


def _in_state(found: Document | None, states: tuple[CertificateState, ...]) -> Document:
    if found is None:
        raise Refusal(NO_CERTIFICATE)
    if states and found["state"] not in states:
        raise Refusal(CERTIFICATE_STATE, f"it is {CertificateState(found['state']).name.lower()}")
    return found


def changed_state(found: Document, status: int) -> int:
    """The new state, if the rules allow it: revoked is for ever [S13], staying as it is always goes [I?]."""
    if status not in _CHANGED_TO:
        raise Refusal(BAD_VALUE, f"status must be one of {', '.join(str(int(state)) for state in _CHANGED_TO)}")
    _in_state(found, (CertificateState(status),) if found["state"] == CertificateState.REVOKED else _CHANGED_TO)
    return status


def material_of_certificate(invocation: Invocation, found: Mapping[str, Any]) -> bytes:
    """The private key of a certificate."""
    entry = invocation.materials.get(found["id"])
    if entry is None:
        raise LookupError(f"the private key of the certificate {found['id']} is not there")
    return fields.decoded("material", entry["material"])


def read(name: str, text: str) -> Certificate:
    """A certificate given in PEM."""
    try:
        return read_certificate(text)
    except (ValueError, IndexError, StopIteration):
        raise Refusal(BAD_CERTIFICATE, f"{name} must be a certificate in PEM") from None


def described(invocation: Invocation, found: Mapping[str, Any]) -> dict[str, object]:
    """All about a certificate; what only the signed certificate tells is left out before it is there [I?]."""
    kind, material = cipher_kind(found["spec"]), material_of_certificate(invocation, found)
    public = public_key_der(kind, material)
    answer: dict[str, object] = {
        "certificateId": found["id"], "createdAt": stamp(found["created"]), "updatedAt": stamp(found["updated"]),
        "exportablePrivateKey": int(found["exportable"]), "keySpec": found["spec"], "status": found["state"],
        "subject": found["subject"], "subjectAlternativeNames": json.dumps(found["names"], ensure_ascii=False),
        "subjectKeyIdentifier": key_identifier(public), "subjectPublicKey": public_key_pem(kind, material),
        "keyUsage": CERTIFICATE_USAGE,
    }  # fmt: skip
    if found["certificate"]:
        signed = read("certificate", found["certificate"])
        answer |= {
            "issuer": signed.issuer, "serial": signed.serial, "signatureAlgorithm": signed.signature_algorithm,
            "notBefore": stamp(signed.not_before), "notAfter": stamp(signed.not_after),
        }  # fmt: skip
    return answer


def listed(found: Mapping[str, Any]) -> dict[str, object]:
    """A certificate in a listing [I?]."""
    return {
        "certificateId": found["id"], "subject": found["subject"], "keySpec": found["spec"], "status": found["state"],
        "createdAt": stamp(found["created"]), "updatedAt": stamp(found["updated"]),
    }  # fmt: skip
