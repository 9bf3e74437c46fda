"""What can be done with a public key on this machine, without a cloud: encrypt, verify, tell the key's kind."""

from __future__ import annotations

from typing import NoReturn

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from kms_resources.crypto import pem, sm2
from kms_resources.crypto.words import Algorithm
from kms_resources.errors import InputError
from kms_resources.model import Spec

RsaOrCurve = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

_MODULUS_BITS = {Spec.RSA_2048: 2048, Spec.RSA_3072: 3072, Spec.RSA_4096: 4096}
_CURVES = {"secp256r1": Spec.EC_P256, "secp256k1": Spec.EC_P256K, "secp384r1": Spec.EC_P384}
_OVERHEAD = {
    Algorithm.RSAES_OAEP_SHA_256: 2 * 32 + 2,
    Algorithm.RSAES_OAEP_SHA_1: 2 * 20 + 2,
    Algorithm.RSAES_PKCS1_V1_5: 11,
}
"""What the padding takes of the modulus, bytes (RFC 8017)."""
_RSA_SIGNATURES = (Algorithm.RSA_PSS_SHA_256, Algorithm.RSA_PKCS1_SHA_256)
_CURVE_SIGNATURES = {
    "secp256r1": (Algorithm.ECDSA_SHA_256,),
    "secp256k1": (Algorithm.ECDSA_SHA_256,),
    "secp384r1": (Algorithm.ECDSA_SHA_384,),
}
_DIGEST_HASHES: dict[Algorithm, hashes.HashAlgorithm] = {
    Algorithm.RSA_PSS_SHA_256: hashes.SHA256(),
    Algorithm.RSA_PKCS1_SHA_256: hashes.SHA256(),
    Algorithm.ECDSA_SHA_256: hashes.SHA256(),
    Algorithm.ECDSA_SHA_384: hashes.SHA384(),
}
_SALT = 32


def public_key_to_pem(der: bytes) -> str:
    """SubjectPublicKeyInfo as PEM."""
    return pem.to_pem(der, pem.PUBLIC_KEY)


def public_key_from_pem(text: str) -> bytes:
    """SubjectPublicKeyInfo from PEM. Raises `InputError` when there is none."""
    return pem.from_pem(text, pem.PUBLIC_KEY)


def spec_of_public_key(der: bytes) -> Spec:
    """What kind of key it is. Raises `InputError` for a kind that no key here has."""
    key = _load(der)
    if isinstance(key, rsa.RSAPublicKey):
        found = [spec for spec, bits in _MODULUS_BITS.items() if bits == key.key_size]
    elif isinstance(key, ec.EllipticCurvePublicKey):
        found = [spec for name, spec in _CURVES.items() if name == key.curve.name]
    else:
        found = [Spec.SM2]
    return found[0] if found else _refuse_kind(f"it is {_kind(key)}")


def capacity(spec: Spec, algorithm: Algorithm) -> int:
    """The most bytes that one encryption takes. Raises `InputError` when the key cannot do the algorithm."""
    if spec is Spec.SM2 and algorithm is Algorithm.SM2PKE:
        return sm2.MOST_PLAINTEXT
    if spec in _MODULUS_BITS and algorithm in _OVERHEAD:
        return _MODULUS_BITS[spec] // 8 - _OVERHEAD[algorithm]
    raise InputError(f"{algorithm} cannot encrypt with an {spec} key")


def encrypt_with_public_key(der: bytes, algorithm: Algorithm, plaintext: bytes) -> bytes:
    """Encrypt so that only the private key opens it. SM2 ciphertexts are DER.

    Raises `InputError` when key and algorithm do not belong together, or when the plaintext is empty or too long.
    """
    key = _load(der)
    if isinstance(key, rsa.RSAPublicKey) and algorithm in _OVERHEAD:
        _check_length(plaintext, algorithm, (key.key_size + 7) // 8 - _OVERHEAD[algorithm])
        return key.encrypt(plaintext, _encryption_padding(algorithm))
    if isinstance(key, tuple) and algorithm is Algorithm.SM2PKE:
        _check_length(plaintext, algorithm, sm2.MOST_PLAINTEXT)
        return sm2.encrypt(key, plaintext)
    raise InputError(f"{algorithm} does not go with this public key", why=f"it is {_kind(key)}")


def verify_with_public_key(der: bytes, algorithm: Algorithm, digest: bytes, signature: bytes) -> bool:
    """Whether the signature of a digest is right. A malformed signature is merely wrong.

    Raises `InputError` when key and algorithm do not belong together, or when the digest has the wrong length.
    """
    key = _load(der)
    _check_signer(key, algorithm)
    expected = digest_length(algorithm)
    if len(digest) != expected:
        raise InputError(f"a digest for {algorithm} has {expected} bytes", why=f"this one has {len(digest)}")
    if isinstance(key, tuple):
        return sm2.verify(key, digest, signature)
    prehashed = utils.Prehashed(_DIGEST_HASHES[algorithm])
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, digest, _signature_padding(algorithm), prehashed)
        else:
            key.verify(signature, digest, ec.ECDSA(prehashed))
    except InvalidSignature:
        return False
    return True


