"""The emulator as a process of its own, and throw-away projects whose stacks live in it."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from kms_resources.clouds.interface import KmsClient
from kms_resources.model import ActualKey, KeyId, Target
from kms_resources.operations.site import open_site
from tests.support.engine import Project

ROOT = Path(__file__).resolve().parents[2]
TENCENT = Target("guangzhou", "tencent", "ap-guangzhou")
ALIBABA = Target("hangzhou", "alibaba", "cn-hangzhou", instance="kst-hzz62ee817bvyyr5x")
CTYUN = Target("north", "ctyun", "bb9fdb42056f11eda1610242ac110002")
TARGETS = {target.cloud: target for target in (TENCENT, ALIBABA, CTYUN)}
CREDENTIAL_VARIABLES = (
    "TENCENTCLOUD_SECRET_ID",
    "TENCENTCLOUD_SECRET_KEY",
    "TENCENTCLOUD_TOKEN",
    "ALIBABA_CLOUD_ACCESS_KEY_ID",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "ALIBABA_CLOUD_SECURITY_TOKEN",
    "CTYUN_AK",
    "CTYUN_SK",
)
STOP_SECONDS = 20.0
CONTROL_SECONDS = 30.0


@dataclass
class Clouds:
    """A running emulator."""

    process: "subprocess.Popen[str]"
    url: str
    environ: Mapping[str, str]
    """What its environment file exports."""
    verify: str | bool = True

    def control(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Ask a control path; anything but 200 fails the test."""
        answer = requests.request(
            method, f"{self.url}/_emulator/{path}", json=body, timeout=CONTROL_SECONDS, verify=self.verify
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def fault(self, kind: str, cloud: str, action: str, **more: Any) -> None:
        """Arm a fault rule."""
        self.control("POST", "faults", {"kind": kind, "cloud": cloud, "action": action, **more})

    def calm(self) -> None:
        """Disarm all faults and take back all settings that tests change."""
        self.control("DELETE", "faults")
        self.control("POST", "settings", {"signing_clock": "real"})

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        self.control("POST", "clock", {"advance": seconds})

    def mark(self) -> int:
        """The number of the newest request, for `actions`."""
        return int(self.control("GET", "journal?since=999999999")["last"])

    def actions(self, since: int, cloud: str = "") -> list[str]:
        """The actions requested after `since`."""
        entries = self.control("GET", f"journal?since={since}")["entries"]
        return [entry["action"] for entry in entries if not cloud or entry["cloud"] == cloud]

    def console(self, target: Target, environ: Mapping[str, str] | None = None) -> KmsClient:
        """What a person does by hand: a client that knows nothing of stacks."""
        return open_site(target, environ or self.environ).client

    def keys(self, target: Target, project: str) -> dict[str, list[ActualKey]]:
        """All keys of a project in the target by marker: a list each, because two must be seen as two."""
        found: dict[str, list[ActualKey]] = {}
        for key in self.console(target).list_keys():
            if key.marker.startswith(f"{project}/"):
                found.setdefault(key.marker, []).append(key)
        return found


@contextmanager
def run_clouds(folder: Path, *options: str, seed: str = "") -> Iterator[Clouds]:
    """Start `python -m kms_emulator` on a free port with its data in `folder`; end it afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    env_file = folder / "emulator.env"
    command = [sys.executable, "-m", "kms_emulator", "--data", str(folder / "data"), "--env-file", str(env_file)]
    if seed:
        (folder / "seed.yaml").write_text(seed, encoding="utf-8")
        command += ["--seed", str(folder / "seed.yaml")]
    with (folder / "emulator.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "ready at " in line, (folder / "emulator.log").read_text(encoding="utf-8")
        pairs = (shlex.split(text)[1] for text in env_file.read_text(encoding="utf-8").splitlines())
        environ = dict(pair.split("=", 1) for pair in pairs)
        yield Clouds(process, line.split("ready at ")[1].strip(), environ, environ.get("REQUESTS_CA_BUNDLE", True))
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)
        if process.stdout:
            process.stdout.close()


@dataclass
class Shop:
    """A Pulumi project of ours: `stacks/dev.yaml`, the product's own program, and an emulator behind it."""

    project: Project
    clouds: Clouds
    outputs: list[str] = field(default_factory=list)
    """Everything that any command wrote, in order."""

    @property
    def name(self) -> str:
        """The project's name, the first part of every marker."""
        return self.project.name

    def stack(self, text: str, name: str = "dev") -> None:
        """Write the stack file; `version` and the three usual targets stand in front unless it has its own."""
        folder = self.project.directory / "stacks"
        folder.mkdir(exist_ok=True)
        own = text if text.startswith("version:") else HEADER + text
        (folder / f"{name}.yaml").write_text(own, encoding="utf-8")

    def run(
        self, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 180.0
    ) -> "subprocess.CompletedProcess[str]":
        """One engine command, whatever its end."""
        result = self.project.run(arguments, env, timeout)
        self.outputs += [result.stdout, result.stderr]
        return result

    def ok(self, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        """One engine command that must succeed; gives both its outputs."""
        result = self.run(*arguments, env=env)
        text = result.stdout + result.stderr
        assert result.returncode == 0, f"exit code {result.returncode}\n{text}"
        return text

    def up(self, *more: str, env: Mapping[str, str] | None = None) -> str:
        """`up` without its preview: the half that matters for what is done."""
        return self.ok("up", "--yes", "--skip-preview", *more, env=env)

    def refused(self, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        """One engine command that must fail, in a form fit for people; gives its sentence and what follows it."""
        result = self.run(*arguments, env=env)
        text = result.stdout + result.stderr
        assert result.returncode not in {0, 7}, text
        assert "Traceback" not in text, text
        return said(text)

    def calm(self) -> None:
        """The end of every story: a preview finds nothing to do."""
        self.ok("preview", "--expect-no-changes")

    def drift(self) -> str:
        """The nightly check, which must find something; gives its text, made comparable."""
        result = self.run("preview", "--refresh", "--diff", "--expect-no-changes")
        assert result.returncode == 7, result.stdout + result.stderr
        return self.normal(result.stdout)

    def ids(self) -> dict[str, str]:
        """Name → id of what the state holds."""
        return {name: found["id"] for name, found in self.project.resources().items()}

    def urn(self, name: str) -> str:
        """The URN of a key."""
        return f"urn:pulumi:{self.project.stack}::{self.name}::{KEY_TYPE}::{name}"

    def keys(self, target: Target = TENCENT) -> dict[str, ActualKey]:
        """The project's keys in the cloud by name; fails when there are two of one marker."""
        found = self.clouds.keys(target, self.name)
        assert all(len(keys) == 1 for keys in found.values()), found
        return {marker.rsplit("/", 1)[-1]: keys[0] for marker, keys in found.items()}

    def key_id(self, name: str, target: Target = TENCENT) -> KeyId:
        """The id of a key, as the cloud says."""
        return self.keys(target)[name].id

    def normal(self, text: str) -> str:
        """A text with ids, dates, ports and durations replaced, so that it can be compared."""
        for name, key in sorted(self.ids().items(), key=lambda pair: -len(pair[1])):
            if ":" not in name:
                text = text.replace(key, f"<id of {name}>")
        text = text.replace(self.name, "<project>").replace(self.project.stack, "<stack>")
        for pattern, instead in _VARYING:
            text = re.sub(pattern, instead, text)
        return "\n".join(line.rstrip() for line in text.splitlines()).strip() + "\n"


KEY_TYPE = "pulumi-python:dynamic/kms:Key"
ALIAS_TYPE = "pulumi-python:dynamic/kms:Alias"
HEADER = f"""\
version: 1
targets:
  guangzhou: {{cloud: tencent, region: {TENCENT.region}}}
  hangzhou: {{cloud: alibaba, region: {ALIBABA.region}, instance: {ALIBABA.instance}}}
  north: {{cloud: ctyun, region: {CTYUN.region}}}
"""
_VARYING: Sequence[tuple[str, str]] = (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<date>"),
    (r"http://127\.0\.0\.1:\d+", "<url>"),
    (r"127\.0\.0\.1:\d+", "<host>"),
    (r"request id [0-9a-fA-F-]+", "request id <id>"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<uuid>"),
    (r"Duration: .*", "Duration: <time>"),
    (r" \(\d+(\.\d+)?s\)", " (<time>)"),
)


def said(text: str) -> str:
    """What a failed engine command says to people: its diagnostics by resource, sorted, without progress and counts.

    Resources finish in any order, and "update failed" at the stack says nothing.
    """
    head, found, rest = text.partition("Diagnostics:\n")
    if not found:
        lines = head.splitlines()
        errors = [number for number, line in enumerate(lines) if re.match(r"\s*error:", line)]
        assert errors, text
        return "\n".join(line.strip() for line in lines[errors[0] :])
    rest = re.split(r"\n(?:Resources|Duration):", rest)[0]
    sections = [part for part in re.split(r"(?m)^(?=  pulumi\S* \()", rest) if part.strip()]
    kept = sorted(
        "\n".join(line.strip() for line in part.strip().splitlines())
        for part in sections
        if not re.search(r"error: (update|preview|refresh|destroy|Preview) failed\s*$", part)
    )
    return "\n\n".join(kept)


@contextmanager
def open_shop(folder: Path, clouds: Clouds, name: str, stack: str = "dev") -> Iterator[Shop]:
    """A project against the emulator. No credentials, endpoints or profile files of the machine reach it."""
    folder.mkdir(parents=True, exist_ok=True)
    blank = dict.fromkeys(CREDENTIAL_VARIABLES, "")
    home = folder / "person"
    home.mkdir()
    environment = {**blank, **clouds.environ, "HOME": str(home), "KMS_RATE_FACTOR": "0", "KMS_DEBUG": ""}
    with Project(folder / "project", name=name, stack=stack, environment=environment) as project:
        project.write((ROOT / "__main__.py").read_text(encoding="utf-8"))
        yield Shop(project, clouds)


def events(file: Path) -> list[dict[str, Any]]:
    """The engine's events of `--event-log`."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
