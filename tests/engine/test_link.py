import dataclasses
import subprocess
from pathlib import Path

import pytest

from kms_resources.engine import Engine, Host, Origin, link_into_environment
from kms_resources.engine.find import is_wrapper
from tests.engine.conftest import Executable


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """Return a folder shaped like a virtual environment, with a space in its name."""
    (tmp_path / "an environment" / "bin").mkdir(parents=True)
    return tmp_path / "an environment"


@pytest.fixture
def built(tmp_path: Path, executable: Executable) -> Engine:
    """Return an engine that prints its surroundings."""
    body = (
        'printf "%s\\n" "${PATH%%:*}" "$PULUMI_SKIP_UPDATE_CHECK" "$PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION" "$@"'
    )
    path = executable(tmp_path / "engine" / "pulumi", body)
    return Engine(path, "3.259.0", Origin.BUILT, path.parent, Host.OURS)


def run(wrapper: Path, **environment: str) -> list[str]:
    command = [str(wrapper), "up", "--message", "two words"]
    variables = {"PATH": "/usr/bin:/bin", **environment}
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout.splitlines()


def test_the_wrapper_puts_the_environment_first_and_keeps_the_arguments(built: Engine, prefix: Path) -> None:
    wrapper = link_into_environment(built, prefix)
    assert wrapper is not None
    assert [str(prefix / "bin"), "true", "true", "up", "--message", "two words"] == run(wrapper)


def test_settings_of_the_user_win(built: Engine, prefix: Path) -> None:
    wrapper = link_into_environment(built, prefix)
    assert wrapper is not None
    assert run(wrapper, PULUMI_SKIP_UPDATE_CHECK="false")[1] == "false"


def test_the_wrapper_is_recognised_as_ours(built: Engine, prefix: Path) -> None:
    wrapper = link_into_environment(built, prefix)
    assert wrapper is not None
    assert is_wrapper(wrapper)
    assert not is_wrapper(built.path)


def test_a_wrapper_is_renewed(built: Engine, prefix: Path, tmp_path: Path, executable: Executable) -> None:
    link_into_environment(built, prefix)
    moved = dataclasses.replace(built, path=executable(tmp_path / "new" / "pulumi", "echo new"))
    wrapper = link_into_environment(moved, prefix)
    assert wrapper is not None
    assert run(wrapper) == ["new"]


def test_a_file_that_is_not_ours_is_never_overwritten(built: Engine, prefix: Path, executable: Executable) -> None:
    foreign = executable(prefix / "bin" / "pulumi", "echo mine")
    assert link_into_environment(built, prefix) is None
    assert "echo mine" in foreign.read_text(encoding="utf-8")


def test_beside_a_pulumi_of_the_user_nothing_is_written_and_our_wrapper_goes(built: Engine, prefix: Path) -> None:
    link_into_environment(built, prefix)
    foreign = dataclasses.replace(built, origin=Origin.PATH, host=Host.OFFICIAL)
    assert link_into_environment(foreign, prefix) is None
    assert list((prefix / "bin").iterdir()) == []


def test_outside_a_virtual_environment_nothing_is_written(built: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.prefix", "/usr")
    monkeypatch.setattr("sys.base_prefix", "/usr")
    assert link_into_environment(built) is None


def test_an_engine_of_our_cache_ignores_other_pulumis_plugins(built: Engine) -> None:
    assert built.environment({"PATH": "/bin"})["PULUMI_IGNORE_AMBIENT_PLUGINS"] == "true"
    foreign = dataclasses.replace(built, origin=Origin.PATH)
    assert "PULUMI_IGNORE_AMBIENT_PLUGINS" not in foreign.environment({"PATH": "/bin"})
