"""Keys in use through API 2.0, against a scripted server."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.tencent_legacy.api import RATES
from kms_resources.clouds.tencent_legacy.crypto import LegacyCrypto
from kms_resources.clouds.transport import Transport
from kms_resources.crypto.words import Algorithm, Ciphertext, Decrypted
from kms_resources.errors import InputError, NotFoundError, RejectedError, UnclearError, WrongStateError
from tests.unit.clouds.conftest import Naps
from tests.unit.clouds.loopback import CUT, Loopback
from tests.unit.clouds.tencent_legacy.cloud import COMMON, KEY_ID, TARGET, failure, form, success

SECRET = b"top secret words"
TEXT = base64.b64encode(SECRET).decode()
BLOB = "opaque+blob/=="
CONTEXT = {"stage": "prod", "app": "\u8ba2\u5355"}
CONTEXT_TEXT = '{"app":"\u8ba2\u5355","stage":"prod"}'


@pytest.fixture
def client(server: Loopback, naps: Naps) -> LegacyCrypto:
    transport = Transport(where=f"target {TARGET.name}", rates=RATES, sleep=naps)
    return LegacyCrypto(TARGET, Credentials("AKIDFAKE", "SECRET-FAKE"), server.url, transport)


def sent(server: Loopback) -> tuple[str, dict[str, str]]:
    [request] = server.requests
    fields = form(request)
    assert request.path == "/v2/index.php"
    return fields["Action"], {name: value for name, value in fields.items() if name not in COMMON}


def test_encrypt_sends_base64_and_keeps_the_blob_as_it_is(client: LegacyCrypto, server: Loopback) -> None:
    server.script(success(keyId=KEY_ID, ciphertextBlob=BLOB))
    assert client.encrypt(KEY_ID, SECRET, CONTEXT) == Ciphertext(BLOB, KEY_ID)
    assert sent(server) == ("Encrypt", {"keyId": KEY_ID, "plaintext": TEXT, "encryptionContext": CONTEXT_TEXT})


def test_decrypt_tells_the_key(client: LegacyCrypto, server: Loopback) -> None:
    server.script(success(keyId=KEY_ID, plaintext=TEXT))
    assert client.decrypt(BLOB) == Decrypted(SECRET, KEY_ID)
    assert sent(server) == ("Decrypt", {"ciphertextBlob": BLOB})


def test_a_data_key_comes_in_plain_and_encrypted(client: LegacyCrypto, server: Loopback) -> None:
    server.script(success(keyId=KEY_ID, plaintext=TEXT, ciphertextBlob=BLOB))
    made = client.generate_data_key(KEY_ID, 16)
    assert (made.plaintext, made.ciphertext) == (SECRET, Ciphertext(BLOB, KEY_ID))
    assert sent(server) == ("GenerateDataKey", {"keyId": KEY_ID, "numberOfBytes": "16"})


def test_a_context_that_is_too_long_is_not_sent(client: LegacyCrypto, server: Loopback) -> None:
    with pytest.raises(InputError, match="target old: the encryption context is too long"):
        client.decrypt(BLOB, {"a": "x" * 1024})
    assert server.requests == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (4530, NotFoundError),
        (4550, WrongStateError),
        (4540, RejectedError),
        (4580, RejectedError),
        (4560, RejectedError),
    ],
)
def test_a_code_decides_what_a_caller_hears(
    client: LegacyCrypto, server: Loopback, code: int, kind: type[Exception]
) -> None:
    server.script(failure(code))
    with pytest.raises(kind, match=f"target old: Decrypt was refused: .*{code}"):
        client.decrypt(BLOB)


def test_a_refusal_that_quotes_the_plaintext_is_shown_without_it(client: LegacyCrypto, server: Loopback) -> None:
    server.script(failure(4590, 10690, f"plaintext {TEXT} is bad"))
    with pytest.raises(RejectedError, match="plaintext \u2026 is bad") as caught:
        client.encrypt(KEY_ID, SECRET)
    assert TEXT not in repr(caught.value) + str(caught.value)


@pytest.mark.parametrize(
    "answer", [success(), success(keyId=KEY_ID, plaintext="no base64 \u2026"), success(plaintext=TEXT)]
)
def test_an_answer_without_what_it_should_hold_is_unclear(client: LegacyCrypto, server: Loopback, answer: Any) -> None:
    server.script(answer)
    with pytest.raises(UnclearError, match="target old: Decrypt was answered with"):
        client.decrypt(BLOB)


def test_what_leaves_no_trace_is_sent_again(client: LegacyCrypto, server: Loopback) -> None:
    server.script(CUT, success(keyId=KEY_ID, ciphertextBlob=BLOB))
    assert client.encrypt(KEY_ID, SECRET).blob == BLOB


def test_an_action_by_name_is_sent_once(client: LegacyCrypto, server: Loopback) -> None:
    server.script(success(keys=[], totalCount=0))
    assert client.call("ListKey", {"limit": 5})["totalCount"] == 0
    assert sent(server) == ("ListKey", {"limit": "5"})
    server.script(CUT)
    with pytest.raises(UnclearError):
        client.call("ListKey", {})
    assert len(server.requests) == 2


def test_with_a_path_what_the_table_does_not_know_goes_as_it_is(client: LegacyCrypto, server: Loopback) -> None:
    server.script(success())
    client.call("NewAction", {"any": "1"}, "/v2/index.php")
    assert sent(server) == ("NewAction", {"any": "1"})


@pytest.mark.parametrize(
    ("action", "fields", "path", "sentence"),
    [
        ("ListKeys", {}, "", "no action ListKeys; did you mean ListKey"),
        ("Xyzzy", {}, "", "no action Xyzzy: there are CreateKey"),
        ("Encrypt", {"KeyId": "x"}, "", "no field KeyId: its fields are keyId, plaintext, encryptionContext"),
        ("Encrypt", {"keyId": "x"}, "", "Encrypt needs plaintext"),
        ("Encrypt", {}, "/v1", "one path only"),
    ],
)
def test_what_the_table_does_not_know_is_refused(
    client: LegacyCrypto, server: Loopback, *, action: str, fields: dict[str, str], path: str, sentence: str
) -> None:
    with pytest.raises(InputError, match=f"target old: .*{sentence}"):
        client.call(action, fields, path)
    assert server.requests == []


REFUSED: list[Callable[[LegacyCrypto], object]] = [
    lambda client: client.re_encrypt(BLOB, KEY_ID),
    lambda client: client.generate_data_key(KEY_ID, 16, with_plaintext=False),
    lambda client: client.public_key(KEY_ID),
    lambda client: client.asymmetric_encrypt(KEY_ID, "", Algorithm.SM2PKE, b"x"),
    lambda client: client.asymmetric_decrypt(KEY_ID, "", Algorithm.SM2PKE, b"x"),
    lambda client: client.sign(KEY_ID, "", Algorithm.SM2DSA, bytes(32)),
    lambda client: client.verify(KEY_ID, "", Algorithm.SM2DSA, bytes(32), b"x"),
    lambda client: client.hmac(KEY_ID, b"x"),
    lambda client: client.random(16),
    lambda client: client.secret_value("db"),
    lambda client: client.list_versions(KEY_ID),
    lambda client: client.create_version(KEY_ID),
    lambda client: client.wrapping_key(KEY_ID, Algorithm.RSAES_OAEP_SHA_256),
    lambda client: client.import_material(KEY_ID, b"x", "TOKEN", 0),
    lambda client: client.delete_material(KEY_ID),
]


@pytest.mark.parametrize("use", REFUSED)
def test_what_api_2_lacks_is_refused_before_any_request(
    client: LegacyCrypto, server: Loopback, use: Callable[[LegacyCrypto], object]
) -> None:
    with pytest.raises(RejectedError, match=r"target old: .*has no call for it\n  → ."):
        use(client)
    assert server.requests == []
