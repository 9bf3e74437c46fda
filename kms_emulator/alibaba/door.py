"""What a client of the instance gateway needs: the client key of the seed."""

from __future__ import annotations

from kms_emulator.alibaba.access_model import CLIENT_KEYS, ClientKey
from kms_emulator.alibaba.client_keys import completed, key_file, remember
from kms_emulator.contract import Directory, Scope
from kms_emulator.doors import Export
from kms_emulator.store import Transaction

ADDRESS, AUTHORITY = "ALIBABA_KMS_GATEWAY", "ALIBABA_KMS_CA_FILE"


def seeded_client_key(store: Transaction, directory: Directory, cloud: str, now: float) -> ClientKey | None:
    """The first client key that the seed has given a password, with its key pair."""
    for account in dict.fromkeys(entry.account for entry in directory.of_cloud(cloud)):
        keys = store.collection(CLIENT_KEYS, Scope(account))
        for document in keys.list(match=lambda key: bool(key.get("password")), limit=1, lagged=False).items:
            key = completed(keys, ClientKey.load(document), now)
            remember(key)
            return key
    return None


def exports(store: Transaction, directory: Directory, cloud: str, now: float) -> tuple[Export, ...]:
    """The client key's file and password."""
    key = seeded_client_key(store, directory, cloud, now)
    if key is None:
        return ()
    return (
        Export("ALIBABA_KMS_CLIENT_KEY_FILE", key_file(key), "alibaba-client-key.json"),
        Export("ALIBABA_KMS_CLIENT_KEY_PASSWORD", key.password),
    )
