"""What the pages show can be typed: stacks are valid, commands exist, programs run, the plan is the real one."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
import yaml

from kms_resources.cli import COMMANDS, main
from kms_resources.stack import check_text
from tests.docs.pages import CHINESE, README, ROOT, blocks, commands, name_of, pages, read, section_blocks
from tests.support.engine import Project, engine

PAGES = [path for path in pages() if "changelog.d" not in path.parts]
SHELL = {
    *(".", "bash", "cd", "cmp", "echo", "env", "export", "grep", "head", "ls", "openssl", "pip", "printf", "python"),
    *("python3", "seq", "tail"),
}
SPLITTING = {"&&", "&", "|", ";"}
STACKS = [
    pytest.param(block.text, id=f"{name_of(page)}-{number}")
    for page in PAGES
    for number, block in enumerate(blocks(page))
    if block.language == "yaml" and "targets:" in block.text and "version:" in block.text
]
CREDENTIALS = {
    "TENCENTCLOUD_SECRET_ID": "AKIDEXAMPLE",
    "TENCENTCLOUD_SECRET_KEY": "example-secret",
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI-example-id",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "example-secret",
    "CTYUN_AK": "example-ak",
    "CTYUN_SK": "example-sk",
    "KMS_ENDPOINT_TENCENT": "http://127.0.0.1:9",
    "KMS_ENDPOINT_ALIBABA": "http://127.0.0.1:9",
    "KMS_ENDPOINT_CTYUN": "http://127.0.0.1:9",
}
"""Obvious fakes, and endpoints where nobody listens: a preview of a new stack sends nothing."""


@pytest.mark.parametrize("text", STACKS)
def test_every_stack_in_the_pages_is_valid(text: str) -> None:
    report = check_text(text.encode(), "page.yaml")
    assert report.problems == ()
    assert report.keys


def test_the_pages_do_hold_stacks() -> None:
    assert len(STACKS) >= 3


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_yaml_block_can_be_read(page: Path) -> None:
    for block in blocks(page):
        if block.language == "yaml":
            assert isinstance(yaml.safe_load(block.text), dict)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_in_the_pages_exists(page: Path) -> None:
    unknown = [word for line in commands(page) for word in _unknown(line)]
    assert unknown == []


def test_the_pages_do_hold_commands() -> None:
    words = {command[0] for line in commands(README) for command in _simple_commands(line)}
    assert {"make", "kms", "pulumi", "pip"} <= {word.removeprefix(".venv/bin/") for word in words}


def test_every_make_target_in_the_prose_exists() -> None:
    named = {target for page in PAGES for target in re.findall(r"`make ([a-z]+)`", read(page))}
    assert named <= _targets()


def test_the_contributors_page_shows_what_make_help_says() -> None:
    result = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() in read(ROOT / "CONTRIBUTING.md")


@pytest.mark.parametrize("page", [README, CHINESE], ids=name_of)
def test_the_plan_in_the_readme_is_what_the_engine_prints(page: Path, tmp_path: Path) -> None:
    stack, plan = blocks(page)[:2]
    with Project(tmp_path / "shop", name="shop", stack="prod", environment=CREDENTIALS) as project:
        (project.directory / "stacks").mkdir()
        (project.directory / "stacks" / "prod.yaml").write_text(stack.text, encoding="utf-8")
        project.write(read(ROOT / "__main__.py"))
        result = project.run(["preview"])

    assert result.returncode == 0, result.stdout + result.stderr
    shown = plan.text.split("$ pulumi preview --non-interactive\n")[1]
    # The engine starts resources side by side, so their order is not the same each time.
    assert sorted(_lines(shown)) == sorted(_lines(result.stdout))


def test_the_program_in_the_readme_makes_the_key_and_the_alias(tmp_path: Path) -> None:
    found = section_blocks(README, "In a Pulumi program of your own")
    program = next(block.text for block in found if block.language == "python")
    environment = {**CREDENTIALS, "DB_PASSWORD": "example-password"}
    with Project(tmp_path / "shop", name="shop", environment=environment) as project:
        project.write(program)
        result = project.run(["preview"])

    assert result.returncode == 0, result.stdout + result.stderr
    assert " +  pulumi-python:dynamic/kms:Key orders create" in _lines(result.stdout)
    assert " +  pulumi-python:dynamic/kms:Alias tencent:ap-guangzhou:orders create" in _lines(result.stdout)
    assert " +  pulumi-python:dynamic/kms:Ciphertext ciphertext:db-password create" in _lines(result.stdout)


def test_the_refused_stack_in_the_readme_is_refused_in_these_words() -> None:
    report = check_text(REFUSED.encode(), "stacks/bad.yaml")

    shown = blocks(README)[2].text.splitlines()
    assert shown == ["$ kms validate stacks/bad.yaml", *map(str, report.problems), report.summary]


REFUSED = """\
# yaml-language-server: $schema=../.schema/stack.schema.json
version: 1

