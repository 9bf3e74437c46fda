"""Stack files out of a git revision: read-only, without a checkout, without hooks and without the network."""

from __future__ import annotations

import fnmatch
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from kms_resources.errors import InputError
from kms_resources.redact import show

_SECONDS = 60
_REGULAR = ("100644", "100755")
_QUIET = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    # A blob that a partial clone lacks would be fetched otherwise.
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C",
}


@dataclass(frozen=True)
class Repository:
    """The repository around a directory."""

    directory: Path

    def __post_init__(self) -> None:
        if shutil.which("git") is None:
            raise InputError("git is not installed, and revisions are read with it; give two files instead")
        if (self._run(["rev-parse", "--is-inside-work-tree"]) or b"").strip() != b"true":
            raise InputError("is not inside a git repository; give two files instead", where=str(self.directory))

    def commit(self, revision: str) -> str:
        """The full id of the commit that a revision names."""
        found = None
        if revision and not revision.startswith("-"):
            found = self._run(["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"])
        if found is None:
            raise InputError(
                f"there is no revision {show(revision, identifier=True)}",
                where=str(self.directory),
                advice="name a branch, a tag or a commit; in a shallow clone it may have to be fetched first",
            )
        return found.decode().strip()

    def merge_base(self, one: str, other: str) -> str:
        """The last common ancestor of two commits."""
        found = self._run(["merge-base", one, other])
        if found is None:
            raise InputError(
                f"{one[:12]} and {other[:12]} have no common ancestor here",
                where=str(self.directory),
                advice="in a shallow clone, fetch more of the history",
            )
        return found.decode().strip()

    def files(self, commit: str, patterns: Sequence[str]) -> list[str]:
        """The paths below the directory that fit a pattern, in order. Raises `InputError` for a symbolic link."""
        listed = self._run(["ls-tree", "-r", "-z", commit])
        found = []
        for row in (listed or b"").split(b"\0"):
            head, _, raw = row.partition(b"\t")
            path = os.fsdecode(raw)
            if not raw or not any(_fits(path, pattern) for pattern in patterns):
                continue
            if head.decode().split(" ", 1)[0] not in _REGULAR:
                raise InputError("is a link there, not a file", where=f"{commit[:12]}:{path}")
            found.append(path)
        return sorted(found)

    def content(self, commit: str, path: str) -> bytes:
        """A file as it was, byte by byte."""
        found = self._run(["show", "--no-textconv", "--no-ext-diff", f"{commit}:./{path}"])
        if found is None:
            raise InputError("cannot be read from git", where=f"{commit[:12]}:{path}")
        return found

    def _run(self, arguments: Sequence[str]) -> bytes | None:
        """The output; None if git says no."""
        command = ["git", "--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=false", *arguments]
        environ = {**os.environ, **_QUIET}
        try:
            done = subprocess.run(  # noqa: S603  (no shell; revisions are checked, paths come from git)
                command, cwd=self.directory, env=environ, capture_output=True, check=False, timeout=_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise InputError(f"git cannot be run ({type(error).__name__})", where=str(self.directory)) from None
        return done.stdout if done.returncode == 0 else None


def _fits(path: str, pattern: str) -> bool:
    """Whether a path fits, directory by directory: `*` takes no slash."""
    parts, wanted = PurePosixPath(path).parts, PurePosixPath(pattern).parts
    return len(parts) == len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))
