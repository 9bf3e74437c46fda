"""The vendor's own Python SDK, unmodified, against the emulator."""

import base64
import json
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tencentcloud.cam.v20190116 import cam_client
from tencentcloud.cam.v20190116 import models as cam_models
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.kms.v20190118 import kms_client
from tencentcloud.kms.v20190118 import models as kms_models
from tencentcloud.sts.v20180813 import models as sts_models
from tencentcloud.sts.v20180813 import sts_client
from tencentcloud.tag.v20180813 import models as tag_models
from tencentcloud.tag.v20180813 import tag_client

from kms_emulator.tencent.services import SERVICES
from tests.emulator.tencent.crypto import PADDINGS, b64, openssl, public_pem
from tests.emulator.tencent.support import (
    OWNER,
    PAYMENTS,
    REGION,
    SECRET_ID,
    SECRET_KEY,
    TEMPORARY_ID,
    TEMPORARY_KEY,
    TOKEN,
    Client,
    document,
    statement,
    trust,
)

MODELS = {"kms": kms_models, "tag": tag_models, "cam": cam_models, "sts": sts_models}


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
            "sts": sts_client.StsClient(credential, REGION, profile),
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


def test_symmetric_keys_work_through_the_sdk(sdk: Sdk) -> None:
    key, text = sdk.call("kms", "CreateKey", Alias="app-main").KeyId, b64(b"\xfb\xef plaintext + & =")
    context = json.dumps({"用途": "a+b&c"}, ensure_ascii=False)
    blob = sdk.call("kms", "Encrypt", KeyId=key, Plaintext=text, EncryptionContext=context).CiphertextBlob
    opened = sdk.call("kms", "Decrypt", CiphertextBlob=blob, EncryptionContext=context)
    assert (opened.KeyId, opened.Plaintext) == (key, text)
    again = sdk.call("kms", "ReEncrypt", CiphertextBlob=blob, SourceEncryptionContext=context)
    assert again.ReEncrypted is True
    assert sdk.call("kms", "Decrypt", CiphertextBlob=again.CiphertextBlob).Plaintext == text
    data_key = sdk.call("kms", "GenerateDataKey", KeyId=key, KeySpec="AES_256")
    assert sdk.call("kms", "Decrypt", CiphertextBlob=data_key.CiphertextBlob).Plaintext == data_key.Plaintext
    assert sdk.call("kms", "GenerateRandom", NumberOfBytes=12).Plaintext
    caller = rsa.generate_private_key(65537, 2048)
    wrapped = sdk.call(
        "kms", "Decrypt", CiphertextBlob=again.CiphertextBlob, EncryptionPublicKey=public_pem(caller),
        EncryptionAlgorithm="RSAES_OAEP_SHA_256",
    ).Plaintext  # fmt: skip
    assert b64(caller.decrypt(base64.b64decode(wrapped), PADDINGS["RSAES_OAEP_SHA_256"])) == text


def test_asymmetric_keys_work_through_the_sdk(sdk: Sdk, tmp_path: Path) -> None:
    key = sdk.call("kms", "CreateKey", Alias="rsa", KeyUsage="ASYMMETRIC_DECRYPT_RSA_2048").KeyId
    public = serialization.load_der_public_key(base64.b64decode(sdk.call("kms", "GetPublicKey", KeyId=key).PublicKey))
    assert isinstance(public, rsa.RSAPublicKey)
    blob = b64(public.encrypt(b"plaintext", PADDINGS["RSAES_OAEP_SHA_1"]))
    opened = sdk.call("kms", "AsymmetricRsaDecrypt", KeyId=key, Ciphertext=blob, Algorithm="RSAES_OAEP_SHA_1")
    assert opened.Plaintext == b64(b"plaintext")
    key = sdk.call("kms", "CreateKey", Alias="sm2", KeyUsage="ASYMMETRIC_DECRYPT_SM2").KeyId
    der = base64.b64decode(sdk.call("kms", "GetPublicKey", KeyId=key).PublicKey)
    command = ["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", "key", "-in", "data"]
    blob = b64(openssl(tmp_path, *command, key=der, data=b"plaintext"))
    assert sdk.call("kms", "AsymmetricSm2Decrypt", KeyId=key, Ciphertext=blob).Plaintext == b64(b"plaintext")
    for usage, algorithm in (("SM2", "SM2DSA"), ("ECC", "ECC_P256_R1"), ("RSA_2048", "RSA_PSS_SHA_256")):
        key = sdk.call("kms", "CreateKey", Alias=usage, KeyUsage=f"ASYMMETRIC_SIGN_VERIFY_{usage}").KeyId
        given = {"KeyId": key, "Algorithm": algorithm, "Message": b64(b"message"), "MessageType": "RAW"}
        signature = sdk.call("kms", "SignByAsymmetricKey", **given).Signature
        assert sdk.call("kms", "VerifyByAsymmetricKey", **given, SignatureValue=signature).SignatureValid is True
        given["Message"] = b64(b"another")
        assert sdk.call("kms", "VerifyByAsymmetricKey", **given, SignatureValue=signature).SignatureValid is False


