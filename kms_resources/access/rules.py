"""Documents as rules: the normalised statements that parsers give to evaluators and to the comparison."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

from kms_resources.access.conditions import Test
from kms_resources.access.words import Document, DocumentKind, Effect, Problem, World
from kms_resources.errors import InputError


@dataclass(frozen=True, order=True)
class Who:
    """A document's word for principals."""

    kind: str
    """`user`, `role`, `group`, `account` (with everybody in it), `service`, or `everyone`."""
    account: str = ""
    name: str = ""
    """May have wildcards."""


@dataclass(frozen=True)
class Rule:
    """One normalised statement. Sets are sorted tuples without doubles, so that equal meaning is equal."""

    effect: Effect
    who: tuple[Who, ...] = ()
    """Empty in documents that are attached."""
    not_who: bool = False
    actions: tuple[str, ...] = ()
    not_actions: bool = False
    resources: tuple[str, ...] = ()
    not_resources: bool = False
    tests: tuple[Test, ...] = ()
    sid: str = field(default="", compare=False)
    varies: bool = field(default=False, compare=False)
    """Tencent: has variables, so it may say something else for different principals."""


@dataclass(frozen=True)
class Parsed:
    """What a document says."""

    rules: tuple[Rule, ...]
    problems: tuple[Problem, ...]
    facts: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """What access points and network rules say; they have no statements."""


def canonical(body: Any) -> str:
    """One text for one JSON value, whatever the order of members."""
    return _ENCODER.encode(body)


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def text_of(document: Document) -> str:
    """The canonical text of a document, kept with it: its length is asked for, and then it is read."""
    kept = document.__dict__.get("_text")
    if kept is None:
        kept = canonical(document.body)
        object.__setattr__(document, "_text", kept)
    return cast(str, kept)


def parsed_once(document: Document, read: Callable[[DocumentKind, str], Parsed]) -> Parsed:
    """What a document says, kept with it: writing JSON again for each question would cost more than the answer."""
    kept = document.__dict__.get("_parsed")
    if kept is None:
        kept = read(document.kind, text_of(document))
        object.__setattr__(document, "_parsed", kept)
    return cast(Parsed, kept)


def usable(parsed: Parsed, document: Document) -> Parsed:
    """The same, if the cloud would take the document. Raises InputError with the first fatal problem."""
    for problem in parsed.problems:
        if problem.fatal:
            where = f"{document.kind} {document.name}".strip()
            raise InputError(f"{problem.path}: {problem.what}", where=where)
    return parsed


def of_kind(world: World, kind: DocumentKind) -> Iterator[Document]:
    """The documents of one kind."""
    return (document for document in world.documents if document.kind is kind)


def texts(value: Any) -> list[str] | None:
    """A text or a list of texts as a list; None: neither."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Sequence) and all(isinstance(each, str) for each in value):
        return list(value)
    return None


def several(values: Sequence[Any]) -> tuple[Any, ...]:
    """Sorted, without doubles."""
    return tuple(sorted(set(values)))


def ordered_tests(tests: Sequence[Test]) -> tuple[Test, ...]:
    """Tests in a fixed order, without doubles."""
    return tuple(sorted(set(tests), key=repr)) if len(tests) > 1 else tuple(tests)


@lru_cache(maxsize=50_000)
def load(text: str) -> Any:
    """Parse canonical JSON; the result is never changed."""
    return json.loads(text)
