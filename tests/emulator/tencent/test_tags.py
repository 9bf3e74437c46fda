"""Tags of keys: at creation and through the tag service."""

from typing import Any

import pytest

from kms_emulator.emulator import Emulator
from kms_emulator.store import Scope
from kms_emulator.tencent.tagstore import TagStore
from tests.emulator.tencent.support import DAY, OPERATOR, OWNER, Client, tag_list

UNKNOWN = f"creatorUin/{OPERATOR}/11111111-2222-3333-4444-555555555555"
WRITES: dict[str, dict[str, Any]] = {
    "ModifyResourceTags": {"ReplaceTags": tag_list(a="1")},
    "AddResourceTag": {"TagKey": "a", "TagValue": "1"},
    "UpdateResourceTagValue": {"TagKey": "a", "TagValue": "1"},
    "DeleteResourceTag": {"TagKey": "a"},
}


def named(client: Client, key: str) -> dict[str, Any]:
    """How the batch actions name a key."""
    return {
        "ServiceType": "kms", "ResourcePrefix": "key", "ResourceRegion": client.region,
        "ResourceIds": [client.meta(key)["ResourceId"]],
    }  # fmt: skip


def tag(client: Client, key: str, **tags: str) -> list[dict[str, str]]:
    answer = client.call("TagResources", "tag", ResourceList=[client.name(key)], Tags=tag_list(**tags))
    failed: list[dict[str, str]] = answer["FailedResources"]
    return failed


def test_tags_given_at_creation_are_there(client: Client) -> None:
    answer = client.call("CreateKey", Alias="app-main", Tags=tag_list(env="dev", team="支付"))
    assert (answer["TagCode"], answer["TagMsg"]) == (0, "ok")
    assert client.tags(answer["KeyId"]) == {"env": "dev", "team": "支付"}


def test_a_tag_key_given_twice_at_creation_stops_it(client: Client) -> None:
    tags = [*tag_list(env="dev"), *tag_list(env="prod")]
    assert client.refused("CreateKey", Alias="a", Tags=tags) == "InvalidParameterValue.TagKeysDuplicated"
    assert client.aliases() == []


@pytest.mark.parametrize("mode", ["down", "down_at_creation"])
def test_a_tag_service_that_is_down_leaves_an_untagged_key(client: Client, mode: str) -> None:
    client.set(tag_service=mode)
    answer = client.call("CreateKey", Alias="app-main", Tags=tag_list(env="dev"))
    assert answer["TagCode"] == 2
    assert client.tags(answer["KeyId"]) == {}
    assert client.call("CreateKey", Alias="untagged")["TagCode"] == 0


def test_a_tag_service_that_fails_creation_leaves_no_key(client: Client) -> None:
    client.set(tag_service="fails_creation")
    assert client.refused("CreateKey", Alias="a", Tags=tag_list(env="dev")) == "FailedOperation.TaggingError"
    assert client.aliases() == []
    client.key("untagged")


def test_a_tag_that_must_exist_stops_the_creation_until_it_does(client: Client) -> None:
    client.set(tags_must_exist=True)
    tags = tag_list(env="dev")
    assert client.refused("CreateKey", Alias="a", Tags=tags) == "InvalidParameterValue.TagsNotExisted"
    assert client.aliases() == []
    client.call("CreateTag", "tag", TagKey="env", TagValue="dev")
    assert client.call("CreateKey", Alias="a", Tags=tags)["TagCode"] == 0


@pytest.mark.parametrize("tags", [tag_list(project="a"), tag_list(a="v" * 256), tag_list(**{"qcs:a": "b"})])
def test_a_bad_tag_at_creation_leaves_an_untagged_key(client: Client, tags: list[dict[str, str]]) -> None:
    answer = client.call("CreateKey", Alias="app-main", Tags=tags)
    assert answer["TagCode"] == 2
    assert client.tags(answer["KeyId"]) == {}


