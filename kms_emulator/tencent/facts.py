"""Facts of Tencent Cloud KMS, tag service and CAM, each with its certainty mark.

Marks: [S1] official Python SDK and CLI metadata, [S2] per-action error lists of the official Go SDK, [S3] the SDK's
signer and transport, [S4] signature page (cloud.tencent.com/document/product/1278/46710), [S5] request structure and
common errors (tencentcloud.com/document/product/1030/32174 and /api/1030/32201), [S6] KMS guides (tencentcloud.com/
document/product/1030), [S9] tag SDK and limits (cloud.tencent.com/document/product/651/13354), [S10] CAM SDK,
[S11] official Terraform provider. [I]: inferred on stated ground. [I?]: decided here because nothing was found.
"""

from __future__ import annotations

from enum import StrEnum

DAY = 86_400

# Transport
CLOCK_SKEW = 300  # seconds, [S5]
LARGEST_GET = 32 * 1024  # [S4]
LARGEST_POST_V1 = 1024 * 1024  # [S4]
LARGEST_POST_V3 = 10 * 1024 * 1024  # [S4]
MAINLAND_REGIONS = (  # SM modules [S6]; list [I] in part
    "ap-guangzhou", "ap-shanghai", "ap-beijing", "ap-nanjing", "ap-chengdu", "ap-chongqing", "ap-shanghai-fsi",
    "ap-shenzhen-fsi",
)  # fmt: skip
OTHER_REGIONS = (  # FIPS 140-2 modules [S6]; list [I] in part
    "ap-hongkong", "ap-taipei", "ap-singapore", "ap-jakarta", "ap-bangkok", "ap-mumbai", "ap-seoul", "ap-tokyo",
    "eu-frankfurt", "na-ashburn", "na-siliconvalley", "na-toronto", "sa-saopaulo",
)  # fmt: skip
REGIONS = MAINLAND_REGIONS + OTHER_REGIONS


class State(StrEnum):
    """Values of ``KeyMetadata.KeyState`` [S1]."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETE = "PendingDelete"
    PENDING_IMPORT = "PendingImport"
    ARCHIVED = "Archived"


class Usage(StrEnum):
    """Values of ``KeyUsage`` [S1]."""

    ENCRYPT_DECRYPT = "ENCRYPT_DECRYPT"
    DECRYPT_RSA_2048 = "ASYMMETRIC_DECRYPT_RSA_2048"
    DECRYPT_SM2 = "ASYMMETRIC_DECRYPT_SM2"
    SIGN_SM2 = "ASYMMETRIC_SIGN_VERIFY_SM2"
    SIGN_RSA_2048 = "ASYMMETRIC_SIGN_VERIFY_RSA_2048"
    SIGN_ECC = "ASYMMETRIC_SIGN_VERIFY_ECC"
    SIGN_ECDSA384 = "ASYMMETRIC_SIGN_VERIFY_ECDSA384"


class Origin(StrEnum):
    """Values of ``Origin`` [S1]."""

    TENCENT_KMS = "TENCENT_KMS"
    EXTERNAL = "EXTERNAL"


SM_ONLY = frozenset({Usage.DECRYPT_SM2, Usage.SIGN_SM2})  # absent outside the mainland [I]
MODULE_SM, MODULE_FIPS = 4, 2  # KeyMetadata.Type [S1]
OWNER_USER = "user"  # [S1]
LISTED_STATES = {1: State.ENABLED, 2: State.DISABLED, 3: State.PENDING_DELETE, 4: State.PENDING_IMPORT,
                 5: State.ARCHIVED}  # ListKeyDetail.KeyState [S1]  # fmt: skip
PLAIN_STATES = frozenset({State.ENABLED, State.DISABLED, State.PENDING_IMPORT})  # what ListKeys shows [S1]

# Limits
ALIAS = r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}"  # [S1]
RESERVED_ALIAS = "kms-"  # [S1]
KEY_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # [S1]
LONGEST_DESCRIPTION = 1024  # bytes [S1]
LARGEST_BATCH = 100  # [S1]
PAGE, LARGEST_PAGE = 10, 200  # [S1]
PENDING_DAYS = range(7, 31)  # [S1]
ROTATE_DAYS, DEFAULT_ROTATE_DAYS = range(7, 366), 365  # [S1]
CMK_LIMIT = 200  # user keys of an account and region, [S6]
ROTATE_KEY_INTERVAL = DAY  # RotateKey at most once in it, [S1]
RATE, ROTATE_RATE = 100, 20  # requests per second and action [S5][S6]

# Tag service
TAGS_PER_RESOURCE = 50  # [S9]
TAGS_PER_CALL = 10  # [S9]
RESOURCES_PER_CALL = 10  # [S9]
IDS_PER_CALL = 50  # [S9]
LONGEST_TAG_KEY, LONGEST_TAG_VALUE = 127, 255  # characters [S9]
RESERVED_TAG_KEYS = ("qcs:", "project", "项目")  # beginnings [S9]
TAG_KEYS, TAG_VALUES = 1000, 1000  # keys of an account, values of a key [S9]
TAG_FILTERS, TAG_FILTER_VALUES = 6, 10  # [S9]
TAG_PAGE, LARGEST_TAG_PAGE = 15, 1000  # [S9]; the largest is published for DescribeTags only, for the others [I?]
RESOURCE_PAGE, LARGEST_RESOURCE_PAGE = 50, 200  # GetResources [S9]
SYSTEM_TAG = ("qcs:createdBy", "emulator")  # a stand-in for tags that products set [I?]


def mainland(region: str) -> bool:
    """Whether the region runs national-crypto modules."""
    return region in MAINLAND_REGIONS


def offered(region: str) -> tuple[Usage, ...]:
    """The key usages of a region [I]."""
    return tuple(usage for usage in Usage if mainland(region) or usage not in SM_ONLY)
