"""The life of keys: operations 1 to 10."""

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kms_emulator.emulator import Emulator
from kms_emulator.registry import load_clouds
from kms_emulator.seed import load_seed
from kms_emulator.server import EmulatorServer
from tests.emulator.ctyun.support import AK, DAY, REGION, SK, Client

UNKNOWN = "971ba207-5323-4a04-a290-3a9e8b4c7343"
CRYPT, SIGN = "ENCRYPT/DECRYPT", "SIGN/VERIFY"
ON_A_KEY: dict[str, dict[str, Any]] = {
    "enableKey": {},
    "disableKey": {},
    "scheduleKeyDeletion": {"pendingWindowInDays": 7},
    "cancelKeyDeletion": {},
    "updateKeyDescription": {"description": "other"},
    "describeKey": {},
    "setDeletionProtection": {},
    "cancelDeletionProtection": {},
    "createAlias": {"aliasName": "alias/new"},
    "updateAlias": {"aliasName": "alias/old"},
    "listAliasesByKeyId": {},
    "listKeyVersions": {},
    "updateRotationPolicy": {"enableAutomaticRotation": False},
}


def in_state(client: Client, state: str) -> str:
    """A key in this state, reached by calls alone."""
    key = client.make(**({"origin": "EXTERNAL"} if state == "PendingImport" else {}))
    if state == "Disabled":
        client.call("disableKey", cmkUuid=key)
    if state == "PendingDeletion":
        client.call("scheduleKeyDeletion", cmkUuid=key, pendingWindowInDays=7)
    assert client.state(key) == state
    return key


def test_a_new_key_is_enabled_and_described(client: Client) -> None:
    key = client.make(description="for orders")
    assert str(uuid.UUID(key)) == key
    found = client.call("describeKey", cmkUuid=key)
    assert uuid.UUID(found.pop("primaryKeyVersion"))
    created = datetime.strptime(found.pop("creationDate"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs((datetime.now(UTC) - created).total_seconds()) < 60
    assert found == {
        "cmkUuid": key, "keySpec": "AES_256", "keyUsage": "ENCRYPT/DECRYPT", "keyState": "Enabled",
        "origin": "CTYUN_KMS", "protectionLevel": "1", "description": "for orders", "creator": "example-ctyun-user",
        "automaticRotation": "Disabled", "deletionProtection": "Disabled", "instanceId": "ins-X63C8r",
        "epId": "default",
    }  # fmt: skip


def test_a_new_key_answers_with_its_id_alone(client: Client) -> None:
    made = client.call("createKey", keySpec="SM4", keyUsage=CRYPT, protectionLevel="0")
    assert set(made) == {"cmkUuid"}


@pytest.mark.parametrize(
    ("spec", "usage"),
    [
        ("AES_256", CRYPT), ("SM4", CRYPT), ("RSA_2048", CRYPT), ("RSA_2048", SIGN), ("RSA_3072", SIGN),
        ("RSA_4096", CRYPT), ("EC_P256", SIGN), ("EC_P256K", SIGN), ("EC_SM2", CRYPT), ("EC_SM2", SIGN),
        ("HMAC_SM3", "GENERATE/VERIFY_MAC"),
    ],
)  # fmt: skip
def test_every_kind_of_key_can_be_made(client: Client, spec: str, usage: str) -> None:
    found = client.call("describeKey", cmkUuid=client.make(keySpec=spec, keyUsage=usage))
    assert (found["keySpec"], found["keyUsage"], found["keyState"]) == (spec, usage, "Enabled")
    assert ("primaryKeyVersion" in found) == (spec in {"AES_256", "SM4"})


@pytest.mark.parametrize(
    ("given", "name", "expected"),
    [
        ({"keySpec": "SM4_128"}, "keySpec", "SM4"),
        ({"keyUsage": "ENCRYPT_DECRYPT"}, "keyUsage", CRYPT),
        ({"keyUsage": 1}, "keyUsage", CRYPT),
        ({"protectionLevel": 0}, "protectionLevel", "0"),
        ({"epId": "project-1"}, "epId", "project-1"),
        ({"instanceId": "ins-X63C8r"}, "instanceId", "ins-X63C8r"),
        ({"enableAutomaticRotation": 0}, "automaticRotation", "Disabled"),
    ],
)
def test_synonyms_are_understood(client: Client, given: dict[str, Any], name: str, expected: str) -> None:
    assert client.call("describeKey", cmkUuid=client.make(**given))[name] == expected


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"keySpec": "AES_128"}, "KMS_9031"),
        ({"keyUsage": "anything"}, "KMS_9031"),
        ({"keyUsage": SIGN}, "KMS_9031"),
        ({"keySpec": "EC_P256"}, "KMS_9031"),
        ({"protectionLevel": "2"}, "KMS_9031"),
        ({"origin": "ALIYUN_KMS"}, "KMS_9031"),
        ({"keySpec": "RSA_2048", "origin": "EXTERNAL"}, "KMS_9034"),
        ({"description": "x" * 8193}, "KMS_9031"),
        ({"enableAutomaticRotation": True}, "KMS_0118"),
        ({"enableAutomaticRotation": True, "rotationInterval": "6d"}, "KMS_9031"),
        ({"enableAutomaticRotation": True, "rotationInterval": "30d", "origin": "EXTERNAL"}, "KMS_9034"),
        ({"enableAutomaticRotation": True, "rotationInterval": "30d", "keySpec": "RSA_2048"}, "KMS_9034"),
        ({"aliasName": "no-prefix"}, "KMS_9031"),
    ],
)
def test_a_bad_value_makes_no_key(client: Client, given: dict[str, Any], code: str) -> None:
    fields = {"keySpec": "AES_256", "keyUsage": CRYPT, "protectionLevel": "1", **given}
    assert client.refused("createKey", **fields) == (400, code)
    assert client.call("listKeys")["totalCount"] == 0


