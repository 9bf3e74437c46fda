"""A running emulator of Tencent Cloud that holds one world at a time; whoever it names signs real requests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from kms_emulator.contract import Collection
from kms_emulator.emulator import Emulator
from kms_emulator.seed import Directory, Seed
from kms_emulator.seed import Principal as Known
from kms_emulator.store import Scope
from kms_emulator.tencent import CLOUD
from kms_emulator.tencent.cam_facts import CUSTOM, Entity
from kms_emulator.tencent.cam_store import CamStore
from kms_emulator.tencent.readings import Rules
from kms_emulator.tencent.sessions import SESSIONS
from kms_resources.access.words import Document, Principal, PrincipalKind, Request, World
from tests.access.tencent_emulated import NOON
from tests.emulator.tencent.support import Client
from tests.support.emulator import INNER_URL, InnerAdapter

SECRET, TOKEN = "kmsExampleStageSecret00000000000", "example-session-token"
REFUSED = "UnauthorizedOperation"
_FAR = 4_000_000_000
_LETTERS = 32


@dataclass
class Stage:
    """Holds a world's documents, and lets principals call."""

    emulator: Emulator
    owner: str
    region: str
    people: Mapping[Principal, str]
    """Users and roles with their numbers."""
    groups: tuple[str, ...] = ()
    spare: int = 1
    """A policy that nobody has, to be changed."""
    key: str = ""
    blob: str = ""
    clients: dict[Principal, Client] = field(default_factory=dict)

    @property
    def root(self) -> Client:
        """The main account."""
        return self.client(Principal(PrincipalKind.ACCOUNT, self.owner))

    def make_key(self, **tags: str) -> str:
        """A key that the main account made; its id."""
        self._enforce(on=False)
        listed = [{"TagKey": name, "TagValue": value} for name, value in tags.items()]
        self.key = self.root.key("stage", **_given(Tags=listed))
        self.blob = self.root.call("Encrypt", KeyId=self.key, Plaintext="aGVsbG8=")["CiphertextBlob"]
        self._enforce(on=True)
        return self.key

    def hold(self, world: World) -> None:
        """Put the world's documents in force; what was there before is gone."""
        self._enforce(on=True)
        with self.emulator.store.transaction("tencent") as transaction:
            cam = CamStore(self.owner, transaction.collection, self.emulator._seed.directory)
            for collection in (cam.policies, cam.attachments, cam.groups):
                _empty(collection)
            _plant_policy(cam, self.spare, _SPARE, _SPARE)
            for name in self.groups:
                members = self._members(world, name)
                cam.groups.put(name, {"id": name, "name": name, "remark": "", "created": 0, "members": members})
            for number, document in enumerate(world.documents, self.spare + 1):
                _plant_policy(cam, number, document.body)
                self._attach(cam, number, document)

    def _members(self, world: World, group: str) -> list[str]:
        named = world.groups.get(group, ())
        return [number for one, number in self.people.items() if group in one.groups or one.name in named]

    def _attach(self, cam: CamStore, number: int, document: Document) -> None:
        for text in document.attached_to:
            kind, _, name = text.partition("/")
            found = [uin for one, uin in self.people.items() if (one.kind, one.name) == (kind, name)]
            for entity in [name] if kind == "group" else found:
                cam.attach(number, Entity(kind), entity, 0, quotas=False)

    def read(self, rules: Rules) -> None:
        """Switch the emulator's readings of open rules."""
        self.emulator.settings.update({f"tencent.access_{name}": value for name, value in asdict(rules).items()})

    def _enforce(self, *, on: bool) -> None:
        self.emulator.settings.update({"tencent.enforce_access": on})

    def send(self, request: Request) -> str:
        """Send a request as its principal, from where and when it says; the error's code, empty for success."""
        given = request.attributes
        client = self.client(request.principal)
        client.session.headers["X-Emulator-Source-Ip"] = given.get("source_ip", "")
        self.emulator.clock.set(datetime.fromisoformat(given.get("time", NOON)).timestamp())
        service, _, action = request.action.partition(":")
        answer = client.raw(action, service, **self.parameters(action))
        return str(answer.get("Error", {}).get("Code", ""))

    def allows(self, request: Request) -> bool:
        """Whether the request passes the permissions; the service may still have something to say."""
        return self.send(request) != REFUSED

    def parameters(self, action: str) -> dict[str, Any]:
        """What a call needs to succeed."""
        user = next(int(number) for one, number in self.people.items() if one.kind is PrincipalKind.USER)
        role = next((one.name for one in self.people if one.kind is PrincipalKind.ROLE), "")
        policy: dict[str, Any] = {"PolicyId": self.spare}
        text = json.dumps(_SPARE)
        known: dict[str, dict[str, Any]] = {
            "CreatePolicy": {"PolicyName": f"new-{self.emulator.journal.last}", "PolicyDocument": text},
            "UpdatePolicy": {**policy, "PolicyDocument": text},
            "DeletePolicy": {"PolicyId": [self.spare]},
            "CreatePolicyVersion": {**policy, "PolicyDocument": text, "SetAsDefault": True},
            "SetDefaultPolicyVersion": {**policy, "VersionId": 2},
            "AttachUserPolicy": {**policy, "AttachUin": user},
            "DetachUserPolicy": {**policy, "DetachUin": user},
            "AttachGroupPolicy": {**policy, "AttachGroupId": 1},
            "DetachGroupPolicy": {**policy, "DetachGroupId": 1},
            "AttachRolePolicy": {**policy, "AttachRoleName": role},
            "DetachRolePolicy": {**policy, "DetachRoleName": role},
            "UpdateAssumeRolePolicy": {"RoleName": role, "PolicyDocument": json.dumps(_trust(self.owner))},
            "GenerateRandom": {"NumberOfBytes": 8},
            "CreateKey": {"Alias": f"new-{self.emulator.journal.last}"},
            "Encrypt": {"KeyId": self.key, "Plaintext": "aGVsbG8="},
            "Decrypt": {"CiphertextBlob": self.blob},
            "ReEncrypt": {"CiphertextBlob": self.blob},
        }
        return known.get(action, {"KeyId": self.key})

    def client(self, asking: Principal) -> Client:
        """Who signs for a principal."""
        if asking.plain not in self.clients:
            token = TOKEN if asking.kind is PrincipalKind.ROLE else ""
            made = Client(INNER_URL, self.region, access_key(asking), SECRET, token)
            made.session.trust_env = False
            made.session.mount(INNER_URL, InnerAdapter(self.emulator))
            self.clients[asking.plain] = made
        return self.clients[asking.plain]


