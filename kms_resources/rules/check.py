"""Ask every rule about a stack: findings with their places, what is accepted, and which acceptances are of no use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from kms_resources.problems import Problem, Severity, count, in_order
from kms_resources.rules.config import Config, Ignore
from kms_resources.rules.places import Places
from kms_resources.rules.scene import scene_of
from kms_resources.rules.words import Credential, Finding, Hit, RuleSeverity, Scene
from kms_resources.stack.types import Stack


@dataclass(frozen=True)
class Accepted:
    """A finding, and the entry that accepts it."""

    finding: Finding
    ignore: Ignore


@dataclass(frozen=True)
class Findings:
    """What the rules say about one stack."""

    found: tuple[Finding, ...] = ()
    """From the top of the file to its end."""
    accepted: tuple[Accepted, ...] = ()
    problems: tuple[Problem, ...] = ()
    """What is wrong with the list of accepted findings: entries past their end."""
    notes: tuple[Problem, ...] = ()
    """Entries that accept nothing any more."""

    @property
    def mandatory(self) -> tuple[Finding, ...]:
        """Those that stop a merge."""
        return tuple(one for one in self.found if one.severity is RuleSeverity.MANDATORY)

    @property
    def advisory(self) -> tuple[Finding, ...]:
        """Those that are worth a look."""
        return tuple(one for one in self.found if one.severity is RuleSeverity.ADVISORY)

    @property
    def clean(self) -> bool:
        """Whether nothing stands against the stack: no mandatory finding, and no acceptance past its end."""
        return not self.mandatory and not self.problems

    @property
    def summary(self) -> str:
        """The findings in one line."""
        parts = [count(len(self.found), "finding")]
        if self.mandatory:
            parts.append(f"{len(self.mandatory)} mandatory")
        if self.accepted:
            parts.append(f"{len(self.accepted)} accepted")
        return ", ".join(parts)


def check(
    stack: Stack,
    config: Config,
    today: date,
    *,
    places: Places | None = None,
    account: str = "",
    credentials: Iterable[Credential] = (),
) -> Findings:
    """Everything that the rules find in a stack.

    `places` knows where things stand when the stack's text is not in its file (any more), such as that of another
    revision. `account` is the number of one's own account, where it is known. `credentials` are what the cloud said
    about the access points, if somebody asked it.
    """
    return check_all([(stack, places)], config, today, account=account, credentials=credentials)


def check_all(
    stacks: Iterable[tuple[Stack, Places | None]],
    config: Config,
    today: date,
    *,
    account: str = "",
    told: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    credentials: Iterable[Credential] = (),
) -> Findings:
    """The same for several stacks together: an entry that one of them needs is of use.

    `told` is what clouds said: a stack's file and a key → the account of the key.
    """
    given = list(stacks)
    asked = tuple(credentials)
    found: list[Finding] = []
    accepted: list[Accepted] = []
    for stack, places in given:
        scene = scene_of(stack, today, asked, account, told.get(stack.file, {}))
        whereabouts = places or Places(stack)
        for finding in _findings(scene, config, whereabouts):
            entry = _accepting(finding, config, today)
            if entry:
                accepted.append(Accepted(finding, entry))
            else:
                found.append(finding)
    files = [stack.file for stack, _ in given]
    used = {id(one.ignore) for one in accepted}
    about = [one for one in config.ignored if any(one.concerns(file) for file in files)]
    return Findings(
        tuple(sorted(found, key=lambda one: (files.index(one.position.file), one.position[1:], one.rule))),
        tuple(accepted),
        in_order(_past(one) for one in config.ignored if one.until < today),
        in_order(_unused(one) for one in about if id(one) not in used and one.until >= today),
    )


def hits(scene: Scene, config: Config) -> Iterator[tuple[str, RuleSeverity, Hit]]:
    """What every rule that is switched on finds, without places."""
    for setting in config.settings.values():
        if setting.severity is not None:
            for hit in setting.rule.look(scene, setting.values):
                yield setting.rule.id, setting.severity, hit


def _findings(scene: Scene, config: Config, places: Places) -> Iterator[Finding]:
    for rule, severity, hit in hits(scene, config):
        advice = config.settings[rule].rule.remedy
        yield Finding(rule, severity, places.at(hit.path), hit.path, hit.message, hit.key, advice)


def _accepting(finding: Finding, config: Config, today: date) -> Ignore | None:
    entries = (one for one in config.ignored if one.until >= today)
    file = finding.position.file
    return next((one for one in entries if one.covers(finding.rule, finding.key, finding.path, file)), None)


def _past(entry: Ignore) -> Problem:
    message = f"{entry.rule} was accepted until {entry.until}, and that day is over"
    allowed = "a later day with a reason that still holds, or the stack put right and no entry"
    return Problem(entry.position, entry.path_in_config, "ignore-past-its-end", message, allowed)


def _unused(entry: Ignore) -> Problem:
    message = f"nothing that {entry.rule} finds is accepted by this entry; take it out"
    return Problem(entry.position, entry.path_in_config, "unused-ignore", message, severity=Severity.NOTE)
