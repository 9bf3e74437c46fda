"""ECDSA with private keys in PKCS#8 DER; a signature is the DER SEQUENCE of r and s."""

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from . import CipherError

_HASHES: dict[str, hashes.HashAlgorithm] = {"ECDSA_SHA_256": hashes.SHA256(), "ECDSA_SHA_384": hashes.SHA384()}
SIGNATURE = tuple(_HASHES)


def load_private(data: bytes) -> ec.EllipticCurvePrivateKey:
    """Read a private key from PKCS#8 DER."""
    try:
        key = serialization.load_der_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CipherError("the private key is not an EC key of a known curve in PKCS#8 DER") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CipherError("the private key is of another kind than EC")
    return key


def sign(key: ec.EllipticCurvePrivateKey, algorithm: str, digest: bytes) -> bytes:
    """Sign a digest of the algorithm's hash."""
    return key.sign(_checked_digest(algorithm, digest), ec.ECDSA(utils.Prehashed(_HASHES[algorithm])))


def verify(key: ec.EllipticCurvePublicKey, algorithm: str, digest: bytes, signature: bytes) -> bool:
    """Tell whether the signature was made for this digest with the private key of this public one."""
    try:
        key.verify(signature, _checked_digest(algorithm, digest), ec.ECDSA(utils.Prehashed(_HASHES[algorithm])))
    except InvalidSignature:
        return False
    return True


def _checked_digest(algorithm: str, digest: bytes) -> bytes:
    size = _HASHES[algorithm].digest_size
    if len(digest) != size:
        raise CipherError(f"{algorithm}: the digest has the wrong size: {len(digest)} bytes, not {size}")
    return digest
