"""How things are named: ids, ARNs, and times."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime

from kms_emulator.contract import Context, Scope

_ALPHABET = string.ascii_lowercase + string.digits
_ARN = re.compile(r"acs:kms:([^:]*):([^:]*):(.+)", re.DOTALL)


def moment(seconds: float | None) -> str:
    """A time as the vendor writes it; none is the empty text."""
    if seconds is None:
        return ""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def arn(scope: Scope, resource: str) -> str:
    """The ARN of a resource such as ``key/<id>``, ``alias/<name>`` or ``keystore/<id>``."""
    return f"acs:kms:{scope.region}:{scope.account}:{resource}"


def split_arn(text: str) -> tuple[Scope, str] | None:
    """The account, region and resource of an ARN, or ``None`` for anything else."""
    found = _ARN.fullmatch(text)
    return (Scope(found[2], found[1]), found[3]) if found else None


def new_key_id(context: Context, region: str, *, in_instance: bool) -> str:
    """A UUID, or for a key of an instance ``key-`` and 21 characters, the first three of which stand for the region."""
    if not in_instance:
        return context.uuid()
    # Only hzz for cn-hangzhou is known; clients must not read anything into it.
    city = {"cn-hangzhou": "hzz"}.get(region) or (region.replace("-", "")[2:5] + "zzz")[:3]
    return f"key-{city}{_letters(context, 18)}"


def new_version_id(context: Context, key_id: str) -> str:
    """36 characters in both cases: the ciphertext of the vendor has room for exactly that."""
    return f"{key_id}-{_letters(context, 10)}" if key_id.startswith("key-") else context.uuid()


def _letters(context: Context, count: int) -> str:
    return "".join(context.random.choices(_ALPHABET, k=count))
