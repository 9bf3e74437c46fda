"""The providers of policies and access points under the engine's rules."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pulumi.output import Unknown

from kms_resources.access.words import AccessPoint, Effect, Statement
from kms_resources.model import DeletionPolicy
from kms_resources.providers.access_point import AccessPointProvider
from kms_resources.providers.key_policy import KeyPolicyProvider
from kms_resources.providers.props import Props
from tests.conformance.points import TARGETS as POINT_TARGETS
from tests.conformance.policies import ADMINS, APP, PolicyCase, open_policy_case, reserialised, widened, with_action
from tests.providers.access import declare_key, in_process, point, policy
from tests.support.emulator import run_emulator
from tests.support.mini_engine import Declared, MiniEngine, RunFailedError, next_run


@pytest.fixture(params=["alibaba", "tencent"])
def case(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PolicyCase]:
    with open_policy_case(str(request.param), "inner", tmp_path) as case, in_process(case.emulator, monkeypatch):
        yield case


@pytest.fixture(params=["alibaba", "ctyun"])
def declared(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Declared]:
    cloud = str(request.param)
    with run_emulator(tmp_path, http=False, clouds=[cloud]) as running, in_process(running, monkeypatch):
        yield point(POINT_TARGETS[cloud], place(cloud), policy=DeletionPolicy.SCHEDULE)


def place(cloud: str) -> AccessPoint:
    if cloud == "alibaba":
        return AccessPoint("", ("use",), ("key/one",), ("10.0.0.0/8",))
    return AccessPoint("", ("encrypt",), ("key/*",), vpc="vpc-example0001", subnet="subnet-example0001")


def test_a_policy_is_written_once_and_then_at_rest(case: PolicyCase) -> None:
    engine, program = MiniEngine(), [policy(case.key, ADMINS, APP)]
    engine.up(program)
    next_run()
    assert engine.changes(program) == []
    engine.refresh()
    assert engine.changes(program) == []
    assert case.as_declared(ADMINS, APP)


def test_an_order_is_no_change_and_another_meaning_is_one(case: PolicyCase) -> None:
    engine = MiniEngine()
    engine.up([policy(case.key, APP)])
    turned = replace(APP, actions=tuple(reversed(APP.actions)), principals=tuple(reversed(APP.principals)))
    assert engine.changes([policy(case.key, turned)]) == []
    assert engine.changes([policy(case.key, widened(APP))]) == ["policy:orders"]


def test_drift_shows_after_a_refresh_and_is_mended(case: PolicyCase) -> None:
    engine, program = MiniEngine(), [policy(case.key, APP)]
    engine.up(program)
    (document,) = case.documents(APP)
    case.meddle(document, with_action(document, "kms:ScheduleKeyDeletion"))
    next_run()
    engine.refresh()
    assert engine.changes(program) == ["policy:orders"]
    engine.up(program)
    assert case.as_declared(APP)


def test_a_rewritten_document_is_no_drift(case: PolicyCase) -> None:
    engine, program = MiniEngine(), [policy(case.key, APP)]
    engine.up(program)
    held = dict(engine.state["policy:orders"].outputs)
    (document,) = case.documents(APP)
    case.meddle(document, reserialised(document.body))
    next_run()
    engine.refresh()
    assert engine.changes(program) == []
    assert engine.state["policy:orders"].outputs["documents"] == held["documents"]


def test_a_crash_after_the_write_is_found_again(case: PolicyCase) -> None:
    engine, program = MiniEngine(), [policy(case.key, ADMINS, APP)]
    with pytest.raises(RunFailedError):
        engine.up([*program, replace(program[0], urn="another")], crash_after=1)
    assert engine.state == {}
    next_run()
    engine.up(program)
    assert case.as_declared(ADMINS, APP)
    if case.cloud == "tencent":
        assert case.count("CreatePolicy") == 2


def test_a_half_written_policy_is_finished_by_the_next_run(case: PolicyCase) -> None:
    engine, program = MiniEngine(), [policy(case.key, ADMINS, APP)]
    case.fault("error_before", {"alibaba": "SetKeyPolicy", "tencent": "AttachUserPolicy"}[case.cloud], nth=1, count=99)
    if case.cloud == "alibaba":
        with pytest.raises(RunFailedError):
            engine.up(program)
    else:
        engine.up(program)
        assert engine.state["policy:orders"].outputs["phase"] == "incomplete"
        assert engine.changes(program) == ["policy:orders"]
    case.calm()
    next_run()
    engine.up(program)
    assert engine.state["policy:orders"].outputs["phase"] == "complete"
    assert case.as_declared(ADMINS, APP)


@pytest.mark.parametrize("delete_first", [True, False])
def test_a_forced_replacement_never_takes_the_policy_back(case: PolicyCase, delete_first: bool) -> None:
    engine, program = MiniEngine(), [policy(case.key, ADMINS, APP)]
    engine.up(program)
    next_run()
    before = len(case.emulator.journal())
    engine.up(program, replace=["policy:orders"], delete_first=delete_first)
    assert case.as_declared(ADMINS, APP)
    asked = {entry["action"] for entry in case.emulator.journal()[before:]}
    assert not asked & {"SetKeyPolicy", "DeletePolicy", "DetachUserPolicy", "DetachGroupPolicy", "DetachRolePolicy"}


def test_a_key_that_stays_keeps_its_policy_when_the_rest_is_destroyed(
    case: PolicyCase, capfd: pytest.CaptureFixture[str]
) -> None:
    engine = MiniEngine()
    engine.up([policy(case.key, APP)])
    next_run()
    engine.destroy()
    assert case.as_declared(APP)
    assert "orders: the policy stays, because its key may stay" in capfd.readouterr().err


def test_a_removed_policy_is_taken_back(case: PolicyCase) -> None:
    engine = MiniEngine()
    engine.up([policy(case.key, APP)])
    next_run()
    declare_key(case.key)
    engine.up([])
    assert engine.state == {}
    assert case.cloud == "alibaba" or case.seen(APP) is None
    assert not case.as_declared(APP) if case.cloud == "alibaba" else True


def test_a_native_document_is_written_as_it_is(case: PolicyCase) -> None:
    (document,) = case.documents(APP)
    native = dict(document.body) | ({"attached_to": list(APP.principals)} if case.cloud == "tencent" else {})
    engine, program = MiniEngine(), [policy(case.key, native=native)]
    engine.up(program)
    next_run()
    engine.refresh()
    assert engine.changes(program) == []


def test_what_the_cloud_cannot_say_is_refused_before_anything_is_sent(case: PolicyCase) -> None:
    before = len(case.emulator.journal())
    wrong = replace(APP, principals=("group/x", "account:1") if case.cloud == "alibaba" else ("account",))
    with pytest.raises(RunFailedError, match="orders"):
        MiniEngine().up([policy(case.key, wrong)])
    lockout = Statement("never", Effect.DENY, ("account",), ("policy",))
    with pytest.raises(RunFailedError):
        MiniEngine().up([policy(case.key, lockout)])
    assert len(case.emulator.journal()) == before


def test_a_policy_of_a_key_that_is_not_made_yet_is_refused_in_the_preview(case: PolicyCase) -> None:
    def refusals(statement: Statement) -> str:
        inputs = policy(case.key, statement).inputs
        unknown = {name: Unknown() for name in ("key_id", "arn", "account")}  # type: ignore[no-untyped-call]
        result = KeyPolicyProvider().check({}, {**inputs, **unknown})
        assert not result.inputs.get("documents")
        return "; ".join(failure.reason for failure in result.failures)

    assert refusals(APP) == ""
    assert "encrpt" in refusals(replace(APP, actions=("encrpt",)))
    cold = replace(case.key, target=POINT_TARGETS["ctyun"])
    assert "CTYun has no policies of keys" in "; ".join(
        failure.reason for failure in KeyPolicyProvider().check({}, policy(cold, APP).inputs).failures
    )


@pytest.mark.parametrize(
    ("cloud", "wrong", "field", "reason"),
    [
        ("ctyun", {"vpc": ""}, "vpc", "vpc is missing: an access point stands in a VPC"),
        ("ctyun", {"allow": ["192.0.2.0/24"]}, "allow", "allow means nothing here: its addresses are those"),
        ("alibaba", {"control": False}, "control", "control means nothing here: "),
        ("alibaba", {"vpc": "vpc-example0001"}, "vpc", "vpc means nothing here: the instance says"),
    ],
)
def test_an_access_point_of_a_program_is_refused_in_the_preview(
    cloud: str, wrong: Props, field: str, reason: str
) -> None:
    right = point(POINT_TARGETS[cloud], place(cloud)).inputs
    assert AccessPointProvider().check({}, right).failures == []
    (failure,) = AccessPointProvider().check({}, {**right, **wrong}).failures
    assert failure.property == field
    assert reason in failure.reason


def test_an_access_point_is_made_once_and_then_at_rest(declared: Declared) -> None:
    engine = MiniEngine()
    engine.up([declared])
    next_run()
    assert engine.changes([declared]) == []
    engine.refresh()
    assert engine.changes([declared]) == []


def test_a_crash_after_the_access_point_was_made_is_found_again(declared: Declared) -> None:
    engine = MiniEngine()
    with pytest.raises(RunFailedError):
        engine.up([declared, replace(declared, urn="another")], crash_after=1)
    next_run()
    engine.up([declared])
    next_run()
    engine.refresh()
    assert engine.changes([declared]) == []


def test_other_permissions_show_after_a_refresh(declared: Declared) -> None:
    engine = MiniEngine()
    engine.up([declared])
    cloud = declared.inputs["target"]["cloud"]
    other = {"alibaba": ["use", "secrets"], "ctyun": ["encrypt", "decrypt"]}[cloud]
    meddled = replace(declared, inputs={**declared.inputs, "actions": other})
    assert engine.changes([meddled]) == ["access-point:billing"]
    elsewhere = MiniEngine()
    elsewhere.up([meddled])
    next_run()
    engine.refresh()
    assert engine.changes([declared]) == ["access-point:billing"]
    engine.up([declared])
    next_run()
    engine.refresh()
    assert engine.changes([declared]) == []


@pytest.mark.parametrize("delete_first", [True, False])
def test_a_forced_replacement_leaves_an_access_point_and_its_credentials(
    declared: Declared, delete_first: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    engine = MiniEngine()
    engine.up([declared])
    next_run()
    before = dict(engine.state["access-point:billing"].outputs)
    engine.up([declared], replace=["access-point:billing"], delete_first=delete_first)
    assert engine.state["access-point:billing"].outputs == before
    assert "its deletion is left out" in capfd.readouterr().err


def test_an_access_point_goes_only_with_leave(declared: Declared) -> None:
    kept = replace(declared, inputs={**declared.inputs, "deletion": {"policy": "prevent", "window_days": 30}})
    engine = MiniEngine()
    engine.up([kept])
    next_run()
    with pytest.raises(RunFailedError, match="deletion is refused"):
        engine.up([])
    engine.up([declared])
    next_run()
    engine.up([])
    assert engine.state == {}


def test_what_is_fixed_is_refused_in_the_preview(declared: Declared) -> None:
    engine = MiniEngine()
    engine.up([declared])
    for changed in (
        {"cloud_name": "another"},
        {"target": {**declared.inputs["target"], "instance": "kst-hzz62ee817bvyyr5x"}},
    ):
        if "target" in changed and declared.inputs["target"]["cloud"] != "alibaba":
            continue
        with pytest.raises(RunFailedError, match="fixed since the access point was made"):
            engine.up([replace(declared, inputs={**declared.inputs, **changed})])
