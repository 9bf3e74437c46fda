"""What the key of a certificate does: signing, verifying, encrypting, decrypting."""

from __future__ import annotations

from kms_emulator.alibaba import use
from kms_emulator.alibaba.certificate_model import Certificate, Status, find_certificate
from kms_emulator.alibaba.csr import message_digest
from kms_emulator.alibaba.errors import CERTIFICATE_STATE, VendorError, invalid, missing
from kms_emulator.alibaba.facts import Usage
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.operation import Operation
from kms_emulator.ciphers import asymmetric

MESSAGE_BYTES = 4096  # [S7][S11]
DIGEST_BYTES = 32
_SIGNATURE_BYTES = 1024


def certificate_private_key_sign(operation: Operation) -> Payload:
    """CertificatePrivateKeySign."""
    found, algorithm, digest = _digested(operation)
    signature = asymmetric.sign_digest(found.kind, found.material, algorithm, digest)
    return {"CertificateId": found.id, "SignatureValue": use.encoded(signature)}


def certificate_public_key_verify(operation: Operation) -> Payload:
    """CertificatePublicKeyVerify."""
    signature = operation.parameters.binary("SignatureValue", _SIGNATURE_BYTES)
    found, algorithm, digest = _digested(operation)
    good = asymmetric.verify_digest(found.kind, found.material, algorithm, digest, signature)
    return {"CertificateId": found.id, "SignatureValid": good}


def certificate_public_key_encrypt(operation: Operation) -> Payload:
    """CertificatePublicKeyEncrypt."""
    plaintext = operation.parameters.binary("Plaintext", use.LARGEST_ASYMMETRIC)
    found, algorithm = _ready(operation, Usage.ENCRYPT)
    sealed = use.computed("Plaintext", asymmetric.encrypt, found.kind, found.material, algorithm, plaintext)
    return {"CertificateId": found.id, "CiphertextBlob": use.encoded(sealed)}


def certificate_private_key_decrypt(operation: Operation) -> Payload:
    """CertificatePrivateKeyDecrypt."""
    blob = operation.parameters.binary("CiphertextBlob", use.CIPHERTEXT_BYTES)
    found, algorithm = _ready(operation, Usage.ENCRYPT)
    plaintext = use.computed("CiphertextBlob", asymmetric.decrypt, found.kind, found.material, algorithm, blob)
    return {"CertificateId": found.id, "Plaintext": use.encoded(plaintext)}


def _ready(operation: Operation, usage: Usage) -> tuple[Certificate, str]:
    operation.parameters.required("CertificateId")
    chosen = operation.parameters.required("Algorithm")
    found = find_certificate(operation)
    allowed = use.ALGORITHMS[found.spec].get(usage, ())
    if chosen not in allowed:
        raise invalid("Algorithm", f"a key of the KeySpec {found.spec} has {', '.join(allowed) or 'none'} for this")
    if found.status != Status.ACTIVE:
        raise VendorError(CERTIFICATE_STATE, f"The status of the certificate is {found.status}.")
    return found, chosen


def _digested(operation: Operation) -> tuple[Certificate, str, bytes]:
    kind = operation.parameters.choice("MessageType", ("RAW", "DIGEST"))
    if not kind:
        raise missing("MessageType")
    message = operation.parameters.binary("Message", MESSAGE_BYTES)
    if kind == "DIGEST" and len(message) != DIGEST_BYTES:
        raise invalid("Message", f"a digest of {DIGEST_BYTES} bytes is expected")
    found, algorithm = _ready(operation, Usage.SIGN)
    return found, algorithm, message if kind == "DIGEST" else message_digest(found.kind, found.material, message)
