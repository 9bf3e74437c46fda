"""The vendor's words, limits and error codes, each with its mark (see ``facts``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

DAY = 86_400


class State(StrEnum):
    """State of a key. The transitions are [S8][S10], the words are Alibaba's [I]."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"
    PENDING_IMPORT = "PendingImport"


class Usage(StrEnum):
    """What a key is for; one usage per key [I]. The third word is [I?]."""

    CRYPT = "ENCRYPT/DECRYPT"
    SIGN = "SIGN/VERIFY"
    MAC = "GENERATE/VERIFY_MAC"


# Synonyms understood on input [I?].
USAGES: Mapping[str, Usage] = {
    **{usage.value: usage for usage in Usage},
    "ENCRYPT_DECRYPT": Usage.CRYPT, "SIGN_VERIFY": Usage.SIGN, "GENERATE_VERIFY_MAC": Usage.MAC,
    "1": Usage.CRYPT, "2": Usage.SIGN, "3": Usage.MAC,
}  # fmt: skip


class Origin(StrEnum):
    """Who made the material [S9][S10]; the first word is [I?], the second [I]."""

    PLATFORM = "CTYUN_KMS"
    EXTERNAL = "EXTERNAL"


PROTECTION_LEVELS = {"0": "hardware", "1": "software"}  # [S5] for certificates; for keys [I]


@dataclass(frozen=True)
class Spec:
    """A kind of key."""

    name: str
    symmetric: bool
    usages: tuple[Usage, ...]
    mark: str

    @property
    def asymmetric(self) -> bool:
        """Whether it is a key pair."""
        return not self.symmetric and Usage.MAC not in self.usages


_BOTH = (Usage.CRYPT, Usage.SIGN)
_SPECS = (
    Spec("AES_256", True, (Usage.CRYPT,), "S12"),
    Spec("SM4", True, (Usage.CRYPT,), "I?"),
    Spec("RSA_2048", False, _BOTH, "I"),
    Spec("RSA_3072", False, _BOTH, "I?"),
    Spec("RSA_4096", False, _BOTH, "I?"),
    Spec("EC_P256", False, (Usage.SIGN,), "I"),
    Spec("EC_P256K", False, (Usage.SIGN,), "I"),
    Spec("EC_SM2", False, _BOTH, "I"),
    Spec("HMAC_SM3", False, (Usage.MAC,), "I?"),
)
SPECS: Mapping[str, Spec] = {**{spec.name: spec for spec in _SPECS}, "SM4_128": _SPECS[1]}

DELETION_DAYS = (7, 30)  # [S8][S9]
ROTATION_DAYS = (7, 365)  # [I?]
INTERVAL = re.compile(r"([1-9][0-9]{0,9})([dhms]?)")  # [I?]; without a letter: days
UNITS = {"": DAY, "d": DAY, "h": 3_600, "m": 60, "s": 1}
DESCRIPTION_LENGTH = 8_192  # [I?]
ALIAS = re.compile(r"alias/[A-Za-z0-9_/-]+")  # [I]
ALIAS_LENGTH = 255  # with the prefix, as at Alibaba [I]
TAGS_PER_KEY = 10  # [I?]
TAG_LENGTH = 128  # [I?]
PAGE_SIZE = 10  # [I?]
PAGE_SIZE_LIMIT = 100  # [I?]
DEFAULT_INSTANCE = "ins-X63C8r"  # the vendor's sample [S5]; an account without instances of its own has this one [I?]
DEFAULT_PROJECT = "default"  # [S5]


@dataclass(frozen=True)
class Code:
    """An error: its number (written ``KMS_0102`` or ``KMS.0102`` by the envelope), status and text."""

    number: str
    status: int
    text: str


def _missing(number: str, text: str) -> Code:
    return Code(number, 400, text)


# [S4] in full, with the vendor's typing errors; the fields are [I]. A pair names the operation, where it matters.
PARAMETER_MISSING = _missing("0101", "参数缺失")
REGION_MISSING = _missing("0115", "Regionid cannot be empty")
INTERVAL_MISSING = _missing("0118", "Rotationinterval cannot be empty")
MISSING: Mapping[str | tuple[str, str], Code] = {
    "cmkUuid": _missing("0102", "CmkUuid cannot be empty"),
    "aliasName": _missing("0103", "AliasName cannot be empty"),
    "digest": _missing("0104", "Digest cannot be empty"),
    "keyVersionId": _missing("0105", "KeyVersionId cannot be empty"),
    ("asymmetricSign", "algorithm"): _missing("0106", "Sign algorithm cannot be empty"),
    ("asymmetricVerify", "algorithm"): _missing("0106", "Sign algorithm cannot be empty"),
    "plaintext": _missing("0107", "Plaintext can notbe empty"),
    "ciphertextBlob": _missing("0108", "Ciphertextblob cannot be empty"),
    ("reEncrypt", "cmkUuid"): _missing("0109", "Reencrypt cmkuuid cannot be empty"),
    "sourceKeyId": _missing("0110", "Asymmetric encrypt need sourceuuid"),
    "sourceKeyVersionId": _missing("0111", "Asymmetric encrypt need sourceKeyVersion"),
    "destinationKeyId": _missing("0112", "DestinationUuid cannot be empty"),
    "protectionLevel": _missing("0113", "Protectionlevel cannot be empty"),
    "algorithm": _missing("0114", "Algorithm cannot be empty"),
    "regionId": REGION_MISSING,
    "enableAutomaticRotation": _missing("0116", "Enableautoatocrotatiom cannot be empty"),
    "keyUsage": _missing("0117", "Keyusage can not be empty"),
    "rotationInterval": INTERVAL_MISSING,
    "nextRotationDate": _missing("0119", "Nextrotationdate is empty"),
    "wrappingAlgorithm": _missing("0120", "Algorithm for import cannot be empty"),
    "wrappingKeySpec": _missing("0121", "KeySpec for publickey cannot be empty"),
    "pendingWindowInDays": _missing("0122", "Pendingwindowindays cannot be empty"),
    "importToken": _missing("0123", "Token cannot be empty"),
    "encryptedKeyMaterial": _missing("0124", "Encryptenkeymeterial cannot be empty"),
    "value": _missing("0125", "Sign value cannot be empty"),
    "keySpec": _missing("0126", "Keyspec cannot be empty"),
}

