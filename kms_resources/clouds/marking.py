"""Our marker inside a description, and names made of it, for things that have no tags."""

from __future__ import annotations

import hashlib
import re

from kms_resources.model import NO_MARKER, Marker

MARKER_OPENING = "[kms-resources:"
_MARKER = re.compile(r"\[kms-resources:([^\[\]]+)\]")
_DIGITS = 8
_KEY_PART = 60
"""Of a policy's name; the Sid behind it has up to 63 characters."""


def marker_text(marker: Marker) -> str:
    """A marker as it stands at the end of a description."""
    return f" {MARKER_OPENING}{marker}]" if marker else ""


def with_marker(description: str, marker: Marker) -> str:
    """The text that the cloud keeps."""
    return (description + marker_text(marker)) if description else marker_text(marker).lstrip()


def split_marker(text: str) -> tuple[str, Marker]:
    """The user's description and our marker, out of what the cloud keeps.

    The marker is found wherever it stands: somebody may have written behind it by hand, and the thing is still ours.
    """
    found = list(_MARKER.finditer(text))
    if not found:
        return text, NO_MARKER
    last = found[-1]
    return text[: last.start()].removesuffix(" ") + text[last.end() :], Marker(last[1])


def derived_name(marker: Marker, most: int) -> str:
    """A name for the cloud that only this marker gives: readable as far as there is room, and its digest.

    The digest is always there: `a-b/c` and `a/b-c` would otherwise have one name.
    """
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", marker).strip("-_")
    digest = hashlib.sha256(marker.encode()).hexdigest()[:_DIGITS]
    return f"{readable[: most - _DIGITS - 1].rstrip('-_')}-{digest}"


def policy_name(marker: Marker, sid: str) -> str:
    """The name of a policy that says one statement about the key of this marker; all of its policies begin alike."""
    return f"{derived_name(marker, _KEY_PART)}.{sid}"
