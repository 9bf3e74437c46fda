"""A second way in: a cloud's gateway of its own, under HTTPS with an authority of its own, on a further port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from kms_emulator.contract import Directory
from kms_emulator.emulator import Emulator
from kms_emulator.envfile import write_private
from kms_emulator.server import EmulatorServer
from kms_emulator.store import Transaction
from kms_emulator.tls import TlsFiles


@dataclass(frozen=True)
class Export:
    """A variable for the environment file. With ``file`` the value is the content of a file of that name beside it."""

    variable: str
    value: str = field(repr=False)
    file: str = ""


@runtime_checkable
class CloudWithDoor(Protocol):
    """What a cloud offers that has a gateway of its own."""

    name: str

    def door_certificates(self, folder: Path, host: str) -> TlsFiles:
        """Write the gateway's authority and server certificate."""
        ...

    def door_settings(self, authority: str) -> Mapping[str, str]:
        """Switches of the cloud that follow from the authority, which is given as PEM."""
        ...

    def door_exports(self, store: Transaction, directory: Directory, now: float) -> Sequence[Export]:
        """What a client of the gateway needs besides its address and authority."""
        ...

    def door_variables(self) -> tuple[str, str]:
        """The names of the variables for the address and for the file of the authority."""
        ...


class Door:
    """The further listener of one cloud. It serves what the first one serves. Use as a context manager."""

    def __init__(self, emulator: Emulator, cloud: CloudWithDoor, folder: Path, *, host: str, port: int) -> None:
        self._emulator, self._cloud = emulator, cloud
        files = cloud.door_certificates(folder, host)
        self.authority = files.authority
        own = {
            f"{cloud.name}.{name}": value
            for name, value in cloud.door_settings(self.authority.read_text(encoding="ascii")).items()
        }
        # What somebody has set by hand stays.
        emulator.settings.update({name: value for name, value in own.items() if not emulator.settings.get(name)})
        self._server = EmulatorServer(emulator, host, port, (files.certificate, files.key))

    def __enter__(self) -> str:
        return self._server.start()

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def exports(self, directory: Directory, beside: Path) -> dict[str, str]:
        """The variables for a client, if anybody can be one; files are written beside the environment file."""
        if not directory.of_cloud(self._cloud.name):
            return {}
        with self._emulator.store.transaction(self._cloud.name) as store:
            wanted = self._cloud.door_exports(store, directory, self._emulator.clock.now())
        address, authority = self._cloud.door_variables()
        pem = Export(authority, self.authority.read_text(encoding="ascii"), f"{self._cloud.name}-ca.pem")
        variables = {address: self._server.url}
        for export in (*wanted, pem):
            if not export.file:
                variables[export.variable] = export.value
                continue
            path = beside.with_name(f"{beside.name}.{export.file}").absolute()
            write_private(path, export.value)
            variables[export.variable] = str(path)
        return variables


def door_of(emulator: Emulator, folder: Path, *, host: str, port: int) -> Door | None:
    """The door of the one cloud that has one, if it is emulated."""
    cloud = next((entry for entry in emulator.clouds if isinstance(entry, CloudWithDoor)), None)
    return None if cloud is None else Door(emulator, cloud, folder, host=host, port=port)
