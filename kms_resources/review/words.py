"""The words of a review: grades, gains and losses, changes, subjects and the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from kms_resources.access.compare import Judgement, Relation
from kms_resources.access.lockout import Reach
from kms_resources.access.words import ActionClass
from kms_resources.problems import Position


class Grade(Enum):
    """How much a reviewer should worry, from nothing to everything."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 to 4."""
        return list(Grade).index(self)

    def __ge__(self, other: Grade) -> bool:
        return self.rank >= other.rank

    def __str__(self) -> str:
        return self.value


def worst(grades: Iterable[Grade]) -> Grade:
    """The highest of several grades."""
    return max(grades, key=lambda grade: grade.rank, default=Grade.NONE)


class Status(Enum):
    """What happens to a subject as a whole."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Witness:
    """One concrete request that was put to the evaluator under both sides."""

    principal: str
    action: str
    attributes: Mapping[str, str]
    before: str
    """`refused`, `allowed` or `undecided`, and why."""
    after: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "attributes", MappingProxyType(dict(self.attributes)))

    @property
    def request(self) -> str:
        """The request in one line."""
        where = ", ".join(f"{name} {value}" for name, value in self.attributes.items())
        return f"{self.principal} {self.action}" + (f" ({where})" if where else "")


@dataclass(frozen=True)
class Grant:
    """What one principal gains or loses in one class of actions."""

    principal: str
    """For people: `user/app`, `any other user`."""
    kind: ActionClass
    actions: tuple[str, ...]
    whole: bool
    """Whether it is every action of the class."""
    when: tuple[str, ...]
    reach: Reach
    grade: Grade
    """In the worst reading of the open rules. Losses have none."""
    decided: bool
    """Whether it holds in every reading."""
    open_rules: tuple[str, ...]
    witness: Witness
    on: str = ""
    """The key, where the subject is not one."""
    position: Position | None = None
    """The statement that decides, where it stands in HEAD (for losses perhaps in BASE)."""
    sids: tuple[str, ...] = ()
    """The statements that decide, as verdicts name them."""


@dataclass(frozen=True)
class Change:
    """One difference that is not access by itself."""

    id: str
    """Stable, kebab-case."""
    what: str
    """One sentence."""
    grade: Grade
    before: str = ""
    after: str = ""
    position: Position | None = None


@dataclass(frozen=True)
class Finding:
    """What a rule says about HEAD alone."""

    id: str
    what: str
    grade: Grade
    position: Position | None = None
    subject: str = ""


@dataclass(frozen=True)
class Control:
    """Who can still change the policy afterwards."""

    holders: tuple[str, ...]
    """Surely; with the condition they have to meet, if any."""
    unsure: tuple[str, ...] = ()
    """Only in some readings of the open rules."""
    shut: tuple[tuple[str, str], ...] = ()
    """Times to come in which nobody surely can: since when and until when, ISO 8601; empty: open on that side."""

    @property
    def locked(self) -> bool:
        """Nobody surely can, now or at some time to come."""
        return not self.holders or bool(self.shut)


@dataclass(frozen=True)
class Rollback:
    """Whether the identity that deploys keeps every right that a rollback needs."""

    identity: str
    keeps: bool
    lost: tuple[str, ...]
    policy: bool | None
    """Whether it can still change the policy; None: under a condition, or in some readings only."""
    decided: bool = True


@dataclass(frozen=True)
class Access:
    """How who-may changes for one subject."""

    administration: Judgement
    use: Judgement
    unlisted: Relation
    """For calls that the cloud may add one day."""
    gains: tuple[Grant, ...] = ()
    losses: tuple[Grant, ...] = ()
    control: Control | None = None
    rollback: Rollback | None = None


@dataclass(frozen=True)
class Subject:
    """One key, access point, alias, secret or target about which there is something to say."""

    kind: str
    name: str
    target: str
    status: Status
    position: Position
    """In HEAD; what is gone: the beginning of the file."""
    access: Access | None = None
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """How texts name it."""
        return f"{self.kind} {self.name}" + (f" ({self.target})" if self.target else "")

    @property
    def lines(self) -> tuple[Change | Finding, ...]:
        """Changes, then findings of rules."""
        return (*self.changes, *self.findings)

    @property
    def blocked(self) -> bool:
        """Whether nobody could change the policy afterwards."""
        return bool(self.access and self.access.control and self.access.control.locked)

    @property
    def grade(self) -> Grade:
        """The worst of all its lines, in the worst reading of the open rules."""
        return worst(self._grades(decided=False))

    @property
    def decided_grade(self) -> Grade:
        """The same with decided lines only."""
        return worst(self._grades(decided=True))

    def _grades(self, *, decided: bool) -> Iterable[Grade]:
        from kms_resources.review.grades import LOCKED_OUT, ROLLBACK_LOST  # noqa: PLC0415  (they need `Grade`)

        yield from (line.grade for line in self.lines)
        if self.access:
            yield from (gain.grade for gain in self.access.gains if gain.decided or not decided)
            rollback = self.access.rollback
            if rollback and not rollback.keeps and (rollback.decided or not decided):
                yield ROLLBACK_LOST
        if self.blocked:
            yield LOCKED_OUT


@dataclass(frozen=True)
class Report:
    """Everything that a review found."""

    base: str
    head: str
    files: tuple[str, ...]
    subjects: tuple[Subject, ...]
    keys: tuple[int, int]
    """How many keys the two sides declare."""
    findings: tuple[Finding, ...] = ()
    """Of rules, about no subject of this report."""
    notes: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    """Open rules that occur → what is not known."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "details", MappingProxyType(dict(sorted(self.details.items()))))

    @property
    def grade(self) -> Grade:
        """The worst of all subjects and findings."""
        return worst([*(subject.grade for subject in self.subjects), *(one.grade for one in self.findings)])

    @property
    def decided_grade(self) -> Grade:
        """The same with decided lines only."""
        return worst([*(subject.decided_grade for subject in self.subjects), *(one.grade for one in self.findings)])

    @property
    def blocked(self) -> bool:
        """Whether some policy could not be changed any more."""
        return any(subject.blocked for subject in self.subjects)
