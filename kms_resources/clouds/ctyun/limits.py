"""What CTYun KMS offers and refuses.

Sources: https://www.esurfingcloud.com/document/10014047/20697641 (deletion), .../10014531 (aliases), .../10014533
(rotation), .../20697828 (server-side encryption), https://ctyun.cn/document/10014047/10042505 (status codes). [I] marks
what is inferred, [I?] what is assumed after Alibaba Cloud's KMS, whose model CTYun follows; neither is asserted against
the service.
"""

from __future__ import annotations

from collections.abc import Iterator

from kms_resources.capabilities import Answer, Capability, Limits, Offer, Support
from kms_resources.clouds.crypto import CryptoLimits
from kms_resources.clouds.ctyun.convert import DESCRIPTION_ROOM, MARKER_ROOM
from kms_resources.clouds.ctyun.words import WRAPPINGS
from kms_resources.clouds.marking import MARKER_OPENING, marker_text
from kms_resources.crypto.words import Algorithm
from kms_resources.model import DesiredKey, Origin, Protection, Spec, Usage

_VERIFIED = "2026-08-21"


def _yes(reason: str) -> Support:
    return Support(Answer.YES, reason, _VERIFIED)


def _no(reason: str) -> Support:
    return Support(Answer.NO, reason, _VERIFIED)


_CIPHER = (Usage.ENCRYPT_DECRYPT,)
_SIGN = (Usage.SIGN_VERIFY,)
_BOTH = (*_CIPHER, *_SIGN)
_MAC = (Usage.GENERATE_VERIFY_MAC,)
_KMS = (Origin.KMS,)
_ANY_ORIGIN = (Origin.KMS, Origin.EXTERNAL)
_LEVELS = (Protection.HSM, Protection.SOFTWARE)


def _refusals(key: DesiredKey) -> Iterator[tuple[str, str]]:
    if MARKER_OPENING in key.settings.description:
        yield "description", f"must not contain {MARKER_OPENING!r}, which marks whose key it is"
    if len(marker_text(key.marker).encode()) > MARKER_ROOM:
        yield (
            "name",
            f"is too long: project, stack and key name stand in the description, where they may take {MARKER_ROOM} "
            "bytes together",
        )


_RSA = (Spec.RSA_2048, Spec.RSA_3072, Spec.RSA_4096)
_NO_SECRETS = "none of the 80 operations keeps secrets; keep an encrypted value instead"

CRYPTO = CryptoLimits(
    plaintext_bytes=6144,  # [I]
    context_characters=8192,  # [I?]
    algorithms={
        **{(s, Usage.ENCRYPT_DECRYPT): (Algorithm.RSAES_OAEP_SHA_256, Algorithm.RSAES_OAEP_SHA_1) for s in _RSA},
        **{(s, Usage.SIGN_VERIFY): (Algorithm.RSA_PSS_SHA_256, Algorithm.RSA_PKCS1_SHA_256) for s in _RSA},
        (Spec.EC_P256, Usage.SIGN_VERIFY): (Algorithm.ECDSA_SHA_256,),
        (Spec.EC_P256K, Usage.SIGN_VERIFY): (Algorithm.ECDSA_SHA_256,),
        (Spec.SM2, Usage.ENCRYPT_DECRYPT): (Algorithm.SM2PKE,),
        (Spec.SM2, Usage.SIGN_VERIFY): (Algorithm.SM2DSA,),
    },
    data_key_bytes=(1, 1024),  # [I]
    wrapping=tuple(WRAPPINGS),
    gateway_operations=("encrypt", "decrypt", "hmaccompute", "createKey", "importCertificateForUK"),
)
"""What keys do: [I] where `words.py` says so."""

