"""Signatures of the Tencent Cloud API: TC3-HMAC-SHA256, and version 1 (HmacSHA1, HmacSHA256)."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

ALGORITHM = "TC3-HMAC-SHA256"
OBLIGATORY = frozenset({"content-type", "host"})
UNSIGNED = "UNSIGNED-PAYLOAD"
V1_METHODS = {"HmacSHA1": "sha1", "HmacSHA256": "sha256"}
_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 +Credential=(?P<id>[^/,\s]+)/(?P<date>\d{4}-\d\d-\d\d)/(?P<service>[a-z0-9_-]+)/tc3_request *, *"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+) *, *Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True)
class Authorization:
    """A parsed ``Authorization`` header."""

    secret_id: str
    date: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str

    @classmethod
    def parse(cls, text: str) -> Authorization | None:
        """Read the header; ``None`` when it is not well formed or leaves an obligatory header unsigned."""
        found = _AUTHORIZATION.fullmatch(text.strip())
        if found is None:
            return None
        headers = tuple(found["headers"].split(";"))
        if not set(headers) >= OBLIGATORY or list(headers) != sorted(set(headers)):
            return None
        return cls(found["id"], found["date"], found["service"], headers, found["signature"])


def utc_date(timestamp: int) -> str:
    """The calendar date that belongs to a timestamp in the credential scope."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")


def tc3_signature(
    secret: str, given: Authorization, timestamp: int, *, method: str, query: str, headers: Mapping[str, str],
    payload: bytes,
) -> str:  # fmt: skip
    """The signature a request should have. ``headers`` maps lower-case names to values as received."""
    lines = "".join(f"{name}:{headers.get(name, '').strip().lower()}\n" for name in given.signed_headers)
    canonical = "\n".join(
        (method, "/", query, lines, ";".join(given.signed_headers), hashlib.sha256(payload).hexdigest())
    )
    scope = f"{given.date}/{given.service}/tc3_request"
    digest = hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    text = f"{ALGORITHM}\n{timestamp}\n{scope}\n{digest}"
    return hmac.new(_signing_key(secret, given.date, given.service), text.encode(), hashlib.sha256).hexdigest()


@functools.lru_cache(maxsize=256)
def _signing_key(secret: str, date: str, service: str) -> bytes:
    key = f"TC3{secret}".encode()
    for part in (date, service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def v1_signature(secret: str, method: str, host: str, parameters: Mapping[str, str]) -> str:
    """The version 1 signature over all parameters but ``Signature``; the hash is named by ``SignatureMethod``."""
    names = {name.replace("_", "."): value for name, value in parameters.items() if name != "Signature"}
    joined = "&".join(f"{name}={names[name]}" for name in sorted(names))
    hashed = V1_METHODS[parameters.get("SignatureMethod", "HmacSHA1")]
    text = f"{method}{host}/?{joined}".encode("utf-8", "surrogateescape")
    return base64.b64encode(hmac.new(secret.encode(), text, hashed).digest()).decode()


def equal(expected: str, given: str) -> bool:
    """Compare in constant time; the given text may hold anything."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape"))
