"""CTYun's access points, put together from the answers of their calls, → facts and problems.

The document: `{"name", "vpcId", "subnetId", "permissionControl", "apis": [...], "resources": [{"resourceType",
"resourceId"}], "endpoints": [...], "credentials": [{"accessKey", "status"}]}`. Every name is coined ([I?], §8.7).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from kms_resources.access.ctyun.actions import ACTIONS
from kms_resources.access.rules import Parsed, load, parsed_once, several, texts
from kms_resources.access.words import Document, DocumentKind, Problem

MEMBERS = frozenset(
    {
        "name",
        "accessPointId",
        "description",
        "vpcId",
        "subnetId",
        "permissionControl",
        "apis",
        "resources",
        "endpoints",
        "credentials",
    }
)
ALL = "*"
ENABLED, DISABLED = "Enabled", "Disabled"
_NAMES = {row.action for row in ACTIONS}


def parse(document: Document) -> Parsed:
    """Read a document. Equal texts are read once."""
    return parsed_once(document, _parse)


@lru_cache(maxsize=20_000)
def _parse(kind: DocumentKind, text: str) -> Parsed:
    if kind is not DocumentKind.ACCESS_POINT:
        return Parsed((), (Problem("", f"CTYun has no {kind}; allowed: access point"),))
    body = load(text)
    problems = [Problem(name, "is not a member of an access point") for name in sorted(set(body) - MEMBERS)]
    control = body.get("permissionControl", True)
    if not isinstance(control, bool):
        problems.append(Problem("permissionControl", "must be true or false"))
    facts: dict[str, Any] = {
        "control": control,
        "vpc": body.get("vpcId") or "",
        "subnet": body.get("subnetId") or "",
        "apis": _texts(body, "apis", problems),
        "endpoints": _texts(body, "endpoints", problems),
        "keys": _keys(body.get("resources", []), problems),
        "credentials": _usable_credential(body.get("credentials"), problems),
    }
    for index, name in enumerate(facts["apis"]):
        if name != ALL and name not in _NAMES:
            problems.append(Problem(f"apis[{index}]", f"{name!r} names no known interface", fatal=False))
    return Parsed((), tuple(problems), facts)


def _texts(body: Mapping[str, Any], name: str, problems: list[Problem]) -> tuple[str, ...]:
    values = texts(body.get(name, []))
    if values is None:
        problems.append(Problem(name, "must be a list of texts"))
    return several(values or [])


def _keys(raw: Any, problems: list[Problem]) -> tuple[str, ...]:
    keys = []
    for index, each in enumerate(raw if isinstance(raw, list) else [raw]):
        kind = each.get("resourceType") if isinstance(each, Mapping) else None
        name = each.get("resourceId") if isinstance(each, Mapping) else None
        if not isinstance(kind, str) or not isinstance(name, str) or not name:
            problems.append(Problem(f"resources[{index}]", "must be an object of resourceType and resourceId"))
        elif kind == "key":
            keys.append(name)
    return several(keys)


def _usable_credential(raw: Any, problems: list[Problem]) -> bool:
    """Whether somebody can come in; without a list, credentials are somebody else's business and may exist."""
    if raw is None:
        return True
    usable = False
    for index, each in enumerate(raw if isinstance(raw, list) else [raw]):
        status = each.get("status", ENABLED) if isinstance(each, Mapping) else None
        if status not in {ENABLED, DISABLED}:
            problems.append(Problem(f"credentials[{index}].status", f"must be {ENABLED} or {DISABLED}"))
        usable = usable or status == ENABLED
    return usable
