"""Credentials and endpoints: nothing secret in a message, and never another account by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from kms_resources.clouds.credentials import Credentials, Variables, endpoint, find_credentials, read_ini
from kms_resources.errors import CredentialsError
from kms_resources.model import Target

TARGET = Target("guangzhou", "tencent", "ap-guangzhou")
PROD = Target("guangzhou", "tencent", "ap-guangzhou", credentials="PROD")
VARIABLES = Variables(("ID", "OLD_ID"), ("SECRET",), ("TOKEN",))


def test_a_repr_shows_neither_secret_nor_token() -> None:
    assert repr(Credentials("AKIDFAKE", "SECRET-FAKE", "TOKEN-FAKE")) == "Credentials(key_id='AKIDFAKE')"


def test_the_first_name_that_is_set_wins_and_blanks_are_cut_off() -> None:
    environ = {"OLD_ID": "old", "SECRET": " FAKE\n", "TOKEN": ""}
    assert find_credentials(TARGET, environ, VARIABLES) == Credentials("old", "FAKE")


def test_a_blank_variable_counts_as_not_set() -> None:
    with pytest.raises(CredentialsError, match="target guangzhou: no credentials: ID is not set") as caught:
        find_credentials(TARGET, {"ID": "  ", "SECRET": "SECRET-FAKE"}, VARIABLES)
    assert caught.value.advice == "export ID"
    assert "SECRET-FAKE" not in str(caught.value)


def test_the_profile_is_asked_by_the_suffix_in_lower_case() -> None:
    asked: list[str] = []

    def profile(_environ: object, name: str) -> Credentials:
        asked.append(name)
        return Credentials("file", "FILE")

    assert find_credentials(PROD, {"ID": "other", "SECRET": "other"}, VARIABLES, profile).key_id == "file"
    assert find_credentials(TARGET, {}, VARIABLES, profile).key_id == "file"
    assert asked == ["prod", "default"]


def test_a_section_of_an_ini_file_is_read_without_interpolation(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("[a]\nkey = 100%\n", encoding="utf-8")
    assert read_ini(file, "a") == {"key": "100%"}
    assert read_ini(file, "b") is None


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_no_file_and_a_file_that_is_no_text_are_no_section(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "credentials"
    if content is not None:
        file.write_bytes(content)
    assert read_ini(file, "a") is None


def test_a_broken_ini_file_is_named_without_its_content(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("SECRET-FAKE without a section\n", encoding="utf-8")
    with pytest.raises(CredentialsError, match="not a valid ini file") as caught:
        read_ini(file, "a")
    assert str(file) in str(caught.value)
    assert "SECRET-FAKE" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("target", "environ", "expected"),
    [
        (TARGET, {}, "https://kms.example.com"),
        (TARGET, {"KMS_ENDPOINT_TENCENT": "http://127.0.0.1:1/"}, "http://127.0.0.1:1"),
        (TARGET, {"KMS_ENDPOINT_TENCENT_PROD": "https://other"}, "https://kms.example.com"),
        (PROD, {"KMS_ENDPOINT_TENCENT": "https://all"}, "https://all"),
        (PROD, {"KMS_ENDPOINT_TENCENT": "https://all", "KMS_ENDPOINT_TENCENT_PROD": "https://prod"}, "https://prod"),
    ],
)
def test_the_endpoint_is_the_vendors_unless_a_variable_says_otherwise(
    target: Target, environ: dict[str, str], expected: str
) -> None:
    assert endpoint(target, environ, "https://kms.example.com") == expected


@pytest.mark.parametrize(("target", "name"), [(TARGET, "KMS_ENDPOINT_TENCENT"), (PROD, "KMS_ENDPOINT_TENCENT_PROD")])
def test_an_endpoint_that_is_no_url_is_refused_by_the_name_of_its_variable(target: Target, name: str) -> None:
    with pytest.raises(CredentialsError, match=f"{name} does not begin with https://"):
        endpoint(target, {name: "ftp://x"}, "https://kms.example.com")