def test_more_tags_at_creation_than_a_key_holds_leave_it_untagged(client: Client) -> None:
    tags = tag_list(**{f"t{number}": "v" for number in range(51)})
    answer = client.call("CreateKey", Alias="app-main", Tags=tags)
    assert (answer["TagCode"], answer["TagMsg"]) == (2, "LimitExceeded.ResourceAttachedTags")


def test_tagging_adds_and_overwrites(client: Client) -> None:
    key = client.key(Tags=tag_list(env="dev", team="pay"))
    assert tag(client, key, env="prod", owner="ops") == []
    assert client.tags(key) == {"env": "prod", "team": "pay", "owner": "ops"}


def test_untagging_takes_tags_off_and_ignores_absent_ones(client: Client) -> None:
    key = client.key(Tags=tag_list(env="dev", team="pay"))
    answer = client.call("UnTagResources", "tag", ResourceList=[client.name(key)], TagKeys=["env", "absent"])
    assert answer["FailedResources"] == []
    assert client.tags(key) == {"team": "pay"}


def test_the_account_in_a_name_may_be_left_empty(client: Client) -> None:
    key = client.key()
    name = client.name(key).replace(f"uin/{OWNER}", "uin/")
    client.call("TagResources", "tag", ResourceList=[name], Tags=tag_list(a="1"))
    assert client.tags(key) == {"a": "1"}


def test_a_resource_that_does_not_exist_fails_inside_a_success(client: Client) -> None:
    key = client.key()
    unknown = f"qcs::kms:{client.region}:uin/{OWNER}:key/{UNKNOWN}"
    bare = f"qcs::kms:{client.region}:uin/{OWNER}:key/{key}"
    names = [client.name(key), unknown, bare]
    failed = client.call("TagResources", "tag", ResourceList=names, Tags=tag_list(a="1"))["FailedResources"]
    assert [(entry["Resource"], entry["Code"]) for entry in failed] == [
        (name, "InvalidParameterValue.ResourceIdInvalid") for name in (unknown, bare)
    ]
    assert client.tags(key) == {"a": "1"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("key", "InvalidParameterValue.ResourceDescriptionError"),
        (f"qcs::kms:ap-guangzhou:uin/200000000001:key/{UNKNOWN}", "InvalidParameterValue.ResourceDescriptionError"),
        (f"qcs::kms:nowhere:uin/:key/{UNKNOWN}", "InvalidParameterValue.ResourceDescriptionError"),
        ("qcs::cvm:ap-guangzhou:uin/:instance/ins-1", "InvalidParameter.UnsupportedService"),
    ],
)
def test_bad_resource_names_are_refused(client: Client, name: str, code: str) -> None:
    assert client.refused("TagResources", "tag", ResourceList=[name], Tags=tag_list(a="1")) == code
    assert client.refused("ModifyResourceTags", "tag", Resource=name, ReplaceTags=tag_list(a="1")) == code


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        (tag_list(**{"": "a"}), "InvalidParameterValue.TagKeyEmpty"),
        (tag_list(a=""), "InvalidParameterValue.TagValueEmpty"),
        (tag_list(**{"k" * 128: "a"}), "InvalidParameterValue.TagKeyLengthExceeded"),
        (tag_list(a="v" * 256), "InvalidParameterValue.TagValueLengthExceeded"),
        (tag_list(**{"a\n": "a"}), "InvalidParameterValue.TagKeyCharacterIllegal"),
        (tag_list(a="a\x00"), "InvalidParameterValue.TagValueCharacterIllegal"),
        (tag_list(**{"qcs:a": "a"}), "InvalidParameter.ReservedTagKey"),
        (tag_list(项目="a"), "InvalidParameter.ReservedTagKey"),
        ([*tag_list(a="1"), *tag_list(a="2")], "InvalidParameterValue.TagKeyDuplicate"),
        (tag_list(**{f"k{number}": "v" for number in range(11)}), "LimitExceeded.TagNumPerRequest"),
        ([], "MissingParameter"),
    ],
)
def test_bad_tags_are_refused(client: Client, tags: list[dict[str, str]], code: str) -> None:
    key = client.key()
    assert client.refused("TagResources", "tag", ResourceList=[client.name(key)], Tags=tags) == code
    assert client.tags(key) == {}


