"""Words and limits of cryptographic calls, import, certificates and access points, each with its mark (``facts``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum

from kms_emulator.ctyun.terms import DAY

# Our names of kinds (``ciphers``) for the vendor's key specs; the same name where none is given.
_KINDS: Mapping[str, str] = {"EC_SM2": "SM2", "HMAC_SM3": "HMAC"}

_OAEP = ("RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1")  # [S2]
_RSA_SIGN = ("RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256")  # [I] (Alibaba [S16])
ENCRYPT_ALGORITHMS: Mapping[str, tuple[str, ...]] = {
    "RSA_2048": _OAEP, "RSA_3072": _OAEP, "RSA_4096": _OAEP,
    "EC_SM2": ("SM2PKE",),  # [I]
}  # fmt: skip
SIGN_ALGORITHMS: Mapping[str, tuple[str, ...]] = {
    "RSA_2048": _RSA_SIGN, "RSA_3072": _RSA_SIGN, "RSA_4096": _RSA_SIGN,
    "EC_P256": ("ECDSA_SHA_256",), "EC_P256K": ("ECDSA_SHA_256",), "EC_SM2": ("SM2DSA",),  # [I]
}  # fmt: skip
REENCRYPT_SOURCES = _OAEP  # [S2]: the page names no other
WRAPPING_ALGORITHMS: Mapping[str, tuple[str, ...]] = {  # [I] (Alibaba [S16])
    "RSA_2048": ("RSAES_PKCS1_V1_5", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"),
    "EC_SM2": ("SM2PKE",),
}

PLAINTEXT_BYTES = 6_144  # before Base64 [I]
DATA_KEY_SPECS: Mapping[str, int] = {"AES_256": 32, "AES_128": 16}  # the first is the default [I]
DATA_KEY_BYTES = (1, 1_024)  # [I]
RANDOM_BYTES = (1, 1_024)  # [I?]
DIGEST_BYTES = 32  # SHA-256 and SM3
MESSAGE_BYTES = 4_095  # "under 4096" [I]
TOKEN_SECONDS = DAY  # [S9]

CERTIFICATE_SPECS = ("RSA_2048", "RSA_3072", "RSA_4096", "EC_P256", "EC_SM2")  # the first [S5], the rest [I]
MESSAGE_TYPES = ("RAW", "DIGEST")  # [I]
CERTIFICATE_USAGE = "1"  # the page's sample [S3]; what it means is not known
USB_ALGORITHMS: Mapping[str, str] = {"SM2": "EC_SM2", "RSA 2048": "RSA_2048"}  # with the blank [S6]
# What a signature of a USB key is made with; RSA's padding [I?].
USB_SIGNATURES: Mapping[str, str] = {"EC_SM2": "SM2DSA", "RSA_2048": "RSA_PKCS1_SHA_256"}

USB_NAME_LENGTH = 128  # [I?]
SIGNATURE_NAMES: Mapping[str, str] = {  # by their identifiers; the words are [I?]
    "1.2.840.113549.1.1.11": "SHA256WITHRSA", "1.2.840.10045.4.3.2": "SHA256WITHECDSA",
    "1.2.156.10197.1.501": "SM3WITHSM2",
}  # fmt: skip

# Access points: all of this is [I?].
ACCESS_POINT_NAME_LENGTH = 128
ENDPOINT = re.compile(r"[A-Za-z0-9._:/-]{1,128}")  # an endpoint's id, an address, or a block of addresses
ENDPOINTS_PER_ACCESS_POINT = 100
TENANT_ENABLED, TENANT_SWITCHED_OFF = "Enabled", "Disabled"
KEY_RESOURCE, CERTIFICATE_RESOURCE, USB_CERTIFICATE_RESOURCE, EVERY_RESOURCE = (
    "key",
    "certificate",
    "ukCertificate",
    "*",
)


class CertificateState(IntEnum):
    """State of a certificate: enabled, disabled, revoked [S13]; 1 was seen [S3], the other numbers are [I?]."""

    PENDING = 0
    ENABLED = 1
    DISABLED = 2
    REVOKED = 3


def cipher_kind(spec: str) -> str:
    """The kind of material behind a key spec."""
    return _KINDS.get(spec, spec)
