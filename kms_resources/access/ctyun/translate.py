"""Our access points → CTYun's, and what cannot be said there. Every native name is coined ([I?])."""

from __future__ import annotations

from collections.abc import Sequence

from kms_resources.access.ctyun.actions import ACTIONS
from kms_resources.access.ctyun.parse import ALL, parse
from kms_resources.access.translating import Given, condense, expand
from kms_resources.access.words import (
    AccessPoint,
    ActionClass,
    Document,
    DocumentKind,
    Problem,
    Resource,
    Statement,
)

GIVEN = Given(row for row in ACTIONS if row.kind is not ActionClass.POLICY)


def refusals(statements: Sequence[Statement], resource: Resource) -> tuple[Problem, ...]:
    """Keys have no policy here."""
    what = f"CTYun has no policy on keys of {resource.account or 'the account'}; use an access point"
    return tuple(Problem(statement.sid, what) for statement in statements)


def translate(statements: Sequence[Statement], resource: Resource) -> tuple[Document, ...]:
    """There is nothing to translate to. Ask `refusals` first."""
    del statements, resource
    return ()


def point_refusals(point: AccessPoint) -> tuple[Problem, ...]:
    """What an access point cannot say."""
    problems = []
    if point.addresses:
        problems.append(Problem(f"{point.name}.addresses", "access points of CTYun have a VPC, a subnet and endpoints"))
    known = {row.action for row in GIVEN} | {str(row.kind) for row in GIVEN} | {ALL}
    problems += [
        Problem(f"{point.name}.actions", f"{word!r} is no class and no interface of a key")
        for word in point.actions
        if word not in known
    ]
    problems += [
        Problem(f"{point.name}.resources", f"{text!r}; allowed: key/ID or key/*")
        for text in point.resources
        if not text.startswith("key/") or not text[4:] or ("*" in text and text != "key/*")
    ]
    if point.control and not (point.actions and point.resources):
        problems.append(Problem(point.name, "needs actions and resources, or control: false"))
    return tuple(problems)


def access_point(point: AccessPoint) -> tuple[Document, ...]:
    """The access point with its permissions. Ask `point_refusals` first."""
    body = {
        "name": point.name,
        "vpcId": point.vpc,
        "subnetId": point.subnet,
        "permissionControl": point.control,
        "apis": list(expand(point.actions, GIVEN)),
        "resources": [{"resourceType": "key", "resourceId": text[4:]} for text in point.resources],
        "endpoints": list(point.endpoints),
    }
    return (Document(DocumentKind.ACCESS_POINT, body, point.name),)


def read(document: Document) -> AccessPoint:
    """The access point that says the same."""
    facts = parse(document).facts
    return AccessPoint(
        document.name,
        condense(facts["apis"], GIVEN),
        tuple(f"key/{key}" for key in facts["keys"]),
        vpc=facts["vpc"],
        subnet=facts["subnet"],
        endpoints=facts["endpoints"],
        control=facts["control"],
    )
