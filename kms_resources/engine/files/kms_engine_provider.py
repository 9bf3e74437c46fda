"""Runs the SDK's dynamic provider process as `python -m pulumi.dynamic` does, but ends it with the engine."""

import contextlib
import importlib.util
import os
import runpy
import signal
import sys
from pathlib import Path
from typing import Any


def _load_watcher() -> Any:
    """Load the file beside this one by its path: under PYTHONSAFEPATH our folder is not on sys.path."""
    path = Path(__file__).resolve().with_name("kms_engine_watch.py")
    specification = importlib.util.spec_from_file_location(path.stem, path)
    if specification is None or specification.loader is None:
        raise ImportError(f"{path} is missing")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def main() -> None:
    """Serve until the engine interrupts us or is gone."""
    watch = _load_watcher()
    watch.end_with_engine()
    # `python -m` puts the working directory, which is the program's, where a script has its own folder.
    if not sys.flags.safe_path:
        sys.path[0] = os.getcwd()
    with contextlib.suppress(KeyboardInterrupt):
        watch.interrupt_on((signal.SIGINT,))
        runpy.run_module("pulumi.dynamic", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
