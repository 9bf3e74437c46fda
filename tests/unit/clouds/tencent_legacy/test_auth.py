"""The signature of API 2.0 against vectors, and where credentials come from.

The vectors are what the logic of the vendor's own old package gives (https://github.com/tencentyun/kms-python-sdk,
`kms/sign.py`) for a fixed time and nonce.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import requests

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.tencent_legacy.auth import LegacyAuth, credentials_for, sign
from kms_resources.errors import CredentialsError
from kms_resources.model import Target

CREDENTIALS = Credentials("AKIDEXAMPLE0000000000000000000000000", "kmsExampleSecretKey0000000000000")
TIMESTAMP = 1700000000
NONCE = 11886
HOST, PATH = "kms-gz.api.qcloud.com", "/v2/index.php"
CREATION = {"alias": "test", "description": "test", "keyUsage": "ENCRYPT/DECRYPT"}


def signed(action: str, fields: dict[str, str], *, by: str = "HmacSHA256", method: str = "POST") -> str:
    common = {
        "Action": action,
        "Nonce": str(NONCE),
        "RequestClient": "SDK_Python_1.0",
        "SecretId": CREDENTIALS.key_id,
        "SignatureMethod": by,
        "Timestamp": str(TIMESTAMP),
    }
    return sign(CREDENTIALS, method=method, host=HOST, path=PATH, fields={**fields, **common})


@pytest.mark.parametrize(
    ("value", "signature"),
    [
        pytest.param(signed("CreateKey", CREATION, by="HmacSHA1"), "AnxPOsLJhHNqBkKE4Wg4T1QdNjQ=", id="L1"),
        pytest.param(signed("CreateKey", CREATION), "P71nyCpd0nwKG2nkjpPVdjJ+B+SSwmp/gbbE6UTfdMU=", id="L2"),
        pytest.param(signed("ListKey", {"limit": "10"}, by="HmacSHA1"), "DfICGy4mWq6h90R/OEoV2kXoruA=", id="L3"),
        pytest.param(
            signed("ListKey", {"limit": "10"}, by="HmacSHA1", method="GET"), "bjgn6WB+RxdT679HpP+Z+tNfro8=", id="L4"
        ),
        pytest.param(signed("ListKey", {"limit": "10"}), "V+jCE13rdFB2k4T+DLoT1H1l7BDx89XWCZ3+EMDixz8=", id="L5"),
    ],
)
def test_the_signature_equals_the_vector(value: str, signature: str) -> None:
    assert value == signature


def test_an_underscore_is_signed_as_a_dot() -> None:
    assert signed("ListKey", {"a_b": "1"}) == signed("ListKey", {"a.b": "1"})


def test_a_value_that_stands_for_a_file_is_not_signed_in_a_post() -> None:
    assert signed("ListKey", {"file": "@x"}) == signed("ListKey", {})
    assert signed("ListKey", {"file": "@x"}, method="GET") != signed("ListKey", {}, method="GET")


def prepared(credentials: Credentials = CREDENTIALS, body: bytes | str = b"") -> requests.PreparedRequest:
    auth = LegacyAuth(credentials, now=lambda: TIMESTAMP + 0.9, nonce=lambda: NONCE)
    return requests.Request("POST", f"https://{HOST}{PATH}", data=body, auth=auth).prepare()


def form(request: requests.PreparedRequest) -> dict[str, str]:
    assert isinstance(request.body, bytes)
    assert request.headers["Content-Length"] == str(len(request.body))
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True))


@pytest.mark.parametrize("text", [str, str.encode])
def test_the_auth_object_adds_what_vector_l5_needs(text: type) -> None:
    fields = form(prepared(body=text("Action=ListKey&limit=10&RequestClient=SDK_Python_1.0")))
    assert fields == {
        "Action": "ListKey",
        "limit": "10",
        "RequestClient": "SDK_Python_1.0",
        "SecretId": CREDENTIALS.key_id,
        "Nonce": str(NONCE),
        "Timestamp": str(TIMESTAMP),
        "SignatureMethod": "HmacSHA256",
        "Signature": "V+jCE13rdFB2k4T+DLoT1H1l7BDx89XWCZ3+EMDixz8=",
    }


def test_raw_values_are_signed_and_encoded_ones_sent() -> None:
    fields = form(prepared(body="Action=Encrypt&encryptionContext=%7B%22a%22%3A%22%E8%AE%A2%22%7D&plaintext=YQ%3D%3D"))
    signature = fields.pop("Signature")
    assert fields["encryptionContext"] == '{"a":"\u8ba2"}'
    assert signature == sign(CREDENTIALS, method="POST", host=HOST, path=PATH, fields=fields)


def test_an_empty_body_becomes_a_signed_form() -> None:
    assert len(form(prepared())) == 5


def test_the_token_of_temporary_credentials_is_sent_and_signed() -> None:
    fields = form(prepared(Credentials("AKIDFAKE", "FAKE", "TOKEN-FAKE"), "Action=ListKey"))
    signature = fields.pop("Signature")
    assert fields["Token"] == "TOKEN-FAKE"
    assert signature == sign(Credentials("", "FAKE"), method="POST", host=HOST, path=PATH, fields=fields)


def test_every_request_has_a_nonce_of_its_own() -> None:
    nonces = set()
    for _ in range(20):
        auth = LegacyAuth(CREDENTIALS)
        nonces.add(form(requests.Request("POST", f"https://{HOST}{PATH}", auth=auth).prepare())["Nonce"])
    assert len(nonces) == 20
    assert all(int(nonce) > 0 for nonce in nonces)


TARGET = Target("old", "tencent-legacy", "gz")
ENVIRON = {"TENCENTCLOUD_SECRET_ID": "AKIDFAKE", "TENCENTCLOUD_SECRET_KEY": "FAKE"}


def test_credentials_come_from_the_same_variables_as_for_api_3() -> None:
    assert credentials_for(TARGET, ENVIRON) == Credentials("AKIDFAKE", "FAKE")
    assert credentials_for(TARGET, {**ENVIRON, "TENCENTCLOUD_TOKEN": "TOKEN-FAKE"}).token == "TOKEN-FAKE"


def test_the_profile_file_is_read_when_no_variable_is_set(tmp_path: Path) -> None:
    (tmp_path / ".tencentcloud").mkdir()
    file = tmp_path / ".tencentcloud" / "credentials"
    file.write_text("[default]\nsecret_id = AKIDFILE\nsecret_key = FILE\n", encoding="utf-8")
    assert credentials_for(TARGET, {"HOME": str(tmp_path)}) == Credentials("AKIDFILE", "FILE")


def test_without_credentials_the_variables_are_named(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are not set"):
        credentials_for(TARGET, {"HOME": str(tmp_path)})
