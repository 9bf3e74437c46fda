"""Symmetric encryption and data keys."""

from __future__ import annotations

import base64
import binascii

from kms_emulator.alibaba import use
from kms_emulator.alibaba.ciphertexts import Sealed, additional_data, kind_of, material_of, open_sealed, seal
from kms_emulator.alibaba.errors import invalid
from kms_emulator.alibaba.facts import Usage
from kms_emulator.alibaba.lifecycle import Payload
from kms_emulator.alibaba.model import Key
from kms_emulator.alibaba.operation import Operation
from kms_emulator.ciphers import CipherError, asymmetric, rsa, wrapping

DATA_KEYS = {"AES_256": 32, "AES_128": 16}  # [S1]
DATA_KEY_BYTES = (1, 1024)  # [S1]
WRAPPING = {"RSA_2048": ("RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1"), "EC_SM2": ("SM2PKE",)}  # [S1]
_PUBLIC_KEY_BYTES = 4096


def encrypt(operation: Operation) -> Payload:
    """Encrypt."""
    operation.parameters.required("KeyId")
    plaintext = operation.parameters.binary("Plaintext", use.PLAINTEXT_BYTES)
    context = use.encryption_context(operation)
    return _sealed(operation, use.symmetric_key(operation), plaintext, context)


def decrypt(operation: Operation) -> Payload:
    """Decrypt; the ciphertext names its key."""
    key, sealed, text = _opened(operation, use.encryption_context(operation))
    return {"Plaintext": text, **use.named(key, sealed.version_id)}


def re_encrypt(operation: Operation) -> Payload:
    """ReEncrypt: from a symmetric key, or from an asymmetric one that the request names."""
    operation.parameters.required("DestinationKeyId")
    context = use.encryption_context(operation, "DestinationEncryptionContext")
    if operation.parameters.text("SourceKeyId"):
        plaintext = _opened_asymmetric(operation)
    else:
        _, _, text = _opened(operation, use.encryption_context(operation, "SourceEncryptionContext"))
        plaintext = base64.b64decode(text)
    return _sealed(operation, use.symmetric_key(operation, "DestinationKeyId"), plaintext, context)


def generate_data_key(operation: Operation) -> Payload:
    """GenerateDataKey."""
    data_key, answer = _data_key(operation)
    return {"Plaintext": use.encoded(data_key), **answer}


def generate_data_key_without_plaintext(operation: Operation) -> Payload:
    """GenerateDataKeyWithoutPlaintext."""
    return _data_key(operation)[1]


def export_data_key(operation: Operation) -> Payload:
    """ExportDataKey: a data key that is at hand sealed, for the caller's public key."""
    operation.parameters.required("CiphertextBlob")
    public, algorithm = _wrapping(operation)
    key, sealed, text = _opened(operation, use.encryption_context(operation))
    exported = use.computed("PublicKeyBlob", wrapping.encrypt_for, public, algorithm, base64.b64decode(text))
    return {"ExportedDataKey": use.encoded(exported), **use.named(key, sealed.version_id)}


def generate_and_export_data_key(operation: Operation) -> Payload:
    """GenerateAndExportDataKey: a new data key, sealed and for the caller's public key."""
    operation.parameters.required("KeyId")
    public, algorithm = _wrapping(operation)
    data_key, answer = _data_key(operation)
    exported = use.computed("PublicKeyBlob", wrapping.encrypt_for, public, algorithm, data_key)
    return {"ExportedDataKey": use.encoded(exported), **answer}


def _sealed(operation: Operation, key: Key, plaintext: bytes, context: dict[str, str]) -> Payload:
    text = base64.b64encode(plaintext)
    sealed = seal(operation.context, operation.scope, key, text, additional_data(context))
    return {"CiphertextBlob": use.encoded(sealed.blob), **use.named(key, sealed.version_id)}


def _opened(operation: Operation, context: dict[str, str]) -> tuple[Key, Sealed, str]:
    """The key, the ciphertext taken apart, and the Base64 text of the plaintext."""
    blob = operation.parameters.binary("CiphertextBlob", use.CIPHERTEXT_BYTES)
    sealed = use.computed("CiphertextBlob", Sealed.parse, blob)
    key = use.symmetric(use.checked(operation, use.sealing_key(operation, sealed)))
    try:
        content = open_sealed(operation.context, operation.scope, key, sealed, additional_data(context))
    except CipherError:
        # Whether the ciphertext is damaged or the context is another one cannot be told apart.
        raise invalid("CiphertextBlob", "it cannot be opened with this encryption context") from None
    return key, sealed, _base64_text(content)


def _base64_text(content: bytes) -> str:
    try:
        base64.b64decode(content, validate=True)
        return content.decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        # Sealed through the instance gateway by a client that did not send Base64 text [I?].
        return use.encoded(content)


def _opened_asymmetric(operation: Operation) -> bytes:
    parameters = operation.parameters
    parameters.required("SourceEncryptionAlgorithm")
    blob = parameters.binary("CiphertextBlob", use.CIPHERTEXT_BYTES)
    key, version = use.asymmetric_key(operation, "SourceKeyId", "SourceKeyVersionId")
    algorithm = use.algorithm(operation, key, Usage.ENCRYPT, "SourceEncryptionAlgorithm")
    material = material_of(operation.context, operation.scope, key, version)
    return use.computed("CiphertextBlob", asymmetric.decrypt, kind_of(key), material, algorithm, blob)


def _data_key(operation: Operation) -> tuple[bytes, Payload]:
    parameters = operation.parameters
    parameters.required("KeyId")
    spec = parameters.choice("KeySpec", tuple(DATA_KEYS), "AES_256")
    size = parameters.integer("NumberOfBytes", DATA_KEYS[spec], *DATA_KEY_BYTES)
    context = use.encryption_context(operation)
    key = use.symmetric_key(operation)
    data_key = operation.context.random.randbytes(size)
    return data_key, _sealed(operation, key, data_key, context)


def _wrapping(operation: Operation) -> tuple[bytes, str]:
    """The caller's public key and the algorithm."""
    parameters = operation.parameters
    for name in ("PublicKeyBlob", "WrappingKeySpec", "WrappingAlgorithm"):
        parameters.required(name)
    spec = parameters.choice("WrappingKeySpec", tuple(WRAPPING))
    algorithm = parameters.choice("WrappingAlgorithm", WRAPPING[spec])
    public = parameters.binary("PublicKeyBlob", _PUBLIC_KEY_BYTES)
    if spec == "RSA_2048":
        size = use.computed("PublicKeyBlob", rsa.load_public, public).key_size
        if size != 2048:
            raise invalid("PublicKeyBlob", "a key of 2048 bits is expected")
    return public, algorithm
