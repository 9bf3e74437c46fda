"""Two ways to say the same formula: plain booleans for one request, z3 terms for all requests at once."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, Protocol

import z3

TEXTS = tuple(
    head + tail
    for head in ("vpc-", "VPC-", "")
    for tail in ("a", "b", "c", "A", "B", "C", "xa", "xA", "Xb", "xx", "XX", "", "*", "?", "*a", "*A")
)
"""One text at least of every class that the random patterns can make, case ignored or not, wildcards as letters too."""
FLAGS = ("true", "false")
ALWAYS = ("time",)
_V6 = 1 << 40
_CONTEXT = z3.main_ctx()
_TRUE, _FALSE = z3.BoolVal(True), z3.BoolVal(False)  # compared by identity: z3's own comparison makes a term


def number(address: str) -> int:
    ip = ipaddress.ip_address(address)
    return int(ip) + (_V6 if ip.version == 6 else 0)


@cache
def span(block: str) -> tuple[int, int]:
    network = ipaddress.ip_network(block, strict=False)
    return number(str(network[0])), number(str(network[-1]))


def fits(patterns: Iterable[str], text: str) -> bool:
    """fnmatch without its brackets: no name here has any."""
    return any(fnmatchcase(text, pattern) for pattern in patterns)


@cache
def fitting(names: tuple[str, ...], patterns: tuple[str, ...]) -> frozenset[str]:
    """The names that one of the patterns fits."""
    return frozenset(name for name in names if fits(patterns, name))


@cache
def fitting_in_any_case(names: tuple[str, ...], patterns: tuple[str, ...]) -> frozenset[str]:
    """The names that one of the patterns fits, case ignored."""
    small = [pattern.lower() for pattern in patterns]
    return frozenset(name for name in names if fits(small, name.lower()))


class Logic(Protocol):
    """What an oracle needs to state a cloud's rules."""

    def every(self, terms: Iterable[Any]) -> Any: ...
    def some(self, terms: Iterable[Any]) -> Any: ...
    def no(self, term: Any) -> Any: ...
    def who(self, names: Iterable[str]) -> Any: ...
    def what(self, actions: Iterable[str]) -> Any: ...
    def text(self, attribute: str, fit: Callable[[str], bool]) -> Any: ...
    def between(self, attribute: str, first: int, last: int) -> Any: ...
    def absent(self, attribute: str) -> Any: ...
    def rule(self, name: str) -> Any: ...
    def once(self, key: Hashable, make: Callable[[], Any]) -> Any: ...


@dataclass
class Plain:
    """One request under one reading."""

    principal: str
    action: str
    attributes: Mapping[str, str | int | None]
    rules: Mapping[str, bool]
    asked: set[str] = field(default_factory=set)

    def every(self, terms: Iterable[bool]) -> bool:
        return all(list(terms))

    def some(self, terms: Iterable[bool]) -> bool:
        return any(list(terms))

    def no(self, term: bool) -> bool:
        return not term

    def who(self, names: Iterable[str]) -> bool:
        return self.principal in set(names)

    def what(self, actions: Iterable[str]) -> bool:
        return self.action in set(actions)

    def text(self, attribute: str, fit: Callable[[str], bool]) -> bool:
        value = self.attributes.get(attribute)
        return isinstance(value, str) and fit(value)

    def between(self, attribute: str, first: int, last: int) -> bool:
        value = self.attributes.get(attribute)
        return isinstance(value, int) and first <= value <= last

    def absent(self, attribute: str) -> bool:
        return self.attributes.get(attribute) is None

    def rule(self, name: str) -> bool:
        self.asked.add(name)
        return self.rules.get(name, False)

    def once(self, key: Hashable, make: Callable[[], bool]) -> bool:
        return make()


