"""Commands, exit codes, variables and dependencies: nothing is left out, nothing is there that does not exist."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from kms_resources import __version__, cli, errors
from kms_resources.cli import COMMANDS
from kms_resources.clouds import CLOUDS
from kms_resources.engine import ENGINE_VERSION, MINIMUM_VERSION
from tests.docs.pages import CHINESE, README, ROOT, read, section

PACKAGE = ROOT / "kms_resources"
OURS = re.compile(r"(?:KMS|PULUMI|XDG)(?:_[A-Z0-9]+)+")
OF_VENDORS = re.compile(r"[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+")
BETWEEN_ENGINE_AND_HOST = {"PULUMI_CONFIG", "PULUMI_CONFIG_SECRET_KEYS", "PULUMI_RUNTIME_VIRTUALENV"}
"""The engine sets them for the language host; no person does."""
READ_BY_OTHERS = {
    *("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_HOME"),
    *("PULUMI_SKIP_CHECKPOINTS", "PULUMI_PARALLEL_DIFF"),
    *("XDG_CACHE_HOME", "REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"),
}
"""Documented, and read by the engine or by a library, not by our code."""


def variables() -> set[str]:
    """Every environment variable that the sources name."""
    found = {f"KMS_ENDPOINT_{cloud.upper()}" for cloud in CLOUDS}
    for path in PACKAGE.rglob("*"):
        if path.suffix == ".py":
            pattern = OF_VENDORS if path.parent.parent.name == "clouds" and path.name == "auth.py" else OURS
            found |= {text for text in texts(path) if pattern.fullmatch(text)}
        elif path.is_file() and path.parent.name == "files" and path.parent.parent.name == "engine":
            found |= set(OURS.findall(read(path)))
    return found - BETWEEN_ENGINE_AND_HOST


def texts(path: Path) -> set[str]:
    """The string constants of a module."""
    nodes = ast.walk(ast.parse(read(path)))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def documented(page: Path, title: str) -> set[str]:
    """The variables in the tables of a section."""
    rows = "\n".join(line for line in section(page, title).splitlines() if line.startswith("|"))
    return set(re.findall(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`", rows))


@pytest.mark.parametrize(("page", "title"), [(README, "Environment variables"), (CHINESE, "环境变量")])
def test_every_variable_that_is_read_is_documented_and_no_other(page: Path, title: str) -> None:
    assert variables() | READ_BY_OTHERS == documented(page, title)


def test_the_sources_do_read_variables() -> None:
    assert {"KMS_DEBUG", "KMS_ENGINE_NO_DOWNLOAD", "KMS_RATE_FACTOR", "PULUMI_PYTHON_CMD", "CTYUN_SK"} <= variables()


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_is_documented(command: str) -> None:
    assert f"\n## kms {command}\n" in read(ROOT / "docs" / "commands.md")
    assert re.search(rf"^  {command} ", section(README, "Commands"), re.MULTILINE)


def test_the_exit_codes_are_those_of_the_code() -> None:
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.KmsError)]
    used = {0, cli._USAGE, cli._BUG, cli._INTERRUPTED, *(each.exit_code for each in kinds)}
    table = section(README, "Exit codes").split("| code | of `pulumi` |")[0]
    assert used == {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}


def test_every_dependency_has_its_line_with_a_reason_and_no_other_has_one() -> None:
    settings = tomllib.loads(read(ROOT / "pyproject.toml"))
    declared = {
        "Runtime": settings["project"]["dependencies"],
        "Emulator": settings["project"]["optional-dependencies"]["emulator"],
        "Development": settings["dependency-groups"]["dev"],
    }
    assert set(settings["project"]["optional-dependencies"]) == {"emulator"}
    for title, requirements in declared.items():
        names = {re.split(r"[<>=~!\[; ]", line)[0] for line in requirements}
        rows = re.findall(r"^\| `([\w.-]+)` \| (.+) \|$", section(ROOT / "docs/dependencies.md", title), re.MULTILINE)
        assert names == {name for name, _ in rows}, title
        assert all(reason.strip() for _, reason in rows)


def test_the_pages_name_the_engines_that_the_code_uses() -> None:
    go = re.search(r"^go (\S+)$", read(ROOT / "tools/engine/go.mod"), re.MULTILINE)
    assert go
    for page in (README, CHINESE):
        assert MINIMUM_VERSION.removesuffix(".0") in section(page, "Try it" if page == README else "试一试")
        assert go[1] in read(page)
    assert f"Pulumi engine {ENGINE_VERSION}" in read(ROOT / "docs/dependencies.md")


def test_the_version_in_the_pages_is_that_of_the_package() -> None:
    for page in (README, CHINESE):
        assert set(re.findall(r"kms_resources-(\d[\w.]*)-py3", read(page))) == {__version__}
    assert f"\n## {__version__}\n" in read(ROOT / "CHANGELOG.md")
