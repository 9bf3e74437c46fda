"""The contract between the emulator and a cloud: what a cloud is given, and what it gives back.

The way of one request:

1. ``Cloud.recognises`` of each cloud, in the registry's order, until one says yes.
2. ``Cloud.describe`` names the request: action, account, region, pot, key. It parses, and touches no store.
3. Faults that act before anything is done; then, if throttling is on, the bucket of ``Call.pot``.
4. ``Cloud.execute`` verifies the signature before all else, then does the business in one transaction.
5. The transaction is committed, the journal written, the answer sent (or spoiled by a fault).

**Returned means committed, raised means rolled back.** An ``Answer`` that is returned keeps the request's writes, also
when it reports an error. To refuse, raise ``Refused(answer)``: the writes vanish and the answer is sent. Any other
exception is a defect of the emulator: rolled back, logged with its traceback, answered with a plain HTTP 500.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from werkzeug import Request

from kms_emulator.documents import Document, DuplicateValueError, Index, Kind
from kms_emulator.replay import ReplayGuard
from kms_emulator.seed import Directory, Principal
from kms_emulator.settings import Settings, Switch, Value
from kms_emulator.store import Collection, Page, Scope, Transaction
from kms_emulator.throttle import Rate

__all__ = [
    "Answer", "Call", "Cloud", "Collection", "Context", "Directory", "Document", "DuplicateValueError", "Index",
    "Kind", "Page", "Principal", "Rate", "Refused", "Request", "Scope", "Switch", "raw_target",
]  # fmt: skip


@dataclass(frozen=True)
class Call:
    """A request as its cloud understands it, before it is verified or done.

    ``account`` is the account that the access key id claims to belong to (``Directory.find``), or empty. ``pot`` names
    the request rate that applies (a key of ``Cloud.rates``), or is empty for none. ``key`` is the id or alias of the
    key the request is about, as given, for the journal and for faults; never put anything secret there. ``data`` is
    the cloud's own parsed form. ``request_id`` is made here; answer with it, so that the journal and the client agree.
    """

    action: str
    request: Request = field(repr=False)
    account: str = ""
    region: str = ""
    pot: str = ""
    key: str = ""
    data: Any = field(default=None, repr=False)
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def scope(self) -> Scope:
        """Where the documents of this call live."""
        return Scope(self.account, self.region)

    @property
    def body(self) -> bytes:
        """The body exactly as received."""
        return self.request.get_data(cache=True)


@dataclass(frozen=True)
class Answer:
    """What is sent back. ``error`` is the cloud's error code and ``key`` the key's id (made or meant), for the journal.

    ``key`` left empty means ``Call.key``.
    """

    status: int
    body: bytes = field(repr=False)
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    key: str = ""

    @classmethod
    def json(
        cls,
        payload: object,
        *,
        status: int = 200,
        error: str = "",
        key: str = "",
        headers: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Answer:
        """An answer whose body is compact JSON in UTF-8."""
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, body, content_type, headers or {}, error, key)


class Refused(Exception):  # noqa: N818 - it is an answer, not a failure
    """Raised by a cloud to undo the request's writes and send this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status} {answer.error}")
        self.answer = answer


@dataclass(frozen=True)
class Context:
    """Everything a cloud may use to execute a call.

    ``store``: the transaction; ``store.collection("keys", call.scope)`` gives the documents of a declared kind. The
    first use takes the store's lock until the end of the request, so verify signatures and make key material before.

    ``now``: emulated time, fixed for the request. All business time comes from it. ``signing_time``: what dates in
    signatures are compared with: real time, because clients sign with their own clock, unless the setting
    ``signing_clock`` is ``emulated``.

    ``random``: the only source of randomness; cryptographically strong unless the emulator was started with a seed.

    ``directory``: who exists. ``replay``: ``first_use(pool, nonce, seconds)`` for nonces; ask after the signature was
    found good.
    """

    cloud: str
    store: Transaction = field(repr=False)
    now: float
    signing_time: float
    random: random.Random = field(repr=False)
    directory: Directory = field(repr=False)
    replay: ReplayGuard = field(repr=False)
    settings: Settings = field(repr=False)

    def switch(self, name: str) -> Value:
        """The value of one of the cloud's own switches (declared in ``Cloud.switches``)."""
        return self.settings.get(name, self.cloud)

    @property
    def quotas(self) -> bool:
        """Whether quotas of objects are enforced."""
        return self.settings.flag("quotas")

    @property
    def strict(self) -> bool:
        """Whether parameters that the real service ignores are refused."""
        return self.settings.flag("strict")

    def uuid(self) -> str:
        """A random UUID as text, from ``random``."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))


class Cloud(Protocol):
    """One emulated cloud. One object serves all requests, from several threads at a time: keep state in the store.

    ``name``: lower-case, also the name of its folder. ``kinds``: the kinds of documents it stores. ``switches``: its
    own settings with defaults, known outside as ``name.switch``. ``rates``: the request rate of each pot; a bucket
    exists per account, region and pot.
    """

    @property
    def name(self) -> str:
        """The cloud's name."""
        ...

    @property
    def kinds(self) -> Sequence[Kind]:
        """The kinds of documents it stores."""
        ...

    @property
    def switches(self) -> Mapping[str, Switch]:
        """Its own settings."""
        ...

    @property
    def rates(self) -> Mapping[str, Rate]:
        """The request rate of each pot."""
        ...

    def recognises(self, request: Request) -> bool:
        """Whether the request is for this cloud, whether or not it is a good one. Cheap: headers, path, parameters."""
        ...

    def describe(self, request: Request, directory: Directory) -> Call:
        """Name the request. Raise ``Refused`` for what cannot even be named (a body that is no JSON, no action)."""
        ...

    def execute(self, call: Call, context: Context) -> Answer:
        """Verify the signature, then do the action. An unknown action is refused by name."""
        ...

    def throttled(self, call: Call) -> Answer:
        """The cloud's own answer to too many requests."""
        ...

    def outage(self, call: Call, status: int) -> Answer:
        """The cloud's own answer when it is broken, with this HTTP status (5xx)."""
        ...


def raw_target(request: Request) -> tuple[str, str]:
    """The path and the query exactly as sent (still percent-encoded), which is what signatures cover."""
    path, _, query = str(request.environ["REQUEST_URI"]).partition("?")
    return path, query
