"""Operations 44 to 48: signatures and encryption with the keys of certificates, random bytes."""

from __future__ import annotations

from kms_emulator.ciphers import asymmetric
from kms_emulator.contract import Document
from kms_emulator.ctyun import fields
from kms_emulator.ctyun.asymmetric_actions import decrypted, digest_in, encrypted
from kms_emulator.ctyun.certificates import find_certificate, material_of_certificate
from kms_emulator.ctyun.crypto import algorithm_for
from kms_emulator.ctyun.invocation import Invocation, Payload
from kms_emulator.ctyun.terms import NOT_FOR_THIS_KEY, Refusal
from kms_emulator.ctyun.uses import (
    ENCRYPT_ALGORITHMS,
    MESSAGE_BYTES,
    MESSAGE_TYPES,
    RANDOM_BYTES,
    SIGN_ALGORITHMS,
    CertificateState,
    cipher_kind,
)
from kms_emulator.ctyun.x509 import message_digest

_ENABLED, _REVOKED = CertificateState.ENABLED, CertificateState.REVOKED


def certificate_private_key_sign(invocation: Invocation) -> Payload:
    """Sign a message or its digest; only an enabled certificate signs."""
    found, kind, material, digest = _signing(invocation, _ENABLED)
    algorithm = algorithm_for(invocation, SIGN_ALGORITHMS[found["spec"]])
    value = asymmetric.sign_digest(kind, material, algorithm, digest)
    return {"signatureValue": fields.encoded(value), "certificateId": found["id"]}


def certificate_public_key_verify(invocation: Invocation) -> Payload:
    """Whether a signature is good; a revoked certificate still verifies [I]."""
    signature = fields.decoded("signatureValue", invocation.fields["signatureValue"])
    found, kind, material, digest = _signing(invocation, _ENABLED, _REVOKED)
    algorithm = algorithm_for(invocation, SIGN_ALGORITHMS[found["spec"]])
    good = asymmetric.verify_digest(kind, material, algorithm, digest, signature)
    return {"signatureValid": good, "certificateId": found["id"]}


def _signing(invocation: Invocation, *states: CertificateState) -> tuple[Document, str, bytes, bytes]:
    """Certificate, kind and material of its key, and the digest of the message."""
    given = invocation.fields
    raw = fields.one_of("messageType", given["messageType"], MESSAGE_TYPES) == MESSAGE_TYPES[0]
    message = fields.decoded("message", given["message"], MESSAGE_BYTES) if raw else digest_in(invocation, "message")
    found = find_certificate(invocation, *states)
    kind, material = cipher_kind(found["spec"]), material_of_certificate(invocation, found)
    if raw:
        message = message_digest(found["spec"], asymmetric.public_key_der(kind, material), message)
    return found, kind, material, message


def certificate_public_key_encrypt(invocation: Invocation) -> Payload:
    """Encrypt a little for the owner of the certificate."""
    plaintext = fields.decoded("plaintext", invocation.fields["plaintext"])
    found, algorithm = _encrypting(invocation)
    material = material_of_certificate(invocation, found)
    blob = encrypted(cipher_kind(found["spec"]), material, algorithm, plaintext)
    return {"ciphertextBlob": blob, "certificateId": found["id"]}


def certificate_private_key_decrypt(invocation: Invocation) -> Payload:
    """Decrypt with the certificate's private key."""
    blob = fields.decoded("ciphertextBlob", invocation.fields["ciphertextBlob"])
    found, algorithm = _encrypting(invocation)
    material = material_of_certificate(invocation, found)
    text = decrypted(cipher_kind(found["spec"]), material, algorithm, blob)
    return {"plaintext": text, "certificateId": found["id"]}


def _encrypting(invocation: Invocation) -> tuple[Document, str]:
    found = find_certificate(invocation, _ENABLED)
    if found["spec"] not in ENCRYPT_ALGORITHMS:
        raise Refusal(NOT_FOR_THIS_KEY, f"a key of {found['spec']} signs only")
    return found, algorithm_for(invocation, ENCRYPT_ALGORITHMS[found["spec"]])


def generate_random(invocation: Invocation) -> Payload:
    """Random bytes."""
    length = fields.number_within("numberOfBytes", invocation.fields["numberOfBytes"], RANDOM_BYTES)
    return {"random": fields.encoded(invocation.context.random.randbytes(length))}
