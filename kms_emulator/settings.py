"""The switches: the general ones and those that clouds declare, changeable while the emulator runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

Value = bool | int | float | str


class SettingError(ValueError):
    """A setting that does not exist or a value it cannot take."""


@dataclass(frozen=True)
class Switch:
    """A setting: its default, whose type it keeps, the values allowed (any when empty), and what it does."""

    default: Value
    about: str
    choices: tuple[Value, ...] = ()


GENERAL: Mapping[str, Switch] = {
    "quotas": Switch(True, "refuse objects beyond the cloud's quotas"),
    "throttle": Switch(False, "refuse requests beyond the cloud's request rates"),
    "lag": Switch(0.0, "seconds until a write is seen by listings"),
    "strict": Switch(False, "refuse unknown parameters that the real service ignores"),
    "signing_clock": Switch("real", "the clock that dates in signatures are checked against", ("real", "emulated")),
}


class Settings:
    """Current values. A cloud's switch is known outside as ``cloud.name``, and to the cloud as ``name``."""

    def __init__(self, clouds: Mapping[str, Mapping[str, Switch]]) -> None:
        own = {f"{cloud}.{name}": switch for cloud, table in clouds.items() for name, switch in table.items()}
        self._switches: dict[str, Switch] = {**GENERAL, **own}
        self._values: dict[str, Value] = {name: switch.default for name, switch in self._switches.items()}

    def values(self) -> dict[str, Value]:
        """All values by name."""
        return dict(self._values)

    def update(self, changes: Mapping[str, object]) -> None:
        """Change some settings, all of them or none."""
        checked = {name: self._checked(name, value) for name, value in changes.items()}
        self._values = {**self._values, **checked}

    def update_text(self, assignments: Mapping[str, str]) -> None:
        """Change settings given as text, as on a command line."""
        self.update({name: self._from_text(name, text) for name, text in assignments.items()})

    def get(self, name: str, cloud: str | None = None) -> Value:
        """A value; with ``cloud``, that of the cloud's own switch."""
        return self._values[name if cloud is None else f"{cloud}.{name}"]

    def flag(self, name: str, cloud: str | None = None) -> bool:
        """A yes-or-no value."""
        return bool(self.get(name, cloud))

    @property
    def lag(self) -> float:
        """Seconds until a write is seen by listings."""
        return float(self._values["lag"])

    def _switch(self, name: str) -> Switch:
        switch = self._switches.get(name)
        if switch is None:
            raise SettingError(f"setting {name!r} does not exist; allowed are {', '.join(sorted(self._switches))}")
        return switch

    def _checked(self, name: str, value: object) -> Value:
        switch = self._switch(name)
        wanted = type(switch.default)
        if wanted is float and type(value) is int:
            value = float(value)
        if type(value) is not wanted or not isinstance(value, bool | int | float | str):
            raise SettingError(f"setting {name}: {value!r} is not of the type {wanted.__name__}")
        if isinstance(value, float) and not (math.isfinite(value) and value >= 0):
            raise SettingError(f"setting {name}: {value!r} is not a number of zero or more")
        if switch.choices and value not in switch.choices:
            allowed = ", ".join(str(choice) for choice in switch.choices)
            raise SettingError(f"setting {name}: {value!r} is not allowed; allowed are {allowed}")
        return value

    def _from_text(self, name: str, text: str) -> Value:
        wanted = type(self._switch(name).default)
        if wanted is bool:
            words = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}
            if text.lower() not in words:
                raise SettingError(f"setting {name}: {text!r} is not yes or no; allowed are {', '.join(words)}")
            return words[text.lower()]
        try:
            return wanted(text)
        except ValueError:
            raise SettingError(f"setting {name}: {text!r} is not of the type {wanted.__name__}") from None
