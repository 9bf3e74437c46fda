"""Equal meaning is no difference: order, doubles, one text or a list, ignored case, re-serialised answers.

`normal` gives worlds, and `normal_document` documents, a form in which equal meaning of these kinds is equality. It is
quick and proves equality only; two worlds whose forms differ may still be equivalent, which `compare` finds out.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from kms_resources.access.clouds import CLOUDS
from kms_resources.access.conditions import INSTANTS, Operator, Test
from kms_resources.access.intervals import parse_block, parse_instant, show_address, show_instant
from kms_resources.access.patterns import Pattern
from kms_resources.access.rules import Rule, several
from kms_resources.access.words import Document, DocumentKind, Resource, World


def normal_document(cloud: str, document: Document) -> Hashable:
    """A form that equal documents share. Attachment and name are not part of it."""
    parsed = CLOUDS[cloud].parse(document)
    ignore_case = cloud == "alibaba" and document.kind is DocumentKind.IDENTITY_POLICY
    rules = frozenset(_rule(rule, ignore_case) for rule in parsed.rules)
    return rules, _frozen(parsed.facts), tuple(problem for problem in parsed.problems if problem.fatal)


def same_document(cloud: str, one: Document, other: Document) -> bool:
    """Whether two documents of one kind say the same."""
    return normal_document(cloud, one) == normal_document(cloud, other)


def normal(world: World) -> Hashable:
    """A form that equal worlds share."""
    return (
        world.cloud,
        world.account,
        _resource(world.resource),
        frozenset(_attached(world, document) for document in world.documents),
        _frozen({group: several(members) for group, members in world.groups.items()}),
        _frozen(world.numbers),
    )


def _attached(world: World, document: Document) -> Hashable:
    named = document.kind in {DocumentKind.ACCESS_POINT, DocumentKind.PERMISSION_POLICY, DocumentKind.NETWORK_RULE}
    return (
        document.kind,
        document.name if named else "",
        document.account or world.account,
        frozenset(document.attached_to),
        normal_document(world.cloud, document),
    )


def _resource(resource: Resource) -> Hashable:
    tags = None if resource.tags is None else _frozen(resource.tags)
    return replace(resource, tags=None), tags


@lru_cache(maxsize=50_000)
def _rule(rule: Rule, ignore_case: bool) -> Hashable:
    actions = {action.lower() if ignore_case else action for action in rule.actions}
    tests = frozenset(_test(test) for test in rule.tests)
    asked = rule.not_actions, _widest(actions), rule.not_resources, _widest(set(rule.resources))
    return rule.effect, rule.not_who, rule.who, asked, tests


def _widest(texts: set[str]) -> tuple[str, ...]:
    """Without texts that a pattern beside them takes anyway."""
    if not any("*" in text for text in texts):
        return tuple(sorted(texts))
    kept = [
        text
        for text in texts
        if not any(other != text and _covers(other, text) and not _covers(text, other) for other in texts)
    ]
    return tuple(sorted(kept))


def _covers(pattern: str, text: str) -> bool:
    """`a*` covers `ab` and `ab*`: a star matches a star as it matches a letter."""
    return "*" in pattern and "?" not in text and "${" not in text and Pattern(pattern, mark=False).matches(text)


@lru_cache(maxsize=50_000)
def _test(test: Test) -> Test:
    """The same test with addresses and instants written in one way."""
    if test.operator is Operator.ADDRESS:
        blocks = {value: parse_block(value) for value in test.values}
        written = [
            value if host and test.host_rule else f"{show_address(first)}-{show_address(last)}"
            for value, (first, last, host) in blocks.items()
        ]
    elif test.operator in INSTANTS:
        written = [show_instant(parse_instant(value, zone_required=test.zone_required)) for value in test.values]
    else:
        return test
    return replace(test, values=several(written))


def _frozen(value: Any) -> Hashable:
    if isinstance(value, Mapping):
        return frozenset((key, _frozen(each)) for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(each) for each in value)
    return value  # type: ignore[no-any-return]
