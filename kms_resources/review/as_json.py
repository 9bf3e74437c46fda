"""The report as JSON, by `schema/report.schema.json`."""

from __future__ import annotations

import json
from typing import Any

from kms_resources.access.compare import Judgement
from kms_resources.problems import Position
from kms_resources.review.words import Access, Change, Finding, Grant, Report, Subject

VERSION = 1


def as_json(report: Report) -> str:
    """The report in one form only: the same report gives the same bytes."""
    return json.dumps(document(report), indent=2, ensure_ascii=False)


def document(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    return {
        "version": VERSION,
        "base": report.base,
        "head": report.head,
        "files": list(report.files),
        "keys": {"base": report.keys[0], "head": report.keys[1]},
        "grade": report.grade.value,
        "decided_grade": report.decided_grade.value,
        "blocked": report.blocked,
        "subjects": [_subject(subject) for subject in report.subjects],
        "findings": [_finding(finding) for finding in report.findings],
        "open_rules": dict(report.details),
        "notes": list(report.notes),
    }


def _subject(subject: Subject) -> dict[str, Any]:
    return {
        "kind": subject.kind,
        "name": subject.name,
        "target": subject.target,
        "status": subject.status.value,
        "position": _position(subject.position),
        "grade": subject.grade.value,
        "decided_grade": subject.decided_grade.value,
        "blocked": subject.blocked,
        "access": _access(subject.access) if subject.access else None,
        "changes": [_change(change) for change in subject.changes],
        "findings": [_finding(finding) for finding in subject.findings],
        "notes": list(subject.notes),
    }


def _access(access: Access) -> dict[str, Any]:
    control, rollback = access.control, access.rollback
    return {
        "administration": _judgement(access.administration),
        "use": _judgement(access.use),
        "unlisted": str(access.unlisted),
        "gains": [_grant(grant) for grant in access.gains],
        "losses": [_grant(grant) for grant in access.losses],
        "control": {
            "holders": list(control.holders),
            "unsure": list(control.unsure),
            "shut": [{"since": since or None, "until": until or None} for since, until in control.shut],
        }
        if control
        else None,
        "rollback": {
            "identity": rollback.identity,
            "keeps": rollback.keeps,
            "lost": list(rollback.lost),
            "policy": rollback.policy,
            "decided": rollback.decided,
        }
        if rollback
        else None,
    }


def _judgement(judgement: Judgement) -> dict[str, Any]:
    return {
        "verdict": str(judgement.relation),
        "decided": str(judgement.decided),
        "open_rules": list(judgement.open_rules),
    }


def _grant(grant: Grant) -> dict[str, Any]:
    return {
        "principal": grant.principal,
        "class": str(grant.kind),
        "actions": list(grant.actions),
        "whole_class": grant.whole,
        "when": list(grant.when),
        "on": grant.on,
        "reach": str(grant.reach),
        "grade": grant.grade.value,
        "decided": grant.decided,
        "open_rules": list(grant.open_rules),
        "witness": {
            "principal": grant.witness.principal,
            "action": grant.witness.action,
            "attributes": dict(grant.witness.attributes),
            "before": grant.witness.before,
            "after": grant.witness.after,
        },
        "position": _position(grant.position),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "id": change.id,
        "what": change.what,
        "before": change.before,
        "after": change.after,
        "grade": change.grade.value,
        "position": _position(change.position),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "what": finding.what,
        "subject": finding.subject,
        "grade": finding.grade.value,
        "position": _position(finding.position),
    }


def _position(position: Position | None) -> dict[str, Any] | None:
    if position is None:
        return None
    return {"file": position.file, "line": position.line, "column": position.column}
