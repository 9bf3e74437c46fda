"""Write the generated parts of the documentation, or with --check say which are stale: `make docs`.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`. Everything in it comes from the code: the
clouds' tables, the docstrings of their clients, the command line's own help, the schema of stack files. A file whose
name ends in `.zh-CN.md` gets the part in Chinese, with the words of `words.zh-CN.json`; what is not there stays as
the code has it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from kms_resources.capabilities import Answer, Capability, Offer
from kms_resources.cli import COMMANDS, main
from kms_resources.clouds import Cloud
from kms_resources.model import Origin, Spec, Usage
from kms_resources.rules import RULES
from kms_resources.rules.schema import rules_schema
from tools.parts import Word, clouds, code, table
from tools.permissions import TITLES, access_permissions, calls, permissions, use_permissions

ROOT = Path(__file__).resolve().parent.parent
FILES = (
    "README.md",
    "README.zh-CN.md",
    "docs/capabilities.md",
    "docs/capabilities.zh-CN.md",
    "docs/commands.md",
    "docs/permissions.md",
    "docs/rules.md",
    "docs/stack.md",
)
RULES_SCHEMA = "schema/rules.schema.json"
PART = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
HELP_WIDTH = 100
STALE = 1
USAGES = {Usage.ENCRYPT_DECRYPT: "encrypt", Usage.SIGN_VERIFY: "sign", Usage.GENERATE_VERIFY_MAC: "MAC"}

WORDS = ROOT / "tools" / "words.zh-CN.json"


def lifecycle() -> list[Capability]:
    """What is about keys themselves: the capabilities before those of their use."""
    return list(Capability)[: list(Capability).index(Capability.ENCRYPT)]


def in_use() -> list[Capability]:
    """What is about the use of keys."""
    return [one for one in Capability if one not in lifecycle()]


def capabilities(word: Word) -> str:
    """Clouds × capabilities of the keys themselves."""
    return _answers(lifecycle(), word)


def uses(word: Word) -> str:
    """Clouds × capabilities of keys in use."""
    return _answers(in_use(), word)


def _answers(some: Sequence[Capability], word: Word) -> str:
    rows = [
        [
            word(capability.value),
            *(word(row.answer if (row := cloud.limits.supports.get(capability)) else Answer.NO) for cloud in clouds()),
        ]
        for capability in some
    ]
    return table([word("capability"), *(word(cloud.title) for cloud in clouds())], rows)


def reasons(word: Word) -> str:
    """The reason behind each answer that is not a yes, by cloud; what has the same reason stands together."""
    parts = []
    for cloud in clouds():
        found: dict[str, list[str]] = {}
        for capability in Capability:
            if not cloud.limits.has(capability):
                found.setdefault(cloud.limits.why_not(capability), []).append(word(capability.value))
        lines = [f"- {word(', ').join(names)}{word(': ')}{word(why)}{word('.')}" for why, names in found.items()]
        parts.append(f"### {word(cloud.title)}\n\n" + "\n".join(lines))
    return "\n\n".join(parts)


def specs(word: Word) -> str:
    """Specs × clouds: what a key of the spec may be used for, and where."""
    rows = [
        [f"`{spec}`", *(_offers([o for o in cloud.limits.offers if o.spec is spec], word) for cloud in clouds())]
        for spec in Spec
    ]
    return table(["spec", *(word(cloud.title) for cloud in clouds())], rows)


def _offers(offers: Sequence[Offer], word: Word) -> str:
    texts = []
    for offer in offers:
        parts = [word(USAGES[usage]) for usage in offer.usages]
        parts += [word("import")] if Origin.EXTERNAL in offer.origins else []
        parts += [f"`{level}`" for level in offer.protections]
        where = word("; ") + word(offer.where_text) if offer.where_text != Offer.where_text else ""
        texts.append(word(", ").join(parts) + where)
    return "<br>".join(texts) or "–"


def limits(word: Word) -> str:
    """Limits × clouds."""
    rows: list[tuple[str, Callable[[Cloud], str]]] = [
        ("deletion window, days", lambda cloud: "{} – {}".format(*cloud.limits.window_days)),
        ("rotation period, days", lambda cloud: "{} – {}".format(*cloud.limits.rotation_days)),
        ("description, bytes", lambda cloud: str(cloud.limits.description_bytes)),
        ("tags of a key", lambda cloud: str(cloud.limits.tags)),
        ("alias", lambda cloud: word(cloud.limits.alias_rule)),
        ("region", lambda cloud: word(cloud.limits.region_rule)),
        ("instance id", lambda cloud: f"`{cloud.limits.instance}`" if cloud.limits.instance else "–"),
        (
            "one encryption in the cloud, bytes",
            lambda cloud: str(cloud.crypto.plaintext_bytes) if cloud.crypto else "–",
        ),
        (
            "encryption context as JSON, characters",
            lambda cloud: str(cloud.crypto.context_characters) if cloud.crypto else "–",
        ),
        ("data key, bytes", lambda cloud: "{} – {}".format(*cloud.crypto.data_key_bytes) if cloud.crypto else "–"),
        ("value of a secret, bytes", lambda cloud: str(cloud.secrets.value_bytes) if cloud.secrets else "–"),
        ("facts checked on", lambda cloud: max(row.verified for row in cloud.limits.supports.values())),
    ]
    heads = [word("limit"), *(word(cloud.title) for cloud in clouds())]
    return table(heads, ([word(name), *(cell(cloud) for cloud in clouds())] for name, cell in rows))


def algorithms(word: Word) -> str:
    """Specs × clouds: how an asymmetric key is used; the first of each cell is taken unless another is named."""
    rows = []
    for spec in Spec:
        for usage in Usage:
            cells = [cloud.crypto.algorithms.get((spec, usage), ()) if cloud.crypto else () for cloud in clouds()]
            if any(cells):
                rows.append([f"`{spec}`", word(USAGES[usage]), *(code(some) or "–" for some in cells)])
    return table(["spec", word("use"), *(word(cloud.title) for cloud in clouds())], rows)


def overview(_word: Word) -> str:
    """`kms --help`."""
    return _help([])


def commands(_word: Word) -> str:
    """The help of every command."""
    return "\n\n".join(f"{'#' * (len(path) + 1)} kms {' '.join(path)}\n\n{_help(path)}" for path in command_paths())


def command_paths() -> list[tuple[str, ...]]:
    """Every command, and those below a group, as the words that one types."""
    context = click.Context(main)
    found: list[tuple[str, ...]] = []
    for name in COMMANDS:
        found.append((name,))
        command = main.get_command(context, name)
        if isinstance(command, click.Group):
            found += [(name, below) for below in command.commands]
    return found


def _help(path: Sequence[str]) -> str:
    context = click.Context(main, info_name="kms", terminal_width=HELP_WIDTH, **main.context_settings)
    command: click.Command = main
    for name in path:
        found = command.get_command(context, name) if isinstance(command, click.Group) else None
        if found is None:
            raise click.ClickException(f"kms has no command {name}")
        command = found
        context = click.Context(found, info_name=name, parent=context, terminal_width=HELP_WIDTH)
    return f"```\n$ {' '.join(['kms', *path])} --help\n{command.get_help(context)}\n```"


def stack(_word: Word) -> str:
    """The reference of stack files, from their schema."""
    schema = json.loads((ROOT / "schema" / "stack.schema.json").read_text(encoding="utf-8"))
    parts = [("The file", schema), *((name, part) for name, part in schema["$defs"].items() if "properties" in part)]
    return "\n\n".join(_object(name, part, schema) for name, part in parts)


def _object(name: str, part: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    heading = f"## {name if name == 'The file' else f'`{name}`'}"
    rows = []
    for field, given in part["properties"].items():
        rule = _resolved(given, schema)
        if rule.get("not") == {}:
            rows.append([f"`{field}`", "–", "–", f"Refused: {rule['description']}."])
            continue
        default = f"`{_json(rule['default'])}`" if "default" in rule else "–"
        example = next(iter(rule.get("examples", ())), None)
        shown = f" Example: `{_json(example)}`" if example is not None else ""
        required = field in part.get("required", ())
        rows.append(
            [f"`{field}`", _values(given, rule), "required" if required else default, rule["description"] + shown]
        )
    return f"{heading}\n\n{part['description']}\n\n" + table(["field", "values", "default", "meaning"], rows)


def _resolved(rule: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    if "$ref" not in rule:
        return dict(rule)
    target = schema["$defs"][rule["$ref"].rsplit("/", 1)[-1]]
    return {**_resolved(target, schema), **{name: value for name, value in rule.items() if name != "$ref"}}


def _values(given: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    reference = str(given.get("$ref", "")).rsplit("/", 1)[-1]
    match rule:
        case {"properties": _}:
            found = f"[`{reference}`](#{reference})"
        case {"enum": values}:
            found = " ".join(f"`{value}`" for value in values)
        case {"const": value}:
            found = f"`{_json(value)}`"
        case {"oneOf": choices}:
            found = " or ".join(f"`{_json(choice['examples'][0])}`" for choice in choices)
        case {"patternErrorMessage": text}:
            found = str(text)
        case {"additionalProperties": {"$ref": inner}}:
            found = "name: [`{0}`](#{0})".format(inner.rsplit("/", 1)[-1])
        case {"minimum": low, "maximum": high}:
            found = f"{low} – {high}"
        case _:
            found = {"object": "name: text", "array": "list of text", "boolean": "`true` `false`"}.get(
                rule["type"], "text"
            )
    return found


def _json(value: object) -> str:
    # As people write it in YAML.
    return re.sub(r'"([A-Za-z][\w./-]*)"', r"\1", json.dumps(value, ensure_ascii=False))


def rules(_word: Word) -> str:
    """Every rule: a table, then reason, parameters and example of each."""
    rows = [
        [f"[`{one.id}`](#{one.id})", str(one.severity), one.title, ", ".join(one.subjects)] for one in RULES.values()
    ]
    parts = [table(["rule", "severity", "finds", "about"], rows)]
    for one in RULES.values():
        lines = [f"### {one.id}", f"{one.title}. {one.reason}", f"Instead: {one.remedy}."]
        lines += [f"Parameter `{each.name}`: {each.description}" for each in one.parameters]
        lines += [f"```yaml\n# found\n{one.bad}```", f"```yaml\n# not found\n{one.good}```"]
        parts.append("\n\n".join(lines))
    return "\n\n".join(parts)


PARTS: Mapping[str, Callable[[Word], str]] = {
    "capabilities": capabilities,
    "uses": uses,
    "reasons": reasons,
    "specs": specs,
    "limits": limits,
    "algorithms": algorithms,
    "permissions": permissions,
    "use-permissions": use_permissions,
    "access-permissions": access_permissions,
    **{part: calls(part) for part in TITLES},
    "overview": overview,
    "commands": commands,
    "rules": rules,
    "stack": stack,
}


def render(text: str, word: Word) -> str:
    """The text with its generated parts written anew."""

    def fill(match: re.Match[str]) -> str:
        return f"{match[1]}\n{PARTS[match[2]](word)}\n\n{match[3]}"

    return PART.sub(fill, text)


def stale() -> Iterator[tuple[Path, str]]:
    """The files whose generated parts are not what the code says, each with the right text."""
    chinese: dict[str, str] = json.loads(WORDS.read_text(encoding="utf-8"))
    for name in FILES:
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        word: Word = (lambda one: chinese.get(one, one)) if name.endswith(".zh-CN.md") else str
        fresh = render(text, word)
        if fresh != text:
            yield path, fresh
    schema, made = ROOT / RULES_SCHEMA, json.dumps(rules_schema(), indent=2, ensure_ascii=False) + "\n"
    if schema.is_file() and schema.read_text(encoding="utf-8") != made:
        yield schema, made


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when something is stale.")
@click.pass_context
def generate(ctx: click.Context, *, check: bool) -> None:
    """Write the generated parts of the documentation."""
    found = list(stale())
    for path, text in found:
        if not check:
            path.write_text(text, encoding="utf-8")
        click.echo(f"{path.relative_to(ROOT)}: {'stale, run make docs' if check else 'written'}")
    if check and found:
        ctx.exit(STALE)


if __name__ == "__main__":
    generate()
