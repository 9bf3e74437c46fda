"""The protobuf messages of the instance gateway: their descriptors, built when this module loads, and reading and
writing them as plain values.

The numbers and types were read in the descriptors of the package alibabacloud-dkms-gcs 1.0.2 [S6].
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import (  # type: ignore[import-untyped, unused-ignore]
    descriptor_pb2,
    descriptor_pool,
    message_factory,
)
from google.protobuf.message import DecodeError  # type: ignore[import-untyped, unused-ignore]

Values = dict[str, str | bytes | int | bool | list[str]]

PACKAGE = "protobuf"

_SEALED = "KeyId CiphertextBlob:b Iv:b RequestId Algorithm PaddingMode"
_OPENED = "KeyId Plaintext:b RequestId Algorithm PaddingMode"
_OPEN = "CiphertextBlob:b KeyId Algorithm Aad:b Iv:b PaddingMode"
_SEAL = "KeyId Plaintext:b Algorithm Aad:b Iv:b PaddingMode"
_DATA_KEY = "KeyId Iv:b Plaintext:b CiphertextBlob:b RequestId Algorithm"
_PAIR = "KeyId Algorithm KeyPairSpec KeyFormat Aad:b"
_ADVANCE_PAIR = "KeyId KeyPairSpec KeyFormat Aad:b"
_PAIR_MADE = "KeyId Iv:b KeyPairSpec PrivateKeyPlaintext:b PrivateKeyCiphertextBlob:b PublicKey:b RequestId Algorithm"
_PAIR_SEALED = "KeyId Iv:b KeyPairSpec PrivateKeyCiphertextBlob:b PublicKey:b RequestId Algorithm"

# Fields in the order of their numbers, which count from 1 unless given after `=`. Types: b bytes, i int32, ? bool,
# r list of strings, and string when nothing is said.
MESSAGES: Mapping[str, str] = {
    "EncryptRequest": _SEAL,
    "EncryptResponse": _SEALED,
    "AdvanceEncryptRequest": _SEAL,
    "AdvanceEncryptResponse": f"{_SEALED} KeyVersionId",
    "DecryptRequest": _OPEN,
    "DecryptResponse": _OPENED,
    "AdvanceDecryptRequest": _OPEN,
    "AdvanceDecryptResponse": f"{_OPENED} KeyVersionId",
    "SignRequest": "KeyId Digest:b Algorithm Message:b MessageType",
    "SignResponse": "KeyId Signature:b RequestId Algorithm MessageType",
    "VerifyRequest": "KeyId Digest:b Signature:b Algorithm Message:b MessageType",
    "VerifyResponse": "KeyId Value:? RequestId Algorithm MessageType",
    "HmacRequest": "KeyId Message:b",
    "HmacResponse": "KeyId Signature:b RequestId",
    "HashRequest": "Message:b Algorithm",
    "HashResponse": "Digest:b RequestId=3",
    "GenerateRandomRequest": "Length:i",
    "GenerateRandomResponse": "Random:b RequestId",
    "GenerateDataKeyRequest": "KeyId Algorithm NumberOfBytes:i Aad:b",
    "GenerateDataKeyResponse": _DATA_KEY,
    "AdvanceGenerateDataKeyRequest": "KeyId NumberOfBytes:i Aad:b",
    "AdvanceGenerateDataKeyResponse": f"{_DATA_KEY} KeyVersionId",
    "GenerateDataKeyPairRequest": _PAIR,
    "GenerateDataKeyPairResponse": _PAIR_MADE,
    "GenerateDataKeyPairWithoutPlaintextRequest": _PAIR,
    "GenerateDataKeyPairWithoutPlaintextResponse": _PAIR_SEALED,
    "AdvanceGenerateDataKeyPairRequest": _ADVANCE_PAIR,
    "AdvanceGenerateDataKeyPairResponse": f"{_PAIR_MADE} KeyVersionId",
    "AdvanceGenerateDataKeyPairWithoutPlaintextRequest": _ADVANCE_PAIR,
    "AdvanceGenerateDataKeyPairWithoutPlaintextResponse": f"{_PAIR_SEALED} KeyVersionId",
    "GetPublicKeyRequest": "KeyId",
    "GetPublicKeyResponse": "KeyId PublicKey RequestId",
    "GetSecretValueRequest": "SecretName VersionStage VersionId FetchExtendedConfig:?",
    "GetSecretValueResponse": (
        "SecretName SecretType SecretData SecretDataType VersionStages:r VersionId CreateTime RequestId "
        "LastRotationDate NextRotationDate ExtendedConfig AutomaticRotation RotationInterval"
    ),
    "KmsEncryptRequest": "KeyId Plaintext:b Aad:b",
    "KmsEncryptResponse": "KeyId CiphertextBlob:b RequestId",
    "KmsDecryptRequest": "CiphertextBlob:b Aad:b",
    "KmsDecryptResponse": "KeyId Plaintext:b RequestId",
    "Error": "StatusCode:i ErrorCode ErrorMessage RequestId",
}

_Field = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    "": _Field.TYPE_STRING, "r": _Field.TYPE_STRING, "b": _Field.TYPE_BYTES, "i": _Field.TYPE_INT32,
    "?": _Field.TYPE_BOOL,
}  # fmt: skip


def _message_classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="gateway.proto", package=PACKAGE, syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, text in enumerate(fields.split(), start=1):
            declared, _, given = text.partition("=")
            field, _, kind = declared.partition(":")
            label = _Field.LABEL_REPEATED if kind == "r" else _Field.LABEL_OPTIONAL
            message.field.add(name=field, number=int(given or number), type=_TYPES[kind], label=label)
    # A pool of its own: other protobuf files of this process may use the same names.
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}")) for name in MESSAGES}


_CLASSES = _message_classes()


class MessageError(ValueError):
    """Bytes that are not the message they should be."""


def read(name: str, body: bytes) -> dict[str, Any]:
    """The fields of a message that are set. Fields that are not known are skipped."""
    try:
        message = _CLASSES[name].FromString(body)
    except DecodeError:
        raise MessageError(f"the body is not a {name}") from None
    return {field.name: value for field, value in message.ListFields()}


def write(name: str, values: Values) -> bytes:
    """A message as bytes."""
    return bytes(_CLASSES[name](**values).SerializeToString())
