"""Every action of Tencent Cloud KMS with its fields: what can be called by name, and what a typing error looks like.

Source: API 2019-01-18 as in the official SDK 3.1.192. `*` marks a required field; `:int` and `:json` (a list or
an object) its type, text otherwise.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from kms_resources.errors import InputError

SERVICES = ("kms", "tag", "cam")

_KEY = "KeyId* MemberAccount:json"
_KEYS = "KeyIds*:json MemberAccount:json"
_DATA_KEY = "DataKeyId* MemberAccount:json"
_DATA_KEYS = "DataKeyIds*:json MemberAccount:json"
_WRAPPED = "EncryptionPublicKey EncryptionAlgorithm"
_LIST = "Offset:int Limit:int Role:int HsmClusterId"
_DETAILS = f"{_LIST} OrderType:int KeyState:int SearchKeyAlias Origin TagFilters:json MemberAccounts:json"

_ACTIONS: Mapping[str, str] = {
    "CreateKey": "Alias* Description KeyUsage Type:int Tags:json HsmClusterId",
    "DescribeKey": _KEY,
    "DescribeKeys": _KEYS,
    "ListKeys": _LIST,
    "ListKeyDetail": f"{_DETAILS} KeyUsage",
    "EnableKey": _KEY,
    "DisableKey": _KEY,
    "EnableKeys": _KEYS,
    "DisableKeys": _KEYS,
    "ScheduleKeyDeletion": f"{_KEY} PendingWindowInDays*:int",
    "CancelKeyDeletion": _KEY,
    "ArchiveKey": _KEY,
    "CancelKeyArchive": _KEY,
    "UpdateAlias": f"{_KEY} Alias*",
    "UpdateKeyDescription": f"{_KEY} Description*",
    "EnableKeyRotation": f"{_KEY} RotateDays:int",
    "DisableKeyRotation": _KEY,
    "GetKeyRotationStatus": _KEY,
    "RotateKey": _KEY,
    "GetParametersForImport": "KeyId* WrappingAlgorithm* WrappingKeySpec*",
    "ImportKeyMaterial": "KeyId* ImportToken* EncryptedKeyMaterial* ValidTo:int",
    "DeleteImportedKeyMaterial": "KeyId*",
    "BindCloudResource": "KeyId* ProductId* ResourceId*",
    "UnbindCloudResource": "KeyId* ProductId* ResourceId*",
    "Encrypt": "KeyId* Plaintext* EncryptionContext",
    "Decrypt": f"CiphertextBlob* EncryptionContext {_WRAPPED}",
    "ReEncrypt": "CiphertextBlob* DestinationKeyId SourceEncryptionContext DestinationEncryptionContext",
    "GenerateDataKey": f"KeyId* KeySpec NumberOfBytes:int EncryptionContext {_WRAPPED} IsHostedByKms:int DataKeyName "
    "Description HsmClusterId Tags:json",
    "GenerateRandom": "NumberOfBytes*:int",
    "GetPublicKey": "KeyId*",
    "AsymmetricRsaDecrypt": "KeyId* Ciphertext* Algorithm*",
    "AsymmetricSm2Decrypt": "KeyId* Ciphertext*",
    "SignByAsymmetricKey": "KeyId* Algorithm* Message* MessageType",
    "VerifyByAsymmetricKey": "KeyId* SignatureValue* Message* Algorithm* MessageType",
    "PostQuantumCryptoEncrypt": "KeyId* PlainText*",
    "PostQuantumCryptoDecrypt": f"CiphertextBlob* {_WRAPPED}",
    "PostQuantumCryptoSign": "KeyId* Message*",
    "PostQuantumCryptoVerify": "KeyId* SignatureValue* Message*",
    "ListAlgorithms": "",
    "GetRegions": "",
    "GetServiceStatus": "",
    "ImportDataKey": "DataKeyName* ImportKeyMaterial* ImportType*:int KeyId Description HsmClusterId Tags:json",
    "DescribeDataKey": _DATA_KEY,
    "DescribeDataKeys": _DATA_KEYS,
    "ListDataKeys": _LIST,
    "ListDataKeyDetail": f"{_DETAILS} KeyId DataKeyLen:int",
    "EnableDataKey": _DATA_KEY,
    "DisableDataKey": _DATA_KEY,
    "EnableDataKeys": _DATA_KEYS,
    "DisableDataKeys": _DATA_KEYS,
    "ScheduleDataKeyDeletion": f"{_DATA_KEY} PendingWindowInDays*:int",
    "CancelDataKeyDeletion": _DATA_KEY,
    "UpdateDataKeyName": f"{_DATA_KEY} DataKeyName*",
    "UpdateDataKeyDescription": f"{_DATA_KEY} Description*",
    "GetDataKeyPlaintext": f"DataKeyId* {_WRAPPED}",
    "GetDataKeyCiphertextBlob": _DATA_KEY,
    "CreateWhiteBoxKey": "Alias* Algorithm* Description Tags:json",
    "DescribeWhiteBoxKey": "KeyId*",
    "DescribeWhiteBoxKeyDetails": "KeyStatus:int Offset:int Limit:int TagFilters:json",
    "DescribeWhiteBoxDecryptKey": "KeyId*",
    "EnableWhiteBoxKey": "KeyId*",
    "DisableWhiteBoxKey": "KeyId*",
    "EnableWhiteBoxKeys": "KeyIds*:json",
    "DisableWhiteBoxKeys": "KeyIds*:json",
    "DeleteWhiteBoxKey": "KeyId*",
    "EncryptByWhiteBox": "KeyId* PlainText* InitializationVector",
    "DescribeWhiteBoxDeviceFingerprints": "KeyId*",
    "OverwriteWhiteBoxDeviceFingerprints": "KeyId* DeviceFingerprints:json",
    "DescribeWhiteBoxServiceStatus": "",
}


def check(action: str, fields: Mapping[str, Any], path: str = "") -> tuple[str, str, dict[str, Any]]:
    """Service, action and fields of a call by name; raises `InputError` without ever quoting a field's value.

    Values written as text become what the field is. With `path` (`/`, there is no other) what the table does not know
    goes as it is written.
    """
    service, _, name = action.rpartition(":")
    service = service or "kms"
    if service not in SERVICES:
        raise InputError(f"{action} cannot be called", why=f"no service {service}; there are {', '.join(SERVICES)}")
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]{1,63}", name):
        raise InputError(
            f"{action} is no name of an action", advice="write one such as DescribeKey or cam:GetUserAppId"
        )
    if path not in {"", "/"}:
        raise InputError(f"{action} has no path {path}", why="API 3.0 has one path only", advice="write / or none")
    if service != "kms" or (path and name not in _ACTIONS):
        return service, name, dict(fields)
    if name not in _ACTIONS:
        advice = "write the path / beside it to send it all the same"
        raise InputError(f"Tencent Cloud KMS has no action {name}{_near(name, _ACTIONS)}", advice=advice)
    known = dict(_field(word) for word in _ACTIONS[name].split())
    unknown = [each for each in fields if each not in known]
    if unknown and not path:
        raise InputError(
            f"{name} has no field {unknown[0]}{_near(unknown[0], known)}",
            why=f"its fields are {', '.join(known) or 'none'}",
        )
    missing = [each for each, (_, required) in known.items() if required and each not in fields]
    if missing:
        raise InputError(f"{name} needs {' and '.join(missing)}")
    return service, name, {each: _value(name, each, value, known) for each, value in fields.items()}


def _field(word: str) -> tuple[str, tuple[str, bool]]:
    name, _, kind = word.partition(":")
    return name.rstrip("*"), (kind, name.endswith("*"))


def _value(action: str, name: str, value: Any, known: Mapping[str, tuple[str, bool]]) -> Any:
    kind = known[name][0] if name in known else None
    if kind == "int" and isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
        return int(value)
    if kind == "json" and isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if kind == "" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    right = {"": str, "int": int, "json": list | dict}
    if kind is not None and (not isinstance(value, right[kind]) or isinstance(value, bool)):
        wanted = {"": "a text", "int": "a whole number", "json": "a list or an object, as JSON"}[kind]
        raise InputError(f"{action} cannot take this {name}", why=f"it must be {wanted}")
    return value


def _near(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name[:80], list(known), 3, 0.6)
    return f"; did you mean {' or '.join(near)}?" if near else ""
