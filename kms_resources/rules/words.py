"""The words of rules: what a rule is, what it looks at, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from kms_resources.model import DesiredKey, Target
from kms_resources.problems import Path, Position
from kms_resources.rules.grants import Grant, grants_of
from kms_resources.uses import DesiredAccessPoint, DesiredPolicy

Values = Mapping[str, object]
"""A rule's parameters by name, defaults included."""


class RuleSeverity(StrEnum):
    """What a finding means for whoever merges. The values are the words of Pulumi's policy packs."""

    ADVISORY = "advisory"
    """Worth a look."""
    MANDATORY = "mandatory"
    """Not without an entry below `ignore`."""


class ParameterKind(StrEnum):
    """What a parameter's value is."""

    DAYS = "days"
    TEXT = "text"
    TEXTS = "texts"


@dataclass(frozen=True)
class Parameter:
    """Something about a rule that a project may decide."""

    name: str
    kind: ParameterKind
    default: object
    description: str
    example: object
    pattern: str = r"\S"
    """What a text has to match."""
    rule_of_text: str = "text that is not empty"
    """The pattern in words."""
    low: int = 0
    high: int = 3650


@dataclass(frozen=True)
class Credential:
    """A credential of an access point, as far as a rule has to know it."""

    point: str
    """The access point's name in the stack."""
    id: str
    ends: date


@dataclass(frozen=True)
class Scene:
    """What rules look at: a whole stack, or one resource of a Pulumi program."""

    today: date
    targets: tuple[Target, ...] = ()
    keys: tuple[DesiredKey, ...] = ()
    policies: tuple[DesiredPolicy, ...] = ()
    points: tuple[DesiredAccessPoint, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Secrets, and the name of the key that encrypts each."""
    credentials: tuple[Credential, ...] = ()
    """Those that somebody asked the cloud for; a file does not know any."""
    accounts: Mapping[str, str] = field(default_factory=dict)
    """The account that owns a key, where it is known."""

    @cached_property
    def grants(self) -> tuple[tuple[DesiredPolicy, tuple[Grant, ...]], ...]:
        """The policies and what each gives and takes: several rules ask, and it takes a while."""
        return tuple((policy, grants_of(policy)) for policy in self.policies)


@dataclass(frozen=True)
class Hit:
    """What a rule found, before anybody knows where in a file that stands."""

    path: Path
    """As in a stack file: `keys`, `orders`, `rotation`. The last parts may be missing in the file."""
    message: str
    key: str = ""
    """The key that it is about, if it is about one."""


Look = Callable[[Scene, Values], Iterable[Hit]]


class Subject(StrEnum):
    """What a rule is about, which decides where it can be asked."""

    KEY = "keys"
    POLICY = "policies"
    POINT = "access points"
    TARGET = "targets"
    """In stack files only: a gateway is no part of the resources."""
    CREDENTIAL = "credentials of access points"
    """Only with the cloud's answer at hand."""
    STACK = "the whole stack"


@dataclass(frozen=True)
class Rule:
    """One rule. `look` is pure: the same scene gives the same hits."""

    id: str
    """Stable, kebab-case; configuration files and scripts name it."""
    severity: RuleSeverity
    """Unless a project decides otherwise."""
    subjects: tuple[Subject, ...]
    title: str
    """One sentence without full stop: what it finds."""
    reason: str
    """Why somebody should care."""
    remedy: str
    """What to do instead."""
    bad: str
    """A stack file (without `version` and targets) in which it finds something."""
    good: str
    """The same put right."""
    look: Look
    parameters: tuple[Parameter, ...] = ()

    def values(self, given: Values | None = None) -> Values:
        """The parameters: what is given, and the defaults for the rest."""
        return {each.name: (given or {}).get(each.name, each.default) for each in self.parameters}


@dataclass(frozen=True)
class Finding:
    """What a rule found, at its place in a file."""

    rule: str
    severity: RuleSeverity
    position: Position
    path: Path
    message: str
    key: str = ""
    advice: str = ""

    def __str__(self) -> str:
        where = f"{'.'.join(self.path)}: " if self.path else ""
        return f"{self.position}: {self.severity} {self.rule}: {where}{self.message}"
