"""Whether an access point lets a call through: each rule both ways, and which of several is told."""

import itertools
import random
from typing import Any

import pytest

from kms_emulator.ctyun.decision import CallFacts, Resource, Why, decide

KEY, OTHER = "971ba207-5323-4a04-a290-3a9e8b4c7343", "474e569e-8814-474a-948b-dbcf6d853eff"
TENANT = {"id": "ak", "status": "Enabled", "point": "point"}
POINT: dict[str, Any] = {
    "id": "point", "vpc": "vpc-1", "subnet": "subnet-1", "control": True, "apis": ["encrypt", "messageDigest"],
    "resources": [{"resourceType": "key", "resourceId": KEY}], "endpoints": [],
}  # fmt: skip
CALL: dict[str, Any] = {
    "interface": "encrypt", "resources": (Resource("key", KEY),), "source_ip": "192.168.1.7",
    "subnet": "192.168.1.0/24",
}  # fmt: skip


def why(*, point: dict[str, Any] | None = None, tenant: dict[str, str] | None = None, **facts: Any) -> Why:
    """The rule that decided, after the outcome was compared with it."""
    allowed, rule = decide({**POINT, **(point or {})}, {**TENANT, **(tenant or {})}, CallFacts(**{**CALL, **facts}))
    assert allowed == (rule in {Why.PERMITTED, Why.CONTROL_OFF})
    return rule


def test_what_is_permitted_goes_through() -> None:
    assert why() == Why.PERMITTED


def test_a_disabled_credential_does_not() -> None:
    assert why(tenant={"status": "Disabled"}) == Why.CREDENTIAL_DISABLED


def test_a_credential_of_another_access_point_does_not() -> None:
    assert why(tenant={"point": "another"}) == Why.OTHER_ACCESS_POINT


@pytest.mark.parametrize(("vpc", "rule"), [("", Why.PERMITTED), ("vpc-1", Why.PERMITTED), ("vpc-2", Why.OTHER_VPC)])
def test_a_call_that_is_known_to_come_from_another_vpc_does_not(vpc: str, rule: Why) -> None:
    assert why(vpc=vpc) == rule


@pytest.mark.parametrize(
    ("address", "subnet", "inside"),
    [("192.168.1.0", "192.168.1.0/24", True), ("192.168.1.255", "192.168.1.0/24", True),
     ("192.168.2.0", "192.168.1.0/24", False), ("192.168.0.255", "192.168.1.0/24", False),
     ("192.168.1.9", "192.168.1.5/24", True), ("10.0.0.1", "0.0.0.0/0", True),
     ("::ffff:192.168.1.7", "192.168.1.0/24", True),
     ("fd00::7", "fd00::/64", True), ("fd01::7", "fd00::/64", False), ("192.168.1.7", "fd00::/64", False),
     ("192.168.1.7", "", False), ("", "192.168.1.0/24", False), ("no address", "192.168.1.0/24", False),
     ("192.168.1.7", "no block", False)],
)  # fmt: skip
def test_the_address_must_be_in_the_subnet(address: str, subnet: str, inside: bool) -> None:
    assert why(source_ip=address, subnet=subnet) == (Why.PERMITTED if inside else Why.OUTSIDE_SUBNET)


@pytest.mark.parametrize(
    ("whitelist", "endpoint", "inside"),
    [([], "", True), ([], "endpoint-1", True), (["endpoint-1"], "endpoint-1", True),
     (["endpoint-1"], "endpoint-2", False),
     (["endpoint-1"], "", False), (["192.168.1.7"], "", True), (["192.168.1.8"], "", False),
     (["192.168.1.0/29"], "", True), (["192.168.1.8/29"], "", False),
     (["endpoint-1", "192.168.1.7"], "endpoint-9", True)],
)  # fmt: skip
def test_with_a_whitelist_the_endpoint_or_the_address_must_be_on_it(
    whitelist: list[str], endpoint: str, inside: bool
) -> None:
    assert why(point={"endpoints": whitelist}, endpoint=endpoint) == (Why.PERMITTED if inside else Why.NOT_ON_WHITELIST)


def test_the_whitelist_does_not_open_the_subnet() -> None:
    assert why(point={"endpoints": ["10.0.0.1"]}, source_ip="10.0.0.1") == Why.OUTSIDE_SUBNET


