"""Versions and rotation: operations 19 to 22."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.emulator.ctyun.support import Client

PAIR = {"keySpec": "RSA_2048", "keyUsage": "SIGN/VERIFY"}


def versions(client: Client, key: str) -> list[str]:
    page = client.call("listKeyVersions", cmkUuid=key, pageSize=100)
    return [version["keyVersionId"] for version in page["keyVersions"]]


def moment(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()


def test_the_first_version_is_made_with_the_key_and_primary(client: Client) -> None:
    key = client.make()
    found = client.call("describeKey", cmkUuid=key)
    assert versions(client, key) == [found["primaryKeyVersion"]]
    assert client.call("describeKeyVersion", cmkUuid=key, keyVersionId=found["primaryKeyVersion"]) == {
        "cmkUuid": key, "keyVersionId": found["primaryKeyVersion"], "creationDate": found["creationDate"],
    }  # fmt: skip


def test_a_version_of_another_key_or_of_none_is_refused(client: Client) -> None:
    key, other = client.make(), client.make()
    for version in (versions(client, other)[0], "none"):
        assert client.refused("describeKeyVersion", cmkUuid=key, keyVersionId=version) == (404, "KMS_9003")


def test_a_key_without_material_has_no_version(client: Client) -> None:
    assert versions(client, client.make(origin="EXTERNAL")) == []


@pytest.mark.parametrize(
    ("interval", "seconds"),
    [("30d", 2_592_000), ("2592000s", 2_592_000), (30, 2_592_000), ("30", 2_592_000), ("168h", 604_800),
     ("10080m", 604_800), ("365d", 31_536_000)],
)  # fmt: skip
def test_an_interval_is_understood_in_every_unit(client: Client, interval: Any, seconds: int) -> None:
    key = client.make()
    client.call("updateRotationPolicy", cmkUuid=key, enableAutomaticRotation=True, rotationInterval=interval)
    found = client.call("describeKey", cmkUuid=key)
    assert (found["automaticRotation"], found["rotationInterval"]) == ("Enabled", f"{seconds}s")
    assert 0 <= moment(found["nextRotationDate"]) - moment(found["creationDate"]) - seconds <= 60
    assert "lastRotationDate" not in found


@pytest.mark.parametrize("interval", ["6d", "366d", "0", "-30d", "30w", "month", "604799s", 6, "٣٠d"])
def test_a_bad_interval_is_refused(client: Client, interval: Any) -> None:
    fields = {"enableAutomaticRotation": True, "rotationInterval": interval}
    assert client.refused("updateRotationPolicy", cmkUuid=client.make(), **fields) == (400, "KMS_9031")


def test_a_key_rotates_when_its_date_is_reached(client: Client) -> None:
    key = client.make(enableAutomaticRotation=True, rotationInterval="30d")
    before = client.call("describeKey", cmkUuid=key)
    client.advance(29.9)
    assert client.call("describeKey", cmkUuid=key) == before
    client.advance(0.2)
    after = client.call("describeKey", cmkUuid=key)
    assert after["primaryKeyVersion"] != before["primaryKeyVersion"]
    assert versions(client, key) == [before["primaryKeyVersion"], after["primaryKeyVersion"]]
    assert after["lastRotationDate"] == before["nextRotationDate"]
    assert moment(after["nextRotationDate"]) - moment(after["lastRotationDate"]) == 30 * 86_400
    newest = client.call("describeKeyVersion", cmkUuid=key, keyVersionId=after["primaryKeyVersion"])
    assert newest["creationDate"] == before["nextRotationDate"]


def test_rotations_that_nobody_watched_have_all_happened(client: Client) -> None:
    key = client.make(enableAutomaticRotation=True, rotationInterval="30d")
    client.advance(95)
    assert len(versions(client, key)) == 4
    assert versions(client, key)[-1] == client.call("describeKey", cmkUuid=key)["primaryKeyVersion"]


def test_rotation_can_be_switched_off(client: Client) -> None:
    key = client.make(enableAutomaticRotation=True, rotationInterval="30d")
    client.call("updateRotationPolicy", cmkUuid=key, enableAutomaticRotation="false")
    found = client.call("describeKey", cmkUuid=key)
    assert found["automaticRotation"] == "Disabled"
    assert not {"rotationInterval", "nextRotationDate"} & set(found)
    client.advance(400)
    assert len(versions(client, key)) == 1


def test_a_disabled_key_rotates_once_it_is_enabled_again(client: Client) -> None:
    key = client.make(enableAutomaticRotation=True, rotationInterval="30d")
    client.call("disableKey", cmkUuid=key)
    client.advance(35)
    assert len(versions(client, key)) == 1
    client.call("enableKey", cmkUuid=key)
    assert len(versions(client, key)) == 2


def test_a_key_about_to_go_does_not_rotate(client: Client) -> None:
    key = client.make(enableAutomaticRotation=True, rotationInterval="7d")
    client.call("scheduleKeyDeletion", cmkUuid=key, pendingWindowInDays=30)
    client.advance(20)
    assert len(versions(client, key)) == 1


@pytest.mark.parametrize("given", [PAIR, {"origin": "EXTERNAL"}])
def test_other_keys_do_not_rotate_by_themselves(client: Client, given: dict[str, str]) -> None:
    fields = {"enableAutomaticRotation": True, "rotationInterval": "30d"}
    expected = (400, "KMS_9034") if given is PAIR else (404, "KMS_9011")
    assert client.refused("updateRotationPolicy", cmkUuid=client.make(**given), **fields) == expected


def test_a_version_of_a_key_pair_is_made_by_hand(client: Client) -> None:
    key = client.make(**PAIR)
    client.advance(7.01)
    made = client.call("createKeyVersion", cmkUuid=key)
    assert versions(client, key)[1:] == [made["keyVersionId"]]
    assert client.call("describeKeyVersion", cmkUuid=key, keyVersionId=made["keyVersionId"]) == made
    assert "primaryKeyVersion" not in client.call("describeKey", cmkUuid=key)


@pytest.mark.parametrize("given", [{}, {"keySpec": "HMAC_SM3", "keyUsage": "GENERATE/VERIFY_MAC"}])
def test_versions_of_other_keys_are_not_made_by_hand(client: Client, given: dict[str, str]) -> None:
    assert client.refused("createKeyVersion", cmkUuid=client.make(**given)) == (400, "KMS_9034")


def test_only_an_enabled_key_pair_gets_a_version(client: Client) -> None:
    key = client.make(**PAIR)
    client.call("disableKey", cmkUuid=key)
    assert client.refused("createKeyVersion", cmkUuid=key) == (404, "KMS_9011")


def test_versions_made_by_hand_have_limits(client: Client) -> None:
    client.set(ctyun__versions_quota=2)
    key = client.make(**PAIR)
    assert client.refused("createKeyVersion", cmkUuid=key) == (400, "KMS_9041")
    client.advance(8)
    client.call("createKeyVersion", cmkUuid=key)
    client.advance(8)
    assert client.refused("createKeyVersion", cmkUuid=key) == (400, "KMS_9041")
    client.set(quotas=False)
    client.call("createKeyVersion", cmkUuid=key)
    client.call("createKeyVersion", cmkUuid=key)
    assert len(versions(client, key)) == 4


def test_versions_come_in_pages(client: Client) -> None:
    key = client.make(enableAutomaticRotation=True, rotationInterval="7d")
    client.advance(7 * 11 + 1)
    first, second = (client.call("listKeyVersions", cmkUuid=key, pageNumber=number) for number in (1, 2))
    assert (first["totalCount"], len(first["keyVersions"]), len(second["keyVersions"])) == (12, 10, 2)
