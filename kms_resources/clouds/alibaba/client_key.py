"""The client key of an application access point: where it is found, how its file is read, and its signature.

Two forms of file: the JSON that the console gives (`{"KeyId": …, "PrivateKeyData": Base64 of PKCS#12}`; the answer of
CreateClientKey, with `ClientKeyId`, is read too), and the PKCS#12 alone, as it is or as Base64. Only the JSON names the
client key; for the other the name comes from ALIBABA_KMS_CLIENT_KEY_ID, or from the certificate if it carries it [I].
Source: https://www.alibabacloud.com/help/en/kms/key-management-service/user-guide/manage-aaps-1

What a target's `gateway` does not name is read from these variables; with `credentials: PROD` in the target only from
the ones that end in `_PROD`:

========================================================  ==========================================================
ALIBABA_KMS_GATEWAY                                       the instance's host name, perhaps with a port
ALIBABA_KMS_CLIENT_KEY_FILE or ALIBABA_KMS_CLIENT_KEY     path or text of the client key
ALIBABA_KMS_CLIENT_KEY_PASSWORD                           its password
ALIBABA_KMS_CLIENT_KEY_ID                                 its name, `KAAP.…`, for a PKCS#12 alone
ALIBABA_KMS_CA_FILE or ALIBABA_KMS_CA                     path or text (PEM) of the certificates to trust
========================================================  ==========================================================
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates, load_pkcs12
from cryptography.x509 import NameOID

from kms_resources.crypto.sources import read_source
from kms_resources.errors import CredentialsError, InputError
from kms_resources.model import Gateway, Source, SourceKind, Target

GATEWAY = "ALIBABA_KMS_GATEWAY"
CLIENT_KEY, CLIENT_KEY_FILE = "ALIBABA_KMS_CLIENT_KEY", "ALIBABA_KMS_CLIENT_KEY_FILE"
PASSWORD = "ALIBABA_KMS_CLIENT_KEY_PASSWORD"  # noqa: S105  (the name of a variable)
KEY_ID = "ALIBABA_KMS_CLIENT_KEY_ID"
CA, CA_FILE = "ALIBABA_KMS_CA", "ALIBABA_KMS_CA_FILE"
_ID = re.compile(r"KAAP\.[A-Za-z0-9-]+")
_SEQUENCE = b"\x30"


@dataclass(frozen=True)
class ClientKey:
    """What signs the requests to an instance."""

    id: str
    private_key: RSAPrivateKey = field(repr=False)

    def sign(self, text: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256."""
        return self.private_key.sign(text, PKCS1v15(), SHA256())


@dataclass(frozen=True)
class Settings:
    """Where the parts of a target's gateway are read from: what the target names first, then the variables."""

    target: Target
    gateway: Gateway
    environ: Mapping[str, str] = field(repr=False)

    @property
    def where(self) -> str:
        """How messages name it."""
        return f"target {self.target.name}"

    def variable(self, name: str) -> str:
        """The name of a variable as it holds for this target."""
        return f"{name}_{self.target.credentials}" if self.target.credentials else name

    def text(self, name: str) -> str:
        """A variable's value; empty if it is not set."""
        return self.environ.get(self.variable(name), "").strip()

    @property
    def endpoint(self) -> str:
        """The host name of the instance gateway. Raises `CredentialsError` when nothing names it."""
        found = self.gateway.endpoint or self.text(GATEWAY)
        if not found:
            raise self.missing("the address of the instance gateway", GATEWAY)
        return found

    def read(self, what: str, source: Source | None, file: str = "", text: str = "") -> bytes | None:
        """What the target's source gives, else the variable that names a file, else the one that holds the text."""
        if source is None and file and (path := self.text(file)):
            source = Source(SourceKind.FILE, str(Path(path)))
        if source is None and text and self.text(text):
            source = Source(SourceKind.ENV, self.variable(text))
        if source is None:
            return None
        try:
            return read_source(source, what, where=self.where, environ=self.environ)
        except InputError as error:
            raise CredentialsError(error.what, where=error.where, why=error.why, advice=error.advice) from None

    def missing(self, what: str, *names: str) -> CredentialsError:
        """The error for something that neither the target nor a variable names."""
        wanted = " or ".join(self.variable(name) for name in names)
        return CredentialsError(
            f"no {what.removeprefix('the ')}",
            where=self.where,
            why=f"{wanted} {'is not set' if len(names) == 1 else 'are not set'}, and the target's gateway names none",
            advice=f"export {wanted}, or complete the target's gateway",
        )