targets:
  guangzhou: {cloud: tencent, region: ap-guangzhou}
  north: {cloud: ctyun, region: bb9fdb42056f11eda1610242ac110002}

keys:
  orders:
    target: guangzhou
    spec: AES_256
    description: Card numbers of the order service
    rotation: {every_days: 400}
    aliases: [orders]
    tags: {owner: payments}
  archive:
    target: north
    spec: AES_256
    description: Cold storage
    alias: [archive]
    deletion: {policy: schedule, window_days: 7}
"""


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip() and not line.startswith("@ previewing")]


def _simple_commands(line: str) -> Iterator[list[str]]:
    """The commands of one line, split at `&&`, `&`, `|`, `;` and `#`."""
    words: list[str] = []
    for word in [*shlex.split(line, comments=True), "&&"]:
        if word in SPLITTING:
            if words:
                yield words
            words = []
        else:
            words.append(word)


def _unknown(line: str) -> Iterator[str]:
    for command in _simple_commands(line):
        name = command[0].removeprefix(".venv/bin/")
        if name == "make":
            yield from (f"make {target}" for target in command[1:] if target not in _targets())
        elif name == "kms":
            yield from _unknown_to_kms(command[1:])
        elif name == "pulumi":
            yield from _unknown_to_pulumi(command[1:])
        elif name not in SHELL:
            yield line


def _unknown_to_kms(arguments: list[str]) -> Iterator[str]:
    words = [word for word in arguments if word != "--help"]
    if not words or words[0] == "--debug":
        return
    if words[0] not in COMMANDS:
        yield f"kms {words[0]}"
        return
    command = main.get_command(click.Context(main), words[0])
    assert command
    if isinstance(command, click.Group):
        if len(words) > 1 and words[1] not in command.commands:
            yield f"kms {' '.join(words[:2])}"
        command = command.commands.get(words[1], command) if len(words) > 1 else command
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    yield from (f"kms {words[0]} {word}" for word in words[1:] if re.match(r"--?[a-z]", word) and word not in known)


def _unknown_to_pulumi(arguments: list[str]) -> Iterator[str]:
    flags = [word.split("=")[0] for word in arguments if word.startswith("--")]
    words = [word for word in arguments if not word.startswith("-")]
    help_text = _help_of_pulumi(words[0], words[1] if words[0] in {"stack", "config", "state"} else "")
    yield from (f"pulumi {words[0]} {flag}" for flag in flags if not re.search(rf"{flag}\b", help_text))


@cache
def _help_of_pulumi(command: str, below: str) -> str:
    words = [word for word in (command, below) if word]
    result = subprocess.run([engine().path, *words, "--help"], capture_output=True, text=True, check=False)
    # An unknown command shows the help of the one above it.
    names = " ".join(re.findall(r"^(?:Usage|Aliases):\n +(.*)$", result.stdout, re.MULTILINE))
    assert re.search(rf"\b{words[-1]}\b", names), f"there is no pulumi {' '.join(words)}"
    return result.stdout


@cache
def _targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE))
