"""The life of keys: operations 1 to 10."""

import uuid

from tests.emulator.ctyun.support import Client


def test_a_new_key_is_enabled_and_described(client: Client) -> None:
    key = client.make(description="for orders")
    assert str(uuid.UUID(key)) == key
    found = client.call("describeKey", cmkUuid=key)
    assert uuid.UUID(found.pop("primaryKeyVersion"))
    assert found.pop("creationDate").endswith("Z")
    assert found == {
        "cmkUuid": key, "keySpec": "AES_256", "keyUsage": "ENCRYPT/DECRYPT", "keyState": "Enabled",
        "origin": "CTYUN_KMS", "protectionLevel": "1", "description": "for orders", "creator": "example-ctyun-user",
        "automaticRotation": "Disabled", "deletionProtection": "Disabled", "instanceId": "ins-X63C8r",
        "epId": "default",
    }  # fmt: skip


def test_a_new_key_answers_with_its_id_alone(client: Client) -> None:
    made = client.call("createKey", keySpec="SM4", keyUsage="ENCRYPT/DECRYPT", protectionLevel="0")
    assert set(made) == {"cmkUuid"}