_SPARE = {"version": "2.0", "statement": [{"effect": "allow", "action": "kms:ListKeys", "resource": "*"}]}


def _given(**parameters: Any) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value}


def _trust(owner: str) -> dict[str, Any]:
    statement = {
        "effect": "allow", "action": "name/sts:AssumeRole", "principal": {"qcs": [f"qcs::cam::uin/{owner}:root"]},
    }  # fmt: skip
    return {"version": "2.0", "statement": [statement]}


def _empty(collection: Collection) -> None:
    for document in collection.list(lagged=False).items:
        name = document.get("id")
        collection.delete(str(name) if name else f"{document['policy']} {document['kind']} {document['entity']}")


def _plant_policy(cam: CamStore, number: int, *bodies: Mapping[str, Any]) -> None:
    """A policy with these versions, the first in force."""
    versions = [
        {"id": place, "document": json.dumps(body, default=dict), "created": 0} for place, body in enumerate(bodies, 1)
    ]
    cam.save_policy({
        "id": number, "name": f"stage-{number}", "description": "", "type": CUSTOM, "added": 0, "updated": 0,
        "default": 1, "next": len(versions) + 1, "tags": [], "versions": versions,
    })  # fmt: skip


def access_key(asking: Principal) -> str:
    """The id of a principal's access key."""
    if asking.kind is not PrincipalKind.ROLE:
        return f"AKIDEXAMPLE{asking.account}{asking.name or 'root'}"
    letters = "".join(letter for letter in asking.name if letter.isalnum())
    return f"AKIDsts{asking.account}x{letters.ljust(_LETTERS, '0')[:_LETTERS]}"


@contextmanager
def open_stage(folder: Path, owner: str, region: str, people: Mapping[Principal, str], groups: Iterable[str] = ()
               ) -> Iterator[Stage]:  # fmt: skip
    """An emulator that knows these people of one main account."""
    root = Principal(PrincipalKind.ACCOUNT, owner)
    known = [
        Known("tencent", owner, one.name or "root", number, not one.name, access_key(one), SECRET)
        for one, number in {root: owner, **people}.items() if one.kind is not PrincipalKind.ROLE
    ]  # fmt: skip
    emulator = Emulator(folder, [CLOUD], Seed(Directory(known, {}), ()))
    emulator.settings.update({"quotas": False, "throttle": False})
    stage = Stage(emulator, owner, region, people, tuple(groups), 100_000_001)
    try:
        with emulator.store.transaction("tencent") as transaction:
            for role, number in people.items():
                if role.kind is PrincipalKind.ROLE:
                    _plant_role(transaction.collection, role, number)
        yield stage
    finally:
        emulator.close()


def _plant_role(collection: Any, role: Principal, number: str) -> None:
    scope = Scope(role.account)
    collection("roles", scope).put(number, {
        "id": number, "name": role.name, "description": "", "document": json.dumps(_trust(role.account)), "added": 0,
        "updated": 0, "login": 0, "duration": 0, "tags": [],
    })  # fmt: skip
    collection(SESSIONS.name, scope).put(access_key(role), {
        "id": access_key(role), "secret": SECRET, "token": TOKEN, "role": number, "role_name": role.name,
        "name": "stage", "policy": "", "expires": _FAR, "owner": role.account,
    })  # fmt: skip
