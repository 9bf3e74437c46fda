"""A small client of CTYun's KMS, written from the published signature alone; it shares no code with the emulator."""

import hashlib
import hmac
import json
import subprocess
import uuid
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from cryptography.hazmat.primitives import hashes

AK, SK = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
REGION = "fecnjniakfkn2314ndekqldedcsadfg"
DAY = 86_400
GROUPS = {
    "tag": "listTags updateTag deleteTag createTag bindResource unbindResource",
    "keyCompute": (
        "encrypt generateDataKey generateDataKeyWithoutPlaintext exportDataKey generateAndExportDataKey decrypt "
        "asymmetricSign asymmetricVerify asymmetricEncrypt asymmetricDecrypt getPublicKey"
    ),
    "get": "hmaccompute",
    "manageCertificate": (
        "listCertificates createCertificate uploadCertificate describeCertificate updateCertificateStatus "
        "getCertificate exportCertificatePrivateKey deleteCertificate importPkcs12Certificate listCertificatesForUK "
        "describeCertificateForUK importCertificateForUK deleteCertificateForUK updateCertificateStatusForUK"
    ),
    "certificateCompute": (
        "certificatePrivateKeySign certificatePublicKeyVerify certificatePublicKeyEncrypt "
        "certificatePrivateKeyDecrypt generateRandom"
    ),
    "accessPoint": (
        "listApiPermissions listAccessPoints listEndpointWhitelist listResourcePermissions listVpcs listSubnets "
        "listTenantAks createAccessPoint createTenantAkSk disablePermissionControl getResourcePermission "
        "checkPermissionControl updateApiPermissions disableTenantAk enableTenantAk deleteAccessPoint deleteTenantAk "
        "addEndpointWhitelist updateResourcePermissions getTenantApiPermission"
    ),
}
GROUP = {name: group for group, names in GROUPS.items() for name in names.split()}
SM2_USER = "distid:1234567812345678"
# The curve of SM2 (GB/T 32918.5): a, b and the base point, as SM3's Z takes them.
_SM2_CURVE = bytes.fromhex(
    "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC"
    "28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93"
    "32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"
    "BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"
)
_SM2_POINT = 64


def china_time() -> str:
    return (datetime.now(UTC) + timedelta(hours=8)).strftime("%Y%m%dT%H%M%SZ")


def b64(data: bytes) -> str:
    return b64encode(data).decode()


def openssl(*arguments: str | Path, data: bytes = b"") -> bytes:
    """The openssl command, an implementation that shares nothing with the emulator; the test fails when it does."""
    done = subprocess.run(["openssl", *map(str, arguments)], input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def sm3(data: bytes) -> bytes:
    state = hashes.Hash(hashes.SM3())
    state.update(data)
    return state.finalize()


def sm2_digest(public_pem: str, message: bytes) -> bytes:
    """What SM2 signs of a message: SM3(Z || M)."""
    point = b64decode("".join(public_pem.splitlines()[1:-1]))[-_SM2_POINT:]
    user = b"1234567812345678"
    z = sm3((len(user) * 8).to_bytes(2, "big") + user + _SM2_CURVE + point)
    return sm3(z + message)


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
        group = GROUP.get(operation, "cmkManage")
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

    def now(self) -> float:
        return float(self.control("GET", "clock")["now"])

    def version(self, key: str) -> str:
        """The newest version of a key."""
        return str(self.call("listKeyVersions", cmkUuid=key, pageSize=100)["keyVersions"][-1]["keyVersionId"])


def tenant_signature(*, secret: str, ak: str, date: str, path: str, body: dict[str, Any]) -> str:
    """The signature of an access point's interface."""

    def text(value: Any) -> str:
        return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)

    values = {**body, "accessKey": ak}
    content = "\n".join(text(values[name]) for name in sorted(values))
    digest = b64(hashlib.md5(content.encode()).digest())
    return b64(hmac.new(secret.encode(), f"{digest}\n{date}\n{path}".encode(), "sha256").digest())


@dataclass
class Tenant:
    """An application behind an access point."""

    client: Client
    ak: str
    sk: str

    def headers(self, path: str, body: dict[str, Any], date: str = "") -> dict[str, str]:
        date = date or (datetime.now(UTC) + timedelta(hours=8)).strftime("%a, %d %b %Y %H:%M:%S CST")
        signature = tenant_signature(secret=self.sk, ak=self.ak, date=date, path=path, body=body)
        return {"accessKey": self.ak, "requestDate": date, "hmac": signature}

    def raw(self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> requests.Response:
        found = self.headers(path, body) if headers is None else headers
        return self.client.session.post(f"{self.client.url}{path}", json=body, headers=found, timeout=10)

    def call(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self.raw(path, body)
        content = answer.json()
        assert (answer.status_code, content["code"]) == (200, 200), content
        found: dict[str, Any] = content["data"]
        return found

    def refused(self, path: str, **body: Any) -> tuple[int, str]:
        answer = self.raw(path, body)
        content = answer.json()
        assert content["code"] == answer.status_code
        return answer.status_code, content["errorCode"]
