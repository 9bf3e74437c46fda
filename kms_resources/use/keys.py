"""A key in use: every verb with its checks before, its client behind, and the right key behind every answer.

What a cloud lacks and what cannot succeed is refused before anything is sent, by the same table that `kms validate` and
the support matrix use.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from kms_resources.capabilities import Capability
from kms_resources.clouds import Cloud, get_cloud
from kms_resources.clouds.crypto import CryptoClient, CryptoLimits
from kms_resources.crypto import checks
from kms_resources.crypto.digests import digest_message
from kms_resources.crypto.local import public_key_from_pem, verify_with_public_key
from kms_resources.crypto.words import NO_CONTEXT, Algorithm, Ciphertext, Context, DataKey, KeyVersion, PublicKey
from kms_resources.errors import CredentialsError, InputError, UnsafeError
from kms_resources.model import KeyId, Settings, Target, Usage
from kms_resources.use.naming import names_the_key
from kms_resources.use.reference import Place, Reference, find_key, find_target, usual_stack_file, with_door

DATA_KEY_BYTES = 32
"""AES-256."""


@dataclass(frozen=True)
class Signature:
    """A signature and what verifies it."""

    value: bytes
    algorithm: Algorithm
    version: str
    """The key version that signed; empty where the cloud has no versions of such keys."""


@dataclass(frozen=True)
class UsedKey:
    """One key, ready for use. May be shared by threads. Made by `open_key`."""

    reference: Reference
    client: CryptoClient
    cloud: Cloud
    environ: Mapping[str, str] = field(repr=False)
    """Holds the credentials."""

    @property
    def key_id(self) -> KeyId:
        """The cloud's id of the key."""
        return self.reference.key_id

    @property
    def where(self) -> str:
        """How messages call it."""
        return self.reference.name

    @property
    def target(self) -> Target:
        """Where it lives."""
        return self.reference.target

    @cached_property
    @names_the_key
    def settings(self) -> Settings:
        """What kind of key it is: from the stack, else from the cloud (one call, the first time it matters)."""
        if self.reference.settings:
            return self.reference.settings
        return self.cloud.connect(self.target, self.environ).describe_key(self.key_id).settings

    @property
    def limits(self) -> CryptoLimits:
        """What the cloud takes. Raises `InputError` where keys cannot be used yet."""
        if self.cloud.crypto is None:
            raise InputError(f"keys of {self.cloud.title} cannot be used with this version", where=self.where)
        return self.cloud.crypto

    @names_the_key
    def encrypt(self, plaintext: bytes, context: Context = NO_CONTEXT) -> Ciphertext:
        """Encrypt a little data, at most what the cloud takes (4 or 6 KiB). Permission: encrypt.

        Raises `InputError` before anything is sent: empty or too much data, a key for another use, a context too long.
        """
        self._need(Capability.ENCRYPT, Usage.ENCRYPT_DECRYPT, context)
        checks.check_plaintext(plaintext, self.limits.plaintext_bytes, where=self.where)
        return self.client.encrypt(self.key_id, plaintext, context)

    @names_the_key
    def decrypt(self, blob: str, context: Context = NO_CONTEXT) -> bytes:
        """Open what this key encrypted. Permission: decrypt.

        Raises `UnsafeError` when the ciphertext belongs to another key, which the cloud finds out by itself. A door
        that does not tell the key (the access point of CTYun) is believed.
        """
        self._need(Capability.ENCRYPT, Usage.ENCRYPT_DECRYPT, context)
        opened = self.client.decrypt(_blob(blob, self.where), context)
        if opened.key_id not in {"", self.key_id}:
            raise UnsafeError(
                f"the ciphertext belongs to key {opened.key_id}",
                where=self.where,
                why=f"it was to be opened with {self.key_id}",
                advice="name the right key",
            )
        return opened.plaintext

    @names_the_key
    def re_encrypt(self, blob: str, context: Context = NO_CONTEXT, new_context: Context | None = None) -> Ciphertext:
        """Encrypt with this key what another key of the same target encrypted; the plaintext never leaves the cloud.

        Without `new_context` the context stays. Permission: re-encrypt on both keys.
        """
        after = context if new_context is None else new_context
        self._need(Capability.RE_ENCRYPT, Usage.ENCRYPT_DECRYPT, context)
        checks.check_context(after, self.limits.context_characters, where=self.where)
        return self.client.re_encrypt(_blob(blob, self.where), self.key_id, context, after)

    @names_the_key
    def data_key(
        self, length: int = DATA_KEY_BYTES, context: Context = NO_CONTEXT, *, with_plaintext: bool = True
    ) -> DataKey:
        """A new key for use on this machine, and the same encrypted by this key. Permission: generate data key."""
        capability = Capability.DATA_KEY if with_plaintext else Capability.DATA_KEY_SEALED
        self._need(capability, Usage.ENCRYPT_DECRYPT, context)
        checks.check_data_key_length(length, self.limits.data_key_bytes, where=self.where)
        return self.client.generate_data_key(self.key_id, length, context, with_plaintext=with_plaintext)

    @names_the_key
    def public_key(self, version: str = "") -> PublicKey:
        """The public key, DER. Permission: get public key."""
        self._offered(Capability.PUBLIC_KEY)
        if self.reference.settings and self.reference.settings.spec.symmetric:
            raise InputError("there is no public key", where=self.where, why=f"it is an {self.settings.spec} key")
        return self.client.public_key(self.key_id, version)

    @names_the_key
    def asymmetric_encrypt(self, plaintext: bytes, algorithm: Algorithm | None = None, version: str = "") -> bytes:
        """Encrypt with the public key. Permission: asymmetric encrypt, or get public key where it is done here."""
        chosen = self._algorithm(algorithm, Usage.ENCRYPT_DECRYPT)
        checks.check_capacity(plaintext, self.settings.spec, chosen, self.limits.capacities, where=self.where)
        return self.client.asymmetric_encrypt(self.key_id, version, chosen, plaintext)

    @names_the_key
    def asymmetric_decrypt(self, ciphertext: bytes, algorithm: Algorithm | None = None, version: str = "") -> bytes:
        """Decrypt with the private key. Permission: asymmetric decrypt."""
        self._offered(Capability.ASYMMETRIC_DECRYPT)
        return self.client.asymmetric_decrypt(
            self.key_id, version, self._algorithm(algorithm, Usage.ENCRYPT_DECRYPT), ciphertext
        )

    @names_the_key
    def sign(self, message: Iterable[bytes], algorithm: Algorithm | None = None, version: str = "") -> Signature:
        """Sign a message of any size: only its digest goes to the cloud. Permission: sign.

        `message` gives the message in pieces. The digest of SM2 takes the public key in, which costs one more call.
        """
        self._offered(Capability.SIGN)
        chosen = self._algorithm(algorithm, Usage.SIGN_VERIFY)
        public = self._public_for(chosen, version)
        digest = digest_message(message, chosen, public.der if public else b"")
        number = version or (public.version if public else "")
        return Signature(self.client.sign(self.key_id, number, chosen, digest), chosen, number)

    @names_the_key
    def verify(
        self, message: Iterable[bytes], signature: bytes, algorithm: Algorithm | None = None, version: str = ""
    ) -> bool:
        """Whether the signature is this key's, asked in the cloud. Permission: verify.

        Without a version: the newest, then the others where the cloud lists them. An SM2 key's digest depends on its
        version, so with several of them the message is held in memory; name the version of a large one.
        """
        self._offered(Capability.SIGN)
        chosen = self._algorithm(algorithm, Usage.SIGN_VERIFY)
        versions = self._versions_to_try(version)
        if chosen is not Algorithm.SM2DSA:
            digest = digest_message(message, chosen)
            return any(self.client.verify(self.key_id, number, chosen, digest, signature) for number in versions)
        pieces = message if len(versions) == 1 else list(message)
        for number in versions:
            public = self.client.public_key(self.key_id, number)
            digest = digest_message(pieces, chosen, public.der)
            if self.client.verify(self.key_id, number or public.version, chosen, digest, signature):
                return True
        return False

    @names_the_key
    def hmac(self, message: bytes) -> bytes:
        """HMAC-SM3 of a message. Permission: compute HMAC."""
        self._offered(Capability.MAC)
        self._made_for(Usage.GENERATE_VERIFY_MAC)
        return self.client.hmac(self.key_id, message)

    @names_the_key
    def versions(self) -> tuple[KeyVersion, ...]:
        """The versions of the key, oldest first. Permission: list key versions."""
        self._offered(Capability.VERSIONS)
        return tuple(self.client.list_versions(self.key_id))

    @names_the_key
    def new_version(self) -> KeyVersion | None:
        """Make a further version now; a symmetric key encrypts with it from here on. Permission: create version."""
        self._offered(Capability.NEW_VERSION)
        return self.client.create_version(self.key_id)

    def choose_algorithm(self, algorithm: Algorithm | None, usage: Usage) -> Algorithm:
        """The algorithm that is meant: the one named, or the first that the key offers. Raises `InputError`."""
        return self._algorithm(algorithm, usage)

    def _algorithm(self, algorithm: Algorithm | None, usage: Usage) -> Algorithm:
        self._made_for(usage)
        return checks.choose_algorithm(
            self.limits.algorithms, self.settings.spec, self.settings.usage, algorithm, where=self.where
        )

    def _public_for(self, algorithm: Algorithm, version: str) -> PublicKey | None:
        """The public key where the digest or the version needs it."""
        needs = algorithm is Algorithm.SM2DSA or (not version and self.cloud.limits.has(Capability.VERSIONS))
        return self.client.public_key(self.key_id, version) if needs else None

    def _versions_to_try(self, version: str) -> list[str]:
        if version or not self.cloud.limits.has(Capability.VERSIONS):
            return [version]
        try:
            return [one.id for one in self.client.list_versions(self.key_id)][::-1] or [""]
        except CredentialsError:
            # A door of its own may verify and not list; then the newest version is the one there is.
            return [""]

    def _need(self, capability: Capability, usage: Usage, context: Context) -> None:
        self._offered(capability)
        if context:
            self._offered(Capability.ENCRYPTION_CONTEXT)
        checks.check_context(context, self.limits.context_characters, where=self.where)
        # Of a key that is named directly nothing is known; the cloud itself refuses what does not fit.
        if self.reference.settings:
            self._made_for(usage)
            checks.check_symmetric(self.settings.spec, where=self.where)

    def _offered(self, capability: Capability) -> None:
        checks.check_capability(self.cloud.limits, capability, self.cloud.title, where=self.where)

    def _made_for(self, usage: Usage) -> None:
        checks.check_usage(self.settings.spec, self.settings.usage, usage, where=self.where)


