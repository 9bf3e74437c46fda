"""The operators of CAM conditions: what they compare, and which values they take."""

from __future__ import annotations

import functools
import ipaddress
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from kms_emulator.tencent.readings import Rules

IF_EXIST = "_if_exist"
ANY, ALL = "for_any_value:", "for_all_value:"
_DATE = re.compile(r"\d{4}-\d\d-\d\dT ?\d\d:\d\d(:\d\d)?Z")  # the blank is in samples of the vendor
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_TRUTHS = ("true", "false")
_NULL = "null_equal"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Comparison:
    """``fits(value of the document, value of the call)``; a negated one holds where nothing fits."""

    fits: Callable[[str, str], bool]
    readable: Callable[[str], bool]
    negated: bool = False


@functools.lru_cache(maxsize=4096)
def network(text: str) -> Network | None:
    """An address block; bits of the host part are allowed and mean nothing."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


@functools.lru_cache(maxsize=4096)
def moment(text: str) -> float | None:
    """Seconds since 1970 of a date in UTC."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.replace(" ", "").removesuffix("Z")).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _in_block(block: str, address: str) -> bool:
    wanted = network(block)
    try:
        return wanted is not None and ipaddress.ip_address(address) in wanted
    except ValueError:
        return False


def _ordered(
    compare: Callable[[float, float], bool], read: Callable[[str], float | None]
) -> Callable[[str, str], bool]:
    def fits(wanted: str, given: str) -> bool:
        # The call's own time is a number of seconds already.
        left, right = _number(given) if read is moment else read(given), read(wanted)
        return left is not None and right is not None and compare(left, right)

    return fits


def _like(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None


def _truth(text: str) -> bool:
    return text.lower() in _TRUTHS


def _anything(_: str) -> bool:
    return True


def _orders(name: str, read: Callable[[str], float | None]) -> dict[str, Comparison]:
    def readable(text: str) -> bool:
        return read(text) is not None

    compares = {"equal": operator.eq, "less_than": operator.lt, "less_than_equal": operator.le,
                "greater_than": operator.gt, "greater_than_equal": operator.ge}  # fmt: skip
    made = {f"{name}_{word}": Comparison(_ordered(compare, read), readable) for word, compare in compares.items()}
    return {**made, f"{name}_not_equal": Comparison(_ordered(operator.eq, read), readable, negated=True)}


def _pair(name: str, fits: Callable[[str, str], bool], readable: Callable[[str], bool]) -> dict[str, Comparison]:
    plain, _, tail = name.partition("_")
    return {name: Comparison(fits, readable), f"{plain}_not_{tail}": Comparison(fits, readable, negated=True)}


COMPARISONS: Mapping[str, Comparison] = {
    **_pair("string_equal", operator.eq, _anything),
    **_pair("string_equal_ignore_case", lambda wanted, given: wanted.casefold() == given.casefold(), _anything),
    **_pair("string_like", _like, _anything),
    **_orders("numeric", _number),
    **_orders("date", moment),
    **_pair("ip_equal", _in_block, lambda text: network(text) is not None),
    "bool_equal": Comparison(lambda wanted, given: wanted.lower() == given.lower(), _truth),
    "binary_equal": Comparison(operator.eq, _anything),
    _NULL: Comparison(operator.eq, _truth),
}


def comparison(name: str) -> Comparison | None:
    """The comparison behind an operator's full name; ``None`` for what is no operator."""
    word = next((name.removeprefix(prefix) for prefix in (ANY, ALL) if name.startswith(prefix)), name)
    word = word.removesuffix(IF_EXIST)
    return COMPARISONS.get(word) if word != _NULL or name == _NULL else None


def holds(name: str, wanted: Sequence[str], given: Sequence[str], rules: Rules) -> bool:
    """Whether one operator holds between the document's values and the call's."""
    compared = comparison(name)
    if compared is None:
        return False
    if name == _NULL:
        return any((value.lower() == "true") == (not given) for value in wanted)
    if not given:
        return name.endswith(IF_EXIST) or name.startswith(ALL) or (compared.negated and rules.absent_negated == "holds")
    good = [any(compared.fits(entry, value) for entry in wanted) != compared.negated for value in given]
    if name.startswith((ANY, ALL)):
        return any(good) if name.startswith(ANY) else all(good)
    if len(given) > 1 and rules.several_values == "never":
        return False
    return all(good) if compared.negated else any(good)
