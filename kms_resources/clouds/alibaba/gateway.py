"""The way to the gateway of a KMS instance: signed protobuf messages over TLS with the instance's own CA.

Source: https://help.aliyun.com/document_detail/601489.html, .../601488.html and the official package
alibabacloud-dkms-gcs 1.0.2. Rates are the instance's by contract: nothing is held back here, refusals are waited out.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
import ssl
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from email.utils import formatdate
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.models import PreparedRequest, Response
from urllib3.exceptions import InsecureRequestWarning
from urllib3.util.ssl_ import create_urllib3_context

from kms_resources.clouds.alibaba import convert, messages
from kms_resources.clouds.alibaba.client_key import CA, CA_FILE, ClientKey, Settings
from kms_resources.clouds.alibaba.openapi import filled
from kms_resources.clouds.transport import Rates, Request, Transport, retry_after, unreadable
from kms_resources.errors import CloudError, CredentialsError, ThrottledError, UnreachableError

API_VERSION = "dkms-gcs-0.2"
SIGNATURE_METHOD = "RSA_PKCS1_SHA_256"
CONTENT_TYPE = "application/x-protobuf"
KEY_HEADER = "x-kms-acccesskeyid"
"""Three c's: so it is sent, signed and looked for."""
VERSION_HEADER = "x-kms-migrationkeyversionid"
NO_LIMIT = Rates({}, otherwise=1)


class GatewayAuth(AuthBase):
    """Signs a prepared request in place. The time is an argument, so that vectors can be checked."""

    def __init__(self, key: ClientKey, now: Callable[[], float] = time.time) -> None:
        self._key = key
        self._now = now

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add date, hash of the body, name of the client key, and the signature over them."""
        body = request.body or b""
        raw = body.encode() if isinstance(body, str) else bytes(body)
        request.headers["date"] = formatdate(self._now(), usegmt=True)
        request.headers["content-sha256"] = hashlib.sha256(raw).hexdigest().upper()
        request.headers[KEY_HEADER] = self._key.id
        headers = {name.lower(): str(value) for name, value in request.headers.items()}
        signature = self._key.sign(string_to_sign(request.method or "POST", headers).encode())
        request.headers["authorization"] = f"Bearer {base64.b64encode(signature).decode()}"
        return request


def string_to_sign(method: str, headers: Mapping[str, str]) -> str:
    """What the signature covers. `headers`: names in lower case."""
    named = sorted(name for name in headers if name.startswith("x-kms-"))
    return "\n".join(
        [
            method,
            *(headers.get(name, "") for name in ("content-sha256", "content-type", "date")),
            *(f"{name}:{headers[name].strip()}" for name in named),
            "/",
        ]
    )


class InstanceGateway:
    """Sends the operations of one instance. May be shared by threads."""

    def __init__(self, settings: Settings, key: ClientKey, *, rest: Callable[[float], None] = time.sleep) -> None:
        self.url = gateway_url(settings)
        self._auth = GatewayAuth(key)
        self._transport = _GatewayTransport(settings, self.url, rest)

    def send(self, api: str, fields: messages.Fields, secret: bytes = b"") -> tuple[Mapping[str, Any], str]:
        """The fields of the answer, and the key version of its header (perhaps empty).

        `secret`: what must not be quoted, should the gateway quote it.
        """
        headers = {
            "accept": CONTENT_TYPE,
            "content-type": CONTENT_TYPE,
            "x-kms-apiversion": API_VERSION,
            "x-kms-apiname": api,
            "x-kms-signaturemethod": SIGNATURE_METHOD,
        }
        body = messages.encode(f"{api}Request", fields)
        request = Request("POST", f"{self.url}/", headers, body, self._auth, api)
        try:
            return self._transport.send(request, lambda response: _read(response, api, secret))
        except UnreachableError as error:
            error.advice = (
                "an instance is reached from its own network only; check the network, and endpoint in the gateway"
                if error.passing
                else f"name the CA of the instance: ca in the gateway, or {CA_FILE}"
            )
            raise


def _read(response: Response, api: str, secret: bytes) -> tuple[Mapping[str, Any], str]:
    problem: CloudError
    try:
        if response.ok:
            fields = messages.decode(f"{api}Response", response.content)
            # Every answer of the vendor carries it; without it somebody else answered, and nothing is known.
            filled(fields["RequestId"])
            return fields, response.headers.get(VERSION_HEADER, "")
        error = messages.decode("Error", response.content)
        message = error["ErrorMessage"]
        problem = convert.error(
            api,
            response.status_code,
            filled(error["ErrorCode"]),
            "" if secret and secret in message.encode() else message,
            error["RequestId"],
        )
    except ValueError:
        problem = unreadable(response, api)
        if response.status_code == convert.TOO_MANY:
            problem = convert.error(api, convert.TOO_MANY, str(convert.TOO_MANY), "", "")
    if isinstance(problem, ThrottledError):
        problem.retry_after = retry_after(response)
    raise problem


def gateway_url(settings: Settings) -> str:
    """The address with its scheme: https, or http to this very machine. Raises `CredentialsError`."""
    text = settings.endpoint
    parts = urlsplit(text if "://" in text else f"https://{text}")
    try:
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    clean = not (parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"))
    safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
    if not (usable and clean and safe):
        # The value is not shown: an address may carry a password.
        raise CredentialsError(
            "the address of the instance gateway is not usable",
            where=settings.where,
            why="it must be a host name, perhaps with a port; plain http is for this very machine only",
            advice="write for example kst-hzz62ee817bvyyr5x.cryptoservice.kms.aliyuncs.com",
        )
    return f"{parts.scheme}://{parts.netloc}"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _GatewayTransport(Transport):
    """The ordinary way, but with the certificates that the gateway names."""

    def __init__(self, settings: Settings, url: str, rest: Callable[[float], None]) -> None:
        super().__init__(f"{settings.where} (instance gateway)", NO_LIMIT, rate_factor=0.0, sleep=rest)
        context = _trust(settings, url)
        if context is not None:
            self._session.mount("https://", _TrustAdapter(context))


class _TrustAdapter(HTTPAdapter):
    """Connections that trust what a context trusts, and nothing else; REQUESTS_CA_BUNDLE has no say here."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=32, max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options, ssl_context=self._context)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return super().proxy_manager_for(proxy, **options, ssl_context=self._context)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:  # noqa: ARG002
        return super().build_connection_pool_key_attributes(request, self._verifies, cert)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:  # noqa: ARG002
        conn.cert_reqs = "CERT_REQUIRED" if self._verifies else "CERT_NONE"
        conn.ca_certs = conn.ca_cert_dir = None

    @property
    def _verifies(self) -> bool:
        return self._context.verify_mode is ssl.CERT_REQUIRED


