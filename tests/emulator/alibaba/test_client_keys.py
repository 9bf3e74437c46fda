"""Client keys, from creation to use at the instance gateway."""

import base64
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.oid import NameOID

from tests.emulator.alibaba.gateway_support import PASSWORD, access_point, client_key
from tests.emulator.alibaba.support import DAY, Client

FORM = "%Y-%m-%dT%H:%M:%SZ"


@pytest.fixture
def app(client: Client) -> str:
    return access_point(client, "app")


def stamp(seconds: float) -> str:
    return time.strftime(FORM, time.gmtime(time.time() + seconds))


def test_the_private_key_comes_in_a_locked_file(client: Client, app: str) -> None:
    made = client.call("CreateClientKey", AapName=app, Password=PASSWORD)
    file = base64.b64decode(made["PrivateKeyData"], validate=True)
    with pytest.raises(ValueError, match="password"):
        pkcs12.load_key_and_certificates(file, b"another-password-1")
    key, certificate, more = pkcs12.load_key_and_certificates(file, PASSWORD.encode())
    assert isinstance(key, rsa.RSAPrivateKey)
    assert key.key_size == 2048
    assert certificate is not None
    assert more == []
    assert made["ClientKeyId"].startswith("KAAP.")
    assert len(made["ClientKeyId"]) == 41
    assert made["KeyAlgorithm"] == "RSA_2048"


def test_reading_a_client_key_tells_its_certificate_and_never_its_private_key(client: Client, app: str) -> None:
    made = client.call("CreateClientKey", AapName=app, Password=PASSWORD)
    read = client.call("GetClientKey", ClientKeyId=made["ClientKeyId"])
    _, certificate, _ = pkcs12.load_key_and_certificates(base64.b64decode(made["PrivateKeyData"]), PASSWORD.encode())
    assert certificate is not None
    assert read["PublicKeyData"] == certificate.public_bytes(Encoding.PEM).decode()
    assert (read["AapName"], read["KeyOrigin"], read["KeyAlgorithm"]) == (app, "KMS_PROVIDED", "RSA_2048")
    assert set(read) == {
        "RequestId", "ClientKeyId", "AapName", "CreateTime", "KeyAlgorithm", "KeyOrigin", "NotBefore", "NotAfter",
        "PublicKeyData",
    }  # fmt: skip
    name = x509.load_pem_x509_certificate(read["PublicKeyData"].encode()).subject
    assert name.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == made["ClientKeyId"]


def test_a_client_key_holds_five_years_unless_told(client: Client, app: str) -> None:
    made = client.call("CreateClientKey", AapName=app, Password=PASSWORD)
    start, end = (time.strptime(made[name], FORM) for name in ("NotBefore", "NotAfter"))
    assert end.tm_year - start.tm_year == 5
    assert end[3:6] == start[3:6]


def test_dates_are_kept(client: Client, app: str) -> None:
    dates = {"NotBefore": stamp(DAY), "NotAfter": stamp(2 * DAY)}
    made = client.call("CreateClientKey", AapName=app, Password=PASSWORD, **dates)
    read = client.call("GetClientKey", ClientKeyId=made["ClientKeyId"])
    assert {name: made[name] for name in dates} == {name: read[name] for name in dates} == dates


@pytest.mark.parametrize(
    "dates",
    [
        {"NotBefore": stamp(0)}, {"NotAfter": stamp(DAY)}, {"NotBefore": stamp(DAY), "NotAfter": stamp(0)},
        {"NotBefore": stamp(-2 * DAY), "NotAfter": stamp(-DAY)}, {"NotBefore": "today", "NotAfter": stamp(DAY)},
    ],
)  # fmt: skip
def test_dates_that_cannot_be_are_refused(client: Client, app: str, dates: dict[str, str]) -> None:
    given = {"AapName": app, "Password": PASSWORD, **dates}
    assert client.refused("CreateClientKey", **given) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    "password", ["Short-1", "x" * 65 + "1", "onlyletters", "12345678", "spaces 1234", "ümlaut-1234"]
)
def test_weak_passwords_are_refused_and_not_quoted(client: Client, app: str, password: str) -> None:
    answer = client.raw("CreateClientKey", AapName=app, Password=password)
    assert (answer.status_code, answer.json()["Code"]) == (400, "InvalidParameter")
    assert password not in answer.text


def test_a_client_key_needs_a_password_and_an_access_point(client: Client, app: str) -> None:
    assert client.refused("CreateClientKey", AapName=app) == (400, "MissingParameter")
    assert client.refused("CreateClientKey", Password=PASSWORD) == (400, "MissingParameter")
    assert client.refused("CreateClientKey", AapName="other", Password=PASSWORD)[0] == 404
    assert client.refused("ListClientKeys", AapName="other") == (404, "Forbidden.ResourceNotFound")


def test_the_client_keys_of_an_access_point_come_in_one_plain_list(client: Client, app: str) -> None:
    ids = [client.call("CreateClientKey", AapName=app, Password=PASSWORD)["ClientKeyId"] for _ in range(2)]
    listed = client.call("ListClientKeys", AapName=app)["ClientKeys"]
    assert [entry["ClientKeyId"] for entry in listed] == ids
    assert listed[0].items() <= client.call("GetClientKey", ClientKeyId=ids[0]).items()


def test_a_deleted_client_key_signs_no_more(client: Client, app: str) -> None:
    mine = client_key(client, app)
    assert mine.call("GenerateRandom", {1: 8})[1]
    client.call("DeleteClientKey", ClientKeyId=mine.key_id)
    assert mine.refused("GenerateRandom", {1: 8}) == (404, "Unauthorized")
    for action in ("GetClientKey", "DeleteClientKey"):
        assert client.refused(action, ClientKeyId=mine.key_id) == (404, "Forbidden.ResourceNotFound")


def test_client_keys_go_with_their_access_point(client: Client, app: str) -> None:
    mine = client_key(client, app)
    client.call("DeleteApplicationAccessPoint", Name=app)
    assert mine.refused("GenerateRandom", {1: 8}) == (404, "Unauthorized")
    assert client.refused("GetClientKey", ClientKeyId=mine.key_id) == (404, "Forbidden.ResourceNotFound")


def test_the_seeded_client_key_can_be_looked_at(client: Client) -> None:
    listed = client.call("ListClientKeys", AapName="example-application")["ClientKeys"]
    assert [entry["ClientKeyId"] for entry in listed] == ["KAAP.00000000-0000-4000-8000-000000000001"]
    assert listed[0]["PublicKeyData"].startswith("-----BEGIN CERTIFICATE-----")
    assert "password" not in str(listed)


def test_a_client_key_of_another_region_is_not_found(client: Client, app: str) -> None:
    made = client.call("CreateClientKey", AapName=app, Password=PASSWORD)["ClientKeyId"]
    other = Client(client.url, region="cn-beijing")
    assert other.refused("GetClientKey", ClientKeyId=made) == (404, "Forbidden.ResourceNotFound")
    other.session.close()
