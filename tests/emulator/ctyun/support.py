"""A small client of CTYun's KMS, written from the published signature alone; it shares no code with the emulator."""

import hashlib
import hmac
import json
import uuid
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

AK, SK = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
REGION = "fecnjniakfkn2314ndekqldedcsadfg"
DAY = 86_400
GROUPS = {"tag": ("listTags", "updateTag", "deleteTag", "createTag", "bindResource", "unbindResource")}


def china_time() -> str:
    return (datetime.now(UTC) + timedelta(hours=8)).strftime("%Y%m%dT%H%M%SZ")


def eop_signature(*, secret: str, ak: str, date: str, request_id: str, body: bytes, query: str = "") -> str:
    def mac(key: bytes, text: str) -> bytes:
        return hmac.new(key, text.encode(), "sha256").digest()

    digest = hashlib.sha256(body).hexdigest()
    text = f"ctyun-eop-request-id:{request_id}\neop-date:{date}\n\n{query}\n{digest}"
    key = mac(mac(mac(secret.encode(), date), ak), date[:8])
    return b64encode(mac(key, text)).decode()


@dataclass
class Client:
    """Calls the emulator over real HTTP."""

    url: str
    region: str = REGION
    ak: str = AK
    sk: str = SK
    session: requests.Session = field(default_factory=requests.Session)

    def headers(self, body: bytes, query: str = "", date: str = "", request_id: str = "") -> dict[str, str]:
        date, request_id = date or china_time(), request_id or str(uuid.uuid4())
        signature = eop_signature(secret=self.sk, ak=self.ak, date=date, request_id=request_id, body=body, query=query)
        found = {
            "Content-Type": "application/json", "eop-date": date, "ctyun-eop-request-id": request_id,
            "Eop-Authorization": f"{self.ak} Headers=ctyun-eop-request-id;eop-date Signature={signature}",
        }  # fmt: skip
        return {**found, "regionId": self.region} if self.region else found

    def send(self, path: str, body: bytes, headers: dict[str, str], query: str = "") -> requests.Response:
        url = f"{self.url}{path}" + (f"?{query}" if query else "")
        return self.session.post(url, data=body, headers=headers, timeout=10)

    def raw(self, operation: str, **fields: Any) -> requests.Response:
        group = next((group for group, names in GROUPS.items() if operation in names), "cmkManage")
        body = json.dumps(fields).encode() if fields else b""
        return self.send(f"/v1/{group}/{operation}", body, self.headers(body))

    def call(self, operation: str, **fields: Any) -> dict[str, Any]:
        """The content of a successful answer, without its request id."""
        response = self.raw(operation, **fields)
        content = response.json()
        assert (response.status_code, content["statusCode"], content["error"]) == (200, "200", None), content
        found: dict[str, Any] = content["returnObj"]
        assert uuid.UUID(found.pop("requestId"))
        return found

    def refused(self, operation: str, **fields: Any) -> tuple[int, str]:
        """Status and error code of a refused call."""
        response = self.raw(operation, **fields)
        content = response.json()
        assert content["statusCode"] == str(response.status_code)
        return response.status_code, content["error"]

    def make(self, **fields: Any) -> str:
        """A new key's id; AES_256 unless told."""
        given = {"keySpec": "AES_256", "keyUsage": "ENCRYPT/DECRYPT", "protectionLevel": "1", **fields}
        return str(self.call("createKey", **given)["cmkUuid"])

    def state(self, key: str) -> str:
        return str(self.call("describeKey", cmkUuid=key)["keyState"])

    def control(self, method: str, path: str, content: Any = None) -> Any:
        response = self.session.request(method, f"{self.url}/_emulator/{path}", json=content, timeout=10)
        response.raise_for_status()
        return response.json()

    def advance(self, days: float) -> None:
        self.control("POST", "clock", {"advance": days * DAY})

    def set(self, **values: Any) -> None:
        self.control("POST", "settings", {name.replace("__", "."): value for name, value in values.items()})
