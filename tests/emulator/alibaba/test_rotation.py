"""Automatic rotation and versions."""

import pytest

from tests.emulator.alibaba.support import DAY, HARDWARE, SOFTWARE, Client, in_state

NOT_POSSIBLE = (400, "Rejected.UnsupportedOperation")


def rotate(client: Client, key: str, interval: str = "7d") -> None:
    client.call("UpdateRotationPolicy", KeyId=key, EnableAutomaticRotation=True, RotationInterval=interval)


def versions(client: Client, key: str) -> list[str]:
    found = client.call("ListKeyVersions", KeyId=key, PageSize=100)["KeyVersions"]["KeyVersion"]
    return [entry["KeyVersionId"] for entry in found]


@pytest.mark.parametrize(
    ("interval", "seconds"),
    [("7d", "604800s"), ("168h", "604800s"), ("10080m", "604800s"), ("605800s", "605800s"), ("365d", "31536000s")],
)
def test_an_interval_is_answered_in_seconds(client: Client, interval: str, seconds: str) -> None:
    key = client.key()
    rotate(client, key, interval)
    found = client.meta(key)
    assert (found["AutomaticRotation"], found["RotationInterval"]) == ("Enabled", seconds)


@pytest.mark.parametrize("interval", ["6d", "366d", "604799s", "7", "d", "7w", "7.5d", "-7d", "7D", " 7d"])
def test_other_intervals_are_refused(client: Client, interval: str) -> None:
    key = client.key()
    given = {"EnableAutomaticRotation": True, "RotationInterval": interval}
    assert client.refused("UpdateRotationPolicy", KeyId=key, **given) == (400, "InvalidParameter")
    assert client.refused("CreateKey", DKMSInstanceId=SOFTWARE, **given) == (400, "InvalidParameter")
    assert client.meta(key)["AutomaticRotation"] == "Disabled"


def test_an_interval_is_required_for_switching_on_only(client: Client) -> None:
    key = client.key()
    missing = (400, "MissingParameter")
    assert client.refused("UpdateRotationPolicy", KeyId=key, EnableAutomaticRotation=True) == missing
    assert client.refused("UpdateRotationPolicy", KeyId=key) == missing
    assert client.refused("CreateKey", DKMSInstanceId=SOFTWARE, EnableAutomaticRotation=True) == missing
    client.call("UpdateRotationPolicy", KeyId=key, EnableAutomaticRotation=False)


def test_flags_are_read_without_regard_to_case(client: Client) -> None:
    key = client.key()
    client.call("UpdateRotationPolicy", KeyId=key, EnableAutomaticRotation="True", RotationInterval="7d")
    assert client.meta(key)["AutomaticRotation"] == "Enabled"


def test_rotation_switched_off_shows_neither_interval_nor_date(client: Client) -> None:
    key = client.key(EnableAutomaticRotation=True, RotationInterval="30d")
    assert client.meta(key)["RotationInterval"] == "2592000s"
    client.call("UpdateRotationPolicy", KeyId=key, EnableAutomaticRotation=False)
    found = client.meta(key)
    assert found["AutomaticRotation"] == "Disabled"
    assert not {"RotationInterval", "NextRotationDate"} & set(found)


def test_the_clock_makes_a_version_and_the_next_date(client: Client) -> None:
    client.control("clock", {"set": 1711360800})
    key = client.key(EnableAutomaticRotation=True, RotationInterval="7d")
    first = client.meta(key)
    assert first["NextRotationDate"] == "2024-04-01T10:00:00Z"
    client.advance(7 * DAY)
    second = client.meta(key)
    assert second["PrimaryKeyVersion"] != first["PrimaryKeyVersion"]
    assert (second["LastRotationDate"], second["NextRotationDate"]) == ("2024-04-01T10:00:00Z", "2024-04-08T10:00:00Z")
    assert second["CreationDate"] == "2024-03-25T10:00:00Z"
    assert versions(client, key) == [first["PrimaryKeyVersion"], second["PrimaryKeyVersion"]]


def test_every_date_that_passed_made_a_version(client: Client) -> None:
    key = client.key(EnableAutomaticRotation=True, RotationInterval="7d")
    client.advance(29 * DAY)
    assert len(versions(client, key)) == 5


def test_a_date_that_is_past_already_rotates_at_once(client: Client) -> None:
    key = client.key()
    client.advance(20 * DAY)
    rotate(client, key)
    assert len(versions(client, key)) == 2


