"""Tags: at creation, on one object, and on many."""

from typing import Any

import pytest

from tests.emulator.alibaba.support import REGION, SOFTWARE, Client, in_state, tag_list

MANY = {"RegionId": REGION, "ResourceType": "key"}


def objects(*keys: str) -> dict[str, str]:
    return {**MANY, **{f"ResourceId__{place}": key for place, key in enumerate(keys, 1)}}


def pairs(**tags: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for place, (name, value) in enumerate(tags.items(), 1):
        flat |= {f"Tag__{place}__Key": name, f"Tag__{place}__Value": value}
    return flat


def rows(client: Client, **parameters: object) -> list[tuple[str, str, str]]:
    found = client.call("ListTagResources", **{**MANY, **parameters})["TagResources"]["TagResource"]
    return [(row["ResourceId"], row["TagKey"], row["TagValue"]) for row in found]


def test_tags_given_at_creation_are_there(client: Client) -> None:
    key = client.key(Tags=tag_list(env="prod", team=""))
    assert client.tags(key) == {"env": "prod", "team": ""}


def test_one_key_is_tagged_and_untagged(client: Client) -> None:
    key = client.key(Tags=tag_list(env="prod"))
    client.call("TagResource", KeyId=key, Tags=tag_list(env="test", owner="a@b"))
    assert client.tags(key) == {"env": "test", "owner": "a@b"}
    client.call("UntagResource", KeyId=key, TagKeys=["owner", "absent"])
    entry = {"KeyId": key, "TagKey": "env", "TagValue": "test"}
    assert client.call("ListResourceTags", KeyId=key)["Tags"]["Tag"] == [entry]


def test_many_keys_are_tagged_and_untagged(client: Client) -> None:
    one, two, three = (client.key() for _ in range(3))
    client.call("TagResources", **objects(one, two), **pairs(env="prod", team="a"))
    assert rows(client) == [(one, "env", "prod"), (one, "team", "a"), (two, "env", "prod"), (two, "team", "a")]
    client.call("UntagResources", **objects(one), TagKey__1="team")
    client.call("UntagResources", **objects(two, three), All=True)
    assert rows(client) == [(one, "env", "prod")]


def test_all_takes_effect_without_tag_keys_only(client: Client) -> None:
    key = client.key(Tags=tag_list(a="1", b="2"))
    client.call("UntagResources", **objects(key), TagKey__1="a", All=True)
    assert client.tags(key) == {"b": "2"}
    assert client.refused("UntagResources", **objects(key)) == (400, "MissingParameter")
    assert client.refused("UntagResources", **objects(key), All=False) == (400, "MissingParameter")


def test_many_keys_are_tagged_all_or_none(client: Client) -> None:
    key, waiting = client.key(), in_state(client, "PendingDeletion")
    refusal = client.refused("TagResources", **objects(key, "key-none"), **pairs(a="b"))
    assert refusal == (404, "InvalidResourceId.NotFound")
    refusal = client.refused("TagResources", **objects(key, waiting), **pairs(a="b"))
    assert refusal == (409, "Rejected.PendingDeletion")
    assert client.tags(key) == {}


def test_instances_take_tags(client: Client) -> None:
    given = {"RegionId": REGION, "ResourceType": "instance", "ResourceId__1": SOFTWARE}
    client.call("TagResources", **given, **pairs(env="prod"))
    assert rows(client, ResourceType="instance") == [(SOFTWARE, "env", "prod")]
    unknown = client.refused("TagResources", **{**given, "ResourceId__1": "kst-none"}, **pairs(a="b"))
    assert unknown == (403, "Forbidden.DKMSInstanceNotFound")


def test_secrets_and_certificates_do_not_exist_yet(client: Client) -> None:
    tags = tag_list(a="b")
    assert client.refused("TagResource", SecretName="s", Tags=tags) == (404, "Forbidden.ResourceNotFound")
    assert client.refused("TagResource", CertificateId="c", Tags=tags) == (404, "Certificate.NotFound")
    assert rows(client, ResourceType="secret") == []
    unknown = client.refused("ListTagResources", **{**objects("s"), "ResourceType": "secret"})
    assert unknown == (404, "InvalidResourceId.NotFound")


def test_one_object_must_be_named(client: Client) -> None:
    key = client.key()
    assert client.refused("TagResource", Tags=tag_list(a="b")) == (400, "MissingParameter")
    both = client.refused("TagResource", KeyId=key, SecretName="s", Tags=tag_list(a="b"))
    assert both == (400, "InvalidParameter")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("", "v", "InvalidParameter.TagKey"), ("aliyun-x", "v", "InvalidParameter.TagKey"),
        ("acs:x", "v", "InvalidParameter.TagKey"), ("a b", "v", "InvalidParameter.TagKey"),
        ("k" * 129, "v", "InvalidParameter.TagKey"), ("k", "v" * 129, "InvalidParameter.TagValue"),
        ("k", "a,b", "InvalidParameter.TagValue"),
    ],
)  # fmt: skip
def test_bad_tags_are_refused_everywhere(client: Client, name: str, value: str, code: str) -> None:
    key = client.key()
    listed = [{"TagKey": name, "TagValue": value}]
    assert client.refused("CreateKey", DKMSInstanceId=SOFTWARE, Tags=listed) == (400, code)
    assert client.refused("TagResource", KeyId=key, Tags=listed) == (400, code)
    refusal = client.refused("TagResources", **objects(key), Tag__1__Key=name, Tag__1__Value=value)
    assert refusal == (400, code)
    assert (client.tags(key), len(client.ids())) == ({}, 1)


