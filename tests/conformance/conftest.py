"""Every case of this folder runs for every cloud, in process and over HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from kms_resources.capabilities import Capability, Limits
from kms_resources.clouds import CLOUDS, get_cloud
from kms_resources.model import (
    NO_MARKER,
    ActualKey,
    Deletion,
    DeletionPolicy,
    DesiredKey,
    KeyId,
    Marker,
    Settings,
    Spec,
    Target,
    Usage,
)
from kms_resources.operations import keys
from kms_resources.operations.site import Site
from kms_resources.plan import plan_update
from tests.support.emulator import Running, run_emulator

TARGETS = {
    "tencent": Target("guangzhou", "tencent", "ap-guangzhou"),
    "alibaba": Target("hangzhou", "alibaba", "cn-hangzhou", instance="kst-hzz62ee817bvsoft01"),  # software: rotates
    "ctyun": Target("north", "ctyun", "bb9fdb42056f11eda1610242ac110002"),
}

HARDWARE = replace(TARGETS["alibaba"], instance="kst-hzz62ee817bvyyr5x")
"""The instance that offers the most kinds of keys at Alibaba; its keys cannot rotate."""


@dataclass
class Case:
    """One cloud, one wire, and short words for what the cases do."""

    cloud: str
    emulator: Running
    target: Target
    site: Site

    @property
    def limits(self) -> Limits:
        return get_cloud(self.cloud).limits

    def needs(self, capability: Capability) -> bool:
        """Whether the cloud has it; a case for the other answer stands beside."""
        return self.limits.has(capability)

    def key(self, name: str = "orders", **settings: Any) -> DesiredKey:
        """A declared key that every cloud can make."""
        settings.setdefault("spec", Spec.SM4 if self.cloud == "tencent" else Spec.AES_256)
        settings.setdefault("usage", Usage.ENCRYPT_DECRYPT)
        target = settings.pop("target", self.target)
        return DesiredKey(name, target, Settings(**settings), Marker(f"shop/prod/{name}"))

    def schedulable(self, key: DesiredKey) -> DesiredKey:
        return replace(key, deletion=Deletion(DeletionPolicy.SCHEDULE, 7))

    def restart(self) -> None:
        """What the next `pulumi up` is: a new process that remembers nothing."""
        self.site = self.emulator.site(self.target)

    def make(self, desired: DesiredKey) -> ActualKey:
        outcome = keys.create(self.site, desired)
        assert outcome.problem == ""
        return outcome.key

    def again(self, desired: DesiredKey, key_id: KeyId) -> tuple[object, ...]:
        """Plan again in a new process, from a fresh reading. Empty is right."""
        self.restart()
        seen = keys.read(self.site, desired, key_id, "")
        assert seen is not None
        return plan_update(desired, seen)

    def mine(self, desired: DesiredKey) -> list[KeyId]:
        """The ids of all keys with this marker."""
        self.restart()
        return [key.id for key in self.site.sweep.marked(desired.marker)]

    def lose_marker(self, key_id: KeyId) -> None:
        """Somebody tidies up: what our marker is written in is emptied."""
        if self.cloud == "ctyun":
            self.site.client.set_description(key_id, "tidied", NO_MARKER)
        else:
            self.site.client.change_tags(key_id, {}, ["kms-resources-marker"])

    def count(self, action: str) -> int:
        return self.emulator.actions(self.cloud).count(action)

    @property
    def create_action(self) -> str:
        return "createKey" if self.cloud == "ctyun" else "CreateKey"

    @property
    def schedule_action(self) -> str:
        return "scheduleKeyDeletion" if self.cloud == "ctyun" else "ScheduleKeyDeletion"


@pytest.fixture(params=["inner", "http"])
def wire(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=sorted(CLOUDS))
def case(request: pytest.FixtureRequest, wire: str, tmp_path: Path) -> Iterator[Case]:
    cloud = str(request.param)
    with run_emulator(tmp_path, http=wire == "http", clouds=[cloud]) as emulator:
        target = TARGETS[cloud]
        yield Case(cloud, emulator, target, emulator.site(target))
