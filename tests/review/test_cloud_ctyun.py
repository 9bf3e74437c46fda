"""A stack against CTYun: no key has a policy there, so access points decide, and little is told of a key."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from kms_resources.access.words import AccessPoint
from kms_resources.cli import main
from kms_resources.clouds import get_cloud
from kms_resources.clouds.access import WantedPoint
from kms_resources.clouds.marking import derived_name
from kms_resources.model import ActualKey, Deletion, DesiredAlias, DesiredKey, Marker, Settings, Spec, Target, Usage
from kms_resources.operations import access_points, aliases, keys
from kms_resources.review import Options, Report, review
from kms_resources.review.cloud import from_cloud
from kms_resources.review.words import Subject
from kms_resources.uses import DesiredAccessPoint
from tests.support.emulator import Running, run_emulator

NORTH = Target("north", "ctyun", "bb9fdb42056f11eda1610242ac110002")
NETWORK = "network: {vpc: vpc-example0001, subnet: subnet-example0001}"
LOOKS = ("list", "describe", "get", "check")


@dataclass
class Place:
    """An account at CTYun with two keys of ours and an access point for one of them, as `up` would have made them."""

    emulator: Running
    folder: Path
    made: dict[str, ActualKey] = field(default_factory=dict)

    def make(self, name: str) -> None:
        settings = Settings(Spec.AES_256, Usage.ENCRYPT_DECRYPT, description=name.title())
        desired = DesiredKey(name, NORTH, settings, Marker(f"shop/prod/{name}"))
        self.made[name] = keys.create(self.emulator.site(NORTH), desired).key

    def name(self, key: str, alias: str) -> None:
        aliases.create(self.emulator.site(NORTH), DesiredAlias(alias, NORTH, key), self.made[key].id)

    def open(self, *actions: str, keys: tuple[str, ...] = ("cold",), resources: tuple[str, ...] = ()) -> None:
        """What `up` makes of an access point, and what somebody makes of it by hand."""
        marker = Marker("shop/prod/archive")
        rules = get_cloud("ctyun").points
        assert rules is not None
        named = (*(f"key/{self.made[key].id}" for key in keys), *resources)
        point, problems = rules().draft(
            AccessPoint(derived_name(marker, 63), actions, named, vpc="vpc-example0001", subnet="subnet-example0001")
        )
        assert problems == ()
        desired = DesiredAccessPoint("archive", NORTH, point, "", keys, Deletion(), marker)
        desk = access_points.open_desk(NORTH, self.emulator.environ, self.emulator.pauses.append)
        assert access_points.write(desk, desired, WantedPoint(point, marker)).problem == ""

    def stack(self, *, keys: tuple[str, ...] = ("cold", "warm"), more: str = "", point: str = "") -> Path:
        path = self.folder / "prod.yaml"
        rows = "".join(
            f"  {key}: {{target: north, spec: AES_256, description: {key.title()}{more if key == 'cold' else ''}}}\n"
            for key in keys
        )
        text = f"version: 1\ntargets:\n  north: {{cloud: ctyun, region: {NORTH.region}}}\nkeys:\n{rows}"
        path.write_text(f"{text}access_points:\n  archive: {point}\n" if point else text, encoding="utf-8")
        return path

    def reviewed(self, path: Path) -> Report:
        return review(*from_cloud([path], "shop", "prod", self.emulator.environ), Options())

    def writes(self) -> list[str]:
        return [action for action in self.emulator.actions("ctyun") if not action.startswith(LOOKS)]


def archive(actions: str = "[encrypt, decrypt]", keys: str = "[cold]", more: str = "") -> str:
    return f"{{target: north, actions: {actions}, keys: {keys}, {NETWORK}{more}}}"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with run_emulator(tmp_path, http=True, clouds=["ctyun"]) as emulator:
        place = Place(emulator, tmp_path)
        place.make("cold")
        place.make("warm")
        yield place


def only(report: Report, kind: str) -> Subject:
    (found,) = report.subjects
    assert found.kind == kind
    return found


def point_of(report: Report) -> Subject:
    """The access point; what it opens on no single key is a subject of its own."""
    (found,) = (subject for subject in report.subjects if subject.kind == "access point")
    return found


def test_a_stack_as_applied_has_nothing_to_review(place: Place) -> None:
    place.name("cold", "archive-2026")
    place.open("encrypt", "decrypt")
    path = place.stack(more=", aliases: [archive-2026]", point=archive())
    report = place.reviewed(path)
    assert report.subjects == ()
    assert report.keys == (2, 2)


def test_only_reads_are_sent(place: Place) -> None:
    place.open("encrypt")
    before = place.writes()
    place.reviewed(place.stack(point=archive()))
    assert place.writes() == before


def test_what_up_would_open_at_an_access_point_is_a_gain(place: Place) -> None:
    place.open("encrypt")
    access = only(place.reviewed(place.stack(point=archive())), "access point").access
    assert access is not None
    assert access.use.relation.value == "wider"
    gained = {action for gain in access.gains for action in gain.actions}
    assert gained & {"encrypt", "decrypt"} == {"decrypt"}


def test_another_key_behind_an_access_point_is_a_gain(place: Place) -> None:
    place.open("encrypt", "decrypt")
    access = only(place.reviewed(place.stack(point=archive(keys="[cold, warm]"))), "access point").access
    assert access is not None
    assert access.use.relation.value == "wider"


def test_every_key_behind_an_access_point_that_somebody_opened_by_hand_is_taken_back(place: Place) -> None:
    place.open("encrypt", "decrypt", resources=("key/*",))
    subject = only(place.reviewed(place.stack(point=archive())), "access point")
    assert subject.access is not None
    assert (subject.access.use.relation.value, subject.grade.value) == ("narrower", "none")


def test_a_foreign_key_behind_an_access_point_is_taken_back_too(place: Place) -> None:
    place.make("other")
    place.open("encrypt", "decrypt", keys=("cold", "other"))
    report = place.reviewed(place.stack(keys=("cold", "warm", "other"), point=archive()))
    subject = only(report, "access point")
    assert subject.access is not None
    assert subject.access.use.relation.value == "narrower"


def test_an_access_point_that_is_not_made_yet_is_a_gain(place: Place) -> None:
    subject = point_of(place.reviewed(place.stack(point=archive())))
    assert subject.status.value == "added"
    assert subject.access is not None
    assert subject.access.gains


def test_an_instance_that_the_stack_leaves_to_the_cloud_is_no_refused_change(place: Place) -> None:
    place.open("encrypt")
    subject = point_of(place.reviewed(place.stack(point=archive())))
    assert subject.changes == ()


def test_a_network_that_cannot_be_changed_is_told(place: Place) -> None:
    place.open("encrypt", "decrypt")
    elsewhere = archive().replace("subnet-example0001", "subnet-example0002")
    subject = point_of(place.reviewed(place.stack(point=elsewhere)))
    assert [change.id for change in subject.changes] == ["point-fixed"]
    assert "`up` refuses: subnet is subnet-example0001" in subject.changes[0].what


def test_settings_are_compared_too(place: Place) -> None:
    subject = only(place.reviewed(place.stack(more=", enabled: false")), "key")
    assert [change.id for change in subject.changes] == ["key-disabled"]


def test_an_alias_that_moves_is_told(place: Place) -> None:
    place.name("warm", "archive-2026")
    report = place.reviewed(place.stack(more=", aliases: [archive-2026]"))
    assert "alias-moved" in {change.id for subject in report.subjects for change in subject.changes}


def test_a_key_with_our_marker_that_the_stack_lost_is_removed(place: Place) -> None:
    subject = only(place.reviewed(place.stack(keys=("cold",))), "key")
    assert (subject.name, subject.status.value) == ("warm", "removed")


def test_a_key_that_is_not_made_yet_is_added(place: Place) -> None:
    subject = only(place.reviewed(place.stack(keys=("cold", "warm", "new"))), "key")
    assert (subject.name, subject.status.value) == ("new", "added")


def test_the_command_says_it_and_ends_with_its_code(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in place.emulator.environ.items():
        monkeypatch.setenv(name, value)
    place.open("encrypt")
    path = place.stack(point=archive())
    command = [
        "review",
        str(path),
        "--cloud",
        "--project",
        "shop",
        "--no-rules",
        "--fail-on",
        "low",
        "--format",
        "json",
    ]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1, result.output
    report = json.loads(result.stdout)
    assert [(one["kind"], one["name"]) for one in report["subjects"]] == [("access point", "archive")]
    place.open("encrypt", "decrypt")
    result = CliRunner().invoke(main, command)
    assert (result.exit_code, json.loads(result.stdout)["subjects"]) == (0, [])
