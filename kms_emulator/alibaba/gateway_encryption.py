"""Encryption and data keys on the instance gateway.

Ciphertexts of the operations whose names begin with Advance name their key version and IV, after three bytes of header
[S5 run][S6]. The plain ones leave both to the caller: the IV in a field, the version in a header.
"""

from __future__ import annotations

from kms_emulator.alibaba import asymmetric, use
from kms_emulator.alibaba.ciphertexts import Sealed
from kms_emulator.alibaba.encryption import DATA_KEY_BYTES
from kms_emulator.alibaba.errors import VendorError, invalid, missing
from kms_emulator.alibaba.facts import Usage
from kms_emulator.alibaba.gateway_messages import Values
from kms_emulator.alibaba.gateway_work import (
    HEADER,
    PLAINTEXT_BYTES,
    Work,
    advanced,
    algorithm_of,
    cipher_name,
    decoded,
)
from kms_emulator.alibaba.model import Key


def encrypt(work: Work) -> Values:
    """Encrypt, with a symmetric or an asymmetric key."""
    plaintext = work.data("Plaintext", PLAINTEXT_BYTES)
    key = work.key()
    if key.symmetric:
        sealed = work.seal(key, plaintext)
        return {"KeyId": key.id, "CiphertextBlob": sealed.body, "Iv": sealed.iv, **work.cipher(key)}
    algorithm = algorithm_of(work, key, Usage.ENCRYPT)
    operation = work.asymmetric(key, Algorithm=algorithm, Plaintext=use.encoded(plaintext))
    blob = decoded(asymmetric.asymmetric_encrypt(operation)["CiphertextBlob"])
    return {"KeyId": key.id, "CiphertextBlob": blob, "Algorithm": algorithm}


def decrypt(work: Work) -> Values:
    """Decrypt. A symmetric ciphertext that comes without a version is tried with every one of the key, newest first."""
    blob = work.data("CiphertextBlob")
    if not work.text("KeyId") and not work.wanted_version:
        raise missing("KeyId")
    iv = bytes(work.fields.get("Iv", b""))
    if not work.text("KeyId"):
        sealed = Sealed(work.wanted_version, iv, blob)
        key = work.sealing_key(sealed)
        return {"KeyId": key.id, "Plaintext": work.open(key, sealed), **work.cipher(key)}
    key = work.key()
    if key.symmetric:
        plaintext = _opened_somehow(work, key, work.data("Iv"), blob)
        return {"KeyId": key.id, "Plaintext": plaintext, **work.cipher(key)}
    algorithm = algorithm_of(work, key, Usage.ENCRYPT)
    operation = work.asymmetric(key, Algorithm=algorithm, CiphertextBlob=use.encoded(blob))
    plaintext = decoded(asymmetric.asymmetric_decrypt(operation)["Plaintext"])
    return {"KeyId": key.id, "Plaintext": plaintext, "Algorithm": algorithm}


def _opened_somehow(work: Work, key: Key, iv: bytes, blob: bytes) -> bytes:
    if work.wanted_version:
        return work.open(key, Sealed(work.wanted_version, iv, blob))
    versions = work.operation.versions.list(where=("key", key.id), newest_first=True, lagged=False).items
    for version in versions[:-1]:
        try:
            return work.open(key, Sealed(version["id"], iv, blob))
        except VendorError:
            continue
    return work.open(key, Sealed(versions[-1]["id"] if versions else "", iv, blob))


def advance_encrypt(work: Work) -> Values:
    """AdvanceEncrypt."""
    plaintext = work.data("Plaintext", PLAINTEXT_BYTES)
    key = work.key()
    return {"KeyId": key.id, **advanced(work.seal(key, plaintext)), **work.cipher(key)}


def advance_decrypt(work: Work) -> Values:
    """AdvanceDecrypt; the ciphertext names its key version."""
    blob = work.data("CiphertextBlob")
    if not blob.startswith(HEADER):
        raise invalid("CiphertextBlob", "it does not begin as ciphertexts of AdvanceEncrypt do")
    sealed = use.computed("CiphertextBlob", Sealed.parse, blob[len(HEADER) :])
    if bytes(work.fields.get("Iv", sealed.iv)) != sealed.iv:
        raise invalid("Iv", "it is not the one in the ciphertext")
    key = work.sealing_key(sealed)
    return {"KeyId": key.id, "Plaintext": work.open(key, sealed), "KeyVersionId": sealed.version_id, **work.cipher(key)}


def kms_encrypt(work: Work) -> Values:
    """KmsEncrypt: the answer has no place for the IV, so the ciphertext is that of the shared gateway [I?]."""
    plaintext = work.data("Plaintext", PLAINTEXT_BYTES)
    key = work.key()
    return {"KeyId": key.id, "CiphertextBlob": work.seal(key, plaintext).blob}


def kms_decrypt(work: Work) -> Values:
    """KmsDecrypt."""
    sealed = use.computed("CiphertextBlob", Sealed.parse, work.data("CiphertextBlob"))
    key = work.sealing_key(sealed)
    return {"KeyId": key.id, "Plaintext": work.open(key, sealed)}


def generate_data_key(work: Work) -> Values:
    """GenerateDataKey. What is sealed are the bytes of the data key themselves."""
    key, data_key, sealed = _data_key(work)
    return {
        "KeyId": key.id, "Plaintext": data_key, "CiphertextBlob": sealed.body, "Iv": sealed.iv,
        "Algorithm": cipher_name(key),
    }  # fmt: skip


def advance_generate_data_key(work: Work) -> Values:
    """AdvanceGenerateDataKey."""
    key, data_key, sealed = _data_key(work)
    return {"KeyId": key.id, "Plaintext": data_key, **advanced(sealed), "Algorithm": cipher_name(key)}


def _data_key(work: Work) -> tuple[Key, bytes, Sealed]:
    size = work.size("NumberOfBytes", 32, *DATA_KEY_BYTES)
    key = work.key()
    data_key = work.operation.context.random.randbytes(size)
    return key, data_key, work.seal(key, data_key)
