"""The private interface of an access point (应用接入点): paths without `/v1`, keys and a signature of its own.

Everything here was read in a third-party client [S6], github.com/OneHundred86/laravel-sm-ctyunkms; that its host is an
access point is inferred [I]. Nested values cannot be signed: how they enter the digest is not known.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from email.utils import formatdate
from urllib.parse import urlsplit

from requests.auth import AuthBase
from requests.models import PreparedRequest

from kms_resources.clouds.credentials import Credentials, Variables, endpoint, find_credentials
from kms_resources.clouds.ctyun.api import RATES, Api
from kms_resources.clouds.transport import transport_for
from kms_resources.errors import CredentialsError, InputError
from kms_resources.model import Gateway, Target

VARIABLES = Variables(key_id=("CTYUN_ACCESS_POINT_AK",), secret=("CTYUN_ACCESS_POINT_SK",))
ENDPOINT_VARIABLE = "KMS_ENDPOINT_CTYUN_ACCESS_POINT"
EVERYTHING = "*"
CHINA_SECONDS = 8 * 3600


class AccessPointAuth(AuthBase):
    """Signs a prepared request in place. Time is an argument, so that the vector can be checked."""

    def __init__(self, credentials: Credentials, now: Callable[[], float] = time.time) -> None:
        self._credentials = credentials
        self._now = now

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add `accessKey`, `requestDate` and `hmac`."""
        date = request_date(self._now())
        path = urlsplit(request.url or "").path
        request.headers["accessKey"] = self._credentials.key_id
        request.headers["requestDate"] = date
        request.headers["hmac"] = sign(self._credentials, json.loads(request.body or b"{}"), date, path)
        return request


def request_date(seconds: float) -> str:
    """A Unix time as the header has it: China's wall clock, whatever the locale."""
    return formatdate(seconds + CHINA_SECONDS, usegmt=True).removesuffix("GMT") + "CST"


def content_digest(fields: Mapping[str, object], access_key: str) -> str:
    """The MD5 that the scheme prescribes, over the values in the order of their names."""
    values = {name: _value(name, value) for name, value in fields.items()} | {"accessKey": access_key}
    text = "\n".join(values[name] for name in sorted(values, key=str.encode))
    return base64.b64encode(hashlib.md5(text.encode(), usedforsecurity=False).digest()).decode()


def sign(credentials: Credentials, fields: Mapping[str, object], date: str, path: str) -> str:
    """The value of `hmac`."""
    text = f"{content_digest(fields, credentials.key_id)}\n{date}\n{path}"
    return base64.b64encode(hmac.digest(credentials.secret.encode(), text.encode(), "sha256")).decode()


def _value(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return str(value)
    raise InputError(
        f"the field {name} cannot go through an access point", why="it is neither a text, a number, nor true or false"
    )


def wants(target: Target) -> bool:
    """Whether the target has a private door that is not wholly passed by."""
    return target.gateway is not None and EVERYTHING not in target.gateway.shared


def open_door(target: Target, environ: Mapping[str, str]) -> Api:
    """The private door of a target. Sends nothing. Raises `CredentialsError` and `InputError`."""
    gateway = target.gateway or Gateway(endpoint="")
    unused = {
        "client_key": gateway.client_key, "password": gateway.password, "ca": gateway.ca,
        "ignore_ssl": gateway.ignore_ssl or None,
    }  # fmt: skip
    for name, value in unused.items():
        if value is not None:
            raise InputError(
                f"gateway.{name} is not possible here",
                where=f"target {target.name}",
                why=f"an access point of CTYun takes {' and '.join((*VARIABLES.key_id, *VARIABLES.secret))}",
                advice="leave it out; a certificate authority of your own is named in REQUESTS_CA_BUNDLE",
            )
    default = f"https://{gateway.endpoint}" if gateway.endpoint else ""
    named = replace(target, cloud="ctyun_access_point")
    suffix = f"_{target.credentials}" if target.credentials else ""
    if not default and not environ.get(ENDPOINT_VARIABLE + suffix) and not environ.get(ENDPOINT_VARIABLE):
        raise CredentialsError(
            "no endpoint of an access point",
            where=f"target {target.name}",
            why=f"the target's gateway has no endpoint and {ENDPOINT_VARIABLE} is not set",
            advice="write the host that the console shows for the access point",
        )
    auth = AccessPointAuth(find_credentials(target, environ, VARIABLES))
    return Api(target, auth, endpoint(named, environ, default), transport_for(target, environ, RATES), headers={})
