"""What a cloud can do, as a table: each row yes, no or not yet, with a reason and the day it was checked.

What is not listed is a no. Every refusal before a request comes from here, so that `kms validate`, the preview and
the support matrix of the README cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from kms_resources.model import DesiredKey, Origin, Protection, Settings, Spec, Target, Usage


class Capability(Enum):
    """Something that a cloud may or may not support; the value is its name for people."""

    DESCRIPTION = "description"
    DISABLE = "disabling a key"
    TAGS = "tags"
    ROTATION = "automatic rotation"
    ROTATION_PERIOD = "a rotation period of one's own"
    DELETION_PROTECTION = "deletion protection kept by the cloud"
    SCHEDULED_DELETION = "scheduled deletion"
    CANCEL_DELETION = "cancelling a deletion"
    ALIAS = "aliases"
    ALIAS_MANY = "several aliases of one key"
    ALIAS_MOVE = "pointing an alias to another key"
    EXTERNAL_ORIGIN = "imported key material"
    PROTECTION_LEVEL = "choosing the protection level"
    INSTANCE = "KMS instances"
    ENCRYPT = "encryption of small data"
    ENCRYPTION_CONTEXT = "an encryption context"
    RE_ENCRYPT = "re-encryption inside the cloud"
    DATA_KEY = "data keys"
    DATA_KEY_SEALED = "data keys without their plaintext"
    PUBLIC_KEY = "public keys"
    ASYMMETRIC_ENCRYPT = "encryption with a public key in the cloud"
    ASYMMETRIC_DECRYPT = "decryption with a private key"
    SIGN = "signatures"
    MAC = "HMAC-SM3"
    RANDOM = "random bytes"
    SECRETS = "secrets"
    SECRET_ROTATION = "rotation of secrets"  # noqa: S105
    MATERIAL = "import of key material"
    MATERIAL_EXPIRY = "imported material that expires"
    VERSIONS = "listing a key's versions"
    NEW_VERSION = "a new key version on demand"
    CERTIFICATES = "certificates kept by the KMS"
    GATEWAY = "a private gateway with credentials of its own"
    KEY_POLICY = "policies that say who may use a key"
    ACCESS_POINT = "access points for applications"
    CLIENT_KEY = "credentials of access points"


class Answer(StrEnum):
    """Yes, no, or not yet in this product."""

    YES = "yes"
    NO = "no"
    NOT_YET = "not yet"


@dataclass(frozen=True)
class Support:
    """One row of a cloud's table."""

    answer: Answer
    reason: str
    """For a yes: by what means. For a no: why, and what is there instead."""
    verified: str
    """The day the fact was checked, ISO 8601."""


@dataclass(frozen=True)
class Offer:
    """One kind of key that a cloud makes."""

    spec: Spec
    usages: tuple[Usage, ...]
    origins: tuple[Origin, ...] = (Origin.KMS,)
    protections: tuple[Protection, ...] = ()
    """What may be asked for; empty: the cloud decides."""
    where: Callable[[Target], bool] = lambda _target: True
    """Whether the target's region or instance offers it."""
    where_text: str = "everywhere"


@dataclass(frozen=True)
class Limits:
    """Everything that `kms validate` must know about a cloud, without a network."""

    supports: Mapping[Capability, Support]
    offers: tuple[Offer, ...]
    window_days: tuple[int, int]
    """Shortest and longest waiting time of a deletion, days."""
    rotation_days: tuple[int, int]
    """Shortest and longest rotation period, days."""
    description_bytes: int
    tags: int
    """How many tags a key may carry, ours not counted."""
    tag_key: str
    """Regular expression of a tag's key."""
    tag_value: str
    tag_rule: str
    """The two expressions in words."""
    alias: str
    """Regular expression of an alias name, without the cloud's own prefix."""
    alias_rule: str
    region: str
    """Regular expression of a region id."""
    region_rule: str
    instance: str = ""
    """Regular expression of an instance id; empty: the cloud has none."""
    refusals: Callable[[DesiredKey], Iterator[tuple[str, str]]] = field(default=lambda _key: iter(()))
    """The cloud's own further rules: (field, sentence)."""

    def has(self, capability: Capability) -> bool:
        """Whether the cloud supports it here and now. Unlisted means no."""
        row = self.supports.get(capability)
        return row is not None and row.answer is Answer.YES

    def why_not(self, capability: Capability) -> str:
        """The reason behind a no."""
        row = self.supports.get(capability)
        return row.reason if row else "the cloud's documents do not mention it"


def choose_offer(limits: Limits, settings: Settings, target: Target) -> Offer | None:
    """The offer that fits spec, usage, origin and protection at this target, if there is one."""
    for offer in limits.offers:
        fits = (
            offer.spec is settings.spec
            and settings.usage in offer.usages
            and settings.origin in offer.origins
            and (settings.protection is None or settings.protection in offer.protections)
        )
        if fits and offer.where(target):
            return offer
    return None


def explain_missing_offer(limits: Limits, settings: Settings, target: Target) -> tuple[str, str]:
    """Why no offer fits: the field that is in the way, and a sentence that names what there is."""
    here = [offer for offer in limits.offers if offer.where(target)]
    of_spec = [offer for offer in here if offer.spec is settings.spec]
    if not of_spec:
        elsewhere = [offer.where_text for offer in limits.offers if offer.spec is settings.spec]
        only = f" ({settings.spec} exists {', '.join(dict.fromkeys(elsewhere))})" if elsewhere else ""
        return "spec", f"is not offered here{only}; this target offers {_names(offer.spec for offer in here)}"
    usages = [offer for offer in of_spec if settings.usage in offer.usages]
    if not usages:
        offered = _names(usage for offer in of_spec for usage in offer.usages)
        return "usage", f"is not offered for {settings.spec} keys here; they are made for {offered}"
    origins = [offer for offer in usages if settings.origin in offer.origins]
    if not origins:
        offered = _names(origin for offer in usages for origin in offer.origins)
        return "origin", f"is not offered for {settings.spec} keys here; allowed: {offered}"
    offered = _names(level for offer in origins for level in offer.protections)
    if not offered:
        return "protection", "cannot be chosen here, the cloud decides it; leave the line out"
    return "protection", f"is not offered for {settings.spec} keys here; allowed: {offered}"


def _names(values: Iterable[StrEnum]) -> str:
    return ", ".join(dict.fromkeys(str(value) for value in values))
