"""The clouds the emulator knows, in the order in which they are asked whether a request is theirs."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import cast

from kms_emulator.contract import Cloud

# Tencent before Alibaba: a Tencent request in the old form also has the parameters Action and Signature.
CLOUDS = (
    "tencent",
    "tencent_legacy",
    "alibaba",
    "ctyun",
)


def load_clouds(names: Iterable[str] = CLOUDS) -> tuple[Cloud, ...]:
    """The ``CLOUD`` object of each cloud's package; a package that is not installed is left out."""
    found = []
    for name in names:
        package = f"kms_emulator.{name}"
        try:
            module = importlib.import_module(package)
        except ModuleNotFoundError as problem:
            if problem.name != package:
                raise
            continue
        # A folder without __init__.py imports as an empty namespace: it is not a cloud yet.
        if module.__file__ is not None:
            found.append(cast("Cloud", module.CLOUD))
    return tuple(found)
