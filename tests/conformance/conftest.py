"""Every case of this folder runs for every cloud, in process and over HTTP."""

from collections.abc import Callable, Iterator, Mapping
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
from tests.support.rsa_keys import known_rsa_keys
from tests.support.workshop import Workshops, open_workshops

TARGETS = {
    "tencent": Target("guangzhou", "tencent", "ap-guangzhou"),
    "alibaba": Target("hangzhou", "alibaba", "cn-hangzhou", instance="kst-hzz62ee817bvsoft01"),  # software: rotates
    "ctyun": Target("north", "ctyun", "bb9fdb42056f11eda1610242ac110002"),
    "tencent-legacy": Target("old", "tencent-legacy", "gz"),
}

HARDWARE = replace(TARGETS["alibaba"], instance="kst-hzz62ee817bvyyr5x")
"""The instance that offers the most kinds of keys at Alibaba; its keys cannot rotate."""


def _rewrites_markers(limits: Limits) -> bool:
    return limits.has(Capability.TAGS) or limits.has(Capability.DESCRIPTION)


def _has_asymmetric_keys(limits: Limits) -> bool:
    return any(not offer.spec.symmetric for offer in limits.offers)


NEEDS: Mapping[str, Callable[[Limits], bool]] = {
    "test_every_setting_arrives_with_the_key": lambda limits: limits.has(Capability.ROTATION),
    "test_every_offer_of_the_cloud_can_be_made": _has_asymmetric_keys,
    "test_settings_change_in_place": lambda limits: limits.has(Capability.ROTATION),
    "test_settings_can_be_emptied_again": lambda limits: limits.has(Capability.ROTATION),
    "test_the_rotation_period_changes": lambda limits: limits.has(Capability.ROTATION_PERIOD),
    # Where the cloud has no switch, a tag of ours stands for it.
    "test_a_protected_key_is_never_scheduled": lambda limits: (
        limits.has(Capability.DELETION_PROTECTION) or limits.has(Capability.TAGS)
    ),
    "test_a_key_that_differs_in_a_fixed_setting_is_not_adopted": _has_asymmetric_keys,
    "test_a_key_without_marker_is_adopted_by_naming_its_id": _rewrites_markers,
    "test_two_keys_with_one_marker_stop_everything": _rewrites_markers,
    "test_a_lost_answer_to_any_other_write_is_repeated": lambda limits: limits.has(Capability.DESCRIPTION),
}
"""Cases for which a cloud must have something; without it they are left out."""

HIDES_DYING_KEYS = {"tencent-legacy": "test_a_dying_key_is_rescued_and_not_replaced"}
"""[I] Clouds whose listing leaves them out: without its id nobody can rescue one. `test_dying_keys.py` stays."""


@dataclass
class Case:
    """One cloud, one wire, and short words for what the cases do."""

    cloud: str
    """The emulator's name of it."""
    emulator: Running
    target: Target
    site: Site

    @property
    def limits(self) -> Limits:
        return get_cloud(self.target.cloud).limits

    def needs(self, capability: Capability) -> bool:
        """Whether the cloud has it; a case for the other answer stands beside."""
        return self.limits.has(capability)

    def key(self, name: str = "orders", **settings: Any) -> DesiredKey:
        """A declared key that every cloud can make."""
        settings.setdefault("spec", Spec.SM4 if self.cloud.startswith("tencent") else Spec.AES_256)
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
    def alias_action(self) -> str:
        names = {"tencent": "UpdateAlias", "tencent_legacy": "SetKeyAttributes", "ctyun": "createAlias"}
        return names.get(self.cloud, "CreateAlias")

    @property
    def schedule_action(self) -> str:
        return "scheduleKeyDeletion" if self.cloud == "ctyun" else "ScheduleKeyDeletion"


@pytest.fixture(params=["inner", "http"])
def wire(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=sorted(CLOUDS))
def case(request: pytest.FixtureRequest, wire: str, tmp_path: Path) -> Iterator[Case]:
    cloud = str(request.param)
    needs = NEEDS.get(request.function.__name__)
    if needs and not needs(get_cloud(cloud).limits):
        pytest.skip(f"{cloud} has nothing to try it with")
    if HIDES_DYING_KEYS.get(cloud) == request.function.__name__:
        pytest.skip(f"{cloud} lists no key that waits for its deletion")
    emulated = cloud.replace("-", "_")
    with run_emulator(tmp_path, http=wire == "http", clouds=[emulated]) as emulator:
        target = TARGETS[cloud]
        yield Case(emulated, emulator, target, emulator.site(target))


@pytest.fixture(autouse=True)
def _known_rsa_keys() -> Iterator[None]:
    # For the test alone: a session's patch would reach other folders, where two keys have to be two.
    with known_rsa_keys():
        yield


@pytest.fixture(scope="session")
def workshops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshops]:
    """Keys in use: emulators and keys that the cases of `test_use*.py` share."""
    with open_workshops(tmp_path_factory.mktemp("workshops")) as opened:
        yield opened
