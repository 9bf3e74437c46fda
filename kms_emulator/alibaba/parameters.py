"""Reads typed values out of a request's parameters, all of which are text on the wire."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from kms_emulator.alibaba.errors import invalid, missing
from kms_emulator.alibaba.facts import DAY, LARGEST_PAGE, PAGE_SIZE

_INTERVAL = re.compile(r"([0-9]{1,12})([dhms])")
_SECONDS = {"d": DAY, "h": 3600, "m": 60, "s": 1}
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_NUMBERED = re.compile(r"\.[0-9]+")


class Parameters:
    """The parameters of one request. An empty optional value counts as absent."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def unknown(self, known: frozenset[str]) -> list[str]:
        """The names that are not known; ``Tag.N.Key`` stands for any number N, ``Data.*`` for any member of Data."""
        open_ended = tuple(name.removesuffix("*") for name in known if name.endswith(".*"))
        return sorted(
            name for name in self._given
            if _NUMBERED.sub(".N", name) not in known and not (open_ended and name.startswith(open_ended))
        )  # fmt: skip

    def present(self, name: str) -> bool:
        """Whether the parameter was sent, even empty."""
        return name in self._given

    def text(self, name: str, default: str = "") -> str:
        """An optional text."""
        return self._given.get(name) or default

    def required(self, name: str) -> str:
        """A text that must be there and not empty."""
        value = self._given.get(name)
        if not value:
            raise missing(name)
        return value

    def choice(self, name: str, allowed: tuple[str, ...], default: str = "") -> str:
        """One of the allowed texts; upper and lower case matter."""
        value = self.text(name, default)
        if value and value not in allowed:
            raise invalid(name, f"{value[:64]!r} is not one of {', '.join(allowed)}")
        return value

    def flag(self, name: str) -> bool | None:
        """True, false, or ``None`` when absent. The vendor's own package writes ``True``, so case does not matter."""
        value = self.text(name).lower()
        if value not in {"", "true", "false"}:
            raise invalid(name, "true or false is expected")
        return None if not value else value == "true"

    def required_flag(self, name: str) -> bool:
        """A flag that must be there."""
        value = self.flag(name)
        if value is None:
            raise missing(name)
        return value

    def integer(self, name: str, default: int | None, low: int, high: int) -> int:
        """A whole number within bounds; without a default it must be there."""
        text = self.text(name) if default is not None else self.required(name)
        if not text and default is not None:
            return default
        if not _NUMBER.fullmatch(text) or not low <= int(text) <= high:
            raise invalid(name, f"a whole number from {low} to {high} is expected")
        return int(text)

    def page(self, default: int = PAGE_SIZE) -> tuple[int, int]:
        """``PageNumber`` and ``PageSize``."""
        number = self.integer("PageNumber", 1, 1, 2**31 - 1)
        return number, self.integer("PageSize", default, 1, LARGEST_PAGE)

    def interval(self, name: str) -> int:
        """A required time span such as ``7d``, in seconds."""
        found = _INTERVAL.fullmatch(self.required(name))
        if not found:
            raise invalid(name, "a whole number and one of the units d, h, m, s is expected")
        return int(found[1]) * _SECONDS[found[2]]

    def json(self, name: str, text: str) -> Any:
        """A value that is itself a JSON text."""
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise invalid(name, "it is not a JSON text") from None

    def json_list(self, name: str) -> list[Any]:
        """An optional parameter that holds a JSON list; absent means none."""
        text = self.text(name)
        value = self.json(name, text) if text else []
        if not isinstance(value, list):
            raise invalid(name, "it is not a JSON list")
        return value

    def binary(self, name: str, most: int) -> bytes:
        """A required value in Base64 (standard alphabet, padded), of at most so many bytes."""
        text = self.required(name)
        try:
            value = base64.b64decode(text.encode("ascii"), validate=True)
        except ValueError:
            raise invalid(name, "it is not Base64") from None
        if not 1 <= len(value) <= most:
            raise invalid(name, f"1 to {most} bytes are allowed")
        return value

    def json_texts(self, name: str) -> dict[str, str]:
        """An optional parameter that holds a JSON object of texts; absent means empty."""
        text = self.text(name)
        value = self.json(name, text) if text else {}
        if not isinstance(value, dict) or not all(isinstance(entry, str) for entry in value.values()):
            raise invalid(name, "it is not a JSON object of texts")
        return value

    def nested(self, name: str) -> dict[str, Any]:
        """An optional object, as a JSON text or flattened to ``Name.member`` as the vendor's package does it."""
        text = self.text(name)
        if text:
            value = self.json(name, text)
            if not isinstance(value, dict):
                raise invalid(name, "it is not a JSON object")
            return value
        found: dict[str, Any] = {}
        for key, value in self._given.items():
            if key.startswith(f"{name}."):
                *path, last = key.removeprefix(f"{name}.").split(".")
                inner = found
                for step in path:
                    inner = inner.setdefault(step, {})
                    if not isinstance(inner, dict):
                        raise invalid(name, "a member is both a text and an object")
                inner[last] = value
        return found

    def numbered(self, name: str, most: int) -> list[str]:
        """``Name.1``, ``Name.2`` … in the order of their numbers."""
        pattern = re.compile(rf"{name}\.([1-9][0-9]*)")
        found = sorted(
            (int(match[1]), value) for key, value in self._given.items() if (match := pattern.fullmatch(key))
        )
        if len(found) > most:
            raise invalid(f"{name}.N", f"at most {most} are allowed")
        return [value for _, value in found]

    def numbered_pairs(self, name: str, most: int) -> list[tuple[str, str]]:
        """``Name.1.Key`` with ``Name.1.Value`` and so on; a missing half is empty."""
        pattern = re.compile(rf"{name}\.([1-9][0-9]*)\.(Key|Value)")
        found: dict[int, dict[str, str]] = {}
        for key, value in self._given.items():
            if match := pattern.fullmatch(key):
                found.setdefault(int(match[1]), {})[match[2]] = value
        if len(found) > most:
            raise invalid(f"{name}.N", f"at most {most} are allowed")
        return [(found[number].get("Key", ""), found[number].get("Value", "")) for number in sorted(found)]
