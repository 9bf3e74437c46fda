"""The two envelopes, the resource pool, and the checks of fields."""

from pathlib import Path

import pytest

from kms_emulator.emulator import Emulator
from kms_emulator.registry import load_clouds
from kms_emulator.seed import load_seed
from kms_emulator.server import EmulatorServer
from tests.emulator.ctyun.support import AK, SK, Client

UNKNOWN = "971ba207-5323-4a04-a290-3a9e8b4c7343"


def test_the_new_form_of_success(client: Client) -> None:
    content = client.raw("enableKey", cmkUuid=client.make()).json()
    assert len(content["returnObj"].pop("requestId")) == 36
    assert content == {"statusCode": "200", "error": None, "message": "启用密钥成功", "returnObj": {}}


def test_the_new_form_of_a_refusal(client: Client) -> None:
    answer = client.raw("enableKey")
    content = answer.json()
    assert len(content["returnObj"].pop("requestId")) == 36
    assert answer.status_code == 400
    assert content == {
        "statusCode": "400", "error": "KMS_0102", "message": "CmkUuid cannot be empty", "returnObj": {},
    }  # fmt: skip


def test_the_old_form(client: Client) -> None:
    key = client.make()
    client.set(ctyun__envelope="old")
    assert client.raw("enableKey", cmkUuid=key).json() == {
        "code": "200", "errorCode": "0", "msg": "启用密钥成功", "data": {},
    }  # fmt: skip
    answer = client.raw("enableKey")
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "400", "errorCode": "KMS.0102", "msg": "CmkUuid cannot be empty", "data": None,
    }  # fmt: skip


def test_refusals_can_come_with_http_status_200(client: Client) -> None:
    client.set(ctyun__http_status="always_200")
    answer = client.raw("describeKey", cmkUuid=UNKNOWN)
    assert (answer.status_code, answer.json()["statusCode"]) == (200, "404")


def test_a_wrong_state_can_be_status_400(client: Client) -> None:
    key = client.make()
    assert client.refused("cancelKeyDeletion", cmkUuid=key) == (404, "KMS_9011")
    client.set(ctyun__wrong_state="400")
    assert client.refused("cancelKeyDeletion", cmkUuid=key) == (400, "KMS_9011")
    assert client.refused("cancelKeyDeletion", cmkUuid=UNKNOWN) == (404, "KMS_9001")


def test_the_resource_pool_must_be_named_unless_switched_off(client: Client) -> None:
    client.region = ""
    assert client.refused("listKeys") == (400, "KMS_0115")
    client.set(ctyun__require_region=False)
    assert client.call("listKeys")["totalCount"] == 0


def test_keys_and_aliases_of_one_resource_pool_are_invisible_in_another(client: Client) -> None:
    key = client.make(aliasName="alias/mine")
    client.region = "another-pool"
    assert client.refused("describeKey", cmkUuid=key) == (404, "KMS_9001")
    assert client.call("listKeys")["keys"] == []
    client.make(aliasName="alias/mine")


