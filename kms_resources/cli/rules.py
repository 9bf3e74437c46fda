"""`kms rules`: list the rules, or explain one. `kms review` says what they find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kms_resources.rules import Config, Rule

OFF = "off"


@click.command("rules")
@click.argument("rule", required=False)
@click.option(
    "--config",
    "file",
    type=click.Path(exists=True, dir_okay=False),
    help="Severities, parameters and accepted findings; kms-rules.yaml where there is one.",
)
def command(rule: str | None, file: str | None) -> None:
    """List the rules that reviews and the policy pack ask, or explain one: RULE.

    Severities are those of kms-rules.yaml, which is checked. `kms review` shows what the rules find.

    Exit code: 0 done, 2 no such rule, or kms-rules.yaml is wrong.
    """
    from kms_resources.rules import RULES, load_config, usual_config
    from kms_resources.stack.structure import nearest

    config = load_config(file) if file else usual_config()
    if rule is None:
        click.echo(_table(config))
    elif rule in RULES:
        click.echo(explain(RULES[rule], config))
    else:
        raise click.UsageError(f"there is no rule {rule!r}{nearest(rule, list(RULES))}")


def _table(config: Config) -> str:
    rows = [(name, str(setting.severity or OFF), setting.rule.title) for name, setting in config.settings.items()]
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    lines = [f"{name:{first}}  {severity:{second}}  {title}" for name, severity, title in rows]
    if config.ignored:
        lines += ["", f"accepted in {config.file}:"]
        lines += [
            f"  {one.rule} at {one.key or '.'.join(one.path)} until {one.until}: {one.reason}" for one in config.ignored
        ]
    return "\n".join(lines)


def explain(rule: Rule, config: Config) -> str:
    """Everything about a rule, for people."""
    import textwrap

    setting = config.settings[rule.id]
    usual = "" if setting.severity is rule.severity else f", usually {rule.severity}"
    lines = [f"{rule.id} ({setting.severity or OFF}{usual})", "", f"{rule.title}.", ""]
    lines += [*textwrap.wrap(rule.reason, 96), "", f"Instead: {rule.remedy}", ""]
    for each in rule.parameters:
        value = setting.values[each.name]
        shown = ", ".join(map(str, value)) or "none" if isinstance(value, list | tuple) else value
        lines += [f"Parameter {each.name}: {each.description} Now: {shown}.", ""]
    for title, example in (("Found in:", rule.bad), ("Not in:", rule.good)):
        lines += [title, "", textwrap.indent(example.rstrip(), "  "), ""]
    return "\n".join(lines).rstrip()