class Symbolic:
    """All requests and all readings: one solver, one push and pop for each question."""

    def __init__(self, principals: Sequence[str], actions: Sequence[str], texts: Sequence[str] = TEXTS) -> None:
        self.solver = z3.SolverFor("QF_LIA")
        self._sets = {"who": principals, "what": actions}
        self._texts = texts
        self._terms: dict[str, list[Any]] = {}
        self._numbers: dict[str, Any] = {}
        self._flags: dict[str, Any] = {}
        self._memo: dict[Any, Any] = {}
        for name, members in self._sets.items():
            self._choose(name, members)

    def _choose(self, name: str, members: Sequence[str]) -> None:
        variable = z3.Int(name)
        self._numbers[name] = variable
        self.solver.add(variable >= 0, variable < len(members))

    def every(self, terms: Iterable[Any]) -> Any:
        return self._join(z3.Z3_mk_and, terms, neutral=_TRUE, final=_FALSE)

    def some(self, terms: Iterable[Any]) -> Any:
        return self._join(z3.Z3_mk_or, terms, neutral=_FALSE, final=_TRUE)

    def _join(self, make: Callable[..., Any], terms: Iterable[Any], *, neutral: Any, final: Any) -> Any:
        """What z3.And and z3.Or make, less the sorts that they look up again for each of their parts: all are Bool."""
        parts = [term for term in terms if term is not neutral]
        if any(part is final for part in parts):
            return final
        if len(parts) < 2:
            return parts[0] if parts else neutral
        asts = (z3.Ast * len(parts))(*[part.ast for part in parts])
        return z3.BoolRef(make(_CONTEXT.ref(), len(parts), asts), _CONTEXT)

    def no(self, term: Any) -> Any:
        if term is _TRUE or term is _FALSE:
            return _FALSE if term is _TRUE else _TRUE
        return z3.BoolRef(z3.Z3_mk_not(_CONTEXT.ref(), term.ast), _CONTEXT)

    def _member(self, name: str, members: Sequence[str], wanted: Iterable[str]) -> Any:
        chosen = frozenset(wanted)
        if (name, chosen) not in self._memo:
            variable = self._numbers[name]
            places = [index for index, member in enumerate(members) if member in chosen]
            self._memo[name, chosen] = self.some([variable == place for place in places])
        return self._memo[name, chosen]

    def who(self, names: Iterable[str]) -> Any:
        return self._member("who", self._sets["who"], names)

    def what(self, actions: Iterable[str]) -> Any:
        return self._member("what", self._sets["what"], actions)

    def text(self, attribute: str, fit: Callable[[str], bool]) -> Any:
        name = f"text {attribute}"
        domain = FLAGS if attribute in {"mfa", "secure_transport"} else self._texts
        if name not in self._numbers:
            self._choose(name, domain)
        return z3.And(z3.Not(self.absent(attribute)), self._member(name, domain, filter(fit, domain)))

    def between(self, attribute: str, first: int, last: int) -> Any:
        key = (attribute, first, last)
        if key not in self._memo:
            variable = self._number(attribute)
            self._memo[key] = z3.And(z3.Not(self.absent(attribute)), variable >= first, variable <= last)
        return self._memo[key]

    def _number(self, attribute: str) -> Any:
        name = f"number {attribute}"
        if name not in self._numbers:
            variable = self._numbers[name] = z3.Int(name)
            if attribute in ALWAYS:
                self.solver.add(z3.Not(self.absent(attribute)))
            else:
                v4 = z3.And(variable >= 0, variable < 1 << 32)
                self.solver.add(z3.Or(v4, z3.And(variable >= _V6, variable < _V6 + (1 << 128))))
        return self._numbers[name]

    def absent(self, attribute: str) -> Any:
        return self._flag(f"absent {attribute}")

    def rule(self, name: str) -> Any:
        return self._flag(f"rule {name}")

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Terms are dear: the same part of two formulas is made once."""
        if key not in self._memo:
            self._memo[key] = make()
        return self._memo[key]

    def _flag(self, name: str) -> Any:
        if name not in self._flags:
            self._flags[name] = z3.Bool(name)
        return self._flags[name]

    def impossible(self, term: Any) -> bool:
        """Whether no request under any reading makes it true."""
        self.solver.push()
        self.solver.add(term)
        answer = self.solver.check()
        self.solver.pop()
        return bool(answer == z3.unsat)