def test_a_resource_pool_that_the_account_does_not_have_is_refused(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    user = f"{{id: u, name: u, credentials: [{{id: '{AK}', secret: '{SK}'}}]}}"
    seed.write_text(f"accounts:\n  ctyun:\n    - {{id: one, regions: [north], users: [{user}]}}\n")
    emulator = Emulator(tmp_path, load_clouds(["ctyun"]), load_seed(seed))
    with EmulatorServer(emulator) as url:
        client = Client(url, region="north")
        assert client.call("listKeys")["keys"] == []
        client.region = "south"
        assert client.refused("listKeys") == (400, "KMS_9035")
        client.session.close()
    emulator.close()


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff", b"[" * 100_000, b'{"cmkUuid": "\\ud800"}'])
def test_a_body_that_is_no_json_object_is_refused(client: Client, body: bytes) -> None:
    answer = client.send("/v1/cmkManage/describeKey", body, client.headers(body))
    assert (answer.status_code, answer.json()["error"]) == (400, "KMS_9030")


def test_no_body_means_no_fields(client: Client) -> None:
    assert client.call("listKeys")["totalCount"] == 0


@pytest.mark.parametrize(
    ("operation", "fields", "code"),
    [
        ("createKey", {}, "KMS_0126"),
        ("createKey", {"keySpec": "AES_256"}, "KMS_0117"),
        ("createKey", {"keySpec": "AES_256", "keyUsage": "ENCRYPT/DECRYPT"}, "KMS_0113"),
        ("createKey", {"keySpec": "", "keyUsage": None}, "KMS_0126"),
        ("describeKey", {"cmkUuid": ""}, "KMS_0102"),
        ("describeKey", {"cmkUuid": None}, "KMS_0102"),
        ("scheduleKeyDeletion", {"cmkUuid": UNKNOWN}, "KMS_0122"),
        ("createAlias", {"cmkUuid": UNKNOWN}, "KMS_0103"),
        ("deleteAlias", {}, "KMS_0103"),
        ("describeKeyVersion", {"cmkUuid": UNKNOWN}, "KMS_0105"),
        ("updateRotationPolicy", {"cmkUuid": UNKNOWN}, "KMS_0116"),
        ("updateRotationPolicy", {"cmkUuid": UNKNOWN, "enableAutomaticRotation": True}, "KMS_0118"),
        ("updateKeyDescription", {"cmkUuid": UNKNOWN}, "KMS_0101"),
        ("createTag", {}, "KMS_0101"),
        ("bindResource", {}, "KMS_0102"),
        ("encrypt", {"cmkUuid": UNKNOWN}, "KMS_0107"),
        ("decrypt", {}, "KMS_0108"),
        ("reEncrypt", {"ciphertextBlob": "AA=="}, "KMS_0112"),
        ("asymmetricSign", {"cmkUuid": UNKNOWN, "keyVersionId": UNKNOWN}, "KMS_0106"),
        ("asymmetricSign", {"cmkUuid": UNKNOWN, "keyVersionId": UNKNOWN, "algorithm": "x"}, "KMS_0104"),
        ("asymmetricVerify", {"cmkUuid": UNKNOWN, "keyVersionId": UNKNOWN}, "KMS_0106"),
        (
            "asymmetricVerify",
            {"cmkUuid": UNKNOWN, "keyVersionId": UNKNOWN, "algorithm": "x", "digest": "AA=="},
            "KMS_0125",
        ),
        ("asymmetricEncrypt", {"cmkUuid": UNKNOWN, "keyVersionId": UNKNOWN}, "KMS_0114"),
        ("getPublicKey", {"cmkUuid": UNKNOWN}, "KMS_0105"),
        ("exportDataKey", {"ciphertextBlob": "AA==", "publicKeyBlob": "AA=="}, "KMS_0120"),
        ("getParametersForImport", {"cmkUuid": UNKNOWN}, "KMS_0120"),
        ("getParametersForImport", {"cmkUuid": UNKNOWN, "wrappingAlgorithm": "x"}, "KMS_0121"),
        ("importKeyMaterial", {"cmkUuid": UNKNOWN}, "KMS_0124"),
        ("importKeyMaterial", {"cmkUuid": UNKNOWN, "encryptedKeyMaterial": "AA=="}, "KMS_0123"),
        ("hmaccompute", {"cmkUuid": UNKNOWN}, "KMS_0101"),
        ("createCertificate", {}, "KMS_0126"),
        ("certificatePublicKeyEncrypt", {"certificateId": UNKNOWN}, "KMS_0114"),
        ("generateRandom", {}, "KMS_0101"),
        ("createAccessPoint", {}, "KMS_0101"),
    ],
)
def test_a_missing_field_has_its_published_code(
    client: Client, operation: str, fields: dict[str, object], code: str
) -> None:
    assert client.refused(operation, **fields) == (400, code)


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("describeKey", {"cmkUuid": ["a"]}),
        ("describeKey", {"cmkUuid": True}),
        ("listKeys", {"pageSize": "many"}),
        ("listKeys", {"pageSize": 1.5}),
        ("updateRotationPolicy", {"cmkUuid": UNKNOWN, "enableAutomaticRotation": "perhaps"}),
        ("bindResource", {"cmkUuid": UNKNOWN, "tagIds": "one"}),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(client: Client, operation: str, fields: dict[str, object]) -> None:
    assert client.refused(operation, **fields) == (400, "KMS_9032")


def test_unknown_fields_are_ignored_unless_strict(client: Client) -> None:
    assert client.call("listKeys", colour="blue")["totalCount"] == 0
    client.set(strict=True)
    assert client.refused("listKeys", colour="blue") == (400, "KMS_9033")
    assert client.call("listKeys", pageNo=1)["totalCount"] == 0


@pytest.mark.parametrize(
    ("path", "code"),
    [("/v1/keyCompute/decrypt", "KMS_0108"), ("/v1/cmkManage/decrypt", "KMS_0108"),
     ("/v1/keyCompute/reEncrypt", "KMS_0108"), ("/v1/cmkManage/reEncrypt", "KMS_0108"),
     ("/v1/get/hmaccompute", "KMS_0102"), ("/v1/keyCompute/hmaccompute", "KMS_0102")],
)  # fmt: skip
def test_cryptography_is_known_under_both_groups(client: Client, path: str, code: str) -> None:
    assert client.send(path, b"", client.headers(b"")).json()["error"] == code


def test_the_journal_names_operation_account_region_key_and_error(client: Client) -> None:
    key = client.make(aliasName="alias/one")
    client.refused("deleteAlias", aliasName="alias/two")
    made, refused = client.control("GET", "journal")["entries"]
    assert (made["action"], made["account"], made["region"]) == ("createKey", "example-ctyun-account", client.region)
    assert (made["key"], made["status"], made["error"]) == (key, 200, "")
    assert (refused["key"], refused["status"], refused["error"]) == ("alias/two", 404, "KMS_9002")