def test_an_alias_can_be_made_with_the_key_or_neither_is(client: Client) -> None:
    key = client.make(aliasName="alias/one")
    assert client.call("listAliases")["aliases"] == [{"aliasName": "alias/one", "cmkUuid": key}]
    fields = {"keySpec": "AES_256", "keyUsage": CRYPT, "protectionLevel": "1", "aliasName": "alias/one"}
    assert client.refused("createKey", **fields) == (400, "KMS_9021")
    assert client.call("listKeys")["totalCount"] == 1


def test_a_key_for_imported_material_waits_for_it(client: Client) -> None:
    found = client.call("describeKey", cmkUuid=client.make(origin="EXTERNAL"))
    assert (found["keyState"], found["origin"]) == ("PendingImport", "EXTERNAL")
    assert "primaryKeyVersion" not in found


ALL = {"Enabled", "Disabled", "PendingDeletion", "PendingImport"}
ALLOWED = {
    "enableKey": {"Enabled", "Disabled"},
    "disableKey": {"Enabled", "Disabled"},
    "scheduleKeyDeletion": ALL - {"PendingDeletion"},
    "cancelKeyDeletion": {"PendingDeletion"},
    "updateKeyDescription": ALL,
    "describeKey": ALL,
    "setDeletionProtection": ALL - {"PendingDeletion"},
    "cancelDeletionProtection": ALL - {"PendingDeletion"},
    "createAlias": ALL - {"PendingDeletion"},
    "updateAlias": ALL - {"PendingDeletion"},
    "listAliasesByKeyId": ALL,
    "listKeyVersions": ALL,
    "updateRotationPolicy": {"Enabled", "Disabled"},
}
AFTERWARDS = {
    ("enableKey", "Disabled"): "Enabled",
    ("disableKey", "Enabled"): "Disabled",
    ("cancelKeyDeletion", "PendingDeletion"): "Enabled",
    **{("scheduleKeyDeletion", state): "PendingDeletion" for state in ALL},
}


@pytest.mark.parametrize("state", sorted(ALL))
@pytest.mark.parametrize("operation", sorted(ALLOWED))
def test_the_table_of_states(client: Client, operation: str, state: str) -> None:
    client.make(aliasName="alias/old")
    key = in_state(client, state)
    if state in ALLOWED[operation]:
        client.call(operation, cmkUuid=key, **ON_A_KEY[operation])
        assert client.state(key) == AFTERWARDS.get((operation, state), state)
    else:
        assert client.refused(operation, cmkUuid=key, **ON_A_KEY[operation]) == (404, "KMS_9011")
        assert client.state(key) == state


@pytest.mark.parametrize("operation", sorted(ON_A_KEY))
def test_an_unknown_key_is_refused(client: Client, operation: str) -> None:
    assert client.refused(operation, cmkUuid=UNKNOWN, **ON_A_KEY[operation]) == (404, "KMS_9001")


@pytest.mark.parametrize(("days", "expected"), [(6, 400), (7, 200), ("30", 200), (31, 400), (0, 400), (-7, 400)])
def test_deletion_waits_7_to_30_days(client: Client, days: Any, expected: int) -> None:
    answer = client.raw("scheduleKeyDeletion", cmkUuid=client.make(), pendingWindowInDays=days)
    assert answer.status_code == expected


