"""The whole story on `stacks/demo.yaml`, told against the emulator: `make demo`.

Everything is real but the clouds: the Pulumi engine, our providers, signatures, state files. All of it stays in
`.demo/`, which is made anew each time.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.panel import Panel

from kms_resources.engine import ensure_engine
from kms_resources.model import DesiredAlias, Marker, Target
from kms_resources.operations import aliases
from kms_resources.operations.site import open_site
from tools import policy_environment

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".demo"
STACK = "demo"
REFUSED = "refused"
console = Console(highlight=False, soft_wrap=True)


class UnexpectedEnd(SystemExit):
    """A step did not end as the story says."""


def main() -> None:
    """Tell the story; exits 1 when a step does not end as told."""
    begun = time.monotonic()
    shutil.rmtree(FOLDER, ignore_errors=True)
    for folder in ("home", "state", "emulator"):
        (FOLDER / folder).mkdir(parents=True)
    engine = ensure_engine(lambda line: console.print(f"[dim]{line}[/dim]"))
    console.print("[dim]policy pack: making sure of its environment (a minute, once) …[/dim]")
    policy_environment.ensure()
    with emulator() as variables:
        environ = engine.environment(
            {
                **{name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")},
                **variables,
                "PULUMI_HOME": str(FOLDER / "home"),
                "PULUMI_BACKEND_URL": f"file://{FOLDER / 'state'}",
                "PULUMI_CONFIG_PASSPHRASE": "demo",
                "PULUMI_SKIP_UPDATE_CHECK": "true",
                "VIRTUAL_ENV": sys.prefix,
            }
        )
        tell(engine.path, environ)
    console.print(f"\nThat was all, in {time.monotonic() - begun:.0f} seconds. Nothing is left but .demo/.")


def tell(pulumi: str, environ: Mapping[str, str]) -> None:
    """The eight steps."""

    def run(arguments: str, *, ends_with: int | str) -> None:
        console.print(f"[bold]$ pulumi {arguments}[/bold]")
        code = subprocess.run([pulumi, *shlex.split(arguments)], cwd=ROOT, env=environ, check=False).returncode
        right = code != 0 if ends_with == REFUSED else code == ends_with
        console.print(f"[dim]exit code {code}[/dim]" + ("" if right else f" [red]instead of {ends_with}[/red]"))
        if not right:
            raise UnexpectedEnd(1)

    quiet = subprocess.run(
        [pulumi, "stack", "init", STACK], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    if quiet.returncode:
        console.print(quiet.stderr)
        raise UnexpectedEnd(1)
    chapter("1", "Six keys and four aliases come to three clouds")
    run(f"up --yes --skip-preview --stack {STACK}", ends_with=0)
    chapter("2", "Nothing has changed, so there is nothing to do")
    run(f"preview --expect-no-changes --stack {STACK}", ends_with=0)
    chapter("3", "The policy pack says what a reviewer would want to know")
    run(f"preview --policy-pack policy_pack --stack {STACK}", ends_with=0)
    chapter("4", "Somebody disables a key and removes an alias behind our back")
    meddle(environ)
    chapter("5", "The nightly drift check sees exactly that, and says so with exit code 7")
    run(f"preview --refresh --diff --expect-no-changes --stack {STACK}", ends_with=7)
    chapter("6", "One command repairs it")
    run(f"up --refresh --yes --skip-preview --stack {STACK}", ends_with=0)
    chapter("7", "Destroying everything is refused: three keys say so")
    run(f"destroy --yes --stack {STACK}", ends_with=REFUSED)
    chapter("8", "What may go is scheduled for deletion, and can be rescued for a week")
    run(f"destroy --yes --skip-preview --exclude-protected --stack {STACK}", ends_with=0)


def meddle(environ: Mapping[str, str]) -> None:
    """Do by hand what people do in consoles."""
    guangzhou = open_site(Target("guangzhou", "tencent", "ap-guangzhou"), environ)
    orders = guangzhou.sweep.marked(Marker(f"kms/{STACK}/orders"))[0]
    guangzhou.client.disable_key(orders.id)
    console.print(f"  Tencent Cloud console: DisableKey {orders.id} (orders)")
    target = Target("hangzhou", "alibaba", "cn-hangzhou", instance="kst-hzz62ee817bvsoft01")
    hangzhou = open_site(target, environ)
    alias = DesiredAlias("invoices/archive", target, "invoices")
    holder = aliases.read(hangzhou, alias)
    if holder is None:
        raise UnexpectedEnd(1)
    hangzhou.client.delete_alias(alias.name, holder)
    console.print(f"  Alibaba Cloud console: DeleteAlias alias/{alias.name}")


def chapter(number: str, title: str) -> None:
    """A heading."""
    console.print()
    console.print(Panel(f"[bold]{number}. {title}[/bold]", border_style="cyan"))


@contextmanager
def emulator() -> Iterator[dict[str, str]]:
    """Three clouds on one port; gives the variables that point at them."""
    env_file = FOLDER / "emulator.env"
    process = subprocess.Popen(
        [sys.executable, "-m", "kms_emulator", "--data", str(FOLDER / "emulator"), "--env-file", str(env_file)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        ready = process.stdout.readline() if process.stdout else ""
        console.print(f"[dim]{ready.strip()}[/dim]")
        lines = (shlex.split(line)[1] for line in env_file.read_text(encoding="utf-8").splitlines())
        yield dict(line.split("=", 1) for line in lines)
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
