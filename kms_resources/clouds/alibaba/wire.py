"""How bytes and contexts of cryptographic calls are written at Alibaba Cloud, the same on both doors.

A ciphertext of a symmetric key is Base64 of 36 characters key version id, 12 bytes nonce, AES-GCM ciphertext, 16 bytes
tag, and what was encrypted is the Base64 *text* of the plaintext. The instance gateway puts three bytes in front; they
are cut off and put back, so that both doors open each other's ciphertexts.
Source: the official package alibabacloud-kms-python-sdk 1.1.3. [I] marks what is inferred.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import string

from kms_resources.crypto import der
from kms_resources.crypto.pem import from_pem
from kms_resources.crypto.words import Algorithm, Context
from kms_resources.errors import InputError, RejectedError

VERSION_BYTES = 36
NONCE_BYTES = 12
TAG_BYTES = 16
HEADER = b"$\x00\x02"
"""Magic, version and padding mode (four bits each), AES-GCM."""
_RSA_SIGNATURES = (256, 384, 512)


def to_text(data: bytes) -> str:
    """Base64 as every field of the API has it."""
    return base64.b64encode(data).decode("ascii")


def to_bytes(text: object) -> bytes:
    """Base64 of an answer; raises `ValueError` for anything else."""
    if not isinstance(text, str | bytes):
        raise ValueError("not Base64")  # noqa: TRY004  (foreign data)
    return base64.b64decode(text, validate=True)


def text_encoding(name: str) -> str:
    """The name of an encoding, checked. Raises `InputError` for one that is unknown or writes ASCII in another way.

    Names, Base64 and key version ids are ASCII: an encoding that writes those differently would make ciphertexts that
    only this door can open, and only with the same setting.
    """
    try:
        compatible = string.printable.encode(name) == string.printable.encode("ascii")
    except (LookupError, UnicodeError, ValueError):
        compatible = False
    if not compatible:
        raise InputError(
            f"the encoding {name[:40]!r} cannot be used",
            why="it is unknown here, or writes ASCII in another way than everybody else",
            advice="write for example utf-8, gbk, gb18030 or big5",
        )
    return name


def associated_data(context: Context, encoding: str) -> bytes:
    """What the instance gateway binds a ciphertext to: the hash of the sorted context; nothing for an empty one.

    Names and values are joined without quoting, so that `a: 1&b=2` and `a: 1, b: 2` are the same. So the vendor has it.
    """
    if not context:
        return b""
    joined = "&".join(f"{name}={context[name]}" for name in sorted(context))
    try:
        return hashlib.sha256(joined.encode(encoding)).hexdigest().encode("ascii")
    except UnicodeEncodeError:
        raise InputError(
            f"the encryption context cannot be written in {encoding}", why="it holds characters that are not in it"
        ) from None


def from_gateway(blob: bytes) -> str:
    """The ciphertext of an answer of the instance gateway as the shared gateway writes it."""
    if not blob.startswith(HEADER) or len(blob) <= len(HEADER) + VERSION_BYTES + NONCE_BYTES + TAG_BYTES:
        raise ValueError("not a ciphertext of the known form")
    return to_text(blob[len(HEADER) :])


def for_gateway(blob: str) -> tuple[bytes, bytes]:
    """A ciphertext as the instance gateway takes it, and its nonce. Raises `RejectedError` for what is none."""
    try:
        data = base64.b64decode(blob, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) <= VERSION_BYTES + NONCE_BYTES + TAG_BYTES:
        raise RejectedError(
            "Decrypt was not sent",
            why="this is not a ciphertext of Alibaba Cloud's KMS",
            advice="give the text back as it was received",
        )
    return HEADER + data, data[VERSION_BYTES : VERSION_BYTES + NONCE_BYTES]


def public_key(pem: str) -> bytes:
    """The DER of a PEM public key; raises `ValueError` for anything else."""
    try:
        return from_pem(pem)
    except InputError:
        raise ValueError("not a public key") from None


def looks_like_signature(algorithm: Algorithm, signature: bytes) -> bool:
    """Whether it has the form of a signature. The cloud answers a malformed one with an error that says nothing.

    [I] That ECDSA and SM2 signatures are DER here: the vendor's samples put them into certificate requests as they are.
    """
    if algorithm in {Algorithm.RSA_PSS_SHA_256, Algorithm.RSA_PKCS1_SHA_256}:
        return len(signature) in _RSA_SIGNATURES
    try:
        der.decode(der.Signature, signature)
    except ValueError:
        return False
    return True
