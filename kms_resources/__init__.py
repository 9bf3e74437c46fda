"""Encryption keys as code for Tencent Cloud, Alibaba Cloud and CTYun.

`Key`, `Alias` and `Target` are resources for any Pulumi program::

    from kms_resources import Key, Target

    guangzhou = Target("guangzhou", cloud="tencent", region="ap-guangzhou")
    Key("orders", target=guangzhou, spec="SM4", aliases=["orders"])

They are loaded on first use, so that commands which need no engine start at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kms_resources.version import __version__

if TYPE_CHECKING:
    from kms_resources.providers.resources import Alias, Key, Target

__all__ = ["Alias", "Key", "Target", "__version__"]


def __getattr__(name: str) -> object:
    if name in {"Alias", "Key", "Target"}:
        from kms_resources.providers import resources

        return getattr(resources, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
