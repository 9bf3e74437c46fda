"""Alibaba Cloud's access points as unions of parts, for the comparison."""

from __future__ import annotations

from functools import lru_cache

from kms_resources.access.alibaba.actions import ACTIONS, KEY_USER
from kms_resources.access.alibaba.names import address_test, policies_of
from kms_resources.access.lowering import (
    EVERYTHING,
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
from kms_resources.access.patterns import glob
from kms_resources.access.rules import of_kind
from kms_resources.access.words import Document, DocumentKind, Principal, PrincipalKind, ResourceKind, World

ROWS = {row.action: row for row in ACTIONS}


def collect_point(document: Document, world: World, vocabulary: Vocabulary) -> None:
    """The name of an access point, and the addresses that it asks about."""
    vocabulary.name(world.account, PrincipalKind.ACCESS_POINT, document.name)
    for _, facts in policies_of(world, document):
        addresses, _ = address_test(world, facts["NetworkRules"])
        if addresses:
            vocabulary.test(addresses, world.resource)


@lru_cache(maxsize=64)
def _cryptographic(actions: tuple[str, ...]) -> int:
    return sum(1 << index for index, action in enumerate(actions) if action in ROWS and ROWS[action].kind.is_use)


def access_points(world: World, lowering: Lowering) -> Union:
    """What access points give: cryptographic calls, from the addresses of their network rules."""
    union: Union = NOTHING
    if world.resource.kind is not ResourceKind.KEY:
        return union
    crypto = _cryptographic(lowering.actions)
    for document in of_kind(world, DocumentKind.ACCESS_POINT):
        point = lowering.one(Principal(PrincipalKind.ACCESS_POINT, world.account, document.name))
        for _, facts in policies_of(world, document):
            if (
                KEY_USER in facts["Permissions"]
                and facts["KmsInstance"] in {"", world.resource.instance}
                and any(glob(pattern, f"key/{world.resource.id}") for pattern in facts["Resources"])
            ):
                union += both(
                    restrict(WHO, point), restrict(WHAT, crypto), _addresses(world, facts["NetworkRules"], lowering)
                )
    return union


def _addresses(world: World, names: tuple[str, ...], lowering: Lowering) -> Union:
    if not names:
        return EVERYTHING
    test, missing = address_test(world, names)
    union = lowering.test(test, world.resource) if test else NOTHING
    return (*union, *flag("rule:alibaba.missing-rule", YES)) if missing else union
