"""Looks for a usable Pulumi engine: PATH first, then our cache."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from kms_resources.engine import cache, version
from kms_resources.engine.types import ENGINE_SETTINGS, Engine, Host, Origin, Report

WRAPPER_MARK = "# kms-resources engine wrapper"
"""Second line of the script that `link_into_environment()` writes."""

VERSION_TIMEOUT = 30.0
"""Seconds for `pulumi version`: generous, because a cold disk and a busy pipeline are slow."""


def find_engine(report: Report | None = None) -> Engine | None:
    """Return the engine to use, or None if one must be installed. Says through `report` why a `pulumi` is not used."""
    say = report or (lambda _line: None)
    for candidate in foreign_pulumis():
        engine = _usable(candidate, say)
        if engine is not None:
            return engine
    engine = cache.cached_engine()
    if engine is not None:
        cache.refresh_own_files(engine)
    return cache.cached_engine() if engine is not None else None


def is_wrapper(path: Path) -> bool:
    """Tell whether `path` is the small script we write into virtual environments."""
    try:
        with path.open("rb") as file:
            return WRAPPER_MARK.encode() in file.read(512)
    except OSError:
        return False


def foreign_pulumis() -> Iterator[Path]:
    """Yield every `pulumi` on PATH that is neither our wrapper nor an engine of our cache."""
    cached = cache.engines_directory().resolve()
    for entry in os.environ.get("PATH", os.defpath).split(os.pathsep):
        if not entry:  # an empty entry means the working directory: nothing is ever taken from there
            continue
        path = Path(entry).absolute() / "pulumi"
        if not path.is_file() or not os.access(path, os.X_OK) or is_wrapper(path):
            continue
        if not path.resolve().is_relative_to(cached):
            yield path


def pulumi_version(path: Path) -> str | None:
    """Ask an executable for its version; None if it has no answer."""
    try:
        result = subprocess.run(  # noqa: S603 -- an executable named pulumi on the user's own PATH
            [path, "version"],
            env={**ENGINE_SETTINGS, **os.environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=VERSION_TIMEOUT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.strip().removeprefix("v") if result.returncode == 0 else None


def _usable(path: Path, say: Report) -> Engine | None:
    found = pulumi_version(path)
    if found is None:
        say(f"{path} is not used: `pulumi version` fails.")
        return None
    try:
        enough = version.is_enough(found)
    except ValueError as error:
        say(f"{path} is not used: {error}.")
        return None
    if not enough:
        say(f"{path} is not used: its version {found} is older than {version.MINIMUM_VERSION}.")
        return None
    beside = path.resolve().with_name("pulumi-language-python")
    if not os.access(beside, os.X_OK) and shutil.which("pulumi-language-python") is None:
        say(f"{path} is not used: it comes without pulumi-language-python, which runs Python programs.")
        return None
    return Engine(path, found, Origin.PATH, path.parent, Host.OFFICIAL)
