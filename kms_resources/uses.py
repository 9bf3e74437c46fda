"""What a stack declares besides keys and aliases: uses of keys, secrets, and who may use them."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType

from kms_resources.access.words import AccessPoint, Native, Statement
from kms_resources.clouds.secrets import SecretSettings
from kms_resources.crypto.words import Algorithm, Context
from kms_resources.model import NO_MARKER, Deletion, Marker, Source, Target


@dataclass(frozen=True)
class DesiredCiphertext:
    """A small secret that a key encrypts when the stack is applied."""

    name: str
    target: Target
    key: str
    """The key's name in the stack."""
    plaintext: Source
    context: Context = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "context", MappingProxyType(dict(sorted(self.context.items()))))

    @property
    def where(self) -> str:
        """How messages name it."""
        return f"{self.target.name}/ciphertext/{self.name}"


@dataclass(frozen=True)
class DesiredPublicKey:
    """The public key of an asymmetric key, as an output."""

    name: str
    target: Target
    key: str
    version: str = ""
    """The version of the key; empty: the newest when it was first read."""

    @property
    def where(self) -> str:
        """How messages name it."""
        return f"{self.target.name}/public-key/{self.name}"


@dataclass(frozen=True)
class DesiredRequest:
    """A certificate request that a key signs."""

    name: str
    target: Target
    key: str
    subject: str
    """RFC 4514."""
    names: tuple[str, ...] = ()
    """Subject alternative names: `DNS:…`, `IP:…`, `email:…`, `URI:…`."""
    algorithm: Algorithm | None = None
    version: str = ""

    @property
    def where(self) -> str:
        """How messages name it."""
        return f"{self.target.name}/certificate-request/{self.name}"


@dataclass(frozen=True)
class DesiredSecret:
    """A secret that the cloud keeps."""

    name: str
    target: Target
    cloud_name: str
    """Its name at the cloud, which is its identity there."""
    marker: Marker
    value: Source
    settings: SecretSettings
    """`encryption_key` is filled in when the key's id is known."""
    binary: bool = False
    key: str = ""
    """The name in the stack of the key that encrypts it; empty: the cloud's own."""
    deletion: Deletion = field(default_factory=Deletion)

    @property
    def where(self) -> str:
        """How messages name it."""
        return f"{self.target.name}/secret/{self.name}"


@dataclass(frozen=True)
class DesiredPolicy:
    """Who may do what with a key: statements of ours, or one document in the cloud's own form."""

    key: str
    """The key's name in the stack."""
    target: Target
    statements: tuple[Statement, ...] = ()
    native: Native | None = None
    marker: Marker = NO_MARKER
    """The key's: names that the cloud needs are made of it."""

    @property
    def where(self) -> str:
        """How messages name it."""
        return f"{self.target.name}/policy/{self.key}"


@dataclass(frozen=True)
class DesiredAccessPoint:
    """An access point as a stack declares it."""

    name: str
    target: Target
    point: AccessPoint
    """In the cloud's own words, but for its name and the keys, whose ids are not known yet: its `resources` are the
    ones that are known."""
    description: str = ""
    keys: tuple[str, ...] = ()
    """Names of keys of the stack."""
    deletion: Deletion = field(default_factory=Deletion)
    marker: Marker = NO_MARKER

    @property
    def where(self) -> str:
        """How messages name it."""
        return f"{self.target.name}/access-point/{self.name}"


@dataclass(frozen=True)
class Uses:
    """Everything of that kind in one stack. What carries a marker has none yet: project and stack name are missing."""

    ciphertexts: tuple[DesiredCiphertext, ...] = ()
    public_keys: tuple[DesiredPublicKey, ...] = ()
    requests: tuple[DesiredRequest, ...] = ()
    secrets: tuple[DesiredSecret, ...] = ()
    policies: tuple[DesiredPolicy, ...] = ()
    access_points: tuple[DesiredAccessPoint, ...] = ()
