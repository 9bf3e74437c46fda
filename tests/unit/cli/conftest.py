"""The commands that use keys, against an emulator on the loopback address: one emulator, one stack, shared keys."""

import os
import pty
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kms_resources.cli import main
from kms_resources.clouds import get_cloud
from kms_resources.clouds.secrets import SecretSettings
from kms_resources.model import KeyId, Marker
from kms_resources.operations import keys
from kms_resources.stack import load_stack
from kms_resources.use import Place, UsedKey, open_key
from tests.support.emulator import Running, run_emulator

STACK = """\
version: 1
targets:
  guangzhou: {cloud: tencent, region: ap-guangzhou}
  old: {cloud: tencent-legacy, region: gz}
  hangzhou: {cloud: alibaba, region: cn-hangzhou, instance: kst-hzz62ee817bvyyr5x}
  north: {cloud: ctyun, region: bb9fdb42056f11eda1610242ac110002}
keys:
  orders: {target: guangzhou, spec: SM4, aliases: [cli-orders]}
  other: {target: guangzhou, spec: SM4}
  resting: {target: guangzhou, spec: SM4, enabled: false}
  ledger: {target: guangzhou, spec: RSA_2048, usage: SIGN_VERIFY}
  ancient: {target: old, spec: SM4}
  vault: {target: hangzhou, spec: AES_256, aliases: [cli/vault]}
  web: {target: hangzhou, spec: EC_P256}
  cold: {target: north, spec: AES_256}
  mail: {target: north, spec: SM2, usage: SIGN_VERIFY}
  letters: {target: north, spec: RSA_2048}
  declared: {target: north, spec: AES_256}
secrets:
  db: {target: hangzhou, name: prod/db, value: {from_env: NOBODY_READS_THIS}}
"""
NOT_MADE = "declared"
SECRET_VALUE = b"the value\xff\x00 of a secret\n"
PROGRAM = (sys.executable, "-c", "from kms_resources.cli import main; main()")


@dataclass(frozen=True)
class Bench:
    """A project whose keys exist, and the environment in which commands find them."""

    folder: Path
    running: Running
    environ: Mapping[str, str]
    ids: Mapping[str, KeyId]

    def key(self, name: str) -> UsedKey:
        """The key as a program uses it."""
        return open_key(name, Place(self.folder / "stacks" / "dev.yaml"), self.environ)

    def direct(self, name: str) -> str:
        """The key as `cloud://region/id`."""
        target = self.key(name).target
        return f"{target.cloud}://{target.region}/{self.ids[name]}"

    def variables(self, **more: str) -> dict[str, str]:
        """For a process of its own."""
        return {**os.environ, **self.environ, **more}

    def start(self, *arguments: str, **options: Any) -> "subprocess.Popen[bytes]":
        """A command as a process of its own."""
        options.setdefault("env", self.variables())
        # Whoever starts the tests in the background of a shell hands down that Ctrl-C is ignored.
        return subprocess.Popen(["env", "--default-signal=INT", *PROGRAM, *arguments], cwd=self.folder, **options)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("bench")
    (folder / "stacks").mkdir()
    (folder / "Pulumi.yaml").write_text("name: bench\nruntime: python\n", encoding="utf-8")
    file = folder / "stacks" / "dev.yaml"
    file.write_text(STACK, encoding="utf-8")
    with run_emulator(tmp_path_factory.mktemp("emulator"), http=True) as running:
        stack = load_stack(file)
        ids: dict[str, KeyId] = {}
        sites = {target.name: running.site(target) for target in stack.targets.values()}
        for desired in stack.desired_keys("bench", "dev"):
            if desired.name != NOT_MADE:
                outcome = keys.create(sites[desired.target.name], desired)
                assert not outcome.problem
                ids[desired.name] = outcome.key.id
        for alias in stack.desired_aliases():
            sites[alias.target.name].client.create_alias(alias.name, ids[alias.key])
        connect = get_cloud("alibaba").connect_secrets
        assert connect
        console = connect(stack.targets["hangzhou"], running.environ)
        settings = SecretSettings(instance="kst-hzz62ee817bvyyr5x")
        console.create_secret("prod/db", settings, Marker("bench/dev/db"), b"older", "v1", binary=True)
        console.put_value("prod/db", SECRET_VALUE, "v2", binary=True)
        yield Bench(folder, running, {**running.environ, "KMS_RATE_FACTOR": "0"}, ids)


@pytest.fixture
def bench(made: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bench:
    """The shared keys, in a folder of the test's own, with the right environment."""
    for name, value in made.environ.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_bytes((made.folder / "Pulumi.yaml").read_bytes())
    (tmp_path / "stacks" / "dev.yaml").write_text(STACK, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return replace(made, folder=tmp_path)


Kms = Callable[..., Result]


@pytest.fixture
def kms(bench: Bench) -> Kms:
    """Run a command in this process, in the test's folder."""
    assert bench.folder == Path.cwd()

    def run(*arguments: str, data: bytes = b"") -> Result:
        return CliRunner().invoke(main, arguments, input=data, catch_exceptions=False)

    return run


@pytest.fixture
def refused(kms: Kms) -> Callable[..., str]:
    """Run a command that must fail with a code and one sentence, without a traceback and without output."""

    def run(code: int, *arguments: str, data: bytes = b"") -> str:
        result = kms(*arguments, data=data)
        assert result.exit_code == code, result.output
        assert result.stdout_bytes == b""
        assert "Traceback" not in result.stderr
        assert "a bug in" not in result.stderr
        lines = [line for line in result.stderr.splitlines() if line.lower().startswith("error: ")]
        assert len(lines) == 1, result.stderr
        return result.stderr

    return run


@contextmanager
def terminal() -> Iterator[tuple[int, Callable[[], bytes]]]:
    """A terminal for a process: its descriptor, and what the process wrote to it, once the process has ended."""
    outer, inner = pty.openpty()
    seen: list[bytes] = []

    def watch() -> None:
        with suppress(OSError):  # the other side is closed
            while piece := os.read(outer, 65536):
                seen.append(piece)

    # A terminal takes only so much before somebody reads it.
    watcher = threading.Thread(target=watch)
    watcher.start()

    def read() -> bytes:
        os.close(inner)
        watcher.join()
        return b"".join(seen)

    try:
        yield inner, read
    finally:
        os.close(outer)
