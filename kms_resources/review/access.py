"""How who-may changes between two worlds of one subject, graded, with witnesses and what remains under control."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from kms_resources.access.clouds import CLOUDS
from kms_resources.access.compare import Comparison, Region, compare
from kms_resources.access.lockout import Holder, Needs, Reach, needs, standing
from kms_resources.access.lowering import FRESH
from kms_resources.access.patterns import glob
from kms_resources.access.words import (
    ActionClass,
    DocumentKind,
    Principal,
    PrincipalKind,
    ResourceKind,
    Verdict,
    World,
)
from kms_resources.problems import Position
from kms_resources.review.grades import grade_of_gain
from kms_resources.review.roles import reach_of
from kms_resources.review.words import Access, Control, Grade, Grant, Rollback, Witness, worst
from kms_resources.review.worlds import OWN

STRANGER = "9999999999999999"
"""The comparison's stand-in for accounts that nothing names."""
Locate = Callable[[tuple[str, ...]], Position | None]
"""Sids, as verdicts name them → where the statement stands."""


@dataclass(frozen=True)
class Question:
    """Two worlds of one subject, and who deploys."""

    before: World
    after: World
    deployer: Principal | None = None
    locate: Locate = lambda _: None
    on: str = ""
    """Said beside each grant, where the subject is not the key."""
    control: bool = True
    """Whether to say who can change the policy afterwards."""
    now: datetime | None = None
    """From when on somebody must be able to; None: at whatever time."""


def compared(question: Question) -> Access | None:
    """What changes; None if nothing does, in any reading."""
    before, after = question.before, question.after
    comparison = compare(before, after)
    if comparison.equivalent:
        return None
    return Access(
        comparison.administration,
        comparison.use,
        comparison.unlisted,
        tuple(_grants(comparison.gains, question, gain=True)),
        tuple(_grants(comparison.losses, question, gain=False)),
        control_of(after, question.now) if question.control else None,
        _rollback(question, comparison),
    )


def control_of(world: World, now: datetime | None = None) -> Control | None:
    """Who can change the policy of the world, from `now` on; None where that is not decided on the key itself."""
    rows = CLOUDS[world.cloud].actions_on(ResourceKind.KEY)
    if world.resource.kind is not ResourceKind.KEY or not any(row.kind is ActionClass.POLICY for row in rows):
        return None
    found = standing(_about_policy(world), ActionClass.POLICY, now)
    sure = tuple(_holder(holder, world) for holder in found.holders if holder.sure)
    unsure = tuple(_holder(holder, world) for holder in found.holders if not holder.sure)
    return Control(sure, unsure, tuple((one.since, one.until) for one in found.shut))


def _about_policy(world: World) -> World:
    """The world without statements of key policies that have no say in changing them: much quicker to take apart."""
    calls = [row.action for row in CLOUDS[world.cloud].actions_on(ResourceKind.KEY) if row.kind is ActionClass.POLICY]
    documents = []
    for document in world.documents:
        statements = document.body.get("Statement")
        if document.kind is not DocumentKind.KEY_POLICY or not isinstance(statements, list):
            documents.append(document)
            continue
        rules = CLOUDS[world.cloud].parse(document).rules
        # Without that one-to-one order the document is left whole.
        if len(rules) == len(statements):
            statements = [
                statement
                for statement, rule in zip(statements, rules, strict=True)
                if rule.not_actions or any(glob(one, call, ignore_case=True) for one in rule.actions for call in calls)
            ]
        if statements:
            documents.append(replace(document, body={**document.body, "Statement": statements}))
    return replace(world, documents=tuple(documents))


def _holder(holder: Holder, world: World) -> str:
    name = named(holder.principal, world.account, fresh=holder.fresh)
    if not holder.sure or holder.always:
        return name
    where = ", ".join(f"{attribute} {value}" for attribute, value in holder.witness.attributes.items())
    return f"{name} (under a condition{': ' + where if where else ''})"


def _rollback(question: Question, comparison: Comparison) -> Rollback | None:
    identity = question.deployer
    if identity is None or question.before.resource.kind is not ResourceKind.KEY:
        return None
    if not comparison.losses and not comparison.gains:
        return None
    kept: Needs = needs(identity, question.before, question.after)
    words = tuple(dict.fromkeys(f"{region.kind} ({region.witness.action})" for region in kept.lost))
    decided = kept.keeps or any(region.decided for region in kept.lost)
    return Rollback(identity.short(question.after.account), kept.keeps, words, kept.policy, decided)


