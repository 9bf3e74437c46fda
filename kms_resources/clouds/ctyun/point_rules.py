"""What access points of CTYun can be: interfaces by our classes or by their names, a VPC and a subnet for life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from types import MappingProxyType

from kms_resources.access.ctyun.translate import GIVEN
from kms_resources.access.translating import expand
from kms_resources.access.words import AccessPoint, Problem

_INTERFACES = frozenset(row.action for row in GIVEN)
_CLASSES = tuple(dict.fromkeys(str(row.kind) for row in GIVEN))
_FOR_LIFE = "fixed since the access point was made"


class CtyunPointRules:
    """`PointRules` of CTYun."""

    most_name = 63
    """[I?] No length is published."""
    most_resources = 0
    useless: Mapping[str, str] = MappingProxyType(
        {
            "network.allow": "its addresses are those of its subnet",
            "secrets": "the KMS keeps no secrets",
        }
    )
    needed: Mapping[str, str] = MappingProxyType(
        {"network.vpc": "an access point stands in a VPC", "network.subnet": "an access point stands in a subnet"}
    )

    def draft(self, point: AccessPoint) -> tuple[AccessPoint, tuple[Problem, ...]]:
        """Classes as the interfaces that belong to them; names of interfaces as they are."""
        problems = []
        for place, action in enumerate(point.actions):
            if action not in _CLASSES and action not in _INTERFACES:
                near = get_close_matches(action, [*_CLASSES, *sorted(_INTERFACES)], 1)
                hint = f'; did you mean "{near[0]}"?' if near else ""
                what = f"there is no class and no interface {action!r}{hint}; allowed: {', '.join(_CLASSES)}"
                problems.append(Problem(f"actions[{place}]", f"{what}, or names of interfaces"))
        if not point.control and point.actions:
            what = "permission control is off, so every interface is open and the permissions have no effect"
            problems.append(Problem("control", what, fatal=False))
        return replace(point, actions=expand(point.actions, GIVEN)), tuple(problems)

    def fixed(self, before: AccessPoint, after: AccessPoint) -> tuple[str, ...]:
        """No operation changes the network, takes an endpoint away, or switches permission control on."""
        found = [
            f"{name} is {one}, {_FOR_LIFE}; {other or 'nothing'} needs another one"
            for name, one, other in (
                ("target.instance", before.instance, after.instance),
                ("vpc", before.vpc, after.vpc),
                ("subnet", before.subnet, after.subnet),
            )
            if one and one != other
        ]
        if gone := sorted(set(before.endpoints) - set(after.endpoints)):
            found.append(f"no operation takes {', '.join(gone)} off the endpoint whitelist")
        if after.control and not before.control:
            found.append("no operation switches permission control on again")
        return tuple(found)


POINTS = CtyunPointRules()
