"""What is made from the code is as the code would make it now."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from kms_resources.capabilities import Capability
from kms_resources.clouds import CLOUDS, get_cloud
from kms_resources.clouds.crypto import CryptoClient
from tests.docs.pages import ROOT, name_of, pages, read
from tools import generate_docs, permissions


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
    client = permissions.client_class(cloud)
    silent = [name for name in permissions.methods() if not vars(client)[name].__doc__]
    assert silent == []


@pytest.mark.parametrize("cloud", sorted(CLOUDS))
def test_the_permissions_hold_every_action_that_the_client_can_send(cloud: str) -> None:
    named = {need.partition(":")[2] or need for need in permissions.needed(cloud, permissions.methods())}
    sent = actions(ROOT / CLOUDS[cloud].replace(".", "/"))
    assert sent
    assert sent - named == set()


@pytest.mark.parametrize("cloud", sorted(CLOUDS))
def test_every_method_of_a_client_for_the_use_of_keys_says_what_it_calls(cloud: str) -> None:
    client = permissions.client_class(cloud, CryptoClient)
    silent = [name for name in permissions.methods(CryptoClient) if not vars(client)[name].__doc__]
    assert silent == []


@pytest.mark.parametrize("cloud", sorted(CLOUDS))
def test_what_a_cloud_offers_has_a_permission_and_what_it_lacks_has_none(cloud: str) -> None:
    limits = get_cloud(cloud).limits
    for capability, name in VERBS.items():
        named = permissions.needed(cloud, [name], CryptoClient)
        assert bool(named) == limits.has(capability), (name, named)


def test_every_verb_stands_in_the_table_of_permissions() -> None:
    named = {name for names in permissions.NEEDS.values() for name in names}
    assert set(permissions.methods(CryptoClient)) - named == {"call", "random"}


VERBS = {
    Capability.ENCRYPT: "encrypt",
    Capability.RE_ENCRYPT: "re_encrypt",
    Capability.DATA_KEY: "generate_data_key",
    Capability.PUBLIC_KEY: "public_key",
    Capability.ASYMMETRIC_DECRYPT: "asymmetric_decrypt",
    Capability.SIGN: "sign",
    Capability.RANDOM: "random",
    Capability.SECRETS: "secret_value",
    Capability.VERSIONS: "list_versions",
    Capability.NEW_VERSION: "create_version",
    Capability.MATERIAL: "import_material",
}


@pytest.mark.parametrize("cloud", sorted(CLOUDS))
def test_every_action_that_uses_a_key_stands_on_the_page_of_permissions(cloud: str) -> None:
    page = read(ROOT / "docs" / "permissions.md")
    sent = actions(ROOT / CLOUDS[cloud].replace(".", "/"), "crypto.py", "shared.py")
    assert sent
    assert [action for action in sent if not re.search(rf"\b{action}\b", page)] == []


def actions(folder: Path, *modules: str) -> set[str]:
    """The actions that stand in a client, as a name that it sends or as a word of its table of operations."""
    sources = [folder / module for module in modules or ("client.py",) if (folder / module).is_file()]
    text = "\n".join(map(read, sources))
    found = set(re.findall(r'\.(?!get\()\w+\(\s*(?:"[a-z]+", )?"([A-Z][a-z]+[A-Z][A-Za-z\d]+|Encrypt|Decrypt)"', text))
    if (folder / "words.py").is_file():
        table = import_module(f"kms_resources.clouds.{folder.name}.words").OPERATIONS
        found |= {table[word].name for word in re.findall(r'"([a-z_]+)"', text) if word in table}
    return found
