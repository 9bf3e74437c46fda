"""The clouds whose access rules are known: one row per cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from kms_resources.access import alibaba, ctyun, tencent
from kms_resources.access.alibaba import actions as alibaba_actions
from kms_resources.access.alibaba import evaluate as alibaba_evaluate
from kms_resources.access.alibaba import lower as alibaba_lower
from kms_resources.access.alibaba import parse as alibaba_parse
from kms_resources.access.ctyun import actions as ctyun_actions
from kms_resources.access.ctyun import evaluate as ctyun_evaluate
from kms_resources.access.ctyun import lower as ctyun_lower
from kms_resources.access.ctyun import parse as ctyun_parse
from kms_resources.access.lowering import Lowering, Union, Vocabulary
from kms_resources.access.rules import Parsed
from kms_resources.access.tencent import actions as tencent_actions
from kms_resources.access.tencent import evaluate as tencent_evaluate
from kms_resources.access.tencent import lower as tencent_lower
from kms_resources.access.tencent import parse as tencent_parse
from kms_resources.access.words import (
    ActionRow,
    Document,
    OpenRule,
    Principal,
    Request,
    ResourceKind,
    Verdict,
    World,
)

__all__ = ["CLOUDS", "CloudAccess", "alibaba", "ctyun", "evaluate", "parse", "tencent"]


@dataclass(frozen=True)
class CloudAccess:
    """What the shared parts need from a cloud."""

    parse: Callable[[Document], Parsed]
    evaluate: Callable[[World, Request], Verdict]
    collect: Callable[[World, Vocabulary], None]
    lower: Callable[[World, Lowering], tuple[Union, Union]]
    actions: tuple[ActionRow, ...]
    rules: Mapping[str, OpenRule]
    other: str
    """Stands for every call that the table does not have."""
    collect_tests: Callable[[World, Vocabulary, tuple[Principal, ...]], None] | None = None
    """Where tests differ between principals: called when the principals are known."""

    def actions_on(self, kind: ResourceKind) -> tuple[ActionRow, ...]:
        """The calls that are asked on a key, or on the container."""
        return self._by_place[kind is ResourceKind.KEY]

    @cached_property
    def _by_place(self) -> Mapping[bool, tuple[ActionRow, ...]]:
        return {place: tuple(row for row in self.actions if row.on_key == place) for place in (True, False)}


CLOUDS: Mapping[str, CloudAccess] = {
    "alibaba": CloudAccess(
        alibaba_parse.parse,
        alibaba_evaluate.evaluate,
        alibaba_lower.collect,
        alibaba_lower.lower,
        alibaba_actions.ACTIONS,
        alibaba_actions.RULES,
        "kms:AnyOtherCall",
    ),
    "tencent": CloudAccess(
        tencent_parse.parse,
        tencent_evaluate.evaluate,
        tencent_lower.collect,
        tencent_lower.lower,
        (*tencent_actions.ACTIONS, *tencent_actions.POLICY_ACTIONS),
        tencent_actions.RULES,
        "kms:AnyOtherCall",
        tencent_lower.collect_tests,
    ),
    "ctyun": CloudAccess(
        ctyun_parse.parse,
        ctyun_evaluate.evaluate,
        ctyun_lower.collect,
        ctyun_lower.lower,
        ctyun_actions.ACTIONS,
        ctyun_actions.RULES,
        "anyOtherCall",
    ),
}


def evaluate(world: World, request: Request) -> Verdict:
    """Whether a world allows a request; `allowed` is None when readings of open rules disagree."""
    return CLOUDS[world.cloud].evaluate(world, request)


def parse(cloud: str, document: Document) -> Parsed:
    """Rules and problems of a document."""
    return CLOUDS[cloud].parse(document)
