"""What the engine's unit tests share: a cache of their own and executables made for the test."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kms_resources.engine import cache
from kms_resources.engine.types import Origin

Executable = Callable[[Path, str], Path]


@pytest.fixture
def executable() -> Executable:
    """Return a function that writes an executable shell script."""

    def write(path: Path, body: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point cache and PATH at empty folders; return the folder of all engines."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    directory = cache.engines_directory()
    directory.mkdir(parents=True)
    return directory


@pytest.fixture
def cached(empty_machine: Path) -> Path:
    """Put a whole engine, of small files, into the cache; return its folder."""
    with cache.staging_directory() as staging:
        engine = staging / "engine"
        engine.mkdir()
        for name in cache.EXECUTABLES:
            (engine / name).write_text(f"#!/bin/sh\n# {name}\n", encoding="utf-8")
        cache.copy_own_files(engine)
        cache.publish(engine, Origin.BUILT)
    assert json.loads((cache.engine_directory() / cache.MANIFEST).read_text(encoding="utf-8"))["origin"] == "built"
    return cache.engine_directory()
