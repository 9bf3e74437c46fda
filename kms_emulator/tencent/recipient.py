"""Answers wrapped for the caller's public key (``EncryptionPublicKey``)."""

from __future__ import annotations

import base64

from kms_emulator.ciphers import CipherError, der
from kms_emulator.ciphers.rsa import load_public
from kms_emulator.ciphers.wrapping import encrypt_for
from kms_emulator.tencent import uses
from kms_emulator.tencent.ciphertext import decoded
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.fields import TEXT, Given, may

FIELDS = {"EncryptionPublicKey": may(TEXT), "EncryptionAlgorithm": may(TEXT)}
_SM2 = (uses.RECIPIENT_DEFAULT, uses.RECIPIENT_SM2_ASN1)
_RSA_BITS = 2048
_ARMOUR = ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----")


def plaintext_for(given: Given, plaintext: bytes) -> str:
    """``Plaintext`` of an answer: base64 of the plaintext, or of what the given public key made of it."""
    pem = given.text("EncryptionPublicKey")
    algorithm = given.text("EncryptionAlgorithm") or uses.RECIPIENT_DEFAULT
    if algorithm not in (*_SM2, *uses.RSA_ENCRYPTION):
        raise ApiError(Code.INVALID_PARAMETER, f"`EncryptionAlgorithm` is `{algorithm}`, which does not exist.")
    return base64.b64encode(_wrapped(pem, algorithm, plaintext) if pem else plaintext).decode()


def _wrapped(pem: str, algorithm: str, plaintext: bytes) -> bytes:
    try:
        public = _der(pem)
        if algorithm in uses.RSA_ENCRYPTION:
            return encrypt_for(_of_2048_bits(public), algorithm, plaintext)
        wrapped = encrypt_for(public, "SM2PKE", plaintext)
    except CipherError as problem:
        raise ApiError(Code.ENCRYPTION_ERROR, f"The answer cannot be encrypted: {problem}.") from None
    return _joined(wrapped) if algorithm == uses.RECIPIENT_DEFAULT else wrapped


def _der(pem: str) -> bytes:
    lines = [line.strip() for line in pem.strip().splitlines()]
    if len(lines) < 3 or (lines[0], lines[-1]) != _ARMOUR:
        raise CipherError("the public key is not PEM")
    found = decoded("".join(lines[1:-1]))
    if found is None:
        raise CipherError("the public key is not PEM")
    return found


def _of_2048_bits(public: bytes) -> bytes:
    if load_public(public).key_size != _RSA_BITS:  # the only RSA size that the vendor names [S1]
        raise CipherError("the RSA public key has the wrong size")
    return public


def _joined(wrapped: bytes) -> bytes:
    """C1C3C2 without ASN.1: an uncompressed point, the hash, the data."""
    parts = der.read_ciphertext(wrapped)
    return b"\x04" + parts.x.to_bytes(32, "big") + parts.y.to_bytes(32, "big") + parts.hash + parts.data
