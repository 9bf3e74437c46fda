"""Addresses and instants as numbers on a line: parsing, and one value for every class that intervals make."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

V6 = 1 << 32
"""IPv4 addresses are the numbers below this one; an IPv6 address is its number plus this one."""
_END = V6 + (1 << 128)
_PREFERRED = ("203.0.113.10", "198.51.100.10", "192.0.2.10", "2001:db8::10")
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.0+)?)?(Z|[+-]\d\d:\d\d)?",
)


@lru_cache(maxsize=100_000)
def parse_address(text: str) -> int:
    """The number of an address. Raises ValueError."""
    address = ipaddress.ip_address(text.strip())
    return int(address) + (V6 if isinstance(address, ipaddress.IPv6Address) else 0)


def show_address(number: int) -> str:
    """The address of a number."""
    return str(ipaddress.IPv6Address(number - V6) if number >= V6 else ipaddress.IPv4Address(number))


@lru_cache(maxsize=100_000)
def parse_block(text: str) -> tuple[int, int, bool]:
    """First and last number of a block or single address, and whether host bits are set. Raises ValueError."""
    interface = ipaddress.ip_interface(text.strip())
    network = interface.network
    base = V6 if isinstance(network, ipaddress.IPv6Network) else 0
    first = int(network.network_address)
    return first + base, int(network.broadcast_address) + base, int(interface.ip) != first


def address_cuts(blocks: Iterable[tuple[int, int, bool]], *, borders: bool) -> list[int]:
    """Where classes of addresses begin; with `borders` the first and last address of a block are classes too."""
    cuts = {0, V6}
    for first, last, _ in blocks:
        cuts |= {first, last + 1}
        if borders and last > first:
            cuts |= {first + 1, last}
    return sorted(cut for cut in cuts if cut < _END)


def address_values(cuts: list[int]) -> list[int]:
    """One address of each class, a well-known documentation address where one is inside."""
    preferred = _preferred()
    values = []
    for index, cut in enumerate(cuts):
        end = cuts[index + 1] if index + 1 < len(cuts) else _END
        inside = next((number for number in preferred if cut <= number < end), None)
        values.append(inside if inside is not None else cut + 1 if cut + 1 < end else cut)
    return values


@lru_cache(maxsize=1)
def _preferred() -> tuple[int, ...]:
    return tuple(parse_address(text) for text in _PREFERRED)


@lru_cache(maxsize=100_000)
def parse_instant(text: str, *, zone_required: bool = True) -> int:
    """Seconds since 1970. Without `zone_required` a text without zone is UTC. Raises ValueError."""
    found = _INSTANT.fullmatch(text.strip())
    if not found or (zone_required and not found[3]):
        raise ValueError(f"{text!r} is not an instant")
    day, clock, zone = found[1], found[2] or "00:00:00", found[3] or "Z"
    moment = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if zone == 'Z' else zone}")
    return int(moment.timestamp())


def show_instant(seconds: int) -> str:
    """ISO 8601, UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant_values(cuts: Iterable[int]) -> list[int]:
    """One instant of each class that begins at a cut, and one before all of them."""
    ordered = sorted(set(cuts))
    return [ordered[0] - 86_400, *ordered] if ordered else [parse_instant("2030-01-01T00:00:00Z")]
