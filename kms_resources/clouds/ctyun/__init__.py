"""CTYun (天翼云) KMS, the OpenAPI on the public host, and the private interface of access points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kms_resources.clouds.access import AccessPointClient, CredentialClient, PointRules
from kms_resources.clouds.certificates import CertificateClient
from kms_resources.clouds.crypto import CryptoClient
from kms_resources.clouds.ctyun.limits import CRYPTO, LIMITS
from kms_resources.clouds.interface import Cloud, KmsClient
from kms_resources.model import Target

if TYPE_CHECKING:
    from kms_resources.clouds.ctyun.api import Api
    from kms_resources.clouds.ctyun.tags import CtyunTags
    from kms_resources.clouds.transport import Transport
    from kms_resources.errors import KmsError


def _connect(target: Target, environ: Mapping[str, str]) -> KmsClient:
    from kms_resources.clouds.ctyun.auth import credentials_for
    from kms_resources.clouds.ctyun.client import CtyunClient

    return CtyunClient(target, credentials_for(target, environ), *_way(target, environ))


def _connect_crypto(target: Target, environ: Mapping[str, str]) -> CryptoClient:
    from kms_resources.clouds.ctyun.auth import credentials_for
    from kms_resources.clouds.ctyun.crypto import CtyunCrypto
    from kms_resources.clouds.ctyun.gateway import open_door, wants
    from kms_resources.errors import CredentialsError

    way = _way(target, environ)
    if not wants(target):
        return CtyunCrypto(target, credentials_for(target, environ), *way)
    # A target with the credentials of one door works as far as that door reaches.
    private: Api | KmsError
    try:
        private = open_door(target, environ)
    except CredentialsError as error:
        private = error
    try:
        return CtyunCrypto(target, credentials_for(target, environ), *way, private)
    except CredentialsError as error:
        if isinstance(private, CredentialsError):
            raise
        return CtyunCrypto(target, error, *way, private)


def _connect_certificates(target: Target, environ: Mapping[str, str]) -> CertificateClient:
    from kms_resources.clouds.ctyun.auth import credentials_for
    from kms_resources.clouds.ctyun.certificates import CtyunCertificates

    return CtyunCertificates(target, credentials_for(target, environ), *_way(target, environ))


def _connect_access_points(target: Target, environ: Mapping[str, str]) -> AccessPointClient:
    from kms_resources.clouds.ctyun.access import CtyunAccessPoints
    from kms_resources.clouds.ctyun.auth import credentials_for

    return CtyunAccessPoints(target, credentials_for(target, environ), *_way(target, environ))


def _connect_credentials(target: Target, environ: Mapping[str, str]) -> CredentialClient:
    from kms_resources.clouds.ctyun.access import CtyunTenants
    from kms_resources.clouds.ctyun.auth import credentials_for

    return CtyunTenants(target, credentials_for(target, environ), *_way(target, environ))


def _points() -> PointRules:
    from kms_resources.clouds.ctyun.point_rules import POINTS

    return POINTS


def connect_tags(target: Target, environ: Mapping[str, str]) -> CtyunTags:
    """Make a client for tags, like `Cloud.connect`. No other cloud has them apart from its keys."""
    from kms_resources.clouds.ctyun.auth import credentials_for
    from kms_resources.clouds.ctyun.tags import CtyunTags

    return CtyunTags(target, credentials_for(target, environ), *_way(target, environ))


def _way(target: Target, environ: Mapping[str, str]) -> tuple[str, Transport]:
    from kms_resources.clouds.credentials import endpoint
    from kms_resources.clouds.ctyun.api import HOST, RATES
    from kms_resources.clouds.transport import transport_for

    return endpoint(target, environ, HOST), transport_for(target, environ, RATES)


CLOUD = Cloud(
    name="ctyun",
    title="CTYun",
    limits=LIMITS,
    connect=_connect,
    # [I?] The documents are silent, and nothing but the marker in the description tells that a key was made.
    read_lag=10.0,
    crypto=CRYPTO,
    connect_crypto=_connect_crypto,
    connect_certificates=_connect_certificates,
    points=_points,
    connect_access_points=_connect_access_points,
    connect_credentials=_connect_credentials,
)
