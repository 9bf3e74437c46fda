"""Random edits of a sane key policy at Alibaba Cloud, as merge requests make them; some lock everybody out."""

from __future__ import annotations

import random
from typing import Any

from kms_resources.access.words import Document, DocumentKind, Principal, PrincipalKind, Resource, ResourceKind, World

OWN, AWAY = "1000000000000001", "2000000000000002"
TAGS = {"owner": "payments"}
KEY = Resource(ResourceKind.KEY, OWN, "cn-hangzhou", "key-hzz0001", instance="kst-hzz62ee817bvyyr5x", tags=TAGS)


def _user(name: str, account: str = OWN) -> Principal:
    return Principal(PrincipalKind.USER, account, name)


PEOPLE = (
    *(_user(name) for name in ("alice", "adam", "bob", "zoe")),
    Principal(PrincipalKind.USER, OWN, "member", ("dev",)),
    *(Principal(PrincipalKind.ROLE, OWN, name) for name in ("ops", "ci", "other")),
    _user("eve", AWAY),
    Principal(PrincipalKind.ROLE, AWAY, "app"),
)
ROOTS = tuple(Principal(PrincipalKind.ACCOUNT, account) for account in (OWN, AWAY))
_HEAD = f"acs:ram::{OWN}:"
_WHO = (
    f"{_HEAD}*", f"{_HEAD}root", f"{_HEAD}user/alice", f"{_HEAD}user/bob", f"{_HEAD}user/a*", f"{_HEAD}user/*",
    f"{_HEAD}role/ops", f"{_HEAD}role/ci", f"{_HEAD}role/*", f"acs:ram::{AWAY}:*", f"acs:ram::{AWAY}:user/eve",
)  # fmt: skip
_ACTIONS = (
    "kms:*", "kms:SetKeyPolicy", "kms:Set*", "kms:*Policy", "kms:setkeypolicy", "kms:Get*", "kms:Decrypt",
    "kms:EnableKey", "kms:S?tKeyPolicy",
)  # fmt: skip
_BLOCKS = ("10.0.0.0/8", "192.0.2.0/24", "203.0.113.7", "0.0.0.0/0", "2001:db8::/32", "10.1.0.5/16", "::/0")
_INSTANTS = ("2030-01-01T00:00:00Z", "2031-06-01T08:00:00+08:00")
_CONDITIONS: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = (
    (("IpAddress", "IpAddress", "NotIpAddress"), "acs:SourceIp", _BLOCKS),
    (("IpAddress",), "acs:VpcSourceIp", _BLOCKS),
    (("StringEquals", "StringNotEquals"), "acs:SourceVpc", ("vpc-a", "vpc-b")),
    (("StringLike",), "acs:SourceVpc", ("vpc-*", "*")),
    (("DateLessThan", "DateGreaterThanEquals", "DateNotEquals"), "acs:CurrentTime", _INSTANTS),
    (("Bool",), "acs:SecureTransport", ("true", "false")),
    (("Bool",), "acs:MFAPresent", ("true", "false")),
    (("StringEquals", "StringNotEquals"), "kms:tag/owner", ("payments", "nobody")),
    (("StringEquals", "StringNotEquals"), "kms:tag/stage", ("prod",)),
)


def statement(effect: str, who: list[str], actions: list[str], **condition: Any) -> dict[str, Any]:
    """A statement of a key policy."""
    made = {"Effect": effect, "Principal": {"RAM": who}, "Action": actions, "Resource": ["*"]}
    return {**made, "Condition": condition} if condition else made


def sane() -> list[dict[str, Any]]:
    """Administration with one role, use with others, the account itself as a way back."""
    return [
        statement("Allow", [f"{_HEAD}role/ops"], ["kms:*"]),
        statement("Allow", [f"{_HEAD}role/ci"], ["kms:SetKeyPolicy", "kms:Get*", "kms:Enable*"]),
        statement("Allow", [f"{_HEAD}user/alice", f"{_HEAD}user/bob"], ["kms:Encrypt", "kms:Decrypt"]),
    ]


def conditions(dice: random.Random) -> dict[str, Any]:
    """One or two conditions."""
    made: dict[str, dict[str, Any]] = {}
    for _ in range(dice.choice((1, 1, 1, 2))):
        operators, key, values = dice.choice(_CONDITIONS)
        several = key in {"acs:SourceIp", "acs:VpcSourceIp"} and dice.random() < 0.3
        made.setdefault(dice.choice(operators), {})[key] = dice.sample(values, 2) if several else dice.choice(values)
    return made


def edited(dice: random.Random) -> World:
    """The sane policy after a few edits, sometimes beside RAM policies."""
    statements = sane()
    for _ in range(dice.choice((1, 2, 2, 3, 4))):
        _edit(statements, dice)
    return world(statements, _ram(dice))


def _edit(statements: list[dict[str, Any]], dice: random.Random) -> None:
    chosen = dice.choice(statements)
    turn = dice.randrange(8)
    if turn == 0 and len(statements) > 1:
        statements.remove(chosen)
    elif turn == 1:
        chosen["Action"] = dice.sample(_ACTIONS[4:], 2)
    elif turn == 2:
        chosen["Condition"] = conditions(dice)
    elif turn == 3:
        chosen["Principal"] = {"RAM": dice.sample(_WHO, dice.choice((1, 1, 2)))}
    elif turn == 4:
        who, actions = dice.sample(_WHO, dice.choice((1, 2))), dice.sample(_ACTIONS, dice.choice((1, 2)))
        statements.append(statement("Allow", who, actions, **(conditions(dice) if dice.random() < 0.4 else {})))
    else:
        who = [f"{_HEAD}*"] if dice.random() < 0.5 else dice.sample(_WHO, 1)
        actions = dice.sample(_ACTIONS[:5], 1)
        statements.append(statement("Deny", who, actions, **(conditions(dice) if dice.random() < 0.6 else {})))


def _ram(dice: random.Random) -> tuple[Document, ...]:
    if dice.random() < 0.7:
        return ()
    effect = dice.choice(("Allow", "Allow", "Deny"))
    body: dict[str, Any] = {"Effect": effect, "Action": dice.choice(_ACTIONS), "Resource": "*"}
    if dice.random() < 0.4:
        body |= {"Condition": conditions(dice)}
    holders = tuple(dice.sample(("user/zoe", "role/other", "role/ops", "group/dev"), dice.choice((1, 2))))
    return (Document(DocumentKind.IDENTITY_POLICY, {"Version": "1", "Statement": [body]}, "ram", holders),)


def world(statements: list[dict[str, Any]], more: tuple[Document, ...] = ()) -> World:
    """The key with this policy."""
    policy = Document(DocumentKind.KEY_POLICY, {"Version": "1", "Statement": statements})
    return World("alibaba", OWN, KEY, (policy, *more))
