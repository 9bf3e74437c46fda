"""Clients for the users, roles and accounts of the default seed, and RAM policies for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kms_emulator.emulator import Emulator
from kms_emulator.store import Scope
from tests.emulator.alibaba.support import ACCOUNT, Client, policy, statement

PARTNER = "1000000000000002"
NO_PERMISSION = (403, "Forbidden.NoPermission")
NO_PERMISSION_400 = (400, "Forbidden.NoPermission")
NEWCOMER = f"acs:ram::{ACCOUNT}:user/newcomer"


@contextmanager
def user(client: Client, name: str) -> Iterator[Client]:
    """A client that signs as this user of the seed: the middle word of the access key's id."""
    made = Client(client.url, key_id=f"LTAI-example-{name}-id", secret=f"example-{name}-secret")
    try:
        yield made
    finally:
        made.session.close()


def allow(action: object, resource: object = "*", effect: str = "Allow", **more: object) -> dict[str, object]:
    """A statement of a RAM policy."""
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def attach(emulator: Emulator, name: str, *statements: object, account: str = ACCOUNT) -> None:
    """Give a user one RAM policy with these statements, in place of what it has."""
    with emulator.store.transaction("alibaba") as transaction:
        scope = Scope(account)
        content = {"Version": "1", "Statement": list(statements)}
        transaction.collection("ram-policies", scope).put(f"of-{name}", {"id": f"of-{name}", "content": content})
        transaction.collection("ram-users", scope).put(name, {"id": name, "policies": [f"of-{name}"]})


def closed_key(client: Client, *statements: object, **parameters: object) -> str:
    """A key whose policy has these statements only; by themselves they keep the account out, so RAM decides."""
    nobody = statement(f"acs:ram::{ACCOUNT}:user/nobody", "kms:*")
    return client.key(Policy=policy(nobody, *statements), **parameters)


def detail(client: Client, action: str, **parameters: object) -> dict[str, Any]:
    """What a refusal tells of its reason."""
    found: dict[str, Any] = client.raw(action, **parameters).json()["AccessDeniedDetail"]
    return found
