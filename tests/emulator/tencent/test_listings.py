"""ListKeys and ListKeyDetail: filters, order, pages, lag."""

from typing import Any

import pytest

from tests.emulator.tencent.support import Client, tag_list


@pytest.fixture
def zoo(client: Client) -> Client:
    """One key of each sort, named by its sort."""
    for state in ("enabled", "disabled", "archived", "pending"):
        key = client.key(state, Tags=tag_list(env="dev", state=state))
        for action in {"disabled": ["DisableKey"], "archived": ["ArchiveKey"], "pending": ["DisableKey"]}.get(
            state, []
        ):
            client.call(action, KeyId=key)
        if state == "pending":
            client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    client.key("external", Type=2)
    client.key("rsa", KeyUsage="ASYMMETRIC_DECRYPT_RSA_2048", Tags=tag_list(env="prod"))
    return client


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, ["enabled", "disabled", "archived", "pending", "external"]),
        ({"KeyUsage": "ALL"}, ["enabled", "disabled", "archived", "pending", "external", "rsa"]),
        ({"KeyUsage": "ASYMMETRIC_DECRYPT_RSA_2048"}, ["rsa"]),
        ({"KeyState": 1}, ["enabled"]),
        ({"KeyState": 1, "KeyUsage": "ALL"}, ["enabled", "rsa"]),
        ({"KeyState": 2}, ["disabled"]),
        ({"KeyState": 3}, ["pending"]),
        ({"KeyState": 4}, ["external"]),
        ({"KeyState": 5}, ["archived"]),
        ({"Origin": "EXTERNAL"}, ["external"]),
        ({"Origin": "TENCENT_KMS", "KeyState": 4}, []),
        ({"Origin": "ALL", "KeyState": 4}, ["external"]),
        ({"SearchKeyAlias": "abled"}, ["enabled", "disabled"]),
        ({"SearchKeyAlias": "nothing"}, []),
        ({"HsmClusterId": "default", "KeyState": 1}, ["enabled"]),
        ({"Role": 1}, []),
        ({"TagFilters": [{"TagKey": "env", "TagValue": ["dev"]}]}, ["enabled", "disabled", "archived", "pending"]),
        ({"TagFilters": [{"TagKey": "env"}], "KeyUsage": "ALL"},
         ["enabled", "disabled", "archived", "pending", "rsa"]),
        ({"TagFilters": [{"TagKey": "state", "TagValue": ["enabled", "pending"]}]}, ["enabled", "pending"]),
        ({"TagFilters": [{"TagKey": "env", "TagValue": ["dev"]}, {"TagKey": "state", "TagValue": ["enabled"]}]},
         ["enabled"]),
        ({"TagFilters": [{"TagKey": "env", "TagValue": ["dev"]}], "SearchKeyAlias": "arch"}, ["archived"]),
    ],
)  # fmt: skip
def test_details_are_filtered(zoo: Client, parameters: dict[str, Any], expected: list[str]) -> None:
    assert zoo.aliases(**parameters) == expected


def test_a_key_is_found_by_a_part_of_its_id(zoo: Client) -> None:
    key = zoo.key("wanted")
    assert zoo.aliases(SearchKeyAlias=key[:20]) == ["wanted"]


def test_plain_listings_hide_keys_that_are_archived_or_pending_deletion(zoo: Client) -> None:
    ids = [entry["KeyId"] for entry in zoo.call("ListKeys")["Keys"]]
    assert [zoo.meta(key)["Alias"] for key in ids] == ["enabled", "disabled", "external", "rsa"]


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("ListKeyDetail", {"KeyUsage": "SIGN"}, "InvalidParameter"),
        ("ListKeyDetail", {"Origin": "external"}, "InvalidParameter"),
        ("ListKeyDetail", {"KeyState": 6}, "InvalidParameter"),
        ("ListKeyDetail", {"OrderType": 2}, "InvalidParameter"),
        ("ListKeyDetail", {"Role": 2}, "InvalidParameter"),
        ("ListKeyDetail", {"HsmClusterId": "cls-hsm-3dflmo9g"}, "InvalidParameterValue.InvalidHsmClusterId"),
        ("ListKeys", {"HsmClusterId": "cls-hsm-3dflmo9g"}, "InvalidParameterValue.InvalidHsmClusterId"),
        ("ListKeys", {"Limit": 201}, "InvalidParameter"),
        ("ListKeys", {"Limit": 0}, "InvalidParameter"),
        ("ListKeyDetail", {"Offset": -1}, "InvalidParameter"),
    ],
)
def test_bad_filters_are_refused(client: Client, action: str, parameters: dict[str, Any], code: str) -> None:
    assert client.refused(action, **parameters) == code


def test_a_page_has_ten_keys_unless_told_and_the_total_counts_all(client: Client) -> None:
    for number in range(12):
        client.key(f"key-{number:02}")
    first = client.call("ListKeyDetail")
    assert (len(first["KeyMetadatas"]), first["TotalCount"]) == (10, 12)
    assert len(client.call("ListKeys")["Keys"]) == 10
    assert len(client.call("ListKeys", Limit=200)["Keys"]) == 12
    assert client.aliases(Offset=10) == ["key-10", "key-11"]
    assert client.aliases(Offset=12) == []


def test_the_newest_key_comes_first_unless_told(client: Client) -> None:
    for alias in ("a", "b", "c"):
        client.key(alias)
    assert client.aliases(OrderType=0) == ["c", "b", "a"]
    assert [key["Alias"] for key in client.call("ListKeyDetail", Limit=2)["KeyMetadatas"]] == ["c", "b"]
    assert client.aliases(OrderType=1, Limit=2) == ["a", "b"]


def test_listings_lag_behind_and_descriptions_do_not(client: Client) -> None:
    client.control("settings", {"lag": 600})
    key = client.key("app-main", Tags=tag_list(env="dev"))
    assert client.meta(key)["Alias"] == "app-main"
    assert client.aliases() == []
    assert client.tags(key) == {}
    client.control("settings", {"lag": 0})
    assert client.aliases() == ["app-main"]
    assert client.tags(key) == {"env": "dev"}


def test_the_service_describes_itself(client: Client) -> None:
    assert "ap-guangzhou" in client.call("GetRegions")["Regions"]
    status = client.call("GetServiceStatus")
    assert (status["ServiceEnabled"], status["InvalidType"], status["CmkLimit"]) == (True, 1, 200)
    client.region = "ap-singapore"
    assert client.call("ListAlgorithms")["SymmetricAlgorithms"] == [
        {"KeyUsage": "ENCRYPT_DECRYPT", "Algorithm": "AES_256"}
    ]
