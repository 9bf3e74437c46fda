"""The protobuf messages of the instance gateway: the same bytes as those of the vendor's package."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kms_resources.clouds.alibaba import messages

VECTORS: dict[str, str] = json.loads((Path(__file__).parent / "vectors/instance_messages.json").read_text())["messages"]


@pytest.mark.parametrize("name", VECTORS)
def test_a_message_reads_and_writes_as_in_the_vendors_package(name: str) -> None:
    data = bytes.fromhex(VECTORS[name])
    fields = messages.decode(name, data)
    assert any(fields.values())
    assert messages.encode(name, {field: value for field, value in fields.items() if value}) == data


def test_every_message_has_a_vector() -> None:
    assert set(VECTORS) == set(messages._MESSAGES)


def test_the_published_example_gives_its_83_bytes() -> None:
    aad = b"8e85be58c1c372ac29fe7bfa80d8ddcbd04a4032c7b51c1c026d67c55b1ab23f"
    data = messages.encode("AdvanceEncryptRequest", {"KeyId": "key-x", "Plaintext": b"aGVsbG8=", "Aad": aad})
    assert len(data) == 83
    assert data.hex().startswith("0a056b65792d781208614756736247383d2240")


def test_absent_fields_have_their_empty_value() -> None:
    assert messages.decode("VerifyResponse", b"") == {
        "KeyId": "", "Value": False, "RequestId": "", "Algorithm": "", "MessageType": "",
    }  # fmt: skip


def test_a_field_of_a_newer_server_is_passed_over() -> None:
    assert messages.decode("GetPublicKeyRequest", bytes.fromhex("0a016b9a060178"))["KeyId"] == "k"


@pytest.mark.parametrize("data", [b"<html>", b"\x0a\xff", b"\x0a\x02\xff\xfe", b"{}"])
def test_what_is_no_message_is_a_value_error_that_quotes_nothing(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^not a message GetPublicKeyResponse$"):
        messages.decode("GetPublicKeyResponse", data)


def test_a_field_that_a_message_does_not_have_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="KeyVersionId"):
        messages.encode("GetPublicKeyRequest", {"KeyVersionId": "v"})
