"""`kms call`: any action of the vendors, none of those that cost something by accident, nothing secret in arguments."""

import base64
import json
from collections.abc import Callable, Iterable

import pytest

from kms_resources.cli.call import SECRET_FIELDS
from kms_resources.clouds.alibaba import actions as alibaba
from kms_resources.clouds.ctyun import operations as ctyun
from kms_resources.clouds.ctyun.table import SECRETS
from kms_resources.clouds.tencent import actions as tencent
from kms_resources.clouds.tencent_legacy import convert as legacy
from tests.unit.cli.conftest import Bench, Kms

Refused = Callable[..., str]
CANARY = "CANARY-of-a-call-4Zk8pL1"

GUARDED = {
    "guangzhou": {
        "ScheduleKeyDeletion", "ArchiveKey", "DeleteImportedKeyMaterial", "ScheduleDataKeyDeletion",
        "DeleteWhiteBoxKey", "OverwriteWhiteBoxDeviceFingerprints", "UnbindCloudResource",
    },
    "old": {"ScheduleKeyDeletion"},
    "hangzhou": {
        "ScheduleKeyDeletion", "SetDeletionProtection", "DeleteAlias", "DeleteKeyMaterial", "SetKeyPolicy",
        "DeleteSecret", "UpdateSecretVersionStage", "SetSecretPolicy", "DeleteNetworkRule", "DeletePolicy",
        "DeleteApplicationAccessPoint", "DeleteClientKey", "UpdateCertificateStatus", "DeleteCertificate",
        "ReleaseKmsInstance",
    },
    "north": {
        "scheduleKeyDeletion", "setDeletionProtection", "cancelDeletionProtection", "deleteAlias", "deleteKeyMaterial",
        "updateCertificateStatus", "deleteCertificate", "deleteCertificateForUK", "updateCertificateStatusForUK",
        "deleteAccessPoint", "deleteTenantAk", "deleteTag",
    },
}  # fmt: skip
"""Went through the tables by hand: what may cost a key, a material, a version, a secret, a certificate, or access."""
TABLES: dict[str, Iterable[str]] = {
    "guangzhou": tencent._ACTIONS,
    "old": legacy.ACTIONS,
    "hangzhou": alibaba.ACTIONS,
    "north": {**ctyun.OPERATIONS, **ctyun.SISTER},
}


def is_guarded(kms: Kms, target: str, action: str, *more: str) -> bool:
    """Whether the command stops before it looks at anything else."""
    result = kms("call", target, action, "no field", *more)
    assert result.exit_code in {2, 4}
    assert (result.exit_code == 4) == ("--allow-loss" in result.stderr)
    return result.exit_code == 4


@pytest.mark.parametrize("target", TABLES)
def test_every_action_that_may_cost_something_wants_leave_and_no_other(bench: Bench, kms: Kms, target: str) -> None:
    since = bench.running.emulator.journal.last

    assert {action for action in TABLES[target] if is_guarded(kms, target, action)} == GUARDED[target] & set(
        TABLES[target]
    )
    assert GUARDED[target] <= set(TABLES[target])
    assert not any(is_guarded(kms, target, action, "--allow-loss") for action in GUARDED[target])
    assert bench.running.emulator.journal.last == since


@pytest.mark.parametrize(
    "arguments",
    [
        ("guangzhou", "kms:ScheduleKeyDeletion"),
        ("guangzhou", "schedulekeydeletion"),
        ("guangzhou", "cam:DeleteUser"),
        ("north", "describeKey", "--path", "/v1/cmkManage/scheduleKeyDeletion"),
        ("north", "cancelKeyDeletion", "--path", "/v1/cmkManage/deleteKeyMaterial"),
        ("north", "getPublicKey", "--path", "/v1/cmkManage/deleteKeyMaterial/"),
    ],
)
def test_no_detour_leads_around_the_guard(kms: Kms, arguments: tuple[str, ...]) -> None:
    assert is_guarded(kms, *arguments)


