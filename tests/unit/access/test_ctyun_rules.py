"""CTYun, decision by decision: what its access points are taken to mean, every name coined."""

from __future__ import annotations

from typing import Any

import pytest

from kms_resources.access.clouds import evaluate, parse
from kms_resources.access.ctyun.actions import DECISIONS, RULES
from kms_resources.access.words import (
    Document,
    DocumentKind,
    Mark,
    Request,
    Resource,
    ResourceKind,
    World,
    parse_principal,
)

OWN = "example-ctyun-account"
KEY = Resource(ResourceKind.KEY, OWN, "pool", "key-1")
CONTAINER = Resource(ResourceKind.CONTAINER, OWN, "pool")
POINT: dict[str, Any] = {
    "vpcId": "vpc-1",
    "subnetId": "subnet-1",
    "permissionControl": True,
    "apis": ["encrypt", "listKeys", "updateApiPermissions"],
    "resources": [{"resourceType": "key", "resourceId": "key-1"}],
    "endpoints": ["ep-1"],
    "credentials": [{"accessKey": "AKTEST1", "status": "Enabled"}],
}
INSIDE = {"vpc": "vpc-1", "subnet": "subnet-1", "endpoint": "ep-1"}
CASES: list[tuple[str, dict[str, Any], str, dict[str, str], Resource, bool | None]] = [
    ("interface and resource permitted", {}, "encrypt", INSIDE, KEY, True),
    ("interface not permitted", {}, "decrypt", INSIDE, KEY, False),
    ("resource not permitted", {"resources": []}, "encrypt", INSIDE, KEY, False),
    ("every interface", {"apis": ["*"]}, "decrypt", INSIDE, KEY, True),
    ("every key", {"resources": [{"resourceType": "key", "resourceId": "*"}]}, "encrypt", INSIDE, KEY, True),
    (
        "a resource of another type",
        {"resources": [{"resourceType": "secret", "resourceId": "key-1"}]},
        "encrypt",
        INSIDE,
        KEY,
        False,
    ),
    (
        "control off: everything",
        {"permissionControl": False, "apis": [], "resources": []},
        "decrypt",
        INSIDE,
        KEY,
        True,
    ),
    ("another VPC", {}, "encrypt", {**INSIDE, "vpc": "vpc-2"}, KEY, False),
    ("another subnet", {}, "encrypt", {**INSIDE, "subnet": "subnet-2"}, KEY, False),
    ("not from a VPC", {}, "encrypt", {"endpoint": "ep-1"}, KEY, False),
    ("another endpoint", {}, "encrypt", {**INSIDE, "endpoint": "ep-2"}, KEY, False),
    ("an empty whitelist is open", {"endpoints": []}, "encrypt", INSIDE, KEY, None),
    (
        "the whitelist without control is open",
        {"permissionControl": False},
        "encrypt",
        {**INSIDE, "endpoint": "ep-2"},
        KEY,
        None,
    ),
    (
        "credentials disabled",
        {"credentials": [{"accessKey": "AKTEST1", "status": "Disabled"}]},
        "encrypt",
        INSIDE,
        KEY,
        False,
    ),
    ("no credentials", {"credentials": []}, "encrypt", INSIDE, KEY, False),
    ("credentials not listed", {"credentials": None}, "encrypt", INSIDE, KEY, True),
    ("an interface that is not about one key", {"resources": []}, "listKeys", INSIDE, CONTAINER, True),
    (
        "access points never change who may",
        {"permissionControl": False},
        "updateApiPermissions",
        INSIDE,
        CONTAINER,
        False,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_access_points(case: tuple[str, dict[str, Any], str, dict[str, str], Resource, bool | None]) -> None:
    rule, change, action, attributes, resource, expected = case
    body = {name: value for name, value in (POINT | change).items() if value is not None}
    world = World("ctyun", OWN, resource, (Document(DocumentKind.ACCESS_POINT, body, "billing"),))
    verdict = evaluate(world, Request(parse_principal("access_point/billing", OWN), action, resource, attributes))
    assert verdict.allowed is expected, (rule, verdict)


def test_the_account_has_everything_users_are_undecided_and_other_accounts_have_nothing() -> None:
    world = World("ctyun", OWN, KEY)
    answers = [
        evaluate(world, Request(parse_principal(name, OWN), "decrypt", KEY)).allowed
        for name in ("account", "user/alice", "account:other", "access_point/none")
    ]
    assert answers == [True, None, False, False]


def test_a_policy_is_not_a_document_of_ctyun() -> None:
    problems = parse("ctyun", Document(DocumentKind.KEY_POLICY, {})).problems
    assert [problem.what for problem in problems] == ["CTYun has no key policy; allowed: access point"]


def test_what_is_taken_for_true_is_marked_and_never_as_the_vendors_word() -> None:
    assert {mark for _, mark in DECISIONS.values()} == {Mark.COINED, Mark.INFERRED}
    assert set(RULES) == {"ctyun.empty-whitelist", "ctyun.whitelist-without-control", "ctyun.iam"}
