"""The actions of API 2.0: keys, their states, ciphertexts, data keys."""

import base64
import json
import re
from pathlib import Path

import pytest

from kms_emulator.emulator import Emulator
from kms_emulator.seed import load_seed
from kms_emulator.server import EmulatorServer
from kms_emulator.tencent_legacy import CLOUD
from tests.emulator.tencent_legacy.support import CANARY, DAY, Client, b64

NOT_FOUND, DISABLED, WRONG_STATE = "4530/10630", "4550/10650", "4000/10110"
CONTEXT = '{"app": "shop", "用途": "test"}'
STATES = ("Enabled", "Disabled", "PendingDelete")


def in_state(client: Client, state: str, alias: str = "test") -> str:
    key = client.key(alias)
    if state != "Enabled":
        client.call("DisableKey", keyId=key)
    if state == "PendingDelete":
        client.call("ScheduleKeyDeletion", keyId=key, pendingWindowInDays=7)
    assert client.meta(key)["keyState"] == state
    return key


def test_a_new_key_answers_with_its_metadata(client: Client) -> None:
    found = client.call("CreateKey", alias="test", description="描述", keyUsage="ENCRYPT/DECRYPT")["keyMetadata"]
    assert re.fullmatch("kms-[0-9a-z]{8}", found["keyId"])
    assert found == {
        "keyId": found["keyId"], "alias": "test", "createTime": found["createTime"], "description": "描述",
        "keyState": "Enabled", "keyUsage": "ENCRYPT/DECRYPT",
    }  # fmt: skip
    assert client.meta(found["keyId"]) == {**found, "type": 1, "deleteTime": 0}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "4000/10010"),
        ({"alias": ""}, "4000/10010"),
        ({"alias": "a" * 33}, "4000/10350"),
        ({"alias": "a", "keyUsage": "ENCRYPT_DECRYPT"}, "4490/10470"),
        ({"alias": "a", "description": "密" * 342}, "4000/10350"),
        ({"alias": "a", "type": 2}, "4000/10000"),
        ({"alias": "a", "type": 3}, "4000/10350"),
        ({"Alias": "a", "alias": "a"}, "4000/10320"),
    ],
)
def test_bad_creations_are_refused(client: Client, given: dict[str, str], code: str) -> None:
    assert client.refused("CreateKey", **given) == code
    assert client.call("ListKey")["totalCount"] == 0


def test_an_alias_is_unique_and_changes(client: Client) -> None:
    key, other = client.key("a" * 32), client.key("other")
    assert client.refused("CreateKey", alias="other") == "4500/10480"
    assert client.refused("SetKeyAttributes", keyId=key, alias="other") == "4500/10480"
    assert client.refused("SetKeyAttributes", keyId=key, alias="a" * 33) == "4000/10350"
    client.call("SetKeyAttributes", keyId=key, alias="new")
    client.call("SetKeyAttributes", keyId=other, alias="a" * 32)
    assert client.meta(key)["alias"] == "new"


def test_keys_are_listed_page_by_page(client: Client) -> None:
    keys = [client.key(f"key-{number}") for number in range(12)]
    first, rest = client.call("ListKey"), client.call("ListKey", offset=10, limit=10)
    assert [entry["keyId"] for entry in first["keys"] + rest["keys"]] == keys
    assert (len(first["keys"]), first["totalCount"], rest["totalCount"]) == (10, 12, 12)


def test_the_key_quota_is_enforced(client: Client) -> None:
    client.control("settings", {"tencent_legacy.cmk_limit": 1})
    in_state(client, "PendingDelete", "gone")
    client.key("one")
    assert client.refused("CreateKey", alias="two") == "4510/10610"


