"""Stored secrets: their documents and indexes, and how a request names one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from kms_emulator.alibaba.errors import VendorError
from kms_emulator.alibaba.model import Stored, tag_value
from kms_emulator.alibaba.names import moment, split_arn
from kms_emulator.alibaba.operation import Operation
from kms_emulator.contract import Collection, Document, Index, Kind

SECRETS = "secrets"
CURRENT, PREVIOUS = "ACSCurrent", "ACSPrevious"


class SecretType(StrEnum):
    """Types of secrets [S1]. All but Generic are managed: the vendor changes the account they belong to."""

    GENERIC = "Generic"
    RDS = "Rds"
    REDIS = "Redis"
    RAM = "RAMCredentials"
    ECS = "ECS"
    POLAR_DB = "PolarDB"


@dataclass(frozen=True)
class SecretVersion:
    """A version. ``value`` is the value itself, or its ciphertext in Base64 when the secret has an encryption key."""

    id: str
    value: str = field(repr=False)
    data_type: str = "text"
    created: float = 0.0
    stages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Secret(Stored):
    """A secret; its id is its name. The versions are in the order in which they were made."""

    type: str = SecretType.GENERIC
    description: str = ""
    key: str = ""
    instance: str = ""
    creator: str = ""
    created: float = 0.0
    updated: float = 0.0
    delete_at: float | None = None
    rotation_interval: int | None = None
    last_rotation: float | None = None
    next_rotation: float | None = None
    rotation_failed: bool = False
    extended: str = ""
    policy: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    versions: tuple[SecretVersion, ...] = ()

    @classmethod
    def load(cls, document: Mapping[str, Any]) -> Self:
        """From a document."""
        versions = tuple(
            SecretVersion(**{**entry, "stages": tuple(entry["stages"])}) for entry in document.get("versions", ())
        )
        return cls(**{**document, "versions": versions})

    def document(self) -> Document:
        """As a document."""
        versions = [{**vars(version), "stages": list(version.stages)} for version in self.versions]
        return {**super().document(), "versions": versions}

    @property
    def managed(self) -> bool:
        """Whether the vendor changes the account behind it."""
        return self.type != SecretType.GENERIC

    def staged(self, stage: str) -> SecretVersion | None:
        """The version that has the stage."""
        return next((version for version in self.versions if stage in version.stages), None)

    def version(self, identifier: str) -> SecretVersion | None:
        """The version with the id."""
        return next((version for version in self.versions if version.id == identifier), None)

    def rotation(self) -> dict[str, object]:
        """The members that tell of the rotation: for managed secrets only, and each only when there is something."""
        if not self.managed:
            return {}
        word = "Disabled" if self.rotation_interval is None else "Invalid" if self.rotation_failed else "Enabled"
        told: dict[str, object] = {"AutomaticRotation": word}
        if self.last_rotation is not None:
            told["LastRotationDate"] = moment(self.last_rotation)
        if self.rotation_interval is not None:
            told |= {"RotationInterval": f"{self.rotation_interval}s", "NextRotationDate": moment(self.next_rotation)}
        return told


def _due(secret: Mapping[str, Any]) -> float | None:
    when: float | None = secret.get("delete_at")
    return when if when is not None else secret.get("next_rotation")


def _tags(secret: Mapping[str, Any]) -> Mapping[str, str]:
    found: Mapping[str, str] = secret.get("tags", {})
    return found


SECRET_KINDS = (
    Kind(
        SECRETS,
        indexes={
            "instance": Index(lambda secret: [secret["instance"]] if secret.get("instance") else []),
            "tag": Index(lambda secret: [tag_value(*tag) for tag in _tags(secret).items()]),
            "TagKey": Index(_tags),
            "tagged": Index(lambda secret: ["yes"] if _tags(secret) else []),
        },
        due=_due,
    ),
)


def secrets_of(operation: Operation) -> Collection:
    """The secrets of this account and region."""
    return operation.context.store.collection(SECRETS, operation.scope)


def save(operation: Operation, secret: Secret) -> None:
    """Write a secret to the store."""
    secrets_of(operation).put(secret.id, secret.document())


def find_secret(operation: Operation, given: str) -> Secret:
    """The secret with this name or ARN, also while it waits for its deletion."""
    parts = split_arn(given)
    if parts is not None:
        scope, resource = parts
        if scope.account != operation.scope.account:
            raise VendorError("Forbidden.NoPermission")
        given = resource.removeprefix("secret/") if scope.region == operation.scope.region else ""
    document = secrets_of(operation).get(given)
    if document is None:
        raise VendorError("Forbidden.ResourceNotFound")
    return Secret.load(document)


def live_secret(operation: Operation, given: str = "") -> Secret:
    """The secret that ``SecretName`` names, unless it waits for its deletion."""
    secret = find_secret(operation, given or operation.parameters.required("SecretName"))
    if secret.delete_at is not None:
        raise VendorError("Rejected.ResourceInDeleteWindow")
    return secret
