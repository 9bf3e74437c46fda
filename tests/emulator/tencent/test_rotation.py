"""Rotation: by date, by hand, and what the clock does to it."""

from typing import Any

import pytest

from kms_emulator.emulator import Emulator
from kms_emulator.store import Scope
from tests.emulator.tencent.support import DAY, OWNER, REGION, Client


def versions(emulator: Emulator, key: str) -> int:
    with emulator.store.transaction("tencent") as transaction:
        found = transaction.collection("keys", Scope(OWNER, REGION)).get(key)
    assert found is not None
    return len(found["versions"])


@pytest.mark.parametrize(("given", "days"), [({}, 365), ({"RotateDays": 7}, 7), ({"RotateDays": 365}, 365)])
def test_rotation_is_switched_on_with_a_period(client: Client, given: dict[str, Any], days: int) -> None:
    key = client.key()
    client.call("EnableKeyRotation", KeyId=key, **given)
    found = client.meta(key)
    assert (found["KeyRotationEnabled"], found["RotateDays"]) == (True, days)
    assert 0 <= found["NextRotateTime"] - found["CreateTime"] - days * DAY <= 60
    assert client.call("GetKeyRotationStatus", KeyId=key)["KeyRotationEnabled"] is True


@pytest.mark.parametrize("days", [0, 6, 366, -1])
def test_a_period_outside_7_to_365_days_is_refused(client: Client, days: int) -> None:
    assert client.refused("EnableKeyRotation", KeyId=client.key(), RotateDays=days) == "InvalidParameterValue"


def test_an_asymmetric_key_cannot_rotate(client: Client) -> None:
    key = client.key(KeyUsage="ASYMMETRIC_DECRYPT_RSA_2048")
    assert client.refused("EnableKeyRotation", KeyId=key) == "InvalidParameter"
    assert client.refused("RotateKey", KeyId=key) == "UnsupportedOperation.RotateNotSupported"


def test_rotation_is_switched_off(client: Client) -> None:
    key = client.key()
    client.call("EnableKeyRotation", KeyId=key)
    client.call("DisableKeyRotation", KeyId=key)
    assert client.call("GetKeyRotationStatus", KeyId=key)["KeyRotationEnabled"] is False


def test_a_due_key_rotates_on_its_date_and_gets_the_next_one(client: Client, emulator: Emulator) -> None:
    key = client.key()
    client.call("EnableKeyRotation", KeyId=key, RotateDays=30)
    due = client.meta(key)["NextRotateTime"]
    client.control("clock", {"set": due - 30})
    assert client.meta(key)["LastRotateTime"] == 0
    client.control("clock", {"set": due})
    found = client.meta(key)
    assert (found["LastRotateTime"], found["NextRotateTime"]) == (due, due + 30 * DAY)
    assert versions(emulator, key) == 2


def test_dates_that_passed_unobserved_each_made_a_version(client: Client, emulator: Emulator) -> None:
    key = client.key()
    client.call("EnableKeyRotation", KeyId=key, RotateDays=30)
    due = client.meta(key)["NextRotateTime"]
    client.control("clock", {"set": due + 65 * DAY})
    assert client.meta(key)["LastRotateTime"] == due + 60 * DAY
    assert versions(emulator, key) == 4


def test_a_disabled_key_does_not_rotate_and_misses_its_dates(client: Client, emulator: Emulator) -> None:
    key = client.key()
    client.call("EnableKeyRotation", KeyId=key, RotateDays=30)
    due = client.meta(key)["NextRotateTime"]
    client.call("DisableKey", KeyId=key)
    client.control("clock", {"set": due + 5 * DAY})
    assert client.meta(key)["KeyRotationEnabled"] is True
    client.call("EnableKey", KeyId=key)
    found = client.meta(key)
    assert (found["LastRotateTime"], found["NextRotateTime"]) == (0, due + 30 * DAY)
    assert versions(emulator, key) == 1


def test_the_same_period_again_changes_nothing_and_another_counts_anew(client: Client) -> None:
    key = client.key()
    client.call("EnableKeyRotation", KeyId=key, RotateDays=30)
    before = client.meta(key)["NextRotateTime"]
    client.advance(10 * DAY)
    client.call("EnableKeyRotation", KeyId=key, RotateDays=30)
    assert client.meta(key)["NextRotateTime"] == before
    client.call("EnableKeyRotation", KeyId=key, RotateDays=40)
    assert 0 <= client.meta(key)["NextRotateTime"] - before - 20 * DAY <= 60


def test_rotation_by_hand_needs_rotation_switched_on(client: Client) -> None:
    assert client.refused("RotateKey", KeyId=client.key()) == "UnsupportedOperation.RotateNotSupported"


def test_rotation_by_hand_happens_at_once_and_at_most_daily(client: Client, emulator: Emulator) -> None:
    key = client.key()
    client.call("EnableKeyRotation", KeyId=key, RotateDays=30)
    assert client.call("RotateKey", KeyId=key)["TaskId"]
    first = client.meta(key)
    assert first["NextRotateTime"] == first["LastRotateTime"] + 30 * DAY
    client.advance(DAY - 60)
    assert client.refused("RotateKey", KeyId=key) == "RequestLimitExceeded.RotateRateLimited"
    client.advance(61)
    client.call("RotateKey", KeyId=key)
    assert client.meta(key)["LastRotateTime"] > first["LastRotateTime"]
    assert versions(emulator, key) == 3
