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