LIMITS = Limits(
    supports={
        Capability.DESCRIPTION: _yes("updateKeyDescription"),
        Capability.DISABLE: _yes("disableKey"),
        Capability.TAGS: Support(
            Answer.NOT_YET, "the API binds tags to keys, but no call reads a key's tags back", _VERIFIED
        ),
        Capability.ROTATION: _yes("updateRotationPolicy, symmetric keys with the cloud's own material"),
        Capability.ROTATION_PERIOD: _yes("rotationInterval, 7 to 365 days"),
        Capability.DELETION_PROTECTION: _yes("setDeletionProtection and cancelDeletionProtection"),
        Capability.SCHEDULED_DELETION: _yes("scheduleKeyDeletion"),
        Capability.CANCEL_DELETION: _yes("cancelKeyDeletion"),
        Capability.ALIAS: _yes("createAlias"),
        Capability.ALIAS_MANY: _yes("an alias has one key, a key any number of aliases"),
        Capability.ALIAS_MOVE: _yes("updateAlias"),
        Capability.EXTERNAL_ORIGIN: _yes("createKey with origin EXTERNAL, symmetric keys only"),
        Capability.PROTECTION_LEVEL: _yes("protectionLevel; without a wish of yours, HSM"),
        Capability.INSTANCE: _yes("instanceId; without one, the earliest opened instance in use"),
        Capability.ENCRYPT: _yes("encrypt and decrypt, up to 6144 bytes"),
        Capability.ENCRYPTION_CONTEXT: _yes("encryptionContext, a JSON object; not through an access point"),
        Capability.RE_ENCRYPT: _yes("reEncrypt"),
        Capability.DATA_KEY: _yes("generateDataKey, 1 to 1024 bytes"),
        Capability.DATA_KEY_SEALED: _yes("generateDataKeyWithoutPlaintext"),
        Capability.PUBLIC_KEY: _yes("getPublicKey, of a version"),
        Capability.ASYMMETRIC_ENCRYPT: _yes("asymmetricEncrypt"),
        Capability.ASYMMETRIC_DECRYPT: _yes("asymmetricDecrypt"),
        Capability.SIGN: _yes("asymmetricSign and asymmetricVerify, of a digest"),
        Capability.MAC: _yes("hmaccompute, of UTF-8 text"),
        Capability.RANDOM: _yes("generateRandom, 1 to 1024 bytes"),
        Capability.SECRETS: _no(_NO_SECRETS),
        Capability.SECRET_ROTATION: _no(_NO_SECRETS),
        Capability.MATERIAL: _yes("importKeyMaterial: 32 bytes for AES_256, 16 for SM4, wrapped with RSA or SM2"),
        Capability.MATERIAL_EXPIRY: _yes("keyMaterialExpireUnix"),
        Capability.VERSIONS: _yes("listKeyVersions"),
        Capability.NEW_VERSION: _yes("createKeyVersion, asymmetric keys only; symmetric ones rotate by themselves"),
        Capability.CERTIFICATES: _yes("createCertificate, uploadCertificate and 17 more"),
        Capability.GATEWAY: _yes("an access point (应用接入点): encrypt, decrypt and HMAC-SM3, with keys of its own"),
        Capability.KEY_POLICY: _no("no operation reads or writes a policy of a key; access points have permissions"),
        Capability.ACCESS_POINT: _yes("createAccessPoint, with VPC, subnet and permissions; names assumed"),
        Capability.CLIENT_KEY: _yes("createTenantAkSk; names assumed"),
    },
    offers=(
        Offer(Spec.AES_256, _CIPHER, _ANY_ORIGIN, _LEVELS),
        Offer(Spec.SM4, _CIPHER, _ANY_ORIGIN, _LEVELS),
        Offer(Spec.RSA_2048, _BOTH, _KMS, _LEVELS),
        Offer(Spec.RSA_3072, _BOTH, _KMS, _LEVELS),  # [I?]
        Offer(Spec.RSA_4096, _BOTH, _KMS, _LEVELS),  # [I?]
        Offer(Spec.EC_P256, _SIGN, _KMS, _LEVELS),  # [I]
        Offer(Spec.EC_P256K, _SIGN, _KMS, _LEVELS),  # [I]
        Offer(Spec.SM2, _BOTH, _KMS, _LEVELS),
        Offer(Spec.HMAC_SM3, _MAC, _KMS, _LEVELS),
    ),
    window_days=(7, 30),
    rotation_days=(7, 365),  # [I?]
    description_bytes=DESCRIPTION_ROOM,
    tags=0,
    tag_key=r".{1,128}",
    tag_value=r".{0,128}",
    tag_rule="none for now",
    alias=r"[A-Za-z0-9_/-]{1,249}",  # [I] 255 with the prefix `alias/`
    alias_rule="1 to 249 of A-Z a-z 0-9 _ - /, without the cloud's own prefix alias/",
    region=r"[A-Za-z0-9][A-Za-z0-9_-]{3,63}",
    region_rule="the id of a resource pool (资源池) such as bb9fdb42056f11eda1610242ac110002",
    instance=r"ins-[A-Za-z0-9]+",
    refusals=_refusals,
)
