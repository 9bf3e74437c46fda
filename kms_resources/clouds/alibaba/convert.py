"""Alibaba Cloud's words and ours: the one place where its field names and values are written.

Source: models of the official package alibabacloud-kms20160120 3.3.1, API 2016-01-20, and the vendor's pages of error
codes (https://www.alibabacloud.com/help/doc-detail/601490.htm). [I] marks what is inferred.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kms_resources.errors import (
    AlreadyExistsError,
    CloudError,
    DeniedError,
    NotFoundError,
    RejectedError,
    ThrottledError,
    UnclearError,
    WrongStateError,
)
from kms_resources.model import (
    NO_MARKER,
    ActualAlias,
    ActualKey,
    DesiredKey,
    KeyId,
    KeyState,
    Marker,
    Origin,
    Protection,
    Settings,
    Spec,
    Usage,
)

MARKER_TAG = "kms-resources-marker"
RESERVED_TAGS = ("acs:", "aliyun")
ALIAS_PREFIX = "alias/"
SERVICE_ALIASES = "acs/"
USER_KEYS = [{"Key": "CreatorType", "Values": ["User"]}]
SERVER_ERROR = 500
TOO_MANY = 429
_DAY = 86_400
_UNSAID_ROTATION_DAYS = 365
"""[I] The period of default keys, the only ones with a fixed one. Answers have named it always so far."""

_SPECS: Mapping[str, Spec] = {
    "Aliyun_AES_256": Spec.AES_256,
    "Aliyun_AES_192": Spec.AES_192,
    "Aliyun_AES_128": Spec.AES_128,
    "Aliyun_SM4": Spec.SM4,
    "RSA_2048": Spec.RSA_2048,
    "RSA_3072": Spec.RSA_3072,
    "RSA_4096": Spec.RSA_4096,
    "EC_P256": Spec.EC_P256,
    "EC_P256K": Spec.EC_P256K,
    "EC_SM2": Spec.SM2,
}
_USAGES: Mapping[str, Usage] = {"ENCRYPT/DECRYPT": Usage.ENCRYPT_DECRYPT, "SIGN/VERIFY": Usage.SIGN_VERIFY}
_ORIGINS: Mapping[str, Origin] = {"Aliyun_KMS": Origin.KMS, "EXTERNAL": Origin.EXTERNAL}
_PROTECTIONS: Mapping[str, Protection] = {"SOFTWARE": Protection.SOFTWARE, "HSM": Protection.HSM}
_STATES: Mapping[str, KeyState] = {
    "Enabled": KeyState.ENABLED,
    "Disabled": KeyState.DISABLED,
    "PendingDeletion": KeyState.PENDING_DELETION,
    "PendingImport": KeyState.PENDING_IMPORT,
}
_SPEC_NAMES = {spec: name for name, spec in _SPECS.items()}
_USAGE_NAMES = {usage: name for name, usage in _USAGES.items()}
_ORIGIN_NAMES = {origin: name for name, origin in _ORIGINS.items()}
# Suspended: rotation is on and waits for the key to be enabled again.
_ROTATES = frozenset({"Enabled", "Suspended"})
_UNITS: Mapping[str, int] = {"d": _DAY, "h": 3_600, "m": 60, "s": 1}

_ERRORS: Mapping[str, type[CloudError]] = {
    # By the full code only: `Forbidden.` stands before absences, refusals and account problems alike. What is not
    # listed was refused for good, except throttling and 5xx, which tell by themselves.
    "Forbidden.KeyNotFound": NotFoundError,
    "Forbidden.AliasNotFound": NotFoundError,
    "Forbidden.KeyVersionNotFound": NotFoundError,
    "Forbidden.ResourceNotFound": NotFoundError,
    "InvalidResourceId.NotFound": NotFoundError,
    "AliasAlreadyExists": AlreadyExistsError,
    "Rejected.ResourceExist": AlreadyExistsError,
    "Rejected.Disabled": WrongStateError,
    "Rejected.Enabled": WrongStateError,
    "Rejected.PendingDeletion": WrongStateError,
    "Rejected.PendingImport": WrongStateError,
    "Rejected.Unavailable": WrongStateError,
    "Rejected.StateModifiedFailed": WrongStateError,
    "Forbidden.NoPermission": DeniedError,
    "Forbidden.AccessKey": DeniedError,
    "Forbidden.RAM": DeniedError,  # [I] the gateway's own refusal, seen at other products
    "NoPermission": DeniedError,  # [I] the same
    "Forbidden.UbsmsInvalidUserid": DeniedError,
    "Forbidden.UbsmsInvalidBid": DeniedError,
    "Forbidden.KmsServiceNotEnabled": DeniedError,
    "Forbidden.ProhibitedByRiskControl": DeniedError,
    "Forbidden.InDebt": DeniedError,
    "Forbidden.InDebtOverdue": DeniedError,
    "InvalidAccessKeyId.NotFound": DeniedError,
    "InvalidAccessKeyId.Inactive": DeniedError,  # [I]
    "InvalidSecurityToken.Expired": DeniedError,  # [I]
    "InvalidSecurityToken.Malformed": DeniedError,  # [I]
    "InvalidSecurityToken.MismatchWithAccessKey": DeniedError,  # [I]
    "IncompleteSignature": DeniedError,
    "SignatureDoesNotMatch": DeniedError,  # [I]
    "IllegalTimestamp": DeniedError,
    "InvalidTimeStamp.Expired": DeniedError,  # [I]
    # [I] Nonces are random: if one is known already, the same request arrived twice, and the first may have worked.
    "SignatureNonceUsed": UnclearError,
    # Of the instance gateway: https://help.aliyun.com/document_detail/601489.html
    "Unauthorized": DeniedError,
    "SignatureNotMatch": DeniedError,
    "RequestTimeTooSkewed": DeniedError,
    "InvalidParam": DeniedError,  # of a header: date, signature method, authorization
    # Of secrets.
    "Rejected.ResourceInDeleteWindow": WrongStateError,
    "Rejected.ResourceInUse": WrongStateError,
    "InternalFailure": UnclearError,
    "ServiceUnavailable": UnclearError,
    "ServiceUnavailableTemporary": UnclearError,
    "SerivceUnavailableTemporary": UnclearError,
    "SerivceUnvailableTemporary": UnclearError,
}
_CLOCK = "set this machine's clock: it is more than fifteen minutes off"
_SECRET = "look at the access key secret: it does not belong to the access key id"  # noqa: S105  (advice)
_TOKEN = "fetch new temporary credentials"  # noqa: S105  (advice)
_DEBT = "pay the account's bill"
_INSTANCE = "give the target the id of a KMS instance of this account and region (instance: kst-…)"
_CLIENT_KEY = "look at the client key of the gateway: the instance does not know it, or it is not this one's"
_ADVICE: Mapping[str, str] = {
    "Unauthorized": _CLIENT_KEY,
    "SignatureNotMatch": _CLIENT_KEY,
    "RequestTimeTooSkewed": _CLOCK,
    "InvalidParam": "set this machine's clock, and look at the client key of the gateway",
    "Rejected.ResourceInDeleteWindow": "a secret of this name waits for its deletion: restore it, or wait",
    "IllegalTimestamp": _CLOCK,
    "InvalidTimeStamp.Expired": _CLOCK,
    "InvalidAccessKeyId.NotFound": "look at the access key id: Alibaba Cloud has no such key",
    "InvalidAccessKeyId.Inactive": "enable the access key, or use another one",
    "InvalidSecurityToken.Expired": _TOKEN,
    "InvalidSecurityToken.Malformed": _TOKEN,
    "InvalidSecurityToken.MismatchWithAccessKey": _TOKEN,
    "IncompleteSignature": _SECRET,
    "SignatureDoesNotMatch": _SECRET,
    "SignatureNonceUsed": "look for a proxy that sends requests twice; then run the same command again",
    "Forbidden.NoPermission": "grant the action in a RAM policy, or in the key policy",
    "Forbidden.RAM": "grant the action in a RAM policy",
    "NoPermission": "grant the action in a RAM policy",
    "Forbidden.KmsServiceNotEnabled": "open KMS for this account in the console",
    "Forbidden.InDebt": _DEBT,
    "Forbidden.InDebtOverdue": _DEBT,
    "Forbidden.DKMSInstanceNotFound": _INSTANCE,
    "Forbidden.DKMSInstanceStateInvalid": "wait until the KMS instance is connected, then run the same command again",
    "Rejected.LimitExceeded": "the quota is used up; ask Alibaba Cloud to raise it, or use another KMS instance",
    "Rejected.ShareQuotaExceedLimit": "the instance's quota of access management is used up; enlarge the instance",
}
_ADVICE_FOR: Mapping[tuple[str, str], str] = {
    ("RestoreSecret", "Rejected.ResourceInUse"): "the secret does not wait for deletion; nothing is to be restored",
    # One default key per account and region. [I] which of the two codes KMS answers with.
    ("CreateKey", "UnsupportedOperation"): f"there is one key without an instance per region; for more, {_INSTANCE}",
    ("CreateKey", "Rejected.LimitExceeded"): f"there is one key without an instance per region; for more, {_INSTANCE}",
    ("CreateKey", "Rejected.UnsupportedOperation"): f"look at spec, origin and rotation, or {_INSTANCE}",
    ("UpdateRotationPolicy", "Rejected.UnsupportedOperation"): (
        "take the rotation out of the stack: keys in hardware instances, imported and asymmetric keys cannot rotate, "
        "keys without an instance only after buying the value added service"
    ),
}


def error(action: str, status: int, code: str, message: str, request_id: str) -> CloudError:
    """Our error for one of Alibaba's codes. The decision falls on code and status; the message is only shown."""
    kind = _ERRORS.get(code)
    if kind is None and (status == TOO_MANY or "Throttling" in code):
        kind = ThrottledError
    elif kind is None:
        kind = UnclearError if status >= SERVER_ERROR else RejectedError
    advice = _ADVICE_FOR.get((action, code)) or _ADVICE.get(code, "")
    return kind(f"{action} was refused", why=message.strip(), code=code, request_id=request_id, advice=advice)


