"""What is made from the code is as the code would make it now."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from kms_resources.clouds import CLOUDS
from tests.docs.pages import ROOT, name_of, pages, read
from tools import generate_docs


def test_every_generated_part_is_fresh() -> None:
    assert [name_of(path) for path, _ in generate_docs.stale()] == [], "run `make docs`"


def test_every_page_with_a_generated_part_is_looked_at() -> None:
    marked = {name_of(path) for path in pages() if generate_docs.PART.search(read(path))}
    assert set(generate_docs.FILES) == marked


def test_every_part_is_used_somewhere() -> None:
    used = {match[2] for name in generate_docs.FILES for match in generate_docs.PART.finditer(read(ROOT / name))}
    assert set(generate_docs.PARTS) == used


def test_check_names_the_stale_page_and_exits_with_1_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- generated: overview -->\nold\n<!-- end -->\n", encoding="utf-8")
    monkeypatch.setattr(generate_docs, "ROOT", tmp_path)
    monkeypatch.setattr(generate_docs, "FILES", ("page.md",))

    result = CliRunner().invoke(generate_docs.generate, ["--check"])

    assert result.exit_code == 1
    assert "page.md: stale" in result.output
    assert "old" in read(page)
    assert CliRunner().invoke(generate_docs.generate, []).exit_code == 0
    assert "$ kms --help" in read(page)
    assert CliRunner().invoke(generate_docs.generate, ["--check"]).exit_code == 0


@pytest.mark.parametrize("cloud", sorted(CLOUDS))
def test_every_method_of_a_client_says_what_it_calls(cloud: str) -> None:
    client = generate_docs.client_class(cloud)
    silent = [name for name in generate_docs.methods() if not vars(client)[name].__doc__]
    assert silent == []


@pytest.mark.parametrize("cloud", sorted(CLOUDS))
def test_the_permissions_hold_every_action_that_the_client_can_send(cloud: str) -> None:
    named = {need.partition(":")[2] or need for need in generate_docs.needed(cloud, generate_docs.methods())}
    sent = actions(ROOT / "kms_resources" / "clouds" / cloud)
    assert sent
    assert sent - named == set()


def actions(folder: Path) -> set[str]:
    """The actions that stand in a client: as a name it sends, or as the end of a path in its table of operations."""
    calls = re.findall(r'\._\w+\(\s*(?:"[a-z]+", )?"([A-Z][A-Za-z]+)"', read(folder / "client.py"))
    return {*calls, *re.findall(r'"/v\d/\w+/(\w+)"', read(folder / "convert.py"))}
