"""`kms rules`: the list, and one rule explained."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kms_resources.cli import main
from kms_resources.rules import RULES

GOLDEN = Path(__file__).with_name("golden")
CONFIG = """\
version: 1
rules:
  no-rotation: off
  no-owner-tag: {severity: mandatory, tag: team}
  decrypt-to-other-account: {accounts: ["1000000000000001", "1000000000000009"]}
ignore:
  - {rule: public-network, path: access_points.billing, reason: "Until the VPC is there, KEY-12", until: "2027-03-31"}
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["rules", *arguments])


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a file about the rules, and no place of its own in what is printed."""
    monkeypatch.chdir(tmp_path)
    file = Path("kms-rules.yaml")
    file.write_text(CONFIG, encoding="utf-8")
    return file


def compare(request: pytest.FixtureRequest, name: str, text: str) -> None:
    file = GOLDEN / f"{name}.txt"
    if request.config.getoption("--write-golden"):
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_the_list_names_every_rule_with_its_usual_severity(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run()
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == list(RULES)
    compare(request, "rules", result.stdout)


@pytest.mark.usefixtures("config")
def test_the_list_shows_what_the_project_decided(request: pytest.FixtureRequest) -> None:
    compare(request, "rules-of-a-project", run().stdout)


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize("rule", ["no-rotation", "no-owner-tag", "decrypt-to-other-account"])
def test_a_rule_is_explained(request: pytest.FixtureRequest, rule: str) -> None:
    compare(request, f"rules-{rule}", run(rule).stdout)


def test_a_file_elsewhere_can_be_named(config: Path, tmp_path: Path) -> None:
    other = config.rename(tmp_path / "other.yaml")
    assert "no-rotation (off, usually advisory)" in run("--config", str(other), "no-rotation").stdout


def test_a_rule_that_there_is_not_is_wrong_usage_with_the_nearest_one() -> None:
    result = run("no-rotatoin")
    assert result.exit_code == 2
    assert "there is no rule 'no-rotatoin'; did you mean \"no-rotation\"?" in result.stderr


def test_a_wrong_file_is_refused_with_its_place(config: Path) -> None:
    config.write_text("version: 1\nrules: {x: off}\n", encoding="utf-8")
    result = run()
    assert result.exit_code == 2
    assert result.stderr.startswith('error: kms-rules.yaml:2:9: rules.x: "x" is no field here')
