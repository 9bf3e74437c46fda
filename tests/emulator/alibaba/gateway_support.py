"""A small client for the emulated instance gateway, with its own signer and its own protobuf."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cache

import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from kms_emulator.alibaba import CLOUD
from kms_emulator.doors import CloudWithDoor
from kms_emulator.emulator import Emulator
from kms_emulator.seed import load_seed
from tests.emulator.alibaba.support import SOFTWARE, Client

PROTOBUF = "application/x-protobuf"
PASSWORD = "example-password-2"
SECRET_USER = "RbacPermission/Template/CryptoServiceSecretUser"
KEY_USER = "RbacPermission/Template/CryptoServiceKeyUser"
KEY_VERSION = "x-kms-migrationkeyversionid"

Value = str | bytes | int
Fields = dict[int, Value]


def _varint(number: int) -> bytes:
    out = bytearray()
    number &= 2**64 - 1
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def encode(fields: Mapping[int, Value]) -> bytes:
    """Fields by number as a protobuf message."""
    out = b""
    for number, value in sorted(fields.items()):
        if isinstance(value, int):
            out += _varint(number << 3) + _varint(value)
        else:
            content = value.encode() if isinstance(value, str) else value
            out += _varint(number << 3 | 2) + _varint(len(content)) + content
    return out


def decode(body: bytes) -> Fields:
    """A protobuf message as fields by number; of a repeated one the last."""
    fields: Fields = {}
    place = 0

    def varint() -> int:
        nonlocal place
        number = shift = 0
        while True:
            byte = body[place]
            place += 1
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number

    while place < len(body):
        tag = varint()
        if tag & 7 == 0:
            fields[tag >> 3] = varint()
        else:
            assert tag & 7 == 2
            size = varint()
            fields[tag >> 3] = body[place : place + size]
            place += size
    return fields


@dataclass(frozen=True)
class Refusal:
    """An error of the gateway."""

    status: int
    code: str
    message: str


def string_to_sign(headers: Mapping[str, str], method: str = "POST") -> str:
    own = sorted(name for name in headers if name.startswith("x-kms-"))
    first = [method, headers["content-sha256"], headers["content-type"], headers["date"]]
    return "\n".join([*first, *(f"{name}:{headers[name]}" for name in own), "/"])


@cache
def private_key(file: str, password: str) -> rsa.RSAPrivateKey:
    key, certificate, _ = pkcs12.load_key_and_certificates(base64.b64decode(file), password.encode())
    assert isinstance(key, rsa.RSAPrivateKey)
    assert certificate is not None
    return key


@dataclass
class GatewayClient:
    """Calls operations of the instance gateway."""

    url: str
    key_id: str
    key: rsa.RSAPrivateKey
    host: str = ""
    verify: str | bool = True
    session: requests.Session = field(default_factory=requests.Session)

    def headers(self, operation: str, body: bytes, *, at: float | None = None, **more: str) -> dict[str, str]:
        """The headers of a request, signed. ``more`` replaces or adds, with underscores for hyphens."""
        date = formatdate(time.time() if at is None else at, usegmt=True)
        made = {
            "accept": PROTOBUF, "content-type": PROTOBUF, "date": date,
            "content-sha256": hashlib.sha256(body).hexdigest().upper(), "x-kms-apiversion": "dkms-gcs-0.2",
            "x-kms-apiname": operation, "x-kms-signaturemethod": "RSA_PKCS1_SHA_256",
            "x-kms-acccesskeyid": self.key_id, **{name.replace("_", "-"): value for name, value in more.items()},
        }  # fmt: skip
        if self.host:
            made["host"] = self.host
        signature = self.key.sign(string_to_sign(made).encode(), padding.PKCS1v15(), hashes.SHA256())
        return {**made, "authorization": f"Bearer {base64.b64encode(signature).decode()}"}

    def send(self, headers: Mapping[str, str], body: bytes) -> requests.Response:
        return self.session.post(f"{self.url}/", data=body, headers=dict(headers), timeout=10, verify=self.verify)

    def raw(self, operation: str, fields: Mapping[int, Value] | None = None, **more: str) -> requests.Response:
        body = encode(fields or {})
        return self.send(self.headers(operation, body, **more), body)

    def answer(
        self, operation: str, fields: Mapping[int, Value] | None = None, **more: str
    ) -> tuple[Fields, Mapping[str, str]]:
        """The answer and its headers."""
        response = self.raw(operation, fields, **more)
        assert response.status_code == 200, refusal(response)
        assert response.headers["content-type"] == PROTOBUF
        return decode(response.content), response.headers

    def call(self, operation: str, fields: Mapping[int, Value] | None = None, **more: str) -> Fields:
        return self.answer(operation, fields, **more)[0]

    def refused(self, operation: str, fields: Mapping[int, Value] | None = None, **more: str) -> tuple[int, str]:
        told = refusal(self.raw(operation, fields, **more))
        return told.status, told.code


def refusal(response: requests.Response) -> Refusal:
    assert response.headers["content-type"] == PROTOBUF, response.text
    told = decode(response.content)
    assert told[1] == response.status_code
    code, message, request = (value for value in (told[2], told[3], told[4]) if isinstance(value, bytes))
    assert len(request) == 36
    return Refusal(response.status_code, code.decode(), message.decode())


def seeded(emulator: Emulator) -> tuple[dict[str, str], str]:
    """The client key file of the default seed, and its password."""
    assert isinstance(CLOUD, CloudWithDoor)
    with emulator.store.transaction(CLOUD.name) as store:
        file, password = CLOUD.door_exports(store, load_seed(None).directory, emulator.clock.now())
    return json.loads(file.value), password.value


def access_point(client: Client, name: str, instance: str = SOFTWARE) -> str:
    """An access point for everything in an instance."""
    client.call(
        "CreatePolicy", Name=f"{name}-policy", KmsInstance=instance, Permissions=[KEY_USER, SECRET_USER],
        Resources=["key/*", "secret/*"],
    )  # fmt: skip
    client.call("CreateApplicationAccessPoint", Name=name, Policies=[f"{name}-policy"])
    return name


def client_key(client: Client, access_point_name: str, **parameters: object) -> GatewayClient:
    """A client of the gateway with a client key made through the API."""
    made = client.call("CreateClientKey", AapName=access_point_name, Password=PASSWORD, **parameters)
    return GatewayClient(client.url, made["ClientKeyId"], private_key(made["PrivateKeyData"], PASSWORD))