def check_signature_key(der: bytes, algorithm: Algorithm) -> None:
    """Raise `InputError` when such a key does not make such signatures."""
    _check_signer(_load(der), algorithm)


def digest_length(algorithm: Algorithm) -> int:
    """How long a digest for this algorithm is, bytes. Raises `InputError` for one that does not sign."""
    if not algorithm.signs:
        raise InputError(f"{algorithm} encrypts; it makes no signatures")
    known = _DIGEST_HASHES.get(algorithm)
    return known.digest_size if known else hashes.SM3.digest_size


def sm2_point(der: bytes) -> sm2.Point:
    """The point of an SM2 public key. Raises `InputError` for any other key."""
    key = _load(der)
    if isinstance(key, tuple):
        return key
    raise InputError("SM2 needs an SM2 public key", why=f"this is {_kind(key)}")


def _load(der: bytes) -> RsaOrCurve | sm2.Point:
    try:
        return sm2.load(der)
    except ValueError:
        pass  # not SM2: a library knows the others
    try:
        key = serialization.load_der_public_key(der)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        why = "it is not a DER SubjectPublicKeyInfo of a key known here, or its point is not on the curve"
        raise InputError("the public key cannot be read", why=why) from None
    if not isinstance(key, RsaOrCurve):
        _refuse_kind("it is a key of another kind")
    return key


def _check_signer(key: RsaOrCurve | sm2.Point, algorithm: Algorithm) -> None:
    if isinstance(key, rsa.RSAPublicKey):
        fits = algorithm in _RSA_SIGNATURES
    elif isinstance(key, ec.EllipticCurvePublicKey):
        fits = algorithm in _CURVE_SIGNATURES.get(key.curve.name, ())
    else:
        fits = algorithm is Algorithm.SM2DSA
    if not fits:
        raise InputError(f"{algorithm} does not go with this public key", why=f"it is {_kind(key)}")


def _kind(key: RsaOrCurve | sm2.Point) -> str:
    if isinstance(key, rsa.RSAPublicKey):
        return f"an RSA key of {key.key_size} bits"
    return f"a key on the curve {key.curve.name}" if isinstance(key, ec.EllipticCurvePublicKey) else "an SM2 key"


def _refuse_kind(why: str) -> NoReturn:
    known = ", ".join([*_MODULUS_BITS, *_CURVES.values(), Spec.SM2])
    raise InputError("the public key is of no kind known here", why=f"{why}; known: {known}")


def _check_length(plaintext: bytes, algorithm: Algorithm, most: int) -> None:
    if not 1 <= len(plaintext) <= most:
        why = f"there are {len(plaintext)}, and {algorithm} takes 1 to {most} with this key"
        raise InputError("the plaintext has the wrong number of bytes", why=why)


def _encryption_padding(algorithm: Algorithm) -> padding.AsymmetricPadding:
    if algorithm is Algorithm.RSAES_PKCS1_V1_5:
        return padding.PKCS1v15()
    chosen = hashes.SHA256() if algorithm is Algorithm.RSAES_OAEP_SHA_256 else hashes.SHA1()  # noqa: S303
    return padding.OAEP(padding.MGF1(chosen), chosen, None)


def _signature_padding(algorithm: Algorithm) -> padding.AsymmetricPadding:
    if algorithm is Algorithm.RSA_PKCS1_SHA_256:
        return padding.PKCS1v15()
    return padding.PSS(padding.MGF1(hashes.SHA256()), _SALT)
