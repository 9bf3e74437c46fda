"""Facts of CAM and STS with their certainty marks (see ``facts`` for the sources)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

NAME = r"[A-Za-z0-9+=,.@_-]{1,128}"  # policies and roles [S10]
LONGEST_DESCRIPTION = 300  # bytes [S10]
POLICIES, ROLES, POLICIES_OF_ENTITY = 1500, 1000, 200  # [S8]
VERSIONS = 5  # of a policy [I]
DELETED_AT_ONCE = 100  # policies of one DeletePolicy; that there is a limit is published, the number is not [I?]
TAGS = 50  # of a role or policy [I?]
PAGE, LARGEST_PAGE, LAST_PAGE = 20, 200, 200  # Rp, its maximum, and the last Page [S10]
LONGEST_SESSION = 43_200  # seconds [S10]
DEFAULT_SESSION = 7200  # STS SDK
SESSION_NAME = r"[\w+=,.@-]{2,128}"  # STS SDK
EXTERNAL_ID = r"[\w+=,.@:/-]{2,128}"  # STS SDK
EXTERNAL_ID_KEY = "sts:external_id"  # condition key of trust documents [I]
LONGEST_SESSION_POLICY = 4096  # characters [I?]
SESSION_KEPT = 86_400  # how long an expired key is still told from one that never was [I?]

CUSTOM, PRESET = 1, 2  # types of policies [S10]
BY_SYNTAX = 2  # CreateMode [S10]
_BEIJING = timezone(timedelta(hours=8))  # times are texts without a zone; samples are in Beijing's [I]


class Entity(StrEnum):
    """What a policy can be attached to."""

    USER = "user"
    GROUP = "group"
    ROLE = "role"


RELATED_TYPES: Mapping[str, int] = {Entity.USER: 1, Entity.GROUP: 2, Entity.ROLE: 3}  # [S10]
ENTITY_FILTERS: Mapping[str, tuple[Entity, ...]] = {
    "All": tuple(Entity), "User": (Entity.USER,), "Group": (Entity.GROUP,), "Role": (Entity.ROLE,),
}  # fmt: skip


@dataclass(frozen=True)
class Preset:
    """A policy of the vendor."""

    policy_id: int
    name: str
    description: str
    document: str

    @property
    def stored(self) -> dict[str, object]:
        """In the form of stored policies."""
        version = {"id": 1, "document": self.document, "created": 0}
        return {"id": self.policy_id, "name": self.name, "description": self.description, "type": PRESET, "added": 0,
                "updated": 0, "default": 1, "versions": [version], "next": 2, "tags": []}  # fmt: skip


def _all_of(*actions: str) -> str:
    quoted = ",".join(f'"{action}"' for action in actions)
    return f'{{"version":"2.0","statement":[{{"effect":"allow","action":[{quoted}],"resource":["*"]}}]}}'


# Names as the vendor's console shows them; ids other than 1 and all documents but the first are ours [I?].
PRESETS: Mapping[int, Preset] = {
    preset.policy_id: preset
    for preset in (
        Preset(1, "AdministratorAccess", "all operations on all resources", _all_of("*")),
        Preset(16_001, "QcloudKMSFullAccess", "all operations of KMS", _all_of("kms:*")),
        Preset(16_002, "QcloudTAGFullAccess", "all operations of the tag service", _all_of("tag:*")),
        Preset(16_003, "QcloudCamFullAccess", "all operations of CAM", _all_of("cam:*")),
        Preset(16_004, "QcloudCamReadOnlyAccess", "reading CAM",
               _all_of("cam:Get*", "cam:List*", "cam:Describe*")),
        Preset(16_005, "QcloudSTSFullAccess", "assuming roles", _all_of("sts:*")),
    )
}  # fmt: skip


def app_id(account: str) -> int:
    """The account's other number; made of its uin here [I?]."""
    return 1_250_000_000 + int("0" + "".join(filter(str.isdecimal, account))) % 10_000_000


def text_time(seconds: int) -> str:
    """A time as CAM writes it."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M:%S")
