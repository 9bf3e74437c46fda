"""Keys in use, for tests: every cloud's stands, an emulator behind each, and keys that are made once and shared."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import BaseAdapter

from kms_emulator.contract import Cloud as EmulatedCloud
from kms_emulator.doors import CloudWithDoor
from kms_resources.capabilities import Capability
from kms_resources.clouds import get_cloud
from kms_resources.clouds.crypto import CryptoClient, CryptoLimits
from kms_resources.clouds.interface import Cloud
from kms_resources.crypto import local
from kms_resources.crypto.words import Algorithm
from kms_resources.model import DesiredKey, Gateway, KeyId, Marker, Origin, Settings, Spec, Target, Usage
from kms_resources.operations import keys
from kms_resources.operations.site import Site
from kms_resources.use import UsedKey
from kms_resources.use.reference import Reference
from tests.support.emulator import INNER_URL, InnerAdapter, Running, run_emulator

WIRES = ("inner", "http")
HARDWARE, SOFTWARE = "kst-hzz62ee817bvyyr5x", "kst-hzz62ee817bvsoft01"
STANDS: Mapping[str, Target] = {
    "tencent": Target("guangzhou", "tencent", "ap-guangzhou"),
    "tencent-abroad": Target("singapore", "tencent", "ap-singapore"),
    "alibaba": Target("hangzhou", "alibaba", "cn-hangzhou", instance=HARDWARE),
    "alibaba-software": Target("software", "alibaba", "cn-hangzhou", instance=SOFTWARE),
    "alibaba-default": Target("default", "alibaba", "cn-hangzhou"),
    "alibaba-instance": Target("instance", "alibaba", "cn-hangzhou", instance=HARDWARE, gateway=Gateway("")),
    "ctyun": Target("north", "ctyun", "bb9fdb42056f11eda1610242ac110002"),
    "ctyun-access-point": Target("point", "ctyun", "fecnjniakfkn2314ndekqldedcsadfg", gateway=Gateway("")),
    "tencent-legacy": Target("old", "tencent-legacy", "gz"),
}
"""Where keys are used: each cloud, and its doors and kinds of regions that differ in what they offer."""
ONE_PER_CLOUD = ("tencent", "alibaba", "ctyun", "tencent-legacy")
EVERY_KIND = (*ONE_PER_CLOUD, "tencent-abroad", "alibaba-instance")
"""The stands that together have every kind of key, and the door that computes by its own code."""
HTTP_ONLY = frozenset({"alibaba-instance"})
"""The door's host name must be this machine's, so it needs a socket."""
NOT_MADE = {("alibaba", Spec.RSA_4096), ("alibaba-instance", Spec.RSA_4096)}
"""Kinds that the cloud's table knows to use and does not offer to make; the vendor's own call makes them."""


@dataclass(frozen=True)
class Kind:
    """A key's kind at a stand, over a wire."""

    stand: str
    wire: str
    spec: Spec
    usage: Usage
    algorithm: Algorithm | None = None

    def __str__(self) -> str:
        words = [self.stand, self.wire, self.spec, "sign" if self.usage is Usage.SIGN_VERIFY else "", self.algorithm]
        return "-".join(word for word in words if word)


def limits_of(stand: str) -> CryptoLimits:
    """What the keys of a stand can be used for."""
    crypto = get_cloud(STANDS[stand].cloud).crypto
    assert crypto is not None
    return crypto


def kinds(
    usage: Usage | None = None,
    *,
    symmetric: bool | None = None,
    needs: Capability | None = None,
    stands: Sequence[str] = EVERY_KIND,
    wires: Sequence[str] = WIRES,
    algorithms: bool = False,
) -> list[Kind]:
    """Every kind of key that the clouds' tables offer; with `algorithms` once for each algorithm."""
    chosen: list[Kind] = []
    for stand, wire in itertools.product(stands, wires):
        target = STANDS[stand]
        limits = get_cloud(target.cloud).limits
        if (stand in HTTP_ONLY and wire != "http") or (needs and not limits.has(needs)):
            continue
        found = {(offer.spec, one): None for offer in limits.offers if offer.where(target) for one in offer.usages}
        known = limits_of(stand).algorithms
        if wire == "inner" or stand in HTTP_ONLY:  # slow keys, and the wire does not know their kind
            found |= dict.fromkeys(pair for pair in known if (stand, pair[0]) in NOT_MADE)
        for spec, one in found:
            if usage not in {None, one} or symmetric not in {None, spec.symmetric}:
                continue
            ways: tuple[Algorithm | None, ...] = known.get((spec, one), ()) if algorithms else (None,)
            chosen += [Kind(stand, wire, spec, one, algorithm) for algorithm in ways]
    return chosen