def test_the_longest_tags_are_accepted(client: Client) -> None:
    key = client.key()
    assert tag(client, key, **{"密" * 127: "值" * 255}) == []
    assert client.tags(key) == {"密" * 127: "值" * 255}


def test_too_many_resources_in_a_call_are_refused(client: Client) -> None:
    names = [f"qcs::kms:{client.region}:uin/:key/creatorUin/1/{number}" for number in range(11)]
    assert client.refused("TagResources", "tag", ResourceList=names, Tags=tag_list(a="1")) == (
        "LimitExceeded.ResourceNumPerRequest"
    )
    assert client.refused("TagResources", "tag", ResourceList=[], Tags=tag_list(a="1")) == "MissingParameter"
    assert client.refused("UnTagResources", "tag", ResourceList=names[:1], TagKeys=[]) == "MissingParameter"


def test_a_key_holds_fifty_tags(client: Client) -> None:
    key = client.key()
    for start in range(0, 50, 10):
        assert tag(client, key, **{f"t{number:02}": "v" for number in range(start, start + 10)}) == []
    assert [entry["Code"] for entry in tag(client, key, one_more="v")] == ["LimitExceeded.ResourceAttachedTags"]
    assert tag(client, key, t00="changed") == []
    assert len(client.tags(key)) == 50


def test_tags_are_modified_in_one_step(client: Client) -> None:
    key = client.key(Tags=tag_list(env="dev", team="pay"))
    client.call(
        "ModifyResourceTags", "tag", Resource=client.name(key), ReplaceTags=tag_list(env="prod", owner="ops"),
        DeleteTags=[{"TagKey": "team"}, {"TagKey": "absent"}],
    )  # fmt: skip
    assert client.tags(key) == {"env": "prod", "owner": "ops"}


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "MissingParameter"),
        ({"ReplaceTags": []}, "InvalidParameter"),
        ({"DeleteTags": [], "ReplaceTags": tag_list(a="1")}, "InvalidParameter"),
        ({"DeleteTags": [{"TagKey": "a"}], "ReplaceTags": tag_list(a="1")},
         "InvalidParameterValue.DeleteTagsParamError"),
        ({"DeleteTags": [{"TagKey": str(number)} for number in range(11)]}, "LimitExceeded.TagNumPerRequest"),
    ],
)  # fmt: skip
def test_bad_modifications_are_refused(client: Client, parameters: dict[str, Any], code: str) -> None:
    assert client.refused("ModifyResourceTags", "tag", Resource=client.name(client.key()), **parameters) == code


def test_single_tags_are_added_updated_and_deleted(client: Client) -> None:
    key = client.key()
    resource = client.name(key)
    assert client.refused("UpdateResourceTagValue", "tag", Resource=resource, TagKey="a", TagValue="1") == (
        "ResourceNotFound.AttachedTagKeyNotFound"
    )
    client.call("AddResourceTag", "tag", Resource=resource, TagKey="a", TagValue="1")
    assert client.refused("AddResourceTag", "tag", Resource=resource, TagKey="a", TagValue="2") == (
        "ResourceInUse.TagKeyAttached"
    )
    client.call("UpdateResourceTagValue", "tag", Resource=resource, TagKey="a", TagValue="2")
    assert client.tags(key) == {"a": "2"}
    client.call("DeleteResourceTag", "tag", Resource=resource, TagKey="a")
    assert client.tags(key) == {}
    assert client.refused("DeleteResourceTag", "tag", Resource=resource, TagKey="a") == (
        "ResourceNotFound.AttachedTagKeyNotFound"
    )


