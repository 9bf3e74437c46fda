"""What the pages show being typed, typed: sessions and programs run against an emulator of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.docs.pages import ROOT, Block, read
from tests.support.clouds import run_clouds
from tests.support.engine import Project, engine

SECRETS = {"DB_PASSWORD": "example-password", "MAIL_PASSWORD": "example-mail-password"}
"""What the pages' sources read; obvious fakes."""
LONGEST_COMMAND_SECONDS = 120


@dataclass
class Desk:
    """A project with an applied stack, where a reader sits."""

    project: Project
    environ: dict[str, str]
    last_code: int = 0

    def type(self, command: str) -> str:
        """Run one command as a shell would; both streams together."""
        if command == "echo $?":
            return f"{self.last_code}\n"
        result = subprocess.run(
            ["bash", "-c", command],
            cwd=self.project.directory,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST_COMMAND_SECONDS,
            check=False,
        )
        self.last_code = result.returncode
        return result.stdout


@contextmanager
def open_desk(folder: Path, stack: str, *, name: str = "dev") -> Iterator[Desk]:
    """A desk where this stack has been applied to a fresh emulator."""
    with (
        run_clouds(folder / "clouds") as clouds,
        Project(folder / "shop", name="shop", stack=name, environment={**clouds.environ, **SECRETS}) as project,
    ):
        (project.directory / "stacks").mkdir()
        (project.directory / "secrets").mkdir()
        (project.directory / "secrets" / "imported.key").write_bytes(bytes(range(16)))
        (project.directory / "stacks" / f"{name}.yaml").write_text(stack, encoding="utf-8")
        project.write(read(ROOT / "__main__.py"))
        applied = project.run(["up", "--yes", "--skip-preview"])
        assert applied.returncode == 0, applied.stdout + applied.stderr
        environ = project.variables()
        tools = (Path(sys.prefix) / "bin", Path(engine().path).parent)
        environ["PATH"] = os.pathsep.join([*map(str, tools), environ["PATH"]])
        yield Desk(project, environ)


def exchanges(block: Block) -> Iterator[tuple[str, str]]:
    """The commands of a session, each with the output that is shown for it."""
    for text in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, output = text.partition("\n")
        yield command, output


def is_session(block: Block) -> bool:
    """Whether a reader types something in it."""
    return not block.language and block.text.startswith("$ ")


def fits(shown: str, printed: str) -> bool:
    """Whether the output is what the page shows; `…` on the page stands for anything within a line."""
    pattern = r"[^\n]*".join(re.escape(part) for part in shown.rstrip("\n").split("…"))
    return re.fullmatch(pattern, printed.rstrip("\n")) is not None