def capacity_of(kind: Kind) -> int:
    """The most that one asymmetric encryption takes at a stand."""
    assert kind.algorithm
    return min(local.capacity(kind.spec, kind.algorithm), limits_of(kind.stand).capacities.get(kind.algorithm, 1 << 20))


def stands(needs: Capability, *, only: Sequence[str] = ONE_PER_CLOUD, has: bool = True) -> list[tuple[str, str]]:
    """Stands and wires of the clouds that have something, or that have it not."""
    return [
        (stand, wire)
        for stand, wire in itertools.product(only, WIRES)
        if get_cloud(STANDS[stand].cloud).limits.has(needs) is has and not (stand in HTTP_ONLY and wire != "http")
    ]


def symmetric_spec(stand: str) -> Spec:
    """A symmetric kind of key that a stand offers."""
    return Spec.SM4 if stand in {"tencent", "tencent-legacy"} else Spec.AES_256


@dataclass
class Workshop:
    """One stand over one wire: an emulator, a client, and keys."""

    stand: str
    running: Running
    target: Target
    _made: dict[tuple[Spec, Usage], UsedKey] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def cloud(self) -> Cloud:
        return get_cloud(self.target.cloud)

    @cached_property
    def client(self) -> CryptoClient:
        assert self.cloud.connect_crypto is not None
        return self.cloud.connect_crypto(self.target, self.running.environ)

    @cached_property
    def site(self) -> Site:
        return self.running.site(self.target)

    def shared(self, spec: Spec, usage: Usage = Usage.ENCRYPT_DECRYPT) -> UsedKey:
        """A key that tests share: nobody may change it."""
        if (spec, usage) not in self._made:
            self._made[spec, usage] = self.key(spec, usage)
        return self._made[spec, usage]

    def key(
        self,
        spec: Spec | None = None,
        usage: Usage = Usage.ENCRYPT_DECRYPT,
        origin: Origin = Origin.KMS,
        rotation_days: int | None = None,
    ) -> UsedKey:
        """A new key, as a stack would declare it."""
        settings = Settings(spec or symmetric_spec(self.stand), usage, origin, rotation_days=rotation_days)
        if (self.stand, settings.spec) in NOT_MADE:
            return self.use(self._made_by_hand(settings), settings)
        name = f"key-{next(self._numbers)}"
        desired = DesiredKey(name, self.target, settings, Marker(f"shop/use/{name}"))
        outcome = keys.create(self.site, desired)
        assert outcome.problem == ""
        return self.use(outcome.key.id, settings, name)

    def another(self, kind: Kind) -> UsedKey:
        """A new key with a public half that is not the shared key's."""
        taken = self.shared(kind.spec, kind.usage).public_key().der
        while True:
            key = self.key(kind.spec, kind.usage)
            if key.public_key().der != taken:
                return key

    def use(self, key_id: str, settings: Settings | None = None, name: str = "") -> UsedKey:
        """A key by its id; without settings as a direct reference, of which nothing is known."""
        called = f"{self.target.name}/{name}" if name else f"{self.target.cloud}://{self.target.region}/{key_id}"
        return UsedKey(
            Reference(self.target, KeyId(key_id), called, settings), self.client, self.cloud, self.running.environ
        )

    def direct(self, key: UsedKey) -> UsedKey:
        """The same key as a direct reference."""
        return self.use(key.key_id)

    @property
    def requests(self) -> int:
        """How many requests there were."""
        return self.running.emulator.journal.last

    def actions(self, since: int) -> list[str]:
        """The actions asked after a count of requests."""
        return [str(entry["action"]) for entry in self.running.emulator.journal.entries(since)]

    def _made_by_hand(self, settings: Settings) -> str:
        usage = settings.usage.replace("_", "/")
        fields = {"KeySpec": str(settings.spec), "KeyUsage": usage, "DKMSInstanceId": self.target.instance}
        return str(self.client.call("CreateKey", fields)["KeyMetadata"]["KeyId"])


