"""The place where operations happen: one target with its client, its sweep and its memory of this run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from kms_resources.clouds import get_cloud
from kms_resources.clouds.crypto import CryptoClient
from kms_resources.clouds.interface import KmsClient
from kms_resources.clouds.sweep import Sweep
from kms_resources.errors import InputError, UnsafeError
from kms_resources.model import KeyId, Marker, Target


@dataclass
class Site:
    """One target of one process. May be shared by threads."""

    client: KmsClient
    read_lag: float
    """Seconds after which a key that was made is surely visible in listings."""
    sleep: Callable[[float], None] = time.sleep
    connect_crypto: Callable[[], CryptoClient] | None = None
    """Makes the client for the use of keys, when it is needed."""
    sweep: Sweep = field(init=False)
    _crypto: CryptoClient | None = field(init=False, default=None)
    _kept: set[KeyId] = field(init=False, default_factory=set)
    _lock: Lock = field(init=False, default_factory=Lock)

    def __post_init__(self) -> None:
        self.sweep = Sweep(self.client)

    @property
    def name(self) -> str:
        """The target's name."""
        return self.client.target.name

    def crypto(self) -> CryptoClient:
        """The client for the use of keys. Raises `InputError` where the cloud has none yet."""
        with self._lock:
            if self._crypto is None:
                if self.connect_crypto is None:
                    raise InputError("keys cannot be used here with this version", where=f"target {self.name}")
                self._crypto = self.connect_crypto()
            return self._crypto

    def keep(self, key_id: KeyId) -> None:
        """Remember that this run made, took over or changed the key, so that the same run cannot delete it.

        A forced replacement (`pulumi up --replace`) creates first and deletes afterwards. Our create finds the marker
        and takes the same key over, and the deletion that follows would hit the very key that is in use.
        """
        with self._lock:
            self._kept.add(key_id)

    def is_kept(self, key_id: KeyId) -> bool:
        """Whether `keep` was called for the key in this run."""
        with self._lock:
            return key_id in self._kept

    def prove_absence(self, key_id: KeyId, account: str, marker: Marker, where: str) -> None:
        """Raise `UnsafeError` unless "not found" surely means that the key is gone.

        With the credentials of another account every key looks gone, and believing it would make all of them again.
        So absence counts only once we know that we look at the account in which the key was made: by its number, or
        by another key of the same stack.
        """
        if account and self.client.account() == account:
            return
        seen = self.sweep.keys().values()
        if account and any(key.account == account for key in seen):
            return
        stack = marker.rsplit("/", 1)[0] + "/"
        if any(key.marker.startswith(stack) for key in seen):
            return
        raise UnsafeError(
            f"key {key_id} is not visible",
            where=where,
            why=f"these credentials show no key of account {account or 'unknown'} in {self.client.target.region}, "
            "so nobody can tell whether the key is gone or the account is the wrong one",
            advice="check the credentials and the region; if the key is surely gone: pulumi state delete <its URN>",
        )


def open_site(target: Target, environ: Mapping[str, str]) -> Site:
    """Connect to a target; raises `CredentialsError`. Sends nothing."""
    cloud = get_cloud(target.cloud)
    connect = cloud.connect_crypto
    return Site(
        cloud.connect(target, environ),
        cloud.read_lag,
        connect_crypto=(lambda: connect(target, environ)) if connect else None,
    )
