"""Running one command of the engine: its time, and the peak memory of the provider processes below it."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.2
PROVIDERS = ("pulumi.dynamic", "kms_engine_provider")
"""The SDK's own process, and the same one as our launcher starts it."""


@dataclass(frozen=True)
class Measured:
    """One finished command."""

    seconds: float
    provider_megabytes: float
    """Peak resident memory of the largest provider process, MiB."""


class CommandFailedError(RuntimeError):
    """The command did not end as expected; its output is the message."""


def measure(command: Sequence[str], folder: Path, environ: Mapping[str, str], expected: int = 0) -> Measured:
    """Run to the end. Raises `CommandFailedError` for any other exit code than the expected one."""
    begun = time.monotonic()
    log = folder / "last-command.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(command, cwd=folder, env=dict(environ), stdout=output, stderr=subprocess.STDOUT)
        watcher = _Watcher(process.pid)
        watcher.start()
        code = process.wait()
        seconds = time.monotonic() - begun
        watcher.done.set()
        watcher.join()
    if code != expected:
        text = log.read_text(encoding="utf-8")[-3000:]
        raise CommandFailedError(f"exit code {code} instead of {expected}: {' '.join(command)}\n{text}")
    return Measured(seconds, watcher.peak_kilobytes / 1024)


class _Watcher(threading.Thread):
    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self._root = root
        self.done = threading.Event()
        self.peak_kilobytes = 0

    def run(self) -> None:
        while not self.done.wait(POLL_SECONDS):
            for pid in _below(self._root):
                self.peak_kilobytes = max(self.peak_kilobytes, _peak_of_provider(pid))


def _below(root: int) -> list[int]:
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        try:
            tasks = Path(f"/proc/{pid}/task").iterdir()
            children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            continue
        found += children
        todo += children
    return found


def _peak_of_provider(pid: int) -> int:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_text()
        if not any(name in command for name in PROVIDERS):
            return 0
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
