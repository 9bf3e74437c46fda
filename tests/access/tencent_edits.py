"""Random edits of sane CAM policies at Tencent Cloud; after some, only the main account can change policies."""

from __future__ import annotations

import random
from typing import Any

from kms_resources.access.words import Document, DocumentKind, Principal, PrincipalKind, Resource, ResourceKind, World

OWN = "100000000001"
KEY = Resource(
    ResourceKind.KEY, OWN, "ap-guangzhou", "11111111-2222-3333-4444-555555555555", OWN, tags={"owner": "payments"}
)
PEOPLE = {
    Principal(PrincipalKind.USER, OWN, "alice"): "100000000011",
    Principal(PrincipalKind.USER, OWN, "bob"): "100000000012",
    Principal(PrincipalKind.USER, OWN, "member", ("1",)): "100000000013",
    Principal(PrincipalKind.USER, OWN, "somebody"): "900000000001",
    Principal(PrincipalKind.ROLE, OWN, "ops"): "4611686018427397919",
    Principal(PrincipalKind.ROLE, OWN, "some-role"): "4611686018427397920",
}
GROUP = "1"
NUMBERS = {"alice": "100000000011", "bob": "100000000012"}
_HOLDERS = ("user/alice", "user/bob", "role/ops", "group/1")
_ACTIONS = (
    "cam:*", "*", "cam:UpdatePolicy", "cam:Attach*", "cam:*Policy", "cam:CreatePolicyVersion", "cam:updatepolicy",
    "cam:Get*", "kms:*", "kms:Decrypt",
)  # fmt: skip
_RESOURCES = (
    "*", "*", "*", "qcs::cam:::*", f"qcs::cam::uin/{OWN}:*", f"qcs::kms:ap-guangzhou:uin/{OWN}:key/*",
    f"qcs::cam::uin/{OWN}:policyid/7", "qcs::cam:*::*", "qcs::cam::uin/200000000001:*",
)  # fmt: skip
_BLOCKS = ("10.0.0.0/8", "192.0.2.0/24", "203.0.113.7", "0.0.0.0/0", "2001:db8::/32", "10.1.0.5/16", "::/0")
_INSTANTS = ("2030-01-01T00:00:00Z", "2031-06-01T00:00:00Z")
_CONDITIONS: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = (
    (("ip_equal", "ip_not_equal", "ip_equal_if_exist"), "qcs:ip", _BLOCKS),
    (("date_less_than", "date_greater_than_equal"), "qcs:current_time", _INSTANTS),
)
"""Not date_equal and its like: no request of the emulator, whose clock runs, comes at an instant exactly."""


def conditions(dice: random.Random) -> dict[str, Any]:
    """One or two conditions."""
    made: dict[str, Any] = {}
    for operators, key, values in dice.sample(_CONDITIONS, dice.choice((1, 1, 2))):
        several = dice.random() < 0.3
        made[dice.choice(operators)] = {key: dice.sample(values, 2) if several else dice.choice(values)}
    return made


Policy = tuple[dict[str, Any], tuple[str, ...]]
"""A statement, and who has it."""


def statement(effect: str, actions: list[str], resource: str = "*", **condition: Any) -> dict[str, Any]:
    """A statement of a CAM policy."""
    made: dict[str, Any] = {"effect": effect, "action": actions, "resource": resource}
    return made | ({"condition": condition} if condition else {})


def sane() -> list[Policy]:
    """Administration with a role, policies with one user, use with others."""
    return [
        (statement("allow", ["cam:*", "kms:*"]), ("role/ops",)),
        (statement("allow", ["cam:UpdatePolicy", "cam:CreatePolicyVersion"]), ("user/alice",)),
        (statement("allow", ["kms:Encrypt", "kms:Decrypt"]), ("user/bob", "group/1")),
    ]


def edited(dice: random.Random) -> World:
    """The sane policies after a few edits."""
    policies = sane()
    for _ in range(dice.choice((1, 2, 3, 4))):
        _edit(policies, dice)
    return world(policies)


def _edit(policies: list[Policy], dice: random.Random) -> None:
    place = dice.randrange(len(policies))
    chosen, holders = policies[place]
    turn = dice.randrange(8)
    some = tuple(dice.sample(_HOLDERS, dice.choice((1, 2))))
    if turn == 0 and len(policies) > 1:
        policies.pop(place)
    elif turn == 1:
        policies[place] = ({**chosen, "action": dice.sample(_ACTIONS[4:], 2)}, holders)
    elif turn == 2:
        policies[place] = ({**chosen, "condition": conditions(dice)}, holders)
    elif turn == 3:
        policies[place] = (chosen, some)
    elif turn == 4:
        policies[place] = ({**chosen, "resource": dice.choice(_RESOURCES)}, holders)
    else:
        effect = "allow" if turn == 5 else "deny"
        made = statement(effect, dice.sample(_ACTIONS[:7], dice.choice((1, 2))), dice.choice(_RESOURCES[:5]))
        policies.append((made | ({"condition": conditions(dice)} if dice.random() < 0.5 else {}), some))


def world(policies: list[Policy]) -> World:
    """The key while these policies are attached."""
    documents = tuple(
        Document(DocumentKind.IDENTITY_POLICY, {"version": "2.0", "statement": [one]}, f"p{number}", holders)
        for number, (one, holders) in enumerate(policies)
    )
    return World("tencent", OWN, KEY, documents, {}, NUMBERS)
