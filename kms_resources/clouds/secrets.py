"""Secrets kept by a cloud's KMS, as managed things: the interface and its words. Their use is in `crypto.py`.

A secret's name is its identity: two of one name cannot exist, so no marker has to be looked for before one is made.
Its values are versions; they are given and read, never compared, and nothing here keeps one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Protocol

from kms_resources.model import NO_MARKER, Marker, Target


class SecretType(StrEnum):
    """What the secret is for; all but the generic ones are made and rotated by the cloud itself."""

    GENERIC = "Generic"
    RDS = "Rds"
    REDIS = "Redis"
    RAM_CREDENTIALS = "RAMCredentials"
    ECS = "ECS"
    POLARDB = "PolarDB"


class SecretState(StrEnum):
    """The state of an actual secret."""

    ACTIVE = "Active"
    PENDING_DELETION = "PendingDeletion"
    """It is not readable, and its name stays taken until it is gone or restored."""


@dataclass(frozen=True)
class SecretSettings:
    """What can be compared between a desired and an actual secret."""

    type: SecretType = SecretType.GENERIC
    description: str = ""
    encryption_key: str = ""
    """The key that encrypts its values; empty: the cloud's own, then it is never compared."""
    instance: str = ""
    """The instance that holds it; empty: whatever the cloud decides, then it is never compared."""
    rotation_seconds: int | None = None
    """Seconds between two automatic rotations; None: no automatic rotation."""
    tags: Mapping[str, str] = field(default_factory=dict)
    configuration: Mapping[str, Any] = field(default_factory=dict)
    """What the cloud needs to know to rotate it, in the vendor's words. Not secret. Only given when it is made."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "tags", MappingProxyType(dict(sorted(self.tags.items()))))
        object.__setattr__(self, "configuration", MappingProxyType(dict(self.configuration)))

    @property
    def rotation_days(self) -> int | None:
        """The period in days, rounded up."""
        return None if self.rotation_seconds is None else -(-self.rotation_seconds // 86_400)


@dataclass(frozen=True)
class SecretVersion:
    """One version of a secret, without its value."""

    id: str
    created: str = ""
    """ISO 8601, UTC."""
    stages: tuple[str, ...] = ()


@dataclass(frozen=True)
class ActualSecret:
    """A secret as the cloud shows it, without any value."""

    name: str
    settings: SecretSettings
    state: SecretState = SecretState.ACTIVE
    marker: Marker = NO_MARKER
    arn: str = ""
    created: str = ""
    """ISO 8601, UTC, as all times here."""
    updated: str = ""
    planned_deletion: str = ""
    """When it will be gone; empty unless it is pending deletion."""
    next_rotation: str = ""
    versions: tuple[SecretVersion, ...] = ()
    """Newest last. Empty in listings, and while it is pending deletion."""


@dataclass(frozen=True)
class SecretLimits:
    """What must be known about a cloud's secrets, without a network."""

    name: str
    """Regular expression."""
    name_rule: str
    version: str
    """Regular expression of a version's name."""
    value_bytes: int
    """The longest value; a binary one counts as Base64."""
    types: tuple[SecretType, ...]
    rotating: tuple[SecretType, ...]
    """Those that the cloud can rotate by itself."""
    window_days: tuple[int, int]
    """Shortest and longest waiting time of a deletion, days."""
    rotation_seconds: tuple[int, int]
    configuration_bytes: int


class SecretsClient(Protocol):
    """One target's secrets. Instances may be shared by threads. Errors as in `KmsClient`.

    Values go into bodies of requests and nowhere else. A secret is never destroyed at once.
    """

    target: Target

    def list_secrets(self) -> Iterable[ActualSecret]:
        """Every secret of the user's own in this region, those pending deletion included, without versions."""

    def describe_secret(self, name: str) -> ActualSecret:
        """One secret, complete with tags, marker and versions. One that is pending deletion is found too."""

    def create_secret(
        self,
        name: str,
        settings: SecretSettings,
        marker: Marker,
        value: bytes,
        version: str,
        *,
        binary: bool = False,
    ) -> str:
        """Make a secret that carries `marker` from its first moment; gives the id of its first version. Sent once.

        Raises `AlreadyExistsError` when the name is taken, `WrongStateError` when a secret of this name is pending
        deletion, `UnclearError` when it may have been made: the caller describes it and looks at the marker.
        """

    def put_value(self, name: str, value: bytes, version: str, *, binary: bool = False) -> str:
        """Add a version and make it the current one. The same value under the same version again succeeds.

        Raises `AlreadyExistsError` when the version holds another value.
        """

    def set_description(self, name: str, description: str) -> None:
        """Replace the description."""

    def set_rotation(self, name: str, every_seconds: int | None) -> None:
        """Switch automatic rotation on with a period, or off with None."""

    def write_marker(self, name: str, marker: Marker) -> None:
        """Make the secret ours."""

    def change_tags(self, name: str, put: Mapping[str, str], remove: Iterable[str]) -> None:
        """Add or overwrite some tags, remove others."""

    def delete_secret(self, name: str, window_days: int) -> str:
        """Have it destroyed after the window; gives the time of that. Until then it can be restored."""

    def restore_secret(self, name: str) -> None:
        """Take a secret out of its deletion."""

    def list_versions(self, name: str) -> Iterable[SecretVersion]:
        """Its versions, newest last."""
