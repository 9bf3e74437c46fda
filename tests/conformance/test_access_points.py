"""Access points: made whole, found again after any crash, changed in place, deleted only with leave."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kms_resources.clouds.access import PointStep
from kms_resources.errors import CloudError, UnsafeError
from kms_resources.model import Marker
from kms_resources.operations import access_points
from tests.conformance.points import DELETES, NAME, POINTS, TARGETS, WRITES, PointCase, open_point_case

LOST = ["lost_after_commit", "error_after", "cut_body", "wrong_json", "lost_before", "error_before"]


@pytest.fixture(params=sorted(TARGETS))
def point(request: pytest.FixtureRequest, wire: str, tmp_path: Path) -> Iterator[PointCase]:
    with open_point_case(str(request.param), wire, tmp_path) as case:
        yield case


def test_an_access_point_arrives_as_declared_and_a_second_plan_is_empty(point: PointCase) -> None:
    outcome = point.write()
    assert outcome.problem == ""
    seen = point.seen()
    assert seen is not None
    assert sorted(seen.point.resources) == sorted(POINTS[point.cloud].resources)
    assert set(seen.parts.values()) == {"shop/prod/billing"}
    assert seen.description == "Billing"
    assert point.left() == ()


def test_a_second_create_takes_over_what_the_first_one_made(point: PointCase) -> None:
    first = point.write().actual
    second = point.write().actual
    assert first is not None
    assert second is not None
    assert first.id == second.id
    assert [point.count(action) for action in WRITES[point.cloud]] == [1] * len(WRITES[point.cloud])


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_to_any_write_makes_nothing_twice(point: PointCase, fault: str) -> None:
    for action in WRITES[point.cloud]:
        point.fault(fault, action, count=1)
    assert point.write().problem == ""
    assert point.left() == ()
    made = [action for action in WRITES[point.cloud] if action.lower().startswith("create")]
    sent = 1 if fault not in {"lost_before", "error_before"} else 2
    assert [point.count(action) for action in made] == [sent] * len(made)


@pytest.mark.parametrize("stopped", range(4))
def test_a_run_that_stops_at_any_write_is_finished_by_the_next(point: PointCase, stopped: int) -> None:
    actions = WRITES[point.cloud]
    if stopped >= len(actions):
        pytest.skip(f"{point.cloud} has {len(actions)} writes")
    point.fault("error_before", actions[stopped])
    if stopped == 0:
        with pytest.raises(CloudError):
            point.write()
        assert point.seen() is None
    else:
        outcome = point.write()
        assert actions[stopped] in outcome.problem
        assert outcome.actual is not None
    point.calm()
    assert point.write().problem == ""
    assert point.left() == ()


def test_alibabas_point_is_bound_only_when_rule_and_policy_exist(point: PointCase) -> None:
    if point.cloud != "alibaba":
        pytest.skip("other clouds have no parts")
    point.write()
    order = [action for action in point.emulator.actions("alibaba") if action.startswith("Create")]
    assert order == list(WRITES["alibaba"])


def test_what_an_access_point_may_changes_in_place(point: PointCase) -> None:
    before = point.write().actual
    actions = {"alibaba": ("use", "secrets"), "ctyun": ("encrypt",)}[point.cloud]
    # CTYun takes the ids of keys that there are, and every key is one more.
    resources = {"alibaba": ("key/three",), "ctyun": ("key/*",)}[point.cloud]
    wanted = point.wanted(actions=actions, resources=resources)
    assert point.write(wanted).problem == ""
    after = point.seen()
    assert before is not None
    assert after is not None
    assert (after.id, sorted(after.point.actions), after.point.resources) == (
        before.id,
        sorted(actions),
        resources,
    )
    assert point.left(wanted) == ()


def test_drift_shows_as_steps_and_the_next_write_mends_it(point: PointCase) -> None:
    actual = point.write().actual
    meddled = point.wanted(actions={"alibaba": ("use", "secrets"), "ctyun": ("encrypt",)}[point.cloud])
    desk = point.desk
    for step in desk.client.steps(meddled, actual):
        desk.client.take(step, meddled, actual)
    expected = {"alibaba": (PointStep.UPDATE_POLICY,), "ctyun": (PointStep.SET_ACTIONS,)}[point.cloud]
    assert point.left() == expected
    assert point.write().problem == ""
    assert point.left() == ()


def test_a_part_that_somebody_deleted_is_made_again(point: PointCase) -> None:
    actual = point.write().actual
    assert actual is not None
    desk = point.desk
    last = desk.client.removal(actual)[-1]
    desk.client.take(last, point.wanted(), actual)
    assert point.write().problem == ""
    assert point.left() == ()


def test_somebody_elses_access_point_is_never_touched(point: PointCase) -> None:
    theirs = point.wanted()
    theirs = type(theirs)(theirs.point, Marker("other/prod/billing"), "Theirs")
    desired = type(point.desired())(
        "billing", point.target, theirs.point, "Theirs", (), point.desired().deletion, theirs.marker
    )
    access_points.write(point.desk, desired, theirs)
    before = point.seen()
    with pytest.raises(UnsafeError, match="is not ours"):
        point.write()
    with pytest.raises(UnsafeError, match="is not ours"):
        access_points.delete(point.desk, point.desired(leave=True), NAME)
    assert point.seen() == before


def test_without_leave_nothing_is_deleted(point: PointCase) -> None:
    point.write()
    with pytest.raises(UnsafeError, match="deletion policy prevent"):
        access_points.delete(point.desk, point.desired(), NAME)
    assert point.left() == ()


def test_a_deletion_goes_the_way_back_and_may_be_repeated(point: PointCase) -> None:
    point.write()
    assert "is deleted" in access_points.delete(point.desk, point.desired(leave=True), NAME)
    assert point.seen() is None
    order = [action for action in point.emulator.actions(point.cloud) if action.lower().startswith("delete")]
    assert order == list(DELETES[point.cloud])
    assert "gone already" in access_points.delete(point.desk, point.desired(leave=True), NAME)


@pytest.mark.parametrize("stopped", range(3))
def test_a_deletion_that_stopped_is_finished_by_the_next(point: PointCase, stopped: int) -> None:
    actions = DELETES[point.cloud]
    if stopped >= len(actions):
        pytest.skip(f"{point.cloud} deletes {len(actions)} things")
    point.write()
    point.fault("error_before", actions[stopped])
    with pytest.raises(CloudError):
        access_points.delete(point.desk, point.desired(leave=True), NAME)
    point.calm()
    access_points.delete(point.desk, point.desired(leave=True), NAME)
    assert point.seen() is None


def test_what_cannot_be_changed_is_refused_before_anything_is_touched(point: PointCase) -> None:
    point.write()
    before = point.seen()
    changed = {"alibaba": {"instance": "kst-hzz62ee817bvyyr5x"}, "ctyun": {"endpoints": ()}}[point.cloud]
    with pytest.raises(UnsafeError, match="cannot be"):
        point.write(point.wanted(**changed))
    assert point.seen() == before


def test_a_credential_is_told_once_listed_without_its_secret_and_deleted(point: PointCase) -> None:
    actual = point.write().actual
    assert actual is not None
    client = point.credentials
    made = client.create(actual, "A-fake-password-1" if client.has_password else "", "", "")
    assert made.actual.id in made.content.decode()
    assert made.content.decode() not in repr(made)
    assert [one.id for one in client.list(actual)] == [made.actual.id]
    client.delete(actual, made.actual.id)
    assert client.list(actual) == ()


def test_a_credential_is_never_asked_for_twice(point: PointCase) -> None:
    actual = point.write().actual
    assert actual is not None
    action = {"alibaba": "CreateClientKey", "ctyun": "createTenantAkSk"}[point.cloud]
    point.fault("lost_after_commit", action, count=1)
    client = point.credentials
    with pytest.raises(CloudError):
        client.create(actual, "A-fake-password-1" if client.has_password else "", "", "")
    assert point.count(action) == 1
