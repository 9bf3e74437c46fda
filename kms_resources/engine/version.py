"""Versions of the Pulumi engine: the one we install, and the oldest one we accept."""

import re

ENGINE_VERSION = "3.259.0"
"""The version that is fetched or built. `tools/engine/go.mod` names the same one; a test compares them."""

MINIMUM_VERSION = "3.227.0"
"""Exit code 7 of `--expect-no-changes`, which `kms drift` and pipelines rely on, exists from here on."""

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")


def parse(text: str) -> tuple[int, int, int, bool]:
    """Read `v3.259.0` or `3.259.0-dev.1`; the last member is False for a pre-release, so tuples sort as versions do.

    Raises `ValueError` for anything else: an engine that can't say its version is not one we know.
    """
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text.strip()!r} is not a version such as 3.259.0")
    major, minor, patch, pre_release = match.groups()
    return int(major), int(minor), int(patch), pre_release is None


def is_enough(text: str) -> bool:
    """Tell whether the version is at least the minimum."""
    return parse(text) >= parse(MINIMUM_VERSION)
