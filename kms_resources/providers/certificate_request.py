"""The dynamic provider of certificate requests. Stored format: this module's path and the class name."""

from __future__ import annotations

from typing import Any

from pulumi.dynamic import (
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from kms_resources.crypto.words import Algorithm
from kms_resources.providers.process import has_unknowns, speak_plainly
from kms_resources.providers.props import Props
from kms_resources.providers.used import key_inputs, same, used_key, without_provider
from kms_resources.use.certificates import certificate_request
from kms_resources.uses import DesiredRequest

OUTPUTS = ("pem", "key_version", "signed_with")
_INPUTS = ("target", "key", "key_id", "subject", "names", "algorithm", "version")


class CertificateRequestProvider(ResourceProvider):
    """Make a request, and a new one when it shall say something else. No attributes, as in `KeyProvider`."""

    serialize_as_secret_always = False  # nothing secret is ever captured

    def configure(self, req: ConfigureRequest) -> None:  # noqa: ARG002
        """Called once per process."""
        speak_plainly()

    def check(self, olds: Props, news: Props) -> CheckResult:  # noqa: ARG002
        """The stack was checked already."""
        return CheckResult(news, [])

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Whether another request is needed. Sends nothing."""
        return DiffResult(changes=has_unknowns(_news) or not same(_olds, _news, *_INPUTS))

    def create(self, props: Props) -> CreateResult:
        """Have it signed."""
        return CreateResult(_where(props), _signed(props))

    def read(self, id_: str, props: Props) -> ReadResult:
        """Nothing in the cloud can have changed: the request is here."""
        return ReadResult(id_, props, props)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Have another one signed."""
        return UpdateResult(_signed(_news))

    def delete(self, _id: str, _props: Props) -> None:
        """Forget it."""


def request_inputs(desired: DesiredRequest, key: Any) -> Props:
    """The inputs of a certificate request; `key` is the typed resource of its key."""
    return {
        **key_inputs(desired.target, desired.key, key.declaration.settings, key.key_id),
        "name": desired.name,
        "subject": desired.subject,
        "names": list(desired.names),
        "algorithm": str(desired.algorithm or ""),
        "version": desired.version,
    }


def _signed(props: Props) -> Props:
    algorithm = Algorithm(props["algorithm"]) if props.get("algorithm") else None
    request = certificate_request(
        used_key(props, _where(props)),
        str(props["subject"]),
        [str(name) for name in props.get("names") or ()],
        algorithm,
        str(props.get("version") or ""),
    )
    return {
        **without_provider(props),
        "pem": request.pem,
        "key_version": request.public_key.version,
        "signed_with": str(request.algorithm),
    }


def _where(props: Props) -> str:
    return f"{props['target']['name']}/certificate-request/{props['name']}"
