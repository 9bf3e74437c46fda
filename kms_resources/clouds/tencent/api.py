"""One request to a service of Tencent Cloud in the envelope of API 3.0, and its answer or error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from requests.models import Response

from kms_resources.clouds.credentials import Credentials
from kms_resources.clouds.tencent import convert
from kms_resources.clouds.tencent.auth import TencentAuth
from kms_resources.clouds.transport import Rates, Request, Transport, retry_after, unreadable
from kms_resources.errors import CloudError, ThrottledError
from kms_resources.model import Target

HOST = "https://kms.tencentcloudapi.com"
VERSIONS = {"kms": "2019-01-18", "tag": "2018-08-13", "cam": "2019-01-16"}
CAM_PER_SECOND = 20
"""[I] For every action of CAM, which publishes none; modest, because people in the console share it."""
RATES = Rates(
    per_second={"Encrypt": 300, "Decrypt": 300, "GenerateDataKey": 150, "RotateKey": 20, "cam": CAM_PER_SECOND},
    otherwise=100,
)
"""Requests per second and action: https://www.tencentcloud.com/document/product/1030/42220"""
SERVER_ERROR = 500


class TencentApi:
    """What the clients of one target share: addresses, signatures, the envelope. May be shared by threads."""

    def __init__(self, target: Target, credentials: Credentials, url: str, transport: Transport) -> None:
        self._target = target
        self._transport = transport
        self._auths = {service: TencentAuth(credentials, service) for service in VERSIONS}
        self._urls = {service: service_url(url, service) for service in VERSIONS}

    def call(self, service: str, action: str, body: Mapping[str, Any], *, repeatable: bool = True) -> dict[str, Any]:
        """The fields of the answer; raises our error for the code of a refusal."""
        headers = {
            "Content-Type": "application/json",
            "X-TC-Action": action,
            "X-TC-Version": VERSIONS[service],
            "X-TC-Language": "en-US",
        }
        if service != "cam":
            headers["X-TC-Region"] = self._target.region
        request = Request(
            "POST",
            f"{self._urls[service]}/",
            headers,
            json.dumps(body).encode(),
            self._auths[service],
            action,
            pot="cam" if service == "cam" else "",
            repeatable=repeatable,
        )
        secrets = [str(value) for name, value in body.items() if name in convert.SECRET_FIELDS and value]
        return self._transport.send(request, lambda response: _read(response, action, secrets))


def _read(response: Response, action: str, secrets: list[str]) -> dict[str, Any]:
    if response.status_code >= SERVER_ERROR:
        raise unreadable(response, action)
    try:
        answer = response.json()["Response"]
        failure = answer.get("Error")
        request_id = str(answer.get("RequestId") or "")
        problem: CloudError | None = (
            convert.error(action, str(failure["Code"]), _without(secrets, failure.get("Message")), request_id)
            if failure
            else None
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise unreadable(response, action) from None
    if isinstance(problem, ThrottledError):
        problem.retry_after = retry_after(response)
    if problem:
        raise problem
    return dict(answer)


def _without(secrets: list[str], message: object) -> str:
    """The cloud's words for people. A refusal may quote the field it refuses, and an error must never show that."""
    text = str(message or "")
    for secret in secrets:
        text = text.replace(secret, "…")
    return text


def service_url(url: str, service: str) -> str:
    """The address of a service: the first label of a vendor's host names it; an emulator serves all under one."""
    return url.replace("://kms.", f"://{service}.", 1)
