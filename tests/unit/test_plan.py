"""Safety rules: the order of steps, and what is refused."""

from dataclasses import replace

import pytest
from hypothesis import given

from kms_resources.errors import UnsafeError
from kms_resources.model import (
    NO_MARKER,
    Deletion,
    DeletionPolicy,
    DesiredKey,
    KeyState,
    Marker,
    Settings,
    Spec,
    Usage,
)
from kms_resources.plan import Step, plan_update, refuse_deletion
from tests.unit.test_changes import TARGET, as_it_is, desired_keys

PLAIN = DesiredKey("orders", TARGET, Settings(Spec.AES_256, Usage.ENCRYPT_DECRYPT), Marker("shop/prod/orders"))
LEAVE = replace(PLAIN, deletion=Deletion(DeletionPolicy.SCHEDULE, 7))


@given(desired_keys)
def test_nothing_to_do_means_no_steps(desired: DesiredKey) -> None:
    assert plan_update(desired, as_it_is(desired)) == ()


def test_enabling_comes_before_settings_and_disabling_after_them() -> None:
    changed = replace(PLAIN, settings=replace(PLAIN.settings, rotation_days=90, description="x"))
    disabled = as_it_is(PLAIN, state=KeyState.DISABLED).with_settings(enabled=False)
    assert plan_update(changed, disabled) == (Step.ENABLE, Step.SET_DESCRIPTION, Step.SET_ROTATION)
    off = replace(changed, settings=replace(changed.settings, enabled=False))
    assert plan_update(off, as_it_is(PLAIN)) == (Step.SET_DESCRIPTION, Step.SET_ROTATION, Step.DISABLE)


def test_a_dying_key_is_only_taken_out_of_its_deletion_first() -> None:
    changed = replace(PLAIN, settings=replace(PLAIN.settings, description="x"))
    dying = as_it_is(PLAIN, state=KeyState.PENDING_DELETION, pending_deletion="2026-12-24T00:00:00Z")
    assert plan_update(changed, dying) == (Step.CANCEL_DELETION,)


def test_a_key_without_marker_gets_ours_and_a_foreign_one_is_refused() -> None:
    assert plan_update(PLAIN, as_it_is(PLAIN, marker=NO_MARKER)) == (Step.WRITE_MARKER,)
    with pytest.raises(UnsafeError, match="other/prod/orders") as caught:
        plan_update(PLAIN, as_it_is(PLAIN, marker=Marker("other/prod/orders")))
    assert caught.value.exit_code == 4


def test_a_renamed_stack_takes_its_own_former_marker_along() -> None:
    former = Marker("shop/production/orders")
    assert plan_update(PLAIN, as_it_is(PLAIN, marker=former), former) == (Step.WRITE_MARKER,)


@pytest.mark.parametrize("change", [{"spec": Spec.SM4}, {"usage": Usage.SIGN_VERIFY}])
def test_what_is_fixed_is_refused_with_advice_and_never_replaced(change: dict[str, object]) -> None:
    with pytest.raises(UnsafeError, match="second key under a new name") as caught:
        plan_update(PLAIN, as_it_is(PLAIN).with_settings(**change))
    assert str(next(iter(change.values()))) in str(caught.value)


@pytest.mark.parametrize("policy", [DeletionPolicy.PREVENT, DeletionPolicy.ABANDON])
def test_a_deletion_needs_leave(policy: DeletionPolicy) -> None:
    with pytest.raises(UnsafeError, match=policy.value):
        refuse_deletion(replace(PLAIN, deletion=Deletion(policy, 7)), as_it_is(PLAIN))


def test_a_deletion_with_leave_is_not_refused() -> None:
    refuse_deletion(LEAVE, None)
    refuse_deletion(LEAVE, as_it_is(LEAVE))


def test_protection_on_either_side_forbids_a_deletion() -> None:
    protected = replace(LEAVE, settings=replace(LEAVE.settings, deletion_protection=True))
    for desired, actual in ((protected, as_it_is(LEAVE)), (LEAVE, as_it_is(protected))):
        with pytest.raises(UnsafeError, match="protection"):
            refuse_deletion(desired, actual)


@pytest.mark.parametrize("marker", ["", "other/prod/orders"])
def test_a_key_that_is_not_surely_ours_is_not_deleted(marker: str) -> None:
    with pytest.raises(UnsafeError, match="marker"):
        refuse_deletion(LEAVE, as_it_is(LEAVE, marker=Marker(marker)))
