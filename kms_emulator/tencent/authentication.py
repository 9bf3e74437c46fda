"""Who sent a request: time window, access key, signature and token, in the vendor's order."""

from __future__ import annotations

from kms_emulator.contract import Context, Principal, Request, raw_target
from kms_emulator.tencent import facts
from kms_emulator.tencent.errors import ApiError, Code, missing
from kms_emulator.tencent.sessions import Caller, find_caller
from kms_emulator.tencent.signature import UNSIGNED, V1_METHODS, Authorization, equal, tc3_signature, utc_date
from kms_emulator.tencent.signature import v1_signature as expected_v1
from kms_emulator.tencent.wire import Incoming

_V1_REQUIRED = ("Nonce", "SecretId", "Signature")


def authenticate(incoming: Incoming, request: Request, context: Context) -> Caller:
    """The owner of the access key, once the request is proven to be theirs."""
    if not incoming.timestamp:
        raise missing("Timestamp")
    if request.method not in ("GET", "POST") or request.path != "/":
        raise ApiError(Code.INVALID_REQUEST, "The API takes GET and POST of the path `/`.")
    if incoming.v1 is not None:
        _check_v1_form(incoming)
    elif incoming.authorization is None:
        raise ApiError(Code.INVALID_AUTHORIZATION, "The `Authorization` header is not well formed.")
    caller = find_caller(incoming.secret_id, context)
    if caller is None:
        raise ApiError(Code.SECRET_ID_NOT_FOUND, "The SecretId is not found.")
    principal = caller.principal
    timestamp = _timestamp(incoming.timestamp)
    if abs(context.signing_time - timestamp) > facts.CLOCK_SKEW:
        raise ApiError(Code.SIGNATURE_EXPIRE, "The signature has expired; check the local time.")
    if not _signed(incoming, request, principal, timestamp):
        message = "The provided credentials could not be validated. Please check your signature is correct."
        raise ApiError(Code.SIGNATURE_FAILURE, message)
    if not equal(principal.token, incoming.token):
        raise ApiError(Code.TOKEN_FAILURE, "The token is not valid.")
    if caller.is_over(context.now):
        raise ApiError(Code.TOKEN_FAILURE, "The token has expired.")
    return caller


def _check_v1_form(incoming: Incoming) -> None:
    given = incoming.v1 or {}
    for name in _V1_REQUIRED:
        if not given.get(name):
            raise missing(name)
    if given.get("SignatureMethod", "HmacSHA1") not in V1_METHODS:
        raise ApiError(Code.INVALID_AUTHORIZATION, f"`SignatureMethod` is one of {', '.join(V1_METHODS)}.")


def _timestamp(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 11):
        raise ApiError(Code.INVALID_PARAMETER, "`Timestamp` is not a number of seconds.")
    return int(text)


def _signed(incoming: Incoming, request: Request, principal: Principal, timestamp: int) -> bool:
    if incoming.v1 is not None:
        expected = expected_v1(principal.secret, request.method, incoming.host, incoming.v1)
        return equal(expected, incoming.v1.get("Signature", ""))
    given = incoming.authorization
    return given is not None and _signed_tc3(given, request, principal, timestamp)


def _signed_tc3(given: Authorization, request: Request, principal: Principal, timestamp: int) -> bool:
    payload = request.get_data(cache=True) if request.method == "POST" else b""
    if request.headers.get("X-TC-Content-SHA256") == UNSIGNED:
        payload = UNSIGNED.encode()
    expected = tc3_signature(
        principal.secret, given, timestamp, method=request.method,
        query=raw_target(request)[1] if request.method == "GET" else "",
        headers={name.lower(): value for name, value in request.headers.items()}, payload=payload,
    )  # fmt: skip
    return given.date == utc_date(timestamp) and equal(expected, given.signature)
