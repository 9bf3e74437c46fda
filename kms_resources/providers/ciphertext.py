"""The dynamic provider of ciphertexts. Stored format: this module's path and the class name.

The plaintext is read in this process, from where the stack says it is, and goes nowhere but to the cloud: not through
the engine, not into state. State has the ciphertext and a keyed fingerprint, whose key the engine keeps as a secret;
by it a changed plaintext is noticed without the cloud.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
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

from kms_resources.crypto.seal import Seal
from kms_resources.crypto.sources import read_source
from kms_resources.providers import props as stored
from kms_resources.providers.process import has_unknowns, speak_plainly
from kms_resources.providers.props import Props
from kms_resources.providers.used import key_inputs, same, used_key, without_provider
from kms_resources.uses import DesiredCiphertext

FINGERPRINT = "plaintext_fingerprint"
OUTPUTS = ("ciphertext", "key_version", FINGERPRINT)


class CiphertextProvider(ResourceProvider):
    """Encrypt, and encrypt anew when plaintext, key or context change. No attributes, as in `KeyProvider`."""

    serialize_as_secret_always = False  # nothing secret is ever captured

    def configure(self, req: ConfigureRequest) -> None:  # noqa: ARG002
        """Called once per process."""
        speak_plainly()

    def check(self, olds: Props, news: Props) -> CheckResult:  # noqa: ARG002
        """The stack was checked already; whether the plaintext is there and fits is seen when it is needed."""
        return CheckResult(news, [])

    def diff(self, _id: str, _olds: Props, _news: Props) -> DiffResult:
        """Whether to encrypt anew. Reads the plaintext, sends nothing."""
        if has_unknowns(_news) or not same(_olds, _news, "target", "key_id", "context", "plaintext", "key"):
            return DiffResult(changes=True)
        with stored.readable(_id):
            seal = Seal.read(str(_olds.get(FINGERPRINT) or ""))
        return DiffResult(changes=seal is None or not seal.fits(_plaintext(_news)))

    def create(self, props: Props) -> CreateResult:
        """Encrypt."""
        return CreateResult(_where(props), _encrypted(props))

    def read(self, id_: str, props: Props) -> ReadResult:
        """Nothing in the cloud can have changed: the ciphertext is here."""
        return ReadResult(id_, props, props)

    def update(self, _id: str, _olds: Props, _news: Props) -> UpdateResult:
        """Encrypt anew."""
        return UpdateResult(_encrypted(_news))

    def delete(self, _id: str, _props: Props) -> None:
        """Forget the ciphertext. What was encrypted can still be decrypted by whoever has it."""


def ciphertext_inputs(desired: DesiredCiphertext, key: Any) -> Props:
    """The inputs of a ciphertext; `key` is the typed resource of its key."""
    return {
        **key_inputs(desired.target, desired.key, key.declaration.settings, key.key_id),
        "name": desired.name,
        "plaintext": stored.source_props(desired.plaintext),
        "context": dict(desired.context),
    }


def _encrypted(props: Props) -> Props:
    plaintext = _plaintext(props)
    context = {str(name): str(value) for name, value in (props.get("context") or {}).items()}
    ciphertext = used_key(props, _where(props)).encrypt(plaintext, context)
    return {
        **without_provider(props),
        "ciphertext": ciphertext.blob,
        "key_version": ciphertext.version,
        FINGERPRINT: Seal.of(plaintext).text,
    }


def _plaintext(props: Mapping[str, Any]) -> bytes:
    return read_source(stored.source_of(props["plaintext"]), "the plaintext", where=_where(props), environ=os.environ)


def _where(props: Mapping[str, Any]) -> str:
    return f"{props['target']['name']}/ciphertext/{props['name']}"
