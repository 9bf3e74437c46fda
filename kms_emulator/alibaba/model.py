"""The stored documents: keys, their versions, aliases, instances; and the indexes that find them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from kms_emulator.alibaba.facts import SPECS, Place, State
from kms_emulator.contract import Document, Index, Kind

KEYS, VERSIONS, ALIASES, INSTANCES = "keys", "versions", "aliases", "instances"
SERVICE, USER = "Service", "User"


@dataclass(frozen=True)
class Stored:
    """Something that is kept as a document with a member for each field."""

    id: str

    @classmethod
    def load(cls, document: Mapping[str, Any]) -> Self:
        """From a document. Seeds may leave out what has a default."""
        return cls(**document)

    def document(self) -> Document:
        """As a document."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}


@dataclass(frozen=True)
class Key(Stored):
    """A key. Times are seconds since 1970.

    ``rotation_interval`` is set while rotation is switched on, and ``next_rotation`` with it; both stay while the key
    is disabled, which is what the vendor calls suspended. ``delete_at`` is set in PendingDeletion only.
    ``material_digest`` outlives imported material: only the very same may be imported again. ``policy`` is empty until
    one is set; ``shares`` are the other accounts that it grants something to.
    """

    spec: str = "Aliyun_AES_256"
    usage: str = "ENCRYPT/DECRYPT"
    origin: str = "Aliyun_KMS"
    protection: str = "SOFTWARE"
    state: str = State.ENABLED
    creator: str = ""
    creator_type: str = USER
    description: str = ""
    instance: str = ""
    storage_mechanism: str = ""
    created: float = 0.0
    last_rotation: float = 0.0
    rotation_interval: int | None = None
    next_rotation: float | None = None
    primary: str = ""
    delete_at: float | None = None
    protected: bool = False
    protection_note: str = ""
    has_material: bool = True
    material_expires: float | None = None
    material_digest: str = ""
    policy: str = ""
    shares: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def symmetric(self) -> bool:
        """Whether encryption and decryption use the same key."""
        return SPECS[self.spec].symmetric

    @property
    def rotation(self) -> str:
        """The vendor's word for the state of the automatic rotation."""
        if self.rotation_interval is None:
            return "Disabled"
        return "Enabled" if self.state == State.ENABLED else "Suspended"


@dataclass(frozen=True)
class Version(Stored):
    """A version of a key. ``material`` is Base64, and empty until it is first used or imported."""

    key: str
    created: float
    instance: str = ""
    material: str = field(default="", repr=False)


@dataclass(frozen=True)
class Alias(Stored):
    """An alias; its id is its name with the prefix."""

    key: str


@dataclass(frozen=True)
class Instance(Stored):
    """A KMS instance. Instances come from the seed: they are bought, not made through this service.

    ``public_access`` lets the shared gateway use the instance's keys. The vendor's default is off; here it is on unless
    the seed says otherwise, because the shared gateway is what most callers have.
    """

    name: str = ""
    type: str = Place.SOFTWARE
    status: str = "Connected"
    key_quota: int = 1000
    secret_quota: int = 1000
    share_quota: int = 100
    default: bool = False
    public_access: bool = True
    performance: int = 1000
    created: float = 1704067200.0
    ends: float = 1924991999.0
    vpc: str = ""
    vswitches: list[str] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)
    vpc_quota: int = 1
    authority: str = ""
    protected: bool = False
    protection_note: str = ""
    tags: dict[str, str] = field(default_factory=dict)


def tag_value(key: str, value: str) -> str:
    """The index value of one tag; no tag key can hold a line feed."""
    return f"{key}\n{value}"


def holder(key: Mapping[str, Any]) -> str:
    """What a key counts against: its instance, the default keys, or the keys of cloud products."""
    if key.get("creator_type", USER) == SERVICE:
        return SERVICE
    return str(key.get("instance", "")) or Place.DEFAULT.value


def _due(key: Mapping[str, Any]) -> float | None:
    moments: list[float | None] = [key.get("material_expires")]
    match key.get("state", State.ENABLED):
        case State.PENDING_DELETION:
            moments.append(key.get("delete_at"))
        case State.ENABLED:
            moments.append(key.get("next_rotation"))
    return min((moment for moment in moments if moment is not None), default=None)


def _tags(document: Mapping[str, Any]) -> Mapping[str, str]:
    found: Mapping[str, str] = document.get("tags", {})
    return found


KINDS = (
    Kind(
        KEYS,
        indexes={
            "KeyState": Index(lambda key: [str(key.get("state", State.ENABLED))]),
            "KeySpec": Index(lambda key: [key.get("spec", Key.spec)]),
            "KeyUsage": Index(lambda key: [key.get("usage", Key.usage)]),
            "ProtectionLevel": Index(lambda key: [key.get("protection", Key.protection)]),
            "CreatorType": Index(lambda key: [key.get("creator_type", USER)]),
            "Creator": Index(lambda key: [key.get("creator", "")]),
            "DKMSInstanceId": Index(lambda key: [key["instance"]] if key.get("instance") else []),
            "TagKey": Index(_tags),
            "TagValue": Index(lambda key: set(_tags(key).values())),
            "tag": Index(lambda key: [tag_value(*tag) for tag in _tags(key).items()]),
            "tagged": Index(lambda key: ["yes"] if _tags(key) else []),
            "holder": Index(lambda key: [holder(key)]),
            "shared-in": Index(lambda key: [key["instance"]] if key.get("shares") and key.get("instance") else []),
        },
        due=_due,
    ),
    Kind(
        VERSIONS,
        indexes={
            "key": Index(lambda version: [version["key"]]),
            "instance": Index(lambda version: [version["instance"]] if version.get("instance") else []),
        },
    ),
    Kind(ALIASES, indexes={"key": Index(lambda alias: [alias["key"]])}),
    Kind(
        INSTANCES,
        indexes={
            "default": Index(lambda instance: ["yes"] if instance.get("default") else []),
            "tag": Index(lambda instance: [tag_value(*tag) for tag in _tags(instance).items()]),
            "TagKey": Index(_tags),
            "tagged": Index(lambda instance: ["yes"] if _tags(instance) else []),
        },
    ),
)
