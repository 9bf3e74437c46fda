"""Where credentials come from: the vendors' usual environment variables, then the vendors' own profile files.

They never come from a stack, and no error, log line or `repr` shows more of them than the name of a variable.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kms_resources.errors import CredentialsError
from kms_resources.model import Target


@dataclass(frozen=True)
class Credentials:
    """An access key, perhaps a temporary one."""

    key_id: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    """Session token of temporary credentials; empty for lasting ones."""


@dataclass(frozen=True)
class Variables:
    """The names under which a vendor's tools look for credentials."""

    key_id: tuple[str, ...]
    """The first one is the usual name, which messages give."""
    secret: tuple[str, ...]
    token: tuple[str, ...] = ()


_LOOPBACK = re.compile(r"http://(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?(/|$)")

Profile = Callable[[Mapping[str, str], str], Credentials | None]
"""Reads the vendor's profile file: environment, profile name → credentials, or None if there is no such file."""


def find_credentials(
    target: Target, environ: Mapping[str, str], variables: Variables, profile: Profile | None = None
) -> Credentials:
    """The credentials of a target; raises `CredentialsError` naming what is missing.

    With `credentials: PROD` in the stack only the variables that end in `_PROD` count (and the profile `prod`), so
    that a forgotten variable can never silently mean another account.
    """
    suffix = f"_{target.credentials}" if target.credentials else ""

    def read(names: tuple[str, ...]) -> str:
        return next((value for name in names if (value := environ.get(name + suffix, "").strip())), "")

    key_id, secret = read(variables.key_id), read(variables.secret)
    if key_id and secret:
        return Credentials(key_id, secret, read(variables.token))
    if not key_id and not secret and profile:
        found = profile(environ, target.credentials.lower() or "default")
        if found:
            return found
    wanted = [
        names[0] + suffix for names, value in ((variables.key_id, key_id), (variables.secret, secret)) if not value
    ]
    raise CredentialsError(
        "no credentials",
        where=f"target {target.name}",
        why=f"{' and '.join(wanted)} {'is' if len(wanted) == 1 else 'are'} not set",
        advice=f"export {' and '.join(wanted)}" + (", or write the vendor's profile file" if profile else ""),
    )


def read_ini(path: Path, section: str) -> Mapping[str, str] | None:
    """One section of an ini file, or None if there is no such file or section."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    except configparser.Error:
        # The parser's own message quotes the line it failed on, which may hold a secret.
        raise CredentialsError(
            "the profile file cannot be read", where=str(path), why="it is not a valid ini file"
        ) from None
    return dict(parser[section]) if parser.has_section(section) else None


def endpoint(target: Target, environ: Mapping[str, str], default: str) -> str:
    """The URL of the service: `KMS_ENDPOINT_<CLOUD>` (with the target's suffix first), else the vendor's own."""
    name = f"KMS_ENDPOINT_{target.cloud.upper().replace('-', '_')}"
    suffixed = f"{name}_{target.credentials}" if target.credentials else name
    name = suffixed if environ.get(suffixed) else name
    url = environ.get(name) or default
    if not url.startswith("https://") and not _LOOPBACK.match(url):
        # The value is not shown: a URL may carry a password.
        raise CredentialsError(
            "the endpoint is not usable",
            where=f"target {target.name}",
            why=f"{name} does not begin with https:// (plain http is for this very machine only)",
            advice="write a URL that begins with https://",
        )
    return url.rstrip("/")