def verify_offline(public_key: bytes, algorithm: Algorithm, message: Iterable[bytes], signature: bytes) -> bool:
    """Whether a signature fits a public key (DER or PEM), without any cloud."""
    der = public_key
    if public_key.lstrip().startswith(b"-----"):
        der = public_key_from_pem(public_key.decode("utf-8", errors="replace"))
    return verify_with_public_key(der, algorithm, digest_message(message, algorithm, der), signature)


def open_key(
    text: str,
    place: Place | None = None,
    environ: Mapping[str, str] = os.environ,
    *,
    door: str = "",
    encoding: str = "",
) -> UsedKey:
    """The key that `text` names (`find_key`), ready for use.

    `place` says where names are looked up; without it the only file in `stacks/`. `door` is `shared` or `instance`
    for a target with a gateway, `encoding` replaces the gateway's. Raises `InputError`, `CredentialsError`, and
    `CloudError` where the name has to be looked up.
    """
    where = place or Place(usual_stack_file(Path()))
    reference = find_key(text, where, environ)
    client, cloud = open_target(reference.target, environ, door=door, encoding=encoding)
    return UsedKey(reference, client, cloud, environ)


def open_target(
    target: Target | str, environ: Mapping[str, str] = os.environ, *, door: str = "", encoding: str = ""
) -> tuple[CryptoClient, Cloud]:
    """A target's client for the use of keys, and its cloud. Sends nothing."""
    if isinstance(target, str):
        target = find_target(target, Place(usual_stack_file(Path())))
    cloud = get_cloud(target.cloud)
    if cloud.connect_crypto is None:
        raise InputError(f"keys of {cloud.title} cannot be used with this version", where=f"target {target.name}")
    return cloud.connect_crypto(with_door(target, door, encoding), environ), cloud


def _blob(text: str, where: str) -> str:
    blob = text.strip()
    if not blob:
        raise InputError("there is no ciphertext", where=where, why="the input is empty")
    if not blob.isascii() or any(character.isspace() for character in blob):
        raise InputError(
            "the input is no ciphertext",
            where=where,
            why="a ciphertext is one word of ASCII text, as `kms encrypt` writes it",
        )
    return blob