@pytest.mark.parametrize(
    ("away", "back"),
    [("DisableKey", "EnableKey"), ("ScheduleKeyDeletion", "CancelKeyDeletion")],
)
def test_rotation_is_suspended_while_the_key_is_not_enabled(client: Client, away: str, back: str) -> None:
    key = client.key(EnableAutomaticRotation=True, RotationInterval="7d")
    client.call(away, KeyId=key, **({"PendingWindowInDays": 90} if away == "ScheduleKeyDeletion" else {}))
    found = client.meta(key)
    assert (found["AutomaticRotation"], found["RotationInterval"]) == ("Suspended", "604800s")
    client.advance(30 * DAY)
    assert len(versions(client, key)) == 1
    client.call(back, KeyId=key)
    assert len(versions(client, key)) == 2
    assert client.meta(key)["AutomaticRotation"] == "Enabled"


def test_a_default_key_rotates_once_the_service_is_bought_and_every_year(client: Client) -> None:
    key = client.default_key()
    given = {"KeyId": key, "EnableAutomaticRotation": True}
    assert client.refused("UpdateRotationPolicy", **given, RotationInterval="365d") == NOT_POSSIBLE
    client.set(default_key_rotation=True)
    assert client.refused("UpdateRotationPolicy", **given, RotationInterval="364d") == (400, "InvalidParameter")
    rotate(client, key, "365d")
    assert client.meta(key)["RotationInterval"] == "31536000s"


def test_keys_of_the_older_product_rotate_within_two_years(client: Client) -> None:
    client.set(many_default_keys=True)
    rotate(client, client.default_key(), "730d")


def test_keys_that_cannot_rotate_are_refused(client: Client) -> None:
    given = {"EnableAutomaticRotation": True, "RotationInterval": "7d"}
    for key in (client.key(KeySpec="RSA_2048"), client.key(DKMSInstanceId=HARDWARE)):
        assert client.refused("UpdateRotationPolicy", KeyId=key, **given) == NOT_POSSIBLE
    assert client.refused("CreateKey", DKMSInstanceId=HARDWARE, **given) == NOT_POSSIBLE
    rotate(client, client.key(DKMSInstanceId=HARDWARE, KeyStorageMechanism="HsmEncryptedDatabase"))


def test_a_version_can_be_made_by_hand_after_seven_days(client: Client) -> None:
    key = client.key()
    assert client.refused("CreateKeyVersion", KeyId=key) == NOT_POSSIBLE
    client.advance(7 * DAY)
    client.call("CreateAlias", AliasName="alias/app", KeyId=key)
    made = client.call("CreateKeyVersion", KeyId="alias/app")["KeyVersion"]
    assert made["KeyId"] == key
    assert client.meta(key)["PrimaryKeyVersion"] == made["KeyVersionId"]
    assert client.call("DescribeKeyVersion", KeyId=key, KeyVersionId=made["KeyVersionId"])["KeyVersion"] == made


def test_fifty_versions_are_the_most_that_are_made_by_hand(client: Client) -> None:
    key = client.key()
    for _ in range(49):
        client.advance(7 * DAY)
        client.call("CreateKeyVersion", KeyId=key)
    client.advance(7 * DAY)
    assert client.refused("CreateKeyVersion", KeyId=key) == (400, "Rejected.LimitExceeded")


def test_asymmetric_keys_outside_of_instances_get_versions_and_no_primary_one(client: Client) -> None:
    client.set(many_default_keys=True)
    key = client.default_key(KeySpec="RSA_2048")
    client.advance(8 * DAY)
    client.call("CreateKeyVersion", KeyId=key)
    assert (len(versions(client, key)), client.meta(key)["PrimaryKeyVersion"]) == (2, "")


def test_other_keys_get_no_versions_by_hand(client: Client) -> None:
    client.advance(8 * DAY)
    keys = [client.default_key(), client.key(KeySpec="RSA_2048"), client.key(DKMSInstanceId=HARDWARE)]
    client.advance(8 * DAY)
    for key in keys:
        assert client.refused("CreateKeyVersion", KeyId=key) == NOT_POSSIBLE


def test_versions_are_listed_in_pages(client: Client) -> None:
    key = client.key(EnableAutomaticRotation=True, RotationInterval="7d")
    client.advance(80 * DAY)
    pages = [client.call("ListKeyVersions", KeyId=key, PageNumber=number) for number in (1, 2, 3)]
    assert [len(page["KeyVersions"]["KeyVersion"]) for page in pages] == [10, 2, 0]
    assert {(page["TotalCount"], page["PageSize"]) for page in pages} == {(12, 10)}


def test_a_version_is_found_with_its_own_key_only(client: Client) -> None:
    key, other = client.key(), client.key()
    version = client.meta(other)["PrimaryKeyVersion"]
    refusal = client.refused("DescribeKeyVersion", KeyId=key, KeyVersionId=version)
    assert refusal == (404, "Forbidden.KeyVersionNotFound")


def test_a_key_without_material_has_no_rotation(client: Client) -> None:
    key = in_state(client, "PendingImport")
    assert client.meta(key)["AutomaticRotation"] == "Disabled"
