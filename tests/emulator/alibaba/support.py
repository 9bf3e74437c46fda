"""A small client for the emulated Alibaba Cloud, with signers of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import requests

from kms_emulator.emulator import Emulator
from kms_emulator.store import Scope

KEY_ID, SECRET = "LTAI-example-id", "example-secret"
TEMPORARY_ID, TEMPORARY_SECRET, TOKEN = "STS.example-temporary-id", "example-temporary-secret", "example-security-token"
ACCOUNT, REGION, VERSION = "1000000000000001", "cn-hangzhou", "2016-01-20"
HARDWARE, SOFTWARE = "kst-hzz62ee817bvyyr5x", "kst-hzz62ee817bvsoft01"
DAY = 86400


def encode(text: str) -> str:
    return quote(text, safe="-_.~")


def joined(values: Mapping[str, str]) -> str:
    return "&".join(f"{encode(name)}={encode(values[name])}" for name in sorted(values))


def acs3_canonical(method: str, query: Mapping[str, str], signed: Mapping[str, str], body: bytes) -> str:
    lines = [method, "/", joined(query), *(f"{name}:{signed[name].strip()}" for name in sorted(signed)), ""]
    return "\n".join([*lines, ";".join(sorted(signed)), hashlib.sha256(body).hexdigest()])


def acs3_signature(secret: str, canonical: str) -> str:
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()


def rpc_signature(secret: str, method: str, values: Mapping[str, str]) -> str:
    text = f"{method}&%2F&{encode(joined(values))}"
    return base64.b64encode(hmac.digest(f"{secret}&".encode(), text.encode(), "sha1")).decode()


def stamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def wire(value: object) -> str:
    """A parameter as text."""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, list | dict) else str(value)


class RefusedError(AssertionError):
    """A call that had to succeed was refused."""


@dataclass
class Client:
    """Calls actions and the control paths."""

    url: str
    key_id: str = KEY_ID
    secret: str = SECRET
    token: str = ""
    region: str = ""
    version: str = VERSION
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def host(self) -> str:
        return self.url.split("//")[1]

    def headers(
        self, action: str, query: Mapping[str, str], body: bytes = b"", *, method: str = "POST",
        at: float | None = None, nonce: str = "", more: Mapping[str, str] | None = None,
    ) -> dict[str, str]:  # fmt: skip
        """The headers of a request in the new form, signed."""
        signed = {
            "host": self.host, "x-acs-action": action, "x-acs-version": self.version,
            "x-acs-date": stamp(time.time() if at is None else at), "x-acs-signature-nonce": nonce or uuid.uuid4().hex,
            "x-acs-content-sha256": hashlib.sha256(body).hexdigest(), **(more or {}),
        }  # fmt: skip
        if self.token:
            signed |= {"x-acs-security-token": self.token, "x-acs-accesskey-id": self.key_id}
        if self.region:
            signed["x-acs-region-id"] = self.region
        if body:
            signed["content-type"] = "application/x-www-form-urlencoded"
        signature = acs3_signature(self.secret, acs3_canonical(method, query, signed, body))
        names = ";".join(sorted(signed))
        authorization = f"ACS3-HMAC-SHA256 Credential={self.key_id},SignedHeaders={names},Signature={signature}"
        return {**signed, "Authorization": authorization}

    def send(
        self, headers: Mapping[str, str], query: Mapping[str, str], body: bytes = b"", method: str = "POST"
    ) -> requests.Response:
        target = f"{self.url}/?{urlencode(query)}" if query else f"{self.url}/"
        return self.session.request(method, target, data=body, headers=dict(headers), timeout=10)

    def raw(self, action: str, **parameters: object) -> requests.Response:
        """The response of an action; names of parameters that hold a dot are given with two underscores.

        Long ones go into the form, as the vendor's package does with values of secrets.
        """
        values = {name.replace("__", "."): wire(value) for name, value in parameters.items()}
        query = {name: value for name, value in values.items() if len(value) <= 2000}
        body = urlencode({name: value for name, value in values.items() if name not in query}).encode()
        return self.send(self.headers(action, query, body), query, body)

    def call(self, action: str, **parameters: object) -> dict[str, Any]:
        """The answer of an action that must succeed."""
        response = self.raw(action, **parameters)
        content: dict[str, Any] = response.json()
        if response.status_code != 200:
            raise RefusedError(f"{action}: {content}")
        return content

    def refused(self, action: str, **parameters: object) -> tuple[int, str]:
        """The status and the code of an action that must fail."""
        response = self.raw(action, **parameters)
        content = response.json()
        assert response.status_code == content["HttpStatus"]
        return response.status_code, content["Code"]

    def rpc(self, action: str, *, method: str = "POST", changed: Mapping[str, str] | None = None, **parameters: object
            ) -> requests.Response:  # fmt: skip
        """The response of an action in the legacy form; ``changed`` replaces common parameters before signing."""
        values = {
            "Action": action, "Version": self.version, "Format": "JSON", "AccessKeyId": self.key_id,
            "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0", "SignatureNonce": uuid.uuid4().hex,
            "Timestamp": stamp(time.time()), "RegionId": self.region or REGION, "SignatureType": "",
            **{name: wire(value) for name, value in parameters.items()}, **(changed or {}),
        }  # fmt: skip
        values["Signature"] = rpc_signature(self.secret, method, values)
        # The legacy package sends this header too, although it signs the old way.
        return self.send({"x-acs-action": action}, values, method=method)

    def key(self, **parameters: object) -> str:
        """Make a key, in the software instance unless told; its id."""
        made = self.call("CreateKey", **{"DKMSInstanceId": SOFTWARE, **parameters})
        return str(made["KeyMetadata"]["KeyId"])

    def default_key(self, **parameters: object) -> str:
        """Make a key outside of instances; its id."""
        return str(self.call("CreateKey", **parameters)["KeyMetadata"]["KeyId"])

    def meta(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.call("DescribeKey", KeyId=key)["KeyMetadata"]
        return found

    def state(self, key: str) -> str:
        return str(self.meta(key)["KeyState"])

    def ids(self, *filters: tuple[str, list[str]], **parameters: object) -> list[str]:
        """The ids in one page of ListKeys."""
        listed = [{"Key": name, "Values": values} for name, values in filters]
        answer = self.call("ListKeys", **{"PageSize": 100, "Filters": listed, **parameters})
        return [entry["KeyId"] for entry in answer["Keys"]["Key"]]

    def tags(self, key: str) -> dict[str, str]:
        entries = self.call("ListResourceTags", KeyId=key)["Tags"]["Tag"]
        return {entry["TagKey"]: entry["TagValue"] for entry in entries}

    def comes_from(self, address: str, vpc: str = "") -> None:
        """Say where the calls of this client come from."""
        self.session.headers["X-Emulator-Source-Ip"] = address
        self.session.headers["X-Emulator-Source-Vpc"] = vpc

    def control(self, path: str, content: object) -> Any:
        response = self.session.post(f"{self.url}/_emulator/{path}", json=content, timeout=10)
        response.raise_for_status()
        return response.json()

    def set(self, **settings: object) -> None:
        """Change switches of this cloud."""
        self.control("settings", {f"alibaba.{name}": value for name, value in settings.items()})

    def advance(self, seconds: float) -> None:
        self.control("clock", {"advance": seconds})


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def unb64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def openssl(*arguments: str, given: bytes = b"") -> bytes:
    """What openssl answers; it is the second opinion on what the emulator made."""
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True, timeout=30).stdout


def plant(emulator: Emulator, kind: str, identifier: str, **document: object) -> None:
    """Put a document into the store, as a seed does."""
    with emulator.store.transaction("alibaba") as transaction:
        entry = {"id": identifier, **document}
        transaction.collection(kind, Scope(ACCOUNT, REGION)).put(identifier, entry)


def statement(principal: str | list[str], *actions: str, **more: object) -> dict[str, object]:
    """A statement of a key policy; ``more`` replaces or adds members."""
    made = {"Effect": "Allow", "Principal": {"RAM": principal}, "Action": list(actions), "Resource": ["*"]}
    return {**made, **more}


def policy(*statements: object) -> dict[str, object]:
    return {"Version": "1", "Statement": list(statements)}


def usual_policy(sid: str) -> dict[str, object]:
    """The policy that every key of an instance begins with, apart from its Sid."""
    return policy(statement([f"acs:ram::{ACCOUNT}:*"], "kms:*", Sid=sid))


def tag_list(**tags: str) -> list[dict[str, str]]:
    return [{"TagKey": name, "TagValue": value} for name, value in tags.items()]


def in_state(client: Client, state: str) -> str:
    """A key in this state."""
    if state == "PendingImport":
        return client.key(DKMSInstanceId=HARDWARE, Origin="EXTERNAL")
    key = client.key()
    if state == "Disabled":
        client.call("DisableKey", KeyId=key)
    if state == "PendingDeletion":
        client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    assert client.state(key) == state
    return key