def _grants(regions: Iterable[Region], question: Question, *, gain: bool) -> Iterable[Grant]:
    world = question.after if gain else question.before
    rows = CLOUDS[world.cloud].actions_on(world.resource.kind)
    for region in regions:
        whole = {row.action for row in rows if region.kind in row.classes} <= set(region.actions)
        reach = reach_of(world, region.principal, fresh=region.fresh)
        deciding = region.after if gain else region.before
        other = region.before if gain else region.after
        yield Grant(
            named(region.principal, world.account, fresh=region.fresh),
            region.kind,
            region.actions,
            whole,
            _conditions(region.when),
            reach,
            grade_of_gain(region.kind, reach) if gain else Grade.NONE,
            region.decided,
            region.open_rules,
            Witness(
                region.witness.principal.plain.short(world.account),
                region.witness.action,
                _attributes(region),
                _verdict(region.before),
                _verdict(region.after),
            ),
            question.on,
            question.locate(deciding.sids or other.sids),
            deciding.sids or other.sids,
        )


def _attributes(region: Region) -> dict[str, str]:
    found = {name.replace("_", " "): value for name, value in region.witness.attributes.items()}
    groups = region.witness.principal.groups
    return {**found, "in group": ", ".join(groups)} if groups else found


def _conditions(when: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text.replace("source_ip", "source ip").replace("private_ip", "private ip") for text in when)


def _verdict(verdict: Verdict) -> str:
    words = {True: "allowed", False: "refused", None: ""}
    why = verdict.why.replace(OWN, "<own account>")
    return f"{words[verdict.allowed]}: {why}" if verdict.allowed is not None else why


def named(principal: Principal, owner: str, *, fresh: bool) -> str:
    """A principal for people. The comparison's stand-ins become what they stand for."""
    if principal.account == STRANGER:
        if principal.kind is PrincipalKind.ACCOUNT:
            return "any other account"
        return f"any {principal.kind} of any other account"
    where = "" if principal.account == owner else f" of account {principal.account}"
    if principal.kind is PrincipalKind.ACCOUNT:
        return "the account itself" if principal.account == owner else f"account {principal.account} itself"
    if not fresh:
        return principal.plain.short(owner)
    word = str(principal.kind).replace("_", " ")
    if principal.name.startswith(FRESH[principal.kind]):
        return f"any other {word}{where}"
    return f"every {word} named like {principal.name}{where}"


def moved_to(access: Access, locate: Locate) -> Access:
    """The same change of another key, with the places of that key's statements."""
    gains, losses = (
        tuple(replace(grant, position=locate(grant.sids)) for grant in grants)
        for grants in (access.gains, access.losses)
    )
    return replace(access, gains=gains, losses=losses)


def worst_case(questions: Iterable[tuple[str, Question]]) -> tuple[Access | None, tuple[str, ...]]:
    """The change under the assumption about the own account that is graded worst, and a note for each assumption."""
    found = [(account, compared(question)) for account, question in questions]
    chosen, access = max(found, key=lambda pair: _weight(pair[1]))
    if len(found) == 1 or access is None:
        return access, ()
    notes = [f"the number of the own account is not known: graded {_as(chosen)}, the worst case"]
    notes += [f"{_as(account)}: {_verdicts(other)}" for account, other in found if account != chosen]
    return access, (*notes, "--account tells which it is")


def _as(account: str) -> str:
    return "as if no document named it" if account == OWN else f"as if it were {account}"


def _verdicts(access: Access | None) -> str:
    if access is None:
        return "administration and use equivalent"
    grade = worst(gain.grade for gain in access.gains)
    return f"administration {access.administration.relation}, use {access.use.relation}, grade {grade}"


def _weight(access: Access | None) -> tuple[int, int, int]:
    if access is None:
        return (-1, 0, 0)
    locked = bool(access.control and access.control.locked)
    lost = bool(access.rollback and not access.rollback.keeps)
    highest = max((gain.grade.rank for gain in access.gains), default=0)
    return (int(locked), max(highest, 3 * lost), len(access.gains) + len(access.losses))


__all__ = ["Locate", "Question", "Reach", "compared", "control_of", "named", "worst_case"]
