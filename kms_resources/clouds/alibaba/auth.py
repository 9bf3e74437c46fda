"""ACS3-HMAC-SHA256: Alibaba Cloud's signature V3, and where its credentials come from.

Source: https://www.alibabacloud.com/help/doc-detail/2593177.htm (request syntax and signature method V3).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from requests.auth import AuthBase
from requests.models import PreparedRequest

from kms_resources.clouds.credentials import Credentials, Variables, find_credentials, read_ini
from kms_resources.errors import CredentialsError
from kms_resources.model import Target

ALGORITHM = "ACS3-HMAC-SHA256"
VARIABLES = Variables(
    key_id=("ALIBABA_CLOUD_ACCESS_KEY_ID",),
    secret=("ALIBABA_CLOUD_ACCESS_KEY_SECRET",),
    token=("ALIBABA_CLOUD_SECURITY_TOKEN",),
)
FILE_VARIABLE = "ALIBABA_CLOUD_CREDENTIALS_FILE"
PROFILE_VARIABLE = "ALIBABA_CLOUD_PROFILE"
INI_FILES = (".alibabacloud/credentials.ini", ".alibabacloud/credentials")
CLI_FILE = ".aliyun/config.json"
INI_TYPES = ("access_key", "sts")
CLI_MODES = ("AK", "StsToken")
_INSTEAD = f"export {VARIABLES.key_id[0]} and {VARIABLES.secret[0]}"


class AlibabaAuth(AuthBase):
    """Signs a prepared request in place. Time and nonce are arguments, so that vectors can be checked."""

    def __init__(
        self,
        credentials: Credentials,
        now: Callable[[], float] = time.time,
        nonce: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self._credentials = credentials
        self._now = now
        self._nonce = nonce

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add the headers of the signature, the token of temporary credentials, and `Authorization`."""
        parts = urlsplit(request.url or "")
        body = request.body or b""
        raw = body.encode() if isinstance(body, str) else bytes(body)
        request.headers["Host"] = parts.netloc.rpartition("@")[2]
        request.headers["x-acs-date"] = datetime.fromtimestamp(int(self._now()), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        request.headers["x-acs-signature-nonce"] = self._nonce()
        request.headers["x-acs-content-sha256"] = hashlib.sha256(raw).hexdigest()
        if self._credentials.token:
            request.headers["x-acs-accesskey-id"] = self._credentials.key_id
            request.headers["x-acs-security-token"] = self._credentials.token
        request.headers["Authorization"] = sign(
            self._credentials,
            method=request.method or "POST",
            path=parts.path or "/",
            # The library may have written a blank as `+`; the signature wants `%20`, so the values are read first.
            query=parse_qsl(parts.query, keep_blank_values=True),
            headers={name.lower(): str(value) for name, value in request.headers.items() if _is_signed(name.lower())},
            body=raw,
        )
        return request


def _is_signed(name: str) -> bool:
    return name in {"host", "content-type"} or name.startswith("x-acs-")


def sign(
    credentials: Credentials,
    *,
    method: str,
    path: str,
    query: Iterable[tuple[str, str]],
    headers: Mapping[str, str],
    body: bytes,
) -> str:
    """The value of `Authorization`. `headers` are the ones to sign, their names in lower case."""
    canonical = canonical_request(method=method, path=path, query=query, headers=headers, body=body)
    text = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(credentials.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return (
        f"{ALGORITHM} Credential={credentials.key_id},SignedHeaders={';'.join(sorted(headers))},Signature={signature}"
    )


def canonical_request(
    *, method: str, path: str, query: Iterable[tuple[str, str]], headers: Mapping[str, str], body: bytes
) -> str:
    """The text whose hash is signed."""
    return "\n".join(
        [
            method,
            path,
            "&".join(f"{_encode(name)}={_encode(value)}" for name, value in sorted(query, key=lambda pair: pair[0])),
            "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers)),
            ";".join(sorted(headers)),
            hashlib.sha256(body).hexdigest(),
        ]
    )


def _encode(text: str) -> str:
    return quote(text, safe="~")


def credentials_for(target: Target, environ: Mapping[str, str]) -> Credentials:
    """Environment variables first, then the vendor's profile files; raises `CredentialsError`."""
    return find_credentials(target, environ, VARIABLES, _profile)


def _profile(environ: Mapping[str, str], name: str) -> Credentials | None:
    """The vendor's own order: the command line tool's file, then the ini files; a file named by variable goes first."""
    # Where the stack names no profile, the vendor's ways of choosing one hold: what a person sees as the current
    # account in the vendor's tools is then also ours.
    wanted = environ.get(PROFILE_VARIABLE, "").strip() if name == "default" else name
    if named := environ.get(FILE_VARIABLE, "").strip():
        found = _from_ini(Path(named), wanted or name)
        if not found:
            raise CredentialsError(
                f"no profile {wanted or name}",
                where=named,
                why=f"{FILE_VARIABLE} names this file, and it is missing or has no such section",
                advice=f"correct the variable or the file, or {_INSTEAD}",
            )
        return found
    home = Path(environ.get("HOME", "/nonexistent"))
    found = _from_cli(home / CLI_FILE, wanted)
    for file in INI_FILES:
        found = found or _from_ini(home / file, wanted or name)
    return found


def _from_ini(path: Path, name: str) -> Credentials | None:
    section = read_ini(path, name)
    if section is None:
        return None
    # As in the vendor's packages, what follows a # is a comment.
    values = {option: text.partition("#")[0].strip() for option, text in section.items()}
    kind = values.get("type", INI_TYPES[0])
    if kind not in INI_TYPES:
        raise _unusable(path, name, "type", kind, INI_TYPES)
    return _complete(
        path,
        name,
        values.get("access_key_id", ""),
        values.get("access_key_secret", ""),
        values.get("security_token", ""),
        temporary=kind == "sts",
    )


def _from_cli(path: Path, wanted: str) -> Credentials | None:
    try:
        config: Any = json.loads(path.read_text(encoding="utf-8"))
        name = wanted or str(config.get("current") or "default")
        profile: Any = next((row for row in config.get("profiles") or [] if row.get("name") == name), None)
        if profile is None:
            return None
        mode = str(profile.get("mode") or "")
        texts = [str(profile.get(member) or "") for member in ("access_key_id", "access_key_secret", "sts_token")]
    except OSError:
        return None
    except (ValueError, AttributeError, TypeError):
        # The parser's own message may quote what it failed on, which may hold a secret.
        raise CredentialsError(
            "the profile file cannot be read",
            where=str(path),
            why="it is not the JSON that the command line tool aliyun writes",
            advice=f"run aliyun configure, or {_INSTEAD}",
        ) from None
    if mode not in CLI_MODES:
        raise _unusable(path, name, "mode", mode, CLI_MODES)
    temporary = mode == "StsToken"
    return _complete(path, name, texts[0], texts[1], texts[2] if temporary else "", temporary=temporary)


def _complete(path: Path, name: str, key_id: str, secret: str, token: str, *, temporary: bool) -> Credentials:
    if not (key_id and secret and (token or not temporary)):
        raise CredentialsError(
            f"profile {name} is not usable",
            where=str(path),
            why=f"access key id{', secret or token' if temporary else ' or secret'} is empty",
            advice=f"complete the profile, or {_INSTEAD}",
        )
    return Credentials(key_id, secret, token)


def _unusable(path: Path, name: str, option: str, value: str, allowed: tuple[str, ...]) -> CredentialsError:
    return CredentialsError(
        f"profile {name} is not usable",
        where=str(path),
        why=f"its {option} is {value!r}, and only {' and '.join(allowed)} are supported",
        advice=f"let the vendor's tool fetch temporary credentials, then {_INSTEAD} and {VARIABLES.token[0]}",
    )
