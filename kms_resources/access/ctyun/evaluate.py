"""The slow, obvious answer to one request at CTYun: access points, as `ctyun.actions.DECISIONS` takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kms_resources.access.ctyun.actions import ACTIONS
from kms_resources.access.ctyun.parse import ALL, parse
from kms_resources.access.readings import Decision, Reading, over_all_readings
from kms_resources.access.rules import of_kind, usable
from kms_resources.access.words import (
    ActionClass,
    ActionRow,
    DocumentKind,
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
    row = ROWS.get(request.action)
    if row and row.on_key != (world.resource.kind is ResourceKind.KEY):
        return Decision(False, f"{request.action} is not asked on a {world.resource.kind}")
    principal = request.principal
    if principal.account != world.account:
        return Decision(False, "other accounts have no access")
    if principal.kind is PrincipalKind.ACCOUNT:
        return Decision(True, "the account itself has everything")
    if principal.kind is not PrincipalKind.ACCESS_POINT:
        allowed = reading.holds("ctyun.iam")
        return Decision(allowed, "CTYun's IAM is not described")
    return _by_access_point(world, request, row, reading)


def _by_access_point(world: World, request: Request, row: ActionRow | None, reading: Reading) -> Decision:
    if row and row.kind is ActionClass.POLICY:
        return Decision(False, "an access point never changes who may")
    for document in of_kind(world, DocumentKind.ACCESS_POINT):
        facts = usable(parse(document), document).facts
        named = document.name == request.principal.name
        if named and _permits(facts, world, request) and _lets_in(facts, request, reading):
            return Decision(True, f"allowed by access point {document.name}", (document.name,))
    return Decision(False, "no access point allows it")


def _lets_in(facts: Mapping[str, Any], request: Request, reading: Reading) -> bool:
    for name in ("vpc", "subnet"):
        if facts[name] and request.attributes.get(name) != facts[name]:
            return False
    if not facts["credentials"]:
        return False
    if not facts["endpoints"]:
        return reading.holds("ctyun.empty-whitelist")
    if request.attributes.get("endpoint") in facts["endpoints"]:
        return True
    return not facts["control"] and not reading.holds("ctyun.whitelist-without-control")


def _permits(facts: Mapping[str, Any], world: World, request: Request) -> bool:
    if not facts["control"]:
        return True
    if ALL not in facts["apis"] and request.action not in facts["apis"]:
        return False
    return world.resource.kind is ResourceKind.CONTAINER or bool({ALL, world.resource.id} & set(facts["keys"]))
