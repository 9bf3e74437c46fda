"""The dynamic provider of keys. Stored format: this module's path and the class name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from kms_resources.capabilities import choose_offer, explain_missing_offer
from kms_resources.changes import compare
from kms_resources.clouds import get_cloud
from kms_resources.model import ActualKey, DesiredKey, KeyId, Marker
from kms_resources.operations import keys
from kms_resources.plan import fixed_advice
from kms_resources.providers import props as stored
from kms_resources.providers.declared import Kind, declare, spared
from kms_resources.providers.process import has_unknowns, placed, site_of, speak_plainly, tell
from kms_resources.providers.props import INCOMPLETE, Props

WARN_DAYS = 30
"""Days before the end of imported material from which on each reading says so."""
_FIXED = ("spec", "usage", "origin", "protection")
_FIXED_IN_TARGET = ("cloud", "region", "instance")


class KeyProvider(ResourceProvider):
    """Create, read, update and delete keys. No attributes: an instance in state is a bare reference to this class."""

    serialize_as_secret_always = False  # nothing secret is ever captured

    def configure(self, req: ConfigureRequest) -> None:  # noqa: ARG002
        """Called once per process; credentials come from the environment, never from stack configuration."""
        speak_plainly()

    def check(self, olds: Props, news: Props) -> CheckResult:
        """Make the inputs canonical and refuse a change of what is fixed. Sends nothing."""
        declare(Kind.KEY, news, "marker")
        if has_unknowns(news):
            return CheckResult(news, [])
        try:
            desired = stored.key_of(news)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            return CheckResult(news, [CheckFailure("", f"is not complete or not valid: {error}")])
        canonical = {**stored.key_props(desired), "__provider": news.get("__provider")}
        return CheckResult(canonical, _refused_changes(desired, olds, canonical) or _refused_by_cloud(desired))

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Whether an update is needed; the engine works out the details for display. Sends nothing, replaces never."""
        if has_unknowns(_news):
            return DiffResult(changes=None)
        if _olds.get("phase") == INCOMPLETE:
            return DiffResult(changes=True)
        with stored.readable(_id):
            desired, known = stored.key_of(_news), stored.key_from_outputs(_olds, _id)
        same = not compare(desired, known) and all(
            _olds.get(name) == _news.get(name) for name in ("target", "deletion", "material")
        )
        return DiffResult(changes=False if same else None)

    def create(self, props: Props) -> CreateResult:
        """Make the key or take over the one that carries its marker."""
        desired = stored.key_of(props)
        with placed(desired.where):
            outcome = keys.create(site_of(desired.target), desired)
        _report(desired, outcome)
        outputs = stored.key_outputs(props, outcome.key, outcome.problem, outcome.seal)
        return CreateResult(str(outcome.key.id), outputs)

    def read(self, id_: str, props: Props) -> ReadResult:
        """The key as it is now, inputs included, so that drift shows property by property."""
        with stored.readable(id_):
            known, seal = stored.key_of(props), stored.seal_of(props)
        with placed(known.where):
            key = keys.read(site_of(known.target), known, KeyId(id_), str(props.get("account", "")))
        if key is None:
            return ReadResult("", {})
        inputs = stored.live_inputs(known, key)
        phase = props.get("phase")
        outputs = stored.key_outputs(inputs, key, "still incomplete" if phase == INCOMPLETE else "", seal)
        _warn_of_expiry(known, key)
        if key.marker != known.marker:
            outputs["declared_marker"] = str(known.marker)
        provider = {"__provider": props.get("__provider")}
        return ReadResult(id_, outputs | provider, inputs | provider)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Bring the key to what is declared."""
        with stored.readable(_id):
            desired, seal = stored.key_of(_news), stored.seal_of(_olds)
        former = Marker(str(_olds.get("marker", "")))
        with placed(desired.where):
            outcome = keys.update(site_of(desired.target), desired, KeyId(_id), former, seal)
        _report(desired, outcome)
        return UpdateResult(stored.key_outputs(_news, outcome.key, outcome.problem, outcome.seal))

    def delete(self, _id: str, _props: Props) -> None:
        """Schedule the deletion where the last applied stack allows it; refuse otherwise."""
        with stored.readable(_id):
            known = stored.key_of(_props)
        if spared(Kind.KEY, _props, "marker", known.where):
            return
        with placed(known.where):
            tell(keys.delete(site_of(known.target), known, KeyId(_id), str(_props.get("account", ""))))


def _refused_changes(desired: DesiredKey, olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[CheckFailure]:
    if not olds:
        return []
    pairs = [(name, olds.get(name), news.get(name)) for name in _FIXED]
    # A protection that nobody asked for was the cloud's choice, and no longer asking for one changes nothing.
    pairs = [pair for pair in pairs if pair[0] != "protection" or (pair[1] and pair[2])]
    old_target, new_target = olds.get("target") or {}, news["target"]
    pairs += [(f"target.{name}", old_target.get(name), new_target.get(name)) for name in _FIXED_IN_TARGET]
    return [
        CheckFailure(
            # The engine prints a property's value beside its name, and finds none for a part of a property.
            "" if "." in name else name,
            f"{desired.where}: {name} is {before or 'not set'}, fixed since the key was made; {after or 'nothing'} "
            f"would need another key, and this one is not replaced. Instead, {fixed_advice(desired.name)}",
        )
        for name, before, after in pairs
        if before != after
    ]


def _refused_by_cloud(desired: DesiredKey) -> list[CheckFailure]:
    # Stack files and typed keys were checked already; this is for inputs that came another way.
    limits = get_cloud(desired.target.cloud).limits
    failures = [CheckFailure(name, f"{desired.where}: {reason}") for name, reason in limits.refusals(desired)]
    if choose_offer(limits, desired.settings, desired.target) is None:
        name, reason = explain_missing_offer(limits, desired.settings, desired.target)
        failures.append(CheckFailure(name, f"{desired.where}: {name} {reason}"))
    return failures


def _report(desired: DesiredKey, outcome: keys.Outcome) -> None:
    for note in outcome.notes:
        tell(note)
    if outcome.problem:
        tell(f"{desired.where}: key {outcome.key.id} exists and is not finished: {outcome.problem}")


def _warn_of_expiry(known: DesiredKey, key: ActualKey) -> None:
    if not known.material or not key.material_expires:
        return
    left = (datetime.fromisoformat(key.material_expires) - datetime.now(UTC)).days
    if left <= WARN_DAYS:
        tell(
            f"{known.where}: the material of key {key.id} ends on {key.material_expires[:10]}, in {max(left, 0)} days; "
            "write a later day at material: expires, or what the key encrypted cannot be read from then on"
        )
