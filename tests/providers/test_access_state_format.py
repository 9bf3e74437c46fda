"""The stored format of policies and access points. A change here breaks every stack that exists."""

import pytest
from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider

from kms_resources.access.words import AccessPoint, Conditions, Document, DocumentKind, Effect, Statement
from kms_resources.model import Deletion, DeletionPolicy, Marker, Target
from kms_resources.providers import access_resources, policy_props
from kms_resources.providers.access_point import AccessPointProvider
from kms_resources.providers.key_policy import KeyPolicyProvider
from kms_resources.uses import DesiredAccessPoint, DesiredPolicy

TARGET = Target("hangzhou", "alibaba", "cn-hangzhou", "kst-hzz62ee817bvyyr5x", "PROD")
PLACE = {
    "name": "hangzhou",
    "cloud": "alibaba",
    "region": "cn-hangzhou",
    "instance": "kst-hzz62ee817bvyyr5x",
    "credentials": "PROD",
}
STATEMENT = Statement(
    "app",
    Effect.ALLOW,
    ("user/app", "1000000000000009:role/partner"),
    ("encrypt", "kms:DescribeKey"),
    conditions=Conditions(
        source_ip=("192.0.2.0/24",),
        not_source_ip=("192.0.2.7",),
        private_ip=("10.0.0.0/8",),
        vpc=("vpc-1",),
        after="2026-01-01T00:00:00Z",
        before="2027-01-01T00:00:00Z",
        tag={"owner": "payments"},
        mfa=True,
        secure_transport=False,
    ),
)
POLICY = DesiredPolicy("orders", TARGET, (STATEMENT,), marker=Marker("shop/prod/orders"))
POINT = DesiredAccessPoint(
    "billing",
    TARGET,
    AccessPoint("billing", ("use",), ("secret/db",), ("10.0.0.0/8",), TARGET.instance, "vpc-1", "subnet-1", ("ep-1",)),
    "words",
    ("orders",),
    Deletion(DeletionPolicy.SCHEDULE, 7),
    Marker("shop/prod/billing"),
)
GOLDEN_POLICY = {
    "target": PLACE,
    "key": "orders",
    "marker": "shop/prod/orders",
    "key_id": "key-1",
    "arn": "acs:kms:cn-hangzhou:1000000000000001:key/key-1",
    "account": "1000000000000001",
    "statements": {
        "app": {
            "effect": "allow",
            "principals": ["user/app", "1000000000000009:role/partner"],
            "actions": ["encrypt", "kms:DescribeKey"],
            "conditions": {
                "source_ip": ["192.0.2.0/24"],
                "not_source_ip": ["192.0.2.7"],
                "private_ip": ["10.0.0.0/8"],
                "vpc": ["vpc-1"],
                "after": "2026-01-01T00:00:00Z",
                "before": "2027-01-01T00:00:00Z",
                "tag": {"owner": "payments"},
                "mfa": True,
                "secure_transport": False,
            },
        }
    },
}
GOLDEN_POINT = {
    "target": PLACE,
    "name": "billing",
    "marker": "shop/prod/billing",
    "cloud_name": "shop-prod-billing-c0ffee00",
    "description": "words",
    "actions": ["use"],
    "keys": {"orders": "key-1"},
    "resources": ["secret/db"],
    "allow": ["10.0.0.0/8"],
    "vpc": "vpc-1",
    "subnet": "subnet-1",
    "endpoints": ["ep-1"],
    "control": True,
    "deletion": {"policy": "schedule", "window_days": 7},
}


class FakeKey:
    """What a typed key gives: its outputs."""

    key_id = "key-1"
    arn = "acs:kms:cn-hangzhou:1000000000000001:key/key-1"
    account = "1000000000000001"


@pytest.mark.parametrize(
    ("provider", "golden"),
    [
        (KeyPolicyProvider(), "kms_resources.providers.key_policy KeyPolicyProvider"),
        (AccessPointProvider(), "kms_resources.providers.access_point AccessPointProvider"),
    ],
)
def test_a_provider_in_state_is_a_bare_reference(provider: ResourceProvider, golden: str) -> None:
    kind = type(provider)
    assert golden == f"{kind.__module__} {kind.__name__}"
    assert len(serialize_provider(provider)) < 110
    assert vars(provider) == {}


def test_type_tokens_are_stored() -> None:
    tokens = (access_resources.KeyPolicy._resource_type_name, access_resources.AccessPoint._resource_type_name)
    assert tokens == ("dynamic/kms:KeyPolicy", "dynamic/kms:AccessPoint")


def test_the_inputs_of_a_policy_are_stored() -> None:
    assert policy_props.policy_props(POLICY, FakeKey) == GOLDEN_POLICY


def test_props_and_policies_are_two_forms_of_one_thing() -> None:
    assert policy_props.policy_of(GOLDEN_POLICY) == POLICY
    native = {"Version": "1", "Statement": [{"Condition": {"NumericEquals": {"x": 5}}}]}
    floats = {"Version": "1", "Statement": [{"Condition": {"NumericEquals": {"x": 5.0}}}]}
    desired = DesiredPolicy("orders", TARGET, native=native, marker=POLICY.marker)
    assert policy_props.policy_of({**policy_props.policy_props(desired, FakeKey), "native": floats}) == desired
    found = policy_props.policy_of({**GOLDEN_POLICY, "statements": {}, "native": floats}).native
    assert found is not None
    assert type(found["Statement"][0]["Condition"]["NumericEquals"]["x"]) is int


def test_documents_are_stored_by_their_names() -> None:
    key, cam = DocumentKind.KEY_POLICY, DocumentKind.IDENTITY_POLICY
    assert policy_props.document_props([Document(key, {"Version": "1"}, "default")]) == {
        "default": {"document": {"Version": "1"}}
    }
    documents = (Document(cam, {"version": "2.0"}, "a.app", ("user/app",)),)
    stored = {"a.app": {"document": {"version": "2.0"}, "attached_to": ["user/app"]}}
    assert policy_props.document_props(documents) == stored
    assert policy_props.documents_of({"documents": stored}, cam) == documents


def test_the_inputs_of_an_access_point_are_stored() -> None:
    assert policy_props.point_props(POINT, "shop-prod-billing-c0ffee00", {"orders": "key-1"}) == GOLDEN_POINT


def test_props_and_access_points_are_two_forms_of_one_thing() -> None:
    desired, wanted = policy_props.point_of(GOLDEN_POINT | {"deletion": {"policy": "schedule", "window_days": 7.0}})
    assert (desired.name, desired.marker, desired.deletion, desired.keys) == (
        POINT.name,
        POINT.marker,
        POINT.deletion,
        POINT.keys,
    )
    assert wanted.point.resources == ("key/key-1", "secret/db")
    assert wanted.point.name == "shop-prod-billing-c0ffee00"


@pytest.mark.parametrize("damaged", [{"key": None}, {"statements": {"app": {}}}, {"statements": {"a": {"actions": 1}}}])
def test_a_damaged_policy_is_never_taken_for_another(damaged: dict[str, object]) -> None:
    props = {**GOLDEN_POLICY, **damaged}
    if damaged == {"key": None}:
        del props["key"]
    with pytest.raises((KeyError, ValueError, TypeError)):
        policy_props.policy_of(props)


def test_an_unknown_condition_is_named() -> None:
    with pytest.raises(ValueError, match="no condition weekday"):
        policy_props.conditions_of({"weekday": "monday"})
