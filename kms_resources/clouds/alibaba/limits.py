"""What Alibaba Cloud KMS offers and refuses.

Sources: API 2016-01-20 as in the official package alibabacloud-kms20160120 3.3.1;
https://www.alibabacloud.com/help/en/kms/key-management-service/user-guide/key-types-and-specifications (offers);
.../user-guide/manage-keys; .../user-guide/manage-a-key-alias; .../developer-reference/api-kms-2016-01-20-createkey;
.../developer-reference/api-kms-2016-01-20-updaterotationpolicy. Facts marked [I] are inferred and not asserted
against the service.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kms_resources.capabilities import Answer, Capability, Limits, Offer, Support
from kms_resources.clouds.alibaba.convert import MARKER_TAG
from kms_resources.clouds.crypto import CryptoLimits
from kms_resources.clouds.secrets import SecretLimits, SecretType
from kms_resources.crypto.words import Algorithm
from kms_resources.model import DesiredKey, Origin, Spec, Target, Usage

_VERIFIED = "2026-08-21"
_TAG_CHARACTERS = r"[A-Za-z0-9/\\_.+=:@-]"
_DEFAULT_KEY_ROTATION_DAYS = 365


def is_mainland(target: Target) -> bool:
    """Whether the region's managed HSMs are certified in China, which SM2 and SM4 need."""
    return target.region.startswith("cn-") and target.region != "cn-hongkong"


def _has_instance(target: Target) -> bool:
    return bool(target.instance)


def _may_be_chinese_hsm(target: Target) -> bool:
    return _has_instance(target) and is_mainland(target)


def _yes(reason: str) -> Support:
    return Support(Answer.YES, reason, _VERIFIED)


_CIPHER = (Usage.ENCRYPT_DECRYPT,)
_BOTH = (Usage.ENCRYPT_DECRYPT, Usage.SIGN_VERIFY)
_SIGN = (Usage.SIGN_VERIFY,)
# Software instances take no imported material, hardware instances and the default key do. An instance's id does not
# tell its kind, so what either kind takes is offered; KMS refuses the rest before it makes anything.
_ANY_ORIGIN = (Origin.KMS, Origin.EXTERNAL)
_INSTANCE = "in a KMS instance (target: instance)"
_HARDWARE = "in a hardware KMS instance (target: instance)"
_CHINESE_HARDWARE = "in a hardware KMS instance of a mainland region (target: instance)"


def _refusals(key: DesiredKey) -> Iterator[tuple[str, str]]:
    settings = key.settings
    if re.fullmatch(_TAG_CHARACTERS + "{1,128}", key.marker) is None:
        yield (
            "name",
            f"makes the marker {key.marker!r}, which must fit into a tag: "
            r"1 to 128 of A-Z a-z 0-9 / \ _ - . + = : @ together with project and stack",
        )
    if MARKER_TAG in settings.tags:
        yield "tags", f"must not hold {MARKER_TAG}, which this product keeps for its marker"
    if settings.rotation_days is None:
        return
    if settings.origin is Origin.EXTERNAL:
        yield "rotation", "is impossible for imported material; import new material into a new key instead"
    elif not key.target.instance and settings.rotation_days != _DEFAULT_KEY_ROTATION_DAYS:
        yield (
            "rotation",
            f"of a key without an instance is every {_DEFAULT_KEY_ROTATION_DAYS} days and nothing else, and only after "
            "buying the value added service for it; give the target an instance for another period",
        )


