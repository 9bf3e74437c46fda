"""Drives the real Pulumi engine for tests: one engine per machine, one throw-away project per test."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from kms_resources.engine import Engine, ensure_engine

RUN_TIMEOUT = 180.0
"""Seconds for one command. Far above the usual 2 to 5: a loaded machine must not turn a test red."""

POLL_SECONDS = 0.05


@cache
def engine() -> Engine:
    """Return the engine, installing it at the first call on a machine. Progress goes to the terminal."""
    return ensure_engine(lambda line: print(line, file=sys.__stderr__, flush=True))


@dataclass
class Project:
    """A Pulumi project in a folder of its own: own home, own state in local files, empty passphrase.

    `directory` is the program's folder. Use as a context manager: the end kills what is still running.
    """

    directory: Path
    name: str = "project"
    stack: str = "dev"
    runtime: str = "python"
    """The value of `runtime` in Pulumi.yaml, as YAML."""

    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to every command's environment."""

    _started: list["subprocess.Popen[str]"] = field(default_factory=list, init=False)

    def __enter__(self) -> "Project":
        for folder in (self.directory, self.home, self.state):
            folder.mkdir(parents=True, exist_ok=True)
        settings = f"name: {self.name}\nruntime: {self.runtime}\n"
        (self.directory / "Pulumi.yaml").write_text(settings, encoding="utf-8")
        self.run(["stack", "init", self.stack]).check_returncode()
        return self

    def __exit__(self, *_exception: object) -> None:
        for process in self._started:
            self.kill_tree(process)

    @property
    def home(self) -> Path:
        """The PULUMI_HOME of this project."""
        return self.directory / ".home"

    @property
    def state(self) -> Path:
        """The folder of the file:// backend."""
        return self.directory / ".state"

    def write(self, program: str, name: str = "__main__.py") -> None:
        """Write a file of the program."""
        (self.directory / name).write_text(program, encoding="utf-8")

    def variables(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment of a command; settings of the caller's own Pulumi stay outside."""
        base = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
        base |= {
            "PULUMI_HOME": str(self.home),
            "PULUMI_BACKEND_URL": f"file://{self.state}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "VIRTUAL_ENV": sys.prefix,
            "NO_COLOR": "1",
        }
        return engine().environment(base | dict(self.environment) | dict(extra or {}))

    def start(
        self, arguments: Sequence[str], env: Mapping[str, str] | None = None, *, quiet: bool = False
    ) -> "subprocess.Popen[str]":
        """Start a command in a process group of its own, as a shell would.

        Whoever does not read along must start it `quiet`: a full pipe would stop the engine.
        """
        output = subprocess.DEVNULL if quiet else subprocess.PIPE
        process = subprocess.Popen(
            [engine().path, "--non-interactive", *arguments],
            cwd=self.directory,
            env=self.variables(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            text=True,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def run(
        self, arguments: Sequence[str], env: Mapping[str, str] | None = None, timeout: float = RUN_TIMEOUT
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end. What is still running after `timeout` seconds is killed, with all its children."""
        process = self.start(arguments, env)
        try:
            output, errors = process.communicate(timeout=timeout)
        except BaseException:
            self.kill_tree(process)
            raise
        self._started.remove(process)
        return subprocess.CompletedProcess(list(arguments), process.returncode, output, errors)

    def kill_tree(self, process: "subprocess.Popen[str]") -> None:
        """Kill a command and everything under it, plug-ins included."""
        for pid in [*descendants(process.pid), process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate()

    def mend(self) -> None:
        """After a kill: what the README advises for "failed to load checkpoint: EOF"."""
        for file in self.state.rglob("*.attrs"):
            if not file.stat().st_size:
                file.unlink()

    def export(self) -> dict[str, Any]:
        """Return the state's `deployment`."""
        result = self.run(["stack", "export"])
        result.check_returncode()
        deployment: dict[str, Any] = json.loads(result.stdout)["deployment"]
        return deployment

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return the resources of the state by name, without the stack itself and the providers."""
        return {
            resource["urn"].rsplit("::", 1)[-1]: resource
            for resource in self.export().get("resources", [])
            if not resource["type"].startswith("pulumi:")
        }

    def processes(self) -> dict[int, str]:
        """Return every running process that has this project's home in its environment, as pid and command line."""
        mark = f"PULUMI_HOME={self.home}\0".encode()
        return {pid: line for pid, line in _processes() if mark in _proc_bytes(pid, "environ") + b"\0"}


def descendants(pid: int) -> list[int]:
    """Return the pids below `pid`, children first."""
    found: list[int] = []
    parents = {child: _parent(child) for child, _ in _processes()}
    level = [pid]
    while level:
        level = [child for child, parent in parents.items() if parent in level]
        found += level
    return found


def wait_until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Look again and again until `condition()` is true; fail with `what` after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(POLL_SECONDS)


def _processes() -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            line = _proc_bytes(int(entry.name), "cmdline").replace(b"\0", b" ").decode("utf-8", "replace").strip()
            if line:  # a zombie has none
                yield int(entry.name), line


def _parent(pid: int) -> int:
    status = _proc_bytes(pid, "stat").rsplit(b")", 1)[-1].split()
    return int(status[1]) if len(status) > 1 else 0


def _proc_bytes(pid: int, name: str) -> bytes:
    try:
        return (Path("/proc") / str(pid) / name).read_bytes()
    except OSError:
        return b""
