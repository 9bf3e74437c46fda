"""Files in and out: what appears, with which rights, and that nothing half-written ever does."""

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kms_resources.cli import files
from kms_resources.errors import InputError
from tests.unit.cli.conftest import Bench, Kms, terminal

Refused = Callable[..., str]
with_and_without = pytest.mark.parametrize("nameless", [True, False], ids=["nameless", "named"])


@pytest.fixture
def nameless(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """With the system's files without a name, and as on a system that has none."""
    if not request.param:
        monkeypatch.delattr(os, "O_TMPFILE")
    return bool(request.param)


both = pytest.mark.parametrize("nameless", [True, False], ids=["nameless", "named"], indirect=True)


def write(path: Path | str, data: bytes, *, force: bool = False, then: BaseException | None = None) -> None:
    with files.replacing(str(path), force=force) as sink:
        sink.write(data)
        if then:
            raise then


@both
@pytest.mark.usefixtures("nameless")
class TestWriting:
    def test_a_file_is_readable_by_its_owner_only_whatever_the_umask(self, tmp_path: Path) -> None:
        former = os.umask(0)
        try:
            write(tmp_path / "out", b"data")
        finally:
            os.umask(former)

        assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600
        assert (tmp_path / "out").read_bytes() == b"data"
        assert os.listdir(tmp_path) == ["out"]

    def test_an_existing_file_is_refused_and_stays(self, tmp_path: Path) -> None:
        (tmp_path / "out").write_bytes(b"before")

        with pytest.raises(InputError, match="exists already"):
            write(tmp_path / "out", b"after")
        assert (tmp_path / "out").read_bytes() == b"before"
        assert os.listdir(tmp_path) == ["out"]

    def test_force_replaces_the_file_in_one_step(self, tmp_path: Path) -> None:
        (tmp_path / "out").write_bytes(b"before")
        (tmp_path / "out").chmod(0o644)
        (tmp_path / "link").hardlink_to(tmp_path / "out")

        with files.replacing(str(tmp_path / "out"), force=True) as sink:
            sink.write(b"after")
            sink.flush()
            assert (tmp_path / "out").read_bytes() == b"before"
        assert (tmp_path / "out").read_bytes() == b"after"
        assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600
        # Written anew, not written over: whoever has the old file open still has the old file.
        assert (tmp_path / "link").read_bytes() == b"before"
        assert sorted(os.listdir(tmp_path)) == ["link", "out"]

    def test_force_writes_a_file_that_is_not_there_yet(self, tmp_path: Path) -> None:
        write(tmp_path / "out", b"data", force=True)

        assert os.listdir(tmp_path) == ["out"]

    @pytest.mark.parametrize("force", [False, True])
    def test_a_failure_in_the_middle_leaves_nothing(self, tmp_path: Path, force: bool) -> None:
        with pytest.raises(KeyboardInterrupt):
            write(tmp_path / "out", b"x" * 100_000, force=force, then=KeyboardInterrupt())

        assert os.listdir(tmp_path) == []

    def test_a_failure_in_the_middle_leaves_the_former_file(self, tmp_path: Path) -> None:
        (tmp_path / "out").write_bytes(b"before")
        with pytest.raises(RuntimeError):
            write(tmp_path / "out", b"after", force=True, then=RuntimeError())

        assert (tmp_path / "out").read_bytes() == b"before"
        assert os.listdir(tmp_path) == ["out"]

    def test_a_file_that_somebody_makes_meanwhile_is_not_replaced(self, tmp_path: Path) -> None:
        def meanwhile() -> None:
            with files.replacing(str(tmp_path / "out"), force=False) as sink:
                sink.write(b"ours")
                (tmp_path / "out").write_bytes(b"theirs")

        with pytest.raises(InputError, match="exists already"):
            meanwhile()
        assert (tmp_path / "out").read_bytes() == b"theirs"
        assert os.listdir(tmp_path) == ["out"]

    def test_a_link_is_followed_and_stays_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "there").mkdir()
        (tmp_path / "there" / "file").write_bytes(b"before")
        (tmp_path / "out").symlink_to("there/file")

        with pytest.raises(InputError, match="exists already"):
            write(tmp_path / "out", b"after")
        write(tmp_path / "out", b"after", force=True)
        assert (tmp_path / "there" / "file").read_bytes() == b"after"
        assert (tmp_path / "out").is_symlink()
        assert os.listdir(tmp_path / "there") == ["file"]

    def test_a_link_to_nothing_makes_the_file_that_it_names(self, tmp_path: Path) -> None:
        (tmp_path / "there").mkdir()
        (tmp_path / "out").symlink_to("there/file")
        write(tmp_path / "out", b"data")

        assert (tmp_path / "there" / "file").read_bytes() == b"data"
        assert (tmp_path / "out").is_symlink()

    @pytest.mark.parametrize("force", [False, True])
    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("missing/out", "no such file or directory"),
            ("file/out", "not a directory"),
            (".", "it is no ordinary file"),
            ("/dev/null", "it is no ordinary file"),
            ("/proc/nowhere", "no such file or directory"),
            ("circle", "too many levels of symbolic links"),
            ("x" * 300, "file name too long"),
        ],
    )
    def test_what_cannot_be_written_is_one_sentence(self, tmp_path: Path, name: str, reason: str, force: bool) -> None:
        (tmp_path / "file").touch()
        (tmp_path / "circle").symlink_to("circle")
        path = str(tmp_path / name)

        with pytest.raises(InputError, match="cannot be written") as refusal:
            write(path, b"data", force=force)
        assert (path.removesuffix("/.") in str(refusal.value), reason in str(refusal.value)) == (True, True)
        assert sorted(os.listdir(tmp_path)) == ["circle", "file"]

    def test_a_folder_that_may_not_be_written_is_one_sentence(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Root may write everywhere, so the system's answer is given here.
        real = os.open

        def denied(path: object, *rest: int, **more: object) -> int:
            if str(path).startswith(str(tmp_path)):
                raise PermissionError(errno.EACCES, "denied", path)
            return real(path, *rest, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(os, "open", denied)
        with pytest.raises(InputError, match="out cannot be written: permission denied"):
            write(tmp_path / "out", b"data")
        assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="there is no second file system")
@pytest.mark.parametrize("force", [False, True])
def test_a_link_to_another_file_system_is_followed(tmp_path: Path, force: bool) -> None:
    there = Path("/dev/shm") / f"kms-resources-test-{os.getpid()}-{force}"
    (tmp_path / "out").symlink_to(there)
    try:
        write(tmp_path / "out", b"data", force=force)
        assert there.read_bytes() == b"data"
    finally:
        there.unlink(missing_ok=True)


def test_a_full_disk_leaves_nothing(bench: Bench, kms: Kms) -> None:
    (bench.folder / "plain").write_bytes(bytes(2_000_000))
    assert kms("envelope", "encrypt", "orders", "plain", "-o", "sealed").exit_code == 0
    folder = bench.folder / "out"
    folder.mkdir()
    limited = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))\n"
        "from kms_resources.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, "envelope", "decrypt", "orders", "sealed", "-o", "out/plain"],
        env=bench.variables(), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (2, "error: out/plain cannot be written: file too large\n")
    assert os.listdir(folder) == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing", "no such file or directory"), ("stacks", "is a directory"), ("Pulumi.yaml/x", "not a directory")],
)
@pytest.mark.parametrize(
    "command",
    [("encrypt",), ("decrypt",), ("re-encrypt",), ("envelope", "encrypt"), ("envelope", "decrypt"), ("sign",)],
    ids=" ".join,
)
def test_what_cannot_be_read_is_one_sentence(
    refused: Refused, command: tuple[str, ...], name: str, reason: str
) -> None:
    key = "ledger" if command == ("sign",) else "orders"

    assert refused(2, *command, key, name) == f"error: {name} cannot be read: {reason}\n"


