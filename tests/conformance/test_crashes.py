"""Lost answers, broken answers and half-made keys: exactly one key, whatever happens."""

import time

import pytest

from kms_resources.errors import CloudError
from kms_resources.operations import keys
from tests.conformance.conftest import Case

LOST_AFTER = ["lost_after_commit", "error_after", "cut_body", "wrong_json"]
LOST_BEFORE = ["lost_before", "error_before"]


@pytest.mark.parametrize("fault", LOST_AFTER)
def test_a_create_whose_answer_is_lost_is_found_again(case: Case, fault: str) -> None:
    desired = case.key()
    case.emulator.fault(kind=fault, cloud=case.cloud, action=case.create_action, count=1)
    key = case.make(desired)
    assert [key.id] == case.mine(desired)
    assert case.count(case.create_action) == 1
    assert case.again(desired, key.id) == ()


@pytest.mark.parametrize("fault", LOST_BEFORE)
def test_a_create_that_never_arrived_is_repeated_only_after_looking(case: Case, fault: str) -> None:
    desired = case.key()
    case.emulator.fault(kind=fault, cloud=case.cloud, action=case.create_action, count=1)
    key = case.make(desired)
    assert sum(case.emulator.pauses) >= case.site.read_lag
    assert [key.id] == case.mine(desired)
    assert case.again(desired, key.id) == ()


def test_a_throttled_create_is_sent_again(case: Case) -> None:
    desired = case.key()
    case.emulator.fault(kind="throttle", cloud=case.cloud, action=case.create_action, count=2)
    assert [case.make(desired).id] == case.mine(desired)


def test_a_create_that_fails_for_good_raises_and_leaves_nothing(case: Case) -> None:
    desired = case.key()
    case.emulator.fault(kind="error_before", cloud=case.cloud, action=case.create_action)
    with pytest.raises(CloudError):
        keys.create(case.site, desired)
    case.emulator.emulator.faults.clear()
    assert case.mine(desired) == []


def test_a_failure_after_create_gives_the_key_back_unfinished(case: Case) -> None:
    desired = case.key(enabled=False)
    disable = "disableKey" if case.cloud == "ctyun" else "DisableKey"
    case.emulator.fault(kind="error_before", cloud=case.cloud, action=disable)
    outcome = keys.create(case.site, desired)
    assert disable.lower() in outcome.problem.lower()
    assert [outcome.key.id] == case.mine(desired)
    case.emulator.emulator.faults.clear()
    case.restart()
    assert keys.update(case.site, desired, outcome.key.id).problem == ""
    assert case.again(desired, outcome.key.id) == ()


def test_a_lost_answer_to_any_other_write_is_repeated(case: Case) -> None:
    desired = case.key()
    key = case.make(desired)
    changed = case.key(enabled=False, description="other words")
    for action in ("DisableKey", "UpdateKeyDescription"):
        name = action if case.cloud != "ctyun" else action[0].lower() + action[1:]
        case.emulator.fault(kind="lost_after_commit", cloud=case.cloud, action=name, count=1)
    assert keys.update(case.site, changed, key.id).problem == ""
    assert case.again(changed, key.id) == ()


def test_a_listing_that_lags_behind_does_not_make_a_second_key(case: Case) -> None:
    desired = case.key()
    case.emulator.emulator.settings.update({"lag": 0.3})
    case.emulator.fault(kind="lost_after_commit", cloud=case.cloud, action=case.create_action, count=1)
    case.site.sleep = _real_sleep
    case.site.sweep._now = _real_now  # type: ignore[method-assign]
    key = case.make(desired)
    case.emulator.emulator.settings.update({"lag": 0})
    assert [key.id] == case.mine(desired)


def _real_sleep(seconds: float) -> None:
    time.sleep(min(seconds, 0.2))


def _real_now() -> float:
    return time.monotonic()
