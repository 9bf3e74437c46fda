"""The policy pack in the real engine: what is advisory shows, what is mandatory stops, what is accepted is silent."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.clouds import Shop
from tools import policy_environment

GOOD = "keys: {orders: {target: guangzhou, spec: SM4, rotation: {every_days: 90}, tags: {owner: payments}}}\n"
BAD = """\
keys:
  orders:
    target: guangzhou
    spec: SM4
    enabled: false
    deletion: {policy: schedule, window_days: 7}
  vault:
    target: hangzhou
    spec: AES_256
    tags: {owner: payments}
    enabled: false
    policy:
      admins: {principals: [account], actions: [administer, policy, read]}
      partner: {principals: ["1000000000000009:role/partner"], actions: [decrypt]}
secrets:
  db: {target: hangzhou, value: {from_env: NOBODY_READS_THIS}, encryption_key: vault}
access_points:
  billing: {target: hangzhou, actions: [use], keys: [vault], network: {allow: [0.0.0.0/0]}}
"""
FORGIVEN = """\
version: 1
rules:
  no-owner-tag: {severity: mandatory, tag: team}
  decrypt-to-other-account: off
ignore:
  - {rule: no-owner-tag, key: orders, reason: Until the teams are named, until: "2999-12-31"}
  - {rule: no-owner-tag, key: vault, reason: Over since long, until: "2020-01-01"}
"""


@pytest.fixture(scope="session")
def environment() -> Path:
    return policy_environment.ensure()


@pytest.fixture
def pack(shop: Shop, environment: Path) -> str:
    """The pack as a project has it: in a folder of its own, with its environment."""
    folder = shop.project.directory / "policy_pack"
    shutil.copytree(policy_environment.PACK, folder, ignore=shutil.ignore_patterns(".venv*", "__pycache__"))
    (folder / ".venv").symlink_to(environment)
    return str(folder)


def findings(shop: Shop, text: str) -> str:
    """The part of the engine's text that policies wrote, without what varies."""
    _, _, rest = text.partition("Policies:\n")
    return re.sub(r"\s*(Outputs|Resources|Diagnostics):\n.*", "", shop.normal(rest), flags=re.DOTALL) + "\n"


def test_what_is_advisory_shows_and_what_is_mandatory_stops(
    shop: Shop, pack: str, golden: Callable[[str, str], None]
) -> None:
    shop.stack(BAD)
    mark = shop.clouds.mark()
    result = shop.run("preview", "--policy-pack", pack)
    assert result.returncode == 1, result.stdout + result.stderr
    golden("policy-pack", findings(shop, result.stdout))
    assert shop.run("up", "--yes", "--policy-pack", pack).returncode == 1
    assert shop.clouds.actions(mark) == []


def test_the_projects_own_file_decides_what_counts_and_what_is_accepted(shop: Shop, pack: str) -> None:
    shop.stack(BAD)
    (shop.project.directory / "kms-rules.yaml").write_text(FORGIVEN, encoding="utf-8")
    result = shop.run("preview", "--policy-pack", pack)
    text = findings(shop, result.stdout)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "keys.vault.tags: the key has no tag team" in text
    assert "keys.orders.tags" not in text
    assert "decrypt-to-other-account" not in text


def test_the_configuration_of_the_pack_overrides_severities_and_parameters(shop: Shop, pack: str) -> None:
    shop.stack(GOOD)
    settings = shop.project.directory / "policy.json"
    settings.write_text(json.dumps({"no-owner-tag": {"enforcementLevel": "mandatory", "tag": "team"}}))
    result = shop.run("preview", "--policy-pack", pack, "--policy-pack-config", str(settings))
    assert result.returncode == 1, result.stdout + result.stderr
    assert "[mandatory]" in result.stdout
    assert "keys.orders.tags: the key has no tag team" in result.stdout


def test_a_wrong_file_about_the_rules_stops_the_run_with_its_place(shop: Shop, pack: str) -> None:
    shop.stack(GOOD)
    file = shop.project.directory / "kms-rules.yaml"
    file.write_text("version: 1\nrules: {no-rotatoin: off}\n", encoding="utf-8")
    result = shop.run("preview", "--policy-pack", pack)
    assert result.returncode != 0
    assert f'{file}:2:9: rules.no-rotatoin: "no-rotatoin" is no field here' in result.stdout + result.stderr
    assert "Traceback" not in result.stdout + result.stderr


def test_a_stack_without_any_finding_passes_as_if_there_were_no_pack(shop: Shop, pack: str) -> None:
    shop.stack(GOOD)
    shop.ok("up", "--yes", "--policy-pack", pack)
    assert "advisory" not in shop.ok("preview", "--expect-no-changes", "--policy-pack", pack)
