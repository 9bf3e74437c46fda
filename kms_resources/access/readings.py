"""Open rules: what a decision depends on when the vendor is silent, and the answer over all readings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kms_resources.access.words import Verdict

OPAQUE = "outside:"
"""Prefix of what is not a rule but a condition outside the decided fragment; the rest is its text."""
_LEAVES = 4_096


class UnansweredError(Exception):
    """A decision asked about an open rule that nobody has answered yet."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True)
class Reading:
    """One way to read the open rules."""

    answers: Mapping[str, bool]

    def holds(self, rule: str) -> bool:
        """Whether the rule holds in this reading."""
        if rule not in self.answers:
            raise UnansweredError(rule)
        return self.answers[rule]


@dataclass(frozen=True)
class Decision:
    """The answer under one reading."""

    allowed: bool
    why: str
    sids: tuple[str, ...] = ()


def over_all_readings(decide: Callable[[Reading], Decision]) -> Verdict:
    """Decide under every reading of the rules that the decision asks about; None when they disagree."""
    leaves: list[tuple[dict[str, bool], Decision]] = []
    waiting: list[dict[str, bool]] = [{}]
    while waiting and len(leaves) < _LEAVES:
        answers = waiting.pop()
        try:
            leaves.append((answers, decide(Reading(answers))))
        except UnansweredError as asked:
            waiting += [{**answers, asked.rule: False}, {**answers, asked.rule: True}]
    outcomes = {decision.allowed for _, decision in leaves}
    first = leaves[0][1]
    if len(outcomes) == 1 and not waiting:
        return Verdict(first.allowed, first.why, first.sids)
    rules = tuple(sorted({rule for answers, _ in leaves for rule in answers if _matters(rule, leaves)}))
    yes = next((decision for _, decision in leaves if decision.allowed), first)
    names = ", ".join(rules) or "too many open rules"
    return Verdict(None, f"undecided, it depends on {names}", yes.sids, rules)


def _matters(rule: str, leaves: list[tuple[dict[str, bool], Decision]]) -> bool:
    """Whether two readings that agree on everything else they both answer, but not on this rule, disagree."""
    yes = [(answers, decision.allowed) for answers, decision in leaves if answers.get(rule) is True]
    no = [(answers, decision.allowed) for answers, decision in leaves if answers.get(rule) is False]
    return any(
        allowed != other
        and all(answers[each] == others[each] for each in answers.keys() & others.keys() if each != rule)
        for answers, allowed in yes
        for others, other in no
    )
