"""The document store: transactions over tables in memory, made durable in one SQLite file.

SQLite runs in WAL mode and commits before an answer leaves, so killing the process loses nothing that was answered.
Transactions are serial: one lock is taken when a request first touches the store and given back at its end. Work
that needs no document (signatures, making key material) is best done before that.
"""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from kms_emulator.documents import Document, Kind, ReadOnly, Table, Undo, copy_document, select

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    sequence INTEGER PRIMARY KEY, cloud TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
    kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (cloud, kind, account, region, id));
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_UPSERT = (
    "INSERT INTO documents (sequence, cloud, account, region, kind, id, body) VALUES (?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (sequence) DO UPDATE SET body = excluded.body"
)
_DELETE = "DELETE FROM documents WHERE sequence = ?"
_SET_META = "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


class StoreError(Exception):
    """The store cannot be opened."""


class Scope(NamedTuple):
    """Whose documents: an account and a region. Things without a region (policies of users) use an empty one."""

    account: str
    region: str = ""


class Page(NamedTuple):
    """A part of a listing and how many documents the whole listing has."""

    items: list[Document]
    total: int


class _Place(NamedTuple):
    cloud: str
    kind: str
    scope: Scope


class Store:
    """One emulator's documents. ``kinds`` are the kinds each cloud declared."""

    def __init__(self, path: Path, kinds: Mapping[str, Iterable[Kind]]) -> None:
        self._kinds = {(cloud, kind.name): kind for cloud, group in kinds.items() for kind in group}
        self._lock = threading.Lock()
        self._tables: dict[_Place, Table] = {}
        self._next = 1
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._connection = sqlite3.connect(path, timeout=0.5, isolation_level=None, check_same_thread=False)
        try:
            # Exclusive: two emulators on one file would each answer from their own memory.
            self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            # What is written outlives a killed process without waiting for the disk; a power cut is not promised.
            self._connection.execute("PRAGMA synchronous = OFF")
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.executescript(_SCHEMA)
            self._load()
        except sqlite3.Error as problem:
            self._connection.close()
            raise StoreError(f"{path}: cannot be opened as the emulator's store: {problem}") from problem

    def _load(self) -> None:
        rows = self._connection.execute(
            "SELECT sequence, cloud, kind, account, region, id, body FROM documents ORDER BY sequence"
        )
        for sequence, cloud, kind, account, region, identifier, body in rows:
            # Documents of a cloud that is not loaded this time stay in the file untouched.
            if (cloud, kind) in self._kinds:
                table = self._table(_Place(cloud, kind, Scope(account, region)))
                table.put(identifier, json.loads(body), sequence, 0.0, 0.0)
            self._next = sequence + 1

    def _table(self, place: _Place) -> Table:
        table = self._tables.get(place)
        if table is None:
            kind = self._kinds.get((place.cloud, place.kind))
            if kind is None:
                declared = sorted(name for cloud, name in self._kinds if cloud == place.cloud)
                raise ValueError(f"{place.cloud} declares no kind {place.kind!r}; declared are {declared}")
            table = self._tables[place] = Table(kind)
        return table

    def transaction(self, cloud: str, lag: float = 0.0) -> Transaction:
        """A transaction for one cloud; used as a context manager it commits, or rolls back on an exception."""
        return Transaction(self, cloud, lag)

    def meta(self, name: str) -> str | None:
        """A remembered value of the emulator itself."""
        with self._lock:
            row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, name: str, value: str) -> None:
        """Remember a value of the emulator itself."""
        with self._lock:
            self._connection.execute(_SET_META, (name, value))

    def clear(self) -> None:
        """Forget every document and every remembered value."""
        with self._lock:
            self._write([("DELETE FROM documents", [()]), ("DELETE FROM meta", [()])])
            self._tables.clear()
            self._next = 1

    def count(self) -> dict[str, int]:
        """How many documents each cloud has."""
        with self._lock:
            counts: dict[str, int] = {}
            for place, table in self._tables.items():
                counts[place.cloud] = counts.get(place.cloud, 0) + len(table.records)
            return counts

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _write(self, statements: Iterable[tuple[str, list[tuple[object, ...]]]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for statement, rows in statements:
                self._connection.executemany(statement, rows)
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise


class Transaction:
    """The writes of one request: all of them or none. Not shared between threads."""

    def __init__(self, store: Store, cloud: str, lag: float) -> None:
        self._store, self._cloud, self._lag = store, cloud, lag
        self._held = self._ended = False
        self._undo: list[Undo] = []
        self._changed: dict[tuple[_Place, str], None] = {}
        self._deleted: list[tuple[object, ...]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
        else:
            self.rollback()

    def collection(self, kind: str, scope: Scope) -> Collection:
        """The documents of one declared kind in one account and region."""
        if self._ended:
            raise RuntimeError("the transaction is over")
        if not self._held:
            self._store._lock.acquire()
            self._held = True
        place = _Place(self._cloud, kind, scope)
        return Collection(self, place, self._store._table(place))

    def commit(self) -> None:
        """Make the writes durable. When that fails nothing of them remains and the failure is raised."""
        self._ended = True
        if not self._held:
            return
        try:
            if self._undo:
                self._store._write([(_DELETE, self._deleted), (_UPSERT, [self._row(*key) for key in self._changed])])
        except BaseException:
            self.rollback()
            raise
        self._release()

    def rollback(self) -> None:
        """Undo every write of this transaction."""
        self._ended = True
        if self._held:
            try:
                for step in reversed(self._undo):
                    step()
            finally:
                self._release()

    def _release(self) -> None:
        self._held = False
        self._store._lock.release()

    def _row(self, place: _Place, identifier: str) -> tuple[object, ...]:
        record = self._store._tables[place].records[identifier]
        body = json.dumps(record.current, ensure_ascii=False, separators=(",", ":"))
        return (record.sequence, place.cloud, place.scope.account, place.scope.region, place.kind, identifier, body)

    def _put(self, place: _Place, table: Table, identifier: str, document: Document) -> None:
        sequence = self._store._next
        step = table.put(identifier, copy_document(document), sequence, time.monotonic(), self._lag)
        self._store._next = max(self._store._next, table.records[identifier].sequence + 1)
        self._undo.append(step)
        self._changed[place, identifier] = None

    def _delete(self, place: _Place, table: Table, identifier: str) -> None:
        self._deleted.append((table.records[identifier].sequence,))
        self._undo.append(table.delete(identifier))
        self._changed.pop((place, identifier), None)

    def _until(self, lagged: bool) -> float | None:
        return time.monotonic() - self._lag if lagged and self._lag > 0 else None


class Collection:
    """One kind of document of one account and region, as seen by a transaction.

    Documents handed out are copies: change them freely and ``put`` them back. ``match`` functions get the stored
    documents themselves and must not change them.

    ``lagged`` asks for what a reader sees who is behind by the ``lag`` setting: documents created within the lag are
    missing, documents changed within it appear as before. A deleted document is gone at once. Without the setting it
    makes no difference, so listings can always ask for it.
    """

    def __init__(self, transaction: Transaction, place: _Place, table: Table) -> None:
        self._transaction, self._place, self._table = transaction, place, table

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._table.records

    def __len__(self) -> int:
        return len(self._table.records)

    def get(self, identifier: str, *, lagged: bool = False) -> Document | None:
        """The document with this id."""
        record = self._table.records.get(identifier)
        if record is None:
            return None
        until = self._transaction._until(lagged)
        document = record.current if until is None else record.visible(until)
        return None if document is None else copy_document(document)

    def put(self, identifier: str, document: Document) -> None:
        """Create or replace. A replaced document keeps its place in listings. May raise ``DuplicateValueError``."""
        self._transaction._put(self._place, self._table, identifier, document)

    def delete(self, identifier: str) -> bool:
        """Remove; tells whether it was there."""
        if identifier not in self._table.records:
            return False
        self._transaction._delete(self._place, self._table, identifier)
        return True

    def find(self, index: str, value: str, *, lagged: bool = False) -> Document | None:
        """The first document with this index value; with a unique index, the only one."""
        return next(iter(self.list(where=(index, value), limit=1, lagged=lagged).items), None)

    def list(
        self,
        *,
        where: tuple[str, str] | None = None,
        match: Callable[[ReadOnly], bool] | None = None,
        start: int = 0,
        limit: int | None = None,
        newest_first: bool = False,
        lagged: bool = True,
    ) -> Page:
        """A page in order of creation. ``where`` is ``(index, value)``; only ``match`` looks at every document."""
        until = self._transaction._until(lagged)
        if match is None and until is None:
            ids = self._table.ids(where)
            order = reversed(list(ids)) if newest_first else iter(ids)
            chosen = itertools.islice(order, start, None if limit is None else start + limit)
            return Page([copy_document(self._table.records[name].current) for name in chosen], len(ids))
        found = list(select(self._table, where, match, until))
        if newest_first:
            found.reverse()
        part = found[start:] if limit is None else found[start : start + limit]
        return Page([copy_document(dict(document)) for document in part], len(found))

    def ids(self, *, where: tuple[str, str] | None = None) -> tuple[str, ...]:
        """The ids in order of creation."""
        return tuple(self._table.ids(where))

    def count(self, *, where: tuple[str, str] | None = None) -> int:
        """How many documents there are, without copying any."""
        return len(self._table.ids(where))

    def due(self, now: float) -> tuple[str, ...]:
        """The ids whose due time (see ``Kind``) has come, earliest first."""
        return tuple(self._table.due(now))
