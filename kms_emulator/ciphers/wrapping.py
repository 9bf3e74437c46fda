"""Wrapping: a secret leaves or enters a cloud encrypted for a public key, the caller's or one made for the occasion."""

from . import CipherError, asymmetric, rsa, sm2
from .material import RSA_BITS, SM2, new_material

EC_SM2 = "EC_SM2"
SPECS = (*RSA_BITS, EC_SM2)
ALGORITHMS = (*rsa.ENCRYPTION, asymmetric.SM2_ENCRYPTION)


def new_wrapping_key(spec: str) -> bytes:
    """Draw a key pair (`RSA_2048`, `EC_SM2`, ...) that something will be wrapped for; give it as PKCS#8 DER."""
    if spec not in SPECS:
        raise CipherError(f"wrapping key spec {spec!r} does not exist; there are {', '.join(SPECS)}")
    return new_material(SM2 if spec == EC_SM2 else spec)


def wrapping_public_key(spec: str, private: bytes) -> bytes:
    """Give the half that is handed out, as SubjectPublicKeyInfo DER."""
    if spec not in SPECS:
        raise CipherError(f"wrapping key spec {spec!r} does not exist; there are {', '.join(SPECS)}")
    return asymmetric.public_key_der(SM2 if spec == EC_SM2 else spec, private)


def encrypt_for(public_der: bytes, algorithm: str, plaintext: bytes) -> bytes:
    """Encrypt for a public key in SubjectPublicKeyInfo DER, RSA (2048, 3072 or 4096 bits) or SM2."""
    _check(algorithm)
    if algorithm == asymmetric.SM2_ENCRYPTION:
        return sm2.encrypt(sm2.load_public(public_der), plaintext)
    key = rsa.load_public(public_der)
    if key.key_size not in RSA_BITS.values():
        sizes = ", ".join(str(bits) for bits in RSA_BITS.values())
        raise CipherError(f"the RSA public key has the wrong size: {key.key_size} bits; allowed are {sizes}")
    return rsa.encrypt(key, algorithm, plaintext)


def unwrap(private: bytes, algorithm: str, ciphertext: bytes) -> bytes:
    """Undo `encrypt_for` with the private key (PKCS#8 DER)."""
    _check(algorithm)
    if algorithm == asymmetric.SM2_ENCRYPTION:
        return sm2.decrypt(sm2.load_private(private), ciphertext)
    return rsa.decrypt(rsa.load_private(private), algorithm, ciphertext)


def _check(algorithm: str) -> None:
    if algorithm not in ALGORITHMS:
        raise CipherError(f"wrapping algorithm {algorithm!r} does not exist; there are {', '.join(ALGORITHMS)}")