def test_material_is_imported_and_bound_through_the_sdk(sdk: Sdk) -> None:
    key = sdk.call("kms", "CreateKey", Alias="app-main", Type=2).KeyId
    given = sdk.call(
        "kms", "GetParametersForImport", KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    public = serialization.load_der_public_key(base64.b64decode(given.PublicKey))
    assert isinstance(public, rsa.RSAPublicKey)
    wrapped = b64(public.encrypt(bytes(16), PADDINGS["RSAES_OAEP_SHA_256"]))
    expiry = given.ParametersValidTo + 1000
    sdk.call(
        "kms", "ImportKeyMaterial", KeyId=key, ImportToken=given.ImportToken, EncryptedKeyMaterial=wrapped,
        ValidTo=expiry,
    )  # fmt: skip
    assert sdk.call("kms", "DescribeKey", KeyId=key).KeyMetadata.ValidTo == expiry
    sdk.call("kms", "BindCloudResource", KeyId=key, ProductId="ssm", ResourceId="a")
    sdk.call("kms", "UnbindCloudResource", KeyId=key, ProductId="ssm", ResourceId="a")
    sdk.call("kms", "DeleteImportedKeyMaterial", KeyId=key)
    assert sdk.call("kms", "DescribeKey", KeyId=key).KeyMetadata.KeyState == "PendingImport"


def test_data_keys_are_hosted_through_the_sdk(sdk: Sdk) -> None:
    key = sdk.call("kms", "CreateKey", Alias="app-main").KeyId
    made = sdk.call("kms", "GenerateDataKey", KeyId=key, NumberOfBytes=24, IsHostedByKms=1, DataKeyName="one",
                    Tags=[{"TagKey": "env", "TagValue": "dev"}])  # fmt: skip
    given = {"DataKeyName": "two", "ImportKeyMaterial": b64(b"x" * 20), "ImportType": 2, "KeyId": key}
    two = sdk.call("kms", "ImportDataKey", **given).DataKeyId
    one = made.DataKeyId
    assert sdk.call("kms", "GetDataKeyPlaintext", DataKeyId=one).Plaintext == made.Plaintext
    assert sdk.call("kms", "GetDataKeyCiphertextBlob", DataKeyId=one).CiphertextBlob == made.CiphertextBlob
    sdk.call("kms", "UpdateDataKeyName", DataKeyId=one, DataKeyName="renamed")
    sdk.call("kms", "UpdateDataKeyDescription", DataKeyId=one, Description="说明")
    for action in ("DisableDataKeys", "EnableDataKeys"):
        sdk.call("kms", action, DataKeyIds=[one, two])
    sdk.call("kms", "EnableDataKey", DataKeyId=one)
    sdk.call("kms", "DisableDataKey", DataKeyId=one)
    date = sdk.call("kms", "ScheduleDataKeyDeletion", DataKeyId=one, PendingWindowInDays=7).DeletionDate
    found = sdk.call("kms", "DescribeDataKey", DataKeyId=one).DataKeyMetadata
    assert (found.DataKeyName, found.Description, found.DeletionDate) == ("renamed", "说明", date)
    assert sdk.call("kms", "CancelDataKeyDeletion", DataKeyId=one).DataKeyId == one
    assert len(sdk.call("kms", "DescribeDataKeys", DataKeyIds=[one, two]).DataKeyMetadatas) == 2
    assert sdk.call("kms", "ListDataKeys").TotalCount == 2
    listed = sdk.call("kms", "ListDataKeyDetail", KeyId=key, DataKeyLen=20, Limit=200).DataKeyMetadatas
    assert [entry.DataKeyId for entry in listed] == [two]


def test_policies_are_managed_and_enforced_through_the_sdk(client: Client, sdk: Sdk) -> None:
    client.set(enforce_access=True)
    key = sdk.call("kms", "CreateKey", Alias="app-main").KeyId
    name = client.name(key)
    text = json.dumps(document(statement("allow", ["kms:DescribeKey"], name)))
    policy = sdk.call("cam", "CreatePolicy", PolicyName="read-app", PolicyDocument=text, Description="说明 & more",
                      Tags=[{"Key": "env", "Value": "dev"}]).PolicyId  # fmt: skip
    assert json.loads(sdk.call("cam", "GetPolicy", PolicyId=policy).PolicyDocument) == json.loads(text)
    version = sdk.call("cam", "CreatePolicyVersion", PolicyId=policy, PolicyDocument=text, SetAsDefault=True).VersionId
    found = sdk.call("cam", "GetPolicyVersion", PolicyId=policy, VersionId=version).PolicyVersion
    assert (found.IsDefaultVersion, json.loads(found.Document)) == (1, json.loads(text))
    sdk.call("cam", "SetDefaultPolicyVersion", PolicyId=policy, VersionId=1)
    sdk.call("cam", "DeletePolicyVersion", PolicyId=policy, VersionId=[version])
    assert len(sdk.call("cam", "ListPolicyVersions", PolicyId=policy).Versions) == 1
    assert sdk.call("cam", "UpdatePolicy", PolicyName="read-app", PolicyDocument=text).PolicyId == policy
    assert sdk.call("cam", "ListPolicies", Scope="Local", Rp=200).List[0].PolicyName == "read-app"

    uin = sdk.call("cam", "GetUser", Name="payments-app").Uin
    group = sdk.call("cam", "ListGroups", Keyword="applications").GroupInfo[0].GroupId
    role = sdk.call("cam", "CreateRole", RoleName="reader", PolicyDocument=trust(f"qcs::cam::uin/{OWNER}:root"),
                    Tags=[{"Key": "env", "Value": "dev"}]).RoleId  # fmt: skip
    theirs = make(client.url, "TC3-HMAC-SHA256", "POST", Credential(PAYMENTS[0], PAYMENTS[1]))
    with pytest.raises(TencentCloudSDKException, match="UnauthorizedOperation"):
        theirs.call("kms", "DescribeKey", KeyId=key)
    sdk.call("cam", "AttachUserPolicy", PolicyId=policy, AttachUin=uin)
    sdk.call("cam", "AttachGroupPolicy", PolicyId=policy, AttachGroupId=group)
    sdk.call("cam", "AttachRolePolicy", PolicyId=policy, AttachRoleName="reader")
    assert theirs.call("kms", "DescribeKey", KeyId=key).KeyMetadata.Alias == "app-main"
    rows = sdk.call("cam", "ListEntitiesForPolicy", PolicyId=policy, Rp=200).List
    assert [(row.Id, row.RelatedType) for row in rows] == [(str(uin), 1), (str(group), 2), (role, 3)]
    assert sdk.call("cam", "ListAttachedUserPolicies", TargetUin=uin).List[0].PolicyId == policy
    assert sdk.call("cam", "ListAttachedGroupPolicies", TargetGroupId=group).List[0].PolicyId == policy
    assert sdk.call("cam", "ListAttachedRolePolicies", RoleId=role, Page=1, Rp=200).List[0].PolicyId == policy
    given = {"TargetUin": uin, "Page": 1, "Rp": 20, "AttachType": 0}
    assert sdk.call("cam", "ListAttachedUserAllPolicies", **given).PolicyList[0].Groups[0].GroupId == group

    made = sdk.call("sts", "AssumeRole", RoleArn=f"qcs::cam::uin/{OWNER}:role/{role}", RoleSessionName="test")
    keys = made.Credentials
    session = make(client.url, "TC3-HMAC-SHA256", "POST", Credential(keys.TmpSecretId, keys.TmpSecretKey, keys.Token))
    assert session.call("kms", "DescribeKey", KeyId=key).KeyMetadata.KeyId == key
    assert session.call("sts", "GetCallerIdentity").AccountId == OWNER
    with pytest.raises(TencentCloudSDKException, match="UnauthorizedOperation"):
        session.call("kms", "DisableKey", KeyId=key)

    sdk.call("cam", "DetachUserPolicy", PolicyId=policy, DetachUin=uin)
    sdk.call("cam", "DetachGroupPolicy", PolicyId=policy, DetachGroupId=group)
    sdk.call("cam", "DetachRolePolicy", PolicyName="read-app", DetachRoleId=role)
    sdk.call("cam", "DeletePolicy", PolicyId=[policy])
    with pytest.raises(TencentCloudSDKException, match=r"ResourceNotFound\.PolicyIdNotFound"):
        sdk.call("cam", "GetPolicy", PolicyId=policy)


def test_users_groups_and_roles_are_read_through_the_sdk(sdk: Sdk) -> None:
    assert sdk.call("cam", "GetGroup", GroupId=1001).UserInfo[0].Name == "payments-app"
    assert sdk.call("cam", "ListUsersForGroup", GroupId=1001).UserInfo[0].Uin == int(PAYMENTS[2])
    assert sdk.call("cam", "ListGroupsForUser", SubUin=int(PAYMENTS[2])).GroupInfo[0].GroupName == "applications"
    assert "payments-app" in [user.Name for user in sdk.call("cam", "ListUsers").Data]
    role = sdk.call("cam", "GetRole", RoleName="kms-application").RoleInfo
    assert role.RoleArn == f"qcs::cam::uin/{OWNER}:roleName/kms-application"
    sdk.call("cam", "UpdateAssumeRolePolicy", RoleId=role.RoleId, PolicyDocument=role.PolicyDocument)
    assert sdk.call("cam", "DescribeRoleList", Page=1, Rp=20).TotalNum == 2
    sdk.call("cam", "DeleteRole", RoleName="kms-application")
    with pytest.raises(TencentCloudSDKException, match=r"InvalidParameter\.RoleNotExist"):
        sdk.call("cam", "GetRole", RoleName="kms-application")


def test_a_session_of_a_role_ends_for_the_sdk_on_the_emulators_clock(client: Client) -> None:
    source = make(client.url, "TC3-HMAC-SHA256", "POST", Credential(SECRET_ID, SECRET_KEY))
    made = source.call("sts", "AssumeRole", RoleArn=f"qcs::cam::uin/{OWNER}:roleName/kms-application",
                       RoleSessionName="test", DurationSeconds=7200)  # fmt: skip
    keys = made.Credentials
    for method in ("TC3-HMAC-SHA256", "HmacSHA256"):
        sdk = make(client.url, method, "POST", Credential(keys.TmpSecretId, keys.TmpSecretKey, keys.Token))
        assert sdk.call("kms", "ListKeys").TotalCount == 0
    client.advance(7200)
    with pytest.raises(TencentCloudSDKException, match=r"AuthFailure\.TokenFailure"):
        sdk.call("kms", "ListKeys")


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
    clients = {"kms": kms_client.KmsClient, "tag": tag_client.TagClient, "cam": cam_client.CamClient,
               "sts": sts_client.StsClient}  # fmt: skip
    known = {name for name in vars(clients[service]) if name[0].isupper()}
    assert known == set(SERVICES[service].actions) | SERVICES[service].gaps


@pytest.mark.parametrize(
    ("service", "action"), [(name, action) for name, service in SERVICES.items() for action in service.actions]
)
def test_each_action_knows_exactly_the_parameters_of_the_sdk(service: str, action: str) -> None:
    request = getattr(MODELS[service], f"{action}Request")()
    known = {name.removeprefix("_") for name in vars(request)} if hasattr(request, "_deserialize") else set()
    assert known == set(SERVICES[service].actions[action].fields)


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
