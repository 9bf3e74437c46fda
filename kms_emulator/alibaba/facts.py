"""What the vendor publishes about its service: regions, key specifications, limits, quotas, rates.

Marks as in ``errors``. Sources: S1 the vendor's Python package 3.3.1, S7 and S8 the OpenAPI metadata of 2024 and 2025,
S9 the notes in the Go package, S15 the quota pages, S16 the error codes, S19 the user guide, S20 the key types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kms_emulator.contract import Rate

VERSION = "2016-01-20"
STS_VERSION = "2015-04-01"
DEFAULT_REGION = "cn-hangzhou"
SIGNATURE_WINDOW = 900  # seconds, [S16]
DAY = 86400
UNAVAILABLE = 503

REGIONS = (  # [S8]
    "cn-qingdao", "cn-beijing", "cn-zhangjiakou", "cn-zhengzhou-jva", "cn-huhehaote", "cn-wulanchabu", "cn-hangzhou",
    "cn-shanghai", "cn-fuzhou", "cn-shenzhen", "cn-heyuan", "cn-guangzhou", "cn-chengdu", "cn-wuhan-lr", "cn-hongkong",
    "ap-northeast-1", "ap-northeast-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-5",
    "ap-southeast-6", "ap-southeast-7", "ap-south-1", "us-east-1", "us-west-1", "eu-west-1", "eu-central-1",
    "me-east-1", "me-central-1", "na-south-1", "cn-hangzhou-finance", "cn-shanghai-finance-1",
    "cn-shenzhen-finance-1", "cn-beijing-finance-1", "cn-heyuan-acdr-1",
)  # fmt: skip


class State(StrEnum):
    """States of a key [S23]."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"
    PENDING_IMPORT = "PendingImport"


class Usage(StrEnum):
    """What a key is for [S1]."""

    ENCRYPT = "ENCRYPT/DECRYPT"
    SIGN = "SIGN/VERIFY"
    MAC = "GENERATE/VERIFY"  # [I?] that such keys exist is [S1], how their usage is spelt was not found


class Place(StrEnum):
    """Where a key lives: outside of instances, or in an instance of a type."""

    DEFAULT = "default"
    SOFTWARE = "software"
    HARDWARE = "hardware"
    EXTERNAL = "external"


@dataclass(frozen=True)
class Spec:
    """A key specification. ``before`` tells that the older product also made such keys outside of instances.

    ``symmetric`` keys have a primary version, which calls use without naming it.
    """

    usages: tuple[Usage, ...]
    places: frozenset[Place]
    symmetric: bool = False
    mainland: bool = False
    before: bool = False


_HARDWARE = frozenset({Place.HARDWARE})
_INSTANCES = frozenset({Place.SOFTWARE, Place.HARDWARE})
_ENCRYPT, _SIGN, _BOTH = (Usage.ENCRYPT,), (Usage.SIGN,), (Usage.SIGN, Usage.ENCRYPT)
HMAC = "HMAC"  # [I?] the real name of the specification was not found

# The first usage is the default: SIGN/VERIFY for every key that can sign [S1]. Places: [S20].
SPECS: Mapping[str, Spec] = {
    "Aliyun_AES_256": Spec(_ENCRYPT, frozenset(Place), symmetric=True, before=True),
    "Aliyun_AES_192": Spec(_ENCRYPT, _HARDWARE, symmetric=True),
    "Aliyun_AES_128": Spec(_ENCRYPT, _HARDWARE, symmetric=True),
    "Aliyun_DES3_192": Spec(_ENCRYPT, _HARDWARE, symmetric=True),  # in older texts only
    "Aliyun_SM4": Spec(_ENCRYPT, _HARDWARE, symmetric=True, mainland=True, before=True),  # [S1]
    "RSA_2048": Spec(_BOTH, _INSTANCES, before=True),  # [S9][S20]
    "RSA_3072": Spec(_BOTH, _INSTANCES, before=True),
    "RSA_4096": Spec(_BOTH, _INSTANCES),  # weak: one source names it
    "EC_P256": Spec(_SIGN, _INSTANCES, before=True),  # [S9]
    "EC_P256K": Spec(_SIGN, _INSTANCES, before=True),
    "EC_SM2": Spec(_BOTH, _HARDWARE, mainland=True, before=True),  # [S1][S9]
    HMAC: Spec((Usage.MAC,), _INSTANCES, symmetric=True),  # [I?]
}
DEFAULT_SPEC = "Aliyun_AES_256"

DESCRIPTION_LENGTH = 8192  # [S1]
POLICY_BYTES = 32768  # [S1]
ALIAS_LENGTH = 255  # with the prefix [S1]
WINDOW_DAYS = (7, 366)  # [S1]
TAGS_PER_OBJECT = 20  # [S1]
TAG_LENGTH = 128  # [S1]
RESOURCES_PER_CALL = 50  # [S1]
TAG_ROWS_PER_PAGE = 200  # [S1]
PAGE_SIZE, LARGEST_PAGE = 10, 100  # [S1]
INSTANCE_PAGE_SIZE = 20  # [S1]
FILTERS, FILTER_VALUES = 10, 10  # [S1]

ROTATION_DAYS = (7, 365)  # symmetric keys of instances [S1][S19]
ROTATION_DAYS_BEFORE = (7, 730)  # keys of the older product [S1]
DEFAULT_KEY_ROTATION_DAYS = (365, 365)  # [S1]
VERSION_AGE_DAYS = 7  # before CreateKeyVersion makes another one [S9]
VERSIONS_PER_KEY = 50  # made by CreateKeyVersion [S9]

QUOTA_KEYS_BEFORE = 200  # outside of instances, older product [S15]
QUOTA_ALIASES = 300  # [S15]
QUOTA_VERSIONS = 10_000  # [S15]


class Pot(StrEnum):
    """The calls that share one request rate."""

    READ = "read"
    RESOURCE_TAGS = "resource-tags"
    CREATE_KEY = "create-key"
    WRITE = "write"
    SYMMETRIC = "symmetric"
    ASYMMETRIC = "asymmetric"
    VALUE_READ = "secret-value"
    VALUE_LIFE = "secret-life"
    VALUE_CHANGE = "secret"
    VALUE_ROTATION = "rotate-secret"
    ACCOUNT = "account"
    NONE = ""


# Per account and region on the shared gateway [S15].
RATES: Mapping[str, Rate] = {
    Pot.READ: Rate(50),
    Pot.RESOURCE_TAGS: Rate(300),
    Pot.CREATE_KEY: Rate(10),
    Pot.WRITE: Rate(30),
    Pot.SYMMETRIC: Rate(1000),  # [S9][S15]
    Pot.ASYMMETRIC: Rate(200),  # [S9][S15]
    Pot.VALUE_READ: Rate(450),
    Pot.VALUE_LIFE: Rate(10),
    Pot.VALUE_CHANGE: Rate(40),
    Pot.VALUE_ROTATION: Rate(50 / 3600, 50),
    Pot.ACCOUNT: Rate(1),
}


def is_mainland(region: str) -> bool:
    """Whether a region has managed hardware with Chinese certification [S1]; by name [I]."""
    return region.startswith("cn-") and region != "cn-hongkong"
