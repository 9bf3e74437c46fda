"""Alibaba Cloud's worlds as unions of parts, for the comparison: the rules of `evaluate`, for all requests at once."""

from __future__ import annotations

from functools import lru_cache

from kms_resources.access.alibaba.actions import ACTIONS, ALL, foreign_may, listed
from kms_resources.access.alibaba.lower_points import access_points, collect_point
from kms_resources.access.alibaba.names import arn
from kms_resources.access.alibaba.parse import parse
from kms_resources.access.lowering import (
    EVERYTHING,
    NO,
    NOTHING,
    WHAT,
    WHO,
    YES,
    Lowering,
    Union,
    Vocabulary,
    both,
    flag,
    restrict,
)
from kms_resources.access.patterns import Pattern, glob
from kms_resources.access.rules import Rule, Who, of_kind, usable
from kms_resources.access.words import (
    Document,
    DocumentKind,
    Effect,
    Principal,
    PrincipalKind,
    ResourceKind,
    World,
    parse_principal,
)

ROWS = {row.action: row for row in ACTIONS}
STRANGER = "9999999999999999"
"""Stands for every account that no document names."""
_KINDS = {"user": PrincipalKind.USER, "role": PrincipalKind.ROLE}


def collect(world: World, vocabulary: Vocabulary) -> None:
    """Names and tests of a world."""
    vocabulary.account(world.account)
    for members in world.groups.values():
        for member in members:
            vocabulary.name(world.account, PrincipalKind.USER, member)
    for document in world.documents:
        rules = usable(parse(document), document).rules
        if document.kind is DocumentKind.TRUST:
            continue
        _collect_holders(document, world, vocabulary)
        for rule in rules:
            if rule.not_who:
                vocabulary.account(STRANGER)
            for who in rule.who:
                _collect_who(who, vocabulary)
            for test in rule.tests:
                vocabulary.test(test, world.resource)
        if document.kind is DocumentKind.ACCESS_POINT:
            collect_point(document, world, vocabulary)


def _collect_holders(document: Document, world: World, vocabulary: Vocabulary) -> None:
    for text in document.attached_to:
        holder = parse_principal(text, document.account or world.account)
        if holder.kind in {PrincipalKind.USER, PrincipalKind.ROLE}:
            vocabulary.name(holder.account, holder.kind, holder.name)
        else:
            vocabulary.account(holder.account)


def _collect_who(who: Who, vocabulary: Vocabulary) -> None:
    if who.kind == "everyone":
        vocabulary.account(STRANGER)
    elif who.kind in _KINDS:
        vocabulary.name(who.account, _KINDS[who.kind], who.name, wild=True)
    elif who.kind != "service":
        vocabulary.account(who.account)


def lower(world: World, lowering: Lowering) -> tuple[Union, Union]:
    """What is allowed and what is denied; a deny takes away whatever is allowed."""
    policy = _key_policy(world, lowering)
    identity = _identity_policies(world, lowering)
    own = lowering.people(world.account)
    root = lowering.one(Principal(PrincipalKind.ACCOUNT, world.account))
    here = restrict(WHO, own)
    allowed = (
        *restrict(WHO, root),
        *both(here, policy[Effect.ALLOW]),
        *both(here, identity[Effect.ALLOW]),
        *_foreign(world, lowering, own, policy[Effect.ALLOW], identity[Effect.ALLOW]),
        *access_points(world, lowering),
    )
    return allowed, (*policy[Effect.DENY], *identity[Effect.DENY])


def _foreign(world: World, lowering: Lowering, own: int, policy: Union, identity: Union) -> Union:
    documented = {document.account for document in of_kind(world, DocumentKind.IDENTITY_POLICY)}
    away = lowering.mask(lambda p: p.kind is not PrincipalKind.ACCESS_POINT) & ~own
    free = lowering.mask(lambda p: p.kind is PrincipalKind.ACCOUNT or p.account not in documented) & away
    usable_actions = restrict(WHAT, _foreign_actions(lowering.actions))
    there = both(restrict(WHO, away), policy, usable_actions)
    return (*both(there, restrict(WHO, free)), *both(there, identity))


@lru_cache(maxsize=64)
def _foreign_actions(actions: tuple[str, ...]) -> int:
    return sum(1 << i for i, action in enumerate(actions) if action in ROWS and foreign_may(ROWS[action]))


def _key_policy(world: World, lowering: Lowering) -> dict[Effect, Union]:
    found = {Effect.ALLOW: NOTHING, Effect.DENY: NOTHING}
    if world.resource.kind is not ResourceKind.KEY:
        return found
    for document in of_kind(world, DocumentKind.KEY_POLICY):
        for rule in parse(document).rules:
            resource: Union = EVERYTHING
            if rule.not_resources:
                resource = NOTHING if "*" in rule.resources else flag("rule:alibaba.not-forms", YES)
            found[rule.effect] += both(
                resource,
                _named(rule, world, lowering),
                _policy_actions(lowering.actions, rule.actions, rule.not_actions),
                lowering.tests(rule.tests, world.resource),
            )
    return found


def _named(rule: Rule, world: World, lowering: Lowering) -> Union:
    if not rule.not_who:
        return tuple(part for who in rule.who for part in _is(who, world, lowering))
    # Everybody whom no word takes: the complement of each word in turn.
    union: Union = both(
        flag("rule:alibaba.not-forms", YES),
        restrict(WHO, lowering.mask(lambda p: p.kind is not PrincipalKind.ACCESS_POINT)),
    )
    for who in rule.who:
        union = both(union, _is_not(who, world, lowering))
    return union