def test_one_tag_is_put_on_many_keys(client: Client) -> None:
    keys = [client.key("one"), client.key("two")]
    many = named(client, keys[0]) | {"ResourceIds": [client.meta(key)["ResourceId"] for key in keys]}
    client.call("AttachResourcesTag", "tag", **many, TagKey="a", TagValue="1")
    client.call("ModifyResourcesTagValue", "tag", **many, TagKey="a", TagValue="2")
    assert [client.tags(key) for key in keys] == [{"a": "2"}, {"a": "2"}]
    client.call("DetachResourcesTag", "tag", **many, TagKey="a")
    assert [client.tags(key) for key in keys] == [{}, {}]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ServiceType": "cvm"}, "InvalidParameterValue.ServiceTypeInvalid"),
        ({"ResourcePrefix": "instance"}, "InvalidParameterValue.ResourcePrefixInvalid"),
        ({"ResourceRegion": "nowhere"}, "InvalidParameterValue.RegionInvalid"),
        ({"ResourceIds": [UNKNOWN]}, "InvalidParameterValue.ResourceIdInvalid"),
        ({"ResourceIds": []}, "MissingParameter"),
        ({"ResourceIds": [str(number) for number in range(51)]}, "LimitExceeded.ResourceNumPerRequest"),
    ],
)
def test_bad_batches_of_keys_are_refused(client: Client, change: dict[str, Any], code: str) -> None:
    many = named(client, client.key()) | change
    assert client.refused("AttachResourcesTag", "tag", **many, TagKey="a", TagValue="1") == code


@pytest.mark.parametrize("action", WRITES)
def test_writes_are_refused_while_the_tag_service_is_down(client: Client, action: str) -> None:
    resource = client.name(client.key())
    client.set(tag_service="down")
    code = "FailedOperation.ResourceTagProcessing"
    assert client.refused(action, "tag", Resource=resource, **WRITES[action]) == code


def test_tagging_while_the_tag_service_is_down_fails_inside_a_success(client: Client) -> None:
    key = client.key()
    client.set(tag_service="down")
    assert [entry["Code"] for entry in tag(client, key, a="1")] == ["FailedOperation.ResourceTagProcessing"]
    client.set(tag_service="down_at_creation")
    assert tag(client, key, a="1") == []


def test_a_page_of_tags_has_fifteen_unless_told(client: Client) -> None:
    key = client.key(Tags=tag_list(**{f"t{number:02}": "v" for number in range(20)}))
    first = client.call("DescribeResourceTagsByResourceIds", "tag", **named(client, key))
    assert (len(first["Tags"]), first["TotalCount"], first["Limit"], first["Offset"]) == (15, 20, 15, 0)
    second = client.call("DescribeResourceTagsByResourceIds", "tag", **named(client, key), Offset=15)
    assert [entry["TagKey"] for entry in second["Tags"]] == ["t15", "t16", "t17", "t18", "t19"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Offset": 7}, "InvalidParameterValue.OffsetInvalid"),
        ({"Offset": -15}, "InvalidParameterValue.OffsetInvalid"),
        ({"Limit": 0}, "InvalidParameter"),
        ({"Category": "Mine"}, "InvalidParameter"),
        ({"ResourceIds": [str(number) for number in range(51)]}, "LimitExceeded.ResourceNumPerRequest"),
    ],
)
def test_bad_questions_for_tags_are_refused(client: Client, change: dict[str, Any], code: str) -> None:
    question = named(client, client.key()) | change
    assert client.refused("DescribeResourceTagsByResourceIds", "tag", **question) == code


