"""Encryption keys as code for Tencent Cloud, Alibaba Cloud and CTYun.

`Key`, `Alias`, `Target`, `KeyPolicy`, `AccessPoint`, `Ciphertext`, `PublicKey`, `CertificateRequest` and `Secret` are
resources for any Pulumi program::

    from kms_resources import Key, Target

    guangzhou = Target("guangzhou", cloud="tencent", region="ap-guangzhou")
    Key("orders", target=guangzhou, spec="SM4", aliases=["orders"])

`open_key` gives a key for use: encrypt, decrypt, sign and so on, without any engine::

    from kms_resources import open_key

    blob = open_key("orders").encrypt(b"a little secret").blob

They are loaded on first use, so that commands which need no engine start at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kms_resources.version import __version__

if TYPE_CHECKING:
    from kms_resources.providers.access_resources import AccessPoint, KeyPolicy
    from kms_resources.providers.resources import Alias, Key, Target
    from kms_resources.providers.use_resources import CertificateRequest, Ciphertext, PublicKey, Secret
    from kms_resources.use import UsedKey, open_key

__all__ = [
    "AccessPoint",
    "Alias",
    "CertificateRequest",
    "Ciphertext",
    "Key",
    "KeyPolicy",
    "PublicKey",
    "Secret",
    "Target",
    "UsedKey",
    "__version__",
    "open_key",
]


def __getattr__(name: str) -> object:
    if name in {"Alias", "Key", "Target"}:
        from kms_resources.providers import resources

        return getattr(resources, name)
    if name in {"AccessPoint", "KeyPolicy"}:
        from kms_resources.providers import access_resources

        return getattr(access_resources, name)
    if name in {"CertificateRequest", "Ciphertext", "PublicKey", "Secret"}:
        from kms_resources.providers import use_resources

        return getattr(use_resources, name)
    if name in {"UsedKey", "open_key"}:
        from kms_resources import use

        return getattr(use, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
