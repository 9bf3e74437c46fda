"""Run every folder of `examples/` as a person would, against the emulator: `make examples`.

Each example runs in a copy of its own, with a fresh emulator and a fresh state, so that it leaves nothing behind.
What it prints is compared with the block of output in its README: what is promised there is what happens.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from kms_resources.engine import ensure_engine

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
SCRIPTS = ("run.sh", "run.py")
OUTPUT = re.compile(r"^```text\n(.*?)^```$", re.DOTALL | re.MULTILINE)
console = Console(highlight=False, soft_wrap=True)


def names() -> list[str]:
    """The folders with an example."""
    return sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


def promised(name: str) -> str:
    """What the README of an example says that it prints."""
    found = OUTPUT.search((EXAMPLES / name / "README.md").read_text(encoding="utf-8"))
    if found is None:
        raise LookupError(f"examples/{name}/README.md has no block of output")
    return found[1]


def run(name: str) -> subprocess.CompletedProcess[str]:
    """Run one example and give what it printed; stdout and stderr together."""
    script = next(script for script in SCRIPTS if (EXAMPLES / name / script).is_file())
    with tempfile.TemporaryDirectory(prefix="kms-example-") as folder:
        place = Path(folder)
        work = place / "work"
        shutil.copytree(EXAMPLES / name, work)
        (place / "home").mkdir()
        (place / "state").mkdir()
        with _emulator(place / "emulator") as variables:
            engine = ensure_engine(lambda _line: None)
            bins = os.pathsep.join([str(Path(sys.prefix) / "bin"), str(Path(engine.path).parent)])
            kept = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "KMS_"))}
            environ = engine.environment(
                {
                    **kept,
                    **variables,
                    "PATH": f"{bins}{os.pathsep}{kept['PATH']}",
                    "PULUMI_HOME": str(place / "home"),
                    "PULUMI_BACKEND_URL": f"file://{place / 'state'}",
                    "PULUMI_CONFIG_PASSPHRASE": "example",
                    "PULUMI_SKIP_UPDATE_CHECK": "true",
                    "VIRTUAL_ENV": sys.prefix,
                }
            )
            command = ["bash", script] if script.endswith(".sh") else ["python3", script]
            return subprocess.run(
                command, cwd=work, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
            )


@contextmanager
def _emulator(folder: Path) -> Iterator[Mapping[str, str]]:
    folder.mkdir()
    env_file = folder / "env"
    command = [sys.executable, "-m", "kms_emulator", "--data", str(folder), "--env-file", str(env_file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        if process.stdout and not process.stdout.readline():
            raise RuntimeError("the emulator did not start")
        lines = (shlex.split(line)[1] for line in env_file.read_text(encoding="utf-8").splitlines())
        yield dict(line.split("=", 1) for line in lines)
    finally:
        process.terminate()
        process.communicate()


@click.command()
@click.argument("chosen", nargs=-1, metavar="[NAME]...")
def main(chosen: tuple[str, ...]) -> None:
    """Run the examples, or those whose names begin so; exits 1 when one ends badly or prints something else."""
    wrong = []
    for name in names():
        if chosen and not name.startswith(chosen):
            continue
        console.print(f"[bold]examples/{name}[/bold]")
        result = run(name)
        console.print(result.stdout, markup=False, end="")
        if result.returncode or result.stdout != promised(name):
            wrong.append(name)
            console.print(f"[red]exit code {result.returncode}, or not what its README promises[/red]")
    if wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
