"""One reading after another: what our evaluator says of a request in two worlds, rule by rule answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from kms_resources.access.alibaba import evaluate as alibaba_evaluate
from kms_resources.access.ctyun import evaluate as ctyun_evaluate
from kms_resources.access.readings import Decision, Reading, UnansweredError
from kms_resources.access.tencent import evaluate as tencent_evaluate
from kms_resources.access.words import Request, World

DECIDE: Mapping[str, Callable[[World, Request, Reading], Decision]] = {
    "alibaba": alibaba_evaluate.decide,
    "tencent": tencent_evaluate.decide,
    "ctyun": ctyun_evaluate.decide,
}


@dataclass(frozen=True)
class Leaf:
    """One way to answer the open rules that a request asks about, and what follows in each world."""

    answers: Mapping[str, bool]
    before: bool
    after: bool


def readings_of(before: World, after: World, request: Request) -> Iterator[Leaf]:
    """Every way to answer the open rules that either world asks about. The same answers hold in both."""
    decide = DECIDE[before.cloud]
    waiting: list[dict[str, bool]] = [{}]
    while waiting:
        answers = waiting.pop()
        reading = Reading(answers)
        try:
            outcome = decide(before, request, reading).allowed, decide(after, request, reading).allowed
        except UnansweredError as asked:
            waiting += [{**answers, asked.rule: False}, {**answers, asked.rule: True}]
        else:
            yield Leaf(answers, *outcome)
