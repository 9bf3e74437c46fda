"""The vendor's own Python package, unmodified, against the emulator."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_kms20160120 import models
from alibabacloud_kms20160120.client import Client as Sdk
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config

from tests.emulator.alibaba.support import (
    DAY,
    KEY_ID,
    REGION,
    SECRET,
    SOFTWARE,
    TEMPORARY_ID,
    TEMPORARY_SECRET,
    TOKEN,
    Client,
    tag_list,
)


def make(client: Client, key_id: str, secret: str, token: str | None = None) -> Sdk:
    return Sdk(
        Config(
            access_key_id=key_id, access_key_secret=secret, security_token=token, endpoint=client.host,
            protocol="http", region_id=REGION,
        )
    )  # fmt: skip


@pytest.fixture(params=["key", "token"])
def sdk(client: Client, request: pytest.FixtureRequest) -> Sdk:
    if request.param == "token":
        return make(client, TEMPORARY_ID, TEMPORARY_SECRET, TOKEN)
    return make(client, KEY_ID, SECRET)


def new_key(sdk: Sdk, **parameters: Any) -> str:
    request = models.CreateKeyRequest(dkmsinstance_id=SOFTWARE, **parameters)
    return str(sdk.create_key(request).body.key_metadata.key_id)


def meta(sdk: Sdk, key: str) -> Any:
    return sdk.describe_key(models.DescribeKeyRequest(key_id=key)).body.key_metadata


def code(call: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(ClientException) as caught:
        call()
    return caught.value.status_code, caught.value.code


def test_a_key_lives_through_the_package(sdk: Sdk, client: Client) -> None:
    key = new_key(
        sdk, description="a b*c~/d+é", enable_automatic_rotation=True, rotation_interval="7d",
        tags=json.dumps(tag_list(env="prod")),
    )  # fmt: skip
    found = meta(sdk, key)
    assert (found.automatic_rotation, found.rotation_interval) == ("Enabled", "604800s")
    assert found.description == "a b*c~/d+é"
    sdk.update_key_description(models.UpdateKeyDescriptionRequest(key_id=key, description=""))
    sdk.disable_key(models.DisableKeyRequest(key_id=key))
    found = meta(sdk, key)
    assert (found.description, found.key_state, found.automatic_rotation) == ("", "Disabled", "Suspended")
    sdk.enable_key(models.EnableKeyRequest(key_id=key))
    sdk.update_rotation_policy(models.UpdateRotationPolicyRequest(key_id=key, enable_automatic_rotation=False))
    protect = models.SetDeletionProtectionRequest(
        protected_resource_arn=found.arn, enable_deletion_protection=True, deletion_protection_description="in use"
    )
    sdk.set_deletion_protection(protect)
    found = meta(sdk, key)
    assert (found.key_state, found.automatic_rotation, found.deletion_protection) == ("Enabled", "Disabled", "Enabled")
    schedule = models.ScheduleKeyDeletionRequest(key_id=key, pending_window_in_days=7)
    assert code(lambda: sdk.schedule_key_deletion(schedule)) == (400, "Rejected.UnsupportedOperation")
    protect.enable_deletion_protection, protect.deletion_protection_description = False, None
    sdk.set_deletion_protection(protect)
    sdk.schedule_key_deletion(schedule)
    assert meta(sdk, key).key_state == "PendingDeletion"
    sdk.cancel_key_deletion(models.CancelKeyDeletionRequest(key_id=key))
    assert meta(sdk, key).key_state == "Enabled"
    sdk.schedule_key_deletion(schedule)
    client.advance(8 * DAY)
    assert code(lambda: meta(sdk, key)) == (404, "Forbidden.KeyNotFound")


def test_keys_and_versions_are_listed_through_the_package(sdk: Sdk, client: Client) -> None:
    keys = [new_key(sdk) for _ in range(3)]
    filters = json.dumps([{"Key": "KeyState", "Values": ["Enabled"]}])
    body = sdk.list_keys(models.ListKeysRequest(page_size=2, page_number=2, filters=filters)).body
    assert (body.total_count, [entry.key_id for entry in body.keys.key]) == (3, keys[2:])
    client.advance(7 * DAY)
    made = sdk.create_key_version(models.CreateKeyVersionRequest(key_id=keys[0])).body.key_version
    listed = sdk.list_key_versions(models.ListKeyVersionsRequest(key_id=keys[0])).body
    assert listed.key_versions.key_version[1].key_version_id == made.key_version_id
    wanted = models.DescribeKeyVersionRequest(key_id=keys[0], key_version_id=made.key_version_id)
    assert sdk.describe_key_version(wanted).body.key_version.creation_date == made.creation_date


def test_aliases_through_the_package(sdk: Sdk) -> None:
    key, other = new_key(sdk), new_key(sdk)
    sdk.create_alias(models.CreateAliasRequest(alias_name="alias/app", key_id=key))
    sdk.update_alias(models.UpdateAliasRequest(alias_name="alias/app", key_id=other))
    assert meta(sdk, "alias/app").key_id == other
    (alias,) = sdk.list_aliases(models.ListAliasesRequest(page_size=100)).body.aliases.alias
    assert (alias.alias_name, alias.key_id) == ("alias/app", other)
    listed = sdk.list_aliases_by_key_id(models.ListAliasesByKeyIdRequest(key_id=key)).body
    assert (listed.total_count, listed.aliases.alias) == (0, [])
    sdk.delete_alias(models.DeleteAliasRequest(alias_name="alias/app"))
    assert code(lambda: meta(sdk, "alias/app")) == (404, "Forbidden.AliasNotFound")


def test_tags_through_the_package(sdk: Sdk) -> None:
    keys = [new_key(sdk) for _ in range(2)]
    common: dict[str, Any] = {"region_id": REGION, "resource_type": "key", "resource_id": keys}
    tag = models.TagResourcesRequestTag(key="env", value="a+b")
    sdk.tag_resources(models.TagResourcesRequest(**common, tag=[tag]))
    sdk.tag_resource(models.TagResourceRequest(key_id=keys[0], tags=json.dumps(tag_list(team="x"))))
    rows = sdk.list_tag_resources(models.ListTagResourcesRequest(**common)).body.tag_resources.tag_resource
    assert [(row.resource_id, row.tag_key, row.tag_value) for row in rows] == [
        (keys[0], "env", "a+b"), (keys[0], "team", "x"), (keys[1], "env", "a+b"),
    ]  # fmt: skip
    sdk.untag_resource(models.UntagResourceRequest(key_id=keys[0], tag_keys=json.dumps(["team"])))
    sdk.untag_resources(models.UntagResourcesRequest(**common, all=True))
    assert sdk.list_resource_tags(models.ListResourceTagsRequest(key_id=keys[0])).body.tags.tag == []


def test_instances_and_regions_through_the_package(sdk: Sdk) -> None:
    found = sdk.get_kms_instance(models.GetKmsInstanceRequest(kms_instance_id=SOFTWARE)).body.kms_instance
    assert (found.instance_id, found.status, found.vswitch_ids, found.deletion_protection) == (
        SOFTWARE, "Connected", [], False,
    )  # fmt: skip
    assert sdk.list_kms_instances(models.ListKmsInstancesRequest()).body.total_count == 2
    assert sdk.get_default_kms_instance().body.default_kms_instance_id == ""
    assert REGION in [region.region_id for region in sdk.describe_regions().body.regions.region]
    assert sdk.describe_account_kms_status().body.account_status == "Enabled"


def test_a_wrong_secret_through_the_package(client: Client) -> None:
    wrong = make(client, KEY_ID, "wrong")
    assert code(lambda: wrong.list_keys(models.ListKeysRequest())) == (400, "IncompleteSignature")
