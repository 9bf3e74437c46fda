"""The documents of a key and what happens to them by themselves: deletion, rotation; all from the clock, on access."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kms_emulator.contract import Context, Document, Index, Kind, Scope
from kms_emulator.ctyun.invocation import Invocation
from kms_emulator.ctyun.terms import (
    DEFAULT_KEY,
    NO_KEY,
    NOT_FOR_THIS_KEY,
    SPECS,
    WRONG_STATE,
    Origin,
    Refusal,
    Spec,
    State,
)

ReadOnly = Mapping[str, Any]


def _due(key: ReadOnly) -> float | None:
    """When deletion, the end of imported material, or rotation comes, whichever is first."""
    deletion = key.get("deletion") if key["state"] == State.PENDING_DELETION else None
    # A key that may not be used does not rotate; the date passed is made up for once it is enabled again [I?].
    rotation = key.get("next_rotation") if key["state"] == State.ENABLED else None
    return min((moment for moment in (deletion, key.get("material_expiry"), rotation) if moment), default=None)


KINDS = (
    Kind(
        "keys",
        indexes={name: Index(lambda key, name=name: [key[name]])  # type: ignore[misc]
                 for name in ("state", "spec", "usage", "protection", "origin")},
        due=_due,
    ),
    Kind("aliases", indexes={"key": Index(lambda alias: [alias["key"]])}),
    Kind("versions", indexes={"key": Index(lambda version: [version["key"]])}),
    Kind("materials"),
    Kind("imports", indexes={"key": Index(lambda entry: [entry["key"]])}),
    Kind("certificates", indexes={"state": Index(lambda entry: [str(entry["state"])])}),
    Kind("usb_certificates"),
    Kind("access_points", indexes={
        "name": Index(lambda point: [point["name"]], unique=True),
        "instance": Index(lambda point: [point["instance"]]),
    }),
    Kind("tenants", indexes={"point": Index(lambda tenant: [tenant["point"]])}),
    Kind("vpcs"),
    Kind("subnets", indexes={"vpc": Index(lambda subnet: [subnet["vpc"]])}),
    Kind("instances"),
    Kind("tags", indexes={"pair": Index(lambda tag: [json.dumps([tag["key"], tag["value"]])], unique=True)}),
    Kind("bindings", indexes={
        "tag": Index(lambda binding: [binding["tag"]]),
        "resource": Index(lambda binding: [f"{binding['region']}/{binding['resource']}"]),
    }),
)  # fmt: skip


def stamp(moment: float) -> str:
    """A time as answers write it [S3]."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def find_key(invocation: Invocation, *states: State) -> Document:
    """The key named by ``cmkUuid``; refused when it does not exist or is in none of the states (any when none)."""
    key = invocation.keys.get(invocation.fields["cmkUuid"])
    if key is None:
        raise Refusal(NO_KEY)
    if states and key["state"] not in states:
        raise Refusal(WRONG_STATE, f"it is {key['state']}")
    return key


def refuse_default(key: ReadOnly) -> None:
    """Default keys belong to the cloud's products: most changes are refused [S10][S12]."""
    if key.get("product"):
        raise Refusal(DEFAULT_KEY)


def add_version(context: Context, scope: Scope, key: Document, moment: float) -> Document:
    """A new version of the key; of a symmetric key it becomes the primary one [S11]. The caller stores the key."""
    version = {"id": context.uuid(), "key": key["id"], "created": moment}
    context.store.collection("versions", scope).put(version["id"], version)
    if SPECS[key["spec"]].symmetric:
        key["primary"] = version["id"]
    return version


def check_rotates(spec: Spec, origin: str) -> None:
    """Only symmetric keys with material of the platform rotate by themselves [S11][I]."""
    if not spec.symmetric or origin == Origin.EXTERNAL:
        raise Refusal(NOT_FOR_THIS_KEY, "only symmetric keys with material of the platform rotate by themselves")


def start_rotation(key: Document, seconds: int, now: float) -> None:
    """Switch automatic rotation on, or change its interval; it runs from now."""
    key["interval"], key["next_rotation"] = seconds, now + seconds


def settle(context: Context, scope: Scope) -> None:
    """Do what the clock has made due since the last access of this account and resource pool."""
    keys = context.store.collection("keys", scope)
    for key in filter(None, map(keys.get, keys.due(context.now))):
        if key["state"] == State.PENDING_DELETION and key["deletion"] <= context.now:
            _purge(context, scope, key["id"])
            continue
        if key.get("material_expiry") and key["material_expiry"] <= context.now:
            drop_material(context, scope, key)
        while key["state"] == State.ENABLED and (key.get("next_rotation") or math.inf) <= context.now:
            moment = key["next_rotation"]
            add_version(context, scope, key, moment)
            key["last_rotation"], key["next_rotation"] = moment, moment + key["interval"]
        keys.put(key["id"], key)


def drop_material(context: Context, scope: Scope, key: Document) -> None:
    """Take imported material away; the version stays for the same material to come back. The caller stores the key."""
    context.store.collection("materials", scope).delete(key["primary"])
    key["imported"], key["material_expiry"] = False, None
    if key["state"] != State.PENDING_DELETION:
        key["state"] = State.PENDING_IMPORT


def _purge(context: Context, scope: Scope, identifier: str) -> None:
    """Gone for good [S8]; its material, aliases, versions and tag bindings go with it [I]."""
    store = context.store
    resource = f"{scope.region}/{identifier}"
    materials = store.collection("materials", scope)
    for version in store.collection("versions", scope).ids(where=("key", identifier)):
        materials.delete(version)
    for collection, index, value in (
        (store.collection("aliases", scope), "key", identifier),
        (store.collection("versions", scope), "key", identifier),
        (store.collection("imports", scope), "key", identifier),
        (store.collection("bindings", Scope(scope.account)), "resource", resource),
    ):
        for name in collection.ids(where=(index, value)):
            collection.delete(name)
    store.collection("keys", scope).delete(identifier)


def described(key: ReadOnly) -> dict[str, object]:
    """The key's data as answers give it; what does not apply is left out [I?]."""
    rotating = key.get("next_rotation") is not None
    optional = {
        "deleteDate": stamp(key["deletion"]) if key["state"] == State.PENDING_DELETION else None,
        "materialExpireTime": stamp(key["material_expiry"]) if key.get("material_expiry") else None,
        "primaryKeyVersion": key.get("primary"),
        "rotationInterval": f"{key['interval']}s" if rotating else None,  # seconds, as Alibaba writes it [S16]
        "lastRotationDate": stamp(key["last_rotation"]) if key.get("last_rotation") else None,
        "nextRotationDate": stamp(key["next_rotation"]) if rotating else None,
    }
    return {
        "cmkUuid": key["id"], "keySpec": key["spec"], "keyUsage": key["usage"], "keyState": key["state"],
        "origin": key["origin"], "protectionLevel": key["protection"], "description": key["description"],
        "creationDate": stamp(key["created"]), "creator": key["creator"],
        "automaticRotation": _switch(rotating), "deletionProtection": _switch(key["protected"]),
        "instanceId": key["instance"], "epId": key["project"],
        **{name: value for name, value in optional.items() if value is not None},
    }  # fmt: skip


def _switch(on: bool) -> str:
    return "Enabled" if on else "Disabled"


def usable_state(key: ReadOnly) -> State:
    """The state of a key that nothing holds back: an external one needs its material [I]."""
    waiting = key["origin"] == Origin.EXTERNAL and not key.get("imported")
    return State.PENDING_IMPORT if waiting else State.ENABLED
