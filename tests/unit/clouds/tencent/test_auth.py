"""TC3-HMAC-SHA256 against vectors and against the signer of the official SDK, and where credentials come from.

The vectors A, B and D are what the official SDK's client sends with a fixed clock; the published one stands in
https://cloud.tencent.com/document/product/1278/46710 and many public test suites.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from tencentcloud.common.sign import Sign

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.tencent.auth import TencentAuth, credentials_for, sign
from kms_resources.errors import CredentialsError
from kms_resources.model import Target

CREDENTIALS = Credentials("AKIDEXAMPLE0000000000000000000000000", "kmsExampleSecretKey0000000000000")
TIMESTAMP = 1700000000
HOST = "kms.tencentcloudapi.com"
JSON = "application/json"
BODY_A = b'{"KeyId": "11111111-2222-3333-4444-555555555555"}'
BODY_B = rb'{"Alias": "app-main", "Description": "\u4e3b\u5bc6\u94a5", "KeyUsage": "ENCRYPT_DECRYPT", "Type": 1}'
BODY_T = (
    b'{"ResourceList": ["qcs::kms:ap-guangzhou:uin/100000000001:key/creatorUin/100000000001/'
    b'11111111-2222-3333-4444-555555555555"], "Tags": [{"TagKey": "env", "TagValue": "dev"}]}'
)
SIGNATURE_A = "67d0e110fcd68d783f9fbfeec5295a6395c243495eed09eb2b3f5dae34543052"
SIGNATURE_T = "bd20c125d75d7eb99997cc7f48c0bffb666b7d6d4e7a0ba7b2fa02982271a03f"


def signed(
    body: bytes = BODY_A, *, host: str = HOST, service: str = "kms", content: str = JSON, action: str = ""
) -> str:
    headers = {"content-type": content, "host": host} | ({"x-tc-action": action} if action else {})
    return sign(CREDENTIALS, service=service, method="POST", query="", headers=headers, body=body, timestamp=TIMESTAMP)


def test_vector_a_down_to_the_whole_header() -> None:
    assert signed() == (
        "TC3-HMAC-SHA256 Credential=AKIDEXAMPLE0000000000000000000000000/2023-11-14/kms/tc3_request, "
        f"SignedHeaders=content-type;host, Signature={SIGNATURE_A}"
    )


@pytest.mark.parametrize(
    ("value", "signature"),
    [
        pytest.param(
            signed(BODY_A.replace(b": ", b":")),
            "273ba08867bd5060de119db1b3cee0dd17e07088c3cad2ba250f30c480d0c10c",
            id="A2: compact body",
        ),
        pytest.param(
            signed(BODY_B), "11f7b00e5bc3d7ab6364933899b9fcaa55b6f0f16f2ef973f54521479a77918b", id="B: escaped text"
        ),
        pytest.param(
            signed(content="application/json; charset=utf-8", action="DescribeKey"),
            "4b39a4a5472c0316e35e145eeb9e5c04b5d624b52fcd10b63383506ba0bd81b8",
            id="C: three headers",
        ),
        pytest.param(
            signed(b"UNSIGNED-PAYLOAD"),
            "699d8a68d79de7827e8f1574efda765d9ed895be3d2d9a1cdd22d9ca484e736e",
            id="E: unsigned payload",
        ),
        pytest.param(
            signed(host="kms.ap-guangzhou.tencentcloudapi.com"),
            "cb1f4b1a0a4b7778a78f3f31989b4806ea72c5e3f784e52f82b91ded18f891eb",
            id="F: host of a region",
        ),
        pytest.param(
            signed(host="127.0.0.1:8443"),
            "abca47a8b7e78329895730ce1469335be9a54a568646afa4c14c39e5284f5e59",
            id="G: host with a port",
        ),
        pytest.param(
            signed(b"{}"), "8f90d013a4f54f4068015a692452fc2f5b56bde25536885a298d2161d25f56ab", id="H: no parameters"
        ),
        pytest.param(signed(BODY_T, host="tag.tencentcloudapi.com", service="tag"), SIGNATURE_T, id="T: tag service"),
    ],
)
def test_the_signature_equals_the_vector(value: str, signature: str) -> None:
    assert value.endswith(f"Signature={signature}")


def test_vector_d_signs_the_query_of_a_get() -> None:
    value = sign(
        CREDENTIALS,
        service="kms",
        method="GET",
        query="KeyIds.0=11111111-2222-3333-4444-555555555555&KeyIds.1=66666666-7777-8888-9999-000000000000",
        headers={"content-type": "application/x-www-form-urlencoded", "host": HOST},
        body=b"",
        timestamp=TIMESTAMP,
    )
    assert value.endswith("Signature=3c8b508d024c58a0c5e8bdc21e812d393eea474044b50c6a6183eb61ce6b5b8a")


@pytest.mark.parametrize(
    ("secret", "signature"),
    [
        ("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"),
        ("Gu5t9xGARNpq86cd98joQYCN3*******", "2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c"),
    ],
)
def test_the_published_vector(secret: str, signature: str) -> None:
    value = sign(
        Credentials("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", secret),
        service="cvm",
        method="POST",
        query="",
        headers={"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"},
        body=rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}',
        timestamp=1551113065,
    )
    assert value.endswith(f"Signature={signature}")


@given(
    body=st.binary(max_size=200),
    secret=st.text(min_size=1, max_size=40),
    timestamp=st.integers(0, 4_000_000_000),
    service=st.sampled_from(["kms", "tag", "cam"]),
)
def test_the_signature_equals_the_official_sdks(body: bytes, secret: str, timestamp: int, service: str) -> None:
    host = f"{service}.tencentcloudapi.com"
    date = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")
    canonical = f"POST\n/\n\ncontent-type:{JSON}\nhost:{host}\n\ncontent-type;host\n{hashlib.sha256(body).hexdigest()}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"TC3-HMAC-SHA256\n{timestamp}\n{date}/{service}/tc3_request\n{digest}"
    value = sign(
        Credentials("AKIDFAKE", secret),
        service=service,
        method="POST",
        query="",
        headers={"host": host, "content-type": JSON},
        body=body,
        timestamp=timestamp,
    )
    assert value.endswith(f"Signature={Sign.sign_tc3(secret, date, service, text)}")


@pytest.mark.parametrize(("timestamp", "date"), [(1700006399, "2023-11-14"), (1700006400, "2023-11-15")])
def test_the_date_of_the_scope_is_the_timestamps_in_utc(timestamp: int, date: str) -> None:
    value = sign(
        CREDENTIALS, service="kms", method="POST", query="", headers={"host": HOST}, body=b"", timestamp=timestamp
    )
    assert f"/{date}/kms/tc3_request" in value


def prepared(auth: TencentAuth, body: bytes | str = BODY_A, **headers: str) -> requests.PreparedRequest:
    return requests.Request(
        "POST", f"https://{HOST}/", headers={"Content-Type": JSON, **headers}, data=body, auth=auth
    ).prepare()


def test_the_auth_object_adds_what_vector_a_needs() -> None:
    request = prepared(TencentAuth(CREDENTIALS, "kms", now=lambda: TIMESTAMP + 0.9))
    assert request.headers["Host"] == HOST
    assert request.headers["X-TC-Timestamp"] == str(TIMESTAMP)
    assert request.headers["Authorization"].endswith(f"Signature={SIGNATURE_A}")
    assert "X-TC-Token" not in request.headers


def test_a_text_body_is_signed_as_utf8() -> None:
    request = prepared(TencentAuth(CREDENTIALS, "kms", now=lambda: TIMESTAMP), BODY_A.decode())
    assert request.headers["Authorization"].endswith(f"Signature={SIGNATURE_A}")


def test_the_action_is_signed_and_sent_in_its_own_case() -> None:
    auth = TencentAuth(CREDENTIALS, "kms", now=lambda: TIMESTAMP)
    request = prepared(auth, **{"Content-Type": "application/json; charset=utf-8", "X-TC-Action": "DescribeKey"})
    assert request.headers["X-TC-Action"] == "DescribeKey"
    assert request.headers["Authorization"].endswith(
        "SignedHeaders=content-type;host;x-tc-action, "
        "Signature=4b39a4a5472c0316e35e145eeb9e5c04b5d624b52fcd10b63383506ba0bd81b8"
    )


def test_the_token_of_temporary_credentials_is_sent() -> None:
    request = prepared(TencentAuth(Credentials("AKIDFAKE", "FAKE", "TOKEN-FAKE"), "kms"))
    assert request.headers["X-TC-Token"] == "TOKEN-FAKE"


TARGET = Target("guangzhou", "tencent", "ap-guangzhou")
ENVIRON = {"TENCENTCLOUD_SECRET_ID": "AKIDFAKE", "TENCENTCLOUD_SECRET_KEY": "FAKE"}


def suffixed(suffix: str) -> Target:
    return Target("guangzhou", "tencent", "ap-guangzhou", credentials=suffix)


def profile(home: Path, text: str) -> dict[str, str]:
    (home / ".tencentcloud").mkdir()
    (home / ".tencentcloud" / "credentials").write_text(text, encoding="utf-8")
    return {"HOME": str(home)}


def test_credentials_come_from_the_vendors_variables() -> None:
    assert credentials_for(TARGET, ENVIRON) == Credentials("AKIDFAKE", "FAKE")


@pytest.mark.parametrize("name", ["TENCENTCLOUD_SECURITY_TOKEN", "TENCENTCLOUD_SESSION_TOKEN", "TENCENTCLOUD_TOKEN"])
def test_a_token_is_read_under_each_of_its_names(name: str) -> None:
    assert credentials_for(TARGET, {**ENVIRON, name: "TOKEN-FAKE"}).token == "TOKEN-FAKE"


def test_with_a_suffix_only_the_suffixed_variables_count() -> None:
    with pytest.raises(CredentialsError, match=r"TENCENTCLOUD_SECRET_ID_PROD and TENCENTCLOUD_SECRET_KEY_PROD are"):
        credentials_for(suffixed("PROD"), ENVIRON)


def test_the_profile_file_is_read_when_no_variable_is_set(tmp_path: Path) -> None:
    environ = profile(tmp_path, "[default]\nsecret_id = AKIDFILE\nsecret_key = FILE\ntoken = T\n")
    assert credentials_for(TARGET, environ) == Credentials("AKIDFILE", "FILE", "T")


def test_a_suffix_selects_the_profile_of_its_name(tmp_path: Path) -> None:
    environ = profile(tmp_path, "[default]\nsecret_id = A\nsecret_key = B\n[prod]\nsecret_id = C\nsecret_key = D\n")
    assert credentials_for(suffixed("PROD"), environ) == Credentials("C", "D")


@pytest.mark.parametrize("text", ["[default]\nsecret_id = AKIDFILE\n", "[other]\nsecret_id = A\nsecret_key = B\n"])
def test_an_incomplete_profile_is_no_profile(tmp_path: Path, text: str) -> None:
    with pytest.raises(CredentialsError, match="or write the vendor's profile file"):
        credentials_for(TARGET, profile(tmp_path, text))


def test_half_a_pair_of_variables_is_not_completed_from_the_profile(tmp_path: Path) -> None:
    environ = profile(tmp_path, "[default]\nsecret_id = AKIDFILE\nsecret_key = FILE\n")
    with pytest.raises(CredentialsError, match="TENCENTCLOUD_SECRET_KEY is not set"):
        credentials_for(TARGET, {**environ, "TENCENTCLOUD_SECRET_ID": "AKIDFAKE"})
