"""kill -9 between any two writes of policies and access points: the next run finds what is there and finishes it.

Like `test_kill`, in the mode that keeps no state on the way: a killed run forgets everything that it did.
"""

import random
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from kms_resources.cli import main
from kms_resources.clouds import get_cloud
from kms_resources.clouds.marking import derived_name, policy_name
from kms_resources.model import Marker
from tests.crash.test_kill import FAST, PROGRAM, TARGETS, existing
from tests.support.clouds import Clouds, run_clouds
from tests.support.engine import RUN_TIMEOUT, Project, wait_until

ROUNDS = 5
EACH = 6
WRITES = {
    "alibaba": {
        *("SetKeyPolicy", "CreateNetworkRule", "CreatePolicy", "CreateApplicationAccessPoint"),
        *("UpdateNetworkRule", "UpdatePolicy", "UpdateApplicationAccessPoint"),
    },
    "tencent": {"CreatePolicy", "UpdatePolicy", "AttachUserPolicy", "AttachGroupPolicy", "AttachRolePolicy"},
    "ctyun": {"createAccessPoint", "updateApiPermissions", "updateResourcePermissions", "addEndpointWhitelist"},
}
MOST_WRITES = EACH * (1 + 3 + 5 + 3)
PRINCIPALS = ["group/auditors", "role/kms-application", "user/payments-app"]


def stack_text() -> str:
    lines = ["version: 1", "targets:"]
    for name, target in TARGETS.items():
        instance = f", instance: {target.instance}" if target.instance else ""
        lines.append(f"  {name}: {{cloud: {target.cloud}, region: {target.region}{instance}}}")
    lines.append("keys:")
    for number in range(EACH):
        lines += [
            f"  alibaba-{number}: {{target: alibaba, spec: AES_256, policy: {{"
            "admins: {principals: [user/key-admin], actions: [administer, policy, read]}, "
            "app: {principals: [user/orders], actions: [encrypt, decrypt]}}}",
            f"  tencent-{number}: {{target: tencent, spec: SM4, policy: {{"
            f"app: {{principals: [{', '.join(PRINCIPALS)}], actions: [encrypt, decrypt]}}, "
            "look: {principals: [user/payments-app], actions: [read]}}}",
            f"  ctyun-{number}: {{target: ctyun, spec: AES_256}}",
        ]
    lines.append("access_points:")
    for number in range(EACH):
        lines += [
            f"  door-{number}: {{target: alibaba, actions: [use], keys: [alibaba-{number}], "
            "network: {allow: [10.0.0.0/8]}}",
            f"  gate-{number}: {{target: ctyun, actions: [encrypt, decrypt], keys: [ctyun-{number}], "
            "network: {vpc: vpc-example0001, subnet: subnet-example0001}}",
        ]
    return "\n".join(lines) + "\n"


@pytest.fixture
def clouds(tmp_path: Path) -> Iterator[Clouds]:
    with run_clouds(tmp_path / "emulator", "--no-quotas") as running:
        yield running


@pytest.fixture
def project(tmp_path: Path, clouds: Clouds) -> Project:
    environ = dict(clouds.environ) | FAST | {"KMS_RATE_FACTOR": "0"}
    return Project(tmp_path / "project", name="shop", environment=environ)


def test_a_killed_up_makes_no_policy_and_no_access_point_twice(project: Project, clouds: Clouds) -> None:
    chance = random.Random(20261121)
    killed_in_the_middle = 0
    with project:
        project.write(PROGRAM)
        (project.directory / "stacks").mkdir()
        for number in range(ROUNDS):
            clouds.control("POST", "reset")
            stack = f"round-{number}"
            file = project.directory / "stacks" / f"{stack}.yaml"
            file.write_text(stack_text(), encoding="utf-8")
            project.run(["stack", "init", stack]).check_returncode()
            since, wanted = written(clouds), chance.randint(1, MOST_WRITES)
            process = project.start(["up", "--yes", "--skip-preview"], quiet=True)
            wait_for_writes(clouds, since + wanted, process)
            project.kill_tree(process)
            killed_in_the_middle += written(clouds) > since and process.returncode != 0
            project.mend()
            project.run(["cancel", "--yes"])
            again = project.run(["up", "--yes", "--skip-preview"])
            assert again.returncode == 0, again.stdout + again.stderr
            assert_as_declared(clouds, stack, file)
            preview = project.run(["preview", "--refresh", "--expect-no-changes"])
            assert preview.returncode == 0, preview.stdout + preview.stderr
    assert killed_in_the_middle >= ROUNDS // 2


def wait_for_writes(clouds: Clouds, wanted: int, process: "subprocess.Popen[str]") -> None:
    """Wait until so many have reached the clouds, or the run has ended: the last ones may never come."""
    wait_until(lambda: written(clouds) >= wanted or process.poll() is not None, RUN_TIMEOUT, "writes before the kill")


def written(clouds: Clouds) -> int:
    """How many writes about access the clouds have been asked for."""
    counts = clouds.control("GET", "journal/summary")["counts"]
    return sum(counts.get(cloud, {}).get(action, 0) for cloud, actions in WRITES.items() for action in actions)


def assert_as_declared(clouds: Clouds, stack: str, file: Path) -> None:
    found = existing(clouds)
    for cloud in TARGETS:
        assert found[cloud] == Counter({f"shop/{stack}/{cloud}-{number}": 1 for number in range(EACH)})
    for number in range(EACH):
        assert_policy_of_key(clouds, Marker(f"shop/{stack}/alibaba-{number}"))
        assert_policies_of_users(clouds, Marker(f"shop/{stack}/tencent-{number}"))
    for cloud, word, action in (
        ("alibaba", "door", "ListApplicationAccessPoints"),
        ("ctyun", "gate", "listAccessPoints"),
    ):
        connect = get_cloud(cloud).connect_access_points
        assert connect
        listed = call(clouds, file, cloud, action)
        for number in range(EACH):
            marker = Marker(f"shop/{stack}/{word}-{number}")
            name = derived_name(marker, 63)
            point = connect(TARGETS[cloud], clouds.environ).describe(name)
            assert point
            assert point.exists
            assert set(point.parts.values()) == {marker}
            assert listed.count(f'"{name}"') == 1


def assert_policy_of_key(clouds: Clouds, marker: Marker) -> None:
    target = TARGETS["alibaba"]
    connect = get_cloud("alibaba").connect_key_policies
    assert connect
    (key,) = (one for one in clouds.console(target).list_keys() if one.marker == marker)
    document = connect(target, clouds.environ).get_policy(key.id)
    assert [one["Sid"] for one in document["Statement"]] == ["admins", "app"]


def assert_policies_of_users(clouds: Clouds, marker: Marker) -> None:
    connect = get_cloud("tencent").connect_identity_policies
    assert connect
    cam = connect(TARGETS["tencent"], clouds.environ)
    found = {name: policy_id for policy_id, name in cam.list_policies(policy_name(marker, ""))}
    assert sorted(found) == [policy_name(marker, "app"), policy_name(marker, "look")]
    attached = [sorted(one.short for one in cam.attachments(found[name])) for name in sorted(found)]
    assert attached == [PRINCIPALS, ["user/payments-app"]]


def call(clouds: Clouds, file: Path, target: str, action: str) -> str:
    told = CliRunner(env=dict(clouds.environ)).invoke(main, ["call", target, action, "-f", str(file)])
    assert told.exit_code == 0, told.output
    return told.output
