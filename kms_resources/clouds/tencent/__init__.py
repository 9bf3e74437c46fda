"""Tencent Cloud (腾讯云) KMS, API 3.0."""

from __future__ import annotations

from collections.abc import Mapping

from kms_resources.clouds.access import AccessRules, IdentityPolicyClient
from kms_resources.clouds.crypto import CryptoClient
from kms_resources.clouds.interface import Cloud, KmsClient
from kms_resources.clouds.tencent.limits import CRYPTO, LIMITS
from kms_resources.model import Target


def _connect(target: Target, environ: Mapping[str, str]) -> KmsClient:
    from kms_resources.clouds.credentials import endpoint
    from kms_resources.clouds.tencent.api import HOST, RATES
    from kms_resources.clouds.tencent.auth import credentials_for
    from kms_resources.clouds.tencent.client import TencentClient
    from kms_resources.clouds.transport import transport_for

    return TencentClient(
        target,
        credentials_for(target, environ),
        endpoint(target, environ, HOST),
        transport_for(target, environ, RATES),
    )


def _connect_crypto(target: Target, environ: Mapping[str, str]) -> CryptoClient:
    from kms_resources.clouds.credentials import endpoint
    from kms_resources.clouds.tencent.api import HOST, RATES
    from kms_resources.clouds.tencent.auth import credentials_for
    from kms_resources.clouds.tencent.crypto import TencentCrypto
    from kms_resources.clouds.transport import transport_for

    return TencentCrypto(
        target,
        credentials_for(target, environ),
        endpoint(target, environ, HOST),
        transport_for(target, environ, RATES),
    )


def _connect_identity_policies(target: Target, environ: Mapping[str, str]) -> IdentityPolicyClient:
    from kms_resources.clouds.credentials import endpoint
    from kms_resources.clouds.tencent.api import HOST, RATES, TencentApi
    from kms_resources.clouds.tencent.auth import credentials_for
    from kms_resources.clouds.tencent.cam import TencentPolicies
    from kms_resources.clouds.transport import transport_for

    credentials = credentials_for(target, environ)
    transport = transport_for(target, environ, RATES)
    return TencentPolicies(target, TencentApi(target, credentials, endpoint(target, environ, HOST), transport))


def _access() -> AccessRules:
    from kms_resources.clouds.tencent.policy_rules import RULES

    return RULES


CLOUD = Cloud(
    name="tencent",
    title="Tencent Cloud",
    limits=LIMITS,
    connect=_connect,
    # [I] The documents are silent; a second CreateKey is refused by the alias in any case.
    read_lag=10.0,
    crypto=CRYPTO,
    connect_crypto=_connect_crypto,
    access=_access,
    connect_identity_policies=_connect_identity_policies,
)
