"""The emulator's command line: start, say where, serve until told to stop."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import click

from kms_emulator.doors import door_of
from kms_emulator.emulator import Emulator
from kms_emulator.envfile import environment, write_environment
from kms_emulator.registry import CLOUDS, load_clouds
from kms_emulator.seed import SeedError, load_seed
from kms_emulator.server import EmulatorServer
from kms_emulator.settings import SettingError
from kms_emulator.store import StoreError
from kms_emulator.tls import make_certificates

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port to listen on; 0 takes a free one.")
@click.option("--gateway-port", type=click.IntRange(0, 65535), default=0, help="HTTPS port of the instance gateway.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="Folder to keep the store in.")
@click.option("--seed", type=_FILE, help="What exists at the start, YAML.")
@click.option("--env-file", type=click.Path(dir_okay=False, path_type=Path), help="Write exports for a shell here.")
@click.option("--cloud", "clouds", multiple=True, type=click.Choice(CLOUDS), help="Emulate only this cloud.")
@click.option("--tls/--no-tls", default=False, help="HTTPS; without a certificate one is made.")
@click.option("--tls-cert", type=_FILE, help="Certificate chain, PEM.")
@click.option("--tls-key", type=_FILE, help="Private key, PEM.")
@click.option("--quotas/--no-quotas", default=True, show_default=True, help="Enforce quotas of objects.")
@click.option("--throttle/--no-throttle", default=False, show_default=True, help="Enforce request rates.")
@click.option("--lag", type=click.FloatRange(min=0), default=0.0, help="Seconds until listings show a write.")
@click.option("--strict/--no-strict", default=False, help="Refuse unknown parameters that a real service ignores.")
@click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE", help="Any setting, such as a cloud's own.")
@click.option("--random-seed", type=int, help="Make ids and key material repeatable.")
def main(
    *, port: int, gateway_port: int, host: str, data: Path | None, seed: Path | None, env_file: Path | None,
    clouds: tuple[str, ...], tls: bool, tls_cert: Path | None, tls_key: Path | None, quotas: bool, throttle: bool,
    lag: float, strict: bool, assignments: tuple[str, ...], random_seed: int | None,
) -> None:  # fmt: skip
    """Emulate the key services of Tencent Cloud, Alibaba Cloud and CTYun on one port, until interrupted."""
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key go together")
    if env_file is not None and not env_file.parent.is_dir():
        raise click.UsageError(f"--env-file: the folder {env_file.parent} does not exist")
    switches: dict[str, object] = {"quotas": quotas, "throttle": throttle, "lag": lag, "strict": strict}
    with ExitStack() as stack:
        stop = stack.enter_context(_stop_on_signals())
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kms-emulator-")))
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            known = load_seed(seed)
            emulator = Emulator(folder, load_clouds(clouds or CLOUDS), known, random_seed=random_seed)
            stack.enter_context(closing(emulator))
            emulator.settings.update(switches)
            emulator.settings.update_text(_assigned(assignments))
            authority = None
            files = (tls_cert, tls_key) if tls_cert and tls_key else None
            if tls and files is None:
                made = make_certificates(folder, host)
                authority, files = made.authority, (made.certificate, made.key)
            server = EmulatorServer(emulator, host, port, files)
            url = server.start()
            stack.callback(server.stop)
            variables = environment(url, known.directory, authority)
            door = door_of(emulator, folder, host=host, port=gateway_port)
            if door is not None:
                stack.enter_context(door)
            if env_file is not None:
                gateway = door.exports(known.directory, env_file) if door is not None else {}
                write_environment(env_file, variables | gateway)
        except (SeedError, SettingError, StoreError, OSError) as problem:
            raise click.ClickException(str(problem)) from problem
        click.echo(f"kms_emulator ready at {url}")
        os.read(stop, 1)


def _assigned(assignments: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in assignments:
        name, sign, value = text.partition("=")
        if not sign:
            raise click.UsageError(f"--set {text}: not of the form NAME=VALUE")
        found[name] = value
    return found


@contextmanager
def _stop_on_signals() -> Iterator[int]:
    """A pipe into which SIGINT and SIGTERM write; the former handlers come back afterwards."""
    # A pipe, because a handler may run while its own thread holds the lock inside threading.Event.
    reader, writer = os.pipe()
    former = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in former:
        signal.signal(number, lambda *_: _ring(writer))
    try:
        yield reader
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        os.close(reader)
        os.close(writer)


def _ring(writer: int) -> None:
    os.write(writer, b"!")
