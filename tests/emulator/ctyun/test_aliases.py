"""Aliases: operations 11 to 15."""

import pytest

from tests.emulator.ctyun.support import Client


def names(client: Client, key: str) -> list[str]:
    return [alias["aliasName"] for alias in client.call("listAliasesByKeyId", cmkUuid=key)["aliases"]]


def test_a_key_can_have_several_aliases(client: Client) -> None:
    key, other = client.make(), client.make(aliasName="alias/other")
    client.call("createAlias", cmkUuid=key, aliasName="alias/one")
    client.call("createAlias", cmkUuid=key, aliasName="alias/two")
    assert names(client, key) == ["alias/one", "alias/two"]
    assert names(client, other) == ["alias/other"]


def test_an_alias_is_unique_in_the_resource_pool(client: Client) -> None:
    key, other = client.make(aliasName="alias/one"), client.make()
    for holder in (key, other):
        assert client.refused("createAlias", cmkUuid=holder, aliasName="alias/one") == (400, "KMS_9021")
    assert names(client, key) == ["alias/one"]


def test_an_alias_moves_and_the_keys_stay_as_they_are(client: Client) -> None:
    first, second = client.make(aliasName="alias/one"), client.make()
    before = [client.call("describeKey", cmkUuid=key) for key in (first, second)]
    client.call("updateAlias", cmkUuid=second, aliasName="alias/one")
    assert (names(client, first), names(client, second)) == ([], ["alias/one"])
    assert [client.call("describeKey", cmkUuid=key) for key in (first, second)] == before


def test_deleting_an_alias_does_not_touch_the_key(client: Client) -> None:
    key = client.make(aliasName="alias/one")
    client.call("deleteAlias", aliasName="alias/one")
    assert (names(client, key), client.state(key)) == ([], "Enabled")
    client.call("createAlias", cmkUuid=key, aliasName="alias/one")


def test_aliases_of_a_key_about_to_go_can_be_taken_off(client: Client) -> None:
    key = client.make(aliasName="alias/one")
    client.call("scheduleKeyDeletion", cmkUuid=key, pendingWindowInDays=7)
    client.call("deleteAlias", aliasName="alias/one")
    assert names(client, key) == []


def test_an_unknown_alias_is_refused(client: Client) -> None:
    assert client.refused("deleteAlias", aliasName="alias/none") == (404, "KMS_9002")
    assert client.refused("updateAlias", aliasName="alias/none", cmkUuid=client.make()) == (404, "KMS_9002")


@pytest.mark.parametrize("name", ["alias/a", "alias/" + "a" * 249, "alias/A_b-c/9"])
def test_a_good_name_is_taken(client: Client, name: str) -> None:
    assert names(client, client.make(aliasName=name)) == [name]


@pytest.mark.parametrize(
    "name",
    ["a", "alias", "alias/", "Alias/a", "alias/a b", "alias/a:b", "alias/测试", "alias/a\n", "alias/" + "a" * 250],
)
def test_a_bad_name_is_refused(client: Client, name: str) -> None:
    assert client.refused("createAlias", cmkUuid=client.make(), aliasName=name) == (400, "KMS_9031")


def test_an_alias_does_not_stand_for_the_key_in_management_calls(client: Client) -> None:
    client.make(aliasName="alias/one")
    assert client.refused("describeKey", cmkUuid="alias/one") == (404, "KMS_9001")


def test_aliases_come_in_pages(client: Client) -> None:
    key = client.make()
    made = [f"alias/{number:02}" for number in range(12)]
    for name in made:
        client.call("createAlias", cmkUuid=key, aliasName=name)
    for operation, fields in (("listAliases", {}), ("listAliasesByKeyId", {"cmkUuid": key})):
        pages = [client.call(operation, pageNumber=number, pageSize=5, **fields) for number in (1, 2, 3)]
        assert [alias["aliasName"] for page in pages for alias in page["aliases"]] == made
        assert {(page["totalCount"], page["pageSize"]) for page in pages} == {(12, 5)}
