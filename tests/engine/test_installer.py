import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kms_resources.engine import EngineError, Host, Origin, cache, installer

ARCHIVE = "pulumi-v3.259.0-linux-x64.tar.gz"


def silent(_line: str) -> None:
    """Report to nobody."""


def release(names: tuple[str, ...] = cache.EXECUTABLES) -> bytes:
    """Return an archive shaped like Pulumi's own."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name in names:
            content = f"#!/bin/sh\n# {name}\n".encode()
            entry = tarfile.TarInfo(f"pulumi/{name}")
            entry.size, entry.mode = len(content), 0o755
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


class Shelf:
    """A web server on loopback with files to serve."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.files: dict[str, bytes] = {}
        self.requests: list[str] = []

    def source(self) -> installer.Source:
        return installer.Source(f"{self.address}/{ARCHIVE}", (f"{self.address}/SHA512SUMS", f"{self.address}/sums.txt"))


@pytest.fixture
def shelf(empty_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    monkeypatch.delenv(installer.NO_DOWNLOAD, raising=False)
    monkeypatch.setenv("no_proxy", "*")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.removeprefix("/")
            served.requests.append(name)
            body = served.files.get(name)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_arguments: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Shelf(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_release_with_the_published_checksum_is_installed(shelf: Shelf) -> None:
    shelf.files[ARCHIVE] = release()
    line = f"{hashlib.sha512(shelf.files[ARCHIVE]).hexdigest()}  {ARCHIVE}\n"
    shelf.files["SHA512SUMS"] = f"{'0' * 128}  another.tar.gz\n{line}".encode()
    engine = installer.install(silent, shelf.source())
    assert (engine.origin, engine.host) == (Origin.INSTALLER, Host.OFFICIAL)
    assert cache.cached_engine() == engine


def test_a_sha256_list_will_do_when_there_is_no_sha512_list(shelf: Shelf) -> None:
    shelf.files[ARCHIVE] = release()
    shelf.files["sums.txt"] = f"{hashlib.sha256(shelf.files[ARCHIVE]).hexdigest()} *{ARCHIVE}\n".encode()
    assert installer.install(silent, shelf.source()).origin is Origin.INSTALLER


def test_a_download_that_is_not_what_was_published_is_refused(shelf: Shelf, empty_machine: Path) -> None:
    shelf.files[ARCHIVE] = release()
    shelf.files["SHA512SUMS"] = f"{hashlib.sha512(b'the real one').hexdigest()}  {ARCHIVE}\n".encode()
    with pytest.raises(EngineError, match="is not what was published: its sha512 is"):
        installer.install(silent, shelf.source())
    assert list(empty_machine.iterdir()) == []


def test_a_download_without_any_checksum_is_refused(shelf: Shelf, empty_machine: Path) -> None:
    shelf.files[ARCHIVE] = release()
    shelf.files["SHA512SUMS"] = f"{'0' * 128}  another.tar.gz\n".encode()
    with pytest.raises(EngineError, match="can't be checked, because no checksum"):
        installer.install(silent, shelf.source())
    assert list(empty_machine.iterdir()) == []


def test_a_release_without_language_host_is_refused(shelf: Shelf) -> None:
    shelf.files[ARCHIVE] = release(("pulumi",))
    shelf.files["SHA512SUMS"] = f"{hashlib.sha512(shelf.files[ARCHIVE]).hexdigest()}  {ARCHIVE}\n".encode()
    with pytest.raises(EngineError, match="holds no pulumi-language-python"):
        installer.install(silent, shelf.source())


def test_a_missing_release_means_going_on_to_the_build(shelf: Shelf) -> None:
    with pytest.raises(installer.UnreachableError, match="Not Found"):
        installer.install(silent, shelf.source())


def test_an_address_nobody_answers_means_going_on_to_the_build(shelf: Shelf) -> None:
    nobody = installer.Source(f"http://127.0.0.1:1/{ARCHIVE}", ())
    with pytest.raises(installer.UnreachableError, match="refused"):
        installer.install(silent, nobody)


def test_no_download_means_no_request(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(installer.NO_DOWNLOAD, "1")
    with pytest.raises(installer.UnreachableError, match="KMS_ENGINE_NO_DOWNLOAD is set"):
        installer.install(silent, shelf.source())
    assert shelf.requests == []


def test_the_official_addresses_are_https_and_name_our_version() -> None:
    source = installer.official_source()
    for address in (source.archive, *source.checksums):
        assert address.startswith("https://")
        assert "3.259.0" in address


def test_a_machine_without_release_goes_on_to_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "s390x")
    with pytest.raises(installer.UnreachableError, match="s390x"):
        installer.official_source()
