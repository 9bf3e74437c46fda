from __future__ import annotations

import base64
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kms_resources.redact import is_secret_name, label, secret_kind, show


@pytest.mark.parametrize(
    "text",
    [
        "AKIDEXAMPLEEXAMPLEEXAMPLE",
        "LTAIEXAMPLEEXAMPLE",
        "STS.EXAMPLEEXAMPLE",
        "AKIAEXAMPLEEXAMPLE12",
        "-----BEGIN PRIVATE KEY-----\nabc",
        "-----BEGIN EC PRIVATE KEY-----",
        "0123456789abcdef0123456789abcdef",
        "key=0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
        "0x0123456789abcdef0123456789abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ0ZXN0In0.c2lnbmF0dXJl",
    ],
)
def test_credentials_and_key_material_are_recognised_and_not_shown(text: str) -> None:
    assert secret_kind(text)
    assert show(text) == "this value (not shown)"
    assert label(text) == "(not shown)"


@pytest.mark.parametrize(
    "text",
    [
        "orders",
        "Orders at rest of the payment service, with the ledger of 2026",
        "prod-payments-orders-service-encryption-key-2026",
        "OrdersPaymentEncryptionServiceKeyForLedger2026",
        "971ba207-5323-4a04-a290-3a9e8b4c7343",
        "971BA207-5323-4A04-A290-3A9E8B4C7343",
        "kst-hzz62ee817bvyyr5x",
        "key-hzz62f1cb66fa42qo0000",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "https://wiki.example.com/Payments/Keys/Orders/ReadMeFirst",
        "acs:kms:cn-hangzhou:1234567890123456:key/key-hzz62f1cb66fa42qo0000",
        "订单服务的加密密钥，由支付团队负责",
    ],
)
def test_ordinary_words_and_identifiers_are_shown(text: str) -> None:
    assert secret_kind(text) == ""


def test_an_identifier_may_have_32_hexadecimal_digits() -> None:
    assert secret_kind("bb9fdb42056f11eda1610242ac110002", identifier=True) == ""
    assert secret_kind("bb9fdb42056f11eda1610242ac110002" * 2, identifier=True)


@given(st.binary(min_size=16, max_size=16) | st.binary(min_size=32, max_size=32))
def test_every_key_in_hexadecimal_is_recognised(key: bytes) -> None:
    assert secret_kind(f"the key {key.hex()}")


def test_nearly_every_key_in_base64_is_recognised() -> None:
    keys = [
        base64.b64encode(uuid.UUID(int=seed * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128).bytes * 2)
        for seed in range(1, 500)
    ]

    assert sum(bool(secret_kind(key.decode())) for key in keys) >= 0.99 * len(keys)


@given(st.uuids())
def test_no_uuid_is_taken_for_a_secret(key: uuid.UUID) -> None:
    assert secret_kind(str(key)) == ""


@pytest.mark.parametrize(
    "name",
    ["secret", "password", "access_key", "accessKeySecret", "SecretId", "secretKey", "db-password", "api_key", "token",
     "client.secret", "private_key", "session_token", "plaintext"],
)  # fmt: skip
def test_fields_that_hold_secrets_are_known_by_name(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["owner", "credentials", "spec", "secretary", "tokenizer", "passwords-of", "key", "monkey"]
)
def test_other_names_are_not_taken_for_secrets(name: str) -> None:
    assert not is_secret_name(name)


def test_escape_sequences_are_written_out() -> None:
    assert show("\x1b[2J") == r'"\x1b[2J"'


def test_long_text_is_cut() -> None:
    assert show("ab " * 100).endswith('…"')
    assert len(show("ab " * 100)) < 90
