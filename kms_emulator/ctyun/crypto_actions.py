"""Operations 23 to 29 and 35: symmetric encryption, data keys, HMAC-SM3."""

from __future__ import annotations

from kms_emulator.ciphers import CipherError, rsa
from kms_emulator.ciphers.asymmetric import decrypt as decrypt_with_private_key
from kms_emulator.ciphers.mac import hmac
from kms_emulator.ciphers.wrapping import encrypt_for
from kms_emulator.ctyun import fields
from kms_emulator.ctyun.crypto import (
    Opened,
    algorithm_for,
    context_of,
    key_for_use,
    key_pair,
    opened,
    sealed,
    symmetric_key,
)
from kms_emulator.ctyun.invocation import Invocation, Payload
from kms_emulator.ctyun.materials import current_version, material_of
from kms_emulator.ctyun.terms import BAD_CIPHERTEXT, BAD_VALUE, MISSING, Refusal, Usage
from kms_emulator.ctyun.uses import (
    DATA_KEY_BYTES,
    DATA_KEY_SPECS,
    ENCRYPT_ALGORITHMS,
    PLAINTEXT_BYTES,
    REENCRYPT_SOURCES,
    WRAPPING_ALGORITHMS,
    cipher_kind,
)

_WRAPPING_BITS = 2_048


def encrypt(invocation: Invocation) -> Payload:
    """Encrypt with the primary version."""
    plaintext = fields.decoded("plaintext", invocation.fields["plaintext"], PLAINTEXT_BYTES)
    context = context_of(invocation)
    return sealed(invocation, symmetric_key(invocation), plaintext, context)


def decrypt(invocation: Invocation) -> Payload:
    """Decrypt; the ciphertext says with which key."""
    found = opened(invocation, context_of(invocation))
    return {"plaintext": fields.encoded(found.plaintext), **found.names}


def generate_data_key(invocation: Invocation) -> Payload:
    """A data key, in the clear and encrypted."""
    plaintext, answer = _data_key(invocation)
    return {"plaintext": fields.encoded(plaintext), **answer}


def generate_data_key_without_plaintext(invocation: Invocation) -> Payload:
    """A data key, encrypted only."""
    return _data_key(invocation)[1]


def generate_and_export_data_key(invocation: Invocation) -> Payload:
    """A data key, encrypted by the key and for the caller's public key."""
    wrap = _Wrapper(invocation)
    plaintext, answer = _data_key(invocation)
    return {**answer, "exportedDataKey": wrap(plaintext)}


def export_data_key(invocation: Invocation) -> Payload:
    """What a ciphertext holds, encrypted for the caller's public key."""
    wrap = _Wrapper(invocation)
    found = opened(invocation, context_of(invocation))
    return {"exportedDataKey": wrap(found.plaintext), **found.names}


def _data_key(invocation: Invocation) -> tuple[bytes, dict[str, object]]:
    """With both a length and a spec, the length counts [I] (Alibaba)."""
    given = invocation.fields
    spec = fields.one_of("keySpec", given.get("keySpec", "AES_256"), tuple(DATA_KEY_SPECS))
    length = fields.number_within("numberOfBytes", given.get("numberOfBytes", DATA_KEY_SPECS[spec]), DATA_KEY_BYTES)
    context = context_of(invocation)
    key = symmetric_key(invocation)
    plaintext = invocation.context.random.randbytes(length)
    return plaintext, sealed(invocation, key, plaintext, context)


class _Wrapper:
    """Encrypts for the caller's public key; built first, so that bad parameters are told before anything is made."""

    def __init__(self, invocation: Invocation) -> None:
        given = invocation.fields
        self._public = fields.decoded("publicKeyBlob", given["publicKeyBlob"])
        spec = fields.one_of("wrappingKeySpec", given["wrappingKeySpec"], tuple(WRAPPING_ALGORITHMS))
        self._algorithm = fields.one_of("wrappingAlgorithm", given["wrappingAlgorithm"], WRAPPING_ALGORITHMS[spec])
        self._check(spec)

    def _check(self, spec: str) -> None:
        if spec != "EC_SM2":
            try:
                bits = rsa.load_public(self._public).key_size
            except CipherError:
                bits = 0
            if bits != _WRAPPING_BITS:
                raise Refusal(BAD_VALUE, f"publicKeyBlob must be the DER of an RSA public key of {_WRAPPING_BITS} bits")

    def __call__(self, plaintext: bytes) -> str:
        try:
            return fields.encoded(encrypt_for(self._public, self._algorithm, plaintext))
        except CipherError as problem:
            raise Refusal(BAD_VALUE, f"publicKeyBlob cannot take the data key: {problem}") from None


def re_encrypt(invocation: Invocation) -> Payload:
    """Encrypt what a ciphertext holds under another key, without showing it [S2]."""
    bound = context_of(invocation, "destinationEncryptionContext")
    asymmetric = any(name in invocation.fields for name in ("sourceEncryptionAlgorithm", *_SOURCE))
    found = _from_key_pair(invocation) if asymmetric else opened(invocation, context_of(invocation, _SOURCE_CONTEXT))
    key = symmetric_key(invocation, "destinationKeyId")
    return sealed(invocation, key, found.plaintext, bound)


_SOURCE, _SOURCE_CONTEXT = ("sourceKeyId", "sourceKeyVersionId"), "sourceEncryptionContext"


def _from_key_pair(invocation: Invocation) -> Opened:
    """The content of a ciphertext made with a public key: key, version and algorithm must be named [S2]."""
    for name in _SOURCE:
        if name not in invocation.fields:
            raise Refusal(MISSING[name])
    if "sourceEncryptionAlgorithm" not in invocation.fields:
        raise Refusal(MISSING["algorithm"])
    blob = fields.decoded("ciphertextBlob", invocation.fields["ciphertextBlob"])
    fields.one_of("sourceEncryptionAlgorithm", invocation.fields["sourceEncryptionAlgorithm"], REENCRYPT_SOURCES)
    key, version = key_pair(invocation, Usage.CRYPT, *_SOURCE)
    algorithm = algorithm_for(invocation, ENCRYPT_ALGORITHMS[key["spec"]], "sourceEncryptionAlgorithm")
    material = material_of(invocation, key, version)
    try:
        return Opened(decrypt_with_private_key(cipher_kind(key["spec"]), material, algorithm, blob), key["id"], version)
    except CipherError:
        raise Refusal(BAD_CIPHERTEXT) from None


def hmac_sm3(invocation: Invocation) -> Payload:
    """HMAC-SM3 of a plain text, in hex [S6]."""
    key = key_for_use(invocation, Usage.MAC)
    text = invocation.fields["input"].encode()
    return {"hmacoutput": hmac("HMAC_SM3", material_of(invocation, key, current_version(invocation, key)), text).hex()}
