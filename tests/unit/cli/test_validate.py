from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from kms_resources import cli
from kms_resources.cli import main, validate
from kms_resources.errors import UnsafeError
from kms_resources.version import __version__

CASES = Path(__file__).parents[2] / "stacks"
SMALLEST = str(CASES / "good" / "smallest.yaml")
TABS = str(CASES / "bad" / "tabs.yaml")


def run(*args: str) -> Result:
    return CliRunner().invoke(main, args, catch_exceptions=False)


def test_a_good_file_exits_with_0_and_a_summary() -> None:
    result = run("validate", SMALLEST)

    assert (result.exit_code, result.stdout) == (0, "1 file, 1 key: no problems\n")


def test_problems_exit_with_1_and_are_lines_that_editors_can_follow() -> None:
    result = run("validate", TABS, SMALLEST)

    assert result.exit_code == 1
    assert [
        rf"{TABS}:3:13: there is a tab; allowed: spaces; inside double quotes \t",
        rf"{TABS}:5:1: there is a tab; allowed: spaces; inside double quotes \t",
        "2 problems in 1 of 2 files",
    ] == result.stdout.splitlines()


def test_json_holds_every_part_of_a_problem() -> None:
    path = str(CASES / "bad" / "no-target.yaml")
    result = run("validate", "--format", "json", path)
    document = json.loads(result.stdout)

    assert result.exit_code == 1
    assert document["problems"] == [
        {
            "file": path,
            "line": 5,
            "column": 3,
            "path": "/keys/orders/target",
            "id": "missing-field",
            "severity": "error",
            "message": "this field is missing",
            "allowed": '"guangzhou"',
        }
    ]
    assert ([path], 0, "1 problem in 1 of 1 file") == (document["files"], document["keys"], document["summary"])


def test_notes_are_shown_and_do_not_fail() -> None:
    path = str(CASES / "good" / "unused-target.yaml")

    assert (
        run("validate", path).exit_code,
        len(json.loads(run("validate", "--format", "json", path).stdout)["notes"]),
    ) == (0, 1)
    assert f"{path}:4:3: note: targets.shanghai: no key lives in this target" in run("validate", path).stdout


def test_without_files_the_stacks_of_the_current_directory_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "prod.yaml").write_text(Path(SMALLEST).read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert run("validate").stdout == "1 file, 1 key: no problems\n"


def test_without_any_stack_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("validate")

    assert result.exit_code == 2
    assert "there is no file stacks/*.yaml here; name the files" in result.stderr


@pytest.mark.parametrize(
    "args", [("validate", "absent.yaml"), ("validate", "--format", "xml"), ("valdate",), ("--nope",)]
)
def test_wrong_usage_exits_with_2(args: tuple[str, ...]) -> None:
    assert run(*args).exit_code == 2


def test_the_version_is_shown() -> None:
    assert run("--version").stdout == f"kms, version {__version__}\n"


def test_every_command_in_the_table_exists_and_has_a_help_text() -> None:
    for name in cli.COMMANDS:
        result = run(name, "--help")
        assert (result.exit_code, f"{name} [OPTIONS]" in result.stdout) == (0, True)


def _failing(error: BaseException) -> click.Command:
    @click.command()
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (UnsafeError("two keys", where="a/b", advice="look"), 4, "error: a/b: two keys\n  → look\n"),
        (RuntimeError("hunter2"), 70, "error: a bug in kms_resources (RuntimeError); kms --debug … shows where\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (SystemExit(3), 3, ""),
    ],
)
def test_one_place_turns_errors_into_a_message_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, text: str
) -> None:
    monkeypatch.setattr(validate, "command", _failing(error))
    result = run("validate")

    assert (code, text) == (result.exit_code, result.stderr.lstrip("\n"))


def test_the_help_lists_the_commands_with_what_they_do() -> None:
    assert re.search(r"validate +Check stack files: FILES, or stacks/\*\.yaml\.", run("--help").stdout)


