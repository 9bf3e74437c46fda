"""Findings of the rules about HEAD, as part of a review.

A mandatory finding counts whether or not BASE has it too: it stops merges until somebody accepts it with a reason and
an end. An advisory one that BASE has too is counted in a note only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kms_resources.problems import count
from kms_resources.review.snapshot import Side
from kms_resources.review.words import Finding, Grade
from kms_resources.review.worlds import accounts_told
from kms_resources.rules import Config, Findings, Places, RuleSeverity, check_all

GRADES = {RuleSeverity.MANDATORY: Grade.HIGH, RuleSeverity.ADVISORY: Grade.LOW}


@dataclass(frozen=True)
class Asked:
    """How to ask the rules."""

    config: Config
    today: date


@dataclass(frozen=True)
class Answer:
    """What they say."""

    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


def findings_of(base: Side, head: Side, asked: Asked, account: str = "") -> Answer:
    """What the rules say about HEAD. `account` is one's own, where it is known; clouds may tell it too."""
    now, then = _all(head, asked, account), _all(base, asked, account)
    known = {(one.rule, one.path, one.message) for one in then.found}
    shown = []
    old = 0
    for one in now.found:
        is_known = (one.rule, one.path, one.message) in known
        if is_known and one.severity is RuleSeverity.ADVISORY:
            old += 1
            continue
        what = f"{one.message}{' (BASE has it too)' if is_known else ''}"
        shown.append(Finding(one.rule, what, GRADES[one.severity], one.position, one.key))
    for problem in now.problems:
        shown.append(Finding(problem.id, problem.message, Grade.HIGH, problem.position))  # noqa: PERF401
    notes = [note.message for note in now.notes]
    if old:
        notes.append(f"{count(old, 'advisory finding')} of rules that BASE has too")
    if now.accepted:
        notes.append(f"{count(len(now.accepted), 'finding')} of rules accepted by {asked.config.file}")
    return Answer(tuple(shown), tuple(notes))


def _all(side: Side, asked: Asked, account: str) -> Findings:
    stacks = [(one.stack, Places(one.stack, one.root)) for one in side.stacks.values()]
    told = {one.stack.file: _told(side, name) for name, one in side.stacks.items()} if side.identities else {}
    return check_all(stacks, asked.config, asked.today, account=account, told=told)


def _told(side: Side, name: str) -> dict[str, str]:
    """The account of each key that has a policy; keys that are still to be made are in that of their target."""
    accounts = accounts_told(side, name)
    targets = {policy.key: policy.target for policy in side.stacks[name].stack.uses.policies}
    return {key: accounts.get((one.cloud, one.credentials), "") for key, one in targets.items()}
