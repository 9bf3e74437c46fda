"""The engine's place in the user's cache: complete or absent, one writer at a time."""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from kms_resources.engine.errors import EngineError
from kms_resources.engine.types import Engine, Host, Origin, Report
from kms_resources.engine.version import ENGINE_VERSION

MANIFEST = "engine.json"
"""Written last. A folder without it, or with files that differ from it in size, is not an engine."""

OWN_FILES = Path(__file__).with_name("files")
"""Launchers, language host and provider start: copied beside a built engine so they run without this package."""

EXECUTABLES = ("pulumi", "pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python")


def engines_directory() -> Path:
    """Return the folder of all cached engines; it honours XDG_CACHE_HOME and is never inside a checkout of ours."""
    directory = Path(platformdirs.user_cache_dir("kms-resources")).absolute() / "engine"
    for parent in directory.parents:
        if (parent / "tools" / "engine" / "go.mod").exists():
            raise EngineError(
                f"The cache folder {directory} lies inside the checkout {parent}, where 115 MB of engine don't belong.",
                "Point XDG_CACHE_HOME to a folder outside of it.",
            )
    return directory


def engine_directory() -> Path:
    """Return the folder of the version this package uses; it need not exist."""
    return engines_directory() / ENGINE_VERSION


def cached_engine() -> Engine | None:
    """Return the engine in the cache, or None if there is none or it is not whole."""
    directory = engine_directory()
    try:
        manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
        sizes = {str(name): int(size) for name, size in manifest["sizes"].items()}
        origin, version = Origin(manifest["origin"]), str(manifest["version"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if version != ENGINE_VERSION or not set(EXECUTABLES) <= set(sizes):
        return None
    for name, size in sizes.items():
        file = directory / name
        if not file.is_file() or file.stat().st_size != size or (name in EXECUTABLES and not os.access(file, os.X_OK)):
            return None
    host = Host.OURS if origin is Origin.BUILT else Host.OFFICIAL
    return Engine(directory / "pulumi", version, origin, directory, host)


def own_files_digest() -> str:
    """Return a fingerprint of the files we put beside a built engine."""
    digest = hashlib.sha256()
    for file in sorted(OWN_FILES.iterdir()):
        if file.is_file() and file.suffix != ".pyc":
            digest.update(f"{file.name}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def refresh_own_files(engine: Engine) -> None:
    """Bring our files beside a built engine up to this package's state, so an upgrade needs no second build."""
    if engine.host is not Host.OURS:
        return
    manifest = json.loads((engine.directory / MANIFEST).read_text(encoding="utf-8"))
    if manifest.get("own_files") == own_files_digest():
        return
    copy_own_files(engine.directory)
    write_manifest(engine.directory, engine.origin)


def copy_own_files(directory: Path) -> None:
    """Copy launchers, host and provider start into `directory`, each file whole or not at all."""
    for source in sorted(OWN_FILES.iterdir()):
        if source.is_file() and source.suffix != ".pyc":
            mode = 0o644 if source.suffix == ".py" else 0o755
            replace_file(directory / source.name, source.read_bytes(), mode)


def replace_file(target: Path, content: bytes, mode: int) -> None:
    """Write `target` in one step: a reader sees the old file or the new one."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.chmod(mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_manifest(directory: Path, origin: Origin) -> None:
    """Declare everything now in `directory` to be a whole engine."""
    files = sorted(file for file in directory.iterdir() if file.is_file() and not file.name.startswith("."))
    manifest = {
        "version": ENGINE_VERSION,
        "origin": origin.value,
        "own_files": own_files_digest() if origin is Origin.BUILT else None,
        "sizes": {file.name: file.stat().st_size for file in files if file.name != MANIFEST},
    }
    replace_file(directory / MANIFEST, json.dumps(manifest, indent=1).encode(), 0o644)


def publish(staging: Path, origin: Origin) -> Engine:
    """Turn a filled staging folder into the cached engine with one rename."""
    for name in EXECUTABLES:
        file = staging / name
        if not file.is_file():
            raise EngineError(
                f"The engine that was put together in {staging} lacks {name}.",
                "Run `kms engine` again, and report this if it happens twice.",
            )
        file.chmod(0o755)
    write_manifest(staging, origin)
    target = engine_directory()
    if target.exists():  # a folder that cached_engine() refused: rename first, so nobody meets half of it
        discarded = Path(tempfile.mkdtemp(dir=target.parent, prefix=".discarded-"))
        target.rename(discarded / target.name)
        shutil.rmtree(discarded, ignore_errors=True)
    staging.rename(target)
    engine = cached_engine()
    if engine is None:
        raise EngineError(
            f"The engine was written to {target}, but it is not whole there.",
            "Check the free space of that disk and run `kms engine` again.",
        )
    return engine


@contextmanager
def staging_directory() -> Iterator[Path]:
    """Give an empty folder on the cache's disk and remove what is left of it afterwards."""
    parent = engines_directory()
    staging = Path(tempfile.mkdtemp(dir=parent, prefix=".staging-"))
    staging.chmod(0o755)
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def sole_installer(report: Report) -> Iterator[None]:
    """Let one process at a time fetch or build; the operating system frees the lock when its holder dies."""
    directory = engines_directory()
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (directory / ".lock").open("a", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("Another process is installing the Pulumi engine; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for left_over in [*directory.glob(".staging-*"), *directory.glob(".discarded-*")]:
            shutil.rmtree(left_over, ignore_errors=True)  # of a run that was killed: only lock holders make these
        yield
