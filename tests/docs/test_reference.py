"""Commands, exit codes, variables and dependencies: nothing is left out, nothing is there that does not exist."""

import ast
import json
import re
import tomllib
from pathlib import Path

import click
import pytest

import kms_resources
from kms_resources import __version__, cli, errors
from kms_resources.capabilities import Capability
from kms_resources.cli import COMMANDS
from kms_resources.clouds import CLOUDS
from kms_resources.crypto.words import Algorithm
from kms_resources.engine import ENGINE_VERSION, MINIMUM_VERSION
from kms_resources.use import UsedKey
from tests.docs.pages import CHINESE, README, ROOT, links, pages, read, section
from tools import generate_docs

PACKAGE = ROOT / "kms_resources"
USING = ROOT / "docs" / "using-keys.md"
OURS = re.compile(r"(?:KMS|PULUMI|XDG)(?:_[A-Z0-9]+)+")
OF_VENDORS = re.compile(r"(?:ALIBABA|CTYUN|TENCENTCLOUD)(?:_[A-Z0-9]+)+")
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
    found = {f"KMS_ENDPOINT_{cloud.upper().replace('-', '_')}" for cloud in CLOUDS}
    for path in PACKAGE.rglob("*"):
        if path.suffix == ".py":
            found |= {text for text in texts(path) if OURS.fullmatch(text) or _of_a_vendor(path, text)}
        elif path.is_file() and path.parent.name == "files" and path.parent.parent.name == "engine":
            found |= set(OURS.findall(read(path)))
    return found - BETWEEN_ENGINE_AND_HOST


def _of_a_vendor(path: Path, text: str) -> bool:
    return path.parent.parent.name == "clouds" and OF_VENDORS.fullmatch(text) is not None


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


def test_every_command_below_another_and_every_option_is_documented() -> None:
    page = read(ROOT / "docs" / "commands.md")
    for path in generate_docs.command_paths():
        shown = section(ROOT / "docs" / "commands.md", f"kms {' '.join(path)}")
        command = cli.main.get_command(click.Context(cli.main), path[0])
        for name in path[1:]:
            assert isinstance(command, click.Group)
            command = command.commands[name]
        assert command
        options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
        assert [option for option in options if option not in shown] == [], path
    assert "## kms envelope encrypt\n" in page


@pytest.mark.parametrize(
    "command", ["encrypt", "decrypt", "re-encrypt", "sign", "verify", "public-key", "csr", "secret"]
)
def test_every_command_that_uses_a_key_is_shown_at_work(command: str) -> None:
    assert re.search(rf"^\$ (?:.*\| )?kms {command} ", read(USING), re.MULTILINE)


def test_every_option_of_the_commands_that_use_keys_is_explained() -> None:
    page = read(USING)
    unsaid = set()
    for name in ("encrypt", "re-encrypt", "sign", "verify", "public-key", "csr", "secret", "call"):
        command = cli.main.get_command(click.Context(cli.main), name)
        assert command
        options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
        unsaid |= {f"{name} {option}" for option in options if f"{option}`" not in page and f"{option} " not in page}
    assert unsaid == set()


def test_every_method_of_a_key_in_use_is_documented() -> None:
    public = {name for name in dir(UsedKey) if not name.startswith("_")} - {"reference", "client", "cloud", "environ"}
    assert public <= set(re.findall(r"`(\w+)`", section(USING, "From Python")))


def test_every_algorithm_and_every_capability_is_on_the_page_of_capabilities() -> None:
    page = read(ROOT / "docs" / "capabilities.md")
    assert [one for one in Algorithm if f"`{one}`" not in page] == []
    assert [one.value for one in Capability if f"| {one.value} |" not in page] == []


@pytest.mark.parametrize("page", [README, CHINESE], ids=["english", "chinese"])
def test_every_capability_has_its_row_in_the_readme(page: Path) -> None:
    parts = generate_docs.PART.findall(read(page))
    assert {"capabilities", "uses"} <= {name for _, name, _ in parts}
    assert {*generate_docs.lifecycle(), *generate_docs.in_use()} == set(Capability)


def test_every_field_of_a_stack_is_on_the_page_of_stack_files() -> None:
    schema = json.loads(read(ROOT / "schema" / "stack.schema.json"))
    page = ROOT / "docs" / "stack.md"
    for name, part in [("The file", schema), *schema["$defs"].items()]:
        if "properties" in part:
            shown = section(page, name if name == "The file" else f"`{name}`")
            assert [field for field in part["properties"] if f"| `{field}` |" not in shown] == [], name


@pytest.mark.parametrize(
    ("page", "title"), [(README, "In a Pulumi program of your own"), (CHINESE, "在自己的 Pulumi 程序中")]
)
def test_every_resource_is_documented_with_its_outputs(page: Path, title: str) -> None:
    shown = section(page, title)
    for name in set(kms_resources.__all__) - {"Target", "UsedKey", "__version__", "open_key"}:
        row = re.search(rf"^\| `{name}` \|.*$", shown, re.MULTILINE)
        assert row, name
        resource = getattr(kms_resources, name)
        outputs = {field for field, kind in resource.__annotations__.items() if "Output" in str(kind)}
        assert outputs - {"key_id", "alias"} <= set(re.findall(r"`(\w+)`", row[0])), name


def test_every_change_has_a_kind() -> None:
    kinds = {path.suffixes[-2] for path in (ROOT / "changelog.d").glob("*.md") if path.name != "README.md"}
    assert kinds <= {".added", ".changed", ".fixed", ".removed", ".security"}


def test_no_page_stands_alone() -> None:
    linked = {link.partition("#")[0].rsplit("/", 1)[-1] for page in pages() for link in links(page)}
    assert {page.name for page in (ROOT / "docs").glob("*.md")} - linked == set()


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
