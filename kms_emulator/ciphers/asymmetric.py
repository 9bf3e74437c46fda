"""What a key pair does, whatever its kind: public key, encryption, signatures over a digest."""

import base64
import textwrap

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec as curves
from cryptography.hazmat.primitives.asymmetric import rsa as rsa_keys

from . import CipherError, ecdsa, rsa, sm2
from .material import CURVES, KINDS, RSA_BITS, SM2, unknown_kind

SM2_ENCRYPTION = "SM2PKE"
SM2_SIGNATURE = "SM2DSA"
ENCRYPT_DECRYPT = "ENCRYPT_DECRYPT"
SIGN_VERIFY = "SIGN_VERIFY"

_ECDSA = {"EC_P256": "ECDSA_SHA_256", "EC_P256K": "ECDSA_SHA_256", "EC_P384": "ECDSA_SHA_384"}
_ALGORITHMS: dict[str, dict[str, tuple[str, ...]]] = {
    ENCRYPT_DECRYPT: {**dict.fromkeys(RSA_BITS, rsa.ENCRYPTION), SM2: (SM2_ENCRYPTION,)},
    SIGN_VERIFY: {
        **dict.fromkeys(RSA_BITS, rsa.SIGNATURE),
        **{kind: (algorithm,) for kind, algorithm in _ECDSA.items()},
        SM2: (SM2_SIGNATURE,),
    },
}


def algorithms(kind: str, usage: str) -> tuple[str, ...]:
    """List what a kind can do for `ENCRYPT_DECRYPT` or `SIGN_VERIFY`: none for symmetric kinds.

    A cloud offers a part of this list.
    """
    if kind not in KINDS:
        raise unknown_kind(kind)
    if usage not in _ALGORITHMS:
        raise CipherError(f"usage {usage!r} does not exist; there are {', '.join(_ALGORITHMS)}")
    return _ALGORITHMS[usage].get(kind, ())


def max_plaintext(kind: str, algorithm: str) -> int:
    """Tell how many bytes are encrypted at once."""
    _check(kind, algorithm, ENCRYPT_DECRYPT)
    return sm2.MAX_PLAINTEXT if kind == SM2 else rsa.max_plaintext(RSA_BITS[kind], algorithm)


def public_key_der(kind: str, material: bytes) -> bytes:
    """Give the public key as SubjectPublicKeyInfo DER."""
    if kind == SM2:
        return sm2.public_der(sm2.load_private(material).point)
    if kind in RSA_BITS:
        return _info(_rsa(kind, material).public_key())
    if kind in CURVES:
        return _info(_ec(kind, material).public_key())
    raise CipherError(f"kind {kind!r} has no public key")


def public_key_pem(kind: str, material: bytes) -> str:
    """Give the public key as PEM, with a newline at its end."""
    text = base64.b64encode(public_key_der(kind, material)).decode("ascii")
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *textwrap.wrap(text, 64), "-----END PUBLIC KEY-----", ""])


def encrypt(kind: str, material: bytes, algorithm: str, plaintext: bytes) -> bytes:
    """Encrypt with the public half of the key."""
    _check(kind, algorithm, ENCRYPT_DECRYPT)
    if kind == SM2:
        return sm2.encrypt(sm2.load_private(material).point, plaintext)
    return rsa.encrypt(_rsa(kind, material).public_key(), algorithm, plaintext)


def decrypt(kind: str, material: bytes, algorithm: str, ciphertext: bytes) -> bytes:
    """Give back the plaintext, or raise `CipherError`; see `rsa.decrypt` about damaged RSAES_PKCS1_V1_5."""
    _check(kind, algorithm, ENCRYPT_DECRYPT)
    if kind == SM2:
        return sm2.decrypt(sm2.load_private(material), ciphertext)
    return rsa.decrypt(_rsa(kind, material), algorithm, ciphertext)


def sign_digest(kind: str, material: bytes, algorithm: str, digest: bytes) -> bytes:
    """Sign a digest of the algorithm's own hash; ECDSA and SM2 answer a DER SEQUENCE of r and s."""
    _check(kind, algorithm, SIGN_VERIFY)
    if kind == SM2:
        return sm2.sign(sm2.load_private(material), digest)
    if kind in RSA_BITS:
        return rsa.sign(_rsa(kind, material), algorithm, digest)
    return ecdsa.sign(_ec(kind, material), algorithm, digest)


def verify_digest(kind: str, material: bytes, algorithm: str, digest: bytes, signature: bytes) -> bool:
    """Tell whether this key signed this digest; bytes that are no signature at all are `False` too."""
    _check(kind, algorithm, SIGN_VERIFY)
    if kind == SM2:
        return sm2.verify(sm2.load_private(material).point, digest, signature)
    if kind in RSA_BITS:
        return rsa.verify(_rsa(kind, material).public_key(), algorithm, digest, signature)
    return ecdsa.verify(_ec(kind, material).public_key(), algorithm, digest, signature)


def sm2_digest(public_der: bytes, message: bytes, user_id: bytes = sm2.USER_ID) -> bytes:
    """Compute SM3(Z || message), the digest that SM2DSA signs."""
    return sm2.digest(sm2.load_public(public_der), message, user_id)


def _check(kind: str, algorithm: str, usage: str) -> None:
    allowed = algorithms(kind, usage)
    if algorithm not in allowed:
        raise CipherError(f"{kind} does not do {algorithm!r} for {usage}; it does {', '.join(allowed) or 'nothing'}")


def _rsa(kind: str, material: bytes) -> rsa_keys.RSAPrivateKey:
    key = rsa.load_private(material)
    if key.key_size != RSA_BITS[kind]:
        raise CipherError(f"{kind}: the material has the wrong size: {key.key_size} bits")
    return key


def _ec(kind: str, material: bytes) -> curves.EllipticCurvePrivateKey:
    key = ecdsa.load_private(material)
    if key.curve.name != CURVES[kind].name:
        raise CipherError(f"{kind}: the material is of the curve {key.curve.name}")
    return key


def _info(key: rsa_keys.RSAPublicKey | curves.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
