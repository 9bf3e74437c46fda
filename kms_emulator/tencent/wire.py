"""Requests of the Tencent Cloud API as they arrive (JSON, GET, version 1 form), and its answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from kms_emulator.contract import Answer, Call, Request, raw_target
from kms_emulator.tencent import facts
from kms_emulator.tencent.errors import ApiError, Code
from kms_emulator.tencent.signature import Authorization

JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"
_DEEPEST = 8
_COMMON = ("Action", "Version", "Region", "Timestamp", "Nonce", "SecretId", "SignatureMethod", "Signature", "Token",
           "Language", "RequestClient")  # fmt: skip


@dataclass(frozen=True)
class Incoming:
    """A request in the vendor's terms, not yet verified.

    ``v1`` holds all parameters of a version 1 request, and is ``None`` for one signed with TC3. ``textual`` says that
    the values came as text (a query or a form), so that numbers must be read out of it. ``problem`` is what is wrong
    with the body, reported only after the signature was found good.
    """

    action: str
    version: str
    region: str
    timestamp: str
    token: str = field(repr=False)
    secret_id: str = ""
    host: str = ""
    authorization: Authorization | None = field(default=None, repr=False)
    v1: Mapping[str, str] | None = field(default=None, repr=False)
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)
    textual: bool = False
    problem: ApiError | None = None


def is_tencent(request: Request) -> bool:
    """Whether a request speaks this API: by its headers, or by the parameters of signature version 1."""
    headers = request.headers
    if "X-TC-Action" in headers or headers.get("Authorization", "").startswith("TC3-"):
        return True
    if request.path != "/":
        return False
    text = raw_target(request)[1] if request.method == "GET" else ""
    if request.method == "POST" and request.mimetype == FORM_TYPE:
        text = request.get_data(cache=True).decode("utf-8", "replace")
    names = {part.partition("=")[0] for part in text.split("&")}
    return {"SecretId", "Signature"} <= names


def read(request: Request) -> Incoming:
    """Parse a request; never refuses, because the order of checks begins with the signature."""
    return _read_v3(request) if _is_v3(request) else _read_v1(request)


def _is_v3(request: Request) -> bool:
    return "X-TC-Action" in request.headers or "Authorization" in request.headers


def _read_v3(request: Request) -> Incoming:
    headers = request.headers
    authorization = Authorization.parse(headers.get("Authorization", ""))
    parameters: Mapping[str, Any] = {}
    problem: ApiError | None = None
    textual = request.method == "GET"
    try:
        parameters = nested(pairs(raw_target(request)[1])) if textual else _json_object(request)
    except ApiError as found:
        problem = found
    return Incoming(
        action=headers.get("X-TC-Action", ""), version=headers.get("X-TC-Version", ""),
        region=headers.get("X-TC-Region", ""), timestamp=headers.get("X-TC-Timestamp", ""),
        token=headers.get("X-TC-Token", ""), secret_id=authorization.secret_id if authorization else "",
        host=headers.get("Host", ""), authorization=authorization, parameters=parameters, textual=textual,
        problem=problem or _too_large(request, facts.LARGEST_POST_V3),
    )  # fmt: skip


def _read_v1(request: Request) -> Incoming:
    problem = None
    given: Mapping[str, str] = {}
    parameters: Mapping[str, Any] = {}
    data = request.get_data(cache=True)
    try:
        given = pairs(raw_target(request)[1] if request.method == "GET" else data.decode("utf-8", "surrogateescape"))
        parameters = nested({name: value for name, value in given.items() if name not in _COMMON})
    except ApiError as found:
        problem = found
    return Incoming(
        action=given.get("Action", ""), version=given.get("Version", ""), region=given.get("Region", ""),
        timestamp=given.get("Timestamp", ""), token=given.get("Token", ""), secret_id=given.get("SecretId", ""),
        host=request.headers.get("Host", ""), v1=given, parameters=parameters, textual=True,
        problem=problem or _too_large(request, facts.LARGEST_POST_V1),
    )  # fmt: skip


def _too_large(request: Request, largest_post: int) -> ApiError | None:
    length = len(raw_target(request)[1]) if request.method == "GET" else len(request.get_data(cache=True))
    limit = facts.LARGEST_GET if request.method == "GET" else largest_post
    if length <= limit:
        return None
    return ApiError(Code.REQUEST_SIZE_LIMIT_EXCEEDED, f"The request has {length} bytes; at most {limit} are allowed.")


def _json_object(request: Request) -> Mapping[str, Any]:
    if request.mimetype != JSON_TYPE:
        raise ApiError(Code.UNSUPPORTED_PROTOCOL, f"The content type `{request.mimetype}` is not supported.")
    try:
        content = json.loads(request.get_data(cache=True) or b"{}", object_pairs_hook=_no_repetition)
    except (ValueError, RecursionError):
        raise ApiError(Code.INVALID_PARAMETER, "The body is not JSON.") from None
    if not isinstance(content, dict):
        raise ApiError(Code.INVALID_PARAMETER, "The body is not a JSON object.")
    return content


def _no_repetition(entries: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(entries)
    if len(content) != len(entries):
        raise ApiError(Code.INVALID_PARAMETER, "A JSON object in the body has a repeated name.")
    return content


def pairs(text: str) -> dict[str, str]:
    """The decoded parameters of a query or form; a repeated name is refused."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, errors="surrogateescape"):
        if name in found:
            raise ApiError(Code.INVALID_PARAMETER, f"The parameter `{name}` is given twice.")
        found[name] = value
    return found


def nested(flat: Mapping[str, str]) -> dict[str, Any]:
    """``{"Tags.0.TagKey": "a"}`` as ``{"Tags": [{"TagKey": "a"}]}``."""
    tree: dict[str, Any] = {}
    for name, value in flat.items():
        *path, last = name.split(".")
        if len(path) > _DEEPEST:
            raise ApiError(Code.INVALID_PARAMETER, "A parameter is nested too deeply.")
        branch = tree
        for step in path:
            following = branch.setdefault(step, {})
            if not isinstance(following, dict):
                raise ApiError(Code.INVALID_PARAMETER, f"The parameter `{name}` contradicts another one.")
            branch = following
        if last in branch:
            raise ApiError(Code.INVALID_PARAMETER, f"The parameter `{name}` contradicts another one.")
        branch[last] = value
    return {name: _listed(value) for name, value in tree.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if all(name.isascii() and name.isdigit() for name in value):
        return [_listed(value[name]) for name in sorted(value, key=int)]
    return {name: _listed(entry) for name, entry in value.items()}


def success(call: Call, fields: Mapping[str, object], key: str = "") -> Answer:
    """The answer to an action that was done."""
    return Answer.json({"Response": {**fields, "RequestId": call.request_id}}, key=key)


def failure(call: Call, code: Code, message: str, status: int = 200) -> Answer:
    """The answer to an action that was refused: HTTP 200 like any other."""
    error = {"Code": code.value, "Message": message}
    return Answer.json({"Response": {"Error": error, "RequestId": call.request_id}}, status=status, error=code.value)
