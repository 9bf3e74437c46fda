"""The in-memory form of stored documents: records in order of creation, indexes, and due times.

Every look-up is answered from here; SQLite only remembers. A table knows nothing of transactions: whoever changes it
holds the store's lock and keeps the undo steps that each change returns.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]
ReadOnly = Mapping[str, Any]
Undo = Callable[[], None]


class DuplicateValueError(Exception):
    """A document brings a value that a unique index already holds for another document."""

    def __init__(self, kind: str, index: str, value: str, holder: str) -> None:
        super().__init__(f"{kind}: the value {value!r} of the unique index {index!r} belongs to {holder!r}")
        self.kind, self.index, self.value, self.holder = kind, index, value, holder


@dataclass(frozen=True)
class Index:
    """How documents of a kind are found by something else than their id.

    ``values`` gives the values of one document: none, one, or many (tags). A missing value is left out, not ``None``.
    With ``unique`` a value belongs to at most one document of the same kind, account and region.
    """

    values: Callable[[ReadOnly], Iterable[str]]
    unique: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of document that a cloud stores: its name, its indexes, and when a document wants attention.

    ``due`` gives the time (emulated, seconds) at which something happens to a document without a request: deletion,
    expiry, rotation; ``None`` when nothing will. ``Collection.due`` then names the documents whose time has come
    without looking at the others.
    """

    name: str
    indexes: Mapping[str, Index] = field(default_factory=dict)
    due: Callable[[ReadOnly], float | None] | None = None


class Record:
    """One document with its place in the order of creation and, while lag is on, its earlier versions."""

    __slots__ = ("sequence", "versions")

    def __init__(self, sequence: int, document: Document, written: float) -> None:
        self.sequence = sequence
        self.versions: list[tuple[float, Document]] = [(written, document)]

    @property
    def current(self) -> Document:
        """The newest version."""
        return self.versions[-1][1]

    def visible(self, until: float) -> Document | None:
        """The newest version written at ``until`` or before, as a reader behind by the lag sees it."""
        return next((document for written, document in reversed(self.versions) if written <= until), None)


class _Bucket:
    """The documents that share one index value, in order of creation; sorted again only after a late arrival."""

    __slots__ = ("_ids", "_last", "_sorted")

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._last = -1
        self._sorted = True

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, identifier: str, sequence: int) -> None:
        self._sorted = self._sorted and sequence > self._last
        self._last = max(self._last, sequence)
        self._ids[identifier] = sequence

    def discard(self, identifier: str) -> None:
        self._ids.pop(identifier, None)

    def ids(self) -> dict[str, int]:
        if not self._sorted:
            self._ids = dict(sorted(self._ids.items(), key=lambda item: item[1]))
            self._sorted = True
        return self._ids


class Table:
    """All documents of one kind in one account and region of one cloud."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.records: dict[str, Record] = {}
        self._buckets: dict[str, dict[str, _Bucket]] = {name: {} for name in kind.indexes}
        self._due: list[tuple[float, str]] = []

    def ids(self, where: tuple[str, str] | None = None) -> Mapping[str, object]:
        """The ids in order of creation, all of them or those with one index value."""
        if where is None:
            return self.records
        index, value = where
        if index not in self._buckets:
            raise ValueError(f"{self.kind.name}: no index {index!r}; declared are {sorted(self._buckets)}")
        bucket = self._buckets[index].get(value)
        return bucket.ids() if bucket else {}

    def due(self, now: float) -> list[str]:
        """The ids whose due time is ``now`` or earlier, earliest first."""
        return [identifier for _, identifier in itertools.takewhile(lambda entry: entry[0] <= now, self._due)]

    def put(self, identifier: str, document: Document, sequence: int, written: float, lag: float) -> Undo:
        """Create or replace; the step that undoes it is returned."""
        record = self.records.get(identifier)
        self._refuse_duplicates(identifier, document)
        if record is None:
            self.records[identifier] = Record(sequence, document, written)
            self._index(identifier, sequence, None, document)
            return lambda: self._forget(identifier)
        before = record.versions
        record.versions = (
            [*self._still_needed(before, written - lag), (written, document)] if lag > 0 else [(written, document)]
        )
        self._index(identifier, record.sequence, before[-1][1], document)

        def undo() -> None:
            record.versions = before
            self._index(identifier, record.sequence, document, before[-1][1])

        return undo

    def delete(self, identifier: str) -> Undo:
        """Remove an existing document; the step that undoes it is returned."""
        record = self._remove(identifier)

        def undo() -> None:
            self.records[identifier] = record
            self.records = dict(sorted(self.records.items(), key=lambda item: item[1].sequence))
            self._index(identifier, record.sequence, None, record.current)

        return undo

    @staticmethod
    def _still_needed(versions: list[tuple[float, Document]], until: float) -> list[tuple[float, Document]]:
        newest_seen = max((place for place, (written, _) in enumerate(versions) if written <= until), default=0)
        return versions[newest_seen:]

    def _forget(self, identifier: str) -> None:
        self._remove(identifier)

    def _remove(self, identifier: str) -> Record:
        record = self.records.pop(identifier)
        self._index(identifier, record.sequence, record.current, None)
        return record

    def _refuse_duplicates(self, identifier: str, document: Document) -> None:
        for name, index in self.kind.indexes.items():
            if index.unique:
                for value in index.values(document):
                    bucket = self._buckets[name].get(value)
                    holder = next(iter(bucket.ids()), identifier) if bucket else identifier
                    if holder != identifier:
                        raise DuplicateValueError(self.kind.name, name, value, holder)

    def _index(self, identifier: str, sequence: int, old: Document | None, new: Document | None) -> None:
        for name, index in self.kind.indexes.items():
            before = set(index.values(old)) if old is not None else set()
            after = set(index.values(new)) if new is not None else set()
            buckets = self._buckets[name]
            for value in before - after:
                buckets[value].discard(identifier)
                if not len(buckets[value]):
                    del buckets[value]
            for value in after - before:
                buckets.setdefault(value, _Bucket()).add(identifier, sequence)
        if self.kind.due is not None:
            due = self.kind.due
            before_due, after_due = (None if one is None else due(one) for one in (old, new))
            self._reschedule(identifier, before_due, after_due)

    def _reschedule(self, identifier: str, old: float | None, new: float | None) -> None:
        if old == new:
            return
        if old is not None:
            del self._due[bisect.bisect_left(self._due, (old, identifier))]
        if new is not None:
            bisect.insort(self._due, (new, identifier))


def copy_document(value: Document) -> Document:
    """A deep copy of a JSON document, much faster than ``copy.deepcopy``; anything but JSON is refused."""
    return {_text_key(name): _copy(entry) for name, entry in value.items()}


def _copy(value: object) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, dict):
        return {_text_key(name): _copy(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_copy(entry) for entry in value]
    raise TypeError(f"a document holds JSON only, not {type(value).__name__}; put bytes in as Base64 text")


def _text_key(name: object) -> str:
    if isinstance(name, str):
        return name
    raise TypeError(f"a document's names are text, not {type(name).__name__}")


def select(
    table: Table, where: tuple[str, str] | None, match: Callable[[ReadOnly], bool] | None, until: float | None
) -> Iterator[ReadOnly]:
    """The shared (not copied) documents in order of creation; ``until`` is the moment a lagging reader has reached."""
    for identifier in table.ids(where):
        record = table.records[identifier]
        document = record.current if until is None else record.visible(until)
        if document is not None and (match is None or match(document)):
            yield document
