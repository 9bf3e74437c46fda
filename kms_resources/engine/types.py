"""What the engine package hands out: where the engine is and how it got there."""

import enum
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Report = Callable[[str], None]
"""Receives one line of progress at a time."""

ENGINE_SETTINGS: Mapping[str, str] = {
    "PULUMI_SKIP_UPDATE_CHECK": "true",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
}
"""Set for every engine we start, unless the user has set them: nothing is looked up or downloaded behind their back."""

CACHED_ENGINE_SETTINGS: Mapping[str, str] = {"PULUMI_IGNORE_AMBIENT_PLUGINS": "true"}
"""For an engine of our cache only: an old Pulumi on PATH must not lend it its language host."""


class Origin(enum.Enum):
    """How an engine got onto this machine."""

    PATH = "path"
    INSTALLER = "installer"
    BUILT = "built"


class Host(enum.Enum):
    """Whose Python language host the engine starts."""

    OFFICIAL = "official"
    OURS = "ours"


@dataclass(frozen=True)
class Engine:
    """One usable Pulumi engine."""

    path: Path
    """The `pulumi` executable."""

    version: str
    """What `pulumi version` says, without the `v`."""

    origin: Origin
    """How it got here."""

    directory: Path
    """The folder that holds the executable and its language host."""

    host: Host
    """Whose language host runs Python programs."""

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return `base` made fit for running this engine: this Python first on PATH, no update check, no downloads."""
        environment = dict(base)
        first = [str(Path(sys.prefix) / "bin"), str(self.directory)]
        rest = [entry for entry in base.get("PATH", os.defpath).split(os.pathsep) if entry not in first]
        environment["PATH"] = os.pathsep.join([*first, *rest])
        settings = dict(ENGINE_SETTINGS)
        if self.origin is not Origin.PATH:
            settings |= CACHED_ENGINE_SETTINGS
        return settings | environment
