"""The provider of keys, method by method, as the engine calls it."""

from dataclasses import replace
from typing import Any

import pytest
from pulumi.output import Unknown

from kms_resources.errors import UnsafeError
from kms_resources.model import Deletion, DeletionPolicy, DesiredKey, KeyId, Marker, Spec
from kms_resources.providers.key import KeyProvider
from kms_resources.providers.process import site_of
from tests.providers.conftest import GUANGZHOU, ORDERS, inputs
from tests.support.emulator import Running
from tests.support.mini_engine import next_run

provider = KeyProvider()


def changed(**settings: Any) -> DesiredKey:
    return replace(ORDERS, settings=replace(ORDERS.settings, **settings))


def made(desired: DesiredKey) -> tuple[str, dict[str, Any]]:
    result = provider.create(inputs(desired))
    return str(result.id), {**(result.outs or {}), "__provider": "reference"}


def test_check_makes_inputs_canonical() -> None:
    loose = inputs(ORDERS) | {"rotation": {"every_days": 90.0}}
    assert provider.check({}, loose).inputs == inputs(ORDERS)


def test_check_lets_unknown_values_through() -> None:
    unknown = inputs(ORDERS) | {"description": Unknown()}
    result = provider.check({}, unknown)
    assert (result.inputs, result.failures) == (unknown, [])
    assert provider.diff("id", inputs(ORDERS), unknown).changes is None


def test_check_refuses_what_is_not_a_key() -> None:
    (failure,) = provider.check({}, inputs(ORDERS) | {"spec": "DES"}).failures
    assert "'DES' is not a valid Spec" in failure.reason


@pytest.mark.parametrize(
    ("desired", "field"),
    [
        (changed(spec=Spec.RSA_2048), "spec"),
        (replace(ORDERS, target=replace(GUANGZHOU, region="ap-shanghai")), "target.region"),
        (replace(ORDERS, target=replace(GUANGZHOU, instance="cls-hsm-3dflmo9g")), "target.instance"),
        (replace(ORDERS, target=replace(GUANGZHOU, credentials="PROD")), None),
    ],
)
def test_check_refuses_what_is_fixed_and_never_asks_for_a_replacement(desired: DesiredKey, field: str | None) -> None:
    failures = provider.check(inputs(ORDERS), inputs(desired)).failures
    assert len(failures) == (1 if field else 0)
    if field:
        assert f"guangzhou/orders: {field} is " in failures[0].reason
        assert "not replaced" in failures[0].reason


def test_diff_has_three_answers(tencent: Running) -> None:
    key_id, outputs = made(ORDERS)
    assert provider.diff(key_id, outputs, inputs(ORDERS)).changes is False
    edited = provider.diff(key_id, outputs, inputs(changed(description="words")))
    assert (edited.changes, edited.replaces) == (None, None)
    assert provider.diff(key_id, outputs | {"phase": "incomplete"}, inputs(ORDERS)).changes is True


def test_a_change_of_the_deletion_policy_alone_is_applied(tencent: Running) -> None:
    key_id, outputs = made(ORDERS)
    relaxed = inputs(ORDERS) | {"deletion": {"policy": "schedule", "window_days": 7}}
    assert provider.diff(key_id, outputs, relaxed).changes is None
    updated = provider.update(key_id, outputs, relaxed).outs or {}
    assert updated["deletion"] == {"policy": "schedule", "window_days": 7}


def test_diff_and_check_send_nothing(tencent: Running) -> None:
    key_id, outputs = made(ORDERS)
    before = len(tencent.journal())
    provider.check(outputs, inputs(ORDERS))
    provider.diff(key_id, outputs, inputs(changed(enabled=False)))
    assert len(tencent.journal()) == before


def test_every_input_is_echoed_as_an_output(tencent: Running) -> None:
    _, outputs = made(ORDERS)
    assert {name: outputs[name] for name in inputs(ORDERS)} == inputs(ORDERS)


