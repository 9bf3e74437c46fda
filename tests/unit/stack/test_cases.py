"""Every file of `tests/stacks` is a case; a bad one has the report that it must give beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kms_resources.clouds.secrets import SecretType
from kms_resources.crypto.words import Algorithm
from kms_resources.model import DeletionPolicy, Gateway, Material, Origin, Protection, Source, SourceKind, Usage
from kms_resources.problems import Problem
from kms_resources.stack import InvalidStackError, check_files, check_text, load_stack, load_stacks

CASES = Path(__file__).parents[2] / "stacks"
GOOD = sorted((CASES / "good").glob("*.yaml"))
BAD = sorted((CASES / "bad").glob("*.yaml"))
WITH_SECRETS = (CASES / "bad" / "secrets.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_stack_gives_exactly_the_expected_report(path: Path) -> None:
    report = check_text(path.read_bytes(), path.name)
    lines = [str(problem) for problem in (*report.problems, *report.notes)]

    assert [*lines, report.summary] == path.with_suffix(".expected").read_text(encoding="utf-8").splitlines()
    assert report.problems


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_stack_does_not_load_and_the_error_holds_all_its_problems(path: Path) -> None:
    with pytest.raises(InvalidStackError) as caught:
        load_stack(path)

    assert len(check_files([path]).problems) == len(caught.value.problems) == len(str(caught.value).splitlines())
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_stack_loads(path: Path) -> None:
    assert str(path) == load_stack(path).file


def test_every_expectation_belongs_to_a_case() -> None:
    assert {path.stem for path in BAD} == {path.stem for path in (CASES / "bad").glob("*.expected")}


def test_no_report_shows_any_part_of_a_secret() -> None:
    secrets = [word.strip('"[]{},') for word in WITH_SECRETS.replace(":", " ").split() if len(word) > 20]
    shown = "\n".join(path.read_text(encoding="utf-8") for path in (CASES / "bad").glob("*.expected"))

    assert len(secrets) >= 10
    assert not [secret for secret in (*secrets, "hunter2", "0123456", "not a key") if secret in shown]


def test_defaults_go_to_the_keys_and_the_keys_own_fields_win() -> None:
    stack = load_stack(CASES / "good" / "everything.yaml")
    keys = {key.name: key for key in stack.keys}

    assert dict(keys["orders"].settings.tags) == {"owner": "orders", "cost-center": "4711", "since": "2026-01-01"}
    assert (keys["orders"].deletion.policy, keys["orders"].deletion.window_days) == (DeletionPolicy.PREVENT, 14)
    assert (keys["password"].deletion.policy, keys["password"].deletion.window_days) == (DeletionPolicy.SCHEDULE, 14)
    assert (keys["imported"].deletion.policy, keys["imported"].deletion.window_days) == (DeletionPolicy.ABANDON, 7)
    assert keys["orders"].target.name == "guangzhou"
    assert keys["orders"].settings.rotation_days == 90
    assert keys["orders"].settings.deletion_protection
    assert not keys["password"].settings.deletion_protection


def test_a_default_rotation_goes_only_to_keys_that_can_rotate() -> None:
    keys = {key.name: key.settings for key in load_stack(CASES / "good" / "everything.yaml").keys}

    assert {
        name: keys[name].rotation_days for name in ("password", "imported", "signing", "ledger", "macs")
    } == dict.fromkeys(("password", "imported", "signing", "ledger", "macs"))


def test_what_is_not_written_has_its_documented_value() -> None:
    keys = {key.name: key.settings for key in load_stack(CASES / "good" / "everything.yaml").keys}

    assert (
        keys["orders"].usage,
        keys["orders"].origin,
        keys["orders"].protection,
        keys["orders"].enabled,
    ) == (Usage.ENCRYPT_DECRYPT, Origin.KMS, None, True)
    assert keys["signing"].usage is Usage.SIGN_VERIFY
    assert keys["macs"].usage is Usage.GENERATE_VERIFY_MAC
    assert keys["archive"].protection is Protection.SOFTWARE
    assert keys["orders"].description == "Orders at rest, on two lines\n"


def test_a_gateway_is_read_with_where_its_secrets_come_from() -> None:
    targets = load_stack(CASES / "good" / "uses.yaml").targets

    assert targets["hangzhou"].gateway == Gateway(
        "kst-hzz62ee817bvyyr5x.cryptoservice.kms.aliyuncs.com",
        client_key=Source(SourceKind.FILE, "client-key.json"),
        password=Source(SourceKind.ENV, "CLIENT_KEY_PASSWORD"),
        ca=Source(SourceKind.COMMAND, "cat ca.pem"),
        shared=("GetSecretValue",),
        encoding="gb18030",
    )
    assert targets["plain"].gateway is None


def test_the_uses_of_keys_are_read_completely() -> None:
    uses = load_stack(CASES / "good" / "uses.yaml").uses
    ciphertexts = {one.name: one for one in uses.ciphertexts}
    requests = {one.name: one for one in uses.requests}

    assert [one.where for one in uses.ciphertexts] == [
        "guangzhou/ciphertext/db", "hangzhou/ciphertext/license", "north/ciphertext/token",
    ]  # fmt: skip
    assert dict(ciphertexts["db"].context) == {"app": "orders", "stage": "1"}
    assert ciphertexts["token"].plaintext == Source(SourceKind.COMMAND, "pass show token")
    assert [(one.name, one.key, one.version) for one in uses.public_keys] == [
        ("web", "web", ""), ("letters", "letters", "1f0b"),
    ]  # fmt: skip
    assert (requests["old"].algorithm, requests["web"].algorithm) == (Algorithm.RSA_PKCS1_SHA_256, None)
    assert requests["web"].names[1:3] == ("IP:192.0.2.7", "email:web@example.com")


def test_secrets_take_no_rotation_from_the_defaults_and_their_deletion_from_there(tmp_path: Path) -> None:
    text = (
        "version: 1\ntargets: {a: {cloud: alibaba, region: cn-hangzhou, instance: kst-hzz62ee817bvyyr5x}}\n"
        "defaults: {target: a, rotation: {every_days: 90}, tags: {owner: finance}, deletion: {window_days: WINDOW}}\n"
        "keys: {}\nsecrets: {db: {value: {from_env: X}, tags: {app: db}, deletion: {policy: schedule}}}\n"
    )
    found = []
    for window in ("14", "366"):
        (tmp_path / "x.yaml").write_text(text.replace("WINDOW", window), encoding="utf-8")
        found.append(load_stack(tmp_path / "x.yaml").uses.secrets[0])

    assert [secret.settings.rotation_seconds for secret in found] == [None, None]
    assert dict(found[0].settings.tags) == {"app": "db", "owner": "finance"}
    assert [(secret.deletion.policy, secret.deletion.window_days) for secret in found] == [
        (DeletionPolicy.SCHEDULE, 14), (DeletionPolicy.SCHEDULE, 30),
    ]  # fmt: skip


def test_what_is_not_written_of_a_secret_has_its_documented_value() -> None:
    secrets = {one.name: one for one in load_stack(CASES / "good" / "uses.yaml").uses.secrets}

    assert (secrets["db"].cloud_name, secrets["blob"].cloud_name) == ("prod/orders/db", "blob")
    assert (secrets["db"].key, secrets["blob"].key) == ("vault", "")
    assert (secrets["db"].settings.type, secrets["rds"].settings.type) == (SecretType.GENERIC, SecretType.RDS)
    assert (secrets["db"].binary, secrets["blob"].binary) == (False, True)
    assert secrets["rds"].settings.rotation_seconds == 7 * 86_400
    assert [secrets[name].deletion.policy for name in ("db", "rds", "blob")] == [
        DeletionPolicy.SCHEDULE, DeletionPolicy.PREVENT, DeletionPolicy.ABANDON,
    ]  # fmt: skip


def test_material_is_read_with_its_end() -> None:
    keys = {key.name: key.material for key in load_stack(CASES / "good" / "uses.yaml").keys}

    assert keys["imported"] == Material(Source(SourceKind.ENV, "MATERIAL"), "2027-06-30")
    assert keys["for-ever"] == Material(Source(SourceKind.COMMAND, "hsm-export 'the key'"))
    assert keys["empty"] is None


def test_default_tags_are_left_out_with_a_note_where_the_cloud_has_none() -> None:
    stack = load_stack(CASES / "good" / "everything.yaml")
    archive = next(key for key in stack.keys if key.name == "archive")

    assert not archive.settings.tags
    assert [(note.id, note.pointer) for note in stack.notes] == [("default-left-out", "/defaults/tags")]


def test_an_unused_target_is_a_note() -> None:
    notes = load_stack(CASES / "good" / "unused-target.yaml").notes

    assert [(note.id, note.position.line, note.position.column) for note in notes] == [("unused-target", 4, 3)]


def test_the_summary_counts_problems_and_files() -> None:
    files = [CASES / "good" / "smallest.yaml", CASES / "bad" / "tabs.yaml", CASES / "good" / "no-keys-left.yaml"]

    assert check_files(files).summary == "2 problems in 1 of 3 files"
    assert check_files(GOOD).summary == f"{len(GOOD)} files, 22 keys: no problems"


def test_a_file_named_twice_is_checked_once() -> None:
    smallest = CASES / "good" / "smallest.yaml"

    assert check_files([smallest, str(smallest)]).summary == "1 file, 1 key: no problems"


def test_two_files_must_not_adopt_the_same_key(tmp_path: Path) -> None:
    text = (
        "version: 1\ntargets: {a: {cloud: tencent, region: ap-guangzhou}}\n"
        "keys: {KEY: {target: a, spec: SM4, adopt: 971ba207-5323-4a04-a290-3a9e8b4c7343}}\n"
    )
    files = [tmp_path / "one.yaml", tmp_path / "two.yaml"]
    for file in files:
        file.write_text(text.replace("KEY", file.stem), encoding="utf-8")

    with pytest.raises(InvalidStackError) as caught:
        load_stacks(files)

    assert [(str(files[1]), "adopted-twice")] == [(found.position.file, found.id) for found in caught.value.problems]
    assert [str(files[0])] == [load_stacks(files[:1])[0].file]


def test_problems_come_in_the_order_of_the_file_with_pointers_that_scripts_can_follow() -> None:
    report = check_text(b"version: 1\ntargets: {}\nkeys:\n  a/b~c: {}\n", "x.yaml")

    assert {"/keys/a~1b~0c", "/keys/a~1b~0c/spec", "/keys/a~1b~0c/target"} == {
        found.pointer for found in report.problems
    }
    assert sorted(report.problems, key=_place) == list(report.problems)


def _place(problem: Problem) -> tuple[int, int]:
    return problem.position.line, problem.position.column
