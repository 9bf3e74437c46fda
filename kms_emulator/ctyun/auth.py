"""The check of the gateway's signature (EOP), over the bytes and the query exactly as received."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from werkzeug.datastructures import Headers

from kms_emulator.contract import Call, Context, Principal, raw_target

REQUEST_ID, DATE, AUTHORIZATION = "ctyun-eop-request-id", "eop-date", "eop-authorization"
COMPULSORY = (REQUEST_ID, DATE)  # [S1][S15]
# Pages print both spellings, code sends "Headers=" [S15][S1].
_FORM = re.compile(r"(?P<ak>\S+) Headers?=(?P<names>\S+) Signature=(?P<signature>\S+)")
_CHINA = timedelta(hours=8)
_REPLAY_SECONDS = 3_600

# The gateway's codes: 10002 and 10009 were seen in answers of other products of the same gateway [S18][S19], the rest
# are coined and look it [I?].
AK_UNKNOWN, MISMATCH = "10002", "10009"
HEADER_MISSING, FORM, NOT_SIGNED, DATE_FORM, EXPIRED, REPLAYED = "19001", "19002", "19003", "19004", "19005", "19006"


class BadSignature(Exception):  # noqa: N818 - an answer, not a failure
    """The gateway does not let the request through."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


def access_key_id(authorization: str) -> str:
    """The access key id a request claims, for finding the account; nothing is verified."""
    return authorization.partition(" ")[0]


def verify(call: Call, context: Context) -> Principal:
    """The owner of a good signature. Order: headers, access key, signature, time, replay."""
    headers = call.request.headers
    form = _authorization(headers)
    principal = context.directory.find(context.cloud, form["ak"])
    if principal is None:
        raise BadSignature(AK_UNKNOWN, "the access key does not exist")
    header_text = "".join(f"{name}:{headers[name]}\n" for name in _signed(form["names"], headers))
    digest, date = hashlib.sha256(call.body).hexdigest(), headers[DATE]
    found = [
        hmac.compare_digest(
            signature(principal.secret, principal.access_key_id, date, f"{header_text}\n{query}\n{digest}").encode(),
            form["signature"].encode(),
        )
        for query in _queries(raw_target(call.request)[1])
    ]
    if not any(found):
        raise BadSignature(MISMATCH, "signature verification failed")
    _check_time(date, context)
    if context.switch("refuse_replay") and not context.replay.first_use(
        f"{context.cloud}/{principal.access_key_id}", headers[REQUEST_ID], _REPLAY_SECONDS
    ):
        raise BadSignature(REPLAYED, f"the {REQUEST_ID} was used before")
    return principal


def _authorization(headers: Headers) -> re.Match[str]:
    """The parts of Eop-Authorization; all three headers must be there."""
    for name in (*COMPULSORY, AUTHORIZATION):
        if not headers.get(name):
            raise BadSignature(HEADER_MISSING, f"the header {name} is missing")
    form = _FORM.fullmatch(headers[AUTHORIZATION].strip())
    if form is None:
        raise BadSignature(FORM, "Eop-Authorization is not of the form AK Headers=… Signature=…")
    return form


def _signed(text: str, headers: Headers) -> list[str]:
    """The names of the signed headers in the order signed."""
    names = text.lower().split(";")
    for name in COMPULSORY:
        if name not in names:
            raise BadSignature(NOT_SIGNED, f"the header {name} is not signed")
    for name in names:
        if name not in headers:
            raise BadSignature(HEADER_MISSING, f"the signed header {name} is missing")
    return names


def signature(secret: str, access_key: str, date: str, text: str) -> str:
    """The signature of a text: three derived keys, then Base64 of the HMAC [S1][S14]."""
    k_time = _hmac(secret.encode(), date)
    k_date = _hmac(_hmac(k_time, access_key), date[:8])
    return b64encode(_hmac(k_date, text)).decode()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _queries(raw: str) -> Iterator[str]:
    """The forms in which sources sign the query: as sent, sorted [S14], and decoded [S1]."""
    yield raw
    if raw:
        yield "&".join(sorted(raw.split("&")))
        yield "&".join(f"{name}={value}" for name, value in sorted(parse_qsl(raw, keep_blank_values=True)))


def _check_time(date: str, context: Context) -> None:
    try:
        written = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise BadSignature(DATE_FORM, f"{DATE} is not of the form yyyymmddTHHMMSSZ") from None
    # Clients write China's time behind a Z [S1][S14][S20], others mean the Z, so both readings count.
    now = datetime.fromtimestamp(context.signing_time, UTC)
    span = timedelta(minutes=float(context.switch("clock_window_minutes")))
    if min(abs(written - now), abs(written - now - _CHINA)) > span:
        raise BadSignature(EXPIRED, f"{DATE} is too far from the time of the service")
