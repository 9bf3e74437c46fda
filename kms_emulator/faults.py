"""Fault injection: rules that spoil chosen requests, and which rule fires for a request."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any


class FaultKind(StrEnum):
    """How a request is spoiled. ``cut_body`` and ``wrong_json`` spoil the answer of a request that was done."""

    LOST_BEFORE = "lost_before"
    LOST_AFTER_COMMIT = "lost_after_commit"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    SLOW = "slow"
    CUT_BODY = "cut_body"
    WRONG_JSON = "wrong_json"
    THROTTLE = "throttle"


NOTHING_DONE = frozenset({FaultKind.LOST_BEFORE, FaultKind.ERROR_BEFORE, FaultKind.THROTTLE})


class FaultRuleError(ValueError):
    """A rule that makes no sense."""


@dataclass(frozen=True)
class FaultRule:
    """Which requests to spoil, and how. An empty ``cloud``, ``action`` or ``key`` matches every one.

    ``nth`` lets the first matching requests pass and begins with the nth; ``count`` limits how often the rule fires
    (once when only ``nth`` is given, else without end); ``probability`` leaves it to chance, repeatable by ``seed``.
    """

    kind: FaultKind
    cloud: str = ""
    action: str = ""
    key: str = ""
    nth: int = 1
    count: int | None = None
    probability: float = 1.0
    seed: int = 0
    seconds: float = 1.0
    status: int = 503

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> FaultRule:
        """Read a rule from JSON; problems name the field, the value and what is allowed."""
        names = [entry.name for entry in fields(cls)]
        unknown = sorted(set(given) - set(names))
        if unknown:
            raise FaultRuleError(f"fault rule: field {unknown[0]!r} does not exist; allowed are {', '.join(names)}")
        try:
            kind = FaultKind(given.get("kind", ""))
        except ValueError:
            raise FaultRuleError(
                f"fault rule: kind {given.get('kind')!r} does not exist; allowed are {', '.join(FaultKind)}"
            ) from None
        rest = {name: value for name, value in given.items() if name != "kind"}
        for name in ("cloud", "action", "key"):
            if not isinstance(rest.get(name, ""), str):
                raise FaultRuleError(f"fault rule: {name} is {rest[name]!r}; allowed is text")
        for name, low, high in (("nth", 1, None), ("count", 1, None), ("seed", 0, None), ("status", 500, 599)):
            _check_number(rest, name, int, low, high)
        for name, low, high in (("probability", 0, 1), ("seconds", 0, 3600)):
            _check_number(rest, name, float, low, high)
        if "nth" in rest and "count" not in rest:
            rest["count"] = 1
        return cls(kind=kind, **rest)


def _check_number(given: Mapping[str, Any], name: str, wanted: type, low: int, high: int | None) -> None:
    if name not in given:
        return
    value = given[name]
    numeric = isinstance(value, int if wanted is int else int | float) and not isinstance(value, bool)
    if not numeric or value < low or (high is not None and value > high):
        limit = f"from {low}" + ("" if high is None else f" to {high}")
        raise FaultRuleError(f"fault rule: {name} is {value!r}; allowed is a number {limit}")


@dataclass
class _Armed:
    number: int
    rule: FaultRule
    chance: random.Random = field(repr=False)
    seen: int = 0
    hits: int = 0

    def fires(self, cloud: str, action: str, key: str) -> bool:
        rule = self.rule
        wanted = ((rule.cloud, cloud), (rule.action, action), (rule.key, key))
        if any(expected and expected != given for expected, given in wanted):
            return False
        self.seen += 1
        if self.seen < rule.nth or (rule.count is not None and self.hits >= rule.count):
            return False
        if rule.probability < 1 and self.chance.random() >= rule.probability:
            return False
        self.hits += 1
        return True


@dataclass(frozen=True)
class Chosen:
    """What happens to a request: how long it waits, and the one other fault, if any."""

    wait: float = 0.0
    rule: FaultRule | None = None

    @property
    def name(self) -> str:
        """For the journal."""
        if self.rule is not None:
            return str(self.rule.kind)
        return str(FaultKind.SLOW) if self.wait else ""


class Faults:
    """The rules in force. Every ``slow`` rule that fires adds its wait; of the others the first that fires wins."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[_Armed] = []
        self._next = 1

    def add(self, rule: FaultRule) -> int:
        """Arm a rule; its number is returned."""
        with self._lock:
            number = self._next
            self._next += 1
            self._rules.append(_Armed(number, rule, random.Random(rule.seed)))  # noqa: S311 - chance, no secret
            return number

    def clear(self) -> None:
        """Disarm all rules."""
        with self._lock:
            self._rules.clear()

    def choose(self, cloud: str, action: str, key: str) -> Chosen:
        """Count the request against the rules and say what happens to it."""
        if not self._rules:
            return Chosen()
        wait, chosen = 0.0, None
        with self._lock:
            for armed in self._rules:
                if (armed.rule.kind is FaultKind.SLOW or chosen is None) and armed.fires(cloud, action, key):
                    if armed.rule.kind is FaultKind.SLOW:
                        wait += armed.rule.seconds
                    else:
                        chosen = armed.rule
        return Chosen(wait, chosen)

    def listing(self) -> list[dict[str, object]]:
        """The rules with how many requests matched and how often each fired."""
        with self._lock:
            return [
                {"number": armed.number, **_as_json(armed.rule), "seen": armed.seen, "hits": armed.hits}
                for armed in self._rules
            ]


def _as_json(rule: FaultRule) -> dict[str, object]:
    return {entry.name: getattr(rule, entry.name) for entry in fields(rule)}
