"""A stack against the clouds: what is there now is BASE. Only reads are sent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kms_resources.access.words import AccessPoint
from kms_resources.clouds.access import WantedPoint
from kms_resources.clouds.marking import derived_name
from kms_resources.errors import InputError
from kms_resources.model import Deletion, Marker, Target
from kms_resources.operations import access_points
from kms_resources.review import Options, Report, review
from kms_resources.review.cloud import from_cloud
from kms_resources.uses import DesiredAccessPoint
from tests.conformance.policies import ADMINS, APP, WRITES, PolicyCase, open_policy_case

TARGETS = {
    "alibaba": "hangzhou: {cloud: alibaba, region: cn-hangzhou, instance: kst-hzz62ee817bvsoft01}",
    "tencent": "guangzhou: {cloud: tencent, region: ap-guangzhou}",
}
POLICY = """
    policy:
      admins: {principals: [user/key-admin], actions: [administer, read]}
      app: {principals: [user/payments-app, user/auditor], actions: [encrypt, decrypt]}
"""


@pytest.fixture(params=["alibaba", "tencent"])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PolicyCase]:
    with open_policy_case(str(request.param), "http", tmp_path) as case:
        case.write(ADMINS, APP)
        yield case


def stack(case: PolicyCase, folder: Path, keys: str) -> Path:
    path = folder / "prod.yaml"
    path.write_text(f"version: 1\ntargets:\n  {TARGETS[case.cloud]}\nkeys:\n{keys}", encoding="utf-8")
    return path


def orders(case: PolicyCase, policy: str = POLICY, more: str = "") -> str:
    spec = "SM4" if case.cloud == "tencent" else "AES_256"
    return f"  orders:\n    target: {case.target.name}\n    spec: {spec}\n{more}{policy.strip(chr(10))}\n"


def reviewed(case: PolicyCase, path: Path) -> Report:
    sides = from_cloud([path], "shop", "prod", case.emulator.environ)
    return review(*sides, Options())


def test_a_stack_as_applied_has_nothing_to_review(case: PolicyCase, tmp_path: Path) -> None:
    report = reviewed(case, stack(case, tmp_path, orders(case)))
    assert report.subjects == ()
    assert report.keys == (1, 1)


def test_only_reads_are_sent(case: PolicyCase, tmp_path: Path) -> None:
    before = {action: case.count(action) for action in WRITES[case.cloud]}
    reviewed(case, stack(case, tmp_path, orders(case)))
    assert before == {action: case.count(action) for action in WRITES[case.cloud]}


def test_what_up_would_open_is_a_gain(case: PolicyCase, tmp_path: Path) -> None:
    wider = POLICY.replace("user/auditor]", "user/auditor, user/key-admin]")
    (subject,) = [
        one for one in reviewed(case, stack(case, tmp_path, orders(case, wider))).subjects if one.kind == "key"
    ]
    assert subject.access is not None
    assert subject.access.use.relation.value == "wider"
    assert {gain.principal for gain in subject.access.gains} == {"user/key-admin"}


def test_a_policy_that_somebody_opened_by_hand_is_taken_back(case: PolicyCase, tmp_path: Path) -> None:
    narrower = POLICY.replace("[encrypt, decrypt]", "[encrypt]")
    (subject,) = [
        one for one in reviewed(case, stack(case, tmp_path, orders(case, narrower))).subjects if one.kind == "key"
    ]
    assert subject.access is not None
    assert (subject.access.use.relation.value, subject.grade.value) == ("narrower", "none")


def test_settings_are_compared_too(case: PolicyCase, tmp_path: Path) -> None:
    report = reviewed(case, stack(case, tmp_path, orders(case, more="    enabled: false\n")))
    assert [change.id for one in report.subjects for change in one.changes] == ["key-disabled"]


def test_a_key_with_our_marker_that_the_stack_lost_is_removed(case: PolicyCase, tmp_path: Path) -> None:
    spec = "SM4" if case.cloud == "tencent" else "AES_256"
    other = f"  other: {{target: {case.target.name}, spec: {spec}}}\n"
    report = reviewed(case, stack(case, tmp_path, other))
    assert {(one.name, one.status.value) for one in report.subjects} == {("orders", "removed"), ("other", "added")}


def test_an_access_point_is_compared_by_meaning(tmp_path: Path) -> None:
    with open_policy_case("alibaba", "http", tmp_path) as case:
        marker = Marker("shop/prod/billing")
        point = AccessPoint(
            derived_name(marker, 63), ("use",), (f"key/{case.key.id}",), ("10.0.0.0/8",), case.target.instance
        )
        target = Target("hangzhou", "alibaba", "cn-hangzhou", instance=case.target.instance)
        desired = DesiredAccessPoint("billing", target, point, keys=("orders",), deletion=Deletion(), marker=marker)
        desk = access_points.open_desk(target, case.emulator.environ, case.emulator.pauses.append)
        assert access_points.write(desk, desired, WantedPoint(point, marker)).problem == ""
        text = (
            "access_points:\n  billing: {target: hangzhou, actions: [use], keys: [orders], "
            "network: {allow: [10.0.0.0/8]}}\n"
        )
        keys = "  orders: {target: hangzhou, spec: AES_256}\n"
        assert reviewed(case, stack(case, tmp_path, keys + text)).subjects == ()
        opened = text.replace(", network: {allow: [10.0.0.0/8]}", "")
        (subject,) = reviewed(case, stack(case, tmp_path, keys + opened)).subjects
        assert subject.access is not None
        assert subject.access.use.relation.value == "wider"


def test_the_project_must_be_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "prod.yaml"
    path.write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="the project's name is not known"):
        from_cloud([path])
    with pytest.raises(InputError, match="cannot be read"):
        from_cloud([tmp_path / "absent.yaml"], "shop")
    with pytest.raises(InputError, match="there is no stack file"):
        from_cloud([])
    with pytest.raises(InputError, match="one --stack"):
        from_cloud([path, path], "shop", "prod")
