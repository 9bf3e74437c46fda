"""The stored format: what state files hold. A change here breaks every stack that exists; it needs a migration."""

import base64
from dataclasses import replace

import pytest
from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider

from kms_resources.model import (
    ActualKey,
    Deletion,
    DeletionPolicy,
    DesiredAlias,
    DesiredKey,
    KeyId,
    KeyState,
    Marker,
    Origin,
    Protection,
    Settings,
    Spec,
    Target,
    Usage,
)
from kms_resources.providers import props
from kms_resources.providers.alias import AliasProvider
from kms_resources.providers.key import KeyProvider
from kms_resources.providers.resources import Alias, Key

TARGET = Target("north", "ctyun", "bb9fdb42056f11eda1610242ac110002", "ins-X63C8r", "PROD")
DESIRED = DesiredKey(
    "orders",
    TARGET,
    Settings(
        Spec.AES_256,
        Usage.ENCRYPT_DECRYPT,
        Origin.KMS,
        Protection.HSM,
        "words",
        enabled=True,
        tags={"b": "2", "a": "1"},
        rotation_days=90,
        deletion_protection=True,
    ),
    Marker("shop/prod/orders"),
    Deletion(DeletionPolicy.SCHEDULE, 7),
    KeyId("971ba207-5323-4a04-a290-3a9e8b4c7343"),
)
ACTUAL = ActualKey(
    KeyId("971ba207-5323-4a04-a290-3a9e8b4c7343"),
    DESIRED.settings,
    KeyState.ENABLED,
    Marker("shop/prod/orders"),
    "arn",
    "account",
    "2026-01-01T00:00:00Z",
    "",
    "version",
)
GOLDEN_INPUTS = {
    "target": {
        "name": "north",
        "cloud": "ctyun",
        "region": "bb9fdb42056f11eda1610242ac110002",
        "instance": "ins-X63C8r",
        "credentials": "PROD",
    },
    "marker": "shop/prod/orders",
    "deletion": {"policy": "schedule", "window_days": 7},
    "spec": "AES_256",
    "usage": "ENCRYPT_DECRYPT",
    "origin": "KMS",
    "protection": "HSM",
    "description": "words",
    "enabled": True,
    "tags": {"a": "1", "b": "2"},
    "rotation": {"every_days": 90},
    "deletion_protection": True,
    "adopt": "971ba207-5323-4a04-a290-3a9e8b4c7343",
}
GOLDEN_OUTPUTS = {
    "key_id": "971ba207-5323-4a04-a290-3a9e8b4c7343",
    "arn": "arn",
    "state": "Enabled",
    "primary_version": "version",
    "created": "2026-01-01T00:00:00Z",
    "account": "account",
    "phase": "complete",
}


@pytest.mark.parametrize(
    ("provider", "golden"),
    [
        (KeyProvider(), "gASVMgAAAAAAAACMG2ttc19yZXNvdXJjZXMucHJvdmlkZXJzLmtleZSMC0tleVByb3ZpZGVylJOUKYGULg=="),
        (AliasProvider(), "gASVNgAAAAAAAACMHWttc19yZXNvdXJjZXMucHJvdmlkZXJzLmFsaWFzlIwNQWxpYXNQcm92aWRlcpSTlCmBlC4="),
    ],
)
def test_a_provider_in_state_is_a_bare_reference(provider: ResourceProvider, golden: str) -> None:
    text = serialize_provider(provider)
    assert golden == text
    assert len(text) < 100
    assert b"_create_type" not in base64.b64decode(text)
    assert vars(provider) == {}


def test_serialising_never_runs_out_of_stack() -> None:
    assert len({serialize_provider(KeyProvider()) for _ in range(3000)}) == 1


def test_type_tokens_are_stored() -> None:
    tokens = Key._resource_type_name, Alias._resource_type_name
    assert tokens == ("dynamic/kms:Key", "dynamic/kms:Alias")


def test_the_inputs_of_a_key_are_stored() -> None:
    assert props.key_props(DESIRED) == GOLDEN_INPUTS
    assert list(props.key_props(DESIRED)["tags"]) == ["a", "b"]


def test_the_outputs_of_a_key_are_its_inputs_and_what_the_cloud_adds() -> None:
    outputs = props.key_outputs({**GOLDEN_INPUTS, "__provider": "x"}, ACTUAL)
    assert outputs == GOLDEN_INPUTS | GOLDEN_OUTPUTS


def test_a_dying_and_an_incomplete_key_say_so() -> None:
    dying = replace(ACTUAL, state=KeyState.PENDING_DELETION, pending_deletion="2026-02-01T00:00:00Z")
    outputs = props.key_outputs({}, dying, "something failed")
    assert (outputs["phase"], outputs["pending_deletion"]) == ("incomplete", "2026-02-01T00:00:00Z")


def test_the_inputs_of_an_alias_are_stored() -> None:
    alias = DesiredAlias("orders", Target("hangzhou", "alibaba", "cn-hangzhou"), "orders")
    assert props.alias_props(alias, "key-1") == {
        "target": {"name": "hangzhou", "cloud": "alibaba", "region": "cn-hangzhou"},
        "alias": "orders",
        "key": "orders",
        "key_id": "key-1",
    }


def test_props_and_keys_are_two_forms_of_one_thing() -> None:
    # Pulumi gives every number back as a float.
    floats = props.key_props(DESIRED) | {
        "rotation": {"every_days": 90.0},
        "deletion": {"policy": "schedule", "window_days": 7.0},
    }
    assert props.key_of(floats) == DESIRED
    assert props.key_props(props.key_of(floats)) == GOLDEN_INPUTS
