"""What every cloud must do with keys. Each case ends by planning again and expecting nothing."""

from dataclasses import replace

import pytest

from kms_resources.capabilities import Capability
from kms_resources.errors import RejectedError, UnsafeError
from kms_resources.model import KeyState, Origin, Spec, Usage
from kms_resources.operations import keys
from tests.conformance.conftest import HARDWARE, Case


def test_a_new_key_is_enabled_and_carries_our_marker(case: Case) -> None:
    desired = case.key()
    key = case.make(desired)
    assert (KeyState.ENABLED, desired.marker) == (key.state, key.marker)
    assert key.created.endswith("Z")
    assert case.again(desired, key.id) == ()


def test_every_setting_arrives_with_the_key(case: Case) -> None:
    desired = case.key(
        description="für Bestellungen 订单",
        enabled=False,
        rotation_days=90,
        deletion_protection=True,
        tags={"owner": "payments", "stage": "prod"} if case.needs(Capability.TAGS) else {},
    )
    key = case.make(desired)
    assert key.settings == replace(desired.settings, protection=key.settings.protection)
    assert case.again(desired, key.id) == ()


def test_every_offer_of_the_cloud_can_be_made(case: Case) -> None:
    target = HARDWARE if case.cloud == "alibaba" else case.target
    kinds = [
        (offer.spec, usage, origin, protection)
        for offer in case.limits.offers
        if offer.where(target)
        for usage in offer.usages
        for origin in offer.origins
        for protection in offer.protections or (None,)
    ]
    assert len(kinds) >= 5
    for number, (spec, usage, origin, protection) in enumerate(kinds):
        settings = {"spec": spec, "usage": usage, "origin": origin, "protection": protection}
        desired = case.key(f"key-{number}", target=target, **settings)
        key = case.make(desired)
        state = KeyState.PENDING_IMPORT if origin is Origin.EXTERNAL else KeyState.ENABLED
        assert (spec, usage, state) == (key.settings.spec, key.settings.usage, key.state)
        assert case.again(desired, key.id) == ()


def test_a_second_create_takes_the_first_key_over(case: Case) -> None:
    desired = case.key()
    first = case.make(desired)
    case.restart()
    assert first.id == case.make(desired).id
    assert case.count(case.create_action) == 1


def test_settings_change_in_place(case: Case) -> None:
    desired = case.key()
    key = case.make(desired)
    changed = case.key(
        description="new words",
        rotation_days=180,
        deletion_protection=True,
        tags={"owner": "payments"} if case.needs(Capability.TAGS) else {},
    )
    case.restart()
    outcome = keys.update(case.site, changed, key.id)
    assert outcome.problem == ""
    assert outcome.key.settings == replace(changed.settings, protection=outcome.key.settings.protection)
    assert case.again(changed, key.id) == ()


def test_settings_can_be_emptied_again(case: Case) -> None:
    tags = {"owner": "payments"} if case.needs(Capability.TAGS) else {}
    desired = case.key(description="words", rotation_days=180, deletion_protection=True, tags=tags)
    key = case.make(desired)
    bare = case.key()
    assert keys.update(case.site, bare, key.id).problem == ""
    assert case.again(bare, key.id) == ()


def test_a_key_is_disabled_and_enabled(case: Case) -> None:
    desired = case.key()
    key = case.make(desired)
    off = case.key(enabled=False)
    assert keys.update(case.site, off, key.id).key.state is KeyState.DISABLED
    assert case.again(off, key.id) == ()
    assert keys.update(case.site, desired, key.id).key.state is KeyState.ENABLED
    assert case.again(desired, key.id) == ()


def test_the_rotation_period_changes(case: Case) -> None:
    key = case.make(case.key(rotation_days=90))
    changed = case.key(rotation_days=365)
    assert keys.update(case.site, changed, key.id).problem == ""
    assert case.again(changed, key.id) == ()


def test_tags_are_refused_by_name_where_the_cloud_cannot_read_them_back(case: Case) -> None:
    key = case.make(case.key())
    if case.needs(Capability.TAGS):
        case.site.client.change_tags(key.id, {"a": "1"}, ())
        assert dict(case.site.client.describe_key(key.id).settings.tags) == {"a": "1"}
    else:
        with pytest.raises(RejectedError, match="tag"):
            case.site.client.change_tags(key.id, {"a": "1"}, ())


def test_a_key_without_leave_is_never_scheduled(case: Case) -> None:
    desired = case.key()
    key = case.make(desired)
    case.restart()
    with pytest.raises(UnsafeError, match="prevent"):
        keys.delete(case.site, desired, key.id, key.account)
    assert case.count(case.schedule_action) == 0
    assert case.again(desired, key.id) == ()


