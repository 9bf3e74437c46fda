"""A small client for API 2.0 of Tencent Cloud KMS, with a signer of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import requests

SECRET_ID = "AKIDEXAMPLE0000000000000000000000000"
SECRET_KEY = "kmsExampleSecretKey0000000000000"
TEMPORARY_ID = "AKIDEXAMPLETEMPORARY0000000000000000"
TEMPORARY_KEY = "kmsExampleTemporaryKey0000000000"
TOKEN = "example-session-token"
PATH = "/v2/index.php"
HASHES = {"HmacSHA1": hashlib.sha1, "HmacSHA256": hashlib.sha256}
CANARY = b"canary-plaintext-4712"
DAY = 86400
_nonces = itertools.count(1)


def sign(secret: str, method: str, host: str, parameters: dict[str, str]) -> str:
    """The signature over the parameters sorted by name, raw."""
    joined = "&".join(f"{name}={value}" for name, value in sorted(parameters.items()))
    text = f"{method}{host}{PATH}?{joined}"
    made = hmac.new(secret.encode(), text.encode(), HASHES[parameters["SignatureMethod"]]).digest()
    return base64.b64encode(made).decode()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@dataclass
class Client:
    """Calls actions and the control paths. ``headers`` and ``common`` change what is sent."""

    url: str
    secret_id: str = SECRET_ID
    secret_key: str = SECRET_KEY
    token: str = ""
    sign_method: str = "HmacSHA1"
    http_method: str = "POST"
    host: str = ""
    session: requests.Session = field(default_factory=requests.Session)

    def common(self, action: str) -> dict[str, str]:
        made = {
            "Action": action, "Nonce": str(next(_nonces)), "RequestClient": "SDK_Python_1.0",
            "SecretId": self.secret_id, "SignatureMethod": self.sign_method, "Timestamp": str(int(time.time())),
        }  # fmt: skip
        return made | ({"Token": self.token} if self.token else {})

    def signed(self, parameters: dict[str, str]) -> dict[str, str]:
        host = self.host or self.url.split("//")[1]
        return {**parameters, "Signature": sign(self.secret_key, self.http_method, host, parameters)}

    def send(self, parameters: dict[str, str]) -> dict[str, Any]:
        """Send as given; the body has no content type, as the vendor's SDK sends it."""
        text = urlencode(parameters)
        headers = {"Host": self.host} if self.host else {}
        if self.http_method == "GET":
            response = self.session.get(f"{self.url}{PATH}?{text}", headers=headers, timeout=10)
        else:
            response = self.session.request(
                self.http_method, f"{self.url}{PATH}", data=text.encode(), headers=headers, timeout=10
            )
        assert response.status_code == 200
        content: dict[str, Any] = response.json()
        return content

    def raw(self, action: str, change: dict[str, str | None] | None = None, **parameters: object) -> dict[str, Any]:
        """The answer. ``change`` alters the parameters before they are signed."""
        made = {**self.common(action), **{name: str(value) for name, value in parameters.items()}}
        changed = {**made, **(change or {})}
        return self.send(self.signed({name: value for name, value in changed.items() if value is not None}))

    def call(self, action: str, **parameters: object) -> dict[str, Any]:
        """The answer of an action that must succeed."""
        answer = self.raw(action, **parameters)
        assert answer["code"] == 0, answer
        return answer

    def refused(self, action: str, change: dict[str, str | None] | None = None, **parameters: object) -> str:
        """The codes of an action that must fail: that of the answer and that in the message."""
        answer = self.raw(action, change, **parameters)
        assert answer["code"] != 0
        assert "Response" not in answer
        module, _, text = answer["message"].removeprefix("(").partition(")")
        assert text
        return f"{answer['code']}/{module}"

    def key(self, alias: str = "test", **parameters: object) -> str:
        """Make a key; its id."""
        answer = self.call("CreateKey", alias=alias, keyUsage="ENCRYPT/DECRYPT", **parameters)
        return str(answer["keyMetadata"]["keyId"])

    def meta(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GetKeyAttributes", keyId=key)["keyMetadata"]
        return found

    def encrypt(self, key: str, plaintext: bytes = CANARY, **more: object) -> str:
        return str(self.call("Encrypt", keyId=key, plaintext=b64(plaintext), **more)["ciphertextBlob"])

    def decrypt(self, blob: str, **more: object) -> bytes:
        return base64.b64decode(self.call("Decrypt", ciphertextBlob=blob, **more)["plaintext"])

    def control(self, path: str, content: Any) -> Any:
        response = self.session.post(f"{self.url}/_emulator/{path}", json=content, timeout=10)
        response.raise_for_status()
        return response.json()


def bare_post(client: Client, body: str) -> tuple[int, dict[str, Any]]:
    """A POST with nothing but a host and a length, as an old HTTP library sends it."""
    connection = http.client.HTTPConnection(client.url.split("//")[1], timeout=10)
    connection.putrequest("POST", PATH, skip_accept_encoding=True)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body.encode())
    response = connection.getresponse()
    content = json.loads(response.read())
    connection.close()
    return response.status, content
