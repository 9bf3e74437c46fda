"""1,000 keys: a provider that does nothing against ours on the emulator, on the same engine, in one run.

`python -m benchmarks [--keys N] [--quick]`. The floor and ours take turns, so that a slow machine slows both.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks.measure import Measured, measure
from kms_resources.engine import Engine, ensure_engine

ROOT = Path(__file__).resolve().parent.parent
CLOUDS = ("tencent", "alibaba", "ctyun")
TARGETS = """
  tencent: {cloud: tencent, region: ap-guangzhou}
  alibaba: {cloud: alibaba, region: cn-hangzhou, instance: kst-hzz62ee817bvyyr5x}
  ctyun: {cloud: ctyun, region: bb9fdb42056f11eda1610242ac110002}
"""
SPECS = {"tencent": "SM4", "alibaba": "AES_256", "ctyun": "AES_256"}
NOOP_PROGRAM = """
import pulumi
from benchmarks.noop import NoopAlias, NoopKey
from kms_resources.providers import props
from kms_resources.stack import load_stack

stack = load_stack("stacks/dev.yaml")
keys = stack.desired_keys("bench", "dev")
targets = {name: pulumi.ProviderResource("pulumi-python", name, {}) for name in {key.target.name for key in keys}}
made = {}
for key in keys:
    options = pulumi.ResourceOptions(provider=targets[key.target.name])
    made[key.name] = NoopKey(key.name, props.key_props(key), options)
for alias in stack.desired_aliases():
    options = pulumi.ResourceOptions(provider=targets[alias.target.name])
    inputs = props.alias_props(alias, made[alias.key].id) | {"marker": alias.name}
    NoopAlias(f"{alias.target.name}:{alias.name}", inputs, options)
