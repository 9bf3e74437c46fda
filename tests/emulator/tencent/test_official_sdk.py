"""The vendor's own Python SDK, unmodified, against the emulator."""

import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tencentcloud.cam.v20190116 import cam_client
from tencentcloud.cam.v20190116 import models as cam_models
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.kms.v20190118 import kms_client
from tencentcloud.kms.v20190118 import models as kms_models
from tencentcloud.tag.v20180813 import models as tag_models
from tencentcloud.tag.v20180813 import tag_client

from kms_emulator.tencent.services import SERVICES
from tests.emulator.tencent.support import REGION, SECRET_ID, SECRET_KEY, TEMPORARY_ID, TEMPORARY_KEY, TOKEN, Client

MODELS = {"kms": kms_models, "tag": tag_models, "cam": cam_models}


@dataclass
class Sdk:
    """The three clients of the SDK, in one manner of signing."""

    clients: dict[str, Any]

    def call(self, service: str, action: str, **parameters: Any) -> Any:
        request = getattr(MODELS[service], f"{action}Request")()
        request._deserialize(parameters)
        return getattr(self.clients[service], action)(request)


def make(url: str, method: str, http: str, credential: Credential) -> Sdk:
    profile = ClientProfile(
        signMethod=method, language="en-US",
        httpProfile=HttpProfile(protocol="http", endpoint=url.split("//")[1], reqMethod=http),
    )  # fmt: skip
    return Sdk(
        {
            "kms": kms_client.KmsClient(credential, REGION, profile),
            "tag": tag_client.TagClient(credential, "", profile),
            "cam": cam_client.CamClient(credential, "", profile),
        }
    )


@pytest.fixture(
    params=[("TC3-HMAC-SHA256", "POST"), ("TC3-HMAC-SHA256", "GET"), ("HmacSHA1", "POST"), ("HmacSHA256", "GET")],
    ids=" ".join,
)
def sdk(client: Client, request: pytest.FixtureRequest) -> Sdk:
    method, http = request.param
    return make(client.url, method, http, Credential(SECRET_ID, SECRET_KEY))


