"""One request to API 2.0 as a signed form, and its flat answer or error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from requests.models import Response

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.tencent_legacy import convert
from kms_resources.clouds.tencent_legacy.auth import LegacyAuth
from kms_resources.clouds.tencent_legacy.limits import place
from kms_resources.clouds.transport import Rates, Request, Transport, retry_after, unreadable
from kms_resources.errors import ThrottledError
from kms_resources.model import Target

HOST = "https://kms-gz.api.qcloud.com"
"""Guangzhou's; the label of the target's region takes its place."""
PATH = "/v2/index.php"
RATES = Rates(per_second={}, otherwise=100)
"""[I] As for API 3.0; the pages of API 2.0 know refusals for the rate and name no number."""
SERVER_ERROR = 500


class LegacyApi:
    """What the clients of one target share: address, signature, form. May be shared by threads."""

    def __init__(self, target: Target, credentials: Credentials, url: str, transport: Transport) -> None:
        self._place = place(target.region)
        self.url = regional(url, self._place) + PATH
        self._transport = transport
        self._auth = LegacyAuth(credentials)

    def call(self, action: str, fields: Mapping[str, Any], *, repeatable: bool = True) -> dict[str, Any]:
        """The fields of the answer; raises our error for the code of a refusal."""
        # The host decides the region; the parameter is for an emulator or a gateway that serves all under one address.
        form = {"Action": action, "Region": self._place, **{name: str(value) for name, value in fields.items()}}
        request = Request(
            "POST",
            self.url,
            {"Content-Type": "application/x-www-form-urlencoded"},
            urlencode(form).encode(),
            self._auth,
            action,
            repeatable=repeatable,
        )
        secrets = [str(value) for name, value in fields.items() if name in convert.SECRET_FIELDS and value]
        return self._transport.send(request, lambda response: _read(response, action, secrets))


def regional(url: str, region: str) -> str:
    """The address for a region. One endpoint variable serves all regions, so its label must never choose for us."""
    return re.sub(r"://kms-[a-z]+\.", f"://kms-{region}.", url, count=1)


def _read(response: Response, action: str, secrets: list[str]) -> dict[str, Any]:
    if response.status_code >= SERVER_ERROR:
        raise unreadable(response, action)
    try:
        answer = dict(response.json())
        code = int(answer["code"])
    except (ValueError, KeyError, TypeError):
        raise unreadable(response, action) from None
    if code == 0:
        return answer
    message = str(answer.get("message") or "")
    for secret in secrets:
        # A refusal may quote the field that it refuses; an error must never show that.
        message = message.replace(secret, "…")
    problem = convert.error(action, code, message, str(answer.get("requestId") or ""))
    if isinstance(problem, ThrottledError):
        problem.retry_after = retry_after(response)
    raise problem
