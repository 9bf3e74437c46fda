"""Signature V3 against published and official results, and the places where credentials come from.

Vectors A to C were checked byte for byte against the signer of the official package alibabacloud-tea-openapi 0.4.6; the
fourth is the vendor's own example: https://www.alibabacloud.com/help/doc-detail/2593177.htm
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from alibabacloud_tea_openapi import utils as official  # type: ignore[import-untyped]
from darabonba.request import DaraRequest  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.models import PreparedRequest

from kms_resources.clouds.alibaba.auth import AlibabaAuth, canonical_request, credentials_for, sign
from kms_resources.clouds.credentials import Credentials
from kms_resources.errors import CredentialsError
from kms_resources.model import Target

NONCE = "3156853299f313e23d1673dc12e1703d"
EXAMPLE = Credentials("LTAI-example-id", "example-secret")
URL = "https://kms.cn-hangzhou.aliyuncs.com/"
TARGET = Target("hangzhou", "alibaba", "cn-hangzhou")
PROD = Target("prod", "alibaba", "cn-hangzhou", credentials="PROD")


def _prepared(
    credentials: Credentials,
    action: str,
    *,
    url: str = URL,
    version: str = "2016-01-20",
    query: Mapping[str, str] | None = None,
    body: str = "",
    time: str = "2024-05-20T06:34:21Z",
) -> PreparedRequest:
    moment = datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    headers = {"x-acs-action": action, "x-acs-version": version}
    if body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    auth = AlibabaAuth(credentials, now=lambda: moment, nonce=lambda: NONCE)
    return requests.Request("POST", url, headers=headers, params=query, data=body.encode(), auth=auth).prepare()


def _signature(request: PreparedRequest) -> str:
    return request.headers["Authorization"].rpartition("Signature=")[2]


def _canonical_hash(request: PreparedRequest) -> str:
    names = request.headers["Authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    text = canonical_request(
        method=request.method or "",
        path="/",
        query=parse_qsl(urlsplit(request.url or "").query, keep_blank_values=True),
        headers={name: request.headers[name] for name in names},
        body=request.body if isinstance(request.body, bytes) else b"",
    )
    return hashlib.sha256(text.encode()).hexdigest()


def test_parameters_in_the_query_are_signed_as_in_vector_a() -> None:
    request = _prepared(
        EXAMPLE,
        "CreateKey",
        query={
            "Tags": '[{"TagKey":"k","TagValue":"v"}]',
            "Description": "a b*c~/d+é",
            "KeySpec": "Aliyun_AES_256",
            "EnableAutomaticRotation": "false",
        },
    )
    assert _canonical_hash(request) == "b5994e6591baf72529e29f50b7515ff6339b5f5cca56b5c7b4ac1f665f7bdf98"
    assert request.headers["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=LTAI-example-id,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,"
        "Signature=1e1a4cdbeaac7dd3be4dcd543055f24a2f500b292e413fb5173877d0017679bd"
    )


def test_the_canonical_request_of_vector_a_has_the_published_lines() -> None:
    query = {
        "Tags": '[{"TagKey":"k","TagValue":"v"}]',
        "Description": "a b*c~/d+é",
        "KeySpec": "Aliyun_AES_256",
        "EnableAutomaticRotation": "false",
    }
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    headers = {
        "host": "kms.cn-hangzhou.aliyuncs.com",
        "x-acs-action": "CreateKey",
        "x-acs-content-sha256": empty,
        "x-acs-date": "2024-05-20T06:34:21Z",
        "x-acs-signature-nonce": NONCE,
        "x-acs-version": "2016-01-20",
    }
    lines = canonical_request(method="POST", path="/", query=query.items(), headers=headers, body=b"").split("\n")
    assert lines == [
        "POST",
        "/",
        "Description=a%20b%2Ac~%2Fd%2B%C3%A9&EnableAutomaticRotation=false&KeySpec=Aliyun_AES_256"
        "&Tags=%5B%7B%22TagKey%22%3A%22k%22%2C%22TagValue%22%3A%22v%22%7D%5D",
        *[f"{name}:{value}" for name, value in headers.items()],
        "",
        "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version",
        empty,
    ]


def test_query_and_form_body_are_signed_as_in_vector_b() -> None:
    request = _prepared(
        EXAMPLE, "CreateSecret", query={"SecretName": "s", "VersionId": "v1"}, body="SecretData=p+w%26%3D%2B%2A~"
    )
    assert request.headers["x-acs-content-sha256"] == "d5b406bd86ce96d275c5e8f9284a17bade0c0a1053d98e417bd73baa73d90cd4"
    assert _canonical_hash(request) == "5941b44ad393c53f5f2b8984bc26059c9cc428651b3c95644118d6c95ef86632"
    assert _signature(request) == "ce9a66b45b4a858a0a2c703d68e08adeca909d2d2f126f66900f970494c7edad"


def test_temporary_credentials_are_signed_as_in_vector_c() -> None:
    temporary = Credentials("LTAI-example-id", "example-secret", "tok/en+1=")
    request = _prepared(temporary, "DescribeKey", query={"KeyId": "alias/app"})
    assert _canonical_hash(request) == "5fcee828ed0490aedd476ea0a87859d620041acf8cd34e918a0709d8bd39eb5c"
    assert _signature(request) == "60c30f080cb59fd9c8650fa0fe3a66d955834c32b62d0711d676bb98667c512d"


def test_the_vendors_published_example_comes_out_as_published() -> None:
    request = _prepared(
        Credentials("YourAccessKeyId", "YourAccessKeySecret"),
        "RunInstances",
        url="https://ecs.cn-shanghai.aliyuncs.com/",
        version="2014-05-26",
        query={
            "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
            "RegionId": "cn-shanghai",
        },
        time="2023-10-26T10:22:32Z",
    )
    assert _signature(request) == "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"


_names = st.from_regex(r"[A-Za-z][A-Za-z0-9.]{0,20}", fullmatch=True)
_header_names = st.from_regex(r"x-acs-[a-z0-9-]{1,20}", fullmatch=True)
_header_values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)


@settings(deadline=None)
@given(
    query=st.dictionaries(_names, st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=6),
    headers=st.dictionaries(_header_names, _header_values, max_size=4),
    body=st.binary(max_size=60),
    secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40),
)
def test_any_request_is_signed_as_the_official_package_signs_it(
    query: dict[str, str], headers: dict[str, str], body: bytes, secret: str
) -> None:
    signed = {"host": "kms.cn-beijing.aliyuncs.com", "content-type": "application/x-www-form-urlencoded"} | headers
    foreign = DaraRequest()
    foreign.method, foreign.pathname, foreign.query, foreign.headers = "POST", "/", query, signed
    expected = official.Utils.get_authorization(
        foreign, "ACS3-HMAC-SHA256", hashlib.sha256(body).hexdigest(), "an-id", secret
    )
    ours = sign(Credentials("an-id", secret), method="POST", path="/", query=query.items(), headers=signed, body=body)
    assert ours == expected


@settings(deadline=None)
@given(query=st.dictionaries(_names, st.text(st.characters(exclude_categories=["Cs"]), max_size=40), max_size=4))
def test_what_the_http_library_makes_of_a_query_does_not_change_its_signature(query: dict[str, str]) -> None:
    request = _prepared(EXAMPLE, "DescribeKey", query=query)
    headers = {
        name.lower(): value
        for name, value in request.headers.items()
        if name.lower() == "host" or name.lower().startswith("x-acs-")
    }
    expected = sign(EXAMPLE, method="POST", path="/", query=query.items(), headers=headers, body=b"")
    assert request.headers["Authorization"] == expected


def test_the_port_of_an_endpoint_is_signed_and_its_user_part_is_not_sent() -> None:
    request = _prepared(EXAMPLE, "ListKeys", url="http://someone@127.0.0.1:8443/")
    assert request.headers["Host"] == "127.0.0.1:8443"


def test_every_attempt_has_a_nonce_of_its_own() -> None:
    auth = AlibabaAuth(EXAMPLE)
    requests_sent = [requests.Request("POST", URL, auth=auth).prepare() for _ in range(20)]
    assert len({request.headers["x-acs-signature-nonce"] for request in requests_sent}) == 20


def _write(home: Path, name: str, text: str) -> Path:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _config(*profiles: Mapping[str, str], current: str = "default") -> str:
    return json.dumps({"current": current, "profiles": list(profiles)})


AK = {"name": "default", "mode": "AK", "access_key_id": "cli-id", "access_key_secret": "cli-secret"}
INI = "[default]\ntype = access_key\naccess_key_id = ini-id\naccess_key_secret = ini-secret # a note\n"


def test_credentials_come_from_the_vendors_variables_first(tmp_path: Path) -> None:
    _write(tmp_path, ".aliyun/config.json", _config(AK))
    environ = {
        "HOME": str(tmp_path),
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "env-id",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "env-secret",
        "ALIBABA_CLOUD_SECURITY_TOKEN": "env-token",
    }
    assert credentials_for(TARGET, environ) == Credentials("env-id", "env-secret", "env-token")


def test_a_target_with_a_suffix_reads_only_the_variables_with_it(tmp_path: Path) -> None:
    environ = {
        "HOME": str(tmp_path),
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "env-id",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "env-secret",
    }
    with pytest.raises(
        CredentialsError, match=r"ALIBABA_CLOUD_ACCESS_KEY_ID_PROD and ALIBABA_CLOUD_ACCESS_KEY_SECRET_PROD"
    ):
        credentials_for(PROD, environ)


@pytest.mark.parametrize("file", [".alibabacloud/credentials.ini", ".alibabacloud/credentials"])
def test_the_ini_files_are_read_and_what_follows_a_hash_is_a_comment(tmp_path: Path, file: str) -> None:
    _write(tmp_path, file, INI)
    assert credentials_for(TARGET, {"HOME": str(tmp_path)}) == Credentials("ini-id", "ini-secret")


def test_an_ini_profile_of_temporary_credentials_keeps_its_token(tmp_path: Path) -> None:
    _write(
        tmp_path,
        ".alibabacloud/credentials",
        "[prod]\ntype = sts\naccess_key_id = i\naccess_key_secret = s\nsecurity_token = t\n",
    )
    assert credentials_for(PROD, {"HOME": str(tmp_path)}) == Credentials("i", "s", "t")


def test_the_file_of_the_command_line_tool_goes_before_the_ini_files_as_in_the_vendors_packages(tmp_path: Path) -> None:
    _write(tmp_path, ".aliyun/config.json", _config(AK))
    _write(tmp_path, ".alibabacloud/credentials", INI)
    assert credentials_for(TARGET, {"HOME": str(tmp_path)}) == Credentials("cli-id", "cli-secret")


def test_a_file_named_by_variable_goes_before_the_others(tmp_path: Path) -> None:
    _write(tmp_path, ".aliyun/config.json", _config(AK))
    named = _write(tmp_path, "elsewhere.ini", INI)
    environ = {"HOME": str(tmp_path), "ALIBABA_CLOUD_CREDENTIALS_FILE": str(named)}
    assert credentials_for(TARGET, environ) == Credentials("ini-id", "ini-secret")


def test_a_file_named_by_variable_that_is_not_there_is_an_error_and_no_other_account(tmp_path: Path) -> None:
    _write(tmp_path, ".aliyun/config.json", _config(AK))
    environ = {"HOME": str(tmp_path), "ALIBABA_CLOUD_CREDENTIALS_FILE": str(tmp_path / "gone.ini")}
    with pytest.raises(CredentialsError, match="ALIBABA_CLOUD_CREDENTIALS_FILE names this file"):
        credentials_for(TARGET, environ)


def test_the_current_profile_of_the_command_line_tool_is_used_where_the_stack_names_none(tmp_path: Path) -> None:
    other = {"name": "shop", "mode": "StsToken", "access_key_id": "i", "access_key_secret": "s", "sts_token": "t"}
    _write(tmp_path, ".aliyun/config.json", _config(AK, other, current="shop"))
    assert credentials_for(TARGET, {"HOME": str(tmp_path)}) == Credentials("i", "s", "t")


def test_the_profile_variable_goes_before_the_current_profile(tmp_path: Path) -> None:
    other = {"name": "shop", "mode": "AK", "access_key_id": "i", "access_key_secret": "s"}
    _write(tmp_path, ".aliyun/config.json", _config(AK, other))
    environ = {"HOME": str(tmp_path), "ALIBABA_CLOUD_PROFILE": "shop"}
    assert credentials_for(TARGET, environ) == Credentials("i", "s")


def test_a_target_with_a_suffix_never_takes_the_current_profile(tmp_path: Path) -> None:
    _write(tmp_path, ".aliyun/config.json", _config(AK))
    with pytest.raises(CredentialsError, match="no credentials"):
        credentials_for(PROD, {"HOME": str(tmp_path), "ALIBABA_CLOUD_PROFILE": "default"})


def test_the_token_of_a_profile_with_a_lasting_key_is_not_used(tmp_path: Path) -> None:
    _write(tmp_path, ".aliyun/config.json", _config(AK | {"sts_token": "left over"}))
    assert credentials_for(TARGET, {"HOME": str(tmp_path)}).token == ""


@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        (".aliyun/config.json", _config(AK | {"mode": "RamRoleArn"}), "its mode is 'RamRoleArn', and only AK and StsT"),
        (".alibabacloud/credentials", "[default]\ntype = ecs_ram_role\n", "its type is 'ecs_ram_role', and only acc"),
        (".aliyun/config.json", _config(AK | {"access_key_secret": ""}), "access key id or secret is empty"),
        (".aliyun/config.json", _config(AK | {"mode": "StsToken"}), "access key id, secret or token is empty"),
        (".aliyun/config.json", '{"profiles": [{"access_key_secret": "cli-secret"', "not the JSON that the command"),
        (".aliyun/config.json", '["cli-secret"]', "not the JSON that the command"),
        (".alibabacloud/credentials", "access_key_secret = cli-secret", "not a valid ini file"),
    ],
)
def test_an_unusable_profile_is_refused_with_its_file_and_reason_and_without_the_secret(
    tmp_path: Path, file: str, text: str, why: str
) -> None:
    path = _write(tmp_path, file, text)
    with pytest.raises(CredentialsError, match=re.escape(why)) as caught:
        credentials_for(TARGET, {"HOME": str(tmp_path)})
    assert caught.value.where == str(path)
    assert "cli-secret" not in str(caught.value)


def test_without_any_file_the_message_names_the_variables(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="export ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECR"):
        credentials_for(TARGET, {"HOME": str(tmp_path)})
