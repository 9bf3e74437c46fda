"""Secrets as managed things: what is sent, how an answer is read, and that no value is seen anywhere else."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from kms_resources.clouds.alibaba.actions import RATES
from kms_resources.clouds.alibaba.limits import SECRETS
from kms_resources.clouds.alibaba.openapi import OpenApi
from kms_resources.clouds.alibaba.secrets import AlibabaSecrets
from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.secrets import (
    ActualSecret,
    SecretsClient,
    SecretSettings,
    SecretState,
    SecretType,
    SecretVersion,
)
from kms_resources.clouds.transport import Transport
from kms_resources.errors import (
    AlreadyExistsError,
    CloudError,
    CredentialsError,
    NotFoundError,
    RejectedError,
    UnclearError,
    WrongStateError,
)
from kms_resources.model import Marker
from tests.unit.clouds.alibaba.doubles import TARGET, Doors, cloud
from tests.unit.clouds.conftest import Naps
from tests.unit.clouds.loopback import CUT, Answer, Loopback

MARKER = Marker("kms/prod/db")
VALUE = b"canary-value"
METADATA: dict[str, Any] = {
    "SecretName": "db",
    "SecretType": "Generic",
    "Description": "of the shop",
    "EncryptionKeyId": "key-1",
    "DKMSInstanceId": "kst-1",
    "AutomaticRotation": "Invalid",
    "Arn": "acs:kms:cn-hangzhou:1234567890123456:secret/db",
    "CreateTime": "2024-05-20T06:34:21Z",
    "UpdateTime": "2024-05-21T06:34:21Z",
    "Tags": {
        "Tag": [
            {"TagKey": "kms-resources-marker", "TagValue": "kms/prod/db"},
            {"TagKey": "owner", "TagValue": "shop"},
            {"TagKey": "acs:rm:group", "TagValue": "x"},
        ]
    },
}
VERSIONS = {
    "VersionIds": {
        "VersionId": [
            {
                "VersionId": "v2",
                "CreateTime": "2025-01-01T00:00:00Z",
                "VersionStages": {"VersionStage": ["ACSCurrent"]},
            },
            {"VersionId": "v1", "CreateTime": "2024-05-20T06:34:21Z", "VersionStages": {"VersionStage": []}},
        ]
    },
    "TotalCount": 2,
}
ACTUAL = ActualSecret(
    "db",
    SecretSettings(SecretType.GENERIC, "of the shop", "key-1", "kst-1", tags={"owner": "shop"}),
    marker=MARKER,
    arn="acs:kms:cn-hangzhou:1234567890123456:secret/db",
    created="2024-05-20T06:34:21Z",
    updated="2024-05-21T06:34:21Z",
    versions=(
        SecretVersion("v1", "2024-05-20T06:34:21Z"),
        SecretVersion("v2", "2025-01-01T00:00:00Z", ("ACSCurrent",)),
    ),
)


@pytest.fixture
def doors(server: Loopback) -> Doors:
    return Doors(server, {"DescribeSecret": METADATA, "ListSecretVersionIds": VERSIONS})


@pytest.fixture
def client(doors: Doors) -> SecretsClient:
    connect = cloud().connect_secrets
    assert connect
    return connect(TARGET, doors.environ("shared"))


def refusal(status: int, code: str, message: str = "m") -> Answer:
    return Answer.of({"Code": code, "Message": message, "RequestId": "r"}, status)


def test_a_secret_is_described_with_tags_marker_and_versions(doors: Doors, client: SecretsClient) -> None:
    assert client.describe_secret("db") == ACTUAL
    assert doors.fields("DescribeSecret") == {"SecretName": "db", "FetchTags": "true"}


def test_a_secret_that_waits_for_its_deletion_is_found_and_its_versions_are_not_asked_for(
    doors: Doors, client: SecretsClient
) -> None:
    doors.replies["DescribeSecret"] = METADATA | {"PlannedDeleteTime": "2024-06-20T06:34:21Z"}
    assert client.describe_secret("db") == replace(
        ACTUAL, state=SecretState.PENDING_DELETION, planned_deletion="2024-06-20T06:34:21Z", versions=()
    )
    assert doors.actions == ["shared:DescribeSecret"]


@pytest.mark.parametrize(("interval", "seconds"), [("604800s", 604_800), ("7d", 604_800), ("6h", 21_600), ("", None)])
def test_rotation_is_read_in_seconds(doors: Doors, client: SecretsClient, interval: str, seconds: int | None) -> None:
    doors.replies["DescribeSecret"] = METADATA | {
        "SecretType": "Rds",
        "AutomaticRotation": "Enabled",
        "RotationInterval": interval,
        "NextRotationDate": "2024-06-20T06:34:21Z",
        "ExtendedConfig": '{"SecretSubType":"SingleUser"}',
    }
    found = client.describe_secret("db")
    assert found.settings.rotation_seconds == seconds
    assert found.settings.rotation_days == (None if seconds is None else -(-seconds // 86_400))
    assert found.next_rotation == "2024-06-20T06:34:21Z"
    assert found.settings.configuration == {"SecretSubType": "SingleUser"}


def test_a_secret_of_an_unknown_kind_is_refused_and_one_that_is_not_there_is_not_found(
    doors: Doors, client: SecretsClient
) -> None:
    doors.replies["DescribeSecret"] = METADATA | {"SecretType": "Quantum"}
    with pytest.raises(RejectedError, match="SecretType Quantum"):
        client.describe_secret("db")
    doors.replies["DescribeSecret"] = refusal(404, "Forbidden.ResourceNotFound")
    with pytest.raises(NotFoundError):
        client.describe_secret("db")


def test_a_configuration_that_is_no_object_makes_the_answer_unreadable(doors: Doors, naps: Naps) -> None:
    doors.replies["DescribeSecret"] = METADATA | {"ExtendedConfig": "[]"}
    api = OpenApi(Credentials("an-id", "a-secret"), doors.server.url, Transport("t", RATES, 0.0, naps))
    with pytest.raises(UnclearError):
        AlibabaSecrets(TARGET, api).describe_secret("db")


def test_listing_gives_ones_own_secrets_complete_but_for_versions(doors: Doors, client: SecretsClient) -> None:
    rows = [
        {"SecretName": "db", "SecretType": "Generic"},
        {"SecretName": "gone", "SecretType": "Generic"},
        {"SecretName": "of-rds", "SecretType": "Rds", "OwingService": "rds"},
        {"SecretName": "odd", "SecretType": "Quantum"},
    ]
    doors.replies["ListSecrets"] = {"SecretList": {"Secret": rows}, "TotalCount": 4}
    doors.replies["DescribeSecret"] = lambda asked: (
        METADATA if asked["SecretName"] == "db" else refusal(404, "Forbidden.ResourceNotFound")
    )
    assert list(client.list_secrets()) == [replace(ACTUAL, versions=())]


def test_a_secret_is_made_with_its_marker_in_one_call(doors: Doors, client: SecretsClient) -> None:
    doors.replies["CreateSecret"] = {"SecretName": "db", "VersionId": "v1"}
    settings = SecretSettings(
        SecretType.RDS,
        "text",
        "key-1",
        "kst-1",
        rotation_seconds=604_800,
        tags={"owner": "shop"},
        configuration={"SecretSubType": "SingleUser"},
    )
    assert client.create_secret("db", settings, MARKER, VALUE, "v1") == "v1"
    fields = doors.fields("CreateSecret")
    assert json.loads(fields.pop("Tags")) == [
        {"TagKey": "kms-resources-marker", "TagValue": "kms/prod/db"},
        {"TagKey": "owner", "TagValue": "shop"},
    ]
    assert fields == {
        "SecretName": "db",
        "SecretType": "Rds",
        "VersionId": "v1",
        "Description": "text",
        "SecretData": "canary-value",
        "SecretDataType": "text",
        "EncryptionKeyId": "key-1",
        "DKMSInstanceId": "kst-1",
        "ExtendedConfig": '{"SecretSubType":"SingleUser"}',
        "EnableAutomaticRotation": "true",
        "RotationInterval": "604800s",
    }


def test_a_plain_secret_says_nothing_of_key_instance_and_rotation(doors: Doors, client: SecretsClient) -> None:
    doors.replies["CreateSecret"] = {"SecretName": "db", "VersionId": "v1"}
    client.create_secret("db", SecretSettings(), MARKER, b"\x00\xff", "v1", binary=True)
    fields = doors.fields("CreateSecret")
    assert (fields["SecretData"], fields["SecretDataType"]) == ("AP8=", "binary")
    assert not fields.keys() & {"EncryptionKeyId", "DKMSInstanceId", "ExtendedConfig", "EnableAutomaticRotation"}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(409, "Rejected.ResourceExist"), AlreadyExistsError),
        (refusal(409, "Rejected.ResourceInDeleteWindow"), WrongStateError),
        (refusal(503, "ServiceUnavailableTemporary"), UnclearError),
        (CUT, UnclearError),
    ],
)
def test_making_a_secret_is_tried_once_and_every_refusal_has_its_class(
    doors: Doors, client: SecretsClient, answer: Answer, kind: type[CloudError]
) -> None:
    doors.replies["CreateSecret"] = answer
    with pytest.raises(kind):
        client.create_secret("db", SecretSettings(), MARKER, VALUE, "v1")
    assert doors.actions == ["shared:CreateSecret"]


def test_a_further_value_names_its_version_so_that_it_may_be_sent_again(doors: Doors, client: SecretsClient) -> None:
    doors.replies["PutSecretValue"] = {"SecretName": "db", "VersionId": "v2"}
    assert client.put_value("db", VALUE, "v2") == "v2"
    assert doors.fields("PutSecretValue") == {
        "SecretName": "db",
        "VersionId": "v2",
        "SecretData": "canary-value",
        "SecretDataType": "text",
    }


def test_a_value_that_is_no_text_must_be_declared_as_binary(doors: Doors, client: SecretsClient) -> None:
    with pytest.raises(RejectedError, match="declare the secret as binary") as caught:
        client.put_value("db", b"canary\xff", "v2")
    assert caught.value.__context__ is None
    assert doors.calls == []


def test_changes_are_one_call_each(doors: Doors, client: SecretsClient) -> None:
    client.set_description("db", "")
    client.set_rotation("db", 21_600)
    client.write_marker("db", MARKER)
    client.restore_secret("db")
    assert [(action, fields) for _, action, fields in doors.calls] == [
        ("UpdateSecret", {"SecretName": "db", "Description": ""}),
        (
            "UpdateSecretRotationPolicy",
            {"SecretName": "db", "EnableAutomaticRotation": "true", "RotationInterval": "21600s"},
        ),
        (
            "TagResource",
            {"SecretName": "db", "Tags": '[{"TagKey":"kms-resources-marker","TagValue":"kms/prod/db"}]'},
        ),
        ("RestoreSecret", {"SecretName": "db"}),
    ]


def test_rotation_can_be_switched_off(doors: Doors, client: SecretsClient) -> None:
    client.set_rotation("db", None)
    assert doors.fields("UpdateSecretRotationPolicy") == {"SecretName": "db", "EnableAutomaticRotation": "false"}


def test_tags_are_removed_before_others_are_added(doors: Doors, client: SecretsClient) -> None:
    client.change_tags("db", {"a": "1"}, ["b"])
    assert doors.actions == ["shared:UntagResource", "shared:TagResource"]
    assert doors.fields("UntagResource") == {"SecretName": "db", "TagKeys": '["b"]'}


def test_a_secret_is_never_destroyed_at_once(doors: Doors, client: SecretsClient) -> None:
    doors.replies["DeleteSecret"] = {"SecretName": "db", "PlannedDeleteTime": "2024-06-20T06:34:21Z"}
    assert client.delete_secret("db", 30) == "2024-06-20T06:34:21Z"
    assert doors.fields("DeleteSecret") == {
        "SecretName": "db",
        "RecoveryWindowInDays": "30",
        "ForceDeleteWithoutRecovery": "false",
    }


def test_restoring_what_is_not_deleted_is_a_wrong_state(doors: Doors, client: SecretsClient) -> None:
    doors.replies["RestoreSecret"] = refusal(409, "Rejected.ResourceInUse")
    with pytest.raises(WrongStateError, match="nothing is to be restored"):
        client.restore_secret("db")


def test_a_value_is_in_the_body_only_and_in_no_error(doors: Doors, client: SecretsClient) -> None:
    doors.replies["PutSecretValue"] = refusal(400, "InvalidParameter", "cannot store canary-value")
    with pytest.raises(RejectedError) as caught:
        client.put_value("db", VALUE, "v2")
    assert "canary" not in str(caught.value)
    (request,) = doors.server.requests
    assert request.path == "/"
    assert "canary" not in json.dumps(dict(request.headers))


def test_secrets_need_the_access_key() -> None:
    connect = cloud().connect_secrets
    assert connect
    with pytest.raises(CredentialsError, match="ALIBABA_CLOUD_ACCESS_KEY_ID"):
        connect(TARGET, {})


@pytest.mark.parametrize(
    ("name", "good"), [("db", True), ("a/b_c-1.d@e+f=g", True), ("n" * 192, True), ("n" * 193, False), ("acs/x", False)]
)
def test_names_follow_the_published_rules(name: str, good: bool) -> None:
    assert bool(re.fullmatch(SECRETS.name, name)) is good
    assert SecretType.GENERIC not in SECRETS.rotating
