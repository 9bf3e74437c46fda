"""Who sent a request: access key, signature, time window and nonce."""

from __future__ import annotations

import hmac

from kms_emulator.contract import Context, Principal
from kms_emulator.tencent_legacy import facts
from kms_emulator.tencent_legacy.facts import ApiError, Code
from kms_emulator.tencent_legacy.wire import Incoming, signature

ACCOUNTS = "tencent"
"""The accounts are those of Tencent Cloud: one access key serves both generations of the API."""

_REQUIRED = ("SecretId", "Nonce", "Timestamp", "Signature")


def authenticate(incoming: Incoming, context: Context) -> Principal:
    """The owner of the access key, once the request is proven to be theirs and new."""
    for name in _REQUIRED:
        if not incoming.common(name):
            raise ApiError(Code.MISSING_PARAMETER, f"{name} is missing")
    if not incoming.common("SecretId").startswith(facts.SECRET_ID_PREFIX):
        raise ApiError(Code.SECRET_ID_FORMAT, f"SecretId must begin with {facts.SECRET_ID_PREFIX}")
    method = incoming.common("SignatureMethod")
    if method and method not in facts.METHODS:
        raise ApiError(Code.BAD_PARAMETER, f"SignatureMethod is one of {', '.join(facts.METHODS)}")
    timestamp, nonce = _number(incoming, "Timestamp"), _number(incoming, "Nonce")
    principal = context.directory.find(ACCOUNTS, incoming.common("SecretId"))
    if principal is None:
        raise ApiError(Code.SECRET_ID_UNKNOWN, "SecretId is not found")
    if abs(context.signing_time - timestamp) > facts.CLOCK_SKEW:
        raise ApiError(Code.AUTHENTICATION_FAILED, "the signature has expired")
    expected = signature(principal.secret, incoming.method, incoming.host, incoming.parameters)
    if not _equal(expected, incoming.common("Signature")):
        raise ApiError(Code.AUTHENTICATION_FAILED, "the signature is wrong")
    if not _equal(principal.token, incoming.common("Token")):
        raise ApiError(Code.AUTHENTICATION_FAILED, "the token is wrong")
    # Both bounds of the window, because a timestamp may lie ahead by as much as it may lie behind.
    if not context.replay.first_use(principal.access_key_id, f"{timestamp} {nonce}", 2 * facts.CLOCK_SKEW):
        raise ApiError(Code.AUTHENTICATION_FAILED, "the nonce was used before")
    return principal


def _number(incoming: Incoming, name: str) -> int:
    text = incoming.common(name)
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text)):
        raise ApiError(Code.WRONG_TYPE, f"{name} is not a positive integer")
    return int(text)


def _equal(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())
