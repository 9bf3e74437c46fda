"""Asymmetric encryption, signatures, public keys, and message authentication codes."""

from __future__ import annotations

import hmac as comparison

from kms_emulator.alibaba import use
from kms_emulator.alibaba.ciphertexts import current_version, kind_of, material_of
from kms_emulator.alibaba.errors import WRONG_USAGE, VendorError, invalid, missing
from kms_emulator.alibaba.facts import Usage
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.model import Key, Version
from kms_emulator.alibaba.operation import Operation
from kms_emulator.ciphers import asymmetric, mac

DIGEST_BYTES = 32  # of every algorithm [S9]
_SIGNATURE_BYTES = 1024
_MESSAGE_BYTES = 65536  # [I?] no bound was found


def asymmetric_encrypt(operation: Operation) -> Payload:
    """AsymmetricEncrypt."""
    plaintext = operation.parameters.binary("Plaintext", use.LARGEST_ASYMMETRIC)
    key, version, algorithm = _ready(operation, Usage.ENCRYPT)
    if len(plaintext) > (most := asymmetric.max_plaintext(kind_of(key), algorithm)):
        raise invalid("Plaintext", f"at most {most} bytes are allowed")
    sealed = asymmetric.encrypt(kind_of(key), _material(operation, key, version), algorithm, plaintext)
    return {"CiphertextBlob": use.encoded(sealed), **use.named(key, version.id)}


def asymmetric_decrypt(operation: Operation) -> Payload:
    """AsymmetricDecrypt."""
    blob = operation.parameters.binary("CiphertextBlob", use.CIPHERTEXT_BYTES)
    key, version, algorithm = _ready(operation, Usage.ENCRYPT)
    material = _material(operation, key, version)
    plaintext = use.computed("CiphertextBlob", asymmetric.decrypt, kind_of(key), material, algorithm, blob)
    return {"Plaintext": use.encoded(plaintext), **use.named(key, version.id)}


def asymmetric_sign(operation: Operation) -> Payload:
    """AsymmetricSign, of a digest."""
    digest = _digest(operation)
    key, version, algorithm = _ready(operation, Usage.SIGN)
    signature = asymmetric.sign_digest(kind_of(key), _material(operation, key, version), algorithm, digest)
    return {"Value": use.encoded(signature), **use.named(key, version.id)}


def asymmetric_verify(operation: Operation) -> Payload:
    """AsymmetricVerify; a wrong signature is an answer, no error."""
    digest = _digest(operation)
    signature = operation.parameters.binary("Value", _SIGNATURE_BYTES)
    key, version, algorithm = _ready(operation, Usage.SIGN)
    material = _material(operation, key, version)
    good = asymmetric.verify_digest(kind_of(key), material, algorithm, digest, signature)
    return {"Value": good, **use.named(key, version.id)}


def get_public_key(operation: Operation) -> Payload:
    """GetPublicKey."""
    operation.parameters.required("KeyId")
    key, version = use.asymmetric_key(operation)
    pem = asymmetric.public_key_pem(kind_of(key), _material(operation, key, version))
    return {"PublicKey": pem, **use.named(key, version.id)}


def generate_mac(operation: Operation) -> Payload:
    """GenerateMac."""
    key, algorithm, made = _mac(operation)
    return {"Mac": use.encoded(made), "KeyId": key.id, "Algorithm": algorithm}


def verify_mac(operation: Operation) -> Payload:
    """VerifyMac."""
    operation.parameters.required("KeyId")
    given = operation.parameters.binary("Mac", _SIGNATURE_BYTES)
    key, algorithm, made = _mac(operation)
    return {"Value": comparison.compare_digest(made, given), "KeyId": key.id, "Algorithm": algorithm}


def _ready(operation: Operation, usage: Usage) -> tuple[Key, Version, str]:
    operation.parameters.required("KeyId")
    operation.parameters.required("Algorithm")
    key, version = use.asymmetric_key(operation)
    return key, version, use.algorithm(operation, key, usage)


def _material(operation: Operation, key: Key, version: Version) -> bytes:
    return material_of(operation.context, operation.scope, key, version)


def _digest(operation: Operation) -> bytes:
    digest = operation.parameters.binary("Digest", _SIGNATURE_BYTES)
    if len(digest) != DIGEST_BYTES:
        raise invalid("Digest", f"{DIGEST_BYTES} bytes are expected")
    return digest


def _mac(operation: Operation) -> tuple[Key, str, bytes]:
    parameters = operation.parameters
    algorithm = parameters.choice("Algorithm", mac.ALGORITHMS)
    if not algorithm:
        raise missing("Algorithm")
    message = parameters.binary("Message", _MESSAGE_BYTES)
    key = use.checked(operation, operation.key_or_alias())
    if key.usage != Usage.MAC:
        raise VendorError(WRONG_USAGE, f"The KeyUsage of the key is {key.usage}.")
    version = current_version(operation.context, operation.scope, key)
    return key, algorithm, mac.hmac(algorithm, _material(operation, key, version), message)
