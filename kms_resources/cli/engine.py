"""`kms engine`: where the Pulumi engine is and how it got there; fetched or built when there is none."""

from __future__ import annotations

import click


@click.command("engine")
def command() -> None:
    """Find, fetch or build the Pulumi engine; say where it is and how it got there.

    Inside a virtual environment it also becomes its `pulumi` command, unless there is one already.
    """
    from kms_resources.engine import EngineError, ensure_engine, link_into_environment
    from kms_resources.engine.__main__ import describe
    from kms_resources.errors import EngineProblem

    try:
        engine = ensure_engine(lambda line: click.echo(line, err=True))
        link = link_into_environment(engine)
    except EngineError as error:
        raise EngineProblem(error.message, advice=error.advice) from None
    click.echo(describe(engine))
    if link:
        click.echo(f"In this environment it is the command {link}")