# The vendor's numbers from 0127 on are not known. Those from 9000 on are ours, and look it [I?]. A status of 404 means
# that the target cannot be used (操作目标不可用) [S2].
NO_KEY = Code("9001", 404, "the key does not exist")
NO_ALIAS = Code("9002", 404, "the alias does not exist")
NO_VERSION = Code("9003", 404, "the key version does not exist")
NO_TAG = Code("9004", 404, "the tag does not exist")
NO_INSTANCE = Code("9005", 404, "the KMS instance does not exist")
NO_CERTIFICATE = Code("9006", 404, "the certificate does not exist")
NO_ACCESS_POINT = Code("9007", 404, "the access point does not exist")
NO_CREDENTIAL = Code("9008", 404, "the tenant credential does not exist")
NO_VPC = Code("9009", 404, "the VPC does not exist")
NO_SUBNET = Code("9010", 404, "the VPC has no such subnet")
WRONG_STATE = Code("9011", 404, "the state of the key does not allow this")
PROTECTED = Code("9012", 404, "deletion protection is on")
DEFAULT_KEY = Code("9013", 404, "a default key cannot be changed")
CERTIFICATE_STATE = Code("9014", 404, "the state of the certificate does not allow this")
NOT_EXPORTABLE = Code("9015", 404, "the private key may not be exported")
ALIAS_EXISTS = Code("9021", 400, "the alias exists already")
TAG_EXISTS = Code("9022", 400, "the tag exists already")
TAG_BOUND = Code("9023", 400, "the tag is still bound to a resource")
ACCESS_POINT_EXISTS = Code("9024", 400, "an access point of this name exists already")
ACCESS_POINT_USED = Code("9025", 400, "the access point still has tenant credentials")
BAD_BODY = Code("9030", 400, "the body is no JSON object")
BAD_VALUE = Code("9031", 400, "a value is not allowed")
BAD_TYPE = Code("9032", 400, "a value has the wrong type")
UNKNOWN_FIELD = Code("9033", 400, "a parameter is unknown")
NOT_FOR_THIS_KEY = Code("9034", 400, "this kind of key does not allow this")
BAD_REGION = Code("9035", 400, "the resource pool does not exist")
BAD_CIPHERTEXT = Code("9036", 400, "the ciphertext cannot be opened")
BAD_TOKEN = Code("9037", 400, "the import token is not one of this key")
TOKEN_EXPIRED = Code("9038", 400, "the import token has expired")
BAD_MATERIAL = Code("9039", 400, "the key material cannot be used")
OTHER_MATERIAL = Code("9040", 400, "only the material that the key had before can be imported again")
QUOTA = Code("9041", 400, "the quota is used up")
BAD_CERTIFICATE = Code("9042", 400, "the certificate cannot be used")
OTHER_PAIR = Code("9043", 400, "the certificate belongs to another key pair")
BAD_PKCS12 = Code("9044", 400, "the PKCS#12 file cannot be opened")
# The access point's own refusals; status 401 means that the user's verification failed [S2].
TENANT_HEADER = Code("9051", 401, "a header of the signature is missing")
TENANT_UNKNOWN = Code("9052", 401, "the access key does not exist")
TENANT_DISABLED = Code("9053", 401, "the access key is disabled")
TENANT_MISMATCH = Code("9054", 401, "signature verification failed")
TENANT_DATE = Code("9055", 401, "requestDate cannot be accepted")
NO_SERVICE = Code("9056", 404, "the access point has no such service")
# Of the statuses that are known, 401 is the one about who calls; the vendor's list has no 403 [S2].
OUTSIDE_NETWORK = Code("9057", 401, "the access point cannot be reached from here")
NOT_WHITELISTED = Code(
    "9058", 401, "the endpoint whitelist of the access point has neither the endpoint nor the address"
)
NOT_PERMITTED_INTERFACE = Code("9059", 401, "the access point does not permit this interface")
NOT_PERMITTED_RESOURCE = Code("9060", 401, "the access point does not permit this resource")
BY_STATE = frozenset({WRONG_STATE, PROTECTED, DEFAULT_KEY, CERTIFICATE_STATE})
"""Their status follows the switch ``wrong_state``."""


class Refusal(Exception):  # noqa: N818 - an answer, not a failure
    """Raised by an action to refuse the call; ``detail`` is added to the code's text."""

    def __init__(self, code: Code, detail: str = "") -> None:
        super().__init__(f"{code.number} {detail}")
        self.code, self.detail = code, detail
