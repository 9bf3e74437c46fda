"""A running emulator of Alibaba Cloud that holds one world at a time; whoever it names signs real requests."""

from __future__ import annotations

import json
import string
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from kms_emulator.alibaba import CLOUD
from kms_emulator.alibaba.ram_model import Session
from kms_emulator.alibaba.readings import Rules
from kms_emulator.emulator import Emulator
from kms_emulator.seed import Directory, Seed, SeedDocument
from kms_emulator.seed import Principal as Known
from kms_emulator.store import Scope
from kms_resources.access.words import DocumentKind, Principal, PrincipalKind, Request, World
from tests.access.alibaba_emulated import EVERYTHING, NOON
from tests.emulator.alibaba.support import Client, b64
from tests.support.emulator import InnerAdapter

SECRET, TOKEN = "example-secret", "example-security-token"
REFUSED = "Forbidden.NoPermission"
_HOST = "emulator.test"
_FAR = 4_000_000_000.0


@dataclass
class Stage:
    """Holds a world's documents, and lets principals call."""

    emulator: Emulator
    owner: str
    region: str
    instance: str
    people: tuple[Principal, ...]
    key: str = ""
    blob: str = ""
    tags: Mapping[str, str] | None = None
    clients: dict[tuple[Principal, bool], Client] = field(default_factory=dict)

    def hold(self, world: World, *, anew: bool = False) -> None:
        """Put the world's documents in force; what was there before is gone. `anew` also makes a new key."""
        self._enforce(on=False)
        root = self.client(Principal(PrincipalKind.ACCOUNT, self.owner))
        if anew or not self.key or self.tags != world.resource.tags:
            self.key, self.tags = root.key(DKMSInstanceId=self.instance), world.resource.tags
            self.blob = root.call("Encrypt", KeyId=self.key, Plaintext=b64(b"hello"))["CiphertextBlob"]
            if self.tags:
                tags = [{"TagKey": name, "TagValue": value} for name, value in self.tags.items()]
                root.call("TagResource", KeyId=self.key, Tags=tags)
        policies = [one.body for one in world.documents if one.kind is DocumentKind.KEY_POLICY]
        root.call("SetKeyPolicy", KeyId=self.key, Policy=_plain((policies or [self._closed()])[0]))
        self._attach(world)
        self._enforce(on=True)

    def _closed(self) -> dict[str, Any]:
        """The policy of a key that opens to nobody: one that has none of its own opens to the account."""
        nobody = {"RAM": [f"acs:ram::{self.owner}:user/nobody"]}
        return {
            "Version": "1",
            "Statement": [{"Effect": "Allow", "Principal": nobody, "Action": ["kms:DescribeKey"], "Resource": ["*"]}],
        }

    def _attach(self, world: World) -> None:
        """RAM of every account: what the world says, and everything where it says nothing of another account."""
        identity = [one for one in world.documents if one.kind is DocumentKind.IDENTITY_POLICY]
        told = {one.account or self.owner for one in identity} | {self.owner}
        with self.emulator.store.transaction("alibaba") as transaction:
            for asking in self.people:
                if not asking.name:
                    continue
                scope, holder = Scope(asking.account), f"{asking.kind}/{asking.name}"
                groups = {group for group, members in world.groups.items() if asking.name in members}
                holders = {holder, *(f"group/{group}" for group in (*groups, *asking.groups))}
                bodies = [
                    self._named(one.body, world)
                    for one in identity
                    if (one.account or self.owner) == asking.account and holders & set(one.attached_to)
                ]
                bodies += [] if asking.account in told else [EVERYTHING]
                names = [f"{holder}-{number}" for number in range(len(bodies))]
                for name, body in zip(names, bodies, strict=True):
                    transaction.collection("ram-policies", scope).put(name, {"id": name, "content": body})
                kind = "ram-users" if asking.kind is PrincipalKind.USER else "ram-roles"
                transaction.collection(kind, scope).put(asking.name, {"id": asking.name, "policies": names})

    def _named(self, body: Mapping[str, Any], world: World) -> Any:
        """A document with the id of the key that there is."""
        return json.loads(json.dumps(_plain(body)).replace(f"key/{world.resource.id}", f"key/{self.key}"))

    def _enforce(self, *, on: bool) -> None:
        self.emulator.settings.update({"alibaba.enforce_access": on, "signing_clock": "real"})

    def read(self, rules: Rules) -> None:
        """Switch the emulator's readings of open rules."""
        self.emulator.settings.update({f"alibaba.access_{name}": value for name, value in asdict(rules).items()})

    def send(self, request: Request, action: str = "", **parameters: object) -> str:
        """Send a request as its principal, from where and when it says; the error's code, empty for success."""
        given = request.attributes
        client = self.client(request.principal, secure=given.get("secure_transport", "true") == "true")
        # A private address is one in a VPC, whichever.
        vpc = given.get("vpc", "vpc-any" if "private_ip" in given else "")
        client.comes_from(given.get("source_ip") or given.get("private_ip", ""), vpc)
        self.emulator.clock.set(datetime.fromisoformat(given.get("time", NOON)).timestamp())
        name = action or request.action.removeprefix("kms:")
        response = client.raw(name, **(parameters or self.parameters(name, request.principal)))
        return "" if response.status_code == 200 else str(response.json()["Code"])

    def allows(self, request: Request) -> bool:
        """Whether the request passes the permissions; the service may still have something to say."""
        return self.send(request) != REFUSED

    def parameters(self, action: str, asking: Principal) -> dict[str, object]:
        """What a call needs to get as far as the permissions."""
        key = self.key
        if asking.account != self.owner:
            key = f"acs:kms:{self.region}:{self.owner}:key/{self.key}"
        return {"KeyId": key, **_PARAMETERS.get(action, {})} if action not in _BLOBS else {"CiphertextBlob": self.blob}

    def client(self, asking: Principal, *, secure: bool = True) -> Client:
        """Who signs for a principal."""
        place = (asking.plain, secure)
        if place not in self.clients:
            url = f"{'https' if secure else 'http'}://{_HOST}"
            key_id, token = access_key(asking), TOKEN if asking.kind is PrincipalKind.ROLE else ""
            made = Client(url, key_id=key_id, secret=SECRET, token=token, region=self.region)
            made.session.trust_env = False
            made.session.mount(url, InnerAdapter(self.emulator, url))
            self.clients[place] = made
        return self.clients[place]


