"""The check of an access point's signature: an HMAC over an MD5 of the values, the date and the path [S6]."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from kms_emulator.contract import Call, Collection, Context, Document
from kms_emulator.ctyun.tenant_facts import DATE_FORM, ZONE_HOURS
from kms_emulator.ctyun.terms import (
    TENANT_DATE,
    TENANT_DISABLED,
    TENANT_HEADER,
    TENANT_MISMATCH,
    TENANT_UNKNOWN,
    Refusal,
)
from kms_emulator.ctyun.uses import TENANT_ENABLED

ACCESS_KEY, DATE, HMAC = "accessKey", "requestDate", "hmac"
HEADERS = (ACCESS_KEY, DATE, HMAC)


def verify(call: Call, context: Context, body: Mapping[str, Any], tenants: Collection) -> Document:
    """The credential of a good signature. Order [I?]: headers, access key, signature, state, date."""
    headers = call.request.headers
    for name in HEADERS:
        if not headers.get(name):
            raise Refusal(TENANT_HEADER, name)
    tenant = tenants.get(headers[ACCESS_KEY])
    if tenant is None:
        raise Refusal(TENANT_UNKNOWN)
    wanted = signature(tenant["secret"], tenant["id"], headers[DATE], call.request.path, body)
    if not hmac.compare_digest(wanted.encode(), headers[HMAC].encode()):
        raise Refusal(TENANT_MISMATCH)
    if tenant["status"] != TENANT_ENABLED:
        raise Refusal(TENANT_DISABLED)
    _check_date(headers[DATE], context)
    return tenant


def signature(secret: str, access_key: str, date: str, path: str, body: Mapping[str, Any]) -> str:
    """The signature of a request."""
    text = f"{content_md5(access_key, body)}\n{date}\n{path}"
    return b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def content_md5(access_key: str, body: Mapping[str, Any]) -> str:
    """The MD5 of the values in the order of their names, the access key among them."""
    values = {**body, ACCESS_KEY: access_key}
    text = "\n".join(_written(values[name]) for name in sorted(values, key=lambda name: name.encode()))
    return b64encode(hashlib.md5(text.encode(), usedforsecurity=False).digest()).decode()


def _written(value: object) -> str:
    """Texts as they are, flags as ``true`` and ``false`` [S6]; nothing as nothing, the rest as compact JSON [I?]."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _check_date(text: str, context: Context) -> None:
    """Like ``Wed, 16 Jul 2025 15:47:53 CST`` [S6]; the window is that of the gateway [I?]."""
    written, _, zone = text.rpartition(" ")
    try:
        moment = datetime.strptime(written, DATE_FORM).replace(tzinfo=UTC) - timedelta(hours=ZONE_HOURS[zone])
    except (ValueError, KeyError):
        raise Refusal(TENANT_DATE, "it must be like Wed, 16 Jul 2025 15:47:53 CST") from None
    span = timedelta(minutes=float(context.switch("clock_window_minutes")))
    if abs(moment - datetime.fromtimestamp(context.signing_time, UTC)) > span:
        raise Refusal(TENANT_DATE, "it is too far from the time of the service")