def test_the_interface_must_be_permitted() -> None:
    assert why(interface="decrypt") == Why.INTERFACE_NOT_PERMITTED
    assert why(point={"apis": ["decrypt"]}, interface="decrypt") == Why.PERMITTED
    assert why(point={"apis": []}) == Why.INTERFACE_NOT_PERMITTED


@pytest.mark.parametrize("type_", ["key", "certificate", "ukCertificate"])
def test_the_resource_must_be_permitted_by_its_type_and_its_id_or_the_star(type_: str) -> None:
    wanted = (Resource(type_, KEY),)
    for given_type, given_id in itertools.product(("key", "certificate", "ukCertificate"), (KEY, OTHER, "*")):
        fits = given_type == type_ and given_id in (KEY, "*")
        entry = {"resourceType": given_type, "resourceId": given_id}
        expected = Why.PERMITTED if fits else Why.RESOURCE_NOT_PERMITTED
        assert why(point={"resources": [entry]}, resources=wanted) == expected


def test_all_resources_of_a_call_must_be_permitted() -> None:
    both = (Resource("key", KEY), Resource("key", OTHER))
    assert why(resources=both) == Why.RESOURCE_NOT_PERMITTED
    entries = [{"resourceType": "key", "resourceId": name} for name in (OTHER, KEY)]
    assert why(resources=both, point={"resources": entries}) == Why.PERMITTED


def test_a_call_about_no_resource_asks_for_the_interface_alone() -> None:
    nothing: dict[str, Any] = {"resources": []}
    assert why(interface="messageDigest", resources=(), point=nothing) == Why.PERMITTED
    assert why(interface="createKey", resources=(), point=nothing) == Why.INTERFACE_NOT_PERMITTED


def test_without_permission_control_everything_is_permitted_to_whoever_gets_there() -> None:
    off = {"control": False, "apis": [], "resources": []}
    assert why(point=off) == Why.CONTROL_OFF
    assert why(point=off, source_ip="10.0.0.1") == Why.OUTSIDE_SUBNET
    assert why(point={**off, "endpoints": ["endpoint-1"]}) == Why.NOT_ON_WHITELIST
    assert why(point=off, tenant={"status": "Disabled"}) == Why.CREDENTIAL_DISABLED


def test_of_several_rules_the_first_that_says_no_is_told() -> None:
    rules: list[tuple[Why, dict[str, Any]]] = [
        (Why.CREDENTIAL_DISABLED, {"tenant": {"status": "Disabled"}}),
        (Why.OTHER_VPC, {"vpc": "vpc-2"}),
        (Why.OUTSIDE_SUBNET, {"source_ip": "10.0.0.1"}),
        (Why.NOT_ON_WHITELIST, {"point": {"endpoints": ["endpoint-1"]}}),
        (Why.INTERFACE_NOT_PERMITTED, {"interface": "decrypt"}),
        (Why.RESOURCE_NOT_PERMITTED, {"resources": (Resource("key", OTHER),)}),
    ]
    for place, (rule, _) in enumerate(rules):
        violated: dict[str, Any] = {}
        for _, change in rules[place:]:
            violated |= change
        assert why(**violated) == rule


def test_taking_a_permission_away_never_lets_more_through() -> None:
    # Same draws every time, so that a failure can be looked at.
    draw = random.Random(5)
    apis, ids = ["encrypt", "decrypt", "hmaccompute"], [KEY, OTHER, "*"]
    for _ in range(2_000):
        entries = [{"resourceType": "key", "resourceId": name} for name in ids if draw.random() < 0.5]
        point: dict[str, Any] = {"apis": [name for name in apis if draw.random() < 0.6], "resources": entries}
        less = {part: [entry for entry in found if draw.random() < 0.5] for part, found in point.items()}
        facts: dict[str, Any] = {
            "interface": draw.choice(apis),
            "resources": (Resource("key", draw.choice([KEY, OTHER])),),
        }
        assert why(point=point, **facts) == Why.PERMITTED or why(point=less, **facts) != Why.PERMITTED


def test_nothing_given_is_changed() -> None:
    point, tenant, facts = {**POINT}, {**TENANT}, CallFacts(**CALL)
    decide(point, tenant, facts)
    assert (point, tenant) == (POINT, TENANT)