def creation(desired: DesiredKey) -> dict[str, Any]:
    """The parameters of CreateKey."""
    settings, instance = desired.settings, desired.target.instance
    ours = {MARKER_TAG: str(desired.marker)}
    theirs = {name: value for name, value in settings.tags.items() if name != MARKER_TAG}
    parameters: dict[str, Any] = {
        "Description": settings.description,
        "KeySpec": _SPEC_NAMES[settings.spec],
        # Always said: the documents of different years disagree about the default.
        "KeyUsage": _USAGE_NAMES[settings.usage],
        "Origin": _ORIGIN_NAMES[settings.origin],
        "Tags": [{"TagKey": name, "TagValue": value} for name, value in (ours | theirs).items()],
    }
    if instance:
        parameters["DKMSInstanceId"] = instance
    elif settings.protection is not None:
        parameters["ProtectionLevel"] = str(settings.protection)
    if settings.rotation_days is not None:
        parameters |= rotation(settings.rotation_days)
    return parameters


def rotation(every_days: int | None) -> dict[str, Any]:
    """The parameters that switch rotation on or off."""
    if every_days is None:
        return {"EnableAutomaticRotation": False}
    return {"EnableAutomaticRotation": True, "RotationInterval": f"{every_days}d"}


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as TagResources takes them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def group_tags(ids: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Rows of ListTagResources as key id → tags, an entry for each id; tags of the vendor's own are left out."""
    grouped: dict[str, dict[str, str]] = {key_id: {} for key_id in ids}
    for row in rows:
        if not str(row["TagKey"]).startswith(RESERVED_TAGS):
            grouped[str(row["ResourceId"])][str(row["TagKey"])] = str(row.get("TagValue") or "")
    return grouped


def is_known(metadata: Mapping[str, Any]) -> bool:
    """Whether the key is of a kind that we have words for (secrets for MACs, for one, are not)."""
    return metadata.get("KeySpec") in _SPECS and metadata.get("KeyUsage") in _USAGES


def key(metadata: Mapping[str, Any], tags: Mapping[str, str]) -> ActualKey:
    """A key from `KeyMetadata` and its tags; raises `RejectedError` for a kind that we have no words for."""
    key_id = KeyId(str(metadata["KeyId"]))
    if not is_known(metadata):
        raise RejectedError(
            f"key {key_id} is of a kind that this product does not know",
            why=f"KeySpec {metadata.get('KeySpec')}, KeyUsage {metadata.get('KeyUsage')}",
        )
    state = _STATES.get(str(metadata.get("KeyState")), KeyState.UNAVAILABLE)
    rotates = metadata.get("AutomaticRotation") in _ROTATES
    return ActualKey(
        id=key_id,
        settings=Settings(
            spec=_SPECS[str(metadata["KeySpec"])],
            usage=_USAGES[str(metadata["KeyUsage"])],
            origin=_ORIGINS.get(str(metadata.get("Origin")), Origin.KMS),
            protection=_PROTECTIONS.get(str(metadata.get("ProtectionLevel"))),
            description=str(metadata.get("Description") or ""),
            enabled=state is KeyState.ENABLED,
            tags={name: value for name, value in tags.items() if name != MARKER_TAG},
            rotation_days=_days(str(metadata.get("RotationInterval") or "")) if rotates else None,
            deletion_protection=metadata.get("DeletionProtection") == "Enabled",
        ),
        state=state,
        marker=Marker(tags.get(MARKER_TAG, NO_MARKER)),
        arn=str(metadata.get("Arn") or ""),
        account=account(metadata),
        created=str(metadata.get("CreationDate") or ""),
        pending_deletion=str(metadata.get("DeleteDate") or "") if state is KeyState.PENDING_DELETION else "",
        primary_version=str(metadata.get("PrimaryKeyVersion") or ""),
        material_expires=str(metadata.get("MaterialExpireTime") or ""),
    )


def account(metadata: Mapping[str, Any]) -> str:
    """The account that owns a key: of its ARN `acs:kms:<region>:<account>:key/<id>`, else its creator."""
    parts = str(metadata.get("Arn") or "").split(":")
    of_arn = parts[3] if len(parts) > 4 else ""  # noqa: PLR2004
    return of_arn or str(metadata.get("Creator") or "")


def _days(interval: str) -> int:
    """A rotation interval in days; what is no whole number of days is rounded up."""
    written = re.fullmatch(r"(\d+)([dhms])", interval)
    if written is None:
        return _UNSAID_ROTATION_DAYS
    return -(-int(written[1]) * _UNITS[written[2]] // _DAY)


def alias_name(name: str) -> str:
    """An alias as the cloud writes it."""
    return ALIAS_PREFIX + name


def aliases(rows: Iterable[Mapping[str, Any]]) -> Iterator[ActualAlias]:
    """The aliases that people made; those of cloud products are left out."""
    for row in rows:
        name = str(row["AliasName"]).removeprefix(ALIAS_PREFIX)
        if not name.startswith(SERVICE_ALIASES):
            yield ActualAlias(name, KeyId(str(row["KeyId"])))
