"""What Tencent Cloud KMS offers and refuses through API 2.0.

Sources: https://cloud.tencent.com/document/product/573/ with 8893 (CreateKey), 8892 (SetKeyAttributes), 8895
(GenerateDataKey), 8889 (Encrypt), 8919 (error codes). Facts marked [I] are inferred and not asserted against the
service.
"""

from __future__ import annotations

from collections.abc import Iterator

from kms_resources.capabilities import Answer, Capability, Limits, Offer, Support
from kms_resources.clouds.crypto import CryptoLimits
from kms_resources.model import DesiredKey, Marker, Spec, Usage

_VERIFIED = "2026-08-21"
DESCRIPTION_MAX = 1024  # [I] as in API 3.0
MARKER_OPENING = "[kms-resources:"
_PLACES = {"ap-guangzhou": "gz", "ap-shanghai": "sh", "ap-beijing": "bj"}
_USE_3 = "API 3.0 (cloud: tencent) can"


def place(region: str) -> str:
    """The region as API 2.0 writes it: gz, sh or bj. The longer ids of API 3.0 mean the same places."""
    return _PLACES.get(region, region)


def marker_text(marker: Marker) -> str:
    """The description of our keys: the marker and nothing else, because a description can never be changed."""
    return f"{MARKER_OPENING}{marker}]" if marker else ""


def _yes(reason: str) -> Support:
    return Support(Answer.YES, reason, _VERIFIED)


def _no(reason: str) -> Support:
    return Support(Answer.NO, reason, _VERIFIED)


def _refusals(key: DesiredKey) -> Iterator[tuple[str, str]]:
    if key.settings.deletion_protection:
        yield (
            "deletion_protection",
            f"cannot be kept here: API 2.0 has neither such a switch nor tags to note it in; {_USE_3}",
        )
    if len(marker_text(key.marker).encode()) > DESCRIPTION_MAX:
        yield (
            "name",
            f"is too long: project, stack and key name stand in the description, which takes {DESCRIPTION_MAX} bytes",
        )


LIMITS = Limits(
    supports={
        Capability.DESCRIPTION: _no(
            "CreateKey takes one and no call of API 2.0 ever changes it, so it holds the key's marker and nothing else"
        ),
        Capability.DISABLE: _yes("DisableKey"),
        Capability.TAGS: _no(f"API 2.0 has none; {_USE_3}"),
        Capability.ROTATION: _no(f"API 2.0 has none; {_USE_3}"),
        Capability.ROTATION_PERIOD: _no(f"API 2.0 has no rotation; {_USE_3}"),
        Capability.DELETION_PROTECTION: _no("API 2.0 has no such switch, and no tags that could stand for it"),
        Capability.SCHEDULED_DELETION: _yes("ScheduleKeyDeletion"),
        Capability.CANCEL_DELETION: _yes("CancelKeyDeletion"),
        Capability.ALIAS: _yes("a field of the key, SetKeyAttributes"),
        Capability.ALIAS_MANY: _no("a key has exactly one alias, as a field of its own"),
        Capability.ALIAS_MOVE: _no(
            "the alias is a field of the key; take it off one key in one run, give it to the other in the next"
        ),
        Capability.EXTERNAL_ORIGIN: _no(f"API 2.0 has no import of material; {_USE_3}"),
        Capability.PROTECTION_LEVEL: _no("every key lives in an HSM of the region's kind"),
        Capability.INSTANCE: _no(f"API 2.0 knows no dedicated clusters; {_USE_3}"),
        Capability.ENCRYPT: _yes("Encrypt and Decrypt, up to 4096 bytes"),
        Capability.ENCRYPTION_CONTEXT: _yes("encryptionContext"),
        Capability.RE_ENCRYPT: _no("API 2.0 has no such call; decrypt and encrypt again, or use API 3.0"),
        Capability.DATA_KEY: _yes("GenerateDataKey, 1 to 1024 bytes"),
        Capability.DATA_KEY_SEALED: _no("API 2.0 has no such call; throw the plaintext of a data key away"),
        Capability.PUBLIC_KEY: _no(f"API 2.0 has symmetric keys only; {_USE_3}"),
        Capability.ASYMMETRIC_ENCRYPT: _no(f"API 2.0 has symmetric keys only; {_USE_3}"),
        Capability.ASYMMETRIC_DECRYPT: _no(f"API 2.0 has symmetric keys only; {_USE_3}"),
        Capability.SIGN: _no(f"API 2.0 has symmetric keys only; {_USE_3}"),
        Capability.MAC: _no("no kind of key makes an HMAC"),
        Capability.RANDOM: _no(f"API 2.0 has no such call; take the plaintext of a data key; {_USE_3}"),
        Capability.SECRETS: _no("secrets are another product, SSM (凭据管理系统), with an API of its own"),
        Capability.SECRET_ROTATION: _no("secrets are another product, SSM (凭据管理系统), with an API of its own"),
        Capability.MATERIAL: _no(f"API 2.0 has no import of material; {_USE_3}"),
        Capability.MATERIAL_EXPIRY: _no(f"API 2.0 has no import of material; {_USE_3}"),
        Capability.VERSIONS: _no("no call lists the versions of a key"),
        Capability.NEW_VERSION: _no(f"API 2.0 has no rotation; {_USE_3}"),
        Capability.CERTIFICATES: _no("certificates are another product (SSL 证书), with an API of its own"),
        Capability.GATEWAY: _no("there is one door"),
        Capability.KEY_POLICY: _no("API 2.0 knows no policies; CAM policies of today's API name the keys of that API"),
        Capability.ACCESS_POINT: _no("there is one door"),
        Capability.CLIENT_KEY: _no("there are no access points"),
    },
    # [I] The API shows no algorithm; the mainland's modules, and it reaches the mainland only, run SM4.
    offers=(Offer(Spec.SM4, (Usage.ENCRYPT_DECRYPT,)),),
    window_days=(7, 30),  # [I] as in API 3.0
    rotation_days=(7, 365),
    description_bytes=0,
    tags=0,
    tag_key=r".{1,127}",
    tag_value=r".{1,255}",
    tag_rule="none",
    # [I] Characters and reserved prefix as in API 3.0; the length is API 2.0's own.
    alias=r"(?!kms-|m-.*-[0-9a-f]{12}$|unnamed-)[A-Za-z0-9][A-Za-z0-9_-]{0,31}",
    alias_rule="1 to 32 of A-Z a-z 0-9 - _, first a letter or digit, not beginning with kms- or unnamed-",
    region=r"gz|sh|bj|ap-(guangzhou|shanghai|beijing)",
    region_rule="gz, sh or bj, or ap-guangzhou, ap-shanghai or ap-beijing, which mean the same: API 2.0 has no other",
    refusals=_refusals,
)

CRYPTO = CryptoLimits(
    plaintext_bytes=4096,  # [I] as in API 3.0
    context_characters=1024,  # [I] as in API 3.0
    algorithms={},
)