def test_a_reader_that_goes_away_gets_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    program = "from kms_resources.cli import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", program, "validate", SMALLEST], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)

    assert (done.returncode, done.stderr) == (1, b"")


def test_debug_shows_where_an_error_came_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(validate, "command", _failing(UnsafeError("two keys")))
    with pytest.raises(SystemExit) as caught:
        main(["--debug", "validate"])

    assert caught.value.code == 4
    assert "Traceback" in capsys.readouterr().err


HEAVY = {"pulumi", "requests", "cryptography", "gmalg", "jsonschema", "rich", "grpc"}
VALIDATE = (
    "import resource, sys\nfrom kms_resources.cli import main\n"
    "try:\n    main(['validate', sys.argv[1]])\nexcept SystemExit as end:\n    assert end.code == 0, end.code\n"
    f"print(sorted({HEAVY!r} & set(sys.modules)))\n"
    "used = resource.getrusage(resource.RUSAGE_SELF)\nprint(used.ru_utime + used.ru_stime)"
)
TARGETS = """\
version: 1
targets:
  guangzhou: {cloud: tencent, region: ap-guangzhou}
  hangzhou: {cloud: alibaba, region: cn-hangzhou, instance: kst-hzz62ee817bvyyr5x,
             gateway: {endpoint: kms.example.com, password: {from_env: PASSWORD}}}
"""


def validated(path: Path) -> tuple[str, float]:
    """What heavy modules a validation in a fresh process has loaded, and the seconds of the processor it took."""
    done = subprocess.run([sys.executable, "-c", VALIDATE, str(path)], capture_output=True, text=True, check=True)
    *_, loaded, seconds = done.stdout.splitlines()
    return loaded, float(seconds)


def test_validating_loads_no_engine_no_http_and_no_cryptography() -> None:
    assert validated(CASES / "good" / "everything.yaml")[0] == "[]"


def test_only_a_certificate_request_loads_the_cryptographic_library(tmp_path: Path) -> None:
    file = tmp_path / "uses.yaml"
    text = TARGETS + (
        "keys:\n  orders: {target: guangzhou, spec: SM4, origin: EXTERNAL, material: {from_env: MATERIAL}}\n"
        "  web: {target: hangzhou, spec: EC_P256}\n"
        "ciphertexts: {db: {key: orders, plaintext: {from_env: DB}}}\npublic_keys: {web: {key: web}}\n"
        "secrets: {db: {target: hangzhou, value: {from_env: DB}, tags: {owner: finance}}}\n"
    )
    file.write_text(text, encoding="utf-8")
    without = validated(file)[0]
    file.write_text(text + "certificate_requests: {web: {key: web, subject: CN=www.example.com}}\n", encoding="utf-8")

    assert without == "[]"
    assert "cryptography" in validated(file)[0]
    assert "requests" not in validated(file)[0]


def test_a_thousand_keys_with_uses_are_validated_within_a_second(tmp_path: Path) -> None:
    keys = [
        f"  k{n}: {{target: guangzhou, spec: SM4, aliases: [a{n}], tags: {{number: '{n}'}}}}\n" for n in range(1000)
    ]
    some = range(0, 1000, 4)
    uses = [f"  c{n}: {{key: k{n}, plaintext: {{from_env: PLAIN_{n}}}}}\n" for n in some]
    kept = [f"  s{n}: {{target: hangzhou, value: {{from_env: VALUE_{n}}}}}\n" for n in some]
    file = tmp_path / "many.yaml"
    parts = [TARGETS, "keys:\n", *keys, "ciphertexts:\n", *uses, "secrets:\n", *kept]
    file.write_text("".join(parts), encoding="utf-8")
    loaded, seconds = validated(file)

    assert loaded == "[]"
    # Of the processor: what others do on the machine does not count.
    assert seconds < 1.0