"""
PROGRAM = "from kms_resources.providers.program import run\n\nrun()\n"
console = Console()


@dataclass
class Bench:
    """A project on its own, with its own state."""

    name: str
    folder: Path
    engine: Engine
    variables: Mapping[str, str]

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)

    def prepare(self, program: str, stack: str, environ: Mapping[str, str]) -> None:
        """Write the program and a new, empty stack."""
        for part in ("stacks", "home", "state"):
            (self.folder / part).mkdir(exist_ok=True)
        (self.folder / "Pulumi.yaml").write_text("name: bench\nruntime: python\n", encoding="utf-8")
        (self.folder / "__main__.py").write_text(program, encoding="utf-8")
        (self.folder / "stacks" / "dev.yaml").write_text(stack, encoding="utf-8")
        self.environ = self.engine.environment(
            {
                **environ,
                **self.variables,
                "PULUMI_HOME": str(self.folder / "home"),
                "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
                "PULUMI_CONFIG_PASSPHRASE": "",
                "PYTHONPATH": str(ROOT),
            }
        )
        self.run("stack init dev")

    def run(self, arguments: str, expected: int = 0, **extra: str) -> Measured:
        """One command, timed."""
        command = [str(self.engine.path), "--non-interactive", *shlex.split(arguments)]
        return measure(command, self.folder, {**self.environ, **extra}, expected)


@click.command()
@click.option("--keys", default=1000, show_default=True, help="Keys, spread evenly over three clouds.")
@click.option("--cloud", "clouds", multiple=True, type=click.Choice(CLOUDS), help="Only these clouds.")
@click.option("--quick", is_flag=True, help="Leave out the runs with default checkpoints and with rates on.")
def main(keys: int, clouds: tuple[str, ...], *, quick: bool) -> None:
    """Print ratios against a provider that does nothing."""
    base = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    engine = ensure_engine(console.print)
    with tempfile.TemporaryDirectory(prefix="kms-bench-") as folder:
        chosen = clouds or CLOUDS
        table = _table(keys, chosen)
        stack = _stack(keys, chosen)
        _validate_row(table, Path(folder), stack, base)
        with _emulator(Path(folder) / "emulator", chosen, "--no-throttle") as variables:
            _engine_rows(table, Path(folder) / "fast", engine, stack, {**base, **variables}, quick=quick)
        if not quick and "alibaba" in chosen:
            with _emulator(Path(folder) / "emulator-rates", ("alibaba",), "--throttle") as variables:
                _rates_row(table, Path(folder) / "rates", engine, keys, {**base, **variables})
    console.print(table)


def _engine_rows(
    table: Table, folder: Path, engine: Engine, stack: str, base: Mapping[str, str], *, quick: bool
) -> None:
    floor = Bench("floor", folder / "floor", engine, {})
    ours = Bench("ours", folder / "ours", engine, {"KMS_RATE_FACTOR": "0"})
    floor.prepare(NOOP_PROGRAM, stack, base)
    ours.prepare(PROGRAM, stack, base)
    skip = {"PULUMI_SKIP_CHECKPOINTS": "true"}
    rows = [
        ("up, PULUMI_SKIP_CHECKPOINTS", "up --yes --skip-preview", skip, 2.0),
        ("preview, unchanged", "preview --expect-no-changes", {}, 1.2),
        ("preview --refresh, unchanged", "preview --refresh --expect-no-changes", {}, None),
    ]
    for title, command, extra, aim in rows:
        before = _calls(base)
        pair = floor.run(command, **extra), ours.run(command, **extra)
        _add(table, title, *pair, aim, _difference(before, _calls(base)))
    if not quick:
        _reset(base)
        for bench in (floor, ours):
            bench.run("stack rm --yes --force dev")
            bench.run("stack init dev")
        before = _calls(base)
        pair = floor.run("up --yes --skip-preview"), ours.run("up --yes --skip-preview")
        _add(table, "up, default checkpoints", *pair, 1.3, _difference(before, _calls(base)))


def _rates_row(table: Table, folder: Path, engine: Engine, keys: int, base: Mapping[str, str]) -> None:
    # Alibaba's CreateKey, 10 a second, is the narrowest published rate: it alone decides.
    count = keys // 3
    dictated = count / 10
    bench = Bench("rates", folder / "ours", engine, {})
    bench.prepare(PROGRAM, _stack(count, ("alibaba",)), base)
    before = _calls(base)
    took = bench.run("up --yes --skip-preview", PULUMI_SKIP_CHECKPOINTS="true")
    _add(
        table,
        f"up of {count} Alibaba keys, rates on",
        Measured(dictated, 0),
        took,
        1.25,
        _difference(before, _calls(base)),
    )


def _validate_row(table: Table, folder: Path, stack: str, base: Mapping[str, str]) -> None:
    file = folder / "validate.yaml"
    file.write_text(stack, encoding="utf-8")
    begun = time.monotonic()
    subprocess.run([str(Path(sys.prefix) / "bin" / "kms"), "validate", str(file)], check=True, env=dict(base),
                   stdout=subprocess.DEVNULL)  # fmt: skip
    seconds = time.monotonic() - begun
    table.add_row("kms validate (aim: below 1 s)", "", f"{seconds:.2f}", "", "", "", "")


def _table(keys: int, clouds: tuple[str, ...]) -> Table:
    table = Table(title=f"{keys} keys and as many aliases on {', '.join(clouds)}")
    for title in ("", "floor s", "ours s", "ratio", "aim ≤", "calls", "MiB per provider"):
        table.add_column(title, justify="left" if not title or title == "calls" else "right")
    return table


def _add(
    table: Table, title: str, floor: Measured, ours: Measured, aim: float | None, calls: Mapping[str, int]
) -> None:
    ratio = ours.seconds / floor.seconds
    counted = ", ".join(f"{cloud} {number}" for cloud, number in calls.items() if number)
    row = [f"{floor.seconds:.1f}", f"{ours.seconds:.1f}", f"{ratio:.2f}", f"{aim}" if aim else "", counted]
    table.add_row(title, *row, f"{ours.provider_megabytes:.0f}" if ours.provider_megabytes else "")
    console.print(f"{title}: {' | '.join(row)}")


def _stack(keys: int, clouds: tuple[str, ...]) -> str:
    lines = ["version: 1", "targets:" + TARGETS.rstrip(), "keys:"]
    for number in range(keys):
        cloud = clouds[number % len(clouds)]
        lines.append(f"  key-{number}: {{target: {cloud}, spec: {SPECS[cloud]}, aliases: [alias-{number}]}}")
    return "\n".join(lines) + "\n"


@contextmanager
def _emulator(folder: Path, clouds: tuple[str, ...], *options: str) -> Iterator[dict[str, str]]:
    folder.mkdir(parents=True)
    env_file = folder / "env"
    switches = ["--no-quotas", *options, *(f"--cloud={cloud}" for cloud in clouds)]
    process = subprocess.Popen(
        [sys.executable, "-m", "kms_emulator", "--data", str(folder), "--env-file", str(env_file), *switches],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        if process.stdout:
            process.stdout.readline()
        lines = (shlex.split(line)[1] for line in env_file.read_text(encoding="utf-8").splitlines())
        yield dict(line.split("=", 1) for line in lines)
    finally:
        process.terminate()
        process.wait()


def _calls(environ: Mapping[str, str]) -> dict[str, int]:
    with urllib.request.urlopen(f"{environ['KMS_ENDPOINT_TENCENT']}/_emulator/journal/summary") as answer:
        counts = json.load(answer)["counts"]
    return {cloud: sum(actions.values()) for cloud, actions in counts.items()}


def _reset(environ: Mapping[str, str]) -> None:
    request = urllib.request.Request(f"{environ['KMS_ENDPOINT_TENCENT']}/_emulator/reset", method="POST")
    with urllib.request.urlopen(request) as answer:
        answer.read()


def _difference(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    return {cloud: number - before.get(cloud, 0) for cloud, number in after.items()}


if __name__ == "__main__":
    main()
