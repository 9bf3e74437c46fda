"""Alibaba Cloud (阿里云) KMS, API 2016-01-20."""

from __future__ import annotations

from collections.abc import Mapping

from kms_resources.clouds.alibaba.limits import LIMITS
from kms_resources.clouds.interface import Cloud, KmsClient
from kms_resources.model import Target


def _connect(target: Target, environ: Mapping[str, str]) -> KmsClient:
    from kms_resources.clouds.alibaba.auth import credentials_for
    from kms_resources.clouds.alibaba.client import RATES, AlibabaClient, host
    from kms_resources.clouds.credentials import endpoint
    from kms_resources.clouds.transport import transport_for

    return AlibabaClient(
        target,
        credentials_for(target, environ),
        endpoint(target, environ, host(target.region)),
        transport_for(target, environ, RATES),
    )


CLOUD = Cloud(
    name="alibaba",
    title="Alibaba Cloud",
    limits=LIMITS,
    connect=_connect,
    # [I] The documents name no lag for keys (for access points: up to five minutes).
    read_lag=10.0,
)
