"""Check the secrets of a stack against what their cloud can do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from kms_resources.capabilities import Capability
from kms_resources.clouds import Cloud, get_cloud
from kms_resources.clouds.secrets import SecretLimits, SecretSettings, SecretType
from kms_resources.model import NO_MARKER, Deletion, DeletionPolicy, Marker, Target
from kms_resources.nodes import Scalar
from kms_resources.problems import Position, Problem, count
from kms_resources.redact import show
from kms_resources.stack.check_gateway import read_source
from kms_resources.stack.fields import Fields, KeyFields
from kms_resources.stack.structure import nearest
from kms_resources.stack.types import DeclaredKey
from kms_resources.uses import DesiredSecret

DAY_SECONDS = 86_400
LONGEST_WAIT_DAYS = 30


@dataclass
class SecretCheck:
    """The check of all secrets of a file. `problems` fills while they are read."""

    keys: Mapping[str, DeclaredKey]
    names: list[str]
    """The names of all keys of the file, right or wrong."""
    problems: list[Problem] = field(default_factory=list)
    _claimed: dict[tuple[str, str, str, str], Position] = field(default_factory=dict)

    def declare(self, name: str, fields: KeyFields, target: Target) -> DesiredSecret | None:
        """The secret, or None where too little is right."""
        own = fields.own
        cloud = get_cloud(target.cloud)
        limits = cloud.secrets
        if limits is None or not cloud.limits.has(Capability.SECRETS):
            reason = cloud.limits.why_not(Capability.SECRETS)
            message = f"{cloud.title} does not offer {Capability.SECRETS.value}: {reason}"
            self._add(own, "target", "cannot", message, "a target of a cloud that keeps secrets")
            return None
        cloud_name = own.text("name") or name
        self._name(own, cloud_name, limits, target)
        kind = SecretType(own.text("type") or SecretType.GENERIC)
        if kind not in limits.types:
            self._add(own, "type", "not-offered", f"{kind} is not offered here", ", ".join(limits.types))
        source = read_source(own.below("value"))
        if source is None:
            return None
        settings = SecretSettings(
            type=kind,
            description=own.text("description"),
            instance=target.instance,
            rotation_seconds=self._rotation(fields, kind, limits),
            tags=self._tags(fields, cloud),
            configuration={
                label: node.text for label, _, node in own.below("settings").items() if isinstance(node, Scalar)
            },
        )
        return DesiredSecret(
            name=name,
            target=target,
            cloud_name=cloud_name,
            marker=NO_MARKER,
            value=source,
            settings=settings,
            binary=own.flag("binary") is True,
            key=self._key(own, target),
            deletion=self._deletion(fields, limits),
        )

    def _name(self, own: Fields, name: str, limits: SecretLimits, target: Target) -> None:
        position = own.at("name") if own.has("name") else own.position
        path = (*own.path, "name")
        if not re.fullmatch(limits.name, name):
            message = f"{show(name)} is not possible as the name of a secret here"
            self.problems.append(Problem(position, path, "bad-name", message, limits.name_rule))
        claim = (target.cloud, target.region, target.credentials, name)
        if claim in self._claimed:
            message = f"{show(name)} is claimed already at {self._claimed[claim]}"
            self.problems.append(Problem(position, path, "name-claimed-twice", message, "each name once"))
        self._claimed.setdefault(claim, position)

    def _key(self, own: Fields, target: Target) -> str:
        name = own.text("encryption_key")
        if name and name not in self.names:
            message = f"there is no key {show(name)}{nearest(name, self.names)}"
            self._add(own, "encryption_key", "unknown-key", message, ", ".join(map(show, self.names)))
            return ""
        key = self.keys.get(name)
        if key and key.target != target:
            message = f"key {name} lives in target {key.target.name}"
            self._add(own, "encryption_key", "other-target", message, f"a key of target {target.name}")
        elif key and not key.settings.spec.symmetric:
            message = f"key {name} is an {key.settings.spec} key"
            self._add(own, "encryption_key", "wrong-spec", message, "a symmetric key")
        return name

    def _rotation(self, fields: KeyFields, kind: SecretType, limits: SecretLimits) -> int | None:
        # The default rotation is meant for keys; a secret's own line counts only.
        own = fields.own.below("rotation")
        days = own.number("every_days")
        if days is None:
            return None
        low, high = (-(-limits.rotation_seconds[0] // DAY_SECONDS), limits.rotation_seconds[1] // DAY_SECONDS)
        if kind not in limits.rotating:
            message = f"a secret of type {kind} is not rotated by the cloud"
            self._add(fields.own, "rotation", "cannot-rotate", message, f"no rotation, or {', '.join(limits.rotating)}")
        elif not low <= days <= high:
            message = f"{count(days, 'day')} is not possible here"
            self._add(own, "every_days", "out-of-range", message, f"{low} to {high} days here")
        return days * DAY_SECONDS

    def _tags(self, fields: KeyFields, cloud: Cloud) -> Mapping[str, str]:
        merged: dict[str, str] = {}
        for holder in ("defaults", "own"):
            for tag, (value, position) in fields.tags(holder).items():
                merged[tag] = value
                right = re.fullmatch(cloud.limits.tag_key, tag) and re.fullmatch(cloud.limits.tag_value, value)
                if holder == "own" and not right:
                    path = (*fields.own.path, "tags", tag)
                    message = f"{show(tag)} is not possible as a tag here"
                    self.problems.append(Problem(position, path, "bad-tag", message, cloud.limits.tag_rule))
        return merged

    def _deletion(self, fields: KeyFields, limits: SecretLimits) -> Deletion:
        policy = DeletionPolicy(fields.deletion("policy").text("policy") or DeletionPolicy.PREVENT)
        low, high = limits.window_days
        own = fields.own.below("deletion")
        days = own.number("window_days")
        if days is not None and not low <= days <= high:
            message = f"{count(days, 'day')} is not possible here"
            self._add(own, "window_days", "out-of-range", message, f"{low} to {high} days")
        if days is None:
            # A default is meant for keys, whose range may be wider.
            default = fields.deletion("window_days").number("window_days") or LONGEST_WAIT_DAYS
            days = max(low, min(default, high))
        return Deletion(policy, days)

    def _add(self, fields: Fields, name: str, id_: str, message: str, allowed: str) -> None:
        self.problems.append(Problem(fields.at(name), (*fields.path, name), id_, message, allowed))


def marked(secrets: tuple[DesiredSecret, ...], project: str, stack: str) -> Iterator[DesiredSecret]:
    """The secrets with their markers."""
    for secret in secrets:
        yield replace(secret, marker=Marker(f"{project}/{stack}/{secret.name}"))