LIMITS = Limits(
    supports={
        Capability.DESCRIPTION: _yes("UpdateKeyDescription"),
        Capability.DISABLE: _yes("DisableKey"),
        Capability.TAGS: _yes("CreateKey, TagResources, UntagResources"),
        Capability.ROTATION: _yes("UpdateRotationPolicy; hardware keys cannot, default keys after buying the service"),
        Capability.ROTATION_PERIOD: _yes("RotationInterval, 7 to 365 days, for software instances"),
        Capability.DELETION_PROTECTION: _yes("SetDeletionProtection"),
        Capability.SCHEDULED_DELETION: _yes("ScheduleKeyDeletion"),
        Capability.CANCEL_DELETION: _yes("CancelKeyDeletion; the key is enabled afterwards"),
        Capability.ALIAS: _yes("CreateAlias"),
        Capability.ALIAS_MANY: _yes("CreateAlias, any number for one key"),
        Capability.ALIAS_MOVE: _yes("UpdateAlias"),
        Capability.EXTERNAL_ORIGIN: _yes("Origin EXTERNAL, for the default key and in hardware instances"),
        Capability.PROTECTION_LEVEL: Support(
            Answer.NO, "the instance decides; without one, KMS takes HSM where the region has it", _VERIFIED
        ),
        Capability.INSTANCE: _yes("DKMSInstanceId"),
        Capability.ENCRYPT: _yes("Encrypt, Decrypt; through the shared gateway or the instance's"),
        Capability.ENCRYPTION_CONTEXT: _yes("EncryptionContext"),
        Capability.RE_ENCRYPT: _yes("ReEncrypt, through the shared gateway only"),
        Capability.DATA_KEY: _yes("GenerateDataKey"),
        Capability.DATA_KEY_SEALED: _yes("GenerateDataKeyWithoutPlaintext"),
        Capability.PUBLIC_KEY: _yes("GetPublicKey"),
        Capability.ASYMMETRIC_ENCRYPT: _yes("AsymmetricEncrypt"),
        Capability.ASYMMETRIC_DECRYPT: _yes("AsymmetricDecrypt"),
        Capability.SIGN: _yes("AsymmetricSign, AsymmetricVerify, over digests"),
        Capability.MAC: Support(
            Answer.NOT_YET, "GenerateMac exists, but which KeySpec its keys are made with is not published", _VERIFIED
        ),
        Capability.RANDOM: _yes("GenerateRandom, through the gateway of an instance only (target: gateway)"),
        Capability.SECRETS: _yes("CreateSecret, PutSecretValue, GetSecretValue"),
        Capability.SECRET_ROTATION: _yes("UpdateSecretRotationPolicy; not for secrets of type Generic"),
        Capability.MATERIAL: _yes("GetParametersForImport, ImportKeyMaterial, DeleteKeyMaterial"),
        Capability.MATERIAL_EXPIRY: _yes("KeyMaterialExpireUnix"),
        Capability.VERSIONS: _yes("ListKeyVersions"),
        Capability.NEW_VERSION: _yes("CreateKeyVersion; a key pair's at least seven days after the last one"),
        Capability.CERTIFICATES: Support(
            Answer.NO,
            "its certificate calls left the vendor's packages with 3.0; `kms call` still reaches them",
            _VERIFIED,
        ),
        Capability.GATEWAY: _yes("the gateway of a KMS instance, with a client key"),
        Capability.KEY_POLICY: _yes("SetKeyPolicy, keys of a KMS instance only"),
        Capability.ACCESS_POINT: _yes("CreateApplicationAccessPoint, with permission policy and network rule"),
        Capability.CLIENT_KEY: _yes("CreateClientKey, a PKCS#12"),
    },
    offers=(
        Offer(Spec.AES_256, _CIPHER, _ANY_ORIGIN),
        Offer(Spec.AES_192, _CIPHER, _ANY_ORIGIN, where=_has_instance, where_text=_HARDWARE),
        Offer(Spec.AES_128, _CIPHER, _ANY_ORIGIN, where=_has_instance, where_text=_HARDWARE),
        Offer(Spec.SM4, _CIPHER, _ANY_ORIGIN, where=_may_be_chinese_hsm, where_text=_CHINESE_HARDWARE),
        # RSA_4096 is in newer lists only and nobody was seen to make one, so it is read but not offered.
        Offer(Spec.RSA_2048, _BOTH, _ANY_ORIGIN, where=_has_instance, where_text=_INSTANCE),
        Offer(Spec.RSA_3072, _BOTH, _ANY_ORIGIN, where=_has_instance, where_text=_INSTANCE),
        Offer(Spec.EC_P256, _SIGN, _ANY_ORIGIN, where=_has_instance, where_text=_INSTANCE),
        Offer(Spec.EC_P256K, _SIGN, _ANY_ORIGIN, where=_has_instance, where_text=_INSTANCE),
        Offer(Spec.SM2, _BOTH, _ANY_ORIGIN, where=_may_be_chinese_hsm, where_text=_CHINESE_HARDWARE),
    ),
    window_days=(7, 366),
    rotation_days=(7, 365),
    # The documents count characters; counting bytes is the stricter reading.
    description_bytes=8192,
    tags=19,
    tag_key=r"(?!aliyun|acs:)" + _TAG_CHARACTERS + "{1,128}",
    # [I] That a value may be empty.
    tag_value=_TAG_CHARACTERS + "{0,128}",
    tag_rule=(
        r"keys of 1 to 128 and values of up to 128 of A-Z a-z 0-9 / \ _ - . + = : @, "
        "keys not beginning with aliyun or acs:"
    ),
    alias=r"(?!acs)[A-Za-z0-9_/-]{1,249}",
    alias_rule="1 to 249 of A-Z a-z 0-9 _ - /, not beginning with acs",
    region=r"[a-z]{2}-[a-z]+(-[a-z0-9]+)*",
    region_rule="a region id such as cn-hangzhou",
    instance=r"kst-[A-Za-z0-9]+",
    refusals=_refusals,
)

