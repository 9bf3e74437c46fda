"""TC3-HMAC-SHA256: Tencent Cloud's signature of API 3.0, and where its credentials come from.

Source: https://cloud.tencent.com/document/product/1278/46710 (signature method v3).
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from requests.auth import AuthBase
from requests.models import PreparedRequest

from kms_resources.clouds.credentials import Credentials, Variables, find_credentials, read_ini
from kms_resources.model import Target

ALGORITHM = "TC3-HMAC-SHA256"
VARIABLES = Variables(
    key_id=("TENCENTCLOUD_SECRET_ID",),
    secret=("TENCENTCLOUD_SECRET_KEY",),
    token=("TENCENTCLOUD_SECURITY_TOKEN", "TENCENTCLOUD_SESSION_TOKEN", "TENCENTCLOUD_TOKEN"),
)
PROFILE_FILES = (".tencentcloud/credentials", "/etc/tencentcloud/credentials")


class TencentAuth(AuthBase):
    """Signs a prepared request in place. Time is an argument, so that vectors can be checked."""

    def __init__(self, credentials: Credentials, service: str, now: Callable[[], float] = time.time) -> None:
        self._credentials = credentials
        self._service = service
        self._now = now

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add `X-TC-Timestamp`, the token of temporary credentials, and `Authorization`."""
        timestamp = int(self._now())
        parts = urlsplit(request.url or "")
        body = request.body or b""
        request.headers["Host"] = parts.netloc
        request.headers["X-TC-Timestamp"] = str(timestamp)
        if self._credentials.token:
            request.headers["X-TC-Token"] = self._credentials.token
        # The action is signed beside the two obligatory headers: it decides what the body means.
        names = ["content-type", "host"] + (["x-tc-action"] if "X-TC-Action" in request.headers else [])
        request.headers["Authorization"] = sign(
            self._credentials,
            service=self._service,
            method=request.method or "POST",
            query=parts.query,
            headers={name: str(request.headers[name]) for name in names},
            body=body.encode() if isinstance(body, str) else bytes(body),
            timestamp=timestamp,
        )
        return request


def sign(
    credentials: Credentials,
    *,
    service: str,
    method: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    timestamp: int,
) -> str:
    """The value of `Authorization`. `headers` are the ones to sign; `timestamp` is in Unix seconds."""
    # The date of the scope is the timestamp's date in UTC; a local date fails eight hours a day in China.
    date = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")
    scope = f"{date}/{service}/tc3_request"
    signed = ";".join(sorted(headers))
    canonical = "\n".join(
        [
            method,
            "/",
            query,
            "".join(f"{name}:{headers[name].strip().lower()}\n" for name in sorted(headers)),
            signed,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    text = f"{ALGORITHM}\n{timestamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"TC3{credentials.secret}".encode()
    for step in (date, service, "tc3_request"):
        key = hmac.digest(key, step.encode(), "sha256")
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={credentials.key_id}/{scope}, SignedHeaders={signed}, Signature={signature}"


def credentials_for(target: Target, environ: Mapping[str, str]) -> Credentials:
    """Environment variables first, then the SDK's profile file; raises `CredentialsError`."""
    return find_credentials(target, environ, VARIABLES, _profile)


def _profile(environ: Mapping[str, str], name: str) -> Credentials | None:
    for file in PROFILE_FILES:
        section = read_ini(Path(environ.get("HOME", "/nonexistent")) / file, name)
        if section and section.get("secret_id") and section.get("secret_key"):
            return Credentials(section["secret_id"], section["secret_key"], section.get("token", ""))
    return None