def test_the_date_of_deletion_is_answered_and_described(client: Client) -> None:
    key = client.make()
    before = client.control("GET", "clock")["now"]
    answered = client.call("scheduleKeyDeletion", cmkUuid=key, pendingWindowInDays=7)["deleteDate"]
    moment = datetime.strptime(answered, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    assert 0 <= moment - (int(before) + 7 * DAY) <= 60
    assert client.call("describeKey", cmkUuid=key)["deleteDate"] == answered
    client.call("cancelKeyDeletion", cmkUuid=key)
    assert "deleteDate" not in client.call("describeKey", cmkUuid=key)


def test_a_key_is_gone_with_aliases_and_versions_when_its_date_is_reached(client: Client) -> None:
    key, other = client.make(aliasName="alias/gone"), client.make(aliasName="alias/stays")
    client.call("scheduleKeyDeletion", cmkUuid=key, pendingWindowInDays=7)
    client.advance(6.99)
    assert client.state(key) == "PendingDeletion"
    client.advance(0.02)
    assert client.refused("describeKey", cmkUuid=key) == (404, "KMS_9001")
    assert client.refused("cancelKeyDeletion", cmkUuid=key) == (404, "KMS_9001")
    assert [found["cmkUuid"] for found in client.call("listKeys")["keys"]] == [other]
    assert client.call("listAliases")["aliases"] == [{"aliasName": "alias/stays", "cmkUuid": other}]
    client.make(aliasName="alias/gone")


def test_a_key_taken_back_does_not_go_later(client: Client) -> None:
    key = client.make()
    client.call("scheduleKeyDeletion", cmkUuid=key, pendingWindowInDays=7)
    client.call("cancelKeyDeletion", cmkUuid=key)
    client.advance(400)
    assert client.state(key) == "Enabled"


@pytest.mark.parametrize(("before", "after"), [("Disabled", "Enabled"), ("PendingImport", "PendingImport")])
def test_a_key_taken_back_is_enabled_or_waits_for_material(client: Client, before: str, after: str) -> None:
    key = in_state(client, before)
    client.call("scheduleKeyDeletion", cmkUuid=key, pendingWindowInDays=30)
    client.call("cancelKeyDeletion", cmkUuid=key)
    assert client.state(key) == after


def test_deletion_protection_holds_until_it_is_taken_off(client: Client) -> None:
    key = client.make()
    client.call("setDeletionProtection", cmkUuid=key, deletionProtectionDescription="keep")
    assert client.call("describeKey", cmkUuid=key)["deletionProtection"] == "Enabled"
    assert client.refused("scheduleKeyDeletion", cmkUuid=key, pendingWindowInDays=7) == (404, "KMS_9012")
    assert client.state(key) == "Enabled"
    client.call("cancelDeletionProtection", cmkUuid=key)
    client.call("scheduleKeyDeletion", cmkUuid=key, pendingWindowInDays=7)


@pytest.mark.parametrize("text", ["", "测试", "x" * 8192])
def test_a_description_can_be_changed_and_emptied(client: Client, text: str) -> None:
    key = client.make(description="before")
    client.call("updateKeyDescription", cmkUuid=key, description=text)
    assert client.call("describeKey", cmkUuid=key)["description"] == text


def test_a_description_that_is_too_long_is_refused(client: Client) -> None:
    assert client.refused("updateKeyDescription", cmkUuid=client.make(), description="x" * 8193) == (400, "KMS_9031")


def test_pages_cover_every_key_once_in_order_of_creation(client: Client) -> None:
    keys = [client.make() for _ in range(13)]
    first = client.call("listKeys")
    assert (first["totalCount"], first["pageNumber"], first["pageSize"]) == (13, 1, 10)
    second = client.call("listKeys", pageNumber=2)
    assert [key["cmkUuid"] for key in (*first["keys"], *second["keys"])] == keys
    assert client.call("listKeys", pageNumber=3) == {"totalCount": 13, "pageNumber": 3, "pageSize": 10, "keys": []}
    assert len(client.call("listKeys", pageNum="1", pageSize="100")["keys"]) == 13


def test_listed_keys_have_the_data_of_described_ones(client: Client) -> None:
    key = client.make(enableAutomaticRotation=True, rotationInterval="30d")
    assert client.call("listKeys")["keys"] == [client.call("describeKey", cmkUuid=key)]


@pytest.mark.parametrize("fields", [{"pageSize": 101}, {"pageSize": 0}, {"pageNumber": 0}, {"pageNumber": -1}])
def test_a_page_outside_the_limits_is_refused(client: Client, fields: dict[str, Any]) -> None:
    for operation in ("listKeys", "listAliases", "listTags"):
        assert client.refused(operation, **fields) == (400, "KMS_9031")


def test_keys_can_be_filtered(client: Client) -> None:
    plain, hard = client.make(), client.make(protectionLevel="0", keySpec="SM4")
    external = client.make(origin="EXTERNAL", protectionLevel="0")
    pair = client.make(keySpec="RSA_2048", keyUsage=SIGN)

    def found(**wanted: Any) -> list[str]:
        page = client.call("listKeys", **wanted)
        assert page["totalCount"] == len(page["keys"])
        return [key["cmkUuid"] for key in page["keys"]]

    assert found(keyState="Enabled") == [plain, hard, pair]
    assert found(keySpec="AES_256") == [plain, external]
    assert found(keyUsage=SIGN) == [pair]
    assert found(protectionLevel=0) == [hard, external]
    assert found(origin="EXTERNAL") == [external]
    assert found(keyState="Enabled", protectionLevel="0", keySpec="SM4_128") == [hard]
    assert found(keyState="PendingDeletion") == []
    assert client.refused("listKeys", keyState="Sleeping") == (400, "KMS_9031")


def test_the_quota_of_keys_is_off_unless_set(client: Client) -> None:
    client.set(ctyun__keys_quota=2)
    client.make()
    client.make()
    fields = {"keySpec": "AES_256", "keyUsage": CRYPT, "protectionLevel": "1"}
    assert client.refused("createKey", **fields) == (400, "KMS_9041")
    client.set(quotas=False)
    client.make()


def test_an_unknown_instance_is_refused(client: Client) -> None:
    fields = {"keySpec": "AES_256", "keyUsage": CRYPT, "protectionLevel": "1", "instanceId": "ins-none"}
    assert client.refused("createKey", **fields) == (404, "KMS_9005")


SEED = f"""
accounts:
  ctyun:
    - id: one
      users: [{{id: u, name: u, credentials: [{{id: '{AK}', secret: '{SK}'}}]}}]
documents:
  ctyun:
    - {{kind: instances, account: one, region: {REGION}, id: ins-late, document: {{id: ins-late, opened: 2}}}}
    - {{kind: instances, account: one, region: {REGION}, id: ins-early, document: {{id: ins-early, opened: 1}}}}
    - {{kind: aliases, account: one, region: {REGION}, id: alias/ecs, document: {{name: alias/ecs, key: default-ecs}}}}
    - kind: keys
      account: one
      region: {REGION}
      id: default-ecs
      document:
        {{id: default-ecs, spec: AES_256, usage: ENCRYPT/DECRYPT, origin: CTYUN_KMS, protection: "1", description: "",
          created: 0, creator: ecs, protected: false, instance: ins-early, project: default, state: Enabled,
          primary: version-1, product: ecs}}
"""


@pytest.fixture
def seeded(tmp_path: Path) -> Any:
    seed = tmp_path / "seed.yaml"
    seed.write_text(SEED)
    emulator = Emulator(tmp_path, load_clouds(["ctyun"]), load_seed(seed))
    with EmulatorServer(emulator) as url:
        client = Client(url)
        yield client
        client.session.close()
    emulator.close()


def test_a_key_goes_to_the_instance_opened_first_unless_told(seeded: Client) -> None:
    assert seeded.call("describeKey", cmkUuid=seeded.make())["instanceId"] == "ins-early"
    key = seeded.make(instanceId="ins-late")
    assert seeded.call("describeKey", cmkUuid=key)["instanceId"] == "ins-late"
    fields = {"keySpec": "AES_256", "keyUsage": CRYPT, "protectionLevel": "1", "instanceId": "ins-X63C8r"}
    assert seeded.refused("createKey", **fields) == (404, "KMS_9005")


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        ("enableKey", {}), ("disableKey", {}), ("scheduleKeyDeletion", {"pendingWindowInDays": 7}),
        ("updateRotationPolicy", {"enableAutomaticRotation": True, "rotationInterval": "30d"}),
        ("createAlias", {"aliasName": "alias/more"}), ("createKeyVersion", {}),
    ],
)  # fmt: skip
def test_a_default_key_cannot_be_changed(seeded: Client, operation: str, fields: dict[str, Any]) -> None:
    before = seeded.call("describeKey", cmkUuid="default-ecs")
    assert seeded.refused(operation, cmkUuid="default-ecs", **fields) == (404, "KMS_9013")
    assert seeded.call("describeKey", cmkUuid="default-ecs") == before


def test_the_alias_of_a_default_key_stays(seeded: Client) -> None:
    assert seeded.refused("deleteAlias", aliasName="alias/ecs") == (404, "KMS_9013")
    assert seeded.refused("updateAlias", aliasName="alias/ecs", cmkUuid=seeded.make()) == (404, "KMS_9013")
    found = seeded.call("listAliasesByKeyId", cmkUuid="default-ecs")["aliases"]
    assert found == [{"aliasName": "alias/ecs", "cmkUuid": "default-ecs"}]


def test_a_default_key_planted_without_a_version_encrypts_and_decrypts(seeded: Client) -> None:
    blob = seeded.call("encrypt", cmkUuid="alias/ecs", plaintext="aGVsbG8=")["ciphertextBlob"]
    assert seeded.call("decrypt", ciphertextBlob=blob)["plaintext"] == "aGVsbG8="
