"""kill -9 at any moment, in the fast mode that keeps no state on the way: exactly the declared keys, one per name.

`PULUMI_SKIP_CHECKPOINTS=true` writes state only at the end, so a killed run forgets everything it did. That is the
hardest case and, being nine times faster, the one our users are told to use.
"""

import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kms_resources.model import Target
from kms_resources.operations.site import open_site
from tests.support.clouds import Clouds, run_clouds
from tests.support.engine import Project

ROUNDS = 20
KEYS_PER_CLOUD = 200
ALIASES_PER_CLOUD = 20
FAST = {"PULUMI_SKIP_CHECKPOINTS": "true"}
TARGETS = {
    "tencent": Target("tencent", "tencent", "ap-guangzhou"),
    "alibaba": Target("alibaba", "alibaba", "cn-hangzhou", instance="kst-hzz62ee817bvyyr5x"),
    "ctyun": Target("ctyun", "ctyun", "bb9fdb42056f11eda1610242ac110002"),
}
PROGRAM = "from kms_resources.providers.program import run\n\nrun()\n"


def stack_text(keys: int, aliases: int) -> str:
    lines = ["version: 1", "targets:"]
    for name, target in TARGETS.items():
        instance = f", instance: {target.instance}" if target.instance else ""
        lines.append(f"  {name}: {{cloud: {target.cloud}, region: {target.region}{instance}}}")
    lines.append("keys:")
    for number in range(keys):
        for cloud in TARGETS:
            spec = "SM4" if cloud == "tencent" else "AES_256"
            alias = f", aliases: [{cloud}-alias-{number}]" if number < aliases else ""
            lines.append(f"  {cloud}-{number}: {{target: {cloud}, spec: {spec}{alias}}}")
    return "\n".join(lines) + "\n"


def declared(project: str, stack: str, keys: int) -> dict[str, set[str]]:
    return {cloud: {f"{project}/{stack}/{cloud}-{number}" for number in range(keys)} for cloud in TARGETS}


def existing(clouds: Clouds) -> dict[str, Counter[str]]:
    """How often each marker exists, per cloud, read with our own clients from outside the engine."""
    found = {}
    for cloud, target in TARGETS.items():
        keys = open_site(target, dict(clouds.environ) | {"KMS_RATE_FACTOR": "0"}).sweep.keys()
        found[cloud] = Counter(str(key.marker) for key in keys.values())
    return found


def use_stack(project: Project, stack: str, keys: int, aliases: int) -> None:
    (project.directory / "stacks").mkdir(exist_ok=True)
    (project.directory / "stacks" / f"{stack}.yaml").write_text(stack_text(keys, aliases), encoding="utf-8")
    project.run(["stack", "init", stack]).check_returncode()


@pytest.fixture
def clouds(tmp_path: Path) -> Iterator[Clouds]:
    with run_clouds(tmp_path / "emulator", "--no-quotas") as running:
        yield running


@pytest.fixture
def project(tmp_path: Path, clouds: Clouds) -> Project:
    environ = dict(clouds.environ) | FAST | {"KMS_RATE_FACTOR": "0"}
    return Project(tmp_path / "project", name="shop", environment=environ)


def test_a_killed_up_never_makes_a_key_twice(project: Project, clouds: Clouds) -> None:
    chance = random.Random(20261121)  # the moments differ by machine anyway; the seed keeps their spread
    killed_in_the_middle = 0
    with project:
        project.write(PROGRAM)
        for number in range(ROUNDS):
            clouds.control("POST", "reset")
            stack = f"round-{number}"
            use_stack(project, stack, KEYS_PER_CLOUD, ALIASES_PER_CLOUD)
            since = created(clouds)
            process = project.start(["up", "--yes", "--skip-preview"], quiet=True)
            wanted = chance.randint(1, 3 * KEYS_PER_CLOUD + 60)
            made = wait_for_requests(clouds, since, process, wanted)
            project.kill_tree(process)
            killed_in_the_middle += made > 0 and process.returncode != 0
            project.mend()
            project.run(["cancel", "--yes"])
            again = project.run(["up", "--yes", "--skip-preview"])
            assert again.returncode == 0, again.stdout + again.stderr
            found = existing(clouds)
            for cloud, markers in declared("shop", stack, KEYS_PER_CLOUD).items():
                assert dict(found[cloud]) == dict.fromkeys(markers, 1)
            preview = project.run(["preview", "--expect-no-changes"])
            assert preview.returncode == 0, preview.stdout + preview.stderr
    assert killed_in_the_middle >= ROUNDS // 2


def created(clouds: Clouds) -> int:
    """How many creations the clouds have been asked for."""
    counts = clouds.control("GET", "journal/summary")["counts"]
    return sum(number for actions in counts.values() for name, number in actions.items() if name.lower() == "createkey")


def wait_for_requests(clouds: Clouds, since: int, process: "subprocess.Popen[str]", wanted: int) -> int:
    """Wait until so many creations have reached the clouds, or the run has ended."""
    while True:
        made = created(clouds) - since
        if made >= wanted or process.poll() is not None:
            return made
        time.sleep(0.1)


@pytest.mark.parametrize("cloud", sorted(TARGETS))
def test_a_lost_answer_to_create_never_makes_a_key_twice(project: Project, clouds: Clouds, cloud: str) -> None:
    clouds.control("POST", "reset")
    action = "createKey" if cloud == "ctyun" else "CreateKey"
    clouds.fault("lost_after_commit", cloud, action, probability=0.3, seed=7)
    with project:
        project.write(PROGRAM)
        use_stack(project, f"lost-{cloud}", 40, 0)
        run = project.run(["up", "--yes", "--skip-preview"])
        clouds.calm()
        assert run.returncode == 0, run.stdout + run.stderr
        found = existing(clouds)
        for name, markers in declared("shop", f"lost-{cloud}", 40).items():
            assert dict(found[name]) == dict.fromkeys(markers, 1)
        assert project.run(["preview", "--expect-no-changes"]).returncode == 0