BY_STATE: dict[str, tuple[dict[str, object], tuple[str, str, str]]] = {
    "GetKeyAttributes": ({}, ("", "", "")),
    "SetKeyAttributes": ({"alias": "x"}, ("", "", WRONG_STATE)),
    "EnableKey": ({}, ("", "", WRONG_STATE)),
    "DisableKey": ({}, ("", "", WRONG_STATE)),
    "ScheduleKeyDeletion": ({"pendingWindowInDays": 7}, (WRONG_STATE, "", WRONG_STATE)),
    "CancelKeyDeletion": ({}, (WRONG_STATE, WRONG_STATE, "")),
    "Encrypt": ({"plaintext": "YQ=="}, ("", DISABLED, DISABLED)),
    "GenerateDataKey": ({"keySpec": "AES_128"}, ("", DISABLED, DISABLED)),
}


@pytest.mark.parametrize("action", BY_STATE)
@pytest.mark.parametrize("state", STATES)
def test_each_action_does_or_refuses_as_the_state_says(client: Client, action: str, state: str) -> None:
    more, expected = BY_STATE[action]
    key, code = in_state(client, state), expected[STATES.index(state)]
    if code:
        assert client.refused(action, keyId=key, **more) == code
    else:
        client.call(action, keyId=key, **more)


@pytest.mark.parametrize("action", BY_STATE)
def test_every_action_refuses_unknown_keys(client: Client, action: str) -> None:
    more, _ = BY_STATE[action]
    assert client.refused(action, keyId="kms-00000000", **more) == NOT_FOUND
    assert client.refused(action, keyId="11111111-2222-3333-4444-555555555555", **more) == "4000/10310"
    assert client.refused(action, **more) == "4000/10010"


def test_a_disabled_key_is_enabled_again(client: Client) -> None:
    key = in_state(client, "Disabled")
    client.call("EnableKey", keyId=key)
    assert client.meta(key)["keyState"] == "Enabled"


def test_a_scheduled_key_disappears_at_its_date_unless_cancelled(client: Client) -> None:
    key, kept = in_state(client, "PendingDelete", "a"), in_state(client, "PendingDelete", "b")
    date = client.meta(kept)["deleteTime"]
    assert date > client.meta(kept)["createTime"] + 6 * DAY
    client.call("CancelKeyDeletion", keyId=kept)
    client.control("clock", {"set": client.meta(key)["deleteTime"] - 30})
    assert client.meta(key)["keyState"] == "PendingDelete"
    client.control("clock", {"advance": 60})
    assert client.refused("GetKeyAttributes", keyId=key) == NOT_FOUND
    assert (client.meta(kept)["keyState"], client.meta(kept)["deleteTime"]) == ("Disabled", 0)
    client.key("a")


@pytest.mark.parametrize("days", [6, 31, 0])
def test_a_deletion_window_outside_7_to_30_days_is_refused(client: Client, days: int) -> None:
    key = in_state(client, "Disabled")
    assert client.refused("ScheduleKeyDeletion", keyId=key, pendingWindowInDays=days) == "4000/10350"


@pytest.mark.parametrize("http", ["GET", "POST"])
def test_what_was_encrypted_is_decrypted(client: Client, http: str) -> None:
    client.http_method = http
    key, plaintext = client.key(), bytes(range(256)) * 16
    answer = client.call("Encrypt", keyId=key, plaintext=b64(plaintext), encryptionContext=CONTEXT)
    assert answer["keyId"] == key
    opened = client.call("Decrypt", ciphertextBlob=answer["ciphertextBlob"], encryptionContext=CONTEXT)
    assert (opened["keyId"], base64.b64decode(opened["plaintext"])) == (key, plaintext)


def test_a_context_must_be_the_same_text_at_decryption(client: Client) -> None:
    blob = client.encrypt(client.key(), encryptionContext=CONTEXT)
    for other in ("", "{}", CONTEXT.replace(" ", "")):
        assert client.refused("Decrypt", ciphertextBlob=blob, encryptionContext=other) == "4560/10670"


@pytest.mark.parametrize("context", ["text", "[]", '{"a": "' + "b" * 1020 + '"}'])
def test_a_context_is_a_json_object(client: Client, context: str) -> None:
    key = client.key()
    code = "4540/10640"
    assert client.refused("Encrypt", keyId=key, plaintext="YQ==", encryptionContext=context) == code
    assert client.refused("GenerateDataKey", keyId=key, keySpec="AES_128", encryptionContext=context) == code
    assert client.refused("Decrypt", ciphertextBlob="YQ==", encryptionContext=context) == code


