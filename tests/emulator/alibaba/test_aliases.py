"""Aliases."""

import pytest

from tests.emulator.alibaba.support import ACCOUNT, REGION, Client


def names(client: Client, action: str = "ListAliases", **parameters: object) -> list[str]:
    return [alias["AliasName"] for alias in client.call(action, **parameters)["Aliases"]["Alias"]]


def test_an_alias_is_made_moved_and_removed(client: Client) -> None:
    key, other = client.key(), client.key()
    client.call("CreateAlias", AliasName="alias/team/app_1-x", KeyId=key)
    assert client.meta("alias/team/app_1-x")["KeyId"] == key
    client.call("UpdateAlias", AliasName="alias/team/app_1-x", KeyId=other)
    assert client.meta(f"acs:kms:{REGION}:{ACCOUNT}:alias/team/app_1-x")["KeyId"] == other
    client.call("DeleteAlias", AliasName="alias/team/app_1-x")
    assert client.refused("DescribeKey", KeyId="alias/team/app_1-x") == (404, "Forbidden.AliasNotFound")
    assert client.state(other) == "Enabled"


def test_a_listed_alias_has_its_arn_and_key(client: Client) -> None:
    key = client.key()
    client.call("CreateAlias", AliasName="alias/example", KeyId=f"acs:kms:{REGION}:{ACCOUNT}:key/{key}")
    arn = f"acs:kms:{REGION}:{ACCOUNT}:alias/example"
    expected = [{"AliasName": "alias/example", "AliasArn": arn, "KeyId": key}]
    assert client.call("ListAliases")["Aliases"]["Alias"] == expected


def test_an_alias_belongs_to_one_key(client: Client) -> None:
    client.call("CreateAlias", AliasName="alias/app", KeyId=client.key())
    refusal = client.refused("CreateAlias", AliasName="alias/app", KeyId=client.key())
    assert refusal == (400, "AliasAlreadyExists")


@pytest.mark.parametrize(
    "name", ["app", "alias/", "Alias/app", "alias/a b", "alias/ä", "alias/acs/ecs", "alias/acsx", "alias/" + "x" * 250]
)
def test_other_names_are_refused(client: Client, name: str) -> None:
    key = client.key()
    assert client.refused("CreateAlias", AliasName=name, KeyId=key) == (400, "InvalidParameter")
    assert client.refused("DeleteAlias", AliasName=name) == (400, "InvalidParameter")


def test_a_name_has_at_most_255_characters_with_its_prefix(client: Client) -> None:
    client.call("CreateAlias", AliasName="alias/" + "x" * 249, KeyId=client.key())
    assert names(client) == ["alias/" + "x" * 249]


def test_what_does_not_exist_is_not_found(client: Client) -> None:
    key = client.key()
    assert client.refused("CreateAlias", AliasName="alias/a", KeyId="key-none") == (404, "Forbidden.KeyNotFound")
    assert client.refused("UpdateAlias", AliasName="alias/a", KeyId=key) == (404, "Forbidden.AliasNotFound")
    assert client.refused("DeleteAlias", AliasName="alias/a") == (404, "Forbidden.AliasNotFound")
    assert client.refused("ListAliasesByKeyId", KeyId="key-none") == (404, "Forbidden.KeyNotFound")


@pytest.mark.parametrize(("action", "given"), [("CreateAlias", {}), ("UpdateAlias", {}), ("DeleteAlias", None)])
def test_parameters_are_required(client: Client, action: str, given: dict[str, str] | None) -> None:
    assert client.refused(action, KeyId="x") == (400, "MissingParameter")
    if given is not None:
        assert client.refused(action, AliasName="alias/a") == (400, "MissingParameter")


def test_aliases_of_one_key_are_listed_alone(client: Client) -> None:
    key = client.key()
    client.call("CreateAlias", AliasName="alias/other", KeyId=client.key())
    for name in ("alias/b", "alias/a"):
        client.call("CreateAlias", AliasName=name, KeyId=key)
    assert names(client, "ListAliasesByKeyId", KeyId=key) == ["alias/b", "alias/a"]
    assert names(client, "ListAliasesByKeyId", KeyId=key, PageSize=1, PageNumber=2) == ["alias/a"]
    assert names(client) == ["alias/other", "alias/b", "alias/a"]


def test_300_aliases_fill_a_region_and_come_in_pages(client: Client) -> None:
    key = client.key()
    for number in range(300):
        client.call("CreateAlias", AliasName=f"alias/{number:03}", KeyId=key)
    assert client.refused("CreateAlias", AliasName="alias/300", KeyId=key) == (400, "Rejected.LimitExceeded")
    pages = [names(client, PageNumber=number, PageSize=100) for number in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [100, 100, 100, 0]
    assert [name for page in pages for name in page] == [f"alias/{number:03}" for number in range(300)]
    client.control("settings", {"quotas": False})
    client.call("CreateAlias", AliasName="alias/300", KeyId=key)
