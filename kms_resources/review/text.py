"""The report for a terminal: as wide as the terminal is, and the same words without colour."""

from __future__ import annotations

import io
from collections.abc import Iterator

from rich.box import ASCII, SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from kms_resources.review import wording
from kms_resources.review.words import Access, Grade, Report, Subject

WIDTH = 100
_COLOURS = {
    Grade.NONE: "green",
    Grade.LOW: "green",
    Grade.MEDIUM: "yellow",
    Grade.HIGH: "red",
    Grade.CRITICAL: "bold red",
}
_INDENT = (0, 0, 0, 2)
_DEEPER = (0, 0, 0, 6)


def text(report: Report, *, width: int = WIDTH, colour: bool = False) -> str:
    """The whole report; the last character is no line end."""
    target = io.StringIO()
    console = Console(
        file=target,
        width=max(width, 20),
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    style = _COLOURS[report.grade]
    console.print(Text(f"{report.base} → {report.head}"))
    console.print(Text(wording.headline(report), style=style))
    for subject in report.subjects:
        console.print()
        for part in _subject(subject):
            console.print(part)
    if report.findings:
        console.print()
        console.print(Text("rules, about keys that do not change"))
        for finding in report.findings:
            console.print(_line(finding.grade, wording.change_line(finding), _at(finding.position)))
    tail = [*(f"open rule {line}" for line in wording.open_rules(report)), *(f"note: {note}" for note in report.notes)]
    if any(subject.access for subject in report.subjects):
        tail.append(wording.LEGEND)
    if tail:
        console.print()
    for line in tail:
        console.print(Text(line, style="dim"))
    return "\n".join(line.rstrip() for line in target.getvalue().splitlines())


def _subject(subject: Subject) -> Iterator[Padding | Text | RichTable]:
    grade = f"{subject.grade}{wording.grade_note(subject.grade.value, subject.decided_grade.value)}"
    head = Text(f"{subject.title}: {subject.status.value}, grade {grade}", style="bold")
    head.append(f"  {_at(subject.position)}", style="dim")
    yield head
    for one in subject.lines:
        yield _line(one.grade, wording.change_line(one), _at(one.position))
    if subject.access:
        yield from _access(subject.access)
    for detail in wording.details_of(subject):
        yield Padding(Text(detail, style="bold red" if detail.startswith("BLOCKED") else ""), _INDENT)


def _line(grade: Grade, what: str, where: str) -> Padding:
    line = Text(f"{grade}: ", style=_COLOURS[grade])
    line.append(what, style="default")
    line.append(f"  {where}" if where else "", style="dim")
    return Padding(line, _INDENT)


def _access(access: Access) -> Iterator[Padding]:
    for verdict in wording.verdicts(access):
        yield Padding(Text(verdict), _INDENT)
    if not access.gains and not access.losses:
        return
    found = wording.table(access)
    table = RichTable(box=SIMPLE_HEAD if found.rows else ASCII, show_edge=False, pad_edge=False)
    table.add_column("", overflow="fold", min_width=8)
    for name in found.head:
        table.add_column(name, justify="center", overflow="fold", min_width=2)
    for who, marks in found.rows:
        table.add_row(Text(who), *(Text(mark, style=_style(mark)) for mark in marks))
    yield Padding(table, _INDENT)
    for gain, grants in ((True, access.gains), (False, access.losses)):
        for grant in wording.every(grants):
            sign = wording.GAIN if gain else wording.LOSS
            line = Text(f"{sign} ", style=_style(sign))
            line.append(wording.grant_line(grant, gain=gain), style="default")
            yield Padding(line, _INDENT)
            yield Padding(Text(wording.grant_origin(grant, gain=gain), style="dim"), _DEEPER)
            yield Padding(Text(wording.witness_line(grant), style="dim"), _DEEPER)


def _style(mark: str) -> str:
    return "red" if mark[:1] in {wording.GAIN, wording.BOTH} else "green" if mark else ""


def _at(position: object) -> str:
    file, line = getattr(position, "file", ""), getattr(position, "line", 0)
    return f"{file}:{line}" if file else ""