_inner: dict[str, InnerAdapter] = {}
_numbers = itertools.count(1)


@contextmanager
def inner_hosts() -> Iterator[None]:
    """Let every session of this process reach in-process emulators by their made-up hosts."""
    real = requests.Session.get_adapter

    def get_adapter(session: requests.Session, url: str) -> BaseAdapter:
        return _inner.get(urlsplit(url).netloc) or real(session, url)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.Session, "get_adapter", get_adapter)
        yield


@contextmanager
def open_workshop(stand: str, wire: str, folder: Path) -> Iterator[Workshop]:
    """A stand over a wire with an emulator of its own. Needs `inner_hosts`."""
    target = STANDS[stand]
    folder.mkdir(parents=True, exist_ok=True)
    with run_emulator(folder, http=wire == "http", clouds=[target.cloud.replace("-", "_")]) as running:
        url = running.url
        if url == INNER_URL:
            url = f"{INNER_URL}.{next(_numbers)}"
            _inner[urlsplit(url).netloc] = InnerAdapter(running.emulator, url)
        environ = {name: value.replace(running.url, url) for name, value in running.environ.items()}
        environ |= _door(stand, running, url, folder)
        yield Workshop(stand, replace(running, url=url, environ=environ), target)
        _inner.pop(urlsplit(url).netloc, None)


def _door(stand: str, running: Running, url: str, folder: Path) -> dict[str, str]:
    """What the private door of a stand needs: it is served on the same address as everything else."""
    if stand == "ctyun-access-point":
        return {
            "KMS_ENDPOINT_CTYUN_ACCESS_POINT": url,
            "CTYUN_ACCESS_POINT_AK": "00000000000000000000000000example",
            "CTYUN_ACCESS_POINT_SK": "example-tenant-secret",
        }
    if stand != "alibaba-instance":
        return {}
    cloud: EmulatedCloud = running.emulator.clouds[0]
    assert isinstance(cloud, CloudWithDoor)
    variables = {"ALIBABA_KMS_GATEWAY": url}
    with running.emulator.store.transaction(cloud.name) as store:
        directory = running.emulator._seed.directory
        for export in cloud.door_exports(store, directory, running.emulator.clock.now()):
            variables[export.variable] = export.value
            if export.file:
                (folder / export.file).write_text(export.value, encoding="utf-8")
                variables[export.variable] = str(folder / export.file)
    return variables


@dataclass
class Workshops:
    """Workshops that stay open, each made when it is first asked for."""

    folder: Path
    stack: ExitStack
    _open: dict[tuple[str, str], Workshop] = field(default_factory=dict)

    def at(self, stand: str, wire: str = "inner") -> Workshop:
        """The shared workshop of a stand: its clock must not be moved, nor keys be changed that others use."""
        if (stand, wire) not in self._open:
            self._open[stand, wire] = self.fresh(stand, wire)
        return self._open[stand, wire]

    def fresh(self, stand: str, wire: str = "inner") -> Workshop:
        """A workshop for one test alone, with a clock that it may move."""
        folder = self.folder / f"{stand}-{wire}-{next(_numbers)}"
        return self.stack.enter_context(open_workshop(stand, wire, folder))

    def of(self, kind: Kind) -> UsedKey:
        """The shared key of a kind."""
        return self.at(kind.stand, kind.wire).shared(kind.spec, kind.usage)


@contextmanager
def open_workshops(folder: Path) -> Iterator[Workshops]:
    """For a session of tests."""
    with inner_hosts(), ExitStack() as stack:
        yield Workshops(folder, stack)
