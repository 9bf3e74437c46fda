"""`kms init`: a project of one's own, ready for `pulumi up`."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import click

from kms_resources.errors import InputError

_PROJECT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")


@click.command("init")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", help="Name of the Pulumi project; the folder's name unless given. It becomes part of each key.")
def command(directory: Path, name: str | None) -> None:
    """Make a project in DIRECTORY: Pulumi.yaml, __main__.py, a first stack, .gitignore.

    Existing files are never overwritten: when one is in the way, nothing at all is written.
    """
    project = name or directory.resolve().name
    if not _PROJECT_NAME.fullmatch(project):
        raise InputError(
            f"{project!r} cannot be the name of a project",
            why="a name begins with a letter and has at most 63 of A-Z a-z 0-9 _ -",
            advice="choose one with --name",
        )
    texts = {directory / path: text for path, text in _texts(project).items()}
    taken = sorted(str(path) for path in texts if path.exists())
    if taken:
        raise InputError("nothing was written", where=str(directory), why=f"there already is {', '.join(taken)}")
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    click.echo("\n".join(f"  {path}" for path in texts))
    click.echo(
        f"\nNext, in {directory}:\n"
        "  kms validate                              # check the stack\n"
        "  kms engine                                # make sure there is a pulumi\n"
        "  export PULUMI_BACKEND_URL=file://~        # where state is kept; s3:// and postgres:// work too\n"
        "  export PULUMI_CONFIG_PASSPHRASE=…         # encrypts what the state keeps secret\n"
        "  pulumi stack init dev\n"
        "  pulumi up\n"
        "Without an account: `kms emulator --env-file kms.env`, and `. ./kms.env` in another shell."
    )


def _texts(project: str) -> dict[str, str]:
    template = files("kms_resources.cli").joinpath("template")

    def text(name: str) -> str:
        return template.joinpath(name).read_text(encoding="utf-8")

    return {
        "Pulumi.yaml": text("Pulumi.yaml").format(name=project),
        "__main__.py": text("__main__.py.txt"),
        "stacks/dev.yaml": text("stacks/dev.yaml"),
        ".schema/stack.schema.json": schema_text(),
        ".gitignore": text("gitignore"),
    }


def schema_text() -> str:
    """The schema of stack files, for editors."""
    packaged = files("kms_resources").joinpath("schema/stack.schema.json")
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return (Path(__file__).parents[2] / "schema" / "stack.schema.json").read_text(encoding="utf-8")