def test_reading_an_unchanged_key_changes_nothing(tencent: Running) -> None:
    key_id, outputs = made(ORDERS)
    next_run()
    result = provider.read(key_id, outputs)
    assert (result.id, result.inputs, result.outs) == (key_id, inputs(ORDERS), outputs)


def test_reading_shows_drift_property_by_property(tencent: Running) -> None:
    key_id, outputs = made(ORDERS)
    client = site_of(GUANGZHOU).client
    client.disable_key(KeyId(key_id))
    client.set_rotation(KeyId(key_id), None)
    next_run()
    found = provider.read(key_id, outputs)
    drifted = {name: value for name, value in (found.inputs or {}).items() if inputs(ORDERS)[name] != value}
    assert drifted == {"enabled": False}
    assert "rotation" not in (found.inputs or {})
    assert provider.diff(key_id, found.outs or {}, inputs(ORDERS)).changes is None


def test_a_dying_key_shows_its_date_among_the_inputs(tencent: Running) -> None:
    key_id, outputs = made(ORDERS)
    client = site_of(GUANGZHOU).client
    client.schedule_deletion(KeyId(key_id), 7)
    next_run()
    found = provider.read(key_id, outputs)
    date = (found.inputs or {})["pending_deletion"]
    assert date == (found.outs or {})["pending_deletion"]
    assert date.endswith("Z")
    next_run()
    rescued = provider.update(key_id, found.outs or {}, inputs(ORDERS)).outs or {}
    assert (rescued["state"], rescued.get("pending_deletion")) == ("Enabled", None)


def test_a_key_without_its_marker_is_drift_and_not_deleted(tencent: Running) -> None:
    loose = replace(ORDERS, deletion=Deletion(DeletionPolicy.SCHEDULE, 7))
    key_id, outputs = made(loose)
    site_of(GUANGZHOU).client.change_tags(KeyId(key_id), {}, ["kms-resources-marker"])
    next_run()
    found = provider.read(key_id, outputs)
    assert (found.inputs or {})["marker"] == ""
    with pytest.raises(UnsafeError, match=f"guangzhou/orders: the deletion of key {key_id} is refused"):
        provider.delete(key_id, {**(found.outs or {})})
    next_run()
    assert (provider.update(key_id, found.outs or {}, inputs(loose)).outs or {})["marker"] == "shop/prod/orders"


def test_a_key_that_another_stack_took_over_is_an_error(tencent: Running) -> None:
    key_id, outputs = made(ORDERS)
    site_of(GUANGZHOU).client.write_marker(KeyId(key_id), Marker("other/prod/orders"), "")
    next_run()
    with pytest.raises(UnsafeError, match="other/prod/orders"):
        provider.read(key_id, outputs)
    with pytest.raises(UnsafeError, match="other/prod/orders"):
        provider.update(key_id, outputs, inputs(changed(description="words")))


def test_a_vanished_key_is_gone_without_outputs_that_could_mislead(tencent: Running) -> None:
    key_id, outputs = made(ORDERS)
    site_of(GUANGZHOU).client.schedule_deletion(KeyId(key_id), 7)
    tencent.advance(8 * 86400)
    next_run()
    result = provider.read(key_id, outputs)
    assert (result.id, result.outs) == ("", {})


def test_an_unfinished_key_stays_unfinished_when_read(tencent: Running, capfd: pytest.CaptureFixture[str]) -> None:
    tencent.fault(kind="error_before", cloud="tencent", action="EnableKeyRotation")
    key_id, outputs = made(ORDERS)
    assert outputs["phase"] == "incomplete"
    assert f"key {key_id} exists and is not finished" in capfd.readouterr().err
    tencent.emulator.faults.clear()
    next_run()
    assert (provider.read(key_id, outputs).outs or {})["phase"] == "incomplete"
    assert (provider.update(key_id, outputs, inputs(ORDERS)).outs or {})["phase"] == "complete"


def test_nothing_is_kept_on_the_provider(tencent: Running) -> None:
    made(ORDERS)
    assert vars(provider) == {}
