"""Secrets are read from variables, files and commands exactly as they are, and never end up in a message."""

import os
import shlex
import sys
import time
import traceback
from pathlib import Path

import pytest

from kms_resources.crypto.sources import MOST_BYTES, read_source
from kms_resources.errors import InputError
from kms_resources.model import Source, SourceKind

ENV, FILE, COMMAND = SourceKind.ENV, SourceKind.FILE, SourceKind.COMMAND
CANARY = "canary-7d1f2c"


def python(code: str) -> Source:
    return Source(COMMAND, shlex.join([sys.executable, "-c", code]))


def refused(source: Source, **options: object) -> str:
    """The message of the refusal, after a look whether anything in its whole traceback tells the secret."""
    with pytest.raises(InputError) as caught:
        read_source(source, "the password", where="dev.yaml:3:5", **options)  # type: ignore[arg-type]
    shown = "".join(traceback.format_exception(caught.value))
    assert CANARY not in shown.replace(f"echo {CANARY}", "")
    assert str(caught.value).startswith("dev.yaml:3:5: the password cannot be read: ")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    return str(caught.value)


@pytest.mark.parametrize("value", ["plain", " with blanks and a line feed \n", "密码"])
def test_a_variable_gives_its_text_in_utf_8(value: str) -> None:
    assert value.encode() == read_source(Source(ENV, "PASSWORD"), "the password", environ={"PASSWORD": value})


def test_a_variable_that_is_no_text_gives_its_bytes() -> None:
    value = os.fsdecode(b"\xff\xfe")
    assert read_source(Source(ENV, "PASSWORD"), "the password", environ={"PASSWORD": value}) == b"\xff\xfe"


def test_the_variables_of_the_process_are_the_usual_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET_OF_THIS_TEST", CANARY)
    assert CANARY.encode() == read_source(Source(ENV, "A_SECRET_OF_THIS_TEST"), "the password")


@pytest.mark.parametrize("content", [b"plain", b"line\n", bytes(range(256)), b"x" * MOST_BYTES])
def test_a_file_gives_its_bytes(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret").write_bytes(content)
    assert content == read_source(Source(FILE, "secret"), "the password", folder=tmp_path)
    assert content == read_source(Source(FILE, str(tmp_path / "secret")), "the password")


def test_a_file_in_the_home_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "secret").write_text(CANARY)
    assert CANARY.encode() == read_source(Source(FILE, "~/secret"), "the password", folder=Path("elsewhere"))


def test_a_command_gives_its_output(tmp_path: Path) -> None:
    assert read_source(python(r"print('a\0b')"), "the password") == b"a\x00b\n"
    where = read_source(python("import os; print(os.getcwd(), end='')"), "the password", folder=tmp_path)
    assert tmp_path.samefile(where.decode())


def test_a_command_sees_the_given_variables_and_no_shell() -> None:
    source = python("import os, sys; print(os.environ['WHO'], sys.argv, sys.stdin.read(), end='')")
    command = Source(COMMAND, source.value + " '$WHO;' '*'")
    assert read_source(command, "the password", environ={"WHO": "me"}) == b"me ['-c', '$WHO;', '*'] "


def test_a_missing_variable_is_named() -> None:
    assert "the environment variable PASSWORD is not set" in refused(Source(ENV, "PASSWORD"), environ={})


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (Source(ENV, "PASSWORD"), "the environment variable PASSWORD gives nothing: it is empty"),
        (Source(FILE, os.devnull), "gives nothing: it is empty"),
        (python("pass"), "gives nothing: it is empty"),
        (Source(FILE, "/dev/zero"), f"gives more than {MOST_BYTES} bytes"),
        (python(f"while True: print('{CANARY}' * 1000)"), f"gives more than {MOST_BYTES} bytes"),
        (Source(FILE, "nowhere/secret"), "the file nowhere/secret cannot be read: No such file or directory"),
        (Source(FILE, "."), "the file . cannot be read: Is a directory"),
        (Source(FILE, "a\0b"), "there can be no such path"),
        (Source(FILE, "~nobody-of-this-name/x"), "there can be no such path"),
        (Source(COMMAND, ""), "the command line is empty"),
        (Source(COMMAND, f"echo '{CANARY}"), "a quotation mark without its partner"),
        (Source(COMMAND, "a\0b"), "zero byte"),
        (Source(COMMAND, f"no-such-program {CANARY}"), "the command no-such-program cannot be started: No such file"),
        (python(f"import sys; print('{CANARY}'); sys.exit('{CANARY}')"), "ended with exit code 1"),
        (python(f"import os; print('{CANARY}', flush=True); os.kill(os.getpid(), 15)"), "was ended by signal 15"),
    ],
)
def test_what_gives_no_secret_is_refused_without_showing_anything(tmp_path: Path, source: Source, why: str) -> None:
    assert why in refused(source, environ={"PASSWORD": "", "PATH": os.environ["PATH"]}, folder=tmp_path)


@pytest.mark.parametrize(
    "code",
    [
        f"import time; print('{CANARY}', flush=True); time.sleep(600)",
        f"import os, time; print('{CANARY}', flush=True); os.close(1); time.sleep(600)",
        "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])",
    ],
    ids=["keeps its output open", "closes its output", "leaves a child behind"],
)
def test_a_command_that_does_not_end_is_ended_with_all_it_started(code: str, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(f"import os\nopen('group', 'w').write(str(os.getpgrp()))\n{code}\n")
    source = Source(COMMAND, shlex.join([sys.executable, "main.py"]))
    assert "did not end within 0.7 seconds" in refused(source, folder=tmp_path, timeout=0.7)
    group = int((tmp_path / "group").read_text())
    deadline = time.monotonic() + 10  # a signal has been sent; the kernel delivers it when it likes
    while running := _members(group):
        assert time.monotonic() < deadline, running


def _members(group: int) -> list[str]:
    return [entry.name for entry in Path("/proc").iterdir() if entry.name.isdecimal() and _group_of(entry) == group]


def _group_of(process: Path) -> int | None:
    """The process group, unless the process is only waiting to be taken note of."""
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[2])