def load_client_key(settings: Settings) -> ClientKey:
    """Find, open and check the client key. Raises `CredentialsError`, which never shows anything of it."""
    data = settings.read("the client key", settings.gateway.client_key, CLIENT_KEY_FILE, CLIENT_KEY)
    if data is None:
        raise settings.missing("the client key", CLIENT_KEY_FILE, CLIENT_KEY)
    password = settings.read("the password of the client key", settings.gateway.password, "", PASSWORD)
    if password is None:
        raise settings.missing("the password of the client key", PASSWORD)
    try:
        key_id, store = read_client_key(data, password.rstrip(b"\r\n"))
    except ValueError as error:
        raise _unusable(settings, str(error)) from None
    key_id = key_id or settings.text(KEY_ID) or _id_in(store)
    if not key_id:
        raise CredentialsError(
            "the client key has no name",
            where=settings.where,
            why="it is a PKCS#12 alone, and only the vendor's JSON file names the client key",
            advice=f"use the JSON file, or export {settings.variable(KEY_ID)} (KAAP.…)",
        )
    if _ID.fullmatch(key_id) is None:
        raise _unusable(settings, "its name does not look like KAAP.…")
    if not isinstance(store.key, RSAPrivateKey):
        raise _unusable(settings, "it holds no RSA private key")
    return ClientKey(key_id, store.key)


def read_client_key(data: bytes, password: bytes) -> tuple[str, PKCS12KeyAndCertificates]:
    """Name (perhaps empty) and content of a client key. Raises `ValueError` with a sentence that shows nothing."""
    key_id, store = "", data
    if data.lstrip().startswith(b"{"):
        key_id, store = _from_json(data)
    elif not data.startswith(_SEQUENCE):
        store = _from_base64(data)
    if not store:
        raise ValueError("it is neither the vendor's JSON with PrivateKeyData, nor PKCS#12, nor Base64 of that")
    try:
        return key_id, load_pkcs12(store, password)
    except UnsupportedAlgorithm:
        raise ValueError("its PKCS#12 is encrypted in a way that is not supported any more") from None
    except ValueError:
        raise ValueError("the password is wrong, or it is no PKCS#12") from None


def _from_json(data: bytes) -> tuple[str, bytes]:
    """Name and PKCS#12; both empty for anything else: the parser's own error holds the text, so none is passed on."""
    try:
        content: Any = json.loads(data)
    except ValueError:
        return "", b""
    names = [content.get(member) for member in ("KeyId", "ClientKeyId")]
    encoded = content.get("PrivateKeyData")
    key_id = next((name for name in names if isinstance(name, str) and name), "")
    return key_id, _from_base64(encoded.encode("utf-8", "replace")) if isinstance(encoded, str) else b""


def _from_base64(data: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except binascii.Error:
        return b""


def _id_in(store: PKCS12KeyAndCertificates) -> str:
    """[I] The name, where friendly name or subject of the certificate happen to be it."""
    if store.cert is None:
        return ""
    names = [(store.cert.friendly_name or b"").decode("utf-8", "replace")]
    names += [str(part.value) for part in store.cert.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return next((name for name in names if _ID.fullmatch(name)), "")


def _unusable(settings: Settings, why: str) -> CredentialsError:
    return CredentialsError(
        "the client key is not usable",
        where=settings.where,
        why=why,
        advice=f"look at client_key and password of the target's gateway, or at {settings.variable(CLIENT_KEY_FILE)} "
        f"and {settings.variable(PASSWORD)}",
    )
