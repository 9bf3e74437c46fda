"""`kms validate`: check stack files without any network or credentials."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kms_resources.problems import Problem, Report

USUAL = "stacks/*.yaml"
FOUND = 1


@click.command("validate")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to report.")
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], form: str) -> None:
    """Check stack files: FILES, or stacks/*.yaml.

    Reads nothing but the files. All problems of all files are reported in one run, each with file:line:column, the
    reason and what is allowed.

    Exit code: 0 no problems, 1 problems found, 2 wrong usage.
    """
    from kms_resources.stack import check_files

    paths = files or tuple(sorted(map(str, Path().glob(USUAL))))
    if not paths:
        raise click.UsageError(f"there is no file {USUAL} here; name the files, or go to the directory that has them")
    report = check_files(paths)
    click.echo(_json(report) if form == "json" else _text(report))
    if report.problems:
        ctx.exit(FOUND)


def _text(report: Report) -> str:
    from kms_resources.problems import in_order

    lines = [str(problem) for problem in in_order([*report.problems, *report.notes])]
    return "\n".join([*lines, report.summary])


def _json(report: Report) -> str:
    import json

    from kms_resources.problems import in_order

    document = {
        "version": 1,
        "files": list(report.files),
        "keys": report.keys,
        "problems": [_problem(problem) for problem in in_order(report.problems)],
        "notes": [_problem(note) for note in in_order(report.notes)],
        "summary": report.summary,
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _problem(problem: Problem) -> dict[str, str | int]:
    return {
        "file": problem.position.file,
        "line": problem.position.line,
        "column": problem.position.column,
        "path": problem.pointer,
        "id": problem.id,
        "severity": str(problem.severity),
        "message": problem.message,
        "allowed": problem.allowed,
    }