def _words_mask(who: Who, lowering: Lowering) -> int:
    """The classes that a word takes without any open rule."""
    if who.kind == "account":
        return lowering.people(who.account)
    if who.kind in _KINDS:
        kind, pattern = _KINDS[who.kind], Pattern(who.name)
        if pattern.plain:
            return lowering.one(Principal(kind, who.account, who.name))
        return lowering.mask(lambda p: p.kind is kind and p.account == who.account and pattern.matches(p.name))
    return 0


def _is(who: Who, world: World, lowering: Lowering) -> Union:
    if who.kind == "everyone":
        everybody = lowering.mask(lambda p: p.kind is not PrincipalKind.ACCESS_POINT)
        return both(restrict(WHO, everybody), flag("rule:alibaba.principal-everyone", YES))
    if who.kind == "group":
        return both(_group(who, world, lowering), flag("rule:alibaba.principal-group", YES))
    return restrict(WHO, _words_mask(who, lowering))


def _is_not(who: Who, world: World, lowering: Lowering) -> Union:
    everybody = lowering.mask(lambda _: True)
    if who.kind == "everyone":
        return flag("rule:alibaba.principal-everyone", NO)
    if who.kind == "group":
        dimension = f"group:{who.account}/{who.name}"
        taken = _group(who, world, lowering)
        if not taken:
            return EVERYTHING
        outside = everybody & ~taken[0][WHO]
        away: Union = flag(dimension, NO) if dimension in taken[0] else NOTHING
        return (*restrict(WHO, outside), *away, *flag("rule:alibaba.principal-group", NO))
    return restrict(WHO, everybody & ~_words_mask(who, lowering))


def _group(who: Who, world: World, lowering: Lowering) -> Union:
    return lowering.members(world, who.account, who.name)


@lru_cache(maxsize=50_000)
def _policy_actions(actions: tuple[str, ...], patterns: tuple[str, ...], negated: bool) -> Union:
    """The actions of a key policy's statement in each reading of the two open rules."""
    parts = []
    for case in (NO, YES):
        for unlisted in (NO, YES):
            mask = 0
            for index, action in enumerate(actions):
                hit = any(_takes(pattern, action, case, unlisted) for pattern in patterns)
                mask |= 1 << index if hit != negated else 0
            parts.append((case, unlisted, mask))
    masks = {mask for *_, mask in parts}
    forms = {"rule:alibaba.not-forms": YES} if negated else {}
    if len(masks) == 1:
        return tuple({WHAT: mask, **forms} for mask in masks if mask)
    by_case = all(parts[2 * i][2] == parts[2 * i + 1][2] for i in (0, 1))
    by_list = all(parts[i][2] == parts[i + 2][2] for i in (0, 1))
    if by_case:
        return tuple({WHAT: m, "rule:alibaba.action-case": c, **forms} for c, u, m in parts if u == NO and m)
    if by_list:
        return tuple({WHAT: m, "rule:alibaba.unlisted-action": u, **forms} for c, u, m in parts if c == NO and m)
    return tuple(
        {WHAT: m, "rule:alibaba.action-case": c, "rule:alibaba.unlisted-action": u, **forms} for c, u, m in parts if m
    )


def _takes(pattern: str, action: str, case: int, unlisted: int) -> bool:
    if not glob(pattern, action, ignore_case=case == YES):
        return False
    return pattern == ALL or listed(action) or unlisted == YES


@lru_cache(maxsize=50_000)
def _ram_actions(actions: tuple[str, ...], patterns: tuple[str, ...], negated: bool) -> int:
    return sum(
        1 << index
        for index, action in enumerate(actions)
        if any(glob(pattern, action, ignore_case=True) for pattern in patterns) != negated
    )


def _identity_policies(world: World, lowering: Lowering) -> dict[Effect, Union]:
    found = {Effect.ALLOW: NOTHING, Effect.DENY: NOTHING}
    for document in of_kind(world, DocumentKind.IDENTITY_POLICY):
        holders = _holders(document, world, lowering)
        for rule in parse(document).rules if holders else ():
            taken = _ram_actions(lowering.actions, rule.actions, rule.not_actions)
            found[rule.effect] += both(
                holders,
                restrict(WHAT, taken),
                _ram_resource(rule, world, lowering),
                lowering.tests(rule.tests, world.resource),
            )
    return found


def _holders(document: Document, world: World, lowering: Lowering) -> Union:
    named = 0
    groups: Union = NOTHING
    account = document.account or world.account
    for text in document.attached_to:
        holder = parse_principal(text, account)
        if holder.kind is PrincipalKind.GROUP:
            groups += lowering.members(world, holder.account, holder.name)
        else:
            named |= lowering.one(holder)
    return (*restrict(WHO, named), *groups)


def _ram_resource(rule: Rule, world: World, lowering: Lowering) -> Union:
    taken = 0
    for index, action in enumerate(lowering.actions):
        name = arn(world.resource, action)
        hit = any(glob(pattern, name) for pattern in rule.resources)
        taken |= 1 << index if hit != rule.not_resources else 0
        if world.resource.kind is ResourceKind.KEY:
            taken = (1 << len(lowering.actions)) - 1 if taken else 0
            break
    union = restrict(WHAT, taken)
    return both(union, flag("rule:alibaba.not-forms", YES)) if rule.not_resources else union
