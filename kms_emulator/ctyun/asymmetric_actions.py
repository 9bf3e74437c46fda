"""Operations 30 to 34: signatures and encryption with key pairs, public keys."""

from __future__ import annotations

from kms_emulator.ciphers import CipherError, asymmetric
from kms_emulator.contract import Document
from kms_emulator.ctyun import fields
from kms_emulator.ctyun.crypto import algorithm_for, key_pair
from kms_emulator.ctyun.invocation import Invocation, Payload
from kms_emulator.ctyun.materials import material_of
from kms_emulator.ctyun.terms import BAD_CIPHERTEXT, BAD_VALUE, Refusal, Usage
from kms_emulator.ctyun.uses import DIGEST_BYTES, ENCRYPT_ALGORITHMS, SIGN_ALGORITHMS, cipher_kind


def asymmetric_sign(invocation: Invocation) -> Payload:
    """Sign a digest."""
    digest = digest_in(invocation, "digest")
    key, version = key_pair(invocation, Usage.SIGN)
    algorithm = algorithm_for(invocation, SIGN_ALGORITHMS[key["spec"]])
    material = material_of(invocation, key, version)
    value = asymmetric.sign_digest(cipher_kind(key["spec"]), material, algorithm, digest)
    return {"value": fields.encoded(value), **_names(key, version)}


def asymmetric_verify(invocation: Invocation) -> Payload:
    """Whether a signature is one of this version over this digest; a bad one is an answer, not an error [I]."""
    digest = digest_in(invocation, "digest")
    signature = fields.decoded("value", invocation.fields["value"])
    key, version = key_pair(invocation, Usage.SIGN)
    algorithm = algorithm_for(invocation, SIGN_ALGORITHMS[key["spec"]])
    material = material_of(invocation, key, version)
    good = asymmetric.verify_digest(cipher_kind(key["spec"]), material, algorithm, digest, signature)
    return {"value": good, **_names(key, version)}


def asymmetric_encrypt(invocation: Invocation) -> Payload:
    """Encrypt a little with the public key."""
    plaintext = fields.decoded("plaintext", invocation.fields["plaintext"])
    key, version = key_pair(invocation, Usage.CRYPT)
    algorithm = algorithm_for(invocation, ENCRYPT_ALGORITHMS[key["spec"]])
    blob = encrypted(cipher_kind(key["spec"]), material_of(invocation, key, version), algorithm, plaintext)
    return {"ciphertextBlob": blob, **_names(key, version)}


def asymmetric_decrypt(invocation: Invocation) -> Payload:
    """Decrypt with the private key."""
    blob = fields.decoded("ciphertextBlob", invocation.fields["ciphertextBlob"])
    key, version = key_pair(invocation, Usage.CRYPT)
    algorithm = algorithm_for(invocation, ENCRYPT_ALGORITHMS[key["spec"]])
    text = decrypted(cipher_kind(key["spec"]), material_of(invocation, key, version), algorithm, blob)
    return {"plaintext": text, **_names(key, version)}


def get_public_key(invocation: Invocation) -> Payload:
    """The public key of a version as PEM; the key must be Enabled for it [I?]."""
    key, version = key_pair(invocation, None)
    pem = asymmetric.public_key_pem(cipher_kind(key["spec"]), material_of(invocation, key, version))
    return {"publicKey": pem, **_names(key, version)}


def digest_in(invocation: Invocation, name: str) -> bytes:
    """The digest in a field; every algorithm takes one of the same length."""
    digest = fields.decoded(name, invocation.fields[name])
    if len(digest) != DIGEST_BYTES:
        raise Refusal(BAD_VALUE, f"{name} must have {DIGEST_BYTES} bytes before Base64")
    return digest


def encrypted(kind: str, material: bytes, algorithm: str, plaintext: bytes) -> str:
    """Public-key encryption in Base64."""
    limit = asymmetric.max_plaintext(kind, algorithm)
    if not 1 <= len(plaintext) <= limit:
        raise Refusal(BAD_VALUE, f"plaintext must have 1 to {limit} bytes before Base64")
    return fields.encoded(asymmetric.encrypt(kind, material, algorithm, plaintext))


def decrypted(kind: str, material: bytes, algorithm: str, blob: bytes) -> str:
    """Private-key decryption in Base64."""
    try:
        return fields.encoded(asymmetric.decrypt(kind, material, algorithm, blob))
    except CipherError:
        raise Refusal(BAD_CIPHERTEXT) from None


def _names(key: Document, version: str) -> dict[str, object]:
    return {"cmkUuid": key["id"], "keyVersionId": version}
