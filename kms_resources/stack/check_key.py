"""Check one key against what its cloud can do, and declare it if it is right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from kms_resources.capabilities import Capability, Limits, choose_offer, explain_missing_offer
from kms_resources.clouds import Cloud
from kms_resources.model import (
    Deletion,
    DeletionPolicy,
    KeyId,
    Material,
    Origin,
    Protection,
    Settings,
    SourceKind,
    Spec,
    Target,
    Usage,
)
from kms_resources.problems import Position, Problem, Severity, count
from kms_resources.redact import label, show
from kms_resources.stack.check_gateway import read_source
from kms_resources.stack.fields import Fields, KeyFields
from kms_resources.stack.types import DeclaredAlias, DeclaredKey

OWN_PREFIX = "kms-resources"
"""What our own tags begin with; a tag of the user's must never look like a marker."""

NEVER = "never"
"""The expiry of material that does not end."""
_LONGEST_WAIT = 30
_ELLIPTIC = frozenset({Spec.EC_P256, Spec.EC_P256K, Spec.EC_P384})


def default_usage(spec: Spec) -> Usage:
    """The usage of a key that does not name one. Fixed per spec, so that no table of a cloud can ever change it."""
    if spec in _ELLIPTIC:
        return Usage.SIGN_VERIFY
    return Usage.GENERATE_VERIFY_MAC if spec is Spec.HMAC_SM3 else Usage.ENCRYPT_DECRYPT


