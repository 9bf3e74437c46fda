"""The sentences and tables of a report, the same in every form for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kms_resources.access.compare import Judgement, Relation
from kms_resources.access.words import ActionClass
from kms_resources.problems import count
from kms_resources.review.words import Access, Change, Control, Finding, Grant, Report, Rollback, Subject

GAIN, LOSS, BOTH, OPEN = "+", "−", "±", "?"


@dataclass(frozen=True)
class Table:
    """Principals × classes of actions."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    """Who, and a mark for each class."""


def table(access: Access) -> Table:
    """Who gains (+) and loses (−) what; ? where it depends on an open rule. Rows that are alike become one."""
    kinds = [kind for kind in ActionClass if any(kind is each.kind for each in (*access.gains, *access.losses))]
    people = dict.fromkeys(_who(grant) for grant in (*access.gains, *access.losses))
    alike: dict[tuple[str, ...], list[str]] = {}
    for who in people:
        alike.setdefault(tuple(_mark(access, who, kind) for kind in kinds), []).append(who)
    rows = tuple((", ".join(names), marks) for marks, names in alike.items())
    return Table(tuple(str(kind) for kind in kinds), rows)


def _who(grant: Grant) -> str:
    return f"{grant.principal} on {grant.on}" if grant.on else grant.principal


def _mark(access: Access, who: str, kind: ActionClass) -> str:
    gains = [grant for grant in access.gains if grant.kind is kind and _who(grant) == who]
    losses = [grant for grant in access.losses if grant.kind is kind and _who(grant) == who]
    if not gains and not losses:
        return ""
    sign = BOTH if gains and losses else GAIN if gains else LOSS
    return sign if any(grant.decided for grant in (*gains, *losses)) else sign + OPEN


LEGEND = (
    f"{GAIN} gains, {LOSS} loses, {BOTH} gains some and loses some, "
    f"{OPEN} depends on a rule that the vendor leaves open"
)


def headline(report: Report) -> str:
    """The whole report in a line."""
    what = count(len(report.subjects), "subject") if report.subjects else "nothing"
    worst = f"grade {report.grade}" + grade_note(report.grade.value, report.decided_grade.value)
    before, after = report.keys
    keys = count(after, "key") if before == after else f"{before} → {count(after, 'key')}"
    return f"{'BLOCKED: ' if report.blocked else ''}{worst}; {what} to look at, {keys}"


def grade_note(worst: str, decided: str) -> str:
    """What the grade would be if every open rule were read the harmless way."""
    return "" if worst == decided else f" ({decided} if the open rules are read the other way)"


def verdict(word: str, judgement: Judgement) -> str:
    """One half's verdict; what is undecided is named."""
    if judgement.relation is judgement.decided or not judgement.open_rules:
        return f"{word}: {judgement.relation}"
    rules = ", ".join(map(rule_name, judgement.open_rules))
    return f"{word}: perhaps {judgement.relation}, otherwise {judgement.decided}: depends on {rules}"


def verdicts(access: Access) -> list[str]:
    """The verdicts of both halves."""
    found = [verdict("administration", access.administration), verdict("use", access.use)]
    if access.unlisted is not Relation.EQUIVALENT:
        found.append(f"calls that the cloud may add one day: {access.unlisted}")
    return found


def rule_name(rule: str) -> str:
    """An open rule, or the text of a condition that cannot be decided."""
    return rule.removeprefix("outside:")


_DO = {ActionClass.POLICY: "change the policy", ActionClass.SECRETS: "use secrets"}
"""What somebody does who has a class of actions, where its name is no verb."""


def grant_line(grant: Grant, *, gain: bool) -> str:
    """Who gains or loses what, in one sentence."""
    verb = "gain" if gain else "lose"
    changes = f"{verb}s" if grant.decided else f"may {verb}"
    where = f" on {grant.on}" if grant.on else ""
    some = f"every {grant.kind} call" if grant.whole else _short(grant.actions)
    when = f", when {'; '.join(grant.when)}" if grant.when else ""
    return f"{grant.principal} {changes} the right to {_DO.get(grant.kind, str(grant.kind))}{where}: {some}{when}"


def grant_origin(grant: Grant, *, gain: bool) -> str:
    """Grade, reach, place and open rules of a grant."""
    parts = [f"grade {grant.grade}", f"reaches {grant.reach}"] if gain else [f"reaches {grant.reach}"]
    if grant.position:
        parts.append(f"{grant.position.file}:{grant.position.line}")
    if not grant.decided:
        rules = "open rule" if len(grant.open_rules) == 1 else "open rules"
        parts.append(f"depends on {rules} {', '.join(map(rule_name, grant.open_rules))}")
    return "; ".join(parts)


def _short(actions: tuple[str, ...], most: int = 4) -> str:
    shown = ", ".join(actions[:most])
    return shown if len(actions) <= most else f"{shown} and {len(actions) - most} more"


def witness_line(grant: Grant) -> str:
    """The concrete request and both answers."""
    return f"for example {grant.witness.request}: before {grant.witness.before}; after {grant.witness.after}"


def change_line(change: Change | Finding) -> str:
    """A change or finding in one sentence, values included."""
    if isinstance(change, Finding):
        return f"{change.what} [{change.id}]"
    if change.before or change.after:
        return f"{change.what} ({change.before or 'nothing'} → {change.after or 'nothing'})"
    return change.what


def control_line(control: Control) -> str:
    """Who can get back in."""
    unsure = ", ".join(control.unsure)
    if control.shut:
        times = ", and ".join(map(_time, control.shut))
        return f"BLOCKED: {times} nobody can change the policy; at other times: {', '.join(control.holders)}"
    if control.locked and unsure:
        return f"BLOCKED: after this, it is not certain that anybody can change the policy; perhaps {unsure} can"
    if control.locked:
        return "BLOCKED: after this, nobody can change the policy"
    also = f"; perhaps also {unsure}" if unsure else ""
    return f"after this, these can still change the policy: {', '.join(control.holders)}{also}"


def _time(shut: tuple[str, str]) -> str:
    since, until = shut
    if since and until:
        return f"from {since} until {until}"
    return f"from {since} on" if since else f"until {until}"


def rollback_line(rollback: Rollback) -> str:
    """Whether the identity that deploys can put things back."""
    if not rollback.keeps:
        loses = "loses" if rollback.decided else "may lose"
        return f"{rollback.identity} {loses} rights that a rollback needs: {', '.join(rollback.lost)}"
    if rollback.policy:
        return f"{rollback.identity} keeps every right that a rollback needs"
    return f"{rollback.identity} loses nothing; whether it can change the policy, the stack does not say"


def details_of(subject: Subject) -> Iterator[str]:
    """The lines below the table, apart from grants and changes."""
    if subject.access and subject.access.control:
        yield control_line(subject.access.control)
    if subject.access and subject.access.rollback:
        yield rollback_line(subject.access.rollback)
    yield from subject.notes


def open_rules(report: Report) -> list[str]:
    """The open rules that matter, a line each."""
    return [f"{rule_name(rule)}: {question}" for rule, question in report.details.items()]


def every(grants: Iterable[Grant]) -> list[Grant]:
    """The worst first, otherwise as they are."""
    return sorted(grants, key=lambda grant: (-grant.grade.rank, not grant.decided))
