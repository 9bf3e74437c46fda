"""Key material: what a key of each kind is made of, and how it is drawn.

Symmetric material is the raw bytes of the key. Asymmetric material is the private key as PKCS#8 DER, for SM2 too, so
that any other tool can read it.
"""

import secrets

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from . import CipherError, sm2

LENGTHS = {"AES_128": 16, "AES_192": 24, "AES_256": 32, "SM4": 16, "HMAC": 32}
RSA_BITS = {"RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}
CURVES: dict[str, ec.EllipticCurve] = {"EC_P256": ec.SECP256R1(), "EC_P256K": ec.SECP256K1(), "EC_P384": ec.SECP384R1()}
SM2 = "SM2"
KINDS = (*LENGTHS, *RSA_BITS, *CURVES, SM2)


def new_material(kind: str) -> bytes:
    """Draw a new key. RSA takes long (a second for RSA_4096): make it when it is first used."""
    if kind in LENGTHS:
        return secrets.token_bytes(LENGTHS[kind])
    if kind in RSA_BITS:
        return _pkcs8(rsa.generate_private_key(65537, RSA_BITS[kind]))
    if kind in CURVES:
        return _pkcs8(ec.generate_private_key(CURVES[kind]))
    if kind == SM2:
        return sm2.new_private_key()
    raise unknown_kind(kind)


def material_length(kind: str) -> int | None:
    """Tell how many bytes the material of a symmetric kind has; asymmetric kinds have no fixed length."""
    if kind not in KINDS:
        raise unknown_kind(kind)
    return LENGTHS.get(kind)


def unknown_kind(kind: str) -> CipherError:
    """Say that there is no such kind, and which there are."""
    return CipherError(f"kind {kind!r} does not exist; there are {', '.join(KINDS)}")


def _pkcs8(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
