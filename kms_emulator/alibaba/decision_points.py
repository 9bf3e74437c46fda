"""Whether an access point lets a call at an instance through: a pure function of policies, rules and the call.

from kms_emulator.alibaba.decision_points import Grant, PointCall, decide_at_point
grant = Grant("kst-…", (KEY_USER,), ("key/*",), network_rules=("office",))
call = PointCall("kst-…", (Need(KEY_USER, "key/key-hzz…"),), address="10.0.0.7")
allowed, why = decide_at_point([grant], {"office": ("10.0.0.0/8",)}, call)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from kms_emulator.alibaba.decision_conditions import within
from kms_emulator.alibaba.readings import Rules

KEY_USER = "RbacPermission/Template/CryptoServiceKeyUser"  # [S1]
SECRET_USER = "RbacPermission/Template/CryptoServiceSecretUser"  # noqa: S105 - the name of a permission [S1]
SHARED = "shared"
"""The scope of a policy that is for the shared gateway."""


class PointWhy(StrEnum):
    """The rule that decided, as a sentence."""

    PERMITTED = "the policies of the access point permit it"
    OTHER_INSTANCE = "no policy of the access point is for this instance"
    OUTSIDE_NETWORK = "the caller's address is outside the network rules"
    NOT_PERMITTED = "no policy of the access point permits this on this resource"


class PointDecision(NamedTuple):
    """The outcome, and the rule that brought it about."""

    allowed: bool
    why: PointWhy


class Need(NamedTuple):
    """A permission that a call needs, and the resource: ``key/<id>``, ``secret/<name>``, or empty for none."""

    permission: str
    resource: str


@dataclass(frozen=True)
class Grant:
    """A permission policy. An empty instance is every instance."""

    instance: str
    permissions: tuple[str, ...]
    resources: tuple[str, ...]
    network_rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class PointCall:
    """What is known of a call."""

    instance: str
    needs: tuple[Need, ...]
    address: str = ""


def decide_at_point(
    grants: Sequence[Grant], networks: Mapping[str, Sequence[str]], call: PointCall, rules: Rules | None = None
) -> PointDecision:
    """Whether the policies of one access point, taken together, permit all that the call needs.

    ``networks`` has the addresses of the network rules that exist, by name.
    """
    reading = rules or Rules()
    here = [grant for grant in grants if grant.instance in ("", call.instance)]
    if not here:
        return PointDecision(False, PointWhy.OTHER_INSTANCE)
    reached = [grant for grant in here if _is_open(grant, networks, call.address, reading)]
    if not reached:
        return PointDecision(False, PointWhy.OUTSIDE_NETWORK)
    if all(any(_permits(grant, need) for grant in reached) for need in call.needs):
        return PointDecision(True, PointWhy.PERMITTED)
    return PointDecision(False, PointWhy.NOT_PERMITTED)


def _is_open(grant: Grant, networks: Mapping[str, Sequence[str]], address: str, rules: Rules) -> bool:
    return not grant.network_rules or any(
        _rule_fits(networks.get(name), address, rules) for name in grant.network_rules
    )


def _rule_fits(addresses: Sequence[str] | None, address: str, rules: Rules) -> bool:
    if addresses is None:
        return rules.missing_rule == "open"
    if not addresses:
        return rules.empty_rule == "open"
    return any(within(entry, address, rules) for entry in addresses)


def _permits(grant: Grant, need: Need) -> bool:
    return need.permission in grant.permissions and (not need.resource or _is_named(grant.resources, need.resource))


def _is_named(resources: Iterable[str], resource: str) -> bool:
    return any(resource.startswith(entry[:-1]) if entry.endswith("*") else entry == resource for entry in resources)
