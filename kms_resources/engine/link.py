"""Makes the cached engine reachable as `pulumi` of a virtual environment."""

import shlex
import sys
from pathlib import Path

from kms_resources.engine import cache
from kms_resources.engine.find import WRAPPER_MARK, is_wrapper
from kms_resources.engine.types import CACHED_ENGINE_SETTINGS, ENGINE_SETTINGS, Engine, Origin


def wrapper_script(engine: Engine, prefix: Path) -> str:
    """Return the script: this environment's Python first on PATH, quiet settings, then the engine itself."""
    settings = {**ENGINE_SETTINGS, **CACHED_ENGINE_SETTINGS}
    lines = [
        "#!/bin/sh",
        f"{WRAPPER_MARK}: written by `kms engine`, safe to delete",
        f'PATH={shlex.quote(str(prefix / "bin"))}:"$PATH"',
        *(f': "${{{name}={value}}}"' for name, value in settings.items()),
        f"export PATH {' '.join(settings)}",
        f'exec {shlex.quote(str(engine.path))} "$@"',
    ]
    return "\n".join(lines) + "\n"


def link_into_environment(engine: Engine, prefix: Path | None = None) -> Path | None:
    """Write `bin/pulumi` into the virtual environment, so that it works activated or not.

    Returns the script's path, or None when nothing is to be written: outside a virtual environment, beside a `pulumi`
    of the user's own (a wrapper of ours from earlier times is then removed), or over a file that is not ours.
    """
    if prefix is None:
        if sys.prefix == sys.base_prefix:
            return None
        prefix = Path(sys.prefix)
    target = prefix / "bin" / "pulumi"
    if engine.origin is Origin.PATH:
        if is_wrapper(target):
            target.unlink()
        return None
    if target.exists() and not is_wrapper(target):
        return None
    cache.replace_file(target, wrapper_script(engine, prefix).encode(), 0o755)
    return target
