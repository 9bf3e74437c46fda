"""CTYun (天翼云) KMS, the OpenAPI on the public host."""

from __future__ import annotations

from collections.abc import Mapping

from kms_resources.clouds.ctyun.limits import LIMITS
from kms_resources.clouds.interface import Cloud, KmsClient
from kms_resources.model import Target


def _connect(target: Target, environ: Mapping[str, str]) -> KmsClient:
    from kms_resources.clouds.credentials import endpoint
    from kms_resources.clouds.ctyun.auth import credentials_for
    from kms_resources.clouds.ctyun.client import HOST, RATES, CtyunClient
    from kms_resources.clouds.transport import transport_for

    return CtyunClient(
        target,
        credentials_for(target, environ),
        endpoint(target, environ, HOST),
        transport_for(target, environ, RATES),
    )


CLOUD = Cloud(
    name="ctyun",
    title="CTYun",
    limits=LIMITS,
    connect=_connect,
    # [I?] The documents are silent, and nothing but the marker in the description tells that a key was made.
    read_lag=10.0,
)
