"""`kms client-key`: a credential in one file for its owner, and nowhere else."""

import json
import stat
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from kms_resources.access.words import AccessPoint
from kms_resources.cli import main
from kms_resources.clouds import get_cloud
from kms_resources.clouds.access import WantedPoint
from kms_resources.clouds.marking import derived_name
from kms_resources.errors import InputError
from kms_resources.model import Marker, Target
from kms_resources.use import credentials
from tests.support.emulator import Running, run_emulator

STACK = """\
version: 1
targets:
  guangzhou: {cloud: tencent, region: ap-guangzhou}
  hangzhou: {cloud: alibaba, region: cn-hangzhou, instance: kst-hzz62ee817bvyyr5x}
  north: {cloud: ctyun, region: bb9fdb42056f11eda1610242ac110002}
keys: {}
access_points:
  billing: {target: hangzhou, actions: [use], keys: ["*"]}
  archive:
    {target: north, actions: [encrypt], keys: ["*"], network: {vpc: vpc-example0001, subnet: subnet-example0001}}
  unborn: {target: hangzhou, actions: [use], keys: ["*"]}
"""
PASSWORD = "A-fake-password-1"
POINTS = {
    "billing": ("alibaba", AccessPoint("", ("use",), ("key/*",), instance="kst-hzz62ee817bvyyr5x")),
    "archive": ("ctyun", AccessPoint("", ("encrypt",), ("key/*",), vpc="vpc-example0001", subnet="subnet-example0001")),
}
PLACES = {
    "alibaba": Target("hangzhou", "alibaba", "cn-hangzhou", "kst-hzz62ee817bvyyr5x"),
    "ctyun": Target("north", "ctyun", "bb9fdb42056f11eda1610242ac110002"),
}
Kms = Callable[..., Result]


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with run_emulator(
        tmp_path_factory.mktemp("emulator"), http=True, clouds=["alibaba", "ctyun", "tencent"]
    ) as running:
        for name, (cloud, place) in POINTS.items():
            marker = Marker(f"bench/dev/{name}")
            point = AccessPoint(**{**vars(place), "name": derived_name(marker, 63)})
            connect = get_cloud(cloud).connect_access_points
            assert connect
            client, wanted = connect(PLACES[cloud], running.environ), WantedPoint(point, marker)
            for step in client.steps(wanted, None):
                client.take(step, wanted, None)
        yield running


