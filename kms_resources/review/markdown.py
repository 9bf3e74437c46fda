"""The report as a comment on a merge request: one comment, updated and never repeated, readable in light and dark.

The hidden marker in the first line is what a pipeline looks for to find its own comment. There is no colour and no
image: words and symbols of the reader's own theme only. What a stack says is escaped: no name can become markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kms_resources.problems import Position
from kms_resources.review import wording
from kms_resources.review.words import Access, Change, Finding, Grade, Report, Subject

MARKER = "<!-- kms-review -->"
LONGEST = 60_000
"""Comments of the smaller hosts end at 65,536 characters."""
_SIGNS = {Grade.NONE: "✅", Grade.LOW: "🟢", Grade.MEDIUM: "🟡", Grade.HIGH: "🟠", Grade.CRITICAL: "🔴"}
_SPECIAL = re.compile(r"([\\`*_\[\]|~<>&@$])")


def markdown(report: Report) -> str:
    """The whole comment; subjects that would not fit are named, with their grade."""
    head = [
        MARKER,
        f"## {_SIGNS[report.grade]} Key review: {report.grade}{' · BLOCKED' if report.blocked else ''}",
        "",
        f"{_escaped(report.base)} → {_escaped(report.head)} · {_escaped(wording.headline(report))}",
        "",
    ]
    tail = list(_tail(report))
    room = LONGEST - sum(len(line) + 1 for line in (*head, *tail))
    body: list[str] = []
    left: list[Subject] = []
    if report.subjects:
        body += ["| | subject | administration | use | what |", "|---|---|---|---|---|"]
        body += [_row(subject) for subject in report.subjects[:100]]
        if len(report.subjects) > 100:  # noqa: PLR2004
            body.append(f"| | … and {len(report.subjects) - 100} more | | | |")
        body.append("")
    room -= sum(len(line) + 1 for line in body)
    for subject in report.subjects:
        lines = list(_details(subject))
        size = sum(len(line) + 1 for line in lines)
        if size > room:
            left.append(subject)
            continue
        room -= size
        body += lines
    if left:
        body += [f"{len(left)} subjects are too long for a comment; `--format text` or `json` shows them.", ""]
    return "\n".join([*head, *body, *tail]).rstrip() + "\n"


def _row(subject: Subject) -> str:
    access = subject.access
    halves = (str(access.administration.relation), str(access.use.relation)) if access else ("–", "–")
    what = [_short(change) for change in subject.lines]
    if access and access.gains:
        what.append(f"{len({grant.principal for grant in access.gains})} gain")
    if access and access.losses:
        what.append(f"{len({grant.principal for grant in access.losses})} lose")
    if subject.blocked:
        what.insert(0, "**BLOCKED: nobody could change the policy**")
    elif access and access.rollback and not access.rollback.keeps:
        what.insert(0, "**no way back for the deployer**")
    grade = f"{_SIGNS[subject.grade]} {subject.grade}"
    return f"| {grade} | {_escaped(subject.title)} | {halves[0]} | {halves[1]} | {'; '.join(what)} |"


def _short(change: Change | Finding) -> str:
    return _escaped(change.what.split(":")[0]) if isinstance(change, Change) else _escaped(change.id)


def _details(subject: Subject) -> Iterator[str]:
    grade = f"{subject.grade}{wording.grade_note(subject.grade.value, subject.decided_grade.value)}"
    is_open = " open" if subject.grade >= Grade.HIGH else ""
    yield f"<details{is_open}>"
    title = f"{_SIGNS[subject.grade]} <b>{_html(subject.title)}</b>"
    yield f"<summary>{title}: {subject.status.value}, grade {grade}</summary>"
    yield ""
    for one in subject.lines:
        yield f"- {_SIGNS[one.grade]} {one.grade}: {_escaped(wording.change_line(one))}{_at(one.position)}"
    if subject.access:
        yield from _access(subject.access)
    for line in wording.details_of(subject):
        yield f"- {_escaped(line)}"
    yield ""
    yield "</details>"
    yield ""


def _access(access: Access) -> Iterator[str]:
    for line in wording.verdicts(access):
        yield f"- {_escaped(line)}"
    if not access.gains and not access.losses:
        return
    found = wording.table(access)
    yield ""
    yield f"| | {' | '.join(found.head)} |"
    yield f"|---|{':-:|' * len(found.head)}"
    for who, marks in found.rows:
        yield f"| {_escaped(who)} | {' | '.join(f'**{mark}**' if mark else '' for mark in marks)} |"
    yield ""
    for gain, grants in ((True, access.gains), (False, access.losses)):
        for grant in wording.every(grants):
            sign = "➕" if gain else "➖"
            yield f"- {sign} {_escaped(wording.grant_line(grant, gain=gain))}"
            yield f"  <br>{_escaped(wording.grant_origin(grant, gain=gain))}"
            yield f"  <br>{_escaped(wording.witness_line(grant))}"


def _tail(report: Report) -> Iterator[str]:
    if report.findings:
        yield "**Rules, about keys that do not change**"
        yield ""
        for finding in report.findings[:50]:
            yield f"- {_SIGNS[finding.grade]} {_escaped(wording.change_line(finding))}{_at(finding.position)}"
        if len(report.findings) > 50:  # noqa: PLR2004
            yield f"- … and {len(report.findings) - 50} more"
        yield ""
    lines = [*(f"open rule {line}" for line in wording.open_rules(report)), *report.notes]
    if any(subject.access for subject in report.subjects):
        lines.append(wording.LEGEND)
    if lines:
        yield f"<sub>{'<br>'.join(_html(line) for line in lines)}</sub>"


def _at(position: Position | None) -> str:
    return f" (`{position.file}:{position.line}`)" if position and "`" not in position.file else ""


def _escaped(text: str) -> str:
    """Text in which no character is markup, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _html(text: str) -> str:
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
