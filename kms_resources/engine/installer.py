"""Fetches Pulumi's own release, checked against the published checksums."""

import hashlib
import os
import platform
import re
import shutil
import tarfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import BinaryIO

from kms_resources.engine import cache
from kms_resources.engine.errors import EngineError
from kms_resources.engine.types import Engine, Origin, Report
from kms_resources.engine.version import ENGINE_VERSION

NO_DOWNLOAD = "KMS_ENGINE_NO_DOWNLOAD"
"""Set to 1: never ask Pulumi's servers, build from Go modules."""

TIMEOUT = 10.0
"""Seconds to connect and between two pieces. Short: behind a closed door the build should start at once."""

MAXIMUM_CHECKSUMS = 1 << 20
_ALGORITHMS = {64: "sha256", 128: "sha512"}
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
_LINE = re.compile(r"([0-9a-fA-F]{64,128})\s+\*?(\S+)")


class UnreachableError(Exception):
    """The release can't be had here; the reason in a few words. Building is the way on."""


@dataclass(frozen=True)
class Source:
    """Where a release lies."""

    archive: str
    """Address of the archive."""

    checksums: tuple[str, ...]
    """Addresses of files with checksums, tried in this order."""


def official_source() -> Source:
    """Return the addresses of the release for this machine."""
    machine = _MACHINES.get(platform.machine().lower())
    system = platform.system().lower()
    if machine is None or system not in {"linux", "darwin"}:
        raise UnreachableError(f"Pulumi publishes no release for {platform.system()} on {platform.machine()}")
    sdk = "https://get.pulumi.com/releases/sdk"
    release = f"https://github.com/pulumi/pulumi/releases/download/v{ENGINE_VERSION}"
    sums = f"pulumi-{ENGINE_VERSION}-checksums.txt"
    return Source(
        f"{sdk}/pulumi-v{ENGINE_VERSION}-{system}-{machine}.tar.gz",
        (f"{release}/SHA512SUMS", f"{release}/{sums}", f"{sdk}/{sums}"),
    )


def install(report: Report, source: Source | None = None) -> Engine:
    """Fetch, check and unpack a release into the cache. The caller holds the lock.

    Raises `UnreachableError` when the release can't be had, and `EngineError` when it could, but must not be trusted.
    """
    if os.environ.get(NO_DOWNLOAD, "") not in {"", "0"}:
        raise UnreachableError(f"{NO_DOWNLOAD} is set")
    source = source or official_source()
    with cache.staging_directory() as work:
        archive = work / "release.tar.gz"
        digest_of = _download(source.archive, archive, report)
        name = source.archive.rsplit("/", 1)[-1]
        expected = _published_checksum(source, name)
        algorithm = _ALGORITHMS[len(expected)]
        found = digest_of[algorithm]
        if found != expected:
            raise EngineError(
                f"The download {source.archive} is not what was published: its {algorithm} is {found}, not {expected}.",
                f"Nothing was installed. Try again later, or set {NO_DOWNLOAD}=1 to build from Go modules instead.",
            )
        return cache.publish(_unpack(archive, work / "engine"), Origin.INSTALLER)


def _open(address: str) -> BinaryIO:
    try:
        response: BinaryIO = urllib.request.urlopen(address, timeout=TIMEOUT)  # noqa: S310 -- https, see official_source
    except (urllib.error.URLError, HTTPException, OSError) as error:
        reason = getattr(error, "reason", None) or error
        raise UnreachableError(f"{address}: {reason}") from error
    return response


def _download(address: str, target: Path, report: Report) -> dict[str, str]:
    """Write the body to `target` and return its digests by algorithm."""
    digests = {name: hashlib.new(name) for name in _ALGORITHMS.values()}
    with _open(address) as response, target.open("wb") as file:
        report(f"Fetching {address}")
        try:
            while piece := response.read(1 << 20):
                file.write(piece)
                for digest in digests.values():
                    digest.update(piece)
        except (HTTPException, OSError) as error:
            raise UnreachableError(f"{address}: the download broke off ({error})") from error
    return {name: digest.hexdigest() for name, digest in digests.items()}


def _published_checksum(source: Source, name: str) -> str:
    for address in source.checksums:
        try:
            with _open(address) as response:
                text = response.read(MAXIMUM_CHECKSUMS).decode("utf-8", "replace")
        except (UnreachableError, HTTPException, OSError):
            continue
        for line in text.splitlines():
            match = _LINE.fullmatch(line.strip())
            if match and match[2].rsplit("/", 1)[-1] == name and len(match[1]) in _ALGORITHMS:
                return match[1].lower()
    raise EngineError(
        f"The download {source.archive} can't be checked, because no checksum for {name} could be had from "
        f"{', '.join(source.checksums)}.",
        f"Nothing was installed. Set {NO_DOWNLOAD}=1 to build from Go modules, which are checked by go.sum.",
    )


def _unpack(archive: Path, target: Path) -> Path:
    """Unpack and return one flat folder with the executables."""
    try:
        with tarfile.open(archive, "r:gz") as release:
            release.extractall(target, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise EngineError(
            f"The checked download can't be unpacked: {error}.",
            f"Check the free space of the disk that holds {target.parent}.",
        ) from error
    found = sorted(target.rglob("pulumi-language-python"))
    if not found:
        raise EngineError(
            "The checked download holds no pulumi-language-python.",
            f"Set {NO_DOWNLOAD}=1 to build from Go modules instead.",
        )
    folder = found[0].parent
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
    return folder
