"""What CAM stores of one main account: policies, roles, groups, and which policy is attached to whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from kms_emulator.contract import Collection, Directory, Document, DuplicateValueError, Index, Kind, Principal, Scope
from kms_emulator.tencent import cam_facts
from kms_emulator.tencent.cam_facts import PRESETS, Entity
from kms_emulator.tencent.errors import ApiError, Code

POLICIES = Kind("policies", indexes={"name": Index(lambda policy: [str(policy["name"])], unique=True)})
ROLES = Kind("roles", indexes={"name": Index(lambda role: [str(role["name"])], unique=True)})
# A group: {id, name, remark, created, members: [uin]}. Groups come from the seed.
GROUPS = Kind("groups", indexes={"member": Index(lambda group: [str(uin) for uin in group["members"]])})
# An attachment: {policy, kind, entity, time}; the entity is a user's uin, a group's id, or a role's id.
ATTACHMENTS = Kind("attachments", indexes={
    "policy": Index(lambda entry: [str(entry["policy"])]),
    "policy and kind": Index(lambda entry: [f"{entry['policy']} {entry['kind']}"]),
    "entity": Index(lambda entry: [f"{entry['kind']} {entry['entity']}"]),
})  # fmt: skip
_FIRST_ROLE, _FIRST_POLICY = 4_611_686_018_427_387_904, 100_000_000


class CamStore:
    """The CAM of one account. ``collection`` opens a kind of the account; ``directory`` knows the users."""

    def __init__(self, account: str, collection: Callable[[str, Scope], Collection], directory: Directory) -> None:
        scope = Scope(account)
        self.account = account
        self.policies, self.roles = collection(POLICIES.name, scope), collection(ROLES.name, scope)
        self.groups, self.attachments = collection(GROUPS.name, scope), collection(ATTACHMENTS.name, scope)
        self._directory = directory

    # Policies

    def policy(self, policy_id: int, gone: Code) -> Document:
        """A policy of the account or of the vendor; ``gone`` is the code of the calling action for none."""
        preset = PRESETS.get(policy_id)
        found = dict(preset.stored) if preset else self.policies.get(str(policy_id))
        if found is None:
            raise ApiError(gone, f"The policy {policy_id} does not exist.")
        return found

    def policy_named(self, name: str, gone: Code) -> Document:
        """The same by name."""
        preset = next((entry for entry in PRESETS.values() if entry.name == name), None)
        found = dict(preset.stored) if preset else self.policies.find("name", name)
        if found is None:
            raise ApiError(gone, f"The policy `{name}` does not exist.")
        return found

    def save_policy(self, policy: Document) -> None:
        """Create or change a policy; its name must be free."""
        try:
            if any(preset.name == policy["name"] for preset in PRESETS.values()):
                raise ApiError(Code.POLICY_NAME_IN_USE, f"The policy name `{policy['name']}` is in use.")
            self.policies.put(str(policy["id"]), policy)
        except DuplicateValueError:
            raise ApiError(Code.POLICY_NAME_IN_USE, f"The policy name `{policy['name']}` is in use.") from None

    def new_policy_id(self, random: Random) -> int:
        """An id that no policy has."""
        return _free(lambda: _FIRST_POLICY + random.randrange(800_000_000), self.policies)

    # Attachments

    def attach(self, policy_id: int, kind: Entity, entity: str, now: int, *, quotas: bool) -> None:
        """Attach a policy; nothing happens if it is attached already [I]."""
        name = f"{policy_id} {kind} {entity}"
        if name in self.attachments:
            return
        limit = cam_facts.POLICIES_OF_ENTITY
        if quotas and self.attachments.count(where=("entity", f"{kind} {entity}")) >= limit:
            raise ApiError(Code.ATTACHMENT_FULL, f"The {kind} has {limit} policies, the most allowed.")
        self.attachments.put(name, {"policy": policy_id, "kind": kind.value, "entity": entity, "time": now})

    def detach(self, policy_id: int, kind: Entity, entity: str) -> None:
        """Detach a policy; nothing happens if it is not attached [I]."""
        self.attachments.delete(f"{policy_id} {kind} {entity}")

    def attached(self, kind: Entity, entity: str) -> list[Document]:
        """The attachments of an entity, oldest first."""
        return self.attachments.list(where=("entity", f"{kind} {entity}"), lagged=False).items

    def documents(self, kind: Entity, entity: str) -> list[str]:
        """The documents in force of an entity: the default version of each policy attached to it."""
        policies = (self.policy(entry["policy"], Code.POLICY_ID_NOT_EXIST) for entry in self.attached(kind, entity))
        return [default_document(policy) for policy in policies]

    # Users and groups

    def user(self, uin: str) -> Principal | None:
        """A sub-user of the account."""
        return next((user for user in self.users() if user.user_id == uin), None)

    def users(self) -> list[Principal]:
        """The sub-users of the account, one entry each whatever number of keys they have."""
        found: dict[str, Principal] = {}
        for entry in self._directory.of_cloud("tencent"):
            if entry.account == self.account and not entry.root:
                found.setdefault(entry.user_id, entry)
        return list(found.values())

    def group(self, group_id: str) -> Document:
        """A group."""
        found = self.groups.get(group_id)
        if found is None:
            raise ApiError(Code.GROUP_NOT_EXIST, f"The group {group_id} does not exist.")
        return found

    def groups_of(self, uin: str) -> list[Document]:
        """The groups a user is in."""
        return self.groups.list(where=("member", uin)).items

    def has_account(self, account: str) -> bool:
        """Whether there is such a main account."""
        return any(entry.account == account for entry in self._directory.of_cloud("tencent"))

    def has_user(self, account: str, uin: str) -> bool:
        """Whether there is such a user in a main account, itself included."""
        users = ((entry.account, entry.user_id) for entry in self._directory.of_cloud("tencent"))
        return (account, uin) in users or (account == uin and self.has_account(account))

    # Roles

    def role(self, role_id: str, name: str, gone: Code = Code.ROLE_NOT_EXIST) -> Document:
        """A role by its id, or else by its name."""
        found = self.roles.get(role_id) if role_id else self.roles.find("name", name)
        if found is None:
            raise ApiError(gone, f"The role `{role_id or name}` does not exist.")
        return found

    def save_role(self, role: Document) -> None:
        """Create or change a role; its name must be free."""
        try:
            self.roles.put(role["id"], role)
        except DuplicateValueError:
            raise ApiError(Code.ROLE_NAME_IN_USE, f"The role name `{role['name']}` is in use.") from None

    def new_role_id(self, random: Random) -> str:
        """An id that no role has."""
        return str(_free(lambda: _FIRST_ROLE + random.randrange(1_000_000_000), self.roles))


def default_document(policy: Mapping[str, Any]) -> str:
    """The document of a policy's default version."""
    return str(next(version["document"] for version in policy["versions"] if version["id"] == policy["default"]))


def _free(draw: Callable[[], int], taken: Collection) -> int:
    drawn = draw()
    while str(drawn) in taken:
        drawn = draw()
    return drawn
