from __future__ import annotations

import json
import os
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
    assert "validate  Check stack files: FILES, or stacks/*.yaml." in run("--help").stdout


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


def test_validating_loads_no_engine_no_http_and_no_cryptography() -> None:
    program = (
        "import sys\nfrom kms_resources.cli import main\n"
        "try:\n    main(['validate', sys.argv[1]])\nexcept SystemExit as end:\n    assert end.code == 0, end.code\n"
        "print(sorted({'pulumi', 'requests', 'cryptography', 'jsonschema', 'rich', 'grpc'} & set(sys.modules)))"
    )
    everything = str(CASES / "good" / "everything.yaml")
    done = subprocess.run([sys.executable, "-c", program, everything], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"
