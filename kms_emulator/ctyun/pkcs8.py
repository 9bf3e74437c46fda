"""A private key under a passphrase: PKCS#8 with PBES2, in which one leaves, and PKCS#12, in which one comes."""

from __future__ import annotations

import hashlib
from random import Random

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import padding, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import pkcs12

from kms_emulator.ctyun import der
from kms_emulator.ctyun.x509 import pem

_PBES2, _PBKDF2 = "1.2.840.113549.1.5.13", "1.2.840.113549.1.5.12"
_HMAC_SHA256, _AES_256_CBC = "1.2.840.113549.2.9", "2.16.840.1.101.3.4.1.42"
_ROUNDS = 100_000
_AES_BLOCK_BITS = 128
_CURVE = "secp256r1"


def encrypted_private_key(material: bytes, passphrase: str, random: Random) -> str:
    """The PEM of a private key, which only the passphrase opens; OpenSSL reads it for SM2 too."""
    salt, vector = random.randbytes(16), random.randbytes(16)
    key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, _ROUNDS, 32)
    pad = padding.PKCS7(_AES_BLOCK_BITS).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    box = encryptor.update(pad.update(material) + pad.finalize()) + encryptor.finalize()
    derivation = der.sequence(
        der.oid(_PBKDF2),
        der.sequence(der.octets(salt), der.integer(_ROUNDS), der.sequence(der.oid(_HMAC_SHA256), der.NULL)),
    )
    scheme = der.sequence(der.oid(_AES_256_CBC), der.octets(vector))
    algorithm = der.sequence(der.oid(_PBES2), der.sequence(derivation, scheme))
    return pem("ENCRYPTED PRIVATE KEY", der.sequence(algorithm, der.octets(box)))


def open_pkcs12(content: bytes, passphrase: str) -> tuple[str, bytes, str, str]:
    """Key spec, private key, certificate and chain (PEM) of a PKCS#12 file; ``ValueError`` without such parts."""
    try:
        found = pkcs12.load_pkcs12(content, passphrase.encode())
    except UnsupportedAlgorithm as problem:
        raise ValueError("the key is of a kind that is not read") from problem
    key, certificate = found.key, found.cert
    if certificate is None or not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError("a certificate with an RSA or EC key is needed")
    if isinstance(key, ec.EllipticCurvePrivateKey):
        if key.curve.name != _CURVE:
            raise ValueError(f"of EC keys only those of {_CURVE} are taken")
        spec = "EC_P256"
    else:
        spec = f"RSA_{key.key_size}"
    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    form = serialization.Encoding.PEM
    own = certificate.certificate.public_bytes(form).decode()
    chain = "".join(entry.certificate.public_bytes(form).decode() for entry in found.additional_certs)
    return spec, private, own, chain