def test_a_tag_is_described_in_full(client: Client) -> None:
    key = client.key(Tags=tag_list(env="dev"))
    assert client.call("DescribeResourceTagsByResourceIds", "tag", **named(client, key))["Tags"] == [{
        "TagKey": "env", "TagValue": "dev", "ResourceId": f"creatorUin/{OPERATOR}/{key}",
        "TagKeyMd5": "ff035a1dd7655da15295fa5fa89362a7", "TagValueMd5": "e77989ed21758e78331b20e477fc5582",
        "ServiceType": "kms", "Category": "Custom",
    }]  # fmt: skip


def test_unknown_keys_have_no_tags(client: Client) -> None:
    question = named(client, client.key()) | {"ResourceIds": [UNKNOWN]}
    assert client.call("DescribeResourceTagsByResourceIds", "tag", **question)["TotalCount"] == 0


def test_system_tags_appear_beside_the_own_ones_unless_filtered(client: Client) -> None:
    client.set(system_tags=True)
    key = client.key(Tags=tag_list(env="dev"))
    seen = {
        category: [
            tag["Category"]
            for tag in client.call("DescribeResourceTagsByResourceIds", "tag", **named(client, key), Category=category)[
                "Tags"
            ]
        ]
        for category in ("All", "Custom", "System")
    }
    assert seen == {"All": ["Custom", "System"], "Custom": ["Custom"], "System": ["System"]}


def test_the_tags_of_a_deleted_key_are_gone(client: Client) -> None:
    key = client.key(Tags=tag_list(env="dev"))
    question = named(client, key)
    client.call("DisableKey", KeyId=key)
    client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    assert client.tags(key) == {"env": "dev"}
    client.advance(7 * DAY + 1)
    assert client.call("DescribeResourceTagsByResourceIds", "tag", **question)["Tags"] == []
    assert client.call("GetResources", "tag")["ResourceTagMappingList"] == []


def found(answer: dict[str, Any]) -> list[str]:
    return [entry["Resource"].rpartition("/")[2] for entry in answer["ResourceTagMappingList"]]


def test_tagged_resources_are_paged_by_token(client: Client) -> None:
    keys = [client.key(f"key-{number}", Tags=tag_list(a="1")) for number in range(5)]
    client.key("untagged")
    seen: list[str] = []
    token = ""
    for _ in range(3):
        answer = client.call("GetResources", "tag", MaxResults=2, PaginationToken=token)
        seen += found(answer)
        token = answer["PaginationToken"]
    assert (seen, token) == (keys, "")


def test_resources_are_found_by_tags_and_by_name(client: Client) -> None:
    first = client.key("one", Tags=tag_list(env="dev", team="pay"))
    second = client.key("two", Tags=tag_list(env="prod"))
    client.region = "ap-singapore"
    third = client.key("three", Tags=tag_list(env="dev"))
    client.region = "ap-guangzhou"

    def by_tags(**tags: list[str]) -> set[str]:
        filters = [{"TagKey": key, "TagValue": values} for key, values in tags.items()]
        return set(found(client.call("GetResources", "tag", TagFilters=filters)))

    assert by_tags(env=["dev"]) == {first, third}
    assert by_tags(env=["dev", "prod"]) == {first, second, third}
    assert by_tags(env=["dev"], team=["pay"]) == {first}
    assert by_tags(env=[]) == {first, second, third}
    assert found(client.call("GetResources", "tag", ResourceList=[client.name(second)])) == [second]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"MaxResults": 201}, "InvalidParameter"),
        ({"PaginationToken": "nonsense"}, "InvalidParameter.PaginationTokenInvalid"),
        ({"PaginationToken": "bm9uc2Vuc2U="}, "InvalidParameter.PaginationTokenInvalid"),
        ({"TagFilters": [{"TagKey": str(number)} for number in range(7)]},
         "InvalidParameterValue.TagFiltersLengthExceeded"),
        ({"TagFilters": [{"TagKey": ""}]}, "InvalidParameterValue.TagFilters"),
        ({"TagFilters": [{"TagKey": "a", "TagValue": ["v"] * 11}]}, "InvalidParameterValue.TagFilters"),
        ({"TagFilters": [{"TagKey": "a"}], "ResourceList": ["x"]}, "InvalidParameter"),
        ({"ResourceList": ["x"] * 11}, "LimitExceeded.ResourceNumPerRequest"),
    ],
)  # fmt: skip
def test_bad_questions_for_resources_are_refused(client: Client, parameters: dict[str, Any], code: str) -> None:
    assert client.refused("GetResources", "tag", **parameters) == code


