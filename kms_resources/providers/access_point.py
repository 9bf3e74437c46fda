"""The dynamic provider of access points. Stored format: this module's path and the class name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
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

from kms_resources.clouds import get_cloud
from kms_resources.clouds.access import ActualPoint, PointRules
from kms_resources.operations import access_points
from kms_resources.operations.access_points import PointDesk
from kms_resources.providers import policy_props
from kms_resources.providers import props as stored
from kms_resources.providers.declared import Kind, declare, spared
from kms_resources.providers.process import PerTarget, has_unknowns, placed, speak_plainly, tell
from kms_resources.providers.props import COMPLETE, INCOMPLETE, Props
from kms_resources.providers.used import same, without_provider

OUTPUTS = ("point_id", "arn", "phase")
_AS_THEY_ARE = ("target", "marker", "cloud_name", "description", "vpc", "subnet", "control", "deletion")
_IN_ANY_ORDER = ("actions", "resources", "allow", "endpoints")

desk_of: PerTarget[PointDesk] = PerTarget(lambda target: access_points.open_desk(target, os.environ))
"""The one desk of a target in this process, with the credentials of the environment."""


class AccessPointProvider(ResourceProvider):
    """Make, change and delete access points. No attributes, as in `KeyProvider`."""

    serialize_as_secret_always = False  # nothing secret is ever captured

    def configure(self, req: ConfigureRequest) -> None:  # noqa: ARG002
        """Called once per process."""
        speak_plainly()

    def check(self, olds: Props, news: Props) -> CheckResult:
        """Refuse what the cloud cannot do, a change included. Sends nothing."""
        declare(Kind.POINT, news, "cloud_name")
        if has_unknowns(news):
            return CheckResult(news, [])
        try:
            desired, wanted = policy_props.point_of(news)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            return CheckResult(news, [CheckFailure("", f"is not complete or not valid: {error}")])
        points = get_cloud(desired.target.cloud).points
        if points is None:
            title = get_cloud(desired.target.cloud).title
            return CheckResult(news, [CheckFailure("target", f"{desired.where}: {title} has no access points")])
        rules = points()
        point, problems = rules.draft(wanted.point)
        failures = _misplaced(desired.where, news, rules)
        failures += [
            CheckFailure(problem.path.partition("[")[0].rpartition(".")[2], f"{desired.where}: {problem.what}")
            for problem in problems
            if problem.fatal
        ]
        if not failures and olds.get("cloud_name"):
            failures += [CheckFailure("", f"{desired.where}: {why}") for why in _fixed(olds, news, rules.fixed)]
        return CheckResult({**news, "actions": list(point.actions)}, failures)

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Whether an update is needed. Sends nothing, replaces never."""
        if has_unknowns(_news):
            return DiffResult(changes=None)
        if _olds.get("phase") == INCOMPLETE:
            return DiffResult(changes=True)
        unchanged = same(_olds, _news, *_AS_THEY_ARE, "keys") and all(
            sorted(_olds.get(name) or ()) == sorted(_news.get(name) or ()) for name in _IN_ANY_ORDER
        )
        return DiffResult(changes=False if unchanged else None)

    def create(self, props: Props) -> CreateResult:
        """Make it, or finish what a killed run has left."""
        return CreateResult(str(props["cloud_name"]), _written(props))

    def read(self, id_: str, props: Props) -> ReadResult:
        """It as it is now, inputs included, so that drift shows field by field."""
        with stored.readable(id_):
            desired, wanted = policy_props.point_of(props)
        with placed(desired.where):
            actual = access_points.read(desk_of(desired.target), desired, wanted.point.name)
        if actual is None:
            return ReadResult("", {})
        inputs = policy_props.live_point(props, actual)
        # A part that somebody deleted is found and made again by the next update.
        whole = not desk_of(desired.target).client.steps(policy_props.point_of(inputs)[1], actual)
        phase = INCOMPLETE if props.get("phase") == INCOMPLETE or not whole else COMPLETE
        outputs = {**inputs, **_told(actual), "phase": phase}
        provider = {"__provider": props.get("__provider")}
        return ReadResult(id_, outputs | provider, inputs | provider)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Bring it to what is declared."""
        return UpdateResult(_written(_news))

    def delete(self, _id: str, _props: Props) -> None:
        """Delete it with its parts where the last applied stack allows it; refuse otherwise."""
        with stored.readable(_id):
            desired, wanted = policy_props.point_of(_props)
        if spared(Kind.POINT, _props, "cloud_name", desired.where):
            return
        with placed(desired.where):
            tell(access_points.delete(desk_of(desired.target), desired, wanted.point.name))


def _misplaced(where: str, news: Props, rules: PointRules) -> list[CheckFailure]:
    # A stack file was checked already; this is for programs that make access points of their own.
    given = {name for name, value in news.items() if (value is False if name == "control" else value)}
    fields = {place: place.rpartition(".")[2] for place in (*rules.useless, *rules.needed)}
    return [
        CheckFailure(fields[place], f"{where}: {fields[place]} means nothing here: {why}")
        for place, why in rules.useless.items()
        if fields[place] in given
    ] + [
        CheckFailure(fields[place], f"{where}: {fields[place]} is missing: {why}")
        for place, why in rules.needed.items()
        if fields[place] not in given
    ]


def _fixed(olds: Props, news: Props, of_cloud: Callable[[Any, Any], tuple[str, ...]]) -> list[str]:
    before, after = policy_props.point_of(olds)[1], policy_props.point_of(news)[1]
    named = [
        f"{name} is {one or 'not set'}, fixed since the access point was made; {other or 'nothing'} needs another one"
        for name, one, other in (
            ("its name at the cloud", before.point.name, after.point.name),
            *((f"target.{part}", olds["target"].get(part), news["target"].get(part)) for part in ("cloud", "region")),
        )
        if one != other
    ]
    return named or list(of_cloud(before.point, after.point))


def _written(props: Props) -> Props:
    desired, wanted = policy_props.point_of(props)
    with placed(desired.where):
        outcome = access_points.write(desk_of(desired.target), desired, wanted)
    if outcome.problem:
        tell(f"{desired.where}: access point {wanted.point.name} exists in part and is not finished: {outcome.problem}")
    told = _told(outcome.actual) if outcome.actual else {"point_id": "", "arn": ""}
    return {**without_provider(props), **told, "phase": INCOMPLETE if outcome.problem else COMPLETE}


def _told(actual: ActualPoint) -> Mapping[str, str]:
    return {"point_id": actual.id, "arn": actual.arn}
