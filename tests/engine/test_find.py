import os
from pathlib import Path

import pytest

from kms_resources.engine import ENGINE_VERSION, Host, Origin, find_engine
from kms_resources.engine.link import wrapper_script
from tests.engine.conftest import Executable


def said(lines: list[str]) -> str:
    return "\n".join(lines)


def official(executable: Executable, folder: Path, version: str) -> Path:
    executable(folder / "pulumi-language-python", "exit 0")
    return executable(folder / "pulumi", f"echo v{version}")


def test_nothing_anywhere_is_none(empty_machine: Path) -> None:
    assert find_engine() is None


def test_the_cache_is_used_when_path_has_none(cached: Path) -> None:
    engine = find_engine()
    assert engine is not None
    assert (cached / "pulumi", ENGINE_VERSION, Origin.BUILT, Host.OURS) == (
        engine.path, engine.version, engine.origin, engine.host,
    )  # fmt: skip


def test_path_comes_before_the_cache(cached: Path, tmp_path: Path, executable: Executable) -> None:
    foreign = official(executable, tmp_path / "bin", "3.300.1")
    engine = find_engine()
    assert engine is not None
    assert (foreign, "3.300.1", Origin.PATH, Host.OFFICIAL) == (
        engine.path, engine.version, engine.origin, engine.host,
    )  # fmt: skip


def test_a_pulumi_without_exit_code_7_is_refused_by_version(
    empty_machine: Path, tmp_path: Path, executable: Executable
) -> None:
    old = official(executable, tmp_path / "bin", "3.226.0")
    lines: list[str] = []
    assert find_engine(lines.append) is None
    assert [f"{old} is not used: its version 3.226.0 is older than 3.227.0."] == lines


def test_a_newer_pulumi_behind_an_old_one_is_used(
    empty_machine: Path, tmp_path: Path, executable: Executable, monkeypatch: pytest.MonkeyPatch
) -> None:
    official(executable, tmp_path / "old", "3.100.0")
    new = official(executable, tmp_path / "new", "3.259.0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'old'}{os.pathsep}{tmp_path / 'new'}")
    engine = find_engine()
    assert engine is not None
    assert new == engine.path


@pytest.mark.parametrize(
    ("body", "reason"),
    [("exit 1", "`pulumi version` fails"), ("echo", "'' is not a version"), ("echo nightly", "'nightly' is not a")],
)
def test_a_pulumi_that_cannot_say_its_version_is_refused(
    empty_machine: Path, tmp_path: Path, executable: Executable, body: str, reason: str
) -> None:
    executable(tmp_path / "bin" / "pulumi", body)
    lines: list[str] = []
    assert find_engine(lines.append) is None
    assert reason in said(lines)


def test_a_pulumi_without_python_language_host_is_refused(
    empty_machine: Path, tmp_path: Path, executable: Executable
) -> None:
    executable(tmp_path / "bin" / "pulumi", "echo v3.259.0")
    lines: list[str] = []
    assert find_engine(lines.append) is None
    assert "comes without pulumi-language-python" in said(lines)


def test_our_own_wrapper_is_not_taken_for_a_foreign_pulumi(cached: Path, tmp_path: Path) -> None:
    engine = find_engine()
    assert engine is not None
    wrapper = tmp_path / "bin" / "pulumi"
    wrapper.write_text(wrapper_script(engine, tmp_path), encoding="utf-8")
    wrapper.chmod(0o755)
    lines: list[str] = []
    assert find_engine(lines.append) == engine
    assert lines == []


def test_a_link_into_our_cache_is_not_taken_for_a_foreign_pulumi(cached: Path, tmp_path: Path) -> None:
    (tmp_path / "bin" / "pulumi").symlink_to(cached / "pulumi")
    engine = find_engine()
    assert engine is not None
    assert engine.origin is Origin.BUILT


def test_the_working_directory_is_never_searched(
    empty_machine: Path, tmp_path: Path, executable: Executable, monkeypatch: pytest.MonkeyPatch
) -> None:
    official(executable, tmp_path / "here", "3.259.0")
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("PATH", f"{os.pathsep}{tmp_path / 'bin'}")
    assert find_engine() is None
