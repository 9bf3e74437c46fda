"""Tencent Cloud (腾讯云) KMS, API 2.0: the one before API 3.0, for programs that still speak it."""

from __future__ import annotations

from collections.abc import Mapping

from kms_resources.clouds.crypto import CryptoClient
from kms_resources.clouds.interface import Cloud, KmsClient
from kms_resources.clouds.tencent_legacy.limits import CRYPTO, LIMITS
from kms_resources.model import Target


def _connect(target: Target, environ: Mapping[str, str]) -> KmsClient:
    from kms_resources.clouds.credentials import endpoint
    from kms_resources.clouds.tencent_legacy.api import HOST, RATES
    from kms_resources.clouds.tencent_legacy.auth import credentials_for
    from kms_resources.clouds.tencent_legacy.client import LegacyClient
    from kms_resources.clouds.transport import transport_for

    return LegacyClient(
        target,
        credentials_for(target, environ),
        endpoint(target, environ, HOST),
        transport_for(target, environ, RATES),
    )


def _connect_crypto(target: Target, environ: Mapping[str, str]) -> CryptoClient:
    from kms_resources.clouds.credentials import endpoint
    from kms_resources.clouds.tencent_legacy.api import HOST, RATES
    from kms_resources.clouds.tencent_legacy.auth import credentials_for
    from kms_resources.clouds.tencent_legacy.crypto import LegacyCrypto
    from kms_resources.clouds.transport import transport_for

    return LegacyCrypto(
        target,
        credentials_for(target, environ),
        endpoint(target, environ, HOST),
        transport_for(target, environ, RATES),
    )


CLOUD = Cloud(
    name="tencent-legacy",
    title="Tencent Cloud API 2.0",
    limits=LIMITS,
    connect=_connect,
    # [I] The documents are silent; a second CreateKey is refused by the alias in any case.
    read_lag=10.0,
    crypto=CRYPTO,
    connect_crypto=_connect_crypto,
)
