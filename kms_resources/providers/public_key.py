"""The dynamic provider of public keys. Stored format: this module's path and the class name."""

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

from kms_resources.crypto.local import public_key_to_pem
from kms_resources.providers.process import has_unknowns, speak_plainly
from kms_resources.providers.props import Props
from kms_resources.providers.used import key_inputs, same, used_key, without_provider
from kms_resources.uses import DesiredPublicKey

OUTPUTS = ("pem", "key_version")


class PublicKeyProvider(ResourceProvider):
    """Fetch a public key, and show when it is another one. No attributes, as in `KeyProvider`."""

    serialize_as_secret_always = False  # nothing secret is ever captured

    def configure(self, req: ConfigureRequest) -> None:  # noqa: ARG002
        """Called once per process."""
        speak_plainly()

    def check(self, olds: Props, news: Props) -> CheckResult:  # noqa: ARG002
        """The stack was checked already."""
        return CheckResult(news, [])

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Whether another key or version is meant. Sends nothing."""
        return DiffResult(changes=has_unknowns(_news) or not same(_olds, _news, "target", "key", "key_id", "version"))

    def create(self, props: Props) -> CreateResult:
        """Fetch it."""
        return CreateResult(_where(props), _fetched(props))

    def read(self, id_: str, props: Props) -> ReadResult:
        """The public key of the very version that was fetched: it can only differ if the key is another one."""
        version = str(props.get("key_version") or "")
        return ReadResult(id_, {**_fetched({**props, "version": version}), **_version(props)}, props)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Fetch the other one."""
        return UpdateResult(_fetched(_news))

    def delete(self, _id: str, _props: Props) -> None:
        """Forget it."""


def public_key_inputs(desired: DesiredPublicKey, key: Any) -> Props:
    """The inputs of a public key; `key` is the typed resource of its key."""
    return {
        **key_inputs(desired.target, desired.key, key.declaration.settings, key.key_id),
        "name": desired.name,
        "version": desired.version,
    }


def _fetched(props: Props) -> Props:
    public = used_key(props, _where(props)).public_key(str(props.get("version") or ""))
    return {**without_provider(props), "pem": public_key_to_pem(public.der), "key_version": public.version}


def _version(props: Props) -> Props:
    return {"version": props.get("version", "")}


def _where(props: Props) -> str:
    return f"{props['target']['name']}/public-key/{props['name']}"
