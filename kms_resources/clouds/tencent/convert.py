"""Tencent Cloud's words and ours: the one place where its field names and values are written.

Source: models of the official SDK 3.1.192, API 2019-01-18. [I] marks what is inferred.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from kms_resources.clouds.tencent.limits import MARKER_TAG, OUR_TAGS, PROTECTION_TAG
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
    ActualKey,
    DesiredKey,
    KeyId,
    KeyState,
    Marker,
    Origin,
    Settings,
    Spec,
    Target,
    Usage,
)

TAGS_PER_CALL = 10
RESERVED_TAGS = ("qcs:", "project", "项目")
NATIONAL_CRYPTO_MODULE = 4
EXTERNAL_TYPE = 2
KMS_TYPE = 1
DEFAULT_ROTATE_DAYS = 365

_USAGES: Mapping[str, tuple[Spec | None, Usage]] = {
    "ENCRYPT_DECRYPT": (None, Usage.ENCRYPT_DECRYPT),
    "ASYMMETRIC_DECRYPT_RSA_2048": (Spec.RSA_2048, Usage.ENCRYPT_DECRYPT),
    "ASYMMETRIC_DECRYPT_SM2": (Spec.SM2, Usage.ENCRYPT_DECRYPT),
    "ASYMMETRIC_SIGN_VERIFY_SM2": (Spec.SM2, Usage.SIGN_VERIFY),
    "ASYMMETRIC_SIGN_VERIFY_ECC": (Spec.EC_P256, Usage.SIGN_VERIFY),
    "ASYMMETRIC_SIGN_VERIFY_RSA_2048": (Spec.RSA_2048, Usage.SIGN_VERIFY),
    "ASYMMETRIC_SIGN_VERIFY_ECDSA384": (Spec.EC_P384, Usage.SIGN_VERIFY),
}
_STATES: Mapping[str, KeyState] = {
    "Enabled": KeyState.ENABLED,
    "Disabled": KeyState.DISABLED,
    "PendingImport": KeyState.PENDING_IMPORT,
    "PendingDelete": KeyState.PENDING_DELETION,
    "Archived": KeyState.ARCHIVED,
}
_ERRORS: Mapping[str, type[CloudError]] = {
    # Looked up by the full code, then by its class; what is not listed was refused for good.
    "AuthFailure": DeniedError,
    "UnauthorizedOperation": DeniedError,
    "IpInBlacklist": DeniedError,
    "IpNotInWhitelist": DeniedError,
    "InternalError": UnclearError,
    "ServiceUnavailable": UnclearError,
    "UnsupportedOperation.ServiceTemporaryUnavailable": UnclearError,
    "FailedOperation.ResourceTagProcessing": UnclearError,
    # The tag service failed inside CreateKey; whether the key was made all the same is not said.
    "FailedOperation.TaggingError": UnclearError,
    "RequestLimitExceeded": ThrottledError,
    "RequestLimitExceeded.RotateRateLimited": RejectedError,
    "InvalidParameterValue.AliasAlreadyExists": AlreadyExistsError,
    "ResourceUnavailable.CmkNotFound": NotFoundError,
    "ResourceUnavailable.DataKeyNotFound": NotFoundError,
    "ResourceNotFound": NotFoundError,
    "ResourceUnavailable": WrongStateError,
    # About the token, not about the key's state.
    "ResourceUnavailable.TokenExpired": RejectedError,
    "ResourceUnavailable.NotPurchased": RejectedError,
    # Of CAM, which says "not there" in two classes of code.
    "FailedOperation.PolicyNameInUse": AlreadyExistsError,
    "InvalidParameter.PolicyIdNotExist": NotFoundError,
    "InvalidParameter.RoleNotExist": NotFoundError,
    "InvalidParameter.UserNotExist": NotFoundError,
}
_ADVICE: Mapping[str, str] = {
    "AuthFailure.SignatureExpire": "set this machine's clock: it is more than five minutes off",
    "AuthFailure.SecretIdNotFound": "look at the access key id: this account has no such key",
    "AuthFailure.SignatureFailure": "look at the secret key: it does not belong to the access key id",
    "UnsupportedRegion": "look at the target's region",
    "LimitExceeded.CmkLimitExceeded": "the region's quota of keys is used up; ask Tencent Cloud to raise it",
    "UnauthorizedOperation": "grant the action in a CAM policy",
    "AuthFailure.UnauthorizedOperation": "grant the action in a CAM policy",
    "FailedOperation.CmkUsedByCloudProduct": "a cloud product uses the key; unbind it there first",
    "InvalidParameterValue.InvalidCiphertext": "give the ciphertext as it was made, with the very same context",
    "InvalidParameterValue.MaterialNotMatch": "import the very same material as the first time, or make a new key",
    "InvalidParameter.DecryptMaterialError": "wrap the material with the public key that came with the token",
    "ResourceUnavailable.TokenExpired": "ask for a new wrapping key; one is good for 24 hours",
    "RequestLimitExceeded.RotateRateLimited": "a key rotates once in 24 hours",
    "FailedOperation.PolicyFull": "the account has no room for another custom policy; delete some in CAM",
    "InvalidParameter.AttachmentFull": "the user, group or role has no room for another policy; detach some in CAM",
    "UnsupportedOperation.RotateNotSupported": "switch automatic rotation on first; imported material never rotates",
}
SECRET_FIELDS = frozenset(
    {"Plaintext", "PlainText", "EncryptedKeyMaterial", "ImportKeyMaterial", "ImportToken", "EncryptKey", "DecryptKey"}
)
"""What must never come back in the words of a refusal."""
TAGS_NOT_EXISTED = "InvalidParameterValue.TagsNotExisted"
_NO_PERMISSION = ("UnauthorizedOperation", "AuthFailure.UnauthorizedOperation")


def error(action: str, code: str, message: str, request_id: str) -> CloudError:
    """Our error for one of Tencent's codes. The decision falls on the code; the message is only shown."""
    kind = _ERRORS.get(code) or _ERRORS.get(code.split(".", 1)[0], RejectedError)
    advice = _ADVICE.get(code) or _ADVICE.get(code.split(".", 1)[0], "")
    return kind(f"{action} was refused", why=message.strip(), code=code, request_id=request_id, advice=advice)


