import os
from pathlib import Path

import pytest

from kms_resources.engine import EngineError, Host, Origin, build, cache, ensure_engine, installer
from kms_resources.engine.__main__ import describe, main
from tests.engine.conftest import Executable

FAKE_GO = """
case "$1" in
    env) echo "{version}" ;;
    list) echo "{sdk}" ;;
    build)
        printf '%s\\n' "$CGO_ENABLED" "$GOFLAGS" "$GOWORK" "$*" > "{sdk}/seen"
        while [ "$1" != -o ]; do shift; done
        {build} ;;
esac
"""


@pytest.fixture
def go(tmp_path: Path, empty_machine: Path, executable: Executable, monkeypatch: pytest.MonkeyPatch) -> "FakeGo":
    """Return a stand-in for Go at the head of PATH; the real one is exercised by the end-to-end tests."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv(installer.NO_DOWNLOAD, "1")
    launcher = tmp_path / "sdk" / "python" / "cmd" / "pulumi-language-python-exec"
    launcher.parent.mkdir(parents=True)
    launcher.write_text("#!/usr/bin/env python\n", encoding="utf-8")
    return FakeGo(tmp_path, executable)


class FakeGo:
    """Writes the stand-in."""

    def __init__(self, folder: Path, executable: Executable) -> None:
        self._folder = folder
        self._executable = executable

    def install(self, version: str = "go1.26.8", build: str = 'echo "#!/bin/sh" > "$2"') -> None:
        body = FAKE_GO.format(version=version, sdk=self._folder / "sdk", build=build)
        self._executable(self._folder / "bin" / "go", body)

    def seen(self) -> list[str]:
        return (self._folder / "sdk" / "seen").read_text(encoding="utf-8").splitlines()


def silent(_line: str) -> None:
    """Report to nobody."""


def test_without_release_the_engine_is_built_and_cached(go: FakeGo) -> None:
    go.install()
    lines: list[str] = []
    engine = ensure_engine(lines.append)
    assert (engine.origin, engine.host) == (Origin.BUILT, Host.OURS)
    assert cache.cached_engine() == engine
    assert lines[0] == ("Pulumi's own release is not used (KMS_ENGINE_NO_DOWNLOAD is set); building from Go modules.")


def test_a_cached_engine_is_not_built_again(go: FakeGo) -> None:
    go.install()
    first = ensure_engine(silent)
    go.install(build="exit 1")
    assert ensure_engine(silent) == first


def test_the_build_is_static_read_only_and_knows_its_version(go: FakeGo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOFLAGS", "-mod=vendor --tags=x -modcacherw")
    go.install()
    build.build(silent)
    cgo, flags, work, arguments = go.seen()
    assert (cgo, flags, work) == ("0", "-modcacherw", "off")
    assert "-mod=readonly -trimpath -tags osusergo" in arguments
    assert "version.Version=3.259.0" in arguments


def test_the_users_mirror_is_kept_and_the_foreign_target_is_not() -> None:
    environment = build.clean_environment({"GOPROXY": "https://mirror.invalid", "GOOS": "windows", "HOME": "/h"})
    assert environment["GOPROXY"] == "https://mirror.invalid"
    assert "GOOS" not in environment


def test_without_go_the_message_names_what_is_needed(empty_machine: Path) -> None:
    with pytest.raises(EngineError, match=r"needs Go 1\.25\.11 or later, which is not on PATH"):
        build.build(silent)


def test_a_go_that_is_too_old_is_refused_by_version(go: FakeGo) -> None:
    go.install(version="go1.25.9")
    with pytest.raises(EngineError, match=r"needs Go 1\.25\.11 or later; this one is go1\.25\.9"):
        build.build(silent)


def test_a_failed_build_leaves_no_engine_and_shows_its_last_lines(go: FakeGo, empty_machine: Path) -> None:
    go.install(build='echo half > "$2"; echo "no space left on device" >&2; exit 2')
    with pytest.raises(EngineError, match=r"exit code 2: no space left on device"):
        ensure_engine(silent)
    assert cache.cached_engine() is None
    assert [entry.name for entry in empty_machine.iterdir()] == [".lock"]


def test_the_command_says_where_the_engine_is_and_how_it_got_there(
    go: FakeGo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    go.install()
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    monkeypatch.setattr("sys.prefix", str(tmp_path / "venv"))
    assert main() == 0
    engine = cache.cached_engine()
    assert engine is not None
    assert f"{describe(engine)}\nLinked as {tmp_path / 'venv' / 'bin' / 'pulumi'}\n" == capsys.readouterr().out
    assert "built from Go modules" in describe(engine)


def test_the_command_without_any_way_exits_3_with_advice(
    empty_machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(installer.NO_DOWNLOAD, "1")
    assert main() == 3
    assert "Install Go from your package mirror" in capsys.readouterr().err


def test_a_cache_that_cannot_be_written_is_one_sentence(
    empty_machine: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(EngineError, match="can't be installed"):
        ensure_engine(silent)
