"""Authenticated encryption with a symmetric key: AES-GCM and SM4-GCM, 12 bytes of nonce, 16 bytes of tag."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES, SM4

from . import CipherError
from .material import LENGTHS

NONCE_LENGTH = 12
TAG_LENGTH = 16

_ALGORITHMS: dict[str, type[AES] | type[SM4]] = {"AES_128": AES, "AES_192": AES, "AES_256": AES, "SM4": SM4}


def seal(
    kind: str, material: bytes, plaintext: bytes, aad: bytes = b"", nonce: bytes | None = None
) -> tuple[bytes, bytes]:
    """Encrypt `plaintext` and bind `aad` to it; return the nonce, and the ciphertext with the tag at its end.

    A nonce must never serve twice under one key: without `nonce` a random one is drawn.
    """
    algorithm = _algorithm(kind, material)
    nonce = secrets.token_bytes(NONCE_LENGTH) if nonce is None else nonce
    _check_nonce(nonce)
    encryptor = Cipher(algorithm, modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(aad)
    ciphertext = encryptor.update(plaintext) + encryptor.finalize()
    return nonce, ciphertext + encryptor.tag


def open_sealed(kind: str, material: bytes, nonce: bytes, sealed: bytes, aad: bytes = b"") -> bytes:
    """Give back the plaintext, or raise `CipherError` when key, nonce, `aad` or a single bit of `sealed` differ."""
    algorithm = _algorithm(kind, material)
    _check_nonce(nonce)
    if len(sealed) < TAG_LENGTH:
        raise CipherError(f"{kind}: the ciphertext has the wrong size: it is shorter than its {TAG_LENGTH} byte tag")
    ciphertext, tag = sealed[:-TAG_LENGTH], sealed[-TAG_LENGTH:]
    decryptor = Cipher(algorithm, modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(aad)
    try:
        return decryptor.update(ciphertext) + decryptor.finalize()
    except InvalidTag:
        raise CipherError(f"{kind}: the ciphertext cannot be opened") from None


def _algorithm(kind: str, material: bytes) -> AES | SM4:
    if kind not in _ALGORITHMS:
        raise CipherError(f"kind {kind!r} does not seal; these do: {', '.join(_ALGORITHMS)}")
    if len(material) != LENGTHS[kind]:
        raise CipherError(f"{kind}: the material has the wrong size: {len(material)} bytes, not {LENGTHS[kind]}")
    return _ALGORITHMS[kind](material)


def _check_nonce(nonce: bytes) -> None:
    if len(nonce) != NONCE_LENGTH:
        raise CipherError(f"the nonce has the wrong size: {len(nonce)} bytes, not {NONCE_LENGTH}")
