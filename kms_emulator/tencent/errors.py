"""Error codes of the Tencent Cloud API and the exception that carries one."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """The codes this emulator answers with; all of them occur in the vendor's lists."""

    ACTION_OFFLINE = "ActionOffline"
    INTERNAL_ERROR = "InternalError"
    INVALID_ACTION = "InvalidAction"
    INVALID_PARAMETER = "InvalidParameter"
    INVALID_PARAMETER_VALUE = "InvalidParameterValue"
    INVALID_REQUEST = "InvalidRequest"
    MISSING_PARAMETER = "MissingParameter"
    NO_SUCH_PRODUCT = "NoSuchProduct"
    NO_SUCH_VERSION = "NoSuchVersion"
    REQUEST_LIMIT_EXCEEDED = "RequestLimitExceeded"
    REQUEST_SIZE_LIMIT_EXCEEDED = "RequestSizeLimitExceeded"
    UNKNOWN_PARAMETER = "UnknownParameter"
    UNSUPPORTED_PROTOCOL = "UnsupportedProtocol"
    UNSUPPORTED_REGION = "UnsupportedRegion"

    INVALID_AUTHORIZATION = "AuthFailure.InvalidAuthorization"
    SECRET_ID_NOT_FOUND = "AuthFailure.SecretIdNotFound"  # noqa: S105 - a code
    SIGNATURE_EXPIRE = "AuthFailure.SignatureExpire"
    SIGNATURE_FAILURE = "AuthFailure.SignatureFailure"
    TOKEN_FAILURE = "AuthFailure.TokenFailure"  # noqa: S105 - a code

    CMK_USED_BY_CLOUD_PRODUCT = "FailedOperation.CmkUsedByCloudProduct"
    TAGGING_ERROR = "FailedOperation.TaggingError"
    INVALID_PENDING_WINDOW = "InvalidParameter.InvalidPendingWindowInDays"
    ALIAS_ALREADY_EXISTS = "InvalidParameterValue.AliasAlreadyExists"
    DUPLICATED_KEY_ID = "InvalidParameterValue.DuplicatedKeyId"
    INVALID_ALIAS = "InvalidParameterValue.InvalidAlias"
    INVALID_HSM_CLUSTER_ID = "InvalidParameterValue.InvalidHsmClusterId"
    INVALID_KEY_ID = "InvalidParameterValue.InvalidKeyId"
    INVALID_KEY_USAGE = "InvalidParameterValue.InvalidKeyUsage"
    INVALID_TYPE = "InvalidParameterValue.InvalidType"
    TAG_KEYS_DUPLICATED = "InvalidParameterValue.TagKeysDuplicated"
    TAGS_NOT_EXISTED = "InvalidParameterValue.TagsNotExisted"
    CMK_LIMIT_EXCEEDED = "LimitExceeded.CmkLimitExceeded"
    ROTATE_RATE_LIMITED = "RequestLimitExceeded.RotateRateLimited"
    CMK_NOT_FOUND = "ResourceUnavailable.CmkNotFound"
    CMK_NOT_PENDING_DELETE = "ResourceUnavailable.CmkNotPendingDelete"
    CMK_SHOULD_BE_DISABLED = "ResourceUnavailable.CmkShouldBeDisabled"
    CMK_STATE_NOT_SUPPORT = "ResourceUnavailable.CmkStateNotSupport"
    EXTERNAL_CMK_CAN_NOT_ROTATE = "UnsupportedOperation.ExternalCmkCanNotRotate"
    NOT_ROLE_OPERATION = "UnsupportedOperation.NotRoleOperation"
    NOT_USER_CREATED_CMK = "UnsupportedOperation.NotUserCreatedCmk"
    ROTATE_NOT_SUPPORTED = "UnsupportedOperation.RotateNotSupported"
    UNSUPPORTED_KEY_USAGE = "UnsupportedOperation.UnsupportedKeyUsageInCurrentRegion"

    RESOURCE_TAG_PROCESSING = "FailedOperation.ResourceTagProcessing"
    TAG_ATTACHED_RESOURCE = "FailedOperation.TagAttachedResource"
    PAGINATION_TOKEN_INVALID = "InvalidParameter.PaginationTokenInvalid"  # noqa: S105 - a code
    RESERVED_TAG_KEY = "InvalidParameter.ReservedTagKey"
    INVALID_TAG = "InvalidParameter.Tag"
    UNSUPPORTED_SERVICE = "InvalidParameter.UnsupportedService"
    DELETE_TAGS_PARAM_ERROR = "InvalidParameterValue.DeleteTagsParamError"
    OFFSET_INVALID = "InvalidParameterValue.OffsetInvalid"
    REGION_INVALID = "InvalidParameterValue.RegionInvalid"
    RESOURCE_DESCRIPTION_ERROR = "InvalidParameterValue.ResourceDescriptionError"
    RESOURCE_ID_INVALID = "InvalidParameterValue.ResourceIdInvalid"
    RESOURCE_PREFIX_INVALID = "InvalidParameterValue.ResourcePrefixInvalid"
    SERVICE_TYPE_INVALID = "InvalidParameterValue.ServiceTypeInvalid"
    TAG_FILTERS = "InvalidParameterValue.TagFilters"
    TAG_FILTERS_LENGTH_EXCEEDED = "InvalidParameterValue.TagFiltersLengthExceeded"
    TAG_KEY_CHARACTER_ILLEGAL = "InvalidParameterValue.TagKeyCharacterIllegal"
    TAG_KEY_DUPLICATE = "InvalidParameterValue.TagKeyDuplicate"
    TAG_KEY_EMPTY = "InvalidParameterValue.TagKeyEmpty"
    TAG_KEY_LENGTH_EXCEEDED = "InvalidParameterValue.TagKeyLengthExceeded"
    TAG_VALUE_CHARACTER_ILLEGAL = "InvalidParameterValue.TagValueCharacterIllegal"
    TAG_VALUE_EMPTY = "InvalidParameterValue.TagValueEmpty"
    TAG_VALUE_LENGTH_EXCEEDED = "InvalidParameterValue.TagValueLengthExceeded"
    RESOURCE_ATTACHED_TAGS = "LimitExceeded.ResourceAttachedTags"
    RESOURCE_NUM_PER_REQUEST = "LimitExceeded.ResourceNumPerRequest"
    TAG_KEY_LIMIT = "LimitExceeded.TagKey"
    TAG_NUM_PER_REQUEST = "LimitExceeded.TagNumPerRequest"
    TAG_VALUE_LIMIT = "LimitExceeded.TagValue"
    TAG_DUPLICATE = "ResourceInUse.TagDuplicate"
    TAG_KEY_ATTACHED = "ResourceInUse.TagKeyAttached"
    ATTACHED_TAG_KEY_NOT_FOUND = "ResourceNotFound.AttachedTagKeyNotFound"
    TAG_NON_EXIST = "ResourceNotFound.TagNonExist"


class ApiError(Exception):
    """A refusal in the vendor's terms; everything the request wrote is undone."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def missing(name: str) -> ApiError:
    """The refusal of a request that lacks a parameter, in the vendor's own words."""
    return ApiError(Code.MISSING_PARAMETER, f"The request is missing a required parameter `{name}`.")
