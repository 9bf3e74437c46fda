"""EOP: CTYun's signature of OpenAPI requests, and where its credentials come from.

Sources: https://www.ctyun.cn/document/10014047/10043798 (call sample of the KMS documentation),
https://ctyun.cn/document/10114925/10311599 (request construction),
https://github.com/ctyun-it/ctyun-sdk-go (`ctyun-sdk-core/request.go`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit
from uuid import uuid4

from requests.auth import AuthBase
from requests.models import PreparedRequest

from kms_resources.clouds.credentials import Credentials, Variables, find_credentials
from kms_resources.model import Target

# The names that the vendor's Terraform provider reads.
VARIABLES = Variables(key_id=("CTYUN_AK",), secret=("CTYUN_SK",))
CHINA_TIME = timezone(timedelta(hours=8))
DATE_LENGTH = len("20250102")


class CtyunAuth(AuthBase):
    """Signs a prepared request in place. Time and request id are arguments, so that vectors can be checked."""

    def __init__(
        self,
        credentials: Credentials,
        now: Callable[[], float] = time.time,
        new_request_id: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        self._credentials = credentials
        self._now = now
        self._new_request_id = new_request_id

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add `eop-date`, `ctyun-eop-request-id` and `Eop-Authorization`."""
        date, request_id = eop_date(self._now()), self._new_request_id()
        body = request.body or b""
        request.headers["eop-date"] = date
        request.headers["ctyun-eop-request-id"] = request_id
        request.headers["Eop-Authorization"] = sign(
            self._credentials,
            query=urlsplit(request.url or "").query,
            body=body.encode() if isinstance(body, str) else bytes(body),
            date=date,
            request_id=request_id,
        )
        return request


def eop_date(seconds: float) -> str:
    """A Unix time as the header has it: China's wall clock, with a `Z` that does not mean UTC."""
    return datetime.fromtimestamp(seconds, CHINA_TIME).strftime("%Y%m%dT%H%M%SZ")


def sign(credentials: Credentials, *, query: str, body: bytes, date: str, request_id: str) -> str:
    """The value of `Eop-Authorization`. `query` is the encoded text as it stands in the URL."""
    ordered = "&".join(sorted(query.split("&"), key=lambda pair: pair.partition("=")[0]))
    headers = f"ctyun-eop-request-id:{request_id}\neop-date:{date}\n"
    text = f"{headers}\n{ordered}\n{hashlib.sha256(body).hexdigest()}"
    key = credentials.secret.encode()
    for step in (date, credentials.key_id, date[:DATE_LENGTH]):
        key = hmac.digest(key, step.encode(), "sha256")
    signature = base64.b64encode(hmac.digest(key, text.encode(), "sha256")).decode()
    return f"{credentials.key_id} Headers=ctyun-eop-request-id;eop-date Signature={signature}"


def credentials_for(target: Target, environ: Mapping[str, str]) -> Credentials:
    """Environment variables only: the vendor has no profile file. Raises `CredentialsError`."""
    return find_credentials(target, environ, VARIABLES)