@pytest.fixture
def kms(running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kms:
    for name, value in {**running.environ, "KMS_RATE_FACTOR": "0", "CLIENT_KEY_PASSWORD": PASSWORD}.items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "project"
    (folder / "stacks").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text("name: bench\nruntime: python\n", encoding="utf-8")
    (folder / "stacks" / "dev.yaml").write_text(STACK, encoding="utf-8")
    monkeypatch.chdir(folder)

    def run(*arguments: str, data: str = "") -> Result:
        return CliRunner().invoke(main, ["client-key", *arguments], input=data, catch_exceptions=False)

    return run


def ids(kms: Kms, point: str = "billing") -> list[str]:
    return [line.split("\t")[0] for line in kms("list", point).stdout.splitlines()]


def opened(file: str, password: str) -> object:
    content = json.loads(Path(file).read_text(encoding="utf-8"))
    return load_pkcs12(b64decode(content["PrivateKeyData"]), password.encode()).key


def test_a_client_key_opens_with_the_password_that_was_given(kms: Kms) -> None:
    made = kms("create", "billing", "-o", "key.json", "--password-env", "CLIENT_KEY_PASSWORD", "--valid-days", "30")
    assert made.exit_code == 0, made.output
    assert opened("key.json", PASSWORD)
    assert stat.S_IMODE(Path("key.json").stat().st_mode) == 0o600
    content = json.loads(Path("key.json").read_text(encoding="utf-8"))
    assert made.stdout.startswith(content["KeyId"] + "\tuntil ")
    assert content["PrivateKeyData"] not in made.output
    assert PASSWORD not in made.output
    assert ids(kms) == [content["KeyId"]]


def test_a_password_is_made_and_written_to_a_file_of_its_own(kms: Kms) -> None:
    assert kms("create", "billing", "-o", "key.json", "--password-file", "password.txt").exit_code == 0
    password = Path("password.txt").read_text(encoding="utf-8")
    assert stat.S_IMODE(Path("password.txt").stat().st_mode) == 0o600
    assert len(password) == 32
    assert opened("key.json", password)


def test_a_password_from_a_file_may_end_with_a_line_feed(kms: Kms) -> None:
    Path("given.txt").write_text(f"{PASSWORD}\n", encoding="utf-8")
    assert kms("create", "billing", "-o", "key.json", "--password-from", "given.txt").exit_code == 0
    assert opened("key.json", PASSWORD)


def test_a_password_is_asked_for_twice_and_never_shown(kms: Kms) -> None:
    made = kms("create", "billing", "-o", "key.json", data=f"{PASSWORD}\n{PASSWORD}\n")
    assert made.exit_code == 0, made.output
    assert PASSWORD not in made.output
    assert opened("key.json", PASSWORD)


def test_a_tenant_credential_is_written_the_same_way(kms: Kms) -> None:
    made = kms("create", "archive", "-o", "tenant.json")
    assert made.exit_code == 0, made.output
    content = json.loads(Path("tenant.json").read_text(encoding="utf-8"))
    assert content["secretKey"] not in made.output
    assert ids(kms, "archive") == [content["accessKey"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-o", "-", "--password-file", "p"), "not written to stdout"),
        (("-o", "k", "--password-file", "-"), "not written to stdout"),
        (("-o", "k", "--password-file", "./k"), "cannot be in one file"),
        (("-o", "k", "--password-file", "p", "--password-env", "X"), "only one of"),
        (("-o", "taken", "--password-file", "p"), "taken exists already"),
        (("-o", "nowhere/k", "--password-file", "p"), "cannot be written"),
        (("-o", "k", "--password-env", "NOT_SET"), "NOT_SET is not set"),
        (("-o", "k", "--password-env", "SHORT"), "the password cannot be used"),
    ],
)
def test_what_cannot_be_is_refused_before_a_client_key_is_made(
    kms: Kms, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.setenv("SHORT", "hunter2")
    Path("taken").write_text("mine", encoding="utf-8")
    made = kms("create", "billing", *arguments)
    assert made.exit_code == 2
    assert said in made.stderr
    assert "hunter2" not in made.output
    assert ids(kms) == []
    assert Path("taken").read_text(encoding="utf-8") == "mine"
    assert not Path("p").exists()


@pytest.mark.parametrize("option", [("--password-file", "p"), ("--valid-days", "3")])
def test_what_a_cloud_does_not_have_is_refused(kms: Kms, option: tuple[str, str]) -> None:
    made = kms("create", "archive", "-o", "k", *option)
    assert made.exit_code == 2
    assert "this cloud's credentials" in made.stderr


@pytest.mark.parametrize(
    ("point", "code", "said"),
    [
        ("nothing", 2, "has no access point"),
        ("unborn", 3, "there is no access point"),
        ("tencent://ap-guangzhou/x", 2, "credentials of access points"),
        ("alibaba://cn-hangzhou", 2, "names no access point"),
    ],
)
def test_what_names_no_access_point_is_said(kms: Kms, point: str, code: int, said: str) -> None:
    made = kms("list", point)
    assert (made.exit_code, said in made.stderr) == (code, True), made.output


def test_an_access_point_is_found_by_its_name_at_the_cloud(kms: Kms) -> None:
    name = derived_name(Marker("bench/dev/billing"), 63)
    assert kms("list", name, "--target", "hangzhou").exit_code == 0
    assert kms("list", f"alibaba://cn-hangzhou/{name}").exit_code == 0


def test_a_rotation_leaves_the_old_one_until_it_is_deleted(kms: Kms) -> None:
    kms("create", "billing", "-o", "old.json", "--password-file", "old.txt")
    (old,) = ids(kms)
    rotated = kms("rotate", "billing", "-o", "new.json", "--password-file", "new.txt")
    assert rotated.exit_code == 0, rotated.output
    assert f"kms client-key delete billing {old}" in rotated.stderr
    assert len(ids(kms)) == 2
    assert kms("delete", "billing", old, data="n\n").exit_code == 130
    assert len(ids(kms)) == 2
    assert kms("delete", "billing", old, "--yes").exit_code == 0
    assert old not in ids(kms)
    assert kms("delete", "billing", old, "--yes").exit_code == 3


def test_a_rotation_deletes_the_old_one_after_the_stated_overlap(kms: Kms, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    kms("create", "billing", "-o", "old.json", "--password-file", "old.txt")
    (old,) = ids(kms)
    monkeypatch.setattr("kms_resources.cli.client_key.time.sleep", waited.append)
    rotated = kms("rotate", "billing", "-o", "new.json", "--password-file", "new.txt", "--delete-after", "24h")
    assert rotated.exit_code == 0, rotated.output
    assert waited == [86_400.0]
    (new,) = ids(kms)
    assert new != old


def test_a_rotation_of_several_wants_to_be_told_which(kms: Kms) -> None:
    for number in (1, 2):
        kms("create", "billing", "-o", f"{number}.json", "--password-file", f"{number}.txt")
    refused = kms("rotate", "billing", "-o", "new.json", "--password-file", "new.txt")
    assert refused.exit_code == 2
    assert "--old ID" in refused.stderr
    assert len(ids(kms)) == 2
    chosen = kms("rotate", "billing", "-o", "new.json", "--password-file", "new.txt", "--old", ids(kms)[0])
    assert chosen.exit_code == 0


def test_a_client_key_whose_answer_is_lost_is_named_and_not_made_twice(kms: Kms, running: Running) -> None:
    running.fault(kind="lost_after_commit", cloud="alibaba", action="CreateClientKey", count=1)
    made = kms("create", "billing", "-o", "key.json", "--password-file", "password.txt")
    assert made.exit_code == 3
    (lost,) = ids(kms)
    assert lost in made.stderr
    assert not Path("key.json").exists()
    assert not Path("password.txt").exists()
    assert running.actions("alibaba").count("CreateClientKey") == 1


def test_a_client_key_whose_file_does_not_come_about_is_deleted_again(
    kms: Kms, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken_meanwhile(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kms_resources.cli.files.os.fsync", taken_meanwhile)
    made = kms("create", "billing", "-o", "key.json", "--password-env", "CLIENT_KEY_PASSWORD")
    assert made.exit_code == 2, made.output
    assert ids(kms) == []


@pytest.mark.parametrize("text", ["", "7", "d", "7w", "-1h", "7.5h"])
def test_a_duration_has_a_number_and_a_unit(text: str) -> None:
    with pytest.raises(InputError, match="no duration"):
        credentials.seconds_of(text)


def test_generated_passwords_fit_the_rule() -> None:
    for password in {credentials.new_password() for _ in range(20)}:
        credentials.check_password(password)


@pytest.mark.parametrize("password", ["short1!", "a" * 65, "onlyletters", "with blank 1", "密码密码密码密码1"])
def test_passwords_that_the_cloud_would_refuse_are_refused(password: str) -> None:
    with pytest.raises(InputError) as caught:
        credentials.check_password(password)
    assert password not in str(caught.value)
