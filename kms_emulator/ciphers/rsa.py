"""RSA: encryption and signatures with private keys in PKCS#8 DER."""

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

from . import CipherError

_SHA1, _SHA256 = hashes.SHA1(), hashes.SHA256()  # noqa: S303 - the clouds still offer OAEP with SHA-1
_OVERHEAD = {
    "RSAES_OAEP_SHA_256": 2 * _SHA256.digest_size + 2,
    "RSAES_OAEP_SHA_1": 2 * _SHA1.digest_size + 2,
    "RSAES_PKCS1_V1_5": 11,
}
_ENCRYPTION: dict[str, padding.AsymmetricPadding] = {
    "RSAES_OAEP_SHA_256": padding.OAEP(padding.MGF1(_SHA256), _SHA256, None),
    "RSAES_OAEP_SHA_1": padding.OAEP(padding.MGF1(_SHA1), _SHA1, None),
    "RSAES_PKCS1_V1_5": padding.PKCS1v15(),
}
_SIGNATURE: dict[str, padding.AsymmetricPadding] = {
    "RSA_PSS_SHA_256": padding.PSS(padding.MGF1(_SHA256), padding.PSS.DIGEST_LENGTH),
    "RSA_PKCS1_SHA_256": padding.PKCS1v15(),
}
ENCRYPTION = tuple(_ENCRYPTION)
SIGNATURE = tuple(_SIGNATURE)


def load_private(data: bytes) -> rsa.RSAPrivateKey:
    """Read a private key from PKCS#8 DER.

    The key was made here, so its primes are not proved again: that takes longer than everything done with it.
    """
    try:
        key = serialization.load_der_private_key(data, None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CipherError("the private key is not an RSA key in PKCS#8 DER") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise CipherError("the private key is of another kind than RSA")
    return key


def load_public(data: bytes) -> rsa.RSAPublicKey:
    """Read a public key from SubjectPublicKeyInfo DER."""
    try:
        key = serialization.load_der_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        raise CipherError("the public key is not an RSA key in SubjectPublicKeyInfo DER") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise CipherError("the public key is of another kind than RSA")
    return key


def max_plaintext(bits: int, algorithm: str) -> int:
    """Tell how many bytes a key of this size encrypts at once."""
    return bits // 8 - _OVERHEAD[algorithm]


def encrypt(key: rsa.RSAPublicKey, algorithm: str, plaintext: bytes) -> bytes:
    """Encrypt for a public key."""
    limit = max_plaintext(key.key_size, algorithm)
    if len(plaintext) > limit:
        raise CipherError(f"{algorithm}: the plaintext has the wrong size: {len(plaintext)} bytes, at most {limit}")
    return key.encrypt(plaintext, _ENCRYPTION[algorithm])


def decrypt(key: rsa.RSAPrivateKey, algorithm: str, ciphertext: bytes) -> bytes:
    """Give back the plaintext, or raise `CipherError`.

    Damaged RSAES_PKCS1_V1_5 does not fail: it yields other bytes, so that no one learns about the padding from errors.
    """
    try:
        return key.decrypt(ciphertext, _ENCRYPTION[algorithm])
    except ValueError:
        raise CipherError(f"{algorithm}: the ciphertext cannot be opened") from None


def sign(key: rsa.RSAPrivateKey, algorithm: str, digest: bytes) -> bytes:
    """Sign a SHA-256 digest."""
    return key.sign(_checked_digest(algorithm, digest), _SIGNATURE[algorithm], utils.Prehashed(_SHA256))


def verify(key: rsa.RSAPublicKey, algorithm: str, digest: bytes, signature: bytes) -> bool:
    """Tell whether the signature was made for this digest with the private key of this public one."""
    try:
        key.verify(signature, _checked_digest(algorithm, digest), _SIGNATURE[algorithm], utils.Prehashed(_SHA256))
    except InvalidSignature:
        return False
    return True


def _checked_digest(algorithm: str, digest: bytes) -> bytes:
    if len(digest) != _SHA256.digest_size:
        raise CipherError(f"{algorithm}: the digest has the wrong size: {len(digest)} bytes, not {_SHA256.digest_size}")
    return digest
