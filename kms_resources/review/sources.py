"""The two sides of a review, from revisions or from files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from kms_resources.errors import InputError
from kms_resources.redact import show
from kms_resources.review.git import Repository
from kms_resources.review.snapshot import Side, assemble_both

USUAL = "stacks/*.yaml"
WORKING_TREE = "working tree"


def from_files(base: Path, head: Path) -> tuple[Side, Side]:
    """Two files that are two states of one stack."""
    texts = [(str(path), [("", path.as_posix(), _bytes(path))]) for path in (base, head)]
    return assemble_both(texts[0], texts[1])


def from_revisions(
    directory: Path, base: str, head: str = "", patterns: Sequence[str] = (), *, merge_base: bool = False
) -> tuple[Side, Side]:
    """Two revisions; an empty `head` is the working tree. Files that one side does not have are absent there.

    `merge_base` compares with the last common ancestor, as merge requests do.
    """
    repository = Repository(directory)
    patterns = tuple(_inside(pattern) for pattern in patterns) or (USUAL,)
    before = repository.commit(base)
    after = repository.commit(head) if head else ""
    if merge_base:
        before = repository.merge_base(before, after or repository.commit("HEAD"))
    old = list(_of_commit(repository, before, base, patterns))
    # HEAD is what people open next: its files have their plain names.
    new = list(_of_commit(repository, after, "", patterns)) if after else list(_of_tree(directory, patterns))
    if not old and not new:
        names = ", ".join(show(pattern, identifier=True) for pattern in patterns)
        raise InputError(
            f"neither side has a file {names}",
            where=str(directory),
            advice="go to the directory that has the stacks, or name them with --file",
        )
    return assemble_both((base, old), (head or WORKING_TREE, new))


def _inside(pattern: str) -> str:
    path = Path(pattern)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise InputError(f"{show(pattern, identifier=True)} must be a path below this directory")
    return path.as_posix()


def _of_commit(
    repository: Repository, commit: str, revision: str, patterns: Sequence[str]
) -> Iterator[tuple[str, str, bytes]]:
    for path in repository.files(commit, patterns):
        yield path, f"{revision}:{path}" if revision else path, repository.content(commit, path)


def _of_tree(directory: Path, patterns: Sequence[str]) -> Iterator[tuple[str, str, bytes]]:
    found = {path for pattern in patterns for path in directory.glob(pattern) if path.is_file()}
    for path in sorted(found):
        name = path.relative_to(directory).as_posix()
        yield name, name, _bytes(path)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            "cannot be read", where=str(path), why=(error.strerror or type(error).__name__).lower()
        ) from None
