"""Forms that are rare or not documented, and the container: every pair compared, every request put to both worlds."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from kms_resources.access.clouds import CLOUDS, evaluate
from kms_resources.access.compare import compare
from kms_resources.access.words import (
    Document,
    DocumentKind,
    Principal,
    PrincipalKind,
    Request,
    Resource,
    ResourceKind,
    World,
    parse_principal,
)

OWN, AWAY = "1000000000000001", "2000000000000002"
KEY = Resource(ResourceKind.KEY, OWN, "cn-hangzhou", "key-hzz0001", instance="kst-hzz0001")
CONTAINER = Resource(ResourceKind.CONTAINER, OWN, "cn-hangzhou")
BOB = {"RAM": f"acs:ram::{OWN}:user/bob"}
GROUP = {"RAM": f"acs:ram::{OWN}:group/dev"}
ANYBODY = {"RAM": "*"}
ELSEWHERE = {"RAM": "acs:ram::*:root"}
SERVICE = {"Service": "ecs.aliyuncs.com"}
EVERYTHING = {"Effect": "Allow", "Principal": {"RAM": f"acs:ram::{OWN}:*"}, "Action": "kms:*", "Resource": "*"}


def key_policy(*statements: dict[str, Any], groups: dict[str, tuple[str, ...]] | None = None) -> World:
    made = [{"Effect": "Allow", "Action": "kms:*", "Resource": "*", **each} for each in statements]
    made = [{name: value for name, value in each.items() if value is not None} for each in made]
    policy = Document(DocumentKind.KEY_POLICY, {"Version": "1", "Statement": made})
    return World("alibaba", OWN, KEY, (policy,), groups or {})


KEYS = [
    key_policy({"Principal": BOB}),
    key_policy({"Principal": GROUP}),
    key_policy({"Principal": GROUP}, groups={"dev": ("bob", "eve")}),
    key_policy({"Principal": GROUP}, groups={"dev": ()}),
    key_policy({"Principal": ANYBODY}),
    key_policy({"Principal": ELSEWHERE, "Effect": "Deny"}, {"Principal": BOB}),
    key_policy({"Principal": SERVICE}),
    key_policy({"NotPrincipal": BOB}),
    key_policy({"NotPrincipal": GROUP}),
    key_policy({"NotPrincipal": GROUP}, groups={"dev": ("bob",)}),
    key_policy({"NotPrincipal": GROUP}, groups={"dev": ()}),
    key_policy({"NotPrincipal": ANYBODY}),
    key_policy(EVERYTHING, {"NotPrincipal": GROUP, "Effect": "Deny", "Action": "kms:decrypt"}),
    key_policy({"Principal": BOB, "Resource": None, "NotResource": "*"}),
    key_policy({"Principal": BOB, "Resource": None, "NotResource": "x"}),
    key_policy({"Principal": BOB, "Action": ["kms:asymmetric*", "kms:Generate*"]}),
    key_policy({"Principal": BOB, "Action": None, "NotAction": "kms:asymmetric*"}),
]


def ram(statement: dict[str, Any], *holders: str, groups: dict[str, tuple[str, ...]] | None = None) -> World:
    made = {"Effect": "Allow", "Action": "*", "Resource": "*", **statement}
    made = {name: value for name, value in made.items() if value is not None}
    body = {"Version": "1", "Statement": made}
    document = Document(DocumentKind.IDENTITY_POLICY, body, "p", holders)
    return World("alibaba", OWN, CONTAINER, (document,), groups or {})


CONTAINERS = [
    ram({}, "user/bob"),
    ram({"Resource": "acs:kms:*:*:key"}, "user/bob"),
    ram({"Resource": "acs:kms:*:*:secret"}, "user/bob", "role/ops"),
    ram({"Resource": None, "NotResource": "acs:kms:*:*:key"}, "role/ops"),
    ram({"Action": None, "NotAction": "kms:Create*"}, "group/dev"),
    ram({"Action": "kms:create*"}, "group/dev", groups={"dev": ("bob",)}),
    World("alibaba", OWN, CONTAINER, (Document(DocumentKind.ACCESS_POINT, {"Policies": ["p"]}, "billing"),)),
]

QOWN = "100000000001"


def cam(resource: str, action: str, *holders: str) -> World:
    body = {"version": "2.0", "statement": {"effect": "allow", "action": action, "resource": resource}}
    document = Document(DocumentKind.IDENTITY_POLICY, body, "p", holders)
    return World("tencent", QOWN, Resource(ResourceKind.CONTAINER, QOWN, "ap-guangzhou"), (document,))


OPERATIONS = [
    cam("*", "*", "user/bob"),
    cam("*", "cam:*", "role/ops"),
    cam("qcs::kms:::key/*", "*", "user/bob"),
    cam("qcs::kms:::key/creatorUin/1/x", "*", "user/bob"),
    cam("qcs::cam:::*", "cam:Attach*", "group/dev"),
    cam("qcs::kms:gz::*", "kms:createKey", "user/bob"),
]


def point(**more: Any) -> World:
    document = Document(DocumentKind.ACCESS_POINT, {"endpoints": ["ep"], **more}, "billing")
    return World("ctyun", OWN, Resource(ResourceKind.CONTAINER, OWN, "pool"), (document,))


POINTS = [
    point(apis=["listKeys"]),
    point(apis=["*"]),
    point(permissionControl=False),
    point(apis=["listKeys"], endpoints=[]),
]

PAIRS = [
    pytest.param(before, after, id=f"{name} {one} {other}")
    for name, worlds in (("key", KEYS), ("container", CONTAINERS), ("cam", OPERATIONS), ("point", POINTS))
    for (one, before), (other, after) in itertools.permutations(enumerate(worlds), 2)
]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_every_request_that_changes_is_reported(before: World, after: World) -> None:
    result = compare(before, after)
    names = ["account", "user/bob", "user/zoe", "role/ops", "role/x", "access_point/billing", f"{AWAY}:user/eve"]
    asked = [parse_principal(name, before.account) for name in names]
    asked += [Principal(PrincipalKind.USER, before.account, name, ("dev",)) for name in ("bob", "zoe")]
    gained = {(r.principal.account == before.account, r.principal.kind, a) for r in result.gains for a in r.actions}
    lost = {(r.principal.account == before.account, r.principal.kind, a) for r in result.losses for a in r.actions}
    rows = CLOUDS[before.cloud].actions_on(before.resource.kind)
    for principal, row in itertools.product(asked, rows):
        request = Request(principal, row.action, before.resource, {"endpoint": "ep"})
        was, now = evaluate(before, request).allowed, evaluate(after, request).allowed
        cell = (principal.account == before.account, principal.kind, row.action)
        if now is True and was is not True:
            assert cell in gained, request
        if was is True and now is not True:
            assert cell in lost, request
        if was is False and now is None:
            assert cell in gained, request


def test_calls_are_refused_on_the_wrong_kind_of_resource() -> None:
    bob = parse_principal("user/bob", OWN)
    assert evaluate(KEYS[0], Request(bob, "kms:CreateKey", KEY)).allowed is False
    assert evaluate(CONTAINERS[0], Request(bob, "kms:Decrypt", CONTAINER)).allowed is False
    assert evaluate(OPERATIONS[0], Request(bob, "kms:Decrypt", CONTAINER)).allowed is False
    assert evaluate(POINTS[0], Request(bob, "decrypt", CONTAINER)).allowed is False
    assert (
        evaluate(CONTAINERS[0], Request(parse_principal("access_point/b", OWN), "kms:ListKeys", CONTAINER)).allowed
        is False
    )
