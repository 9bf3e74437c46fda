"""`kms review`: who gains and who loses by a change to stacks, for whoever has to merge it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kms_resources.review.run import Options
    from kms_resources.review.snapshot import Side
    from kms_resources.review.words import Report

FORMS = ("text", "markdown", "json", "sarif")
GRADES = ("low", "medium", "high", "critical")
FOUND, BLOCKED = 1, 4


@click.command("review")
@click.argument("base", required=False, default="")
@click.argument("head", required=False, default="")
@click.option(
    "--file", "-f", "files", multiple=True, metavar="PATH", help="A stack file of both revisions; may repeat."
)
@click.option("--merge-base", is_flag=True, help="Compare with the last common ancestor, as merge requests do.")
@click.option("--cloud", "cloud", is_flag=True, help="Compare stack files (BASE, or --file) with what the clouds have.")
@click.option("--project", default="", help="With --cloud: the project's name in the keys' markers.")
@click.option("--stack", default="", help="With --cloud: the stack's name; otherwise that of the file.")
@click.option("--account", default="", metavar="ID", help="The number of the own account.")
@click.option("--deployer", default="", metavar="PRINCIPAL", help="The identity that deploys, such as role/ci.")
@click.option("--trust", "trust", type=click.Path(exists=True, dir_okay=False), help="JSON: who may assume which role.")
@click.option("--rules/--no-rules", "with_rules", default=True, help="Whether the rules about HEAD count too.")
@click.option("--rules-file", type=click.Path(exists=True, dir_okay=False), help="Instead of kms-rules.yaml here.")
@click.option("--fail-on", type=click.Choice(GRADES), default="medium", show_default=True, help="From which grade on.")
@click.option("--format", "form", type=click.Choice(FORMS), default="text", show_default=True, help="How to report.")
@click.option("--output", "-o", type=click.Path(dir_okay=False, writable=True), help="A file for the report.")
@click.pass_context
def command(  # noqa: PLR0917, RUF100
    ctx: click.Context,
    base: str,
    head: str,
    files: tuple[str, ...],
    merge_base: bool,  # noqa: FBT001, RUF100
    cloud: bool,  # noqa: FBT001, RUF100
    project: str,
    stack: str,
    account: str,
    deployer: str,
    trust: str | None,
    with_rules: bool,  # noqa: FBT001, RUF100
    rules_file: str | None,
    fail_on: str,
    form: str,
    output: str | None,
) -> None:
    """Who gains, who loses, and can we still get back in: a change to stacks, from BASE to HEAD.

    BASE and HEAD are git revisions, or two files; without HEAD the working tree counts. Stacks are read with git,
    nothing is checked out, and neither the engine nor credentials are needed. With --cloud a stack is compared with
    what the clouds have now, with the usual credentials.

    Each gain and loss comes with one concrete request that was put to the evaluator of the cloud's own rules under
    both sides.

    Exit code: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage or an invalid stack, 3 cloud or credentials,
    4 blocked, because nobody could change a policy any more.
    """
    with _no_garbage():
        before, after = _sides(base, head, files, (project, stack), merge_base=merge_base, cloud=cloud)
        report = _report(before, after, _options(account, deployer, trust, rules_file, with_rules=with_rules))
    shown = _shown(report, form, for_file=output is not None)
    if output is None:
        click.echo(shown, nl=not shown.endswith("\n"))
    else:
        _write(Path(output), shown if shown.endswith("\n") else shown + "\n")
    if report.blocked:
        ctx.exit(BLOCKED)
    if report.grade.value != "none" and report.grade.rank > GRADES.index(fail_on):
        ctx.exit(FOUND)


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Many small objects are made and none is dropped before the end: looking for garbage would cost a quarter."""
    import gc

    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _report(before: Side, after: Side, options: Options) -> Report:
    from kms_resources.review.run import review

    return review(before, after, options)


def _sides(
    base: str, head: str, files: tuple[str, ...], marker: tuple[str, str], *, merge_base: bool, cloud: bool
) -> tuple[Side, Side]:
    from kms_resources.review import sources

    if cloud:
        from kms_resources.review.cloud import from_cloud

        if head or merge_base:
            raise click.UsageError("--cloud compares stack files with the clouds; there is no HEAD and no --merge-base")
        named = (*([base] if base else []), *files) or tuple(sorted(map(str, Path().glob(sources.USUAL))))
        return from_cloud([Path(name) for name in named], *marker)
    if not base:
        raise click.UsageError("BASE is missing: a revision such as main, or a file; or --cloud")
    paths = [Path(name) for name in (base, head) if name]
    if all(path.is_file() for path in paths) and not files:
        if not head:
            raise click.UsageError(f"{base} is a file, so HEAD has to be one too")
        if merge_base:
            raise click.UsageError("--merge-base is about revisions, not about files")
        return sources.from_files(*paths)
    return sources.from_revisions(Path(), base, head, files, merge_base=merge_base)


def _options(account: str, deployer: str, trust: str | None, rules_file: str | None, *, with_rules: bool) -> Options:
    from datetime import UTC, datetime

    from kms_resources.review.roles import read_trust
    from kms_resources.review.rules import Asked
    from kms_resources.review.run import Options
    from kms_resources.rules import load_config, usual_config

    asked, now = None, datetime.now(UTC)
    if with_rules:
        config = load_config(rules_file) if rules_file else usual_config()
        asked = Asked(config, now.date())
    return Options(account, deployer, read_trust(Path(trust)) if trust else {}, asked, now)


def _shown(report: Report, form: str, *, for_file: bool) -> str:
    import os
    import shutil
    import sys

    if form == "markdown":
        from kms_resources.review.markdown import markdown

        return markdown(report)
    if form == "json":
        from kms_resources.review.as_json import as_json

        return as_json(report)
    if form == "sarif":
        from kms_resources.review.sarif import sarif

        return sarif(report)
    from kms_resources.review.text import WIDTH, text

    terminal = not for_file and sys.stdout.isatty()
    width = shutil.get_terminal_size((WIDTH, 24)).columns if terminal else WIDTH
    return text(report, width=width, colour=terminal and not os.environ.get("NO_COLOR"))


def _write(path: Path, shown: str) -> None:
    from kms_resources.errors import InputError

    try:
        path.write_text(shown, encoding="utf-8")
    except OSError as error:
        raise InputError("cannot be written", where=str(path), why=(error.strerror or "").lower()) from None