@dataclass
class KeyCheck:
    """The check of one key. `problems` fills while `declare` runs."""

    name: str
    fields: KeyFields
    target: Target
    cloud: Cloud
    stack: str
    problems: list[Problem] = field(default_factory=list)

    @property
    def limits(self) -> Limits:
        """What the cloud can do."""
        return self.cloud.limits

    def declare(self) -> DeclaredKey | None:
        """The key, or None if its spec is unknown or was refused already. Whether it is right say the `problems`."""
        own = self.fields.own
        aliases = self._aliases()
        self._description()
        self._state()
        deletion = self._deletion()
        spec = Spec(own.text("spec")) if own.text("spec") else None
        origin = Origin(own.text("origin") or Origin.KMS)
        protection = Protection(own.text("protection")) if own.text("protection") else None
        rotation = self._rotation(spec, origin)
        tags = self._tags()
        if spec is None:
            return None
        settings = Settings(
            spec=spec,
            usage=Usage(own.text("usage") or default_usage(spec)),
            origin=origin,
            protection=protection,
            description=own.text("description"),
            enabled=own.flag("enabled") is not False,
            tags=tags,
            rotation_days=rotation,
            deletion_protection=self.fields.holder("deletion_protection").flag("deletion_protection") is True,
        )
        self._offer(settings)
        adopt = KeyId(own.text("adopt")) if own.text("adopt") else None
        key = DeclaredKey(
            self.name,
            self.target,
            settings,
            deletion,
            aliases,
            adopt,
            self._material(origin),
            own.position,
            dict(self._positions()),
        )
        right = all(problem.severity is Severity.NOTE for problem in self.problems)
        if right and own.path not in own.tainted:
            # The marker's other two parts are not known yet; `Stack.desired_keys` asks again with the real ones.
            self.problems += key.refusals("project", self.stack)
        return key

    def _offer(self, settings: Settings) -> None:
        own = self.fields.own
        if not all(own.is_sound(name) for name in ("spec", "usage", "origin", "protection")):
            return
        for name, written, capability in (
            ("origin", settings.origin is Origin.EXTERNAL, Capability.EXTERNAL_ORIGIN),
            ("protection", settings.protection is not None, Capability.PROTECTION_LEVEL),
        ):
            if written and not self.limits.has(capability):
                self._cannot(own, name, capability)
                return
        if choose_offer(self.limits, settings, self.target) is None:
            name, sentence = explain_missing_offer(self.limits, settings, self.target)
            value = getattr(settings, name)
            self._add(own, name, "not-offered", f"{value} {sentence}" if value is not None else sentence)

    def _material(self, origin: Origin) -> Material | None:
        own = self.fields.own
        fields = own.below("material")
        if not own.has("material") or fields.node is None:
            return None
        sources = [kind for kind in SourceKind if fields.has(kind)]
        expires = fields.text("expires")
        if not self.limits.has(Capability.MATERIAL):
            self._cannot(own, "material", Capability.MATERIAL)
        elif origin is not Origin.EXTERNAL:
            message = "material is imported into keys that are made for it only, and this one's comes from the cloud"
            self._add(own, "material", "not-external", message, "origin: EXTERNAL, or no material")
        elif len(sources) != 1:
            message = f"{count(len(sources), 'source')} of the material"
            self._add(own, "material", "wrong-number", message, f"exactly one of {', '.join(SourceKind)}")
        elif expires not in {"", NEVER}:
            if not self.limits.has(Capability.MATERIAL_EXPIRY):
                self._cannot(fields, "expires", Capability.MATERIAL_EXPIRY)
            elif not _is_day(expires):
                self._add(
                    fields, "expires", "no-day", f"{show(expires)} is no day of the calendar", "such as 2027-06-30"
                )
        source = read_source(fields)
        return Material(source, "" if expires == NEVER else expires) if source else None

    def _rotation(self, spec: Spec | None, origin: Origin) -> int | None:
        holder = self.fields.holder("rotation")
        days = holder.below("rotation").number("every_days")
        if days is None or spec is None:
            return None
        mine = holder is self.fields.own
        obstacle = ""
        if not spec.symmetric:
            obstacle = f"{spec} keys do not rotate by themselves, only symmetric keys do"
        elif origin is Origin.EXTERNAL:
            obstacle = "a key with material from outside does not rotate by itself"
        if obstacle:
            if mine:
                self._add(holder, "rotation", "cannot-rotate", obstacle, "off, or no rotation at all")
            return None
        if not self.limits.has(Capability.ROTATION):
            self._cannot(holder, "rotation", Capability.ROTATION)
            return None
        low, high = self.limits.rotation_days
        if not low <= days <= high:
            where = holder.below("rotation")
            self._add(
                where, "every_days", "out-of-range", f"{count(days, 'day')} is not possible here", _days(low, high)
            )
        return days

    def _deletion(self) -> Deletion:
        low, high = self.limits.window_days
        policy = DeletionPolicy(self.fields.deletion("policy").text("policy") or DeletionPolicy.PREVENT)
        holder = self.fields.deletion("window_days")
        days = holder.number("window_days")
        if days is not None and not low <= days <= high:
            self._add(
                holder, "window_days", "out-of-range", f"{count(days, 'day')} is not possible here", _days(low, high)
            )
        if policy is DeletionPolicy.SCHEDULE:
            holder = self.fields.deletion("policy")
            if not self.limits.has(Capability.SCHEDULED_DELETION):
                self._cannot(holder, "policy", Capability.SCHEDULED_DELETION)
            protection = self.fields.holder("deletion_protection")
            if protection.flag("deletion_protection"):
                message = "the key is protected from deletion, so the policy schedule has no effect until that is off"
                self._add(protection, "deletion_protection", "protected-from-schedule", message, note=True)
        return Deletion(policy, max(low, min(_LONGEST_WAIT, high)) if days is None else days)

    def _description(self) -> None:
        text = self.fields.own.text("description")
        if text and not self.limits.has(Capability.DESCRIPTION):
            self._cannot(self.fields.own, "description", Capability.DESCRIPTION)
        elif (size := len(text.encode())) > (limit := self.limits.description_bytes):
            message = f"the text has {size} bytes in UTF-8"
            self._add(self.fields.own, "description", "too-long", message, f"at most {limit} bytes here")

    def _state(self) -> None:
        if self.fields.own.flag("enabled") is False and not self.limits.has(Capability.DISABLE):
            self._cannot(self.fields.own, "enabled", Capability.DISABLE)

    def _tags(self) -> Mapping[str, str]:
        own, defaults = self.fields.tags("own"), self.fields.tags("defaults")
        if not self.limits.has(Capability.TAGS):
            if own:
                self._cannot(self.fields.own, "tags", Capability.TAGS)
            if defaults:
                message = f"not set on keys of target {self.target.name}: {self.limits.why_not(Capability.TAGS)}"
                self._add(self.fields.defaults, "tags", "default-left-out", message, note=True)
            return {}
        for tag, (value, position) in own.items():
            self._tag(self.fields.own.below("tags"), tag, value, position)
        for tag, (value, position) in defaults.items():
            if tag not in own:
                self._tag(self.fields.defaults.below("tags"), tag, value, position)
        merged = {tag: value for tag, (value, _) in (defaults | own).items()}
        if len(merged) > self.limits.tags:
            message = f"{len(merged)} tags, those of the defaults included, are too many"
            self._add(self.fields.holder("tags"), "tags", "too-many-tags", message, f"at most {self.limits.tags} here")
        return merged

    def _tag(self, holder: Fields, tag: str, value: str, position: Position) -> None:
        if tag.lower().startswith(OWN_PREFIX):
            message = f"tags that begin with {OWN_PREFIX} are kept for the tool's own"
            self.problems.append(Problem(position, (*holder.path, label(tag)), "reserved-tag", message, "another name"))
        elif not re.fullmatch(self.limits.tag_key, tag):
            message = f"{show(tag)} is not possible as a tag here"
            self.problems.append(
                Problem(position, (*holder.path, label(tag)), "bad-tag", message, self.limits.tag_rule)
            )
        elif not re.fullmatch(self.limits.tag_value, value):
            message = (
                f"{show(value)} is not possible as a tag's value here" if value else "an empty value is not possible"
            )
            self._add(holder, tag, "bad-tag", message, self.limits.tag_rule)

    def _aliases(self) -> tuple[DeclaredAlias, ...]:
        own = self.fields.own
        found = own.texts("aliases")
        if found and not self.limits.has(Capability.ALIAS):
            self._cannot(own, "aliases", Capability.ALIAS)
        elif len(found) > 1 and not self.limits.has(Capability.ALIAS_MANY):
            message = f"{len(found)} aliases for one key: {self.limits.why_not(Capability.ALIAS_MANY)}"
            self._add(own, "aliases", "cannot", message, "one alias")
        for place, (alias, position) in enumerate(found):
            if not re.fullmatch(self.limits.alias, alias):
                path = (*own.path, "aliases", str(place))
                message = f"{show(alias)} is not possible as an alias here"
                self.problems.append(Problem(position, path, "bad-alias", message, self.limits.alias_rule))
        return tuple(DeclaredAlias(alias, self.name, self.target, position) for alias, position in found)

    def _positions(self) -> Iterator[tuple[str, Position]]:
        for name in ("target", "rotation", "deletion_protection", "tags", "deletion"):
            yield name, self.fields.holder(name).at(name)
        for name in ("spec", "usage", "origin", "protection", "description", "enabled", "aliases", "adopt"):
            yield name, self.fields.own.at(name)

    def _cannot(self, holder: Fields, name: str, capability: Capability) -> None:
        message = f"{self.cloud.title} does not offer {capability.value}: {self.limits.why_not(capability)}"
        self._add(holder, name, "cannot", message, f"a key without {name}")

    def _add(self, holder: Fields, name: str, id_: str, message: str, allowed: str = "", *, note: bool = False) -> None:
        severity = Severity.NOTE if note else Severity.ERROR
        path = (*holder.path, label(name))
        if holder.path[:1] == ("defaults",) and not note:
            message = f"{message} (keys of target {self.target.name})"
        self.problems.append(Problem(holder.at(name), path, id_, message, allowed, severity))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _days(low: int, high: int) -> str:
    return f"{low} to {high} days here" if low != high else f"{low} days here"