def test_tags_of_the_account_are_made_listed_and_deleted(client: Client) -> None:
    client.call("CreateTag", "tag", TagKey="env", TagValue="dev")
    assert client.refused("CreateTag", "tag", TagKey="env", TagValue="dev") == "ResourceInUse.TagDuplicate"
    client.call("CreateTags", "tag", Tags=tag_list(env="prod", team="pay"))
    client.key(Tags=tag_list(env="dev"))
    listed = client.call("DescribeTags", "tag")
    assert [(tag["TagKey"], tag["TagValue"], tag["CanDelete"]) for tag in listed["Tags"]] == [
        ("env", "dev", 0), ("env", "prod", 1), ("team", "pay", 1),
    ]  # fmt: skip
    assert client.refused("DeleteTag", "tag", TagKey="env", TagValue="dev") == "FailedOperation.TagAttachedResource"
    client.call("DeleteTag", "tag", TagKey="env", TagValue="prod")
    client.call("DeleteTags", "tag", Tags=tag_list(team="pay"))
    assert client.refused("DeleteTag", "tag", TagKey="team", TagValue="pay") == "ResourceNotFound.TagNonExist"
    assert client.call("GetTagKeys", "tag")["TagKeys"] == ["env"]


def test_tags_of_the_account_are_listed_by_key_and_page(client: Client) -> None:
    client.call("CreateTags", "tag", Tags=tag_list(a="1", b="2", c="3"))
    answer = client.call("GetTagKeys", "tag", MaxResults=2)
    assert answer["TagKeys"] == ["a", "b"]
    assert client.call("GetTagKeys", "tag", PaginationToken=answer["PaginationToken"])["TagKeys"] == ["c"]
    assert [tag["TagValue"] for tag in client.call("GetTagValues", "tag", TagKeys=["a", "c"])["Tags"]] == ["1", "3"]
    assert len(client.call("GetTags", "tag")["Tags"]) == 3
    assert client.call("GetTags", "tag", Category="System")["Tags"] == []
    assert client.call("DescribeTags", "tag", TagKey="b", TagValue="2")["TotalCount"] == 1
    assert client.refused("GetTagValues", "tag", TagKeys=[]) == "MissingParameter"
    assert client.refused("GetTags", "tag", TagKeys=["k"] * 21) == "InvalidParameter"
    assert client.refused("GetTags", "tag", MaxResults=1001) == "InvalidParameter"


def test_an_account_has_a_thousand_tag_keys_and_a_key_a_thousand_values(client: Client, emulator: Emulator) -> None:
    with emulator.store.transaction("tencent") as transaction:
        store = TagStore(lambda kind: transaction.collection(kind, Scope(OWNER)), 0, quotas=True)
        for number in range(1000):
            store.create(f"k{number}", "v")
            store.create("k0", f"v{number}" if number else "v")
    assert client.refused("CreateTag", "tag", TagKey="more", TagValue="v") == "LimitExceeded.TagKey"
    assert client.refused("CreateTag", "tag", TagKey="k0", TagValue="more") == "LimitExceeded.TagValue"
    client.control("settings", {"quotas": False})
    client.call("CreateTag", "tag", TagKey="more", TagValue="v")


def test_the_caller_learns_its_account(client: Client) -> None:
    answer = client.call("GetUserAppId", "cam")
    assert (answer["Uin"], answer["OwnerUin"]) == (OPERATOR, OWNER)
    assert isinstance(answer["AppId"], int)
