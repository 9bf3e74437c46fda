"""The operators of conditions in RAM policies and key policies: what they compare, and which values they take [R3]."""

from __future__ import annotations

import functools
import ipaddress
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kms_emulator.alibaba.readings import Rules

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_TRUTHS = ("true", "false")


@dataclass(frozen=True)
class Operator:
    """``fits(value of the document, value of the call, rules)``; a negated one holds where nothing fits."""

    fits: Callable[[str, str, Rules], bool]
    readable: Callable[[str], bool]
    negated: bool = False


def as_text(value: Any) -> str:
    """A value of a condition: numbers and truths may stand without quotes."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def fits(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern in which ``*`` is any run of characters and ``?`` is one."""
    if "*" not in pattern and "?" not in pattern:
        return pattern == text
    return _compiled(pattern).fullmatch(text) is not None


@functools.lru_cache(maxsize=8192)
def _compiled(pattern: str) -> re.Pattern[str]:
    runs = re.sub(r"\*+", "*", pattern)  # many stars in a row would make the search slow, and say nothing more
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(sign) or re.escape(sign) for sign in runs), re.DOTALL)


@functools.lru_cache(maxsize=8192)
def block(text: str) -> tuple[Network, bool] | None:
    """An address block, and whether its host bits were clear; ``None`` for anything else."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return network, text.partition("/")[0] == str(network.network_address) or "/" not in text


@functools.lru_cache(maxsize=8192)
def address(text: str) -> Address | None:
    """An address; an IPv4 one in its IPv6 form is the IPv4 one."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped) or found


def within(wanted: str, given: str, rules: Rules) -> bool:
    """Whether an address is in a block. What is no address is in none, and what is no block holds none."""
    found, caller = block(wanted), address(given)
    if found is None or caller is None:
        return False
    network, clear = found
    if caller not in network or (not clear and rules.host_bits == "matches nothing"):
        return False
    ends = (network.network_address, network.broadcast_address)
    return rules.block_ends == "inside" or network.num_addresses <= len(ends) or caller not in ends


@functools.lru_cache(maxsize=8192)
def moment(text: str) -> float | None:
    """Seconds since 1970 of an instant, which has an offset."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return None


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _anything(_: str) -> bool:
    return True


def _texts(compare: Callable[[str, str], bool]) -> Callable[[str, str, Rules], bool]:
    return lambda wanted, given, _: compare(wanted, given)


def _ordered(
    compare: Callable[[float, float], bool], read: Callable[[str], float | None]
) -> Callable[[str, str, Rules], bool]:
    def fit(wanted: str, given: str, _: Rules) -> bool:
        left, right = read(given), read(wanted)
        return left is not None and right is not None and compare(left, right)

    return fit


def _orders(kind: str, read: Callable[[str], float | None]) -> dict[str, Operator]:
    def readable(text: str) -> bool:
        return read(text) is not None

    words = {"Equals": operator.eq, "LessThan": operator.lt, "LessThanEquals": operator.le,
             "GreaterThan": operator.gt, "GreaterThanEquals": operator.ge}  # fmt: skip
    made = {f"{kind}{word}": Operator(_ordered(compare, read), readable) for word, compare in words.items()}
    return {**made, f"{kind}NotEquals": Operator(_ordered(operator.eq, read), readable, negated=True)}


def _strings(word: str, compare: Callable[[str, str], bool]) -> dict[str, Operator]:
    plain = Operator(_texts(compare), _anything)
    return {f"String{word}": plain, f"StringNot{word}": Operator(plain.fits, plain.readable, negated=True)}


def _is_block(text: str) -> bool:
    return block(text) is not None


OPERATORS: Mapping[str, Operator] = {
    **_strings("Equals", operator.eq),
    **_strings("EqualsIgnoreCase", lambda wanted, given: wanted.casefold() == given.casefold()),
    **_strings("Like", fits),
    **_orders("Numeric", _number),
    **_orders("Date", moment),
    "Bool": Operator(_texts(lambda wanted, given: wanted.lower() == given.lower()), lambda text: text in _TRUTHS),
    "IpAddress": Operator(within, _is_block),
    "NotIpAddress": Operator(within, _is_block, negated=True),
}


def is_readable(name: str, value: str) -> bool:
    """Whether an operator can compare this value of a document."""
    return OPERATORS[name].readable(value)


def holds(name: str, wanted: Sequence[str], given: str | None, rules: Rules) -> bool:
    """Whether one operator holds between the document's values and the call's, which may have none."""
    compared = OPERATORS.get(name)
    if compared is None:
        return False
    if given is None:
        return compared.negated and rules.absent_negated == "holds"
    return any(compared.fits(entry, given, rules) for entry in wanted) != compared.negated
