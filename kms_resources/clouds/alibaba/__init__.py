"""Alibaba Cloud (阿里云) KMS, API 2016-01-20."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kms_resources.clouds.access import (
    AccessPointClient,
    AccessRules,
    CredentialClient,
    KeyPolicyClient,
    PointRules,
)
from kms_resources.clouds.alibaba.limits import CRYPTO, LIMITS, SECRETS
from kms_resources.clouds.crypto import CryptoClient
from kms_resources.clouds.interface import Cloud, KmsClient
from kms_resources.clouds.secrets import SecretsClient
from kms_resources.model import Gateway, Target

if TYPE_CHECKING:
    from kms_resources.clouds.alibaba.gateway import InstanceGateway
    from kms_resources.clouds.alibaba.openapi import OpenApi


def _connect(target: Target, environ: Mapping[str, str]) -> KmsClient:
    from kms_resources.clouds.alibaba.client import AlibabaClient

    return AlibabaClient(target, _shared_gateway(target, environ))


def _connect_secrets(target: Target, environ: Mapping[str, str]) -> SecretsClient:
    from kms_resources.clouds.alibaba.secrets import AlibabaSecrets

    return AlibabaSecrets(target, _shared_gateway(target, environ))


def _connect_key_policies(target: Target, environ: Mapping[str, str]) -> KeyPolicyClient:
    from kms_resources.clouds.alibaba.access import AlibabaKeyPolicies

    return AlibabaKeyPolicies(target, _shared_gateway(target, environ))


def _connect_access_points(target: Target, environ: Mapping[str, str]) -> AccessPointClient:
    from kms_resources.clouds.alibaba.access_points import AlibabaAccessPoints

    return AlibabaAccessPoints(target, _shared_gateway(target, environ))


def _connect_credentials(target: Target, environ: Mapping[str, str]) -> CredentialClient:
    from kms_resources.clouds.alibaba.access import AlibabaClientKeys

    return AlibabaClientKeys(target, _shared_gateway(target, environ))


def _access() -> AccessRules:
    from kms_resources.clouds.alibaba.policy_rules import RULES

    return RULES


def _points() -> PointRules:
    from kms_resources.clouds.alibaba.point_rules import POINTS

    return POINTS


def _connect_crypto(target: Target, environ: Mapping[str, str]) -> CryptoClient:
    from kms_resources.clouds.alibaba.client_key import GATEWAY, Settings, load_client_key
    from kms_resources.clouds.alibaba.crypto import AlibabaCrypto

    settings = Settings(target, target.gateway or Gateway(""), environ)

    def instance() -> InstanceGateway:
        from kms_resources.clouds.alibaba.gateway import InstanceGateway, gateway_url

        gateway_url(settings)  # an address that cannot be used is said before a password is asked for
        return InstanceGateway(settings, load_client_key(settings))

    crypto = AlibabaCrypto(
        target,
        lambda: _shared_gateway(target, environ),
        instance if target.gateway or settings.text(GATEWAY) else None,
        shared_operations=settings.gateway.shared,
        encoding=settings.gateway.encoding,
    )
    crypto.check_credentials()
    return crypto


def _shared_gateway(target: Target, environ: Mapping[str, str]) -> OpenApi:
    from kms_resources.clouds.alibaba.actions import RATES
    from kms_resources.clouds.alibaba.auth import credentials_for
    from kms_resources.clouds.alibaba.client import host
    from kms_resources.clouds.alibaba.openapi import OpenApi
    from kms_resources.clouds.credentials import endpoint
    from kms_resources.clouds.transport import transport_for

    return OpenApi(
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
    crypto=CRYPTO,
    connect_crypto=_connect_crypto,
    secrets=SECRETS,
    connect_secrets=_connect_secrets,
    access=_access,
    points=_points,
    connect_key_policies=_connect_key_policies,
    connect_access_points=_connect_access_points,
    connect_credentials=_connect_credentials,
)
