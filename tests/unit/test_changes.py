"""Comparison: what counts as a difference, and that preview, drift and update agree on it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kms_resources.changes import Field, compare
from kms_resources.model import (
    ActualKey,
    Deletion,
    DeletionPolicy,
    DesiredKey,
    KeyId,
    KeyState,
    Marker,
    Origin,
    Protection,
    Settings,
    Spec,
    Target,
    Usage,
)
from kms_resources.providers import props

TARGET = Target("hangzhou", "alibaba", "cn-hangzhou")
words = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
all_settings = st.builds(
    Settings,
    spec=st.sampled_from(Spec),
    usage=st.sampled_from(Usage),
    origin=st.sampled_from(Origin),
    protection=st.none() | st.sampled_from(Protection),
    description=words,
    enabled=st.booleans(),
    tags=st.dictionaries(words, words, max_size=4),
    rotation_days=st.none() | st.integers(7, 730),
    deletion_protection=st.booleans(),
)
desired_keys = st.builds(
    DesiredKey,
    name=st.just("orders"),
    target=st.just(TARGET),
    settings=all_settings,
    marker=st.just(Marker("shop/prod/orders")),
    deletion=st.builds(Deletion, st.sampled_from(DeletionPolicy), st.integers(7, 366)),
)


def as_it_is(desired: DesiredKey, **changed: Any) -> ActualKey:
    state = KeyState.ENABLED if desired.settings.enabled else KeyState.DISABLED
    return replace(ActualKey(KeyId("k"), desired.settings, state, desired.marker), **changed)


@given(desired_keys)
def test_a_key_as_declared_has_no_changes(desired: DesiredKey) -> None:
    assert compare(desired, as_it_is(desired)) == ()


@given(desired_keys, all_settings)
def test_every_change_names_two_different_values(desired: DesiredKey, other: Settings) -> None:
    for change in compare(desired, replace(as_it_is(desired), settings=other)):
        assert change.actual != change.desired


@given(desired_keys, all_settings)
def test_no_changes_means_equal_settings(desired: DesiredKey, other: Settings) -> None:
    if not compare(desired, as_it_is(desired, settings=other)):
        protection = desired.settings.protection or other.protection
        assert replace(desired.settings, protection=protection) == other


@given(desired_keys, all_settings, st.sampled_from(KeyState))
def test_state_files_lose_no_difference(desired: DesiredKey, other: Settings, state: KeyState) -> None:
    """What `preview` finds in stored properties is what a direct comparison finds."""
    actual = as_it_is(desired, settings=other, state=state)
    if desired.settings.protection is None:
        other = replace(other, protection=None)
    stored = props.key_outputs(props.live_inputs(desired, actual), actual)
    known = props.key_from_outputs(stored, "k")
    direct = {change.field for change in compare(desired, replace(actual, settings=other))}
    assert {change.field for change in compare(props.key_of(props.key_props(desired)), known)} == direct


def test_a_protection_that_nobody_asked_for_is_not_compared() -> None:
    desired = DesiredKey("k", TARGET, Settings(Spec.AES_256, Usage.ENCRYPT_DECRYPT), Marker("a/b/k"))
    actual = as_it_is(desired).with_settings(protection=Protection.HSM)
    assert compare(desired, actual) == ()


@pytest.mark.parametrize("state", [KeyState.PENDING_IMPORT, KeyState.PENDING_DELETION])
def test_a_key_that_waits_is_neither_enabled_nor_disabled(state: KeyState) -> None:
    desired = DesiredKey("k", TARGET, Settings(Spec.AES_256, Usage.ENCRYPT_DECRYPT), Marker("a/b/k"))
    assert compare(desired, as_it_is(desired, state=state).with_settings(enabled=False)) == ()


def test_a_dying_key_shows_its_date() -> None:
    desired = DesiredKey("k", TARGET, Settings(Spec.AES_256, Usage.ENCRYPT_DECRYPT), Marker("a/b/k"))
    (change,) = compare(desired, as_it_is(desired, pending_deletion="2026-12-24T00:00:00Z"))
    assert (change.field, change.possible) == (Field.PENDING_DELETION, True)
    assert str(change) == "pending_deletion: 2026-12-24T00:00:00Z → "
