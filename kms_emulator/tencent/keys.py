"""The key document: its indexes, what happens to it by itself, and how the vendor shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kms_emulator.contract import Document, Index, Kind
from kms_emulator.tencent import facts
from kms_emulator.tencent.facts import DAY, Origin, State, Usage

ALL = "ALL"
SHARED_CLUSTER = "default"


def new_key(
    *, key_id: str, alias: str, description: str, usage: Usage, origin: Origin, region: str, creator: str, now: int,
    version: str,
) -> Document:  # fmt: skip
    """The document of a key just created."""
    external = origin == Origin.EXTERNAL
    return {
        "id": key_id, "alias": alias, "description": description, "usage": usage.value, "origin": origin.value,
        "state": (State.PENDING_IMPORT if external else State.ENABLED).value, "owner": facts.OWNER_USER,
        "creator": creator, "created": now, "module": facts.MODULE_SM if facts.mainland(region) else facts.MODULE_FIPS,
        "rotation": False, "rotate_days": facts.DEFAULT_ROTATE_DAYS, "next_rotation": 0, "last_rotation": 0,
        "last_manual_rotation": 0, "deletion": 0, "valid_to": 0,
        # Old versions stay for decryption; an external key has none before its material is imported.
        "versions": [] if external else [{"id": version, "created": now}],
        # Whether imported material is there now, what it was, and what cloud products are bound to the key.
        "imported": False, "fingerprint": "", "bindings": [],
    }  # fmt: skip


def metadata(key: Mapping[str, object]) -> dict[str, object]:
    """``KeyMetadata`` of a key."""
    return {
        "KeyId": key["id"], "Alias": key["alias"], "CreateTime": key["created"], "Description": key["description"],
        "KeyState": key["state"], "KeyUsage": key["usage"], "Type": key["module"],
        "CreatorUin": _number(key["creator"]), "CreatorUinString": key["creator"],
        "KeyRotationEnabled": key["rotation"], "Owner": key["owner"], "NextRotateTime": _next_rotation(key),
        "RotateDays": key["rotate_days"], "LastRotateTime": key["last_rotation"], "DeletionDate": key["deletion"],
        "Origin": key["origin"], "ValidTo": key["valid_to"], "ResourceId": resource_id(key), "HsmClusterId": "",
        "IsSyncReplica": 0, "SourceRegion": "", "SourceHsmClusterId": "", "SyncStatus": 0, "SyncMessages": "",
        "SyncStartTime": 0, "SyncEndTime": 0,
    }  # fmt: skip


def resource_id(key: Mapping[str, object]) -> str:
    """The name of a key inside its account and region, as tags and policies need it."""
    return f"creatorUin/{key['creator']}/{key['id']}"


def _next_rotation(key: Mapping[str, object]) -> int:
    # Published samples show the creation time plus a year while rotation is off.
    return _number(key["next_rotation"]) if key["rotation"] else _number(key["created"]) + 365 * DAY


def _number(value: object) -> int:
    return int(str(value))


@dataclass(frozen=True)
class Listing:
    """What ListKeyDetail can filter by without looking at every key."""

    role: int
    usage: str
    state: str
    origin: str

    @property
    def value(self) -> str:
        """The index value."""
        return f"{self.role} {self.usage} {self.state} {self.origin}"


def role(key: Mapping[str, object]) -> int:
    """0 for a key of the user, 1 for a key that a cloud product made."""
    return 0 if key["owner"] == facts.OWNER_USER else 1


def _listings(key: Mapping[str, object]) -> Iterable[str]:
    return [
        Listing(role(key), str(usage), str(state), str(origin)).value
        for usage in (ALL, key["usage"]) for state in (ALL, key["state"]) for origin in (ALL, key["origin"])
    ]  # fmt: skip


def _plain(key: Mapping[str, object]) -> Iterable[str]:
    return [str(role(key))] if key["state"] in facts.PLAIN_STATES else []


def _counted(key: Mapping[str, object]) -> Iterable[str]:
    return ["user"] if role(key) == 0 and key["state"] != State.PENDING_DELETE else []


def has_material(key: Mapping[str, object]) -> bool:
    """Whether the key can work: its material was made here, or imported and neither deleted nor expired."""
    return key["origin"] == Origin.TENCENT_KMS or bool(key.get("imported"))


def next_event(key: Mapping[str, object]) -> float | None:
    """When something happens to the key without a request: it disappears, it rotates, or its material expires."""
    moments = []
    if key["state"] == State.PENDING_DELETE:
        moments.append(_number(key["deletion"]))
    if key["state"] == State.ENABLED and key["rotation"]:
        moments.append(_number(key["next_rotation"]))
    if key.get("imported") and key["valid_to"]:
        moments.append(_number(key["valid_to"]))
    return min(moments, default=None)


def without_material(key: Document) -> Document:
    """An external key whose material is gone. A key that waits for its deletion goes on waiting."""
    state = State.PENDING_DELETE if key["state"] == State.PENDING_DELETE else State.PENDING_IMPORT
    return {**key, "state": state.value, "imported": False, "valid_to": 0}


def add_version(key: Document, version: str, at: int) -> None:
    """Rotate: a new version, and the next date counted from it."""
    key["versions"].append({"id": version, "created": at})
    key["last_rotation"] = at
    key["next_rotation"] = at + key["rotate_days"] * DAY


KEYS = Kind(
    "keys",
    indexes={
        "alias": Index(lambda key: [str(key["alias"])], unique=True),
        "listing": Index(_listings),
        "plain": Index(_plain),
        "quota": Index(_counted),
    },
    due=next_event,
)
