"""A small client for the emulated Tencent Cloud, with a signer of its own."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from dataclasses import dataclass, field, replace
from typing import Any

import requests

SECRET_ID = "AKIDEXAMPLE0000000000000000000000000"
SECRET_KEY = "kmsExampleSecretKey0000000000000"
ROOT_ID = "AKIDEXAMPLEROOT000000000000000000000"
ROOT_KEY = "kmsExampleRootSecret000000000000"
TEMPORARY_ID = "AKIDEXAMPLETEMPORARY0000000000000000"
TEMPORARY_KEY = "kmsExampleTemporaryKey0000000000"
TOKEN = "example-session-token"
OWNER, OPERATOR = "100000000001", "100000000002"
REGION = "ap-guangzhou"
VERSIONS = {"kms": "2019-01-18", "tag": "2018-08-13", "cam": "2019-01-16", "sts": "2018-08-13"}
# The users of the default seed who have no permissions of their own, and their uin: (id, key, uin).
PAYMENTS = ("AKIDEXAMPLEPAYMENTS00000000000000000", "kmsExamplePaymentsSecret00000000", "100000000003")
AUDITOR = ("AKIDEXAMPLEAUDITOR000000000000000000", "kmsExampleAuditorSecret000000000", "100000000004")
KEY_ADMIN = ("AKIDEXAMPLEKEYADMIN00000000000000000", "kmsExampleKeyAdminSecret00000000", "100000000005")
GUEST = ("AKIDEXAMPLEGUEST00000000000000000000", "kmsExampleGuestSecret00000000000", "100000000006")
PARTNER = ("AKIDEXAMPLEPARTNER000000000000000000", "kmsExamplePartnerSecret000000000", "200000000002")
PARTNER_ROOT = ("AKIDEXAMPLEPARTNERROOT00000000000000", "kmsExamplePartnerRootSecret00000", "200000000001")
APPLICATIONS, AUDITORS = 1001, 1002
DAY = 86400


def sign(
    secret: str, service: str, timestamp: int, *, method: str, query: str, signed: dict[str, str], payload: bytes
) -> tuple[str, str, str]:
    """The scope, the list of signed headers and the signature."""
    names = ";".join(sorted(signed))
    headers = "".join(f"{name}:{signed[name].strip().lower()}\n" for name in sorted(signed))
    request = f"{method}\n/\n{query}\n{headers}\n{names}\n{hashlib.sha256(payload).hexdigest()}"
    date = time.strftime("%Y-%m-%d", time.gmtime(timestamp))
    scope = f"{date}/{service}/tc3_request"
    text = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = b"TC3" + secret.encode()
    for part in (date, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return scope, names, hmac.digest(key, text.encode(), "sha256").hex()


@dataclass
class Client:
    """Calls actions and the control paths."""

    url: str
    region: str = REGION
    secret_id: str = SECRET_ID
    secret_key: str = SECRET_KEY
    token: str = ""
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def host(self) -> str:
        return self.url.split("//")[1]

    def headers(
        self, action: str, payload: bytes, *, service: str = "kms", timestamp: int | None = None, method: str = "POST",
        query: str = "", content_type: str = "application/json",
    ) -> dict[str, str]:  # fmt: skip
        at = int(time.time()) if timestamp is None else timestamp
        scope, names, signature = sign(
            self.secret_key, service, at, method=method, query=query, payload=payload,
            signed={"content-type": content_type, "host": self.host},
        )  # fmt: skip
        made = {
            "Authorization": f"TC3-HMAC-SHA256 Credential={self.secret_id}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}",
            "Content-Type": content_type, "X-TC-Action": action, "X-TC-Version": VERSIONS[service],
            "X-TC-Timestamp": str(at),
        }  # fmt: skip
        made |= {"X-TC-Region": self.region} if self.region and service == "kms" else {}
        return made | ({"X-TC-Token": self.token} if self.token else {})

    def send(self, headers: dict[str, str], payload: bytes) -> dict[str, Any]:
        response = self.session.post(self.url, data=payload, headers=headers, timeout=10)
        assert response.status_code == 200
        content: dict[str, Any] = response.json()["Response"]
        return content

    def raw(self, action: str, service: str = "kms", **parameters: Any) -> dict[str, Any]:
        payload = json.dumps(parameters).encode()
        return self.send(self.headers(action, payload, service=service), payload)

    def call(self, action: str, service: str = "kms", **parameters: Any) -> dict[str, Any]:
        """The answer of an action that must succeed."""
        answer = self.raw(action, service, **parameters)
        assert "Error" not in answer, answer["Error"]
        return answer

    def refused(self, action: str, service: str = "kms", **parameters: Any) -> str:
        """The error code of an action that must fail."""
        return str(self.raw(action, service, **parameters)["Error"]["Code"])

    def as_user(self, user: tuple[str, str, str], token: str = "") -> Client:
        """The same with another credential."""
        return replace(self, secret_id=user[0], secret_key=user[1], token=token)

    def as_root(self) -> Client:
        return replace(self, secret_id=ROOT_ID, secret_key=ROOT_KEY)

    def as_role(self, arn: str, **parameters: Any) -> Client:
        """The same as a session of a role."""
        given = {"RoleArn": arn, "RoleSessionName": "test", **parameters}
        made = self.call("AssumeRole", "sts", **given)["Credentials"]
        return self.as_user((made["TmpSecretId"], made["TmpSecretKey"], ""), made["Token"])

    def policy(self, document: dict[str, Any], name: str = "") -> int:
        """Make a policy; its id."""
        given = {"PolicyName": name or f"p{next(_NUMBERS)}", "PolicyDocument": json.dumps(document)}
        return int(self.call("CreatePolicy", "cam", **given)["PolicyId"])

    def grant(self, user: tuple[str, str, str], *statements: dict[str, Any]) -> int:
        """Make a policy and attach it to a user; its id."""
        made = self.policy(document(*statements))
        self.call("AttachUserPolicy", "cam", PolicyId=made, AttachUin=int(user[2]))
        return made

    def key(self, alias: str = "app-main", **parameters: Any) -> str:
        """Make a key; its id."""
        return str(self.call("CreateKey", Alias=alias, **parameters)["KeyId"])

    def meta(self, key_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.call("DescribeKey", KeyId=key_id)["KeyMetadata"]
        return found

    def name(self, key_id: str) -> str:
        """The six-segment name of a key."""
        return f"qcs::kms:{self.region}:uin/{OWNER}:key/{self.meta(key_id)['ResourceId']}"

    def tags(self, key_id: str) -> dict[str, str]:
        answer = self.call(
            "DescribeResourceTagsByResourceIds", "tag", ServiceType="kms", ResourcePrefix="key", Limit=100,
            ResourceIds=[self.meta(key_id)["ResourceId"]], ResourceRegion=self.region,
        )  # fmt: skip
        return {tag["TagKey"]: tag["TagValue"] for tag in answer["Tags"]}

    def aliases(self, **parameters: Any) -> list[str]:
        """The aliases in ListKeyDetail, oldest first unless told."""
        answer = self.call("ListKeyDetail", **{"OrderType": 1, **parameters})
        return [key["Alias"] for key in answer["KeyMetadatas"]]

    def control(self, path: str, content: Any) -> Any:
        response = self.session.post(f"{self.url}/_emulator/{path}", json=content, timeout=10)
        response.raise_for_status()
        return response.json()

    def set(self, **settings: Any) -> None:
        """Change switches of this cloud."""
        self.control("settings", {f"tencent.{name}": value for name, value in settings.items()})

    def advance(self, seconds: float) -> None:
        self.control("clock", {"advance": seconds})


_NUMBERS = itertools.count(1)


def statement(
    effect: str, action: str | list[str], resource: str | list[str] = "*", **condition: dict[str, Any]
) -> dict[str, Any]:
    """A statement; the operators are the names of further arguments."""
    made: dict[str, Any] = {"effect": effect, "action": action, "resource": resource}
    return made | ({"condition": condition} if condition else {})


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"version": "2.0", "statement": list(statements)}


def trust(*principals: str, **condition: dict[str, Any]) -> str:
    """A trust document."""
    made: dict[str, Any] = {"effect": "allow", "action": "name/sts:AssumeRole", "principal": {"qcs": list(principals)}}
    return json.dumps(document(made | ({"condition": condition} if condition else {})))


def tag_list(**tags: str) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]


def in_state(client: Client, state: str) -> str:
    """A key in this state."""
    if state == "PendingImport":
        return client.key(Type=2)
    key = client.key()
    for action in {"Disabled": ["DisableKey"], "Archived": ["ArchiveKey"], "PendingDelete": ["DisableKey"]}.get(
        state, []
    ):
        client.call(action, KeyId=key)
    if state == "PendingDelete":
        client.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    assert client.meta(key)["KeyState"] == state
    return key
