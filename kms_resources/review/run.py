"""The review itself: from two sides to a report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from kms_resources.access.clouds import CLOUDS
from kms_resources.access.words import Document, parse_principal
from kms_resources.errors import InputError
from kms_resources.problems import Position
from kms_resources.review.aliases import alias_subjects
from kms_resources.review.key_access import KeyAccess, Pair
from kms_resources.review.keys import added, changed, position_of, removed
from kms_resources.review.notes import notes_of, open_rules_of
from kms_resources.review.others import others
from kms_resources.review.points import container_subjects, point_subjects
from kms_resources.review.rules import Answer, Asked, findings_of
from kms_resources.review.snapshot import Side, StackSide
from kms_resources.review.words import Change, Finding, Report, Status, Subject
from kms_resources.review.worlds import OWN, Scope
from kms_resources.stack.types import Stack


@dataclass(frozen=True)
class Options:
    """What is given beside the two sides."""

    account: str = ""
    """The number of the own account; empty: not known."""
    deployer: str = ""
    """The identity that deploys, in the short form: `role/ci`."""
    trust: Mapping[str, tuple[Document, ...]] = field(default_factory=dict)
    """Cloud → who may assume which role there."""
    rules: Asked | None = None
    """How to ask the rules about HEAD; None: they are not asked."""
    now: datetime | None = None
    """From when on somebody must be able to change the policies; None: times are not looked at."""


def review(base: Side, head: Side, options: Options | None = None) -> Report:
    """Everything that somebody who merges HEAD should know. Raises `InputError` for options that mean nothing."""
    given = options or Options()
    if given.account and not given.account.isdigit():
        raise InputError(f"{given.account!r} is no account; allowed: its number, or at CTYun nothing")
    if given.deployer:
        try:
            parse_principal(given.deployer, OWN)
        except ValueError as error:
            raise InputError(str(error), where="--deployer") from None
    if given.trust and not given.account:
        raise InputError("trust documents name accounts, so the own one must be known", advice="give --account too")
    scope = Scope(given.account, given.trust, given.now)
    subjects: list[Subject] = []
    for name in sorted({*base.stacks, *head.stacks}):
        pair = Pair(base, head, name)
        subjects += _key_subjects(pair, KeyAccess(pair, scope, given.deployer))
        subjects += alias_subjects(pair, scope)
        subjects += point_subjects(pair, scope)
        subjects += _other_subjects(pair)
        subjects += container_subjects(pair, scope)
    answer = findings_of(base, head, given.rules, given.account) if given.rules else Answer()
    subjects, rest = _with_findings(subjects, answer.findings)
    ordered = tuple(sorted(subjects, key=_order))
    rules = {rule: question for cloud in CLOUDS.values() for rule, question in _questions(cloud.rules)}
    details = {rule: rules.get(rule, "a condition outside of what can be decided") for rule in open_rules_of(ordered)}
    files = tuple(sorted({one.stack.file for one in head.stacks.values()}))
    return Report(
        base.label,
        head.label,
        files,
        ordered,
        (base.keys, head.keys),
        tuple(rest),
        (*notes_of(base, head, ordered, given.account), *answer.notes),
        details,
    )


def _questions(rules: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, rule in rules.items():
        yield name, str(getattr(rule, "question", ""))


def _order(subject: Subject) -> tuple[int, int, str, str, str]:
    return (0 if subject.blocked else 1, -subject.grade.rank, subject.position.file, subject.kind, subject.name)


def _key_subjects(pair: Pair, access: KeyAccess) -> Iterator[Subject]:
    for name in pair.key_names:
        old, new = pair.keys(name)
        if old is None and new is None:
            continue
        changes: list[Change]
        if new is None:
            changes = list(removed(old)) if old else []
        elif old is None:
            changes = list(added(new))
        else:
            changes = [] if old == new else list(changed(old, new))
        compared, more, notes = access.of(name)
        changes += more
        if not changes and compared is None:
            continue
        present = new or old
        target = present.target.name if present else ""
        status = Status.REMOVED if new is None else Status.ADDED if old is None else Status.CHANGED
        side = pair.new
        placed = tuple(position_of(one, name, side) if side and new else one for one in changes)
        yield Subject("key", name, target, status, pair.at("keys", name), compared, placed, notes=notes)


def _other_subjects(pair: Pair) -> Iterator[Subject]:
    nothing = Stack("", {}, ())
    old, new = pair.old, pair.new
    for one in others(old.stack if old else nothing, new.stack if new else nothing):
        position = pair.at(*one.path)
        changes = tuple(replace(each, position=_below(new, one.path, position)) for each in one.changes)
        yield Subject(one.kind, one.name, one.target, one.status, position, None, changes)


def _below(side: StackSide | None, path: Sequence[str], otherwise: Position) -> Position:
    return side.at(*path) if side else otherwise


def _with_findings(subjects: list[Subject], found: Iterable[Finding]) -> tuple[list[Subject], list[Finding]]:
    """Findings of rules about keys that change stand with them; the rest stands alone."""
    rest = []
    places = {(one.kind, one.name, one.position.file): index for index, one in enumerate(subjects)}
    for finding in found:
        file = finding.position.file if finding.position else ""
        index = places.get(("key", finding.subject, file))
        if index is None:
            rest.append(finding)
        else:
            subject = subjects[index]
            subjects[index] = replace(subject, findings=(*subject.findings, finding))
    return subjects, rest