def test_a_key_lives_through_the_sdk(sdk: Sdk) -> None:
    made = sdk.call("kms", "CreateKey", Alias="app-main", Description="主密钥 & more",
                    Tags=[{"TagKey": "env", "TagValue": "dev"}])  # fmt: skip
    key = made.KeyId
    sdk.call("kms", "EnableKeyRotation", KeyId=key, RotateDays=90)
    sdk.call("kms", "RotateKey", KeyId=key)
    sdk.call("kms", "UpdateAlias", KeyId=key, Alias="renamed")
    found = sdk.call("kms", "DescribeKey", KeyId=key).KeyMetadata
    assert (found.Alias, found.Description, found.RotateDays) == ("renamed", "主密钥 & more", 90)
    assert [entry.Alias for entry in sdk.call("kms", "ListKeyDetail", KeyUsage="ALL", Limit=200).KeyMetadatas] == [
        "renamed"
    ]
    sdk.call("kms", "DisableKey", KeyId=key)
    date = sdk.call("kms", "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7).DeletionDate
    assert sdk.call("kms", "DescribeKey", KeyId=key).KeyMetadata.DeletionDate == date
    sdk.call("kms", "CancelKeyDeletion", KeyId=key)
    assert sdk.call("kms", "DescribeKey", KeyId=key).KeyMetadata.KeyState == "Disabled"


def test_tags_are_managed_through_the_sdk(sdk: Sdk) -> None:
    key = sdk.call("kms", "CreateKey", Alias="app-main").KeyId
    owner = sdk.call("cam", "GetUserAppId").OwnerUin
    resource_id = sdk.call("kms", "DescribeKey", KeyId=key).KeyMetadata.ResourceId
    name = f"qcs::kms:{REGION}:uin/{owner}:key/{resource_id}"
    tags = [{"TagKey": "env", "TagValue": "dev"}, {"TagKey": "team", "TagValue": "支付"}]
    assert sdk.call("tag", "TagResources", ResourceList=[name], Tags=tags).FailedResources == []
    sdk.call("tag", "UnTagResources", ResourceList=[name], TagKeys=["env"])
    found = sdk.call(
        "tag", "DescribeResourceTagsByResourceIds", ServiceType="kms", ResourcePrefix="key",
        ResourceIds=[resource_id], ResourceRegion=REGION, Category="Custom",
    )  # fmt: skip
    assert [(tag.TagKey, tag.TagValue) for tag in found.Tags] == [("team", "支付")]
    assert sdk.call("tag", "GetResources").ResourceTagMappingList[0].Resource == name


def test_the_sdk_raises_the_vendors_code_with_a_request_id(sdk: Sdk) -> None:
    with pytest.raises(TencentCloudSDKException) as caught:
        sdk.call("kms", "DescribeKey", KeyId="11111111-2222-3333-4444-555555555555")
    assert caught.value.get_code() == "ResourceUnavailable.CmkNotFound"
    assert uuid.UUID(caught.value.get_request_id())


@pytest.mark.parametrize("method", ["TC3-HMAC-SHA256", "HmacSHA256"])
def test_the_sdk_signs_with_temporary_credentials(client: Client, method: str) -> None:
    sdk = make(client.url, method, "POST", Credential(TEMPORARY_ID, TEMPORARY_KEY, TOKEN))
    assert sdk.call("kms", "ListKeys").TotalCount == 0


def test_the_sdk_signs_without_the_payload(client: Client) -> None:
    sdk = make(client.url, "TC3-HMAC-SHA256", "POST", Credential(SECRET_ID, SECRET_KEY))
    sdk.clients["kms"].profile.unsignedPayload = True
    assert sdk.call("kms", "CreateKey", Alias="app-main").KeyState == "Enabled"


@pytest.mark.parametrize("service", SERVICES)
def test_every_action_of_the_sdk_is_emulated_or_a_published_gap(service: str) -> None:
    clients = {"kms": kms_client.KmsClient, "tag": tag_client.TagClient, "cam": cam_client.CamClient}
    known = {name for name in vars(clients[service]) if name[0].isupper()}
    assert known == set(SERVICES[service].actions) | SERVICES[service].gaps


@pytest.mark.parametrize(
    ("service", "action"), [(name, action) for name, service in SERVICES.items() for action in service.actions]
)
def test_each_action_knows_exactly_the_parameters_of_the_sdk(service: str, action: str) -> None:
    request = getattr(MODELS[service], f"{action}Request")()
    assert {name.removeprefix("_") for name in vars(request)} == set(SERVICES[service].actions[action].fields)


def test_answers_have_only_fields_that_the_sdk_knows(sdk: Sdk) -> None:
    """The SDK warns about fields it does not know, and a warning fails the test."""
    sdk.call("kms", "CreateKey", Alias="app-main", Tags=[{"TagKey": "env", "TagValue": "dev"}])
    for action in ("ListKeys", "ListKeyDetail", "ListAlgorithms", "GetRegions", "GetServiceStatus"):
        assert sdk.call("kms", action).RequestId
    for action in ("GetResources", "GetTags", "GetTagKeys", "DescribeTags"):
        assert sdk.call("tag", action).RequestId
    with pytest.warns(UserWarning, match="useless"):
        kms_models.KeyMetadata()._deserialize({"NoSuchField": 1})


@pytest.mark.parametrize("service", SERVICES)
def test_the_published_table_of_gaps_is_that_of_the_code(service: str) -> None:
    text = (Path(__file__).parents[3] / "docs" / "emulator-gaps.md").read_text(encoding="utf-8")
    section = text.partition("## Tencent Cloud")[2].partition("\n## ")[0]
    row = next(line for line in section.splitlines() if line.startswith(f"| {service} |"))
    _, _, emulated, refused, _ = row.split("|")
    assert set(re.findall("`(.+?)`", emulated)) == set(SERVICES[service].actions)
    assert set(re.findall("`(.+?)`", refused)) == SERVICES[service].gaps
