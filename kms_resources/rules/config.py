"""`kms-rules.yaml`: which rules count how much, and which findings are accepted until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path as FilePath
from typing import cast

from kms_resources.errors import InputError
from kms_resources.nodes import Document, Mapping_, Scalar
from kms_resources.nodes import Sequence as List
from kms_resources.problems import Path, Position, Problem, in_order
from kms_resources.redact import show
from kms_resources.rules.registry import RULES
from kms_resources.rules.schema import OFF, rules_schema
from kms_resources.rules.words import Rule, RuleSeverity, Values
from kms_resources.source import parse, read_file
from kms_resources.stack.fields import Fields, tainted_paths
from kms_resources.stack.places import plain
from kms_resources.stack.structure import check_structure

USUAL = "kms-rules.yaml"
_WORDS: Mapping[str, frozenset[str]] = {name: frozenset({OFF}) for name in RULES}


@dataclass(frozen=True)
class Setting:
    """How one rule counts in a project."""

    rule: Rule
    severity: RuleSeverity | None
    """None: switched off."""
    values: Values


@dataclass(frozen=True)
class Ignore:
    """Findings that are accepted."""

    rule: str
    reason: str
    until: date
    """The last day on which it counts."""
    position: Position
    path_in_config: Path
    key: str = ""
    path: Path = ()
    file: str = ""

    def covers(self, rule: str, key: str, path: Path, file: str) -> bool:
        """Whether it is about this finding, its end aside."""
        of_key = not self.key or self.key == key
        of_path = not self.path or self.path == path[: len(self.path)]
        return self.rule == rule and of_key and of_path and self.concerns(file)

    def concerns(self, file: str) -> bool:
        """Whether it could be about anything in this stack file."""
        return not self.file or FilePath(self.file) == FilePath(file)


@dataclass(frozen=True)
class Config:
    """Everything that a project says about the rules."""

    settings: Mapping[str, Setting] = field(
        default_factory=lambda: {rule.id: Setting(rule, rule.severity, rule.values()) for rule in RULES.values()}
    )
    ignored: tuple[Ignore, ...] = ()
    file: str = ""
    """Empty: nothing but what is usual."""


class InvalidRulesError(InputError):
    """The file about the rules is not valid. `problems` holds everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def load_config(path: str | FilePath) -> Config:
    """The configuration in a file. Raises `InvalidRulesError` with everything that is wrong."""
    return _config(read_file(FilePath(path), _WORDS))


def read_config(data: bytes, file: str) -> Config:
    """The configuration in a text that is in no file (any more); `file` is what messages call it."""
    return _config(parse(data, file, _WORDS))


def usual_config(folder: str | FilePath = ".") -> Config:
    """What `kms-rules.yaml` of a folder says; without that file what is usual."""
    path = FilePath(folder) / USUAL
    return load_config(path) if path.is_file() else Config()


def _config(document: Document) -> Config:
    problems = list(document.problems)
    if document.root is not None:
        problems += check_structure(document.root, frozenset(), rules_schema())
    if not isinstance(document.root, Mapping_):
        raise InvalidRulesError(problems)
    top = Fields(document.root, (), tainted_paths(problems), document.root.position)
    ignored = _ignored(top, problems)
    if problems:
        raise InvalidRulesError(problems)
    return Config(dict(_settings(top.below("rules"))), ignored, document.file)


def _settings(fields: Fields) -> list[tuple[str, Setting]]:
    found = []
    for rule in RULES.values():
        node = fields.get(rule.id)
        severity: RuleSeverity | None = rule.severity
        given: dict[str, object] = {}
        if isinstance(node, Scalar):
            severity = None if node.text == OFF else RuleSeverity(node.text)
        elif isinstance(node, Mapping_):
            given = cast("dict[str, object]", plain(node))
            severity = RuleSeverity(str(given.pop("severity", rule.severity)))
        found.append((rule.id, Setting(rule, severity, rule.values(given))))
    return found


def _ignored(top: Fields, problems: list[Problem]) -> tuple[Ignore, ...]:
    # Not `top.get`: what is wrong with one entry must not hide what is wrong with the next.
    node = top.node.entries.get("ignore") if top.node else None
    found = []
    for place, item in enumerate(node.items if isinstance(node, List) else []):
        if isinstance(item, Mapping_) and ("ignore", str(place)) not in top.tainted:
            one = _ignore(Fields(item, ("ignore", str(place)), top.tainted, item.position), problems)
            found += [one] if one else []
    return tuple(found)


def _ignore(fields: Fields, problems: list[Problem]) -> Ignore | None:
    rule, key, path = fields.text("rule"), fields.text("key"), fields.text("path")
    if not key and not path:
        message = "it names neither a key nor a path, so it would accept everything that the rule finds"
        problems.append(Problem(fields.position, fields.path, "boundless-ignore", message, "key or path"))
        return None
    try:
        until = date.fromisoformat(fields.text("until"))
    except ValueError:
        message = f"{show(fields.text('until'))} is no day of the calendar"
        problems.append(
            Problem(fields.at("until"), (*fields.path, "until"), "no-day", message, "such as 2027-03-31, in quotes")
        )
        return None
    parts = tuple(path.split(".")) if path else ()
    return Ignore(rule, fields.text("reason"), until, fields.position, fields.path, key, parts, fields.text("file"))
