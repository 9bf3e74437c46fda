"""The pages of the documentation, taken apart: headings, blocks of code, tables, links."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
CHINESE = ROOT / "README.zh-CN.md"
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """One block of code."""

    language: str
    text: str


def tracked() -> list[Path]:
    """Every file that is, or on the next commit will be, part of the project."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def pages() -> list[Path]:
    """Every Markdown page."""
    return [path for path in tracked() if path.suffix == ".md"]


def name_of(path: Path) -> str:
    """How messages and test ids call a page."""
    return str(path.relative_to(ROOT))


def read(path: Path) -> str:
    """The text of a page."""
    return path.read_text(encoding="utf-8")


def blocks(path: Path) -> list[Block]:
    """Its blocks of code, in order."""
    return [Block(language, text) for language, text in _FENCE.findall(read(path))]


def section_blocks(path: Path, title: str) -> list[Block]:
    """The blocks of code below a heading, up to the next one of the same level."""
    return [Block(language, text) for language, text in _FENCE.findall(section(path, title))]


def prose(path: Path) -> str:
    """The page without its blocks of code."""
    return _FENCE.sub("", read(path))


def headings(path: Path) -> list[str]:
    """Its headings with their marks, in order."""
    return re.findall(r"^#+ .*$", prose(path), re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """What a link may name behind `#`: GitHub's rule."""
    return {re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in headings(path)}


def tables(path: Path) -> list[list[list[str]]]:
    """Its tables as rows of cells, in order."""
    found: list[list[list[str]]] = []
    inside = False
    for line in prose(path).splitlines():
        if line.startswith("|"):
            if not inside:
                found.append([])
            found[-1].append([cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]])
        inside = line.startswith("|")
    return found


def links(path: Path) -> list[str]:
    """Where its links point."""
    return _LINK.findall(prose(path))


def section(path: Path, title: str) -> str:
    """The text below a heading, up to the next one of the same level."""
    match = re.search(rf"^(#+) {re.escape(title)}$\n(.*?)(?=^\1 |\Z)", read(path), re.DOTALL | re.MULTILINE)
    assert match, f"{name_of(path)} has no section {title}"
    return match[2]


def commands(path: Path) -> list[str]:
    """The lines of a page that a reader would type."""
    found = []
    for block in blocks(path):
        for line in block.text.splitlines():
            if block.language == "sh":
                found.append(line)
            elif not block.language and line.startswith("$ "):
                found.append(line.removeprefix("$ "))
            elif block.language == "yaml" and (
                match := re.match(r"\s+- (?:run: )?((?:\.venv/bin/)?(?:kms|pulumi) .*)", line)
            ):
                found.append(match[1])
    return found
