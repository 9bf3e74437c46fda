"""Check the access points of a stack against what their clouds can do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from kms_resources.access import words
from kms_resources.access.words import AccessPoint
from kms_resources.capabilities import Capability
from kms_resources.clouds import get_cloud
from kms_resources.clouds.access import PointRules
from kms_resources.clouds.marking import MARKER_OPENING
from kms_resources.model import Deletion, DeletionPolicy, Marker, Target
from kms_resources.problems import Position, Problem, Severity
from kms_resources.redact import show
from kms_resources.stack.fields import Fields, KeyFields
from kms_resources.stack.places import locate
from kms_resources.stack.structure import nearest
from kms_resources.stack.types import DeclaredKey
from kms_resources.uses import DesiredAccessPoint, DesiredSecret

EVERY = "*"


@dataclass
class PointCheck:
    """The check of all access points of a file. `problems` fills while they are read."""

    keys: Mapping[str, DeclaredKey]
    key_names: list[str]
    """The names of all keys of the file, right or wrong."""
    secrets: Mapping[str, DesiredSecret]
    secret_names: list[str]
    problems: list[Problem] = field(default_factory=list)

    def declare(self, name: str, fields: KeyFields, target: Target) -> DesiredAccessPoint | None:
        """The access point, or None where too little is right."""
        own = fields.own
        cloud = get_cloud(target.cloud)
        if cloud.points is None or not cloud.limits.has(Capability.ACCESS_POINT):
            reason = cloud.limits.why_not(Capability.ACCESS_POINT)
            message = f"{cloud.title} does not offer {Capability.ACCESS_POINT.value}: {reason}"
            self._add(own, "target", "cannot", message, "a target of a cloud that has access points")
            return None
        rules = cloud.points()
        self._fields(own, rules)
        if MARKER_OPENING in own.text("description"):
            message = f"it must not contain {MARKER_OPENING!r}, which marks whose access point it is"
            self._add(own, "description", "reserved-text", message, "another text")
        keys, known = self._keys(own, target)
        secrets = self._secrets(own, target)
        given = own.texts("keys") or own.texts("secrets")
        if not given and own.is_sound("keys") and own.is_sound("secrets"):
            message = "it names no key and no secret, so nobody could use it"
            self.problems.append(Problem(own.position, own.path, "empty-access-point", message, "keys or secrets"))
        if rules.most_resources and len(keys) + len(known) + len(secrets) > rules.most_resources:
            message = f"{len(keys) + len(known) + len(secrets)} keys and secrets are too many for one access point"
            allowed = f'at most {rules.most_resources}, or "{EVERY}", or a second access point'
            self._add(own, "keys" if own.has("keys") else "secrets", "too-many-resources", message, allowed)
        network = own.below("network")
        point = AccessPoint(
            name,
            actions=tuple(text for text, _ in own.texts("actions")),
            resources=(*known, *secrets),
            addresses=tuple(text for text, _ in network.texts("allow")),
            instance=target.instance,
            vpc=network.text("vpc"),
            subnet=network.text("subnet"),
            endpoints=tuple(text for text, _ in network.texts("endpoints")),
            control=own.flag("control") is not False,
        )
        if own.has("actions") and own.is_sound("actions") and not point.actions:
            self._add(own, "actions", "empty-access-point", "it names no action", "one at least")
        point, problems = rules.draft(point)
        for problem in problems:
            self._say(problem, own)
        policy = DeletionPolicy(fields.deletion("policy").text("policy") or DeletionPolicy.PREVENT)
        return DesiredAccessPoint(name, target, point, own.text("description"), keys, Deletion(policy))

    def _fields(self, own: Fields, rules: PointRules) -> None:
        for place, why in rules.useless.items():
            outer, _, inner = place.rpartition(".")
            holder = own.below(outer) if outer else own
            if holder.has(inner):
                self._add(holder, inner, "cannot", f"{inner} means nothing here: {why}", "the access point without it")
        for place, why in rules.needed.items():
            outer, _, inner = place.rpartition(".")
            holder = own.below(outer) if outer else own
            if not holder.has(inner):
                self._add(holder, inner, "missing-field", f"this field is missing: {why}", "text")

    def _keys(self, own: Fields, target: Target) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names of keys whose ids are not known yet, and resources that are known."""
        found = own.texts("keys")
        if any(text == EVERY for text, _ in found):
            self._alone(own, "keys", found)
            return (), (f"key/{EVERY}",)
        names = []
        for place, (name, position) in enumerate(found):
            path = (*own.path, "keys", str(place))
            if name not in self.key_names:
                message = f"there is no key {show(name)}{nearest(name, self.key_names)}"
                allowed = ", ".join(map(show, self.key_names)) or "a key of this file"
                self.problems.append(Problem(position, path, "unknown-key", message, allowed))
            elif name in self.keys and self.keys[name].target != target:
                message = f"key {name} lives in target {self.keys[name].target.name}"
                self.problems.append(Problem(position, path, "other-target", message, f"a key of {target.name}"))
            elif name in self.keys:
                names.append(name)
        return tuple(names), ()

    def _secrets(self, own: Fields, target: Target) -> tuple[str, ...]:
        found = own.texts("secrets")
        if any(text == EVERY for text, _ in found):
            self._alone(own, "secrets", found)
            return (f"secret/{EVERY}",)
        resources = []
        for place, (name, position) in enumerate(found):
            path = (*own.path, "secrets", str(place))
            if name not in self.secret_names:
                message = f"there is no secret {show(name)}{nearest(name, self.secret_names)}"
                allowed = ", ".join(map(show, self.secret_names)) or "a secret of this file"
                self.problems.append(Problem(position, path, "unknown-secret", message, allowed))
            elif name in self.secrets and self.secrets[name].target != target:
                message = f"secret {name} lives in target {self.secrets[name].target.name}"
                self.problems.append(Problem(position, path, "other-target", message, f"a secret of {target.name}"))
            elif name in self.secrets:
                resources.append(f"secret/{self.secrets[name].cloud_name}")
        return tuple(resources)

    def _alone(self, own: Fields, name: str, found: list[tuple[str, Position]]) -> None:
        if len(found) > 1:
            message = f'"{EVERY}" already means every one'
            self._add(own, name, "wildcard-and-more", message, f'"{EVERY}" alone, or names')

    def _say(self, problem: words.Problem, own: Fields) -> None:
        position, path = locate(own.node, problem.path, own.path) if own.node else (own.position, own.path)
        message, _, allowed = problem.what.partition("; allowed: ")
        severity = Severity.ERROR if problem.fatal else Severity.NOTE
        id_ = "bad-access-point" if problem.fatal else "no-effect"
        self.problems.append(Problem(position, path, id_, message, allowed, severity))

    def _add(self, fields: Fields, name: str, id_: str, message: str, allowed: str) -> None:
        self.problems.append(Problem(fields.at(name), (*fields.path, name), id_, message, allowed))


def marked_points(points: tuple[DesiredAccessPoint, ...], project: str, stack: str) -> Iterator[DesiredAccessPoint]:
    """The access points with their markers."""
    for point in points:
        yield replace(point, marker=Marker(f"{project}/{stack}/{point.name}"))
