"""Checks who sent a request: ACS3-HMAC-SHA256 and the legacy RPC signature, the time window, and replays.

The order of the checks is what the vendor's documents suggest [I]: known access key, right signature, fresh date, new
nonce. A nonce counts as used only after the signature was found good, or anybody could use up another's nonces.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote

from kms_emulator.alibaba.errors import VendorError, missing
from kms_emulator.alibaba.facts import SIGNATURE_WINDOW
from kms_emulator.alibaba.ram_model import Caller, find_caller
from kms_emulator.alibaba.wire import Message, Scheme
from kms_emulator.contract import Call, Context, Request, raw_target

_REQUIRED_HEADERS = (
    "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256",
)  # fmt: skip
_REQUIRED_PARAMETERS = ("Action", "Version", "AccessKeyId", "SignatureMethod", "SignatureVersion", "SignatureNonce")
_TIME = "%Y-%m-%dT%H:%M:%SZ"


def authenticate(call: Call, message: Message, context: Context) -> Caller:
    """The owner of the access key, if the request is good; else a ``VendorError``."""
    if message.scheme is Scheme.OTHER:
        raise VendorError("IncompleteSignature", "The request has no signature of a supported kind.")
    parts = _acs3_parts(call.request) if message.scheme is Scheme.ACS3 else _rpc_parts(message)
    date, nonce, token = parts
    caller = find_caller(message.access_key_id, context)
    if caller is None:
        raise VendorError("InvalidAccessKeyId.NotFound")
    principal = caller.principal
    if message.scheme is Scheme.ACS3:
        _check_acs3(call, message, principal.secret)
    else:
        _check_rpc(call.request.method, message, principal.secret)
    if not hmac.compare_digest(token.encode(), principal.token.encode()):
        raise VendorError("InvalidSecurityToken.MismatchWithAccessKey")
    if caller.session is not None and caller.session.expires <= context.now:
        raise VendorError("InvalidSecurityToken.Expired")
    try:
        signed = datetime.strptime(date, _TIME).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise VendorError("IllegalTimestamp", "The date is not of the form 2016-01-20T08:00:00Z.") from None
    if abs(signed - context.signing_time) > SIGNATURE_WINDOW:
        raise VendorError("IllegalTimestamp", "The date is more than 15 minutes from the time of the service.")
    # A date may be as early as it may be late, so a request stays fresh for twice the window.
    if not context.replay.first_use(f"{context.cloud}/{message.access_key_id}", nonce, 2 * SIGNATURE_WINDOW):
        raise VendorError("SignatureNonceUsed")
    return caller


def _acs3_parts(request: Request) -> tuple[str, str, str]:
    for name in _REQUIRED_HEADERS:
        if not request.headers.get(name):
            raise VendorError("IllegalTimestamp") if name == "x-acs-date" else missing(name)
    headers = request.headers
    return headers["x-acs-date"], headers["x-acs-signature-nonce"], headers.get("x-acs-security-token", "")


def _rpc_parts(message: Message) -> tuple[str, str, str]:
    given = message.parameters
    for name in _REQUIRED_PARAMETERS:
        if not given.get(name):
            raise missing(name)
    if (given["SignatureMethod"], given["SignatureVersion"]) != ("HMAC-SHA1", "1.0"):
        raise VendorError("IncompleteSignature", "SignatureMethod HMAC-SHA1 and SignatureVersion 1.0 are supported.")
    return given.get("Timestamp", ""), given["SignatureNonce"], given.get("SecurityToken", "")


def encoded(text: str) -> str:
    """Percent-encoded as both schemes want it: only letters, digits and ``-_.~`` stay."""
    return quote(text, safe="")


def _joined(pairs: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{encoded(name)}={encoded(value)}" for name, value in sorted(pairs))


def _check_acs3(call: Call, message: Message, secret: str) -> None:
    request = call.request
    _, _, rest = request.headers["Authorization"].partition(" ")
    fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    signed = fields.get("SignedHeaders", "").split(";")
    covered = {"host"} | {name for name, _ in _lower(request) if name.startswith("x-acs-") or name == "content-type"}
    unsigned = sorted(covered - set(signed))
    if unsigned:
        raise VendorError("IncompleteSignature", f"SignedHeaders does not name {', '.join(unsigned)}.")
    digest = hashlib.sha256(call.body).hexdigest()
    if request.headers["x-acs-content-sha256"] != digest:
        raise VendorError("IncompleteSignature", "x-acs-content-sha256 is not the digest of the body.")
    lines = [
        request.method, raw_target(request)[0] or "/", _joined(message.query),
        *(f"{name}:{request.headers.get(name, '').strip()}" for name in sorted(signed)), "",
        ";".join(signed), digest,
    ]  # fmt: skip
    # Header values come in as Latin-1; this gives back the bytes that were sent.
    canonical = hashlib.sha256("\n".join(lines).encode("latin-1", "replace")).hexdigest()
    made = hmac.new(secret.encode(), f"{Scheme.ACS3}\n{canonical}".encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(made.encode(), fields.get("Signature", "").encode()):
        raise VendorError("IncompleteSignature")


def _lower(request: Request) -> list[tuple[str, str]]:
    # Werkzeug names Content-Type even when the client sent an empty one.
    return [(name.lower(), value) for name, value in request.headers.items() if value]


def _check_rpc(method: str, message: Message, secret: str) -> None:
    pairs = [pair for pair in (*message.query, *message.form) if pair[0] != "Signature"]
    text = f"{method}&{encoded('/')}&{encoded(_joined(pairs))}"
    made = base64.b64encode(hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest())
    if not hmac.compare_digest(made, message.parameters["Signature"].encode()):
        raise VendorError("IncompleteSignature")