def test_with_leave_the_action_is_sent(bench: Bench, kms: Kms, refused: Refused) -> None:
    target, made = "guangzhou", bench.running
    created = kms("call", target, "CreateKey", "Alias=doomed", "KeyUsage=ENCRYPT_DECRYPT")
    assert created.exit_code == 0, created.stderr
    key = json.loads(created.stdout)["KeyId"]
    assert kms("call", target, "DisableKey", f"KeyId={key}").exit_code == 0
    since = made.emulator.journal.last

    said = refused(4, "call", target, "ScheduleKeyDeletion", f"KeyId={key}", "PendingWindowInDays=7")
    assert "ScheduleKeyDeletion was not sent" in said
    assert made.emulator.journal.last == since
    sent = kms("call", target, "ScheduleKeyDeletion", f"KeyId={key}", "PendingWindowInDays=7", "--allow-loss")
    assert (sent.exit_code, json.loads(sent.stdout)["KeyId"]) == (0, key)


@pytest.mark.parametrize(
    ("called", "fields", "part"),
    [
        (("guangzhou", "DescribeKeys"), ('KeyIds=["{orders}"]',), "KeyMetadatas"),
        (("guangzhou", "ListKeys"), ("Offset=0", "Limit=1"), "TotalCount"),
        (("guangzhou", "cam:GetUserAppId"), (), "OwnerUin"),
        (("tencent://ap-guangzhou", "DescribeKey"), ("KeyId={orders}",), "KeyMetadata"),
        (("old", "ListKey"), (), "keys"),
        (("hangzhou", "DescribeKey"), ("KeyId={vault}",), "KeyMetadata"),
        (("hangzhou", "ListSecrets"), ("FetchTags=true",), "SecretList"),
        (("alibaba://cn-hangzhou", "DescribeRegions"), (), "Regions"),
        (("north", "describeKey"), ("cmkUuid={cold}",), "keySpec"),
        (("north", "listKeys"), ("pageNumber=1", "pageSize=2"), "keys"),
        (("ctyun://bb9fdb42056f11eda1610242ac110002", "listAliases"), (), "aliases"),
        (("north", "describeKey"), ("cmkUuid={cold}", "--path", "/v1/cmkManage/describeKey"), "keySpec"),
    ],
)
def test_any_action_is_sent_and_answered_as_json(
    bench: Bench, kms: Kms, called: tuple[str, str], fields: tuple[str, ...], part: str
) -> None:
    result = kms("call", *called, *(field.format(**bench.ids) if "{" in field else field for field in fields))

    assert (result.exit_code, result.stderr) == (0, "")
    assert part in json.dumps(json.loads(result.stdout), ensure_ascii=False)


@pytest.mark.parametrize(
    ("target", "key", "names"),
    [
        ("guangzhou", "orders", ("Encrypt", "KeyId", "Plaintext", "CiphertextBlob", "Decrypt")),
        ("hangzhou", "vault", ("Encrypt", "KeyId", "Plaintext", "CiphertextBlob", "Decrypt")),
        ("north", "cold", ("encrypt", "cmkUuid", "plaintext", "ciphertextBlob", "decrypt")),
    ],
)
def test_a_plaintext_comes_from_a_file_or_from_stdin(
    bench: Bench, kms: Kms, target: str, key: str, names: tuple[str, ...]
) -> None:
    encrypt, key_field, plain, blob, decrypt = names
    text = base64.b64encode(CANARY.encode())
    (bench.folder / "plain").write_bytes(text + b"\n")
    for given, data in ((f"{plain}=@plain", b""), (f"{plain}=@-", text)):
        sealed = kms("call", target, encrypt, f"{key_field}={bench.ids[key]}", given, data=data)
        assert sealed.exit_code == 0, sealed.stderr
        opened = kms("call", target, decrypt, f"{blob}=@-", data=json.loads(sealed.stdout)[blob].encode())
        assert base64.b64decode(json.loads(opened.stdout)[plain]).decode() == CANARY


@pytest.mark.parametrize(
    "field", sorted({*SECRETS, *alibaba.SECRET_FIELDS, "Plaintext", "PlainText", "ImportKeyMaterial", "plainText"})
)
@pytest.mark.parametrize("target", TABLES)
def test_nothing_secret_is_taken_from_the_command_line(bench: Bench, refused: Refused, target: str, field: str) -> None:
    since = bench.running.emulator.journal.last

    said = refused(2, "call", target, "Encrypt", f"{field}={CANARY}")
    assert f"{field}=@FILE" in said
    assert CANARY not in said
    assert bench.running.emulator.journal.last == since