_OAEP = (Algorithm.RSAES_OAEP_SHA_256, Algorithm.RSAES_OAEP_SHA_1)
_RSA_SIGN = (Algorithm.RSA_PSS_SHA_256, Algorithm.RSA_PKCS1_SHA_256)
CRYPTO = CryptoLimits(
    plaintext_bytes=6 * 1024,
    context_characters=8192,
    algorithms={
        (Spec.RSA_2048, Usage.ENCRYPT_DECRYPT): _OAEP,
        (Spec.RSA_3072, Usage.ENCRYPT_DECRYPT): _OAEP,
        (Spec.RSA_4096, Usage.ENCRYPT_DECRYPT): _OAEP,  # [I] as the shorter ones; such keys are read, not made
        (Spec.SM2, Usage.ENCRYPT_DECRYPT): (Algorithm.SM2PKE,),
        (Spec.RSA_2048, Usage.SIGN_VERIFY): _RSA_SIGN,
        (Spec.RSA_3072, Usage.SIGN_VERIFY): _RSA_SIGN,
        (Spec.RSA_4096, Usage.SIGN_VERIFY): _RSA_SIGN,  # [I] the same
        (Spec.EC_P256, Usage.SIGN_VERIFY): (Algorithm.ECDSA_SHA_256,),
        (Spec.EC_P256K, Usage.SIGN_VERIFY): (Algorithm.ECDSA_SHA_256,),
        (Spec.SM2, Usage.SIGN_VERIFY): (Algorithm.SM2DSA,),
    },
    # OAEP with SHA-1 is refused for keys of an instance, SM2PKE for all but those in hardware: KMS says so.
    wrapping=(
        Algorithm.RSAES_OAEP_SHA_256,
        Algorithm.RSAES_OAEP_SHA_1,
        Algorithm.RSAES_PKCS1_V1_5,
        Algorithm.SM2PKE,
    ),
    gateway_operations=(
        "Encrypt",
        "Decrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GetPublicKey",
        "AsymmetricEncrypt",
        "AsymmetricDecrypt",
        "AsymmetricSign",
        "AsymmetricVerify",
        "GetSecretValue",
    ),
)

SECRETS = SecretLimits(
    name=r"(?!acs/)[A-Za-z0-9_/+=.@-]{1,192}",
    name_rule="1 to 192 of A-Z a-z 0-9 _ / + = . @ -, not beginning with acs/",
    version=r"[A-Za-z0-9_/+=.@-]{1,64}",
    value_bytes=30_720,
    types=tuple(SecretType),
    rotating=tuple(kind for kind in SecretType if kind is not SecretType.GENERIC),
    window_days=(7, 30),
    rotation_seconds=(6 * 3_600, 365 * 86_400),
    configuration_bytes=1024,
)
"""[I] The characters of names and versions; the lengths are published."""
