"""Credentials of access points: made once, handed over in a file, deleted when their successor is in use.

The secret part of a credential is in one answer of the cloud and nowhere else, so the place for it is prepared before
anything is asked for, and a credential whose file could not be written is deleted again.
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from kms_resources.capabilities import Capability
from kms_resources.clouds import get_cloud
from kms_resources.clouds.access import ActualCredential, ActualPoint, CredentialClient
from kms_resources.crypto.checks import check_capability
from kms_resources.errors import CloudError, InputError, NotFoundError, UnclearError
from kms_resources.model import Target

PASSWORD = re.compile(r"[0-9A-Za-z~!@#$%^&*?_-]{8,64}")
PASSWORD_RULE = "8 to 64 of A-Z a-z 0-9 ~ ! @ # $ % ^ & * ? _ -, with two of letters, digits and the others"  # noqa: S105
GENERATED_LENGTH = 32
LONGEST_DAYS = 3650
_KINDS = (string.ascii_letters, string.digits, "~!@#$%^&*?_-")


@dataclass(frozen=True)
class Desk:
    """One access point and the client for its credentials."""

    client: CredentialClient
    point: ActualPoint
    where: str


def open_credentials(target: Target, name: str, environ: Mapping[str, str], where: str) -> Desk:
    """Find an access point by its name at the cloud. Raises `InputError`, `NotFoundError`, `CloudError`."""
    cloud = get_cloud(target.cloud)
    check_capability(cloud.limits, Capability.CLIENT_KEY, cloud.title, where=where)
    if cloud.connect_access_points is None or cloud.connect_credentials is None:
        raise InputError(f"{cloud.title} has no access points", where=where)
    point = cloud.connect_access_points(target, environ).describe(name)
    if point is None or not point.exists:
        raise NotFoundError(
            f"there is no access point {name}",
            where=where,
            why="the stack has not been applied, or these are the credentials of another account",
            advice="run `pulumi up`, or check the credentials",
        )
    return Desk(cloud.connect_credentials(target, environ), point, where)


def check_password(password: str) -> None:
    """Raise `InputError` for one that the cloud would refuse; it is never shown."""
    kinds = sum(any(char in kind for char in password) for kind in _KINDS)
    if not PASSWORD.fullmatch(password) or kinds < 2:  # noqa: PLR2004
        raise InputError("the password cannot be used", why="the cloud has a rule for it", advice=PASSWORD_RULE)


def new_password() -> str:
    """A random password that fits the rule."""
    alphabet = "".join(_KINDS)
    while True:
        password = "".join(secrets.choice(alphabet) for _ in range(GENERATED_LENGTH))
        if all(any(char in kind for char in password) for kind in _KINDS):
            return password


def validity(days: int | None, now: datetime | None = None) -> tuple[str, str]:
    """Beginning and end of a credential, as the cloud writes them; empty: the cloud's own."""
    if days is None:
        return "", ""
    begin = (now or datetime.now(UTC)).replace(microsecond=0)
    return f"{begin:%Y-%m-%dT%H:%M:%SZ}", f"{begin + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"


def create(desk: Desk, sink: BinaryIO, password: str, days: int | None) -> ActualCredential:
    """Make a credential and write its file to `sink`. Nothing of it stays in this process or in an error."""
    before = {one.id for one in desk.client.list(desk.point)}
    begin, end = validity(days)
    try:
        made = desk.client.create(desk.point, password, begin, end)
    except UnclearError as error:
        new = _appeared(desk, before)
        if new:
            error.advice = (
                f"{', '.join(new)} appeared meanwhile and nobody has its secret part: if nobody else is making "
                f"credentials, delete it (kms client-key delete) and run this command again"
            )
        raise
    try:
        sink.write(made.content)
        sink.flush()
    except OSError:
        discard(desk, made.actual.id)
        raise
    return made.actual


def discard(desk: Desk, credential_id: str) -> None:
    """Delete a credential whose secret part was lost."""
    with suppress(CloudError):
        desk.client.delete(desk.point, credential_id)


def choose_old(desk: Desk, wanted: str) -> ActualCredential:
    """The credential that a rotation replaces: the named one, or the only one. Raises `InputError`."""
    found = desk.client.list(desk.point)
    chosen = [one for one in found if wanted in {"", one.id}]
    if len(chosen) != 1:
        names = ", ".join(one.id for one in found) or "none"
        raise InputError(
            f"there is no credential {wanted}" if wanted else f"{len(found)} credentials could be meant",
            where=desk.where,
            why=f"the access point has {names}",
            advice="name the one that is to be replaced: --old ID" if found else "kms client-key create makes one",
        )
    return chosen[0]


def delete(desk: Desk, credential_id: str) -> None:
    """Delete a credential of this access point, and no other's. Raises `NotFoundError`."""
    if credential_id not in {one.id for one in desk.client.list(desk.point)}:
        raise NotFoundError(f"the access point has no credential {credential_id}", where=desk.where)
    desk.client.delete(desk.point, credential_id)


def seconds_of(text: str) -> float:
    """A duration such as `30m`, `24h`, `7d`. Raises `InputError`."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if not found:
        raise InputError(f"{text[:20]!r} is no duration", advice="write for example 30m, 24h or 7d")
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[found[2]]


def _appeared(desk: Desk, before: set[str]) -> list[str]:
    try:
        return [one.id for one in desk.client.list(desk.point) if one.id not in before]
    except CloudError:
        return []
