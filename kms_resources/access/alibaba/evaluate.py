"""The slow, obvious answer to one request at Alibaba Cloud, rule by rule as the vendor states them.

1. An explicit deny in the key policy or in RAM is final (R1, R4, K1).
2. Owner account: an allow in the key policy *or* in RAM is enough; the account itself has everything (K1, K5).
3. Another account: the key policy *and* RAM there must allow, and only use can be given (K1).
   Without documents of that account its side counts as given: it is in the hands of that account.
4. A client key is judged by its access point alone: permission policy and network rule (fact sheet §9).
"""

from __future__ import annotations

from kms_resources.access.alibaba.actions import ACTIONS, ALL, KEY_USER, foreign_may, listed
from kms_resources.access.alibaba.names import address_test, arn, documents_named, policies_of
from kms_resources.access.alibaba.parse import parse
from kms_resources.access.conditions import Test, holds
from kms_resources.access.patterns import glob
from kms_resources.access.principals import holders_of
from kms_resources.access.readings import Decision, Reading, over_all_readings
from kms_resources.access.rules import Rule, Who, of_kind, usable
from kms_resources.access.words import (
    ActionRow,
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

ROWS = {row.action: row for row in ACTIONS}


def evaluate(world: World, request: Request) -> Verdict:
    """Whether the world allows the request."""
    return over_all_readings(lambda reading: decide(world, request, reading))


def decide(world: World, request: Request, reading: Reading) -> Decision:
    """The answer under one reading of the open rules."""
    row = ROWS.get(request.action) or ActionRow(request.action, kind=ROWS["kms:EnableKey"].kind)
    if row.action in ROWS and row.on_key != (world.resource.kind is ResourceKind.KEY):
        return Decision(False, f"{row.action} is not asked on a {world.resource.kind}")
    if request.principal.kind is PrincipalKind.ACCESS_POINT:
        return _by_access_point(world, request, row, reading)
    policy = _key_policy(world, request, row, reading)
    identity = _identity_policies(world, request, reading)
    denied = policy[Effect.DENY] + identity[Effect.DENY]
    if denied:
        return Decision(False, "an explicit deny is final", denied)
    if request.principal.account == world.account:
        return _in_owner_account(request.principal, policy[Effect.ALLOW], identity[Effect.ALLOW])
    return _in_other_account(world, request.principal, row, policy[Effect.ALLOW], identity[Effect.ALLOW])


def _in_owner_account(principal: Principal, policy: tuple[str, ...], identity: tuple[str, ...]) -> Decision:
    if principal.kind is PrincipalKind.ACCOUNT:
        return Decision(True, "the account itself has everything")
    if policy or identity:
        return Decision(True, f"allowed by {'the key policy' if policy else 'RAM'}", policy + identity)
    return Decision(False, "neither the key policy nor RAM allows it")


def _in_other_account(
    world: World, principal: Principal, row: ActionRow, policy: tuple[str, ...], identity: tuple[str, ...]
) -> Decision:
    if not foreign_may(row):
        return Decision(False, "principals of another account can only use a key")
    if not policy:
        return Decision(False, "the key policy does not allow it, which another account needs")
    if principal.kind is PrincipalKind.ACCOUNT or identity:
        return Decision(True, "allowed by the key policy and by the other account", policy + identity)
    if not any(document.account == principal.account for document in of_kind(world, _IDENTITY)):
        return Decision(True, "allowed by the key policy; the other account can allow it to itself", policy)
    return Decision(False, "the other account's RAM does not allow it")


_IDENTITY = DocumentKind.IDENTITY_POLICY
_Found = dict[Effect, tuple[str, ...]]


def _key_policy(world: World, request: Request, row: ActionRow, reading: Reading) -> _Found:
    found: _Found = {Effect.ALLOW: (), Effect.DENY: ()}
    if world.resource.kind is not ResourceKind.KEY:
        return found
    for document in of_kind(world, DocumentKind.KEY_POLICY):
        for rule in usable(parse(document), document).rules:
            if (
                _named(rule, world, request.principal, reading)
                and _takes_action(rule, row.action, reading)
                and (not rule.not_resources or (reading.holds("alibaba.not-forms") and "*" not in rule.resources))
                and _all_hold(rule.tests, world, request, reading)
            ):
                found[rule.effect] += (f"key policy/{rule.sid}",)
    return found


def _named(rule: Rule, world: World, principal: Principal, reading: Reading) -> bool:
    if rule.not_who:
        return reading.holds("alibaba.not-forms") and not any(_is(who, world, principal, reading) for who in rule.who)
    return any(_is(who, world, principal, reading) for who in rule.who)


def _is(who: Who, world: World, principal: Principal, reading: Reading) -> bool:
    if who.kind == "everyone":
        return reading.holds("alibaba.principal-everyone")
    if who.account != principal.account:
        return False
    if who.kind == "account":
        return True
    if who.kind == "group":
        return who.name in _groups(world, principal) and reading.holds("alibaba.principal-group")
    return who.kind == principal.kind and glob(who.name, principal.name)


def _groups(world: World, principal: Principal) -> set[str]:
    """Groups of a user: what the world knows, and for other groups what the request says."""
    if principal.kind is not PrincipalKind.USER:
        return set()
    if principal.account != world.account:
        return set(principal.groups)
    known = {group for group, members in world.groups.items() if principal.name in members}
    return known | {group for group in principal.groups if group not in world.groups}


def _takes_action(rule: Rule, action: str, reading: Reading) -> bool:
    hit = any(_action(pattern, action, reading) for pattern in rule.actions)
    return hit if not rule.not_actions else reading.holds("alibaba.not-forms") and not hit


def _action(pattern: str, action: str, reading: Reading) -> bool:
    if not glob(pattern, action, ignore_case=True):
        return False
    if not glob(pattern, action) and not reading.holds("alibaba.action-case"):
        return False
    return pattern == ALL or listed(action) or reading.holds("alibaba.unlisted-action")


def _identity_policies(world: World, request: Request, reading: Reading) -> _Found:
    found: _Found = {Effect.ALLOW: (), Effect.DENY: ()}
    for document in of_kind(world, _IDENTITY):
        if not _attached(document, world, request.principal):
            continue
        for rule in usable(parse(document), document).rules:
            hit = any(glob(pattern, request.action, ignore_case=True) for pattern in rule.actions)
            if (
                hit != rule.not_actions
                and _takes_resource(rule, arn(world.resource, request.action), reading)
                and _all_hold(rule.tests, world, request, reading)
            ):
                found[rule.effect] += (f"{document.name or 'RAM policy'}/{rule.sid}",)
    return found


def _attached(document: Document, world: World, principal: Principal) -> bool:
    account = document.account or world.account
    holders = holders_of(document.attached_to, account)
    if principal.plain in holders:
        return True
    groups = {holder.name for holder in holders if holder.kind is PrincipalKind.GROUP}
    return principal.account == account and bool(groups & _groups(world, principal))


def _takes_resource(rule: Rule, name: str, reading: Reading) -> bool:
    hit = any(glob(pattern, name) for pattern in rule.resources)
    return hit if not rule.not_resources else reading.holds("alibaba.not-forms") and not hit


def _all_hold(tests: tuple[Test, ...], world: World, request: Request, reading: Reading) -> bool:
    return all(holds(test, value_of(world, request, test.attribute), reading) for test in tests)


def value_of(world: World, request: Request, attribute: str) -> str | None:
    """The value of an attribute: tags come from the resource, where it knows them."""
    if attribute.startswith("tag/") and world.resource.tags is not None:
        return world.resource.tags.get(attribute[4:])
    return request.attributes.get(attribute)


def _by_access_point(world: World, request: Request, row: ActionRow, reading: Reading) -> Decision:
    if request.principal.account != world.account or world.resource.kind is not ResourceKind.KEY:
        return Decision(False, "access points reach keys of their own account only")
    if not row.kind.is_use or row.action not in ROWS:
        return Decision(False, "client keys make cryptographic calls only")
    for document in documents_named(world, DocumentKind.ACCESS_POINT, request.principal.name):
        for policy, facts in policies_of(world, document):
            if (
                KEY_USER in facts["Permissions"]
                and facts["KmsInstance"] in {"", world.resource.instance}
                and any(glob(pattern, f"key/{world.resource.id}") for pattern in facts["Resources"])
                and _from_allowed_address(world, facts["NetworkRules"], request, reading)
            ):
                return Decision(True, f"allowed by permission policy {policy.name}", (policy.name,))
    return Decision(False, "no permission policy of the access point allows it")


def _from_allowed_address(world: World, names: tuple[str, ...], request: Request, reading: Reading) -> bool:
    if not names:
        return True
    test, missing = address_test(world, names)
    if test and holds(test, request.attributes.get("private_ip"), reading):
        return True
    return missing and reading.holds("alibaba.missing-rule")
