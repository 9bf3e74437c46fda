"""Requests as the gateway reads them, and answers as it writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from kms_emulator.alibaba.errors import VendorError
from kms_emulator.alibaba.facts import DEFAULT_REGION, STS_VERSION, VERSION
from kms_emulator.contract import Answer, Call, Request, raw_target

Pairs = tuple[tuple[str, str], ...]

# Parameters of the legacy form that every action takes.
COMMON = frozenset({
    "Action", "Version", "Format", "AccessKeyId", "SignatureMethod", "SignatureVersion", "SignatureNonce",
    "SignatureType", "Timestamp", "SecurityToken", "Signature", "RegionId",
})  # fmt: skip

_FORM = "application/x-www-form-urlencoded"
_REGION_IN_HOST = re.compile(r"kms(?:-vpc)?\.([a-z]+-[a-z0-9-]+)\.")
_CREDENTIAL = re.compile(r"Credential=([^,\s]*)")


class Scheme(StrEnum):
    """How a request is signed."""

    ACS3 = "ACS3-HMAC-SHA256"
    RPC = "RPC"
    OTHER = "other"


@dataclass(frozen=True)
class Message:
    """A request taken apart, not yet verified. ``problem`` is set when it cannot be taken apart."""

    scheme: Scheme
    action: str
    version: str
    access_key_id: str
    query: Pairs = field(repr=False)
    form: Pairs = field(repr=False)
    xml: bool = False
    problem: VendorError | None = None

    @property
    def parameters(self) -> dict[str, str]:
        """Query and form together: the gateway does not care where a parameter stands."""
        return dict(self.query) | dict(self.form)


def is_ours(request: Request) -> bool:
    """Whether a request is for this cloud, by its headers or its common parameters."""
    headers = request.headers
    if headers.get("Authorization", "").startswith("ACS3-") or "x-acs-version" in headers or "x-acs-action" in headers:
        return True
    values = request.args.to_dict() | request.form.to_dict()
    return values.get("Version") == VERSION or ("AccessKeyId" in values and "SignatureMethod" in values)


def read_message(request: Request) -> Message:
    """Take a request apart."""
    problem = None
    query: Pairs = ()
    form: Pairs = ()
    try:
        query = _pairs(raw_target(request)[1])
        if request.mimetype == _FORM:
            form = _pairs(request.get_data(cache=True).decode("ascii"))
    except ValueError:
        problem = VendorError("ParseRequestParameterException")
    both = dict(query) | dict(form)
    authorization = request.headers.get("Authorization", "")
    # The legacy package also sends x-acs-action, so only the signature itself tells the two schemes apart.
    if authorization:
        scheme = Scheme.ACS3 if authorization.split(" ", 1)[0] == Scheme.ACS3 else Scheme.OTHER
        named = _CREDENTIAL.search(authorization)
        names = (request.headers.get("x-acs-action", ""), request.headers.get("x-acs-version", ""))
        return Message(scheme, *names, named[1] if named else "", query, form, problem=problem)
    action = both.get("Action") or request.headers.get("x-acs-action", "")
    version = both.get("Version") or request.headers.get("x-acs-version", "")
    return Message(
        Scheme.RPC if "Signature" in both else Scheme.OTHER, action, version, both.get("AccessKeyId", ""), query, form,
        # XML when no form is named is the habit of this old style.
        xml=both.get("Format", "JSON" if "Signature" not in both else "XML").upper() != "JSON", problem=problem,
    )  # fmt: skip


def region_of(request: Request, message: Message) -> str:
    """The region a request is for: from the host name as at the vendor, else as told, else the usual one.

    An emulator answers under one address, so a client that means another region than the usual one says so with a
    host such as ``kms.cn-beijing.localhost``, with the header ``x-acs-region-id``, or, in the legacy form whose
    package always sends it, with the parameter ``RegionId``.
    """
    found = _REGION_IN_HOST.match(request.headers.get("Host", "").lower())
    if found:
        return found[1]
    told = request.headers.get("x-acs-region-id", "")
    if not told and message.scheme is Scheme.RPC:
        told = message.parameters.get("RegionId", "")
    return told or DEFAULT_REGION


def _pairs(text: str) -> Pairs:
    return tuple(parse_qsl(text, keep_blank_values=True, errors="strict")) if text else ()


def success(call: Call, payload: Mapping[str, object], key: str) -> Answer:
    """A result: always with the id of the request."""
    return _render(call, 200, {"RequestId": call.request_id, **payload}, key=key)


def failure(call: Call, error: VendorError) -> Answer:
    """A refusal in the vendor's envelope."""
    body: dict[str, object] = {
        "RequestId": call.request_id, "HostId": call.request.headers.get("Host", ""), "Code": error.code,
        "Message": error.message, "HttpStatus": error.status,
    }  # fmt: skip
    if error.detail is not None:
        body |= {"AccessDeniedDetail": error.detail}
    return _render(call, error.status, body, error=error.code)


def _render(call: Call, status: int, body: Mapping[str, object], *, error: str = "", key: str = "") -> Answer:
    headers = {"x-acs-request-id": call.request_id}
    if isinstance(call.data, Message) and call.data.xml:
        text = f'<?xml version="1.0" encoding="UTF-8"?>{_element(_root(call, error), body)}'
        return Answer(status, text.encode(), "text/xml; charset=utf-8", headers, error, key)
    return Answer.json(body, status=status, error=error, key=key, headers=headers)


def _root(call: Call, error: str) -> str:
    """The root element: KMS has one name for it, the token service one for each action and one for errors."""
    if call.data.version != STS_VERSION:
        return "KMS"
    return "Error" if error else f"{call.action}Response"


def _element(name: str, value: object) -> str:
    match value:
        case Mapping():
            inner = "".join(_element(str(member), entry) for member, entry in value.items())
            return f"<{name}>{inner}</{name}>"
        case list() | tuple():
            return "".join(_element(name, entry) for entry in value)
        case bool():
            return f"<{name}>{str(value).lower()}</{name}>"
        case _:
            return f"<{name}>{escape(str(value))}</{name}>"
