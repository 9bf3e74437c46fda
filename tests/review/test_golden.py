"""Pairs of stacks and the reports that are expected, from the trivial to the nasty. A new case is a new folder."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kms_resources.cli import main

CASES = Path(__file__).parent / "cases"
FORMS = {"text": "txt", "markdown": "md", "json": "json"}
NAMES = sorted(path.name for path in CASES.iterdir())


def run(*args: str) -> Result:
    return CliRunner().invoke(main, ["review", "base.yaml", "head.yaml", "--no-rules", *args], catch_exceptions=False)


@pytest.fixture(params=NAMES)
def case(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, dict[str, Any]]:
    folder = CASES / str(request.param)
    monkeypatch.chdir(folder)
    return folder, json.loads((folder / "case.json").read_text(encoding="utf-8"))


def test_there_are_at_least_forty() -> None:
    assert len(NAMES) >= 40


def test_a_case_has_the_verdicts_that_somebody_worked_out_by_hand(case: tuple[Path, dict[str, Any]]) -> None:
    _, expected = case
    result = run(*expected["args"], "--format", "json")
    report = json.loads(result.stdout)
    found = {
        f"{one['kind']} {one['name']}": [one["access"][half]["verdict"] for half in ("administration", "use")]
        for one in report["subjects"]
        if one["access"]
    }
    assert (expected["grade"], expected["exit"]) == (report["grade"], result.exit_code)
    assert expected["verdicts"] == found
    text = " ".join(run(*expected["args"]).stdout.split())
    assert [said for said in expected["says"] if said not in text] == []


@pytest.mark.parametrize("form", FORMS)
def test_a_case_has_its_report(case: tuple[Path, dict[str, Any]], form: str, request: pytest.FixtureRequest) -> None:
    folder, expected = case
    result = run(*expected["args"], "--format", form)
    path = folder / f"expected.{FORMS[form]}"
    if request.config.getoption("--write-golden"):
        path.write_text(result.stdout, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == result.stdout
