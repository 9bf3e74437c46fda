import multiprocessing
import os
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from kms_resources.engine import EngineError, Origin, cache, find_engine


def test_an_engine_without_manifest_is_not_whole(cached: Path) -> None:
    (cached / cache.MANIFEST).unlink()
    assert cache.cached_engine() is None


def test_a_truncated_engine_is_not_whole(cached: Path) -> None:
    (cached / "pulumi").write_text("#!/bin/sh\n", encoding="utf-8")
    assert cache.cached_engine() is None


def test_an_engine_that_is_not_executable_is_not_whole(cached: Path) -> None:
    (cached / "pulumi").chmod(0o644)
    assert cache.cached_engine() is None


@pytest.mark.parametrize("text", ["", "[]", '{"sizes": 3}', '{"version": "3.259.0", "origin": "magic", "sizes": {}}'])
def test_a_damaged_manifest_means_no_engine(cached: Path, text: str) -> None:
    (cached / cache.MANIFEST).write_text(text, encoding="utf-8")
    assert cache.cached_engine() is None


def test_an_engine_with_a_missing_part_is_not_published(empty_machine: Path) -> None:
    with cache.staging_directory() as staging:
        (staging / "pulumi").write_text("", encoding="utf-8")
        with pytest.raises(EngineError, match="lacks pulumi-language-python"):
            cache.publish(staging, Origin.BUILT)
    assert not cache.engine_directory().exists()


def test_a_failed_installation_leaves_nothing_behind(empty_machine: Path) -> None:
    def fail() -> None:
        with cache.staging_directory() as staging:
            (staging / "pulumi").write_text("half", encoding="utf-8")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert list(empty_machine.iterdir()) == []


def test_publishing_replaces_a_folder_that_is_not_whole(cached: Path) -> None:
    (cached / "pulumi").unlink()
    with cache.staging_directory() as staging:
        engine = staging / "engine"
        engine.mkdir()
        for name in cache.EXECUTABLES:
            (engine / name).write_text("new", encoding="utf-8")
        cache.publish(engine, Origin.INSTALLER)
    assert (cached / "pulumi").read_text(encoding="utf-8") == "new"
    assert [cached] == list(cached.parent.iterdir())


def test_left_overs_of_a_killed_run_are_removed_by_the_next(empty_machine: Path) -> None:
    (empty_machine / ".staging-old").mkdir()
    (empty_machine / ".staging-old" / "pulumi").write_text("half", encoding="utf-8")
    with cache.sole_installer(lambda _line: None):
        assert not (empty_machine / ".staging-old").exists()


def test_an_upgrade_of_this_package_renews_our_files_without_a_build(cached: Path) -> None:
    host = cached / "kms_engine_host.py"
    host.write_text("old", encoding="utf-8")
    cache.write_manifest(cached, Origin.BUILT)
    manifest = cached / cache.MANIFEST
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace(cache.own_files_digest(), "of an earlier release"),
        encoding="utf-8",
    )
    assert find_engine() is not None
    assert (cache.OWN_FILES / "kms_engine_host.py").read_bytes() == host.read_bytes()


def test_a_cache_inside_a_checkout_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go_mod = tmp_path / "tools" / "engine" / "go.mod"
    go_mod.parent.mkdir(parents=True)
    go_mod.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    with pytest.raises(EngineError, match="lies inside the checkout"):
        cache.engines_directory()


def _hold_lock(ready: Connection) -> None:
    with cache.sole_installer(lambda _line: None):
        ready.send("held")
        signal.pause()


def test_a_second_installer_waits_until_the_first_is_gone(empty_machine: Path) -> None:
    ours, theirs = multiprocessing.Pipe()
    holder = multiprocessing.get_context("spawn").Process(target=_hold_lock, args=(theirs,))
    holder.start()
    try:
        assert ours.recv() == "held"
        lines: list[str] = []

        def report(line: str) -> None:
            lines.append(line)
            os.kill(holder.pid or sys.maxsize, signal.SIGKILL)  # the wait is proven: now end it

        with cache.sole_installer(report):
            assert lines == ["Another process is installing the Pulumi engine; waiting for it."]
    finally:
        holder.kill()
        holder.join()
