"""A few keys and aliases behind CTYun's paths, as far as the unit tests of the client need a memory."""

from __future__ import annotations

from typing import Any

from tests.unit.clouds.loopback import Answer, Received

KEY_ID = "971ba207-5323-4a04-a290-3a9e8b4c7343"
OTHER_ID = "474e569e-8814-474a-948b-dbcf6d853eff"


def success(payload: object = None) -> Answer:
    return Answer.of({"statusCode": "200", "error": None, "message": "成功", "returnObj": payload})


def failure(status: int, code: str = "KMS_9001", text: str = "refused") -> Answer:
    content = {"statusCode": str(status), "error": code, "message": text, "returnObj": {"requestId": "req-1"}}
    return Answer.of(content, status)


def metadata(key_id: str = KEY_ID, **changed: Any) -> dict[str, Any]:
    return {
        "cmkUuid": key_id,
        "keySpec": "AES_256",
        "keyUsage": "ENCRYPT/DECRYPT",
        "keyState": "Enabled",
        "origin": "CTYUN_KMS",
        "protectionLevel": "0",
        "description": "orders [kms-resources:shop/prod/orders]",
        "creationDate": "2026-01-02T03:04:05Z",
        "creator": "100001",
        "primaryKeyVersion": "v-1",
        "automaticRotation": "Disabled",
        "deletionProtection": "Disabled",
    } | changed


class SmallCloud:
    """Answers reads from `keys` and `aliases`, everything else from `refusals` or with success."""

    def __init__(self, *keys: dict[str, Any], aliases: dict[str, str] | None = None) -> None:
        self.keys = {key["cmkUuid"]: key for key in keys}
        self.aliases = dict(aliases or {})
        self.refusals: dict[str, Answer] = {}
        self.rows: list[dict[str, Any]] | None = None
        """What listKeys shows, where that differs from the keys."""

    def __call__(self, request: Received) -> Answer:
        action, body = request.path.rpartition("/")[2], request.json
        if action in self.refusals:
            return self.refusals[action]
        if action == "describeKey":
            key = self.keys.get(body["cmkUuid"])
            return success(key) if key else failure(404)
        if action == "listKeys":
            return self._page(body, "keys", list(self.keys.values()) if self.rows is None else self.rows)
        if action in {"listAliases", "listAliasesByKeyId"}:
            wanted = body.get("cmkUuid")
            pairs = [(name, key) for name, key in self.aliases.items() if wanted in {None, key}]
            return self._page(body, "aliases", [{"aliasName": name, "cmkUuid": key} for name, key in pairs])
        return success()

    @staticmethod
    def _page(body: dict[str, Any], name: str, rows: list[dict[str, Any]]) -> Answer:
        first = (body["pageNumber"] - 1) * body["pageSize"]
        return success({"totalCount": len(rows), name: rows[first : first + body["pageSize"]]})
