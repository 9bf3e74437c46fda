"""Pulumi's other commands on our stacks: export and import, policy packs, configuration, Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kms_resources.model import KeyState
from tests.support.clouds import CTYUN, TENCENT, Shop
from tests.support.engine import wait_until

POLICY_PACKAGE = "pulumi-policy==1.21.0"
TWO = "keys: {orders: {target: guangzhou, spec: SM4, aliases: [%s]}, cold: {target: north, spec: SM4}}\n"
PACK = '''\
"""Every key names its owner, and none is left without protection against its removal."""
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def owner(args, report):
    if args.resource_type == "pulumi-python:dynamic/kms:Key" and "owner" not in args.props["tags"]:
        report(f"{args.name} has no tag owner")

def removal(args, report):
    if args.resource_type == "pulumi-python:dynamic/kms:Key" and args.props["deletion"]["policy"] != "prevent":
        report(f"{args.name} may be removed")

PolicyPack("keys", policies=[
    ResourceValidationPolicy("owner", "Keys have an owner.", owner, enforcement_level=EnforcementLevel.MANDATORY),
    ResourceValidationPolicy("removal", "Keys stay.", removal, enforcement_level=EnforcementLevel.ADVISORY),
])
'''


@pytest.fixture(scope="session")
def policy_environment() -> Path:
    """An environment of its own with `pulumi-policy`, whose needs differ from ours; kept between runs."""
    base = Path(tempfile.gettempdir()) / f"kms-tests-{os.getuid()}"
    base.mkdir(mode=0o700, exist_ok=True)
    folder = base / f"{POLICY_PACKAGE}-py{sys.version_info.minor}"
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run(
            [folder / "bin" / "python", "-m", "pip", "install", "--quiet", POLICY_PACKAGE],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        (folder / "ready").touch()
    return folder


def test_a_state_that_was_exported_and_imported_is_the_same_state(shop: Shop) -> None:
    shop.stack(TWO % "round-trip")
    shop.up()
    before = shop.project.resources()
    shop.ok("stack", "export", "--file", "state.json")
    shop.ok("stack", "import", "--file", "state.json")
    assert before == shop.project.resources()
    shop.calm()
    shop.ok("refresh", "--yes", "--expect-no-changes")


def test_a_state_that_was_lost_altogether_is_built_again_from_the_markers(shop: Shop) -> None:
    shop.stack(TWO % "lost-state")
    shop.up()
    before, mark = shop.ids(), shop.clouds.mark()
    empty = shop.project.directory / "empty.json"
    empty.write_text(json.dumps({"version": 3, "deployment": {}}), encoding="utf-8")
    shop.ok("stack", "import", "--file", "empty.json")
    assert shop.ids() == {}
    shop.up()
    assert before == shop.ids()
    assert not {"CreateKey", "createKey"} & set(shop.clouds.actions(mark))
    shop.calm()


def test_an_older_state_put_back_finds_the_newer_keys_again(shop: Shop) -> None:
    shop.stack("keys: {orders: {target: guangzhou, spec: SM4}}\n")
    shop.up()
    shop.ok("stack", "export", "--file", "old.json")
    shop.stack("keys: {orders: {target: guangzhou, spec: SM4}, later: {target: guangzhou, spec: SM4}}\n")
    shop.up()
    before = shop.ids()
    shop.ok("stack", "import", "--file", "old.json")
    assert "is taken over; no new key is made" in shop.up()
    assert before == shop.ids()
    shop.keys()
    shop.calm()


def test_a_policy_pack_sees_keys_and_can_stop_a_run(shop: Shop, policy_environment: Path, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text(
        f"runtime: {{name: python, options: {{virtualenv: {policy_environment}}}}}\nversion: 0.0.1\n", encoding="utf-8"
    )
    (pack / "__main__.py").write_text(PACK, encoding="utf-8")
    shop.stack(
        "keys:\n  orders: {target: guangzhou, spec: SM4, tags: {owner: payments}}\n"
        "  nobody: {target: guangzhou, spec: SM4, deletion: {policy: abandon}}\n"
    )
    mark = shop.clouds.mark()
    result = shop.run("up", "--yes", "--policy-pack", str(pack))
    assert result.returncode == 1, result.stdout + result.stderr
    assert "nobody has no tag owner" in result.stdout
    assert "nobody may be removed" in result.stdout
    assert "orders has no tag" not in result.stdout
    assert shop.clouds.actions(mark) == []
    shop.stack("keys: {orders: {target: guangzhou, spec: SM4, tags: {owner: payments}}}\n")
    shop.ok("up", "--yes", "--skip-preview", "--policy-pack", str(pack))
    shop.calm()


def test_another_stack_file_and_a_secret_setting_are_taken_from_the_configuration(shop: Shop) -> None:
    shop.stack("keys: {orders: {target: guangzhou, spec: SM4}}\n", "elsewhere")
    shop.ok("config", "set", "file", "stacks/elsewhere.yaml")
    shop.ok("config", "set", "--secret", "unused", "fake-password-for-tests")
    shop.up()
    assert shop.ids().keys() == {"orders"}
    assert "fake-password-for-tests" not in "".join(shop.outputs)
    shop.calm()


def test_ctrl_c_in_the_middle_of_sixty_keys_loses_none_and_doubles_none(shop: Shop) -> None:
    shop.stack("keys:\n" + "".join(f"  k{number}: {{target: north, spec: SM4}}\n" for number in range(60)))
    shop.clouds.fault("slow", "ctyun", "createKey", seconds=0.3)
    mark = shop.clouds.mark()
    process = shop.project.start(["up", "--yes", "--skip-preview"])
    wait_until(lambda: _made(shop, mark, "createKey") >= 8 or process.poll() is not None, 60, "some keys are made")
    assert process.poll() is None, process.communicate()
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "Traceback" not in output + errors
    shop.clouds.calm()
    early = shop.keys(CTYUN)
    assert 8 <= len(early) < 60
    assert {name: str(key.id) for name, key in early.items()}.items() >= shop.ids().items()
    shop.up()
    late = shop.keys(CTYUN)
    assert len(late) == 60
    assert all(late[name].id == key.id for name, key in early.items())
    assert shop.clouds.actions(mark).count("createKey") == 60
    shop.calm()


@pytest.mark.parametrize("mode", ["", "true"], ids=["with-checkpoints", "without-checkpoints"])
def test_a_killed_engine_leaves_nothing_that_the_next_up_does_not_find(shop: Shop, mode: str) -> None:
    shop.stack("keys:\n" + "".join(f"  k{number}: {{target: guangzhou, spec: SM4}}\n" for number in range(12)))
    shop.clouds.fault("slow", "tencent", "CreateKey", seconds=0.5)
    mark = shop.clouds.mark()
    env = {"PULUMI_SKIP_CHECKPOINTS": mode}
    process = shop.project.start(["up", "--yes", "--skip-preview"], env)
    wait_until(lambda: _made(shop, mark, "CreateKey") >= 5 or process.poll() is not None, 60, "some keys are made")
    assert process.poll() is None, process.communicate()
    shop.project.kill_tree(process)
    shop.clouds.calm()
    shop.ok("cancel", "--yes")
    shop.up(env=env)
    assert len(shop.keys(TENCENT)) == 12
    assert {KeyState.ENABLED} == {key.state for key in shop.keys(TENCENT).values()}
    shop.calm()


def test_two_runs_at_once_make_each_key_once(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop()
    shop.stack("keys:\n" + "".join(f"  k{number}: {{target: guangzhou, spec: SM4}}\n" for number in range(6)))
    first = shop.project.start(["up", "--yes", "--skip-preview"])
    second = shop.project.start(["up", "--yes", "--skip-preview"])
    for process in (first, second):
        process.communicate(timeout=120)
    shop.run("cancel", "--yes")
    shop.up()
    assert len(shop.keys()) == 6
    shop.calm()


def _made(shop: Shop, mark: int, action: str) -> int:
    return shop.clouds.actions(mark).count(action)
