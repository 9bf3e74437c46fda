"""Access points: made in the order that opens nothing too early, finished whenever, deleted only with leave.

A name at the cloud is made of the marker, so no second one can be taken for ours; what carries our name and somebody
else's marker is never touched. From the moment anything of it exists no failure is raised any more: the access point is
returned as incomplete, and the next update finishes it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kms_resources.clouds import get_cloud
from kms_resources.clouds.access import AccessPointClient, ActualPoint, Part, PointStep, WantedPoint
from kms_resources.errors import AlreadyExistsError, CloudError, InputError, UnclearError, UnsafeError
from kms_resources.model import DeletionPolicy, Target
from kms_resources.operations.seeing import Clock, until_seen
from kms_resources.uses import DesiredAccessPoint

ROUNDS = 4
"""Looks until it must be as declared: what a new one may shows only after it is made."""
ATTEMPTS_TO_CREATE = 3
LONGEST_LOOK = 1.0
"""Seconds to wait for a change to show before it is made again; doing it twice does no harm."""
_MADE_BY: Mapping[PointStep, Part] = {
    PointStep.CREATE_RULE: Part.RULE,
    PointStep.CREATE_POLICY: Part.POLICY,
    PointStep.CREATE_POINT: Part.POINT,
}


@dataclass
class PointDesk:
    """What is needed to work on the access points of one target. May be shared by threads."""

    client: AccessPointClient
    clock: Clock


@dataclass(frozen=True)
class PointOutcome:
    """An access point after our work on it."""

    actual: ActualPoint | None
    """None when it surely exists in part and could not be read."""
    problem: str = ""
    """Why it is not yet as declared; empty when it is."""


def open_desk(target: Target, environ: Mapping[str, str], sleep: Callable[[float], None] = time.sleep) -> PointDesk:
    """Connect to a target; raises `CredentialsError`. Sends nothing."""
    cloud = get_cloud(target.cloud)
    if cloud.connect_access_points is None:
        raise InputError(f"{cloud.title} has no access points", where=f"target {target.name}")
    return PointDesk(cloud.connect_access_points(target, environ), Clock(cloud.read_lag, sleep))


def write(desk: PointDesk, desired: DesiredAccessPoint, wanted: WantedPoint) -> PointOutcome:
    """Make it, finish it or change it, whatever is there.

    Raises `CloudError` while surely nothing of it exists, and `UnsafeError` for somebody else's or for a change that
    the cloud cannot make.
    """
    actual = _mine(desk, desired, wanted.point.name)
    try:
        for round_ in range(ROUNDS):
            steps = desk.client.steps(wanted, actual)
            if not steps:
                return PointOutcome(actual)
            try:
                for step in steps:
                    if step in _MADE_BY:
                        _make(desk, desired, wanted, step, actual)
                    else:
                        desk.client.take(step, wanted, actual)
            except UnclearError:
                # Whether it was carried out shows when it is read back; a part that was made was waited for already.
                if actual is None or round_ == ROUNDS - 1:
                    raise
            actual = _settled(desk, desired, wanted, steps)
        problem = f"{desired.where}: still to do: {', '.join(one.value for one in desk.client.steps(wanted, actual))}"
    except (CloudError, UnsafeError) as error:
        seen = _look(desk, wanted.point.name)
        if seen is None and actual is None:
            raise
        problem, actual = str(error.at(desired.where)), seen or actual
        if isinstance(error, UnsafeError):
            raise
    return PointOutcome(actual, problem)


def read(desk: PointDesk, desired: DesiredAccessPoint, name: str) -> ActualPoint | None:
    """It as it is; None when there is nothing of it. Raises `UnsafeError` for somebody else's."""
    return _mine(desk, desired, name)


def delete(desk: PointDesk, desired: DesiredAccessPoint, name: str) -> str:
    """Delete it with its parts, if the last applied stack allows it; returns a note for people."""
    if desired.deletion.policy is not DeletionPolicy.SCHEDULE:
        raise UnsafeError(
            "the deletion is refused",
            where=desired.where,
            why=f"the last applied stack says deletion policy {desired.deletion.policy} for it, and its credentials "
            "would go with it at once",
            advice=f"write deletion: {{policy: schedule}} at {desired.name}, apply that, and only then remove it",
        )
    actual = _mine(desk, desired, name)
    if actual is None:
        return f"{desired.where}: access point {name} was gone already"
    nothing = WantedPoint(actual.point, desired.marker)
    for step in desk.client.removal(actual):
        desk.client.take(step, nothing, actual)
    return f"{desired.where}: access point {name} is deleted, and every credential of it"


def _mine(desk: PointDesk, desired: DesiredAccessPoint, name: str) -> ActualPoint | None:
    actual = desk.client.describe(name)
    for part, marker in (actual.parts if actual else {}).items():
        if marker != desired.marker:
            raise UnsafeError(
                f"the {part} {name} is not ours",
                where=desired.where,
                why=f"its description has {f'the marker {marker}' if marker else 'no marker'}, this stack would write "
                f"{desired.marker}",
                advice="give it up there first, or write our marker at the end of its description; nothing was touched",
            )
    return actual


def _make(
    desk: PointDesk, desired: DesiredAccessPoint, wanted: WantedPoint, step: PointStep, actual: ActualPoint | None
) -> None:
    part, name = _MADE_BY[step], wanted.point.name

    def there(seen: ActualPoint | None) -> bool:
        return seen is not None and part in seen.parts

    for attempt in range(1, ATTEMPTS_TO_CREATE + 1):
        try:
            desk.client.take(step, wanted, actual)
        except (UnclearError, AlreadyExistsError):
            # It may be ours from this very call, or somebody was faster: the marker tells.
            if there(until_seen(lambda: _mine(desk, desired, name), there, desk.clock)):
                return
            # The lag is over and it is not there: nothing was made, and asking again is not blind.
            if attempt == ATTEMPTS_TO_CREATE:
                raise
        else:
            return


def _settled(
    desk: PointDesk, desired: DesiredAccessPoint, wanted: WantedPoint, taken: tuple[PointStep, ...]
) -> ActualPoint | None:
    """It as it is, once our writes show: it is there at all, and not everything that was done is still to do."""

    def look() -> ActualPoint | None:
        return _mine(desk, desired, wanted.point.name)

    # What was just made must never be taken for missing.
    until_seen(look, lambda seen: seen is not None and seen.exists, desk.clock)
    short = Clock(min(desk.clock.read_lag, LONGEST_LOOK), desk.clock.sleep)
    return until_seen(look, lambda seen: desk.client.steps(wanted, seen) != taken, short)


def _look(desk: PointDesk, name: str) -> ActualPoint | None:
    try:
        return desk.client.describe(name)
    except (CloudError, UnsafeError):
        return None
