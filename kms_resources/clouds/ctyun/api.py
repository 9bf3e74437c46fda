"""One request to CTYun's KMS in either of its envelopes, its answer or error: what all clients of the folder share."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

from requests.auth import AuthBase
from requests.models import Response

from kms_resources.clouds.ctyun import convert
from kms_resources.clouds.ctyun.table import SECRETS, Operation
from kms_resources.clouds.ctyun.words import METADATA, OPERATIONS, WORDS
from kms_resources.clouds.transport import Rates, Request, Transport, retry_after, unreadable
from kms_resources.errors import (
    CloudError,
    NotFoundError,
    ThrottledError,
    UnclearError,
    WrongStateError,
)
from kms_resources.model import KeyId, KeyState, Target

HOST = "https://kms-global.ctapi.ctyun.cn"
RATES = Rates(per_second={}, otherwise=20)
"""[I?] The rates belong to the purchased specification and are not published; this is meant to be modest."""
PAGE = 100
TOO_MANY_REQUESTS = 429
GUARDED = frozenset({"create_key", "create_point"})
"""Calls whose fate is found out afterwards, by the marker or the name."""
LOOK_FIRST = "find out whether it was carried out before you send it again"
SHORTEST_SECRET = 4


class Api:
    """One door of one target: address, signature, envelope. May be shared by threads.

    Methods that take a `name` take our word for an operation and our words for its fields.
    """

    def __init__(
        self, target: Target, auth: AuthBase, url: str, transport: Transport, headers: Mapping[str, str] | None = None
    ) -> None:
        self.where = f"target {target.name}"
        self.url = url
        self._auth = auth
        self._transport = transport
        self._headers = {"regionId": target.region} if headers is None else dict(headers)

    def call(self, name: str, /, **values: object) -> dict[str, Any]:
        """The content of the answer; values that are None are left out."""
        operation = OPERATIONS[name]
        return self.send(operation, convert.body(operation, values), guarded=name in GUARDED)

    def send(
        self,
        operation: Operation,
        content: Mapping[str, object],
        *,
        path: str = "",
        once: bool = False,
        guarded: bool = False,
    ) -> dict[str, Any]:
        """Send the cloud's own fields. `path` overrides that of the table; `once`: never repeat it when unclear."""
        repeatable = operation.repeatable and not once
        request = Request(
            "POST",
            self.url + (path or operation.path),
            {"Content-Type": "application/json", **self._headers},
            json.dumps(content).encode(),
            self._auth,
            operation.name,
            repeatable=repeatable,
        )
        secrets = _secrets(content)
        try:
            return self._transport.send(request, lambda response: _read(response, operation, secrets))
        except UnclearError as error:
            if not repeatable and not guarded:
                error.advice = LOOK_FIRST
            raise

    def on_key(self, name: str, key_id: KeyId, **values: object) -> dict[str, Any]:
        """A call that names a key; what a 404 means is found out."""
        try:
            return self.call(name, key_id=key_id, **values)
        except NotFoundError as error:
            raise self.explain(error, key_id) from None

    def metadata(self, key_id: KeyId) -> dict[str, Any]:
        """What describeKey tells."""
        row = self.call("describe_key", key_id=key_id)
        if row.get(METADATA["key_id"].wire) != key_id:
            raise UnclearError(
                f"describeKey did not tell about key {key_id}",
                where=self.where,
                why="the answer names another key or none",
            )
        return row

    def explain(self, error: CloudError, key_id: KeyId, enabled: type[CloudError] = WrongStateError) -> CloudError:
        """What a 404 means: the same status stands for a key that is not there and for one in a wrong state.

        `enabled` is what to make of it when the key could be used.
        """
        if not isinstance(error, NotFoundError):
            return error
        try:
            row = self.metadata(key_id)
        except NotFoundError:
            return error
        kind = enabled if convert.state(row) is KeyState.ENABLED else WrongStateError
        return kind(
            error.what,
            where=self.where,
            why=f"key {key_id} is {convert.value(row, 'state')}; the cloud says: {error.why}",
            code=error.code,
            request_id=error.request_id,
        )

    def pages(self, name: str, identity: str, /, **values: object) -> Iterator[Mapping[str, Any]]:
        """All rows of a listing, each once; `identity` is our word for what names a row.

        A listing that cannot be followed to its end is an error: a key that we overlook is a key made twice.
        """
        operation, wire = OPERATIONS[name], WORDS[identity]
        seen: set[str] = set()
        before: list[str] = []
        received, page = 0, 0
        while True:
            page += 1
            answer = self.call(name, page=page, size=PAGE, **values)
            rows, total = convert.page(operation, answer, identity)
            ids = [str(row[wire]) for row in rows]
            stands_still = ids == before if rows else total is not None and received < total
            if stands_still:
                raise UnclearError(
                    f"{operation.name} cannot be read to its end",
                    where=self.where,
                    why=f"page {page} brings nothing new after {len(seen)} of {'?' if total is None else total}",
                )
            before = ids
            received += len(rows)
            for row, name_of_row in zip(rows, ids, strict=True):
                if name_of_row not in seen:
                    seen.add(name_of_row)
                    yield row
            if received >= total if total is not None else not rows:
                return


def _read(response: Response, operation: Operation, secrets: list[str]) -> dict[str, Any]:
    if response.status_code == TOO_MANY_REQUESTS:
        raise ThrottledError(
            f"{operation.name} was refused for the rate", code="429", retry_after=retry_after(response)
        )
    answer = _parse(response)
    if not isinstance(answer, Mapping):
        raise unreadable(response, operation.name)
    try:
        return convert.read(operation, response.status_code, answer)
    except CloudError as error:
        if isinstance(error, ThrottledError):
            error.retry_after = retry_after(response)
        if any(secret in part for secret in secrets for part in (error.why, error.code, error.request_id)):
            error.why, error.code, error.request_id = "the cloud's words quote what was sent and are not shown", "", ""
        raise
    except (ValueError, KeyError, TypeError):
        raise unreadable(response, operation.name) from None


def _parse(response: Response) -> object:
    # The error of the parser holds the whole answer, so it must not become the context of ours.
    try:
        return response.json()
    except ValueError:
        return None


def _secrets(content: Mapping[str, object]) -> list[str]:
    """What must not be quoted by an error: the secret fields, their Base64, and the texts behind their Base64."""
    sent = [value for name, value in content.items() if name in SECRETS and isinstance(value, str)]
    encoded = [base64.b64encode(value.encode()).decode() for value in sent]
    return [secret for secret in (*sent, *encoded, *map(_behind, sent)) if len(secret) >= SHORTEST_SECRET]


def _behind(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except ValueError:
        return ""