def test_a_protected_key_is_never_scheduled(case: Case) -> None:
    desired = case.schedulable(case.key(deletion_protection=True))
    key = case.make(desired)
    case.restart()
    with pytest.raises(UnsafeError, match="protection"):
        keys.delete(case.site, desired, key.id, key.account)
    # Protected behind our back counts as much.
    known = case.schedulable(case.key())
    with pytest.raises(UnsafeError, match="protection"):
        keys.delete(case.site, known, key.id, key.account)
    assert case.count(case.schedule_action) == 0


def test_a_key_with_leave_is_scheduled_with_its_window(case: Case) -> None:
    desired = case.schedulable(case.key())
    key = case.make(desired)
    case.restart()
    note = keys.delete(case.site, desired, key.id, key.account)
    seen = case.site.client.describe_key(key.id)
    assert seen.state is KeyState.PENDING_DELETION
    assert seen.pending_deletion in note
    assert keys.delete(case.site, desired, key.id, key.account).endswith("as already scheduled")
    assert case.count(case.schedule_action) == 1


def test_a_dying_key_is_rescued_and_not_replaced(case: Case) -> None:
    desired = case.schedulable(case.key())
    key = case.make(desired)
    case.restart()
    keys.delete(case.site, desired, key.id, key.account)
    case.restart()
    outcome = keys.create(case.site, desired)
    assert (key.id, "", KeyState.ENABLED) == (outcome.key.id, outcome.problem, outcome.key.state)
    assert "cancelled" in outcome.notes[0]
    assert case.count(case.create_action) == 1
    assert case.again(desired, key.id) == ()


def test_a_rescued_key_is_disabled_again_where_it_should_be(case: Case) -> None:
    desired = case.schedulable(case.key(enabled=False))
    key = case.make(desired)
    case.restart()
    keys.delete(case.site, desired, key.id, key.account)
    case.restart()
    assert keys.update(case.site, desired, key.id).key.state is KeyState.DISABLED
    assert case.again(desired, key.id) == ()


def test_after_the_window_the_key_is_gone_and_said_to_be(case: Case) -> None:
    desired = case.schedulable(case.key())
    key = case.make(desired)
    case.make(case.key("another"))
    case.restart()
    keys.delete(case.site, desired, key.id, key.account)
    case.emulator.advance(8 * 86400)
    case.restart()
    assert keys.read(case.site, desired, key.id, key.account) is None
    assert keys.delete(case.site, desired, key.id, key.account).endswith("was gone already")


def test_a_missing_key_in_what_may_be_another_account_is_not_believed(case: Case) -> None:
    desired = case.schedulable(case.key())
    missing = case.make(desired).id
    case.restart()
    keys.delete(case.site, desired, missing, "")
    case.emulator.advance(8 * 86400)
    case.restart()
    with pytest.raises(UnsafeError, match="account"):
        keys.read(case.site, desired, missing, "999999999999")


def test_somebody_elses_key_is_an_error(case: Case) -> None:
    theirs = case.key("theirs")
    key = case.make(theirs)
    case.restart()
    ours = replace(case.key("ours"), adopt=key.id)
    with pytest.raises(UnsafeError, match="theirs"):
        keys.create(case.site, ours)
    assert case.again(theirs, key.id) == ()


def test_a_key_without_marker_is_adopted_by_naming_its_id(case: Case) -> None:
    made = case.make(case.key("stray"))
    case.lose_marker(made.id)
    case.restart()
    desired = replace(case.key("orders", description="taken over"), adopt=made.id)
    outcome = keys.create(case.site, desired)
    assert (made.id, "") == (outcome.key.id, outcome.problem)
    assert case.count(case.create_action) == 1
    assert case.again(desired, made.id) == ()


def test_a_key_that_differs_in_a_fixed_setting_is_not_adopted(case: Case) -> None:
    made = case.make(case.key("stray", spec=Spec.RSA_2048, usage=Usage.SIGN_VERIFY))
    case.restart()
    with pytest.raises(UnsafeError, match="fixed when a key is made"):
        keys.create(case.site, replace(case.key("stray"), adopt=made.id))


def test_two_keys_with_one_marker_stop_everything(case: Case) -> None:
    desired = case.key()
    first = case.make(desired)
    second = case.make(case.key("other"))
    case.site.client.write_marker(second.id, desired.marker, "")
    case.restart()
    before = len(case.emulator.journal())
    with pytest.raises(UnsafeError) as caught:
        keys.create(case.site, desired)
    assert first.id in str(caught.value)
    assert second.id in str(caught.value)
    touched = [entry["action"] for entry in case.emulator.journal()[before:]]
    assert all(action.lower().startswith(("list", "describe", "getuserappid")) for action in touched)
