"""Operations 50 to 54: certificates whose private key is on a USB key (UKey); only the public half is here."""

from __future__ import annotations

from kms_emulator.ciphers import CipherError, rsa, sm2
from kms_emulator.contract import Document
from kms_emulator.ctyun import fields
from kms_emulator.ctyun.certificates import changed_state, find_usb_certificate, read
from kms_emulator.ctyun.invocation import Invocation, Payload
from kms_emulator.ctyun.terms import BAD_CERTIFICATE, BAD_VALUE, NOT_FOR_THIS_KEY, Refusal
from kms_emulator.ctyun.uses import MESSAGE_BYTES, USB_ALGORITHMS, USB_NAME_LENGTH, USB_SIGNATURES, CertificateState
from kms_emulator.ctyun.x509 import message_digest

_BITS = 2_048


def import_certificate_for_uk(invocation: Invocation) -> Payload:
    """Take in the certificate of a USB key [S6]."""
    given = invocation.fields
    spec = _spec(given["algorithm"])
    if len(given["ukName"]) > USB_NAME_LENGTH:
        raise Refusal(BAD_VALUE, f"ukName must have at most {USB_NAME_LENGTH} characters")
    certificate = read("cert", given["cert"])
    if not _fits(spec, certificate.public_key):
        raise Refusal(BAD_CERTIFICATE, f"its key is not one of {given['algorithm']}")
    identifier = invocation.context.uuid()
    document: Document = {
        "id": identifier, "name": given["ukName"], "spec": spec, "algorithm": given["algorithm"],
        "certificate": given["cert"], "public": fields.encoded(certificate.public_key),
        "state": CertificateState.ENABLED, "created": invocation.now,
    }  # fmt: skip
    invocation.usb_certificates.put(identifier, document)
    return {"ukId": identifier}


def _fits(spec: str, public: bytes) -> bool:
    """Whether a public key is of this spec."""
    try:
        return bool(sm2.load_public(public)) if spec == "EC_SM2" else rsa.load_public(public).key_size == _BITS
    except CipherError:
        return False


def list_certificates_for_uk(invocation: Invocation) -> Payload:
    """A page of certificates of USB keys, oldest first [I?]."""
    number, size = fields.paging(invocation.fields)
    page = invocation.usb_certificates.list(start=(number - 1) * size, limit=size, lagged=True)
    return {"totalCount": page.total, "certificates": [_listed(found) for found in page.items]}


def describe_certificate_for_uk(invocation: Invocation) -> Payload:
    """One certificate of a USB key."""
    found = find_usb_certificate(invocation, "ukId")
    return {**_listed(found), "cert": found["certificate"]}


def _listed(found: Document) -> dict[str, object]:
    return {
        "ukId": found["id"], "ukName": found["name"], "algorithm": found["algorithm"], "status": found["state"],
    }  # fmt: skip


def delete_certificate_for_uk(invocation: Invocation) -> Payload:
    """Remove the certificate of a USB key."""
    invocation.usb_certificates.delete(find_usb_certificate(invocation, "ukId")["id"])
    return {}


def update_certificate_status_for_uk(invocation: Invocation) -> Payload:
    """Enable, disable, or revoke for ever, as other certificates [I?]."""
    found = find_usb_certificate(invocation, "ukId")
    status = changed_state(found, invocation.fields["status"])
    invocation.usb_certificates.put(found["id"], {**found, "state": status})
    return {}


def certificate_public_key_verify_for_usb_key(invocation: Invocation) -> Payload:
    """Whether a USB key signed this plain text; called at access points only [S6]."""
    given = invocation.fields
    spec = _spec(given["algorithm"])
    message = given["message"].encode()
    if len(message) > MESSAGE_BYTES:
        raise Refusal(BAD_VALUE, f"message must have at most {MESSAGE_BYTES} bytes")
    signature = fields.decoded("signatureValue", given["signatureValue"])
    found = find_usb_certificate(invocation, "certificateId", CertificateState.ENABLED, CertificateState.REVOKED)
    if found["spec"] != spec:
        raise Refusal(NOT_FOR_THIS_KEY, f"its algorithm is {found['algorithm']}")
    public = fields.decoded("public", found["public"])
    digest = message_digest(spec, public, message)
    if spec == "EC_SM2":
        return {"signatureValid": sm2.verify(sm2.load_public(public), digest, signature)}
    return {"signatureValid": rsa.verify(rsa.load_public(public), USB_SIGNATURES[spec], digest, signature)}


def _spec(algorithm: str) -> str:
    return USB_ALGORITHMS[fields.one_of("algorithm", algorithm, tuple(USB_ALGORITHMS))]
