"""Can we still get back in: who can do what in a world, whether the deployer can roll back, how far a grant reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from kms_resources.access.atoms import Space, split
from kms_resources.access.boxes import Box, everywhere, lowest, project
from kms_resources.access.clouds import CLOUDS
from kms_resources.access.compare import Region, compare
from kms_resources.access.intervals import show_instant
from kms_resources.access.rules import of_kind
from kms_resources.access.words import (
    ActionClass,
    DocumentKind,
    Principal,
    PrincipalKind,
    Request,
    Resource,
    ResourceKind,
    World,
)


@dataclass(frozen=True)
class Holder:
    """Somebody who can do something of a class of actions."""

    principal: Principal
    fresh: bool
    """Whether it stands for everybody of its kind and account whom no document names."""
    actions: tuple[str, ...]
    sure: bool
    """In every reading of the open rules."""
    always: bool
    """Without any condition (sure holders only)."""
    witness: Request


def on_fitting_resource(world: World, kind: ActionClass) -> World:
    """The world itself, or that of the container where a class of actions is not asked on one key."""
    rows = [row for row in CLOUDS[world.cloud].actions if kind in row.classes]
    if world.resource.kind is ResourceKind.CONTAINER or any(row.on_key for row in rows):
        return world
    resource = world.resource
    return replace(world, resource=Resource(ResourceKind.CONTAINER, resource.account, resource.region))


@dataclass(frozen=True)
class Shut:
    """A time in which nobody surely can do something that other times allow. ISO 8601, UTC."""

    since: str
    """Empty: it has no beginning."""
    until: str
    """The first moment after it; empty: it never ends."""


@dataclass(frozen=True)
class Standing:
    """Who can do something of a class, and when nobody can."""

    holders: tuple[Holder, ...]
    shut: tuple[Shut, ...] = ()
    """Times to come without any sure holder; empty too where there is no sure holder at all."""


def who_can(world: World, kind: ActionClass) -> tuple[Holder, ...]:
    """Who can do something of a class, at whatever time. For POLICY: empty means that nobody can change it any more."""
    return standing(world, kind).holders


def standing(
    world: World, kind: ActionClass, now: datetime | None = None, *, also: Iterable[Principal] = ()
) -> Standing:
    """Who can do something of a class, and from `now` on when nobody can. `also` names principals to look at.

    Calls that nobody can make do not count: from a public address and out of a VPC at once.
    """
    asked = on_fitting_resource(world, kind)
    space, allowed, _ = split(asked, asked, also)
    rules = space.rules
    sure = everywhere(allowed, space.full, rules) if rules else allowed
    possible = project(allowed, space.full, rules) if rules else []
    of_class = space.of_class[kind]
    holders = []
    for who, principal in enumerate(space.principals):
        for certain, boxes in ((True, sure), (False, possible)):
            mine = [box for box in boxes if box[0] >> who & 1]
            giving = [box for box in mine if box[1] & of_class and space.possible(box)]
            if not giving:
                continue
            taken = 0
            for box in giving:
                taken |= box[1] & of_class
            free = any(box[2:] == space.full[2:] for box in giving)
            request = space.request(giving[0], who, lowest(giving[0][1] & of_class), asked)
            actions = tuple(action for index, action in enumerate(space.actions) if taken >> index & 1)
            holders.append(Holder(principal, principal in space.fresh, actions, certain, certain and free, request))
            break
    giving = [box for box in sure if box[1] & of_class and space.possible(box)]
    return Standing(tuple(holders), tuple(_shut(space, giving, int(now.timestamp()))) if now and giving else ())


def _shut(space: Space, giving: list[Box], now: int) -> Iterator[Shut]:
    """The times that end after `now` and that no box has, neighbours as one."""
    for covered, periods in groupby(space.periods(giving), key=lambda period: period.covered):
        run = list(periods)
        start, end = run[0].start, run[-1].end
        if not covered and (end is None or end > now):
            yield Shut("" if start is None else show_instant(start), "" if end is None else show_instant(end))


def locked_out(world: World, now: datetime | None = None) -> bool:
    """Whether nobody can surely change who may; with `now`, whether that is so at any time from then on."""
    found = standing(world, ActionClass.POLICY, now)
    return bool(found.shut) or not any(holder.sure for holder in found.holders)


@dataclass(frozen=True)
class Needs:
    """What the identity that deploys keeps."""

    keeps: bool
    """Whether it can do afterwards, in every reading, whatever of its earlier rights a rollback takes."""
    lost: tuple[Region, ...]
    """What it had and has no more, possible losses included."""
    policy: bool | None
    """Whether it can still change the policy; None: under a condition, or in some readings only."""


ROLLBACK = (ActionClass.POLICY, ActionClass.READ, ActionClass.ADMINISTER)
"""What putting the earlier state back takes."""


def needs(identity: Principal, before: World, after: World) -> Needs:
    """Whether the identity that deploys keeps what it needs to roll back."""
    lost: dict[tuple[ActionClass, str], Region] = {}
    for kind in ROLLBACK:
        worlds = on_fitting_resource(before, kind), on_fitting_resource(after, kind)
        for region in compare(*worlds, also=[identity]).losses:
            if region.kind in ROLLBACK and _is_about(region, identity):
                lost[region.kind, region.witness.action] = region
    holders = standing(after, ActionClass.POLICY, also=[identity]).holders
    own = next((holder for holder in holders if holder.principal.plain == identity.plain), None)
    return Needs(not lost, tuple(lost.values()), False if own is None else True if own.always else None)


def _is_about(region: Region, identity: Principal) -> bool:
    if region.principal.plain == identity.plain:
        return True
    member = bool(region.groups) and set(region.groups) <= set(identity.groups)
    return (
        member
        and region.fresh
        and (region.principal.kind, region.principal.account)
        == (
            identity.kind,
            identity.account,
        )
    )


class Reach(StrEnum):
    """How far a grant reaches, the widest first."""

    EVERYONE = "everyone"
    OTHER_ACCOUNT = "another account"
    ASSUMABLE_ROLE = "a role that others may assume"
    WHOLE_ACCOUNT = "everybody of the account"
    ROLE = "one role"
    ACCESS_POINT = "one access point"
    USER = "one user"
    OWNER = "the account itself"


_STRANGERS = frozenset({"everyone", "service"})


def reach(world: World, principal: Principal, *, fresh: bool = False) -> Reach:
    """How far a grant to a principal reaches. Trust documents in the world say who may assume a role."""
    if principal.account != world.account:
        named = any(f":{principal.account}:" in str(document.body) for document in world.documents)
        named = named or any(document.account == principal.account for document in world.documents)
        return Reach.OTHER_ACCOUNT if named else Reach.EVERYONE
    if principal.kind is PrincipalKind.ROLE and assumable_by_others(world, principal.name):
        return Reach.ASSUMABLE_ROLE
    if fresh:
        return Reach.WHOLE_ACCOUNT
    return {
        PrincipalKind.ROLE: Reach.ROLE,
        PrincipalKind.ACCESS_POINT: Reach.ACCESS_POINT,
        PrincipalKind.USER: Reach.USER,
    }.get(principal.kind, Reach.OWNER)


def assumable_by_others(world: World, role: str) -> bool:
    """Whether a trust document lets somebody outside the account assume the role."""
    for document in of_kind(world, DocumentKind.TRUST):
        if f"role/{role}" not in document.attached_to:
            continue
        for rule in CLOUDS[world.cloud].parse(document).rules:
            outside = [who for who in rule.who if who.kind in _STRANGERS or who.account != world.account]
            if rule.effect == "allow" and outside:
                return True
    return False
