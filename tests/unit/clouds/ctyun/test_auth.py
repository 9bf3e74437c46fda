"""The EOP signature against vectors, and what the auth object adds to a request.

Vectors A, B and C were computed with two independent implementations; D is published in
https://github.com/ArvinZJC/ctyun-cli (`internal/signing/eop_test.go`).
"""

from __future__ import annotations

import pytest
import requests

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.ctyun.auth import CtyunAuth, credentials_for, eop_date, sign
from kms_resources.errors import CredentialsError
from kms_resources.model import Target

AK, SK = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
CREDENTIALS = Credentials(AK, SK)
DATE, REQUEST_ID = "20250102T030405Z", "11111111-2222-3333-4444-555555555555"
SECONDS = 1735758245.0
"""2025-01-02 03:04:05 in China, 2025-01-01 19:04:05 UTC."""
URL = "https://kms-global.ctapi.ctyun.cn/v1/cmkManage/enableKey"
BODY_A = b'{"cmkUuid": "971ba207-5323-4a04-a290-3a9e8b4c7343"}'
SIGNATURE_A = "292hWdCbBFT2KVkG7eAM8l7wYMemxMfE9pm7VdGDTUk="
QUERY_C = "aliasName=alias%2F%E6%B5%8B%E8%AF%95%20key&pageNumber=1&pageSize=10"
TARGET = Target("north", "ctyun", "bb9fdb42056f11eda1610242ac110002")


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        pytest.param("", BODY_A, SIGNATURE_A, id="A: a body"),
        pytest.param("", b"", "R5L1wsHOUEHP6Ji7OAwX4UvSxHxXDg69iPVZ9uCD2zc=", id="B: nothing"),
        pytest.param(QUERY_C, b"", "B957B+Dfn9/5t7O9wDNcFaQP2YYwwsOGzwH5X3L6dTM=", id="C: a query"),
    ],
)
def test_the_signature_equals_the_vector(query: str, body: bytes, expected: str) -> None:
    value = sign(CREDENTIALS, query=query, body=body, date=DATE, request_id=REQUEST_ID)
    assert value == f"{AK} Headers=ctyun-eop-request-id;eop-date Signature={expected}"


def test_the_signature_equals_the_published_vector_d() -> None:
    value = sign(
        Credentials("test-ak", "test-sk"),
        query="a=1&b=two",
        body=b'{"regionID":"81f7728662dd11ec810800155d307d5b"}',
        date="20260613T010203Z",
        request_id="request-123",
    )
    assert value.endswith(" Signature=h+H8K5CbPz1DjnbVWA+FEPGbbcEJOzVsi2GQv4LroyM=")


def test_query_parameters_are_signed_in_the_order_of_their_names() -> None:
    shuffled = "pageSize=10&aliasName=alias%2F%E6%B5%8B%E8%AF%95%20key&pageNumber=1"
    value = sign(CREDENTIALS, query=shuffled, body=b"", date=DATE, request_id=REQUEST_ID)
    assert value.endswith("Signature=B957B+Dfn9/5t7O9wDNcFaQP2YYwwsOGzwH5X3L6dTM=")


def test_the_date_is_chinas_time_with_a_literal_z() -> None:
    assert eop_date(SECONDS) == DATE


def test_the_auth_object_signs_the_bytes_that_are_sent() -> None:
    auth = CtyunAuth(CREDENTIALS, now=lambda: SECONDS, new_request_id=lambda: REQUEST_ID)
    prepared = requests.Request("POST", URL, data=BODY_A, auth=auth).prepare()
    assert prepared.body == BODY_A
    assert prepared.headers["eop-date"] == DATE
    assert prepared.headers["ctyun-eop-request-id"] == REQUEST_ID
    assert prepared.headers["Eop-Authorization"].endswith(f"Signature={SIGNATURE_A}")


def test_the_auth_object_signs_a_text_body_as_utf8_and_no_body_as_nothing() -> None:
    auth = CtyunAuth(CREDENTIALS, now=lambda: SECONDS, new_request_id=lambda: REQUEST_ID)
    text = requests.Request("POST", URL, data=BODY_A.decode(), auth=auth).prepare()
    nothing = requests.Request("POST", f"{URL}?{QUERY_C}", auth=auth).prepare()
    assert text.headers["Eop-Authorization"].endswith(f"Signature={SIGNATURE_A}")
    assert nothing.headers["Eop-Authorization"].endswith("Signature=B957B+Dfn9/5t7O9wDNcFaQP2YYwwsOGzwH5X3L6dTM=")


def test_every_request_has_an_id_of_its_own() -> None:
    auth = CtyunAuth(CREDENTIALS)
    ids = {requests.Request("POST", URL, auth=auth).prepare().headers["ctyun-eop-request-id"] for _ in range(3)}
    assert len(ids) == 3


def test_credentials_come_from_the_variables_of_the_vendors_terraform_provider() -> None:
    assert credentials_for(TARGET, {"CTYUN_AK": AK, "CTYUN_SK": SK}) == CREDENTIALS


def test_a_suffix_in_the_stack_selects_other_variables() -> None:
    suffixed = Target("north", "ctyun", TARGET.region, credentials="PROD")
    environ = {"CTYUN_AK": "other", "CTYUN_SK": "other", "CTYUN_AK_PROD": AK, "CTYUN_SK_PROD": SK}
    assert credentials_for(suffixed, environ) == CREDENTIALS


def test_missing_credentials_are_named_by_variable_and_never_by_value() -> None:
    with pytest.raises(CredentialsError) as caught:
        credentials_for(TARGET, {"CTYUN_SK": SK})
    assert "CTYUN_AK is not set" in str(caught.value)
    assert SK not in str(caught.value)
