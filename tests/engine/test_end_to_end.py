"""The real engine with our language host: every command our users run, and every way a run can break off."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kms_resources.engine import Host, link_into_environment
from tests.support.engine import Project, engine, wait_until

PROVIDER = '''
"""A provider whose cloud is a folder; a file named `gate` holds every create back."""
import time
from pathlib import Path
import pulumi
from pulumi import dynamic

CLOUD = Path(__file__).parent / "cloud"

class Provider(dynamic.ResourceProvider):
    serialize_as_secret_always = False
    def create(self, props):
        (CLOUD / f"{props['name']}.begun").touch()
        while (CLOUD / "gate").exists():
            time.sleep(0.02)
        (CLOUD / props["name"]).write_text(props["value"])
        return dynamic.CreateResult(props["name"], dict(props))
    def diff(self, id_, olds, news):
        return dynamic.DiffResult(changes=False if olds["value"] == news["value"] else None)
    def read(self, id_, props):
        file = CLOUD / id_
        if not file.exists():
            return dynamic.ReadResult("", {})
        found = {**props, "value": file.read_text()}
        return dynamic.ReadResult(id_, found, found)
    def update(self, id_, olds, news):
        (CLOUD / id_).write_text(news["value"])
        return dynamic.UpdateResult(dict(news))
    def delete(self, id_, props):
        (CLOUD / id_).unlink()

class Thing(dynamic.Resource, module="test", name="Thing"):
    def __init__(self, name, value="1", opts=None):
        super().__init__(Provider(), name, {"name": name, "value": value}, opts)
'''

TWO_THINGS = """
import pulumi
from things import Thing
Thing("a")
Thing("b")
pulumi.export("password", pulumi.Config().get_secret("password"))
"""


@pytest.fixture
def our_host() -> None:
    """Skip where an official Pulumi is on PATH: its language host ends and speaks in its own way."""
    if engine().host is not Host.OURS:
        pytest.skip("an official language host is in use")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project(tmp_path / "project") as opened:
        opened.write(PROVIDER, "things.py")
        opened.write(TWO_THINGS)
        cloud(opened).mkdir()
        yield opened


def cloud(project: Project) -> Path:
    return project.directory / "cloud"


def held(project: Project) -> None:
    """Hold every create back until the gate is removed."""
    (cloud(project) / "gate").touch()


def ok(project: Project, *arguments: str) -> str:
    result = project.run(arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def begun(project: Project) -> list[Path]:
    return list(cloud(project).glob("*.begun"))


def start_up_and_wait_for_a_create(project: Project) -> "subprocess.Popen[str]":
    held(project)
    process = project.start(["up", "--yes", "--skip-preview"])
    wait_until(lambda: begun(project), 60, "a create has begun")
    return process


def test_up_creates_and_a_second_preview_expects_nothing(project: Project) -> None:
    assert "3 created" in ok(project, "up", "--yes")
    assert {"a", "b"} == set(project.resources())
    ok(project, "preview", "--expect-no-changes")
    ok(project, "preview", "--refresh", "--expect-no-changes")


def test_drift_is_shown_with_exit_code_7_and_put_right_by_up(project: Project) -> None:
    ok(project, "up", "--yes", "--skip-preview")
    (cloud(project) / "a").write_text("changed by hand", encoding="utf-8")
    drift = project.run(["preview", "--refresh", "--diff", "--expect-no-changes"])
    assert drift.returncode == 7
    assert '~ value: "changed by hand" => "1"' in drift.stdout
    ok(project, "up", "--refresh", "--yes", "--skip-preview")
    assert (cloud(project) / "a").read_text(encoding="utf-8") == "1"


def test_refresh_takes_reality_into_the_state(project: Project) -> None:
    ok(project, "up", "--yes", "--skip-preview")
    (cloud(project) / "a").write_text("2", encoding="utf-8")
    ok(project, "refresh", "--yes")
    assert project.resources()["a"]["outputs"]["value"] == "2"


def test_destroy_deletes_all_and_nothing_keeps_running(project: Project) -> None:
    ok(project, "up", "--yes", "--skip-preview")
    ok(project, "destroy", "--yes")
    assert project.resources() == {}
    assert not (cloud(project) / "a").exists()
    assert project.processes() == {}


def test_a_secret_setting_reaches_the_program_and_never_the_state_in_the_clear(project: Project) -> None:
    ok(project, "config", "set", "--secret", "password", "fake-password-for-tests")
    ok(project, "up", "--yes", "--skip-preview")
    assert "fake-password-for-tests" in ok(project, "stack", "output", "--show-secrets")
    assert "fake-password-for-tests" not in ok(project, "stack", "export")


def test_a_run_error_is_shown_without_traceback_and_exits_1(project: Project) -> None:
    project.write('import pulumi\nraise pulumi.RunError("stacks/dev.yaml:3:5: no such target")\n')
    result = project.run(["preview"])
    assert result.returncode == 1
    assert "error: stacks/dev.yaml:3:5: no such target" in result.stdout
    assert "Traceback" not in result.stdout


@pytest.mark.usefixtures("our_host")
def test_a_program_that_has_told_the_user_itself_ends_with_one_error(project: Project) -> None:
    project.write('import sys, pulumi\npulumi.log.error("the file is bad")\nsys.exit(32)\n')
    result = project.run(["preview"])
    assert result.returncode == 1
    assert "the file is bad" in result.stdout
    assert "unhandled" not in result.stdout


def test_ctrl_c_lets_running_creates_end_and_the_next_up_makes_the_rest(project: Project) -> None:
    process = start_up_and_wait_for_a_create(project)
    os.killpg(process.pid, signal.SIGINT)
    (cloud(project) / "gate").unlink()
    process.communicate(timeout=60)
    assert process.returncode == 1
    finished = {file.name.removesuffix(".begun") for file in begun(project)}
    assert finished == set(project.resources())
    assert not project.export().get("pending_operations")
    ok(project, "up", "--yes", "--skip-preview")
    assert {"a", "b"} == set(project.resources())


@pytest.mark.usefixtures("our_host")
def test_after_kill_9_of_the_engine_nothing_of_it_stays_behind(project: Project) -> None:
    process = start_up_and_wait_for_a_create(project)
    running = " ".join(project.processes().values())
    assert "kms_engine_host.py" in running
    assert "kms_engine_provider.py" in running
    process.kill()
    process.communicate()
    wait_until(lambda: not project.processes(), 10, "host, program and provider have ended")
    assert not (cloud(project) / "a").exists()


def test_after_kill_9_the_stack_is_locked_until_cancel_and_then_goes_on(project: Project) -> None:
    process = start_up_and_wait_for_a_create(project)
    process.kill()
    process.communicate()
    project.mend()
    (cloud(project) / "gate").unlink()
    locked = project.run(["up", "--yes", "--skip-preview"])
    assert locked.returncode == 1
    assert "currently locked" in locked.stderr
    ok(project, "cancel", "--yes")
    ok(project, "up", "--yes", "--skip-preview")
    assert {"a", "b"} == set(project.resources())


def test_a_side_file_that_a_kill_left_empty_is_deleted_and_nothing_is_lost(project: Project) -> None:
    project.write("import pulumi\n")
    ok(project, "up", "--yes", "--skip-preview")
    (side,) = project.state.rglob("dev.json.attrs")
    side.write_bytes(b"")
    assert "failed to load checkpoint: EOF" in project.run(["preview"]).stderr
    project.mend()
    assert "1 unchanged" in ok(project, "preview")


@pytest.mark.usefixtures("our_host")
def test_a_python_without_the_sdk_is_refused_in_one_sentence(project: Project, tmp_path: Path) -> None:
    empty = tmp_path / "no-sdk"
    empty.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    empty.chmod(0o755)
    result = project.run(["preview"], env={"PULUMI_PYTHON_CMD": str(empty)})
    assert result.returncode == 1
    assert "No Python with the Pulumi SDK was found" in result.stderr
    assert f"tried: {empty}" in result.stderr


@pytest.mark.parametrize("absolute", [True, False])
def test_the_option_virtualenv_chooses_the_python(tmp_path: Path, absolute: bool) -> None:
    directory = tmp_path / "project"
    environment = directory / "environment"
    named = environment if absolute else "environment"
    with Project(directory, runtime=f"{{name: python, options: {{virtualenv: {named}}}}}") as project:
        environment.symlink_to(sys.prefix)
        project.write('import os, pulumi\npulumi.export("where", os.environ["VIRTUAL_ENV"])\n')
        ok(project, "up", "--yes", "--skip-preview")
        assert str(environment) in ok(project, "stack", "output", "where")


def test_an_option_virtualenv_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    with Project(tmp_path / "project", runtime="{name: python, options: {virtualenv: nowhere}}") as project:
        project.write("")
        result = project.run(["preview"])
        assert result.returncode != 0
        assert str(project.directory / "nowhere") in result.stdout + result.stderr


def test_about_names_the_python_and_the_packages(project: Project) -> None:
    text = ok(project, "about")
    assert f"executable='{sys.prefix}/bin/python" in text
    assert "pytest-xdist" in text.split("Dependencies:")[1]


def test_the_wrapper_runs_a_stack_in_an_environment_that_is_not_activated(project: Project, tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    (prefix / "bin").mkdir(parents=True)
    (prefix / "bin" / "python3").symlink_to(sys.executable)
    wrapper = link_into_environment(engine(), prefix) or engine().path
    variables = project.variables()
    variables["PATH"] = os.defpath
    variables["PULUMI_PYTHON_CMD"] = sys.executable
    result = subprocess.run(
        [wrapper, "--non-interactive", "preview"],
        cwd=project.directory, env=variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    assert "3 to create" in result.stdout
