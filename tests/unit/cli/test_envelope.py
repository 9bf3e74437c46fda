"""`kms envelope`: files of any size, in and out, and nothing of them left when something stops in the middle."""

import os
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Bench, Kms, terminal

Refused = Callable[..., str]
CANARY = b"CANARY-of-an-envelope-7Qv2xW9."


@pytest.mark.parametrize("key", ["orders", "ancient", "vault", "cold"])
@pytest.mark.parametrize("size", [0, 1, 300_000])
def test_a_file_of_any_size_comes_back(bench: Bench, kms: Kms, key: str, size: int) -> None:
    data = (CANARY * (size // len(CANARY) + 1))[:size]
    (bench.folder / "plain").write_bytes(data)
    since = bench.running.emulator.journal.last

    assert kms("envelope", "encrypt", key, "plain", "-c", "app=1", "-o", "sealed").exit_code == 0
    calls = [str(entry["action"]).lower() for entry in bench.running.emulator.journal.entries(since)]
    assert calls.count("generatedatakey") == 1
    assert kms("envelope", "decrypt", key, "sealed", "-c", "app=1", "-o", "opened").exit_code == 0
    assert (bench.folder / "opened").read_bytes() == data
    assert CANARY not in (bench.folder / "sealed").read_bytes()
    assert [stat.S_IMODE((bench.folder / name).stat().st_mode) for name in ("sealed", "opened")] == [0o600] * 2


def test_pipes_work_like_files(kms: Kms) -> None:
    sealed = kms("envelope", "encrypt", "orders", data=CANARY)

    assert (sealed.exit_code, sealed.stderr) == (0, "")
    assert kms("envelope", "decrypt", "orders", "-", data=sealed.stdout_bytes).stdout_bytes == CANARY


def test_show_names_the_key_and_the_names_of_the_context_without_any_cloud(bench: Bench, kms: Kms) -> None:
    sealed = kms("envelope", "encrypt", "orders", "-c", "b=secretive", "-c", "a=2", data=CANARY).stdout_bytes
    since = bench.running.emulator.journal.last
    shown = kms("envelope", "show", data=sealed)

    assert shown.stdout.splitlines() == [
        f"key:      tencent://ap-guangzhou/{bench.ids['orders']}", "context:  a, b",
    ]  # fmt: skip
    assert bench.running.emulator.journal.last == since
    assert kms(
        "envelope", "decrypt", shown.stdout.split()[1], "-c", "a=2", "-c", "b=secretive", data=sealed
    ).stdout_bytes


def test_show_refuses_what_is_no_such_file(refused: Refused) -> None:
    for data in (b"", b"something else", bytes(1000)):
        refused(2, "envelope", "show", data=data)


def test_an_existing_output_is_refused_before_any_call_and_replaced_with_force(
    bench: Bench, kms: Kms, refused: Refused
) -> None:
    (bench.folder / "out").write_bytes(b"before")
    since = bench.running.emulator.journal.last

    assert "out exists already" in refused(2, "envelope", "encrypt", bench.direct("orders"), "-o", "out", data=b"data")
    calls = [entry["action"] for entry in bench.running.emulator.journal.entries(since)]
    assert "GenerateDataKey" not in calls
    assert (bench.folder / "out").read_bytes() == b"before"
    assert kms("envelope", "encrypt", "orders", "-o", "out", "--force", data=b"data").exit_code == 0
    assert kms("envelope", "decrypt", "orders", "out").stdout_bytes == b"data"


def changed(data: bytes, where: int) -> bytes:
    return data[:where] + bytes([data[where] ^ 1]) + data[where + 1 :]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: changed(data, len(data) - 1),
        lambda data: changed(data, len(data) // 2),
        lambda data: changed(data, 0),
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data[:10],
        lambda data: data + b"\0",
        lambda data: b"",
    ],
    ids=["last byte", "middle", "first byte", "cut by one", "cut in half", "cut in the header", "longer", "empty"],
)
def test_a_changed_file_ends_with_2_and_leaves_nothing(
    bench: Bench, kms: Kms, refused: Refused, spoil: Callable[[bytes], bytes]
) -> None:
    sealed = kms("envelope", "encrypt", "orders", data=CANARY * 20_000).stdout_bytes
    (bench.folder / "out").mkdir()
    refused(2, "envelope", "decrypt", "orders", "-o", "out/plain", data=spoil(sealed))

    assert os.listdir(bench.folder / "out") == []


def test_a_cut_file_on_stdout_shows_in_the_exit_code(kms: Kms) -> None:
    sealed = kms("envelope", "encrypt", "orders", data=CANARY * 20_000).stdout_bytes
    result = kms("envelope", "decrypt", "orders", data=sealed[:-1])

    assert result.exit_code == 2
    assert (CANARY * 20_000).startswith(result.stdout_bytes)


@pytest.mark.parametrize("context", [(), ("-c", "a=2"), ("-c", "b=1")])
def test_another_context_opens_nothing(bench: Bench, kms: Kms, refused: Refused, context: tuple[str, ...]) -> None:
    sealed = kms("envelope", "encrypt", "orders", "-c", "a=1", data=CANARY).stdout_bytes
    # Another name is seen in the file, another value by the cloud.
    code = 3 if context == ("-c", "a=2") else 2

    refused(code, "envelope", "decrypt", "orders", *context, "-o", "out", data=sealed)
    assert not (bench.folder / "out").exists()


@pytest.mark.parametrize(("key", "sentence"), [("other", "belongs to key"), ("cold", "the file was encrypted at")])
def test_a_file_of_another_key_ends_with_4(bench: Bench, kms: Kms, refused: Refused, key: str, sentence: str) -> None:
    sealed = kms("envelope", "encrypt", "orders", data=CANARY).stdout_bytes

    assert sentence in refused(4, "envelope", "decrypt", key, "-o", "out", data=sealed)
    assert not (bench.folder / "out").exists()


@pytest.mark.parametrize(
    ("key", "code"), [("ledger", 2), ("letters", 2), ("nobody", 2), ("resting", 3), ("declared", 3)]
)
def test_a_key_that_cannot_do_it_is_refused_and_nothing_appears(
    bench: Bench, refused: Refused, key: str, code: int
) -> None:
    refused(code, "envelope", "encrypt", key, "-o", "out", data=CANARY)

    assert not (bench.folder / "out").exists()


def test_an_encrypted_file_never_goes_to_a_terminal_and_nothing_is_asked_for_it(bench: Bench) -> None:
    since = bench.running.emulator.journal.last
    with terminal() as (screen, read):
        process = bench.start("envelope", "encrypt", "orders", "Pulumi.yaml", stdout=screen, stderr=subprocess.PIPE)
        said = process.communicate()[1]
        shown = read()

    assert (process.returncode, shown, b"the output is binary" in said) == (2, b"", True)
    assert bench.running.emulator.journal.last == since


@pytest.mark.parametrize(("data", "code"), [(b"some text\n", 0), (b"\x1b[2J", 2), (b"text " * 60_000 + b"\x1b[2J", 2)])
def test_a_decrypted_file_goes_to_a_terminal_only_as_text(bench: Bench, kms: Kms, data: bytes, code: int) -> None:
    (bench.folder / "sealed").write_bytes(kms("envelope", "encrypt", "orders", data=data).stdout_bytes)
    with terminal() as (screen, read):
        process = bench.start("envelope", "decrypt", "orders", "sealed", stdout=screen, stderr=subprocess.PIPE)
        said = process.communicate()[1]
        shown = read()

    assert (process.returncode, b"the output is binary" in said) == (code, code == 2)
    assert b"\x1b" not in shown


def test_a_killed_decryption_leaves_no_plaintext(
    bench: Bench, kms: Kms, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (bench.folder / "plain").write_bytes(CANARY * 100_000)
    assert kms("envelope", "encrypt", "orders", "plain", "-o", "sealed").exit_code == 0
    (bench.folder / "plain").unlink()
    sealed = (bench.folder / "sealed").read_bytes()
    out, temporary, fifo = bench.folder / "out", tmp_path_factory.mktemp("tmp"), bench.folder / "fifo"
    out.mkdir()
    os.mkfifo(fifo)
    process = bench.start(
        "envelope", "decrypt", "orders", "fifo", "-o", "out/plain", env=bench.variables(TMPDIR=str(temporary))
    )
    with fifo.open("wb", buffering=0) as pipe:
        # What is written and no longer in the pipe has been read: all but a pipe's and a chunk's length is decrypted.
        half = memoryview(sealed)[: len(sealed) * 3 // 4]
        while half:
            half = half[pipe.write(half) :]
        written = [os.stat(f"/proc/{process.pid}/fd/{entry}").st_size for entry in _open_files(process.pid, out)]
        process.send_signal(signal.SIGKILL)
        process.wait()

    assert len(written) == 1
    assert written[0] > len(sealed) // 2
    assert os.listdir(out) == []
    assert os.listdir(temporary) == []
    assert [file for file in bench.folder.rglob("*") if file.is_file() and CANARY in file.read_bytes()] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_decryption_leaves_nothing(bench: Bench, kms: Kms, number: signal.Signals) -> None:
    sealed = kms("envelope", "encrypt", "orders", data=CANARY * 20_000).stdout_bytes
    (bench.folder / "out").mkdir()
    process = bench.start("envelope", "decrypt", "orders", "-o", "out/plain", stdin=subprocess.PIPE)
    assert process.stdin
    process.stdin.write(sealed[:-1])
    process.stdin.flush()
    process.send_signal(number)
    process.stdin.close()

    assert process.wait() in {130, -signal.SIGTERM}
    assert os.listdir(bench.folder / "out") == []


def _open_files(pid: int, folder: Path) -> list[str]:
    """The descriptors of a process that are files in a folder, those without a name included."""
    files = f"/proc/{pid}/fd"
    return [entry for entry in os.listdir(files) if os.readlink(f"{files}/{entry}").startswith(str(folder))]