def _plain(body: Mapping[str, Any]) -> Any:
    return json.loads(json.dumps(body, default=dict))


_BLOBS = frozenset({"Decrypt", "ExportDataKey"})
_PARAMETERS: Mapping[str, Mapping[str, object]] = {
    "Encrypt": {"Plaintext": b64(b"hello")},
    "ScheduleKeyDeletion": {"PendingWindowInDays": 7},
    "TagResource": {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
    "SetKeyPolicy": {"Policy": "{}"},
    "AsymmetricSign": {"Algorithm": "ECDSA_SHA_256", "Digest": b64(bytes(32)), "KeyVersionId": "none"},
    "AsymmetricVerify": {
        "Algorithm": "ECDSA_SHA_256", "Digest": b64(bytes(32)), "KeyVersionId": "none", "Value": b64(b"x"),
    },
}  # fmt: skip


def access_key(asking: Principal) -> str:
    """The id of a principal's access key."""
    if asking.kind is not PrincipalKind.ROLE:
        return f"LTAI-{asking.account}-{asking.name or 'root'}"
    letters = "".join(letter if letter in string.ascii_letters + string.digits else "Z" for letter in asking.name)
    return f"STS.N{asking.account}x{letters.ljust(16, '0')[:16]}"


@contextmanager
def open_stage(folder: Path, world: World, people: Iterable[Principal]) -> Iterator[Stage]:
    """An emulator that knows these people, and has the instance that the key of the world is in."""
    everybody = tuple({one.plain: one for one in people}.values())
    accounts = dict.fromkeys([world.account, *(one.account for one in everybody)])
    roots = [Principal(PrincipalKind.ACCOUNT, account) for account in accounts]
    known = [
        Known("alibaba", one.account, one.name or "root", f"number of {one.name or 'root'}", not one.name,
              access_key(one), SECRET)
        for one in dict.fromkeys([*roots, *everybody]) if one.kind is not PrincipalKind.ROLE
    ]  # fmt: skip
    place = world.resource
    instance = {"id": place.instance, "name": "stage", "type": "hardware", "status": "Connected", "default": False,
                "key_quota": 10_000}  # fmt: skip
    seed = Seed(
        Directory(known, {}),
        (SeedDocument("alibaba", "instances", Scope(world.account, place.region), place.instance, instance),),
    )
    emulator = Emulator(folder, [CLOUD], seed)
    emulator.settings.update({"quotas": False, "throttle": False})
    try:
        _open_sessions(emulator, [one for one in everybody if one.kind is PrincipalKind.ROLE])
        yield Stage(emulator, world.account, place.region, place.instance, everybody)
    finally:
        emulator.close()


def _open_sessions(emulator: Emulator, roles: Iterable[Principal]) -> None:
    with emulator.store.transaction("alibaba") as transaction:
        for role in roles:
            made = Session(
                access_key(role), secret=SECRET, token=TOKEN, role=role.name, number="300000000000000001",
                name="stage", expires=_FAR,
            )  # fmt: skip
            transaction.collection("ram-sessions", Scope(role.account)).put(made.id, made.document())
