"""Make the environment of the policy pack in `policy_pack/.venv`, or say that it is ready: the demo and the tests.

It holds what `requirements.txt` of the pack pins, and our own wheel without its dependencies: rules need nothing else.
Made anew when one of the two changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACK = ROOT / "policy_pack"
REQUIREMENTS = PACK / "requirements.txt"


def ensure(folder: Path = PACK / ".venv") -> Path:
    """The environment, ready. One process at a time makes it."""
    with (folder.parent / f"{folder.name}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _make(folder)
    return folder


def _make(folder: Path) -> None:
    pinned, own = _digest([REQUIREMENTS]), _digest(_sources())
    if _read(folder / ".pinned") != pinned:
        _run(sys.executable, "-m", "venv", "--clear", str(folder))
        _pip(folder, "--require-hashes", "-r", str(REQUIREMENTS))
        (folder / ".pinned").write_text(pinned, encoding="utf-8")
    if _read(folder / ".own") != own:
        with tempfile.TemporaryDirectory() as made:
            _run(
                *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"),
                *("--wheel-dir", made, str(ROOT)),
            )
            _pip(folder, "--no-deps", "--no-index", "--force-reinstall", *map(str, Path(made).glob("*.whl")))
        (folder / ".own").write_text(own, encoding="utf-8")


def _sources() -> Iterable[Path]:
    return [ROOT / "pyproject.toml", *sorted((ROOT / "kms_resources").rglob("*.py"))]


def _digest(files: Iterable[Path]) -> str:
    found = hashlib.sha256(sys.version.encode())
    for file in files:
        found.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _pip(folder: Path, *arguments: str) -> None:
    _run(str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *arguments)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    print(ensure())