def lacks_permission(problem: DeniedError) -> bool:
    """Whether a permission is missing, and not the identity itself wrong."""
    return problem.code.startswith(_NO_PERMISSION)


def first_alias(marker: Marker) -> str:
    """The alias a key is born with: derived from its marker, so that CreateKey cannot succeed twice."""
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", marker).strip("-_")[:40]
    return f"m-{readable}-{hashlib.sha256(marker.encode()).hexdigest()[:12]}"


def bare_alias(key_id: KeyId) -> str:
    """The alias a key gets when its name is taken away: Tencent has no key without one."""
    return f"unnamed-{key_id}"


def is_own_alias(alias: str, key_id: KeyId) -> bool:
    """Whether an alias is one of the two above, hence no name that a person gave."""
    return alias == bare_alias(key_id) or re.fullmatch(r"m-[A-Za-z0-9_-]*-[0-9a-f]{12}", alias) is not None


def creation(desired: DesiredKey) -> dict[str, Any]:
    """The body of CreateKey."""
    settings = desired.settings
    wanted = (None if settings.spec.symmetric else settings.spec, settings.usage)
    body: dict[str, Any] = {
        "Alias": first_alias(desired.marker),
        "Description": settings.description,
        "KeyUsage": next(name for name, meaning in _USAGES.items() if meaning == wanted),
        "Type": EXTERNAL_TYPE if settings.origin is Origin.EXTERNAL else KMS_TYPE,
        "Tags": tag_list(all_tags(desired))[:TAGS_PER_CALL],
    }
    if desired.target.instance:
        body["HsmClusterId"] = desired.target.instance
    return body


def all_tags(desired: DesiredKey) -> dict[str, str]:
    """The user's tags and ours; ours first, so that they fit into CreateKey."""
    ours = {MARKER_TAG: str(desired.marker)}
    if desired.settings.deletion_protection:
        ours[PROTECTION_TAG] = "on"
    # A user's tag can never stand in for one of ours.
    return ours | {name: value for name, value in desired.settings.tags.items() if name not in OUR_TAGS}


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as the API writes them."""
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]


def group_tags(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Rows of the tag service as resource path → tags, system tags left out."""
    grouped: dict[str, dict[str, str]] = {}
    for row in rows:
        if row.get("Category") != "System" and not str(row["TagKey"]).startswith(RESERVED_TAGS):
            grouped.setdefault(str(row["ResourceId"]), {})[str(row["TagKey"])] = str(row["TagValue"])
    return grouped


def resource_name(target: Target, account: str, path: str) -> str:
    """The six-segment name of a key; `path` is `KeyMetadata.ResourceId`, never assembled from the caller's uin."""
    return f"qcs::kms:{target.region}:uin/{account}:key/{path}"


def is_foreign(metadata: Mapping[str, Any], tags: Mapping[str, str]) -> bool:
    """Whether a key is of a kind that this product cannot make (post-quantum, say), and without our marker."""
    return metadata.get("KeyUsage") not in _USAGES and MARKER_TAG not in tags


def key(target: Target, account: str, metadata: Mapping[str, Any], tags: Mapping[str, str]) -> ActualKey:
    """A key from `KeyMetadata` and its tags. Raises `RejectedError` for a usage that is not in the table."""
    if metadata.get("KeyUsage") not in _USAGES:
        raise RejectedError(
            f"key {metadata['KeyId']} is of an unknown kind", why=f"its usage is {metadata.get('KeyUsage')!r}"
        )
    spec, usage = _USAGES[str(metadata["KeyUsage"])]
    if spec is None:
        spec = Spec.SM4 if metadata.get("Type") == NATIONAL_CRYPTO_MODULE else Spec.AES_256
    state = _STATES.get(str(metadata["KeyState"]), KeyState.UNAVAILABLE)
    rotates = bool(metadata.get("KeyRotationEnabled"))
    return ActualKey(
        id=KeyId(str(metadata["KeyId"])),
        settings=Settings(
            spec=spec,
            usage=usage,
            origin=Origin.EXTERNAL if metadata.get("Origin") == "EXTERNAL" else Origin.KMS,
            description=str(metadata.get("Description") or ""),
            enabled=state is KeyState.ENABLED,
            tags={name: value for name, value in tags.items() if name not in OUR_TAGS},
            rotation_days=int(metadata.get("RotateDays") or DEFAULT_ROTATE_DAYS) if rotates else None,
            deletion_protection=PROTECTION_TAG in tags,
        ),
        state=state,
        marker=Marker(tags.get(MARKER_TAG, NO_MARKER)),
        arn=resource_name(target, account, str(metadata.get("ResourceId") or "")),
        account=account,
        created=time(metadata.get("CreateTime")),
        pending_deletion=time(metadata.get("DeletionDate")) if state is KeyState.PENDING_DELETION else "",
        native_alias=str(metadata.get("Alias") or ""),
        material_expires=time(metadata.get("ValidTo")) if metadata.get("Origin") == "EXTERNAL" else "",
    )


def time(seconds: object) -> str:
    """A Unix time as ISO 8601 in UTC; empty for none."""
    return datetime.fromtimestamp(int(str(seconds)), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else ""
