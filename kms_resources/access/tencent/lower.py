"""Tencent Cloud's worlds as unions of parts, for the comparison: the rules of `evaluate`, for all requests at once."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

from kms_resources.access.conditions import Operator, Test
from kms_resources.access.lowering import (
    EVERYTHING,
    FRESH,
    NO,
    NOTHING,
    WHAT,
    WHO,
    YES,
    Lowering,
    Union,
    Vocabulary,
    both,
    fixed,
    flag,
    restrict,
)
from kms_resources.access.readings import Reading, UnansweredError
from kms_resources.access.rules import Rule, of_kind, usable
from kms_resources.access.tencent import tags
from kms_resources.access.tencent.actions import WITHOUT_ADDRESS
from kms_resources.access.tencent.match import action_fits, takes_resource
from kms_resources.access.tencent.parse import parse
from kms_resources.access.tencent.variables import for_principal
from kms_resources.access.words import (
    Document,
    DocumentKind,
    Effect,
    Principal,
    PrincipalKind,
    Resource,
    World,
    parse_principal,
)

FRESH_NUMBER = "900000000001"
"""The uin of somebody whom no document names."""


def collect(world: World, vocabulary: Vocabulary) -> None:
    """Names of a world."""
    vocabulary.account(world.account)
    vocabulary.numbers.update({FRESH[PrincipalKind.USER]: FRESH_NUMBER, **world.numbers})
    for members in world.groups.values():
        for member in members:
            vocabulary.name(world.account, PrincipalKind.USER, member)
    for document in of_kind(world, DocumentKind.IDENTITY_POLICY):
        for text in document.attached_to:
            holder = parse_principal(text, world.account)
            if holder.kind in {PrincipalKind.USER, PrincipalKind.ROLE}:
                vocabulary.name(holder.account, holder.kind, holder.name)
        for rule in usable(parse(document), document).rules:
            if rule.varies and world.resource.creator not in {"", world.account}:
                vocabulary.name(world.account, PrincipalKind.USER, world.resource.creator)


def collect_tests(world: World, vocabulary: Vocabulary, principals: tuple[Principal, ...]) -> None:
    """Tests of a world; with variables they differ between principals."""
    for document in of_kind(world, DocumentKind.IDENTITY_POLICY):
        for rule in parse(document).rules:
            for read in {for_principal(rule, world, principal) for principal in principals}:
                for test in read.tests:
                    for one in tags.alternatives(test) if test.operator is Operator.TAGGED else (test,):
                        vocabulary.test(one, world.resource)


def lower(world: World, lowering: Lowering) -> tuple[Union, Union]:
    """What is allowed and what is denied; a deny takes away whatever is allowed."""
    found = {Effect.ALLOW: NOTHING, Effect.DENY: NOTHING}
    for document in of_kind(world, DocumentKind.IDENTITY_POLICY):
        holders = _holders(document, world, lowering)
        for rule in parse(document).rules if holders else ():
            if rule.varies:
                for principal in lowering.principals:
                    read = for_principal(rule, world, principal)
                    mine = both(restrict(WHO, lowering.one(principal)), holders)
                    found[rule.effect] += _rule(read, mine, world, lowering)
            else:
                found[rule.effect] += _rule(rule, holders, world, lowering)
    root = lowering.one(Principal(PrincipalKind.ACCOUNT, world.account))
    return (*restrict(WHO, root), *found[Effect.ALLOW]), found[Effect.DENY]


def _rule(rule: Rule, holders: Union, world: World, lowering: Lowering) -> Union:
    if not holders:
        return NOTHING
    return both(
        holders,
        _actions(lowering.actions, rule.actions),
        _resources(lowering.actions, rule.resources, world.resource),
        _tests(rule.tests, world.resource, lowering),
    )


def _holders(document: Document, world: World, lowering: Lowering) -> Union:
    named = 0
    groups: Union = NOTHING
    for text in document.attached_to:
        holder = parse_principal(text, world.account)
        if holder.kind is PrincipalKind.GROUP:
            groups += lowering.members(world, holder.account, holder.name)
        elif holder.kind is not PrincipalKind.ACCOUNT:
            named |= lowering.one(holder)
    return (*restrict(WHO, named), *groups)


@lru_cache(maxsize=50_000)
def _actions(actions: tuple[str, ...], patterns: tuple[str, ...]) -> Union:
    exact = loose = 0
    for index, action in enumerate(actions):
        exact |= 1 << index if any(action_fits(pattern, action) for pattern in patterns) else 0
        loose |= 1 << index if any(action_fits(pattern, action, ignore_case=True) for pattern in patterns) else 0
    if exact == loose:
        return restrict(WHAT, exact)
    case = "rule:tencent.action-case"
    return (*both(restrict(WHAT, exact), flag(case, NO)), *both(restrict(WHAT, loose), flag(case, YES)))


def _resources(actions: tuple[str, ...], texts: tuple[str, ...], resource: Resource) -> Union:
    if "*" in texts:
        return EVERYTHING
    where = (resource.kind, resource.account, resource.region, resource.id, resource.creator)
    return _resources_of(actions, texts, Resource(*where))


_RESOURCES: dict[tuple[object, ...], Union] = {}


def _resources_of(actions: tuple[str, ...], texts: tuple[str, ...], resource: Resource) -> Union:
    """The actions that statements' resources take, in each reading of the open rules they ask about."""
    where = (actions, texts, resource.kind, resource.account, resource.region, resource.id, resource.creator)
    if where not in _RESOURCES:
        services = {action.partition(":")[0]: action for action in actions}
        union: Union = NOTHING
        for service, example in services.items():
            mask = sum(1 << i for i, action in enumerate(actions) if action.startswith(f"{service}:"))
            for text in texts:
                union += both(restrict(WHAT, mask), _readings(text, example, resource))
        _RESOURCES[where] = union
    return _RESOURCES[where]


def _readings(text: str, action: str, resource: Resource) -> Union:
    asked: list[str] = []
    while True:  # find the rules that it may ask about
        try:
            takes_resource(text, action, resource, Reading(dict.fromkeys(asked, True)))
            break
        except UnansweredError as question:
            asked.append(question.rule)
    return tuple(
        {f"rule:{rule}": YES if answer else NO for rule, answer in zip(asked, answers, strict=True)}
        for answers in product((True, False), repeat=len(asked))
        if takes_resource(text, action, resource, Reading(dict(zip(asked, answers, strict=True))))
    )


def _tests(tests: tuple[Test, ...], resource: Resource, lowering: Lowering) -> Union:
    union = EVERYTHING
    for test in tests:
        union = both(union, _test(test, resource, lowering))
    return union


def _test(test: Test, resource: Resource, lowering: Lowering) -> Union:
    if test.operator is Operator.TAGGED:
        union = tuple(part for one in tags.alternatives(test) for part in lowering.test(one, resource))
        return both(union, flag(f"rule:{test.absent_rule}", YES)) if tags.is_open(test, resource) else union
    usual = lowering.test(test, resource)
    without = sum(1 << i for i, action in enumerate(lowering.actions) if action in WITHOUT_ADDRESS)
    if test.attribute != "source_ip" or not without:
        return usual
    others = ((1 << len(lowering.actions)) - 1) & ~without
    return (*both(usual, restrict(WHAT, others)), *both(fixed(test, None), restrict(WHAT, without)))
