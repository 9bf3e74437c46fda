"""What policies and access points of Alibaba Cloud can say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from ipaddress import ip_network
from types import MappingProxyType

from kms_resources.access.words import AccessPoint, Problem
from kms_resources.clouds.alibaba.access_points import PERMISSIONS

_ONLY_CTYUN = "only CTYun's access points have it"


class AlibabaPointRules:
    """`PointRules` of Alibaba Cloud."""

    most_name = 63
    """[I] No length is published."""
    most_resources = 30
    """Of one permission policy: the template reference of ROS."""
    useless: Mapping[str, str] = MappingProxyType(
        {
            "network.vpc": "the instance says which VPCs reach it",
            "network.subnet": "the instance says which VPCs reach it",
            "network.endpoints": _ONLY_CTYUN,
            "control": _ONLY_CTYUN,
        }
    )
    needed: Mapping[str, str] = MappingProxyType({})

    def draft(self, point: AccessPoint) -> tuple[AccessPoint, tuple[Problem, ...]]:
        """Our two words, and addresses in the cloud's only form."""
        problems = []
        for place, action in enumerate(point.actions):
            if action not in PERMISSIONS:
                near = get_close_matches(action, PERMISSIONS, 1)
                hint = f'; did you mean "{near[0]}"?' if near else ""
                what = f"an access point here has no {action!r}{hint}; allowed: {', '.join(PERMISSIONS)}"
                problems.append(Problem(f"actions[{place}]", what))
        for place, address in enumerate(point.addresses):
            if why := _not_private(address):
                what = f"{address} {why}; allowed: IPv4 addresses or blocks such as 10.0.0.0/8"
                problems.append(Problem(f"network.allow[{place}]", what))
        # The order of a table, not of a file: what means the same is sent the same.
        actions = tuple(word for word in PERMISSIONS if word in point.actions)
        return replace(point, actions=actions), tuple(problems)

    def fixed(self, before: AccessPoint, after: AccessPoint) -> tuple[str, ...]:
        """A permission policy is made for one instance."""
        if before.instance == after.instance:
            return ()
        return (
            f"target.instance is {before.instance or 'not set'}, fixed since the access point was made; "
            f"{after.instance or 'nothing'} needs another one",
        )


def _not_private(address: str) -> str:
    try:
        network = ip_network(address, strict=False)
    except ValueError:
        return "is no address"
    return "is IPv6, and network rules take IPv4" if network.version != 4 else ""  # noqa: PLR2004


POINTS = AlibabaPointRules()
