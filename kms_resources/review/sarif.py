"""The report as SARIF 2.1.0: each finding at its file and line of HEAD, for the code hosts that show such files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from kms_resources.problems import Position
from kms_resources.review import wording
from kms_resources.review.grades import LOCKED_OUT, ROLLBACK_LOST
from kms_resources.review.words import Grade, Report, Subject
from kms_resources.version import __version__

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {
    Grade.NONE: "note",
    Grade.LOW: "note",
    Grade.MEDIUM: "warning",
    Grade.HIGH: "error",
    Grade.CRITICAL: "error",
}


@dataclass(frozen=True)
class _Result:
    rule: str
    grade: Grade
    text: str
    position: Position
    subject: str


def sarif(report: Report) -> str:
    """The whole report. Losses are notes; what is equivalent has no result."""
    results = list(_results(report))
    rules = sorted({result.rule for result in results})
    run = {
        "tool": {
            "driver": {
                "name": "kms review",
                "semanticVersion": __version__,
                "rules": [{"id": rule, "shortDescription": {"text": _title(rule)}} for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(result, rules.index(result.rule)) for result in results],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _results(report: Report) -> Iterator[_Result]:
    for subject in report.subjects:
        yield from _of(subject, frozenset(report.files))
    for finding in report.findings:
        position = finding.position or Position(report.files[0] if report.files else "", 1, 1)
        yield _Result(f"rule/{finding.id}", finding.grade, finding.what, position, finding.subject)


def _of(subject: Subject, files: frozenset[str]) -> Iterator[_Result]:
    def at(position: Position | None) -> Position:
        return position if position and position.file in files else subject.position

    title = subject.title
    for change in subject.changes:
        text = f"{title}: {wording.change_line(change)}"
        yield _Result(f"change/{change.id}", change.grade, text, at(change.position), title)
    for finding in subject.findings:
        yield _Result(f"rule/{finding.id}", finding.grade, f"{title}: {finding.what}", at(finding.position), title)
    access = subject.access
    if access is None:
        return
    for gain, grants in ((True, access.gains), (False, access.losses)):
        for grant in grants:
            line = f"{title}: {wording.grant_line(grant, gain=gain)}; {wording.witness_line(grant)}"
            yield _Result(f"{'gain' if gain else 'loss'}/{grant.kind}", grant.grade, line, at(grant.position), title)
    if access.control and access.control.locked:
        yield _Result(
            "lockout", LOCKED_OUT, f"{title}: {wording.control_line(access.control)}", subject.position, title
        )
    if access.rollback and not access.rollback.keeps:
        line = f"{title}: {wording.rollback_line(access.rollback)}"
        yield _Result("rollback", ROLLBACK_LOST, line, subject.position, title)


def _result(result: _Result, index: int) -> dict[str, Any]:
    # Without the line, so that a finding stays the same one when the file grows above it.
    told = "\n".join((result.rule, result.subject, result.text))
    return {
        "ruleId": result.rule,
        "ruleIndex": index,
        "level": _LEVELS[result.grade],
        "message": {"text": result.text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(result.position.file)},
                    "region": {"startLine": result.position.line, "startColumn": result.position.column},
                }
            }
        ],
        "partialFingerprints": {"kmsReview/v1": hashlib.sha256(told.encode()).hexdigest()},
        "properties": {"grade": result.grade.value, "subject": result.subject},
    }


def _title(rule: str) -> str:
    head, _, rest = rule.partition("/")
    titles = {
        "gain": f"somebody gains {rest}",
        "loss": f"somebody loses {rest}",
        "change": rest.replace("-", " "),
        "rule": rest.replace("-", " "),
        "lockout": "nobody can change the policy afterwards",
        "rollback": "the identity that deploys loses rights that a rollback needs",
    }
    return titles[head]
