"""What Tencent Cloud KMS offers and refuses.

Sources: API 2019-01-18 as in the official SDK 3.1.192; https://www.tencentcloud.com/document/product/1030/31971
(create key), .../32780 (delete), .../42220 (FAQ). Facts marked [I] are inferred and not asserted against the service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kms_resources.capabilities import Answer, Capability, Limits, Offer, Support
from kms_resources.clouds.crypto import CryptoLimits
from kms_resources.crypto.words import Algorithm
from kms_resources.model import DesiredKey, Origin, Spec, Target, Usage

MARKER_TAG = "kms-resources-marker"
PROTECTION_TAG = "kms-resources-deletion-protection"
OUR_TAGS = frozenset({MARKER_TAG, PROTECTION_TAG})
_VERIFIED = "2026-08-21"
_MAINLAND = re.compile(
    r"ap-(guangzhou|shanghai|beijing|nanjing|chengdu|chongqing|shenzhen|qingyuan|shenyang)(-[a-z0-9]+)*"
)
_KNOWN_ABROAD = re.compile(
    r"(ap-(hongkong|taipei|singapore|jakarta|bangkok|mumbai|seoul|tokyo)|eu-.+|na-.+|sa-.+)(-[a-z0-9]+)*"
)


def is_mainland(target: Target) -> bool:
    """Whether the region runs national-crypto modules, where symmetric means SM4."""
    return _MAINLAND.fullmatch(target.region) is not None


def _may_be_abroad(target: Target) -> bool:
    return not is_mainland(target)


def _may_be_mainland(target: Target) -> bool:
    # A region that is newer than this table gets the benefit of the doubt; the cloud then has the last word.
    return _KNOWN_ABROAD.fullmatch(target.region) is None


def _yes(reason: str) -> Support:
    return Support(Answer.YES, reason, _VERIFIED)


def _no(reason: str) -> Support:
    return Support(Answer.NO, reason, _VERIFIED)


_CIPHER = (Usage.ENCRYPT_DECRYPT,)
_BOTH = (Usage.ENCRYPT_DECRYPT, Usage.SIGN_VERIFY)
_SIGN = (Usage.SIGN_VERIFY,)
_ANY_ORIGIN = (Origin.KMS, Origin.EXTERNAL)


def _refusals(key: DesiredKey) -> Iterator[tuple[str, str]]:
    if key.settings.tags and any(tag.startswith(("qcs:", "project", "项目")) for tag in key.settings.tags):
        yield "tags", "must not begin with qcs:, project or 项目, which Tencent Cloud keeps for itself"
    for tag in OUR_TAGS & key.settings.tags.keys():
        yield "tags", f"must not name {tag}, which says whose key it is"


SEALED_INSTEAD = (
    "the API has no GenerateDataKeyWithoutPlaintext; instead encrypt random bytes, throw the plaintext of a data key "
    "away, or have it wrapped for a public key of yours (GenerateDataKey with EncryptionPublicKey)"
)
VALID_TO = 2147443200
"""The latest expiry of imported material."""

_RSA_CIPHERS = (Algorithm.RSAES_OAEP_SHA_256, Algorithm.RSAES_OAEP_SHA_1, Algorithm.RSAES_PKCS1_V1_5)

CRYPTO = CryptoLimits(
    plaintext_bytes=4096,
    context_characters=1024,
    algorithms={
        (Spec.RSA_2048, Usage.ENCRYPT_DECRYPT): _RSA_CIPHERS,
        (Spec.RSA_2048, Usage.SIGN_VERIFY): (Algorithm.RSA_PSS_SHA_256, Algorithm.RSA_PKCS1_SHA_256),
        (Spec.EC_P256, Usage.SIGN_VERIFY): (Algorithm.ECDSA_SHA_256,),
        # [I] The documents name the usage of such keys and leave the algorithm to ListAlgorithms.
        (Spec.EC_P384, Usage.SIGN_VERIFY): (Algorithm.ECDSA_SHA_384,),
        (Spec.SM2, Usage.ENCRYPT_DECRYPT): (Algorithm.SM2PKE,),
        (Spec.SM2, Usage.SIGN_VERIFY): (Algorithm.SM2DSA,),
    },
    wrapping=_RSA_CIPHERS,
    # AsymmetricSm2Decrypt takes a ciphertext of 256 bytes at most, and 110 of them may be needed for the DER form.
    capacities={Algorithm.SM2PKE: 146},
)


LIMITS = Limits(
    supports={
        Capability.DESCRIPTION: _yes("UpdateKeyDescription"),
        Capability.DISABLE: _yes("DisableKey"),
        Capability.TAGS: _yes("tag service, TagResources"),
        Capability.ROTATION: _yes("EnableKeyRotation"),
        Capability.ROTATION_PERIOD: _yes("RotateDays, 7 to 365"),
        Capability.DELETION_PROTECTION: Support(
            Answer.NO, "the API has none; a tag of ours stands for it and every deletion of ours looks there", _VERIFIED
        ),
        Capability.SCHEDULED_DELETION: _yes("ScheduleKeyDeletion"),
        Capability.CANCEL_DELETION: _yes("CancelKeyDeletion"),
        Capability.ALIAS: _yes("a field of the key, UpdateAlias"),
        Capability.ALIAS_MANY: Support(Answer.NO, "a key has exactly one alias, as a field of its own", _VERIFIED),
        Capability.ALIAS_MOVE: Support(
            Answer.NO,
            "the alias is a field of the key; take it off one key in one run, give it to the other in the next",
            _VERIFIED,
        ),
        Capability.EXTERNAL_ORIGIN: _yes("CreateKey with Type 2, symmetric keys only"),
        Capability.PROTECTION_LEVEL: Support(Answer.NO, "every key lives in an HSM of the region's kind", _VERIFIED),
        Capability.INSTANCE: _yes("dedicated cluster, HsmClusterId"),
        Capability.ENCRYPT: _yes("Encrypt and Decrypt, up to 4096 bytes"),
        Capability.ENCRYPTION_CONTEXT: _yes("EncryptionContext, up to 1024 characters as JSON"),
        Capability.RE_ENCRYPT: _yes("ReEncrypt"),
        Capability.DATA_KEY: _yes("GenerateDataKey, 1 to 1024 bytes"),
        Capability.DATA_KEY_SEALED: _no(SEALED_INSTEAD),
        Capability.PUBLIC_KEY: _yes("GetPublicKey"),
        Capability.ASYMMETRIC_ENCRYPT: _no("the public key encrypts on this machine; it is fetched by GetPublicKey"),
        Capability.ASYMMETRIC_DECRYPT: _yes("AsymmetricRsaDecrypt and AsymmetricSm2Decrypt"),
        Capability.SIGN: _yes("SignByAsymmetricKey and VerifyByAsymmetricKey, of a digest"),
        Capability.MAC: _no("no kind of key makes an HMAC"),
        Capability.RANDOM: _yes("GenerateRandom, 1 to 1024 bytes"),
        Capability.SECRETS: _no("secrets are another product, SSM (凭据管理系统), with an API of its own"),
        Capability.SECRET_ROTATION: _no("secrets are another product, SSM (凭据管理系统), with an API of its own"),
        Capability.MATERIAL: _yes(
            "ImportKeyMaterial: 16 bytes in mainland regions (SM4), 32 bytes elsewhere (AES-256), wrapped with RSA"
        ),
        Capability.MATERIAL_EXPIRY: _yes("ValidTo, until 2038"),
        Capability.VERSIONS: _no("a rotated key keeps its old versions for decryption, but no call lists them"),
        Capability.NEW_VERSION: _yes("RotateKey, once in 24 hours, while automatic rotation is on"),
        Capability.CERTIFICATES: _no("certificates are another product (SSL 证书), with an API of its own"),
        Capability.GATEWAY: _no("dedicated clusters are reached through the same door as everything else"),
        Capability.KEY_POLICY: _yes("CAM policies attached to users, groups and roles; the key itself has none"),
        Capability.ACCESS_POINT: _no("there is one door, for identities of CAM only"),
        Capability.CLIENT_KEY: _no("there are no access points"),
    },
    offers=(
        Offer(Spec.SM4, _CIPHER, _ANY_ORIGIN, where=_may_be_mainland, where_text="in mainland regions"),
        Offer(Spec.AES_256, _CIPHER, _ANY_ORIGIN, where=_may_be_abroad, where_text="in regions outside the mainland"),
        Offer(Spec.RSA_2048, _BOTH),
        Offer(Spec.EC_P256, _SIGN),
        Offer(Spec.EC_P384, _SIGN),
        Offer(Spec.SM2, _BOTH, where=_may_be_mainland, where_text="in mainland regions"),
    ),
    window_days=(7, 30),
    rotation_days=(7, 365),
    description_bytes=1024,
    tags=48,
    tag_key=r".{1,127}",
    tag_value=r".{1,255}",
    tag_rule="keys of 1 to 127 characters, values of 1 to 255",
    alias=r"(?!kms-|m-.*-[0-9a-f]{12}$|unnamed-)[A-Za-z0-9][A-Za-z0-9_-]{0,59}",
    alias_rule="1 to 60 of A-Z a-z 0-9 - _, first a letter or digit, not beginning with kms- or unnamed-",
    region=r"[a-z]{2}-[a-z]+(-[a-z0-9]+)*",
    region_rule="a region id such as ap-guangzhou",
    instance=r"cls-hsm-[A-Za-z0-9]+",
    refusals=_refusals,
)
