"""Checks who sent a request to the instance gateway: headers, client key, signature, date.

The order of the checks is inferred [I]. The protocol has no nonce: the same request is good again while its date is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from kms_emulator.alibaba.access_model import ClientKey, client_keys
from kms_emulator.alibaba.client_keys import completed
from kms_emulator.alibaba.facts import SIGNATURE_WINDOW
from kms_emulator.alibaba.gateway_errors import CONTENT_TYPE, GatewayError, invalid_header, missing_header
from kms_emulator.contract import Context, Request, Scope

API_NAME, API_VERSION, SIGNATURE_METHOD = "x-kms-apiname", "x-kms-apiversion", "x-kms-signaturemethod"
ACCESS_KEY_ID = "x-kms-acccesskeyid"  # three times the letter c, as the vendor's packages send and sign it [S5 run]
_SHA256 = "content-sha256"
_METHOD = "RSA_PKCS1_SHA_256"
_PREFIX = "x-kms-"
_DATE = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT")
_AUTHORIZATION = re.compile(r"(?:Bearer|TOKEN) ([A-Za-z0-9+/]+={0,2})")  # the second form is in the documents [S17]


@dataclass(frozen=True)
class Caller:
    """The client key that signed, and where it belongs."""

    key: ClientKey
    scope: Scope


def check_headers(request: Request) -> None:
    """Refuse what can be seen without knowing the client key; names and versions of calls are checked elsewhere."""
    if request.method != "POST" or request.path != "/":
        raise GatewayError("InvalidParam", "POST / is the only request.")
    if request.headers.get("content-type", "") != CONTENT_TYPE:
        raise invalid_header("ContentType")
    for name in (ACCESS_KEY_ID, SIGNATURE_METHOD, _SHA256):
        if not request.headers.get(name):
            raise missing_header(name)
    if request.headers[SIGNATURE_METHOD] != _METHOD:
        raise invalid_header("SignatureMethod")


def authenticate(request: Request, context: Context) -> Caller:
    """The caller, if the request is good."""
    check_headers(request)
    signed_at = _date(request.headers.get("date", ""))
    signature = _signature(request.headers.get("authorization", ""))
    caller = _caller(request.headers[ACCESS_KEY_ID], context)
    digest = hashlib.sha256(request.get_data(cache=True)).hexdigest().upper()
    if not hmac.compare_digest(digest.encode(), request.headers[_SHA256].encode()):
        raise GatewayError("SignatureNotMatch", "content-sha256 is not the digest of the body.")
    _verify(caller.key.certificate, signature, string_to_sign(request))
    if abs(signed_at - context.signing_time) > SIGNATURE_WINDOW:
        raise GatewayError("RequestTimeTooSkewed")
    return caller


def string_to_sign(request: Request) -> str:
    """What the signature covers."""
    headers = {name.lower(): value.strip() for name, value in request.headers.items()}
    own = sorted(name for name in headers if name.startswith(_PREFIX))
    first = (request.method, headers.get(_SHA256, ""), headers.get("content-type", ""), headers.get("date", ""))
    return "\n".join([*first, *(f"{name}:{headers[name]}" for name in own), "/"])


def _date(text: str) -> float:
    try:
        if _DATE.fullmatch(text):
            return parsedate_to_datetime(text).timestamp()
    except ValueError:
        pass
    raise invalid_header("Date")


def _signature(text: str) -> bytes:
    found = _AUTHORIZATION.fullmatch(text)
    try:
        if found:
            return base64.b64decode(found[1], validate=True)
    except binascii.Error:
        pass
    raise invalid_header("Authorization")


def _caller(identifier: str, context: Context) -> Caller:
    """The client key with this id, in whichever account: the request does not name one."""
    for account in dict.fromkeys(entry.account for entry in context.directory.of_cloud(context.cloud)):
        keys = client_keys(context, account)
        document = keys.get(identifier)
        if document is None:
            continue
        key = completed(keys, ClientKey.load(document), context.now)
        if not key.not_before <= context.now <= key.not_after:
            raise GatewayError("Unauthorized", "The client key is not valid at this time.")
        return Caller(key, Scope(account, key.region))
    raise GatewayError("Unauthorized")


def _verify(certificate: str, signature: bytes, text: str) -> None:
    public = x509.load_pem_x509_certificate(certificate.encode("ascii")).public_key()
    if not isinstance(public, rsa.RSAPublicKey):
        raise TypeError("a client key is an RSA key")
    try:
        public.verify(signature, text.encode("latin-1", "replace"), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise GatewayError("SignatureNotMatch") from None
