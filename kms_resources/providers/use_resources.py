"""Typed resources for what a key does: `Ciphertext`, `PublicKey`, `CertificateRequest`; and `Secret`.

Stored format: the type tokens. All but secrets exist in Pulumi's state only; the cloud keeps nothing of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
from pulumi.dynamic import Resource

from kms_resources.errors import InputError
from kms_resources.model import DeletionPolicy, Source, SourceKind
from kms_resources.providers import certificate_request, ciphertext, public_key, secret
from kms_resources.providers import props as stored
from kms_resources.providers.process import insist_on
from kms_resources.providers.resources import Key, Target, WrongArgumentsError
from kms_resources.stack.check_secrets import marked
from kms_resources.stack.typed import declare_use
from kms_resources.uses import DesiredCiphertext, DesiredPublicKey, DesiredRequest, DesiredSecret, Uses


class Ciphertext(Resource, module="kms", name="Ciphertext"):
    """A small secret that a key encrypts when the program runs; encrypted anew when plaintext, key or context change.

    The plaintext is read by the provider, from an environment variable, a file or a command, and never enters the
    state. Permission: encrypt.
    """

    ciphertext: pulumi.Output[str]
    """The cloud's ciphertext, for `kms decrypt` and every other tool of the same cloud."""
    key_version: pulumi.Output[str]
    """The version that encrypted, where the cloud tells it."""

    def __init__(
        self,
        name: str,
        *,
        key: Key,
        plaintext: Mapping[str, str],
        context: Mapping[str, str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`plaintext`: `{"from_env": …}`, `{"from_file": …}` or `{"from_command": …}`."""
        fields = {"plaintext": stored.source_props(source_of(name, plaintext)), "context": dict(context or {})}
        self._declare(_used("ciphertexts", name, fields, key).ciphertexts[0], key, opts)

    @classmethod
    def declared(cls, desired: DesiredCiphertext, key: Key) -> Ciphertext:
        """The ciphertext of a stack file."""
        made = cls.__new__(cls)
        made._declare(desired, key, None)
        return made

    def _declare(self, desired: DesiredCiphertext, key: Key, opts: pulumi.ResourceOptions | None) -> None:
        inputs = {**ciphertext.ciphertext_inputs(desired, key), **dict.fromkeys(ciphertext.OUTPUTS)}
        own = pulumi.ResourceOptions(provider=key.target_provider, additional_secret_outputs=[ciphertext.FINGERPRINT])
        merged = pulumi.ResourceOptions.merge(opts, own)
        super().__init__(ciphertext.CiphertextProvider(), f"ciphertext:{desired.name}", inputs, merged)


class PublicKey(Resource, module="kms", name="PublicKey"):
    """The public key of an asymmetric key. Permission: get public key."""

    pem: pulumi.Output[str]
    """SubjectPublicKeyInfo."""
    key_version: pulumi.Output[str]
    """The version it belongs to, where keys have several."""

    def __init__(self, name: str, *, key: Key, version: str = "", opts: pulumi.ResourceOptions | None = None) -> None:
        """`version`: that version; empty: the newest when it is first read."""
        self._declare(_used("public_keys", name, {"version": version}, key).public_keys[0], key, opts)

    @classmethod
    def declared(cls, desired: DesiredPublicKey, key: Key) -> PublicKey:
        """The public key of a stack file."""
        made = cls.__new__(cls)
        made._declare(desired, key, None)
        return made

    def _declare(self, desired: DesiredPublicKey, key: Key, opts: pulumi.ResourceOptions | None) -> None:
        inputs = {**public_key.public_key_inputs(desired, key), **dict.fromkeys(public_key.OUTPUTS)}
        merged = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(provider=key.target_provider))
        super().__init__(public_key.PublicKeyProvider(), f"public-key:{desired.name}", inputs, merged)


class CertificateRequest(Resource, module="kms", name="CertificateRequest"):
    """A PKCS#10 request that a key signs in its cloud. Permissions: get public key, sign."""

    pem: pulumi.Output[str]
    """The request, for a certification authority."""
    key_version: pulumi.Output[str]
    """The version that signed, where keys have several."""
    signed_with: pulumi.Output[str]
    """The algorithm."""

    def __init__(
        self,
        name: str,
        *,
        key: Key,
        subject: str,
        names: Sequence[str] = (),
        algorithm: str = "",
        version: str = "",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`subject` as in RFC 4514; `names`: `DNS:…`, `IP:…`, `email:…`, `URI:…`."""
        fields = {"subject": subject, "names": list(names), "algorithm": algorithm, "version": version}
        self._declare(_used("certificate_requests", name, fields, key).requests[0], key, opts)

    @classmethod
    def declared(cls, desired: DesiredRequest, key: Key) -> CertificateRequest:
        """The certificate request of a stack file."""
        made = cls.__new__(cls)
        made._declare(desired, key, None)
        return made

    def _declare(self, desired: DesiredRequest, key: Key, opts: pulumi.ResourceOptions | None) -> None:
        inputs = {**certificate_request.request_inputs(desired, key), **dict.fromkeys(certificate_request.OUTPUTS)}
        provider = certificate_request.CertificateRequestProvider()
        merged = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(provider=key.target_provider))
        super().__init__(provider, f"certificate-request:{desired.name}", inputs, merged)


class Secret(Resource, module="kms", name="Secret"):
    """A secret that the cloud keeps and hands out by name. A changed value becomes a further version.

    Its value never enters the state. Permissions: create, describe, update, tag secrets, put secret values and, with
    policy `schedule`, delete and restore secrets.
    """

    arn: pulumi.Output[str]
    """The cloud's full name of the secret."""
    version: pulumi.Output[str]
    """The current version."""
    created: pulumi.Output[str]
    """ISO 8601, UTC."""
    phase: pulumi.Output[str]
    """`complete`, or `incomplete` when the secret exists and a later step failed."""
    next_rotation: pulumi.Output[str]
    """When the cloud rotates it next, if it does."""

    @classmethod
    def declared(cls, desired: DesiredSecret, target: Target, key: Key | None) -> Secret:
        """The secret of a stack file."""
        made = cls.__new__(cls)
        made._declare(desired, target, key, None)
        return made

    def __init__(
        self,
        name: str,
        *,
        target: Target,
        value: Mapping[str, str],
        cloud_name: str = "",
        key: Key | None = None,
        description: str = "",
        tags: Mapping[str, str] | None = None,
        deletion_policy: str = "prevent",
        deletion_window_days: int = 30,
        binary: bool = False,
        type: str = "Generic",  # noqa: A002  (the word of the stack file)
        settings: Mapping[str, str] | None = None,
        rotation_days: int | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`value`: `{"from_env": …}`, `{"from_file": …}` or `{"from_command": …}`; `key` encrypts it at the cloud."""
        fields = {
            "target": target.place.name,
            "name": cloud_name,
            "value": stored.source_props(source_of(name, value)),
            "binary": binary,
            "type": type,
            "settings": dict(settings or {}),
            "encryption_key": key.declaration.name if key else "",
            "description": description,
            "tags": dict(tags or {}),
            "rotation": {"every_days": rotation_days} if rotation_days is not None else None,
            "deletion": {"policy": deletion_policy, "window_days": deletion_window_days},
        }
        declared = _used("secrets", name, fields, key, target).secrets
        desired = next(marked(declared, pulumi.get_project(), pulumi.get_stack()))
        self._declare(desired, target, key, opts)

    def _declare(
        self, desired: DesiredSecret, target: Target, key: Key | None, opts: pulumi.ResourceOptions | None
    ) -> None:
        own = pulumi.ResourceOptions(
            provider=target,
            protect=desired.deletion.policy is DeletionPolicy.PREVENT,
            retain_on_delete=desired.deletion.policy is DeletionPolicy.ABANDON,
            additional_secret_outputs=[secret.FINGERPRINT],
            delete_before_replace=True,
        )
        inputs = {**dict.fromkeys(secret.OUTPUTS), **secret.secret_inputs(desired, key.key_id if key else "")}
        merged = pulumi.ResourceOptions.merge(opts, own)
        super().__init__(secret.SecretProvider(), f"secret:{desired.name}", inputs, merged)
        self.phase.apply(lambda phase: insist_on(desired.where, "secret", phase))


def source_of(name: str, given: Mapping[str, str]) -> Source:
    """A source as a program gives it. Raises `WrongArgumentsError`."""
    if len(given) == 1:
        kind, value = next(iter(given.items()))
        if kind in set(SourceKind) and value:
            return Source(SourceKind(kind), value)
    raise WrongArgumentsError(
        f"{name} needs one source", why="nothing secret is an argument", advice=f"one of {', '.join(SourceKind)}"
    )


def _used(section: str, name: str, given: Mapping[str, object], key: Key | None, target: Target | None = None) -> Uses:
    """What a program declares, checked like a stack file. Raises `WrongArgumentsError`."""
    keys = [key.declaration] if key else []
    fields = {field: value for field, value in given.items() if value not in (None, "")}
    if target is None:
        fields["key"] = keys[0].name
    try:
        return declare_use(section, name, fields, keys, target.place if target else None)
    except InputError as error:
        raise WrongArgumentsError(str(error)) from None
