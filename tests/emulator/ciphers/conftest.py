"""Keys that every test may use, and the openssl command as a second implementation of everything."""

import functools
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from kms_emulator.ciphers.material import new_material

Keys = Callable[[str], bytes]


@functools.cache
def _key(kind: str) -> bytes:
    return new_material(kind)


@pytest.fixture(scope="session")
def keys() -> Keys:
    """One key of each kind, drawn when the first test asks for it."""
    return _key


@dataclass(frozen=True)
class OpenSsl:
    """The command `openssl`, with a folder for its files."""

    folder: Path

    def file(self, name: str, content: bytes) -> str:
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def run(self, *arguments: str, given: bytes = b"") -> bytes:
        """Run it, give it `given` on standard input, return its standard output; it must succeed."""
        result = subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=False)
        assert result.returncode == 0, result.stderr.decode()
        return result.stdout

    def accepts(self, *arguments: str) -> bool:
        """Tell whether it ends with success; for checks that may fail."""
        return subprocess.run(["openssl", *arguments], capture_output=True, check=False).returncode == 0


@pytest.fixture
def openssl(tmp_path: Path) -> OpenSsl:
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl command")
    if not subprocess.check_output(["openssl", "version"]).startswith(b"OpenSSL 3"):
        pytest.skip("the openssl command is not OpenSSL 3, which knows SM2, SM3 and SM4")
    return OpenSsl(tmp_path)
