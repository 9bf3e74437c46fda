"""Style, types, import contracts and sizes are tests like any other."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.prefix) / "bin"
LONGEST = 300
LONGER_ON_PURPOSE = {
    "kms_emulator/store.py": "one transaction and its indexes belong together",
}


@pytest.mark.parametrize(
    "command",
    [
        pytest.param([str(BIN / "ruff"), "check", "--quiet", "."], id="ruff-check"),
        pytest.param([str(BIN / "ruff"), "format", "--check", "--quiet", "."], id="ruff-format"),
        pytest.param([str(BIN / "mypy")], id="mypy"),
        pytest.param([str(BIN / "lint-imports"), "--no-cache"], id="import-contracts"),
    ],
)
def test_the_checker_finds_nothing(command: list[str]) -> None:
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_modules_stay_readable() -> None:
    too_long = {
        str(path.relative_to(ROOT)): lines
        for package in ("kms_resources", "kms_emulator")
        for path in (ROOT / package).rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert set(too_long) <= set(LONGER_ON_PURPOSE)


def test_every_module_says_what_it_is_for() -> None:
    for package in ("kms_resources", "kms_emulator", "benchmarks", "tools"):
        for path in (ROOT / package).rglob("*.py"):
            first = path.read_text(encoding="utf-8").lstrip().splitlines()[:1]
            assert first, path
            assert first[0].startswith('"""'), path


COMMON_FILES = {"__init__.py", "auth.py", "client.py", "convert.py", "limits.py", "crypto.py"}
"""What every cloud's folder has. Further files are the cloud's own doors and tables."""


@pytest.mark.parametrize(
    "cloud", sorted(path.name for path in (ROOT / "kms_resources/clouds").iterdir() if path.is_dir())
)
def test_every_cloud_folder_has_the_same_files(cloud: str) -> None:
    if cloud.startswith("__"):
        return
    files = {path.name for path in (ROOT / "kms_resources/clouds" / cloud).glob("*.py")}
    assert files >= COMMON_FILES


def test_nothing_committed_names_this_machine() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for name in tracked:
        path = ROOT / name
        if path.suffix == ".sum" or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        assert str(ROOT) + "/" not in text, name
        assert str(Path.home()) + "/" not in text, name
