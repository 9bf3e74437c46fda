"""HmacSHA256 and HmacSHA1: Tencent Cloud's signature of API 2.0, and where its credentials come from.

Source: https://cloud.tencent.com/document/api/214/1526 (signature method).
"""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from requests.auth import AuthBase
from requests.models import PreparedRequest

from kms_resources.clouds.credentials import Credentials, Variables, find_credentials, read_ini
from kms_resources.model import Target

METHODS: Mapping[str, str] = {"HmacSHA256": "sha256", "HmacSHA1": "sha1"}
"""SignatureMethod → hash. The vendor's own old package signs with SHA-1 unless told otherwise; we never do."""
VARIABLES = Variables(
    key_id=("TENCENTCLOUD_SECRET_ID",),
    secret=("TENCENTCLOUD_SECRET_KEY",),
    token=("TENCENTCLOUD_SECURITY_TOKEN", "TENCENTCLOUD_SESSION_TOKEN", "TENCENTCLOUD_TOKEN"),
)
PROFILE_FILES = (".tencentcloud/credentials", "/etc/tencentcloud/credentials")
_LARGEST_NONCE = 2**31 - 1


def _random_nonce() -> int:
    return 1 + secrets.randbelow(_LARGEST_NONCE)


class LegacyAuth(AuthBase):
    """Signs the form in a prepared request's body. Time and nonce are arguments, so that vectors can be checked."""

    def __init__(
        self,
        credentials: Credentials,
        now: Callable[[], float] = time.time,
        nonce: Callable[[], int] = _random_nonce,
    ) -> None:
        self._credentials = credentials
        self._now = now
        self._nonce = nonce

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add `SecretId`, `Nonce`, `Timestamp`, the token of temporary credentials, and `Signature`."""
        parts = urlsplit(request.url or "")
        body = request.body or b""
        text = body if isinstance(body, str) else bytes(body).decode()
        fields = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)))
        fields |= {
            "SecretId": self._credentials.key_id,
            "Nonce": str(self._nonce()),
            "Timestamp": str(int(self._now())),
            "SignatureMethod": "HmacSHA256",
        }
        if self._credentials.token:
            fields["Token"] = self._credentials.token
        fields["Signature"] = sign(
            self._credentials, method=request.method or "POST", host=parts.netloc, path=parts.path, fields=fields
        )
        request.headers["Host"] = parts.netloc
        request.body = urlencode(fields).encode()
        return request


def sign(credentials: Credentials, *, method: str, host: str, path: str, fields: Mapping[str, str]) -> str:
    """The value of `Signature`: over the raw values, sorted by the bytes of their names."""
    signed = (
        f"{name.replace('_', '.')}={value}"
        for name, value in sorted(fields.items())
        # The vendor's rule: in a POST such a value stands for a file and is not signed.
        if not (method == "POST" and value.startswith("@"))
    )
    text = f"{method}{host}{path}?{'&'.join(signed)}"
    digest = hmac.digest(credentials.secret.encode(), text.encode(), METHODS[fields["SignatureMethod"]])
    return base64.b64encode(digest).decode()


def credentials_for(target: Target, environ: Mapping[str, str]) -> Credentials:
    """Environment variables first, then the SDK's profile file; raises `CredentialsError`."""
    return find_credentials(target, environ, VARIABLES, _profile)


def _profile(environ: Mapping[str, str], name: str) -> Credentials | None:
    for file in PROFILE_FILES:
        section = read_ini(Path(environ.get("HOME", "/nonexistent")) / file, name)
        if section and section.get("secret_id") and section.get("secret_key"):
            return Credentials(section["secret_id"], section["secret_key"], section.get("token", ""))
    return None
