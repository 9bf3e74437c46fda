"""One reading for all, and one failure for all."""

from collections.abc import Iterable
from typing import Any, cast

import pytest

from kms_resources.clouds.interface import KmsClient
from kms_resources.clouds.sweep import FAILURE_SECONDS, Sweep
from kms_resources.errors import UnreachableError
from kms_resources.model import ActualKey, KeyId, KeyState, Marker, Settings, Spec, Usage


class Cloud:
    """Fails as long as it is `down`."""

    def __init__(self) -> None:
        self.down, self.asked = True, 0

    def list_keys(self) -> Iterable[ActualKey]:
        self.asked += 1
        if self.down:
            raise UnreachableError("ListKeys could not be sent", where="target north")
        return ()

    def list_aliases(self, keys: Iterable[ActualKey]) -> Iterable[Any]:
        return ()


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_cloud_that_is_down_is_asked_once_for_all_who_wait() -> None:
    cloud = Cloud()
    sweep = Sweep(cast(KmsClient, cloud), Clock())
    for ask in (sweep.keys, sweep.keys, sweep.aliases):
        with pytest.raises(UnreachableError, match="target north: ListKeys could not be sent"):
            ask()
    assert cloud.asked == 1


def test_who_wants_a_fresh_reading_gets_one_and_never_an_old_failure() -> None:
    cloud, clock = Cloud(), Clock()
    sweep = Sweep(cast(KmsClient, cloud), clock)
    with pytest.raises(UnreachableError):
        sweep.keys()
    cloud.down = False
    assert sweep.keys(not_before=clock.now) == {}
    assert sweep.keys() == {}
    assert cloud.asked == 2


def test_a_failure_is_forgotten_after_a_while() -> None:
    cloud, clock = Cloud(), Clock()
    sweep = Sweep(cast(KmsClient, cloud), clock)
    with pytest.raises(UnreachableError):
        sweep.keys()
    cloud.down = False
    clock.now += FAILURE_SECONDS
    assert sweep.keys() == {}


def test_a_listing_that_lags_never_hides_what_we_made_ourselves() -> None:
    cloud, clock = Cloud(), Clock()
    cloud.down = False
    sweep = Sweep(cast(KmsClient, cloud), clock)
    made = ActualKey(KeyId("k"), Settings(Spec.SM4, Usage.ENCRYPT_DECRYPT), KeyState.ENABLED, Marker("a/b/c"))
    sweep.put(made)
    for moment in (float("-inf"), clock.now):
        assert sweep.marked(Marker("a/b/c"), not_before=moment) == (made,)
