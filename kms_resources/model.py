"""The words of the product: what a key is, on every cloud.

*Desired* comes from a stack, *actual* from a cloud. Each cloud's own words stay in its `convert.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import NewType

KeyId = NewType("KeyId", str)
"""The cloud's own name of a key: opaque, unique per account and region."""

Marker = NewType("Marker", str)
"""`project/stack/name`: whose key this is. It travels inside CreateKey, so that no crash can orphan a key."""

NO_MARKER = Marker("")


class Spec(StrEnum):
    """The algorithm and size of a key."""

    AES_256 = "AES_256"
    AES_192 = "AES_192"
    AES_128 = "AES_128"
    SM4 = "SM4"
    RSA_2048 = "RSA_2048"
    RSA_3072 = "RSA_3072"
    RSA_4096 = "RSA_4096"
    EC_P256 = "EC_P256"
    EC_P256K = "EC_P256K"
    EC_P384 = "EC_P384"
    SM2 = "SM2"
    HMAC_SM3 = "HMAC_SM3"

    @property
    def symmetric(self) -> bool:
        """Whether one secret does both directions (only such keys rotate by themselves)."""
        return self in {Spec.AES_256, Spec.AES_192, Spec.AES_128, Spec.SM4}


class Usage(StrEnum):
    """What a key may be used for. A key has exactly one usage, for life."""

    ENCRYPT_DECRYPT = "ENCRYPT_DECRYPT"
    SIGN_VERIFY = "SIGN_VERIFY"
    GENERATE_VERIFY_MAC = "GENERATE_VERIFY_MAC"


class Origin(StrEnum):
    """Who made the key material: the cloud's KMS, or somebody outside who imports it."""

    KMS = "KMS"
    EXTERNAL = "EXTERNAL"


class Protection(StrEnum):
    """Where the material lives."""

    SOFTWARE = "SOFTWARE"
    HSM = "HSM"


class KeyState(StrEnum):
    """The state of an actual key."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_IMPORT = "PendingImport"
    PENDING_DELETION = "PendingDeletion"
    ARCHIVED = "Archived"
    UNAVAILABLE = "Unavailable"


class DeletionPolicy(StrEnum):
    """What may happen to the key when it leaves the stack."""

    PREVENT = "prevent"
    """Refused. Also protects the resource in Pulumi."""
    SCHEDULE = "schedule"
    """Deletion is scheduled, with the window; until its end it can be cancelled."""
    ABANDON = "abandon"
    """The key stays in the cloud, untouched; only the state forgets it."""


class SourceKind(StrEnum):
    """Where something secret is read from when it is needed."""

    ENV = "from_env"
    FILE = "from_file"
    COMMAND = "from_command"


@dataclass(frozen=True)
class Source:
    """Where something secret comes from; never the secret itself."""

    kind: SourceKind
    value: str
    """The name of an environment variable, a path, or a command line that prints the secret."""


@dataclass(frozen=True)
class Material:
    """Key material from outside, as a stack declares it."""

    source: Source
    """Base64 text in an environment variable, bytes in a file or from a command."""
    expires: str = ""
    """The day (ISO 8601, from 00:00 UTC) from which on the cloud must not use it; empty: never."""


@dataclass(frozen=True)
class Gateway:
    """A second door of a target, with credentials of its own: at Alibaba Cloud the gateway of a KMS instance."""

    endpoint: str
    """Host name, perhaps with port; empty: the cloud's usual variable."""
    client_key: Source | None = None
    """The client key: PKCS#12 or the JSON file that the console gives. None: the cloud's usual variables."""
    password: Source | None = None
    ca: Source | None = None
    """The certificates to trust, PEM. None: those of the machine."""
    shared: tuple[str, ...] = ()
    """Operations that take the shared door nevertheless; `*`: all of them."""
    encoding: str = "utf-8"
    """How texts become bytes on this door."""
    ignore_ssl: bool = False
    """Leave out the check of the server's certificate. Only when spelled out."""


@dataclass(frozen=True)
class Target:
    """One cloud, account and region, with a name."""

    name: str
    cloud: str
    """A name in `CLOUDS`."""
    region: str
    """The cloud's region id; at CTYun the id of the resource pool."""
    instance: str = ""
    """The id of the KMS instance that holds the keys, where the cloud has such; empty: the cloud's default."""
    credentials: str = ""
    """Suffix of the environment variables, without the underscore: `PROD` reads `…_PROD`."""
    gateway: Gateway | None = None
    """The private door, where the cloud has such."""


@dataclass(frozen=True)
class Settings:
    """What can be compared between a desired and an actual key."""

    spec: Spec
    usage: Usage
    origin: Origin = Origin.KMS
    protection: Protection | None = None
    """None: whatever the cloud or the instance decides; then it is never compared."""
    description: str = ""
    enabled: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)
    rotation_days: int | None = None
    """Days between two automatic rotations; None: no automatic rotation."""
    deletion_protection: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "tags", MappingProxyType(dict(sorted(self.tags.items()))))


@dataclass(frozen=True)
class Deletion:
    """What may happen when the key leaves the stack."""

    policy: DeletionPolicy = DeletionPolicy.PREVENT
    window_days: int = 30


@dataclass(frozen=True)
class DesiredKey:
    """A key as a stack declares it."""

    name: str
    target: Target
    settings: Settings
    marker: Marker
    deletion: Deletion = Deletion()
    adopt: KeyId | None = None
    """Take over this existing key instead of making one."""
    material: Material | None = None
    """What to import; None: the material is nobody's business here."""

    @property
    def where(self) -> str:
        """How messages name it."""
        return f"{self.target.name}/{self.name}"


@dataclass(frozen=True)
class ActualKey:
    """A key as the cloud shows it."""

    id: KeyId
    settings: Settings
    state: KeyState
    marker: Marker = NO_MARKER
    arn: str = ""
    """The cloud's full name of the key, for policies and tickets."""
    account: str = ""
    """The account that owns it, if the cloud says so."""
    created: str = ""
    """ISO 8601, UTC."""
    pending_deletion: str = ""
    """When the key will be destroyed (ISO 8601, UTC); empty unless its deletion is scheduled."""
    primary_version: str = ""
    native_alias: str = ""
    """The alias, where it is a field of the key itself."""
    material_expires: str = ""
    """When imported material stops to be usable (ISO 8601, UTC); empty: never, or there is none."""

    def with_settings(self, **changed: object) -> ActualKey:
        """A copy with some settings replaced."""
        return replace(self, settings=replace(self.settings, **changed))  # type: ignore[arg-type]


@dataclass(frozen=True)
class DesiredAlias:
    """A further name of a key, as a stack declares it; without the cloud's `alias/` prefix."""

    name: str
    target: Target
    key: str
    """The key's name in the stack."""

    @property
    def where(self) -> str:
        """How messages name it."""
        return f"{self.target.name}/alias/{self.name}"


@dataclass(frozen=True)
class ActualAlias:
    """An alias as the cloud shows it; without the cloud's `alias/` prefix."""

    name: str
    key_id: KeyId
