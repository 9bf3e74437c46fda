"""The slow, obvious answer to one request at Tencent Cloud, rule by rule as the vendor states them.

1. The main account has everything; other main accounts have nothing, except through a role here (C1, C6).
2. A user has its own policies and those of its groups, a role only its own (C1).
3. Deny beats allow; nothing allows: refused (C1).
4. Policies are changed in CAM, which is a service of its own: `cam:` actions are asked on the whole account.
"""

from __future__ import annotations

from kms_resources.access.conditions import Operator, Test, holds
from kms_resources.access.principals import holders_of
from kms_resources.access.readings import Decision, Reading, over_all_readings
from kms_resources.access.rules import Rule, of_kind, usable
from kms_resources.access.tencent import tags
from kms_resources.access.tencent.actions import ACTIONS, POLICY_ACTIONS, WITHOUT_ADDRESS
from kms_resources.access.tencent.match import takes_action, takes_resource
from kms_resources.access.tencent.parse import parse
from kms_resources.access.tencent.variables import for_principal
from kms_resources.access.words import (
    Document,
    DocumentKind,
    Effect,
    Principal,
    PrincipalKind,
    Request,
    ResourceKind,
    Verdict,
    World,
)

ROWS = {row.action: row for row in (*ACTIONS, *POLICY_ACTIONS)}


def evaluate(world: World, request: Request) -> Verdict:
    """Whether the world allows the request."""
    return over_all_readings(lambda reading: decide(world, request, reading))


def decide(world: World, request: Request, reading: Reading) -> Decision:
    """The answer under one reading of the open rules."""
    row = ROWS.get(request.action)
    if row and row.on_key != (world.resource.kind is ResourceKind.KEY):
        return Decision(False, f"{request.action} is not asked on a {world.resource.kind}")
    if request.principal.account != world.account:
        return Decision(False, "other main accounts have no access; a role here must be assumed")
    if request.principal.kind is PrincipalKind.ACCOUNT:
        return Decision(True, "the main account has everything")
    found: dict[Effect, tuple[str, ...]] = {Effect.ALLOW: (), Effect.DENY: ()}
    for document in of_kind(world, DocumentKind.IDENTITY_POLICY):
        if not _attached(document, world, request.principal):
            continue
        for rule in usable(parse(document), document).rules:
            if _takes(for_principal(rule, world, request.principal), world, request, reading):
                found[rule.effect] += (f"{document.name or 'policy'}/{rule.sid}",)
    if found[Effect.DENY]:
        return Decision(False, "a deny beats every allow", found[Effect.DENY])
    if found[Effect.ALLOW]:
        return Decision(True, "allowed by an attached policy", found[Effect.ALLOW])
    return Decision(False, "no attached policy allows it")


def _takes(rule: Rule, world: World, request: Request, reading: Reading) -> bool:
    return (
        any(takes_action(pattern, request.action, reading) for pattern in rule.actions)
        and any(takes_resource(text, request.action, world.resource, reading) for text in rule.resources)
        and all(_holds(test, world, request, reading) for test in rule.tests)
    )


def _holds(test: Test, world: World, request: Request, reading: Reading) -> bool:
    if test.operator is Operator.TAGGED:
        fits = any(holds(one, value_of(world, request, one.attribute), reading) for one in tags.alternatives(test))
        return fits and (not tags.is_open(test, world.resource) or reading.holds(test.absent_rule))
    return holds(test, value_of(world, request, test.attribute), reading)


def value_of(world: World, request: Request, attribute: str) -> str | None:
    """The value of an attribute: tags come from the resource, where it knows them."""
    if attribute.startswith("tag/") and world.resource.tags is not None:
        return world.resource.tags.get(attribute[4:])
    if attribute == "source_ip" and request.action in WITHOUT_ADDRESS:
        return None
    return request.attributes.get(attribute)


def _attached(document: Document, world: World, principal: Principal) -> bool:
    holders = holders_of(document.attached_to, world.account)
    if principal.plain in holders:
        return True
    groups = {holder.name for holder in holders if holder.kind is PrincipalKind.GROUP}
    return principal.kind is PrincipalKind.USER and bool(groups & _groups(world, principal))


def _groups(world: World, principal: Principal) -> set[str]:
    known = {group for group, members in world.groups.items() if principal.name in members}
    return known | {group for group in principal.groups if group not in world.groups}