def test_the_allowed_characters_and_lengths_are_taken(client: Client) -> None:
    key = client.key()
    client.call("TagResources", **objects(key), Tag__1__Key=r"aZ0/\_-.+=:@", Tag__1__Value="v" * 128)
    assert client.tags(key) == {r"aZ0/\_-.+=:@": "v" * 128}


def test_a_tag_key_twice_is_refused(client: Client) -> None:
    key = client.key()
    twice = {"Tag__1__Key": "k", "Tag__1__Value": "1", "Tag__2__Key": "k", "Tag__2__Value": "2"}
    assert client.refused("TagResources", **objects(key), **twice) == (400, "Duplicate.TagKey")


def test_an_object_has_at_most_20_tags(client: Client) -> None:
    key = client.key(Tags=tag_list(**{f"t{number}": "v" for number in range(20)}))
    client.call("TagResource", KeyId=key, Tags=tag_list(t0="other"))
    assert client.refused("TagResource", KeyId=key, Tags=tag_list(one="more")) == (400, "Rejected.LimitExceeded")
    refusal = client.refused("TagResources", **objects(key), **pairs(one="more"))
    assert refusal == (400, "Rejected.LimitExceeded")


@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("TagResources", {**objects(*(f"key-{number}" for number in range(51))), **pairs(a="b")}),
        ("TagResources", {**objects("key-1"), **pairs(**{f"t{number}": "v" for number in range(21)})}),
        ("UntagResources", {**objects("key-1"), **{f"TagKey__{number}": "t" for number in range(1, 22)}}),
        ("ListTagResources", objects(*(f"key-{number}" for number in range(51)))),
        ("TagResources", {**objects("key-1"), **pairs(a="b"), "ResourceType": "cmk"}),
        ("ListTagResources", {**MANY, "NextToken": "made-up"}),
        ("ListTagResources", {**MANY, "NextToken": "é"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_too_many_and_unknown_things_are_refused(client: Client, action: str, given: dict[str, Any]) -> None:
    assert client.refused(action, **given) == (400, "InvalidParameter")


@pytest.mark.parametrize("absent", ["RegionId", "ResourceType", "ResourceId__1", "Tag__1__Key"])
def test_parameters_for_many_objects_are_required(client: Client, absent: str) -> None:
    given = {**objects(client.key()), **({} if absent == "Tag__1__Key" else pairs(a="b"))}
    given.pop(absent, None)
    assert client.refused("TagResources", **given) == (400, "MissingParameter")


def test_objects_are_found_by_their_tags(client: Client) -> None:
    one = client.key(Tags=tag_list(env="prod", team="a"))
    two = client.key(Tags=tag_list(env="prod", team="b"))
    three = client.key(Tags=tag_list(env="test"))
    assert {row[0] for row in rows(client, **pairs(env="prod"))} == {one, two}
    assert {row[0] for row in rows(client, **pairs(env="prod", team="b"))} == {two}
    assert {row[0] for row in rows(client, Tag__1__Key="env")} == {one, two, three}
    assert rows(client, ResourceId__1=one, ResourceId__2=two, **pairs(team="b")) == [
        (two, "env", "prod"), (two, "team", "b"),
    ]  # fmt: skip


@pytest.mark.parametrize("named", [False, True], ids=["all", "named"])
def test_rows_come_200_at_a_time_without_gap_or_double(client: Client, named: bool) -> None:
    tags = tag_list(**{f"t{number:02}": "v" for number in range(19)})
    keys = [client.key(Tags=tags) for _ in range(23)]
    given = objects(*keys) if named else MANY
    found, pages, token = [], [], "start"
    while token:
        answer = client.call("ListTagResources", **given, **({} if token == "start" else {"NextToken": token}))
        entries = answer["TagResources"]["TagResource"]
        pages.append(len(entries))
        found += [(entry["ResourceId"], entry["TagKey"]) for entry in entries]
        token = answer["NextToken"]
    assert pages == [200, 200, 37]
    assert found == [(key, f"t{number:02}") for key in keys for number in range(19)]