def test_a_bar_is_for_long_files_and_for_people_only(bench: Bench) -> None:
    (bench.folder / "long").write_bytes(bytes(files.PROGRESS_FROM))
    (bench.folder / "short").write_bytes(bytes(1000))
    shown = {}
    for name in ("long", "short"):
        with terminal() as (screen, read):
            process = bench.start("envelope", "encrypt", "orders", name, "-o", f"{name}.1", stderr=screen)
            assert process.wait() == 0
            shown[name] = read()
    silent = bench.start("envelope", "encrypt", "orders", "long", "-o", "long.2", stderr=subprocess.PIPE)

    assert b"encrypting" in shown["long"]
    assert shown["short"] == b""
    assert silent.communicate()[1] == b""
    assert silent.returncode == 0


def test_what_comes_from_a_pipe_of_unknown_length_has_a_bar_too(bench: Bench) -> None:
    with terminal() as (screen, read):
        process = bench.start("envelope", "encrypt", "orders", "-o", "sealed", stdin=subprocess.PIPE, stderr=screen)
        process.communicate(b"data" * 1000)
        assert (process.returncode, b"encrypting" in read()) == (0, True)


@pytest.mark.parametrize("arguments", [("encrypt", "orders"), ("secret", "db"), ("call", "guangzhou", "ListKeys")])
def test_no_command_that_uses_keys_leaves_a_core_dump(bench: Bench, arguments: tuple[str, ...]) -> None:
    look = (
        "import resource, sys\nresource.setrlimit(resource.RLIMIT_CORE, (4096, resource.RLIM_INFINITY))\n"
        "from kms_resources.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert end.code == 0, end.code\n"
        "sys.stderr.write(open('/proc/self/limits').read())"
    )
    done = subprocess.run(
        [sys.executable, "-c", look, *arguments], input=b"data", env=bench.variables(), capture_output=True, check=False
    )
    line = next(line for line in done.stderr.decode().splitlines() if line.startswith("Max core file size"))

    assert line.split()[4] == "0"
