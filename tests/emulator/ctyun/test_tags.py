"""Tags: operations 75 to 80."""

from typing import Any

import pytest

from tests.emulator.ctyun.support import Client


def make(client: Client, key: str = "owner", value: str = "payments") -> str:
    return str(client.call("createTag", tagKey=key, tagValue=value)["tagId"])


def test_a_tag_is_listed_in_every_resource_pool(client: Client) -> None:
    tag = make(client)
    client.region = "another-pool"
    listed = {"totalCount": 1, "list": [{"tagId": tag, "tagKey": "owner", "tagValue": "payments"}]}
    assert client.call("listTags") == listed


def test_a_pair_of_key_and_value_exists_once(client: Client) -> None:
    make(client)
    other = make(client, value="orders")
    assert client.refused("createTag", tagKey="owner", tagValue="payments") == (400, "KMS_9022")
    assert client.refused("updateTag", tagId=other, tagKey="owner", tagValue="payments") == (400, "KMS_9022")
    assert client.call("listTags")["totalCount"] == 2


def test_an_equals_sign_does_not_confuse_pairs(client: Client) -> None:
    make(client, "a=b", "c")
    make(client, "a", "b=c")
    assert client.call("listTags")["totalCount"] == 2


def test_a_tag_can_be_changed(client: Client) -> None:
    tag = make(client)
    client.call("updateTag", tagId=tag, tagKey="team", tagValue="orders")
    assert client.call("listTags")["list"] == [{"tagId": tag, "tagKey": "team", "tagValue": "orders"}]


@pytest.mark.parametrize("fields", [{"tagKey": "x" * 129, "tagValue": "v"}, {"tagKey": "k", "tagValue": "x" * 129}])
def test_a_tag_that_is_too_long_is_refused(client: Client, fields: dict[str, Any]) -> None:
    assert client.refused("createTag", **fields) == (400, "KMS_9031")


def test_a_bound_tag_cannot_be_deleted_and_an_unbound_one_can(client: Client) -> None:
    key, tag = client.make(), make(client)
    client.call("bindResource", cmkUuid=key, tagIds=[tag])
    client.call("bindResource", resourceId=key, tagIds=[tag])
    assert client.refused("deleteTag", tagId=tag) == (400, "KMS_9023")
    client.call("unbindResource", cmkUuid=key, tagIds=[tag])
    client.call("unbindResource", cmkUuid=key, tagIds=[tag])
    client.call("deleteTag", tagId=tag)
    assert client.call("listTags") == {"totalCount": 0, "list": []}


def test_a_deleted_key_frees_its_tags_also_in_another_pool(client: Client) -> None:
    key, tag = client.make(), make(client)
    client.call("bindResource", cmkUuid=key, tagIds=[tag])
    client.call("scheduleKeyDeletion", cmkUuid=key, pendingWindowInDays=7)
    client.region = "another-pool"
    assert client.refused("deleteTag", tagId=tag) == (400, "KMS_9023")
    client.advance(7.01)
    client.call("deleteTag", tagId=tag)


def test_unknown_tags_and_keys_are_refused(client: Client) -> None:
    key, tag = client.make(), make(client)
    for operation, fields in (
        ("deleteTag", {"tagId": "none"}), ("updateTag", {"tagId": "none", "tagKey": "k", "tagValue": "v"}),
        ("bindResource", {"cmkUuid": key, "tagIds": [tag, "none"]}),
        ("unbindResource", {"cmkUuid": key, "tagIds": ["none"]}),
    ):  # fmt: skip
        assert client.refused(operation, **fields) == (404, "KMS_9004")
    assert client.refused("bindResource", cmkUuid="none", tagIds=[tag]) == (404, "KMS_9001")
    client.call("deleteTag", tagId=tag)  # the first of the two was not bound either


@pytest.mark.parametrize(("ids", "code"), [([], "KMS_0101"), ([1], "KMS_9032"), ([["x"]], "KMS_9032")])
def test_bad_lists_of_tags_are_refused(client: Client, ids: list[Any], code: str) -> None:
    assert client.refused("bindResource", cmkUuid=client.make(), tagIds=ids) == (400, code)


def test_a_key_has_at_most_ten_tags_unless_quotas_are_off(client: Client) -> None:
    key = client.make()
    tags = [make(client, value=str(number)) for number in range(11)]
    client.call("bindResource", cmkUuid=key, tagIds=tags[:10])
    assert client.refused("bindResource", cmkUuid=key, tagIds=tags[10:]) == (400, "KMS_9041")
    client.set(quotas=False)
    client.call("bindResource", cmkUuid=key, tagIds=tags[10:])


def test_tags_come_in_pages(client: Client) -> None:
    tags = [make(client, value=str(number)) for number in range(12)]
    pages = [client.call("listTags", pageNumber=number, pageSize=7) for number in (1, 2)]
    assert [tag["tagId"] for page in pages for tag in page["list"]] == tags