def test_every_field_that_a_vendor_keeps_secret_is_known_here() -> None:
    assert {name.lower() for name in (*SECRETS, *alibaba.SECRET_FIELDS)} <= SECRET_FIELDS


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("guangzhou", "Encrypt", CANARY), "field 1 of the command line is not FIELD=VALUE"),
        (("guangzhou", "Encrypt", "KeyId=1", f"={CANARY}"), "field 2 of the command line is not FIELD=VALUE"),
        (("guangzhou", "DescribeKey", "KeyId=1", "KeyId=2"), "the field 'KeyId' is given twice"),
        (("guangzhou", "Encrypt", "KeyId=@-", "Plaintext=@-"), "only one field can come from stdin"),
        (("guangzhou", "DescribeKeys", f"KeyIds=[{CANARY}"), "KeyIds begins like JSON and is none"),
        (("guangzhou", "DescribKey", "KeyId=1"), "DescribeKey"),
        (("guangzhou", "DescribeKey", "Keyid=1"), "KeyId"),
        (("guangzhou", "DescribeKey"), "DescribeKey needs KeyId"),
        (("guangzhou", "ListKeys", "Limit=many"), "Limit"),
        (("guangzhou", "ListKeys", "--path", "/v1"), "one path only"),
        (("old", "DescribeKey"), "has no action DescribeKey"),
        (("hangzhou", "DescribKey", "KeyId=1"), "DescribeKey"),
        (("hangzhou", "DescribeKey", "Keyid=1"), "KeyId"),
        (("north", "describKey", "cmkUuid=1"), "describeKey"),
        (("north", "describeKey", "cmkuid=1"), "cmkUuid"),
        (("north", "describeKey"), "cmkUuid"),
        (("north", "describeKey", "cmkUuid=1", "--path", "nowhere"), "the path is not usable"),
        (("nowhere", "ListKeys"), "has no target"),
        (("aws://eu-west-1", "ListKeys"), "'aws' is none"),
        (("guangzhou", "Encrypt", "KeyId=1", "Plaintext=@missing"), "missing cannot be read"),
        (("guangzhou", "Encrypt", "KeyId=1", "Plaintext=@binary"), "binary is not text"),
        (("guangzhou", "Encrypt", "KeyId=1", "Plaintext=@-"), "stdin is not text"),
        (("guangzhou", "Encrypt", "KeyId=1", "Plaintext=@long"), "long is too large"),
        (("guangzhou",), "ACTION"),
    ],
)
def test_wrong_usage_and_input_end_with_2(
    bench: Bench, refused: Refused, arguments: tuple[str, ...], sentence: str
) -> None:
    (bench.folder / "binary").write_bytes(b"\xff\xfe")
    (bench.folder / "long").write_bytes(b"x" * (1024 * 1024 + 1))
    since = bench.running.emulator.journal.last

    said = refused(2, "call", *arguments, data=b"\xff\xfe")
    assert sentence in said
    assert CANARY not in said
    assert bench.running.emulator.journal.last == since


@pytest.mark.parametrize(
    "arguments",
    [
        ("guangzhou", "DescribeKey", "KeyId=00000000-0000-0000-0000-000000000000"),
        ("hangzhou", "DescribeKey", "KeyId=key-hzz00000000000000000000"),
        ("north", "describeKey", "cmkUuid=00000000-0000-0000-0000-000000000000"),
        ("hangzhou", "Encrypt", "KeyId=key-hzz00000000000000000000", "Plaintext=@-", "--door", "instance"),
        ("tencent://ap-guangzhou", "ListKeys", "--credentials", "PROD"),
    ],
)
def test_what_the_cloud_or_the_credentials_refuse_ends_with_3(refused: Refused, arguments: tuple[str, ...]) -> None:
    said = refused(3, "call", *arguments, data=base64.b64encode(CANARY.encode()))
    assert CANARY not in said
    assert base64.b64encode(CANARY.encode()).decode() not in said
