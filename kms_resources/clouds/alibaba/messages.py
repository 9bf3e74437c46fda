"""The protobuf messages of the instance gateway, as one table, and their bytes.

Source: descriptors of the official package alibabacloud-dkms-gcs 1.0.2 (proto3, package `protobuf`).

The bytes are made and read by the protobuf library, which is here anyway; what it needs to know is built from the
table when this module is loaded. Generated code was the other way: it is ten times as long, cannot be reviewed, and
refuses to load with another major version of the library than the one it was generated for. A hand-written codec would
be short but ours to defend. The descriptors live in a pool of their own, so that the vendor's package, which registers
messages of the same names, may be loaded beside us.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # type: ignore[import-untyped]
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

Value: TypeAlias = "str | bytes | int | bool | tuple[str, ...]"
Fields: TypeAlias = Mapping[str, Value]

_CIPHER = "KeyId:s Plaintext:b Algorithm:s Aad:b Iv:b PaddingMode:s"
_SEALED = "KeyId:s CiphertextBlob:b Iv:b RequestId:s Algorithm:s PaddingMode:s"
_OPENING = "CiphertextBlob:b KeyId:s Algorithm:s Aad:b Iv:b PaddingMode:s"
_OPENED = "KeyId:s Plaintext:b RequestId:s Algorithm:s PaddingMode:s"
_MESSAGES: Mapping[str, str] = {
    # Fields in the order of their numbers, from 1 on: s string, b bytes, i int32, ? bool, r repeated string.
    "EncryptRequest": _CIPHER,
    "EncryptResponse": _SEALED,
    "AdvanceEncryptRequest": _CIPHER,
    "AdvanceEncryptResponse": f"{_SEALED} KeyVersionId:s",
    "DecryptRequest": _OPENING,
    "DecryptResponse": _OPENED,
    "AdvanceDecryptRequest": _OPENING,
    "AdvanceDecryptResponse": f"{_OPENED} KeyVersionId:s",
    "AdvanceGenerateDataKeyRequest": "KeyId:s NumberOfBytes:i Aad:b",
    "AdvanceGenerateDataKeyResponse": (
        "KeyId:s Iv:b Plaintext:b CiphertextBlob:b RequestId:s Algorithm:s KeyVersionId:s"
    ),
    "SignRequest": "KeyId:s Digest:b Algorithm:s Message:b MessageType:s",
    "SignResponse": "KeyId:s Signature:b RequestId:s Algorithm:s MessageType:s",
    "VerifyRequest": "KeyId:s Digest:b Signature:b Algorithm:s Message:b MessageType:s",
    "VerifyResponse": "KeyId:s Value:? RequestId:s Algorithm:s MessageType:s",
    "GetPublicKeyRequest": "KeyId:s",
    "GetPublicKeyResponse": "KeyId:s PublicKey:s RequestId:s",
    "GetSecretValueRequest": "SecretName:s VersionStage:s VersionId:s FetchExtendedConfig:?",
    "GetSecretValueResponse": (
        "SecretName:s SecretType:s SecretData:s SecretDataType:s VersionStages:r VersionId:s CreateTime:s RequestId:s "
        "LastRotationDate:s NextRotationDate:s ExtendedConfig:s AutomaticRotation:s RotationInterval:s"
    ),
    "GenerateRandomRequest": "Length:i",
    "GenerateRandomResponse": "Random:b RequestId:s",
    "Error": "StatusCode:i ErrorCode:s ErrorMessage:s RequestId:s",
}
_FIELD = descriptor_pb2.FieldDescriptorProto
_TYPES = {"s": _FIELD.TYPE_STRING, "r": _FIELD.TYPE_STRING, "b": _FIELD.TYPE_BYTES, "i": _FIELD.TYPE_INT32,
          "?": _FIELD.TYPE_BOOL}  # fmt: skip


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="instance_gateway.proto", package="protobuf", syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, text in enumerate(fields.split(), start=1):
            field, _, kind = text.partition(":")
            label = _FIELD.LABEL_REPEATED if kind == "r" else _FIELD.LABEL_OPTIONAL
            message.field.add(name=field, number=number, type=_TYPES[kind], label=label)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"protobuf.{name}")) for name in _MESSAGES}


_CLASSES = _classes()


def encode(name: str, fields: Fields) -> bytes:
    """The bytes of a message. A field that it does not have is a `ValueError`: a mistake of ours."""
    data: bytes = _CLASSES[name](**fields).SerializeToString(deterministic=True)
    return data


def decode(name: str, data: bytes) -> Mapping[str, Any]:
    """All fields of a message, absent ones with their empty value. Raises `ValueError` for what is no such message."""
    message = _CLASSES[name]()
    try:
        message.ParseFromString(data)
    except DecodeError:
        # The library's text may quote what it failed on.
        raise ValueError(f"not a message {name}") from None
    return {
        field.name: tuple(value) if field.is_repeated else value
        for field in message.DESCRIPTOR.fields
        for value in [getattr(message, field.name)]
    }