@pytest.mark.parametrize("plaintext", ["YQ", "!", b64(bytes(4097))], ids=lambda text: text[:4])
def test_a_bad_plaintext_is_refused(client: Client, plaintext: str) -> None:
    assert client.refused("Encrypt", keyId=client.key(), plaintext=plaintext) == "4590/10690"


def test_a_changed_byte_anywhere_in_a_ciphertext_is_refused(client: Client) -> None:
    data = base64.b64decode(client.encrypt(client.key(), b"a"))
    for place in range(len(data)):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        code = client.refused("Decrypt", ciphertextBlob=b64(changed))
        assert code in ({"4580/10680", NOT_FOUND} if place < 12 else {"4560/10670"})


@pytest.mark.parametrize("blob", ["text", "YQ==", b64(bytes(60))])
def test_what_is_no_ciphertext_is_refused(client: Client, blob: str) -> None:
    assert client.refused("Decrypt", ciphertextBlob=blob) == "4580/10680"


def test_a_ciphertext_opens_only_while_its_key_is_enabled(client: Client) -> None:
    key = client.key()
    blob = client.encrypt(key)
    client.call("DisableKey", keyId=key)
    assert client.refused("Decrypt", ciphertextBlob=blob) == DISABLED
    client.call("EnableKey", keyId=key)
    assert client.decrypt(blob) == CANARY


@pytest.mark.parametrize(
    ("given", "length"),
    [
        ({"keySpec": "AES_128"}, 16), ({"keySpec": "AES_256"}, 32), ({"numberOfBytes": 1}, 1),
        ({"numberOfBytes": 1024, "keySpec": "AES_128"}, 1024),
    ],
)  # fmt: skip
def test_a_data_key_has_the_length_asked_for(client: Client, given: dict[str, object], length: int) -> None:
    key = client.key()
    answer = client.call("GenerateDataKey", keyId=key, encryptionContext=CONTEXT, **given)
    plaintext = base64.b64decode(answer["plaintext"])
    assert (answer["keyId"], len(plaintext)) == (key, length)
    assert client.decrypt(answer["ciphertextBlob"], encryptionContext=CONTEXT) == plaintext


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "4000/10390"), ({"keySpec": "AES_192"}, "4520/10620"), ({"numberOfBytes": 0}, "4000/10350"),
        ({"numberOfBytes": 1025}, "4000/10350"), ({"numberOfBytes": "x"}, "4000/10360"),
    ],
)  # fmt: skip
def test_a_data_key_without_a_good_length_is_refused(client: Client, given: dict[str, object], code: str) -> None:
    assert client.refused("GenerateDataKey", keyId=client.key(), **given) == code


def test_keys_survive_a_restart(tmp_path: Path) -> None:
    blob = ""
    for _ in range(2):
        emulator = Emulator(tmp_path, [CLOUD], load_seed(None))
        with EmulatorServer(emulator) as url:
            client = Client(url)
            blob = blob or client.encrypt(client.key())
            assert client.decrypt(blob) == CANARY
            client.session.close()
        emulator.close()


def test_nothing_secret_is_in_the_journal_or_in_errors(client: Client) -> None:
    client.http_method = "GET"
    key, text = client.key(), b64(CANARY)
    blob = client.encrypt(key)
    refusals = [
        client.raw("Encrypt", keyId="kms-00000000", plaintext=text),
        client.raw("Encrypt", keyId=key, plaintext=text + "!"),
        client.raw("Encrypt", keyId=key, plaintext="YQ==", encryptionContext=text),
        client.raw("Decrypt", ciphertextBlob=text),
        client.raw("Decrypt", ciphertextBlob=blob, unknown=text),
    ]
    assert all(refusal["code"] for refusal in refusals)
    journal = client.session.get(f"{client.url}/_emulator/journal", timeout=10).text
    assert key in journal
    for secret in (text, CANARY.decode(), blob):
        assert secret not in json.dumps(refusals)
        assert secret not in journal
