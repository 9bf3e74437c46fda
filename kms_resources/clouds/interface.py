"""What every cloud's client can do: the one interface between the clouds and the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from kms_resources.capabilities import Limits
from kms_resources.clouds.access import (
    AccessPointClient,
    AccessRules,
    CredentialClient,
    IdentityPolicyClient,
    KeyPolicyClient,
    PointRules,
)
from kms_resources.clouds.certificates import CertificateClient
from kms_resources.clouds.crypto import CryptoClient, CryptoLimits
from kms_resources.clouds.secrets import SecretLimits, SecretsClient
from kms_resources.model import (
    ActualAlias,
    ActualKey,
    DesiredKey,
    KeyId,
    Marker,
    Target,
)


class KmsClient(Protocol):
    """One target's keys and aliases. Instances may be shared by threads.

    Every method signs and sends; throttling and passing failures of calls that may safely be repeated are retried
    inside. Errors raised everywhere: `DeniedError`, `ThrottledError` (after the deadline), `UnreachableError`,
    `UnclearError`, `RejectedError`. Methods that name a key also raise `NotFoundError` and `WrongStateError`.
    """

    target: Target

    def account(self) -> str:
        """The account that the credentials belong to, or "" if the cloud gives no way to know. Asked once."""

    def list_keys(self) -> Iterable[ActualKey]:
        """Every key of the user's own in this region, with tags and marker, those pending deletion included.

        Listings of the clouds are not snapshots: keys may be missing, never doubled.
        """

    def find_keys(self, marker: Marker) -> Iterable[KeyId]:
        """The keys that carry a marker, by the cloud's own search where it has one: a call or two instead of a sweep.

        For naming a key that is to be used. It may miss a key whose tag failed; before a key is made only the sweep
        counts.
        """

    def describe_key(self, key_id: KeyId) -> ActualKey:
        """One key, complete with tags and marker."""

    def create_key(self, desired: DesiredKey) -> KeyId:
        """Make a key that carries `desired.marker` from its first moment. Sent once, never repeated blindly.

        Raises `UnclearError` when a key may have been made without our hearing of it; the caller looks for the marker.
        Where the cloud itself refuses a second key of the same marker, the id of the first one is given.
        What CreateKey cannot carry is left to the other methods.
        """

    def enable_key(self, key_id: KeyId) -> None:
        """Make a disabled key usable. Enabling an enabled key succeeds."""

    def disable_key(self, key_id: KeyId) -> None:
        """Make a key unusable until it is enabled. Disabling a disabled key succeeds."""

    def set_description(self, key_id: KeyId, description: str, marker: Marker) -> None:
        """Replace the description; the marker is given because one cloud keeps it there."""

    def write_marker(self, key_id: KeyId, marker: Marker, description: str) -> None:
        """Make the key ours; the description is given because one cloud keeps the marker there."""

    def change_tags(self, key_id: KeyId, put: Mapping[str, str], remove: Iterable[str]) -> None:
        """Add or overwrite some tags, remove others."""

    def set_rotation(self, key_id: KeyId, every_days: int | None) -> None:
        """Switch automatic rotation on with a period in days, or off with None."""

    def set_deletion_protection(self, key_id: KeyId, *, on: bool) -> None:
        """Forbid or allow the scheduling of a deletion; a tag of ours where the cloud has no such switch."""

    def schedule_deletion(self, key_id: KeyId, window_days: int) -> None:
        """Have the key destroyed after the window. The only method that can cost a key."""

    def cancel_deletion(self, key_id: KeyId) -> None:
        """Take a key out of its deletion; afterwards it may be enabled or disabled, the cloud decides."""

    def list_aliases(self, keys: Iterable[ActualKey]) -> Iterable[ActualAlias]:
        """Every alias of the region that a user made.

        `keys` is what `list_keys` gave: where an alias is a field of its key, nothing more need be asked.
        """

    def create_alias(self, name: str, key_id: KeyId) -> None:
        """Give a key a further name. Raises `AlreadyExistsError` when the name is taken, whoever has it."""

    def move_alias(self, name: str, key_id: KeyId) -> None:
        """Point an existing alias to another key."""

    def delete_alias(self, name: str, key_id: KeyId) -> None:
        """Take the name away; the key stays. Raises `NotFoundError` when there is no such alias."""


@dataclass(frozen=True)
class Cloud:
    """One row of `CLOUDS`: what the rest may know of a cloud without loading its client."""

    name: str
    title: str
    """The cloud's name for people."""
    limits: Limits
    connect: Callable[[Target, Mapping[str, str]], KmsClient]
    """Make a client from a target and the environment. Sends nothing.

    Raises `CredentialsError` with the names of the missing or unusable variables."""
    read_lag: float
    """Seconds after which a key that was made is surely visible in listings."""
    crypto: CryptoLimits | None = None
    """What its keys may be used for; None: not yet."""
    connect_crypto: Callable[[Target, Mapping[str, str]], CryptoClient] | None = None
    """Make a client for the use of keys, like `connect`."""
    secrets: SecretLimits | None = None
    """What its secrets may be; None where the cloud's KMS keeps none."""
    connect_secrets: Callable[[Target, Mapping[str, str]], SecretsClient] | None = None
    """Make a client for secrets, like `connect`; None where the cloud's KMS keeps none."""
    connect_certificates: Callable[[Target, Mapping[str, str]], CertificateClient] | None = None
    """Make a client for certificates that the KMS keeps, like `connect`; None: no such thing, or not yet."""
    access: Callable[[], AccessRules] | None = None
    """What its policies can say; None where a stack cannot give keys a policy. Called when it is first needed."""
    points: Callable[[], PointRules] | None = None
    """What its access points can be; None where it has none, or not yet."""
    connect_key_policies: Callable[[Target, Mapping[str, str]], KeyPolicyClient] | None = None
    """Make a client for the policies of keys, like `connect`; None where keys have no policy of their own."""
    connect_identity_policies: Callable[[Target, Mapping[str, str]], IdentityPolicyClient] | None = None
    """Make a client for the policies of users, groups and roles, like `connect`; None where they decide nothing."""
    connect_access_points: Callable[[Target, Mapping[str, str]], AccessPointClient] | None = None
    """Make a client for access points, like `connect`."""
    connect_credentials: Callable[[Target, Mapping[str, str]], CredentialClient] | None = None
    """Make a client for the credentials of access points, like `connect`."""
