"""Facts of API 2.0 of Tencent Cloud KMS, each with its certainty mark.

Marks: [S13] pages of API 2.0 (cloud.tencent.com/document/product/573: 8889 Encrypt, 8890 Decrypt, 8892
SetKeyAttributes, 8893 CreateKey, 8895 GenerateDataKey, 8897 ListKey, 8898 GetKeyAttributes, 8906 and 34402 overview,
8919 error codes; cloud.tencent.com/document/api/214/1526 signature), [S14] the vendor's SDKs (github.com/tencentyun/
kms-python-sdk and its siblings for Java and PHP). [I]: inferred on stated ground. [I?]: decided here because nothing
was found.
"""

from __future__ import annotations

from enum import Enum

DAY = 86_400
PATH = "/v2/index.php"  # [S13]
REGIONS = {"gz": "ap-guangzhou", "sh": "ap-shanghai", "bj": "ap-beijing"}  # in host names [S13]; full names [I]
DEFAULT_REGION = "ap-guangzhou"  # for a host without a region, such as a local address [I?]
CLOCK_SKEW = 7_200  # seconds; the page says only that a signature expires [I?]
SECRET_ID_PREFIX = "AKID"  # noqa: S105 - [S13]
COMMON = ("Action", "RequestClient", "SecretId", "Nonce", "Timestamp", "SignatureMethod", "Signature", "Region",
          "Token")  # [S13]  # fmt: skip
METHODS = {"HmacSHA1": "sha1", "HmacSHA256": "sha256"}  # [S13]

USAGE = "ENCRYPT/DECRYPT"  # [S13]
ENABLED, DISABLED = "Enabled", "Disabled"  # [S13]
PENDING_DELETE = "PendingDelete"  # the name in API 3.0 [I?]
ORDINARY, QUANTUM = 1, 2  # type [S13]
LONGEST_ALIAS = 32  # characters [S13]
LONGEST_DESCRIPTION = 1024  # bytes, as in API 3.0 [I?]
LONGEST_CONTEXT = 1024  # characters, as in API 3.0 [I?]
LARGEST_PLAINTEXT = 4096  # bytes, as in API 3.0 [I?]
KEY_ID = r"kms-[0-9a-z]{8}"  # [S13]; the alphabet [I?]
DATA_KEY_BYTES = range(1, 1025)  # [S13]
DATA_KEY_SPECS = {"AES_128": 16, "AES_256": 32}  # [S13]
PENDING_DAYS = range(7, 31)  # as in API 3.0 [I?]
PAGE, LARGEST_PAGE = 10, 200  # the default [S13]; the largest as in API 3.0 [I?]
CMK_LIMIT = 200  # the error table; another page says 1000 [S13]
RATE = 100  # requests per second and action, as in API 3.0 [I?]
KIND = "SM4"  # of a key's material in mainland regions, as in API 3.0 [I]


class Code(Enum):
    """Error codes: the answer's ``code`` and the module code in its message [S13].

    The list has no answer code for module codes 10280 to 10450: 4000 as for other parameters [I]. It has none at all
    for a key in a wrong state other than disabled: that of a wrong parameter [I?].
    """

    BAD_PARAMETER = (4000, 10000)
    MISSING_PARAMETER = (4000, 10010)
    AUTHENTICATION_FAILED = (4100, 10030)
    INTERNAL = (6000, 10050)
    WRONG_STATE = (4000, 10110)
    SECRET_ID_UNKNOWN = (4100, 10270)
    ACTION_MISSING = (4000, 10280)
    KEY_FORMAT = (4000, 10310)
    UNKNOWN_PARAMETER = (4000, 10320)
    REPEATED_PARAMETER = (4000, 10330)
    OUT_OF_RANGE = (4000, 10350)
    WRONG_TYPE = (4000, 10360)
    LACKS_REQUIRED = (4000, 10390)
    METHOD = (4000, 10410)
    UNREADABLE = (4000, 10420)
    UNKNOWN_ACTION = (4000, 10430)
    SECRET_ID_FORMAT = (4000, 10450)
    RATE_EXCEEDED = (4480, 10460)
    KEY_USAGE = (4490, 10470)
    ALIAS_EXISTS = (4500, 10480)
    KEY_LIMIT = (4510, 10610)
    KEY_SPEC = (4520, 10620)
    KEY_NOT_FOUND = (4530, 10630)
    CONTEXT = (4540, 10640)
    KEY_DISABLED = (4550, 10650)
    DECRYPT_FAILED = (4560, 10670)
    CIPHERTEXT = (4580, 10680)
    PLAINTEXT = (4590, 10690)


class ApiError(Exception):
    """A refusal; everything the request wrote is undone."""

    def __init__(self, code: Code, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text
