"""API 2.0 on the wire: signatures, the time window, nonces, parameters, answers, rates and faults."""

import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests

from kms_emulator.emulator import Emulator
from kms_emulator.envfile import environment
from kms_emulator.registry import load_clouds
from kms_emulator.seed import load_seed
from kms_emulator.server import EmulatorServer
from kms_emulator.tencent_legacy.wire import signature
from tests.emulator.tencent.support import Client as CurrentClient
from tests.emulator.tencent_legacy.support import (
    PATH,
    SECRET_KEY,
    TEMPORARY_ID,
    TEMPORARY_KEY,
    TOKEN,
    Client,
    bare_post,
    sign,
)

# Made by running the logic of the vendor's signer (github.com/tencentyun/kms-python-sdk), clock and nonce fixed.
COMMON = {"Nonce": "11886", "RequestClient": "SDK_Python_1.0", "SecretId": "AKIDEXAMPLE0000000000000000000000000",
          "Timestamp": "1700000000"}  # fmt: skip
CREATE = {"Action": "CreateKey", "alias": "test", "description": "test", "keyUsage": "ENCRYPT/DECRYPT"}
LIST = {"Action": "ListKey", "limit": "10"}
VECTORS = [
    ("L1", "POST", "HmacSHA1", CREATE, "AnxPOsLJhHNqBkKE4Wg4T1QdNjQ="),
    ("L2", "POST", "HmacSHA256", CREATE, "P71nyCpd0nwKG2nkjpPVdjJ+B+SSwmp/gbbE6UTfdMU="),
    ("L3", "POST", "HmacSHA1", LIST, "DfICGy4mWq6h90R/OEoV2kXoruA="),
    ("L4", "GET", "HmacSHA1", LIST, "bjgn6WB+RxdT679HpP+Z+tNfro8="),
    ("L5", "POST", "HmacSHA256", LIST, "V+jCE13rdFB2k4T+DLoT1H1l7BDx89XWCZ3+EMDixz8="),
]
FAILED = "4100/10030"


@pytest.mark.parametrize(("name", "http", "method", "given", "expected"), VECTORS)
def test_both_signers_give_the_signature_of_the_vector(
    name: str, http: str, method: str, given: dict[str, str], expected: str
) -> None:
    parameters = {**COMMON, **given, "SignatureMethod": method}
    assert signature(SECRET_KEY, http, "kms-gz.api.qcloud.com", parameters) == expected, name
    assert sign(SECRET_KEY, http, "kms-gz.api.qcloud.com", parameters) == expected, name


def test_names_with_an_underscore_and_values_with_an_at_sign_are_signed_in_their_own_way() -> None:
    plain = {"A": "1", "b.c": "2"}
    assert signature("s", "POST", "h", {"A": "1", "b_c": "2", "z": "@f"}) == signature("s", "POST", "h", plain)
    assert signature("s", "GET", "h", {**plain, "z": "@f"}) != signature("s", "GET", "h", plain)


@pytest.mark.parametrize("http", ["GET", "POST"])
@pytest.mark.parametrize("method", ["HmacSHA1", "HmacSHA256"])
def test_every_manner_of_signing_is_accepted(client: Client, http: str, method: str) -> None:
    client.http_method, client.sign_method = http, method
    key = client.key("测试 a+b&c=d", description="描述")
    assert client.meta(key)["alias"] == "测试 a+b&c=d"


def test_a_form_without_a_content_type_is_read(client: Client) -> None:
    status, answer = bare_post(client, urlencode(client.signed(client.common("ListKey"))))
    assert (status, answer["code"], answer["totalCount"]) == (200, 0, 0)


def test_an_answer_is_flat(client: Client) -> None:
    answer = client.raw("ListKey")
    assert set(answer) == {"code", "message", "requestId", "keys", "totalCount"}
    assert set(client.raw("Nothing")) == {"code", "message", "requestId"}


