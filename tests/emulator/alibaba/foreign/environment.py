"""Builds the environment of the vendor's packages once, and talks to the driver that runs in it."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REQUIREMENTS, DRIVER = HERE / "requirements.txt", HERE / "driver.py"
FOLDER = Path(sys.prefix) / "foreign-alibaba"
UV = Path(sys.prefix) / "bin" / "uv"


def built_python() -> Path:
    """The interpreter of the environment, which is built when it is missing or when what it holds has changed."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    stamp, python = FOLDER / "built-from", FOLDER / "bin" / "python"
    # Tests run in several processes: the first one builds, the others wait for it.
    with FOLDER.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.is_file() or stamp.read_text(encoding="ascii") != wanted:
            shutil.rmtree(FOLDER, ignore_errors=True)
            _run(["venv", "--quiet", "--python", sys.executable, str(FOLDER)], str(UV))
            wished = ["--quiet", "--require-hashes", "--requirement", str(REQUIREMENTS)]
            # uv is quick; pip knows the package index wherever the project itself was installed with it.
            _run(
                ["pip", "install", "--python", str(python), *wished], str(UV),
                otherwise=[sys.executable, "-m", "pip", "--python", str(python), "install", *wished],
            )  # fmt: skip
            stamp.write_text(wanted, encoding="ascii")
    return python


def _run(arguments: list[str], program: str, otherwise: list[str] | None = None) -> None:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode and otherwise:
        done = subprocess.run(otherwise, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"the environment {FOLDER.name} cannot be built:\n{done.stderr}"


class ForeignError(AssertionError):
    """The vendor's package raised; ``code`` is the code it told."""

    def __init__(self, answer: Mapping[str, str]) -> None:
        super().__init__(f"{answer['error']} {answer['code']}: {answer['message']}")
        self.code, self.message = answer["code"], answer["message"]


def data(value: bytes) -> dict[str, str]:
    """Bytes as the driver takes them."""
    return {"base64": base64.b64encode(value).decode()}


def of(value: Mapping[str, str]) -> bytes:
    """Bytes as the driver gives them."""
    return base64.b64decode(value["base64"])


class Driver:
    """The running driver."""

    def __init__(self, python: Path) -> None:
        environment = {
            "PATH": os.environ.get("PATH", ""), "NO_PROXY": "127.0.0.1,localhost",
            # The generated messages of the packages are older than the compiled library for this Python.
            "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python",
        }  # fmt: skip
        self._process = subprocess.Popen(
            [str(python), "-I", "-W", "ignore", str(DRIVER)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
        self.operations: list[str] = self._read()["operations"]

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the driver ended with {self._process.wait()}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, call: Mapping[str, Any]) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(call) + "\n")
        self._process.stdin.flush()
        answer = self._read()
        if "error" in answer:
            raise ForeignError(answer)
        return answer["result"]

    def close(self) -> None:
        self._process.communicate(timeout=30)


@dataclass
class Foreign:
    """The vendor's clients for one emulator. ``config`` is that of the instance gateway."""

    driver: Driver
    config: Mapping[str, Any]
    shared: Mapping[str, Any] = field(default_factory=dict)
    runtime: Mapping[str, Any] = field(default_factory=dict)

    def gcs(self, call: str, **request: object) -> Any:
        """A call of alibabacloud-dkms-gcs."""
        return self._ask("gcs", call, request)

    def transfer(self, call: str, **request: object) -> Any:
        """A call of the transfer client of alibabacloud-kms-python-sdk."""
        return self._ask("transfer", call, request)

    def _ask(self, client: str, call: str, request: Mapping[str, object]) -> Any:
        return self.driver.ask({
            "client": client, "call": call, "config": dict(self.config), "shared": dict(self.shared),
            "request": dict(request), "runtime": {"connect_timeout": 5000, "read_timeout": 10000, **self.runtime},
        })  # fmt: skip
