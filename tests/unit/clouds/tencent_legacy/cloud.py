"""A few keys behind the actions of API 2.0, as far as the unit tests of the client need a memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from kms_resources.clouds.tencent_legacy import convert
from kms_resources.model import DesiredKey, KeyId, Marker, Settings, Spec, Target, Usage
from tests.unit.clouds.loopback import Answer, Received

Fields = dict[str, str]
KEY_ID = KeyId("kms-4f1c2d3e")
MARKER = Marker("shop/prod/orders")
TARGET = Target("old", "tencent-legacy", "gz")


def desired(**settings: Any) -> DesiredKey:
    return DesiredKey("orders", TARGET, Settings(Spec.SM4, Usage.ENCRYPT_DECRYPT, **settings), MARKER)


def metadata(key_id: str = KEY_ID, **changed: Any) -> dict[str, Any]:
    return {
        "keyId": key_id,
        "alias": convert.first_alias(MARKER),
        "createTime": 1700000000,
        "description": f"[kms-resources:{MARKER}]",
        "keyState": "Enabled",
        "keyUsage": "ENCRYPT/DECRYPT",
        "type": 1,
        "deleteTime": 0,
    } | changed


def success(**fields: object) -> Answer:
    return Answer.of({"code": 0, "message": "", "codeDesc": "Success", **fields})


def failure(code: int, module: int = 10000, text: str = "text") -> Answer:
    return Answer.of({"code": code, "message": f"({module}){text}", "requestId": "r-1"})


def form(request: Received) -> Fields:
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True))


COMMON = frozenset({"Action", "Region", "SecretId", "Nonce", "Timestamp", "SignatureMethod", "Signature", "Token"})


class SmallCloud:
    """Answers reads from `keys`; `refusals` come before everything, `hidden` keys are in no listing."""

    def __init__(self, *keys: dict[str, Any], hidden: frozenset[str] = frozenset()) -> None:
        self.keys = {key["keyId"]: key for key in keys}
        self.hidden = hidden
        self.refusals: dict[str, list[Answer]] = {}
        self.actions: list[tuple[str, Fields]] = []

    def __call__(self, request: Received) -> Answer:
        fields = form(request)
        action = fields["Action"]
        body = {name: value for name, value in fields.items() if name not in COMMON}
        self.actions.append((action, body))
        if self.refusals.get(action):
            return self.refusals[action].pop(0)
        handlers: dict[str, Callable[[Fields], Answer]] = {
            "GetKeyAttributes": self._describe,
            "ListKey": self._list,
            "CreateKey": lambda body: success(keyMetadata=metadata(alias=body["alias"])),
        }
        return handlers.get(action, lambda _body: success())(body)

    def names(self) -> list[str]:
        return [action for action, _body in self.actions]

    def _describe(self, body: Fields) -> Answer:
        key = self.keys.get(body["keyId"])
        return success(keyMetadata=key) if key else failure(4530, 10630, "key is not existed")

    def _list(self, body: Fields) -> Answer:
        ids = [{"keyId": each} for each in self.keys if each not in self.hidden]
        first = int(body["offset"])
        return success(keys=ids[first : first + int(body["limit"])], totalCount=len(ids))
