"""The registry of clouds. A fourth cloud is one folder and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from kms_resources.clouds.interface import Cloud, KmsClient

__all__ = ["CLOUDS", "Cloud", "KmsClient", "get_cloud"]

CLOUDS: Mapping[str, str] = {
    "tencent": "kms_resources.clouds.tencent",
    "alibaba": "kms_resources.clouds.alibaba",
    "ctyun": "kms_resources.clouds.ctyun",
    "tencent-legacy": "kms_resources.clouds.tencent_legacy",
}
"""Name in a stack → the folder whose `CLOUD` describes it. Loading a description loads no client."""


def get_cloud(name: str) -> Cloud:
    """The description of a cloud by its name in a stack. Raises `KeyError` for a name that is not in `CLOUDS`."""
    return cast(Cloud, import_module(CLOUDS[name]).CLOUD)