def test_temporary_credentials_send_their_token(client: Client) -> None:
    client.secret_id, client.secret_key = TEMPORARY_ID, TEMPORARY_KEY
    assert client.refused("ListKey") == FAILED
    client.token = TOKEN
    assert client.call("ListKey")["totalCount"] == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Action": None}, "4000/10280"),
        ({"Action": "DestroyKey"}, "4000/10430"),
        ({"SecretId": None}, "4000/10010"),
        ({"Nonce": None}, "4000/10010"),
        ({"Timestamp": None}, "4000/10010"),
        ({"SecretId": "XKIDEXAMPLE"}, "4000/10450"),
        ({"SecretId": "AKIDUNKNOWN"}, "4100/10270"),
        ({"Nonce": "0"}, "4000/10360"),
        ({"Nonce": "-5"}, "4000/10360"),
        ({"Timestamp": "yesterday"}, "4000/10360"),
        ({"Timestamp": str(int(time.time()) - 10_000)}, FAILED),
        ({"Timestamp": str(int(time.time()) + 10_000)}, FAILED),
        ({"Region": "moon"}, "4000/10000"),
        ({"unknown": "x"}, "4000/10320"),
        ({"limit": "ten"}, "4000/10360"),
        ({"limit": "0"}, "4000/10350"),
        ({"limit": "201"}, "4000/10350"),
        ({"offset": "-1"}, "4000/10350"),
    ],
)
def test_bad_parameters_are_refused(client: Client, change: dict[str, str | None], code: str) -> None:
    assert client.refused("ListKey", change) == code


def test_a_wrong_signature_is_refused(client: Client) -> None:
    parameters = client.signed(client.common("ListKey"))
    assert client.send({**parameters, "limit": "5"})["message"].startswith("(10030)")
    assert client.send({**parameters, "SignatureMethod": "MD5"})["message"].startswith("(10000)")
    del parameters["Signature"]
    assert client.send(parameters)["message"].startswith("(10010)")


def test_a_request_is_accepted_once(client: Client) -> None:
    parameters = client.signed(client.common("ListKey"))
    assert client.send(parameters)["code"] == 0
    assert client.send(parameters)["message"].startswith("(10030)")


def test_a_repeated_parameter_is_refused(client: Client) -> None:
    body = urlencode(client.signed(client.common("ListKey"))) + "&limit=1&limit=2"
    assert bare_post(client, body)[1]["message"].startswith("(10330)")


def test_what_cannot_be_parsed_is_refused(client: Client) -> None:
    assert bare_post(client, "Action=%ff")[1]["message"].startswith("(10420)")


def test_another_method_is_refused(client: Client) -> None:
    client.http_method = "PUT"
    assert client.refused("ListKey") == "4000/10410"


def test_the_host_decides_about_the_region(client: Client) -> None:
    key = client.key()
    client.host = "kms-sh.api.qcloud.com"
    assert client.refused("GetKeyAttributes", keyId=key) == "4530/10630"
    assert client.refused("GetKeyAttributes", {"Region": "gz"}, keyId=key) == "4530/10630"
    client.host = "kms-gz.api.tencentyun.com"
    assert client.meta(key)["keyId"] == key
    client.host = ""
    assert client.refused("GetKeyAttributes", {"Region": "bj"}, keyId=key) == "4530/10630"
    assert client.raw("GetKeyAttributes", {"Region": "ap-guangzhou"}, keyId=key)["code"] == 0


def test_requests_beyond_the_rate_are_throttled(client: Client) -> None:
    client.control("faults", {"kind": "throttle", "count": 1})
    assert client.refused("ListKey") == "4480/10460"


def test_an_outage_has_the_vendors_form(client: Client) -> None:
    client.control("faults", {"kind": "error_before", "status": 502, "count": 1})
    response = client.session.post(f"{client.url}{PATH}", data=urlencode(client.signed(client.common("ListKey"))))
    assert (response.status_code, response.json()["code"]) == (502, 6000)


def test_an_answer_lost_after_the_commit_leaves_the_key_under_its_alias(client: Client) -> None:
    client.control("faults", {"kind": "lost_after_commit", "action": "CreateKey", "count": 1})
    with pytest.raises(requests.ConnectionError):
        client.key("main")
    assert client.refused("CreateKey", alias="main") == "4500/10480"
    assert client.call("ListKey")["totalCount"] == 1


def test_it_shares_the_port_with_the_other_clouds_and_has_keys_of_its_own(tmp_path: Path) -> None:
    emulator = Emulator(tmp_path, load_clouds(), load_seed(None))
    with EmulatorServer(emulator) as url:
        for http in ("GET", "POST"):
            client = Client(url, http_method=http)
            client.key(http)
            client.session.close()
        current = CurrentClient(url)
        assert current.call("ListKeys")["TotalCount"] == 0
        assert current.refused("DescribeKey", KeyId="kms-00000000") == "InvalidParameterValue.InvalidKeyId"
        current.session.close()
    emulator.close()


def test_the_environment_has_its_endpoint_and_the_credentials_of_the_cloud() -> None:
    found = environment("http://127.0.0.1:1", load_seed(None).directory, None)
    assert found["KMS_ENDPOINT_TENCENT_LEGACY"] == "http://127.0.0.1:1"
    assert found["TENCENTCLOUD_SECRET_KEY"] == SECRET_KEY
