"""The control paths below ``/_emulator``: clock, faults, journal, settings, reset, health."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug import Request

from kms_emulator.contract import Answer
from kms_emulator.emulator import Emulator
from kms_emulator.faults import FaultRule, FaultRuleError
from kms_emulator.settings import SettingError

PREFIX = "/_emulator/"


class _BadRequestError(ValueError):
    """A control request that makes no sense."""


class Control:
    """Answers control requests."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._routes: Mapping[tuple[str, str], Callable[[Request], object]] = {
            ("GET", "health"): self._health,
            ("GET", "clock"): self._clock,
            ("POST", "clock"): self._move_clock,
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "journal"): self._journal,
            ("DELETE", "journal"): self._clear_journal,
            ("GET", "journal/summary"): self._summary,
            ("GET", "settings"): self._settings,
            ("POST", "settings"): self._change_settings,
            ("POST", "reset"): self._reset,
        }

    def handle(self, request: Request) -> Answer:
        """Answer one control request."""
        name = request.path.removeprefix(PREFIX).rstrip("/")
        route = self._routes.get((request.method, name))
        if route is None:
            known = [f"{method} {PREFIX}{path}" for method, path in self._routes]
            return Answer.json({"error": f"no {request.method} {request.path}", "understood": known}, status=404)
        try:
            return Answer.json(route(request))
        except (_BadRequestError, FaultRuleError, SettingError) as problem:
            return Answer.json({"error": str(problem)}, status=400)

    def _health(self, _request: Request) -> object:
        return {
            "status": "ok",
            "clouds": [cloud.name for cloud in self._emulator.clouds],
            "documents": self._emulator.store.count(),
        }

    def _clock(self, _request: Request) -> object:
        clock = self._emulator.clock
        return {"now": clock.now(), "offset": clock.offset}

    def _move_clock(self, request: Request) -> object:
        given = _table(request)
        if len(given) != 1 or not set(given) <= {"advance", "set"}:
            raise _BadRequestError('clock: give either {"advance": seconds} or {"set": seconds since 1970}')
        name, value = next(iter(given.items()))
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise _BadRequestError(f"clock: {name} is {value!r}; allowed is a number of seconds")
        if name == "advance":
            self._emulator.clock.advance(float(value))
        else:
            self._emulator.clock.set(float(value))
        return self._clock(request)

    def _faults(self, _request: Request) -> object:
        return {"faults": self._emulator.faults.listing()}

    def _add_faults(self, request: Request) -> object:
        content = _content(request)
        given = content if isinstance(content, list) else [content]
        if not given or not all(isinstance(entry, dict) for entry in given):
            raise _BadRequestError("faults: give one rule or a list of rules, each a JSON object")
        rules = [FaultRule.parse(entry) for entry in given]
        return {"added": [self._emulator.faults.add(rule) for rule in rules]}

    def _clear_faults(self, _request: Request) -> object:
        self._emulator.faults.clear()
        return {"faults": []}

    def _journal(self, request: Request) -> object:
        since = request.args.get("since", "0")
        if not since.isascii() or not since.isdigit():
            raise _BadRequestError(f"journal: since is {since!r}; allowed is a whole number")
        journal = self._emulator.journal
        # ``last`` is read first: an entry added meanwhile is seen again rather than never.
        last = journal.last
        found = journal.entries(int(since), request.args.get("cloud"), request.args.get("action"))
        return {"last": last, "entries": found}

    def _summary(self, _request: Request) -> object:
        return {"counts": self._emulator.journal.summary()}

    def _clear_journal(self, _request: Request) -> object:
        self._emulator.journal.clear()
        return {"last": self._emulator.journal.last}

    def _settings(self, _request: Request) -> object:
        return {"settings": self._emulator.settings.values()}

    def _change_settings(self, request: Request) -> object:
        self._emulator.settings.update(_table(request))
        return self._settings(request)

    def _reset(self, _request: Request) -> object:
        self._emulator.reset()
        return {"documents": self._emulator.store.count()}


def _content(request: Request) -> Any:
    try:
        return json.loads(request.get_data())
    except ValueError as problem:
        raise _BadRequestError(f"the body is not JSON: {problem}") from None


def _table(request: Request) -> dict[str, Any]:
    content = _content(request)
    if not isinstance(content, dict):
        raise _BadRequestError("the body is not a JSON object")
    return content