def _trust(settings: Settings, url: str) -> ssl.SSLContext | None:
    """What to trust; None: what this machine trusts."""
    if settings.gateway.ignore_ssl:
        _say_once(settings, url)
        context = create_urllib3_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    pem = settings.read("the CA of the instance gateway", settings.gateway.ca, CA_FILE, CA)
    if pem is None:
        return None
    try:
        count = len(x509.load_pem_x509_certificates(pem))
        context = create_urllib3_context()
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=pem.decode("ascii", "ignore"))
    except (ValueError, ssl.SSLError):
        count = 0
    if not count:
        raise CredentialsError(
            "the CA of the instance gateway is not usable",
            where=settings.where,
            why="it holds no certificate in PEM form",
            advice="take CaCertificateChainPem of GetKmsInstance, or the file of the console",
        )
    return context


_said: set[str] = set()
_said_lock = Lock()


def _say_once(settings: Settings, url: str) -> None:
    host = urlsplit(url).hostname or ""
    # The library warns at every request; for this host the person has decided, and is told below.
    warnings.filterwarnings("ignore", f".*host .{re.escape(host)}.", InsecureRequestWarning)
    with _said_lock:
        first = settings.target.name not in _said
        _said.add(settings.target.name)
    if first:
        sys.stderr.write(
            f"warning: {settings.where}: ignore_ssl is set, so the certificate of {host} is not checked: "
            "whoever stands in between can read and change everything\n"
        )
